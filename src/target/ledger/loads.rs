//! Loaded rows of each table and their transactions: the `xmin` of a row tells whether it is one of them, unchanged
//! since the load.

use super::{Ledger, failed, unsigned};
use crate::target::{Session, TargetError};

/// Most transactions back for which PostgreSQL's 32-bit numbers of transactions say which of two came first.
const RECENT: i64 = 1 << 31;

/// The loaded chunks of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The source table.
    pub source: String,
    /// The table in the target; `None` if an earlier version of transship, which did not record it, began the load.
    pub target: Option<String>,
    /// The rows that were loaded.
    pub rows: u64,
    /// The loading transactions, by PostgreSQL's 32-bit numbers in text, the first chunk's first.
    pub transactions: Vec<String>,
    /// Reason why the numbers do not tell the loaded rows from others; `None` if they do.
    pub unknown: Option<&'static str>,
}

impl Ledger {
    /// The condition for rows of a table that no run of the migration has written.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_condition_for_others(&self, session: &Session) -> Result<String, TargetError> {
        if !self.is_known(session).await? {
            return Ok("true".to_owned());
        }
        let transactions = self.read_loads(session).await?.into_iter().flat_map(|load| load.transactions);
        let transactions = transactions.collect::<Vec<_>>();
        if transactions.is_empty() {
            return Ok("true".to_owned());
        }
        Ok(format!("(xmin = ANY ('{{{}}}'::pg_catalog.xid[])) IS NOT TRUE", transactions.join(",")))
    }

    /// Loads, by source table.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_loads(&self, session: &Session) -> Result<Vec<Load>, TargetError> {
        // By way of jsonb, since the ledger of an earlier version does not have all of the columns.
        let sql = format!(
            "SELECT c.table_name, min(c.later ->> 'target_table'), sum(c.row_count - coalesce((c.later ->> 'merged_count')::bigint, 0))::bigint, \
             array_agg(c.loaded_by::xid::text ORDER BY c.ordinal) FILTER (WHERE c.loaded_by IS NOT NULL), \
             bool_and(c.loaded_by IS NOT NULL), bool_and(c.written_by = c.loaded_by::xid OR (c.later ->> 'is_stale')::boolean), \
             bool_and(pg_snapshot_xmax(pg_current_snapshot())::text::numeric - c.loaded_by::text::numeric < {RECENT}) \
             FROM (SELECT chunk.*, chunk.xmin AS written_by, later, (later ->> 'transaction_id')::xid8 AS loaded_by \
                   FROM transship.chunk, LATERAL (SELECT to_jsonb(chunk)) AS jsonb (later)) AS c \
             WHERE c.migration = $1 AND c.digest IS NOT NULL GROUP BY c.table_name ORDER BY c.table_name"
        );
        let rows = session.client().query(&sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let load = |row: &tokio_postgres::Row| {
            let is = |at: usize| row.get::<_, Option<bool>>(at) == Some(true);
            let unknown = match (is(4), is(5), is(6)) {
                (false, _, _) => Some("an earlier version of transship loaded them"),
                // The ledger's row was written in the transaction of its rows; a dump gives both other ones.
                (_, false, _) => Some("the database was restored from a dump since"),
                (_, _, false) => Some("the server has done too many transactions since"),
                _ => None,
            };
            Load {
                source: row.get(0),
                target: row.get(1),
                rows: unsigned(row.get(2)).unwrap_or(0),
                transactions: row.get::<_, Option<Vec<String>>>(3).into_iter().flatten().collect(),
                unknown,
            }
        };
        Ok(rows.iter().map(load).collect())
    }
}
