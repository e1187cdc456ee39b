//! Chunks that an earlier run has copied, read again and held against the ledger: a source that has changed since is a finding,
//! which a refresh answers.

use crate::plan::{Finding, FindingCode, Plan, Severity, TableMapping};
use crate::rows::judging::{Judging, Preparation};
use crate::rows::transfer::{ChunkRows, ChunkTally};
use crate::rows::treatment::Treatment;
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::OnBadValue;
use crate::survey::surveyor::Surveyor;
use crate::survey::target_state::Loaded;
use crate::target::ledger::ChunkRow;
use crate::value::Zone;

/// The finding that a refresh answers.
pub(super) const SOURCE_CHANGED: FindingCode = FindingCode::SourceChanged;

/// Takes the decision about changed rows into their findings: they are copied again.
pub(crate) fn copied_again(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.code == SOURCE_CHANGED) {
        finding.severity = Severity::Warns;
        finding.suggestion = Some("these rows are copied again".into());
    }
}

/// The chunks that an earlier run has copied, which are compared with it.
pub(super) fn to_compare<'a>(
    plan: &'a Plan,
    chunks: &'a Loaded,
) -> impl Iterator<Item = (&'a TableMapping, &'a ChunkRow)> {
    plan.tables.iter().zip(&plan.copies).flat_map(|(mapping, copied)| {
        let chunks = chunks.get(&mapping.source).into_iter().flatten();
        chunks.filter(|chunk| chunk.is_done()).map(move |chunk| (copied, chunk))
    })
}

/// Has PostgreSQL judge the values of a chunk that it reads itself, where some may have been left out.
pub(super) fn judge(
    reader: &Reader,
    plan: &Plan,
    mapping: &TableMapping,
    chunk: &ChunkRow,
    surveyor: &Surveyor<'_>,
) -> Result<(), ExecuteError> {
    let leaves_out = mapping.columns.iter().any(|column| column.is_judged() && column.treatment() != OnBadValue::Stop);
    if let Some(asker) = surveyor.asker.filter(|_| leaves_out) {
        let preparation = &Preparation::of(plan, mapping, &surveyor.spec.target.schemas);
        Judging { mapping, asker, preparation }.judge(reader, &chunk.range, surveyor.stop)?;
    }
    Ok(())
}

/// Reads a chunk that an earlier run has copied and compares its tally with the ledger's; a finding if they differ.
pub(super) fn compare(
    reader: &Reader,
    mapping: &TableMapping,
    chunk: &ChunkRow,
    zone: &Zone,
    stop: &Stop,
) -> Result<Result<ChunkTally, Box<Finding>>, ExecuteError> {
    let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let rows = ChunkRows { mapping, treatment: &treatment, range: &chunk.range };
    match rows.read(reader, stop, |_| Ok(Vec::new())) {
        Ok(tally) if tally.is_that_of(chunk) => return Ok(Ok(tally)),
        Ok(_) => {}
        // The bad value was written after the copy.
        Err(ExecuteError::Value { key, column, reason, .. }) => {
            let message = format!(
                "the source has changed since its rows were copied, and a value fits no more ({}): {key}: {reason}",
                chunk.range
            );
            let finding =
                Finding::about(FindingCode::ChangedValueDoesNotFit, Severity::Blocks, &mapping.source, message);
            let finding = if column.is_empty() { finding } else { finding.in_column(&column) };
            return Ok(Err(Box::new(finding.suggesting(
                "correct it in the source, or say in the spec what becomes of such values (`on_bad_value`, or the word for what would be \
                 forgotten) and refresh again; another type has to start over: `transship rollback` removes what was made",
            ))));
        }
        Err(error) => return Err(error),
    }
    // A `where` that came since leaves rows behind which were copied.
    let changed = if mapping.filter.is_some() { "the source, or `where`, has" } else { "the source has" };
    let message = format!("{changed} changed since its rows were copied ({})", chunk.range);
    let finding = Finding::about(SOURCE_CHANGED, Severity::Blocks, &mapping.source, message).suggesting(
        "run `transship verify` for the rows, `transship apply --refresh` to copy them again, or `transship rollback` to \
         remove what was made",
    );
    Ok(Err(Box::new(finding)))
}
