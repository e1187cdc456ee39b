//! Errors of the private server: kind, place, cause and hint.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Failure to start, join, inspect or stop the private server.
///
/// The messages are complete: cause and advice are part of the text, and there is no further `source()`.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No usable PostgreSQL server is installed.
    #[error(
        "no PostgreSQL server found: `initdb`, `postgres` and `pg_ctl` must lie together in one directory \
         (looked in {searched}). Install one with `{install}`, or give the spec a `postgres://` URL instead of `embedded:`"
    )]
    ProgramsNotFound {
        /// The directories searched.
        searched: String,
        /// The command that installs a server on this operating system.
        install: &'static str,
    },
    /// Every installed server is older than transship supports.
    #[error(
        "the PostgreSQL found here is too old: {found}; transship needs version {minimum} or newer. \
         Install one with `{install}`"
    )]
    ServerTooOld {
        /// The installations found, with their versions.
        found: String,
        /// The oldest supported major version.
        minimum: u32,
        /// The command that installs a server on this operating system.
        install: &'static str,
    },
    /// The cluster was made by a major version that is not installed (any more).
    #[error(
        "the cluster in `{}` was made by PostgreSQL {cluster}, but this machine has {found}. \
         Install PostgreSQL {cluster} again, or upgrade the cluster with `pg_upgrade`, or move the directory away: \
         the next run then begins with an empty cluster",
        data_directory.display()
    )]
    VersionMismatch {
        /// The cluster.
        data_directory: PathBuf,
        /// Its major version.
        cluster: u32,
        /// The installations found, with their versions.
        found: String,
    },
    /// A cluster without its version.
    #[error(
        "the cluster in `{}` is damaged: its file PG_VERSION is missing or not a number. Restore it from a backup, or move \
         the directory away: the next run then begins with an empty cluster",
        data_directory.display()
    )]
    NoVersion {
        /// The cluster.
        data_directory: PathBuf,
    },
    /// Two clusters where there is place for one.
    #[error(
        "there are two clusters, `{}` and `{}`, and nothing tells which one is meant. Move the other one away",
        one.display(), other.display()
    )]
    SeveralClusters {
        /// One of them.
        one: PathBuf,
        /// Another one.
        other: PathBuf,
    },
    /// Running as root, and there is no other user to run the server as.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`. \
         Run transship as an ordinary user, or create one with `useradd --system postgres`"
    )]
    NoUnprivilegedUser,
    /// Running as root, and an existing cluster belongs to root.
    #[error(
        "the cluster in `{}` belongs to root, and PostgreSQL refuses to run as root; it was probably copied without its \
         owners. Give it to an ordinary user: `chown -R postgres` and the directory",
        data_directory.display()
    )]
    ClusterOwnedByRoot {
        /// The cluster.
        data_directory: PathBuf,
    },
    /// A directory was made by another user.
    #[error(
        "`{}` belongs to user {owner}, but transship runs as {current}. Run it as {owner}, or move the directory away: \
         the next run then begins with an empty cluster",
        path.display()
    )]
    OtherOwner {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: String,
        /// The current user.
        current: String,
    },
    /// The short socket directory under /tmp is not safe to use.
    #[error(
        "the socket directory `{}` cannot be trusted: {problem}. Remove it, or move the spec to a shorter path, \
         where no directory outside is needed",
        path.display()
    )]
    SocketDirectory {
        /// The directory.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
    /// A file operation failed.
    #[error("could not {action} `{}`: {cause}{}", path.display(), advice(cause))]
    File {
        /// Action that failed, as it follows "could not".
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
    /// A program could not be started at all.
    #[error("could not run `{}`: {cause}{}", program.display(), advice(cause))]
    Program {
        /// The program.
        program: PathBuf,
        /// Error of the operating system.
        cause: io::Error,
    },
    /// initdb failed.
    #[error(
        "`{}` could not make a cluster in `{}` ({status}). It said:\n{output}\nRemove what it complains about and run \
         again; nothing is left behind that would be taken for a cluster",
        program.display(), directory.display()
    )]
    InitializationFailed {
        /// The initdb that ran.
        program: PathBuf,
        /// Directory of the new cluster.
        directory: PathBuf,
        /// Exit status.
        status: ExitStatus,
        /// The end of its output.
        output: String,
    },
    /// The server ended before it was ready.
    #[error(
        "the PostgreSQL server of `{}` did not start ({status}). The end of its log `{}`:\n{log_tail}",
        data_directory.display(), log_file.display()
    )]
    StartFailed {
        /// The cluster.
        data_directory: PathBuf,
        /// Exit status of the server.
        status: String,
        /// Its whole log.
        log_file: PathBuf,
        /// The last lines of it.
        log_tail: String,
    },
    /// The server runs but does not accept connections in time.
    #[error(
        "the PostgreSQL server of `{}` is still not ready after {seconds} s; perhaps it recovers from a crash. It \
         keeps running: run the same command again to join it. The end of its log `{}`:\n{log_tail}",
        data_directory.display(), log_file.display()
    )]
    NotReady {
        /// The cluster.
        data_directory: PathBuf,
        /// Seconds waited.
        seconds: u64,
        /// Its whole log.
        log_file: PathBuf,
        /// The last lines of it.
        log_tail: String,
    },
    /// The server got the signal to stop but still runs.
    #[error(
        "the PostgreSQL server of `{}` (process {process}) still runs {seconds} s after it was told to stop; it is \
         probably writing a checkpoint and will end by itself. Its log is `{}`",
        data_directory.display(), log_file.display()
    )]
    NotStopped {
        /// The cluster.
        data_directory: PathBuf,
        /// The server's process id.
        process: i32,
        /// Seconds waited.
        seconds: u64,
        /// Its log.
        log_file: PathBuf,
    },
    /// Another transship process holds the start lock for too long.
    #[error(
        "another transship process has been starting or stopping the server for {seconds} s (it holds `{}`). \
         Wait for it, or end it, and run again",
        lock.display()
    )]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// Seconds waited.
        seconds: u64,
    },
    /// The password file is missing or is not one of ours.
    #[error(
        "the password of the cluster in `{}` is not in `{}`: {problem}. Restore that file, or move the directory away: \
         the next run then begins with an empty cluster",
        data_directory.display(), password_file.display()
    )]
    Password {
        /// The cluster.
        data_directory: PathBuf,
        /// The file.
        password_file: PathBuf,
        /// The problem.
        problem: String,
    },
    /// The `location` file names a place where transship never puts a cluster.
    #[error(
        "`{}` does not name a directory that transship made (`{location}`). Remove the file; the next run then begins \
         with an empty cluster",
        path.display()
    )]
    Location {
        /// The location file.
        path: PathBuf,
        /// Content of the file.
        location: String,
    },
}

impl EmbeddedError {
    /// For `map_err` around file operations.
    pub(super) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError + use<> {
        let path = path.to_path_buf();
        move |cause| EmbeddedError::File { action, path, cause }
    }
}

/// Hint for a cause that has an obvious cure.
fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => ". Check who owns it and the directories above it, and who runs transship",
        io::ErrorKind::NotFound => ". Check that the spec's directory still exists",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ". Make room on that disk and run again",
        io::ErrorKind::ReadOnlyFilesystem => ". Put the spec on a disk that can be written to",
        _ => "",
    }
}
