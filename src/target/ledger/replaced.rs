//! The tables that were set aside (`tables = "replace"`): each recorded in the transaction that moves it.

use super::{Ledger, failed, signed, unsigned};
use crate::name::quote_identifier;
use crate::target::fingerprint::Fingerprint;
use crate::target::{Session, TargetError};
use serde::Serialize;
use tokio_postgres::types::ToSql;

/// A table that has just been set aside.
#[derive(Debug, Clone, Copy)]
pub struct NewReplaced<'a> {
    /// Its former schema.
    pub schema: &'a str,
    /// Its name, before and after.
    pub table: &'a str,
    /// Its present schema.
    pub aside: &'a str,
    /// Its rows.
    pub rows: u64,
}

/// A table that is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// Its former name, with the schema.
    pub table: String,
    /// Its present name, with the schema.
    pub set_aside_as: String,
    /// The rows that it had.
    pub rows: u64,
    /// The schemas of both, as they are.
    #[serde(skip)]
    pub schemas: [String; 2],
    /// Its name in both.
    #[serde(skip)]
    pub name: String,
    /// Whether the table of that name is the one that was set aside; `None` if there is none.
    #[serde(skip)]
    pub is_same: Option<bool>,
}

impl Ledger {
    /// Records a table that is set aside, in the transaction that moves it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_replaced(&self, session: &Session, new: &NewReplaced<'_>) -> Result<(), TargetError> {
        let sql = "INSERT INTO transship.replaced (migration, table_name, target_schema, schema_aside, identity, row_count) \
                   VALUES ($1, $2, $3, $4, $5::text::regclass::oid, $6)";
        let now = format!("{}.{}", quote_identifier(new.aside), quote_identifier(new.table));
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&self.migration, &new.table, &new.schema, &new.aside, &now, &signed(new.rows)];
        session.client().execute(sql, &parameters).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The tables that are set aside, by name, without those that were discarded.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn replaced(&self, session: &Session) -> Result<Vec<Replaced>, TargetError> {
        // The ledger of an earlier version does not have the table.
        let exists = "SELECT to_regclass('transship.replaced') IS NOT NULL";
        let row = session.client().query_one(exists, &[]).await.map_err(|error| failed(&error))?;
        if !row.get::<_, bool>(0) {
            return Ok(Vec::new());
        }
        let sql = "SELECT table_name, target_schema, schema_aside, row_count, \
                   to_regclass(format('%I.%I', schema_aside, table_name))::oid = identity \
                   FROM transship.replaced WHERE migration = $1 AND discarded_at IS NULL ORDER BY table_name";
        let rows = session.client().query(sql, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let replaced = |row: &tokio_postgres::Row| {
            let (name, schemas) = (row.get::<_, String>(0), [row.get::<_, String>(1), row.get(2)]);
            let [table, set_aside_as] =
                schemas.each_ref().map(|schema| format!("{}.{}", quote_identifier(schema), quote_identifier(&name)));
            Replaced {
                table,
                set_aside_as,
                rows: unsigned(row.get(3)).unwrap_or(0),
                schemas,
                name,
                is_same: row.get(4),
            }
        };
        Ok(rows.iter().map(replaced).collect())
    }

    /// Records that the tables were discarded, in the transaction that removes them: no rollback brings them back, and
    /// `gone`, the objects dropped with them, no longer count to the state before the first run.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn record_discarded(
        &self,
        session: &Session,
        steps: &[String],
        before: &Fingerprint,
        gone: &[String],
    ) -> Result<(), TargetError> {
        let client = session.client();
        let discard = "UPDATE transship.replaced SET discarded_at = clock_timestamp() \
                       WHERE migration = $1 AND discarded_at IS NULL";
        client.execute(discard, &[&self.migration]).await.map_err(|error| failed(&error))?;
        let undo = "UPDATE transship.step SET undo = '{}' WHERE migration = $1 AND id = ANY ($2)";
        client.execute(undo, &[&self.migration, &steps]).await.map_err(|error| failed(&error))?;
        let digest = before.without(gone).digest();
        let origin =
            "UPDATE transship.origin SET structure = structure - $2::text[], fingerprint = $3 WHERE migration = $1";
        client.execute(origin, &[&self.migration, &gone, &digest]).await.map_err(|error| failed(&error))?;
        Ok(())
    }
}
