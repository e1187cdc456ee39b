//! Rejected rows: source rows that the target does not hold, kept whole.

use super::{Ledger, failed, unsigned};
use crate::target::{Session, TargetError};
use crate::value::HashSum;
use futures_util::{Stream, TryStreamExt};
use std::collections::BTreeMap;
use std::fmt;
use tokio_postgres::types::ToSql;
use xxhash_rust::xxh3::xxh3_128;

/// The COPY that writes rejected rows, in the transaction of their chunk; [`Ledger::encode_rejected`] makes its rows.
pub const COPY_REJECTED: &str = "COPY transship.rejected_rows (migration, table_name, chunk, ordinal, run, key, \
                                 column_name, reason, reasons, content) FROM STDIN (FORMAT binary)";

/// Number of rejected rows, and a digest of their keys and contents that does not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RejectedTally {
    /// Rows.
    pub rows: u64,
    sum: HashSum,
}

/// A row to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewRejectedRow<'a> {
    /// The source table.
    pub table: &'a str,
    /// The number of the chunk that it belongs to.
    pub chunk: i32,
    /// Its number among the chunk's rejected rows, from zero.
    pub ordinal: i64,
    /// The run.
    pub run: i64,
    /// The words that name it.
    pub key: &'a str,
    /// The first column that is bad.
    pub column: &'a str,
    /// Reason why its value is bad.
    pub reason: &'a str,
    /// Every bad column with its reason, as JSON.
    pub reasons: &'a str,
    /// All its values, as JSON.
    pub content: &'a str,
}

/// A rejected row as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// The source table.
    pub table: String,
    /// The words that name the row.
    pub key: String,
    /// The first column that is bad.
    pub column: String,
    /// Reason why its value is bad.
    pub reason: String,
    /// The value in that column, as JSON; `None` if the ledger has none.
    pub value: Option<String>,
    /// Every bad column with its reason, as JSON.
    pub reasons: String,
    /// All its values, as JSON.
    pub content: String,
}

/// A rejected row that PostgreSQL has no room for: a field has 1 GiB at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rejected row is larger than a field of the ledger")]
pub struct TooLarge;

impl RejectedTally {
    /// Counts a row in.
    pub fn add(&mut self, key: &str, content: &str) {
        self.rows += 1;
        self.sum.add(xxh3_128(key.as_bytes()).rotate_left(1) ^ xxh3_128(content.as_bytes()));
    }

    /// Adds a tally of other rows.
    pub fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum.append(other.sum);
    }

    /// The digest as the ledger keeps it.
    #[must_use]
    pub fn digest(&self) -> String {
        self.sum.to_string()
    }
}

impl Ledger {
    /// Appends the row in the format of [`COPY_REJECTED`].
    ///
    /// # Errors
    /// A field is too large; nothing is appended then.
    pub fn encode_rejected(&self, row: &NewRejectedRow<'_>, out: &mut Vec<u8>) -> Result<(), TooLarge> {
        let start = out.len();
        out.extend_from_slice(&10_i16.to_be_bytes());
        let fields: [&[u8]; 10] = [
            self.migration.as_bytes(),
            row.table.as_bytes(),
            &row.chunk.to_be_bytes(),
            &row.ordinal.to_be_bytes(),
            &row.run.to_be_bytes(),
            row.key.as_bytes(),
            row.column.as_bytes(),
            row.reason.as_bytes(),
            row.reasons.as_bytes(),
            row.content.as_bytes(),
        ];
        for field in fields {
            let Some(length) = i32::try_from(field.len()).ok().filter(|length| *length < 0x3fff_ffff) else {
                out.truncate(start);
                return Err(TooLarge);
            };
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(field);
        }
        Ok(())
    }

    /// Whether the ledger has a table of rejected rows: one that an earlier version made does not.
    async fn keeps_rejected(&self, session: &Session) -> Result<bool, TargetError> {
        let sql = "SELECT to_regclass('transship.rejected_rows') IS NOT NULL";
        let row = session.client().query_one(sql, &[]).await.map_err(|error| failed(&error))?;
        Ok(row.get(0))
    }

    /// Removes the rejected rows of a chunk; inside the transaction that writes them again.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn forget_rejected(&self, session: &Session, table: &str, chunk: i32) -> Result<(), TargetError> {
        let sql = "DELETE FROM transship.rejected_rows WHERE migration = $1 AND table_name = $2 AND chunk = $3";
        let parameters: [&(dyn ToSql + Sync); 3] = [&self.migration, &table, &chunk];
        session.client().execute(sql, &parameters).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The rejected rows, one after the other, in the order of the source, the first `limit` of them if that is given.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_rejected<'a>(
        &'a self,
        session: &'a Session,
        limit: Option<u64>,
    ) -> Result<Option<impl Stream<Item = Result<RejectedRow, TargetError>> + 'a>, TargetError> {
        if !self.keeps_rejected(session).await? {
            return Ok(None);
        }
        let sql = "SELECT table_name, key, column_name, reason, (content -> column_name)::text, reasons::text, content::text \
                   FROM transship.rejected_rows WHERE migration = $1 ORDER BY table_name, chunk, ordinal LIMIT $2";
        let limit = limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let parameters: [&(dyn ToSql + Sync); 2] = [&self.migration, &limit];
        let rows = session.client().query_raw(sql, parameters).await.map_err(|error| failed(&error))?;
        let row = |row: tokio_postgres::Row| RejectedRow {
            table: row.get(0),
            key: row.get(1),
            column: row.get(2),
            reason: row.get(3),
            value: row.get(4),
            reasons: row.get(5),
            content: row.get(6),
        };
        Ok(Some(rows.map_ok(row).map_err(|error| failed(&error))))
    }

    /// Number of rejected rows in the ledger, by source table.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_rejected_counts(&self, session: &Session) -> Result<Vec<(String, u64)>, TargetError> {
        if !self.keeps_rejected(session).await? {
            return Ok(Vec::new());
        }
        let sql = "SELECT table_name, count(*) FROM transship.rejected_rows WHERE migration = $1 GROUP BY 1 ORDER BY 1";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        Ok(rows.iter().map(|row| (row.get(0), unsigned(row.get(1)).unwrap_or(0))).collect())
    }

    /// Number and digest of the rejected rows in the ledger by source table, from the rows themselves.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_rejected_tallies(
        &self,
        session: &Session,
    ) -> Result<BTreeMap<String, RejectedTally>, TargetError> {
        let mut tallies = BTreeMap::<String, RejectedTally>::new();
        let Some(rows) = self.read_rejected(session, None).await? else { return Ok(tallies) };
        tokio::pin!(rows);
        while let Some(row) = rows.try_next().await? {
            tallies.entry(row.table).or_default().add(&row.key, &row.content);
        }
        Ok(tallies)
    }
}

impl fmt::Display for RejectedTally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} rejected {}", self.rows, if self.rows == 1 { "row" } else { "rows" })
    }
}
