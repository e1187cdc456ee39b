//! Text and bytes: their limits in PostgreSQL, and text that encodes other values.

use super::float::write_number;
use super::unfit::{
    CLASS, LETTER_CASE, NOT_A_LABEL, NOT_BYTES, NOT_TWICE_ENCODED, NOT_UTF8, NUL, TOO_LARGE, TOO_LONG, TRAILING_SPACES,
    Unfit,
};
use super::value::{ConvertedBytes, Value};
use crate::value::{Cell, Dropping};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Most bytes in one value: PostgreSQL's `MaxAllocSize` is below 1 GiB.
const LARGEST: u64 = 0x3fff_ffff;

/// Number of characters that a column keeps, and whether trailing spaces count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) characters: Option<u32>,
    /// `char(n)`, which PostgreSQL pads again.
    pub(super) padded: bool,
    /// Whether the number of trailing spaces of a `char(n)` may be lost.
    pub(super) trailing: Dropping,
}

impl Limit {
    #[inline]
    fn text(self, text: &[u8]) -> Result<&[u8], Unfit> {
        let kept = if self.padded { without_padding(text) } else { text };
        let Some(most) = self.characters.map(u64::from) else { return Ok(kept) };
        let characters = |text: &[u8]| text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        if kept.len() as u64 > most && characters(kept) > most {
            return Err(TOO_LONG);
        }
        // Padded to its full length, the text is as it was.
        let is_whole = kept.len() == text.len() || characters(text) == most;
        if is_whole || self.trailing == Dropping::Drop { Ok(kept) } else { Err(TRAILING_SPACES) }
    }
}

/// Text of a `char(n)` without its padding.
pub(super) fn without_padding(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    &text[..end]
}

/// Characters that PostgreSQL holds.
#[inline]
pub(super) fn characters(text: &[u8]) -> Result<&[u8], Unfit> {
    if memchr::memchr(0, text).is_some() {
        return Err(NUL);
    }
    simdutf8::basic::from_utf8(text).map_err(|_| NOT_UTF8)?;
    sized(text)
}

#[inline]
fn sized(bytes: &[u8]) -> Result<&[u8], Unfit> {
    if bytes.len() as u64 >= LARGEST { Err(TOO_LARGE) } else { Ok(bytes) }
}

/// Value in a column of characters. `blobs`: whether a blob is text as well.
#[inline]
pub(super) fn text<'a>(
    cell: Cell<'a>,
    limit: Limit,
    blobs: bool,
    made: &'a mut ConvertedBytes,
) -> Result<Value<'a>, Unfit> {
    match cell {
        Cell::Text(text) => Ok(Value::Text(limit.text(characters(text)?)?)),
        Cell::Blob(bytes) if blobs => Ok(Value::Text(limit.text(characters(bytes)?)?)),
        Cell::Integer(_) | Cell::Real(_) => {
            made.begin();
            write_number(cell, made);
            of_made(limit, made)
        }
        Cell::Null | Cell::Blob(_) => Err(CLASS),
    }
}

fn of_made(limit: Limit, made: &ConvertedBytes) -> Result<Value<'_>, Unfit> {
    if limit.characters.is_some_and(|most| made.characters() > u64::from(most)) {
        return Err(TOO_LONG);
    }
    if made.length() >= LARGEST { Err(TOO_LARGE) } else { Ok(made.text()) }
}

/// Text of which each character was a byte of Windows-1252; of the bytes that it does not assign, the control characters of
/// the same number. `others`: whether other text stands for itself.
pub(super) fn twice_encoded<'a>(
    cell: Cell<'a>,
    limit: Limit,
    others: bool,
    made: &'a mut ConvertedBytes,
) -> Result<Value<'a>, Unfit> {
    let Cell::Text(text) = cell else { return Err(CLASS) };
    let text = std::str::from_utf8(characters(text)?).map_err(|_| NOT_UTF8)?;
    let byte = |character: char| match character {
        '\u{0}'..='\u{7f}' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(character)).ok(),
        other => {
            // The bytes 80 to 9F, four to a line.
            const HIGH: &str = "€\u{81}‚ƒ\
                                „…†‡\
                                ˆ‰Š‹\
                                Œ\u{8d}Ž\u{8f}\
                                \u{90}‘’“\
                                ”•–—\
                                ˜™š›\
                                œ\u{9d}žŸ";
            HIGH.chars().position(|listed| listed == other).and_then(|at| u8::try_from(0x80 + at).ok())
        }
    };
    let bytes = text.chars().map(byte).collect::<Option<Vec<u8>>>();
    let kept = match bytes.filter(|bytes| std::str::from_utf8(bytes).is_ok()) {
        Some(bytes) => bytes,
        None if others => text.as_bytes().to_vec(),
        None => return Err(NOT_TWICE_ENCODED),
    };
    made.begin();
    made.push(limit.text(characters(&kept)?)?);
    Ok(made.text())
}

/// Value of any kind as the literal that SQLite's `quote()` gives and reads back; text that PostgreSQL cannot hold as
/// `CAST(X'…' AS TEXT)`, and a real with as many digits as reading it back takes.
pub(super) fn literal<'a>(cell: Cell<'a>, limit: Limit, made: &'a mut ConvertedBytes) -> Result<Value<'a>, Unfit> {
    made.begin();
    match cell {
        Cell::Null => made.push(b"NULL"),
        Cell::Real(f64::INFINITY) => made.push(b"9.0e+999"),
        Cell::Real(f64::NEG_INFINITY) => made.push(b"-9.0e+999"),
        Cell::Integer(_) | Cell::Real(_) => write_number(cell, made),
        Cell::Text(text) if memchr::memchr(0, text).is_none() && simdutf8::basic::from_utf8(text).is_ok() => {
            made.push(b"'");
            let mut pieces = text.split(|byte| *byte == b'\'');
            made.push(pieces.next().unwrap_or_default());
            for piece in pieces {
                made.push(b"''");
                made.push(piece);
            }
            made.push(b"'");
        }
        Cell::Text(bytes) => {
            made.push(b"CAST(");
            hexadecimal(bytes, made);
            made.push(b" AS TEXT)");
        }
        Cell::Blob(bytes) => hexadecimal(bytes, made),
    }
    // A literal never ends in a space.
    of_made(limit, made)
}

