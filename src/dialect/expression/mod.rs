//! Expressions of a source in PostgreSQL's words: what every engine needs for it.
//!
//! The walk over the syntax tree belongs to each engine's own room, for nearly every node means something of its own there:
//! what is true, what equals what, what a division gives. The walks share what they make and what they know: pieces of
//! PostgreSQL's SQL (`sql`) with the kind of their value (`kind`), its bounds (`extent`) and its spelling in the source
//! (`spelled`), the columns that may be named (`scope`), and the limits of parsing (`parse`).

pub(crate) mod coercion;
pub(super) mod extent;
pub(super) mod grouping;
pub(crate) mod kind;
pub(super) mod literal;
pub(super) mod parse;
pub(super) mod remarks;
pub(crate) mod scope;
pub(super) mod spelled;
pub(super) mod sql;

use sqlparser::ast::Expr;

/// Why an expression is not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslatable(pub String);

/// An expression in PostgreSQL's words, as text.
pub(crate) type Translated = Result<String, Untranslatable>;

/// Parts that may leave their range, of which notice is taken in one expression.
pub(crate) const EXCESSES: usize = 8;

/// A part of an expression that may leave the range of PostgreSQL's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excess {
    /// The part, in the source's SQL.
    pub(crate) part: String,
    /// The condition, in the source's SQL, that is true of a row where it does.
    pub(crate) condition: String,
}

/// An expression of a table in PostgreSQL's words, and what in it may leave the range of its type on the data there are.
#[derive(Debug, Clone)]
pub(crate) struct Bounded {
    pub(crate) sql: String,
    pub(crate) excesses: Vec<Excess>,
}

/// The expression without the parentheses around it.
pub(super) fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

/// The refusal of an expression of which nothing more is known.
pub(super) fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}
