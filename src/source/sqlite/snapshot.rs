//! One state of the file for all readers of a run.

use super::file_system;
use super::interrupter::Interrupter;
use super::open::{classify, connect, connect_unlocked, examine};
use super::pages::{DatabaseFile, OpenFile};
use super::tables::{ListedTable, tables};
use super::watch::{SnapshotKeeper, Watch, is_logged};
use crate::source::SourceError;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Attempts to join one snapshot while writers commit in between.
const ATTEMPTS: u32 = 200;

/// Read transactions that all see the same state of one SQLite file.
///
/// In WAL mode a writer continues undisturbed; its commits are not seen. In rollback-journal mode the readers' shared
/// lock keeps writers from committing until the snapshot is dropped (<https://www.sqlite.org/lockingv3.html>). If
/// SQLite can take no lock, the file is watched instead: a write meanwhile is an error of the reader.
#[derive(Debug)]
pub(in crate::source) struct Snapshot {
    readers: Vec<Reader>,
}

/// One connection inside the snapshot. A reader is used by one thread at a time.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// The file's pages, if rows can be read without SQLite.
    pub(super) pages: Option<DatabaseFile>,
    /// The tables in this state of the file.
    pub(super) tables: Arc<BTreeMap<String, ListedTable>>,
    /// Dropped after the connection, or its lock would go with it.
    watch: Arc<Watch>,
}

impl Snapshot {
    /// Opens `readers` connections on the file at `path`, all in one state of it.
    ///
    /// SQLite has no public call to hand a transaction's state to another connection, so the state is proved instead: a
    /// connection outside of any transaction reads `PRAGMA data_version` before and after the readers begin; the number
    /// is the same only if no commit happened in between (<https://www.sqlite.org/pragma.html#pragma_data_version>).
    ///
    /// # Errors
    /// A file that is missing, no database, corrupt, locked or unreadable; or writers that never pause.
    pub(in crate::source) fn open(path: &Path, readers: usize) -> Result<Self, SourceError> {
        let file = Arc::new(examine(path)?);
        let watcher = match connect(path) {
            Err(SourceError::Unlockable { reason, .. }) => return Self::without_lock(path, &file, readers, &reason),
            connected => connected?,
        };
        let connections = (0..readers.max(1)).map(|_| connect(path)).collect::<Result<Vec<_>, _>>()?;
        for attempt in 0..ATTEMPTS {
            let before = data_version(&watcher, path)?;
            for connection in &connections {
                begin(connection, path)?;
            }
            if data_version(&watcher, path)? == before {
                let hold = if is_logged(path) { SnapshotKeeper::Logged } else { SnapshotKeeper::Locked };
                return Self::of(connections, Watch::begin(path, &file, hold)?, &file);
            }
            for connection in &connections {
                connection.execute_batch("ROLLBACK").map_err(|error| classify(path, "taking a snapshot", &error))?;
            }
            std::thread::sleep(Duration::from_millis(u64::from(attempt.min(10))));
        }
        Err(SourceError::Busy { path: path.to_owned(), attempts: ATTEMPTS })
    }

    /// Opens a file that SQLite cannot lock, if writes to it can be ruled out.
    fn without_lock(path: &Path, file: &Arc<OpenFile>, readers: usize, reason: &str) -> Result<Self, SourceError> {
        // Times and lengths may be cached, and the times come from another machine's clock.
        if let Some(kind) = shared_file_system(path) {
            let reason = format!("{reason}, and on a network file system ({kind}) a change may go unnoticed");
            return Err(SourceError::Unlockable { path: path.to_owned(), reason });
        }
        let watch = Watch::begin_unlocked(path, file)?;
        tracing::info!(path = %path.display(), reason, "the source cannot be locked; a write meanwhile ends the run");
        let connections = (0..readers.max(1)).map(|_| connect_unlocked(path)).collect::<Result<Vec<_>, _>>()?;
        for connection in &connections {
            begin(connection, path)?;
        }
        watch.confirm_still()?;
        Self::of(connections, watch, file)
    }

    fn of(mut connections: Vec<Connection>, watch: Watch, file: &Arc<OpenFile>) -> Result<Self, SourceError> {
        let path = watch.path().to_owned();
        let listed = connections.first_mut().map(tables).transpose();
        let listed = listed.map_err(|error| classify(&path, "listing its tables", &error))?;
        let listed = Arc::new(listed.unwrap_or_default());
        let pages = if watch.is_logged() { None } else { DatabaseFile::of(file, &path) };
        let watch = Arc::new(watch);
        let reader = |connection| {
            let (path, pages, watch) = (path.clone(), pages.clone(), Arc::clone(&watch));
            Reader { connection, path, pages, tables: Arc::clone(&listed), watch }
        };
        Ok(Self { readers: connections.into_iter().map(reader).collect() })
    }

    /// The first reader.
    #[cfg(test)]
    pub(super) fn reader(&self) -> &Reader {
        &self.readers[0]
    }

    /// Returns the readers, one for each thread.
    #[must_use]
    pub(in crate::source) fn into_readers(self) -> Vec<Reader> {
        self.readers
    }
}

impl Reader {
    /// The same reader, which reads every row through SQLite, and no page directly.
    #[must_use]
    pub(in crate::source) fn through_sqlite(self) -> Self {
        Self { pages: None, ..self }
    }

    /// An interrupter of this reader's queries.
    #[must_use]
    pub(in crate::source) fn interrupter(&self) -> Interrupter {
        Interrupter::of(&self.connection)
    }

    /// Confirms that the file has not changed in a way that would split two readings into two states. A reading of rows
    /// does so by itself, after the last row; other queries do not.
    ///
    /// # Errors
    /// [`SourceError::Written`]: the file was written to past SQLite's locks, or without any.
    pub(in crate::source) fn confirm_still(&self) -> Result<(), SourceError> {
        self.watch.confirm_still()
    }

    /// The type of the file system that the file lies on, if other machines can write to it without seeing the locks.
    #[must_use]
    pub(in crate::source) fn shared_file_system(&self) -> Option<String> {
        shared_file_system(&self.path)
    }

    /// `user_version` and `application_id` (<https://www.sqlite.org/pragma.html#pragma_user_version>), where they are not 0.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn application_numbers(&self) -> Result<BTreeMap<String, i64>, SourceError> {
        let mut numbers = BTreeMap::new();
        for pragma in ["PRAGMA user_version", "PRAGMA application_id"] {
            let number = self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
            match number.map_err(|error| self.failed("reading its header", &error))? {
                0 => {}
                number => {
                    numbers.insert(pragma.to_owned(), number);
                }
            }
        }
        Ok(numbers)
    }

    /// The file, as messages name it.
    pub(in crate::source) fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// The failure of a query. If the file was written to meanwhile, that is reported, and not its consequence.
    pub(super) fn failed(&self, doing: &str, error: &rusqlite::Error) -> SourceError {
        self.explained(classify(&self.path, doing, error))
    }

    /// As [`Self::failed`], for an error that SQLite did not report.
    pub(super) fn explained(&self, error: SourceError) -> SourceError {
        match self.confirm_still() {
            Err(written @ SourceError::Written { .. }) => written,
            _ => error,
        }
    }
}

fn shared_file_system(path: &Path) -> Option<String> {
    file_system::kind_of(path).filter(|kind| file_system::is_shared(kind))
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
