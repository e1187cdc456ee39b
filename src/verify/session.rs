//! Sessions of a verification: each reads one snapshot of the target.

use crate::target::{Server, Session, TargetError};

/// Opens a session that reads one snapshot from its first statement on.
///
/// # Errors
/// There is no connection.
pub(super) async fn open(server: &Server) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    session.hold_snapshot().await?;
    Ok(session)
}
