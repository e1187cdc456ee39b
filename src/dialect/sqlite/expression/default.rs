//! A column's DEFAULT as SQLite would store it.

use super::clock::Now;
use super::random_uuid::random_uuid;
use super::translator::Translator;
use crate::catalog::ColumnType;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::{Translated, strip};
use crate::dialect::sqlite::affinity::Affinity;
use crate::dialect::sqlite::grammar::GRAMMAR;
use crate::value::Zone;
use crate::value::float::integer_from_double;
use sqlparser::ast::Expr;

/// A column's DEFAULT in PostgreSQL's SQL. SQLite gives it the affinity of the column's declared type before it stores it.
pub(in crate::dialect::sqlite) fn default_value(
    text: &str,
    affinity: Affinity,
    column_type: &ColumnType,
    zone: &Zone,
) -> Translated {
    // Other numbers have the same value as written: 0.00 stays 0.00.
    let is_other = matches!(column_type, ColumnType::Numeric(_) | ColumnType::DoublePrecision | ColumnType::Real);
    let stored = if is_other { None } else { stored(text, affinity) };
    let text = stored.as_deref().unwrap_or(text);
    let (scope, remarks) = (Scope::default(), Remarks::default());
    let translator = Translator::new(text, &scope, zone, &remarks);
    GRAMMAR.expression(text, |expression| match random_uuid(expression, column_type) {
        Some(written) => Ok(written),
        None => translator.default(strip(expression), column_type),
    })
}

/// Whether a DEFAULT writes the date and time by the clock of UTC, as text without a zone.
pub(in crate::dialect::sqlite) fn writes_utc(text: &str) -> bool {
    let writes = |expression: &Expr| Ok(Now::read(expression).is_some_and(|now| now.is_text_of_utc()));
    GRAMMAR.expression(text, writes).is_ok_and(|writes| writes)
}

/// Whether a DEFAULT is the present time as a number.
pub(in crate::dialect::sqlite) fn counts_time(text: &str) -> bool {
    let counts = |expression: &Expr| Ok(Now::read(expression).is_some_and(|now| now.is_number()));
    GRAMMAR.expression(text, counts).is_ok_and(|counts| counts)
}

/// A literal number as SQLite stores it under the affinity: 1e3 in an integer column is 1000
/// (<https://www.sqlite.org/datatype3.html>, section 3). `None` if it is unchanged.
fn stored(text: &str, affinity: Affinity) -> Option<String> {
    let trimmed = text.trim();
    let plain = trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map_or(trimmed, str::trim);
    let is_decimal = plain.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && plain.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if !is_decimal || !matches!(affinity, Affinity::Integer | Affinity::Numeric) {
        return None;
    }
    let number = plain.parse::<f64>().ok()?;
    let integer = plain.parse::<i64>().ok().or_else(|| integer_from_double(number));
    Some(integer.map_or_else(|| plain.to_owned(), |integer| integer.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_utc_is_known_in_every_spelling() {
        for text in [
            "CURRENT_TIMESTAMP",
            "(datetime('now'))",
            "(datetime('now', '+1 day'))",
            "(strftime('%Y-%m-%dT%H:%M:%f','now'))",
        ] {
            assert!(writes_utc(text), "{text}");
        }
        for text in [
            "(datetime('now','localtime'))",
            "(unixepoch())",
            "CURRENT_DATE",
            "(strftime('%Y-%m-%dT%H:%M:%fZ','now'))",
            "'now'",
        ] {
            assert!(!writes_utc(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_what_the_affinity_makes_of_them() {
        for (text, declared, becomes, expected) in [
            ("1e3", "INTEGER", "bigint", Some("1000")),
            ("1.0", "UNSIGNED BIG INT", "text", Some("'1'")),
            ("1.0", "TEXT", "text", Some("'1.0'")),
            ("'7'", "VARBINARY(10)", "bytea", None),
            ("'7.5'", "VARBINARY(10)", "bytea", None),
            ("1.5", "INTEGER", "bigint", None),
            ("'12 monkeys'", "INTEGER", "text", Some("'12 monkeys'")),
            ("(NOT 0)", "BOOLEAN", "boolean", Some("(NOT (false))")),
        ] {
            let made = default_value(text, Affinity::of(declared), &becomes.parse().unwrap(), &Zone::UTC);
            assert_eq!(made.ok().as_deref(), expected, "{text} {declared}");
        }
    }
}
