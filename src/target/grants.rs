//! Privileges that a role lacks, as the statements that grant them.

use super::{Row, Session, TargetError};
use crate::name::Schemas;
use std::collections::BTreeMap;
use tokio_postgres::types::ToSql;

pub use super::sqlstate::DENIED;

/// Action of these queries, for an error's message.
const DOING: &str = "looking at the privileges of the role";

/// Privileges that some work needs, beside those on the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequiredPrivileges<'a> {
    /// Whether it creates an object of the database itself: a schema, an extension.
    pub in_database: bool,
    /// The privileges on the schema.
    pub in_schema: &'static [&'static str],
    /// The table in the schema.
    pub table: Option<&'a str>,
    /// The privileges on the table's rows.
    pub on_rows: &'static [&'static str],
    /// Whether it alters the table, which only its owner may.
    pub owner: bool,
}

/// The statements that would give the session's role what it lacks for some work and for the ledger: in the table's schema,
/// or in all of them if the work is about no table.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing(
    session: &Session,
    schemas: &Schemas,
    need: RequiredPrivileges<'_>,
) -> Result<Vec<String>, TargetError> {
    let table = need.table.map(|table| schemas.place(table));
    let places = match table {
        Some(table) => vec![(table.schema, Some(table.name))],
        None => schemas.iter().map(|schema| (schema.name(), None)).collect(),
    };
    let mut grants = Vec::new();
    for (schema, table) in places {
        let sql = include_str!("queries/missing_privileges.sql");
        let parameters: [&(dyn ToSql + Sync); 5] = [&schema, &need.in_database, &need.in_schema, &table, &need.on_rows];
        let rows = session.query(sql, &parameters, DOING).await?;
        add(&mut grants, rows.iter().map(|row| row.get(0)));
    }
    if let Some(table) = table.filter(|_| need.owner) {
        grants.extend(
            read_foreign(session, &[(table.schema, table.name)]).await?.into_iter().map(|foreign| foreign.grant),
        );
    }
    Ok(grants)
}

/// The statement that would let the session's role make temporary tables, if it may not.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_temporary(session: &Session, doing: &str) -> Result<Vec<String>, TargetError> {
    let sql = include_str!("queries/missing_temporary.sql");
    Ok(session.query(sql, &[], doing).await?.iter().map(|row| row.get(0)).collect())
}

/// The statement that would let the session's role change rows of a table, whose name is quoted and has its schema, if it may not.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_update(session: &Session, table: &str, doing: &str) -> Result<Vec<String>, TargetError> {
    let sql = include_str!("queries/missing_update.sql");
    Ok(session.query(sql, &[&table], doing).await?.iter().map(|row| row.get(0)).collect())
}

/// Adds statements, each once: what the schemas have in common, each of them says.
fn add(grants: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for grant in more {
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
}

/// A table of another role, which the session's role may not alter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignOwnedTable {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The statements that would let the role alter it.
    pub grant: String,
}

/// Tables that the session's role may not alter, among these; each is a schema and a name.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_foreign(session: &Session, tables: &[(&str, &str)]) -> Result<Vec<ForeignOwnedTable>, TargetError> {
    let (schemas, names): (Vec<_>, Vec<_>) = tables.iter().copied().unzip();
    let rows = session.query(include_str!("queries/ownership.sql"), &[&schemas, &names], DOING).await?;
    let foreign = |row: &Row| ForeignOwnedTable { schema: row.get(0), name: row.get(1), grant: row.get(2) };
    Ok(rows.iter().map(foreign).collect())
}

/// A relation of the schema that is read, and one of its columns; `None` for the whole relation.
pub type ReadableRelation<'a> = (&'a str, Option<&'a str>);

/// The statements that would give the session's role what it lacks to read these parts of the schemas.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_to_read(
    session: &Session,
    schemas: &Schemas,
    wanted: &[ReadableRelation<'_>],
) -> Result<Vec<String>, TargetError> {
    let mut grants = Vec::new();
    for schema in schemas.iter() {
        let within = wanted.iter().filter_map(|(relation, column)| Some((schema.own(relation)?, *column)));
        let (relations, columns): (Vec<_>, Vec<_>) = within.unzip();
        let sql = include_str!("queries/missing_to_read.sql");
        let rows = session.query(sql, &[&schema.name(), &relations, &columns], DOING).await?;
        add(&mut grants, rows.iter().map(|row| row.get(0)));
    }
    Ok(grants)
}

/// The relations among these of the schemas whose row security applies to the session's role: policies choose its rows.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_row_security(
    session: &Session,
    schemas: &Schemas,
    relations: &[&str],
) -> Result<Vec<String>, TargetError> {
    let mut found = Vec::new();
    for schema in schemas.iter() {
        let relations = relations.iter().filter_map(|relation| schema.own(relation)).collect::<Vec<_>>();
        let sql = include_str!("queries/under_row_security.sql");
        let rows = session.query(sql, &[&schema.name(), &relations], "looking at row security").await?;
        found.extend(rows.iter().map(|row| schema.known(row.get(0))));
    }
    Ok(found)
}

/// The statements that would give the session's role what it lacks to read the tables that reference these, in pairs of
/// schemas and names: a rollback looks for orphans before it removes anything.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_to_read_referencing(
    session: &Session,
    schemas: &[&str],
    names: &[&str],
) -> Result<Vec<String>, TargetError> {
    let sql = include_str!("queries/missing_to_read_referencing.sql");
    let rows = session.query(sql, &[&schemas, &names], DOING).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The tables among these, in pairs of schemas and names, to which the session's role may add no foreign key, each with
/// the statement that would let it.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_to_reference(
    session: &Session,
    schemas: &[&str],
    names: &[&str],
) -> Result<Vec<(String, String)>, TargetError> {
    let sql = include_str!("queries/missing_to_reference.sql");
    let rows = session.query(sql, &[&schemas, &names], "looking at the referenced tables").await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The statements without which the session's role could not hand on privileges on the schemas.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_missing_to_hand_on(
    session: &Session,
    schemas: &Schemas,
    privileges: &[&str],
    doing: &str,
) -> Result<Vec<String>, TargetError> {
    let mut grants = Vec::new();
    for schema in schemas.iter() {
        let sql = include_str!("queries/grant_options.sql");
        let rows = session.query(sql, &[&schema.name(), &privileges], doing).await?;
        add(&mut grants, rows.iter().map(|row| row.get(0)));
    }
    Ok(grants)
}

/// The extensions among these that PostgreSQL does not call trusted, so that making one runs code that a rollback does
/// not undo, and whether the session's role may make them.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_untrusted_extensions(
    session: &Session,
    names: &[&str],
    doing: &str,
) -> Result<BTreeMap<String, bool>, TargetError> {
    let rows = session.query(include_str!("queries/untried_extensions.sql"), &[&names], doing).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}
