//! Rights that the role of `target.url` needs on the application's tables, checked before anything is detached: a
//! foreign key that the role can drop but not restore would be lost.

use super::existing::TakenOff;
use super::{StepMaker, part_name};
use crate::catalog::{MissingRight, Right, TargetTable, remedy};
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::step::StepKind;
use crate::spec::ExistingRows;
use std::collections::BTreeSet;

/// Most names of tables in a message.
const NAMED: usize = 5;

impl StepMaker<'_> {
    /// A finding for each kind of right that the role lacks for a table's pending steps.
    pub(super) fn rights(&mut self, mapping: &TableMapping, taken_off: &TakenOff) {
        let Some(found) = self.fillable(mapping) else { return };
        let name = &mapping.target;
        let is_done = |kind: StepKind| self.inputs.target.done.contains_key(&kind.id(name));
        let (schema, qualified) = (self.schemas().schema_of(name), self.schemas().shown(name));
        let mut findings = Vec::new();
        let mut add = |code, message: AboutTable<'_>, lacking: Vec<&MissingRight>| {
            findings.extend(lacking_right(code, &mapping.source, &qualified, message, &lacking));
        };
        let is_copied = is_done(StepKind::Copy);
        let is_restored = taken_off.what.is_empty() || is_done(StepKind::Restore);
        if !is_copied || !is_restored {
            let message = |_: &str| format!("the role of `target.url` may not name anything in the schema {schema}");
            add(FindingCode::TargetNotPermitted, &message, found.lacks(&[Right::Usage]).collect());
        }
        if !is_restored {
            self.rights_to_restore(found, taken_off, &mut add);
        }
        if !is_copied {
            let is_copied_into = |lacking: &&MissingRight| {
                mapping.columns.iter().any(|column| Some(&column.target) == lacking.object.as_ref())
            };
            let message = |table: &str| format!("the role of `target.url` may not write into {table}");
            add(
                FindingCode::TargetNotPermitted,
                &message,
                found.lacks(&[Right::Insert]).filter(is_copied_into).collect(),
            );
            let is_emptied = self.inputs.spec.existing_rows(&mapping.source) == ExistingRows::Truncate
                && !is_done(StepKind::Truncate)
                && found.rows != Some(0);
            let message = |table: &str| format!("the role of `target.url` may not empty {table}");
            let lacking = found.lacks(&[Right::Truncate]).filter(|_| is_emptied).collect();
            add(FindingCode::TargetNotPermitted, &message, lacking);
        }
        let sequences = mapping.columns.iter().filter(|column| column.column_type.is_number()).filter_map(|column| {
            let is_set = self.inputs.target.done.contains_key(&StepKind::Sequence.id(&part_name(name, &column.target)));
            found.column(&column.target)?.sequence.as_ref().filter(|_| !is_set)
        });
        let sequences = sequences.collect::<BTreeSet<_>>();
        let is_needed =
            |lacking: &&MissingRight| lacking.object.as_ref().is_some_and(|object| sequences.contains(object));
        let message = |table: &str| format!("the role of `target.url` may not set the sequences of {table}");
        add(FindingCode::TargetNotPermitted, &message, found.lacks(&[Right::Sequence]).filter(is_needed).collect());
        // The rights to restore objects that are detached are checked above.
        let mut rights = vec![Right::Usage, Right::Select, Right::Delete];
        rights.extend((is_restored && !taken_off.what.is_empty()).then_some(Right::Owner));
        let message = |table: &str| {
            format!(
                "the role of `target.url` may not remove the rows that it loads into {table}, as `rollback` and \
                 `apply --refresh` do"
            )
        };
        let lacking = found.lacks(&rights).collect::<Vec<_>>();
        let finding =
            lacking_right(FindingCode::TargetRollbackNotPermitted, &mapping.source, &qualified, &message, &lacking);
        findings.extend(finding.map(|finding| Finding { severity: Severity::Notes, ..finding }));
        self.made.findings.extend(findings);
    }

    /// The rights to detach keys and triggers and to restore them.
    fn rights_to_restore(
        &self,
        found: &TargetTable,
        taken_off: &TakenOff,
        add: &mut impl FnMut(FindingCode, AboutTable<'_>, Vec<&MissingRight>),
    ) {
        let of = |lacking: &&MissingRight| {
            let object = lacking.object.as_deref();
            taken_off.what.foreign_keys.iter().any(|key| Some(key.name.as_str()) == object)
        };
        let keys = |right: Right| found.lacking.iter().filter(move |lacking| lacking.right == right).filter(of);
        let names = |keys: &[&MissingRight]| {
            let names = keys.iter().filter_map(|lacking| lacking.object.as_deref()).collect::<Vec<_>>().join(", ");
            format!("foreign key{} {names}", if keys.len() == 1 { "" } else { "s" })
        };
        let message = |table: &str| {
            format!(
                "only the owner of {table} may detach its foreign keys and triggers for the load and restore them ({})",
                taken_off.what.words().join(", ")
            )
        };
        add(FindingCode::TargetNotRestorable, &message, found.lacks(&[Right::Owner]).collect());
        let lacking = keys(Right::References).collect::<Vec<_>>();
        let named = names(&lacking);
        let message =
            |table: &str| format!("the role of `target.url` could detach the {named} of {table}, but not restore them");
        add(FindingCode::TargetNotRestorable, &message, lacking);
        let lacking = keys(Right::Superuser).collect::<Vec<_>>();
        let named = names(&lacking);
        let message = |table: &str| {
            format!(
                "triggers of the {named} of {table} are disabled or fire in another mode than usual: only a superuser can \
                 restore them so"
            )
        };
        add(FindingCode::TargetNotRestorable, &message, lacking);
        let lacking = keys(Right::Index).collect::<Vec<_>>();
        let named = names(&lacking);
        let message =
            |table: &str| format!("the {named} of {table} could be restored only over another unique index than now");
        add(FindingCode::TargetNotRestorable, &message, lacking);
    }

    /// A finding about the tables whose statistics the role may not collect: PostgreSQL would only warn.
    pub(super) fn statistics(&mut self) {
        let is_pending =
            |mapping: &&TableMapping| !self.inputs.target.done.contains_key(&StepKind::Analyze.id(&mapping.target));
        let (mut tables, mut grants) = (Vec::new(), BTreeSet::new());
        for found in self.tables.iter().filter(is_pending).filter_map(|mapping| self.fillable(mapping)) {
            if found.lacks(&[Right::Maintain]).next().is_some() {
                tables.push(found.name.as_str());
                grants.extend(found.lacks(&[Right::Maintain]).filter_map(|lacking| lacking.grant.as_deref()));
            }
        }
        if tables.is_empty() {
            return;
        }
        let (count, noun) = (tables.len(), if tables.len() == 1 { "table" } else { "tables" });
        let more = if count > NAMED { ", …" } else { "" };
        tables.truncate(NAMED);
        let message = format!(
            "the role of `target.url` may not ANALYZE {count} {noun} ({}{more}): the planner has no statistics of \
             their rows until autovacuum analyzes them",
            tables.join(", ")
        );
        let finding = Finding::general(FindingCode::TargetNotAnalyzed, Severity::Notes, message);
        let or = if grants.is_empty() { String::new() } else { format!("{}, or ", remedy(grants)) };
        let advice = format!("{or}ANALYZE them yourself after the load");
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.made.findings.push(Finding { count, ..finding.suggesting(advice) });
    }

    /// Findings about keys that were detached and cannot be restored, because the application has dropped their
    /// columns or tables since.
    pub(super) fn gone(&mut self, mapping: &TableMapping, taken_off: &TakenOff) {
        let state = self.inputs.target;
        let is_done = |kind: StepKind| state.done.contains_key(&kind.id(&mapping.target));
        let Some(found) = self.fillable(mapping).filter(|_| is_done(StepKind::Detach) && !is_done(StepKind::Restore))
        else {
            return;
        };
        let gone = taken_off.what.gone(found);
        if !gone.is_empty() {
            let message = format!(
                "detached from {} for the load, and dropped by others since: {}",
                self.schemas().shown(&found.name),
                gone.join(", ")
            );
            self.made.findings.push(
                Finding::about(FindingCode::TargetDetachedGone, Severity::Warns, &mapping.source, message)
                    .suggesting("create it again yourself if the application needs it: the load does not restore it"),
            );
        }
    }
}

/// Message about a table, which is given its name, or words for any.
pub(super) type AboutTable<'a> = &'a dyn Fn(&str) -> String;

/// A blocking finding with the GRANT statements, if the role lacks a right. `name` is the table's in the target.
pub(super) fn lacking_right(
    code: FindingCode,
    table: &str,
    name: &str,
    message: AboutTable<'_>,
    lacking: &[&MissingRight],
) -> Option<Finding> {
    let first = lacking.first()?;
    let grants = lacking.iter().filter_map(|lacking| lacking.grant.as_deref()).collect::<BTreeSet<_>>();
    let suggestion = if !grants.is_empty() {
        remedy(grants)
    } else if first.right == Right::Index {
        "drop the other unique index over the same columns, or the key, and create it again after the load".to_owned()
    } else {
        "use a superuser for the load, or let a superuser enable them (`ALTER TABLE … ENABLE TRIGGER ALL` on both tables)"
            .to_owned()
    };
    let words = format!("are missing: {}", message("the table"));
    let finding = Finding::about(code, Severity::Blocks, table, message(name)).suggesting(suggestion);
    Some(finding.because(Cause::new(["right", "rights"], words)))
}
