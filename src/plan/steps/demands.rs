//! Constraints of the application's tables that only PostgreSQL can check.

use super::StepMaker;
use crate::catalog::Detached;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::step::StepKind;

/// Most constraints that a message names one by one.
const NAMED: usize = 20;

impl StepMaker<'_> {
    /// Warns of constraints that may refuse rows whose copy is pending, and against which the rows were not checked.
    /// `detached` is not in force during the copy, and is checked when it is restored.
    pub(super) fn not_tried(&mut self, mapping: &TableMapping, detached: &Detached) {
        let Some(found) = self.fillable(mapping) else { return };
        if self.inputs.target.done.contains_key(&StepKind::Copy.id(&mapping.target)) {
            return;
        }
        let stays = |name: &String| !detached.foreign_keys.iter().any(|key| key.name == *name);
        let keys = found.foreign_keys.iter().filter(|key| stays(&key.name));
        let keys =
            keys.map(|key| format!("foreign key {} to {}.{}", key.name, key.referenced_schema, key.referenced_table));
        // Whether keys meet that PostgreSQL itself reads is known to it alone.
        let is_judged =
            |name: &String| mapping.columns.iter().any(|column| column.target == *name && column.is_judged());
        let unique = found.unique_keys.iter().filter(|key| key.columns.iter().any(is_judged));
        let unique = unique.map(|key| format!("unique index {}", key.name));
        let demands = found.demands.iter().cloned().chain(unique).chain(keys).collect::<Vec<_>>();
        if demands.is_empty() {
            return;
        }
        let more = demands.len().saturating_sub(NAMED);
        let named = demands.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!("{} may refuse rows, and no row was tried against: {named}{more}", found.name);
        let finding =
            Finding::about(FindingCode::TargetConstraintsNotChecked, Severity::Warns, &mapping.source, message);
        let finding = finding.suggesting(
            "migrate into a copy of the target's schema first: a row that one of them refuses stops the copy, and `on_bad_value` \
             does not reach it",
        );
        let words = "refuse rows, and no row was tried against it";
        let cause = Cause::new(["constraint of the target may", "constraints of the target may"], words);
        let finding = finding.because(Cause { detail: Some(format!(": {named}{more}")), ..cause });
        self.made.findings.push(Finding { count: u64::try_from(demands.len()).unwrap_or(u64::MAX), ..finding });
    }
}
