//! A stored value as lossless JSON: the form in which rejected rows are kept.

use super::Cell;
use std::fmt::Write as _;

/// Appends a stored value as JSON from which it can be restored, including its storage class.
///
/// | storage class | JSON |
/// |---|---|
/// | NULL | `null` |
/// | INTEGER | a number without point and exponent: `7` |
/// | REAL | a number with a point or an exponent: `7.0`, `1e300`; `{"real": "Infinity"}` and `{"real": "-Infinity"}` |
/// | TEXT | a string; with a NUL character, or where it is not UTF-8, `{"text": "610062"}` with its bytes in hexadecimal |
/// | BLOB | `{"blob": "0102"}`, its bytes in hexadecimal |
///
/// No stored value is an object, so that an object always has the meaning of this table.
pub fn write_stored(cell: Cell<'_>, out: &mut String) {
    // Writing to a String cannot fail.
    let _infallible = match cell {
        Cell::Null => out.write_str("null"),
        Cell::Integer(integer) => write!(out, "{integer}"),
        // `{:?}` is the shortest decimal that reads back as the same number, and has a point or an exponent.
        Cell::Real(real) if real.is_finite() => write!(out, "{real:?}"),
        Cell::Real(real) if real.is_nan() => out.write_str("{\"real\": \"NaN\"}"),
        Cell::Real(real) => write!(out, "{{\"real\": \"{}Infinity\"}}", if real < 0.0 { "-" } else { "" }),
        Cell::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => {
                write_string(text, out);
                Ok(())
            }
            _ => write!(out, "{{\"text\": \"{}\"}}", hex::encode(bytes)),
        },
        Cell::Blob(bytes) => write!(out, "{{\"blob\": \"{}\"}}", hex::encode(bytes)),
    };
}

/// Appends text as a JSON string (RFC 8259, section 7).
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _infallible = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn stored(cell: Cell<'_>) -> String {
        let mut out = String::new();
        write_stored(cell, &mut out);
        assert!(serde_json::from_str::<Value>(&out).is_ok(), "{out}");
        out
    }

    #[test]
    fn every_value_can_be_had_back() {
        for (cell, json) in [
            (Cell::Null, "null"),
            (Cell::Integer(i64::MIN), "-9223372036854775808"),
            (Cell::Real(7.0), "7.0"),
            (Cell::Real(-0.0), "-0.0"),
            (Cell::Real(1e300), "1e300"),
            (Cell::Real(f64::NEG_INFINITY), r#"{"real": "-Infinity"}"#),
            (Cell::Text("größer \"\\\n".as_bytes()), r#""größer \"\\\u000a""#),
            (Cell::Text(b"a\0b"), r#"{"text": "610062"}"#),
            (Cell::Text(b"\xff"), r#"{"text": "ff"}"#),
            (Cell::Blob(b"\x01\x02"), r#"{"blob": "0102"}"#),
        ] {
            assert_eq!(stored(cell), json);
        }
        for number in [0.1, 5e-324, f64::MAX, 1e16, 123_456_789_012_345_680.0] {
            let text = stored(Cell::Real(number));
            assert!(text.contains(['.', 'e']), "{text} would be read as an integer");
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }
}
