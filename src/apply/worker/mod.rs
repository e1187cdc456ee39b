//! One worker: a session in the target, a reader of the source, one job at a time.

mod after_failure;
mod copy;
mod detach;
mod merge;
mod replace;
mod statement;
mod transaction;

use super::refresh::Refresh;
use super::schedule::Job;
use crate::plan::{Plan, Step, StepKind, TableMapping, Templates};
use crate::rows::OfTable;
use crate::run::grants::need_of;
use crate::run::{CheckResult, Events, ExecuteError, Retry, Stop};
use crate::source::Reader;
use crate::spec::Spec;
use crate::target::identity::{Identity, ObjectName, UndoStatement};
use crate::target::ledger::{ChunkRow, DoneStep, Fence, StepRecord};
use crate::target::sqlstate::QUERY_CANCELED;
use crate::target::{Ledger, Server, Session, TargetError, identity};
use crate::value::Zone;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use transaction::TransactionWork;

/// Time that a job has to stop by itself before its statement is cancelled in the server: it may be waiting for a lock.
const PATIENCE: Duration = Duration::from_secs(2);

/// Context that all workers of a run share.
#[derive(Debug)]
pub(super) struct WorkerContext {
    pub(super) spec: Spec,
    pub(super) plan: Plan,
    pub(super) templates: Templates,
    pub(super) refresh: Refresh,
    pub(super) zone: Zone,
    pub(super) server: Arc<Server>,
    pub(super) ledger: Ledger,
    /// Fencing token by which every writing transaction proves that this run is still the current one.
    pub(super) fence: Fence,
    /// Holds the migration's lock and writes the run's own row.
    pub(super) control: Mutex<Session>,
    pub(super) stop: Stop,
    pub(super) events: Events,
}

impl WorkerContext {
    pub(super) fn step(&self, at: usize) -> &Step {
        &self.plan.steps[at]
    }

    /// Makes sure that the lock is still held: its session, and so the lock, ends when the server restarts or an
    /// administrator terminates it. Another run may have begun in between, which the ledger tells.
    pub(super) async fn hold_lock(&self) -> Result<MutexGuard<'_, Session>, TargetError> {
        let mut control = self.control.lock().await;
        if control.is_closed() {
            let session = self.server.connect().await?;
            session.end(control.backend()).await?;
            match self.ledger.lock(&session).await {
                Ok(()) => self.ledger.claim_run(&session, &self.fence).await?,
                Err(busy) => {
                    self.ledger.claim_run(&session, &self.fence).await?;
                    return Err(busy);
                }
            }
            *control = session;
        }
        Ok(control)
    }

    /// A session that loads rows and builds indexes for this run.
    pub(super) async fn connect_to_work(&self) -> Result<Session, TargetError> {
        let session = self.server.connect().await?;
        session.prepare_for_work().await?;
        self.ledger.join(&session).await?;
        Ok(session)
    }

    /// The mapping of the table that a copy fills.
    fn mapping(&self, at: usize) -> Result<&TableMapping, ExecuteError> {
        let step = self.step(at);
        let mapping = step.source_table().and_then(|table| self.plan.copied(table));
        mapping.ok_or_else(|| ExecuteError::Task(format!("{} copies no table", step.id)))
    }
}

/// Outcome of a job.
#[derive(Debug, Default)]
pub(super) struct JobOutcome {
    /// Rows copied or compared.
    pub(super) rows: u64,
    /// Rows and values of a chunk that are not carried over as they are.
    pub(super) left: OfTable,
    /// Result of the check, if the job was one.
    pub(super) check: Option<CheckResult>,
    /// Deviation from the plan, in words.
    pub(super) warning: Option<String>,
    /// Outcome of each copy by its position in the plan, if the job was about several.
    pub(super) of_copies: Vec<(usize, JobOutcome)>,
}

impl JobOutcome {
    /// The outcome of a loaded chunk; `None` if it is not loaded, or loaded but stale.
    fn of_chunk(chunk: ChunkRow) -> Option<Self> {
        let (rows, _) = chunk.loaded.filter(|_| !chunk.is_stale)?;
        let (rejected, merged) = (chunk.rejected.0, chunk.merged);
        let rows = rows.saturating_sub(merged);
        let left = OfTable { rejected, nulled: chunk.nulled, shortened: chunk.shortened, merged };
        Some(Self { rows, left, ..Self::default() })
    }

