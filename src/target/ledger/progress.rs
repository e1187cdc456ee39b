//! Progress and speed of a migration, summed up by the server, for `status --watch` reads them again and again.

use super::{Ledger, StepEnd, failed, unsigned};
use crate::target::{Session, TargetError};
use serde::Serialize;
use tokio_postgres::Row;

/// The form of every time: ISO 8601 in UTC, to the millisecond.
const TIME: &str = "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'";

/// A step in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepLine {
    /// The step's id.
    pub id: String,
    /// Its outcome.
    pub state: StepEnd,
    /// Rows copied, for a copy.
    pub rows: Option<u64>,
    /// The run that carried it out.
    pub run: i64,
    /// When it began, ISO 8601 in UTC; a copy with its first chunk.
    pub started_at: String,
    /// When it ended.
    pub finished_at: String,
    /// Time between the two.
    pub milliseconds: u64,
}

/// The chunks of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableProgress {
    /// The source table.
    pub table: String,
    /// Its chunks.
    pub chunks: u64,
    /// Loaded chunks.
    pub chunks_done: u64,
    /// Rows of the loaded chunks.
    pub rows: u64,
    /// Source rows of the loaded chunks that the target had already.
    #[serde(skip_serializing_if = "is_none")]
    pub already_there_rows: u64,
    /// Source rows of the loaded chunks that the spec rejects.
    pub rejected_rows: u64,
    /// Source values of the loaded chunks that became NULL as the spec says.
    pub nulled_values: u64,
    /// Source values of the loaded chunks that lost digits as the spec says.
    pub shortened_values: u64,
    /// Rows that the whole table was expected to have; absent in the ledger of an earlier version.
    pub estimated_rows: Option<u64>,
    /// Rows a second in the latest run, from the beginning of its first chunk to the end of its last.
    pub rows_per_second: Option<u64>,
}

/// The latest run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunProgress {
    /// Its number.
    pub run: i64,
    /// Whether a process is at work. An open run whose process is gone is continued by the next `apply`.
    pub active: bool,
    /// Steps that it has done.
    pub steps_done: u64,
    /// Steps that it had to do.
    pub steps_planned: Option<u64>,
    /// Chunks that it has copied.
    pub chunks_done: u64,
    /// Pending chunks of all tables.
    pub chunks_left: u64,
    /// Rows that it has copied.
    pub rows: u64,
    /// Pending rows, by the estimate of the plan.
    pub rows_left: Option<u64>,
    /// Rows a second, from the beginning of its first chunk until now, or until the end of the last if none is pending.
    pub rows_per_second: Option<u64>,
    /// Bytes a second, by the same estimate.
    pub bytes_per_second: Option<u64>,
    /// Seconds until all rows are copied at that speed, while the run is active; keys and indexes come on top.
    pub copy_seconds_left: Option<u64>,
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

impl Ledger {
    /// The steps that are done, in the order in which they ended.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_step_lines(&self, session: &Session) -> Result<Vec<StepLine>, TargetError> {
        let sql = format!(
            "SELECT id, state, row_count, run, to_char(started_at AT TIME ZONE 'UTC', {TIME}), \
             to_char(finished_at AT TIME ZONE 'UTC', {TIME}), \
             greatest(0, round(extract(epoch FROM finished_at - started_at) * 1000))::bigint \
             FROM transship.step WHERE migration = $1 ORDER BY finished_at, id"
        );
        let rows = session.client().query(&sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let line = |row: &Row| {
            Ok(StepLine {
                id: row.get(0),
                state: StepEnd::of_word(row.get(1))?,
                rows: unsigned(row.get(2)),
                run: row.get(3),
                started_at: row.get(4),
                finished_at: row.get(5),
                milliseconds: unsigned(row.get(6)).unwrap_or(0),
            })
        };
        rows.iter().map(line).collect()
    }

    /// The chunks of every table in sums, by table.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_table_progress(&self, session: &Session) -> Result<Vec<TableProgress>, TargetError> {
        let rows = session
            .client()
            .query(include_str!("queries/table_progress.sql"), &[&self.migration])
            .await
            .map_err(|error| failed(&error))?;
        let number = |row: &Row, at: usize| unsigned(row.get(at));
        let table = |row: &Row| TableProgress {
            table: row.get(0),
            chunks: number(row, 1).unwrap_or(0),
            chunks_done: number(row, 2).unwrap_or(0),
            rows: number(row, 3).unwrap_or(0),
            already_there_rows: number(row, 9).unwrap_or(0),
            rejected_rows: number(row, 4).unwrap_or(0),
            nulled_values: number(row, 5).unwrap_or(0),
            shortened_values: number(row, 8).unwrap_or(0),
            estimated_rows: number(row, 6),
            rows_per_second: number(row, 7),
        };
        Ok(rows.iter().map(table).collect())
    }

    /// The latest run; `None` if none was begun.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_run_progress(&self, session: &Session) -> Result<Option<RunProgress>, TargetError> {
        let row = session
            .client()
            .query_opt(include_str!("queries/run_progress.sql"), &[&self.migration])
            .await
            .map_err(|error| failed(&error))?;
        let number = |row: &Row, at: usize| unsigned(row.get(at));
        Ok(row.map(|row| RunProgress {
            run: row.get(0),
            active: row.get(1),
            steps_done: number(&row, 2).unwrap_or(0),
            steps_planned: number(&row, 3),
            chunks_done: number(&row, 4).unwrap_or(0),
            chunks_left: number(&row, 5).unwrap_or(0),
            rows: number(&row, 6).unwrap_or(0),
            rows_left: number(&row, 7),
            rows_per_second: number(&row, 8),
            bytes_per_second: number(&row, 9),
            copy_seconds_left: number(&row, 10),
        }))
    }
}
