//! Copying again what has changed in the source since an earlier run. Chunks whose digest differs are marked in the
//! ledger as stale, and their rows stay in the target until a worker replaces them, in one transaction for the tables
//! that foreign keys connect. A reader sees the old rows or the new ones, also if the run is interrupted in between;
//! and a unique value may move from one chunk to another.
//!
//! If the target's key identifies the rows of a chunk exactly (an integer that names a row in the source too), these
//! rows are replaced; otherwise all rows of the table. Rows that others have added, changed or deleted since would be
//! lost with them: they are a blocking finding, and are looked for again under the lock under which the rows are
//! replaced.

mod change;
mod copied;
mod keys;
mod overwritten;
mod preparation;
mod references;
mod sequences;

use super::worker::WorkerContext;
use crate::name::Schemas;
use crate::plan::{Plan, StepId, TableMapping};
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::spec::Spec;
use crate::target::{Ledger, Session, TransactionScope};
use copied::{CopiedChunks, Loads, qualified, replaced};
use keys::ReplacedTableKeys;
use std::collections::{BTreeMap, BTreeSet};

/// Fewest transactions over which unconnected tables are spread, if there are as many tables: workers share them, and
/// each stays small.
const SPREAD: usize = 16;

/// Treatment of loaded rows that have changed in the source since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// The rows stay, and a finding blocks the run.
    Nothing,
    /// The rows are copied again, unless others have changed them in the target.
    WhatHasChanged,
    /// The rows are copied again, and overwrite what others have changed, added or deleted in the target.
    OverwritingChanges,
}

/// Chunks to be copied again, and the steps to be repeated because of them.
#[derive(Debug, Default)]
pub(super) struct Refresh {
    /// Changed chunks by source table.
    chunks: BTreeMap<String, BTreeSet<i32>>,
    steps: Vec<StepId>,
    /// Source tables whose rows are replaced, in groups of one transaction each.
    pub(super) groups: Vec<Vec<String>>,
    overwrites: bool,
}

impl Refresh {
    /// Marks the chunks as stale, in one transaction with the ledger.
    pub(super) async fn begin(&self, control: &Session, context: &WorkerContext) -> Result<(), ExecuteError> {
        if self.chunks.is_empty() && self.steps.is_empty() {
            return Ok(());
        }
        let begun = async {
            context.ledger.claim_run(control, &context.fence).await?;
            self.begin_all(control, &context.ledger, &context.spec, &context.plan).await?;
            reach("refresh_before_commit");
            Ok::<_, ExecuteError>(())
        };
        control.transaction(TransactionScope::committed("marking what is copied again"), begun).await?;
        reach("refresh_committed");
        Ok(())
    }

    async fn begin_all(
        &self,
        control: &Session,
        ledger: &Ledger,
        spec: &Spec,
        plan: &Plan,
    ) -> Result<(), ExecuteError> {
        // A failed check has a row in the ledger, but no undo.
        for step in &self.steps {
            ledger.forget_step(control, &step.to_string()).await?;
        }
        let loads = Loads::read(control, ledger).await?;
        for (source, changed) in &self.chunks {
            let Some(mapping) = plan.copied(source) else { continue };
            let chunks = ledger.read_chunks(control, source).await?;
            let replaced = replaced(mapping, &chunks, |chunk| chunk.is_stale || changed.contains(&chunk.ordinal));
            let copied = CopiedChunks::of(spec, mapping, &replaced, &loads);
            self.lock(control, &copied, false).await?;
            self.refuse(control, &copied).await?;
            let marked = replaced.iter().map(|chunk| chunk.ordinal).collect::<Vec<_>>();
            ledger.make_stale(control, source, &marked).await?;
        }
        Ok(())
    }

    /// Removes the stale rows of some tables, inside the transaction that copies them again. Returns the foreign keys
    /// and triggers that are detached until [`Replacing::restore`].
    pub(super) async fn remove(
        &self,
        session: &Session,
        ledger: &Ledger,
        (spec, plan): (&Spec, &Plan),
        tables: &[&TableMapping],
    ) -> Result<Replacing, ExecuteError> {
        let schemas = &spec.target.schemas;
        let loads = Loads::read(session, ledger).await?;
        let targets = tables.iter().map(|mapping| mapping.target.clone()).collect::<BTreeSet<_>>();
        let names = targets.iter().map(String::as_str).collect::<BTreeSet<_>>();
        let keys = ReplacedTableKeys::read(session, schemas, &names).await?;
        let mut chunks = Vec::new();
        for mapping in tables {
            chunks.push((mapping, ledger.read_chunks(session, &mapping.source).await?));
        }
        let mut all = Vec::new();
        for (mapping, chunks) in &chunks {
            let replaced = replaced(mapping, chunks, |chunk| chunk.is_stale);
            let copied = CopiedChunks::of(spec, mapping, &replaced, &loads);
            self.lock(session, &copied, keys.touches(schemas.place(&mapping.target))).await?;
            all.push(copied);
        }
        for copied in &all {
            self.refuse(session, copied).await?;
        }
        // The state under the lock decides.
        let keys = ReplacedTableKeys::read(session, schemas, &names).await?;
        let others = ledger.read_condition_for_others(session).await?;
        let unnoticed = keys.unnoticed(session, (schemas, plan), &others).await?;
        let numbers = keys.numbers(session).await?;
        keys.detach(session).await?;
        for copied in &all {
            copied.remove(session).await?;
        }
        Ok(Replacing { keys, numbers, targets, unnoticed })
    }

