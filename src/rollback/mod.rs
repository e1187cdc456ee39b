//! Taking a migration back: what the ledger says it made is removed, the last step first, and the structure of the
//! database is held against the one that stood before the first run. That is one transaction where the server has locks
//! enough for it, otherwise several, and the same command goes on where one was broken off.
//!
//! What is ours is known by its identity, not by its name, and rows by the transactions that wrote them. What others have
//! changed, attached or made under our names stops the rollback with its name, and then nothing was removed; only a word
//! of the user keeps or discards it. Nothing is dropped with CASCADE: what depends on ours has to go first.

mod application;
mod closure;
mod keep;
mod look;
mod objects;
mod parts;
mod rows;
mod transaction;

use crate::plan::StepKind;
use crate::run::grants::expect_ledger;
use crate::run::{ExecuteError, Stop};
use crate::spec::Spec;
use crate::target::fingerprint::Difference;
use crate::target::ledger::{LedgerMark, Origin, UndoRow};
use crate::target::{Ledger, Scope, Server, Session, conditions};
use application::Application;
use look::{Asked, Look};
use serde::Serialize;

/// What becomes of that which others have changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnChanges {
    /// It stops the rollback before anything is removed.
    #[default]
    Stop,
    /// It stays, with the tables that it is in; the rest goes.
    Keep,
    /// It goes as well.
    Discard,
}

/// A rollback that is prepared: the migration's lock is held, nothing is removed yet.
#[derive(Debug)]
pub struct Rollback {
    session: Session,
    ledger: Ledger,
    /// What the ledger said when this was prepared.
    mark: LedgerMark,
    origin: Origin,
    way: Vec<UndoRow>,
    asked: Asked,
    look: Look,
    application: Application,
}

/// How one step is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undo {
    /// The step's id.
    pub step: String,
    /// Whether it is a step of the user's.
    #[serde(skip)]
    pub is_own: bool,
    /// The statements, in order; none where the step left nothing of its own.
    pub statements: Vec<String>,
    /// Whether it is a step of the user's that does not say how it is taken back.
    pub unknown: bool,
    /// Whether it happens in a transaction; otherwise before all of them, and it stays done if these fail.
    pub transaction: bool,
}

/// A table that goes with its rows, or of the application and loses those that were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// The table with its schema.
    pub table: String,
    /// The rows that it holds now, of a table that stays those of them that were loaded; `None` where it is gone already.
    pub rows: Option<u64>,
    /// The rows that were copied; `None` where the copy has not come to its end.
    pub copied: Option<u64>,
    /// The rows of a table that goes which others have written or changed since.
    pub others: u64,
    /// Whether the table is the application's and stays.
    pub stays: bool,
}

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolledBack {
    /// The steps that were taken back, in that order.
    pub steps: Vec<Undo>,
    /// What had been removed by others before.
    pub gone: Vec<String>,
    /// The tables that went, and those of the application, with the rows that went.
    pub tables: Vec<TableRows>,
    /// The application's own rows that were removed before the load (`existing_rows = "truncate"`) and do not come back:
    /// `3 rows of app.users`.
    pub emptied: Vec<String>,
    /// What others had changed or attached, and what went all the same, for the user wanted that.
    pub along: Vec<String>,
    /// What others had changed or attached, and what stays with it, for the user wanted that.
    pub left: Vec<String>,
    /// Whether the structure equals the one before the first run.
    pub equal: bool,
    /// Where it does not: what is otherwise.
    pub difference: Difference,
}

impl RolledBack {
    /// The user's steps that ran and did not say how they are taken back.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|undo| undo.unknown).map(|undo| undo.step.as_str())
    }
}

