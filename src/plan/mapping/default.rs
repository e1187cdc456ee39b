//! A column's DEFAULT: the value that the source would store, in PostgreSQL's SQL, and whether the column can hold it.
//!
//! A source may have a default that the target's column cannot hold: SQLite never cuts one short. PostgreSQL would
//! round a number to the column's scale, and refuse a long string only when a row needs it.

use super::ColumnMapping;
use crate::catalog::ColumnType;
use crate::dialect::Dialect;
use crate::dialect::expression::Untranslatable;
use crate::name::quote_literal;
use crate::value::forgetting::Fraction;
use crate::value::text::decode_twice_encoded;
use crate::value::{Reading, ZeroDates, Zone, temporal};
use std::borrow::Cow;

/// The default in PostgreSQL's SQL; `zone` is the zone of a timestamp without one.
pub(super) fn default_of(
    dialect: &dyn Dialect,
    text: &str,
    column: &ColumnMapping,
    zone: &Zone,
) -> Result<String, Untranslatable> {
    let text = &*as_read(text, column)?;
    if let Some(decided) = zero_date(text, column) {
        return decided;
    }
    if let Some(list) = list(text, column) {
        return Ok(list);
    }
    if let Some(text) = judged(text, column) {
        return Ok(text);
    }
    let written = dialect.default_value(text, column.converting_type(), &column.column_type, zone)?;
    // A literal without a type becomes the enum's label.
    let is_enum = column.has_own_enum();
    let written = if is_enum { written.strip_suffix("::text").unwrap_or(&written).to_owned() } else { written };
    match too_large(&written, &column.column_type) {
        Some(what) => Err(Untranslatable(format!("{what} does not fit {}", column.column_type))),
        None => Ok(written),
    }
}

/// The default as the values of the column are read, still in the source's SQL: the source stores it as it stores them.
fn as_read<'a>(text: &'a str, column: &ColumnMapping) -> Result<Cow<'a, str>, Untranslatable> {
    let unread = || Untranslatable(format!("the column's values are read with `from = \"{}\"`", column.reading));
    let is_bytes = || text.starts_with(['x', 'X']) || text.starts_with("0x");
    match column.reading {
        _ if text.trim_matches(['(', ')', ' ']).eq_ignore_ascii_case("null") => Ok(text.into()),
        // Text of ASCII is the same however often it was encoded.
        Reading::DoubleUtf8 | Reading::MixedUtf8 if !text.is_ascii() => {
            let mut decoded = Vec::new();
            match (decode_twice_encoded(text, &mut decoded), column.reading) {
                (Ok(()), _) => Ok(String::from_utf8(decoded).map_err(|_| unread())?.into()),
                (Err(_), Reading::MixedUtf8) => Ok(text.into()),
                (Err(_), _) => Err(unread()),
            }
        }
        // Bytes are no text of digits.
        Reading::Hex | Reading::Base64 if is_bytes() => Ok(text.into()),
        Reading::Literal | Reading::Hex | Reading::Base64 | Reading::Microseconds | Reading::EpochInterval => {
            Err(unread())
        }
        _ => Ok(text.into()),
    }
}

/// The default of a list of texts, which the source writes with commas between them.
fn list(text: &str, column: &ColumnMapping) -> Option<String> {
    if column.column_type != ColumnType::TextArray {
        return None;
    }
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
    let elements = inner.split(',').filter(|_| !inner.is_empty()).map(quote_literal).collect::<Vec<_>>();
    Some(format!("ARRAY[{}]::text[]", elements.join(", ")))
}

/// The default of a column whose values PostgreSQL reads: the same text, which the trial of the table's statement shows to be
/// one. An empty JSON array is an empty array.
fn judged(text: &str, column: &ColumnMapping) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'').filter(|_| column.is_judged())?;
    let is_plain = !inner.replace("''", "").contains(['\'', '\\', '\0']);
    match inner {
        "[]" => Some("'{}'".to_owned()),
        _ => is_plain.then(|| text.to_owned()),
    }
}

/// The default that stands in place of a date which no calendar has, as the spec decides about those that are stored.
fn zero_date(text: &str, column: &ColumnMapping) -> Option<Result<String, Untranslatable>> {
    let is_date =
        matches!(column.column_type, ColumnType::Date | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_));
    if !is_date || !is_zero_date(text) {
        return None;
    }
    Some(match column.forgetting.zero_dates {
        ZeroDates::Epoch => Ok("'1970-01-01 00:00:00+00'".to_owned()),
        ZeroDates::MinusInfinity => Ok("'-infinity'".to_owned()),
        ZeroDates::Null if !column.not_null => Ok("NULL".to_owned()),
        ZeroDates::Null | ZeroDates::Refused => {
            Err(Untranslatable(format!("{text} is no date of any calendar; `zero_dates` decides")))
        }
    })
}

