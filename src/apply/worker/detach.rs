//! Steps that detach foreign keys and triggers from a table of the application and restore them, and the check before
//! each chunk that no new ones were created.

use super::{Worker, WorkerContext};
use crate::name::QualifiedName;
use crate::run::{ExecuteError, Tables, until_stopped};
use crate::spec::TablesMode;
use crate::target::{Session, existing};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Worker {
    /// Detaches the foreign keys and triggers of the table and records them, in the step's transaction. Returns those
    /// that were not in the plan, in words.
    pub(super) async fn detach(&mut self, at: usize) -> Result<Option<String>, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (step, name) = (context.step(at), self.name_of(at)?);
        let planned =
            step.detached().ok_or_else(|| ExecuteError::Task(format!("{} detaches nothing", step.id)))?.words();
        let migrated = context.migrated();
        let known = context.ledger.read_not_restored_of(&self.session, &name).await?;
        let tables = tables(&self.session, &context);
        let detaching = tables.detach(&name, &known, &migrated);
        let (detached, detached_now) = until_stopped(&self.session, &context.stop, detaching).await?;
        context.ledger.record_detached(&self.session, &name, &detached).await?;
        let words = detached_now.words();
        let unplanned = words.into_iter().filter(|what| !planned.contains(what)).collect::<Vec<_>>();
        Ok((!unplanned.is_empty()).then(|| format!("made since the plan, and detached too: {}", unplanned.join(", "))))
    }

    /// Restores what the ledger has as detached. Returns what could not be restored, in words.
    pub(super) async fn restore(&mut self, at: usize) -> Result<Option<String>, ExecuteError> {
        let context = Arc::clone(&self.context);
        let name = self.name_of(at)?;
        let known = context.ledger.read_not_restored_of(&self.session, &name).await?;
        let tables = tables(&self.session, &context);
        let gone = until_stopped(&self.session, &context.stop, tables.restore(&name, &known)).await?;
        context.ledger.record_restored(&self.session, &name).await?;
        Ok((!gone.is_empty()).then(|| gone.join("; ")))
    }

    /// Fails if a trigger or a foreign key was created on a table of the application since its own were detached: it
    /// would act on each row that is about to be copied or removed.
    pub(super) async fn nothing_in_the_way(&mut self, at: usize) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        if context.spec.target.tables != TablesMode::Existing {
            return Ok(());
        }
        let place = context.spec.target.schemas.place(&context.mapping(at)?.target);
        let migrated = context.migrated();
        let objects = existing::in_the_way(&self.session, place, &migrated).await?;
        if objects.is_empty() {
            return Ok(());
        }
        Err(ExecuteError::InTheWay { table: format!("{}.{}", place.schema, place.name), objects })
    }

    /// Target table of a step.
    fn name_of(&self, at: usize) -> Result<String, ExecuteError> {
        let step = self.context.step(at);
        let table = step.target_table().ok_or_else(|| ExecuteError::Task(format!("{} has no table", step.id)))?;
        Ok(table.to_owned())
    }
}

impl WorkerContext {
    /// Places of the tables that are filled.
    fn migrated(&self) -> BTreeSet<QualifiedName<'_>> {
        self.plan.tables.iter().map(|table| self.spec.target.schemas.place(&table.target)).collect()
    }
}

fn tables<'a>(session: &'a Session, context: &'a WorkerContext) -> Tables<'a> {
    Tables { session, schemas: &context.spec.target.schemas, templates: &context.templates }
}
