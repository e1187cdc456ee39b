//! Sessions of a verification: each reads one snapshot of the target.

use crate::target::{Server, Session, TargetError};

/// Opens a session that reads one snapshot from its first statement on: that of this name, if another session has exported one.
///
/// # Errors
/// The connection or the snapshot no longer exists.
pub(super) async fn open(server: &Server, snapshot: Option<&str>) -> Result<Session, TargetError> {
    let session = server.connect().await?;
    match snapshot {
        Some(name) => session.join_snapshot(name).await?,
        None => session.hold_snapshot().await?,
    }
    Ok(session)
}
