//! Queries of a source in PostgreSQL's SQL: the tables that a view may read, and its translation.

mod relations;
pub(super) mod shape;

pub(crate) use relations::{KnownRelation, Relations, push};

use super::expression::RangeExcess;
use super::expression::scope::Visible;

/// A view in PostgreSQL's SQL.
#[derive(Debug, Clone)]
pub(crate) struct TranslatedView {
    /// The SELECT.
    pub(crate) sql: String,
    /// Its columns, with the names that they have in the source.
    pub(crate) columns: Vec<Visible>,
    /// It sums `numeric`, exactly, while the source has binary floating point.
    pub(crate) is_exact: bool,
    /// It reads the clock, so that its answers vary.
    pub(crate) reads_clock: bool,
    /// Reason why its answer is not determined in the source either.
    pub(crate) undetermined: Option<String>,
    /// Parts of it that may leave the range of their type on the stored data.
    pub(crate) excesses: Vec<RangeExcess>,
}

/// A view's query, changed so that it fails in the source if one of its parts leaves its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailingQuery {
    /// The query, in the source's SQL.
    pub(crate) sql: String,
    /// Text that the source's error contains.
    pub(crate) error: &'static str,
}

/// Limits on the names of tables and views in one view, after the views that it reads are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ViewLimits {
    /// Limit for querying a database about the view.
    pub(crate) asked: u64,
    /// Limit for carrying the view over.
    pub(crate) carried: u64,
}
