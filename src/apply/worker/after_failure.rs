//! The end of a run that did not come to its own: the application gets back what was taken off its tables, as far as the
//! rows that are there allow it. The next run takes it off again and goes on.

use super::Context;
use crate::catalog::Detached;
use crate::run::{Event, ExecuteError, Tables};
use crate::target::{Scope, Session, TargetError, existing};

impl Context {
    /// Puts back what can be, table by table, and tells of each. A failure here only adds to that of the run: what stays off
    /// is asked of the tables themselves by the next run, by `status` and by a rollback.
    pub(crate) async fn put_back_after_failure(&self) {
        let put_back = async {
            let control = self.hold_lock().await?;
            for (table, known) in self.ledger.not_restored(&control).await? {
                self.put_back_on(&control, &table, &known).await?;
            }
            Ok(())
        };
        let put_back: Result<(), ExecuteError> = put_back.await;
        if let Err(error) = put_back {
            tracing::warn!(%error, "foreign keys and triggers stay off");
        }
    }

    async fn put_back_on(&self, control: &Session, table: &str, known: &Detached) -> Result<(), ExecuteError> {
        let tables = Tables { session: control, schema: &self.spec.target.schema, templates: &self.templates };
        let put_back = async {
            self.ledger.claim_run(control, &self.fence).await?;
            let rest = tables.put_back_what_can_be(table, known).await?;
            if rest.is_some()
                && let Some(found) = existing::read_one(control, tables.schema, table).await?
            {
                self.ledger.record_detached(control, table, &known.clone().noting_back(&found)).await?;
            }
            Ok::<_, ExecuteError>(rest)
        };
        let scope = Scope::committed("putting back foreign keys and triggers");
        let off = match control.transaction(scope, put_back).await {
            Ok(None) => return Ok(()),
            Ok(Some(rest)) => rest,
            // What is off is off for the run that took over.
            Err(error @ ExecuteError::Target(TargetError::Overtaken { .. })) => return Err(error),
            // The session is lost with the connection; anything else is about this table alone.
            Err(ExecuteError::Target(error @ TargetError::Statement { code: None, .. })) => return Err(error.into()),
            Err(error) => known.words().into_iter().map(|what| format!("{what} ({error})")).collect(),
        };
        self.events.tell(Event::PutBack { table: table.to_owned(), rest: off });
        Ok(())
    }
}
