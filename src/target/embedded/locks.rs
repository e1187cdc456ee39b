//! Locks by which several transship processes share one server.
//!
//! Users of the server hold `users.lock` together. A process that looks for, starts or stops the server holds
//! `start.lock` alone. The server itself holds `server.lock`, as do all of its processes, which inherit the open file.
//! The kernel releases all three when a process is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::EmbeddedError;
use super::layout::ClusterLayout;

/// Time that another process may take to start or stop: initdb, and then a whole start.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(420);

/// The exclusive right to start and stop; given back when dropped.
#[derive(Debug)]
pub(super) struct StartLock {
    file: File,
}

impl StartLock {
    /// Waits until no other process holds it.
    pub(super) fn acquire(path: &Path, patience: Duration) -> Result<StartLock, EmbeddedError> {
        let mut file = open(path)?;
        let begin = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) if is_at(&file, path) => return Ok(StartLock { file }),
                // The directory was moved or removed and created again meanwhile; others hold the lock that lies there now.
                Ok(()) => file = open(path)?,
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
        try_lock(&self.file, path)
    }
}

impl Drop for UserLock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "could not unlock users.lock");
        }
    }
}

/// Both locks of a directory, held open by the keeper for as long as its server runs.
#[derive(Debug)]
pub(super) struct Locks {
    start: File,
    users: File,
    layout: ClusterLayout,
}

/// Both locks, held alone; given back when dropped.
#[derive(Debug)]
pub(super) struct ExclusiveLocks<'locks>(&'locks Locks);

impl Locks {
    /// Opens both.
    pub(super) fn open(layout: &ClusterLayout) -> Result<Locks, EmbeddedError> {
        let (start, users) = (open(&layout.start_lock())?, open(&layout.users_lock())?);
        Ok(Locks { start, users, layout: layout.clone() })
    }

    /// Takes both if nobody uses the server or is about to; never waits.
    pub(super) fn take_if_unused(&self) -> Result<Option<ExclusiveLocks<'_>>, EmbeddedError> {
        // First the start lock: only its holder may look at the other one, else two who look are each other's user.
        if !try_lock(&self.start, &self.layout.start_lock())? {
            return Ok(None);
        }
        let alone = ExclusiveLocks(self);
        Ok(try_lock(&self.users, &self.layout.users_lock())?.then_some(alone))
    }
}

impl Drop for ExclusiveLocks<'_> {
    fn drop(&mut self) {
        for file in [&self.0.users, &self.0.start] {
            if let Err(error) = file.unlock() {
                tracing::debug!(%error, "could not unlock");
            }
        }
    }
}

/// Waits until no process of an earlier server is left, and returns the lock for the next one to inherit. After
/// `patience` the file is returned without the lock: its holder may be a program that the server ran, and the server
/// itself checks for leftover processes as well.
pub(super) fn server_lock(path: &Path, patience: Duration) -> Result<File, EmbeddedError> {
    let file = open(path)?;
    let begin = Instant::now();
    while !try_lock(&file, path)? {
        if begin.elapsed() > patience {
            tracing::debug!("processes of an earlier server still run");
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(file)
}

fn try_lock(file: &File, path: &Path) -> Result<bool, EmbeddedError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(cause)) => Err(EmbeddedError::file("lock", path)(cause)),
    }
}

/// Whether the open file is the one that lies at the path now.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().is_ok_and(|open| fs::metadata(path).is_ok_and(|there| identity(open) == identity(there)))
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