    /// Outcome of two chunks together.
    fn and(mut self, other: Self) -> Self {
        let Self { rows, left, .. } = other;
        self.rows += rows;
        self.left.append(&left);
        self
    }
}

/// One worker.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) context: Arc<WorkerContext>,
    /// Session, shared only with the scope of a transaction in it.
    pub(super) session: Arc<Session>,
    /// Reader, lent to a blocking thread while it reads.
    pub(super) reader: Option<Reader>,
}

impl Worker {
    /// Whether a failed job can be retried because it leaves nothing behind. The work of a step outside of a
    /// transaction stays: a failed CREATE INDEX CONCURRENTLY leaves an invalid index, which makes a retry fail.
    fn is_repeatable(&self, job: &Job) -> bool {
        matches!(job, Job::Chunk { .. }) || self.context.step(job.step()).in_transaction()
    }

    /// Does one job, with retries if they can help.
    pub(super) async fn run(&mut self, job: &Job) -> Result<JobOutcome, ExecuteError> {
        let mut retry = Retry::default();
        loop {
            let error = match self.attempt_until_stopped(job).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => error,
            };
            let error = self.with_grants(job, error).await;
            let pause = retry.after(error, self.is_repeatable(job), &self.context.stop);
            let pause = pause.map_err(|error| error.in_step(&self.context.step(job.step()).id.to_string()))?;
            tokio::time::sleep(pause).await;
            if self.session.is_closed() {
                // A server that does not answer yet is tried again after the next pause.
                match self.reconnect().await {
                    Ok(()) => {}
                    Err(error @ TargetError::Overtaken { .. }) => return Err(error.into()),
                    Err(error) => tracing::warn!(%error, "not connected again yet"),
                }
            }
            // A COMMIT whose answer was lost may have succeeded: the ledger tells.
            match self.is_done(job).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the ledger cannot be asked"),
            }
        }
    }

    async fn reconnect(&mut self) -> Result<(), TargetError> {
        // The lock comes first: without it another run may have begun by now.
        drop(self.context.hold_lock().await?);
        let session = self.context.connect_to_work().await?;
        // A lost session may survive in the server, with a transaction that blocks the next claim.
        session.end(self.session.backend()).await?;
        self.session = Arc::new(session);
        Ok(())
    }

    async fn is_done(&mut self, job: &Job) -> Result<Option<JobOutcome>, ExecuteError> {
        let context = Arc::clone(&self.context);
        match job {
            Job::Chunk { step, chunk } => {
                let chunks = context.ledger.read_chunks(&self.session, &context.mapping(*step)?.source).await?;
                let found = chunks.into_iter().find(|row| row.ordinal == chunk.ordinal);
                Ok(found.and_then(JobOutcome::of_chunk))
            }
            Job::Replace { copies } => {
                let mut of_copies = Vec::new();
                for (step, chunks) in copies {
                    let mut now = context.ledger.read_chunks(&self.session, &context.mapping(*step)?.source).await?;
                    now.retain(|row| chunks.iter().any(|chunk| chunk.ordinal == row.ordinal));
                    let outcomes = now.into_iter().map(JobOutcome::of_chunk).collect::<Option<Vec<_>>>();
                    let Some(outcomes) = outcomes else { return Ok(None) };
                    of_copies.push((*step, outcomes.into_iter().fold(JobOutcome::default(), JobOutcome::and)));
                }
                Ok(Some(JobOutcome { of_copies, ..JobOutcome::default() }))
            }
            Job::CopyDone { step } | Job::Statement { step } => {
                let step = context.step(*step);
                let done = context.ledger.read_done_steps(&self.session).await?;
                let is_ours = |row: &DoneStep| row.run == context.fence.run && row.fingerprint == step.fingerprint();
                let same = done.known.get(&step.id).is_some_and(|row| row.passed && is_ours(row));
                Ok(same.then(JobOutcome::default))
            }
        }
    }

    /// Does the job; after an interruption and a pause, its statement is cancelled in the server.
    async fn attempt_until_stopped(&mut self, job: &Job) -> Result<JobOutcome, ExecuteError> {
        let (stop, canceller) = (self.context.stop.clone(), self.session.canceller());
        let attempt = self.attempt(job);
        tokio::pin!(attempt);
        let too_long = async {
            stop.thrown().await;
            tokio::time::sleep(PATIENCE).await;
        };
        let outcome = tokio::select! {
            outcome = &mut attempt => outcome,
            () = too_long => {
                canceller.cancel().await;
                attempt.await
            }
        };
        match outcome {
            Err(ExecuteError::Target(TargetError::Statement { code: Some(code), .. }))
                if code == QUERY_CANCELED && stop.is_thrown() =>
            {
                Err(ExecuteError::Interrupted)
            }
            outcome => outcome,
        }
    }

    /// Adds the missing GRANTs to an error about a privilege. The driver closes a session whose COPY was refused at
    /// once, so they are read in another one.
    async fn with_grants(&mut self, job: &Job, error: ExecuteError) -> ExecuteError {
        let context = Arc::clone(&self.context);
        if !error.is_denied() {
            return error;
        }
        let control = match context.hold_lock().await {
            Ok(control) => control,
            Err(lost) => {
                tracing::debug!(%lost, "the missing privileges cannot be asked for");
                return error;
            }
        };
        let step = context.step(job.step());
        let need = need_of(step.kind(), step.target_table());
        error.with_grants(&control, &context.spec.target.schemas, need).await
    }

    async fn attempt(&mut self, job: &Job) -> Result<JobOutcome, ExecuteError> {
        if self.context.stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
        drop(self.context.hold_lock().await?);
        match job {
            Job::Statement { step } if self.context.step(*step).kind() == StepKind::Check => {
                let asked = self.check(*step).await?;
                self.in_transaction(job, TransactionWork::Record(Box::new(asked), None)).await
            }
            Job::Statement { step } if !self.context.step(*step).in_transaction() => {
                self.context.ledger.claim_run(&self.session, &self.context.fence).await?;
                let before = self.run_alone(*step).await?;
                self.in_transaction(job, TransactionWork::Record(Box::default(), before)).await
            }
            _ => self.in_transaction(job, TransactionWork::Do).await,
        }
    }

    /// Makes sure that a table created by this migration is still the same one. A table of the application may be any.
    async fn expect_own_table(&mut self, at: usize) -> Result<(), ExecuteError> {
        let context = Arc::clone(&self.context);
        let target = &context.mapping(at)?.target;
        let made = StepKind::Table.id(target);
        if context.plan.steps.iter().any(|step| step.id == made) {
            context.ledger.expect_own_table(&self.session, &context.spec.target.schemas, target).await?;
        }
        Ok(())
    }

    /// Ledger's row of a step.
    fn record_of<'a>(&self, step: &'a Step, fingerprint: &'a str) -> StepRecord<'a> {
        let copied = step.source_table().filter(|_| step.kind() == StepKind::Copy);
        let (id, run) = (&step.id, self.context.fence.run);
        StepRecord { id, fingerprint, run, passed: true, rows: None, copied, undo: None, made: &[] }
    }

    /// Writes the ledger's row of a step; inside the transaction that has claimed it.
    async fn record(
        &mut self,
        step: usize,
        passed: bool,
        rows: Option<u64>,
        undo: Option<&[UndoStatement]>,
        before: Option<&BTreeSet<Identity>>,
    ) -> Result<(), TargetError> {
        let context = Arc::clone(&self.context);
        let step = context.step(step);
        let fingerprint = step.fingerprint();
        let record = self.record_of(step, &fingerprint);
        // The filled table by its identity: it may be renamed before a rollback removes its rows.
        let filled = record.copied.and_then(|table| context.plan.copied(table));
        let filled = filled.map(|mapping| ObjectName::relation(context.spec.target.schemas.place(&mapping.target)));
        let made = identity::read_made(&self.session, undo.unwrap_or_default(), filled.as_slice(), before).await?;
        let record = StepRecord { passed, rows, undo, made: &made, ..record };
        context.ledger.record_step(&self.session, record).await
    }
}
