//! Rows of a copy that is written to, as every engine has them.

use crate::catalog::{RowIdentity, SelectedColumn};
use crate::value::OwnedCell;

/// A table of the copy, and the columns that are read and written of it.
#[derive(Debug, Clone)]
pub struct RewrittenTable {
    /// The table as the source spells it.
    pub table: String,
    /// The columns that name a row.
    pub identity: RowIdentity,
    /// The columns that hold a value, in their order: all that the engine does not compute.
    pub stored: Vec<String>,
    /// The stored columns that a new row gets a value for: the engine's default goes into the others.
    pub given: Vec<String>,
    /// The values as a migration reads them.
    pub read: Vec<SelectedColumn>,
}

/// A row as it is in the copy.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseRow {
    /// The values of [`RewrittenTable::stored`]; NULL where the engine itself puts them in their places.
    pub stored: Vec<OwnedCell>,
    /// The values of [`RewrittenTable::read`].
    pub read: Vec<OwnedCell>,
}

/// Rows that the engine refused for one reason, or an object that no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRefusal {
    /// The table; `None` for the copy as a whole.
    pub table: Option<String>,
    /// The engine's words.
    pub message: String,
    /// Whether it is about a full-text index that could not be rebuilt, and about no row: the rest is written.
    pub is_of_index: bool,
    /// Number of rows.
    pub rows: u64,
    /// Positions of some of them among the staged rows.
    pub staged: Vec<i64>,
    /// Keys of some of them in words, where they are no staged rows.
    pub named: Vec<String>,
}
