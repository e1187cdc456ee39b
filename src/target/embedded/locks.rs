//! How several transship processes share one server.
//!
//! Whoever uses the server holds `users.lock` together with the others. Whoever looks for, starts or stops it holds
//! `start.lock` alone. The kernel takes both back from a process that is killed.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::EmbeddedError;

/// The exclusive right to start and stop; given back when dropped.
#[derive(Debug)]
pub(super) struct StartLock {
    file: File,
}

impl StartLock {
    /// Waits until nobody else holds it.
    pub(super) fn acquire(path: &Path, patience: Duration) -> Result<StartLock, EmbeddedError> {
        let file = open(path)?;
        let begin = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(StartLock { file }),
                Err(TryLockError::WouldBlock) if begin.elapsed() < patience => {
                    if !told && begin.elapsed() > Duration::from_secs(1) {
                        told = true;
                        tracing::info!("waiting for another transship process to start or stop the private server");
                    }
                    thread::sleep(Duration::from_millis(25));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(EmbeddedError::Busy { lock: path.to_path_buf(), seconds: patience.as_secs() });
                }
                Err(TryLockError::Error(cause)) => return Err(EmbeddedError::file("lock", path)(cause)),
            }
        }
    }
}

impl Drop for StartLock {
    fn drop(&mut self) {
        // Closing would do, except that a child another thread is just forking still holds the file for a moment.
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "could not unlock start.lock");
        }
    }
}

/// A share in the use of the server; given back when dropped.
#[derive(Debug)]
pub(super) struct UserLock {
    file: File,
}

impl UserLock {
    /// Becomes one of the users. Hold the start lock, else the server may be stopped meanwhile.
    pub(super) fn acquire(path: &Path) -> Result<UserLock, EmbeddedError> {
        let file = open(path)?;
        file.lock_shared().map_err(EmbeddedError::file("lock", path))?;
        Ok(UserLock { file })
    }

    /// Whether nobody else uses the server. Hold the start lock: on `false` the share may be gone already, because a
    /// file lock is exchanged by giving the old one back first.
    pub(super) fn is_last(&self, path: &Path) -> Result<bool, EmbeddedError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(cause)) => Err(EmbeddedError::file("lock", path)(cause)),
        }
    }
}

impl Drop for UserLock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "could not unlock users.lock");
        }
    }
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(EmbeddedError::file("open", path))
}
