//! Outcome of a verification.

use super::not_compared::Uncompared;
use super::sample::Sample;
use super::structure::StructureChange;
use crate::run::CheckResult;
use serde::{Serialize, Serializer};
use std::fmt;

/// Result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether both sides hold the same values, as far as they were compared, and no check failed with more than a
    /// warning.
    pub equal: bool,
    /// Part of every table that was compared; absent if tables were compared whole.
    pub sample: Option<Sample>,
    /// Pending steps of the plan; they may be keys and indexes, which do not concern values.
    pub pending: usize,
    /// Tables of the plan that were not asked for; the checks were left out with them.
    pub tables_left_out: usize,
    /// Parts that were not compared, with reasons: a difference there would not have been seen.
    pub not_compared: Vec<Uncompared>,
    /// Columns whose values PostgreSQL's own input function has read on both sides: transship has no meaning of its own for
    /// their types. By table and column.
    pub judged_by_postgresql: Vec<JudgedColumn>,
    /// The tables, by name.
    pub tables: Vec<TableResult>,
    /// The spec's checks, by name.
    pub checks: Vec<CheckResult>,
    /// The migrated views, by name.
    pub views: Vec<ViewResult>,
    /// Changes of the structure that `apply` left: a missing or altered object, or a sequence that would hand out keys
    /// which rows already have.
    pub structure: Vec<StructureChange>,
    /// The sequences from which columns draw their numbers, beside the rows; empty if only some tables were asked for.
    pub sequences: Vec<SequenceResult>,
}

/// A column whose values PostgreSQL itself has read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct JudgedColumn {
    /// The table in the source.
    pub table: String,
    /// The column in the source.
    pub column: String,
    /// The type in the target.
    pub column_type: String,
}

/// A sequence beside the rows of a column that draws from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SequenceResult {
    /// The sequence, as PostgreSQL names it.
    pub sequence: String,
    /// The table in the source.
    pub table: String,
    /// The column in the target.
    pub column: String,
    /// The next number; absent if it has none left.
    pub next: Option<i64>,
    /// The last key that a row has, in the direction in which the sequence counts.
    pub last_key: Option<i64>,
    /// Whether the next number is free.
    pub state: SequenceState,
}

/// State of a sequence beside the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SequenceState {
    /// No row has its next number, or has had it.
    Free,
    /// It would hand out numbers that rows have: a difference of the structure.
    Behind,
    /// It has given its last number, and the next INSERT that draws from it fails.
    Exhausted,
}

/// Comparison of a view's answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ViewResult {
    /// The view in the source.
    pub view: String,
    /// Whether both sides give the same rows, in any order; absent if the answers were not compared.
    pub equal: Option<bool>,
    /// Reason for which the view was not compared, or cannot be.
    pub reason: Option<String>,
    /// Rows of the source's answer, if it was compared.
    pub source_rows: Option<u64>,
    /// Rows of the target's answer.
    pub target_rows: Option<u64>,
    /// Rows of the source's answer that the target's does not have.
    pub missing: u64,
    /// Rows of the target's answer that the source's does not have.
    pub extra: u64,
    /// Columns whose values were not compared: the source keeps them in a form of its own.
    pub columns_left_out: Vec<String>,
    /// Some of these rows, by their position in the answer.
    pub examples: Vec<RowDifference>,
}

impl ViewResult {
    /// Whether the two answers differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.equal == Some(false)
    }
}

