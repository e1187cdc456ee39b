//! Filling the application's own tables: foreign keys and triggers that are in the way of the load are detached before
//! all copies, and are restored when the copies that they concern are done.

use super::StepMaker;
use super::foreign_keys::KeptBy;
use crate::catalog::{Catalog, Detached, ForeignKey, OtherObjectKind, RelationKind, TargetForeignKey, TargetTable};
use crate::name::{QualifiedName, Schemas};
use crate::plan::error::PlanError;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::{ColumnMapping, TableMapping, referenced_columns};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::plan::step::{StepKind, Work};
use crate::plan::templates::detached_context;
use serde_json::json;
use std::collections::BTreeSet;

impl StepMaker<'_> {
    /// The steps of `tables = "existing"`.
    pub(super) fn existing(&mut self) -> Result<(), PlanError> {
        self.own_objects();
        let mut before = self.ids(&[StepKind::Extension]);
        let tables = self.tables;
        let places = tables.iter().map(|table| self.schemas().place(&table.target)).collect::<BTreeSet<_>>();
        let taken_off = tables.iter().map(|mapping| self.taken_off(mapping, &places)).collect::<Vec<_>>();
        for (mapping, taken_off) in tables.iter().zip(&taken_off) {
            self.rights(mapping, taken_off);
            self.gone(mapping, taken_off);
            self.not_tried(mapping, &taken_off.what);
        }
        self.statistics();
        // One after the other: taking a key off locks both of its tables.
        for (mapping, taken_off) in tables.iter().zip(&taken_off).filter(|(_, taken_off)| !taken_off.what.is_empty()) {
            let detached = &taken_off.what;
            let context = detached_context(&mapping.target, detached);
            let step = self.render_of(mapping, StepKind::Detach, None, before.clone(), &context)?;
            step.work =
                Work::Detach { detached: detached.clone(), definitions: definitions(detached), again: taken_off.again };
            before = vec![StepKind::Detach.id(&mapping.target)];
        }
        for (mapping, TakenOff { what: detached, .. }) in tables.iter().zip(taken_off) {
            let truncate = self.rows_of(mapping, &before)?;
            self.merge_ids(mapping, &before);
            let mut after = truncate.map_or_else(|| before.clone(), |truncate| vec![truncate]);
            after.extend(self.ids_of(mapping));
            self.copy(mapping, after)?;
            self.sequences(mapping)?;
            if !detached.is_empty() {
                self.orphans_of(mapping, &detached);
                self.restore(mapping, detached)?;
            }
        }
        Ok(())
    }

    /// Views and triggers of the source are omitted: the application has its own.
    fn own_objects(&mut self) {
        for other in &self.inputs.catalog.others {
            let kind = match other.kind {
                OtherObjectKind::VirtualTable | OtherObjectKind::ShadowTable => continue,
                kind => OmittedObject::from(kind),
            };
            if self.inputs.spec.source.tables.selects(&other.name) {
                let reason =
                    OmissionReason::known("the target's schema is the application's own: nothing is made in it");
                self.omit(kind, OmittedPlace::table(&other.name), reason);
            }
        }
    }

    /// The application's table for a mapping, if it can be filled; if not, the mapping has a finding.
    pub(super) fn fillable(&self, mapping: &TableMapping) -> Option<&TargetTable> {
        self.found(mapping).filter(|found| found.kind == RelationKind::Table)
    }

    /// The relation that has the name of a mapping's table.
    pub(super) fn found(&self, mapping: &TableMapping) -> Option<&TargetTable> {
        self.inputs.target.tables.as_ref()?.get(&mapping.target)
    }

    /// Objects to detach from a table: foreign keys between migrated tables, and triggers that would fire for copied rows.
    /// Objects that an earlier run has detached are known from its ledger, since the catalog no longer has them.
    fn taken_off(&self, mapping: &TableMapping, migrated: &BTreeSet<QualifiedName<'_>>) -> TakenOff {
        let (state, name) = (self.inputs.target, &mapping.target);
        let Some(found) = self.fillable(mapping) else { return TakenOff::default() };
        let is_done = |kind: StepKind| state.done.contains_key(&kind.id(name));
        let known = state.detached.get(name).cloned().unwrap_or_default();
        if is_done(StepKind::Restore) {
            return TakenOff { what: known, ..TakenOff::default() };
        }
        let standing = Detached::of(found, migrated);
        if !is_done(StepKind::Detach) {
            // If an earlier run found nothing to detach and has copied all rows, objects created since then are left
            // alone.
            let what = if is_done(StepKind::Copy) { Detached::default() } else { standing };
            return TakenOff { what, ..TakenOff::default() };
        }
        if known.altered(found).any(|key| !key.is_back) {
            // A key that was recreated with another definition while the load has it detached is drift.
            return TakenOff { what: known.and(&standing), ..TakenOff::default() };
        }
        // A failed run has restored it, or the application has created it since; once all rows are loaded, it may stay.
        let again = !standing.is_empty() && self.is_loading(mapping, &known);
        let what = if again { known.and(&standing) } else { known };
        TakenOff { what, again }
    }

    /// Whether copies are pending that the table's keys and triggers would hinder: its own, and those of tables that it
    /// references, which may have to be emptied first.
    fn is_loading(&self, mapping: &TableMapping, detached: &Detached) -> bool {
        let is_copied = |name: &str| self.inputs.target.done.contains_key(&StepKind::Copy.id(name));
        let mut referenced = detached.foreign_keys.iter().filter_map(|key| self.filled(key));
        !is_copied(&mapping.target) || referenced.any(|table| !is_copied(&table.target))
    }

    /// The table that a foreign key references, if the migration fills it.
    pub(super) fn filled(&self, key: &TargetForeignKey) -> Option<&TableMapping> {
        self.tables.iter().find(|table| self.schemas().place(&table.target) == key.referenced())
    }

    /// The application's sequences go on past the largest key.
    fn sequences(&mut self, mapping: &TableMapping) -> Result<(), PlanError> {
        let Some(found) = self.fillable(mapping) else { return Ok(()) };
        let unclear = mapping.columns.iter().filter_map(|column| {
            let unclear = found.column(&column.target)?.unclear_default.as_deref()?;
            Some(sequence_unclear(mapping, column, unclear))
        });
        let unclear = unclear.collect::<Vec<_>>();
        let table = self.inputs.catalog.table(&mapping.source);
        let makes_keys = |column: &ColumnMapping| {
            let of_source = table.and_then(|table| table.column(&column.source));
            of_source.is_some_and(|column| column.generates_keys.is_some())
        };
        let sequences = mapping.columns.iter().filter(|column| column.column_type.is_number()).filter_map(|column| {
            let sequence = found.column(&column.target)?.sequence.clone()?;
            Some((column, sequence, makes_keys(column)))
        });
        let sequences = sequences.collect::<Vec<_>>();
        self.made.findings.extend(unclear);
        for (column, sequence, last_key) in sequences {
            let name = &mapping.target;
            let context = json!({ "table": name, "column": column.target, "sequence": sequence, "last_key": last_key });
            let after = vec![StepKind::Copy.id(name)];
            self.render_of(mapping, StepKind::Sequence, Some(&column.target), after, &context)?;
            self.counter(mapping, column);
        }
        Ok(())
    }

    /// Orphans that a foreign key would refuse when it is restored, if the source has the same key. They may reference
    /// rows that the application keeps.
    fn orphans_of(&mut self, mapping: &TableMapping, detached: &Detached) {
        let is_restored = self.inputs.target.done.contains_key(&StepKind::Restore.id(&mapping.target));
        let Some(table) = self.inputs.catalog.table(&mapping.source).filter(|_| !is_restored) else { return };
        for (position, key) in table.foreign_keys.iter().enumerate() {
            let parent = self.tables.iter().find(|parent| parent.source.eq_ignore_ascii_case(&key.referenced_table));
            let restored = parent.and_then(|parent| {
                let own = restored(self.schemas(), self.inputs.catalog, mapping, parent, key, detached)?;
                Some((parent, own))
            });
            let Some((parent, own)) = restored else { continue };
            let before = self.made.findings.len();
            let place = self.inputs.spec.target.schemas.place(&mapping.target);
            self.orphans(table, position, key, KeptBy::Application { key: own, table: place });
            if parent.keeps_rows {
                self.made.findings[before..].iter_mut().for_each(|finding| finding.severity = Severity::Warns);
            }
        }
    }

    /// Restores what was detached, once both ends of the keys have their rows.
    fn restore(&mut self, mapping: &TableMapping, detached: Detached) -> Result<(), PlanError> {
        let referenced = detached.foreign_keys.iter().filter_map(|key| self.filled(key));
        let mut after = referenced.map(|table| StepKind::Copy.id(&table.target)).collect::<Vec<_>>();
        after.push(StepKind::Copy.id(&mapping.target));
        let context = detached_context(&mapping.target, &detached);
        self.render_of(mapping, StepKind::Restore, None, after, &context)?.work = Work::Restore { detached };
        Ok(())
    }
}

