//! A step that is SQL: run with its ledger row in one transaction; and a check.

use super::{Outcome, Worker};
use crate::execute::ExecuteError;
use crate::execute::failpoint::reach;
use crate::name::{quote_identifier, quote_literal};
use crate::plan::StepKind;
use crate::target::TargetError;
use crate::target::identity::{self, Identity, ObjectName, UndoStatement};
use crate::verify::checks::Asking;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_postgres::Row;

/// Rows that are named for each check that finds wrong ones.
const WRONG_ROWS: usize = 5;

impl Worker {
    /// Runs SQL and its ledger row in one transaction.
    pub(super) async fn statement(&mut self, at: usize) -> Result<Outcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (step, schema) = (context.step(at), quote_identifier(&context.spec.target.schema));
        // The user's SQL finds the migrated tables by their bare names, and what extensions bring.
        let path = format!("search_path = {schema}, public");
        if step.transaction {
            self.session.execute("BEGIN", "beginning a transaction").await?;
            if step.finds_extensions {
                self.session.execute(&format!("SET LOCAL {path}"), "setting the search path").await?;
            }
            if step.kind == StepKind::Drop {
                let names = context.plan.tables.iter().map(|table| &table.target).collect::<Vec<_>>();
                let names = serde_json::to_string(&names).map_err(|error| ExecuteError::Task(error.to_string()))?;
                let sql = format!("SET LOCAL transship.replaced = {}", quote_literal(&names));
                self.session.execute(&sql, "naming the tables that are replaced").await?;
            }
            // The keys that the source has handed out are data: they reach the statement beside its text, which stays the
            // same whatever the rows are.
            if step.kind == StepKind::Sequence
                && let Some(last_key) = self.context.mapping(at)?.last_key()
            {
                let sql = format!("SET LOCAL transship.last_key = {last_key}");
                self.session.execute(&sql, "setting the last key").await?;
            }
            let done = async {
                let undo = self.undo(at).await?;
                let rows = self.rows_to_remove(at).await?;
                let before = self.objects(at).await?;
                self.cancellable(&step.sql).await?;
                self.remember(at).await?;
                Ok(self.record(at, true, rows, undo.as_deref(), before.as_ref()).await?)
            };
            let done: Result<(), ExecuteError> = done.await;
            match done {
                Ok(()) => {
                    reach("statement_before_commit");
                    self.session.execute("COMMIT", "committing").await?;
                    reach("statement_committed");
                }
                Err(error) => return Err(self.roll_back(error).await),
            }
        } else {
            self.session.execute(&format!("SET {path}"), "setting the search path").await?;
            let before = self.objects(at).await?;
            let done = self.cancellable(&step.sql).await;
            self.session.execute("SET search_path = pg_catalog", "setting the search path").await?;
            done?;
            let undo = self.undo(at).await?;
            self.record(at, true, None, undo.as_deref(), before.as_ref()).await?;
        }
        Ok(Outcome::default())
    }

    /// The objects that stand there before a step of the user's: what is new after it was made by it.
    async fn objects(&mut self, at: usize) -> Result<Option<BTreeSet<Identity>>, TargetError> {
        let own = self.context.step(at).kind == StepKind::Step;
        if own { identity::objects(&self.session).await.map(Some) } else { Ok(None) }
    }

    /// Asks how the step will be taken back; what stands there now decides. `None` where nobody has said how.
    async fn undo(&mut self, at: usize) -> Result<Option<Vec<UndoStatement>>, ExecuteError> {
        let step = self.context.step(at);
        let Some(query) = &step.undo else {
            return Ok((step.kind != StepKind::Step).then(Vec::new));
        };
        let failed = |error: tokio_postgres::Error| TargetError::statement("asking how the step is taken back", &error);
        let rows = self.session.client().query(query.trim_end().trim_end_matches(';'), &[]).await.map_err(failed)?;
        // A template of the user's own may give the statement alone.
        let object = |row: &Row| {
            let (kind, names) = (row.try_get(1).ok()?, row.try_get(2).ok()?);
            Some(ObjectName { kind, names, grantee: row.try_get(3).ok().flatten() })
        };
        Ok(Some(rows.iter().map(|row| UndoStatement { text: row.get(0), object: object(row) }).collect()))
    }

    /// The rows that a step is about to remove, which no rollback brings back: it says how many.
    async fn rows_to_remove(&mut self, at: usize) -> Result<Option<u64>, ExecuteError> {
        let step = self.context.step(at);
        if step.kind != StepKind::Truncate {
            return Ok(None);
        }
        let target = &self.context.mapping(at)?.target;
        let table = format!("{}.{}", quote_identifier(&self.context.spec.target.schema), quote_identifier(target));
        let failed =
            |error: tokio_postgres::Error| TargetError::statement(format!("counting the rows of {table}"), &error);
        let row =
            self.session.client().query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.map_err(failed)?;
        Ok(u64::try_from(row.get::<_, i64>(0)).ok())
    }

    /// Writes down what a step has taken off, in its transaction.
    async fn remember(&mut self, at: usize) -> Result<(), TargetError> {
        let context = Arc::clone(&self.context);
        let step = context.step(at);
        if step.kind == StepKind::Detach
            && let Some(name) = step.id.split_once(':').map(|(_, name)| name)
        {
            context.ledger.record_detached(&self.session, name, &step.detached).await?;
        }
        Ok(())
    }

    /// Runs SQL; a wish to stop cancels it in the server.
    async fn cancellable(&mut self, sql: &str) -> Result<(), ExecuteError> {
        let running = self.session.run(sql);
        tokio::pin!(running);
        tokio::select! {
            done = &mut running => Ok(done?),
            () = self.context.stop.thrown() => {
                self.session.cancel().await;
                // The statement may have ended before it was cancelled; without its ledger row it is rolled back.
                let ended = running.await;
                tracing::debug!(?ended, "cancelled");
                Err(ExecuteError::Interrupted)
            }
        }
    }

    pub(super) async fn check(&mut self, at: usize) -> Result<Outcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let name = context.step(at).id.strip_prefix("check:").unwrap_or_default().to_owned();
        let asking = Asking {
            plan: &context.plan,
            schema: &context.spec.target.schema,
            zone: &context.zone,
            rows: WRONG_ROWS,
            show_values: false,
            stop: &context.stop,
        };
        let result = asking.ask(&name, &self.session, &mut self.reader).await?;
        // A check that may fail is done with its warning; `verify` asks it again.
        self.record(at, !result.is_failure(), None, Some(&[]), None).await?;
        Ok(Outcome { check: Some(result), ..Outcome::default() })
    }
}
