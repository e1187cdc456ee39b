//! Sessions of a verification: they see all rows of one state of the target, or say why they do not.

use crate::plan::{ColumnMapping, TableMapping};
use crate::target::{Server, Session, TargetError};

/// Begins a transaction that sees one state of the target.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A session in which a policy that hides rows is an error, not fewer rows.
///
/// # Errors
/// There is no connection.
pub(super) async fn connect(server: &Server) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    session.execute("SET row_security = off", "seeing all rows").await?;
    Ok(session)
}

/// A session that sees one state of the target from its first statement on.
///
/// # Errors
/// There is no connection.
pub(super) async fn open(server: &Server) -> Result<Session, TargetError> {
    let session = connect(server).await?;
    session.execute(SNAPSHOT, "beginning a snapshot").await?;
    Ok(session)
}

/// Makes sure that the role may read all rows of these tables: a right that it lacks is no difference, and rows that a policy
/// hides are not compared.
///
/// # Errors
/// [`TargetError::NotPermitted`]; PostgreSQL's refusal.
pub(super) async fn expect_rights<'a>(
    session: &Session,
    schema: &str,
    tables: impl Iterator<Item = &'a TableMapping>,
) -> Result<(), TargetError> {
    let names = tables.flat_map(|table| {
        let column = |column: &'a ColumnMapping| (table.target.as_str(), column.target.as_str());
        table.columns.iter().map(column)
    });
    let (names, columns): (Vec<_>, Vec<_>) = names.unzip();
    let rows = session.client().query(include_str!("unreadable.sql"), &[&schema, &names, &columns]).await;
    let rows = rows.map_err(|error| TargetError::statement("looking at the privileges of the role", &error))?;
    let grants = rows.iter().map(|row| row.get(0)).collect::<Vec<_>>();
    if grants.is_empty() {
        return Ok(());
    }
    let what = format!("read all rows of the tables in the schema {schema} that are compared");
    Err(TargetError::NotPermitted { what, grants })
}
