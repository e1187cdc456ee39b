//! Interrupting a reader's query from another thread.

use super::sqlite;

/// Interrupts a reader's query from another thread.
#[derive(Debug)]
pub enum Interrupter {
    /// A reader of SQLite.
    Sqlite(sqlite::Interrupter),
}

impl Interrupter {
    /// Interrupts the query that the reader is busy with, if it is. A query that begins later is not touched.
    pub fn interrupt(&self) {
        match self {
            Self::Sqlite(interrupter) => interrupter.interrupt(),
        }
    }
}
