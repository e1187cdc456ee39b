//! The directory of a migration's backups.

use super::manifest::FILE;
use super::{BackupError, Manifest, Side};
use crate::connection::{SourceConnection, TargetConnection};
use crate::spec::Spec;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Beginning of the name of a backup that is not whole yet.
const PARTIAL: &str = "partial-";

/// The backups of one migration.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
    migration: String,
}

/// A backup that is whole.
#[derive(Debug, Clone)]
pub struct StoredBackup {
    /// Its name: the moment of its beginning.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
}

impl Store {
    /// The store that a spec names.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self { directory: spec.backup.directory.join(&spec.name), migration: spec.name.clone() }
    }

    /// Its directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The backups, the newest first. What is no backup of this migration, or is not whole, is not among them.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn list(&self) -> Result<Vec<StoredBackup>, BackupError> {
        let entries = match std::fs::read_dir(&self.directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(BackupError::file("read", &self.directory))?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(BackupError::file("read", &self.directory))?;
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link leads to what somebody keeps elsewhere.
            let is_link = entry.file_type().map_err(BackupError::file("look at", &path))?.is_symlink();
            if is_link || name.starts_with(PARTIAL) || !path.join(FILE).is_file() {
                continue;
            }
            match Manifest::read(&path) {
                Ok(manifest) if manifest.migration == self.migration => {
                    found.push(StoredBackup { name, path, manifest });
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "not a backup"),
            }
        }
        found.sort_by(|one, two| two.name.cmp(&one.name));
        Ok(found)
    }

    /// The backup of this name; without a name the newest that has a copy of the side, of the database that the spec names now. Where
    /// it names none, all copies have to be of one.
    ///
    /// # Errors
    /// There is none, or which one is meant is not known.
    pub fn find(&self, name: Option<&str>, side: Side, spec: &Spec) -> Result<StoredBackup, BackupError> {
        let mut found = self.list()?;
        let (place, hint) = (self.directory.display(), "`transship backup SPEC` makes one".to_owned());
        match name {
            None if found.is_empty() => {
                Err(BackupError::NotFound { message: format!("there is no backup in {place}"), hint })
            }
            None => {
                let at = self.newest(&found, side, named_place(spec, side).as_deref())?;
                Ok(found.swap_remove(at))
            }
            Some(name) => match found.iter().position(|backup| backup.name == name) {
                Some(at) => Ok(found.swap_remove(at)),
                None => {
                    let names = found.iter().map(|backup| backup.name.as_str()).collect::<Vec<_>>();
                    let hint =
                        if names.is_empty() { hint } else { crate::name::hint_of_known(name, &names, "there are") };
                    Err(BackupError::NotFound { message: format!("there is no backup {name} in {place}"), hint })
                }
            },
        }
    }

    /// The newest backup with a copy of the side, of this database; where none is said, of the only one.
    fn newest(&self, found: &[StoredBackup], side: Side, place: Option<&str>) -> Result<usize, BackupError> {
        let hint = "name one with --backup; `transship backup SPEC --list` shows what each has".to_owned();
        let not_found = |message: String| Err(BackupError::NotFound { message, hint });
        let copied = |backup: &StoredBackup| backup.manifest.side(side).map(|copied| copied.place.clone());
        let places = found.iter().filter_map(copied).collect::<BTreeSet<_>>();
        let there_are = places.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let directory = self.directory.display();
        let is_it = |backup: &StoredBackup| match (copied(backup), place) {
            (Some(copied), Some(place)) => copied == place,
            (Some(_), None) => true,
            (None, _) => false,
        };
        match (found.iter().position(is_it), place) {
            (_, None) if places.len() > 1 => {
                not_found(format!("the backups in {directory} are of several databases: {there_are}"))
            }
            (Some(at), _) => Ok(at),
            (None, _) if places.is_empty() => not_found(format!("no backup in {directory} has a copy of the {side}")),
            (None, place) => {
                not_found(format!("no backup in {directory} is of {}, but of {there_are}", place.unwrap_or_default()))
            }
        }
    }

    /// Makes the directory, and keeps other processes from it for as long as the result lives.
    pub(super) fn lock(&self) -> Result<File, BackupError> {
        private_directory(&self.directory)?;
        let path = self.directory.join(".lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = opened.map_err(BackupError::file("open", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(BackupError::Busy { directory: self.directory.clone() });
            }
            Err(std::fs::TryLockError::Error(cause)) => return Err(BackupError::file("lock", &path)(cause)),
        }
        self.keep_from_version_control();
        Ok(lock)
    }

    /// Says to git that a database does not belong into it. A repository without the file is no reason to fail.
    fn keep_from_version_control(&self) {
        // The directory above may be one of the user's.
        let written = File::create_new(self.directory.join(".gitignore"))
            .and_then(|mut file| std::io::Write::write_all(&mut file, b"*\n"));
        if let Err(error) = written {
            tracing::debug!(%error, "no .gitignore was written");
        }
    }

    /// The directory of a new backup while it is made, and the name that it gets. What a process that died has left is removed:
    /// the caller holds the lock.
    pub(super) fn begin(&self, begun: &Timestamp) -> Result<(PathBuf, String), BackupError> {
        for entry in std::fs::read_dir(&self.directory).map_err(BackupError::file("read", &self.directory))? {
            let path = entry.map_err(BackupError::file("read", &self.directory))?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PARTIAL)) {
                std::fs::remove_dir_all(&path).map_err(BackupError::file("remove", &path))?;
            }
        }
        let moment = begun.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (mut name, mut number) = (moment.clone(), 1);
        while self.directory.join(&name).exists() {
            number += 1;
            name = format!("{moment}-{number}");
        }
        let partial = self.directory.join(format!("{PARTIAL}{name}"));
        private_directory(&partial)?;
        Ok((partial, name))
    }

    /// Removes the oldest backups of the same databases as the one of this name and manifest beyond the number that stays, and
    /// gives their names. It was made just now, and stays itself, whatever moments the others have.
    pub(super) fn remove_old(
        &self,
        keep: Option<usize>,
        name: &str,
        newest: &Manifest,
    ) -> Result<Vec<String>, BackupError> {
        let Some(keep) = keep else { return Ok(Vec::new()) };
        let mut removed = Vec::new();
        let is_other = |found: &StoredBackup| found.name != name && found.manifest.places() == newest.places();
        for old in self.list()?.into_iter().filter(is_other).skip(keep.saturating_sub(1)) {
            std::fs::remove_dir_all(&old.path).map_err(BackupError::file("remove", &old.path))?;
            removed.push(old.name);
        }
        Ok(removed)
    }
}

