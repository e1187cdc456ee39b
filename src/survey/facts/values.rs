//! Reading the values: of rows that are still to be copied whether they fit, of rows that an earlier run has copied whether
//! they are as they were.

use crate::catalog::{KeyRange, TableProfile};
use crate::plan::{Finding, Plan, TableMapping};
use crate::rows::judging::Preparation;
use crate::rows::transfer::ChunkTally;
use crate::rows::{LeftOut, OfTable};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::facts::copied_chunks::{SOURCE_CHANGED, compare, judge, to_compare};
use crate::survey::facts::row_question::questions;
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::{Depth, Surveyor};
use crate::survey::target_state::Loaded;
use crate::survey::values::doubts::TypeDoubts;
use crate::survey::values::forgotten_class::find_forgotten_class_unprofiled;
use crate::survey::values::misfits::{MisfitSearch, RowsRead, TableMisfits};
use crate::target::ledger::ChunkRow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The tables in whose values misfits are searched for, where values are looked at.
fn to_search(plan: &Plan, depth: Depth) -> impl Iterator<Item = &TableMapping> {
    plan.to_be_copied().filter(move |_| depth.is_at_values())
}

/// Outcome of reading the values.
#[derive(Debug, Default)]
pub(crate) struct ValuesRead {
    pub(crate) findings: Vec<Finding>,
    /// Contents of the tables that are still to be copied.
    pub(crate) profiles: Vec<TableProfile>,
    /// The columns of these tables whose values all fit, by the names of the source's tables and the target's columns.
    pub(crate) fitting: BTreeMap<String, BTreeSet<String>>,
    /// Rows of earlier runs that are unchanged in the source.
    pub(crate) unchanged: u64,
    /// Chunks of earlier runs that have changed in the source since, by source table.
    pub(crate) changed: BTreeMap<String, BTreeSet<i32>>,
    /// Rows and values that the spec left out in those runs.
    pub(crate) left_out: LeftOut,
}

/// One pass over rows of a table.
enum Pass<'a> {
    /// The rows of a range, for the search at this position.
    Search(usize, KeyRange),
    Compare(&'a TableMapping, &'a ChunkRow),
}

/// Outcome of a pass.
enum Passed<'a> {
    Searched(usize, RowsRead),
    Compared(&'a TableMapping, &'a ChunkRow, Result<ChunkTally, Box<Finding>>),
}

