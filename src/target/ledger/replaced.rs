//! The tables that were set aside (`tables = "replace"`): each recorded in the transaction that moves it.

use super::{Ledger, failed, signed, unsigned};
use crate::name::QualifiedName;
use crate::target::fingerprint::Fingerprint;
use crate::target::{Session, TargetError};
use serde::Serialize;
use tokio_postgres::types::ToSql;

/// A table that has just been set aside.
#[derive(Debug, Clone, Copy)]
pub struct NewReplaced<'a> {
    /// Its former place; the name there is also the one after.
    pub place: QualifiedName<'a>,
    /// The name by which the table is known.
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
    /// The name by which it is known.
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
        let QualifiedName { schema, name } = new.place;
        let now = QualifiedName { schema: new.aside, name }.sql();
        let parameters: [&(dyn ToSql + Sync); 6] =
            [&self.migration, &new.table, &schema, &new.aside, &now, &signed(new.rows)];
        session.client().execute(sql, &parameters).await.map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The tables that are set aside, by name, without those that were discarded.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_replaced(&self, session: &Session) -> Result<Vec<Replaced>, TargetError> {
        // The ledger of an earlier version does not have the tables.
        let exists =
            "SELECT to_regclass('transship.replaced') IS NOT NULL, to_regclass('transship.origin') IS NOT NULL";
        let row = session.client().query_one(exists, &[]).await.map_err(|error| failed(&error))?;
        let (has_replaced, has_origin): (bool, bool) = (row.get(0), row.get(1));
        if !has_replaced {
            return Ok(Vec::new());
        }
        // Names of tables of several databases begin with these, as the schemas know that the first run has had.
        let origin = if has_origin { self.read_origin(session).await? } else { None };
        let known = origin.iter().flat_map(|origin| origin.schemas.iter()).collect::<Vec<_>>();
        let prefixes = known.iter().map(|schema| schema.prefix()).collect::<Vec<_>>();
        let names = known.iter().map(|schema| schema.name()).collect::<Vec<_>>();
        let sql = "SELECT table_name, target_schema, schema_aside, row_count, \
                   to_regclass(format('%I.%I', schema_aside, own.relation))::oid = identity, own.relation \
                   FROM transship.replaced r \
                   CROSS JOIN LATERAL (SELECT substr(r.table_name, length(coalesce(( \
                       SELECT prefix FROM unnest($2::text[], $3::text[]) AS known (prefix, name) \
                       WHERE known.name = r.target_schema AND starts_with(r.table_name, prefix)), '')) + 1)) AS own (relation) \
                   WHERE migration = $1 AND discarded_at IS NULL ORDER BY table_name";
        let parameters: [&(dyn ToSql + Sync); 3] = [&self.migration, &prefixes, &names];
        let rows = session.client().query(sql, &parameters).await.map_err(|error| failed(&error))?;
        let replaced = |row: &tokio_postgres::Row| {
            let (schemas, relation) = ([row.get::<_, String>(1), row.get(2)], row.get::<_, &str>(5));
            let [table, set_aside_as] = schemas.each_ref().map(|schema| QualifiedName { schema, name: relation }.sql());
            Replaced {
                table,
                set_aside_as,
                rows: unsigned(row.get(3)).unwrap_or(0),
                schemas,
                name: row.get(0),
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