fn hexadecimal(bytes: &[u8], made: &mut ConvertedBytes) {
    made.push(b"X'");
    for chunk in bytes.chunks(4096) {
        made.push(hex::encode_upper(chunk).as_bytes());
    }
    made.push(b"'");
}

/// Encoding of bytes in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BytesOfText {
    Refused,
    AsItIs,
    Hex,
    Base64,
}

/// Value in a column of bytes.
#[inline]
pub(super) fn bytes<'a>(
    cell: Cell<'a>,
    of_text: BytesOfText,
    made: &'a mut ConvertedBytes,
) -> Result<Value<'a>, Unfit> {
    match (cell, of_text) {
        (Cell::Blob(bytes), _) | (Cell::Text(bytes), BytesOfText::AsItIs) => Ok(Value::Bytes(sized(bytes)?)),
        (Cell::Text(text), BytesOfText::Hex) => {
            let digits = text.strip_prefix(b"\\x").or(text.strip_prefix(b"0x")).unwrap_or(text);
            made.begin();
            let mut piece = [0; 2048];
            for digits in digits.chunks(2 * piece.len()) {
                let piece = piece.get_mut(..digits.len() / 2).unwrap_or_default();
                hex::decode_to_slice(digits, piece).map_err(|_| NOT_BYTES)?;
                made.push(piece);
            }
            Ok(made.bytes())
        }
        (Cell::Text(text), BytesOfText::Base64) => {
            made.begin();
            let (mut piece, mut rest) = (Vec::with_capacity(3072), text);
            while !rest.is_empty() {
                let (digits, after) = rest.split_at(rest.len().min(4096));
                // Padding is only valid at the end of the text.
                if !after.is_empty() && digits.contains(&b'=') {
                    return Err(NOT_BYTES);
                }
                piece.clear();
                STANDARD.decode_vec(digits, &mut piece).map_err(|_| NOT_BYTES)?;
                made.push(&piece);
                rest = after;
            }
            Ok(made.bytes())
        }
        (Cell::Text(_), BytesOfText::Refused) | (Cell::Null | Cell::Integer(_) | Cell::Real(_), _) => Err(CLASS),
    }
}

/// Label of an enum that a text is. In any case of its letters it is the label that alone has these letters.
pub(super) fn label<'a>(text: &'a [u8], labels: &'a [String], any_case: bool) -> Result<&'a [u8], Unfit> {
    if labels.iter().any(|label| label.as_bytes() == text) {
        return Ok(text);
    }
    let folded = String::from_utf8_lossy(text).to_lowercase();
    let alike = labels.iter().filter(|label| label.to_lowercase() == folded).collect::<Vec<_>>();
    match alike.as_slice() {
        [label] if any_case => Ok(label.as_bytes()),
        [_] => Err(LETTER_CASE),
        _ => Err(NOT_A_LABEL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_characters() {
        let limit = |characters, padded| Limit { characters: Some(characters), padded, trailing: Dropping::Refused };
        let text = |text: &str, limit| {
            let mut made = ConvertedBytes::default();
            super::super::text::text(Cell::Text(text.as_bytes()), limit, false, &mut made).map(|value| value.words())
        };
        assert_eq!(text("größer", limit(6, false)).as_deref(), Ok("größer"));
        assert_eq!(text("größer", limit(5, false)), Err(TOO_LONG));
        assert_eq!(text("ab  ", limit(3, false)), Err(TOO_LONG));
        assert_eq!(text("ab  ", limit(4, true)).as_deref(), Ok("ab"));
        assert_eq!(text("ab  ", limit(3, true)), Err(TRAILING_SPACES));
        let dropping = Limit { trailing: Dropping::Drop, ..limit(3, true) };
        assert_eq!(text("ab  ", dropping).as_deref(), Ok("ab"));
        assert_eq!(text("a\0b", limit(9, false)), Err(NUL));
    }

    #[test]
    fn hexadecimal_and_base64_text_give_their_bytes() {
        let read = |text: &[u8], how| {
            let mut made = ConvertedBytes::default();
            bytes(Cell::Text(text), how, &mut made).map(|value| value.words())
        };
        assert_eq!(read(b"\\x00fF", BytesOfText::Hex).as_deref(), Ok("\\x00ff"));
        assert_eq!(read(b"000", BytesOfText::Hex), Err(NOT_BYTES));
        assert_eq!(read(b"AP8=", BytesOfText::Base64).as_deref(), Ok("\\x00ff"));
        assert_eq!(read(b"AP8", BytesOfText::Base64), Err(NOT_BYTES));
        assert_eq!(read(b"ab", BytesOfText::AsItIs).as_deref(), Ok("\\x6162"));
        let long = STANDARD.encode(vec![7; 10_000]);
        assert_eq!(read(long.as_bytes(), BytesOfText::Base64).map(|words| words.len()), Ok(20_002));
        let broken = long.replacen("Bw", "B=", 1);
        assert_eq!(read(broken.as_bytes(), BytesOfText::Base64), Err(NOT_BYTES));
    }
}
