//! Chunks: key ranges of the source's tables, pending, loaded or stale.

use super::{Ledger, RejectedTally, failed, signed, unreadable, unsigned};
use crate::catalog::{Key, KeyRange, TableSize};
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// A chunk, pending or loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkRow {
    /// Its number in the table, from zero.
    pub ordinal: i32,
    /// Its rows in the source.
    pub range: KeyRange,
    /// Rows and digest; `None` if it is pending.
    pub loaded: Option<(u64, String)>,
    /// Whether it is stale: its rows in the target are to be replaced by those of the source.
    pub is_stale: bool,
    /// Rows that the spec rejects, and their digest.
    pub rejected: (u64, String),
    /// Number of values of each source column that became NULL because the spec says so.
    pub nulled: BTreeMap<String, u64>,
    /// Number of values of each source column that lost digits because the spec says so.
    pub shortened: BTreeMap<String, u64>,
    /// Rows among the loaded ones that the target had already and that were not written again.
    pub merged: u64,
}

impl ChunkRow {
    /// Whether it is loaded and not stale.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.loaded.is_some() && !self.is_stale
    }
}

/// Outcome of a chunk, to be written in the transaction of its COPY.
#[derive(Debug, Clone)]
pub struct ChunkRecord<'a> {
    /// The source table.
    pub table: &'a str,
    /// The chunk's number in the table.
    pub ordinal: i32,
    /// The run.
    pub run: i64,
    /// The rows that were loaded.
    pub rows: u64,
    /// Their digest.
    pub digest: String,
    /// The rows that were rejected.
    pub rejected: RejectedTally,
    /// Number of values of each source column that became NULL.
    pub nulled: BTreeMap<String, u64>,
    /// Number of values of each source column that lost digits.
    pub shortened: BTreeMap<String, u64>,
    /// Rows among them that the target had already.
    pub merged: u64,
}

