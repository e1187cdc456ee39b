//! End of a failed or interrupted run: detached foreign keys and triggers of the application's tables are restored as
//! far as the rows permit. The next run detaches them again and continues.

use super::WorkerContext;
use crate::catalog::Detached;
use crate::run::{Event, ExecuteError, Tables};
use crate::target::{Session, TargetError, TransactionScope, existing};

impl WorkerContext {
    /// Restores what can be restored, table by table, and reports each. A failure here only adds to that of the run:
    /// the next run, `status` and a rollback read from the tables themselves what is still detached.
    pub(crate) async fn restore_after_failure(&self) {
        let restored = async {
            let control = self.hold_lock().await?;
            for (table, known) in self.ledger.read_not_restored(&control).await? {
                self.restore_on(&control, &table, &known).await?;
            }
            Ok(())
        };
        let restored: Result<(), ExecuteError> = restored.await;
        if let Err(error) = restored {
            tracing::warn!(%error, "foreign keys and triggers stay detached");
        }
    }

    async fn restore_on(&self, control: &Session, table: &str, known: &Detached) -> Result<(), ExecuteError> {
        let tables = Tables { session: control, schemas: &self.spec.target.schemas, templates: &self.templates };
        let restored = async {
            self.ledger.claim_run(control, &self.fence).await?;
            let rest = tables.restore_what_is_possible(table, known).await?;
            if rest.is_some()
                && let Some(found) = existing::read_one(control, self.spec.target.schemas.place(table)).await?
            {
                self.ledger.record_detached(control, table, &known.clone().noting_back(&found)).await?;
            }
            Ok::<_, ExecuteError>(rest)
        };
        let scope = TransactionScope::committed("restoring foreign keys and triggers");
        let off = match control.transaction(scope, restored).await {
            Ok(None) => return Ok(()),
            Ok(Some(rest)) => rest,
            // Detached objects belong to the run that took over.
            Err(error @ ExecuteError::Target(TargetError::Overtaken { .. })) => return Err(error),
            // A lost connection ends the session; any other error concerns this table alone.
            Err(ExecuteError::Target(error @ TargetError::Statement { code: None, .. })) => return Err(error.into()),
            Err(error) => known.words().into_iter().map(|what| format!("{what} ({error})")).collect(),
        };
        self.events.tell(Event::Restored { table: table.to_owned(), rest: off });
        Ok(())
    }
}
