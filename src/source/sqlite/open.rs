//! Opening a SQLite file read-only, with an exact error for every file that is none.

use super::pages::OpenFile;
use crate::source::SourceError;
use crate::source::masked_message::without_quoted;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Time that SQLite waits for a writer that holds the file. It is short, since the wait itself cannot be interrupted: a
/// caller that wants to wait longer retries.
const BUSY_TIMEOUT: Duration = Duration::from_millis(500);

/// The first sixteen bytes of every database (<https://www.sqlite.org/fileformat2.html>, section 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Examines the file without SQLite, so that simple mistakes get their own messages. Connections to the file must be
/// dropped before the returned file, whose closing would take their locks away.
///
/// # Errors
/// A missing file, a directory, an empty file, one without SQLite's header, one shorter than its header says.
pub(super) fn examine(path: &Path) -> Result<OpenFile, SourceError> {
    let unreadable = |cause: std::io::Error| match cause.kind() {
        ErrorKind::NotFound => SourceError::NotFound { path: path.to_owned() },
        _ => SourceError::Unreadable { path: path.to_owned(), cause },
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(SourceError::Directory { path: path.to_owned() });
    }
    if !metadata.is_file() {
        return Err(SourceError::NotADatabase { path: path.to_owned(), looks_like: "it is a device or a pipe" });
    }
    if metadata.len() == 0 {
        return Err(SourceError::Empty { path: path.to_owned() });
    }
    let file = OpenFile::open(path).map_err(unreadable)?;
    let header = file.beginning(100).map_err(unreadable)?;
    if !header.starts_with(MAGIC) {
        let looks_like = if header.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
            "it looks like text"
        } else if header.len() < MAGIC.len() {
            "it is too short"
        } else {
            "another format, or encrypted"
        };
        return Err(SourceError::NotADatabase { path: path.to_owned(), looks_like });
    }
    if let Some(expected) = header_length(&header)
        && metadata.len() < expected
        && !side_file(path, "-wal").exists()
    {
        return Err(SourceError::Truncated { path: path.to_owned(), expected, actual: metadata.len() });
    }
    Ok(file)
}

/// The length according to the header, if it is valid (<https://www.sqlite.org/fileformat2.html>, section 1.3.8).
fn header_length(header: &[u8]) -> Option<u64> {
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let (change_counter, pages, version_valid_for) = (number(24)?, number(28)?, number(92)?);
    (change_counter == version_valid_for && pages > 0).then_some(u64::from(pages) * page_size(header)? as u64)
}

/// The bytes of a page, by the header (<https://www.sqlite.org/fileformat2.html>, section 1.3.2).
pub(super) fn page_size(header: &[u8]) -> Option<usize> {
    match u16::from_be_bytes(header.get(16..18)?.try_into().ok()?) {
        1 => Some(65_536),
        size => Some(usize::from(size)),
    }
}

/// The path of a side file: `name.db-wal`. SQLite puts it beside the file that a symbolic link leads to.
pub(super) fn side_file(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.canonicalize().map_or_else(|_| path.as_os_str().to_owned(), PathBuf::into_os_string);
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens one read-only connection and confirms that it can read.
///
/// # Errors
/// Failures that [`examine`] does not detect: a lock, an unreadable schema. [`SourceError::Unlockable`] if SQLite could
/// read if it needed no lock.
pub(super) fn connect(path: &Path) -> Result<Connection, SourceError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let doing = "opening it";
    // Without SQLITE_OPEN_URI the path is taken letter by letter: a `?` or `%` in it is just that.
    let connection = Connection::open_with_flags(path, flags).map_err(|error| classify(path, doing, &error))?;
    match prepare(&connection) {
        Ok(()) => Ok(connection),
        // The journal of a writer that holds the file is no hot journal: the connection waits for the writer.
        Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) && has_hot_journal(path) => {
            Err(SourceError::HotJournal { path: path.to_owned() })
        }
        Err(error) => Err(match missing_lock(&error) {
            Some(reason) => SourceError::Unlockable { path: path.to_owned(), reason: reason.to_owned() },
            None => classify(path, doing, &error),
        }),
    }
}

