//! What was taken off the application's tables for the load: written down in the transaction that takes it off, so that
//! it can be put back whatever happens in between.

use super::{Ledger, failed};
use crate::catalog::Detached;
use crate::target::{Session, TargetError};
use std::collections::BTreeMap;

impl Ledger {
    /// What was taken off each table, by the table's name in the target; also where it has been put back since.
    ///
    /// # Errors
    /// PostgreSQL's refusal, or a row that only another version of transship can read.
    pub async fn detached(&self, session: &Session) -> Result<BTreeMap<String, Detached>, TargetError> {
        let exists = "SELECT to_regclass('transship.detached') IS NOT NULL";
        let row = session.client().query_one(exists, &[]).await.map_err(|error| failed(&error))?;
        if !row.get::<_, bool>(0) {
            return Ok(BTreeMap::new());
        }
        let sql = "SELECT table_name, definition::text FROM transship.detached WHERE migration = $1";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let read = |row: &tokio_postgres::Row| {
            let (table, definition) = (row.get::<_, String>(0), row.get::<_, &str>(1));
            match serde_json::from_str(definition) {
                Ok(detached) => Ok((table, detached)),
                Err(error) => Err(TargetError::Ledger { table, cause: error.to_string() }),
            }
        };
        rows.iter().map(read).collect()
    }

    /// Writes down what is taken off a table, in the transaction that takes it off.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_detached(
        &self,
        session: &Session,
        table: &str,
        detached: &Detached,
    ) -> Result<(), TargetError> {
        let sql = "INSERT INTO transship.detached (migration, table_name, definition) VALUES ($1, $2, $3::text::jsonb)";
        let definition = serde_json::to_string(detached)
            .map_err(|error| TargetError::Ledger { table: table.to_owned(), cause: error.to_string() })?;
        session.client().execute(sql, &[&self.migration, &table, &definition]).await.map_err(|error| failed(&error))?;
        Ok(())
    }
}
