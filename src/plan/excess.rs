//! Parts of translated expressions that may leave the range of PostgreSQL's type on the data there are.
//!
//! SQLite goes on in floating point where an integer overflows, and to infinity where a double does; PostgreSQL fails. What
//! stands in the columns decides, and the survey asks the source.

use crate::dialect::expression::{EXCESSES, Excess as Part};

/// A part of an expression that may leave its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// The expression that it is a part of.
    pub of: ExcessOf,
    /// The source table or view.
    pub table: String,
    /// The column, index or check; empty for a view.
    pub name: String,
    /// The part, in the source's SQL.
    pub part: String,
    /// The condition that holds for a row out of range, in the source's SQL; empty where the part is only compared, in another
    /// precision.
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

impl Excess {
    /// The most parts of one expression of which notice is taken: where there are so many, there may be more.
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