/// Looks at the values with all readers: first every row is read once, then every table is asked what its values give
/// reason to ask.
pub(crate) fn read_values(
    readers: &mut [Reader],
    plan: &Plan,
    chunks: &Loaded,
    surveyor: &Surveyor<'_>,
) -> Result<ValuesRead, ExecuteError> {
    let (mut read, mut searches) = (ValuesRead::default(), Vec::new());
    let shows_values = surveyor.depth == Depth::ShowingValues;
    for mapping in to_search(plan, surveyor.depth) {
        let may_promise = surveyor.depth == Depth::AtValues;
        let table = surveyor.catalog.table(&mapping.source).filter(|_| may_promise);
        let doubts = table.and_then(|table| TypeDoubts::of(mapping, table));
        match MisfitSearch::of(mapping, surveyor.zone, doubts, shows_values) {
            Ok(search) => {
                let preparation = Preparation::of(plan, mapping, &surveyor.spec.target.schemas);
                searches.push(search.asking(surveyor.asker, preparation));
            }
            Err(finding) => read.findings.extend(finding.map(|finding| *finding)),
        }
    }
    let mut passes = Vec::new();
    for (at, search) in searches.iter().enumerate() {
        passes.extend(search.mapping.parts().into_iter().map(|range| Pass::Search(at, range)));
    }
    passes.extend(to_compare(plan, chunks).map(|(mapping, chunk)| Pass::Compare(mapping, chunk)));
    // The largest pass first, so that no reader still works on it when the others are done.
    passes.sort_by_key(|pass| match pass {
        Pass::Search(at, _) => Reverse(searches[*at].mapping.size.bytes),
        Pass::Compare(mapping, _) => Reverse(mapping.size.bytes),
    });
    let passed = side_by_side(readers, passes, |reader, pass| match pass {
        Pass::Search(at, range) => {
            Ok(Passed::Searched(at, searches[at].read(reader, &range, surveyor.stop, surveyor.events)?))
        }
        Pass::Compare(mapping, chunk) => {
            judge(reader, plan, mapping, chunk, surveyor)?;
            Ok(Passed::Compared(mapping, chunk, compare(reader, mapping, chunk, surveyor.zone, surveyor.stop)?))
        }
    })?;
    let mut parts = searches.iter().map(|_| None).collect::<Vec<Option<RowsRead>>>();
    for passed in passed {
        match passed {
            Passed::Searched(at, part) => match &mut parts[at] {
                Some(first) => first.append(part),
                first => *first = Some(part),
            },
            Passed::Compared(mapping, chunk, outcome) => read.compared(mapping, chunk, outcome),
        }
    }
    let parts = searches.iter().zip(parts).filter_map(|(search, part)| Some((search, part?))).collect();
    let concluded = side_by_side(readers, parts, |reader, (search, part)| conclude(surveyor, reader, search, part))?;
    for TableMisfits { findings, profile, fitting, .. } in concluded {
        if let Some(profile) = &profile {
            read.fitting.insert(profile.table.clone(), fitting);
        }
        read.findings.extend(findings);
        read.profiles.extend(profile);
    }
    let unprofiled = read.written_unprofiled(plan);
    let merging = side_by_side(readers, unprofiled, |reader, mapping| {
        find_forgotten_class_unprofiled(surveyor, reader, mapping)
    })?;
    read.findings.extend(merging.into_iter().flatten());
    read.profiles.sort_by(|one, two| one.table.cmp(&two.table));
    Ok(read)
}

impl ValuesRead {
    /// The tables of which rows are about to be written without a profile: by a run that does not want one, or again, for their
    /// rows have changed.
    fn written_unprofiled<'a>(&self, plan: &'a Plan) -> Vec<&'a TableMapping> {
        let has_changed = |mapping: &&TableMapping| self.changed.contains_key(&mapping.source);
        let is_profiled = |table: &String| self.profiles.iter().any(|profile| profile.table == *table);
        let tables = plan.to_be_copied().chain(plan.copies.iter().filter(has_changed));
        let tables = tables.map(|mapping| (&mapping.source, mapping)).collect::<BTreeMap<_, _>>();
        tables.into_iter().filter(|(table, _)| !is_profiled(table)).map(|(_, mapping)| mapping).collect()
    }

    fn compared(&mut self, mapping: &TableMapping, chunk: &ChunkRow, outcome: Result<ChunkTally, Box<Finding>>) {
        match outcome {
            Ok(tally) => {
                self.unchanged += tally.loaded.rows;
                self.left_out.add(&mapping.source, &OfTable { merged: chunk.merged, ..tally.left() });
            }
            Err(finding) => {
                if finding.code == SOURCE_CHANGED {
                    self.changed.entry(mapping.source.clone()).or_default().insert(chunk.ordinal);
                }
                self.findings.push(*finding);
            }
        }
    }
}

/// Makes the findings about a table's rows, and asks further questions if its profile gives reason to.
fn conclude(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    search: &MisfitSearch<'_>,
    part: RowsRead,
) -> Result<TableMisfits, ExecuteError> {
    let mut misfits = search.conclude(surveyor, reader, part)?;
    let mapping = search.mapping;
    if let (Some(profile), Some(table)) = (&misfits.profile, surveyor.catalog.table(&mapping.source)) {
        for question in questions(surveyor.spec, surveyor.existing, mapping, table, profile) {
            misfits.findings.extend(question.ask(surveyor, reader, mapping, profile)?);
        }
    }
    Ok(misfits)
}
