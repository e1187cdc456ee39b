//! Foreign keys and triggers that were taken off the application's tables for the load: recorded in the transaction
//! that drops them, so that they can be put back after any interruption.

use super::{Ledger, failed};
use crate::catalog::Detached;
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;
use tokio_postgres::Row;

/// Whether it has been put back. A ledger of an earlier version has only the step's row.
const RESTORED: &str = "(coalesce((pg_catalog.to_jsonb(d) ->> 'restored')::boolean, false) OR EXISTS ( \
    SELECT FROM transship.step s WHERE s.migration = d.migration AND s.id = 'restore:' || d.table_name AND s.state = 'done'))";

impl Ledger {
    /// Foreign keys and triggers taken off each table, by its name in the target; those that were put back are
    /// included.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a row that only another version of transship can read.
    pub async fn detached(&self, session: &Session) -> Result<BTreeMap<String, Detached>, TargetError> {
        self.ask_detached(session, "$2::text IS NULL", None).await
    }

    /// [`Ledger::detached`] without the tables on which the end of a load has put everything back.
    ///
    /// # Errors
    /// As for [`Ledger::detached`].
    pub async fn not_restored(&self, session: &Session) -> Result<BTreeMap<String, Detached>, TargetError> {
        self.ask_detached(session, &format!("NOT {RESTORED} AND $2::text IS NULL"), None).await
    }

    /// [`Ledger::not_restored`] for one table; empty if nothing of it is off.
    ///
    /// # Errors
    /// As for [`Ledger::detached`].
    pub async fn not_restored_of(&self, session: &Session, table: &str) -> Result<Detached, TargetError> {
        let which = format!("NOT {RESTORED} AND table_name = $2");
        Ok(self.ask_detached(session, &which, Some(table)).await?.remove(table).unwrap_or_default())
    }

    async fn ask_detached(
        &self,
        session: &Session,
        which: &str,
        table: Option<&str>,
    ) -> Result<BTreeMap<String, Detached>, TargetError> {
        let exists = "SELECT to_regclass('transship.detached') IS NOT NULL";
        let row = session.client().query_one(exists, &[]).await.map_err(|error| failed(&error))?;
        if !row.get::<_, bool>(0) {
            return Ok(BTreeMap::new());
        }
        let sql =
            format!("SELECT table_name, definition::text FROM transship.detached d WHERE migration = $1 AND {which}");
        let rows = session.client().query(&sql, &[&self.migration, &table]).await.map_err(|error| failed(&error))?;
        let read = |row: &Row| {
            let (table, definition) = (row.get::<_, String>(0), row.get::<_, &str>(1));
            match serde_json::from_str(definition) {
                Ok(detached) => Ok((table, detached)),
                Err(error) => Err(TargetError::Ledger { table, cause: error.to_string() }),
            }
        };
        rows.iter().map(read).collect()
    }

    /// Records the foreign keys and triggers that are off a table, in the transaction that drops them; replaces the
    /// record.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_detached(
        &self,
        session: &Session,
        table: &str,
        detached: &Detached,
    ) -> Result<(), TargetError> {
        let sql = "INSERT INTO transship.detached (migration, table_name, definition) VALUES ($1, $2, $3::text::jsonb) \
                   ON CONFLICT (migration, table_name) DO UPDATE SET definition = excluded.definition, restored = false";
        let definition = serde_json::to_string(detached)
            .map_err(|error| TargetError::Ledger { table: table.to_owned(), cause: error.to_string() })?;
        session.client().execute(sql, &[&self.migration, &table, &definition]).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Records that the end of a load has put everything back on a table, in the transaction that does it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_restored(&self, session: &Session, table: &str) -> Result<(), TargetError> {
        let sql = "UPDATE transship.detached SET restored = true WHERE migration = $1 AND table_name = $2";
        session.client().execute(sql, &[&self.migration, &table]).await.map_err(|error| failed(&error))?;
        Ok(())
    }
}
