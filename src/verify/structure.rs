//! Comparison of the target's structure with the one that `apply` left: a column of another type, a missing key, a
//! sequence that would hand out keys which rows already have. Values alone do not show it.

use super::not_compared::Uncompared;
use crate::name::{Schemas, quote_identifier};
use crate::plan::{Plan, Step, StepKind, StepState, TableMapping};
use crate::run::ExecuteError;
use crate::target::fingerprint::Fingerprint;
use crate::target::structure::{OwnedSequence, owned_sequences};
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
    pub(super) not_compared: Vec<Uncompared>,
}

/// Description of a query of sequences, for errors.
const DOING: &str = "asking the sequences of the tables";

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
        for mapping in &plan.tables {
            if is_set(plan, mapping) && !strangers.contains(&mapping.target) {
                structure.sequences(session, schemas, mapping).await?;
            }
        }
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

    /// Adds the sequences of a table that are behind its rows.
    async fn sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        mapping: &TableMapping,
    ) -> Result<(), TargetError> {
        let (place, table) = (schemas.place(&mapping.target), schemas.qualified(&mapping.target));
        let columns = mapping.columns.iter().map(|column| column.target.as_str()).collect::<Vec<_>>();
        let owned = owned_sequences(session, place, &columns, DOING).await?;
        for OwnedSequence { column, sequence, increment, is_readable } in owned {
            if !is_readable {
                self.leave_out("sequence", sequence, "the role of `target.url` may not read it, or its column");
                continue;
            }
            let sql = format!(
                "SELECT last_value, is_called, (SELECT max({})::bigint FROM {table}) FROM {sequence}",
                quote_identifier(&column)
            );
            let row = session.query_one(&sql, &[], DOING).await?;
            let (last, is_called, largest): (i64, bool, Option<i64>) = (row.get(0), row.get(1), row.get(2));
            // An exhausted sequence hands out no key, and so none that a row has.
            let Some(next) = last.checked_add(if is_called { increment } else { 0 }) else { continue };
            // The source never hands out a key twice; only its own counter has the last one.
            let handed_out =
                mapping.last_key().filter(|_| mapping.columns.iter().any(|one| one.identity && one.target == column));
            if let Some(taken) = largest.max(handed_out).filter(|taken| next <= *taken) {
                let what = if largest.is_some_and(|largest| next <= largest) {
                    "has rows up to"
                } else {
                    "has had rows up to"
                };
                let reason = format!("it gives {next} next, and {table} {what} {column}={taken}");
                let object = format!("sequence {sequence}");
                self.changes.push(StructureChange { object, kind: "behind", reason: Some(reason) });
            }
        }
        Ok(())
    }

    pub(super) fn leave_out(&mut self, kind: &'static str, name: String, reason: &str) {
        self.not_compared.push(Uncompared { kind, name, reason: reason.to_owned() });
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

/// Whether a run has set the sequences of a table.
fn is_set(plan: &Plan, mapping: &TableMapping) -> bool {
    let is_done = |step: &&crate::plan::Step| step.kind() == StepKind::Sequence && step.state == StepState::Done;
    plan.steps.iter().filter(is_done).any(|step| step.source_table() == Some(mapping.source.as_str()))
}
