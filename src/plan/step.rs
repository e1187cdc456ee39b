//! The nodes of the DAG, as data: a step's object, its work, and the steps that it depends on.

use super::judged_copy::CopyThroughText;
use super::omitted::SpecLines;
use crate::catalog::Detached;
use crate::dialect::postgresql::transaction_command;
use crate::name::Schemas;
pub use crate::name::{StepId, StepKind};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// State of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    /// Not done yet.
    Pending,
    /// Done by an earlier run, according to the ledger.
    Done,
}

/// One node of the DAG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id, unique in the plan.
    pub id: StepId,
    /// The ids of the steps that must be done before.
    pub after: Vec<StepId>,
    /// The rendered SQL.
    pub sql: String,
    /// Whether it is pending or done.
    pub state: StepState,
    /// The table that it is about; `None` if it belongs to no single table.
    pub table: Option<StepTable>,
    /// The work, with its parameters beside the SQL.
    pub work: Work,
    /// The names that the SQL may use without a schema.
    pub search: NameSearch,
    /// A query that runs before the step and gives the statements that roll it back, since these depend on the state of
    /// the target: a schema that existed before is not dropped. `None` if the step leaves nothing of its own, or is a
    /// step of the spec without `undo`.
    pub undo: Option<String>,
    /// `undo` of a step of the spec, as it stands there.
    pub own_undo: Option<String>,
    /// The lines of spec that leave behind what the step makes, by the source's name for it; `None` if no line of its own does.
    pub(crate) left_out_by: Option<SpecLines>,
    /// Fingerprint by which an earlier run has done the same: without words of the spec that none of its rows needed.
    pub former: Option<String>,
}

/// The table that a step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTable {
    /// Its name in the source.
    pub source: String,
    /// Its name in the target, inside the target schema.
    pub target: String,
    /// The index, constraint or column of it that the step makes or sets; `None` for a step about the whole table.
    pub part: Option<String>,
}

/// The work of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Runs the SQL.
    Statement {
        /// Whether it runs inside a transaction together with its ledger row.
        in_transaction: bool,
    },
    /// Runs SQL that creates a key, which a foreign key to the table may depend on.
    Key,
    /// Runs SQL that adds a foreign key.
    ForeignKey {
        /// The referenced table in the target.
        references: String,
    },
    /// Copies the rows of a table.
    Copy {
        /// Rows to copy.
        rows: u64,
        /// Estimated bytes to copy.
        bytes: u64,
        /// The choice of rows and the meaning of their values, as text for the fingerprint.
        binding: String,
        /// The way through a temporary table, if PostgreSQL's own input functions read values.
        through: Option<CopyThroughText>,
    },
    /// Takes foreign keys and triggers off a table.
    Detach {
        /// The foreign keys and triggers that are detached.
        detached: Detached,
        /// Their definitions, as text for the fingerprint: the SQL has no more than their names.
        definitions: String,
        /// Whether it has to run again although the ledger has it as done: an object that it took off is back.
        again: bool,
    },
    /// Restores foreign keys and triggers of a table.
    Restore {
        /// The foreign keys and triggers that are restored.
        detached: Detached,
    },
    /// Runs a query and compares the answer.
    Check,
}

/// The names that a step's SQL may use without a schema, beside those of `pg_catalog`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSearch {
    /// None: every name has its schema.
    Nothing,
    /// The migrated tables and the objects of extensions: for the user's SQL, or SQL with a type of an extension.
    Tables,
    /// `public`: an extension goes into the first existing schema of the path, as it would without transship.
    Public,
}

impl Step {
    /// A pending step, whose SQL runs in a transaction of its own unless its kind says otherwise.
    #[must_use]
    pub fn new(id: StepId, after: Vec<StepId>, sql: String) -> Self {
        let work = match id.kind {
            StepKind::PrimaryKey | StepKind::Unique => Work::Key,
            StepKind::Check => Work::Check,
            _ => Work::Statement { in_transaction: true },
        };
        let search = match id.kind {
            StepKind::Extension => NameSearch::Public,
            StepKind::Step => NameSearch::Tables,
            _ => NameSearch::Nothing,
        };
        Self {
            id,
            after,
            sql,
            state: StepState::Pending,
            table: None,
            work,
            search,
            undo: None,
            own_undo: None,
            left_out_by: None,
            former: None,
        }
    }

    /// The kind of the step.
    #[must_use]
    pub fn kind(&self) -> StepKind {
        self.id.kind
    }

    /// Whether it is a pending step of this kind.
    #[must_use]
    pub fn is_pending(&self, kind: StepKind) -> bool {
        self.id.kind == kind && self.state == StepState::Pending
    }

