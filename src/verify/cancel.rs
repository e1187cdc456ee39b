//! Questions to the target that a wish to stop ends.

use crate::execute::{ExecuteError, Stop};
use crate::target::Session;
use std::time::Duration;

/// How soon a question is cancelled again: a cancel that comes between two statements is lost.
const AGAIN: Duration = Duration::from_millis(100);

/// Asks; a wish to stop cancels whatever the session is busy with, until it is done.
pub(super) async fn until_stopped<T>(
    session: &Session,
    stop: &Stop,
    asking: impl Future<Output = Result<T, ExecuteError>>,
) -> Result<T, ExecuteError> {
    tokio::pin!(asking);
    tokio::select! {
        asked = &mut asking => return asked,
        () = stop.thrown() => {}
    }
    loop {
        session.cancel().await;
        if tokio::time::timeout(AGAIN, &mut asking).await.is_ok() {
            return Err(ExecuteError::Interrupted);
        }
    }
}
