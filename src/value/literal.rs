//! A value as an SQL literal: the text form that holds any value of a column.

use super::{Cell, float};

/// Appends the literal that SQLite's `quote()` gives: digits for a number, text in single quotes, a blob as `X'…'`.
///
/// Two kinds of value are written differently, because PostgreSQL's text cannot hold the result of `quote()`: text that
/// is not UTF-8 or contains a NUL character is `CAST(X'…' AS TEXT)`. Reals have as many digits as it takes to read back
/// the same number. SQLite reads every literal back as the same value, and different values have different literals.
pub fn write(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"NULL"),
        Cell::Integer(number) => float::write_integer(number, out),
        // SQLite's own spelling of infinity, for which it has no keyword.
        Cell::Real(number) if number == f64::INFINITY => out.extend_from_slice(b"9.0e+999"),
        Cell::Real(number) if number == f64::NEG_INFINITY => out.extend_from_slice(b"-9.0e+999"),
        Cell::Real(number) => float::write_text(number, out),
        Cell::Text(text) if super::text::checked(text).is_ok() => quoted(text, out),
        Cell::Text(text) => {
            out.extend_from_slice(b"CAST(");
            hexadecimal(text, out);
            out.extend_from_slice(b" AS TEXT)");
        }
        Cell::Blob(bytes) => hexadecimal(bytes, out),
    }
}

fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'\'');
    for byte in text {
        if *byte == b'\'' {
            out.push(b'\'');
        }
        out.push(*byte);
    }
    out.push(b'\'');
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    out.reserve(bytes.len() * 2 + 3);
    out.extend_from_slice(b"X'");
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    out.push(b'\'');
}
