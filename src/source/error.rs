//! Failures of a source, with hints.

use super::mysql::SignInFailure;
use crate::connection::UrlError;
use std::path::PathBuf;

/// A source that cannot be opened or read. Every kind names the file, the cause and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// There is no such file.
    #[error("the source database {} does not exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The path names a directory.
    #[error("the source {} is a directory, not a SQLite database", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// A file of no bytes.
    #[error("the source {} is empty (0 bytes), not a SQLite database", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file does not begin as SQLite files do.
    #[error("the source {} is not a SQLite database ({looks_like})", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// A guess at the format, by the first bytes.
        looks_like: &'static str,
    },
    /// The file is shorter than its header says.
    #[error(
        "the source {} is cut short: its header says {expected} bytes, the file has {actual}",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes according to the header.
        expected: u64,
        /// Bytes in the file.
        actual: u64,
    },
    /// SQLite found the file's content inconsistent.
    #[error("the source {} is corrupt: {message} ({doing})", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The work that failed.
        doing: String,
        /// SQLite's message.
        message: String,
    },
    /// A writer died in the middle of a transaction; reading would need its journal rolled back first.
    #[error("the source {} has a journal that a writer left when it died; it is not in a consistent state", path.display())]
    HotJournal {
        /// The file.
        path: PathBuf,
    },
    /// SQLite can take no lock on the file, and the file cannot be read without one.
    #[error("the source {} cannot be locked: {reason}", path.display())]
    Unlockable {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The file changed while it was read, although nothing may change in it: the rows that were read may belong to no
    /// single state.
    #[error("the source {} was written to while it was read: {what}", path.display())]
    Written {
        /// The file.
        path: PathBuf,
        /// The part that has changed.
        what: &'static str,
    },
    /// Another process holds the file.
    #[error("the source {} is locked by another process ({doing})", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// The work that failed.
        doing: String,
    },
    /// Writers committed faster than the readers could join one snapshot.
    #[error("the source {} is being written to all the time; no common snapshot after {attempts} attempts", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
        /// The number of attempts.
        attempts: u32,
    },
    /// The operating system refuses the file.
    #[error("the source {} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        cause: std::io::Error,
    },
    /// A generated column depends on generated columns, and so on, to a depth that SQLite does not finish.
    #[error(
        "the generated column {table}.{column} of the source {} comes to more than {most} columns when every generated \
         column that it reads is replaced by its expression",
        path.display()
    )]
    TooComputed {
        /// The file.
        path: PathBuf,
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The most that is read.
        most: u64,
    },
    /// A copy of the source cannot be written.
    #[error("the copy {} cannot be written: {cause}", copy.display())]
    NotCopied {
        /// The copy.
        copy: PathBuf,
        /// Cause of the failure.
        cause: String,
    },
    /// The place that is to be filled from a copy is in use.
    #[error("{place} is not empty: {what}")]
    NotEmpty {
        /// The place, without password.
        place: String,
        /// The existing objects, in words.
        what: String,
    },
    /// The server's own program that copies its databases does not start, or failed.
    #[error("{program} {message}")]
    Tool {
        /// The program.
        program: String,
        /// The failure in words, with what the program said.
        message: String,
        /// Hint for the user.
        hint: &'static str,
    },
    /// The query was interrupted: the user asked to stop, or it took longer than it may.
    #[error("reading the source was interrupted ({doing})")]
    Interrupted {
        /// The work that failed.
        doing: String,
    },
    /// A table was altered since the snapshot was taken.
    #[error("the structure of the source {place} was altered while it was read ({doing}): {message}")]
    Altered {
        /// The server and its database, without a password.
        place: String,
        /// The work that failed; it names the table.
        doing: String,
        /// The engine's message.
        message: String,
    },
    /// A lock of others did not end in time.
    #[error("a lock kept the source {place} from being read ({doing}): {message}")]
    Waited {
        /// The server and its database, without a password.
        place: String,
        /// The work that failed; it names the table.
        doing: String,
        /// The engine's message.
        message: String,
    },
    /// A limit of the server is reached, which others use up or which ends by itself.
    #[error("the source {place} has no room at present ({doing}): {message}")]
    NoRoom {
        /// The server and its database, without a password.
        place: String,
        /// The work that failed.
        doing: String,
        /// The engine's message.
        message: String,
    },
    /// Writers cannot be kept out of the source, or were let in again by others.
    #[error("the source {place} is not held: {reason}")]
    NotHeld {
        /// The file, or the server and its database, without a password.
        place: String,
        /// The reason.
        reason: String,
        /// Advice.
        hint: &'static str,
    },
    /// Writers cannot be kept out, and a server that was set to only read for it could not be set back.
    #[error("the source {place} is not held: {reason}; and it still only reads: {cause}")]
    NotGivenBack {
        /// The server and its database, without a password.
        place: String,
        /// The reason for which it is not held.
        reason: String,
        /// The refusal of what it was before.
        cause: String,
    },
    /// No method brings several connections to one state.
    #[error("no snapshot of the source {place}: {}", reasons.join("; "))]
    NoSnapshot {
        /// The server and its database, without a password.
        place: String,
        /// The methods that were tried, each with the reason.
        reasons: Vec<String>,
    },
    /// The spec was read without the variable of the source's URL.
    #[error("the variable `{variable}` of `source.url` is not set")]
    Unset {
        /// The variable.
        variable: String,
    },
    /// The spec's own SQL changed the number of a table's rows: counted without it, there are not as many.
    #[error(
        "the source {place}: {table}, {range}: {read} rows were read, but {expected} pass `where` when each row is counted \
         by itself"
    )]
    OtherRows {
        /// The file, or the server and its database, without a password.
        place: String,
        /// The table.
        table: String,
        /// The range of its rows.
        range: String,
        /// Rows that were read.
        read: u64,
        /// Rows in the table.
        expected: u64,
    },
    /// The source gave another number of rows than it counts in the same state.
    #[error("the source {place} gave {read} rows of {table}, and counts {counted} in the same state")]
    NotAsCounted {
        /// The file, or the server and its database, without a password.
        place: String,
        /// The table.
        table: String,
        /// Rows that it gave.
        read: u64,
        /// Rows in the table, by a query that counts them.
        counted: u64,
    },
    /// The source's address does not say where it is.
    #[error("the source's address cannot be used: {}", .0.message)]
    Address(UrlError),
    /// No session of the source's server was opened.
    #[error("cannot connect to the source {place}: {cause}")]
    Connect {
        /// The server and its database, without a password.
        place: String,
        /// The failure.
        cause: String,
        /// Kind of the failure.
        refusal: SignInFailure,
    },
    /// The session with the source's server was lost, and with it the state that it read.
    #[error("the connection to the source {place} was lost ({doing}): {cause}")]
    Lost {
        /// The server and its database, without a password.
        place: String,
        /// The work that failed.
        doing: String,
        /// The failure.
        cause: String,
    },
    /// The server has a table that it cannot open itself.
    #[error("the source {place} cannot open one of its own tables ({doing}): {message}")]
    Unopened {
        /// The server and its database, without a password.
        place: String,
        /// The work that failed.
        doing: String,
        /// The server's message.
        message: String,
    },
    /// A query failed: most often SQL of the spec.
    #[error("the source {place} refused a query ({doing}): {message}")]
    Query {
        /// The file, or the server and its database, without a password.
        place: String,
        /// The work that failed.
        doing: String,
        /// The engine's message.
        message: String,
    },
}

