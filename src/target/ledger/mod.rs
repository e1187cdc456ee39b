//! The ledger: schema `transship` in the target, the memory of what was done.
//!
//! A row of the ledger commits in the same transaction as what it speaks of, so that the two never disagree.

mod chunks;
mod detached;
mod loads;
mod origin;
mod progress;
mod rejected;

pub use chunks::{ChunkRecord, ChunkRow};
pub use loads::Load;
pub use origin::{Origin, UndoRow};
pub use progress::{RunProgress, StepLine, TableProgress};
pub use rejected::{COPY_REJECTED, NewRejectedRow, RejectedRow, RejectedTally, TooLarge};

use super::identity::{Made, UndoStatement};
use super::{Session, TargetError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the ledger's tables, part of the schema's comment.
const VERSION: i32 = 2;

/// How often the lock is asked for, and the pause between: the server needs a moment to notice that a command has ended.
const LOCK_TRIES: u32 = 15;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// The ledger of one migration.
#[derive(Debug, Clone)]
pub struct Ledger {
    migration: String,
}

/// A step that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneStep {
    /// What it did, as a digest.
    pub fingerprint: String,
    /// Whether it ended well; false only for a check that got a wrong answer.
    pub passed: bool,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
}

/// A run, for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// running, done, failed or interrupted.
    pub state: String,
    /// The digest of the plan it carried out.
    pub plan_digest: String,
    /// The program and its version.
    pub program: String,
    /// When it began, ISO 8601 in UTC.
    pub started_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// The error it ended with.
    pub message: Option<String>,
}

/// A step's row, to be written in the transaction of the step.
#[derive(Debug, Clone, Copy)]
pub struct StepRecord<'a> {
    /// The step's id.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// What it did, as a digest.
    pub fingerprint: &'a str,
    /// The run.
    pub run: i64,
    /// Whether it ended well.
    pub passed: bool,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
    /// The source table, for a copy: it began with the first of its chunks.
    pub copied: Option<&'a str>,
    /// The statements that take it back, in order; `None` where nobody has said how.
    pub undo: Option<&'a [UndoStatement]>,
    /// The objects that it has made, or that its undo speaks of.
    pub made: &'a [Made],
}

impl Ledger {
    /// The ledger of the migration of this name. Nothing is contacted yet.
    #[must_use]
    pub fn of(migration: &str) -> Self {
        Self { migration: migration.to_owned() }
    }

    /// Whether the target has a ledger.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a ledger of another version.
    pub async fn exists(&self, session: &Session) -> Result<bool, TargetError> {
        Ok(self.version(session).await?.is_some())
    }

    /// The version of the ledger that the target has.
    async fn version(&self, session: &Session) -> Result<Option<i32>, TargetError> {
        let sql = "SELECT substring(obj_description(n.oid, 'pg_namespace') FROM 'version (\\d+)')::int, \
                   to_regclass('transship.chunk') IS NOT NULL \
                   FROM pg_catalog.pg_namespace n WHERE n.nspname = 'transship'";
        let row = session.client().query_opt(sql, &[]).await.map_err(|error| failed(&error))?;
        let Some(row) = row else { return Ok(None) };
        match row.get::<_, Option<i32>>(0) {
            Some(found) if !(1..=VERSION).contains(&found) => Err(TargetError::LedgerVersion { found, known: VERSION }),
            version => Ok(version.filter(|_| row.get(1))),
        }
    }