    /// Locks the table against writers; if something is detached from it, against readers too, as ALTER TABLE requires:
    /// a lock upgraded later could deadlock.
    async fn lock(&self, session: &Session, copied: &CopiedChunks<'_>, is_altered: bool) -> Result<(), ExecuteError> {
        let mode = if is_altered { "ACCESS EXCLUSIVE" } else { "SHARE ROW EXCLUSIVE" };
        let doing = format!("locking {}", copied.table);
        let sql = format!("LOCK TABLE {}{} IN {mode} MODE", copied.mapping.only(), copied.table);
        Ok(session.execute(&sql, &doing).await?)
    }

    /// Refuses if others have changed the rows since the plan was made.
    async fn refuse(&self, session: &Session, copied: &CopiedChunks<'_>) -> Result<(), ExecuteError> {
        let change = copied.change(session).await?;
        match change.filter(|change| change.blocks && !(self.overwrites && change.may_overwrite)) {
            Some(change) => Err(ExecuteError::NotRefreshed { reasons: vec![change.words()] }),
            None => Ok(()),
        }
    }
}

/// Replacement of rows in progress.
#[derive(Debug)]
pub(super) struct Replacing {
    keys: ReplacedTableKeys,
    /// Oids of the foreign keys' constraints before they were detached.
    numbers: Vec<Option<u32>>,
    targets: BTreeSet<String>,
    /// Number of orphans of each foreign key that is NOT VALID.
    unnoticed: Vec<(String, i64)>,
}

impl Replacing {
    /// Restores what was detached, which checks the rows; the foreign keys stay those of the steps that created them.
    pub(super) async fn restore(
        &self,
        session: &Session,
        ledger: &Ledger,
        schemas: &Schemas,
        plan: &Plan,
    ) -> Result<(), ExecuteError> {
        // The rows of this transaction are in the ledger.
        let others = ledger.read_condition_for_others(session).await?;
        let more = self.keys.unnoticed(session, (schemas, plan), &others).await?.into_iter().zip(&self.unnoticed);
        let more = more.filter(|((_, now), (_, before))| now > before);
        let reasons = more.map(|((key, _), _)| format!("rows of {key} reference rows that would be gone"));
        let reasons = reasons.collect::<Vec<_>>();
        if !reasons.is_empty() {
            return Err(ExecuteError::NotRefreshed { reasons });
        }
        let names = self.targets.iter().map(String::as_str).collect();
        self.keys.restore(session, schemas, &names).await?;
        let numbers = self.keys.numbers(session).await?;
        Ok(ledger.renumber_constraints(session, &self.numbers, &numbers).await?)
    }
}

/// Groups of tables such that no foreign key connects two groups.
fn groups(schemas: &Schemas, tables: &[TableMapping], keys: &ReplacedTableKeys) -> Vec<Vec<String>> {
    // The smallest name of a table's group stands for the group.
    let mut group_of = BTreeMap::<String, String>::new();
    let place = |(of, table): (&str, &str)| qualified(of, table);
    for (one, other) in keys.connected() {
        let (one, other) = (place(one), place(other));
        let [first, second] = [&one, &other].map(|name| group_of.get(name).cloned().unwrap_or_else(|| name.clone()));
        let (kept, given_up) = if first <= second { (first, second) } else { (second, first) };
        group_of.insert(one, kept.clone());
        group_of.insert(other, kept.clone());
        group_of.values_mut().filter(|group| **group == given_up).for_each(|group| group.clone_from(&kept));
    }
    let mut connected = BTreeMap::<String, Vec<String>>::new();
    let mut alone = Vec::new();
    for mapping in tables {
        match group_of.get(&schemas.qualified(&mapping.target)) {
            Some(group) => connected.entry(group.clone()).or_default().push(mapping.source.clone()),
            None => alone.push(mapping.source.clone()),
        }
    }
    let alone = alone.chunks(alone.len().div_ceil(SPREAD).max(1)).map(<[String]>::to_vec).collect::<Vec<_>>();
    connected.into_values().chain(alone).collect()
}
