//! Queries of a source in PostgreSQL's words: what a view may read, and what it is in the end.

mod relations;

pub(crate) use relations::{Readable, Relations};

use super::expression::Excess;
use super::expression::scope::Visible;

/// A view in PostgreSQL's words.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The SELECT.
    pub(crate) sql: String,
    /// Its columns, with the names that they have in the source.
    pub(crate) columns: Vec<Visible>,
    /// It sums `numeric`, exactly, where the source has binary floating point.
    pub(crate) is_exact: bool,
    /// It reads the clock: no two answers are the same.
    pub(crate) reads_clock: bool,
    /// Why its answer is not one and the same in the source either.
    pub(crate) undetermined: Option<String>,
    /// Parts of it that may leave the range of their type on the data there are.
    pub(crate) excesses: Vec<Excess>,
}

/// A view's query that fails in the source where one of its parts leaves its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailingQuery {
    /// The query, in the source's SQL.
    pub(crate) sql: String,
    /// The words that the source's error has in it.
    pub(crate) error: &'static str,
}

/// Names of tables and views that one view may come to, once each view that it reads stands in the place of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ViewLimits {
    /// At most so many for a database to be asked about the view.
    pub(crate) asked: u64,
    /// At most so many for the view to be carried over.
    pub(crate) carried: u64,
}