    /// The source table that it is about.
    #[must_use]
    pub fn source_table(&self) -> Option<&str> {
        self.table.as_ref().map(|table| table.source.as_str())
    }

    /// The table in the target that it is about.
    #[must_use]
    pub fn target_table(&self) -> Option<&str> {
        self.table.as_ref().map(|table| table.target.as_str())
    }

    /// Rows to copy; `None` for a step that is no copy.
    #[must_use]
    pub fn rows(&self) -> Option<u64> {
        if let Work::Copy { rows, .. } = self.work { Some(rows) } else { None }
    }

    /// Estimated bytes to copy; `None` for a step that is no copy.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        if let Work::Copy { bytes, .. } = self.work { Some(bytes) } else { None }
    }

    /// Foreign keys and triggers that it detaches or restores; `None` for a step that does neither.
    #[must_use]
    pub fn detached(&self) -> Option<&Detached> {
        match &self.work {
            Work::Detach { detached, .. } | Work::Restore { detached } => Some(detached),
            _ => None,
        }
    }

    /// Whether it has to run again although the ledger has it as done.
    #[must_use]
    pub fn is_again(&self) -> bool {
        matches!(self.work, Work::Detach { again: true, .. })
    }

    /// Whether it runs inside a transaction together with its ledger row.
    #[must_use]
    pub fn in_transaction(&self) -> bool {
        !matches!(self.work, Work::Statement { in_transaction: false })
    }

    /// The search path under which its SQL runs; `None` if that is `pg_catalog` alone.
    #[must_use]
    pub fn search_path(&self, schemas: &Schemas) -> Option<String> {
        let own = schemas.search_path();
        match self.search {
            NameSearch::Nothing => None,
            NameSearch::Tables => Some(format!("{own}, public")),
            NameSearch::Public => Some(format!("public, {own}")),
        }
    }

    /// The statement that rolls a step of the spec back, in the spec's words.
    #[must_use]
    pub fn said_undo(&self) -> Option<&str> {
        self.own_undo.as_deref()
    }

    /// The SQL for readers: behind the spec's own, as comments, how a rollback takes it back, and that it runs alone.
    #[must_use]
    pub fn shown_sql(&self) -> String {
        shown_sql(&self.sql, self.said_undo(), self.in_transaction())
    }

    /// Whether its SQL would end the transaction that it runs in.
    #[must_use]
    pub fn ends_transaction(&self) -> bool {
        transaction_command(&self.sql).is_some()
    }

    /// Digest of all that decides the step's effect: a ledger row counts for the step only if its fingerprint is the
    /// same.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let binding = match &self.work {
            Work::Copy { binding, .. } => binding,
            Work::Detach { definitions, .. } => definitions,
            _ => "",
        };
        let digest = blake3::hash(format!("{}\n{}\n{binding}", self.id, self.sql).as_bytes());
        digest.to_hex()[..32].to_owned()
    }
}

impl Step {
    /// Whether a step of this fingerprint has done the same.
    #[must_use]
    pub fn is_as_done(&self, fingerprint: &str) -> bool {
        self.former.as_deref() == Some(fingerprint) || self.fingerprint() == fingerprint
    }
}

/// SQL with the comments that [`Step::shown_sql`] has behind it.
pub(super) fn shown_sql(sql: &str, undo: Option<&str>, in_transaction: bool) -> String {
    let mut shown = sql.to_owned();
    if !in_transaction {
        shown.push_str("\n-- transaction: false");
    }
    for (at, line) in undo.unwrap_or_default().trim().lines().enumerate() {
        shown.push_str(if at == 0 { "\n-- undo: " } else { "\n--       " });
        shown.push_str(line);
    }
    shown
}

/// The object in the JSON form of a plan, with the same keys for every kind.
impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let undo = self.said_undo();
        let fields = 7 + usize::from(undo.is_some()) + usize::from(!self.in_transaction());
        let mut step = serializer.serialize_struct("Step", fields)?;
        step.serialize_field("id", &self.id)?;
        step.serialize_field("kind", &self.id.kind)?;
        step.serialize_field("after", &self.after)?;
        step.serialize_field("sql", &self.sql)?;
        step.serialize_field("rows", &self.rows())?;
        step.serialize_field("bytes", &self.bytes())?;
        step.serialize_field("state", &self.state)?;
        match undo {
            Some(undo) => step.serialize_field("undo", undo)?,
            None => step.skip_field("undo")?,
        }
        if self.in_transaction() {
            step.skip_field("transaction")?;
        } else {
            step.serialize_field("transaction", &false)?;
        }
        step.end()
    }
}
