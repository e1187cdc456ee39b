//! SQLite's literals in the form that fits the value beside them.

use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, literal};
use crate::name::quote_literal;
use crate::value::{Zone, float, json};
use sqlparser::ast::Value;

/// sqlparser reads the number `0x10` and the blob `x'10'` into the same node; the text tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hexadecimal {
    Numbers,
    Blobs,
    Both,
}

impl Hexadecimal {
    pub(crate) fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        match (lower.contains("0x"), lower.contains("x'")) {
            (true, true) => Hexadecimal::Both,
            (true, false) => Hexadecimal::Numbers,
            (false, _) => Hexadecimal::Blobs,
        }
    }

    /// SQL written by sqlparser, in SQLite's spelling: hexadecimal numbers are numbers again. A text with such numbers
    /// contains no `x'` of its own, not even in strings.
    pub(crate) fn spelled(self, written: String) -> String {
        if self != Hexadecimal::Numbers {
            return written;
        }
        let mut parts = written.split("X'");
        let mut spelled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (digits, rest) = part.split_once('\'').unwrap_or((part, ""));
            spelled.extend(["0x", digits, rest]);
        }
        spelled
    }
}

/// Writes a literal.
pub(super) fn write(value: &Value, hexadecimal: Hexadecimal, zone: &Zone, wanted: Wanted) -> Translation {
    let refused = || Untranslatable(format!("the literal {value} is not known in PostgreSQL"));
    match value {
        // Arithmetic with NULL leaves no range.
        Value::Null => Ok(Sql { extent: Some(NumberRange::of(0.0)), ..Sql::new("NULL", ValueKind::Null) }),
        Value::Boolean(truth) => number(if *truth { "1" } else { "0" }, wanted),
        Value::Number(digits, _) => number(digits, wanted),
        Value::HexStringLiteral(digits) => match hexadecimal {
            Hexadecimal::Numbers => number(&format!("0x{digits}"), wanted),
            Hexadecimal::Blobs => {
                Ok(Sql::new(format!("'\\x{}'::bytea", digits.to_ascii_lowercase()), ValueKind::Bytes))
            }
            Hexadecimal::Both => Err(Untranslatable("it mixes hexadecimal numbers and blobs".to_owned())),
        },
        Value::SingleQuotedString(words) | Value::DoubleQuotedString(words) => text(words, zone, wanted),
        _ => Err(refused()),
    }
}

/// A number. Beside a boolean 0 and 1 are truth values, beside text SQLite compares it as text.
fn number(digits: &str, wanted: Wanted) -> Translation {
    let unknown = || Untranslatable(format!("the number {digits} is not known in PostgreSQL"));
    match wanted.kind() {
        Some(ValueKind::Truth) if digits == "0" => return Ok(Sql::new("false", ValueKind::Truth)),
        Some(ValueKind::Truth) if digits == "1" => return Ok(Sql::new("true", ValueKind::Truth)),
        // SQLite reformats the number: 1.50 becomes '1.5'.
        Some(ValueKind::Text) if wanted.converts() => {
            let mut text = Vec::new();
            match (digits.parse::<i64>(), digits.parse::<f64>()) {
                (Ok(integer), _) => float::write_integer(integer, &mut text),
                (_, Ok(number)) if number.is_finite() => float::write_text(number, &mut text),
                _ => return Err(unknown()),
            }
            let words = String::from_utf8_lossy(&text).into_owned();
            return Ok(Sql { words: Some(words.clone()), ..Sql::new(quote_literal(&words), ValueKind::Text) });
        }
        // SQLite reads 9e999 as infinity, which JSON does not have.
        Some(kind @ (ValueKind::Json | ValueKind::Jsonb))
            if json::check(digits.as_bytes()).is_ok() && digits.parse::<f64>().is_ok_and(f64::is_finite) =>
        {
            return Ok(Sql::new(quote_literal(digits), kind));
        }
        _ => {}
    }
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // Sixteen digits are the bits of a signed integer (https://www.sqlite.org/lang_expr.html#hexint).
        let bits = u64::from_str_radix(hexadecimal, 16).map_err(|_| unknown())?;
        return Ok(integer(bits.cast_signed(), wanted));
    }
    if let Ok(whole) = digits.parse::<i64>() {
        return Ok(integer(whole, wanted));
    }
    let number = digits.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(unknown)?;
    let binds = if digits.starts_with('-') { Binds::Sign } else { Binds::Atom };
    let sql = match wanted {
        Wanted::Stored(ValueKind::Float | ValueKind::Mixed) => Sql { binds, ..Sql::new(digits, ValueKind::Float) },
        Wanted::Stored(_) => Sql { binds, ..Sql::new(digits, ValueKind::Decimal) },
        Wanted::Compared(ValueKind::Integer | ValueKind::Decimal) | Wanted::Alike(ValueKind::Decimal) => {
            Sql { binds, ..Sql::new(exact(number), ValueKind::Decimal) }
        }
        Wanted::Compared(ValueKind::Float | ValueKind::Mixed) | Wanted::Alike(ValueKind::Float | ValueKind::Mixed) => {
            Sql { binds, ..Sql::new(digits, ValueKind::Float) }
        }
        // It is binary floating point in SQLite, and would be exact in PostgreSQL.
        _ if binds == Binds::Sign => Sql::new(format!("({digits})::double precision"), ValueKind::Float),
        _ => Sql::new(format!("{digits}::double precision"), ValueKind::Float),
    };
    Ok(Sql { extent: Some(NumberRange::of(number)), scale: scale(digits), ..sql })
}

