//! Universally unique identifiers in the spellings that PostgreSQL accepts, and as 16 bytes.

use crate::value::BadValue;

const UUID: &str = "a uuid";

/// The 16 bytes of a UUID written as text: 32 hexadecimal digits in any case, with a hyphen after any group of four
/// digits or without, in braces or without (<https://www.postgresql.org/docs/15/datatype-uuid.html>), and as a URN
/// (`urn:uuid:…`, RFC 9562), which PostgreSQL itself does not read.
///
/// # Errors
/// The text is not a UUID.
#[inline]
pub fn uuid_from_text(text: &[u8]) -> Result<[u8; 16], BadValue> {
    let digits = match text {
        // The form of nearly every value: the crate reads it with a table.
        text if text.len() == 36 && text[0] != b'{' => match ::uuid::Uuid::try_parse_ascii(text) {
            Ok(uuid) => return Ok(uuid.into_bytes()),
            Err(_) => text,
        },
        [b'{', digits @ .., b'}'] => digits,
        [b'u' | b'U', ..] => text
            .split_first_chunk::<9>()
            .filter(|(prefix, _)| prefix.eq_ignore_ascii_case(b"urn:uuid:"))
            .map_or(text, |(_, digits)| digits),
        text => text,
    };
    grouped(digits).ok_or(BadValue::Syntax { wanted: UUID })
}

/// The 16 bytes of a UUID stored as bytes, in the order of its digits.
///
/// # Errors
/// The value does not have 16 bytes.
pub fn uuid_from_blob(bytes: &[u8]) -> Result<[u8; 16], BadValue> {
    bytes.try_into().map_err(|_| BadValue::Syntax { wanted: "the 16 bytes of a uuid" })
}

/// The 16 bytes of a UUID stored as .NET's `Guid.ToByteArray` gives them: the first three groups of digits (four, two and
/// two bytes) with the last byte first (<https://learn.microsoft.com/dotnet/api/system.guid.tobytearray>).
///
/// # Errors
/// The value does not have 16 bytes.
pub fn uuid_from_guid(bytes: &[u8]) -> Result<[u8; 16], BadValue> {
    let mut uuid = uuid_from_blob(bytes)?;
    uuid[..4].reverse();
    uuid[4..6].reverse();
    uuid[6..8].reverse();
    Ok(uuid)
}

/// The 16 bytes of a UUID whose groups of time are stored with the slowest first, so that an index grows at its end: bytes
/// 6 and 7 of the digits, then 4 and 5, then 0 to 3. Source: MySQL manual, `UUID_TO_BIN(uuid, 1)`.
///
/// # Errors
/// The value does not have 16 bytes.
pub fn uuid_from_swapped(bytes: &[u8]) -> Result<[u8; 16], BadValue> {
    let mut uuid = uuid_from_blob(bytes)?;
    uuid[..8].rotate_left(4);
    uuid[4..8].rotate_left(2);
    Ok(uuid)
}

/// 32 digits, each group of four but the last followed by at most one hyphen.
fn grouped(text: &[u8]) -> Option<[u8; 16]> {
    let mut uuid = [0; 16];
    let mut rest = text;
    for (position, byte) in uuid.iter_mut().enumerate() {
        let (high, low) = match rest {
            [high, low, ..] => (nibble(*high)?, nibble(*low)?),
            _ => return None,
        };
        *byte = high << 4 | low;
        rest = &rest[2..];
        if position % 2 == 1
            && position < 15
            && let [b'-', after @ ..] = rest
        {
            rest = after;
        }
    }
    rest.is_empty().then_some(uuid)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_the_documentation() {
        let expected = *b"\xa0\xee\xbc\x99\x9c\x0b\x4e\xf8\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        for text in [
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
            "urn:uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ] {
            assert_eq!(uuid_from_text(text.as_bytes()), Ok(expected), "{text}");
        }
        assert_eq!(uuid_from_blob(&expected), Ok(expected));
        let guid = *b"\x99\xbc\xee\xa0\x0b\x9c\xf8\x4e\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        assert_eq!(uuid_from_guid(&guid), Ok(expected));
        let swapped = *b"\x4e\xf8\x9c\x0b\xa0\xee\xbc\x99\xbb\x6d\x6b\xb9\xbd\x38\x0a\x11";
        assert_eq!(uuid_from_swapped(&swapped), Ok(expected));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "{}",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11",
            "a0eebc9-99c0b-4ef8-bb6d-6bb9bd380a11",
            "g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ] {
            assert!(uuid_from_text(text.as_bytes()).is_err(), "{text}");
        }
        assert!(uuid_from_blob(&[0; 15]).is_err());
    }
}
