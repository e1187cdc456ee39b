//! The privileges that a role lacks, as the statements that would give them.

use super::{Session, TargetError};

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
            &[&schema, &need.in_database, &need.in_schema, &need.table, &need.on_rows, &need.owner],
        )
        .await
        .map_err(|error| TargetError::statement("looking at the privileges of the role", &error))?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
