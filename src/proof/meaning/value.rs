//! Meaning of a value, the same for both sides, and the bytes by which it is compared.

use super::calendar;
use super::number::Number;
use crate::value::Cell;
use std::fmt::Write as _;
use std::net::IpAddr;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Meaning of a value of either side. Long text is borrowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// SQL NULL.
    Null,
    /// `boolean`
    Boolean(bool),
    /// The three integer types.
    Integer(i64),
    /// `real`
    Single(f32),
    /// `double precision`
    Double(f64),
    /// `numeric`, with the digits of fraction that it shows.
    Number(Number<'a>),
    /// Characters: the text types, an enum's label, `json`.
    Text(&'a [u8]),
    /// `bytea`
    Bytes(&'a [u8]),
    /// Converted text or bytes that are too long to be kept.
    Hashed {
        /// Number of bytes.
        length: u64,
        /// Hash of the bytes.
        hash: u128,
    },
    /// `date`: days since 2000-01-01.
    Date(i32),
    /// `time`: microseconds since midnight.
    Time(i64),
    /// `timestamp`: microseconds since 2000-01-01 00:00:00.
    Timestamp(i64),
    /// `timestamptz`: microseconds since 2000-01-01 00:00:00 UTC.
    Timestamptz(i64),
    /// `interval`, each part by itself: a day is not 24 hours.
    Interval {
        /// Months.
        months: i32,
        /// Days.
        days: i32,
        /// Microseconds.
        microseconds: i64,
    },
    /// `uuid`
    Uuid([u8; 16]),
    /// `inet`: the address and the bits of its network.
    Inet(IpAddr, u8),
    /// `jsonb`
    Document {
        /// Hash of its meaning.
        hash: u128,
        /// Text, as this side has it.
        text: &'a [u8],
    },
    /// Field of the target that is not in PostgreSQL's binary format of the type.
    Malformed(&'a [u8]),
}

/// First byte of a value that has no meaning in the target: no value of the target begins with it.
const UNFIT: u8 = 3;

/// Most bytes of text that are copied; longer text is hashed.
const LONG: usize = 64;

impl Value<'_> {
    /// Appends the bytes by which values are compared: equal exactly if the meanings are (a long text by its 128-bit
    /// hash). No value's bytes are the beginning of another's.
    #[inline]
    pub fn append(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.push(0),
            Value::Boolean(value) => out.extend_from_slice(&[1, u8::from(*value)]),
            Value::Integer(value) | Value::Time(value) | Value::Timestamp(value) | Value::Timestamptz(value) => {
                fixed(&value.to_le_bytes(), out);
            }
            // One form of NaN; 0 and -0 stay apart.
            Value::Single(value) => fixed(&if value.is_nan() { f32::NAN } else { *value }.to_bits().to_le_bytes(), out),
            Value::Double(value) => fixed(&if value.is_nan() { f64::NAN } else { *value }.to_bits().to_le_bytes(), out),
            Value::Number(number) => {
                out.push(1);
                number.append(out);
            }
            Value::Text(bytes) | Value::Bytes(bytes) => text(bytes, out),
            Value::Hashed { length, hash } => hashed(*length, *hash, out),
            Value::Date(days) => fixed(&days.to_le_bytes(), out),
            Value::Interval { months, days, microseconds } => {
                fixed(&microseconds.to_le_bytes(), out);
                out.extend_from_slice(&days.to_le_bytes());
                out.extend_from_slice(&months.to_le_bytes());
            }
            Value::Uuid(bytes) => fixed(bytes, out),
            Value::Inet(IpAddr::V4(address), bits) => {
                out.extend_from_slice(&[1, 4, *bits]);
                out.extend_from_slice(&address.octets());
            }
            Value::Inet(IpAddr::V6(address), bits) => {
                out.extend_from_slice(&[1, 6, *bits]);
                out.extend_from_slice(&address.octets());
            }
            Value::Document { hash, .. } => fixed(&hash.to_le_bytes(), out),
            Value::Malformed(bytes) => {
                out.push(4);
                text(bytes, out);
            }
        }
    }

    /// Value in words, shortened for a reader.
    pub(crate) fn shown(&self) -> String {
        const SHOWN: usize = 4096;
        let cut = |bytes: &[u8]| bytes.get(..SHOWN).is_some().then_some(SHOWN);
        let whole = match self {
            Value::Text(bytes) => cut(bytes).map(|end| Value::Text(&bytes[..end]).words()),
            Value::Bytes(bytes) | Value::Malformed(bytes) => cut(bytes).map(|end| Value::Bytes(&bytes[..end]).words()),
            Value::Document { text, .. } => cut(text).map(|end| Value::Text(&text[..end]).words()),
            _ => None,
        };
        whole.map_or_else(|| self.words(), |beginning| beginning + "…")
    }

    /// Value as PostgreSQL prints it with `TimeZone` set to UTC, in a form that it reads back as a key.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Value::Null => "NULL".to_owned(),
            Value::Boolean(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Single(value) => value.to_string(),
            Value::Double(value) => value.to_string(),
            Value::Number(number) => number.words(),
            Value::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::Bytes(bytes) | Value::Malformed(bytes) => format!("\\x{}", hex::encode(bytes)),
            Value::Hashed { length, .. } => format!("({length} bytes)"),
            Value::Date(i32::MAX) | Value::Timestamp(i64::MAX) | Value::Timestamptz(i64::MAX) => "infinity".to_owned(),
            Value::Date(i32::MIN) | Value::Timestamp(i64::MIN) | Value::Timestamptz(i64::MIN) => "-infinity".to_owned(),
            Value::Date(days) => calendar::words(i64::from(*days), None, ""),
            Value::Time(time) => calendar::time_words(*time),
            Value::Timestamp(local) => calendar::instant_words(*local, ""),
            Value::Timestamptz(instant) => calendar::instant_words(*instant, "+00"),
            Value::Interval { months, days, microseconds } => {
                let sign = if *microseconds < 0 { "-" } else { "" };
                let time = microseconds.unsigned_abs();
                let (seconds, fraction) = (time / 1_000_000, time % 1_000_000);
                let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
                format!("{months} months {days} days {sign}{hours:02}:{minutes:02}:{seconds:02}.{fraction:06}")
            }
            Value::Uuid(bytes) => uuid::Uuid::from_bytes(*bytes).to_string(),
            Value::Inet(address, bits) => {
                let mut words = address.to_string();
                if *bits != if address.is_ipv4() { 32 } else { 128 } {
                    let _infallible = write!(words, "/{bits}");
                }
                words
            }
            Value::Document { text, .. } => String::from_utf8_lossy(text).trim().to_owned(),
        }
    }
}

