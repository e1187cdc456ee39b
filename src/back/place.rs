//! The new place: a file that is not there until it is whole, or a database of a server that says of itself that it is not.

use super::error::BackError;
use crate::connection::{ScratchDirectory, SourceConnection};
use crate::run::ExecuteError;
use crate::source::SourceError;
use crate::source::backup::give_name;
use crate::source::new_database::NewDatabase;
use crate::spec::Spec;
use std::ffi::OsStr;
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Beginning of the names of directories among the temporary files, by which one that was left behind is found.
const TEMPORARY: &str = "transship-";

/// Directory in which the new place is made, beside a file, or among the temporary files for a server. It goes with everything in it
/// when this is dropped; where the process is killed the next one removes it ([`sweep`]).
#[derive(Debug)]
pub(super) struct Workshop {
    directory: ScratchDirectory,
    place: NewPlace,
}

/// The place that is made.
#[derive(Debug)]
enum NewPlace {
    /// A file, by its name in the end.
    File(PathBuf),
    /// A database.
    Database {
        /// Its address.
        to: SourceConnection,
        /// The database itself.
        database: Box<NewDatabase>,
    },
}

impl Workshop {
    /// Makes the directory, and for a server the database.
    ///
    /// # Errors
    /// The place is none that could be made, or something is there.
    pub(super) async fn open(to: &SourceConnection, spec: &Spec) -> Result<Self, BackError> {
        let source = &spec.source.connection;
        // A source that is gone may be of either kind: its backup says which.
        match to.file() {
            Some(path) if !source.is_server() => Self::beside(path),
            Some(_) => refused(
                "the way back leads into a database of the source's own kind, and the source is a server".to_owned(),
                "name a database of a server that is not there yet: mysql://USER:PASSWORD@HOST:PORT/DATABASE",
            ),
            None if source.file().is_some() => refused(
                format!(
                    "the way back leads into a database of the source's own kind: the source is a file, and {} a server",
                    to.redacted()
                ),
                "give the path of a file that is not there yet",
            ),
            None => Self::on_server(&databases(to, spec)?, source).await,
        }
    }

    async fn on_server(to: &SourceConnection, source: &SourceConnection) -> Result<Self, BackError> {
        // The dump is in it: nobody else reads it.
        let temporary = std::env::temp_dir();
        // Directories that killed processes have left go as they are dropped.
        let left = ScratchDirectory::left_behind_in(&temporary, |beginning| beginning == TEMPORARY);
        drop(left.map_err(BackError::file("look into", &temporary))?);
        let directory = ScratchDirectory::make_private(&temporary, TEMPORARY);
        let directory = directory.map_err(BackError::file("make a directory in", &temporary))?;
        let (address, like) = (to.clone(), source.clone());
        let made = tokio::task::spawn_blocking(move || NewDatabase::make(&address, &like));
        let database = made.await.map_err(ExecuteError::from)?.map_err(of_place)?;
        Ok(Self { directory, place: NewPlace::Database { to: to.clone(), database: Box::new(database) } })
    }

    fn beside(place: &Path) -> Result<Self, BackError> {
        let hint = "name a file that does not exist yet: existing files are never overwritten";
        match std::fs::symlink_metadata(place) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(cause) => return Err(BackError::file("look at", place)(cause)),
            Ok(_) => return refused(format!("{} is there already", place.display()), hint),
        }
        let Some(name) = place.file_name() else {
            return refused(format!("{} is no name of a file", place.display()), hint);
        };
        for suffix in ["-wal", "-journal", "-shm"] {
            let mut with_suffix = name.to_owned();
            with_suffix.push(suffix);
            let beside = place.with_file_name(with_suffix);
            if std::fs::symlink_metadata(&beside).is_ok() {
                return refused(
                    format!("{} exists, and would be read as part of the new file", beside.display()),
                    hint,
                );
            }
        }
        let parent = parent_of(place);
        // The user's data are in it: nobody else reads it.
        let made = ScratchDirectory::make_private(parent, &beginning_of(name));
        let directory = made.map_err(BackError::file("make a directory in", parent))?;
        Ok(Self { directory, place: NewPlace::File(place.to_owned()) })
    }

    /// The place in which the copy is made: a file of this name in the directory, or the database.
    pub(super) fn copy(&self, file: &str) -> SourceConnection {
        match &self.place {
            NewPlace::File(_) => SourceConnection::of_file(self.directory().join(file)),
            NewPlace::Database { to, .. } => to.clone(),
        }
    }

    /// Whether the copy is a file.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.place, NewPlace::File(_))
    }

    /// Whether the new place held what a process that was killed had left.
    pub(super) fn is_swept(&self) -> bool {
        matches!(&self.place, NewPlace::Database { database, .. } if database.is_swept())
    }

    /// The directory.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Gives the new place its name: a file the permissions of `like` too, if that is there. A file that came to that name meanwhile
    /// is never written over.
    pub(super) fn publish(self, made: &SourceConnection, like: Option<&Path>) -> Result<(), BackError> {
        let (place, made) = match (self.place, made.file()) {
            (NewPlace::Database { database, .. }, _) => return Ok(database.finish()?),
            (NewPlace::File(place), Some(path)) => (place, path),
            (NewPlace::File(place), None) => {
                return refused(format!("{} is no file for {}", made.redacted(), place.display()), "run it again");
            }
        };
        // Without a file to be like, it is its owner's alone.
        let like = like.and_then(|like| std::fs::metadata(like).ok());
        let rights = like.as_ref().map_or_else(|| Permissions::from_mode(0o600), std::fs::Metadata::permissions);
        std::fs::set_permissions(made, rights).map_err(BackError::file("set the rights of", made))?;
        if let Some(like) = like
            && let Err(error) = std::os::unix::fs::chown(made, Some(like.uid()), Some(like.gid()))
        {
            tracing::debug!(%error, "the new file is of the user who makes it");
        }
        give_name(made, &place).map_err(of_place)
    }
}

