//! Watching the file for changes since before its first row was read.
//!
//! SQLite's locks keep the snapshot as long as every writer sees them. They do not if SQLite could take none, if a
//! network file system keeps them local to each machine, or if a program writes without SQLite, as `cp` does. So the
//! file is checked again after every reading, and any change is an error: a row that was read in between may belong to
//! another state.

use super::open::{holds, side_file};
use super::pages::OpenFile;
use crate::source::SourceError;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xxhash_rust::xxh3::xxh3_128;

/// The first bytes of the file that are compared: the largest page 1 there is, with the header and its change counter
/// (<https://www.sqlite.org/fileformat2.html>, section 1.3.7).
const BEGINNING: usize = 65_536;

/// Two changes within this time may have the same timestamps: Linux takes them from a clock that ticks every 1 to 10
/// ms.
const TICK: Duration = Duration::from_millis(50);

/// The tick of file systems that keep whole seconds, or two of them as FAT does.
const COARSE_TICK: Duration = Duration::from_secs(2);

/// Time to wait for a file that is written to all the time.
const PATIENCE: Duration = Duration::from_secs(10);

/// The mechanism that keeps the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SnapshotKeeper {
    /// A shared lock keeps all writers out of the file.
    Locked,
    /// A part of the snapshot is in the write-ahead log: marks keep it there, while checkpoints write into the file.
    Logged,
    /// None. Each change of the file, its log or its journal is detected.
    Unlocked,
}

/// The state of a file when reading began.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    hold: SnapshotKeeper,
    first: FileState,
    /// Dropped after SQLite's connections on the file: closing it would take their locks away.
    file: Arc<OpenFile>,
}

/// The facts that tell one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileState {
    length: u64,
    /// Time of the last change of the content: seconds and nanoseconds.
    modified: (i64, i64),
    /// Time of the last change of the file or its metadata. No program can set it.
    changed: (i64, i64),
    beginning: u128,
}

impl Watch {
    /// Begins to watch a file in a snapshot that has begun.
    ///
    /// # Errors
    /// The file's metadata cannot be read, or it is no longer at its path.
    pub(super) fn begin(path: &Path, file: &Arc<OpenFile>, hold: SnapshotKeeper) -> Result<Self, SourceError> {
        let first = FileState::of(path, file)?;
        Ok(Self { path: path.to_owned(), hold, first, file: Arc::clone(file) })
    }

    /// Begins to watch a file that SQLite cannot lock, before it is opened. Waits after a recent write until any
    /// further write would have another timestamp.
    ///
    /// # Errors
    /// The file's metadata cannot be read; its log or its journal holds a part of its state; it is written to all the
    /// time.
    pub(super) fn begin_unlocked(path: &Path, file: &Arc<OpenFile>) -> Result<Self, SourceError> {
        let began = SystemTime::now();
        loop {
            let watch = Self::begin(path, file, SnapshotKeeper::Unlocked)?;
            for (suffix, reason) in [
                ("-wal", "its write-ahead log holds transactions that cannot be read without a lock"),
                ("-journal", "a journal lies beside it, of a writer that is at work or has died"),
            ] {
                if holds(path, suffix) {
                    return Err(SourceError::Unlockable { path: path.to_owned(), reason: reason.to_owned() });
                }
            }
            if !watch.first.may_change_unnoticed(SystemTime::now()) {
                return Ok(watch);
            }
            if began.elapsed().is_ok_and(|waited| waited > PATIENCE) {
                return Err(SourceError::Written { path: path.to_owned(), what: "it is written to all the time" });
            }
            std::thread::sleep(TICK);
        }
    }

    /// Checks the file again.
    ///
    /// # Errors
    /// [`SourceError::Written`] if the file has changed although the hold excludes it.
    pub(super) fn confirm_still(&self) -> Result<(), SourceError> {
        let now = FileState::of(&self.path, &self.file)?;
        let what = match self.hold {
            SnapshotKeeper::Logged => None,
            SnapshotKeeper::Locked => self.first.moved(&now),
            // An empty log or journal is no write: a reader creates one too.
            SnapshotKeeper::Unlocked if holds(&self.path, "-wal") => Some("its write-ahead log has grown"),
            SnapshotKeeper::Unlocked if holds(&self.path, "-journal") => Some("a journal lies beside it now"),
            SnapshotKeeper::Unlocked => self.first.moved(&now).or_else(|| {
                let is_same = self.first.changed == now.changed;
                (!is_same).then_some("its change time differs")
            }),
        };
        match what {
            Some(what) => Err(SourceError::Written { path: self.path.clone(), what }),
            None => Ok(()),
        }
    }

    /// Whether a part of the snapshot is in the log.
    pub(super) fn is_logged(&self) -> bool {
        self.hold == SnapshotKeeper::Logged
    }

