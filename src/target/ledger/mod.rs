//! The ledger: schema `transship` in the target, the record of runs, steps and chunks.
//!
//! A row of the ledger commits in the same transaction as the work that it records, so that the two never disagree.

mod chunks;
mod contradictions;
mod detached;
mod distrust;
mod identities;
mod loads;
mod merged;
mod origin;
mod ownership;
mod progress;
mod rejected;
mod replaced;
mod state;
mod strangers;
mod trust;

pub use chunks::{ChunkRecord, ChunkRow};
pub use contradictions::Contradiction;
pub use distrust::Distrust;
pub use loads::Load;
pub use origin::{DatabaseOrigin, UndoRow};
pub use ownership::{LedgerMark, NewRun};
pub use progress::{RunProgress, StepLine, TableProgress};
pub use rejected::{COPY_REJECTED, NewRejectedRow, RejectedRow, RejectedTally, TooLarge};
pub use replaced::{NewReplaced, Replaced};
pub use state::{RunState, StepEnd};

use super::identity::{RecordedObject, UndoStatement};
use super::{Session, TargetError};
use crate::catalog::SnapshotState;
use crate::name::{Schemas, StepId, StepKind, UnknownStepId};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the ledger's tables, part of the schema's comment.
const VERSION: i32 = 8;

/// The ledger's tables: three that version 1 had, one that version 2 added, three of version 3, and those of version 7.
const TABLES: [&str; 9] =
    ["run", "step", "chunk", "origin", "rejected_rows", "detached", "replaced", "merged_ids", "merged_rows"];

/// Denied action of a role that lacks a privilege on the ledger, whichever command needs it.
pub const USE: &str = "use the ledger, the schema transship";

/// The ledger of one migration.
#[derive(Debug, Clone)]
pub struct Ledger {
    migration: String,
}

/// Fencing token: the numbers by which a run proves that the ledger still has it as the running one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The run's number in the ledger.
    pub run: i64,
    /// The transaction that began the run: PostgreSQL's 64-bit number of it in text, which is never given out again
    /// (PostgreSQL documentation, section 74.1). The run's own number is, after a rollback has removed the ledger.
    number: String,
}

/// A step that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneStep {
    /// Digest of the step's work.
    pub fingerprint: String,
    /// Whether it succeeded; `false` only for a check with a wrong answer.
    pub passed: bool,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
    /// The run that carried it out.
    pub run: i64,
}

/// The steps of a migration that are done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoneSteps {
    /// The steps of kinds that this version of transship has.
    pub known: BTreeMap<StepId, DoneStep>,
    /// The ids of all other steps that succeeded: another version has carried them out.
    pub unknown: Vec<UnknownStepId>,
}

/// A run, for `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// Its state.
    pub state: RunState,
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
    /// The state of a server that it read; `None` for a file, and for a run of an earlier version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_snapshot: Option<SnapshotState>,
}

/// A step's row, to be written in the transaction of the step.
#[derive(Debug, Clone, Copy)]
pub struct StepRecord<'a> {
    /// The step's id.
    pub id: &'a StepId,
    /// Digest of the step's work.
    pub fingerprint: &'a str,
    /// The run.
    pub run: i64,
    /// Whether it succeeded.
    pub passed: bool,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
    /// The source table, for a copy: it began with the first of its chunks.
    pub copied: Option<&'a str>,
    /// Undo statements, in order; `None` if none are known.
    pub undo: Option<&'a [UndoStatement]>,
    /// The objects that it has made, or that its undo speaks of.
    pub made: &'a [RecordedObject],
}

impl Ledger {
    /// The ledger of the migration of this name. Nothing is contacted yet.
    #[must_use]
    pub fn of(migration: &str) -> Self {
        Self { migration: migration.to_owned() }
    }

    /// Whether the target has a ledger. Everything that reads or executes what the ledger says asks this first.
    ///
    /// # Errors
    /// PostgreSQL's refusal, a ledger of another version, or one that others have made or may write.
    pub async fn exists(&self, session: &Session) -> Result<bool, TargetError> {
        Ok(self.read_version(session).await?.is_some())
    }