impl Rollback {
    /// Takes the lock and reads from the ledger what there is to take back; `None` where there is nothing.
    ///
    /// # Errors
    /// A run holds the lock; the target cannot be read; others have changed what was made, and `on_changes` does not say
    /// what becomes of that.
    pub async fn prepare(spec: &Spec, server: &Server, on_changes: OnChanges) -> Result<Option<Self>, ExecuteError> {
        let session = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        if !expect_ledger(&ledger, &session, &spec.target.schema).await? {
            return Ok(None);
        }
        conditions::expect_writes(&session).await?;
        ledger.lock(&session).await?;
        ledger.take_over(&session).await?;
        let mark = ledger.mark(&session).await?;
        if !ledger.knows_way_back(&session).await? {
            return Err(ExecuteError::NoWayBack);
        }
        let Some(origin) = ledger.origin(&session).await? else { return Ok(None) };
        let mut way = ledger.way_back(&session).await?;
        if let Some(reason) = look::unknown(&session, &origin, &way).await? {
            if on_changes != OnChanges::Discard {
                return Err(ExecuteError::IdentitiesUnknown { reason: reason.to_owned() });
            }
            // Names are all that is left then.
            way.iter_mut().for_each(|row| row.made = None);
        }
        let asked = Asked::read(spec, &session, &ledger, &origin, &way, on_changes).await?;
        let looked = async {
            let application = Application::read(spec, &session, &ledger, &origin.schema, &way, on_changes).await?;
            application.expect_rights(&session).await?;
            let looked = asked.look(&session, &way, None).await;
            let looked = match looked {
                Err(ExecuteError::ChangedByOthers { changes }) => Err(changes),
                looked => Ok(looked?),
            };
            let (loaded, changes) = application.rows(&session).await?;
            let mut look = application::join(looked, changes, on_changes)?;
            look.tables.extend(loaded);
            Ok::<_, ExecuteError>((application, look))
        };
        let (application, look) = session.transaction(Scope::reading("ending a transaction"), looked).await?;
        Ok(Some(Self { session, ledger, mark, origin, way, asked, look, application }))
    }

    /// The steps in the order in which they are taken back.
    #[must_use]
    pub fn undoes(&self) -> &[Undo] {
        &self.look.undoes
    }

    /// The tables that go, and those of the application, with the rows that go.
    #[must_use]
    pub fn tables(&self) -> &[TableRows] {
        &self.look.tables
    }

    /// What others have changed or attached, and what goes all the same: the user wants that.
    #[must_use]
    pub fn along(&self) -> &[String] {
        if self.asked.on_changes == OnChanges::Discard { &self.look.changes } else { &[] }
    }

    /// What others have changed or attached, and what stays with it: the user wants that.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        if self.asked.on_changes != OnChanges::Keep {
            return Vec::new();
        }
        self.look.changes.iter().chain(&self.look.stays).cloned().collect()
    }

    /// The application's own rows that a run has removed before the load, in words.
    #[must_use]
    pub fn emptied(&self) -> &[String] {
        &self.application.emptied
    }

    /// Takes everything back. A wish to stop leaves everything as it is, or as far as it has come where one transaction is
    /// not enough.
    ///
    /// # Errors
    /// [`ExecuteError::ChangedByOthers`] where something has been changed since this was prepared, a statement that fails.
    /// Nothing of its transaction stays then, and the same command goes on.
    pub async fn execute(self, stop: &Stop) -> Result<RolledBack, ExecuteError> {
        let (gone, difference) = transaction::all(&self, stop).await?;
        let (along, left) = (self.along().to_vec(), self.left());
        Ok(RolledBack {
            steps: self.look.undoes,
            gone,
            tables: self.look.tables,
            emptied: self.application.emptied,
            along,
            left,
            equal: difference.is_empty(),
            difference,
        })
    }
}

/// The way back of a step; for one of the user's the spec's word of today counts more than that of the day it ran.
fn undo(spec: &Spec, row: &UndoRow) -> Undo {
    let own = row.name_of(StepKind::Step);
    let by_spec = own.and_then(|name| spec.steps.get(name));
    let said = by_spec.and_then(|step| step.undo.clone()).map(|undo| vec![undo]);
    let statements = said.or_else(|| row.statements.clone());
    Undo {
        step: row.id.clone(),
        is_own: own.is_some(),
        unknown: own.is_some() && statements.is_none(),
        statements: statements.unwrap_or_default(),
        transaction: by_spec.is_none_or(|step| step.transaction),
    }
}
