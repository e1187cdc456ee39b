//! JSON text: whether PostgreSQL accepts it, and its canonical form.
//!
//! A scanner of transship's own rather than `serde_json`: it reads the text once without building a tree, and arrays
//! and objects nested thousands of levels deep need no stack. The canonical form keeps numbers digit by digit.

mod canonical;
mod duplicate;
mod scan;

pub use canonical::canonical;
pub use duplicate::has_duplicate_key;
pub use scan::MAXIMUM_DEPTH;

use crate::value::BadValue;
use crate::value::decimal::Decimal;
use scan::{JsonEvent, Scanner};

/// Content of the `json` and `jsonb` types, for messages.
pub(crate) const JSON: &str = "JSON";

/// Checks that the `json` type accepts the text: that it is one JSON value by RFC 8259. The text must be UTF-8 already.
///
/// # Errors
/// The text is not JSON, or nested too deeply.
pub fn check(text: &[u8]) -> Result<(), BadValue> {
    let mut scanner = Scanner::new(text);
    while scanner.next()?.is_some() {}
    Ok(())
}

/// Checks that the `jsonb` type accepts the text: that it is JSON whose strings and numbers PostgreSQL's `text` and
/// `numeric` can hold (<https://www.postgresql.org/docs/15/datatype-json.html>). The text must be UTF-8 already.
///
/// # Errors
/// The text is not JSON, nested too deeply, has `\u0000` or half a surrogate pair in a string or a key, or a number
/// outside the range of `numeric`.
pub fn check_binary(text: &[u8]) -> Result<(), BadValue> {
    let mut scanner = Scanner::new(text);
    while let Some(event) = scanner.next()? {
        match event {
            JsonEvent::Key(string) | JsonEvent::String(string) if string.escaped => check_escapes(string.inner)?,
            JsonEvent::Number(number) => check_number(number)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_escapes(inner: &[u8]) -> Result<(), BadValue> {
    let mut rest = inner;
    while let Some(position) = memchr::memchr(b'\\', rest) {
        rest = unescape(&rest[position..])?.1;
    }
    Ok(())
}

/// The character of the escape that begins the text, and the rest.
fn unescape(text: &[u8]) -> Result<(char, &[u8]), BadValue> {
    let syntax = BadValue::Syntax { wanted: JSON };
    let (character, rest) = match text {
        [b'\\', b'u', rest @ ..] => {
            let (unit, rest) = code_unit(rest)?;
            return match unit {
                0 => Err(BadValue::JsonNulCharacter),
                0xD800..=0xDBFF => {
                    let [b'\\', b'u', low @ ..] = rest else { return Err(BadValue::JsonSurrogate) };
                    let (low, rest) = code_unit(low)?;
                    if !(0xDC00..=0xDFFF).contains(&low) {
                        return Err(BadValue::JsonSurrogate);
                    }
                    let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    Ok((char::from_u32(code).ok_or(syntax)?, rest))
                }
                _ => Ok((char::from_u32(unit).ok_or(BadValue::JsonSurrogate)?, rest)),
            };
        }
        [b'\\', escape, rest @ ..] => match escape {
            b'"' | b'\\' | b'/' => (char::from(*escape), rest),
            b'b' => ('\u{8}', rest),
            b'f' => ('\u{c}', rest),
            b'n' => ('\n', rest),
            b'r' => ('\r', rest),
            b't' => ('\t', rest),
            _ => return Err(syntax),
        },
        _ => return Err(syntax),
    };
    Ok((character, rest))
}

/// Four hexadecimal digits, and the rest.
fn code_unit(text: &[u8]) -> Result<(u32, &[u8]), BadValue> {
    let syntax = BadValue::Syntax { wanted: JSON };
    let (digits, rest) = text.split_first_chunk::<4>().ok_or(syntax)?;
    let mut unit = 0;
    for digit in digits {
        unit = unit << 4 | char::from(*digit).to_digit(16).ok_or(syntax)?;
    }
    Ok((unit, rest))
}

/// Checks that `numeric` holds the number.
fn check_number(number: &[u8]) -> Result<(), BadValue> {
    // Without an exponent, only a number as long as the limits could exceed them.
    if number.len() < 1000 && memchr::memchr2(b'e', b'E', number).is_none() {
        return Ok(());
    }
    match Decimal::parse(number) {
        Some(decimal)
            if (decimal.is_zero() || decimal.point() <= GREATEST_POINT) && decimal.scale() <= GREATEST_SCALE =>
        {
            Ok(())
        }
        _ => Err(BadValue::JsonNumber),
    }
}

/// Digits before the decimal point that `numeric` holds
/// (<https://www.postgresql.org/docs/15/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL>).
pub const GREATEST_POINT: i32 = 131_072;

/// Digits after the decimal point that `numeric` holds.
pub const GREATEST_SCALE: i32 = 16_383;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_rfc_8259_takes() {
        for text in [
            "null",
            " true ",
            "false",
            "0",
            "-0.5e+10",
            r#""""#,
            r#""ä \" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00""#,
            "[]",
            "[ 1 , [ ] , { } ]",
            r#"{"a":1,"a":[{"b":null}]}"#,
        ] {
            assert_eq!(check_binary(text.as_bytes()), Ok(()), "{text}");
        }
        for text in [
            "",
            " ",
            "nul",
            "nullx",
            "True",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "NaN",
            "'a'",
            r#"""#,
            r#""\x""#,
            r#""\u12g4""#,
            "\"a\nb\"",
            "[",
            "[1,]",
            "[1 2]",
            "[1}",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{1:2}",
            "{,}",
            "1 2",
            "]",
        ] {
            assert_eq!(check(text.as_bytes()), Err(BadValue::Syntax { wanted: JSON }), "{text}");
        }
    }

    #[test]
    fn refuses_what_only_jsonb_refuses() {
        for (text, bad) in [
            (r#"["a\u0000b"]"#, BadValue::JsonNulCharacter),
            (r#"{"\ud800":1}"#, BadValue::JsonSurrogate),
            (r#""\ud800\u0041""#, BadValue::JsonSurrogate),
            (r#""\udc00""#, BadValue::JsonSurrogate),
            ("1e131072", BadValue::JsonNumber),
            ("1e-16384", BadValue::JsonNumber),
            ("1e99999999999999999999", BadValue::JsonNumber),
        ] {
            assert_eq!(check_binary(text.as_bytes()), Err(bad), "{text}");
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
        assert_eq!(check_binary(b"[1e131071,1e-16383,0e200000]"), Ok(()));
    }

    #[test]
    fn depth_has_a_limit_and_needs_no_stack() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(check(nested(MAXIMUM_DEPTH).as_bytes()), Ok(()));
        let bad = check(nested(MAXIMUM_DEPTH + 1).as_bytes());
        assert_eq!(bad, Err(BadValue::JsonDepth { limit: MAXIMUM_DEPTH }));
    }
}
