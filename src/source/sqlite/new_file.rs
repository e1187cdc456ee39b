//! A new file under a name of the user's, which has the name only once it is whole.

use crate::source::SourceError;
use crate::source::copying::{CopyWatch, Copying};
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Bytes that are copied between two looks at whether to stop.
const CHUNK: usize = 1 << 22;

/// Ends of the names of files that SQLite reads as part of the database beside which they stand
/// (<https://www.sqlite.org/tempfiles.html>).
const COMPANIONS: [&str; 3] = ["-wal", "-journal", "-shm"];

/// A file beside its place. Without the name it is removed in the end.
#[derive(Debug)]
pub(in crate::source) struct NewFile {
    place: PathBuf,
    beside: PathBuf,
    /// Word to other processes that this one is at work on it.
    lock: File,
}

impl NewFile {
    /// Copies the file `copy` to a new one beside `place`, where nothing may be.
    pub(in crate::source) fn write(copy: &Path, place: &Path, watch: &CopyWatch<'_>) -> Result<Self, SourceError> {
        must_be_free(place)?;
        let unreadable = |cause: Error| SourceError::Unreadable { path: copy.to_owned(), cause };
        let unwritten = |cause: Error| not_copied(place, &cause);
        let mut from = File::open(copy).map_err(unreadable)?;
        let begin = beginning(place);
        remove_left(place, &begin);
        let beside = place.with_file_name(with_end(&begin, &std::process::id().to_string()));
        let lock = File::create_new(&beside).map_err(unwritten)?;
        // From here on it is removed whatever happens, unless the process is killed.
        let mut new = Self { place: place.to_owned(), beside, lock };
        new.lock.try_lock().map_err(|error| match error {
            TryLockError::Error(cause) => unwritten(cause),
            TryLockError::WouldBlock => unwritten(Error::from(ErrorKind::WouldBlock)),
        })?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = from.read(&mut chunk).map_err(unreadable)?;
            if length == 0 {
                break;
            }
            new.lock.write_all(&chunk[..length]).map_err(unwritten)?;
            if !watch(Copying::Program) {
                return Err(SourceError::Interrupted { doing: "restoring it".to_owned() });
            }
        }
        new.lock.sync_all().map_err(unwritten)?;
        Ok(new)
    }

    /// The file as it can be read before it has its name.
    pub(in crate::source) fn path(&self) -> &Path {
        &self.beside
    }

    /// Gives it its name. A file that came there meanwhile stays.
    pub(in crate::source) fn name(self) -> Result<(), SourceError> {
        give_name(&self.beside, &self.place)
    }
}

/// Gives a file that is whole its name beside it. What came there meanwhile stays.
pub(in crate::source) fn give_name(file: &Path, place: &Path) -> Result<(), SourceError> {
    must_be_free(place)?;
    // Unlike a renaming, a second name never takes the place of a file.
    match std::fs::hard_link(file, place) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(there_is(place, "a file")),
        // A file system without second names.
        Err(_) => std::fs::rename(file, place).map_err(|cause| not_copied(place, &cause))?,
    }
    let directory = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_on_disk = File::open(directory).and_then(|directory| directory.sync_all());
    is_on_disk.map_err(|cause| not_copied(place, &cause))
}

impl Drop for NewFile {
    fn drop(&mut self) {
        remove_with_companions(&self.beside);
    }
}

fn not_copied(place: &Path, cause: &Error) -> SourceError {
    SourceError::NotCopied { copy: place.to_owned(), cause: cause.to_string() }
}

fn there_is(place: &Path, what: &str) -> SourceError {
    SourceError::NotEmpty { place: place.display().to_string(), what: format!("there is {what}") }
}

/// Makes sure that nothing has the name of a file, nor that of a companion, which SQLite would read as part of it.
fn must_be_free(place: &Path) -> Result<(), SourceError> {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    if is_there(place) {
        return Err(there_is(place, "a file"));
    }
    for end in COMPANIONS {
        let companion = companion(place, end);
        if is_there(&companion) {
            let what = format!("{} of another database, which SQLite would take for a part of it", companion.display());
            return Err(there_is(place, &what));
        }
    }
    Ok(())
}

fn companion(place: &Path, end: &str) -> PathBuf {
    place.with_file_name(with_end(place.file_name().unwrap_or_default(), end))
}

fn with_end(name: &OsStr, end: &str) -> OsString {
    let mut name = name.to_owned();
    name.push(end);
    name
}

/// Beginning of the names of files that are not whole yet; the id of a process is their end.
fn beginning(place: &Path) -> OsString {
    let mut begin = OsString::from(".");
    begin.push(place.file_name().unwrap_or_default());
    begin.push(".transship-restore-");
    begin
}

/// Removes files that processes which were killed have left: nobody holds their locks.
fn remove_left(place: &Path, begin: &OsStr) {
    let directory = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let end = name.as_encoded_bytes().strip_prefix(begin.as_encoded_bytes());
        let is_of_process = end.is_some_and(|end| !end.is_empty() && end.iter().all(u8::is_ascii_digit));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_of_process && is_file && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            remove_with_companions(&entry.path());
        }
    }
}

fn remove_with_companions(path: &Path) {
    for path in COMPANIONS.map(|end| companion(path, end)).iter().map(PathBuf::as_path).chain([path]) {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "an unfinished copy stays");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_once_it_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let (copy, place) = (directory.path().join("copy"), directory.path().join("new.db"));
        std::fs::write(&copy, "rows").unwrap();
        let write = |goes_on: bool| NewFile::write(&copy, &place, &|_| goes_on);
        let names = || {
            let entries = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names = entries.map(|name| name.into_string().unwrap()).collect::<Vec<_>>();
            names.sort();
            names
        };
        // Left by a process that was killed, and of the user's.
        std::fs::write(directory.path().join(".new.db.transship-restore-1"), "ro").unwrap();
        std::fs::write(directory.path().join(".new.db.transship-restore-x"), "mine").unwrap();
        write(false).unwrap_err();
        assert_eq!(names(), [".new.db.transship-restore-x", "copy"]);
        let new = write(true).unwrap();
        assert!(!place.exists() && new.path().exists());
        // A file that comes meanwhile stays.
        std::fs::write(&place, "theirs").unwrap();
        assert!(new.name().unwrap_err().to_string().contains("there is a file"));
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "theirs");
        std::fs::remove_file(&place).unwrap();
        for end in COMPANIONS {
            let other = companion(&place, end);
            std::fs::write(&other, "").unwrap();
            assert!(write(true).unwrap_err().to_string().contains(end));
            std::fs::remove_file(other).unwrap();
        }
        let late = write(true).unwrap();
        let log = companion(&place, "-wal");
        std::fs::write(&log, "").unwrap();
        assert!(give_name(late.path(), &place).unwrap_err().to_string().contains("-wal"));
        std::fs::remove_file(log).unwrap();
        drop(late);
        write(true).unwrap().name().unwrap();
        assert_eq!(names(), [".new.db.transship-restore-x", "copy", "new.db"]);
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "rows");
    }
}