    /// Whether the target has a ledger that the role may read, for a plan. A missing privilege is a finding of the
    /// plan, which then ignores earlier runs.
    ///
    /// # Errors
    /// As for [`Ledger::exists`], but for missing rights.
    pub async fn is_known(&self, session: &Session) -> Result<bool, TargetError> {
        Ok(self.is_readable(session).await? && self.exists(session).await?)
    }

    /// Whether the role may read the ledger, if there is one.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a ledger that others have made or may write.
    pub async fn is_readable(&self, session: &Session) -> Result<bool, TargetError> {
        self.check_trust(session).await?;
        Ok(Self::read_missing_to_read(session).await?.is_empty())
    }

    /// Grants that the role needs to read the ledger; empty if it needs none, or there is no ledger.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_missing_to_read(session: &Session) -> Result<Vec<String>, TargetError> {
        let sql = include_str!("queries/missing_to_read.sql");
        let rows = session.client().query(sql, &[&TABLES.as_slice()]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Version of the target's ledger, after the check that it can be trusted; `None` if there is none.
    async fn read_version(&self, session: &Session) -> Result<Option<i32>, TargetError> {
        let sql = include_str!("queries/version.sql");
        // Before anything of it is trusted, also if there is only an empty schema, or none: who owns it
        // decides what the tables will be, and who may write every table may write those too.
        self.check_trust(session).await?;
        let grants = Self::read_missing_to_read(session).await?;
        if !grants.is_empty() {
            return Err(TargetError::NotPermitted { what: USE.to_owned(), grants });
        }
        let tables = TABLES.as_slice();
        let Some(row) = session.client().query_opt(sql, &[&tables]).await.map_err(|error| failed(&error))? else {
            return Ok(None);
        };
        let missing = row.get::<_, Vec<String>>(1);
        let needed = match row.get::<_, Option<i32>>(0) {
            // A schema that holds nothing of a ledger yet.
            None if missing.len() == TABLES.len() => return Ok(None),
            None | Some(7 | VERSION) => TABLES.len(),
            Some(3..=6) => 7,
            Some(1) => 3,
            Some(2) => 4,
            Some(found) => return Err(TargetError::LedgerVersion { found, known: VERSION }),
        };
        match missing.into_iter().find(|name| TABLES[..needed].contains(&name.as_str())) {
            Some(table) => Err(TargetError::LedgerIncomplete { table }),
            None => Ok(row.get(0)),
        }
    }

    /// Makes the ledger's tables that are missing, and brings those of an earlier version up to date; inside a
    /// transaction. A ledger of this version is not touched: altering its tables would wait for the transactions of
    /// every other migration in this database.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a ledger that others have made or may write.
    pub async fn create(&self, session: &Session) -> Result<(), TargetError> {
        self.lock_schema(session).await?;
        let version = self.read_version(session).await?;
        if version == Some(VERSION) {
            return Ok(());
        }
        if version == Some(1) {
            session.execute(include_str!("upgrade_from_1.sql"), "bringing the ledger up to date").await?;
        }
        session.execute(include_str!("schema.sql"), "making the ledger").await?;
        // Again: the schema may have been made by others in the moment before.
        self.close_to_others(session).await
    }

    /// Lets one migration at a time make or remove the ledger's tables, until the transaction ends.
    async fn lock_schema(&self, session: &Session) -> Result<(), TargetError> {
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended('transship ledger', 0))";
        session.execute(sql, "waiting for another migration that makes or removes the ledger").await
    }

