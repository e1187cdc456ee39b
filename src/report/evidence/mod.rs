//! Evidence: what a run of `apply` or `verify` did and found, as one file for the archive.
//!
//! Unlike a plan it holds times. It names rows by key, never by value, and has neither host names nor secrets in it.

mod chart;
mod decision;
mod facts;
mod junit;
mod page;
mod timeline;

pub use facts::{Command, Facts};
pub use junit::evidence_junit;
pub(super) use page::duration;
pub use page::evidence_html;
pub use timeline::Timeline;

use crate::plan::digest::InputDigests;
use crate::plan::{Finding, Omitted};
use crate::run::CheckResult;
use crate::verify::{Difference, Sample, StructureChange, Uncompared, ViewResult};
use serde::Serialize;

/// The document. Keys may be added, never renamed; `specs/evidence.schema.json` describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The form of this document.
    evidence: u32,
    command: &'static str,
    outcome: Outcome,
    passed: bool,
    exit_code: i32,
    message: Option<String>,
    notes: Vec<String>,
    /// The part of every table that was compared, where it was not all of it.
    sample: Option<Sample>,
    migration: String,
    spec: String,
    schema: String,
    started_at: String,
    finished_at: String,
    milliseconds: u64,
    versions: Versions,
    run: Option<i64>,
    digests: Option<Digests>,
    rows: Rows,
    tables: Vec<TableEvidence>,
    findings: Vec<FindingEvidence>,
    omitted: Vec<Omitted>,
    /// Tables and views that `verify` did not compare.
    not_compared: Vec<Uncompared>,
    checks: Vec<CheckResult>,
    views: Vec<ViewResult>,
    /// Structure that differs from what `apply` left; empty except for `verify`.
    structure: Vec<StructureChange>,
    steps: Vec<StepEvidence>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// `apply` has done all steps.
    Done,
    /// `apply` found all steps done.
    NothingToDo,
    /// `apply` asked, and the answer was no.
    Declined,
    /// A finding blocks, or something has drifted from the reviewed plan: nothing was written.
    Refused,
    /// A check got a wrong answer.
    ChecksFailed,
    /// Both sides are equal and every check passed.
    Equal,
    /// They are not, or a check failed.
    NotEqual,
    /// It was stopped.
    Interrupted,
    /// It failed while running.
    Failed,
}

/// Versions of the programs that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Versions {
    transship: &'static str,
    postgresql: Option<String>,
    sqlite: &'static str,
}

/// Digests that bind the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Digests {
    plan: String,
    #[serde(flatten)]
    inputs: InputDigests,
}

/// The row equation of all tables together: source = loaded + rejected + filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct Rows {
    source: u64,
    loaded: u64,
    rejected: u64,
    filtered: u64,
    /// Rows of the target's own that the spec lets stay.
    kept: u64,
    adds_up: bool,
}

/// A table's row equation and digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TableEvidence {
    table: String,
    target: String,
    state: TableState,
    rows: Rows,
    nulled_values: u64,
    /// The rows that were compared, where it was a sample of them; then the digests are of these.
    sampled_rows: Option<u64>,
    /// The table's digest as `verify` computes it of what the rows of each side mean; `apply`, which proves nothing, has none.
    source_digest: Option<String>,
    target_digest: Option<String>,
    missing: Option<u64>,
    extra: Option<u64>,
    different: Option<u64>,
    examples: Vec<Difference>,
    problem: Option<String>,
}

/// State of a table in the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum TableState {
    /// All its rows are in the target, and they add up.
    Loaded,
    /// All chunks are in the target, and the rows do not add up.
    DoesNotAddUp,
    /// Some chunks or all are not in the target.
    NotLoaded,
    /// Both sides were read and are equal.
    Equal,
    /// Both sides were read and are not.
    NotEqual,
    /// It was not compared.
    NotCompared,
}

/// A finding and how it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FindingEvidence {
    #[serde(flatten)]
    finding: Finding,
    decided_by: decision::DecidedBy,
    decision: Option<String>,
}

/// A step, or in a verification the comparison of a table or a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StepEvidence {
    id: String,
    kind: &'static str,
    table: Option<String>,
    after: Vec<String>,
    state: StepOutcome,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// Milliseconds from the beginning of the command to that of the step.
    offset: Option<u64>,
    milliseconds: Option<u64>,
    rows: Option<u64>,
    bytes: Option<u64>,
    error: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum StepOutcome {
    /// Done in this run.
    Done,
    /// Done in an earlier run.
    DoneBefore,
    /// It failed, or found something that is not right.
    Failed,
    /// It was begun and not ended.
    BrokenOff,
    /// It was not begun.
    NotDone,
}

impl Outcome {
    /// The outcome in words.
    fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NothingToDo => "nothing to do",
            Self::Declined => "declined",
            Self::Refused => "refused: nothing was written",
            Self::ChecksFailed => "done, but a check failed",
            Self::Equal => "equal",
            Self::NotEqual => "not equal",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

impl TableState {
    fn words(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::DoesNotAddUp => "does not add up",
            Self::NotLoaded => "not loaded",
            Self::Equal => "equal",
            Self::NotEqual => "not equal",
            Self::NotCompared => "not compared",
        }
    }

    fn is_right(self) -> bool {
        matches!(self, Self::Loaded | Self::Equal)
    }
}

impl StepOutcome {
    fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::DoneBefore => "done before",
            Self::Failed => "failed",
            Self::BrokenOff => "broken off",
            Self::NotDone => "not done",
        }
    }
}

/// The evidence as JSON.
///
/// # Errors
/// Never for evidence; serde_json's interface has the possibility.
pub fn evidence_json(evidence: &Evidence) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(evidence).map(|text| text + "\n")
}