impl SourceError {
    /// Advice to the user.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::NotFound { .. } => "check `source.url`; a relative path is relative to the spec file",
            Self::Directory { .. } => "name the database file inside it in `source.url`",
            Self::Empty { .. } => {
                "check `source.url`: an application that opens a wrong path leaves such a file behind"
            }
            Self::NotADatabase { .. } => {
                "export it without encryption first if it is an encrypted database (SQLCipher, SEE); otherwise check `source.url`"
            }
            Self::Truncated { .. } => "copy the file again from where it came, or restore it from a backup",
            Self::Corrupt { .. } => {
                "run `sqlite3 FILE 'PRAGMA integrity_check'` to know more; `sqlite3 FILE .recover` saves what can be saved"
            }
            Self::HotJournal { .. } => {
                "open it once with a program that may write, which rolls the journal back: sqlite3 FILE 'PRAGMA user_version'"
            }
            Self::Unlockable { .. } => {
                "mount it read-write, stop the application so that it writes its log back into the file, or migrate a copy of \
                 the file made together with its -wal file"
            }
            Self::Written { .. } => {
                "stop whatever writes to the file, or mount it read-write so that it can be locked, or migrate a copy of it; \
                 then run the same command again; what was copied before is kept"
            }
            Self::Locked { .. } => {
                "wait until the other process has finished its transaction, or migrate a copy of the file"
            }
            Self::Busy { .. } => "stop the writers for a moment, or migrate a copy of the file",
            Self::Unreadable { .. } => "check the owner and the permissions of the file and of its directory",
            Self::TooComputed { .. } => {
                "make such columns STORED, or drop them, in a copy of the file: SQLite computes a column again for every \
                 mention of it"
            }
            Self::NotCopied { .. } => "check the room on the disk and the rights on the directory",
            Self::NotEmpty { .. } => {
                "name a new file, or a database without tables: existing data is never overwritten"
            }
            Self::Tool { hint, .. } | Self::NotHeld { hint, .. } => hint,
            Self::NotGivenBack { .. } => "run `transship cutover SPEC --release`, which sets it as it was before",
            Self::Interrupted { .. } => "run the same command again",
            Self::Altered { .. } => {
                "run the same command again when no table is being altered: it takes a new snapshot and copies again what \
                 differs; what was copied is kept"
            }
            Self::Waited { .. } => {
                "run the same command again when the session has ended that holds a lock on the table, alters it or flushes it"
            }
            Self::NoRoom { .. } => {
                "wait until the limit that the message names permits more, or raise it; then run the same command again"
            }
            Self::NoSnapshot { .. } => "give `source.snapshot = \"auto\"`, or another method, or run it again later",
            Self::Unset { .. } => "set it, or write a default: ${NAME:-default}",
            Self::OtherRows { .. } => {
                "take out of `where` and `source_sql` what aggregates, and what is random: they must give each row the same answer every time"
            }
            Self::NotAsCounted { .. } => {
                "look for a setting of the server, of its user or of a proxy that limits the rows of an answer; \
                 then run the same command again"
            }
            Self::Address(error) => {
                error.hint.as_deref().unwrap_or("check `source.url`, the option files and the variables it is made of")
            }
            Self::Connect { refusal, .. } => refusal.hint(),
            Self::Lost { .. } => {
                "run the same command again when the server is back: it takes a new snapshot, compares with it what was \
                 copied, and copies again what differs"
            }
            Self::Unopened { .. } => {
                "repair the table in the source, or what it is made of; or leave it behind: its name in `exclude`, under `[source]` in the spec"
            }
            Self::Query { .. } => "correct the SQL in the spec, if it comes from there",
        }
    }

    /// Whether the source is unusable as named, so that on opening nothing was written yet.
    #[must_use]
    pub fn is_wrong_input(&self) -> bool {
        !matches!(self, Self::Connect { refusal, .. } if refusal.is_away())
            && !matches!(
                self,
                Self::Locked { .. }
                    | Self::Busy { .. }
                    | Self::Written { .. }
                    | Self::OtherRows { .. }
                    | Self::NotAsCounted { .. }
                    | Self::Interrupted { .. }
                    | Self::NotCopied { .. }
                    | Self::Tool { .. }
                    | Self::NotHeld { .. }
                    | Self::NotGivenBack { .. }
                    | Self::Lost { .. }
                    | Self::Altered { .. }
                    | Self::NoSnapshot { .. }
                    | Self::NoRoom { .. }
                    | Self::Waited { .. }
            )
    }

    /// Whether the server may be there in a moment. A session that was lost is not opened again by itself: what it saw cannot
    /// be seen a second time.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Connect { refusal, .. } if refusal.is_transient())
    }
}

/// The reason why a reading ended before the last row.
#[derive(Debug)]
pub enum ReadFailure<E> {
    /// The source failed.
    Source(SourceError),
    /// The caller's function refused a row.
    Caller(E),
}
