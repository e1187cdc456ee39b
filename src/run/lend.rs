//! A reader of the source is lent to a thread that may block, and comes back.

use super::ExecuteError;
use crate::source::Reader;

/// Reads in a thread that may block, until a request to stop interrupts it. The reader is lost if the thread is.
pub(crate) async fn lend<T: Send + 'static, E: Send + 'static>(
    reader: &mut Option<Reader>,
    read: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
) -> Result<T, ExecuteError>
where
    ExecuteError: From<E>,
{
    let lent = reader.take().ok_or_else(|| ExecuteError::Task("no reader".to_owned()))?;
    let (lent, read) = tokio::task::spawn_blocking(move || {
        let read = read(&lent);
        (lent, read)
    })
    .await?;
    *reader = Some(lent);
    Ok(read?)
}
