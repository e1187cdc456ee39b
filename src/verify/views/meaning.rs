//! Meaning of a value in a view's answer, by the type that PostgreSQL gives the column.
//!
//! A column of an answer has no declared type in SQLite: a truth value is 0 or 1 there, a time is the text that was
//! stored, a sum an integer or a double. Nothing here is shared with the encoder.

use crate::proof::meaning::text_of_real;
use crate::target::{ServerType, ServerTypeKind};
use crate::value::Cell;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use std::fmt::Write as _;

/// Comparison of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Truth,
    /// Integers and decimals of any length.
    Decimal,
    Double,
    Single,
    Text,
    Bytes,
    Date,
    Time,
    /// With or without a time zone.
    Instant {
        zoned: bool,
    },
    Uuid,
    Json,
}

impl Meaning {
    /// Meaning of a type of the server; `None` if its values are not compared. An enum's values are its labels.
    pub(super) fn of_type(server_type: &ServerType) -> Option<Self> {
        match server_type.kind() {
            ServerTypeKind::Enum(_) => Some(Meaning::Text),
            _ => Self::of(server_type.name()),
        }
    }

    /// Meaning of a type by its name in `pg_type`; `None` if its values are not compared.
    fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "bool" => Meaning::Truth,
            "int2" | "int4" | "int8" | "numeric" => Meaning::Decimal,
            "float8" => Meaning::Double,
            "float4" => Meaning::Single,
            "text" | "varchar" | "bpchar" | "citext" | "name" | "unknown" => Meaning::Text,
            "bytea" => Meaning::Bytes,
            "date" => Meaning::Date,
            "time" => Meaning::Time,
            "timestamp" => Meaning::Instant { zoned: false },
            "timestamptz" => Meaning::Instant { zoned: true },
            "uuid" => Meaning::Uuid,
            "json" | "jsonb" => Meaning::Json,
            _ => return None,
        })
    }

    /// Writes the meaning of a source's value; a value outside the type is written as it is, and is a difference.
    pub(super) fn of_source(self, cell: Cell<'_>, zone: &TimeZone, out: &mut Vec<u8>) {
        let text = match cell {
            Cell::Null => return out.push(0),
            Cell::Integer(integer) => match self {
                Meaning::Double | Meaning::Single => return self.double(rounded(integer), out),
                _ => integer.to_string(),
            },
            Cell::Real(real) => match self {
                Meaning::Double | Meaning::Single => return self.double(real, out),
                Meaning::Text => text_of_real(real),
                _ => real.to_string(),
            },
            Cell::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => return self.of_text(text, zone, out),
                Err(_) => return tagged(b'?', text, out),
            },
            Cell::Blob(bytes) if self == Meaning::Bytes => return tagged(b'b', bytes, out),
            Cell::Blob(bytes) if self == Meaning::Uuid => return tagged(b'u', hex::encode(bytes).as_bytes(), out),
            Cell::Blob(bytes) => return tagged(b'?', bytes, out),
        };
        self.of_text(&text, zone, out);
    }

    /// Writes the meaning of a target's value, as PostgreSQL prints it with ISO dates in UTC.
    pub(super) fn of_target(self, text: Option<&str>, out: &mut Vec<u8>) {
        match (self, text) {
            (_, None) => out.push(0),
            (Meaning::Bytes, Some(text)) => match text.strip_prefix("\\x").map(hex::decode) {
                Some(Ok(bytes)) => tagged(b'b', &bytes, out),
                _ => tagged(b'?', text.as_bytes(), out),
            },
            (_, Some(text)) => self.of_text(text, &TimeZone::UTC, out),
        }
    }

    fn of_text(self, text: &str, zone: &TimeZone, out: &mut Vec<u8>) {
        let trimmed = text.trim();
        match self {
            Meaning::Text => tagged(b't', text.as_bytes(), out),
            Meaning::Bytes => tagged(b'b', text.as_bytes(), out),
            Meaning::Truth => match trimmed.to_ascii_lowercase().as_str() {
                "1" | "t" | "true" | "1.0" | "yes" | "on" => out.push(b'1'),
                "0" | "f" | "false" | "0.0" | "no" | "off" => out.push(b'2'),
                _ => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Decimal => match decimal(trimmed) {
                Some(decimal) => tagged(b'n', decimal.as_bytes(), out),
                None => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Double | Meaning::Single => match trimmed.parse::<f64>() {
                Ok(number) => self.double(number, out),
                Err(_) => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Uuid => {
                let digits = trimmed.trim_matches(['{', '}']).replace('-', "").to_ascii_lowercase();
                tagged(b'u', digits.as_bytes(), out);
            }
            Meaning::Json => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(document) => tagged(b'j', canonical(&document).as_bytes(), out),
                Err(_) => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Date => match date(trimmed) {
                Some(date) => tagged(b'd', date.to_string().as_bytes(), out),
                None => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Time => match trimmed.parse::<Time>() {
                Ok(time) => tagged(b'h', time.to_string().as_bytes(), out),
                Err(_) => tagged(b'?', text.as_bytes(), out),
            },
            Meaning::Instant { zoned } => match instant(trimmed, zoned.then_some(zone)) {
                Some(microseconds) => tagged(b'i', &microseconds.to_be_bytes(), out),
                None => tagged(b'?', text.as_bytes(), out),
            },
        }
    }

    fn double(self, number: f64, out: &mut Vec<u8>) {
        // The two zeros are equal.
        let number = if self == Meaning::Single { f64::from(single(number)) } else { number } + 0.0;
        tagged(b'f', &number.to_bits().to_be_bytes(), out);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of the column")]
fn single(number: f64) -> f32 {
    number as f32
}

#[expect(clippy::cast_precision_loss, reason = "to the precision of the column, as the source compares them")]
fn rounded(integer: i64) -> f64 {
    integer as f64
}

/// Writes a value with its length, so that the values of two columns stay apart.
fn tagged(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Canonical decimal: without a plus sign, an exponent, or insignificant zeros.
fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number || exponent.unsigned_abs() > 2_000 {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let digits = significant.trim_end_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    // The number is 0.DIGITS times 10 to this power.
    let skipped = i64::try_from(all.len() - significant.len()).ok()?;
    let power = i64::try_from(whole.len()).ok()? - skipped + i64::from(exponent);
    Some(format!("{sign}{digits}e{power}"))
}

fn date(text: &str) -> Option<Date> {
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => Some(date),
        _ => {
            let moment = text.replacen(' ', "T", 1).parse::<DateTime>().ok()?;
            (moment.time() == Time::midnight()).then(|| moment.date())
        }
    }
}

/// Microseconds since 1970: of a text with an offset, or of a local time in the zone; in UTC without a zone.
fn instant(text: &str, zone: Option<&TimeZone>) -> Option<i64> {
    let text = text.replacen(' ', "T", 1);
    // PostgreSQL prints +00.
    let text = match text.strip_suffix("+00") {
        Some(local) if local.contains(':') => format!("{local}Z"),
        _ => text,
    };
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => {
            let local = text.parse::<DateTime>().ok()?;
            zone.unwrap_or(&TimeZone::UTC).to_ambiguous_timestamp(local).compatible().ok()?
        }
    };
    Some(instant.as_microsecond())
}

/// Canonical document: keys in order, numbers in one spelling.
fn canonical(document: &serde_json::Value) -> String {
    use serde_json::Value;
    let mut text = String::new();
    match document {
        Value::Number(number) => {
            let number = number.to_string();
            text.push_str(&decimal(&number).unwrap_or(number));
        }
        Value::Array(items) => {
            text.push('[');
            items.iter().for_each(|item| text.push_str(&(canonical(item) + ",")));
            text.push(']');
        }
        Value::Object(entries) => {
            let mut keys = entries.iter().collect::<Vec<_>>();
            keys.sort_by_key(|(key, _)| key.as_str());
            text.push('{');
            for (key, value) in keys {
                let _infallible = write!(text, "{}:{},", Value::from(key.as_str()), canonical(value));
            }
            text.push('}');
        }
        other => text = other.to_string(),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(type_name: &str, cell: Cell<'_>, target: &str) -> bool {
        let meaning = Meaning::of(type_name).unwrap();
        let (mut one, mut two) = (Vec::new(), Vec::new());
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        meaning.of_source(cell, &berlin, &mut one);
        meaning.of_target(Some(target), &mut two);
        one == two
    }

    #[test]
    fn what_is_equal_and_what_is_not() {
        for (type_name, cell, target) in [
            ("bool", Cell::Integer(1), "t"),
            ("numeric", Cell::Real(1.5), "1.50"),
            ("numeric", Cell::Integer(100), "1e2"),
            ("int8", Cell::Real(-0.0), "0"),
            ("float8", Cell::Integer(3), "3"),
            ("float8", Cell::Real(0.1), "0.1"),
            ("text", Cell::Text(b" x"), " x"),
            ("bytea", Cell::Blob(&[0, 255]), "\\x00ff"),
            ("date", Cell::Text(b"2024-02-29"), "2024-02-29"),
            ("timestamptz", Cell::Text(b"2024-07-01 12:00:00"), "2024-07-01 10:00:00+00"),
            ("timestamp", Cell::Text(b"2024-07-01T12:00:00.5"), "2024-07-01 12:00:00.5"),
            ("jsonb", Cell::Text(b"{\"b\": 1.0, \"a\": [1e2]}"), "{\"a\": [100], \"b\": 1.0}"),
        ] {
            assert!(same(type_name, cell, target), "{type_name} {target}");
        }
        for (type_name, cell, target) in [
            ("bool", Cell::Integer(2), "t"),
            ("int8", Cell::Integer(9_007_199_254_740_993), "9007199254740992"),
            ("numeric", Cell::Text(b"4929123412341234567"), "4929123412341234568"),
            ("float8", Cell::Real(0.1), "0.10000000000000002"),
            ("text", Cell::Text(b"01"), "1"),
            ("date", Cell::Text(b"2024-02-29"), "2024-02-28"),
            ("timestamptz", Cell::Text(b"2024-07-01 12:00:00"), "2024-07-01 12:00:00+00"),
            ("numeric", Cell::Null, "0"),
        ] {
            assert!(!same(type_name, cell, target), "{type_name} {target}");
        }
    }
}
