//! Keeping writers out of a source while an application is moved, and giving the source back as it was.

use super::{SourceError, mysql, sqlite};
use crate::catalog::WriteHold;
use crate::connection::SourceConnection;

/// A source that nobody writes to for as long as this lives. A lock ends with it, however the process ends; a setting of the server
/// stays until [`Hold::give_back`].
#[derive(Debug)]
pub struct Hold {
    held: EngineHold,
}

#[derive(Debug)]
enum EngineHold {
    Sqlite(sqlite::Hold),
    Mysql(Box<mysql::Hold>),
}

/// Settings of a server as they were before it was set to only read, by name.
pub type Former = Vec<(String, String)>;

/// Keeper of a note about a setting that is about to be changed.
pub type KeepFormer<'k> = dyn Fn(&Former) -> Result<(), SourceError> + 'k;

impl Hold {
    /// Keeps writers out. Before a setting of a server is changed, its former value is given to `keep`, which makes a note of it for
    /// the case that this process dies.
    ///
    /// # Errors
    /// A session writes and does not end, or the user may not do it ([`SourceError::NotHeld`]); or the source cannot be reached.
    pub fn take(source: &SourceConnection, means: WriteHold, keep: &KeepFormer<'_>) -> Result<Self, SourceError> {
        let held = match source {
            SourceConnection::Sqlite { path } => EngineHold::Sqlite(sqlite::Hold::take(path)?),
            SourceConnection::Mysql(url) => {
                let server = url.resolve().map_err(SourceError::Address)?;
                EngineHold::Mysql(Box::new(mysql::Hold::take(&server, means, keep)?))
            }
            SourceConnection::Unset { variable } => return Err(SourceError::Unset { variable: variable.clone() }),
        };
        Ok(Self { held })
    }

    /// How it is held, in words that follow "The source is held:".
    #[must_use]
    pub fn words(&self) -> &'static str {
        match &self.held {
            EngineHold::Sqlite(_) => "a lock on the file keeps writers waiting",
            EngineHold::Mysql(hold) => hold.words(),
        }
    }

    /// Whether the hold ends with the process.
    #[must_use]
    pub fn is_lock(&self) -> bool {
        match &self.held {
            EngineHold::Sqlite(_) => true,
            EngineHold::Mysql(hold) => hold.is_lock(),
        }
    }

    /// Facts that are not certain about the hold, and writers that it does not reach.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        match &self.held {
            EngineHold::Sqlite(_) => &[],
            EngineHold::Mysql(hold) => hold.notes(),
        }
    }

    /// Note on writers who get in again once the cut-over is done, though the server only reads.
    #[must_use]
    pub fn afterwards(&self) -> Option<&'static str> {
        match &self.held {
            EngineHold::Sqlite(_) => None,
            EngineHold::Mysql(hold) => hold.afterwards(),
        }
    }

    /// Makes sure that writers were kept out from the beginning until now.
    ///
    /// # Errors
    /// [`SourceError::NotHeld`], or the connection is lost.
    pub fn confirm(&mut self) -> Result<(), SourceError> {
        match &mut self.held {
            EngineHold::Sqlite(hold) => hold.confirm(),
            EngineHold::Mysql(hold) => hold.confirm(),
        }
    }

    /// Ends the lock at the end of a cut-over; a server that was set to only read stays so, and only its administrators can write.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn end(self) -> Result<(), SourceError> {
        match self.held {
            EngineHold::Sqlite(hold) => {
                drop(hold);
                Ok(())
            }
            EngineHold::Mysql(hold) => hold.end(),
        }
    }

    /// Lets writers in again: ends the lock, or sets the server as it was.
    ///
    /// # Errors
    /// The server refuses, or the connection is lost.
    pub fn release(self) -> Result<(), SourceError> {
        match self.held {
            EngineHold::Sqlite(hold) => {
                drop(hold);
                Ok(())
            }
            EngineHold::Mysql(hold) => hold.release(),
        }
    }

    /// Sets a server as it was before an earlier hold, and returns the values that the settings have then.
    ///
    /// # Errors
    /// The server refuses, or cannot be reached.
    pub fn give_back(source: &SourceConnection, former: &Former) -> Result<Former, SourceError> {
        match source {
            SourceConnection::Sqlite { .. } => Ok(Former::new()),
            SourceConnection::Mysql(url) => {
                mysql::Hold::give_back(&url.resolve().map_err(SourceError::Address)?, former)
            }
            SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
        }
    }
}

/// Belongs at the beginning of a program's `main`: if the program was started to hold a file, it does until its standard input ends,
/// and `main` returns its exit code; its answers go to `answers`, which is standard output. Everywhere else `None`, and this program
/// can hold files from now on.
#[must_use]
pub fn hold_if_asked(answers: &mut dyn std::io::Write) -> Option<u8> {
    sqlite::hold_if_asked(answers)
}
