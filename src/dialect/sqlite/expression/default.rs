//! A column's DEFAULT as SQLite would store it.

use super::clock::Now;
use super::random_uuid::random_uuid;
use super::translator::Translator;
use crate::catalog::ColumnType;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::remarks::Remarks;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::{Translated, Untranslatable, strip};
use crate::dialect::sqlite::affinity::Affinity;
use crate::dialect::sqlite::grammar::GRAMMAR;
use crate::value::Zone;
use crate::value::float::integer_from_double;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

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
        None => {
            let written = translator.default(strip(expression), column_type)?;
            let is_held = is_constant(strip(expression)) || translator.holds(strip(expression), column_type)?;
            is_held.then_some(written).ok_or_else(|| {
                Untranslatable(format!("what it computes does not fit {column_type}, or may not: SQLite has no limit"))
            })
        }
    })
}

/// Whether it is a literal, which is held against the column's type as it is written.
fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_constant(strip(expr)),
        Expr::Identifier(_) => Now::read(expression).is_none(),
        other => matches!(other, Expr::Value(_)),
    }
}

impl Translator<'_> {
    /// Whether a column of this type holds whatever a computed default gives: its length, its number of digits.
    fn holds(&self, expression: &Expr, column_type: &ColumnType) -> Result<bool, Untranslatable> {
        let now = Now::read(expression).map(|now| now.longest());
        let (whole, scale) = match column_type {
            ColumnType::Varchar(Some(limit)) | ColumnType::Char(limit) => {
                let longest = now.map(|(longest, _)| longest).or_else(|| longest(expression));
                return Ok(longest.is_some_and(|longest| u32::try_from(longest).is_ok_and(|longest| longest <= *limit)));
            }
            ColumnType::Numeric(Some((precision, scale))) => {
                (10_f64.powi(i32::from(*precision) - i32::from(*scale)), i64::from(*scale))
            }
            ColumnType::SmallInt => (f64::from(i16::MAX) + 1.0, 0),
            ColumnType::Integer => (f64::from(i32::MAX) + 1.0, 0),
            _ => return Ok(true),
        };
        let (is_within, decimals) = match now {
            Some((digits, decimals)) => {
                (i32::try_from(digits).is_ok_and(|digits| 10_f64.powi(digits) <= whole), Some(decimals))
            }
            None => {
                let written = self.assigned(expression, &ValueKind::of(column_type))?;
                (written.extent.is_some_and(|extent| extent.magnitude() < whole), written.decimals())
            }
        };
        Ok(is_within && decimals.is_some_and(|decimals| i64::from(decimals) <= scale))
    }
}

/// The most characters that a computed text has, where its parts say it.
fn longest(expression: &Expr) -> Option<usize> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.chars().count()),
            Value::Number(digits, _) => digits.parse::<u64>().is_ok().then_some(digits.len()),
            Value::Null => Some(0),
            _ => None,
        },
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => longest(left)?.checked_add(longest(right)?),
        other => Some(Now::read(other)?.longest().0),
    }
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

/// Whether a DEFAULT is a date with a time of day, written as text.
pub(in crate::dialect::sqlite) fn keeps_time_of_day(text: &str) -> bool {
    let is_value = |column_type| default_value(text, Affinity::Numeric, &column_type, &Zone::UTC).is_ok();
    !counts_time(text) && !is_value(ColumnType::Date) && is_value(ColumnType::Timestamp(None))
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
    fn a_time_of_day_beside_a_date_is_known() {
        for (text, keeps) in [
            ("CURRENT_TIMESTAMP", true),
            ("(datetime('now'))", true),
            ("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))", true),
            ("'2024-01-01 10:00:00'", true),
            ("CURRENT_DATE", false),
            ("(date('now'))", false),
            ("CURRENT_TIME", false),
            ("(unixepoch())", false),
            ("'2024-01-01'", false),
            ("'soon'", false),
            ("NULL", false),
            ("0", false),
        ] {
            assert_eq!(keeps_time_of_day(text), keeps, "{text}");
        }
    }

    #[test]
    fn a_computed_default_fits_its_column() {
        for (text, column_type, fits) in [
            ("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))", "varchar(20)", false),
            ("(strftime('%Y-%m-%dT%H:%M:%fZ','now'))", "varchar(24)", true),
            ("CURRENT_TIMESTAMP", "varchar(18)", false),
            ("CURRENT_TIMESTAMP", "varchar(19)", true),
            ("(strftime('%s','now'))", "varchar(9)", false),
            ("(strftime('%s','now'))", "varchar(10)", true),
            ("('at ' || date('now'))", "varchar(12)", false),
            ("('at ' || date('now'))", "varchar(13)", true),
            ("(replace('a','a','bbb'))", "varchar(2)", false),
            ("(unixepoch())", "numeric(10,2)", false),
            ("(unixepoch())", "numeric(12,2)", true),
            ("(unixepoch('subsec'))", "numeric(12,2)", false),
            ("(unixepoch())", "integer", false),
            ("(1000*1000)", "numeric(5,2)", false),
            ("(10*10)", "numeric(5,2)", true),
            ("(60*60*24)", "integer", true),
            ("(60*60*24)", "smallint", false),
            ("(60*60*24)", "bigint", true),
        ] {
            let made = default_value(text, Affinity::Blob, &column_type.parse().unwrap(), &Zone::UTC);
            assert_eq!(made.is_ok(), fits, "{text} {column_type}: {made:?}");
        }
    }

    #[test]
    fn a_default_keeps_date_and_time_of_day() {
        for (text, column_type, is_kept) in [
            ("CURRENT_TIMESTAMP", "date", false),
            ("(datetime('now'))", "time", false),
            ("(strftime('%Y-%m-%d %H:%M','now'))", "date", false),
            ("(unixepoch())", "date", false),
            ("CURRENT_DATE", "date", true),
            ("(datetime('now','start of month','+7 days'))", "date", true),
            ("(datetime('now','start of day','+12:00'))", "date", false),
            ("(strftime('%Y-%m-%d','now'))", "date", true),
            ("(strftime('%H:%M:%SZ','now'))", "time", true),
        ] {
            let made = default_value(text, Affinity::Numeric, &column_type.parse().unwrap(), &Zone::UTC);
            assert_eq!(made.is_ok(), is_kept, "{text} {column_type}: {made:?}");
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
            ("(coalesce(NULL,4))", "JSON", "jsonb", Some("(coalesce(NULL, '4'::jsonb))")),
            ("(iif(1,2,3))", "JSON", "json", Some("(CASE WHEN true THEN '2'::json ELSE '3'::json END)")),
            ("(coalesce(NULL,'x'))", "TEXT", "text", Some("(coalesce(NULL, 'x'))")),
        ] {
            let made = default_value(text, Affinity::of(declared), &becomes.parse().unwrap(), &Zone::UTC);
            assert_eq!(made.ok().as_deref(), expected, "{text} {declared}");
        }
    }
}
