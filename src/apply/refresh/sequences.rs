//! Sequences of the source that have advanced since they were set in the target.

use crate::name::Schemas;
use crate::plan::{Plan, SequenceMapping, Step, StepId, StepKind, StepState};
use crate::run::{ExecuteError, lend};
use crate::source::Reader;
use crate::target::Session;
use crate::target::draws::{ColumnDraw, Draw, read_draws};
use crate::target::structure::{NextNumber, read_next_number};

/// Description of a query of sequences, for errors.
const DOING: &str = "asking the sequences";

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
    let mut steps = tables_behind(control, schemas, plan).await?;
    for sequence in plan.sequences.iter().filter(is_set) {
        let source = sequence.source.clone();
        let mut reader = readers.pop();
        let given = lend(&mut reader, move |reader| reader.next_number(&source)).await;
        readers.extend(reader);
        let name = sequence.qualified(schemas);
        let next = read_next_number(control, &name, DOING).await?;
        if let (Some(given), NextNumber::Known(next)) = (given?, next)
            && sequence.rule.is_behind(given.into(), next)
        {
            steps.push(StepKind::Sequence.id(&sequence.target));
        }
    }
    Ok(steps)
}

/// The same of the tables whose source generates keys: its counter moves without rows too, where an INSERT is rolled back, fails or
/// is followed by a DELETE.
async fn tables_behind(control: &Session, schemas: &Schemas, plan: &Plan) -> Result<Vec<StepId>, ExecuteError> {
    let mut steps = Vec::new();
    for schema in schemas.iter() {
        for ColumnDraw { table, column, draw } in read_draws(control, schema.name(), None, DOING).await? {
            let target = schema.known(&table);
            let is_set = |step: &&Step| {
                let part = step.table.as_ref().and_then(|table| table.part.as_deref());
                let is_about = step.target_table() == Some(&target) && part.is_none_or(|part| part == column);
                step.kind() == StepKind::Sequence && step.state == StepState::Done && is_about
            };
            let mapping = plan.tables.iter().find(|mapping| mapping.target == target);
            let last_key = mapping.and_then(|mapping| mapping.last_key_of(&column));
            let (Some(step), Some(last_key), Draw::From(drawn)) = (plan.steps.iter().find(is_set), last_key, draw)
            else {
                continue;
            };
            if drawn.is_readable && drawn.is_number && !drawn.rule.cycles {
                let position = drawn.read_position(control, &schemas.qualified(&target), &column, DOING).await?;
                if position.next.is_some_and(|next| drawn.gives_again(next, last_key)) {
                    steps.push(step.id.clone());
                }
            }
        }
    }
    Ok(steps)
}
