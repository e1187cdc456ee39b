//! The new place: a file that is not there until it is whole.

use super::error::BackError;
use crate::connection::{ScratchDirectory, SourceConnection};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Directory beside the new place in which it is made. It goes with everything in it when this is dropped; where the process is
/// killed the next one removes it ([`sweep`]).
#[derive(Debug)]
pub(super) struct Workshop {
    directory: ScratchDirectory,
    place: PathBuf,
}

impl Workshop {
    /// Makes the directory for a new file.
    ///
    /// # Errors
    /// The place is no file that could be made, or something is there.
    pub(super) fn beside(to: &SourceConnection, source: &SourceConnection) -> Result<Self, BackError> {
        let refused = |message: String, hint: &str| Err(BackError::Place { message, hint: hint.to_owned() });
        let place = match (to, source) {
            // Of a source that nobody knows any more its backup says what it was.
            (SourceConnection::Sqlite { path }, SourceConnection::Sqlite { .. } | SourceConnection::Unset { .. }) => {
                path
            }
            (SourceConnection::Sqlite { .. }, _) => {
                return refused(
                    "the way back leads into a database of the source's own kind, and the source is a server"
                        .to_owned(),
                    "dump the server with `transship backup`; the way back into a server is not made",
                );
            }
            _ => {
                return refused(
                    format!("{} is a server: the way back leads into a new file", to.redacted()),
                    "give the path of a file that is not there yet",
                );
            }
        };
        let hint = "name a file that is not there yet: nothing is written over";
        match std::fs::symlink_metadata(place) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(cause) => return Err(BackError::file("look at", place)(cause)),
            Ok(_) => return refused(format!("{} is there already", place.display()), hint),
        }
        let Some(name) = place.file_name() else {
            return refused(format!("{} is no name of a file", place.display()), hint);
        };
        for suffix in ["-wal", "-journal", "-shm"] {
            let mut with_suffix = name.to_owned();
            with_suffix.push(suffix);
            let beside = place.with_file_name(with_suffix);
            if std::fs::symlink_metadata(&beside).is_ok() {
                return refused(
                    format!("{} is there, and would be taken for a part of the new file", beside.display()),
                    hint,
                );
            }
        }
        let parent = parent_of(place);
        // The user's data are in it: nobody else reads it.
        let made = ScratchDirectory::make_private(parent, &beginning_of(name));
        let directory = made.map_err(BackError::file("make a directory in", parent))?;
        Ok(Self { directory, place: place.clone() })
    }

    /// The directory.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The new place.
    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// Gives a file of the directory its name, with the permissions of `like`, if that is there. A file that came to that name
    /// meanwhile is never written over.
    pub(super) fn publish(&self, made: &Path, like: Option<&Path>) -> Result<(), BackError> {
        if let Some(like) = like.and_then(|like| std::fs::metadata(like).ok()) {
            std::fs::set_permissions(made, like.permissions()).map_err(BackError::file("set the rights of", made))?;
        }
        // A link is refused where a name is taken; a renaming would take the name away.
        std::fs::hard_link(made, &self.place).map_err(BackError::file("make", &self.place))?;
        let parent = parent_of(&self.place);
        let is_on_disk = std::fs::File::open(parent).and_then(|directory| directory.sync_all());
        is_on_disk.map_err(BackError::file("bring to disk", parent))
    }
}

/// The directory of a file.
fn parent_of(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The beginning of the names of the directories in which a new file of this name is made.
fn beginning_of(name: &OsStr) -> String {
    format!(".{}{BACK}", name.to_string_lossy())
}

/// End of that beginning, whatever the file's name is.
const BACK: &str = ".back-";

/// Directories beside a new place that are not this process's.
#[derive(Debug, Default)]
pub struct Swept {
    /// Directories that killed processes had left, for files of whatever name: they are gone.
    pub removed: Vec<PathBuf>,
    /// Directories for the same file that stay: another process is at work in them, or another user has left them.
    pub others: Vec<PathBuf>,
}

/// Removes the directories that killed processes have left beside a new place.
///
/// # Errors
/// The directory cannot be read.
pub fn sweep(place: &Path) -> std::io::Result<Swept> {
    let (parent, mut swept) = (parent_of(place), Swept::default());
    let is_ours = |beginning: &str| beginning.starts_with('.') && beginning.ends_with(BACK);
    for left in ScratchDirectory::left_behind_in(parent, is_ours)? {
        let path = left.path().to_owned();
        drop(left);
        if !path.exists() {
            swept.removed.push(path);
        }
    }
    let beginning = place.file_name().map(beginning_of).unwrap_or_default();
    for entry in std::fs::read_dir(parent)? {
        let entry = entry?;
        if !beginning.is_empty() && entry.file_name().to_string_lossy().starts_with(&beginning) {
            swept.others.push(entry.path());
        }
    }
    swept.removed.sort();
    Ok(swept)
}
