//! Views that are carried over, and how far their answers can be compared.

use crate::spec::ViewComparison;

/// A view of the source and its view in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewMapping {
    /// The name in the source.
    pub source: String,
    /// The name in the target, inside the target schema.
    pub target: String,
    /// The columns in the source.
    pub columns: Vec<String>,
    /// The columns whose last digits may be others than the source's: sums of decimals and doubles, by position.
    pub inexact: Vec<bool>,
    /// Why its answer is not one and the same: it reads the clock.
    pub varies: Option<String>,
    /// Why its answer is not determined in either system: rows are taken that no order decides about.
    pub undetermined: Option<String>,
    /// Whether and how far the spec lets its answers be compared.
    pub comparison: ViewComparison,
}
