//! References of copied tables to rows whose ids are mapped, or that the target may not have at all.

use crate::catalog::EqualityOperator;
use serde::Serialize;
use std::collections::BTreeSet;

/// Columns that reference rows of a table whose ids are mapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MappedReference {
    /// The referenced table in the source.
    pub table: String,
    /// The referencing columns in the target, in the order of the referenced table's identity.
    pub columns: Vec<String>,
}

/// Columns that reference rows of a table which holds rows of its own beside the source's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReference {
    /// The referenced table in the source.
    pub table: String,
    /// The same in the target.
    pub target: String,
    /// The referencing columns in the target.
    pub columns: Vec<String>,
    /// The referenced ones, in the same order.
    pub referenced: Vec<String>,
    /// The operators by which the target compares the referenced ones.
    pub equality: Vec<EqualityOperator>,
}

impl KeptReference {
    /// Whether both are the same pairs of columns, in whatever order.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let pairs =
            |key: &Self| key.columns.iter().cloned().zip(key.referenced.iter().cloned()).collect::<BTreeSet<_>>();
        self.table == other.table && pairs(self) == pairs(other)
    }
}

/// Columns that reference rows of a table which the migration does not fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayReference {
    /// The schema of the referenced table in the target.
    pub schema: String,
    /// The referenced table in the target.
    pub table: String,
    /// The referencing columns in the target.
    pub columns: Vec<String>,
}

/// Columns by which rows that stay may reference rows of a table that is emptied before the load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptiedReference {
    /// The emptied table in the source.
    pub table: String,
    /// The referencing columns in the target, whether they are copied or not.
    pub columns: Vec<String>,
}
