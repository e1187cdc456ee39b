//! Sequences: the next number that a column gets is none that a row has, and none that the source has given already.

use super::outcome::{SequenceResult, SequenceState};
use super::structure::{Structure, StructureChange};
use crate::name::Schemas;
use crate::plan::{Plan, SequenceMapping, StepKind, StepState, TableMapping};
use crate::run::{ExecuteError, lend};
use crate::source::Reader;
use crate::target::structure::{DrawnSequence, NextNumber, SequencePosition, drawn_sequences, next_number};
use crate::target::{Session, TargetError};
use std::collections::BTreeSet;

/// Description of a query of sequences, for errors.
const DOING: &str = "asking the sequences of the tables";

impl Structure {
    /// Compares the sequences from which the columns of loaded tables draw with the rows: an identity, a serial, or one that
    /// a default names. No snapshot covers a sequence.
    pub(super) async fn tables_sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
    ) -> Result<(), TargetError> {
        for mapping in plan.tables.iter().filter(|mapping| !strangers.contains(&mapping.target)) {
            if !is_loaded(plan, mapping) {
                continue;
            }
            let columns = mapping.columns.iter().map(|column| column.target.as_str()).collect::<Vec<_>>();
            for drawn in drawn_sequences(session, schemas.place(&mapping.target), &columns, DOING).await? {
                self.compare_with_rows(session, schemas, mapping, drawn).await?;
            }
        }
        self.sequences.sort_by(|one, two| (&one.sequence, &one.table).cmp(&(&two.sequence, &two.table)));
        Ok(())
    }

    async fn compare_with_rows(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        mapping: &TableMapping,
        drawn: DrawnSequence,
    ) -> Result<(), TargetError> {
        let table = schemas.qualified(&mapping.target);
        let obstacle = if !drawn.is_readable {
            Some("the role of `target.url` may not read it, or its column".to_owned())
        } else if drawn.rule.cycles {
            Some("it begins anew behind its last number: which is behind which cannot be told".to_owned())
        } else if !drawn.is_number {
            Some(format!("{table} does not keep its numbers as numbers, in {}", drawn.column))
        } else {
            None
        };
        if let Some(obstacle) = obstacle {
            self.leave_out("sequence", drawn.sequence, &obstacle);
            return Ok(());
        }
        let SequencePosition { next, last_key } = drawn.position(session, &table, DOING).await?;
        let DrawnSequence { column, sequence, rule, .. } = drawn;
        let is_taken = |next: i64, key: i64| !rule.is_behind(next.into(), key.into());
        // The source never hands out a key twice; only its own counter has the last one.
        let is_identity = mapping.columns.iter().any(|one| one.identity && one.target == column);
        let handed_out = mapping.last_key().filter(|_| is_identity && rule.increment > 0);
        let state = match next {
            // It hands out no key, and so none that a row has.
            None => SequenceState::Exhausted,
            Some(next) => {
                let by_row = last_key.filter(|key| is_taken(next, *key));
                let taken = by_row.max(handed_out.filter(|key| is_taken(next, *key)));
                if let Some(taken) = taken {
                    let had = if by_row.is_some() { "has" } else { "has had" };
                    let direction = if rule.increment > 0 { "up" } else { "down" };
                    let reason =
                        format!("it gives {next} next, and {table} {had} rows {direction} to {column}={taken}");
                    let object = format!("sequence {sequence}");
                    self.changes.push(StructureChange { object, kind: "behind", reason: Some(reason) });
                }
                if taken.is_some() { SequenceState::Behind } else { SequenceState::Free }
            }
        };
        self.sequences.push(SequenceResult { sequence, table: mapping.source.clone(), column, next, last_key, state });
        Ok(())
    }

    /// Compares the sequences that a run has set with the source's present numbers. One that is gone is a difference of the
    /// structure already.
    pub(super) async fn compare_sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
        readers: &mut Vec<Reader>,
    ) -> Result<(), ExecuteError> {
        let is_set = |sequence: &&SequenceMapping| {
            let id = StepKind::Sequence.id(&sequence.target);
            let is_done = plan.steps.iter().any(|step| step.id == id && step.state == StepState::Done);
            is_done && !strangers.contains(&sequence.target)
        };
        for sequence in plan.sequences.iter().filter(is_set) {
            let name = sequence.qualified(schemas);
            if sequence.rule.cycles {
                self.leave_out(
                    "sequence",
                    name,
                    "it begins anew behind its last number: which is behind which cannot be told",
                );
                continue;
            }
            let (source, mut reader) = (sequence.source.clone(), readers.pop());
            let given = lend(&mut reader, move |reader| reader.next_number(&source)).await;
            readers.extend(reader);
            match (given?, next_number(session, &name, "asking the sequences").await?) {
                (Some(given), NextNumber::Known(next)) if sequence.rule.is_behind(given.into(), next) => {
                    let reason =
                        Some(format!("it gives {next} next, and the source has given all in front of {given}"));
                    self.changes.push(StructureChange { object: format!("sequence {name}"), kind: "behind", reason });
                }
                (_, NextNumber::Unreadable) => {
                    self.leave_out("sequence", name, "the role of `target.url` may not read it");
                }
                _ => {}
            }
        }
        self.changes.sort();
        Ok(())
    }
}

/// Whether the rows of a table are there.
fn is_loaded(plan: &Plan, mapping: &TableMapping) -> bool {
    let is_done = |step: &&crate::plan::Step| step.kind() == StepKind::Copy && step.state == StepState::Done;
    plan.steps.iter().filter(is_done).any(|step| step.source_table() == Some(mapping.source.as_str()))
}
