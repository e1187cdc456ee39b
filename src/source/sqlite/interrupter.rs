//! Interrupting a query from another thread.

use std::fmt;

/// Interrupts a reader's query from another thread (<https://www.sqlite.org/c3ref/interrupt.html>).
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    pub(super) fn of(connection: &rusqlite::Connection) -> Self {
        Self(connection.get_interrupt_handle())
    }

    /// Interrupts the query that the reader is busy with, if it is. A query that begins later is not touched.
    pub(in crate::source) fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Interrupter")
    }
}
