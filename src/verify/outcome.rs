//! Outcome of a verification.

use super::not_compared::Uncompared;
use super::sample::Sample;
use super::structure::StructureChange;
use crate::run::CheckResult;
use serde::Serialize;

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether both sides hold the same values, as far as was looked, and no check failed that is more than a warning.
    pub equal: bool,
    /// The part of every table that was compared, where it was not all of it.
    pub sample: Option<Sample>,
    /// Steps of the plan that are not done yet: keys and indexes among them are no matter of values.
    pub pending: usize,
    /// Tables of the plan that were not asked for; then the checks were not asked either.
    pub tables_left_out: usize,
    /// Parts that were not compared, and why: a difference there would not have been seen.
    pub not_compared: Vec<Uncompared>,
    /// The tables, by name.
    pub tables: Vec<TableResult>,
    /// The spec's checks, by name.
    pub checks: Vec<CheckResult>,
    /// The views that are carried over, by name.
    pub views: Vec<ViewResult>,
    /// Changes in the structure that `apply` left behind: an object that is gone or altered, or a sequence that
    /// would hand out keys which rows already have.
    pub structure: Vec<StructureChange>,
}

/// The comparison of a view's answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ViewResult {
    /// The view in the source.
    pub view: String,
    /// Whether both sides give the same rows, in whatever order; absent where that was not compared.
    pub equal: Option<bool>,
    /// Why it was not compared, or cannot be.
    pub reason: Option<String>,
    /// Rows of the source's answer, where it was compared.
    pub source_rows: Option<u64>,
    /// Rows of the target's answer.
    pub target_rows: Option<u64>,
    /// Rows of the source's answer that the target's does not have.
    pub missing: u64,
    /// Rows of the target's answer that the source's does not have.
    pub extra: u64,
    /// Columns whose values were not compared: the source keeps them in a form of its own.
    pub columns_left_out: Vec<String>,
    /// Some of the rows, by their place in the answer.
    pub examples: Vec<Difference>,
}

impl ViewResult {
    /// Whether the two sides answer otherwise.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.equal == Some(false)
    }
}

/// The comparison of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TableResult {
    /// The table in the source.
    pub table: String,
    /// All rows in the source, counted there.
    pub source_rows: u64,
    /// All rows in the target, counted there.
    pub target_rows: u64,
    /// Source rows that do not fit and are rejected with the spec's leave, found by reading the source; where only a
    /// sample was read, as the ledger has them.
    pub rejected_rows: u64,
    /// Source values in whose place the target has NULL with the spec's leave, among the rows that were read.
    pub nulled_values: u64,
    /// Source rows that the spec's `where` leaves behind.
    pub filtered_rows: u64,
    /// The digest of a table: the sum of the hashes of what its rows mean, in whatever order they are read; the same for equal
    /// tables, and the only digest of a table in any document. Here of the source's rows that belong into the target, those of
    /// the sample where it is one; absent where one side could not be read.
    pub source_digest: Option<String>,
    /// The same of the target's rows: equal where these are the same rows.
    pub target_digest: Option<String>,
    /// Rows of the source that the target does not have.
    pub missing: u64,
    /// Rows of the target that the source does not have.
    pub extra: u64,
    /// Whether extra rows are no difference: the spec lets the target keep rows of its own (`existing_rows = "keep"`).
    pub extra_allowed: bool,
    /// Rows that both have under one key, with other values.
    pub different: u64,
    /// How many of the source's rows were compared, where it was a sample: then missing, extra and different are counted
    /// among them alone.
    pub sampled_rows: Option<u64>,
    /// Some of these rows.
    pub examples: Vec<Difference>,
    /// Why the target could not be read (the table or a column is gone, a privilege is missing), or what is wrong with
    /// the ledger's rejected rows.
    pub problem: Option<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The row's key in the target; empty where the table has none.
    pub key: String,
    /// The column in the target; absent where the whole row is missing or extra.
    pub column: Option<String>,
    /// The source's value, where values may be shown.
    pub source: Option<String>,
    /// The target's value, where values may be shown.
    pub target: Option<String>,
    /// missing, extra or different.
    pub kind: &'static str,
    /// Why the target's column cannot hold the source's value, without the value; absent where it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl TableResult {
    /// Rows of the target that the source does not have, and that the spec lets stay.
    #[must_use]
    pub fn kept_rows(&self) -> u64 {
        if self.extra_allowed { self.extra } else { 0 }
    }

    /// Whether the rows add up: source = target + rejected + filtered, beside those that the target may keep.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let accounted = self.target_rows + self.rejected_rows + self.filtered_rows;
        if self.extra_allowed && self.sampled_rows.is_some() {
            // How many rows of its own the target has is not known from a sample.
            return self.source_rows <= accounted;
        }
        self.source_rows + self.kept_rows() == accounted
    }

    /// Whether the table arrived whole, as far as was looked: no difference, and the rows add up.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.problem.is_none()
            && self.missing == 0
            && (self.extra == 0 || self.extra_allowed)
            && self.different == 0
            && self.adds_up()
    }
}
