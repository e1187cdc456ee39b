//! Preparation of a refresh: which chunks are copied again, which steps are repeated with them, and what is in the way.

use super::copied::{CopiedChunks, Loads, NOT_PERMITTED, replaced};
use super::keys::ReplacedTableKeys;
use super::{Refresh, RefreshPolicy, groups, overwritten, references, sequences};
use crate::plan::{Finding, FindingCode, Plan, Severity, Step, StepId, StepKind, StepState, TableMapping};
use crate::run::grants::need_to_replace;
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::Spec;
use crate::survey::{Survey, copied_again, refusals};
use crate::target::grants::read_missing;
use crate::target::ledger::ChunkRow;
use crate::target::{Ledger, Session, structure};
use crate::value::Zone;
use std::collections::{BTreeMap, BTreeSet};

/// Code of the finding about foreign keys and triggers that cannot be detached and restored.
const KEYS_STAND: FindingCode = FindingCode::TargetKeysStand;

impl Refresh {
    /// Marks in the plan the steps to be repeated, and finds obstacles; nothing is written. A replacement that an
    /// earlier run has begun continues whatever `again` says.
    pub(in crate::apply) async fn prepare(
        control: &Session,
        spec: &Spec,
        survey: &mut Survey,
        again: RefreshPolicy,
        stop: &Stop,
    ) -> Result<Self, ExecuteError> {
        let Survey { plan, changed, zone, readers, is_continued, .. } = survey;
        let again =
            if *is_continued && again == RefreshPolicy::Nothing { RefreshPolicy::WhatHasChanged } else { again };
        let (schemas, overwrites) = (&spec.target.schemas, again == RefreshPolicy::OverwritingChanges);
        if !Ledger::of(&spec.name).is_known(control).await? {
            return Ok(Self::default());
        }
        let (changed, mut steps) = match again {
            RefreshPolicy::Nothing => (BTreeMap::new(), Vec::new()),
            RefreshPolicy::WhatHasChanged | RefreshPolicy::OverwritingChanges => {
                plan.amend_findings(copied_again);
                (changed.clone(), sequences::behind(control, schemas, plan, readers).await?)
            }
        };
        repeat(plan, |step| steps.contains(&step.id));
        let mut stale = StaleChunks::read(control, spec, changed).await?;
        if overwrites {
            stale.add_overwritten(plan).await?;
        }
        let tables = stale.tables(plan);
        if tables.is_empty() {
            return Ok(Self { steps, ..Self::default() });
        }
        let copied = tables.iter().map(|mapping| stale.copied(mapping)).collect::<Vec<_>>();
        let mut findings = stale.find_changes(plan, &copied, overwrites).await?;
        let targets = tables.iter().map(|mapping| mapping.target.as_str()).collect::<BTreeSet<_>>();
        let keys = ReplacedTableKeys::read(control, schemas, &targets).await?;
        let obstacles = of_obstacles(&keys, control).await?;
        // The role may lack the privilege to read a table that it may not alter.
        let is_permitted = findings.iter().all(|finding| finding.code != NOT_PERMITTED);
        let lookups = match obstacles.as_slice() {
            [] if is_permitted => {
                let others = Ledger::of(&spec.name).read_condition_for_others(control).await?;
                references::lookups(control, schemas, plan, &keys, &others, &copied).await?
            }
            _ => Vec::new(),
        };
        findings.extend(obstacles);
        findings.extend(look_up(lookups, readers, zone, stop).await?);
        plan.add_findings(findings);
        let changed = stale.changed;
        steps.extend(repeat(plan, |step| is_repeated(step, &changed, &targets)));
        Ok(Self { chunks: changed, steps, groups: groups(schemas, &tables, &keys), overwrites })
    }
}

/// The loaded chunks, and which of them are copied again.
struct StaleChunks<'a> {
    control: &'a Session,
    spec: &'a Spec,
    /// The ledger's chunks by source table.
    chunks: BTreeMap<String, Vec<ChunkRow>>,
    loads: Loads,
    /// The relations that the target has.
    present: BTreeSet<String>,
    /// Ordinals of the chunks that have changed since, by source table.
    changed: BTreeMap<String, BTreeSet<i32>>,
}

impl<'a> StaleChunks<'a> {
    async fn read(
        control: &'a Session,
        spec: &'a Spec,
        changed: BTreeMap<String, BTreeSet<i32>>,
    ) -> Result<Self, ExecuteError> {
        let ledger = Ledger::of(&spec.name);
        let chunks = ledger.read_all_chunks(control).await?;
        // A missing table is a finding of the plan.
        let present = structure::read(control, &spec.target.schemas).await?.relations;
        let loads = Loads::read(control, &ledger).await?;
        Ok(Self { control, spec, chunks, loads, present, changed })
    }

    /// Adds the chunks whose rows others have changed in the target.
    async fn add_overwritten(&mut self, plan: &Plan) -> Result<(), ExecuteError> {
        let is_present = |table: &str| self.present.contains(table);
        let found =
            overwritten::overwritten(self.control, self.spec, plan, &self.chunks, &self.loads, is_present).await?;
        for (source, found) in found {
            self.changed.entry(source).or_default().extend(found);
        }
        Ok(())
    }

