//! Options of a verification.

use super::sample::Sample;

/// Options of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Most rows shown for each table that differs, and for each check that finds wrong ones.
    pub examples: usize,
    /// Whether values may be shown beside keys.
    pub show_values: bool,
    /// Compares only this part of the larger tables.
    pub sample: Option<Sample>,
    /// Compares only these source tables, by their exact names and without checks; all tables if empty.
    pub tables: Vec<String>,
}

impl VerifyOptions {
    pub(super) fn selects(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|name| name == table)
    }

    /// Whether more than some tables is compared: structure, views and checks too.
    pub(super) fn is_whole(&self) -> bool {
        self.tables.is_empty()
    }
}
