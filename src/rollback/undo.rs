//! Undo of one step: its statements, of the run or of the present spec.

use crate::plan::StepKind;
use crate::spec::{Spec, StepSql};
use crate::target::ledger::UndoRow;
use serde::Serialize;

/// Undo of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undo {
    /// The step's id.
    pub step: String,
    /// Whether it is a step of the user's.
    #[serde(skip)]
    pub is_own: bool,
    /// The statements, in order; empty if the step left nothing of its own.
    pub statements: Vec<String>,
    /// Whether it is a step of the user's without an `undo`.
    pub unknown: bool,
    /// Whether it runs in a transaction; otherwise it runs before all of them, and stays done if they fail.
    pub transaction: bool,
}

/// Undo of a step; for a step of the user's the present spec has precedence over the one of the run. A template was rendered for the run.
pub(super) fn undo(spec: &Spec, row: &UndoRow) -> Undo {
    let own = row.name_of(StepKind::Step);
    let by_spec = own.and_then(|name| spec.steps.get(name));
    let said = by_spec.and_then(|step| match &step.undo {
        Some(StepSql::Statements(undo)) => Some(vec![undo.clone()]),
        Some(StepSql::Template { .. }) | None => None,
    });
    let statements = said.or_else(|| row.statements.clone());
    Undo {
        step: row.id.clone(),
        is_own: own.is_some(),
        unknown: own.is_some() && statements.is_none(),
        statements: statements.unwrap_or_default(),
        transaction: by_spec.is_none_or(|step| step.transaction),
    }
}
