//! Rollback of a migration: the objects and rows that the ledger records are removed, the last step first, and the
//! structure of the database is compared with the one before the first run. It is one transaction if the server has
//! enough locks, otherwise several, and the same command continues an interrupted rollback.
//!
//! Objects of the migration are known by their identity, not by their name, and rows by the transactions that wrote
//! them. Anything that others have changed, attached or created under the migration's names is named and stops the
//! rollback before anything is removed; only an option of the user keeps or discards it. Nothing is dropped with
//! CASCADE: dependents of others have to be dropped first.

mod application;
mod closure;
mod inventory;
mod kept_objects;
mod objects;
mod on_changes;
mod outcome;
mod overwritten;
mod parts;
mod rows;
mod rules;
mod transaction;
mod undo;

use crate::run::grants::expect_ledger;
use crate::run::{ExecuteError, Stop};
use crate::spec::Spec;
use crate::target::ledger::{DatabaseOrigin, LedgerMark, UndoRow};
use crate::target::{Ledger, Server, Session, TransactionScope, conditions};
use application::Application;
use inventory::{Inventory, LedgerFacts};
pub use on_changes::OnChanges;
pub use outcome::{RolledBack, TableRows};
pub use undo::Undo;

/// Prepared rollback: the migration's lock is held, nothing is removed yet.
#[derive(Debug)]
pub struct Rollback {
    /// Holds the migration's lock and does nothing else: a server notices at once that the client of an idle session is gone.
    _holder: Session,
    session: Session,
    ledger: Ledger,
    /// State of the ledger when the rollback was prepared.
    mark: LedgerMark,
    origin: DatabaseOrigin,
    way: Vec<UndoRow>,
    facts: LedgerFacts,
    inventory: Inventory,
    application: Application,
}

impl Rollback {
    /// Takes the lock and reads the work to be undone from the ledger; `None` if there is none.
    ///
    /// # Errors A run holds the lock; the target cannot be read; others have changed objects or rows, and `on_changes`
    /// does not say what becomes of them.
    pub async fn prepare(spec: &Spec, server: &Server, on_changes: OnChanges) -> Result<Option<Self>, ExecuteError> {
        let holder = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        if !expect_ledger(&ledger, &holder, &spec.target.schemas).await? {
            return Ok(None);
        }
        conditions::expect_writes(&holder).await?;
        ledger.lock(&holder).await?;
        ledger.take_over(&holder).await?;
        // A command that takes over from a killed rollback ends this session, in whatever statement it is.
        let session = server.connect().await?;
        ledger.join(&session).await?;
        let mark = ledger.mark(&session).await?;
        if !ledger.knows_way_back(&session).await? {
            return Err(ExecuteError::NoWayBack);
        }
        let Some(origin) = ledger.read_origin(&session).await? else { return Ok(None) };
        let mut way = ledger.read_undo(&session).await?;
        if let Some(reason) = inventory::unknown(&session, &origin, &way).await? {
            if on_changes != OnChanges::Discard {
                return Err(ExecuteError::IdentitiesUnknown { reason: reason.to_owned() });
            }
            // Only names are left to identify the objects then.
            way.iter_mut().for_each(|row| row.made = None);
        }
        let facts = LedgerFacts::read(spec, &session, &ledger, &origin, &way, on_changes).await?;
        let reading = async {
            let application = Application::read(spec, &session, &ledger, &origin.schemas, &way, on_changes).await?;
            application.expect_rights(&session).await?;
            let inventory_or_changes = match facts.inventory(&session, &way, None).await {
                Err(ExecuteError::ChangedByOthers { changes }) => Err(changes),
                taken => Ok(taken?),
            };
            let (loaded, changes) = application.rows(&session).await?;
            let mut inventory = application::join(inventory_or_changes, changes, on_changes)?;
            inventory.tables.extend(loaded);
            Ok::<_, ExecuteError>((application, inventory))
        };
        let (application, inventory) =
            session.transaction(TransactionScope::reading("ending a transaction"), reading).await?;
        Ok(Some(Self { _holder: holder, session, ledger, mark, origin, way, facts, inventory, application }))
    }

    /// The steps in the order in which they are undone.
    #[must_use]
    pub fn undoes(&self) -> &[Undo] {
        &self.inventory.undoes
    }

    /// Tables to be dropped and tables of the application, with the rows to be removed.
    #[must_use]
    pub fn tables(&self) -> &[TableRows] {
        &self.inventory.tables
    }

    /// Changes and attached objects of others that are removed because the user wants that.
    #[must_use]
    pub fn along(&self) -> &[String] {
        if self.facts.on_changes == OnChanges::Discard { &self.inventory.changes } else { &[] }
    }

    /// Changes and attached objects of others that stay because the user wants that, with the objects that stay for
    /// them.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        if self.facts.on_changes != OnChanges::Keep {
            return Vec::new();
        }
        self.inventory.changes.iter().chain(&self.inventory.stays).cloned().collect()
    }

    /// The application's own rows that a run has removed before the load, in words.
    #[must_use]
    pub fn emptied(&self) -> &[String] {
        &self.application.emptied
    }

    /// Undoes everything. An interruption leaves everything as it is; if one transaction is not enough, the committed
    /// parts stay undone.
    ///
    /// # Errors [`ExecuteError::ChangedByOthers`] if something was changed since the preparation; a statement that
    /// fails. Its transaction is rolled back then, and the same command continues.
    pub async fn execute(self, stop: &Stop) -> Result<RolledBack, ExecuteError> {
        let (gone, difference) = transaction::all(&self, stop).await?;
        let (along, left) = (self.along().to_vec(), self.left());
        Ok(RolledBack {
            steps: self.inventory.undoes,
            gone,
            tables: self.inventory.tables,
            emptied: self.application.emptied,
            along,
            left,
            equal: difference.is_empty(),
            difference,
        })
    }
}
