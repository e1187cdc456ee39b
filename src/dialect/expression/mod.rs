//! Translation of a source's expressions to PostgreSQL: the part shared by all engines.
//!
//! The walk over the syntax tree is in each engine's own room, since nearly every node has its own meaning there:
//! truth, equality, division. The walks share their results and their context: pieces of PostgreSQL's SQL (`sql`) with
//! the kind of their value (`kind`), its bounds (`extent`) and its spelling in the source (`spelled`), the visible
//! columns (`scope`), and the limits of parsing (`parse`).

pub(crate) mod coercion;
pub(super) mod grouping;
pub(crate) mod kind;
pub(super) mod literal;
pub(super) mod number_range;
pub(super) mod parse;
pub(super) mod remarks;
pub(crate) mod scope;
pub(super) mod spelled;
pub(super) mod sql;

use sqlparser::ast::{Expr, Value};

/// Reason why an expression is not translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslatable(pub String);

/// An expression in PostgreSQL's SQL, as text.
pub(crate) type Translated = Result<String, Untranslatable>;

/// Limit on the parts noted of one expression.
pub(crate) const EXCESSES: usize = 8;

/// A part of an expression that may leave the range of PostgreSQL's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RangeExcess {
    /// The part, in the source's SQL.
    pub(crate) part: String,
    /// The condition, in the source's SQL, that is true for a row in which it does.
    pub(crate) condition: String,
}

/// An expression of a table in PostgreSQL's SQL, and its parts that may leave the range of their type on the stored
/// data.
#[derive(Debug, Clone)]
pub(crate) struct Bounded {
    pub(crate) sql: String,
    pub(crate) excesses: Vec<RangeExcess>,
}

/// The expression without the parentheses around it.
pub(super) fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

/// A number without sign or fraction.
pub(super) fn natural(expression: &Expr) -> Option<u32> {
    number_literal(expression)?.parse().ok()
}

/// The text of a number without sign, in parentheses or not.
pub(super) fn number_literal(expression: &Expr) -> Option<&str> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(digits),
            _ => None,
        },
        _ => None,
    }
}

/// The refusal of a JSON_VALID whose argument is no document.
pub(super) fn valid_json_of_text(expression: &Expr) -> Untranslatable {
    Untranslatable(format!(
        "`{expression}` asks of a text what a jsonb column holds by its type: `type = \"jsonb\"` carries it"
    ))
}

/// The refusal of an expression for no more specific reason.
pub(super) fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}
