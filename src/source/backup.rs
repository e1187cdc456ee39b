//! Copies of a whole source as its engine makes them, and what a source holds, to compare the two.

use super::{SourceError, mysql, sqlite};
use crate::catalog::{Contents, TableContents};
use crate::connection::SourceConnection;
use crate::value::Cell;
use std::path::Path;
use xxhash_rust::xxh3::Xxh3;

/// The progress of a copy, or of reading what one holds.
#[derive(Debug, Clone, Copy)]
pub enum Copying<'a> {
    /// Pages of a file.
    Pages {
        /// Number of copied pages.
        done: u64,
        /// All.
        all: u64,
    },
    /// Rows of a table.
    Rows {
        /// The table.
        table: &'a str,
        /// Number of rows read.
        done: u64,
    },
    /// A program of the server's is at work, and says nothing of how far it is.
    Program,
}

/// Listener to the progress; it answers whether to go on.
pub type CopyWatch<'w> = dyn Fn(Copying<'_>) -> bool + 'w;

/// A copy of a source.
#[derive(Debug, Clone)]
pub struct SourceCopy {
    /// The source's engine in words, with the server's version.
    pub engine: String,
    /// The program that made the copy, with its version.
    pub tool: String,
    /// The file in the directory that was given.
    pub file: &'static str,
    /// The contents of the state that was copied; `None` if they are not known.
    pub contents: Option<Contents>,
    /// A remark for the user, such as the reason why the contents are not known.
    pub remark: Option<String>,
}

/// The rows of one table as they are added, in any order.
#[derive(Debug, Default)]
pub(in crate::source) struct RowsDigest {
    rows: u64,
    sum: u128,
}

impl RowsDigest {
    /// Adds a row, and gives the number of those added.
    pub(in crate::source) fn add<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> u64 {
        let mut hasher = Xxh3::new();
        for cell in cells {
            // Tag and length before the bytes: no two different rows are alike.
            let mut add = |tag: u8, bytes: &[u8]| {
                hasher.update(&[tag]);
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            };
            match cell {
                Cell::Null => add(0, &[]),
                Cell::Integer(number) => add(1, &number.to_le_bytes()),
                Cell::Real(number) => add(2, &number.to_bits().to_le_bytes()),
                Cell::Text(bytes) => add(3, bytes),
                Cell::Blob(bytes) => add(4, bytes),
            }
        }
        self.sum = self.sum.wrapping_add(hasher.digest128());
        self.rows += 1;
        self.rows
    }

    /// The whole table.
    pub(in crate::source) fn contents(&self) -> TableContents {
        TableContents { rows: self.rows, digest: format!("{:032x}", self.sum) }
    }
}

/// Rows that are read between two looks at whether to stop.
pub(in crate::source) const ROWS: u64 = 10_000;

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
pub fn contents(source: &SourceConnection, watch: &CopyWatch<'_>) -> Result<Contents, SourceError> {
    match source {
        SourceConnection::Sqlite { path } => sqlite::contents(path, watch),
        SourceConnection::Mysql(url) => mysql::contents(&url.resolve().map_err(SourceError::Address)?, watch),
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}

/// The outcome of restoring a copy into a place that is thrown away.
#[derive(Debug, Clone)]
pub struct Proved {
    /// Its contents; `None` if there is no such place.
    pub contents: Option<Contents>,
    /// The place in words, or the reason why there is none.
    pub words: String,
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
pub struct Filled(FilledPlace);

#[derive(Debug)]
enum FilledPlace {
    File(sqlite::NewFile),
    Server(Box<SourceConnection>),
}

impl Filled {
    /// Contents of the place.
    ///
    /// # Errors
    /// As [`contents`].
    pub fn contents(&self, watch: &CopyWatch<'_>) -> Result<Contents, SourceError> {
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
pub fn restore(copy: &Path, place: &SourceConnection, watch: &CopyWatch<'_>) -> Result<Filled, SourceError> {
    match place {
        SourceConnection::Sqlite { path } => {
            sqlite::NewFile::write(copy, path, watch).map(|file| Filled(FilledPlace::File(file)))
        }
        SourceConnection::Mysql(url) => {
            mysql::restore(copy, &url.resolve().map_err(SourceError::Address)?, watch)?;
            Ok(Filled(FilledPlace::Server(Box::new(place.clone()))))
        }
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}
