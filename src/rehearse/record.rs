//! The record of a rehearsal, beside the spec: what the runbook takes its times from, and the real run is held against.

use super::estimate::{Estimate, Span};
use super::outcome::{Rehearsal, RehearsalEnd};
use crate::spec::{RecordFile, Spec};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A rehearsal that went to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Always `rehearse`: what kind of document this is.
    pub command: String,
    /// The spec's name.
    pub migration: String,
    /// Always `done`: no other rehearsal is recorded.
    pub outcome: RehearsalEnd,
    /// Digest of the plan for all rows.
    pub digest: String,
    /// The source's URL without the password; `None` in the record of an earlier version.
    pub source: Option<String>,
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
pub struct EstimateComparison {
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
        (rehearsal.outcome == RehearsalEnd::Done).then(|| Self {
            command: "rehearse".to_owned(),
            migration: spec.name.clone(),
            outcome: rehearsal.outcome,
            digest: rehearsal.digest.clone(),
            source: Some(spec.source.connection.identity()),
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

    /// The file of the record: `.transship/rehearsal-NAME.json` beside the spec, and one for each environment.
    #[must_use]
    pub fn path(spec: &Spec) -> PathBuf {
        file(spec).path().to_owned()
    }

    /// Reads the record of the spec's rehearsal; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read, or is no such record.
    pub fn read(spec: &Spec) -> Result<Option<Self>, RecordError> {
        let failed =
            |error: std::io::Error| RecordError { doing: "read", path: Self::path(spec), cause: error.to_string() };
        let record = file(spec).read::<Self>().map_err(failed)?;
        Ok(record.filter(|record| record.command == "rehearse" && record.migration == spec.name))
    }

    /// Writes the record.
    ///
    /// # Errors
    /// The file system's refusal.
    pub fn write(&self, spec: &Spec) -> Result<PathBuf, RecordError> {
        let path = Self::path(spec);
        match file(spec).write(self) {
            Ok(()) => Ok(path),
            Err(error) => Err(RecordError { doing: "write", path, cause: error.to_string() }),
        }
    }

    /// Adds the time of a run that did the whole work of this plan on this target; `None` if it was another.
    #[must_use]
    pub fn measuring(self, digest: &str, target: &str, run: MeasuredRun) -> Option<Self> {
        let is_this = self.digest == digest && self.target == target && self.estimate.is_some();
        is_this.then_some(Self { measured: Some(run), ..self })
    }

    /// The estimate beside the measure; `None` without an estimate.
    #[must_use]
    pub fn comparison(&self) -> Option<EstimateComparison> {
        let estimated = self.estimate.as_ref()?.apply;
        Some(EstimateComparison { estimated, measured: self.measured.as_ref().map(|run| run.seconds) })
    }
}

fn file(spec: &Spec) -> RecordFile {
    RecordFile::of(spec, "rehearsal")
}
