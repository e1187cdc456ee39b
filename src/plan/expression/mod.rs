//! SQLite's SQL expressions in PostgreSQL's words: defaults, CHECKs, conditions of partial indexes, index keys.
//!
//! The expression is parsed by sqlparser and written again node by node. Every part has a kind: PostgreSQL compares
//! only what is alike, where SQLite compares anything, and a translation that PostgreSQL would refuse is of no use. What
//! is not known to mean the same on both sides is refused with the reason; it is then listed as omitted, never guessed.

pub(super) mod aggregate;
mod clock;
mod collation;
mod function;
pub(super) mod kind;
mod literal;
mod moment;
mod operator;
mod pattern;
pub(super) mod scope;
#[cfg(test)]
mod tests;
pub(super) mod translator;

use crate::catalog::ColumnType;
use crate::value::Zone;
use kind::Kind;
use scope::Scope;
use sqlparser::ast::Expr;
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;
use translator::{Remarks, Translator};

/// Why an expression is not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslatable(pub String);

type Translated = Result<String, Untranslatable>;

/// A column's DEFAULT; `zone` is what a timestamp without zone means.
///
/// # Errors
/// What has no equal in PostgreSQL, or none that transship knows.
pub fn default_value(text: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
    let expression = parse(text)?;
    let (scope, remarks) = (Scope::default(), Remarks::default());
    Translator::new(text, &scope, zone, &remarks).default(strip(&expression), column_type)
}

/// The time of the statement as a value of this type; `None` where the expression is something else.
pub(super) fn present(expression: &Expr, column_type: &ColumnType) -> Option<String> {
    let kind = Kind::of(column_type);
    let written = clock::Now::read(expression)?.write(Some(kind), expression).ok()?;
    written.kind.fits(kind).then_some(written.text)
}

/// A condition over the columns of one table, for a CHECK.
///
/// # Errors
/// As for [`default_value`].
pub(super) fn condition(text: &str, scope: &Scope<'_>) -> Translated {
    let expression = parse(text)?;
    Translator::new(text, scope, &Zone::UTC, &Remarks::default()).truth(&expression)
}

/// The condition of a partial index.
///
/// # Errors
/// As for [`default_value`].
pub(super) fn predicate(text: &str, scope: &Scope<'_>) -> Translated {
    let (expression, remarks) = (parse(text)?, Remarks::default());
    remarks.immutable(Translator::new(text, scope, &Zone::UTC, &remarks).truth(&expression)?)
}

/// The expression of an index key, and whether it is text.
///
/// # Errors
/// As for [`default_value`].
pub(super) fn index_key(text: &str, scope: &Scope<'_>) -> Result<(String, bool), Untranslatable> {
    let (expression, remarks) = (parse(text)?, Remarks::default());
    let written = Translator::new(text, scope, &Zone::UTC, &remarks).write(&expression, None)?;
    Ok((remarks.immutable(written.text)?, written.kind == Kind::Text))
}

/// The expression of a generated column of this type.
///
/// # Errors
/// As for [`default_value`].
pub(super) fn generated(text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Translated {
    let (expression, remarks) = (parse(text)?, Remarks::default());
    let written = Translator::new(text, scope, &Zone::UTC, &remarks).assigned(&expression, &Kind::of(column_type))?;
    if remarks.is_exact.get() {
        let reason = "it computes with decimals, which SQLite does in binary floating point and PostgreSQL exactly";
        return Err(Untranslatable(reason.to_owned()));
    }
    remarks.immutable(written)
}

pub(super) fn parse(text: &str) -> Result<Expr, Untranslatable> {
    let unreadable = |error: ParserError| Untranslatable(format!("it cannot be parsed ({error})"));
    let mut parser = Parser::new(&SQLiteDialect {}).try_with_sql(text).map_err(unreadable)?;
    let expression = parser.parse_expr().map_err(unreadable)?;
    match &parser.peek_token().token {
        Token::EOF => Ok(expression),
        other => Err(Untranslatable(format!("it cannot be parsed beyond `{other}`"))),
    }
}

/// The expression without the parentheses around it.
pub(super) fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}
