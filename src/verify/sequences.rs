//! Sequences that belong to no table: the next number in the target is none that the source has given already.

use super::structure::{Structure, StructureChange};
use crate::name::Schemas;
use crate::plan::{Plan, SequenceMapping, StepKind, StepState};
use crate::run::{ExecuteError, lend};
use crate::source::Reader;
use crate::target::Session;
use crate::target::structure::{NextNumber, next_number};
use std::collections::BTreeSet;

impl Structure {
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
