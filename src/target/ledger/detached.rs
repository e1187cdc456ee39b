//! Foreign keys and triggers that were detached from the application's tables for the load: recorded in the transaction
//! that drops them, so that they can be restored after any interruption.

use super::{Ledger, failed};
use crate::catalog::Detached;
use crate::name::StepKind;
use crate::target::{Session, TargetError};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

impl Ledger {
    /// Foreign keys and triggers detached from each table, by its name in the target; those that were restored are
    /// included.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a row that only another version of transship can read.
    pub async fn read_detached(&self, session: &Session) -> Result<BTreeMap<String, Detached>, TargetError> {
        self.ask_detached(session, None, &BTreeSet::new()).await
    }

    /// [`Ledger::read_detached`] without the tables on which the end of a load has restored everything.
    ///
    /// # Errors
    /// As for [`Ledger::read_detached`].
    pub async fn read_not_restored(&self, session: &Session) -> Result<BTreeMap<String, Detached>, TargetError> {
        let restored = self.restored(session).await?;
        self.ask_detached(session, None, &restored).await
    }

    /// [`Ledger::read_not_restored`] for one table; empty if nothing of it is detached.
    ///
    /// # Errors
    /// As for [`Ledger::read_detached`].
    pub async fn read_not_restored_of(&self, session: &Session, table: &str) -> Result<Detached, TargetError> {
        let restored = self.restored(session).await?;
        Ok(self.ask_detached(session, Some(table), &restored).await?.remove(table).unwrap_or_default())
    }

    /// The tables on which everything has been restored. A ledger of an earlier version has only the rows of the steps.
    async fn restored(&self, session: &Session) -> Result<BTreeSet<String>, TargetError> {
        if !has_detached(session).await? {
            return Ok(BTreeSet::new());
        }
        let mut restored = self.read_done_names::<BTreeSet<String>>(session, &[StepKind::Restore]).await?;
        let sql = "SELECT table_name FROM transship.detached d \
                   WHERE migration = $1 AND (pg_catalog.to_jsonb(d) ->> 'restored')::boolean";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        restored.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        Ok(restored)
    }

    /// Records of one table or of all, without the restored ones.
    async fn ask_detached(
        &self,
        session: &Session,
        table: Option<&str>,
        restored: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Detached>, TargetError> {
        if !has_detached(session).await? {
            return Ok(BTreeMap::new());
        }
        let sql = "SELECT table_name, definition::text FROM transship.detached \
                   WHERE migration = $1 AND table_name = coalesce($2, table_name)";
        let rows = session.client().query(sql, &[&self.migration, &table]).await.map_err(|error| failed(&error))?;
        let read = |row: &Row| {
            let (table, definition) = (row.get::<_, String>(0), row.get::<_, &str>(1));
            match serde_json::from_str(definition) {
                Ok(detached) => Ok((table, detached)),
                Err(error) => Err(TargetError::Ledger { table, cause: error.to_string() }),
            }
        };
        rows.iter().filter(|row| !restored.contains(row.get::<_, &str>(0))).map(read).collect()
    }

    /// Records the foreign keys and triggers that are detached from a table, in the transaction that drops them; replaces the
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

    /// Records that the end of a load has restored everything on a table, in the transaction that does it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_restored(&self, session: &Session, table: &str) -> Result<(), TargetError> {
        let sql = "UPDATE transship.detached SET restored = true WHERE migration = $1 AND table_name = $2";
        session.client().execute(sql, &[&self.migration, &table]).await.map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// Whether the ledger has the table for it: one of an earlier version has not.
async fn has_detached(session: &Session) -> Result<bool, TargetError> {
    let sql = "SELECT to_regclass('transship.detached') IS NOT NULL";
    Ok(session.client().query_one(sql, &[]).await.map_err(|error| failed(&error))?.get(0))
}
