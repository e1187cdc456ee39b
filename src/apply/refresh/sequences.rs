//! Sequences of the source that have gone on since they were set.

use crate::name::Schemas;
use crate::plan::{Plan, SequenceMapping, StepId, StepKind, StepState};
use crate::run::{ExecuteError, lend};
use crate::source::Reader;
use crate::target::Session;
use crate::target::structure::{NextNumber, next_number};

/// The steps that have set sequences whose next number is now one that the source has given already.
pub(super) async fn behind(
    control: &Session,
    schemas: &Schemas,
    plan: &Plan,
    readers: &mut Vec<Reader>,
) -> Result<Vec<StepId>, ExecuteError> {
    let is_set = |sequence: &&SequenceMapping| {
        let id = StepKind::Sequence.id(&sequence.target);
        plan.steps.iter().any(|step| step.id == id && step.state == StepState::Done)
    };
    let mut steps = Vec::new();
    for sequence in plan.sequences.iter().filter(is_set) {
        let source = sequence.source.clone();
        let mut reader = readers.pop();
        let given = lend(&mut reader, move |reader| reader.next_number(&source)).await;
        readers.extend(reader);
        let name = sequence.qualified(schemas);
        let next = next_number(control, &name, "asking the sequences").await?;
        if let (Some(given), NextNumber::Known(next)) = (given?, next)
            && sequence.rule.is_behind(given.into(), next)
        {
            steps.push(StepKind::Sequence.id(&sequence.target));
        }
    }
    Ok(steps)
}