    /// The runs, the latest first.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_runs(&self, session: &Session) -> Result<Vec<RunRow>, TargetError> {
        // By way of jsonb, since the ledger of an earlier version does not have the last column.
        let sql = "SELECT id, state, plan_digest, program, \
                   to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), \
                   to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), message, \
                   to_jsonb(run) ->> 'source_snapshot' \
                   FROM transship.run WHERE migration = $1 ORDER BY id DESC";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let run = |row: &tokio_postgres::Row| {
            Ok(RunRow {
                id: row.get(0),
                state: RunState::of_word(row.get(1))?,
                plan_digest: row.get(2),
                program: row.get(3),
                started_at: row.get(4),
                finished_at: row.get(5),
                message: row.get(6),
                source_snapshot: row.get::<_, Option<&str>>(7).and_then(snapshot),
            })
        };
        rows.iter().map(run).collect()
    }

    /// The facts about values by which the runs that have done steps were planned, as JSON, by run; none of a run of an earlier
    /// version.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_value_facts(&self, session: &Session) -> Result<BTreeMap<i64, String>, TargetError> {
        // By way of jsonb, since the ledger of an earlier version does not have the column.
        let sql = "SELECT id, to_jsonb(run) ->> 'value_facts' FROM transship.run \
                   WHERE migration = $1 AND id IN (SELECT run FROM transship.step WHERE migration = $1)";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().filter_map(|row| Some((row.get(0), row.get::<_, Option<String>>(1)?))).collect())
    }

    /// The schemas in which migrations have made tables.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a ledger that others have made or may write.
    pub async fn read_filled_schemas(session: &Session) -> Result<Vec<String>, TargetError> {
        if !Self::of("").is_known(session).await? {
            return Ok(Vec::new());
        }
        let sql = "SELECT DISTINCT o.target_schema FROM transship.origin o JOIN transship.step s USING (migration) \
                   WHERE s.kind = $1";
        let kind = StepKind::Table.word();
        let rows = session.client().query(sql, &[&kind]).await.map_err(|error| failed(&error))?;
        let schemas = rows.iter().map(|row| Schemas::parse(row.get(0)));
        Ok(schemas.flat_map(|schemas| schemas.iter().map(|one| one.name().to_owned()).collect::<Vec<_>>()).collect())
    }

    /// The steps that are done.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_done_steps(&self, session: &Session) -> Result<DoneSteps, TargetError> {
        let sql = "SELECT id, fingerprint, state, row_count, run FROM transship.step WHERE migration = $1";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let mut done = DoneSteps::default();
        for row in &rows {
            let passed = StepEnd::of_word(row.get(2))? == StepEnd::Done;
            let step = DoneStep { fingerprint: row.get(1), passed, rows: unsigned(row.get(3)), run: row.get(4) };
            match row.get::<_, &str>(0).parse() {
                Ok(id) => drop(done.known.insert(id, step)),
                Err(unknown) if passed => done.unknown.push(unknown),
                Err(_) => {}
            }
        }
        Ok(done)
    }

    /// Writes a step's row; inside the transaction of the step, which has claimed it.
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
        let state = StepEnd::of(step.passed).word();
        let rows = step.rows.map(signed);
        let undo = step.undo.map(|undo| undo.iter().map(UndoStatement::statement).collect::<Vec<_>>());
        let made = serde_json::to_string(step.made).map_err(|error| unreadable(&error))?;
        session
            .client()
            .execute(
                sql,
                &[
                    &self.migration,
                    &step.id.to_string(),
                    &step.id.kind.word(),
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

/// The state of the source that a run has read. A later version may know methods that this one does not.
fn snapshot(text: &str) -> Option<SnapshotState> {
    serde_json::from_str(text)
        .map_err(|error| tracing::warn!(%error, "the ledger's record of the source's state cannot be read"))
        .ok()
}

fn failed(error: &tokio_postgres::Error) -> TargetError {
    TargetError::statement("working with the ledger", error)
}

/// Error for an entry of the ledger that this program would not write.
fn unreadable(error: &dyn std::fmt::Display) -> TargetError {
    TargetError::Statement {
        doing: "reading the ledger".to_owned(),
        message: error.to_string(),
        code: None,
        transient: false,
        context: None,
        private: super::Private::default(),
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}