/// Opens one read-only connection that takes no lock and reads no log or journal: the file alone is the whole state
/// (<https://www.sqlite.org/uri.html#uriimmutable>). The caller watches the file for writes.
///
/// # Errors
/// An unreadable file or schema.
pub(super) fn connect_unlocked(path: &Path) -> Result<Connection, SourceError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let failed = |error| classify(path, "opening it", &error);
    let connection = Connection::open_with_flags(immutable_uri(path), flags).map_err(failed)?;
    prepare(&connection).map_err(failed)?;
    Ok(connection)
}

/// The reason why SQLite can take no lock; `None` for an error about anything else.
fn missing_lock(error: &rusqlite::Error) -> Option<&'static str> {
    let rusqlite::Error::SqliteFailure(ffi::Error { extended_code, .. }, _) = error else { return None };
    match *extended_code {
        // In WAL mode locks are taken in the -shm file, which cannot be made in a read-only directory
        // (https://www.sqlite.org/wal.html, section 5).
        ffi::SQLITE_CANTOPEN
        | ffi::SQLITE_READONLY_CANTINIT
        | ffi::SQLITE_READONLY_CANTLOCK
        | ffi::SQLITE_READONLY_DIRECTORY
        | ffi::SQLITE_READONLY_RECOVERY
        | ffi::SQLITE_IOERR_SHMOPEN
        | ffi::SQLITE_IOERR_SHMSIZE
        | ffi::SQLITE_IOERR_SHMMAP
        | ffi::SQLITE_IOERR_SHMLOCK => Some("its -shm file, in which locks are taken, can neither be used nor be made"),
        ffi::SQLITE_IOERR_LOCK | ffi::SQLITE_IOERR_RDLOCK => Some("its file system knows no locks"),
        _ => None,
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // An application's own collation orders its indexes; reading needs any order under its name.
    connection.collation_needed(|connection, name| connection.create_collation(name, str::cmp))?;
    // Views, defaults and CHECKs of an untrusted file must not run functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Whether a side file exists and is not empty.
pub(super) fn holds(path: &Path, suffix: &str) -> bool {
    std::fs::metadata(side_file(path, suffix)).is_ok_and(|metadata| metadata.len() > 0)
}

/// Whether a writer died and left a journal, which only a writer can roll back
/// (<https://www.sqlite.org/lockingv3.html#hot_journals>).
fn has_hot_journal(path: &Path) -> bool {
    holds(path, "-journal")
}

/// `file:…?immutable=1` with everything escaped that a URI would interpret.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(uri, "%{byte:02X}");
        }
    }
    uri + "?immutable=1"
}

/// Turns SQLite's error into one with a hint.
pub(super) fn classify(path: &Path, doing: &str, error: &rusqlite::Error) -> SourceError {
    let (path, doing) = (path.to_owned(), doing.to_owned());
    let message = match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            SourceError::NotADatabase { path, looks_like: "SQLite cannot read it: another format, or encrypted" }
        }
        Some(ErrorCode::DatabaseCorrupt) => SourceError::Corrupt { path, doing, message },
        Some(ErrorCode::OperationInterrupted) => SourceError::Interrupted { doing },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => SourceError::Locked { path, doing },
        Some(
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure,
        ) => SourceError::Unreadable { path, cause: std::io::Error::other(message) },
        _ => {
            let (place, message) = (path.display().to_string(), without_values(error, message));
            SourceError::Query { place, doing, message }
        }
    }
}

/// The message without values of rows, which SQLite quotes when a query fails while it runs: `bad JSON path: 'x'`. A message
/// about the SQL itself, before it runs, stays as it is.
fn without_values(error: &rusqlite::Error, message: String) -> String {
    if matches!(error, rusqlite::Error::SqlInputError { .. }) {
        return message;
    }
    without_quoted(&message)
}
