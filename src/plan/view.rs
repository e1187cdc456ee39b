//! Views that are carried over, and the limits of comparing their answers.

use crate::spec::ViewComparison;
use std::collections::BTreeSet;

/// A view of the source and its view in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewMapping {
    /// The name in the source.
    pub source: String,
    /// The name in the target, inside the target schema.
    pub target: String,
    /// Its columns.
    pub columns: Vec<ViewColumn>,
    /// The source tables that it reads, directly or through other views, in lower case; all tables if the spec gives
    /// its SQL.
    pub reads: BTreeSet<String>,
    /// The limit on names up to which a side is queried, if the view has more of them after the views that it reads are
    /// expanded.
    pub exceeds: Option<u64>,
    /// Reason why its answer varies: it reads the clock.
    pub varies: Option<String>,
    /// Reason why its answer is not determined in either system: it takes some of several rows that no order tells
    /// apart.
    pub undetermined: Option<String>,
    /// The spec's limits on comparing its answers.
    pub comparison: ViewComparison,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewColumn {
    /// The name in the source.
    pub name: String,
    /// Its last digits may differ from the source's: a sum of decimals or doubles.
    pub is_inexact: bool,
    /// The source stores it in another form, which the migration converts (`from = "unix_ms"`).
    pub is_converted: bool,
}