/// Whether a default is a date that no calendar has.
pub(super) fn is_zero_date(text: &str) -> bool {
    let literal = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let read = literal.map(|literal| temporal::timestamp(literal.as_bytes(), &Zone::UTC, Fraction::exactly(6)));
    read.is_some_and(|read| read.is_err_and(|bad| bad.is_zero_date()))
}

/// The part of a literal that the type cannot hold: its fraction, its length.
fn too_large(written: &str, column_type: &ColumnType) -> Option<&'static str> {
    match column_type {
        ColumnType::Varchar(Some(limit)) | ColumnType::Char(limit) => {
            let (escaped, quoted) = written.strip_prefix('E').map_or((false, written), |rest| (true, rest));
            let inner = quoted.strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
            let inner = if escaped { inner.replace("\\\\", "\\") } else { inner };
            (inner.chars().count() > usize::try_from(*limit).unwrap_or(usize::MAX)).then_some("the string")
        }
        ColumnType::Numeric(Some((precision, scale))) => {
            let (whole, fraction) = digits(written)?;
            let whole = whole.trim_start_matches('0').len();
            let (fraction, scale) = (fraction.trim_end_matches('0').len(), usize::try_from(*scale).unwrap_or(0));
            (fraction > scale || whole + scale > usize::from(*precision)).then_some("the number")
        }
        ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            let (whole, fraction) = digits(written)?;
            let sign = if written.starts_with('-') { "-" } else { "" };
            let number = format!("{sign}0{whole}").parse::<i64>();
            let is_held = match column_type {
                ColumnType::SmallInt => number.is_ok_and(|number| i16::try_from(number).is_ok()),
                ColumnType::Integer => number.is_ok_and(|number| i32::try_from(number).is_ok()),
                _ => number.is_ok(),
            };
            (!is_held || fraction.bytes().any(|digit| digit != b'0')).then_some("the number")
        }
        _ => None,
    }
}

/// The digits of a number before and after the point; `None` if it is none, or longer than any type.
fn digits(written: &str) -> Option<(String, String)> {
    /// More than any type of numbers has.
    const LONGEST: usize = 200_000;
    let unsigned = written.trim_start_matches(['-', '+']);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()?.checked_add(exponent.parse::<i64>().ok()?)?;
    let zeros =
        |count: i64| usize::try_from(count).ok().filter(|count| *count <= LONGEST).map(|count| "0".repeat(count));
    let length = i64::try_from(all.len()).ok()?;
    if point <= 0 {
        return Some((String::new(), zeros(point.checked_neg()?)? + &all));
    }
    let (whole, fraction) = (all + &zeros((point - length).max(0))?, usize::try_from(point).ok()?);
    let (whole, fraction) = whole.split_at(fraction);
    Some((whole.to_owned(), fraction.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Engine;
    use crate::dialect;

    fn default(text: &str, column_type: &str) -> Option<String> {
        let column = ColumnMapping { column_type: column_type.parse().unwrap(), ..ColumnMapping::default() };
        default_of(dialect::of(Engine::Sqlite), text, &column, &Zone::UTC).ok()
    }

    #[test]
    fn a_default_is_read_as_the_values_are() {
        for (text, column_type, reading, expected) in [
            ("'new'", "text", Reading::Literal, None),
            ("1", "text", Reading::Literal, None),
            ("NULL", "text", Reading::Literal, Some("NULL")),
            ("'cafÃ©'", "varchar(4)", Reading::DoubleUtf8, Some("'café'")),
            ("'cafÃ©'", "text", Reading::MixedUtf8, Some("'café'")),
            ("'café'", "text", Reading::MixedUtf8, Some("'café'")),
            ("'café'", "text", Reading::DoubleUtf8, None),
            ("'new'", "text", Reading::DoubleUtf8, Some("'new'")),
            ("'ff00'", "bytea", Reading::Hex, None),
            ("'/wA='", "bytea", Reading::Base64, None),
            ("x'ff00'", "bytea", Reading::Hex, Some("'\\xff00'::bytea")),
            ("'1000'", "interval", Reading::Microseconds, None),
            ("'new'", "text", Reading::Utf8, Some("'new'")),
        ] {
            let column_type = column_type.parse().unwrap();
            let column = ColumnMapping { column_type, reading, ..ColumnMapping::default() };
            let made = default_of(dialect::of(Engine::Sqlite), text, &column, &Zone::UTC).ok();
            assert_eq!(made.as_deref(), expected, "{text} {reading}");
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
            ("1e20", "numeric(10,2)", None),
            ("1.25e1", "numeric(4,2)", Some("1.25e1")),
            ("1.2555e1", "numeric(4,2)", None),
            ("-5e-3", "numeric(4,2)", None),
            ("40000", "smallint", None),
            ("-32768", "smallint", Some("-32768")),
            ("1e20", "bigint", None),
        ] {
            assert_eq!(default(text, column_type).as_deref(), expected, "{text} {column_type}");
        }
    }
}
