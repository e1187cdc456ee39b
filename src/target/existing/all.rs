//! The tables of a whole database by their names alone: in which schema an application has made its own is not known yet.

use super::super::{Ledger, Session, TargetError};
use std::collections::BTreeMap;

/// Tables with the names of their columns.
pub type NamedTables = BTreeMap<String, Vec<String>>;

/// The plain tables of each schema. A schema in which a migration of transship has made tables is not among them.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_tables_by_schema(session: &Session) -> Result<BTreeMap<String, NamedTables>, TargetError> {
    let rows =
        session.query(include_str!("queries/all_tables.sql"), &[], "looking for the application's tables").await?;
    let mut schemas = BTreeMap::<String, NamedTables>::new();
    for row in rows {
        schemas.entry(row.get(0)).or_default().insert(row.get(1), row.get(2));
    }
    for schema in Ledger::read_filled_schemas(session).await? {
        schemas.remove(&schema);
    }
    Ok(schemas)
}
