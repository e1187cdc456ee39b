//! The record of a rehearsal, beside the spec: what the runbook takes its times from, and the real run is held against.

use super::estimate::{Estimate, Span};
use super::outcome::{Outcome, Rehearsal};
use crate::connection::percent_encode;
use crate::spec::Spec;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The directory beside the spec.
const DIRECTORY: &str = ".transship";

/// A rehearsal that went to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always `rehearse`: what kind of document this is.
    pub command: String,
    /// The spec's name.
    pub migration: String,
    /// Always `done`: no other rehearsal is recorded.
    pub outcome: String,
    /// Digest of the plan for all rows.
    pub digest: String,
    /// The target's URL without the password.
    pub target: String,
    /// The moment of its end.
    pub rehearsed_at: String,
    /// The part of the rows that was taken, in words.
    pub sample: Option<String>,
    /// Milliseconds of the rehearsed way.
    pub milliseconds: u64,
    /// Rows that were loaded.
    pub rows: u64,
    /// The estimate for the target.
    pub estimate: Option<Estimate>,
    /// The real run, once there was one.
    pub measured: Option<MeasuredRun>,
}

/// The time of the real run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredRun {
    /// The moment of its end.
    pub at: String,
    /// Its time, in seconds.
    pub seconds: f64,
    /// Rows that it loaded.
    pub rows: u64,
}

impl MeasuredRun {
    /// A run that ended at this moment.
    #[must_use]
    pub fn new(at: Timestamp, seconds: f64, rows: u64) -> Self {
        Self { at: words(at), seconds, rows }
    }
}

fn words(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The estimate beside the measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Comparison {
    /// The estimate, in seconds.
    pub estimated: Span,
    /// The real run's time, in seconds; `None` before it.
    pub measured: Option<f64>,
}

/// A record that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {cause}", path.display())]
pub struct RecordError {
    doing: &'static str,
    path: PathBuf,
    cause: String,
}

impl Record {
    /// The record of a rehearsal; `None` if it did not go to its end.
    #[must_use]
    pub fn of(spec: &Spec, rehearsal: &Rehearsal, now: Timestamp) -> Option<Self> {
        (rehearsal.outcome == Outcome::Done).then(|| Self {
            command: "rehearse".to_owned(),
            migration: spec.name.clone(),
            outcome: "done".to_owned(),
            digest: rehearsal.digest.clone(),
            target: rehearsal.target.place.clone(),
            rehearsed_at: words(now),
            sample: rehearsal.sample.map(|sample| sample.to_string()),
            milliseconds: u64::try_from(std::time::Duration::from_secs_f64(rehearsal.seconds()).as_millis())
                .unwrap_or(u64::MAX),
            rows: rehearsal.rows(),
            estimate: rehearsal.estimate.clone(),
            measured: None,
        })
    }

    /// The file of the record: `.transship/rehearsal.json` beside the spec, and one for each environment.
    #[must_use]
    pub fn path(spec: &Spec) -> PathBuf {
        let environment = spec.environment.as_deref().map(|name| format!("-{}", percent_encode(name)));
        let name = format!("rehearsal{}.json", environment.unwrap_or_default());
        spec.path.parent().unwrap_or(Path::new("")).join(DIRECTORY).join(name)
    }

    /// Reads the record of the spec's rehearsal; `None` if there is none of this migration.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record.
    pub fn read(spec: &Spec) -> Result<Option<Self>, RecordError> {
        let path = Self::path(spec);
        let failed = |cause: String| RecordError { doing: "read", path: path.clone(), cause };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        let record = serde_json::from_str::<Self>(&text).map_err(|error| failed(error.to_string()))?;
        Ok((record.command == "rehearse" && record.migration == spec.name).then_some(record))
    }

    /// Writes the record.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, spec: &Spec) -> Result<PathBuf, RecordError> {
        let path = Self::path(spec);
        let failed = |cause: String| RecordError { doing: "write", path: path.clone(), cause };
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.to_string()))?;
        let write = || {
            let directory = path.parent().unwrap_or(Path::new(""));
            std::fs::create_dir_all(directory)?;
            match std::fs::File::create_new(directory.join(".gitignore")) {
                Ok(mut file) => std::io::Write::write_all(&mut file, b"*\n")?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            // A reader finds the old one or the new one.
            let unfinished = path.with_extension("json.new");
            std::fs::write(&unfinished, text + "\n")?;
            std::fs::rename(&unfinished, &path)
        };
        write().map_err(|error: std::io::Error| failed(error.to_string()))?;
        Ok(path)
    }

    /// Adds the time of a run that did the whole work of this plan on this target; `None` if it was another.
    #[must_use]
    pub fn measuring(self, digest: &str, target: &str, run: MeasuredRun) -> Option<Self> {
        let is_this = self.digest == digest && self.target == target && self.estimate.is_some();
        is_this.then_some(Self { measured: Some(run), ..self })
    }

    /// The estimate beside the measure; `None` without an estimate.
    #[must_use]
    pub fn comparison(&self) -> Option<Comparison> {
        let estimated = self.estimate.as_ref()?.apply;
        Some(Comparison { estimated, measured: self.measured.as_ref().map(|run| run.seconds) })
    }
}
