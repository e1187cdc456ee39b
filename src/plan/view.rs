//! Views that are carried over, and how far their answers can be compared.

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
    /// The source tables that it reads, by itself or by the views that it reads, in lower case; all tables where the spec
    /// gives its SQL.
    pub reads: BTreeSet<String>,
    /// The number of names up to which a side is asked, if the view comes to more of them once each view that it reads stands
    /// in the place of its name.
    pub exceeds: Option<u64>,
    /// Why its answer is not one and the same: it reads the clock.
    pub varies: Option<String>,
    /// Why its answer is not determined in either system: rows are taken that no order decides about.
    pub undetermined: Option<String>,
    /// Whether and how far the spec lets its answers be compared.
    pub comparison: ViewComparison,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewColumn {
    /// The name in the source.
    pub name: String,
    /// Its last digits may be others than the source's: a sum of decimals or doubles.
    pub is_inexact: bool,
    /// The source keeps it in another form, which only the migration understands (`from = "unix_ms"`).
    pub is_converted: bool,
}
