//! The record of a cut-over beside the spec: what a process that dies leaves to the next one.

use super::window::Move;
use crate::source::hold::Former;
use crate::spec::Spec;
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// State of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A cut-over is at work, or was killed.
    Holding,
    /// The cut-over is done.
    Done,
}

/// A cut-over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutoverRecord {
    /// The spec's name.
    pub migration: String,
    /// The source's URL without the password.
    pub source: String,
    /// How far it is.
    pub state: State,
    /// Settings of the server before it was set to only read; empty if it was held by a lock.
    pub former: Former,
    /// Seconds of the window, once it is closed.
    pub window_seconds: Option<f64>,
    /// Its parts, in seconds.
    pub moves: Vec<(Move, f64)>,
    /// How the source was held, in words.
    pub held: Option<String>,
    /// The moment from which it was held.
    pub held_from: Option<String>,
    /// The last moment at which the hold was confirmed.
    pub held_until: Option<String>,
}

impl CutoverRecord {
    /// The file: `.transship/cutover-NAME.json` beside the spec.
    #[must_use]
    pub fn path(spec: &Spec) -> PathBuf {
        let environment =
            spec.environment.as_deref().map(|name| format!("-{}", crate::connection::percent_encode(name)));
        let name = format!("cutover{}.json", environment.unwrap_or_default());
        spec.path.parent().unwrap_or(Path::new("")).join(".transship").join(name)
    }

    /// Reads the record of this spec and source; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record.
    pub fn read(spec: &Spec) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(Self::path(spec)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let record = serde_json::from_str::<Self>(&text).map_err(Error::other)?;
        let is_this = record.migration == spec.name && record.source == spec.source.connection.redacted();
        Ok(is_this.then_some(record))
    }

    /// Writes the record, so that it is there after a crash.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, spec: &Spec) -> Result<()> {
        let path = Self::path(spec);
        let directory = path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(directory)?;
        match std::fs::File::create_new(directory.join(".gitignore")) {
            Ok(mut file) => std::io::Write::write_all(&mut file, b"*\n")?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let unfinished = path.with_extension("json.new");
        std::fs::write(&unfinished, serde_json::to_string_pretty(self).map_err(Error::other)? + "\n")?;
        std::fs::File::open(&unfinished)?.sync_all()?;
        std::fs::rename(&unfinished, &path)
    }

    /// Removes the record.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn remove(spec: &Spec) -> Result<()> {
        match std::fs::remove_file(Self::path(spec)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
