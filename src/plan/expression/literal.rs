//! Literals in the form that fits what they stand beside.

use super::Untranslatable;
use super::kind::Kind;
use super::translator::Sql;
use crate::name::quote_literal;
use crate::value::forgetting::Fraction;
use crate::value::{Zone, float, identifier, json, temporal};
use sqlparser::ast::Value;

/// sqlparser reads the number `0x10` and the blob `x'10'` into the same node; the text tells which are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Hexadecimal {
    Numbers,
    Blobs,
    Both,
}

impl Hexadecimal {
    pub(super) fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        match (lower.contains("0x"), lower.contains("x'")) {
            (true, true) => Hexadecimal::Both,
            (true, false) => Hexadecimal::Numbers,
            (false, _) => Hexadecimal::Blobs,
        }
    }
}

/// Writes a literal; `wanted` is the kind of what it stands beside.
pub(super) fn write(
    value: &Value,
    hexadecimal: Hexadecimal,
    zone: &Zone,
    wanted: Option<Kind>,
) -> Result<Sql, Untranslatable> {
    let refused = || Untranslatable(format!("the literal {value} is not known in PostgreSQL"));
    match value {
        Value::Null => Ok(Sql::new("NULL", Kind::Null)),
        Value::Boolean(truth) => number(if *truth { "1" } else { "0" }, wanted),
        Value::Number(digits, _) => number(digits, wanted),
        Value::HexStringLiteral(digits) => match hexadecimal {
            Hexadecimal::Numbers => number(&format!("0x{digits}"), wanted),
            Hexadecimal::Blobs => Ok(Sql::new(format!("'\\x{}'::bytea", digits.to_ascii_lowercase()), Kind::Bytes)),
            Hexadecimal::Both => Err(Untranslatable("it mixes hexadecimal numbers and blobs".to_owned())),
        },
        Value::SingleQuotedString(words) | Value::DoubleQuotedString(words) => text(words, zone, wanted),
        _ => Err(refused()),
    }
}

/// A number. Beside a boolean 0 and 1 are truth values, beside text SQLite compares it as text.
fn number(digits: &str, wanted: Option<Kind>) -> Result<Sql, Untranslatable> {
    match wanted {
        Some(Kind::Truth) if digits == "0" => return Ok(Sql::new("false", Kind::Truth)),
        Some(Kind::Truth) if digits == "1" => return Ok(Sql::new("true", Kind::Truth)),
        // SQLite writes the number anew: 1.50 becomes '1.5'.
        Some(Kind::Text) => {
            let mut text = Vec::new();
            match (digits.parse::<i64>(), digits.parse::<f64>()) {
                (Ok(integer), _) => float::write_integer(integer, &mut text),
                (_, Ok(number)) if number.is_finite() => float::write_text(number, &mut text),
                _ => return Err(Untranslatable(format!("the number {digits} is not known in PostgreSQL"))),
            }
            return Ok(Sql::new(quote_literal(&String::from_utf8_lossy(&text)), Kind::Text));
        }
        // SQLite reads 9e999 as infinity, which JSON does not have.
        Some(kind @ (Kind::Json | Kind::Jsonb))
            if json::check(digits.as_bytes()).is_ok() && digits.parse::<f64>().is_ok_and(f64::is_finite) =>
        {
            return Ok(Sql::new(quote_literal(digits), kind));
        }
        _ => {}
    }
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // Sixteen digits are the bits of a signed integer (https://www.sqlite.org/lang_expr.html#hexint).
        let bits = u64::from_str_radix(hexadecimal, 16);
        return bits
            .map(|bits| Sql::new(bits.cast_signed().to_string(), Kind::Integer))
            .map_err(|_| Untranslatable(format!("the number {digits} is not known in PostgreSQL")));
    }
    match digits.parse::<i64>() {
        Ok(integer) => Ok(Sql::new(integer.to_string(), Kind::Integer)),
        Err(_) if digits.parse::<f64>().is_ok_and(f64::is_finite) => {
            let kind = if wanted == Some(Kind::Float) { Kind::Float } else { Kind::Decimal };
            Ok(Sql::new(digits, kind))
        }
        Err(_) => Err(Untranslatable(format!("the number {digits} is not known in PostgreSQL"))),
    }
}

/// A string. Beside a column of another kind it has to be a value of it, as PostgreSQL would insist.
fn text(words: &str, zone: &Zone, wanted: Option<Kind>) -> Result<Sql, Untranslatable> {
    let bytes = words.as_bytes();
    let kind = wanted.unwrap_or(Kind::Text);
    let is_value = match kind {
        Kind::Null | Kind::Text => return Ok(Sql::new(quote_literal(words), Kind::Text)),
        Kind::Truth => {
            let truth = match words.to_ascii_lowercase().as_str() {
                "0" | "f" | "false" | "no" | "off" => Some("false"),
                "1" | "t" | "true" | "yes" | "on" => Some("true"),
                _ => None,
            };
            let mismatch = || Untranslatable(format!("the string {} is no truth value", quote_literal(words)));
            return truth.map(|truth| Sql::new(truth, Kind::Truth)).ok_or_else(mismatch);
        }
        Kind::Integer | Kind::Decimal | Kind::Float => {
            let trimmed = words.trim();
            if let Ok(written) = number(trimmed, wanted)
                && written.kind.fits(kind)
            {
                return Ok(written);
            }
            false
        }
        Kind::Bytes => return Ok(Sql::new(format!("'\\x{}'::bytea", hex::encode(words)), Kind::Bytes)),
        Kind::Date => temporal::date(bytes).is_ok(),
        Kind::Time => temporal::time(bytes, Fraction::exactly(6)).is_ok(),
        Kind::Timestamp => temporal::timestamp(bytes, zone, Fraction::exactly(6)).is_ok(),
        Kind::Timestamptz => {
            let (here, there) = (
                temporal::timestamptz(bytes, zone, Fraction::exactly(6)),
                temporal::timestamptz(bytes, &Zone::UTC, Fraction::exactly(6)),
            );
            // Without an offset of its own it is meant in the source's time zone, which PostgreSQL takes by name.
            if here.is_ok() && here != there {
                return Ok(Sql::new(quote_literal(&format!("{} {zone}", words.trim())), kind));
            }
            here.is_ok()
        }
        Kind::Uuid => identifier::uuid_from_text(bytes).is_ok(),
        Kind::Json => json::check(bytes).is_ok(),
        Kind::Jsonb => json::check_binary(bytes).is_ok(),
        Kind::JsonPart | Kind::Counted | Kind::Opaque => false,
    };
    if is_value {
        Ok(Sql::new(quote_literal(words), kind))
    } else {
        Err(Untranslatable(format!("the string {} is not {kind}", quote_literal(words))))
    }
}
