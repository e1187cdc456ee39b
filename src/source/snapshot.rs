//! One state of the source for all readers of a run.

use super::{Interrupter, Reader, SourceError, mysql, sqlite};
use crate::catalog::{Engine, LockPrivileges, SnapshotMethod};
use crate::connection::SourceConnection;

/// The privileges for a lock; `None` for an engine that has no users.
#[must_use]
pub fn lock_privileges(engine: Engine) -> Option<LockPrivileges> {
    match engine {
        Engine::Sqlite => None,
        Engine::Mysql => Some(mysql::LOCK_PRIVILEGES),
    }
}

/// Readers that all see the same state of one source. Only readers know their engine: the transaction or lock that
/// keeps the state lasts as long as they do.
#[derive(Debug)]
pub struct Snapshot {
    /// At least one.
    readers: Vec<Reader>,
}

impl Snapshot {
    /// Opens a source with at most `readers` readers, and at least one. The engine is chosen here alone. `method` is about a
    /// server, and so is `is_migrated`, which says of a table whether it is read.
    ///
    /// # Errors
    /// A source that is missing, of another kind, locked, unreadable, or not supported; or writers that never pause.
    pub fn open(
        source: &SourceConnection,
        readers: usize,
        method: Option<SnapshotMethod>,
        is_migrated: &dyn Fn(&str) -> bool,
    ) -> Result<Self, SourceError> {
        match source {
            SourceConnection::Sqlite { path } => {
                let readers = sqlite::Snapshot::open(path, readers)?.into_readers();
                Ok(Self { readers: readers.into_iter().map(Reader::Sqlite).collect() })
            }
            SourceConnection::Mysql(url) => {
                let server = url.resolve().map_err(SourceError::Address)?;
                let readers = mysql::Snapshot::open(&server, readers, method, is_migrated)?.into_readers();
                Ok(Self { readers: readers.into_iter().map(Reader::Mysql).collect() })
            }
            SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
        }
    }

    /// An interrupter for each reader.
    pub fn interrupters(&self) -> impl Iterator<Item = Interrupter> {
        self.readers.iter().map(Reader::interrupter)
    }

    /// The first reader, for work that needs only one.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.readers[0]
    }

    /// Returns the readers, one for each thread.
    #[must_use]
    pub fn into_readers(self) -> Vec<Reader> {
        self.readers
    }
}
