//! Sessions of a verification: they see one state of the target.

use crate::target::{Server, Session, TargetError};

/// Begins a transaction that sees one state of the target.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A session that sees one state of the target from its first statement on.
///
/// # Errors
/// There is no connection.
pub(super) async fn open(server: &Server) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    session.execute(SNAPSHOT, "beginning a snapshot").await?;
    Ok(session)
}