    /// The path as it was given.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl FileState {
    /// The state of the open file; an error if another file is at the path.
    fn of(path: &Path, file: &OpenFile) -> Result<Self, SourceError> {
        let written = |what| SourceError::Written { path: path.to_owned(), what };
        let unreadable = |cause| SourceError::Unreadable { path: path.to_owned(), cause };
        let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => written("it was removed"),
            _ => unreadable(error),
        })?;
        if !file.is(&metadata) {
            return Err(written("another file has taken its place"));
        }
        let beginning = file.beginning(BEGINNING).map_err(unreadable)?;
        Ok(Self::new(&metadata, &beginning))
    }

    fn new(metadata: &Metadata, beginning: &[u8]) -> Self {
        Self {
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            beginning: xxh3_128(beginning),
        }
    }

    /// The part of the content that has changed.
    fn moved(&self, now: &Self) -> Option<&'static str> {
        if self.length != now.length {
            Some("its length has changed")
        } else if self.beginning != now.beginning {
            Some("its header has changed")
        } else if self.modified != now.modified {
            Some("its modification time differs")
        } else {
            None
        }
    }

    /// Whether a change at this moment could have the same timestamps as the last one.
    fn may_change_unnoticed(&self, now: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds)) else { return false };
        let changed = UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        // A timestamp in the future is from a clock that was set back.
        let apart = now.duration_since(changed).unwrap_or_else(|later| later.duration());
        apart < if nanoseconds == 0 { COARSE_TICK } else { TICK }
    }
}

/// Whether the log holds a part of the state, or may hold one.
pub(super) fn is_logged(path: &Path) -> bool {
    match std::fs::metadata(side_file(path, "-wal")) {
        Ok(metadata) => metadata.len() > 0,
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::fs::{File, FileTimes};

    struct Watched {
        _directory: tempfile::TempDir,
        path: PathBuf,
        watch: Watch,
    }

    fn watched(hold: SnapshotKeeper) -> Watched {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("source.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
        drop(connection);
        let file = Arc::new(OpenFile::open(&path).unwrap());
        let watch = match hold {
            SnapshotKeeper::Unlocked => Watch::begin_unlocked(&path, &file).unwrap(),
            hold => Watch::begin(&path, &file, hold).unwrap(),
        };
        Watched { _directory: directory, path, watch }
    }

    impl Watched {
        fn said(&self) -> Option<&'static str> {
            match self.watch.confirm_still() {
                Ok(()) => None,
                Err(SourceError::Written { what, .. }) => Some(what),
                Err(other) => panic!("{other}"),
            }
        }

        fn write(&self, sql: &str) -> Connection {
            let writer = Connection::open(&self.path).unwrap();
            writer.execute_batch(sql).unwrap();
            writer
        }
    }

    #[test]
    fn nothing_moves_unnoticed_in_a_file_without_a_lock() {
        let source = watched(SnapshotKeeper::Unlocked);
        assert_eq!(source.said(), None);
        let reader = source.write("SELECT * FROM t");
        assert_eq!(source.said(), None, "reading is no change");
        drop(reader);
        let writer = source.write("UPDATE t SET a = 2");
        assert_eq!(source.said(), Some("its write-ahead log has grown"));
        writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        assert_eq!(source.said(), Some("its header has changed"));
        drop(writer);
        // A page behind the first one changes, and the time of modification is reset.
        let source = watched(SnapshotKeeper::Unlocked);
        let modified = std::fs::metadata(&source.path).unwrap().modified().unwrap();
        let mut bytes = std::fs::read(&source.path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&source.path, bytes).unwrap();
        let file = File::options().write(true).open(&source.path).unwrap();
        file.set_times(FileTimes::new().set_modified(modified)).unwrap();
        let said = source.said().unwrap();
        assert!(["its header has changed", "its change time differs"].contains(&said), "{said}");
    }

    #[test]
    fn what_sqlite_lets_others_do_is_no_change() {
        let source = watched(SnapshotKeeper::Logged);
        let writer = source.write("UPDATE t SET a = 2; PRAGMA wal_checkpoint(TRUNCATE)");
        assert_eq!(source.said(), None);
        drop(writer);
        let source = watched(SnapshotKeeper::Locked);
        drop(source.write("UPDATE t SET a = 2"));
        assert_eq!(source.said(), Some("its header has changed"), "the lock was none");
    }

    #[test]
    fn a_file_that_is_replaced_or_removed_is_noticed_whatever_keeps_it() {
        for hold in [SnapshotKeeper::Locked, SnapshotKeeper::Logged, SnapshotKeeper::Unlocked] {
            let source = watched(hold);
            let other = source.path.with_file_name("other.db");
            std::fs::copy(&source.path, &other).unwrap();
            std::fs::rename(&other, &source.path).unwrap();
            assert_eq!(source.said(), Some("another file has taken its place"));
            std::fs::remove_file(&source.path).unwrap();
            assert_eq!(source.said(), Some("it was removed"));
        }
    }

    #[test]
    fn a_file_with_a_log_or_a_journal_is_not_read_without_a_lock() {
        for suffix in ["-wal", "-journal"] {
            let source = watched(SnapshotKeeper::Logged);
            std::fs::write(side_file(&source.path, suffix), "x").unwrap();
            let refused = Watch::begin_unlocked(&source.path, &source.watch.file).unwrap_err();
            assert!(matches!(refused, SourceError::Unlockable { .. }), "{refused}");
        }
    }

    #[test]
    fn times_that_a_second_change_could_bear_too() {
        let state = |changed| FileState { length: 0, modified: (0, 0), changed, beginning: 0 };
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        assert!(state((999, 990_000_000)).may_change_unnoticed(now));
        assert!(!state((999, 900_000_000)).may_change_unnoticed(now));
        assert!(state((999, 0)).may_change_unnoticed(now), "a file system of whole seconds");
        assert!(!state((997, 0)).may_change_unnoticed(now));
        assert!(state((1_000, 10_000_000)).may_change_unnoticed(now), "a clock that is a little behind");
        assert!(!state((2_000, 0)).may_change_unnoticed(now), "a clock that was set back");
    }
}
