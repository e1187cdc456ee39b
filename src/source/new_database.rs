//! A database of a server that is made to be filled, and is not whole until it is said to be.

use super::{SourceError, mysql};
use crate::connection::SourceConnection;

/// The table that an unfinished database has.
pub const UNFINISHED: &str = "transship_back_unfinished";

/// A database of a server while it is filled. It goes when this is dropped, unless it was finished.
#[derive(Debug)]
pub struct NewDatabase(Box<mysql::NewDatabase>);

impl NewDatabase {
    /// Makes the database that `to` names, like the source's.
    ///
    /// # Errors
    /// The server cannot be reached or refuses, or the database is there already ([`SourceError::NotEmpty`]).
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

    /// Makes the events that came with the rows, and says that the database is whole.
    ///
    /// # Errors
    /// The server's refusal; the database goes then.
    pub fn finish(self) -> Result<(), SourceError> {
        self.0.finish()
    }
}
