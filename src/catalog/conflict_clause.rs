//! Constraints that say themselves what becomes of a row which breaks them.

use serde::{Deserialize, Serialize};

/// The word of a constraint on a row that breaks it: SQLite's ON CONFLICT, other than ABORT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictClause {
    /// The constraint, in SQL: `PRIMARY KEY`, `UNIQUE`, `NOT NULL`.
    pub constraint: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The word: `REPLACE`, `IGNORE`, `FAIL`, `ROLLBACK`.
    pub resolution: String,
}
