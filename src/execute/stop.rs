//! The user's wish to stop, seen by every part of a run.

use super::error::ExecuteError;
use crate::target::Session;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// A switch that can be thrown once. Clones are the same switch.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    thrown: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// Asks everything to stop.
    pub fn throw(&self) {
        self.inner.thrown.store(true, Ordering::SeqCst);
        self.inner.notify.notify_waiters();
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_thrown(&self) -> bool {
        self.inner.thrown.load(Ordering::Relaxed)
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

/// Does something; a wish to stop cancels its statement in the server.
pub(super) async fn until_stopped<T: std::fmt::Debug>(
    session: &Session,
    stop: &Stop,
    running: impl Future<Output = Result<T, ExecuteError>>,
) -> Result<T, ExecuteError> {
    tokio::pin!(running);
    tokio::select! {
        done = &mut running => done,
        () = stop.thrown() => {
            session.cancel().await;
            // The statement may have ended before it was cancelled; without its ledger row it is rolled back.
            let ended = running.await;
            tracing::debug!(?ended, "cancelled");
            Err(ExecuteError::Interrupted)
        }
    }
}
