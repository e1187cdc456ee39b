//! Ownership of a migration: which run may write. `tests/model` explores this protocol and carries the same names.
//!
//! - The *lock* of the migration lives with one session of a run. It keeps two runs apart while both are well, and
//!   nothing more: a session can be ended while its run goes on.
//! - The *fencing number* of a run decides. Each writing transaction begins with [`Ledger::claim_run`], which succeeds
//!   only
//!   while the ledger names this run as the running one, and which keeps that so until the transaction ends.
//! - The *claim* of a chunk or a step ([`Ledger::claim_chunks`], [`Ledger::claim_step`]) succeeds only while it is
//!   not yet done, and locks its row: of two transactions that claim the same one, the second finds it done.

use super::{Fence, Ledger, RunState, StepRecord, failed, unreadable};
use crate::catalog::SnapshotState;
use crate::target::sqlstate::MISSING_LEDGER;
use crate::target::{Session, TargetError};
use serde::Serialize;
use std::time::Duration;

/// Number of tries to take the lock, and the pause between: the server needs a moment to notice that a command has
/// ended.
const LOCK_TRIES: u32 = 15;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Number of checks whether the sessions of an earlier run have ended.
const END_TRIES: u32 = 100;

/// Digest of a ledger's chunks and steps at one moment; `None` if there is no ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerMark(Option<String>);

/// A run that begins.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a, Facts> {
    /// The digest of its plan.
    pub plan_digest: &'a str,
    /// Number of its steps.
    pub steps: usize,
    /// The state of a server that it reads; `None` for a file.
    pub source: Option<&'a SnapshotState>,
    /// Facts about values by which it is planned, which are kept as JSON.
    pub value_facts: &'a Facts,
}

