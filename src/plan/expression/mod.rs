//! SQLite's SQL expressions in PostgreSQL's words: defaults, CHECKs, conditions of partial indexes, index keys.
//!
//! The expression is parsed by sqlparser and written again node by node. Every part has a kind: PostgreSQL compares
//! only what is alike, where SQLite compares anything, and a translation that PostgreSQL would refuse is of no use. What
//! is not known to mean the same on both sides is refused with the reason; it is then listed as omitted, never guessed.

mod clock;
mod function;
mod kind;
mod literal;
mod operator;
mod pattern;
#[cfg(test)]
mod tests;
mod translator;

use super::mapping::ColumnMapping;
use crate::catalog::ColumnType;
use crate::value::Zone;
use kind::Kind;
use sqlparser::ast::Expr;
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;
use translator::Translator;

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
    Translator::new(text, &[], zone).default(strip(&expression), column_type)
}

/// A condition over the columns of one table.
///
/// # Errors
/// As for [`default_value`].
pub fn condition(text: &str, columns: &[ColumnMapping]) -> Translated {
    let expression = parse(text)?;
    Translator::new(text, columns, &Zone::UTC).truth(&expression)
}

/// The expression of an index key.
///
/// # Errors
/// As for [`default_value`].
pub fn index_key(text: &str, columns: &[ColumnMapping]) -> Translated {
    let expression = parse(text)?;
    let written = Translator::new(text, columns, &Zone::UTC).write(&expression, None)?;
    Ok(written.text)
}

/// The expression of a generated column of this type.
///
/// # Errors
/// As for [`default_value`].
pub fn generated(text: &str, columns: &[ColumnMapping], column_type: &ColumnType) -> Translated {
    let expression = parse(text)?;
    Translator::new(text, columns, &Zone::UTC).assigned(&expression, &Kind::of(column_type))
}

fn parse(text: &str) -> Result<Expr, Untranslatable> {
    let unreadable = |error: ParserError| Untranslatable(format!("it cannot be parsed ({error})"));
    let mut parser = Parser::new(&SQLiteDialect {}).try_with_sql(text).map_err(unreadable)?;
    let expression = parser.parse_expr().map_err(unreadable)?;
    match &parser.peek_token().token {
        Token::EOF => Ok(expression),
        other => Err(Untranslatable(format!("it cannot be parsed beyond `{other}`"))),
    }
}

/// The expression without the parentheses around it.
fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}
