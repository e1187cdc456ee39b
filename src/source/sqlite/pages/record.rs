//! The record format (<https://www.sqlite.org/fileformat2.html#record_format>).

use super::MalformedPage;
use crate::value::Cell;

/// The longest header of a record: one of 32,767 columns with three bytes each, and its own length (`OP_Column` of SQLite's
/// vdbe.c).
const LONGEST_HEADER: usize = 98_307;

/// The place of one column's value in a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct ValuePlace {
    /// The kind of the value, and its length.
    serial_type: u64,
    start: usize,
    /// Its end in the record.
    pub(super) end: usize,
}

/// Finds the first `wanted` values of a record of `length` bytes, of which the beginning with the header is given;
/// fewer if the record has fewer.
pub(super) fn find_values(
    beginning: &[u8],
    length: usize,
    wanted: usize,
    fields: &mut Vec<ValuePlace>,
) -> Result<(), MalformedPage> {
    fields.clear();
    let (header, mut at) = varint(beginning, 0)?;
    if header == 0 {
        // SQLite reads such a row as one without values.
        return Err(MalformedPage("a record without a header"));
    }
    let within = at..=beginning.len().min(LONGEST_HEADER);
    let header = usize::try_from(header).ok().filter(|header| within.contains(header));
    let header = header.ok_or(MalformedPage("the length of a record's header"))?;
    let mut start = header;
    while at < header && fields.len() < wanted {
        let (serial_type, next) = varint(&beginning[..header], at)?;
        let bytes = bytes_of(serial_type).ok_or(MalformedPage("a value of a reserved type"))?;
        let end = start.checked_add(bytes).filter(|end| *end <= length);
        let end = end.ok_or(MalformedPage("a value behind the end of its record"))?;
        fields.push(ValuePlace { serial_type, start, end });
        (at, start) = (next, end);
    }
    // The values of a whole header fill the record (`OP_Column` again).
    if at == header && start != length {
        return Err(MalformedPage("a record that is longer than its values"));
    }
    Ok(())
}

/// Length in bytes of a value of the serial type.
fn bytes_of(serial_type: u64) -> Option<usize> {
    match serial_type {
        0 | 8 | 9 => Some(0),
        1..=4 => usize::try_from(serial_type).ok(),
        5 => Some(6),
        6 | 7 => Some(8),
        // "Reserved for internal use. These serial type codes will never appear in a well-formed database file."
        10 | 11 => None,
        bytes => usize::try_from((bytes - 12) / 2).ok(),
    }
}

impl ValuePlace {
    /// The value, as it is stored.
    #[inline]
    pub(super) fn cell(self, record: &[u8]) -> Cell<'_> {
        let bytes = &record[self.start..self.end];
        match (self.serial_type, bytes) {
            (8, _) => Cell::Integer(0),
            (9, _) => Cell::Integer(1),
            (1, &[a]) => Cell::Integer(i64::from(i8::from_be_bytes([a]))),
            (2, &[a, b]) => Cell::Integer(i64::from(i16::from_be_bytes([a, b]))),
            (3, &[a, b, c]) => Cell::Integer(i64::from(i32::from_be_bytes([a, b, c, 0]) >> 8)),
            (4, &[a, b, c, d]) => Cell::Integer(i64::from(i32::from_be_bytes([a, b, c, d]))),
            (5, &[a, b, c, d, e, f]) => Cell::Integer(i64::from_be_bytes([a, b, c, d, e, f, 0, 0]) >> 16),
            (6, &[a, b, c, d, e, f, g, h]) => Cell::Integer(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
            (7, &[a, b, c, d, e, f, g, h]) => match f64::from_be_bytes([a, b, c, d, e, f, g, h]) {
                // SQLite has no NaN: it reads one as NULL.
                nan if nan.is_nan() => Cell::Null,
                real => Cell::Real(real),
            },
            (12.., bytes) if self.serial_type.is_multiple_of(2) => Cell::Blob(bytes),
            (13.., text) => Cell::Text(text),
            _ => Cell::Null,
        }
    }
}

/// A variable-length integer and the position after it (<https://www.sqlite.org/fileformat2.html#varint>).
#[inline]
pub(super) fn varint(bytes: &[u8], at: usize) -> Result<(u64, usize), MalformedPage> {
    match bytes.get(at) {
        // Nearly all of them are of one byte.
        Some(byte) if *byte < 0x80 => Ok((u64::from(*byte), at + 1)),
        _ => long_varint(bytes, at),
    }
}

fn long_varint(bytes: &[u8], at: usize) -> Result<(u64, usize), MalformedPage> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().skip(at).take(9).enumerate() {
        if place == 8 {
            return Ok((value << 8 | u64::from(*byte), at + 9));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Ok((value, at + place + 1));
        }
    }
    Err(MalformedPage("a number is cut off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length() {
        assert_eq!(varint(&[0x00], 0), Ok((0, 1)));
        assert_eq!(varint(&[0xFF, 0x7F], 1), Ok((0x7F, 2)));
        assert_eq!(varint(&[0x81, 0x00], 0), Ok((128, 2)));
        assert_eq!(varint(&[0xFF; 9], 0), Ok((u64::MAX, 9)));
        assert_eq!(varint(&[0x80; 9], 0), Ok((0x80, 9)));
        assert!(varint(&[0x80; 8], 0).is_err());
        assert!(varint(&[], 0).is_err());
        assert!(varint(&[1], 7).is_err());
    }

    #[test]
    fn a_record_that_contradicts_itself_is_refused() {
        let mut fields = Vec::new();
        let mut find = |record: &[u8]| find_values(record, record.len(), 9, &mut fields).map(|()| fields.len());
        assert_eq!(find(&[1]), Ok(0), "no columns");
        assert!(find(&[1, 1, 5]).is_err(), "values without a header");
        assert_eq!(find(&[3, 1, 13, 5]), Ok(2), "a byte and empty text");
        assert!(find(&[]).is_err());
        assert!(find(&[9, 1]).is_err(), "the header goes on behind the end");
        assert!(find(&[2, 4, 0, 0, 0]).is_err(), "three of four bytes");
        assert!(find(&[2, 10]).is_err(), "a reserved type");
        assert!(find(&[2, 1, 5, 5]).is_err(), "a byte more than its values");
        let huge = [10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert!(find(&huge).is_err(), "text of 2^63 bytes");
    }
}
