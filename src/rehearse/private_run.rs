//! The way of apply and verify on the private server, and its times.

use super::estimate::{Estimate, PhaseMeasure, float};
use super::outcome::{PhaseLine, RehearsalEnd, RehearsalError, Stage, TableLine};
use super::sample_spec::Sampled;
use super::times::{RecordedEvents, Recorder, RunPhase, StepTime};
use crate::apply::{Applied, RefreshPolicy, Run, RunOptions};
use crate::catalog::NAMED_ROWS;
use crate::plan::{Plan, TableMapping};
use crate::run::failpoint::reach;
use crate::run::{CheckResult, Events, ExecuteError, Stop};
use crate::spec::Spec;
use crate::survey::{Depth, survey};
use crate::target::Server;
use crate::verify::{TableResult, Verification, VerifyOptions, verify};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// The way of apply and verify, as far as it went.
pub(super) struct RehearsedRuns {
    pub(super) plan: Option<Plan>,
    pub(super) applied: Option<Applied>,
    pub(super) verification: Option<Verification>,
    pub(super) stopped: Option<RehearsalError>,
    recorded: RecordedEvents,
    survey_seconds: f64,
    verify_seconds: f64,
    /// Rows of all, for tables of which a sample was taken.
    sampled: BTreeMap<String, u64>,
    /// Seconds of a look at the structure alone.
    look: f64,
}

impl RehearsedRuns {
    pub(super) async fn go(
        spec: &Spec,
        server: &Arc<Server>,
        jobs: usize,
        part: Option<&Sampled>,
        stop: &Stop,
        events: &Events,
    ) -> Result<Self, ExecuteError> {
        let mut way = Self {
            plan: None,
            applied: None,
            verification: None,
            stopped: None,
            recorded: RecordedEvents::default(),
            survey_seconds: 0.0,
            verify_seconds: 0.0,
            sampled: part.map(|part| part.tables.clone()).unwrap_or_default(),
            look: part.map_or(0.0, |part| part.look),
        };
        let (told, recorder) = Recorder::start(events.clone());
        let gone = way.apply(spec, server, jobs, stop, &told).await;
        drop(told);
        way.recorded = recorder.finish().await;
        let gone = match gone {
            Ok(()) => way.verify(spec, server, jobs, stop, events).await.map_err(|error| (Stage::Verify, error)),
            failed => failed,
        };
        match gone {
            Err((_, ExecuteError::Interrupted)) => Err(ExecuteError::Interrupted),
            Err((stage, error)) => {
                way.stopped = Some(RehearsalError { stage, error });
                Ok(way)
            }
            Ok(()) => Ok(way),
        }
    }

    async fn apply(
        &mut self,
        spec: &Spec,
        server: &Arc<Server>,
        jobs: usize,
        stop: &Stop,
        events: &Events,
    ) -> Result<(), (Stage, ExecuteError)> {
        let began = Instant::now();
        let options = RunOptions { again: RefreshPolicy::Nothing, jobs, depth: Depth::AtValues };
        let prepared = Run::prepare(spec.clone(), Arc::clone(server), options, stop, events).await;
        let run = prepared.map_err(|error| (Stage::Plan, error))?;
        self.survey_seconds = began.elapsed().as_secs_f64();
        self.plan = Some(run.plan().clone());
        let blocking = run.plan().blocking().count();
        if blocking > 0 {
            return Err((Stage::Plan, ExecuteError::Blocked { findings: blocking }));
        }
        self.applied = Some(run.execute(stop, events).await.map_err(|error| (Stage::Apply, error))?);
        reach("rehearsal_applied");
        Ok(())
    }

    async fn verify(
        &mut self,
        spec: &Spec,
        server: &Arc<Server>,
        jobs: usize,
        stop: &Stop,
        events: &Events,
    ) -> Result<(), ExecuteError> {
        let began = Instant::now();
        let session = server.connect().await?;
        let found = survey(spec, Some(&session), jobs, Depth::AtStructure, stop, events).await?;
        drop(session);
        // Of a part of the rows the tables are compared, and nothing is asked about all of them.
        let tables = match self.sampled.is_empty() {
            true => Vec::new(),
            false => found.plan.tables.iter().map(|mapping| mapping.source.clone()).collect(),
        };
        let options = VerifyOptions { examples: NAMED_ROWS, show_values: false, sample: None, tables };
        self.verification = Some(verify(spec, found, server, options, stop, events).await?);
        self.verify_seconds = began.elapsed().as_secs_f64();
        Ok(())
    }

    pub(super) fn outcome(&self) -> RehearsalEnd {
        match (&self.stopped, &self.applied, &self.verification) {
            (Some(RehearsalError { error: ExecuteError::Blocked { .. }, .. }), ..) => RehearsalEnd::Refused,
            (Some(_), ..) => RehearsalEnd::Failed,
            (None, Some(applied), _) if applied.checks.iter().any(CheckResult::is_failure) => {
                RehearsalEnd::ChecksFailed
            }
            (None, _, Some(verification)) if verification.equal => RehearsalEnd::Done,
            _ => RehearsalEnd::NotEqual,
        }
    }

