//! A private server that is there for one piece of work, and is removed after it.

use super::{Server, TargetError};
use crate::connection::{ScratchDirectory, TargetConnection};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A private server in a directory of its own among the temporary files, with one empty database.
#[derive(Debug)]
pub struct ThrowAway {
    server: Server,
    /// Dropped before the directory, in which it looks.
    elsewhere: Elsewhere,
    directory: ScratchDirectory,
}

/// The other place of a server whose user cannot enter the directory: a file in the directory names it.
#[derive(Debug)]
struct Elsewhere(PathBuf);

impl Drop for Elsewhere {
    fn drop(&mut self) {
        if let Ok(place) = std::fs::read(&self.0)
            && let Err(error) = std::fs::remove_dir_all(Path::new(OsStr::from_bytes(&place)))
        {
            tracing::warn!(%error, "the files of a private server stay");
        }
    }
}

impl ThrowAway {
    /// Starts a server with a database of this name.
    ///
    /// # Errors
    /// There is no room among the temporary files, or the server does not start.
    pub async fn start(database: &str) -> Result<Self, TargetError> {
        let directory = ScratchDirectory::make().map_err(TargetError::Scratch)?;
        let elsewhere = Elsewhere(directory.path().join(".transship/location"));
        let connection = TargetConnection::Embedded { spec_directory: directory.path().to_owned() };
        Ok(Self { server: Server::open(&connection, database).await?, elsewhere, directory })
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The directory, as the directory of a spec whose target is `embedded:`.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Stops the server and removes it.
    ///
    /// # Errors
    /// It does not stop; its files stay then.
    pub async fn remove(self) -> Result<(), TargetError> {
        let Self { server, elsewhere, directory } = self;
        server.close().await?;
        drop((elsewhere, directory));
        Ok(())
    }
}
