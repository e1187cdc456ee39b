//! The writing transaction of a job: it begins by claiming what the job does, and commits only what was claimed.

use super::{JobOutcome, Worker};
use crate::apply::schedule::Job;
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::target::identity::Identity;
use crate::target::ledger::ChunkRow;
use crate::target::{TargetError, TransactionScope};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Work between claim and commit.
pub(super) enum TransactionWork {
    /// The job itself.
    Do,
    /// Only the ledger's row of a job that was done outside of a transaction, with its outcome and the objects that
    /// existed before.
    Record(Box<JobOutcome>, Option<BTreeSet<Identity>>),
}

impl Worker {
    /// Does a job, or records it, in one transaction with its ledger rows. A job that is already done is skipped.
    pub(super) async fn in_transaction(
        &mut self,
        job: &Job,
        work: TransactionWork,
    ) -> Result<JobOutcome, ExecuteError> {
        let session = Arc::clone(&self.session);
        let doing = format!("committing {}", self.context.step(job.step()).id);
        let claimed_and_done = async {
            let outcome = if self.claim(job).await? {
                self.carry_out(job, work).await?
            } else {
                let done = self.is_done(job).await?;
                done.ok_or_else(|| TargetError::NotClaimed { what: self.context.step(job.step()).id.to_string() })?
            };
            reach(before_commit(job));
            Ok(outcome)
        };
        let ended = session.transaction(TransactionScope::committed(&doing), claimed_and_done).await;
        match ended {
            Ok(outcome) => {
                reach(committed(job));
                Ok(outcome)
            }
            Err(error) => match job {
                Job::Chunk { step, chunk } => Err(self.with_key(*step, chunk, error).await),
                _ => Err(error),
            },
        }
    }

    /// Claims the job's work for this run until the transaction ends; false if it is already done.
    async fn claim(&mut self, job: &Job) -> Result<bool, ExecuteError> {
        let context = Arc::clone(&self.context);
        let (ledger, fence) = (&context.ledger, &context.fence);
        ledger.claim_run(&self.session, fence).await?;
        let claimed = match job {
            Job::Chunk { step, chunk } => self.claim_chunks(*step, std::slice::from_ref(chunk)).await?,
            Job::Replace { copies } => {
                let mut claimed = true;
                for (step, chunks) in copies {
                    claimed &= self.claim_chunks(*step, chunks).await?;
                }
                claimed
            }
            Job::CopyDone { step } | Job::Statement { step } => {
                let step = context.step(*step);
                let fingerprint = step.fingerprint();
                ledger.claim_step(&self.session, self.record_of(step, &fingerprint)).await?
            }
        };
        reach(claimed_place(job));
        Ok(claimed)
    }

    async fn claim_chunks(&mut self, at: usize, chunks: &[ChunkRow]) -> Result<bool, ExecuteError> {
        let context = Arc::clone(&self.context);
        let mapping = context.mapping(at)?;
        let ordinals = chunks.iter().map(|chunk| chunk.ordinal).collect::<Vec<_>>();
        let claimed = context.ledger.claim_chunks(&self.session, &context.fence, &mapping.source, &ordinals).await?;
        if claimed != chunks.len() {
            return Ok(false);
        }
        self.expect_own_table(at).await?;
        // All rows of a table that this migration has created are its own.
        let made = StepKind::Table.id(&mapping.target);
        if context.plan.steps.iter().any(|step| step.id == made) {
            let table = context.spec.target.schemas.qualified(&mapping.target);
            context.ledger.expect_no_rows_before_chunks(&self.session, &mapping.source, &table).await?;
        }
        Ok(true)
    }

    async fn carry_out(&mut self, job: &Job, work: TransactionWork) -> Result<JobOutcome, ExecuteError> {
        match (job, work) {
            (Job::Chunk { step, chunk }, _) => Ok(self.copy_rows(*step, chunk).await?.into()),
            (Job::Replace { copies }, _) => self.replace(copies).await,
            (Job::CopyDone { step }, _) => self.finish_copy(*step).await,
            (Job::Statement { step }, TransactionWork::Do) => self.statement(*step).await,
            (Job::Statement { step }, TransactionWork::Record(outcome, before)) => {
                // A check that may fail is done with its warning; `verify` asks it again.
                let passed = outcome.check.as_ref().is_none_or(|check| !check.is_failure());
                let undo = if outcome.check.is_some() { Some(Vec::new()) } else { self.undo(*step).await? };
                self.record(*step, passed, None, undo.as_deref(), before.as_ref()).await?;
                Ok(*outcome)
            }
        }
    }
}

/// Failpoint after a job's claim.
fn claimed_place(job: &Job) -> &'static str {
    match job {
        Job::Chunk { .. } | Job::Replace { .. } => "chunk_claimed",
        Job::CopyDone { .. } | Job::Statement { .. } => "step_claimed",
    }
}

/// Failpoint before a job's COMMIT.
fn before_commit(job: &Job) -> &'static str {
    match job {
        Job::Chunk { .. } | Job::Replace { .. } => "chunk_before_commit",
        Job::CopyDone { .. } => "copy_before_commit",
        Job::Statement { .. } => "statement_before_commit",
    }
}

/// Failpoint after a job's COMMIT.
fn committed(job: &Job) -> &'static str {
    match job {
        Job::Chunk { .. } | Job::Replace { .. } => "chunk_committed",
        Job::CopyDone { .. } => "copy_recorded",
        Job::Statement { .. } => "statement_committed",
    }
}
