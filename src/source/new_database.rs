//! A database of a server that is made to be filled, and is not whole until it is said to be.

use super::{SourceError, mysql};
use crate::connection::SourceConnection;
use crate::name::split_database;

/// The table that an unfinished database has.
pub const UNFINISHED: &str = "transship_back_unfinished";

/// Whether a table is the mark of an unfinished database; the names of those of several databases begin with theirs.
#[must_use]
pub fn is_mark(table: &str, in_databases: bool) -> bool {
    table == UNFINISHED || in_databases && split_database(table).is_some_and(|(_, table)| table == UNFINISHED)
}

/// A database of a server, or several of one, while they are filled. They go when this is dropped, unless they were finished.
#[derive(Debug)]
pub struct NewDatabase(Box<mysql::NewDatabase>);

impl NewDatabase {
    /// Makes the databases that `to` names, like the source's.
    ///
    /// # Errors
    /// The server cannot be reached or refuses, or one of them is there already ([`SourceError::NotEmpty`]).
    pub fn make(to: &SourceConnection, like: &SourceConnection) -> Result<Self, SourceError> {
        let SourceConnection::Mysql(url) = to else {
            let what = "it is no database of a server".to_owned();
            return Err(SourceError::NotEmpty { place: to.redacted(), what });
        };
        let like = match like {
            SourceConnection::Mysql(url) => Some(url.resolve().map_err(SourceError::Address)?),
            SourceConnection::Sqlite { .. } | SourceConnection::Unset { .. } => None,
        };
        mysql::NewDatabase::make(&url.resolve().map_err(SourceError::Address)?, like.as_ref())
            .map(|made| Self(Box::new(made)))
    }

    /// Whether it held what a process that was killed had left, which is gone.
    #[must_use]
    pub fn is_swept(&self) -> bool {
        self.0.is_swept()
    }

    /// Makes the events that came with the rows, and says that the databases are whole.
    ///
    /// # Errors
    /// The server's refusal; they go then.
    pub fn finish(self) -> Result<(), SourceError> {
        self.0.finish()
    }
}
