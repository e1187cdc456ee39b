//! The user's own SQL as a step.

use std::path::PathBuf;

/// `[steps.NAME]`: the user's own SQL as a step of the DAG.
#[derive(Debug, Clone)]
pub struct UserStep {
    /// Ids of steps that must be done before; empty: after everything but the checks.
    pub after: Vec<String>,
    /// Ids of steps that must wait for this one.
    pub before: Vec<String>,
    /// PostgreSQL statements, or the template of them.
    pub sql: StepSql,
    /// PostgreSQL statements that roll it back, for `transship rollback`.
    pub undo: Option<String>,
    /// False: run outside a transaction (`CREATE INDEX CONCURRENTLY`).
    pub transaction: bool,
}

/// The SQL of a step of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepSql {
    /// Statements, of `sql` or of a `file`.
    Statements(String),
    /// A `file` whose name ends in `.j2`: the plan renders it, with its schemas and tables.
    Template {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
    },
}
