//! Outcome of a rollback, and the rows of each table in it.

use super::Undo;
use crate::target::fingerprint::FingerprintDifference;
use serde::Serialize;

/// Table that is dropped with its rows, or table of the application that loses its loaded rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// The table with its schema.
    pub table: String,
    /// Rows that the table holds now; of a table that stays, its loaded rows. `None` if the table is already missing.
    pub rows: Option<u64>,
    /// Copied rows; `None` if the copy is not complete.
    pub copied: Option<u64>,
    /// Rows of a dropped table that others have written or changed since.
    pub others: u64,
    /// Whether the table is the application's and stays.
    pub stays: bool,
    /// Rows of the application's own that get back the values which the source's have taken the place of.
    #[serde(skip_serializing_if = "is_zero")]
    pub restored: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Outcome of a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolledBack {
    /// The undone steps, in that order.
    pub steps: Vec<Undo>,
    /// Objects that others had removed before.
    pub gone: Vec<String>,
    /// Dropped tables and tables of the application, with the removed rows.
    pub tables: Vec<TableRows>,
    /// The application's own rows that were removed before the load (`existing_rows = "truncate"`) and are not
    /// restored: `3 rows of app.users`.
    pub emptied: Vec<String>,
    /// Changes and attached objects of others that were removed because the user wanted that.
    pub along: Vec<String>,
    /// Changes and attached objects of others that stay because the user wanted that, with the objects that stay for
    /// them.
    pub left: Vec<String>,
    /// Whether the structure equals the one before the first run.
    pub equal: bool,
    /// Difference from that structure; empty if it equals.
    pub difference: FingerprintDifference,
}

impl RolledBack {
    /// The user's steps that ran and have no `undo`.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|undo| undo.unknown).map(|undo| undo.step.as_str())
    }
}
