//! The state of the target, as far as a plan needs to know it.

use super::finding::{Finding, FindingCode, Severity};
use super::mapping::TableMapping;
use super::mapping::as_made::Standing;
use super::step::{Step, StepId, StepKind, StepState};
use super::value_facts::MadeBy;
use crate::catalog::{AppliedMigrations, ColumnType, Detached, TargetTable};
use crate::name::UnknownStepId;
use crate::spec::{Spec, TablesMode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// The suggestion for a type that has a table's name.
const TYPE: &str = "a table is a type too; give the table another name (`rename`), or migrate into another schema";

/// Kind of the steps by which an earlier version of transship dropped tables: the tables are gone whatever the spec
/// says now.
const DROPPED: &str = "drop";

/// The state of the target, or the one assumed of a target that cannot be reached.
#[derive(Debug, Clone, Default)]
pub struct TargetState {
    /// The names of tables, views and other relations in the target schema.
    pub relations: BTreeSet<String>,
    /// The sequences among them that belong to a column, with its table.
    pub sequences: BTreeMap<String, String>,
    /// The names of types in the target schema that are no relation's.
    pub types: BTreeSet<String>,
    /// The extensions that the server could create; `None` if that is unknown.
    pub available_extensions: Option<BTreeSet<String>>,
    /// The steps that are done according to the ledger, with their fingerprints.
    pub done: BTreeMap<StepId, String>,
    /// The steps that are done according to the ledger, of kinds that only another version of transship has.
    pub unknown: Vec<UnknownStepId>,
    /// The relations of the schema with their columns, keys and triggers, by name, if the spec's `tables` is about
    /// them; `None` if the target was not read.
    pub tables: Option<BTreeMap<String, TargetTable>>,
    /// The facts about values by which earlier runs have done their steps.
    pub made_by: MadeBy,
    /// The types of the columns of tables that an earlier run has made, by table and column, but for their modifiers.
    pub made_types: BTreeMap<String, BTreeMap<String, ColumnType>>,
    /// Foreign keys and triggers that an earlier run has detached from the application's tables, by table.
    pub detached: BTreeMap<String, Detached>,
    /// The source tables of which rows are copied.
    pub loaded: BTreeSet<String>,
    /// Whether the latest run was left unfinished, so that the next one continues it.
    pub is_unfinished: bool,
    /// The objects of the schema with the digests of their definitions, if the application has created its tables.
    pub structure: BTreeMap<String, String>,
    /// The applied migrations of each record of a migration tool among the application's tables, by its table; `None` for
    /// one that may not be read.
    pub versions: BTreeMap<String, Option<AppliedMigrations>>,
    /// The encoding of the database, by PostgreSQL's name; `None` if the target was not read.
    pub encoding: Option<String>,
    /// Contradictions between ledger and target: the source table, and the contradiction in words.
    pub contradictions: Vec<(String, String)>,
}

impl TargetState {
    /// Marks a step as done if the ledger has it with the same fingerprint. Checks run every time.
    pub(super) fn with_state(&self, mut step: Step) -> Step {
        if !step.is_again() && self.done.get(&step.id).is_some_and(|done| step.is_as_done(done)) {
            step.state = StepState::Done;
        }
        step
    }

    /// The findings about objects that stand as the plan has them: about another that an earlier run has made, the
    /// [drift](Self::drift) is.
    pub(super) fn still_standing(&self, steps: &[Step], found: impl Iterator<Item = Standing>) -> Vec<Finding> {
        let is_as_done = |id: &StepId| {
            let step = steps.iter().find(|step| step.id == *id);
            step.zip(self.done.get(id)).is_some_and(|(step, done)| step.is_as_done(done))
        };
        found.filter(|(id, _)| is_as_done(id)).map(|(_, finding)| finding).collect()
    }

    /// Steps of an earlier run that have changed in the plan or are gone from it. Not checks, which change nothing, and
    /// not the user's own steps, which may leave the spec when they are done.
    fn drift(&self, mode: TablesMode, steps: &[Step]) -> Vec<Finding> {
        let suggestion = if mode == TablesMode::Existing {
            "the spec, the source's structure, values that decide it, a template or the application's tables have \
             changed since; revert the change"
        } else {
            "the spec, the source's structure, values that decide it (a finding about the object says so) or a template has \
             changed since; revert the change, or start over: `transship rollback` removes what was made"
        };
        let no_longer = |id: &dyn Display| format!("an earlier run has done {id}, which the plan no longer has");
        let changed = |(id, fingerprint): (&StepId, &String)| {
            if id.kind == StepKind::Check {
                return None;
            }
            let message = match steps.iter().find(|step| step.id == *id) {
                Some(step) if step.is_again() || step.is_as_done(fingerprint) => return None,
                Some(_) => format!("an earlier run has done {id}, but in another way than the plan now has it"),
                // A table that was set aside or emptied stays so whatever the spec says now.
                None if matches!(id.kind, StepKind::Step | StepKind::SetAside | StepKind::Truncate) => return None,
                None => no_longer(id),
            };
            Some(message)
        };
        let unknown = self.unknown.iter().filter(|step| step.kind != DROPPED).map(|step| no_longer(&step.id));
        let messages = self.done.iter().filter_map(changed).chain(unknown);
        let finding = |message: String| {
            Finding::general(FindingCode::ChangedSinceRun, Severity::Blocks, message).suggesting(suggestion)
        };
        messages.map(finding).collect()
    }

    /// The object that is in the way of a new table of this name, in words, and a suggestion.
    fn in_the_way(&self, spec: &Spec, name: &str) -> Option<(String, String)> {
        let shown = |name: &str| spec.target.schemas.shown(name);
        let owner = self.sequences.get(name).filter(|owner| self.done.contains_key(&StepKind::Table.id(owner)));
        if let Some(owner) = owner {
            let message = format!("{} is the sequence of {}, which an earlier run has made", shown(name), shown(owner));
            let suggestion =
                "give the table another name (`rename`), or start over: `transship rollback` removes what was made";
            return Some((message, suggestion.to_owned()));
        }
        if self.relations.contains(name) {
            let suggestion =
                format!("migrate into another schema (`{}`), or remove the table yourself", spec.target.schema_key());
            return Some((format!("the target already holds {}", shown(name)), suggestion));
        }
        self.types.contains(name).then(|| (format!("the target holds a type {}", shown(name)), TYPE.to_owned()))
    }

    /// The findings about the target.
    pub(super) fn findings(&self, spec: &Spec, tables: &[TableMapping], steps: &[Step]) -> Vec<Finding> {
        let mut findings = self.drift(spec.target.tables, steps);
        findings.extend(self.contradictions.iter().map(|(table, message)| {
            let finding = Finding::about(FindingCode::LedgerContradictsTarget, Severity::Blocks, table, message.as_str());
            finding.suggesting(
                "bring the table and the schema transship back to what they were together (a backup of the whole database), \
                 or start over: `transship rollback` removes what was made",
            )
        }));
        let mode = spec.target.tables;
        if mode == TablesMode::Existing && self.tables.is_none() {
            let message = "the tables of `tables = \"existing\"` are in a target that was not read";
            findings.push(
                Finding::general(FindingCode::TargetNotLookedAt, Severity::Blocks, message)
                    .suggesting("plan against the target in which the application has made its tables"),
            );
        }
        for table in tables.iter().filter(|_| mode != TablesMode::Existing) {
            let ours = self.done.contains_key(&StepKind::Table.id(&table.target));
            if ours && !self.relations.contains(&table.target) {
                let message =
                    format!("an earlier run made {}, and it is gone", spec.target.schemas.shown(&table.target));
                findings.push(
                    Finding::about(FindingCode::TargetTableGone, Severity::Blocks, &table.source, message)
                        .suggesting("restore it, or start over: `transship rollback` removes what was made"),
                );
            }
            let in_the_way =
                if mode == TablesMode::Create && !ours { self.in_the_way(spec, &table.target) } else { None };
            findings.extend(in_the_way.map(|(message, suggestion)| {
                Finding::about(FindingCode::TargetTableExists, Severity::Blocks, &table.source, message)
                    .suggesting(suggestion)
            }));
            if mode == TablesMode::Replace && !ours && self.types.contains(&table.target) {
                let message = format!("the target holds a type {}", spec.target.schemas.shown(&table.target));
                findings.push(
                    Finding::about(FindingCode::TargetTableExists, Severity::Blocks, &table.source, message)
                        .suggesting(TYPE),
                );
            }
        }
        for step in steps.iter().filter(|step| step.kind() == StepKind::View && !self.done.contains_key(&step.id)) {
            let name = &step.id.name;
            if self.relations.contains(name) || self.types.contains(name) {
                let message = format!("the target already holds {}", spec.target.schemas.shown(name));
                findings.push(Finding::general(FindingCode::TargetViewExists, Severity::Blocks, message).suggesting(
                    "give the view another name (`[views.NAME] rename`), or remove what is there yourself",
                ));
            }
        }
        if let Some(available) = &self.available_extensions {
            for extension in spec.target.extensions.iter().filter(|extension| !available.contains(*extension)) {
                let message = format!("the target server does not have the extension {extension}");
                findings.push(
                    Finding::general(FindingCode::ExtensionUnavailable, Severity::Blocks, message)
                        .suggesting(format!("install it on the server ({})", debian_package(extension))),
                );
            }
        }
        findings
    }
}

/// Name of the package that has an extension, where its name is not the extension's.
fn debian_package(extension: &str) -> &'static str {
    match extension {
        "vector" => "Debian: postgresql-NN-pgvector, NN the server's major version",
        "postgis" => "Debian: postgresql-NN-postgis-3, NN the server's major version",
        _ => "Debian: postgresql-contrib or its own package",
    }
}
