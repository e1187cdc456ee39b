//! The database file beside SQLite's own handles on it.
//!
//! POSIX drops *all* locks that a process holds on a file as soon as it closes *any* handle on it (fcntl(2), "Advisory
//! record locking"; SQLite's own way around it: os_unix.c, "Posix Advisory Locking"). Closing a handle of transship's
//! own would drop the lock that keeps writers out of the snapshot. So there is one handle for each file in this
//! process, closed only after the file's last reader.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Device and inode of a file, which stay the same while it is open, whatever happens to its name.
type FileIdentity = (u64, u64);

/// The open files, with the number of holders of each.
static OPEN: Mutex<BTreeMap<FileIdentity, (Arc<File>, usize)>> = Mutex::new(BTreeMap::new());

/// A handle on a file. It has to be opened before SQLite's connections on the file and dropped after them.
#[derive(Debug)]
pub(in crate::source::sqlite) struct OpenFile {
    /// Dropped before its registration, so that the handle among the open files is the last one.
    file: Arc<File>,
    registration: Registration,
}

/// One holder among those of an open file.
#[derive(Debug)]
struct Registration(FileIdentity);

impl OpenFile {
    /// Opens the file for reading, or shares the existing handle.
    pub(in crate::source::sqlite) fn open(path: &Path) -> io::Result<Self> {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = identity(&std::fs::metadata(path)?);
        if !open.contains_key(&known) {
            let file = File::open(path)?;
            // The name may lead to another file by now.
            known = identity(&file.metadata()?);
            match open.entry(known) {
                Entry::Vacant(vacant) => {
                    vacant.insert((Arc::new(file), 0));
                }
                Entry::Occupied(_) => std::mem::forget(file),
            }
        }
        let (file, holders) = open.get_mut(&known).ok_or(io::ErrorKind::NotFound)?;
        *holders += 1;
        Ok(Self { file: Arc::clone(file), registration: Registration(known) })
    }

    /// Whether the path still names this file, and not another in its place.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        std::fs::metadata(path).is_ok_and(|metadata| self.is(&metadata))
    }

    /// Whether this is the file of which these are the metadata.
    pub(in crate::source::sqlite) fn is(&self, metadata: &Metadata) -> bool {
        identity(metadata) == self.registration.0
    }

    /// The file's length in bytes.
    pub(super) fn length(&self) -> io::Result<u64> {
        self.file.metadata().map(|metadata| metadata.len())
    }

    /// The first bytes of the file; fewer if it is shorter.
    pub(in crate::source::sqlite) fn beginning(&self, most: usize) -> io::Result<Vec<u8>> {
        let (mut bytes, mut filled) = (vec![0; most], 0);
        while filled < most {
            match self.file.read_at(&mut bytes[filled..], filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// Fills the buffer from this place on.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }
}

impl Drop for Registration {
    /// The next to open the file waits until this one has closed it.
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut held) = open.entry(self.0) {
            held.get_mut().1 -= 1;
            if held.get().1 == 0 {
                held.remove();
            }
        }
    }
}

fn identity(metadata: &Metadata) -> FileIdentity {
    (metadata.dev(), metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_once_and_closed_after_its_last_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, "first").unwrap();
        let (one, two) = (OpenFile::open(&path).unwrap(), OpenFile::open(&path).unwrap());
        let known = one.registration.0;
        assert!(Arc::ptr_eq(&one.file, &two.file));
        std::fs::rename(&path, directory.path().join("elsewhere")).unwrap();
        std::fs::write(&path, "other").unwrap();
        assert!(!one.is_at(&path));
        drop(one);
        let mut bytes = [0; 3];
        two.read_exact_at(&mut bytes, 2).unwrap();
        assert_eq!(&bytes, b"rst");
        assert!(two.read_exact_at(&mut bytes, 3).is_err(), "beyond the end");
        drop(two);
        assert!(!OPEN.lock().unwrap().contains_key(&known));
    }
}
