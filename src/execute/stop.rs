//! The user's wish to stop, seen by every part of a run.

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