impl Ledger {
    /// Takes the migration's lock for as long as the session lives.
    ///
    /// # Errors
    /// Another session holds it.
    pub async fn lock(&self, session: &Session) -> Result<(), TargetError> {
        let sql = "SELECT pg_try_advisory_lock(hashtextextended('transship:' || $1, 0))";
        for _ in 0..LOCK_TRIES {
            let row = session.client().query_one(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
            if row.get(0) {
                return Ok(());
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Err(TargetError::Busy { migration: self.migration.clone() })
    }

    /// Takes the migration's lock, however long another session holds it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn wait_for_lock(&self, session: &Session) -> Result<(), TargetError> {
        loop {
            match self.lock(session).await {
                Err(TargetError::Busy { .. }) => {
                    tracing::warn!(migration = %self.migration, "waiting for another transship on this migration");
                }
                locked => return locked,
            }
        }
    }

    /// Marks a session as one that works for a run of this migration, so that a run that takes over can end it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn join(&self, session: &Session) -> Result<(), TargetError> {
        let sql = "SELECT pg_advisory_lock_shared(hashtextextended('transship session:' || $1, 0))";
        session.client().execute(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Ends the sessions that still work for an earlier run; `session` holds the migration's lock, so that run has lost
    /// it and its transactions could only hold up this one. They are rolled back whole.
    ///
    /// # Errors
    /// The role may not end them, or they do not end.
    pub async fn take_over(&self, session: &Session) -> Result<(), TargetError> {
        for _ in 0..END_TRIES {
            let rows = session
                .client()
                .query(include_str!("queries/end_sessions.sql"), &[&self.migration])
                .await
                .map_err(|error| TargetError::statement("ending the sessions of an earlier run", &error))?;
            if rows.is_empty() {
                return Ok(());
            }
            tracing::warn!(sessions = rows.len(), "ending sessions that an earlier run has left behind");
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Err(TargetError::SessionsRemain { migration: self.migration.clone() })
    }

    /// Mark of the ledger's present state; a run compares it, when it begins, with the mark of its plan.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a ledger that cannot be used.
    pub async fn mark(&self, session: &Session) -> Result<LedgerMark, TargetError> {
        if !self.is_known(session).await? {
            return Ok(LedgerMark(None));
        }
        let sql = include_str!("queries/mark.sql");
        let row = session.client().query_one(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        Ok(LedgerMark(row.get(0)))
    }

    /// Error for a ledger that has changed since the plan was made.
    #[must_use]
    pub fn moved(&self) -> TargetError {
        TargetError::LedgerMoved { migration: self.migration.clone() }
    }

    /// Begins a run, inside a transaction that has closed the one before ([`Ledger::close_running`]).
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn begin_run<Facts: Serialize + Sync>(
        &self,
        session: &Session,
        NewRun { plan_digest, steps, source, value_facts }: NewRun<'_, Facts>,
    ) -> Result<Fence, TargetError> {
        let program = concat!("transship ", env!("CARGO_PKG_VERSION"));
        let sql = "INSERT INTO transship.run (migration, plan_digest, program, planned_steps, source_snapshot, value_facts, fence) \
                   VALUES ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, pg_current_xact_id()) RETURNING id, fence::text";
        let source = source.map(serde_json::to_string).transpose().map_err(|error| unreadable(&error))?;
        let value_facts = serde_json::to_string(value_facts).map_err(|error| unreadable(&error))?;
        let steps = i64::try_from(steps).unwrap_or(i64::MAX);
        let row = session
            .client()
            .query_one(sql, &[&self.migration, &plan_digest, &program, &steps, &source, &value_facts])
            .await
            .map_err(|error| failed(&error))?;
        Ok(Fence { run: row.get(0), number: row.get(1) })
    }

    /// Closes a run that was left open: it can no longer write. It waits for the run's last transactions.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn close_running(&self, session: &Session) -> Result<(), TargetError> {
        let sql = "UPDATE transship.run SET state = 'interrupted', finished_at = clock_timestamp(), \
                   message = 'the process ended without recording its end' WHERE migration = $1 AND state = 'running'";
        session.client().execute(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Makes sure that the run is the running one, and keeps it so until the transaction ends.
    ///
    /// # Errors
    /// [`TargetError::Overtaken`].
    pub async fn claim_run(&self, session: &Session, fence: &Fence) -> Result<(), TargetError> {
        let sql = "SELECT FROM transship.run WHERE id = $1 AND migration = $2 AND fence = $3::text::xid8 \
                   AND state = 'running' FOR SHARE";
        let found = session.client().query_opt(sql, &[&fence.run, &self.migration, &fence.number]).await;
        match found.map_err(|error| failed(&error)) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(self.overtaken(session, fence).await),
            Err(error) => Err(gone(error, fence)),
        }
    }

    /// Claims chunks of a table for the transaction: locks the ledger's rows of those that are pending or stale, and
    /// returns their number.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn claim_chunks(
        &self,
        session: &Session,
        fence: &Fence,
        table: &str,
        ordinals: &[i32],
    ) -> Result<usize, TargetError> {
        let sql = "UPDATE transship.chunk SET run = $4 \
                   WHERE migration = $1 AND table_name = $2 AND ordinal = ANY ($3) AND (digest IS NULL OR is_stale)";
        let claimed = session.client().execute(sql, &[&self.migration, &table, &ordinals, &fence.run]).await;
        Ok(usize::try_from(claimed.map_err(|error| failed(&error))?).unwrap_or(usize::MAX))
    }

    /// Claims a step for the transaction; `false` if this run has done it already. A step of an earlier run is repeated
    /// if the plan says so: nobody but this run has written since it was planned ([`Ledger::mark`]). The row that is
    /// written here calls the step failed until [`Ledger::record_step`] calls it done in the same transaction: a COMMIT
    /// in between, out of a step's own SQL, must not.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn claim_step(&self, session: &Session, step: StepRecord<'_>) -> Result<bool, TargetError> {
        let sql = "INSERT INTO transship.step (migration, id, kind, fingerprint, run, state, started_at) \
                   VALUES ($1, $2, $3, $4, $5, 'failed', transaction_timestamp()) \
                   ON CONFLICT (migration, id) DO UPDATE SET run = excluded.run, state = excluded.state \
                   WHERE step.run <> excluded.run OR step.state <> 'done' OR step.fingerprint <> excluded.fingerprint";
        let claimed = session
            .client()
            .execute(sql, &[&self.migration, &step.id.to_string(), &step.id.kind.word(), &step.fingerprint, &step.run])
            .await
            .map_err(|error| failed(&error))?;
        Ok(claimed == 1)
    }

    /// Ends a run.
    ///
    /// # Errors
    /// [`TargetError::Overtaken`] if the ledger no longer names it as the running one; PostgreSQL's refusal.
    pub async fn end_run(
        &self,
        session: &Session,
        fence: &Fence,
        state: RunState,
        message: Option<&str>,
    ) -> Result<(), TargetError> {
        let sql = "UPDATE transship.run SET state = $3, message = $4, finished_at = clock_timestamp() \
                   WHERE id = $1 AND fence = $2::text::xid8 AND state = 'running'";
        let ended = session.client().execute(sql, &[&fence.run, &fence.number, &state.word(), &message]).await;
        match ended.map_err(|error| failed(&error)) {
            Ok(1) => Ok(()),
            Ok(_) => Err(self.overtaken(session, fence).await),
            Err(error) => Err(gone(error, fence)),
        }
    }

    /// Error for a run that is no longer the running one; it names the run that superseded it.
    async fn overtaken(&self, session: &Session, fence: &Fence) -> TargetError {
        let sql = "SELECT id, to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"') FROM transship.run \
                   WHERE migration = $1 AND fence > $2::text::xid8 ORDER BY fence LIMIT 1";
        match session.client().query_opt(sql, &[&self.migration, &fence.number]).await {
            Ok(row) => {
                let by =
                    row.map(|row| format!("run {}, which began at {}", row.get::<_, i64>(0), row.get::<_, &str>(1)));
                TargetError::Overtaken { run: fence.run, by }
            }
            Err(error) => gone(failed(&error), fence),
        }
    }
}

/// A ledger that is no longer there was removed by a rollback.
fn gone(error: TargetError, fence: &Fence) -> TargetError {
    match &error {
        TargetError::Statement { code: Some(code), .. } if MISSING_LEDGER.contains(&code.as_str()) => {
            TargetError::Overtaken { run: fence.run, by: None }
        }
        _ => error,
    }
}