/// Comparison of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TableResult {
    /// The table in the source.
    pub table: String,
    /// Rows in the source, counted there.
    pub source_rows: u64,
    /// Rows in the target, counted there.
    pub target_rows: u64,
    /// Source rows that the target had already and that were not written again, by the ledger; they are compared as all others.
    #[serde(skip_serializing_if = "is_none")]
    pub already_there_rows: u64,
    /// Rows among them with other values in the target, which stay as the spec says (`merge.prefer = "target"`).
    #[serde(skip_serializing_if = "is_none")]
    pub target_preferred_rows: u64,
    /// Source rows that do not fit and are rejected as the spec permits, found by reading the source; if only a sample
    /// was read, the ledger's number.
    pub rejected_rows: u64,
    /// Source values that became NULL as the spec permits, among the rows that were read.
    pub nulled_values: u64,
    /// Source values that have more digits than the column keeps, among the rows that were read: what the spec's `fraction`
    /// makes of them was compared.
    pub shortened_values: u64,
    /// Source rows that the spec's `where` leaves behind.
    pub filtered_rows: u64,
    /// The digest of a table: the sum of the hashes of its rows' meanings, independent of their order; the same for
    /// equal tables, and the only digest of a table in any document. This one is of the source's rows that belong into
    /// the target, or of a sample's; absent if one side could not be read.
    pub source_digest: Option<String>,
    /// The same digest of the target's rows.
    pub target_digest: Option<String>,
    /// Rows of the source that the target does not have.
    pub missing: u64,
    /// Rows of the target that the source does not have.
    pub extra: u64,
    /// Whether extra rows are no difference: the spec lets the target keep rows of its own (`existing_rows = "keep"`).
    pub extra_allowed: bool,
    /// Rows that both have under one key, with other values.
    pub different: u64,
    /// Number of the source's rows that a sample compared: missing, extra and different are counted among them alone.
    /// Absent without a sample.
    pub sampled_rows: Option<u64>,
    /// Some of these rows.
    pub examples: Vec<RowDifference>,
    /// Keys of some rows that are not in the target as they were in the source, with the spec's leave.
    #[serde(skip_serializing_if = "ChangedRows::is_empty")]
    pub keys: ChangedRows,
    /// Reason for which the target could not be read (the table, a column or a privilege is missing), or the fault of
    /// the ledger's rejected rows.
    pub problem: Option<String>,
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

/// Keys of the first rows of a table that are not in the target as they were in the source, by what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ChangedRows {
    /// Rows that are in the ledger instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
    /// Rows with a value that became NULL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nulled: Vec<String>,
    /// Rows with a value that lost digits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shortened: Vec<String>,
    /// Rows that the spec leaves behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filtered: Vec<String>,
    /// Rows that keep the target's own values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub target_preferred: Vec<String>,
}

impl ChangedRows {
    /// Whether no row is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Kind of a difference between the rows of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// The target does not have the row.
    Missing,
    /// The source does not have the row.
    Extra,
    /// Both have the row, with other values.
    Different,
    /// The row keeps the target's own values, as the spec says: no difference.
    Stays,
}

impl DifferenceKind {
    /// Its word, in JSON and in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Different => "different",
            Self::Stays => "stays",
        }
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Serialize for DifferenceKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Difference of one row or value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// Row's key in the target; empty if the table has none.
    pub key: String,
    /// Column in the target; absent if the whole row is missing or extra.
    pub column: Option<String>,
    /// Source's value, if values may be shown.
    pub source: Option<String>,
    /// Target's value, if values may be shown.
    pub target: Option<String>,
    /// Kind of the difference.
    pub kind: DifferenceKind,
    /// Reason for which the target's column cannot hold the source's value, without the value; absent if it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TableResult {
    /// Extra rows that the spec lets the target keep.
    #[must_use]
    pub fn kept_rows(&self) -> u64 {
        if self.extra_allowed { self.extra } else { 0 }
    }

    /// Whether the rows add up: source = target + rejected + filtered, without the rows that the target may keep.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let accounted = self.target_rows + self.rejected_rows + self.filtered_rows;
        if self.extra_allowed && self.sampled_rows.is_some() {
            // A sample does not tell the number of the target's own rows.
            return self.source_rows <= accounted;
        }
        self.source_rows + self.kept_rows() == accounted
    }

    /// Whether the table is equal as far as it was compared: no difference, and the rows add up.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.problem.is_none()
            && self.missing == 0
            && (self.extra == 0 || self.extra_allowed)
            && self.different == 0
            && self.adds_up()
    }
}
