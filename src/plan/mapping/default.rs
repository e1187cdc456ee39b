//! A column's DEFAULT: what SQLite would store, written for PostgreSQL, and whether the column could keep it.
//!
//! SQLite gives a default the affinity of the column's declared type before it stores it, and never cuts it short.
//! PostgreSQL would round a number to the column's scale, and refuse a long string only when a row comes to need it.

use super::ColumnMapping;
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect::expression::{Untranslatable, default_value};
use crate::dialect::sqlite::Affinity;
use crate::value::Zone;
use crate::value::float::integer_from_double;

/// The default in PostgreSQL's SQL; `zone` is what a timestamp without zone means.
pub(super) fn default_of(text: &str, column: &ColumnMapping, zone: &Zone) -> Result<String, Untranslatable> {
    // Other numbers say the same as they are written: 0.00 stays 0.00.
    let is_other =
        matches!(column.column_type, ColumnType::Numeric(_) | ColumnType::DoublePrecision | ColumnType::Real);
    let affinity = Affinity::of(&DeclaredType::parse(&column.declared_type).base);
    let stored = if is_other { None } else { stored(text, affinity) };
    let written = default_value(stored.as_deref().unwrap_or(text), &column.column_type, zone)?;
    match too_large(&written, &column.column_type) {
        Some(what) => Err(Untranslatable(format!("{what} does not fit {}", column.column_type))),
        None => Ok(written),
    }
}

/// A literal number as the column's affinity makes SQLite store it: 1e3 in an integer column is 1000
/// (<https://www.sqlite.org/datatype3.html>, section 3). Nothing where it stays as it is.
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

/// What of a literal the type has no room for.
fn too_large(written: &str, column_type: &ColumnType) -> Option<&'static str> {
    match column_type {
        ColumnType::Varchar(Some(limit)) | ColumnType::Char(limit) => {
            let (escaped, quoted) = written.strip_prefix('E').map_or((false, written), |rest| (true, rest));
            let inner = quoted.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
            let inner = if escaped { inner.replace("\\\\", "\\") } else { inner };
            (inner.chars().count() > usize::try_from(*limit).unwrap_or(usize::MAX)).then_some("the string")
        }
        ColumnType::Numeric(Some((precision, scale))) => {
            let digits = written.trim_start_matches(['-', '+']);
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            if !(whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())) {
                return None;
            }
            let whole = whole.trim_start_matches('0').len();
            let (fraction, scale) = (fraction.trim_end_matches('0').len(), usize::try_from(*scale).unwrap_or(0));
            (fraction > scale || whole + scale > usize::from(*precision)).then_some("the number")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(text: &str, declared_type: &str, column_type: &str) -> Option<String> {
        let column = ColumnMapping {
            declared_type: declared_type.to_owned(),
            column_type: column_type.parse().unwrap(),
            ..ColumnMapping::default()
        };
        default_of(text, &column, &Zone::UTC).ok()
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
        ] {
            assert_eq!(default(text, declared, becomes).as_deref(), expected, "{text} {declared}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (text, column_type, expected) in [
            ("'abc'", "varchar(3)", Some("'abc'")),
            ("'it''s'", "varchar(3)", None),
            ("'a\\b'", "varchar(3)", Some("E'a\\\\b'")),
            ("'a\\bc'", "varchar(3)", None),
            ("'größe'", "varchar(5)", Some("'größe'")),
            ("12.50", "numeric(4,2)", Some("12.50")),
            ("12.345", "numeric(5,2)", None),
            ("-1000", "numeric(5,2)", None),
            ("12.3", "numeric(5)", None),
        ] {
            assert_eq!(default(text, "", column_type).as_deref(), expected, "{text} {column_type}");
        }
    }
}
