//! Parts of translated expressions that may leave the range of PostgreSQL's type on the data there are.
//!
//! A source may continue in floating point if an integer overflows, and to infinity if a double does; PostgreSQL fails. The
//! stored values decide, so the survey counts them in the source.

use crate::dialect::expression::{EXCESSES, RangeExcess as Part};

/// A part of an expression that may leave its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionExcess {
    /// The expression that it is a part of.
    pub of: ExcessOf,
    /// The source table or view.
    pub table: String,
    /// The column, index or check; empty for a view.
    pub name: String,
    /// The part, in the source's SQL.
    pub part: String,
    /// The condition that holds for a row out of range, in the source's SQL; empty if the part is only compared, in
    /// another precision.
    pub condition: String,
}

/// The kind of schema object that the expression belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcessOf {
    /// A generated column.
    Generated,
    /// A CHECK.
    Check,
    /// The key or the condition of an index.
    Index,
    /// A view.
    View,
}

impl ExpressionExcess {
    /// Limit on the parts noted of one expression: at the limit there may be more.
    pub const MOST: usize = EXCESSES;

    /// The parts of one expression.
    pub(super) fn all(of: ExcessOf, table: &str, name: &str, parts: Vec<Part>) -> impl Iterator<Item = Self> {
        parts.into_iter().map(move |Part { part, condition }| Self {
            of,
            table: table.to_owned(),
            name: name.to_owned(),
            part,
            condition,
        })
    }
}
