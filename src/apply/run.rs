//! A run from beginning to end.

use super::applied::Applied;
use super::arrived::StructureBeforeRun;
use super::crew::WorkerCrew;
use super::refresh::{Refresh, RefreshPolicy};
use super::schedule::{Chunks, PendingJobs};
use super::worker::WorkerContext;
use crate::catalog::{KeyRange, Selection, SnapshotState};
use crate::plan::{Plan, Step, StepKind, StepState};
use crate::run::event::milliseconds;
use crate::run::failpoint::reach;
use crate::run::grants::BEGIN;
use crate::run::{CheckResult, Event, Events, ExecuteError, Stop};
use crate::source::SourceError;
use crate::spec::Spec;
use crate::survey::{Depth, Survey, judge, survey};
use crate::target::ledger::{Fence, LedgerMark, NewRun, RunState};
use crate::target::{Ledger, Server, Session, TargetError, TransactionScope};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Options of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// Treatment of loaded rows that have changed in the source since.
    pub again: RefreshPolicy,
    /// Number of workers.
    pub jobs: usize,
    /// Depth to which the source is read before the plan is made.
    pub depth: Depth,
}

/// A prepared run: the migration's lock is held, both sides were read, the plan is made.
#[derive(Debug)]
pub struct Run {
    spec: Spec,
    server: Arc<Server>,
    /// Holds the lock and writes the run's own row.
    control: Session,
    /// State of the ledger before the survey.
    mark: LedgerMark,
    survey: Survey,
    refresh: Refresh,
    jobs: usize,
}

impl Run {
    /// Takes the lock, reads both sides as deep as the options say, and makes the plan. Nothing is written; sessions left
    /// behind by a run that lost the lock are ended.
    ///
    /// # Errors
    /// Another run holds the lock; a side cannot be read; no plan can be made.
    pub async fn prepare(
        spec: Spec,
        server: Arc<Server>,
        RunOptions { again, jobs, depth }: RunOptions,
        stop: &Stop,
        events: &Events,
    ) -> Result<Self, ExecuteError> {
        let control = stop.or_end(server.connect()).await?;
        let ledger = Ledger::of(&spec.name);
        if server.endpoint().is_some() {
            // Only this user's own commands work on a private server.
            stop.or_end(ledger.wait_for_lock(&control)).await?;
        } else {
            ledger.lock(&control).await?;
        }
        // A run that has lost its lock inside an open transaction would block the survey too.
        ledger.take_over(&control).await?;
        let mark = ledger.mark(&control).await?;
        let mut survey = survey(&spec, Some(&control), jobs, depth, stop, events).await?;
        let refresh = Refresh::prepare(&control, &spec, &mut survey, again, stop).await?;
        judge(&spec, &control, &mut survey.plan, stop).await?;
        Ok(Self { spec, server, control, mark, survey, refresh, jobs })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.survey.plan
    }

    /// The state of a server that the run reads; `None` for a file.
    #[must_use]
    pub fn snapshot_state(&self) -> Option<&SnapshotState> {
        self.survey.snapshot_state()
    }

    /// Counts the rows that the spec's `where` leaves behind, by source table: rows for which it is not true, counted
    /// by a query of their own, so that the row equation can fail.
    ///
    /// # Errors
    /// The source cannot be read.
    pub async fn count_filtered(&mut self) -> Result<BTreeMap<String, u64>, ExecuteError> {
        let selections = self.plan().copies.iter().filter_map(|mapping| mapping.selection(KeyRange::ALL).left_behind());
        let selections = selections.collect::<Vec<_>>();
        let Some(reader) = self.survey.readers.pop() else { return Ok(BTreeMap::new()) };
        let (reader, counted) = tokio::task::spawn_blocking(move || {
            let count = |selection: &Selection| Ok((selection.table.clone(), reader.count_rows(selection)?));
            let counted = selections.iter().map(count).collect::<Result<_, SourceError>>();
            (reader, counted)
        })
        .await?;
        self.survey.readers.push(reader);
        Ok(counted?)
    }

