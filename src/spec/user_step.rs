//! The user's own SQL as a step.

use std::fmt;

/// `[steps.NAME]`: the user's own SQL as a step of the DAG.
#[derive(Clone)]
pub struct UserStep {
    /// Ids of steps that must be done before; empty: after everything but the checks.
    pub after: Vec<String>,
    /// Ids of steps that must wait for this one.
    pub before: Vec<String>,
    /// PostgreSQL statements, or the template of them.
    pub sql: StepSql,
    /// PostgreSQL statements that roll it back, for `transship rollback`; a template where `sql` is one.
    pub undo: Option<StepSql>,
    /// False: run outside a transaction (`CREATE INDEX CONCURRENTLY`).
    pub transaction: bool,
}

/// The SQL of a step of the user's.
#[derive(Clone, PartialEq, Eq)]
pub enum StepSql {
    /// Statements, of `sql` or of a `file`.
    Statements(String),
    /// A `file` whose name ends in `.j2`, or the `undo` beside it: the plan renders it, with its schemas and tables.
    Template {
        /// The file, or another name by which errors call it.
        name: String,
        /// Its text.
        text: String,
    },
}

impl StepSql {
    fn text(&self) -> &str {
        match self {
            Self::Statements(text) | Self::Template { text, .. } => text,
        }
    }
}

/// Digests of specs are made of this form.
impl fmt::Debug for UserStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { after, before, sql, undo, transaction } = self;
        let mut shown = formatter.debug_struct("UserStep");
        shown.field("after", after).field("before", before).field("sql", sql);
        shown.field("undo", &undo.as_ref().map(StepSql::text)).field("transaction", transaction).finish()
    }
}

/// Without the file's place: a plan is the same wherever it is made.
impl fmt::Debug for StepSql {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Statements(sql) => formatter.debug_tuple("Statements").field(sql).finish(),
            Self::Template { text, .. } => formatter.debug_struct("Template").field("text", text).finish(),
        }
    }
}
