//! The nodes of the DAG.

use crate::catalog::Detached;
use crate::dialect::postgresql::transaction_command;
use crate::name::quote_identifier;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a step does. The order is that of the phases in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Makes a role that grants name.
    Role,
    /// Makes the schema.
    Schema,
    /// Makes an extension.
    Extension,
    /// Sets a parameter of the database.
    Setting,
    /// Moves a table that is made anew (`tables = "replace"`) into a schema of its own, from which a rollback brings it
    /// back.
    SetAside,
    /// Makes a table without keys.
    Table,
    /// Takes foreign keys and triggers off a table of the application for the time of the load.
    Detach,
    /// Removes the rows of a table of the application, as the spec says.
    Truncate,
    /// Copies a table's rows.
    Copy,
    /// Sets an identity column past its largest value.
    Sequence,
    /// Adds a primary key.
    PrimaryKey,
    /// Adds a unique constraint.
    Unique,
    /// Makes an index.
    Index,
    /// Adds a foreign key, which holds for new rows from then on.
    ForeignKey,
    /// Checks the rows that are there against a foreign key. A step of its own, for adding the key locks both of its ends
    /// against one another's keys, and checking the rows does not (PostgreSQL documentation, ALTER TABLE, notes).
    Validate,
    /// Adds a CHECK constraint.
    Constraint,
    /// Puts back what was taken off.
    Restore,
    /// Makes a view.
    View,
    /// Grants privileges.
    Grant,
    /// The user's own SQL.
    Step,
    /// Gathers statistics for the planner.
    Analyze,
    /// Compares an answer with what the spec expects.
    Check,
}

/// Whether a step is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// To be done.
    Pending,
    /// Done by an earlier run, according to the ledger.
    Done,
}

/// One node of the DAG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `kind:name`, unique in the plan.
    pub id: String,
    /// What it does.
    pub kind: StepKind,
    /// The ids of the steps that must be done before.
    pub after: Vec<String>,
    /// The rendered SQL.
    pub sql: String,
    /// Rows to copy, for a copy.
    pub rows: Option<u64>,
    /// Estimated bytes to copy, for a copy.
    pub bytes: Option<u64>,
    /// Whether it is still to be done.
    pub state: StepState,
    /// The source table it belongs to.
    #[serde(skip)]
    pub table: Option<String>,
    /// What decides its effect beside the SQL: for a copy, which rows are read and how their values are understood.
    #[serde(skip)]
    pub binding: String,
    /// A query that is asked before the step and gives the statements that take it back, for they may depend on what
    /// stands there: a schema that was there before is not dropped. Nothing where the step leaves nothing of its own, or
    /// where it is the user's and nobody has said how.
    #[serde(skip)]
    pub undo: Option<String>,
    /// What it takes off or puts back.
    #[serde(skip)]
    pub detached: Detached,
    /// Whether it has to be done once more though the ledger calls it done: of what it took off, something stands there.
    #[serde(skip)]
    pub again: bool,
    /// Whether it runs inside a transaction together with its ledger row.
    #[serde(skip)]
    pub transaction: bool,
    /// Whether its SQL is the user's, who may name tables and what extensions bring without a schema.
    #[serde(skip)]
    pub finds_extensions: bool,
    /// Whether it makes a key, which a foreign key to the table may need.
    #[serde(skip)]
    pub makes_key: bool,
}

impl Step {
    /// The search path under which its SQL runs; `None` where that is `pg_catalog` alone, under which every name has its
    /// schema. The user's SQL finds the migrated tables by their bare names, and what extensions bring. An extension goes into
    /// the first schema of the path that is there: `public`, as it would without us.
    #[must_use]
    pub fn search_path(&self, schema: &str) -> Option<String> {
        let own = quote_identifier(schema);
        match self.kind {
            StepKind::Extension => Some(format!("public, {own}")),
            _ => self.finds_extensions.then(|| format!("{own}, public")),
        }
    }
}

/// A step that is to be done, in a transaction of its own.
pub(crate) fn new_step(kind: StepKind, name: &str, after: Vec<String>, sql: String) -> Step {
    Step {
        id: kind.id(name),
        kind,
        after,
        sql,
        rows: None,
        bytes: None,
        state: StepState::Pending,
        table: None,
        binding: String::new(),
        undo: None,
        detached: Detached::default(),
        again: false,
        transaction: true,
        finds_extensions: kind == StepKind::Step,
        makes_key: matches!(kind, StepKind::PrimaryKey | StepKind::Unique),
    }
}

impl StepKind {
    /// The word in front of the colon of a step's id.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StepKind::Role => "role",
            StepKind::Schema => "schema",
            StepKind::Extension => "extension",
            StepKind::Setting => "setting",
            StepKind::SetAside => "set_aside",
            StepKind::Table => "table",
            StepKind::Detach => "detach",
            StepKind::Truncate => "truncate",
            StepKind::Copy => "copy",
            StepKind::Sequence => "sequence",
            StepKind::PrimaryKey => "primary_key",
            StepKind::Unique => "unique",
            StepKind::Index => "index",
            StepKind::ForeignKey => "foreign_key",
            StepKind::Validate => "validate",
            StepKind::Constraint => "constraint",
            StepKind::Restore => "restore",
            StepKind::View => "view",
            StepKind::Grant => "grant",
            StepKind::Step => "step",
            StepKind::Analyze => "analyze",
            StepKind::Check => "check",
        }
    }

    /// The id of a step of this kind.
    #[must_use]
    pub fn id(self, name: &str) -> String {
        format!("{self}:{name}")
    }
}

impl fmt::Display for StepKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Step {
    /// Whether its SQL would end the transaction that it runs in.
    #[must_use]
    pub fn ends_transaction(&self) -> bool {
        transaction_command(&self.sql).is_some()
    }

    /// What identifies the step's effect: a ledger row counts for it only where this is the same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = blake3::hash(format!("{}\n{}\n{}", self.id, self.sql, self.binding).as_bytes());
        digest.to_hex()[..32].to_owned()
    }
}