impl<'a> From<Cell<'a>> for Value<'a> {
    /// The value as it is stored, before any column gives it a meaning.
    fn from(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Null => Value::Null,
            Cell::Integer(integer) => Value::Integer(integer),
            Cell::Real(real) => Value::Double(real),
            Cell::Text(text) => Value::Text(text),
            Cell::Blob(bytes) => Value::Bytes(bytes),
        }
    }
}

/// Appends the bytes of a value without a meaning in the target.
pub(crate) fn append_unfit(out: &mut Vec<u8>) {
    out.push(UNFIT);
}

#[inline]
fn fixed(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(bytes);
}

#[inline]
fn text(bytes: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(bytes.len()) {
        Ok(length) if bytes.len() <= LONG => {
            out.extend_from_slice(&[1, length]);
            out.extend_from_slice(bytes);
        }
        _ => hashed(bytes.len() as u64, xxh3_128(bytes), out),
    }
}

fn hashed(length: u64, hash: u128, out: &mut Vec<u8>) {
    out.push(2);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&hash.to_le_bytes());
}

/// Text or bytes converted from a value piece by piece: kept if they are short, and otherwise only hashed, so that a
/// value of a gigabyte is never in memory twice.
#[derive(Default)]
pub(super) struct ConvertedBytes {
    buffer: Vec<u8>,
    hasher: Option<Box<Xxh3>>,
    length: u64,
    characters: u64,
}

/// Most bytes that are kept.
const KEPT: usize = 64 * 1024;

impl ConvertedBytes {
    pub(super) fn begin(&mut self) {
        self.buffer.clear();
        self.hasher = None;
        (self.length, self.characters) = (0, 0);
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        self.length += piece.len() as u64;
        // Every byte that does not continue a character begins one.
        self.characters += piece.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        if self.hasher.is_none() {
            if self.buffer.len() + piece.len() <= KEPT {
                return self.buffer.extend_from_slice(piece);
            }
            let mut hasher = Box::new(Xxh3::new());
            hasher.update(&self.buffer);
            self.hasher = Some(hasher);
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(piece);
        }
    }

    pub(super) fn characters(&self) -> u64 {
        self.characters
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Kept bytes; all of them if they are few.
    pub(super) fn kept(&self) -> &[u8] {
        &self.buffer
    }

    pub(super) fn text(&self) -> Value<'_> {
        self.hashed().unwrap_or(Value::Text(&self.buffer))
    }

    pub(super) fn bytes(&self) -> Value<'_> {
        self.hashed().unwrap_or(Value::Bytes(&self.buffer))
    }

    fn hashed(&self) -> Option<Value<'_>> {
        self.hasher.as_ref().map(|hasher| Value::Hashed { length: self.length, hash: hasher.digest128() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long text is the same whether it was one piece or many.
    #[test]
    fn text_made_of_pieces_is_the_same_text() {
        for length in [0, 1, LONG, LONG + 1, KEPT, KEPT + 1, 3 * KEPT] {
            let whole = vec![b'a'; length];
            let (mut made, mut one, mut other) = (ConvertedBytes::default(), Vec::new(), Vec::new());
            made.begin();
            whole.chunks(1000).for_each(|piece| made.push(piece));
            made.text().append(&mut one);
            Value::Text(&whole).append(&mut other);
            assert_eq!(one, other, "{length}");
            assert!(one.len() <= LONG + 2);
        }
    }
}
