//! Keys of rows as plain data, exact to the bit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Rows that a finding, an error or a refusal names by their keys; the others are counted.
pub const NAMED_ROWS: usize = 5;

/// A key: one value for each of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub Vec<KeyValue>);

/// One value of a key. Text and BLOB are kept as bytes, a real number as its bits: a rounded or repaired bound would
/// put rows into two chunks or into none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyValue {
    /// A whole number.
    Integer(i64),
    /// A real number, by `f64::to_bits`.
    Real(u64),
    /// An exact number that is no 64-bit integer with a sign, by its digits: compared as a number, never as text.
    Number(String),
    /// Text that is UTF-8 and holds no NUL, which JSON in PostgreSQL cannot.
    Text(String),
    /// Any other text.
    TextBytes(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Key {
    fn from(integer: i64) -> Self {
        Key(vec![KeyValue::Integer(integer)])
    }
}

impl Key {
    /// The integer of a key of one integer.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self.0.as_slice() {
            [KeyValue::Integer(integer)] => Some(*integer),
            _ => None,
        }
    }
}

impl KeyValue {
    /// Text of any bytes.
    #[must_use]
    pub fn text(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => KeyValue::Text(text.to_owned()),
            _ => KeyValue::TextBytes(bytes.to_vec()),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return only.fmt(formatter);
        }
        formatter.write_str("(")?;
        for (at, value) in self.0.iter().enumerate() {
            formatter.write_str(if at == 0 { "" } else { ", " })?;
            value.fmt(formatter)?;
        }
        formatter.write_str(")")
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyValue::Integer(integer) => integer.fmt(formatter),
            KeyValue::Real(bits) => f64::from_bits(*bits).fmt(formatter),
            KeyValue::Number(text) | KeyValue::Text(text) => formatter.write_str(text),
            KeyValue::TextBytes(bytes) => String::from_utf8_lossy(bytes).fmt(formatter),
            KeyValue::Blob(bytes) => {
                formatter.write_str("x'")?;
                bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
                formatter.write_str("'")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_in_json() {
        let values = [
            KeyValue::Integer(i64::MIN),
            KeyValue::Real((0.1_f64 + 0.2).to_bits()),
            KeyValue::Real(f64::INFINITY.to_bits()),
            KeyValue::Number("18446744073709551615".to_owned()),
            KeyValue::text("größer".as_bytes()),
            KeyValue::text(b"a\0b"),
            KeyValue::text(&[0xff, b'x']),
            KeyValue::Blob(vec![0, 255]),
        ];
        let key = Key(values.to_vec());
        let text = serde_json::to_string(&key).unwrap();
        assert!(!text.contains("\\u0000"), "{text}");
        assert_eq!(serde_json::from_str::<Key>(&text).unwrap(), key);
        assert_eq!(Key(values[..1].to_vec()).integer(), Some(i64::MIN));
    }
}
