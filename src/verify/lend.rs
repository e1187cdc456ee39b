//! A reader of the source is lent to a thread that may block, and comes back.

use crate::execute::{ExecuteError, Stop};
use crate::source::sqlite::Reader;
use std::time::Duration;

/// How soon a query that began after a wish to stop is broken off: SQLite interrupts only what runs at that moment.
const AGAIN: Duration = Duration::from_millis(20);

/// Reads in a thread that may block. The reader is lost where the thread is.
pub(super) async fn lend<T: Send + 'static, E: Send + 'static>(
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

/// The same; a wish to stop breaks the query off that the thread is busy with, so that it comes to an end.
pub(super) async fn lend_until_stopped<T: Send + 'static, E: Send + 'static>(
    reader: &mut Option<Reader>,
    stop: &Stop,
    read: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
) -> Result<T, ExecuteError>
where
    ExecuteError: From<E>,
{
    let interrupter = reader.as_ref().map(Reader::interrupter);
    let lent = lend(reader, read);
    tokio::pin!(lent);
    tokio::select! {
        done = &mut lent => return done,
        () = stop.thrown() => {}
    }
    loop {
        if let Some(interrupter) = &interrupter {
            interrupter.interrupt();
        }
        tokio::select! {
            done = &mut lent => {
                // It may have ended before it was broken off.
                drop(done);
                return Err(ExecuteError::Interrupted);
            }
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}