    /// The work of each phase; `None` if it did not go to its end.
    pub(super) fn measured(&self) -> Option<Vec<PhaseMeasure>> {
        let plan = self.plan.as_ref().filter(|_| self.verification.is_some())?;
        let growth = self.growth(plan);
        let (phases, steps) = (self.recorded.phases(plan), self.recorded.steps(plan));
        let chunks = plan.copies.iter().map(|mapping| mapping.chunks.len() as u64).sum::<u64>();
        let tables = plan.copies.len() as u64;
        let sent = steps.iter().map(|step| step.bytes).sum::<u64>();
        let structure = steps.iter().filter(|step| step.phase == RunPhase::Structure).count() as u64;
        let empty = phases.get(&RunPhase::Structure).copied().unwrap_or(0.0) / float(structure.max(1));
        let one = |phase: RunPhase| {
            let steps = steps.iter().filter(|step| step.phase == phase).count() as u64;
            let (seconds, steps, bytes, growth) = match phase {
                RunPhase::Survey => (self.survey_seconds, plan.steps.len() as u64, 0, growth),
                RunPhase::Verify => (self.verify_seconds, 0, sent, growth),
                RunPhase::Copies => (phases.get(&phase).copied().unwrap_or(0.0), steps + chunks, sent, growth),
                RunPhase::Indexes => (phases.get(&phase).copied().unwrap_or(0.0), steps, 0, growth),
                _ => (phases.get(&phase).copied().unwrap_or(0.0), steps, 0, 1.0),
            };
            // Of a step the part that a step without rows takes; of a look at both sides that at their structure.
            let fixed = match phase {
                RunPhase::Survey | RunPhase::Verify => self.look,
                _ => float(steps) * empty,
            };
            PhaseMeasure { phase, seconds, fixed, steps, tables, bytes, growth }
        };
        Some(RunPhase::ALL.map(one).to_vec())
    }

    /// How many times more the real run has to do, by the bytes of the tables; 1 without a sample.
    fn growth(&self, plan: &Plan) -> f64 {
        if self.sampled.is_empty() {
            return 1.0;
        }
        let loaded = |mapping: &TableMapping| {
            let rows = self.loaded(&mapping.source);
            let all = self.sampled.get(&mapping.source).copied().filter(|all| *all > 0);
            all.map_or(1.0, |all| (float(rows) / float(all)).clamp(1e-6, 1.0))
        };
        let bytes = |mapping: &TableMapping| float(mapping.size.bytes.max(1));
        let all = plan.copies.iter().map(bytes).sum::<f64>();
        let part = plan.copies.iter().map(|mapping| bytes(mapping) * loaded(mapping)).sum::<f64>();
        // More than one, however small the part that was left out is: it is a sample.
        (all / part.max(1e-9)).max(1.000_001)
    }

    /// The steps with their times.
    pub(super) fn steps(&self) -> Vec<StepTime> {
        self.plan.as_ref().map(|plan| self.recorded.steps(plan)).unwrap_or_default()
    }

    /// Rows of a table that were loaded.
    fn loaded(&self, table: &str) -> u64 {
        let steps = self.steps();
        let of_table =
            steps.iter().filter(|step| step.phase == RunPhase::Copies && step.table.as_deref() == Some(table));
        of_table.filter_map(|step| step.rows).sum()
    }

    pub(super) fn lines(&self, estimate: Option<&Estimate>) -> Vec<PhaseLine> {
        let phases = self.plan.as_ref().map(|plan| self.recorded.phases(plan)).unwrap_or_default();
        let line = |phase: RunPhase| {
            let seconds = match phase {
                RunPhase::Survey => self.survey_seconds,
                RunPhase::Verify => self.verify_seconds,
                _ => phases.get(&phase).copied().unwrap_or(0.0),
            };
            let found = estimate.and_then(|estimate| estimate.phases.iter().find(|(other, _)| *other == phase));
            PhaseLine { phase, seconds, estimate: found.map(|(_, span)| *span) }
        };
        RunPhase::ALL.map(line).to_vec()
    }

    pub(super) fn tables(&self) -> Vec<TableLine> {
        let Some(plan) = &self.plan else { return Vec::new() };
        let steps = self.recorded.steps(plan);
        let line = |mapping: &TableMapping| {
            let table = mapping.source.clone();
            let of = |phases: &[RunPhase]| {
                let wanted = steps.iter().filter(|step| phases.contains(&step.phase));
                wanted.filter(|step| step.table.as_ref() == Some(&table)).map(|step| step.seconds).sum::<f64>()
            };
            let compared = self.verification.as_ref().map(|verification| &verification.tables);
            let equal = compared.and_then(|tables| tables.iter().find(|result| result.table == table));
            TableLine {
                rows: self.loaded(&table),
                sample_of: self.sampled.get(&table).copied(),
                copy: of(&[RunPhase::Copies]),
                keys: of(&[RunPhase::Indexes, RunPhase::ForeignKeys]),
                equal: equal.map(TableResult::is_equal),
                table,
            }
        };
        plan.copies.iter().map(line).collect()
    }

    /// Facts that no plan shows.
    pub(super) fn found(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (step, warning) in &self.recorded.warnings {
            found.push(format!("{step}: {warning}"));
        }
        if let Some(applied) = &self.applied {
            for check in applied.checks.iter().filter(|check| !check.passed) {
                found.push(format!("the check {:?} fails: {check}", check.name));
            }
        }
        if let Some(verification) = &self.verification {
            for table in verification.tables.iter().filter(|table| !table.is_equal()) {
                let problem = table.problem.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default();
                found.push(format!(
                    "{} is not equal: {} missing, {} extra, {} different{problem}",
                    table.table, table.missing, table.extra, table.different
                ));
            }
            for view in verification.views.iter().filter(|view| view.differs()) {
                found.push(format!("the view {} does not give the same rows on both sides", view.view));
            }
            let changes = verification.structure.iter().filter(|change| change.is_difference());
            found.extend(
                changes.map(|change| format!("the structure differs: {} is {}", change.object, change.kind.word())),
            );
        }
        found
    }
}
