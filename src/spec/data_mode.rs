//! `target.data`: whether rows are copied at all.

use serde::Serialize;

/// `target.data`: rows that are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DataMode {
    /// All that the tables' own conditions select.
    #[default]
    All,
    /// None: a database that starts over. Steps of the spec may write its first rows.
    None,
}

impl DataMode {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, DataMode); 2] = [("all", DataMode::All), ("none", DataMode::None)];

    /// Whether rows are copied.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == DataMode::All
    }
}
