//! Names and objects without a counterpart: names in the spec that the source does not have, and objects of the source
//! other than tables.

use super::MappingDraft;
use crate::catalog::{Catalog, OtherObjectKind};
use crate::name::quote_toml_key;
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::spec::Spec;

impl MappingDraft {
    /// Reports names in the spec that the source does not have: most often typing errors.
    pub(super) fn unknown_names(&mut self, spec: &Spec, catalog: &Catalog) {
        self.unknown_histories(spec, catalog);
        self.unknown_conflict_clauses(spec, catalog);
        self.unknown_views(spec, catalog);
        self.unknown_triggers(spec, catalog);
        self.unknown_objects(spec, catalog);
        for (name, table_spec) in &spec.tables {
            let is_virtual = |other: &&crate::catalog::OtherObject| {
                other.kind == OtherObjectKind::VirtualTable && other.name.eq_ignore_ascii_case(name)
            };
            let Some(table) = catalog.table(name) else {
                // A skipped one is reported with the other objects.
                if table_spec.skip && catalog.others.iter().any(|other| is_virtual(&other)) {
                    continue;
                }
                let known = catalog.tables.iter().map(|table| table.name.as_str());
                let finding = Finding::about(
                    FindingCode::UnknownTable,
                    Severity::Blocks,
                    name,
                    "the spec names a table that the source does not have",
                );
                self.findings.push(finding.suggesting_nearest(name, known));
                continue;
            };
            self.ambiguous_section(spec, catalog, name);
            for column in table_spec.columns.keys().filter(|column| table.column(column).is_none()) {
                let known = table.columns.iter().map(|column| column.name.as_str());
                let finding = Finding::about(
                    FindingCode::UnknownColumn,
                    Severity::Blocks,
                    name,
                    "the spec names a column that the source does not have",
                );
                self.findings.push(finding.in_column(column).suggesting_nearest(column, known));
            }
            let is_index = |name: &str| table.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(name));
            for index in table_spec.indexes.keys().filter(|index| !is_index(index)) {
                let message = format!("the spec names the index {index}, which the source does not have");
                let known = table.indexes.iter().map(|index| index.name.as_str());
                let finding = Finding::about(FindingCode::UnknownIndex, Severity::Blocks, name, message);
                self.findings.push(finding.suggesting_nearest(index, known));
            }
            for columns in table_spec.foreign_keys.keys() {
                let here = table.foreign_keys.iter().map(|key| &key.columns);
                let elsewhere = table.foreign_keys_elsewhere.iter().map(|key| &key.columns);
                let keys = here.chain(elsewhere).map(|columns| columns.join(", ")).collect::<Vec<_>>();
                if !keys.iter().any(|key| key.eq_ignore_ascii_case(columns)) {
                    let message = format!("the spec names a foreign key ({columns}) that the source does not have");
                    let finding = Finding::about(FindingCode::UnknownForeignKey, Severity::Blocks, name, message);
                    self.findings.push(finding.suggesting_nearest(columns, keys.iter().map(String::as_str)));
                }
            }
            for columns in &table_spec.left_keys {
                let primary = table.primary_key.iter().map(|key| &key.columns);
                let unique = table.unique_constraints.iter().map(|key| &key.columns);
                let keys = primary.chain(unique).map(|columns| columns.join(", ")).collect::<Vec<_>>();
                if !keys.iter().any(|key| key.eq_ignore_ascii_case(columns)) {
                    let message = format!("the spec names a key ({columns}) that the source does not have");
                    let finding = Finding::about(FindingCode::UnknownKey, Severity::Blocks, name, message);
                    self.findings.push(finding.suggesting_nearest(columns, keys.iter().map(String::as_str)));
                }
            }
            for other in table_spec.after.iter().filter(|other| catalog.table(other).is_none()) {
                let message = format!("`after` names the table {other}, which the source does not have");
                let known = catalog.tables.iter().map(|table| table.name.as_str());
                let finding = Finding::about(FindingCode::UnknownTable, Severity::Blocks, name, message);
                self.findings.push(finding.suggesting_nearest(other, known));
            }
        }
    }

    /// Reports a section that is meant for one table and found for another, whose name differs in case alone.
    fn ambiguous_section(&mut self, spec: &Spec, catalog: &Catalog, name: &str) {
        let others = catalog.tables.iter().filter(|table| {
            table.name != name && table.name.eq_ignore_ascii_case(name) && !spec.tables.contains_key(&table.name)
        });
        if !catalog.tables.iter().any(|table| table.name == name) {
            return;
        }
        for other in others {
            let message = format!("the section of the table {name} would be that of {} too", other.name);
            let lines = format!("# a section of its own\n[tables.{}]", quote_toml_key(&other.name));
            let finding = Finding::about(FindingCode::AmbiguousTable, Severity::Blocks, &other.name, message);
            self.findings.push(finding.suggesting(lines));
        }
    }

    fn unknown_views(&mut self, spec: &Spec, catalog: &Catalog) {
        let views = || catalog.others.iter().filter(|other| other.kind == OtherObjectKind::View);
        for name in spec.views.keys().filter(|name| !views().any(|view| view.name.eq_ignore_ascii_case(name))) {
            let message = format!("the spec names the view {name}, which the source does not have");
            let finding = Finding::general(FindingCode::UnknownView, Severity::Blocks, message);
            self.findings.push(finding.suggesting_nearest(name, views().map(|view| view.name.as_str())));
        }
    }

    fn unknown_histories(&mut self, spec: &Spec, catalog: &Catalog) {
        let has_none = |name: &&String| catalog.table(name).is_some_and(|table| !table.storage.has_history);
        for name in spec.left_histories.iter().filter(has_none) {
            let message = "the spec names the history of its rows, and the source keeps none";
            let finding = Finding::about(FindingCode::UnknownHistory, Severity::Blocks, name, message);
            self.findings.push(finding.suggesting("remove `history`"));
        }
    }

    fn unknown_conflict_clauses(&mut self, spec: &Spec, catalog: &Catalog) {
        let has_none =
            |name: &&String| catalog.table(name).is_some_and(|table| table.storage.conflict_clauses.is_empty());
        for name in spec.left_conflict_clauses.iter().filter(has_none) {
            let message = "the spec names ON CONFLICT clauses of its constraints, and it has none";
            let finding = Finding::about(FindingCode::UnknownConflictClause, Severity::Blocks, name, message);
            self.findings.push(finding.suggesting("remove `conflict_clauses`"));
        }
    }

    fn unknown_triggers(&mut self, spec: &Spec, catalog: &Catalog) {
        let triggers = || catalog.others.iter().filter(|other| other.kind == OtherObjectKind::Trigger);
        let is_there = |name: &str| triggers().any(|trigger| trigger.name.eq_ignore_ascii_case(name));
        for name in spec.skipped_triggers.iter().filter(|name| !is_there(name)) {
            let message = format!("the spec names the trigger {name}, which the source does not have");
            let finding = Finding::general(FindingCode::UnknownTrigger, Severity::Blocks, message);
            self.findings.push(finding.suggesting_nearest(name, triggers().map(|trigger| trigger.name.as_str())));
        }
    }

    fn unknown_objects(&mut self, spec: &Spec, catalog: &Catalog) {
        let objects = || catalog.others.iter().filter(|other| other.kind.is_by_itself());
        let is_there = |name: &str| objects().any(|object| object.name.eq_ignore_ascii_case(name));
        for name in spec.skipped_objects.iter().filter(|name| !is_there(name)) {
            let message = format!("the spec names the object {name}, which the source does not have");
            let finding = Finding::general(FindingCode::UnknownObject, Severity::Blocks, message);
            self.findings.push(finding.suggesting_nearest(name, objects().map(|object| object.name.as_str())));
        }
    }

    /// Objects that are neither table nor index. Views are steps; triggers, procedures and their like are reported with
    /// the steps.
    pub(super) fn others(&mut self, inputs: Inputs<'_>) {
        let (mut decided, mut shadows) = (Vec::new(), Vec::new());
        for other in &inputs.catalog.others {
            if !inputs.spec.source.tables.selects(&other.name) {
                continue;
            }
            match other.kind {
                OtherObjectKind::View
                | OtherObjectKind::Trigger
                | OtherObjectKind::Procedure
                | OtherObjectKind::Function
                | OtherObjectKind::Event
                | OtherObjectKind::Sequence => {}
                OtherObjectKind::VirtualTable => {
                    if !self.virtual_table(inputs, other) {
                        decided.push(format!("{}_", other.name));
                    }
                }
                OtherObjectKind::ShadowTable => shadows.push(&other.name),
            }
        }
        // The shadow tables of a virtual table go with it; those of a migrated one are not reported.
        let known = inputs.catalog.others.iter().filter(|other| other.kind == OtherObjectKind::VirtualTable);
        let known = known.map(|other| format!("{}_", other.name)).filter(|prefix| !decided.contains(prefix));
        let known = known.collect::<Vec<_>>();
        for shadow in shadows {
            if known.iter().any(|prefix| shadow.starts_with(prefix.as_str())) {
                let reason = OmissionReason::known("it holds the inner data of a virtual table");
                self.omit(OmittedObject::ShadowTable, OmittedPlace::table(shadow), reason);
            }
        }
    }
}
