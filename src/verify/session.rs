//! Sessions of a verification: they see one state of the target.

use crate::target::{Server, Session, TargetError};

/// A session that sees one state of the target from its first statement on.
///
/// # Errors
/// There is no connection.
pub(super) async fn open(server: &Server) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    session.hold_snapshot().await?;
    Ok(session)
}