/// The digits after the point of a number that is written without an exponent.
fn scale(digits: &str) -> Option<u32> {
    let (_, fraction) = digits.split_once('.')?;
    fraction.bytes().all(|digit| digit.is_ascii_digit()).then(|| u32::try_from(fraction.len()).ok()).flatten()
}

#[expect(clippy::cast_precision_loss, reason = "extents are doubles")]
fn integer(whole: i64, wanted: Wanted) -> Sql {
    let binds = if whole < 0 { Binds::Sign } else { Binds::Atom };
    let sql = Sql { binds, is_narrow: i32::try_from(whole).is_ok(), ..Sql::new(whole.to_string(), ValueKind::Integer) };
    let sql = Sql { extent: Some(NumberRange::of(whole as f64)), is_settled: true, scale: Some(0), ..sql };
    // PostgreSQL reads the digits before the sign, and they are no bigint.
    if whole == i64::MIN && !matches!(wanted, Wanted::Stored(_)) { sql.cast("bigint", ValueKind::Integer) } else { sql }
}

/// The decimal for a double beside integers and decimals: all digits if neighbouring integers differ from it, and the
/// shortest ones if it is a stored decimal.
fn exact(number: f64) -> String {
    if number.abs() >= 9_007_199_254_740_992.0 { format!("{number:.0}") } else { format!("{number}") }
}

/// A string. Beside a column of another kind it has to be a value of that kind, as PostgreSQL requires.
fn text(words: &str, zone: &Zone, wanted: Wanted) -> Translation {
    let natural = || Ok(Sql { words: Some(words.to_owned()), ..Sql::new(quote_literal(words), ValueKind::Text) });
    let Some(kind) = wanted.kind() else { return natural() };
    let value = match kind {
        ValueKind::Null | ValueKind::Text => return natural(),
        // A blob is never equal to a text.
        ValueKind::Bytes if !matches!(wanted, Wanted::Stored(_)) => return natural(),
        // A string that is not converted is never a number.
        ValueKind::Truth | ValueKind::Integer | ValueKind::Decimal | ValueKind::Float | ValueKind::Mixed
            if !wanted.converts() =>
        {
            return natural();
        }
        ValueKind::Truth if matches!(wanted, Wanted::Stored(_)) => {
            let truth = match words.to_ascii_lowercase().as_str() {
                "0" | "f" | "false" | "no" | "off" => Some("false"),
                "1" | "t" | "true" | "yes" | "on" => Some("true"),
                _ => None,
            };
            let mismatch = || Untranslatable(format!("the string {} is no truth value", quote_literal(words)));
            return truth.map(|truth| Sql::new(truth, ValueKind::Truth)).ok_or_else(mismatch);
        }
        ValueKind::Truth | ValueKind::Integer | ValueKind::Decimal | ValueKind::Float | ValueKind::Mixed => {
            // SQLite converts decimal numbers with spaces around them, and no other spelling.
            let trimmed = words.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            let is_decimal = trimmed.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let digits = trimmed.strip_prefix('+').unwrap_or(trimmed);
            if is_decimal
                && let Ok(written) = number(digits, wanted)
                && (written.kind.fits(kind) || written.kind.is_number() && matches!(wanted, Wanted::Compared(_)))
            {
                return Ok(written);
            }
            if kind == ValueKind::Truth {
                let quoted = quote_literal(words);
                return Err(Untranslatable(format!("{quoted} is no number, and SQLite calls no number equal to it")));
            }
            None
        }
        ValueKind::Bytes => {
            return Ok(Sql::new(format!("'\\x{}'::bytea", hex::encode(words)), ValueKind::Bytes));
        }
        _ => literal::of_string(words, kind, zone, wanted),
    };
    value.ok_or_else(|| Untranslatable(format!("the string {} is not {kind}", quote_literal(words))))
}
