//! A step and its row in the ledger are one transaction: SQL that would end it is found before anything runs, wherever it
//! comes from.

use super::StepMaker;
use crate::dialect::postgresql::transaction_command;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::step::StepKind;

impl StepMaker<'_> {
    /// A finding for each step whose SQL would end its transaction. The spec's own steps were checked with the spec;
    /// this covers templates, and other SQL of the spec that goes into a statement.
    pub(super) fn transactions(&mut self) {
        let is_asked = |kind| !matches!(kind, StepKind::Copy | StepKind::Check);
        for step in self.made.steps.iter().filter(|step| step.in_transaction() && is_asked(step.kind())) {
            let Some((command, _)) = transaction_command(&step.sql) else { continue };
            let message =
                format!("the step {} has {command}, which would end the transaction that it runs in", step.id);
            let finding = Finding::general(FindingCode::TransactionInStep, Severity::Blocks, message);
            self.made.findings.push(finding.suggesting("take it out of the template or the SQL in the spec"));
        }
    }
}
