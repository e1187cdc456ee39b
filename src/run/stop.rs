//! The user's request to stop, seen by every part of a run.

use super::ExecuteError;
use crate::source::Interrupter;
use crate::target::Session;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// Interval of the interrupts after a request to stop: SQLite interrupts only the queries that run at that moment.
const AGAIN: Duration = Duration::from_millis(20);

/// Flag for the user's request to stop, which can only be set once. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<StopFlag>,
}

#[derive(Debug, Default)]
struct StopFlag {
    thrown: AtomicBool,
    notify: Notify,
    /// Interrupters of the queries of the source's readers.
    interrupters: Mutex<Vec<Interrupter>>,
}

impl StopFlag {
    fn interrupt(&self) {
        let interrupters = self.interrupters.lock().unwrap_or_else(PoisonError::into_inner);
        interrupters.iter().for_each(Interrupter::interrupt);
    }
}

impl Stop {
    /// Requests the stop. From now on every query of the source's readers is interrupted.
    pub fn throw(&self) {
        if self.inner.thrown.swap(true, Ordering::SeqCst) {
            return;
        }
        self.inner.notify.notify_waiters();
        let inner = Arc::downgrade(&self.inner);
        // A thread of its own: those of the runtime may all be busy with the queries to interrupt.
        std::thread::spawn(move || {
            while let Some(inner) = Weak::upgrade(&inner) {
                inner.interrupt();
                drop(inner);
                std::thread::sleep(AGAIN);
            }
        });
    }

    /// Interrupts the queries of these readers as well, once a stop is requested.
    pub(crate) fn interrupts(&self, interrupters: impl Iterator<Item = Interrupter>) {
        self.inner.interrupters.lock().unwrap_or_else(PoisonError::into_inner).extend(interrupters);
    }

    /// Whether a stop was requested.
    #[must_use]
    pub fn is_thrown(&self) -> bool {
        self.inner.thrown.load(Ordering::Relaxed)
    }

    /// Waits for an answer that may never arrive, until a stop is requested.
    ///
    /// # Errors
    /// [`ExecuteError::Interrupted`], or the error of `waiting`.
    pub async fn or_end<T, E>(&self, waiting: impl Future<Output = Result<T, E>>) -> Result<T, ExecuteError>
    where
        ExecuteError: From<E>,
    {
        tokio::select! {
            answer = waiting => Ok(answer?),
            () = self.thrown() => Err(ExecuteError::Interrupted),
        }
    }

    /// Waits until a stop is requested.
    pub async fn thrown(&self) {
        let notified = self.inner.notify.notified();
        tokio::pin!(notified);
        // Registered before the check: a stop between the two is not missed.
        notified.as_mut().enable();
        if !self.is_thrown() {
            notified.await;
        }
    }
}

/// Interval of repeated cancels: a cancel that arrives between two statements is lost.
const CANCEL_AGAIN: Duration = Duration::from_millis(100);

/// Runs work on a session; after a request to stop, cancels the session's statements until the work ends.
pub(crate) async fn until_stopped<T>(
    session: &Session,
    stop: &Stop,
    running: impl Future<Output = Result<T, ExecuteError>>,
) -> Result<T, ExecuteError> {
    tokio::pin!(running);
    tokio::select! {
        done = &mut running => return done,
        () = stop.thrown() => {}
    }
    loop {
        session.cancel().await;
        // The statement may have ended before it was cancelled; without its ledger row it is rolled back.
        if tokio::time::timeout(CANCEL_AGAIN, &mut running).await.is_ok() {
            tracing::debug!("cancelled");
            return Err(ExecuteError::Interrupted);
        }
    }
}
