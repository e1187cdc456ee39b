//! Applied migrations, as the records of migration tools in the target have them.

use super::super::{Session, TargetError};
use crate::catalog::{AppliedMigrations, Right, TargetTable};
use crate::name::{Schemas, quote_identifier};
use std::collections::BTreeMap;

/// The applied migrations of each record among the tables of the schemas, by the record's table; `None` for one that the role
/// may not read.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_versions(
    session: &Session,
    schemas: &Schemas,
    tables: &BTreeMap<String, TargetTable>,
) -> Result<BTreeMap<String, Option<AppliedMigrations>>, TargetError> {
    let mut versions = BTreeMap::new();
    for record in TargetTable::tool_records(schemas, tables) {
        let is_hidden =
            |table: &TargetTable| table.row_security || table.lacks(&[Right::Usage, Right::Select]).next().is_some();
        if tables.get(&record.table).is_none_or(is_hidden) {
            versions.insert(record.table, None);
            continue;
        }
        let columns = record.columns.iter().map(|column| format!("{}::text", quote_identifier(column)));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let sql = format!("SELECT {columns} FROM {}", schemas.qualified(&record.table));
        let rows = session.query(&sql, &[], "reading the applied migrations").await?;
        let values = rows.iter().map(|row| (0..record.columns.len()).map(|at| row.get(at)).collect());
        let applied = record.applied(&values.collect::<Vec<_>>());
        versions.insert(record.table, Some(applied));
    }
    Ok(versions)
}
