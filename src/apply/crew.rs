//! Workers of a run: the assignment of jobs to them, and the events of each job.

use super::applied::Applied;
use super::schedule::{Job, PendingJobs};
use super::worker::{JobOutcome, Worker, WorkerContext};
use crate::run::event::milliseconds;
use crate::run::{Event, ExecuteError};
use crate::source::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

/// The workers of a run.
pub(super) struct WorkerCrew {
    context: Arc<WorkerContext>,
    idle: Vec<Worker>,
    /// When the steps in progress began.
    began: BTreeMap<usize, Instant>,
}

impl WorkerCrew {
    /// One worker for each reader, but no more than `jobs`.
    pub(super) async fn of(
        context: &Arc<WorkerContext>,
        readers: Vec<Reader>,
        jobs: usize,
    ) -> Result<Self, ExecuteError> {
        let mut idle = Vec::new();
        for reader in readers.into_iter().take(jobs) {
            let session = context.connect_to_work().await?;
            idle.push(Worker { context: Arc::clone(context), session: Arc::new(session), reader: Some(reader) });
        }
        Ok(Self { context: Arc::clone(context), idle, began: BTreeMap::new() })
    }

    /// Does all jobs, as many at a time as there are workers. After a failure no job begins; running jobs are awaited.
    pub(super) async fn work(&mut self, mut jobs: PendingJobs, applied: &mut Applied) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        let mut running: JoinSet<(Worker, Job, Result<JobOutcome, ExecuteError>)> = JoinSet::new();
        let mut failure: Option<ExecuteError> = None;
        let mut failed = BTreeSet::new();
        loop {
            while failure.is_none()
                && let Some(mut worker) = self.idle.pop()
            {
                let Some(job) = jobs.next(&context.plan.steps) else {
                    self.idle.push(worker);
                    break;
                };
                match &job {
                    Job::Replace { copies } => copies.iter().for_each(|(step, _)| self.tell_begin(*step)),
                    job => self.tell_begin(job.step()),
                }
                running.spawn(async move {
                    let outcome = worker.run(&job).await;
                    (worker, job, outcome)
                });
            }
            let Some(joined) = running.join_next().await else { break };
            let (worker, job, outcome) = joined?;
            self.idle.push(worker);
            match outcome {
                Ok(outcome) => {
                    jobs.finish(&context.plan.steps, &job);
                    self.tell_end(&job, &outcome, applied);
                    applied.checks.extend(outcome.check);
                }
                Err(error) => {
                    if failed.insert(job.step()) && !matches!(error, ExecuteError::Interrupted) {
                        let id = context.plan.steps[job.step()].id.to_string();
                        context.events.tell(Event::StepFailed { id, error: error.to_string() });
                    }
                    // The first failure is the cause; later ones follow from it. An interruption is no failure.
                    if failure.as_ref().is_none_or(|first| matches!(first, ExecuteError::Interrupted)) {
                        failure = Some(error);
                    }
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// Result of the work. If the source was written to meanwhile, that is the error, whatever the result.
    pub(super) fn confirm_still(&self, worked: Result<(), ExecuteError>) -> Result<(), ExecuteError> {
        let mut readers = self.idle.iter().filter_map(|worker| worker.reader.as_ref());
        readers.try_for_each(Reader::confirm_still)?;
        worked
    }

    fn tell_begin(&mut self, at: usize) {
        let step = &self.context.plan.steps[at];
        if self.began.contains_key(&at) {
            return;
        }
        self.began.insert(at, Instant::now());
        self.context.events.tell(Event::StepStarted { id: step.id.to_string(), rows: step.rows() });
    }

    /// Adds up the rows copied of a table.
    fn add(&self, at: usize, outcome: &JobOutcome, applied: &mut Applied) {
        applied.rows += outcome.rows;
        if let Some(table) = self.context.plan.steps[at].source_table() {
            applied.left_out.add(table, &outcome.left);
        }
    }

    fn tell_end(&self, job: &Job, outcome: &JobOutcome, applied: &mut Applied) {
        match job {
            Job::Chunk { step, .. } => return self.add(*step, outcome, applied),
            Job::Replace { .. } => return outcome.of_copies.iter().for_each(|(step, of)| self.add(*step, of, applied)),
            Job::CopyDone { .. } | Job::Statement { .. } => applied.steps += 1,
        }
        let id = self.context.plan.steps[job.step()].id.to_string();
        let rows = matches!(job, Job::CopyDone { .. }).then_some(outcome.rows);
        if let Some(check) = &outcome.check {
            self.context.events.tell(Event::CheckDone(check.clone()));
        }
        let milliseconds = self.began.get(&job.step()).map_or(0, |began| milliseconds(*began));
        match &outcome.check {
            Some(check) if check.is_failure() => {
                self.context.events.tell(Event::StepFailed { id, error: check.to_string() });
            }
            check => {
                let warning = check.as_ref().filter(|check| !check.passed).map(ToString::to_string);
                let warning = warning.or_else(|| outcome.warning.clone());
                self.context.events.tell(Event::StepDone { id, rows, milliseconds, warning });
            }
        }
    }
}
