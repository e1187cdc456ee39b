//! A private server that is there for one piece of work, and is removed after it.

use super::embedded::{inspect, shelter};
use super::{Server, TargetError};
use crate::connection::{ScratchDirectory, TargetConnection};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;

/// Time that the server of a killed process gets to end, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// A private server in a directory of its own among the temporary files, with one empty database.
#[derive(Debug)]
pub struct ThrowAway {
    server: Arc<Server>,
    /// Dropped before the directory, in which it looks.
    elsewhere: OtherPlace,
    directory: ScratchDirectory,
}

/// The other place of a server whose user cannot enter the directory: a file in the directory names it.
#[derive(Debug)]
struct OtherPlace(PathBuf);

impl OtherPlace {
    fn of(directory: &Path) -> Self {
        Self(directory.join(".transship/location"))
    }

    /// The place, if there is one where servers have such places.
    fn place(&self) -> Option<PathBuf> {
        // Most servers have no other place, and no such file.
        let Ok(bytes) = std::fs::read(&self.0) else { return None };
        let place = PathBuf::from(OsStr::from_bytes(&bytes));
        (place.parent() == Some(&shelter())).then_some(place)
    }
}

impl Drop for OtherPlace {
    fn drop(&mut self) {
        if let Some(place) = self.place()
            && let Err(error) = std::fs::remove_dir_all(place)
        {
            tracing::warn!(%error, "the files of a private server stay");
        }
    }
}

impl ThrowAway {
    /// Starts a server with a database of this name. What servers of processes that were killed have left is removed first.
    ///
    /// # Errors
    /// There is no room among the temporary files, or the server does not start.
    pub async fn start(database: &str) -> Result<Self, TargetError> {
        match spawn_blocking(sweep).await {
            Ok(()) => {}
            Err(error) => tracing::debug!(%error, "what killed processes have left stays for another time"),
        }
        let directory = ScratchDirectory::make().map_err(TargetError::Scratch)?;
        let elsewhere = OtherPlace::of(directory.path());
        let connection = TargetConnection::Embedded { spec_directory: directory.path().to_owned() };
        let server = Arc::new(Server::open(&connection, database).await?);
        Ok(Self { server, elsewhere, directory })
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Arc<Server> {
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
        close(server).await?;
        drop((elsewhere, directory));
        Ok(())
    }

    /// Stops the server and leaves its directory to the user; gives the directory and, where its files are elsewhere, that place.
    ///
    /// # Errors
    /// It does not stop.
    pub async fn keep(self) -> Result<(PathBuf, Option<PathBuf>), TargetError> {
        let Self { server, elsewhere, directory } = self;
        close(server).await?;
        let place = elsewhere.place();
        std::mem::forget(elsewhere);
        Ok((directory.keep().map_err(TargetError::Scratch)?, place))
    }
}

/// Removes what processes that were killed have left. Their servers end with them, in their own time.
fn sweep() {
    let left = match ScratchDirectory::left_behind() {
        Ok(left) => left,
        Err(error) => return tracing::debug!(%error, "what killed processes have left is not known"),
    };
    for directory in left {
        tracing::info!(directory = %directory.path().display(), "removing what a killed process has left");
        let began = Instant::now();
        let runs = || inspect(directory.path()).is_ok_and(|state| state.is_some_and(|state| state.running.is_some()));
        while runs() && began.elapsed() < PATIENCE {
            std::thread::sleep(PAUSE);
        }
        drop(OtherPlace::of(directory.path()));
    }
}

/// Stops the server, unless a task of a run that failed still holds it: it ends with the process then.
async fn close(server: Arc<Server>) -> Result<(), TargetError> {
    match Arc::into_inner(server) {
        Some(server) => server.close().await,
        None => Ok(()),
    }
}
