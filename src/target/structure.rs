//! What the target holds, as far as a plan needs it.

use super::{Session, TargetError};
use std::collections::{BTreeMap, BTreeSet};

/// What was found in the target database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Structure {
    /// The names of all relations in the schema.
    pub relations: BTreeSet<String>,
    /// The sequences among them that belong to a column, with its table.
    pub sequences: BTreeMap<String, String>,
    /// The names of the types in the schema that are no relation's.
    pub types: BTreeSet<String>,
    /// The extensions that the server could create.
    pub available_extensions: BTreeSet<String>,
}

/// Reads what the schema holds and what the server offers.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read(session: &Session, schema: &str) -> Result<Structure, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's structure", &error);
    let client = session.client();
    let relations = client.query(include_str!("queries/relations.sql"), &[&schema]).await.map_err(failed)?;
    let extensions = client.query(include_str!("queries/available_extensions.sql"), &[]).await.map_err(failed)?;
    let (types, relations): (Vec<_>, Vec<_>) = relations.iter().partition(|row| row.get::<_, bool>(2));
    let owner = |row: &&tokio_postgres::Row| Some((row.get(0), row.get::<_, Option<String>>(1)?));
    Ok(Structure {
        relations: relations.iter().map(|row| row.get(0)).collect(),
        sequences: relations.iter().filter_map(owner).collect(),
        types: types.iter().map(|row| row.get(0)).collect(),
        available_extensions: extensions.iter().map(|row| row.get(0)).collect(),
    })
}

/// The columns of the schema's tables, by table and in their order.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn columns(session: &Session, schema: &str) -> Result<BTreeMap<String, Vec<String>>, TargetError> {
    let failed = |error: tokio_postgres::Error| TargetError::statement("reading the target's columns", &error);
    let rows = session.client().query(include_str!("queries/column_names.sql"), &[&schema]).await.map_err(failed)?;
    let mut columns = BTreeMap::<String, Vec<String>>::new();
    for row in &rows {
        columns.entry(row.get(0)).or_default().push(row.get(1));
    }
    Ok(columns)
}
