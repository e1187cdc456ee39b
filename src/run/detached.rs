//! Detaching foreign keys and triggers of the application's tables for a load, and restoring them: the only place that
//! does either, for a step of the plan, the end of a failed run, a rollback and a refresh.
//!
//! The table's constraints and triggers at that moment decide, not those at the time of the plan: the application's own
//! migrations may have run in between. Objects that they have dropped are not made again, and objects that they have
//! altered stay as they are.

use super::ExecuteError;
use crate::catalog::{Detached, TargetForeignKey, TargetTable};
use crate::name::{QualifiedName, Schemas, quote_identifier};
use crate::plan::{StepKind, Templates, detached_context};
use crate::target::{Session, TargetError, existing};
use std::collections::BTreeSet;

/// Time limits of a statement that restores a key or trigger after a failure, for the user waits for the end of the
/// run: the application may hold a lock, and a key may have many rows to check.
const PATIENCE: &str = "SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '60s'";

/// The tables of some schemas, inside of a transaction of this session.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tables<'a> {
    pub(crate) session: &'a Session,
    pub(crate) schemas: &'a Schemas,
    pub(crate) templates: &'a Templates,
}

impl Tables<'_> {
    /// Detaches from a table the triggers that fire, and the foreign keys to one of the tables `to`. The table is
    /// locked until the transaction ends, so that none are added. Returns all that are detached, those in `known`
    /// included, and those that were detached now.
    ///
    /// # Errors
    /// PostgreSQL's refusal; nothing is detached then, once the transaction is rolled back.
    pub(crate) async fn detach(
        &self,
        table: &str,
        known: &Detached,
        to: &BTreeSet<QualifiedName<'_>>,
    ) -> Result<(Detached, Detached), ExecuteError> {
        let standing = async || {
            let found = existing::read_one(self.session, self.place(table)).await?;
            Ok::<_, TargetError>(found.map_or_else(Detached::default, |found| Detached::of(&found, to)))
        };
        // The lock is as strong as DROP CONSTRAINT needs from the beginning: upgrading it later could deadlock.
        let mode = if standing().await?.foreign_keys.is_empty() { "SHARE ROW EXCLUSIVE" } else { "ACCESS EXCLUSIVE" };
        let lock = format!("LOCK TABLE {} IN {mode} MODE", self.qualified(table));
        self.session.execute(&lock, &format!("locking {table}")).await?;
        let standing = standing().await?;
        if !standing.is_empty() {
            self.session.run(&self.render(StepKind::Detach, table, &standing)?).await?;
        }
        Ok((known.clone().and(&standing), standing))
    }

    /// Restores the keys and triggers that are detached from a table. Returns those that cannot be restored, in words.
    ///
    /// # Errors
    /// PostgreSQL's refusal: rows that a key does not take, a missing privilege.
    pub(crate) async fn restore(&self, table: &str, known: &Detached) -> Result<Vec<String>, ExecuteError> {
        let (mut off, gone) = self.off(table, known).await?;
        // Tables that are not migrated are locked in one order, whichever table references them.
        off.foreign_keys.sort_by(|one, other| {
            let place = |key: &TargetForeignKey| (key.referenced_schema.clone(), key.referenced_table.clone());
            place(one).cmp(&place(other)).then_with(|| one.name.cmp(&other.name))
        });
        if !off.is_empty() {
            self.session.run(&self.render(StepKind::Restore, table, &off)?).await?;
        }
        Ok(gone)
    }

    /// Restores each key and trigger separately, as far as possible: a key whose rows are not all loaded is restored as
    /// NOT VALID. Returns those that are not as before, in words; `None` if nothing was detached.
    ///
    /// # Errors
    /// The catalog cannot be read.
    pub(crate) async fn restore_what_is_possible(
        &self,
        table: &str,
        known: &Detached,
    ) -> Result<Option<Vec<String>>, ExecuteError> {
        self.session.execute(PATIENCE, "limiting the time of statements").await?;
        let (off, mut rest) = self.off(table, known).await?;
        if off.is_empty() {
            return Ok(None);
        }
        let found = existing::read_one(self.session, self.place(table)).await?;
        for key in off.foreign_keys {
            let is_there = found.as_ref().is_some_and(|found| found.foreign_key(&key.name).is_some());
            let unchecked = TargetForeignKey { validated: false, ..key.clone() };
            let detached = Detached { foreign_keys: vec![unchecked], triggers: Vec::new() };
            if !is_there && let Err(error) = self.attempt(&self.render(StepKind::Restore, table, &detached)?).await? {
                rest.push(format!("the foreign key {} stays detached ({error})", key.name));
                continue;
            }
            let validate =
                format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", self.qualified(table), quote_identifier(&key.name));
            if key.validated && self.attempt(&validate).await?.is_err() {
                rest.push(format!(
                    "the foreign key {} is NOT VALID: new rows are checked, and existing rows violate it",
                    key.name
                ));
            }
        }
        for trigger in off.triggers {
            let name = trigger.name.clone();
            let detached = Detached { foreign_keys: Vec::new(), triggers: vec![trigger] };
            if let Err(error) = self.attempt(&self.render(StepKind::Restore, table, &detached)?).await? {
                rest.push(format!("the trigger {name} stays detached ({error})"));
            }
        }
        Ok(Some(rest))
    }

    /// Keys and triggers that are detached from a table, and in words those that cannot be restored.
    async fn off(&self, table: &str, known: &Detached) -> Result<(Detached, Vec<String>), TargetError> {
        let found = existing::read_one(self.session, self.place(table)).await?;
        let Some(found) = found else {
            let gone = |what: String| format!("{what} was dropped with its table, and is not restored");
            return Ok((Detached::default(), known.words().into_iter().map(gone).collect()));
        };
        let gone = known.gone(&found).into_iter().map(|what| format!("{what} was dropped since, and is not restored"));
        let altered = known.altered(&found);
        let altered = altered.map(|key| format!("the foreign key {} was redefined since, and is kept so", key.name));
        let mut words = gone.chain(altered).collect::<Vec<_>>();
        let (mut off, mut keys) = (known.off(Some(&found)), Vec::new());
        for key in off.foreign_keys {
            if self.has_referenced(&key, self.place(table), &found).await? {
                keys.push(key);
            } else {
                let name = &key.name;
                words.push(format!("the foreign key {name} is not restored: what it references was dropped since"));
            }
        }
        off.foreign_keys = keys;
        Ok((off, words))
    }

    /// Whether the table and the columns that a key references exist.
    async fn has_referenced(
        &self,
        key: &TargetForeignKey,
        table: QualifiedName<'_>,
        own: &TargetTable,
    ) -> Result<bool, TargetError> {
        let has_all = |table: &TargetTable| key.referenced_columns.iter().all(|column| table.column(column).is_some());
        if key.referenced() == table {
            return Ok(has_all(own));
        }
        let referenced = existing::read_one(self.session, key.referenced()).await?;
        Ok(referenced.as_ref().is_some_and(has_all))
    }

    /// Runs statements under a savepoint: if one fails, all are rolled back.
    async fn attempt(&self, sql: &str) -> Result<Result<(), TargetError>, TargetError> {
        self.session.savepoint(self.session.run(sql)).await
    }

    fn render(&self, kind: StepKind, table: &str, detached: &Detached) -> Result<String, ExecuteError> {
        Ok(self.templates.render(kind, &detached_context(table, detached))?)
    }

    fn qualified(&self, table: &str) -> String {
        self.place(table).sql()
    }

    fn place<'p>(&'p self, name: &'p str) -> QualifiedName<'p> {
        self.schemas.place(name)
    }
}
