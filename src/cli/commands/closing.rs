//! The end of a command that had a server.

use super::super::failure::Failure;
use super::super::printer;
use std::time::Duration;
use transship::target::Server;

/// Time after which the shutdown of the embedded server is reported: after much work it has much to write.
const SILENCE: Duration = Duration::from_secs(2);

/// Closes the server whatever the result; its own failure is returned only if nothing else failed.
pub(super) async fn close<T>(server: Server, result: Result<T, Failure>) -> Result<T, Failure> {
    let mut closing = std::pin::pin!(server.close());
    let closed = match tokio::time::timeout(SILENCE, &mut closing).await {
        Ok(closed) => closed,
        Err(_) => {
            printer::say("the embedded server writes what it still holds in memory to disk, and stops");
            closing.await
        }
    };
    let value = result?;
    closed?;
    Ok(value)
}
