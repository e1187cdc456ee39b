//! Which rows and columns of a source table are meant, as plain data.

use super::RowIdentity;
use serde::Serialize;

/// A reading of one source table: these columns of the rows that pass the filter and whose rowid lies in the range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The table as the source spells it.
    pub table: String,
    /// The columns to read, in this order.
    pub columns: Vec<String>,
    /// A condition in the source's own SQL.
    pub filter: Option<String>,
    /// What names a row; the range is of its rowid.
    pub row_identity: RowIdentity,
    /// The rows meant.
    pub range: KeyRange,
}

/// A half-open range of rowids; open ends take in rows that appear later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct KeyRange {
    /// The first rowid of the range; from the beginning where absent.
    pub from: Option<i64>,
    /// The first rowid after the range; to the end where absent.
    pub below: Option<i64>,
}

impl KeyRange {
    /// Every row.
    pub const ALL: KeyRange = KeyRange { from: None, below: None };
}

impl std::fmt::Display for KeyRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.from, self.below) {
            (None, None) => formatter.write_str("all rows"),
            (None, Some(below)) => write!(formatter, "rows below {below}"),
            (Some(from), None) => write!(formatter, "rows from {from}"),
            (Some(from), Some(below)) => write!(formatter, "rows {from} to {}", below.saturating_sub(1)),
        }
    }
}
