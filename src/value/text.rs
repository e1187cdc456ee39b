//! Text that PostgreSQL can hold: UTF-8 without a NUL character, within a limit of characters.

use crate::value::{BadValue, Dropping};

/// The text as characters. The target database's encoding is UTF-8.
///
/// # Errors
/// The text is not valid UTF-8, or contains a NUL character, which PostgreSQL's text types cannot hold
/// (<https://www.postgresql.org/docs/15/datatype-character.html>).
#[inline]
pub fn checked(text: &[u8]) -> Result<&str, BadValue> {
    if memchr::memchr(0, text).is_some() {
        return Err(BadValue::NulCharacter);
    }
    simdutf8::basic::from_utf8(text).map_err(|_| BadValue::NotUtf8)
}

/// The same text, if it has no more than `limit` characters (Unicode code points, as PostgreSQL counts).
///
/// PostgreSQL silently cuts spaces beyond the limit of a `varchar(n)`; here they count.
///
/// # Errors
/// The text is longer.
#[inline]
pub fn within(text: &str, limit: u32) -> Result<&str, BadValue> {
    let greatest = usize::try_from(limit).unwrap_or(usize::MAX);
    if text.len() <= greatest {
        return Ok(text);
    }
    let length = text.chars().count();
    if length <= greatest { Ok(text) } else { Err(BadValue::TooLong { limit, length }) }
}

/// Text for a `char(n)`, whose trailing spaces have no meaning: they are left out, and PostgreSQL pads again. So text
/// that is padded up to `limit`, and text without trailing spaces, can be read back; other text is accepted only if
/// `trailing` allows it.
///
/// # Errors
/// The text has more than `limit` characters before those spaces, or their number would be forgotten.
#[inline]
pub fn within_padded(text: &str, limit: u32, trailing: Dropping) -> Result<&str, BadValue> {
    let kept = within(text.trim_end_matches(' '), limit)?;
    let is_whole = kept.len() == text.len() || text.chars().count() == usize::try_from(limit).unwrap_or(usize::MAX);
    if is_whole || trailing == Dropping::Drop { Ok(kept) } else { Err(BadValue::TrailingSpaces) }
}

/// The characters that Windows-1252 has for the bytes 80 to 9F; of the five that it does not assign, the control characters of
/// the same number (<https://encoding.spec.whatwg.org/index-windows-1252.txt>). MySQL's `latin1` is this character set.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Appends the text whose bytes in UTF-8 were taken for characters of Windows-1252.
///
/// # Errors
/// The text has other characters, or its bytes are no UTF-8: it was encoded once.
pub fn decode_twice_encoded(text: &str, out: &mut Vec<u8>) -> Result<(), BadValue> {
    let refused = BadValue::Syntax { wanted: "text that was encoded in UTF-8 twice" };
    let start = out.len();
    for character in text.chars() {
        let byte = match u8::try_from(u32::from(character)) {
            Ok(byte) if !(0x80..0xa0).contains(&byte) => byte,
            _ => match WINDOWS_1252.iter().zip(0x80_u8..).find(|(listed, _)| **listed == character) {
                Some((_, byte)) => byte,
                None => return Err(refused),
            },
        };
        out.push(byte);
    }
    simdutf8::basic::from_utf8(&out[start..]).map(drop).map_err(|_| refused)
}

/// Whether text looks as if its bytes in UTF-8 were encoded once more: it has characters beyond ASCII, and all of it is
/// the text of other such characters. `scratch` is reused from value to value.
#[must_use]
pub fn is_twice_encoded(text: &[u8], scratch: &mut Vec<u8>) -> bool {
    scratch.clear();
    !text.is_ascii() && checked(text).is_ok_and(|text| decode_twice_encoded(text, scratch).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_cannot_hold() {
        assert_eq!(checked("größer ✓".as_bytes()), Ok("größer ✓"));
        assert_eq!(checked(b"a\0b"), Err(BadValue::NulCharacter));
        assert_eq!(checked(b"\xff"), Err(BadValue::NotUtf8));
        assert_eq!(checked(b"\xed\xa0\x80"), Err(BadValue::NotUtf8));
    }

    #[test]
    fn text_that_was_encoded_twice() {
        let decoded = |text: &str| {
            let mut out = Vec::new();
            decode_twice_encoded(text, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert_eq!(decoded("grÃ¶ÃŸer â‚¬").as_deref(), Ok("größer €"));
        assert_eq!(decoded("plain").as_deref(), Ok("plain"));
        let is_twice = |text: &str| is_twice_encoded(text.as_bytes(), &mut b"rest".to_vec());
        assert!(is_twice("grÃ¶ÃŸer â‚¬") && !is_twice("plain"));
        for once in ["größer", "日本", "Ã", "größer, grÃ¶ÃŸer"] {
            assert!(decoded(once).is_err() && !is_twice(once), "{once}");
        }
    }

    #[test]
    fn limits_count_characters() {
        assert_eq!(within("größer", 6), Ok("größer"));
        assert_eq!(within("größer", 5), Err(BadValue::TooLong { limit: 5, length: 6 }));
        assert_eq!(within("ab  ", 3), Err(BadValue::TooLong { limit: 3, length: 4 }));
        assert_eq!(within_padded("ab  ", 4, Dropping::Refused), Ok("ab"));
        assert_eq!(within_padded("ab", 4, Dropping::Refused), Ok("ab"));
        for spaces in ["ab ", "ab   "] {
            assert_eq!(within_padded(spaces, 4, Dropping::Refused), Err(BadValue::TrailingSpaces));
            assert_eq!(within_padded(spaces, 4, Dropping::Drop), Ok("ab"));
        }
    }
}
