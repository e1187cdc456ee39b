//! Steps of SQL, run with their ledger row in one transaction, and checks.

use super::{JobOutcome, Worker, WorkerContext};
use crate::catalog::NAMED_ROWS;
use crate::checks::CheckContext;
use crate::name::{QualifiedName, quote_literal};
use crate::plan::{StepKind, schema_aside};
use crate::run::{ExecuteError, lend, until_stopped};
use crate::target::identity::{Identity, ObjectName, UndoStatement};
use crate::target::ledger::NewReplaced;
use crate::target::{Row, SearchPath, TargetError, identity, structure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Worker {
    /// Runs SQL and writes its ledger row; inside the transaction that has claimed it.
    pub(super) async fn statement(&mut self, at: usize) -> Result<JobOutcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let step = context.step(at);
        let path = step.search_path(&context.spec.target.schemas);
        if let Some(path) = &path {
            self.session.set_search_path(SearchPath::of(Some(path)).in_transaction()).await?;
        }
        if step.kind() == StepKind::SetAside {
            let sql = format!("SET LOCAL transship.replaced = {}", quote_literal(&context.replaced().to_string()));
            self.session.execute(&sql, "naming the tables that are replaced").await?;
        }
        if step.kind() == StepKind::Sequence {
            match context.plan.sequence(&step.id) {
                Some(sequence) => self.set_next_number(&sequence.source).await?,
                None => {
                    self.expect_own_table(at).await?;
                    self.set_last_key(at).await?;
                }
            }
        }
        let undo = self.undo(at).await?;
        let rows = self.rows_to_remove(at, undo.as_ref().is_some_and(|undo| !undo.is_empty())).await?;
        let before = self.objects(at).await?;
        let warning = match step.kind() {
            StepKind::Detach => self.detach(at).await?,
            StepKind::Restore => self.restore(at).await?,
            StepKind::Merge => {
                self.settle(at).await?;
                None
            }
            kind => {
                if kind == StepKind::Truncate {
                    self.nothing_in_the_way(at).await?;
                }
                // The claim has assigned a transaction id.
                let claimed = self.session.transaction_number().await?;
                self.cancellable(&step.sql).await?;
                if self.session.transaction_number().await? != claimed {
                    return Err(ExecuteError::TransactionEnded);
                }
                if path.is_some() {
                    // The step may have set `search_path`, which the ledger's statements must not see.
                    self.session.set_search_path(SearchPath::CATALOG).await?;
                }
                self.remember(at, rows).await?;
                None
            }
        };
        self.record(at, true, rows, undo.as_deref(), before.as_ref()).await?;
        Ok(JobOutcome { warning, ..JobOutcome::default() })
    }

    /// Sets the last key that was handed out, by the source or since by the sequence itself. It is a parameter, so that
    /// the statement's text does not depend on the rows. A sequence is never set back.
    async fn set_last_key(&mut self, at: usize) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        let mapping = context.mapping(at)?;
        let identity = mapping.columns.iter().find(|column| column.identity).map(|column| column.target.as_str());
        let table = context.spec.target.schemas.qualified(&mapping.target);
        let handed_out = structure::read_last_key(&self.session, &table, identity).await?;
        if let Some(last_key) = mapping.last_key().max(handed_out) {
            let sql = format!("SET LOCAL transship.last_key = {last_key}");
            self.session.execute(&sql, "setting the last key").await?;
        }
        Ok(())
    }

    /// Sets the next number of one of the source's sequences, which is a parameter as the last key of a table is.
    async fn set_next_number(&mut self, source: &str) -> Result<(), ExecuteError> {
        let source = source.to_owned();
        if let Some(next) = lend(&mut self.reader, move |reader| reader.next_number(&source)).await? {
            let sql = format!("SET LOCAL transship.next_number = {}", quote_literal(&next.to_string()));
            self.session.execute(&sql, "setting the next number").await?;
        }
        Ok(())
    }

    /// Runs SQL that no transaction can hold. Returns the objects that existed before, for a step of the user's.
    pub(super) async fn run_alone(&mut self, at: usize) -> Result<Option<BTreeSet<Identity>>, ExecuteError> {
        let context = Arc::clone(&self.context);
        let before = self.objects(at).await?;
        let path = context.step(at).search_path(&context.spec.target.schemas);
        self.session.set_search_path(SearchPath::of(path.as_deref())).await?;
        let done = self.cancellable(&context.step(at).sql).await;
        self.session.set_search_path(SearchPath::CATALOG).await?;
        done.map(|()| before)
    }

    /// Objects that exist before a step of the user's: new ones after it were created by it.
    async fn objects(&mut self, at: usize) -> Result<Option<BTreeSet<Identity>>, TargetError> {
        let own = self.context.step(at).kind() == StepKind::Step;
        if own { identity::read_objects(&self.session).await.map(Some) } else { Ok(None) }
    }

    /// Undo of the step, read from the objects that exist now; `None` if none is given.
    pub(super) async fn undo(&mut self, at: usize) -> Result<Option<Vec<UndoStatement>>, ExecuteError> {
        let step = self.context.step(at);
        let Some(query) = &step.undo else {
            return Ok((step.kind() != StepKind::Step).then(Vec::new));
        };
        let query = query.trim_end().trim_end_matches(';');
        let rows = self.session.query(query, &[], "asking for the step's undo statements").await?;
        // A template of the user's own may give the statement alone.
        let object = |row: &Row| {
            let (kind, names) = (row.try_get(1).ok()?, row.try_get(2).ok()?);
            Some(ObjectName { kind, names, grantee: row.try_get(3).ok().flatten() })
        };
        Ok(Some(rows.iter().map(|row| UndoStatement { text: row.get(0), object: object(row) }).collect()))
    }

    /// Number of rows that a step is about to remove, or of a table that it sets aside and that may be discarded: a
    /// rollback reports them, for it cannot restore them.
    async fn rows_to_remove(&mut self, at: usize, has_undo: bool) -> Result<Option<u64>, ExecuteError> {
        let step = self.context.step(at);
        if step.kind() != StepKind::Truncate && !(step.kind() == StepKind::SetAside && has_undo) {
            return Ok(None);
        }
        let target = &self.context.mapping(at)?.target;
        let table = self.context.spec.target.schemas.qualified(target);
        Ok(Some(self.session.count_rows(&table, &format!("counting the rows of {table}")).await?))
    }

    /// Records the tables that a step has set aside, in its transaction.
    async fn remember(&mut self, at: usize, rows: Option<u64>) -> Result<(), TargetError> {
        let context = Arc::clone(&self.context);
        let step = context.step(at);
        if step.kind() == StepKind::SetAside
            && let Some(rows) = rows
            && let Some(table) = step.target_table()
        {
            let schemas = &context.spec.target.schemas;
            let (place, aside) = (schemas.place(table), &schema_aside(&context.plan.name, schemas, table));
            context.ledger.record_replaced(&self.session, &NewReplaced { place, table, aside, rows }).await?;
        }
        Ok(())
    }

    /// Runs SQL; an interruption cancels it in the server.
    async fn cancellable(&mut self, sql: &str) -> Result<(), ExecuteError> {
        let running = async { Ok(self.session.run(sql).await?) };
        until_stopped(&self.session, &self.context.stop, running).await
    }

    /// Asks a check.
    pub(super) async fn check(&mut self, at: usize) -> Result<JobOutcome, ExecuteError> {
        let context = Arc::clone(&self.context);
        let name = context.step(at).id.name.clone();
        let asking = CheckContext {
            server: &context.server,
            plan: &context.plan,
            schemas: &context.spec.target.schemas,
            zone: &context.zone,
            rows: NAMED_ROWS,
            show_values: false,
            stop: &context.stop,
        };
        let result = asking.ask(&name, &mut self.reader).await?;
        Ok(JobOutcome { check: Some(result), ..JobOutcome::default() })
    }
}

impl WorkerContext {
    /// The tables that are replaced, for the template that sets one aside: by their names where all are in one schema, or else
    /// as pairs of schema and name, where each stood and where it is aside.
    fn replaced(&self) -> Value {
        let schemas = &self.spec.target.schemas;
        let names = self.plan.tables.iter().map(|table| &table.target);
        if !schemas.are_of_databases() {
            return names.cloned().collect();
        }
        let places = names.flat_map(|name| {
            let QualifiedName { schema, name: bare } = schemas.place(name);
            [json!([schema, bare]), json!([schema_aside(&self.plan.name, schemas, name), bare])]
        });
        places.collect()
    }
}
