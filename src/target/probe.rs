//! A short measure of a server and of the way to it: a round trip, some MiB by COPY, an index over them.
//!
//! It is taken in transactions that are rolled back. The same measure of two servers says how much longer work on one of them
//! takes than on the other; by itself it says nothing.

use super::transaction::TransactionScope;
use super::{Server, Session, TargetError};
use serde::Serialize;
use std::time::{Duration, Instant};

/// Questions by which the round trip is measured, and attempts at the rest.
const QUESTIONS: usize = 15;
const ATTEMPTS: usize = 3;

/// Rows of an attempt, and of the first one, which says whether the way is too slow for more.
const ROWS: u64 = 60_000;
const FEW_ROWS: u64 = 6_000;

/// Time of the first attempt beyond which the others are no larger.
const LONG: Duration = Duration::from_secs(1);

/// Rows in one message.
const BATCH: u64 = 1_000;

const DOING: &str = "measuring the server";

/// Measure of a server. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Probe {
    /// One question and its answer: the time that a quarter of them did not take longer than. A machine that does other things
    /// makes questions longer, and no way shorter.
    pub round_trip: f64,
    /// Bytes that COPY took in a second, for each attempt.
    pub bytes_per_second: Vec<f64>,
    /// Rows whose two indexes were built in a second, for each attempt.
    pub indexed_rows_per_second: Vec<f64>,
    /// Whether the table was one of the session's own, which has no write-ahead log: the role may make no schema.
    pub is_temporary: bool,
}

impl Server {
    /// Measures the server. Nothing stays: the table is made in a transaction that is rolled back.
    ///
    /// # Errors
    /// No connection, or PostgreSQL's refusal to make even a temporary table.
    pub async fn probe(&self) -> Result<Probe, TargetError> {
        let session = self.connect().await?;
        session.prepare_for_work().await?;
        let mut trips = Vec::with_capacity(QUESTIONS);
        for _ in 0..QUESTIONS {
            let began = Instant::now();
            session.query_one("SELECT 1", &[], DOING).await?;
            trips.push(began.elapsed().as_secs_f64());
        }
        trips.sort_by(f64::total_cmp);
        let round_trip = trips[QUESTIONS / 4];
        let (mut bytes_per_second, mut indexed_rows_per_second) = (Vec::new(), Vec::new());
        let (first, is_temporary) =
            match session.transaction(TransactionScope::discarded(DOING), attempt(&session, true, FEW_ROWS)).await {
                Ok(first) => (first, false),
                Err(TargetError::Statement { code: Some(_), .. }) => (
                    session.transaction(TransactionScope::discarded(DOING), attempt(&session, false, FEW_ROWS)).await?,
                    true,
                ),
                Err(error) => return Err(error),
            };
        let rows = if first.copy > LONG { FEW_ROWS } else { ROWS };
        for _ in 0..ATTEMPTS {
            let measured =
                session.transaction(TransactionScope::discarded(DOING), attempt(&session, !is_temporary, rows)).await?;
            bytes_per_second.push(measured.bytes / measured.copy.as_secs_f64().max(1e-6));
            indexed_rows_per_second.push(float(rows) / measured.indexes.as_secs_f64().max(1e-6));
        }
        Ok(Probe { round_trip, bytes_per_second, indexed_rows_per_second, is_temporary })
    }
}

/// One attempt.
struct Attempt {
    bytes: f64,
    copy: Duration,
    indexes: Duration,
}

/// Makes a table, copies so many rows into it and indexes them. A table in a schema of its own is logged as those of a migration
/// are.
async fn attempt(session: &Session, is_logged: bool, rows: u64) -> Result<Attempt, TargetError> {
    let (make, table) = if is_logged {
        ("CREATE SCHEMA transship_probe; CREATE TABLE transship_probe.", "transship_probe.rows")
    } else {
        ("CREATE TEMPORARY TABLE ", "pg_temp.transship_probe")
    };
    let name = table.rsplit('.').next().unwrap_or(table);
    let columns = "(number bigint NOT NULL, code text NOT NULL, amount double precision, remark text)";
    session.execute(&format!("{make}{name} {columns}"), DOING).await?;
    let batches = batches(rows);
    let bytes = float(batches.iter().map(|batch| batch.len() as u64).sum());
    let began = Instant::now();
    let mut copy = session.copy_in(&format!("COPY {table} FROM STDIN (FORMAT binary)")).await?;
    for batch in batches {
        copy.send(batch).await;
    }
    copy.finish().await?;
    let copied = began.elapsed();
    let began = Instant::now();
    session
        .execute(&format!("ALTER TABLE {table} ADD PRIMARY KEY (number); CREATE INDEX ON {table} (code)"), DOING)
        .await?;
    Ok(Attempt { bytes, copy: copied, indexes: began.elapsed() })
}

/// A number as a float; what a rate is made of.
fn float(number: u64) -> f64 {
    Duration::from_secs(number).as_secs_f64()
}

/// Rows in PostgreSQL's binary format, the same ones every time, in an order that is not that of their keys.
fn batches(rows: u64) -> Vec<Vec<u8>> {
    let mut batches = Vec::new();
    for first in (0..rows).step_by(usize::try_from(BATCH).unwrap_or(usize::MAX)) {
        let mut batch = Vec::with_capacity(140 * 1_000);
        for row in first..rows.min(first + BATCH) {
            let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) ^ row;
            batch.extend_from_slice(&4_i16.to_be_bytes());
            field(&mut batch, &row.reverse_bits().wrapping_shr(1).to_be_bytes());
            field(&mut batch, format!("{mixed:016x}-{row:08}").as_bytes());
            field(&mut batch, &float(mixed >> 20).to_be_bytes());
            field(&mut batch, b"forty characters of a remark, more or less, as applications have them");
        }
        batches.push(batch);
    }
    batches
}

fn field(batch: &mut Vec<u8>, bytes: &[u8]) {
    let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    batch.extend_from_slice(&length.to_be_bytes());
    batch.extend_from_slice(bytes);
}
