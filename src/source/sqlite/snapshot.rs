//! One state of the file for all readers of a run.

use super::open::{classify, connect, examine};
use super::pages::{DatabaseFile, OpenFile};
use crate::source::SourceError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often joining one snapshot is tried while writers commit in between.
const ATTEMPTS: u32 = 200;

/// Read transactions that all see the same state of one SQLite file.
///
/// In WAL mode a writer goes on undisturbed; what it commits is not seen. In rollback-journal mode the readers' shared
/// lock keeps writers from committing until the snapshot is dropped (<https://www.sqlite.org/lockingv3.html>).
#[derive(Debug)]
pub struct Snapshot {
    readers: Vec<Reader>,
}

/// One connection inside the snapshot. A reader is used by one thread at a time.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// The file's pages, where rows can be read without SQLite.
    pub(super) pages: Option<DatabaseFile>,
    /// Dropped after the connection, or its lock would go with it.
    _file: Arc<OpenFile>,
}

impl Snapshot {
    /// Opens `readers` connections on the file at `path`, all in one state of it.
    ///
    /// SQLite has no public call to hand a transaction's state to another connection, so the state is proved instead: a
    /// connection outside of any transaction reads `PRAGMA data_version` before and after the readers begin; the number
    /// is the same only when nobody committed in between (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    ///
    /// # Errors
    /// A file that is missing, no database, corrupt, locked or unreadable; or writers that never pause.
    pub fn open(path: &Path, readers: usize) -> Result<Self, SourceError> {
        let file = Arc::new(examine(path)?);
        let watcher = connect(path)?;
        let connections = (0..readers.max(1)).map(|_| connect(path)).collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..ATTEMPTS {
            let before = data_version(&watcher, path)?;
            for connection in &connections {
                begin(connection, path)?;
            }
            if data_version(&watcher, path)? == before {
                let pages = DatabaseFile::of(&file, path);
                let reader = |connection| {
                    let (pages, file) = (pages.clone(), Arc::clone(&file));
                    Reader { connection, path: path.to_owned(), pages, _file: file }
                };
                return Ok(Self { readers: connections.into_iter().map(reader).collect() });
            }
            for connection in &connections {
                connection.execute_batch("ROLLBACK").map_err(|error| classify(path, "taking a snapshot", &error))?;
            }
            std::thread::sleep(Duration::from_millis(u64::from(attempt.min(10))));
        }
        Err(SourceError::Busy { path: path.to_owned(), attempts: ATTEMPTS })
    }

    /// The first reader, for what needs only one.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.readers[0]
    }

    /// Gives the readers out, one for each thread.
    #[must_use]
    pub fn into_readers(self) -> Vec<Reader> {
        self.readers
    }
}

impl Reader {
    /// The same reader, which lets SQLite read every row.
    #[must_use]
    pub fn through_sqlite(self) -> Self {
        Self { pages: None, ..self }
    }
}

fn data_version(connection: &Connection, path: &Path) -> Result<i64, SourceError> {
    connection
        .query_row("SELECT data_version FROM pragma_data_version", [], |row| row.get(0))
        .map_err(|error| classify(path, "taking a snapshot", &error))
}

/// BEGIN alone takes no lock; the first read fixes the state.
fn begin(connection: &Connection, path: &Path) -> Result<(), SourceError> {
    connection
        .execute_batch("BEGIN")
        .and_then(|()| connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())))
        .map_err(|error| classify(path, "taking a snapshot", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(reader: &Reader) -> i64 {
        reader.connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn readers_see_one_state_while_a_writer_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a %?#'.db");
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
        let snapshot = Snapshot::open(&path, 3).unwrap();
        writer.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        for reader in snapshot.into_readers() {
            assert_eq!(count(&reader), 1);
        }
        assert_eq!(count(Snapshot::open(&path, 1).unwrap().reader()), 2);
    }

    #[test]
    fn what_is_not_a_database_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let problem = |path: &Path| Snapshot::open(path, 1).unwrap_err();
        assert!(matches!(problem(&directory.path().join("none.db")), SourceError::NotFound { .. }));
        assert!(matches!(problem(directory.path()), SourceError::Directory { .. }));
        assert!(matches!(problem(&file("empty", b"")), SourceError::Empty { .. }));
        assert!(matches!(problem(&file("text", b"hello")), SourceError::NotADatabase { .. }));
        assert!(matches!(problem(&file("noise", &[0xA5; 4096])), SourceError::NotADatabase { .. }));
        let whole = directory.path().join("whole.db");
        let connection = Connection::open(&whole).unwrap();
        connection.execute_batch("CREATE TABLE t (a); INSERT INTO t SELECT zeroblob(90000)").unwrap();
        drop(connection);
        let bytes = std::fs::read(&whole).unwrap();
        assert!(matches!(problem(&file("cut", &bytes[..bytes.len() / 2])), SourceError::Truncated { .. }));
        assert!(!directory.path().join("none.db").exists(), "nothing is created");
    }
}
