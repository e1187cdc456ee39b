//! Rows that a table of the application already holds, and what a spec says of them.

pub use crate::catalog::MergeSide;

/// `existing_rows`: treatment of rows that a table of the application already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExistingRows {
    /// They are a blocking finding, and no row is written.
    #[default]
    Stop,
    /// They stay, and the source's rows are added to them.
    Keep,
    /// They are removed before the first row is written.
    Truncate,
    /// Rows of the source that are there already are not written again; the others are added.
    Merge,
}

/// `merge`: how rows of the source are found among those that the table already holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergeSpec {
    /// `merge.key`: the natural key, by the columns' names in the source; empty for the primary key.
    pub key: Vec<String>,
    /// `merge.prefer`: the side whose values a row gets that both sides have with different ones.
    pub prefer: Option<MergeSide>,
}

impl ExistingRows {
    /// Every choice with the spec's word for it.
    pub const ALL: [(&'static str, ExistingRows); 4] = [
        ("stop", ExistingRows::Stop),
        ("keep", ExistingRows::Keep),
        ("truncate", ExistingRows::Truncate),
        ("merge", ExistingRows::Merge),
    ];

    /// Whether the table holds rows of the application's own beside the loaded ones.
    #[must_use]
    pub fn keeps(self) -> bool {
        matches!(self, ExistingRows::Keep | ExistingRows::Merge)
    }
}
