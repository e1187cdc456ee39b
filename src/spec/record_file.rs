//! A record that one command leaves to the next, as JSON under `.transship/` beside the spec.

use super::Spec;
use crate::connection::percent_encode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

/// The directory beside the spec.
const DIRECTORY: &str = ".transship";

/// The file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    path: PathBuf,
}

impl RecordFile {
    /// The file of records of this kind: `.transship/KIND-NAME.json` by the name of the migration, or `KIND-NAME@ENVIRONMENT.json`.
    #[must_use]
    pub fn of(spec: &Spec, kind: &str) -> Self {
        let name = format!("{kind}-{}{}.json", percent_encode(&spec.name), Self::environment(spec));
        Self { path: spec.path.parent().unwrap_or(Path::new("")).join(DIRECTORY).join(name) }
    }

    /// The environment as a part of a file's name: `@ENVIRONMENT`; empty without one.
    #[must_use]
    pub fn environment(spec: &Spec) -> String {
        spec.environment.as_deref().map(|name| format!("@{}", percent_encode(name))).unwrap_or_default()
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the record; `None` if there is no file.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(Error::other),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the record, so that it is there after a crash. A reader finds the old one or the new one.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, record: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(record).map_err(Error::other)? + "\n";
        let directory = self.make_directory()?;
        let unfinished = self.path.with_extension("json.new");
        let mut file = File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &self.path)?;
        File::open(directory)?.sync_all()
    }

    /// Removes the record.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn remove(&self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Locks what the record is about for as long as the file lives that is returned; `None` if another process has it.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn lock(&self) -> Result<Option<File>> {
        self.make_directory()?;
        let file = File::options().create(true).truncate(false).write(true).open(self.path.with_extension("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The directory of the file, which git does not see.
    fn make_directory(&self) -> Result<&Path> {
        let directory = self.path.parent().unwrap_or(Path::new(""));
        if !directory.exists() {
            std::fs::create_dir_all(directory)?;
            let above = directory.parent().filter(|above| !above.as_os_str().is_empty());
            File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        match File::create_new(directory.join(".gitignore")) {
            Ok(mut file) => file.write_all(b"*\n")?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(directory)
    }
}
