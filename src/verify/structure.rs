//! Comparison of the target's structure with the one that `apply` left: a column of another type, a missing key, a
//! sequence that would hand out keys which rows already have. Values alone do not show it.

use super::not_compared::Uncompared;
use super::outcome::SequenceResult;
use crate::name::Schemas;
use crate::plan::{Plan, Step, StepKind, StepState};
use crate::run::ExecuteError;
use crate::target::fingerprint::Fingerprint;
use crate::target::{Ledger, Session, TargetError};
use serde::Serialize;
use std::collections::BTreeSet;

/// Object that differs from the one that `apply` left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StructureChange {
    /// The object: `column app.users.name`, `constraint users_pkey on app.users`.
    pub object: String,
    /// missing, altered, behind or unfinished; renamed and added are reported, but no difference.
    pub kind: &'static str,
    /// Consequence, if it is not the same for every object.
    pub reason: Option<String>,
}

impl StructureChange {
    /// Whether the change is a difference: the object is missing, altered or behind.
    #[must_use]
    pub fn is_difference(&self) -> bool {
        !matches!(self.kind, RENAMED | ADDED)
    }
}

const RENAMED: &str = "renamed";
const ADDED: &str = "added";

/// Kinds of objects that others may add to a table and that affect later reads or writes of rows.
const DECIDING: [&str; 3] = ["trigger ", "rule ", "row security "];

/// Steps that an unfinished run is named with.
const NAMED: usize = 5;

/// Changes, and parts that were not compared.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub(super) changes: Vec<StructureChange>,
    pub(super) sequences: Vec<SequenceResult>,
    pub(super) not_compared: Vec<Uncompared>,
}

impl Structure {
    /// Compares the structure of the migration's tables and views, and reads their sequences: all in the session's
    /// snapshot except the sequences, which no snapshot covers.
    pub(super) async fn compare(
        session: &Session,
        ledger: &Ledger,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
    ) -> Result<Self, ExecuteError> {
        let mut structure = Self::default();
        let is_made = |kind: StepKind| matches!(kind, StepKind::Table | StepKind::View);
        match ledger.arrived(session).await? {
            Some(arrived) => {
                let standing = ledger.standing(session, schemas).await?;
                structure.changes.extend(changes(&arrived, &standing));
            }
            None if plan.steps.iter().any(|step| is_made(step.kind())) => {
                let reason = "no run of this version of transship has come to its end and written down what it left";
                structure.leave_out("structure", schemas.to_string(), reason);
            }
            None => {}
        }
        structure.tables_sequences(session, schemas, plan, strangers).await?;
        structure.changes.sort();
        Ok(structure)
    }

    /// Adds the last run, if it has left steps undone. Values alone do not show that a key or an index is missing where none
    /// has arrived before; the spec's checks are asked anyway.
    pub(super) async fn last_run(
        &mut self,
        session: &Session,
        ledger: &Ledger,
        plan: &Plan,
    ) -> Result<(), TargetError> {
        let is_undone = |step: &&Step| step.state == StepState::Pending && step.kind() != StepKind::Check;
        let undone = plan.steps.iter().filter(is_undone).map(|step| step.id.to_string()).collect::<Vec<_>>();
        let Some(run) = ledger.runs(session).await?.into_iter().next() else { return Ok(()) };
        if undone.is_empty() || !run.state.is_unfinished() {
            return Ok(());
        }
        let more = if undone.len() > NAMED { ", …" } else { "" };
        let named = undone.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let steps = if undone.len() == 1 {
            "1 of its steps is".to_owned()
        } else {
            format!("{} of its steps are", undone.len())
        };
        let reason = Some(format!("{steps} not done ({named}{more}); `transship apply` goes on with it"));
        self.changes.push(StructureChange { object: format!("run {}", run.id), kind: "unfinished", reason });
        Ok(())
    }

    pub(super) fn leave_out(&mut self, kind: &'static str, name: String, reason: &str) {
        // A sequence is held against the source's and against the rows.
        if !self.not_compared.iter().any(|one| one.kind == kind && one.name == name) {
            self.not_compared.push(Uncompared { kind, name, reason: reason.to_owned() });
        }
    }
}

/// Objects that differ from their recorded fingerprint.
fn changes(arrived: &Fingerprint, standing: &Fingerprint) -> Vec<StructureChange> {
    let mut difference = arrived.difference(standing);
    let renamed = arrived.renamed(&difference, standing);
    difference.missing.retain(|object| !renamed.iter().any(|(old, _)| old == object));
    difference.added.retain(|object| DECIDING.iter().any(|kind| object.starts_with(kind)));
    let change = |kind| move |object| StructureChange { object, kind, reason: None };
    let renamed = renamed.into_iter().map(|(object, new)| {
        let reason = Some(format!("it is now {new}, and the same"));
        StructureChange { object, kind: RENAMED, reason }
    });
    let lost = difference.missing.into_iter().map(change("missing"));
    let lost = lost.chain(difference.altered.into_iter().map(change("altered")));
    lost.chain(renamed).chain(difference.added.into_iter().map(change(ADDED))).collect()
}