/// The database of a side that the spec names; `None` if a variable of its URL is not set.
fn named_place(spec: &Spec, side: Side) -> Option<String> {
    match (side, &spec.source.connection, &spec.target.connection) {
        (Side::Source, SourceConnection::Unset { .. }, _) | (Side::Target, _, TargetConnection::Unset { .. }) => None,
        (Side::Source, source, _) => Some(source.identity()),
        (Side::Target, _, target) => Some(target.identity()),
    }
}

/// Makes a directory, and those above it that are not there: the user's data are in it, and nobody else reads it.
fn private_directory(path: &Path) -> Result<(), BackupError> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(BackupError::file("make", path))
}

/// Keeps others from the files of a backup, whatever the programs that wrote them think of it.
pub(super) fn close_off(directory: &Path) -> Result<(), BackupError> {
    for entry in std::fs::read_dir(directory).map_err(BackupError::file("read", directory))? {
        let entry = entry.map_err(BackupError::file("read", directory))?;
        let path = entry.path();
        let is_directory = entry.file_type().map_err(BackupError::file("look at", &path))?.is_dir();
        if is_directory {
            close_off(&path)?;
        }
        let mode = Permissions::from_mode(if is_directory { 0o700 } else { 0o600 });
        std::fs::set_permissions(&path, mode).map_err(BackupError::file("protect", &path))?;
    }
    Ok(())
}
