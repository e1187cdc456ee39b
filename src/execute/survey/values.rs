//! Looking at the values: what is still to be copied is rehearsed, what an earlier run has copied is compared with it.

use super::Loaded;
use super::constraints::find_violations;
use super::duplicates::find_duplicates;
use super::limits::find_beyond_limits;
use super::look::{Look, Looker};
use crate::catalog::TableProfile;
use crate::execute::ExecuteError;
use crate::execute::left_out::LeftOut;
use crate::execute::refresh::SOURCE_CHANGED;
use crate::execute::rehearse::{Rehearsed, rehearse};
use crate::execute::stop::Stop;
use crate::execute::transfer::{ChunkTally, Rows};
use crate::execute::treatment::Treatment;
use crate::plan::{Finding, Plan, Severity, StepKind, StepState, TableMapping};
use crate::source::sqlite::Reader;
use crate::target::ledger::ChunkRow;
use crate::value::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What there is to look at in the values: chunks that an earlier run has copied are compared with it, tables that are
/// still to be copied are rehearsed.
pub(super) fn looks<'a>(plan: &'a Plan, chunks: &'a Loaded, depth: Look) -> Vec<Glance<'a>> {
    let mut looks = Vec::new();
    for mapping in &plan.tables {
        let copy = StepKind::Copy.id(&mapping.target);
        if depth.is_at_values() && plan.steps.iter().any(|step| step.id == copy && step.state == StepState::Pending) {
            looks.push(Glance::Rehearse(mapping));
        }
        let loaded = chunks.get(&mapping.source).into_iter().flatten().filter(|chunk| chunk.loaded.is_some());
        looks.extend(loaded.map(|chunk| Glance::Compare(mapping, chunk)));
    }
    looks
}

/// One look at the values of a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Glance<'a> {
    Rehearse(&'a TableMapping),
    Compare(&'a TableMapping, &'a ChunkRow),
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    /// What stands in the tables that were rehearsed.
    pub(super) profiles: Vec<TableProfile>,
    /// Rows of earlier runs that are as they were.
    pub(super) unchanged: u64,
    /// Chunks of earlier runs that are otherwise now, by source table.
    pub(super) changed: BTreeMap<String, BTreeSet<i32>>,
    /// What the spec left out in those runs.
    pub(super) left_out: LeftOut,
}

/// Looks at the values with one thread for each reader, the largest tables first; the readers come back.
pub(super) fn look_at_values(
    readers: Vec<Reader>,
    mut looks: Vec<Glance<'_>>,
    look: &Looker<'_>,
) -> Result<(Vec<Reader>, Seen), ExecuteError> {
    looks.sort_by_key(|(Glance::Rehearse(mapping) | Glance::Compare(mapping, _))| mapping.size.bytes);
    let queue = Mutex::new(looks);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = |reader: Reader| {
        let mut seen = Seen::default();
        while let Some(glance) = next() {
            match glance {
                Glance::Rehearse(mapping) => {
                    let Rehearsed { findings, profile } = look_at_table(look, &reader, mapping)?;
                    seen.findings.extend(findings);
                    seen.profiles.extend(profile);
                }
                Glance::Compare(mapping, chunk) => match compare(&reader, mapping, chunk, look.zone, look.stop)? {
                    Ok(tally) => {
                        seen.unchanged += tally.loaded.rows;
                        seen.left_out.add(&mapping.source, tally.rejected.rows, &tally.nulled);
                    }
                    Err(finding) => {
                        if finding.code == SOURCE_CHANGED {
                            seen.changed.entry(mapping.source.clone()).or_default().insert(chunk.ordinal);
                        }
                        seen.findings.push(*finding);
                    }
                },
            }
        }
        Ok::<_, ExecuteError>((reader, seen))
    };
    std::thread::scope(|scope| {
        let threads = readers.into_iter().map(|reader| scope.spawn(|| work(reader))).collect::<Vec<_>>();
        let (mut readers, mut all) = (Vec::new(), Seen::default());
        for thread in threads {
            let joined = thread.join().map_err(|_| ExecuteError::Task("looking at the values".to_owned()))?;
            let (reader, seen) = joined?;
            readers.push(reader);
            all.findings.extend(seen.findings);
            all.profiles.extend(seen.profiles);
            all.unchanged += seen.unchanged;
            for (table, chunks) in seen.changed {
                all.changed.entry(table).or_default().extend(chunks);
            }
            all.left_out.extend(&seen.left_out);
        }
        all.profiles.sort_by(|one, two| one.table.cmp(&two.table));
        Ok((readers, all))
    })
}

/// Rehearses a table and, with what stands in it, looks further where there is reason to.
fn look_at_table(look: &Looker<'_>, reader: &Reader, mapping: &TableMapping) -> Result<Rehearsed, ExecuteError> {
    let shows_values = look.depth == Look::ShowingValues;
    let mut rehearsed = rehearse(reader, mapping, look.zone, shows_values, look.stop, look.events)?;
    if let (Some(profile), Some(table)) = (&rehearsed.profile, look.catalog.table(&mapping.source)) {
        rehearsed.findings.extend(find_duplicates(look, reader, mapping, table, profile)?);
        rehearsed.findings.extend(find_beyond_limits(look, reader, mapping, table, profile)?);
        rehearsed.findings.extend(find_violations(look, reader, mapping, table, profile)?);
    }
    Ok(rehearsed)
}

/// Reads a chunk that an earlier run has copied, and holds what it comes to against the ledger: that, or a finding.
fn compare(
    reader: &Reader,
    mapping: &TableMapping,
    chunk: &ChunkRow,
    zone: &Zone,
    stop: &Stop,
) -> Result<Result<ChunkTally, Box<Finding>>, ExecuteError> {
    let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let rows = Rows { mapping, treatment: &treatment, range: &chunk.range };
    let tally = match rows.read(reader, stop, |_| Ok(Vec::new())) {
        Ok(tally) => Some(tally),
        // A value that fits no more has come since.
        Err(ExecuteError::Value { .. }) => None,
        Err(error) => return Err(error),
    };
    let fits = tally.is_some();
    if let Some(tally) = tally.filter(|tally| tally.is_that_of(chunk)) {
        return Ok(Ok(tally));
    }
    if !fits {
        let message =
            format!("the source has changed since its rows were copied, and a value fits no more ({})", chunk.range);
        let finding = Finding::about("changed_value_does_not_fit", Severity::Blocks, &mapping.source, message).suggesting(
            "correct it in the source; to decide it in the spec, start over: `transship rollback` removes what was made",
        );
        return Ok(Err(Box::new(finding)));
    }
    let message = format!("the source has changed since its rows were copied ({})", chunk.range);
    let finding = Finding::about(SOURCE_CHANGED, Severity::Blocks, &mapping.source, message).suggesting(
        "`transship verify` names the rows; `transship apply --refresh` copies them again; `transship rollback` removes \
         what was made",
    );
    Ok(Err(Box::new(finding)))
}
