//! The user's wish to stop, seen by every part of a run.

use super::ExecuteError;
use crate::source::Interrupter;
use crate::target::Session;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// How soon a query that began after the wish to stop is broken off: SQLite interrupts only what runs at that moment.
const AGAIN: Duration = Duration::from_millis(20);

/// A switch that can be thrown once. Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    thrown: AtomicBool,
    notify: Notify,
    /// What breaks off the queries of the source's readers.
    interrupters: Mutex<Vec<Interrupter>>,
}

impl Inner {
    fn interrupt(&self) {
        let interrupters = self.interrupters.lock().unwrap_or_else(PoisonError::into_inner);
        interrupters.iter().for_each(Interrupter::interrupt);
    }
}

impl Stop {
    /// Asks everything to stop. From now on every query of the source's readers is broken off.
    pub fn throw(&self) {
        if self.inner.thrown.swap(true, Ordering::SeqCst) {
            return;
        }
        self.inner.notify.notify_waiters();
        let inner = Arc::downgrade(&self.inner);
        // A thread of its own: those of the runtime may all be busy with what is to be broken off.
        std::thread::spawn(move || {
            while let Some(inner) = Weak::upgrade(&inner) {
                inner.interrupt();
                drop(inner);
                std::thread::sleep(AGAIN);
            }
        });
    }

    /// Breaks off the queries of these readers as well, from the moment that it is thrown.
    pub(crate) fn breaks_off(&self, interrupters: impl Iterator<Item = Interrupter>) {
        self.inner.interrupters.lock().unwrap_or_else(PoisonError::into_inner).extend(interrupters);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_thrown(&self) -> bool {
        self.inner.thrown.load(Ordering::Relaxed)
    }

    /// Waits for an answer that may never come, for as long as nobody asks to stop.
    ///
    /// # Errors
    /// [`ExecuteError::Interrupted`], or what the wait ends with.
    pub async fn or_end<T, E>(&self, waiting: impl Future<Output = Result<T, E>>) -> Result<T, ExecuteError>
    where
        ExecuteError: From<E>,
    {
        tokio::select! {
            answer = waiting => Ok(answer?),
            () = self.thrown() => Err(ExecuteError::Interrupted),
        }
    }

    /// Waits until a stop is asked for.
    pub async fn thrown(&self) {
        let notified = self.inner.notify.notified();
        tokio::pin!(notified);
        // Registered before the look: a stop between the two is not missed.
        notified.as_mut().enable();
        if !self.is_thrown() {
            notified.await;
        }
    }
}

/// How soon a statement is cancelled again: a cancel that arrives between two statements is lost.
const CANCEL_AGAIN: Duration = Duration::from_millis(100);

/// Runs work on a session; a wish to stop cancels whatever the session is busy with, until the work ends.
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
