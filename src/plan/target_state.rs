//! What the target holds, as far as a plan needs to know.

use super::finding::{Finding, Severity};
use super::mapping::TableMapping;
use super::step::{Step, StepKind, StepState};
use crate::spec::Spec;
use std::collections::{BTreeMap, BTreeSet};

/// What was found in the target, or assumed of one that cannot be reached.
#[derive(Debug, Clone, Default)]
pub struct TargetState {
    /// The names of tables, views and other relations in the target schema.
    pub relations: BTreeSet<String>,
    /// The extensions that the server could create; `None` where that is unknown.
    pub available_extensions: Option<BTreeSet<String>>,
    /// The steps that the ledger calls done, with their fingerprints.
    pub done: BTreeMap<String, String>,
}

impl TargetState {
    /// Marks a step as done where the ledger has it with the same fingerprint. Checks are asked every time.
    pub(super) fn with_state(&self, mut step: Step) -> Step {
        if self.done.get(&step.id) == Some(&step.fingerprint()) {
            step.state = StepState::Done;
        }
        step
    }

    /// What in the target stands in the way.
    pub(super) fn findings(&self, spec: &Spec, tables: &[TableMapping]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for table in tables {
            let ours = self.done.contains_key(&StepKind::Table.id(&table.target));
            if !ours && self.relations.contains(&table.target) {
                let message = format!("the target already holds {}.{}", spec.target.schema, table.target);
                findings.push(
                    Finding::about("target_table_exists", Severity::Blocks, &table.source, message)
                        .suggesting("migrate into another schema (`target.schema`), or remove the table yourself"),
                );
            }
        }
        if let Some(available) = &self.available_extensions {
            for extension in spec.target.extensions.iter().filter(|extension| !available.contains(*extension)) {
                let message = format!("the target server does not have the extension {extension}");
                findings.push(
                    Finding::general("extension_unavailable", Severity::Blocks, message)
                        .suggesting("install it on the server (Debian: postgresql-contrib or its own package)"),
                );
            }
        }
        findings
    }
}
