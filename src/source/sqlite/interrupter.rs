//! Interrupting a query from another thread.

use std::fmt;

/// Interrupts a reader's query from another thread (<https://www.sqlite.org/c3ref/interrupt.html>).
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    pub(super) fn of(connection: &rusqlite::Connection) -> Self {
        Self(connection.get_interrupt_handle())
    }

    /// Interrupts the reader's running query, if any. Later queries are not affected.
    pub(in crate::source) fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Interrupter")
    }
}
