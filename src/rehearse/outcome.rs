//! The outcome of a rehearsal.

use super::estimate::{Estimate, Span};
use super::times::{RunPhase, StepTime};
use crate::apply::Applied;
use crate::plan::Plan;
use crate::run::ExecuteError;
use crate::target::{Outline, Probe};
use crate::verify::{Sample, Verification};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// End of a rehearsal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RehearsalEnd {
    /// Everything was applied, and both sides are equal.
    Done,
    /// A finding blocks: nothing was copied.
    Refused,
    /// A check got a wrong answer.
    ChecksFailed,
    /// Both sides differ.
    NotEqual,
    /// A step failed.
    Failed,
}

/// The part of the way in which it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// While the plan was made.
    Plan,
    /// While the plan was carried out.
    Apply,
    /// While both sides were compared.
    Verify,
}

/// The error that ended it before the end.
#[derive(Debug)]
pub struct RehearsalError {
    /// Where.
    pub stage: Stage,
    /// The error that the real command would have ended with.
    pub error: ExecuteError,
}

/// A phase, as it was rehearsed and as it is expected on the target.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PhaseLine {
    /// The phase.
    pub phase: RunPhase,
    /// Seconds in the rehearsal.
    pub seconds: f64,
    /// Seconds on the target; `None` without an estimate.
    pub estimate: Option<Span>,
}

/// The times of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableLine {
    /// The table in the source.
    pub table: String,
    /// Rows that were loaded.
    pub rows: u64,
    /// All rows, where a sample was loaded.
    pub sample_of: Option<u64>,
    /// Seconds of its copy.
    pub copy: f64,
    /// Seconds of its keys, indexes and foreign keys.
    pub keys: f64,
    /// Whether both sides are equal; `None` if they were not compared.
    pub equal: Option<bool>,
}

/// The target that was measured for the estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetShown {
    /// Its URL without the password.
    pub place: String,
    /// Its version, if it was asked.
    pub postgresql: Option<String>,
    /// Its measure; `None` if it was not measured.
    pub probe: Option<Probe>,
}

/// A server that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptServer {
    /// The directory, with a spec by which commands find the server.
    pub directory: PathBuf,
    /// The spec.
    pub spec: PathBuf,
    /// The place of the server's files, where that is another one.
    pub elsewhere: Option<PathBuf>,
}

/// A rehearsal.
#[derive(Debug)]
pub struct Rehearsal {
    /// Its end.
    pub outcome: RehearsalEnd,
    /// The error that ended it before the end.
    pub stopped: Option<RehearsalError>,
    /// The part of the rows that was taken.
    pub sample: Option<Sample>,
    /// Version of the private server.
    pub postgresql: String,
    /// The target.
    pub target: TargetShown,
    /// The outline of the target that it began with; `None` if it began empty.
    pub outline: Option<Outline>,
    /// Digest of the plan for all rows.
    pub digest: String,
    /// The plan that was carried out; `None` if none could be made.
    pub plan: Option<Plan>,
    /// The outcome of the run.
    pub applied: Option<Applied>,
    /// The outcome of the comparison.
    pub verification: Option<Verification>,
    /// The measure of the private server.
    pub probe: Option<Probe>,
    /// The phases.
    pub phases: Vec<PhaseLine>,
    /// The tables.
    pub tables: Vec<TableLine>,
    /// The steps.
    pub steps: Vec<StepTime>,
    /// The estimate for the target.
    pub estimate: Option<Estimate>,
    /// Facts that the run showed, and no plan could.
    pub found: Vec<String>,
    /// The parts that were not rehearsed, and other facts to be known.
    pub notes: Vec<String>,
    /// The server, if it was kept.
    pub kept: Option<KeptServer>,
}

impl Rehearsal {
    /// Seconds of the rehearsed way.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.phases.iter().map(|line| line.seconds).sum()
    }

    /// Rows that were loaded.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.applied.as_ref().map_or(0, |applied| applied.rows)
    }
}