    /// Carries the plan out.
    ///
    /// # Errors A blocking finding, before anything is written; afterwards the failure of a step. Committed work stays,
    /// and the next run continues from there.
    pub async fn execute(self, stop: &Stop, events: &Events) -> Result<Applied, ExecuteError> {
        let blocking = self.plan().blocking().count();
        if blocking > 0 {
            return Err(ExecuteError::Blocked { findings: blocking });
        }
        let began = Instant::now();
        let ledger = Ledger::of(&self.spec.name);
        let (unchanged, left_out) = (self.survey.unchanged, self.survey.left_out.clone());
        let mut applied = Applied { unchanged, left_out, ..Applied::default() };
        reach("prepared");
        if self.plan().changes() == 0 && self.has_ended(&ledger).await? {
            return Ok(applied);
        }
        let before = StructureBeforeRun::take(&ledger, &self.control, &self.spec.target.schemas).await?;
        let fence = self.begin(&ledger).await?;
        events.tell(self.run_started());
        let readers = self.survey.readers;
        let context = Arc::new(WorkerContext {
            spec: self.spec,
            plan: self.survey.plan,
            templates: self.survey.templates,
            refresh: self.refresh,
            zone: self.survey.zone,
            server: self.server,
            ledger,
            fence,
            control: Mutex::new(self.control),
            stop: stop.clone(),
            events: events.clone(),
        });
        let mut result = async {
            context.refresh.begin(&*context.hold_lock().await?, &context).await?;
            let chunks = fix_chunks(&context).await?;
            reach("chunks_fixed");
            let mut crew = WorkerCrew::of(&context, readers, self.jobs).await?;
            let jobs = PendingJobs::pending(&context.plan.steps, chunks, &context.refresh.groups);
            let worked = crew.work(jobs, &mut applied).await;
            crew.confirm_still(worked)
        }
        .await;
        if result.is_err() {
            context.restore_after_failure().await;
        }
        let failed_checks = applied.checks.iter().any(CheckResult::is_failure);
        result = end_run(&context, &before, result, failed_checks).await;
        reach("run_ended");
        let state = state(&result, failed_checks).0;
        let milliseconds = milliseconds(began);
        let left = &applied.left_out;
        let (rejected, nulled, shortened) = (left.rejected(), left.nulled(), left.shortened());
        let (steps, rows) = (applied.steps, applied.rows);
        events.tell(Event::RunDone {
            state,
            steps,
            rows,
            already_there: left.merged(),
            rejected,
            nulled,
            shortened,
            milliseconds,
        });
        result.map(|()| applied)
    }

    /// Whether the previous run has recorded its end. A run that was killed after its last step has not: the structure
    /// that it left is not recorded, so `verify` would have nothing to compare with.
    async fn has_ended(&self, ledger: &Ledger) -> Result<bool, TargetError> {
        if !ledger.exists(&self.control).await? {
            return Ok(true);
        }
        let last = ledger.read_runs(&self.control).await?.into_iter().next();
        Ok(last.is_none_or(|run| !run.state.is_unfinished()))
    }

    async fn begin(&self, ledger: &Ledger) -> Result<Fence, ExecuteError> {
        let (control, schemas) = (&self.control, &self.spec.target.schemas);
        match begin(ledger, control, &self.spec, &self.survey, &self.mark).await {
            Ok(fence) => {
                reach("run_begun");
                Ok(fence)
            }
            Err(error) => Err(ExecuteError::from(error).with_grants(control, schemas, BEGIN).await),
        }
    }

    fn run_started(&self) -> Event {
        let pending = || self.plan().steps.iter().filter(|step| step.state == StepState::Pending);
        Event::RunStarted {
            migration: self.spec.name.clone(),
            digest: self.plan().digest.clone(),
            steps: pending().count(),
            rows: pending().filter_map(Step::rows).sum(),
            bytes: pending().filter_map(Step::bytes).sum(),
            target: self.spec.target_name(),
            left_behind: self.plan().left_behind().iter().map(|(number, _)| number).sum(),
        }
    }
}

/// Takes over from a run that was left open, creates the ledger, records the structure before the first run, and begins
/// the run, in one transaction.
async fn begin(
    ledger: &Ledger,
    control: &Session,
    spec: &Spec,
    survey: &Survey,
    mark: &LedgerMark,
) -> Result<Fence, TargetError> {
    let plan = &survey.plan;
    ledger.take_over(control).await?;
    reach("took_over");
    let begun = async {
        if ledger.exists(control).await? {
            ledger.close_running(control).await?;
        }
        // Work that another run has committed since the survey is not in the plan.
        if ledger.mark(control).await? != *mark {
            return Err(ledger.moved());
        }
        ledger.create(control).await?;
        reach("ledger_created");
        ledger.keep_origin(control, &spec.target.schemas).await?;
        let (plan_digest, steps, source) = (plan.digest.as_str(), plan.changes(), survey.snapshot_state());
        ledger.begin_run(control, NewRun { plan_digest, steps, source, value_facts: &plan.value_facts }).await
    };
    control.transaction(TransactionScope::committed("beginning the run"), begun).await
}

