//! The record of a cut-over beside the spec: what a process that dies leaves to the next one.

use super::window::Move;
use crate::source::hold::Former;
use crate::spec::{RecordFile, Spec};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Result;
use std::path::PathBuf;

/// State of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// A cut-over is at work, or was killed.
    Holding,
    /// The cut-over is done.
    Done,
    /// It was done, and the migration was rolled back: the application's database is the source.
    RolledBack,
}

/// A cut-over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutoverRecord {
    /// The spec's name.
    pub migration: String,
    /// The source's URL without the password.
    pub source: String,
    /// How far it is.
    pub state: HoldState,
    /// Settings of the server before it was set to only read; empty if it was held by a lock.
    pub former: Former,
    /// Seconds of the window, once it is closed.
    pub window_seconds: Option<f64>,
    /// Its parts, in seconds.
    pub moves: Vec<(Move, f64)>,
    /// How the source was held, in words.
    pub held: Option<String>,
    /// The moment from which it was held, once the window is closed.
    pub held_from: Option<String>,
    /// The last moment at which the hold was confirmed.
    pub held_until: Option<String>,
    /// The record of a cut-over that was done before this one began and has left the server set to only read, until this one is done
    /// too: this one has set nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<CutoverRecord>>,
}

/// The right to cut over by a spec, which one process has at a time. It ends with the process.
#[derive(Debug)]
pub struct Claim(#[expect(dead_code, reason = "the lock lives as long as the file")] File);

impl CutoverRecord {
    /// The file: `.transship/cutover-NAME.json` beside the spec.
    #[must_use]
    pub fn path(spec: &Spec) -> PathBuf {
        file(spec).path().to_owned()
    }

    /// Claims the cut-over; `None` if another process is at it.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn claim(spec: &Spec) -> Result<Option<Claim>> {
        Ok(file(spec).lock()?.map(Claim))
    }

    /// Reads the record of this spec; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record.
    pub fn read(spec: &Spec) -> Result<Option<Self>> {
        file(spec).read()
    }

    /// The record that counts: of a cut-over that was done and has set the server to only read, though a later one was killed while it
    /// held it.
    #[must_use]
    pub fn standing(self) -> Self {
        match self {
            Self { state: HoldState::Holding, earlier: Some(earlier), .. } => *earlier,
            record => record,
        }
    }

    /// Whether the record is about the source that the spec has now.
    #[must_use]
    pub fn is_of_source(&self, spec: &Spec) -> bool {
        self.source == spec.source.connection.server_identity()
    }

    /// Whether a server is still set to only read.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        !self.former.is_empty()
    }

    /// Notes in the record of a cut-over that was done that the migration is rolled back.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no such record.
    pub fn roll_back(spec: &Spec) -> Result<()> {
        let done = Self::read(spec)?
            .map(Self::standing)
            .filter(|record| record.state == HoldState::Done && record.is_of_source(spec));
        done.map_or(Ok(()), |record| Self { state: HoldState::RolledBack, ..record }.write(spec))
    }

    /// Writes the record, so that it is there after a crash.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, spec: &Spec) -> Result<()> {
        file(spec).write(self)
    }

    /// Removes the record.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn remove(spec: &Spec) -> Result<()> {
        file(spec).remove()
    }
}

fn file(spec: &Spec) -> RecordFile {
    RecordFile::of(spec, "cutover")
}
