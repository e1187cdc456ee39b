//! The privileges that a role lacks, as the statements that would give them.

use super::{Session, TargetError};
use tokio_postgres::Row;

/// PostgreSQL's code for a missing privilege (`insufficient_privilege`): documentation, appendix A.
pub const DENIED: &str = "42501";

/// What a piece of work needs beside the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Need<'a> {
    /// Whether it makes something that belongs to the database itself: a schema, an extension.
    pub in_database: bool,
    /// The privileges on the schema.
    pub in_schema: &'static [&'static str],
    /// The table in the schema that it is about.
    pub table: Option<&'a str>,
    /// The privileges on the table's rows.
    pub on_rows: &'static [&'static str],
    /// Whether it alters the table, which only its owner may.
    pub owner: bool,
}

/// The statements that would give the session's role what it lacks for some work and for the ledger.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn missing(session: &Session, schema: &str, need: Need<'_>) -> Result<Vec<String>, TargetError> {
    let rows = session
        .client()
        .query(
            include_str!("queries/missing_privileges.sql"),
            &[&schema, &need.in_database, &need.in_schema, &need.table, &need.on_rows],
        )
        .await
        .map_err(|error| failed(&error))?;
    let mut grants = rows.iter().map(|row| row.get(0)).collect::<Vec<_>>();
    if let Some(table) = need.table.filter(|_| need.owner) {
        grants.extend(foreign(session, &[(schema, table)]).await?.into_iter().map(|foreign| foreign.grant));
    }
    Ok(grants)
}

/// A table of another role, which the session's role may not alter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
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
pub async fn foreign(session: &Session, tables: &[(&str, &str)]) -> Result<Vec<Foreign>, TargetError> {
    let (schemas, names): (Vec<_>, Vec<_>) = tables.iter().copied().unzip();
    let rows = session.client().query(include_str!("queries/ownership.sql"), &[&schemas, &names]).await;
    let foreign = |row: &Row| Foreign { schema: row.get(0), name: row.get(1), grant: row.get(2) };
    Ok(rows.map_err(|error| failed(&error))?.iter().map(foreign).collect())
}

fn failed(error: &tokio_postgres::Error) -> TargetError {
    TargetError::statement("looking at the privileges of the role", error)
}

/// Something in the schema that is read: a relation and one of its columns, or all of it.
pub type Readable<'a> = (&'a str, Option<&'a str>);

/// The statements that would give the session's role what it lacks to read the ledger and these parts of the schema.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn missing_to_read(
    session: &Session,
    schema: &str,
    wanted: &[Readable<'_>],
) -> Result<Vec<String>, TargetError> {
    let (relations, columns): (Vec<_>, Vec<_>) = wanted.iter().copied().unzip();
    let rows = session
        .client()
        .query(include_str!("queries/missing_to_read.sql"), &[&schema, &relations, &columns])
        .await
        .map_err(|error| TargetError::statement("looking at the privileges of the role", &error))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The relations among these of the schema whose row security applies to the session's role: policies choose its rows.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn under_row_security(
    session: &Session,
    schema: &str,
    relations: &[&str],
) -> Result<Vec<String>, TargetError> {
    let sql = "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relrowsecurity \
               AND pg_catalog.row_security_active(c.oid) ORDER BY c.relname";
    let rows = session.client().query(sql, &[&schema, &relations]).await;
    let rows = rows.map_err(|error| TargetError::statement("looking at row security", &error))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
