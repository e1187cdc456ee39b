//! Foreign keys and triggers that are detached from an application's table while its rows are copied, and their state
//! meanwhile.

use super::{TargetForeignKey, TargetTable, TargetTrigger};
use crate::name::QualifiedName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Foreign keys and triggers that are detached from a table while its rows are copied, and restored afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detached {
    /// Foreign keys, by name.
    pub foreign_keys: Vec<TargetForeignKey>,
    /// Triggers with their states from before, by name.
    pub triggers: Vec<TargetTrigger>,
}

impl Detached {
    /// Whether there are neither foreign keys nor triggers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.foreign_keys.is_empty() && self.triggers.is_empty()
    }

    /// Obstacles to a load that a table has now: keys to one of the tables `to`, and triggers that fire.
    #[must_use]
    pub fn of(found: &TargetTable, to: &BTreeSet<QualifiedName<'_>>) -> Self {
        let is_between = |key: &&TargetForeignKey| to.contains(&key.referenced());
        Self {
            foreign_keys: found.foreign_keys.iter().filter(is_between).cloned().collect(),
            triggers: found.triggers.iter().filter(|trigger| trigger.state.fires()).cloned().collect(),
        }
    }

    /// Union of objects detached before and of those on the table now, which will be detached too.
    ///
    /// A key that a failed run has restored without checking the rows keeps its definition from before that run.
    /// Objects that the application has altered since count with their present definition, and those that it has
    /// dropped or disabled are left out.
    #[must_use]
    pub fn and(mut self, standing: &Self) -> Self {
        self.foreign_keys
            .retain(|known| !known.is_back || standing.foreign_keys.iter().any(|key| key.name == known.name));
        self.triggers.retain(|known| !known.is_back || standing.triggers.iter().any(|now| now.name == known.name));
        for key in &standing.foreign_keys {
            match self.foreign_keys.iter_mut().find(|known| known.name == key.name) {
                Some(known) if known.is_like(key) => known.is_back = false,
                Some(known) => known.clone_from(key),
                None => self.foreign_keys.push(key.clone()),
            }
        }
        for trigger in &standing.triggers {
            match self.triggers.iter_mut().find(|known| known.name == trigger.name) {
                Some(known) => known.clone_from(trigger),
                None => self.triggers.push(trigger.clone()),
            }
        }
        self.foreign_keys.sort_by(|one, two| one.name.cmp(&two.name));
        self.triggers.sort_by(|one, two| one.name.cmp(&two.name));
        self
    }

    /// The part that is still off a table, or restored without its rows being checked; `found` is `None` for a dropped
    /// table, which has nothing off. Keys that the application has dropped or altered since are not part of it.
    #[must_use]
    pub fn off(&self, found: Option<&TargetTable>) -> Self {
        let Some(found) = found else { return Self::default() };
        let is_key_off = |key: &&TargetForeignKey| match found.foreign_key(&key.name) {
            Some(present) => present.is_like(key) && key.validated && !present.validated,
            None => !key.is_back && key.columns.iter().all(|column| found.column(column).is_some()),
        };
        let is_trigger_off = |trigger: &&TargetTrigger| {
            !trigger.is_back && found.trigger(&trigger.name).is_some_and(|present| !present.state.fires())
        };
        Self {
            foreign_keys: self.foreign_keys.iter().filter(is_key_off).cloned().collect(),
            triggers: self.triggers.iter().filter(is_trigger_off).cloned().collect(),
        }
    }

    /// The same after a failed run, with the restored objects marked.
    #[must_use]
    pub fn noting_back(mut self, found: &TargetTable) -> Self {
        for key in &mut self.foreign_keys {
            key.is_back |= found.foreign_key(&key.name).is_some();
        }
        for trigger in &mut self.triggers {
            trigger.is_back |= found.trigger(&trigger.name).is_some_and(|present| present.state.fires());
        }
        self
    }

    /// Triggers that the application has dropped since and keys whose columns are gone, in words: they cannot be
    /// restored.
    #[must_use]
    pub fn gone(&self, found: &TargetTable) -> Vec<String> {
        let is_key_gone = |key: &&TargetForeignKey| {
            let has_columns = key.columns.iter().all(|column| found.column(column).is_some());
            found.foreign_key(&key.name).is_none() && (key.is_back || !has_columns)
        };
        let keys = self.foreign_keys.iter().filter(is_key_gone).map(|key| format!("the foreign key {}", key.name));
        let is_trigger_gone = |trigger: &&TargetTrigger| found.trigger(&trigger.name).is_none();
        let triggers = self.triggers.iter().filter(is_trigger_gone);
        keys.chain(triggers.map(|trigger| format!("the trigger {}", trigger.name))).collect()
    }

    /// Keys that the application has altered since they were detached, with their definitions from before.
    pub fn altered<'a>(&'a self, found: &'a TargetTable) -> impl Iterator<Item = &'a TargetForeignKey> {
        let is_altered =
            |key: &&TargetForeignKey| found.foreign_key(&key.name).is_some_and(|present| !present.is_like(key));
        self.foreign_keys.iter().filter(is_altered)
    }

    /// Its parts in words: `the foreign key author`.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let keys = self.foreign_keys.iter().map(|key| format!("the foreign key {}", key.name));
        keys.chain(self.triggers.iter().map(|trigger| format!("the trigger {}", trigger.name))).collect()
    }
}