impl Ledger {
    /// The chunks of a table in order; empty if none were planned.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_chunks(&self, session: &Session, table: &str) -> Result<Vec<ChunkRow>, TargetError> {
        Ok(self.read_chunks_of(session, Some(table)).await?.remove(table).unwrap_or_default())
    }

    /// The chunks of all tables, by table.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_all_chunks(&self, session: &Session) -> Result<BTreeMap<String, Vec<ChunkRow>>, TargetError> {
        self.read_chunks_of(session, None).await
    }

    async fn read_chunks_of(
        &self,
        session: &Session,
        table: Option<&str>,
    ) -> Result<BTreeMap<String, Vec<ChunkRow>>, TargetError> {
        // By way of jsonb, since the ledger of an earlier version does not have the last columns.
        let sql = "SELECT ordinal, key_from::text, key_below::text, row_count, digest, (later ->> 'rejected_count')::bigint, \
                   coalesce(later ->> 'rejected_digest', repeat('0', 32)), coalesce(later ->> 'nulled', '{}'), \
                   coalesce((later ->> 'is_stale')::boolean, false), table_name, coalesce(later ->> 'shortened', '{}'), \
                   coalesce((later ->> 'merged_count')::bigint, 0) \
                   FROM transship.chunk, LATERAL (SELECT to_jsonb(chunk)) AS jsonb (later) \
                   WHERE migration = $1 AND ($2::text IS NULL OR table_name = $2) ORDER BY table_name, ordinal";
        let rows = session.client().query(sql, &[&self.migration, &table]).await.map_err(|error| failed(&error))?;
        let mut chunks: BTreeMap<String, Vec<ChunkRow>> = BTreeMap::new();
        for row in &rows {
            let (table, chunk) = (row.get::<_, &str>(9), chunk(row).map_err(|error| unreadable(&error))?);
            match chunks.get_mut(table) {
                Some(chunks) => chunks.push(chunk),
                None => {
                    chunks.insert(table.to_owned(), vec![chunk]);
                }
            }
        }
        Ok(chunks)
    }

    /// Fixes the chunks of a table, once and for all runs, so that a source that changes in between cannot shift them.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn plan_chunks(
        &self,
        session: &Session,
        table: &str,
        target: &str,
        ranges: &[KeyRange],
        size: &TableSize,
    ) -> Result<(), TargetError> {
        let sql = "INSERT INTO transship.chunk \
                   (migration, table_name, target_table, ordinal, key_from, key_below, estimated_rows, estimated_bytes) \
                   SELECT $1, $2, $3, (place - 1)::int, key_from::jsonb, key_below::jsonb, $6, $7 \
                   FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS range (key_from, key_below, place) \
                   ON CONFLICT DO NOTHING";
        let written = |key: Option<&Key>| key.map(serde_json::to_string).transpose();
        let bounds = |keys: Vec<Option<&Key>>| keys.into_iter().map(written).collect::<Result<Vec<_>, _>>();
        let from =
            bounds(ranges.iter().map(|range| range.from.as_ref()).collect()).map_err(|error| unreadable(&error))?;
        let below =
            bounds(ranges.iter().map(|range| range.below.as_ref()).collect()).map_err(|error| unreadable(&error))?;
        // Chunks are cut to be alike.
        let share = |whole: u64| signed(whole.div_ceil(ranges.len().max(1) as u64));
        session
            .client()
            .execute(sql, &[&self.migration, &table, &target, &from, &below, &share(size.rows), &share(size.bytes)])
            .await
            .map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Marks chunks as stale; their rows in the target stay until they are replaced.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn make_stale(&self, session: &Session, table: &str, ordinals: &[i32]) -> Result<(), TargetError> {
        let sql = "UPDATE transship.chunk SET is_stale = true \
                   WHERE migration = $1 AND table_name = $2 AND ordinal = ANY ($3) AND digest IS NOT NULL";
        session.client().execute(sql, &[&self.migration, &table, &ordinals]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Records that a chunk is loaded; inside the transaction of its COPY, which has claimed it.
    ///
    /// # Errors
    /// [`TargetError::NotClaimed`] if the transaction has not claimed the chunk; PostgreSQL's refusal.
    pub async fn record_chunk(&self, session: &Session, chunk: &ChunkRecord<'_>) -> Result<(), TargetError> {
        let sql = "UPDATE transship.chunk SET run = $4, row_count = $5, digest = $6, rejected_count = $7, \
                   rejected_digest = $8, nulled = $9::text::json, shortened = $10::text::json, merged_count = $11, transaction_id = pg_current_xact_id(), is_stale = false, \
                   started_at = transaction_timestamp(), committed_at = clock_timestamp() \
                   WHERE migration = $1 AND table_name = $2 AND ordinal = $3 AND run = $4 AND (digest IS NULL OR is_stale)";
        let nulled = serde_json::Value::from_iter(chunk.nulled.clone()).to_string();
        let shortened = serde_json::Value::from_iter(chunk.shortened.clone()).to_string();
        let (rows, rejected, digest) = (signed(chunk.rows), signed(chunk.rejected.rows), chunk.rejected.digest());
        let merged = signed(chunk.merged);
        let parameters: [&(dyn ToSql + Sync); 11] = [
            &self.migration,
            &chunk.table,
            &chunk.ordinal,
            &chunk.run,
            &rows,
            &chunk.digest,
            &rejected,
            &digest,
            &nulled,
            &shortened,
            &merged,
        ];
        match session.client().execute(sql, &parameters).await.map_err(|error| failed(&error))? {
            1 => Ok(()),
            _ => Err(TargetError::NotClaimed { what: format!("chunk {} of {}", chunk.ordinal, chunk.table) }),
        }
    }
}

fn chunk(row: &Row) -> Result<ChunkRow, serde_json::Error> {
    let bound = |at: usize| row.get::<_, Option<&str>>(at).map(read_bound).transpose();
    Ok(ChunkRow {
        ordinal: row.get(0),
        range: KeyRange { from: bound(1)?, below: bound(2)? },
        loaded: unsigned(row.get(3)).zip(row.get(4)),
        is_stale: row.get(8),
        rejected: (unsigned(row.get(5)).unwrap_or(0), row.get(6)),
        nulled: counts(row, 7),
        shortened: counts(row, 10),
        merged: unsigned(row.get(11)).unwrap_or(0),
    })
}

/// Counts of values by source column, which no decision rests on.
fn counts(row: &Row, at: usize) -> BTreeMap<String, u64> {
    serde_json::from_str(row.get(at)).unwrap_or_else(|error| {
        tracing::warn!(table = row.get::<_, &str>(9), %error, "a count of values in the ledger cannot be read");
        BTreeMap::new()
    })
}

/// A bound of a chunk; in version 1 a bare integer.
fn read_bound(text: &str) -> Result<Key, serde_json::Error> {
    text.parse::<i64>().map_or_else(|_| serde_json::from_str(text), |integer| Ok(Key::from(integer)))
}
