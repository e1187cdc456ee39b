//! Copies of a whole source as its engine makes them, and what a source holds, to compare the two.

pub use super::copying::{CopyWatch, Copying, Proved, SourceCopy};
use super::{SourceError, mysql, sqlite};
use crate::catalog::DatabaseContents;
use crate::connection::SourceConnection;
use std::path::Path;

/// Copies a source into an empty directory, in one state.
///
/// # Errors
/// The source cannot be read, the copy cannot be written, or the server's own program for it fails; or `watch` said stop
/// ([`SourceError::Interrupted`]).
pub fn back_up(source: &SourceConnection, directory: &Path, watch: &CopyWatch<'_>) -> Result<SourceCopy, SourceError> {
    match source {
        SourceConnection::Sqlite { path } => {
            const FILE: &str = "source.db";
            let contents = sqlite::back_up(path, &directory.join(FILE), watch)?;
            let tool = format!("SQLite {}, online backup", sqlite::version());
            Ok(SourceCopy { engine: "SQLite".to_owned(), tool, file: FILE, contents: Some(contents), remark: None })
        }
        SourceConnection::Mysql(url) => mysql::back_up(&url.resolve().map_err(SourceError::Address)?, directory, watch),
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}

/// Contents of a source as they are now. A file is checked for damage first.
///
/// # Errors
/// The source cannot be read, or is damaged; or `watch` said stop ([`SourceError::Interrupted`]).
pub fn contents(source: &SourceConnection, watch: &CopyWatch<'_>) -> Result<DatabaseContents, SourceError> {
    match source {
        SourceConnection::Sqlite { path } => sqlite::contents(path, watch),
        SourceConnection::Mysql(url) => mysql::contents(&url.resolve().map_err(SourceError::Address)?, watch),
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}

/// Restores a copy of `source` into a new file or a private server in an empty directory, and gives what it holds then. The
/// caller removes the directory.
///
/// # Errors
/// The copy cannot be restored, or is damaged; or `watch` said stop ([`SourceError::Interrupted`]).
pub fn prove(
    source: &SourceConnection,
    copy: &Path,
    directory: &Path,
    watch: &CopyWatch<'_>,
) -> Result<Proved, SourceError> {
    match source {
        SourceConnection::Sqlite { .. } => sqlite::prove(copy, directory, watch),
        SourceConnection::Mysql(url) => {
            mysql::prove(&url.resolve().map_err(SourceError::Address)?, copy, directory, watch)
        }
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}

/// Gives a file that is whole its name, in the directory beside which or in which it was made. What came there meanwhile stays.
///
/// # Errors
/// The name was taken, or that of a file that would be read as a part of it ([`SourceError::NotEmpty`]); or it cannot be given.
pub fn give_name(file: &Path, place: &Path) -> Result<(), SourceError> {
    sqlite::give_name(file, place)
}

/// A place that was filled from a copy, before anybody finds it under its name.
#[derive(Debug)]
pub struct FilledCopy(FilledPlace);

#[derive(Debug)]
enum FilledPlace {
    File(sqlite::NewFile),
    Server(Box<SourceConnection>),
}

impl FilledCopy {
    /// Contents of the place.
    ///
    /// # Errors
    /// As [`contents`].
    pub fn contents(&self, watch: &CopyWatch<'_>) -> Result<DatabaseContents, SourceError> {
        match &self.0 {
            FilledPlace::File(file) => sqlite::contents(file.path(), watch),
            FilledPlace::Server(connection) => contents(connection, watch),
        }
    }

    /// Gives a file its name; one that is dropped without is removed. A server has what it has.
    ///
    /// # Errors
    /// The name was taken meanwhile, or cannot be given.
    pub fn keep(self) -> Result<(), SourceError> {
        match self.0 {
            FilledPlace::File(file) => file.name(),
            FilledPlace::Server(_) => Ok(()),
        }
    }
}

/// Fills a new file, or an empty database of a server, from a copy. Nothing that is there already is altered.
///
/// # Errors
/// The place is not new or not empty, or cannot be written to; or `watch` said stop ([`SourceError::Interrupted`]).
pub fn restore(copy: &Path, place: &SourceConnection, watch: &CopyWatch<'_>) -> Result<FilledCopy, SourceError> {
    match place {
        SourceConnection::Sqlite { path } => {
            sqlite::NewFile::write(copy, path, watch).map(|file| FilledCopy(FilledPlace::File(file)))
        }
        SourceConnection::Mysql(url) => {
            mysql::restore(copy, &url.resolve().map_err(SourceError::Address)?, watch)?;
            Ok(FilledCopy(FilledPlace::Server(Box::new(place.clone()))))
        }
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}
