//! Taking a migration back: what the ledger says it made is removed, the last step first, in one transaction, and the
//! structure of the database is held against the one that stood before the first run.
//!
//! Nothing is dropped with CASCADE: what others have made since and what depends on ours stops the rollback with its
//! name, and then nothing was removed.

mod application;
mod tables;
mod transaction;

use super::error::ExecuteError;
use super::stop::Stop;
use crate::plan::StepKind;
use crate::spec::Spec;
use crate::target::fingerprint::Difference;
use crate::target::ledger::{Origin, UndoRow};
use crate::target::{Ledger, Server, Session};
use application::Application;
use serde::Serialize;

/// A rollback that is prepared: the migration's lock is held, nothing is removed yet.
#[derive(Debug)]
pub struct Rollback {
    session: Session,
    ledger: Ledger,
    origin: Origin,
    undoes: Vec<Undo>,
    tables: Vec<TableRows>,
    along: Vec<String>,
    application: Application,
}

/// How one step is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undo {
    /// The step's id.
    pub step: String,
    /// The statements, in order; none where the step left nothing of its own.
    pub statements: Vec<String>,
    /// Whether it is a step of the user's that does not say how it is taken back.
    pub unknown: bool,
    /// Whether it happens in the one transaction; otherwise before it, and it stays done if that fails.
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
    /// What others had attached to these tables and what went with them.
    pub along: Vec<String>,
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
    /// A run holds the lock; the target cannot be read.
    pub async fn prepare(spec: &Spec, server: &Server) -> Result<Option<Self>, ExecuteError> {
        let session = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        if !ledger.exists(&session).await? {
            return Ok(None);
        }
        ledger.lock(&session).await?;
        if !ledger.knows_way_back(&session).await? {
            return Err(ExecuteError::NoWayBack);
        }
        let Some(origin) = ledger.origin(&session).await? else { return Ok(None) };
        let way = ledger.way_back(&session).await?;
        let application = Application::read(spec, &session, &ledger, &origin.schema, &way).await?;
        let mut tables = tables::rows(&session, &origin.schema, &way).await?;
        let undoes = way.into_iter().map(|row| undo(spec, row)).collect::<Vec<_>>();
        let along = tables::attached(&session, &tables, &undoes).await?;
        tables.extend(application.rows(&session).await?);
        Ok(Some(Self { session, ledger, origin, undoes, tables, along, application }))
    }

    /// The steps in the order in which they are taken back.
    #[must_use]
    pub fn undoes(&self) -> &[Undo] {
        &self.undoes
    }

    /// The tables that go, and those of the application, with the rows that go.
    #[must_use]
    pub fn tables(&self) -> &[TableRows] {
        &self.tables
    }

    /// What others have attached to these tables: indexes, triggers and the like, which go with them.
    #[must_use]
    pub fn along(&self) -> &[String] {
        &self.along
    }

    /// The application's own rows that a run has removed before the load, in words.
    #[must_use]
    pub fn emptied(&self) -> &[String] {
        &self.application.emptied
    }

    /// Takes everything back. A wish to stop leaves everything as it is.
    ///
    /// # Errors
    /// [`ExecuteError::Dependents`] where something that is not ours depends on something that is; a statement that
    /// fails otherwise. Nothing of the transaction stays then, and the same command begins anew.
    pub async fn execute(self, stop: &Stop) -> Result<RolledBack, ExecuteError> {
        let outside = self.undoes.iter().filter(|undo| !undo.transaction && !undo.statements.is_empty());
        for undo in outside {
            transaction::alone(&self, undo, stop).await?;
        }
        let (gone, difference) = transaction::all(&self, stop).await?;
        Ok(RolledBack {
            steps: self.undoes,
            gone,
            tables: self.tables,
            emptied: self.application.emptied,
            along: self.along,
            equal: difference.is_empty(),
            difference,
        })
    }
}

/// The way back of a step; for one of the user's the spec's word of today counts more than that of the day it ran.
fn undo(spec: &Spec, row: UndoRow) -> Undo {
    let own = row.kind == StepKind::Step.word();
    let name = row.id.split_once(':').map_or("", |(_, name)| name);
    let by_spec = spec.steps.get(name).filter(|_| own);
    let said = by_spec.and_then(|step| step.undo.clone()).map(|undo| vec![undo]);
    let statements = said.or(row.statements);
    Undo {
        step: row.id,
        unknown: own && statements.is_none(),
        statements: statements.unwrap_or_default(),
        transaction: by_spec.is_none_or(|step| step.transaction),
    }
}
