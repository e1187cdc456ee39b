//! A lock on a SQLite file, held by a process of its own.
//!
//! A process that closes any descriptor of a file loses all of its POSIX locks on it
//! (<https://www.sqlite.org/howtocorrupt.html>, section 2.2), and this one opens and closes the file again and again while it
//! copies and compares. The holder does nothing else, and ends with its standard input: when its parent dies, in whatever way,
//! the file is free.

use super::open::examine;
use super::watch::is_logged;
use crate::source::SourceError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// The first argument that makes a holder of the program.
const WORD: &str = "__hold-source";

/// Time that a writer gets to end its transaction.
const PATIENCE: Duration = Duration::from_secs(5);

/// Beginnings of the holder's answers: the lock is held, with the version of the data; or another process has it; or neither.
const HELD: &str = "held ";
const BUSY: &str = "busy ";
const REFUSED: &str = "refused ";

/// The program that can be run as holder.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

pub(in crate::source) fn hold_if_asked(answers: &mut dyn Write) -> Option<u8> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|word| word == WORD) {
        return Some(arguments.next().map_or(2, |path| serve(Path::new(&path), answers)));
    }
    // The link leads to this very program even after its file was replaced.
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() { Some(itself) } else { std::env::current_exe().ok() };
    if let Some(program) = program {
        PROGRAM.get_or_init(|| program);
    }
    None
}

/// Holds the lock and answers a line for each line that it gets, until there are no more.
fn serve(path: &Path, answers: &mut dyn Write) -> u8 {
    let mut say = |line: String| answers.write_all((line + "\n").as_bytes()).and_then(|()| answers.flush()).is_ok();
    let connection = match take(path) {
        Ok(connection) => connection,
        Err(error) => {
            let is_busy = error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
            say(format!("{}{error}", if is_busy { BUSY } else { REFUSED }));
            return 1;
        }
    };
    let state = || {
        let version = connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0));
        match version {
            Ok(version) if !connection.is_autocommit() => format!("{HELD}{version}"),
            Ok(_) => format!("{REFUSED}the transaction has ended"),
            Err(error) => format!("{REFUSED}{error}"),
        }
    };
    if !say(state()) {
        return 1;
    }
    for line in std::io::stdin().lock().lines() {
        if line.is_err() || !say(state()) {
            break;
        }
    }
    0
}

fn take(path: &Path) -> rusqlite::Result<Connection> {
    let had_log = is_logged(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // The log stays as it is: nothing is written into the user's file, at its end neither.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, had_log)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0; BEGIN IMMEDIATE")?;
    Ok(connection)
}

/// Device and number of a file.
type FileId = (u64, u64);

fn file_id(path: &Path) -> std::io::Result<FileId> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// The lock; it ends when this is dropped.
#[derive(Debug)]
pub(in crate::source) struct Hold {
    path: PathBuf,
    /// Device and number of the file when it was locked: another one at the same path is not locked.
    file: FileId,
    holder: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The first answer; the later ones have to be the same.
    state: String,
}

impl Hold {
    /// Takes the lock.
    ///
    /// # Errors
    /// The file is no database; another process writes to it; this user may not write to it.
    pub(in crate::source) fn take(path: &Path) -> Result<Self, SourceError> {
        drop(examine(path)?);
        let not_held = |reason: String, hint: &'static str| SourceError::NotHeld {
            place: format!("sqlite:{}", path.display()),
            reason,
            hint,
        };
        let broken = |cause: std::io::Error| {
            not_held(format!("its holder does not start: {cause}"), "run the same command again")
        };
        let Some(program) = PROGRAM.get() else {
            return Err(not_held(
                "this program cannot be started as its holder".to_owned(),
                "use the program `transship`",
            ));
        };
        let file = file_id(path).map_err(broken)?;
        let mut command = Command::new(program);
        command.args([OsString::from(WORD), path.as_os_str().to_owned()]);
        // Ctrl-C at a terminal is for the parent, which lets the lock go when it has ended what it does.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut holder = command.spawn().map_err(broken)?;
        let (questions, answers) = (holder.stdin.take(), holder.stdout.take());
        let Some(answers) = answers else {
            return Err(broken(std::io::Error::from(std::io::ErrorKind::BrokenPipe)));
        };
        let mut hold = Self {
            path: path.to_owned(),
            file,
            holder,
            questions,
            answers: BufReader::new(answers),
            state: String::new(),
        };
        let answer = hold.read().map_err(broken)?;
        if answer.starts_with(HELD) {
            hold.state = answer;
            return hold.is_at_its_path().map(|()| hold);
        }
        if let Some(message) = answer.strip_prefix(BUSY) {
            let hint = "stop what writes to the file, then run the same command again; nothing was touched";
            return Err(not_held(format!("another process writes to it ({message})"), hint));
        }
        let message = answer
            .strip_prefix(REFUSED)
            .unwrap_or("the process that takes the lock ended without an answer")
            .to_owned();
        let hint =
            "run transship as the user that the application runs as: only a user who may write to the file can lock it";
        Err(not_held(message, hint))
    }

    /// Makes sure that the lock is held, and that nobody has written or replaced the file since it was taken.
    ///
    /// # Errors
    /// The holder has ended, or another file is at the path.
    pub(in crate::source) fn confirm(&mut self) -> Result<(), SourceError> {
        let asked = match &mut self.questions {
            Some(questions) => questions.write_all(b"\n").and_then(|()| questions.flush()),
            None => Ok(()),
        };
        let reason = match asked.and_then(|()| self.read()) {
            Ok(answer) if answer == self.state => return self.is_at_its_path(),
            Ok(answer) if answer.is_empty() => "its holder has ended".to_owned(),
            Ok(answer) => answer,
            Err(error) => error.to_string(),
        };
        Err(SourceError::NotHeld {
            place: format!("sqlite:{}", self.path.display()),
            reason: format!("the lock was lost: {reason}"),
            hint: "run the same command again: others may have written since",
        })
    }

    /// Makes sure that the locked file is the one that the path leads to, and that everybody reads.
    fn is_at_its_path(&self) -> Result<(), SourceError> {
        let reason = match file_id(&self.path) {
            Ok(file) if file == self.file => return Ok(()),
            Ok(_) => "the file was replaced by another one while it was held: the lock is on the former file, and what was read \
                      may be of either"
                .to_owned(),
            Err(error) => format!("the file was taken away while it was held: {error}"),
        };
        Err(SourceError::NotHeld {
            place: format!("sqlite:{}", self.path.display()),
            reason,
            hint: "stop what replaces the file (a restore, a copy, a deployment), then run the same command again",
        })
    }

    fn read(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // The end of its input is the holder's end.
        drop(self.questions.take());
        if let Err(error) = self.holder.wait() {
            tracing::debug!(%error, "the holder of the source ends by itself");
        }
    }
}