/// Final state of a run, and its message.
fn state(result: &Result<(), ExecuteError>, failed_checks: bool) -> (RunState, Option<String>) {
    match result {
        Ok(()) if failed_checks => (RunState::Failed, Some("a check got a wrong answer".to_owned())),
        Ok(()) => (RunState::Done, None),
        Err(ExecuteError::Interrupted) => (RunState::Interrupted, None),
        Err(error) => (RunState::Failed, Some(error.to_string())),
    }
}

/// Records the end of the run in the ledger.
///
/// If every step is done, the plan is compared with the ledger once more, in the same transaction: the workers'
/// sessions commit asynchronously, and a server that crashed meanwhile has lost the last commits.
async fn end_run(
    context: &WorkerContext,
    before: &StructureBeforeRun,
    mut result: Result<(), ExecuteError>,
    failed_checks: bool,
) -> Result<(), ExecuteError> {
    let written = match context.hold_lock().await {
        Ok(control) => write_end(context, &control, before, &mut result, failed_checks).await,
        Err(error) => Err(error),
    };
    match written {
        // Being overtaken is the cause of any other error of the run.
        Err(overtaken @ TargetError::Overtaken { .. }) => Err(overtaken.into()),
        // The run's own error says more than a failure to record its end.
        written => result.and(written.map_err(ExecuteError::from)),
    }
}

async fn write_end(
    context: &WorkerContext,
    control: &Session,
    before: &StructureBeforeRun,
    result: &mut Result<(), ExecuteError>,
    failed_checks: bool,
) -> Result<(), TargetError> {
    let written = async {
        let done = context.ledger.read_done_steps(control).await?;
        let is_done = |step: &Step| {
            done.known.get(&step.id).is_some_and(|row| {
                let is_late = step.state == StepState::Done || row.run == context.fence.run;
                step.is_as_done(&row.fingerprint) && is_late
            })
        };
        let lost = context.plan.steps.iter().find(|step| !is_done(step));
        if let Some(step) = lost.filter(|_| result.is_ok()) {
            *result = Err(ExecuteError::PartLost { step: step.id.to_string() });
        }
        let (state, message) = state(result, failed_checks);
        context.ledger.end_run(control, &context.fence, state, message.as_deref()).await?;
        if result.is_ok() {
            before.keep_after(&context.ledger, control, &context.spec.target.schemas).await?;
        }
        reach("before_end_of_run");
        Ok(())
    };
    control.transaction(TransactionScope::committed("ending the run").beginning("ending the run"), written).await
}

/// Chunks of every copy, from the ledger; a table without chunks gets them now.
async fn fix_chunks(context: &WorkerContext) -> Result<Chunks, ExecuteError> {
    let control = context.hold_lock().await?;
    let scope = TransactionScope::committed("fixing the chunks").beginning("fixing the chunks");
    Ok(control.transaction(scope, fix_claimed_chunks(context, &control)).await?)
}

async fn fix_claimed_chunks(context: &WorkerContext, control: &Session) -> Result<Chunks, TargetError> {
    let ledger = &context.ledger;
    ledger.claim_run(control, &context.fence).await?;
    let mut chunks = Chunks::new();
    for (at, step) in context.plan.steps.iter().enumerate().filter(|(_, step)| step.kind() == StepKind::Copy) {
        let Some(mapping) = step.source_table().and_then(|table| context.plan.copied(table)) else { continue };
        let mut rows = ledger.read_chunks(control, &mapping.source).await?;
        if rows.is_empty() {
            ledger.plan_chunks(control, &mapping.source, &mapping.target, &mapping.chunks, &mapping.size).await?;
            rows = ledger.read_chunks(control, &mapping.source).await?;
        }
        chunks.insert(at, rows);
    }
    Ok(chunks)
}
