//! Evidence: work and results of a run of `apply` or `verify`, as one file for the archive.
//!
//! Unlike a plan it holds times. It names rows by key, never by value, and has neither host names nor secrets in it.

mod chart;
mod decision;
mod facts;
mod fates;
mod junit;
mod page;
mod sentence;
mod timeline;

pub use decision::DecidingOptions;
pub use facts::{EvidencedCommand, RunFacts};
pub use junit::evidence_junit;
pub(super) use page::duration;
pub use page::evidence_html;
pub use timeline::Timeline;

use crate::catalog::SnapshotState;
use crate::plan::digest::InputDigests;
use crate::plan::{Finding, Omitted};
use crate::run::CheckResult;
use crate::spec::Decision;
use crate::target::ledger::RunState;
use crate::verify::{
    ChangedRows, JudgedColumn, RowDifference, Sample, SequenceResult, StructureChange, Uncompared, ViewResult,
};
use serde::Serialize;

/// The document. Keys may be added, never renamed; `specs/evidence.schema.json` describes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Version of the document's form.
    evidence: u32,
    command: &'static str,
    outcome: CommandEnd,
    passed: bool,
    exit_code: i32,
    message: Option<String>,
    notes: Vec<String>,
    /// Part of every table that was compared; absent if tables were compared whole.
    sample: Option<Sample>,
    migration: String,
    spec: String,
    schema: String,
    started_at: String,
    finished_at: String,
    milliseconds: u64,
    versions: EvidenceVersions,
    run: Option<i64>,
    /// The state of a server that was read, and how all connections got it; absent for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_snapshot: Option<SnapshotState>,
    digests: Option<Digests>,
    /// The decisions of the spec, in its author's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decision>,
    rows: RowCounts,
    tables: Vec<TableEvidence>,
    findings: Vec<FindingEvidence>,
    omitted: Vec<Omitted>,
    /// Tables and views that `verify` did not compare.
    not_compared: Vec<Uncompared>,
    checks: Vec<CheckResult>,
    views: Vec<ViewResult>,
    /// Structure that differs from what `apply` left; empty except for `verify`.
    structure: Vec<StructureChange>,
    /// Sequences beside the rows that draw from them; empty except for `verify`.
    sequences: Vec<SequenceResult>,
    /// Columns whose values PostgreSQL itself has read on both sides; empty except for `verify`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    judged_by_postgresql: Vec<JudgedColumn>,
    steps: Vec<StepEvidence>,
    /// The runs of the migration, the earliest first.
    runs: Vec<RunEvidence>,
}

/// A run in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct RunEvidence {
    run: i64,
    state: RunState,
    started_at: String,
    finished_at: Option<String>,
    milliseconds: Option<u64>,
}

/// Outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandEnd {
    /// `apply` has done all steps.
    Done,
    /// `apply` found all steps done.
    NothingToDo,
    /// `apply` asked, and the answer was no.
    Declined,
    /// A finding blocks, or the state has drifted from the reviewed plan: nothing was written.
    Refused,
    /// A check got a wrong answer.
    ChecksFailed,
    /// Both sides are equal and every check passed.
    Equal,
    /// The sides differ, or a check failed.
    NotEqual,
    /// The command was interrupted.
    Interrupted,
    /// The command failed while running.
    Failed,
}

/// Versions of the programs that took part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct EvidenceVersions {
    transship: &'static str,
    postgresql: Option<String>,
    /// The library that reads the source; `None` for a server.
    #[serde(rename = "sqlite")]
    library: Option<&'static str>,
}

/// Digests that bind the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Digests {
    plan: String,
    #[serde(flatten)]
    inputs: InputDigests,
}

/// The row equation of all tables together: source = loaded + there already + rejected + filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct RowCounts {
    source: u64,
    loaded: u64,
    /// Rows that the target had already.
    #[serde(skip_serializing_if = "is_zero")]
    already_there: u64,
    rejected: u64,
    filtered: u64,
    /// The target's own rows that the spec lets it keep.
    kept: u64,
    adds_up: bool,
}

fn is_zero(rows: &u64) -> bool {
    *rows == 0
}

/// A table's row equation and digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TableEvidence {
    table: String,
    /// The table's own schema; absent where all tables are in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    target: String,
    state: TableState,
    rows: RowCounts,
    nulled_values: u64,
    shortened_values: u64,
    /// Number of rows that a sample compared; the digests are of these. Absent without a sample.
    sampled_rows: Option<u64>,
    /// Table's digest, which `verify` computes of the meaning of each side's rows; absent for `apply`, which proves
    /// nothing.
    source_digest: Option<String>,
    target_digest: Option<String>,
    missing: Option<u64>,
    extra: Option<u64>,
    different: Option<u64>,
    examples: Vec<RowDifference>,
    problem: Option<String>,
    /// Rows whose own values the target keeps (`merge.prefer = "target"`), as `verify` has found them.
    #[serde(skip_serializing_if = "is_zero")]
    target_preferred_rows: u64,
    /// Keys of some rows that are not in the target as they were in the source; empty for `apply`, whose findings name them.
    #[serde(skip_serializing_if = "ChangedRows::is_empty")]
    keys: ChangedRows,
}

/// State of a table in the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum TableState {
    /// All chunks are loaded, and the rows add up.
    Loaded,
    /// All chunks are loaded, and the rows do not add up.
    DoesNotAddUp,
    /// Some or all chunks are not loaded.
    NotLoaded,
    /// Both sides were read and are equal.
    Equal,
    /// Both sides were read and differ.
    NotEqual,
    /// The table was not compared.
    NotCompared,
}

/// Finding and the decision about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FindingEvidence {
    #[serde(flatten)]
    finding: Finding,
    decided_by: decision::DecidedBy,
    decision: Option<String>,
}

/// Step; in a verification, the comparison of a table or a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct StepEvidence {
    id: String,
    kind: &'static str,
    /// The run that has done the step; `None` for a comparison, and for what was not done.
    run: Option<i64>,
    table: Option<String>,
    after: Vec<String>,
    state: StepOutcome,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// Milliseconds from the beginning of the command to the beginning of the step.
    offset: Option<u64>,
    milliseconds: Option<u64>,
    rows: Option<u64>,
    bytes: Option<u64>,
    error: Option<String>,
}

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum StepOutcome {
    /// Done in this run.
    Done,
    /// Done in an earlier run.
    DoneBefore,
    /// The step failed, or a check found something wrong.
    Failed,
    /// The step was interrupted.
    #[serde(rename = "broken_off")]
    Interrupted,
    /// The step is pending.
    NotDone,
}

impl CommandEnd {
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
            Self::Interrupted => "interrupted",
            Self::NotDone => "not done",
        }
    }
}

/// The evidence as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but evidence always serializes.
pub fn evidence_json(evidence: &Evidence) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(evidence).map(|text| text + "\n")
}