    fn is_stale(&self, source: &str, chunk: &ChunkRow) -> bool {
        chunk.is_stale || self.changed.get(source).is_some_and(|changed| changed.contains(&chunk.ordinal))
    }

    /// The tables that have such chunks, and that the target has.
    fn tables(&self, plan: &Plan) -> Vec<TableMapping> {
        let sources =
            self.chunks.iter().filter(|(source, chunks)| chunks.iter().any(|chunk| self.is_stale(source, chunk)));
        let tables = sources.filter_map(|(source, _)| plan.copied(source));
        tables.filter(|mapping| self.present.contains(&mapping.target)).cloned().collect()
    }

    /// The rows of a table that are replaced, with their chunks.
    fn copied<'m>(&'m self, mapping: &'m TableMapping) -> (CopiedChunks<'m>, Vec<&'m ChunkRow>) {
        let chunks = self.chunks.get(&mapping.source).map(Vec::as_slice).unwrap_or_default();
        let replaced = replaced(mapping, chunks, |chunk| self.is_stale(&mapping.source, chunk));
        (CopiedChunks::of(self.spec, mapping, &replaced, &self.loads), replaced)
    }

    /// Findings about rows that others have written in the place of the replaced ones, and about what the role may not do.
    async fn find_changes(
        &self,
        plan: &Plan,
        all: &[(CopiedChunks<'_>, Vec<&ChunkRow>)],
        overwrites: bool,
    ) -> Result<Vec<Finding>, ExecuteError> {
        // A table whose rows cannot be copied again has a finding of its own, and its changed rows are not looked for.
        let ledger = Ledger::of(&self.spec.name);
        let refused = refusals(self.control, &ledger, all.iter().map(|(copied, _)| copied.mapping)).await?;
        let is_refused = |mapping: &TableMapping| {
            let of_table = |finding: &Finding| finding.table.as_ref() == Some(&mapping.source);
            refused.iter().any(of_table)
        };
        // The survey has found those whose source has changed, and not those whose target others have changed.
        let is_new = |finding: &&Finding| {
            plan.each_finding().all(|known| (known.code, &known.table) != (finding.code, &finding.table))
        };
        let mut findings = refused.iter().filter(is_new).cloned().collect::<Vec<_>>();
        for (copied, _) in all {
            let need = need_to_replace(&copied.mapping.target, true, false);
            match read_missing(self.control, &self.spec.target.schemas, need).await?.as_slice() {
                [] if is_refused(copied.mapping) => {}
                [] => findings.extend(copied.change(self.control).await?.map(|change| change.finding(overwrites))),
                grants => findings.push(copied.not_permitted(grants)),
            }
        }
        Ok(findings)
    }
}

/// Findings about foreign keys and triggers that cannot be detached while rows are replaced.
async fn of_obstacles(keys: &ReplacedTableKeys, control: &Session) -> Result<Vec<Finding>, ExecuteError> {
    let finding = |(reason, suggestion): (String, String)| {
        Finding::general(KEYS_STAND, Severity::Blocks, reason).suggesting(suggestion)
    };
    Ok(keys.obstacles(control).await?.into_iter().map(finding).collect())
}

/// Looks the rows that remaining rows reference up in the source; findings about those that are gone.
async fn look_up(
    lookups: Vec<references::Lookup>,
    readers: &mut Vec<Reader>,
    zone: &Zone,
    stop: &Stop,
) -> Result<Vec<Finding>, ExecuteError> {
    if lookups.is_empty() {
        return Ok(Vec::new());
    }
    let Some(reader) = readers.pop() else { return Ok(Vec::new()) };
    let (zone, stop) = (zone.clone(), stop.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let found = references::lost(lookups, &reader, &zone, &stop);
        (reader, found)
    });
    let (reader, found) = looked.await?;
    readers.push(reader);
    found
}

/// Whether a step is repeated because chunks have `changed`: the copy and the sequences of these source tables, the statistics of
/// all tables of which rows are replaced, and the checks.
fn is_repeated(step: &Step, changed: &BTreeMap<String, BTreeSet<i32>>, targets: &BTreeSet<&str>) -> bool {
    !changed.is_empty()
        && match step.kind() {
            StepKind::Copy | StepKind::Sequence => step.source_table().is_some_and(|table| changed.contains_key(table)),
            StepKind::Analyze => step.target_table().is_some_and(|table| targets.contains(table)),
            StepKind::Check => true,
            _ => false,
        }
}

/// Marks steps of the plan as pending, and returns their ids.
fn repeat(plan: &mut Plan, is_repeated: impl Fn(&Step) -> bool) -> Vec<StepId> {
    let mut repeated = Vec::new();
    for step in plan.steps.iter_mut().filter(|step| is_repeated(step)) {
        step.state = StepState::Pending;
        repeated.push(step.id.clone());
    }
    repeated
}
