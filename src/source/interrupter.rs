//! Interrupting a reader's query from another thread.

use super::{mysql, sqlite};

/// Interrupts a reader's query from another thread.
#[derive(Debug)]
pub enum Interrupter {
    /// A reader of SQLite.
    Sqlite(sqlite::Interrupter),
    /// A session of MySQL or MariaDB.
    Mysql(Box<mysql::Interrupter>),
}

impl Interrupter {
    /// Interrupts the reader's running query, if any. Later queries are not affected.
    pub fn interrupt(&self) {
        match self {
            Self::Sqlite(interrupter) => interrupter.interrupt(),
            Self::Mysql(interrupter) => interrupter.interrupt(),
        }
    }
}