    /// Makes the ledger's tables where they are missing, and brings those of an earlier version up to date; inside a
    /// transaction.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn create(&self, session: &Session) -> Result<(), TargetError> {
        self.lock_schema(session).await?;
        if self.version(session).await? == Some(1) {
            session.execute(include_str!("upgrade.sql"), "bringing the ledger to version 2").await?;
        }
        session.execute(include_str!("schema.sql"), "making the ledger").await
    }

    /// Lets one migration at a time make or remove the ledger's tables, until the transaction ends.
    async fn lock_schema(&self, session: &Session) -> Result<(), TargetError> {
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended('transship ledger', 0))";
        session.execute(sql, "waiting for another migration that makes or removes the ledger").await
    }

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

    /// Begins a run that has so many steps to do. A run that a dead process left open is closed first: the lock proves that it is dead.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn begin_run(&self, session: &Session, plan_digest: &str, steps: usize) -> Result<i64, TargetError> {
        let close = "UPDATE transship.run SET state = 'interrupted', finished_at = clock_timestamp(), \
                     message = 'the process ended without a word' WHERE migration = $1 AND state = 'running'";
        session.client().execute(close, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let program = concat!("transship ", env!("CARGO_PKG_VERSION"));
        let sql = "INSERT INTO transship.run (migration, plan_digest, program, planned_steps) VALUES ($1, $2, $3, $4) RETURNING id";
        let row = session
            .client()
            .query_one(sql, &[&self.migration, &plan_digest, &program, &i64::try_from(steps).unwrap_or(i64::MAX)])
            .await
            .map_err(|error| failed(&error))?;
        Ok(row.get(0))
    }

    /// Ends a run.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn end_run(
        &self,
        session: &Session,
        run: i64,
        state: &str,
        message: Option<&str>,
    ) -> Result<(), TargetError> {
        let sql = "UPDATE transship.run SET state = $2, message = $3, finished_at = clock_timestamp() WHERE id = $1";
        session.client().execute(sql, &[&run, &state, &message]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The runs, the latest first.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn runs(&self, session: &Session) -> Result<Vec<RunRow>, TargetError> {
        let sql = "SELECT id, state, plan_digest, program, \
                   to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), \
                   to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), message \
                   FROM transship.run WHERE migration = $1 ORDER BY id DESC";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let run = |row: &tokio_postgres::Row| RunRow {
            id: row.get(0),
            state: row.get(1),
            plan_digest: row.get(2),
            program: row.get(3),
            started_at: row.get(4),
            finished_at: row.get(5),
            message: row.get(6),
        };
        Ok(rows.iter().map(run).collect())
    }

    /// The steps that are done, by id.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn done_steps(&self, session: &Session) -> Result<BTreeMap<String, DoneStep>, TargetError> {
        let sql = "SELECT id, fingerprint, state, row_count FROM transship.step WHERE migration = $1";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let step = |row: &tokio_postgres::Row| {
            let passed = row.get::<_, &str>(2) == "done";
            (row.get(0), DoneStep { fingerprint: row.get(1), passed, rows: unsigned(row.get(3)) })
        };
        Ok(rows.iter().map(step).collect())
    }

    /// Writes a step's row; inside the transaction of the step.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_step(&self, session: &Session, step: StepRecord<'_>) -> Result<(), TargetError> {
        let sql = "INSERT INTO transship.step (migration, id, kind, fingerprint, run, state, started_at, row_count, undo, made, transactions) \
                   SELECT $1, $2, $3, $4, $5, $6, least(transaction_timestamp(), ( \
                       SELECT min(started_at) FROM transship.chunk WHERE migration = $1 AND run = $5 AND table_name = $9 \
                   )), $7, $8, $10::text::jsonb, ARRAY[pg_current_xact_id()] \
                   ON CONFLICT (migration, id) DO UPDATE SET kind = excluded.kind, fingerprint = excluded.fingerprint, \
                   run = excluded.run, state = excluded.state, started_at = excluded.started_at, \
                   finished_at = clock_timestamp(), row_count = excluded.row_count, undo = excluded.undo, \
                   made = excluded.made, transactions = step.transactions || excluded.transactions, place = DEFAULT";
        let state = if step.passed { "done" } else { "failed" };
        let rows = step.rows.map(signed);
        let undo = step.undo.map(|undo| undo.iter().map(UndoStatement::statement).collect::<Vec<_>>());
        let made = serde_json::to_string(step.made).map_err(|error| unreadable(&error))?;
        session
            .client()
            .execute(
                sql,
                &[
                    &self.migration,
                    &step.id,
                    &step.kind,
                    &step.fingerprint,
                    &step.run,
                    &state,
                    &rows,
                    &undo,
                    &step.copied,
                    &made,
                ],
            )
            .await
            .map_err(|error| failed(&error))?;
        Ok(())
    }
}

fn failed(error: &tokio_postgres::Error) -> TargetError {
    TargetError::statement("working with the ledger", error)
}

/// JSON in the ledger that is not what this program writes there.
fn unreadable(error: &serde_json::Error) -> TargetError {
    TargetError::Statement {
        doing: "reading the ledger".to_owned(),
        message: error.to_string(),
        code: None,
        transient: false,
        context: None,
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}