/// The address of the databases that are made: the one that it names itself, or all of the source's.
fn databases(to: &SourceConnection, spec: &Spec) -> Result<SourceConnection, BackError> {
    let databases = spec.source.databases.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    match to.database() {
        Some(_) if databases.is_empty() => Ok(to.clone()),
        Some(_) => refused(
            format!("the source is several databases, and {} names one", to.redacted()),
            "name the server alone, mysql://USER:PASSWORD@HOST:PORT/: the databases keep their names, by which views, \
             routines and foreign keys name each other",
        ),
        None if databases.is_empty() => refused(
            format!("{} names no database", to.redacted()),
            "name one that is not there yet: mysql://USER:PASSWORD@HOST:PORT/DATABASE",
        ),
        None => Ok(to.clone().with_databases(databases)),
    }
}

fn refused<T>(message: String, hint: &str) -> Result<T, BackError> {
    Err(BackError::Place { message, hint: hint.to_owned() })
}

/// The failure to make or to fill the new place, which is about `--to` and not about the source.
pub(super) fn of_place(error: SourceError) -> BackError {
    let (message, hint) = match &error {
        SourceError::Connect { place, cause, .. } => (
            format!("cannot connect to {place}, which `--to` names: {cause}"),
            "check user, password, host and port; `@` in a password is %40 in a URL",
        ),
        SourceError::Query { place, message, .. } => (
            format!("{place}, which `--to` names, cannot be made: {message}"),
            if is_read_only(message) {
                "if a cut-over holds the server, give it back first: transship cutover SPEC --release; otherwise name a server that may be written to"
            } else {
                "let an administrator allow it: GRANT ALL ON DATABASE.* TO USER"
            },
        ),
        SourceError::NotEmpty { .. } => {
            (error.to_string(), "name a place that does not exist yet: existing data is never overwritten")
        }
        _ => return error.into(),
    };
    BackError::Place { message, hint: hint.to_owned() }
}

/// Whether a server refuses because it only reads, as after a cut-over that has set it so: no right on a database mends that.
fn is_read_only(message: &str) -> bool {
    message.contains("read-only option")
}

/// The directory of a file.
fn parent_of(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The beginning of the names of the directories in which a new file of this name is made.
fn beginning_of(name: &OsStr) -> String {
    format!(".{}{BACK}", name.to_string_lossy())
}

/// End of that beginning, whatever the file's name is.
const BACK: &str = ".back-";

/// Directories beside a new place that are not this process's.
#[derive(Debug, Default)]
pub struct SweptDirectories {
    /// Directories that killed processes had left, for files of whatever name: they are gone.
    pub removed: Vec<PathBuf>,
    /// Directories for the same file that stay: another process is at work in them, or another user has left them.
    pub others: Vec<PathBuf>,
}

/// Removes the directories that killed processes have left beside a new place.
///
/// # Errors
/// The directory cannot be read.
pub fn sweep(place: &Path) -> std::io::Result<SweptDirectories> {
    let (parent, mut swept) = (parent_of(place), SweptDirectories::default());
    let is_ours = |beginning: &str| beginning.starts_with('.') && beginning.ends_with(BACK);
    for left in ScratchDirectory::left_behind_in(parent, is_ours)? {
        let path = left.path().to_owned();
        drop(left);
        if !path.exists() {
            swept.removed.push(path);
        }
    }
    let beginning = place.file_name().map(beginning_of);
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        let name = entry.file_name();
        if beginning.as_ref().is_some_and(|beginning| name.to_string_lossy().starts_with(beginning)) {
            swept.others.push(entry.path());
        }
    }
    swept.removed.sort();
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_only_reads_is_given_back_first() {
        let hint = |message: &str| {
            let message = format!("{message} (error 1290)");
            let error =
                SourceError::Query { place: "mysql://x/new".to_owned(), doing: "preparing".to_owned(), message };
            of_place(error).hint().unwrap()
        };
        for option in ["--read-only", "--super-read-only"] {
            let words =
                format!("The MySQL server is running with the {option} option so it cannot execute this statement");
            assert!(hint(&words).contains("cutover SPEC --release"));
        }
        assert!(hint("Access denied").contains("GRANT ALL"));
    }
}
