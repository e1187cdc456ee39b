//! Strangers: other objects in the place of a table that the migration has made. They are neither read nor written. A
//! view of another role would run that role's functions, a table its triggers, with the rights of the role that
//! migrates.

use super::{Ledger, failed};
use crate::name::{Schemas, StepKind};
use crate::target::identity::DatabaseIdentity;
use crate::target::sqlstate::UNDEFINED_TABLE;
use crate::target::{Session, TargetError};
use std::collections::BTreeSet;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

impl Ledger {
    /// Names of tables in whose place another object is.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_strangers(&self, session: &Session, schemas: &Schemas) -> Result<BTreeSet<String>, TargetError> {
        self.ask_strangers(session, schemas, None).await
    }

    /// Makes sure that a table is the one that this migration has made, and keeps it so until the transaction ends.
    ///
    /// # Errors
    /// [`TargetError::Contradiction`]; PostgreSQL's refusal.
    pub async fn expect_own_table(&self, session: &Session, schemas: &Schemas, table: &str) -> Result<(), TargetError> {
        let name = schemas.qualified(table);
        // As COPY locks it: nobody replaces it in between.
        session.execute(&format!("LOCK TABLE ONLY {name} IN ROW EXCLUSIVE MODE"), &format!("locking {name}")).await?;
        match self.ask_strangers(session, schemas, Some(table)).await?.is_empty() {
            true => Ok(()),
            false => Err(TargetError::Contradiction { message: replaced_by_others(&name) }),
        }
    }

    async fn ask_strangers(
        &self,
        session: &Session,
        schemas: &Schemas,
        table: Option<&str>,
    ) -> Result<BTreeSet<String>, TargetError> {
        let here = DatabaseIdentity::of(session).await?;
        let sql = "SELECT to_jsonb(origin) ->> 'cluster', (to_jsonb(origin) ->> 'database_oid')::oid \
                   FROM transship.origin WHERE migration = $1";
        let origin = match session.client().query_opt(sql, &[&self.migration]).await {
            Ok(origin) => origin,
            // The ledger of version 1 keeps no origin.
            Err(error) if error.code().is_some_and(|code| code.code() == UNDEFINED_TABLE) => None,
            Err(error) => return Err(failed(&error)),
        };
        let is_here = origin.is_some_and(|row| {
            row.get::<_, Option<u32>>(1) == Some(here.database) && row.get::<_, Option<String>>(0) == here.cluster
        });
        let mut made = match table {
            Some(table) => vec![table.to_owned()],
            None => self.read_done_names(session, &[StepKind::Table]).await?,
        };
        // A table of a database that the spec no longer has is not looked for.
        made.retain(|name| schemas.knows(name));
        let ids = made.iter().map(|name| StepKind::Table.id(name).to_string()).collect::<Vec<_>>();
        let (homes, relations): (Vec<_>, Vec<_>) =
            made.iter().map(|name| schemas.place(name)).map(|place| (place.schema, place.name)).unzip();
        let parameters: [&(dyn ToSql + Sync); 5] = [&self.migration, &ids, &homes, &relations, &!is_here];
        let rows = session.client().query(include_str!("queries/strangers.sql"), &parameters).await;
        let name = |row: &Row| usize::try_from(row.get::<_, i64>(0) - 1).ok().and_then(|at| made.get(at)).cloned();
        Ok(rows.map_err(|error| failed(&error))?.iter().filter_map(name).collect())
    }
}

/// Message for another object in the place of a table.
pub(super) fn replaced_by_others(table: &str) -> String {
    format!("something else stands in the place of {table}, which this migration has made")
}