/// Objects to detach from a table.
#[derive(Debug, Default)]
pub(super) struct TakenOff {
    /// All of them, including those that an earlier run has detached.
    pub(super) what: Detached,
    /// Whether an earlier run has detached objects and some are restored.
    pub(super) again: bool,
}

/// The foreign key that is the same as one of the source, among those that are restored and validated.
fn restored<'d>(
    schemas: &Schemas,
    catalog: &Catalog,
    child: &TableMapping,
    parent: &TableMapping,
    key: &ForeignKey,
    detached: &'d Detached,
) -> Option<&'d TargetForeignKey> {
    let pairs =
        |columns: Vec<String>, referenced: Vec<String>| columns.into_iter().zip(referenced).collect::<BTreeSet<_>>();
    let columns = child.target_columns(&key.columns);
    let (columns, referenced) = columns.zip(parent.target_columns(&referenced_columns(catalog, key)))?;
    let wanted = pairs(columns, referenced);
    detached.foreign_keys.iter().find(|key| {
        key.validated
            && key.referenced() == schemas.place(&parent.target)
            && pairs(key.columns.clone(), key.referenced_columns.clone()) == wanted
    })
}

/// The finding about a default from which it is not clear which sequence gives the next number.
fn sequence_unclear(mapping: &TableMapping, column: &ColumnMapping, unclear: &str) -> Finding {
    let message = format!(
        "the target's default {unclear}: no sequence is set for it, and the application's next INSERT may get a number that a row has"
    );
    let suggestion = format!(
        "set the sequence by a step of the spec that is `after = [\"copy:{}\"]`; `verify` lists it as not compared",
        mapping.target
    );
    let cause = Cause::new(
        ["default draws", "defaults draw"],
        "from a sequence in a way that is not understood: no sequence is set for them, and the application's next INSERT may \
         get a number that a row has",
    );
    Finding::about(FindingCode::TargetSequenceUnclear, Severity::Warns, &mapping.source, message)
        .in_column(&column.source)
        .suggesting(suggestion)
        .because(cause)
}

/// The definitions of foreign keys, as text.
fn definitions(detached: &Detached) -> String {
    let keys = detached.foreign_keys.iter();
    keys.map(|key| format!("{} {} {}", key.name, key.definition, key.validated)).collect::<Vec<_>>().join("\n")
}
