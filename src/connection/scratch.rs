//! A directory among the temporary files or beside a file, for work that leaves nothing behind.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Beginning of the directories' names.
const PREFIX: &str = "transship-";

/// The file in a directory that its owner holds locked for as long as it lives.
const LOCK: &str = ".lock";

/// A new directory; it is removed with everything in it when it is dropped.
#[derive(Debug)]
pub struct ScratchDirectory {
    path: PathBuf,
    /// Released by the operating system when the process ends, however it ends.
    _lock: File,
    is_kept: bool,
}

impl ScratchDirectory {
    /// Makes one below the directory for temporary files (`TMPDIR`). Others may enter it: a server that runs as another user does.
    ///
    /// # Errors
    /// The operating system's refusal. A directory that somebody else has put there is not used.
    pub fn make() -> io::Result<Self> {
        Self::make_in(&std::env::temp_dir(), PREFIX, 0o777)
    }

    /// Makes one in a directory, with a name that begins so; nobody else may enter it.
    ///
    /// # Errors
    /// As for [`ScratchDirectory::make`].
    pub fn make_private(parent: &Path, prefix: &str) -> io::Result<Self> {
        Self::make_in(parent, prefix, 0o700)
    }

    fn make_in(parent: &Path, prefix: &str, mode: u32) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // The clock keeps it apart from what a process of the same number has left.
        let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}{}-{number}-{moment}", std::process::id());
        let path = parent.join(&name);
        // Under another name until its lock is held: [`ScratchDirectory::left_behind`] never finds it without one.
        let unfinished = parent.join(name + ".new");
        DirBuilder::new().mode(mode).create(&unfinished)?;
        let lock = File::create_new(unfinished.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        std::fs::rename(&unfinished, &path)?;
        Ok(Self { path, _lock: lock, is_kept: false })
    }

    /// The directories of this user's whose processes ended without removing them. Dropping one removes it.
    ///
    /// # Errors
    /// The directory for temporary files cannot be read.
    pub fn left_behind() -> io::Result<Vec<Self>> {
        Self::left_behind_in(&std::env::temp_dir(), |beginning| beginning == PREFIX)
    }

    /// As [`ScratchDirectory::left_behind`], of those in a directory whose names begin as they should.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn left_behind_in(parent: &Path, begins: impl Fn(&str) -> bool) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(parent)? {
            let entry = entry?;
            let is_ours = entry.file_name().to_str().and_then(beginning).is_some_and(&begins);
            if is_ours && entry.file_type()?.is_dir() {
                found.extend(Self::adopt(entry.path()));
            }
        }
        Ok(found)
    }

    /// The directory at this path, if it is this user's and nobody holds its lock.
    fn adopt(path: PathBuf) -> Option<Self> {
        // A directory that disappears meanwhile is being removed by its owner.
        let (Ok(metadata), Ok(lock)) = (std::fs::symlink_metadata(&path), File::open(path.join(LOCK))) else {
            return None;
        };
        let is_own = metadata.uid() == nix::unistd::geteuid().as_raw();
        // Made only where it is one: dropping it removes the directory.
        (is_own && lock.try_lock().is_ok()).then(|| Self { path, _lock: lock, is_kept: false })
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it where it is, as the user's own from now on.
    ///
    /// # Errors
    /// Its lock's file cannot be removed; it counts as left behind then.
    pub fn keep(mut self) -> io::Result<PathBuf> {
        self.is_kept = true;
        std::fs::remove_file(self.path.join(LOCK))?;
        Ok(self.path.clone())
    }
}

/// The beginning of a name that [`ScratchDirectory::make`] gives, before its three numbers; `None` for another name.
fn beginning(name: &str) -> Option<&str> {
    let rest = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '-');
    // The beginning ends in a hyphen, which is no number's.
    let numbers = name[rest.len()..].strip_prefix('-')?;
    let parts = numbers.split('-').collect::<Vec<_>>();
    (parts.len() == 3 && parts.iter().all(|part| !part.is_empty())).then(|| &name[..=rest.len()])
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(directory = %self.path.display(), %error, "a directory that is no longer needed is left");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_left_behind_once_nobody_holds_it() {
        let directory = ScratchDirectory::make().unwrap();
        let path = directory.path().to_owned();
        assert_eq!(beginning(path.file_name().unwrap().to_str().unwrap()), Some(PREFIX));
        assert!(ScratchDirectory::adopt(path.clone()).is_none());
        // The process that had made it has ended.
        let lock = std::mem::ManuallyDrop::new(directory);
        lock._lock.unlock().unwrap();
        let found = ScratchDirectory::adopt(path.clone()).unwrap();
        drop(found);
        assert!(!path.exists());
        let kept = ScratchDirectory::make().unwrap().keep().unwrap();
        assert!(kept.exists() && ScratchDirectory::adopt(kept.clone()).is_none());
        std::fs::remove_dir_all(kept).unwrap();
        for name in ["transship-1-2", "transship-1-2-x", "transship-case-1-2", "other-1-2-3", "transship-1-2-3.new"] {
            assert_ne!(beginning(name), Some(PREFIX), "{name}");
        }
    }
}
