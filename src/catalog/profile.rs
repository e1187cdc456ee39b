//! Contents of a table's columns: counts, extents and shapes, as plain data.

use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// The rows of one source table that the spec selects, column by column.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TableProfile {
    /// The source table.
    pub table: String,
    /// Its rows, without those that the spec's `where` leaves behind.
    pub rows: u64,
    /// The columns that are copied, in their order.
    pub columns: Vec<ColumnProfile>,
}

/// Contents of one column.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// The source column.
    pub column: String,
    /// Number of values of each storage class.
    pub stored: StoredCounts,
    /// The smallest number. Numbers and extents of it are values: shown only if values are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<StoredNumber>,
    /// The largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<StoredNumber>,
    /// The most characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_characters: Option<u64>,
    /// The most bytes of a text in UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_bytes: Option<u64>,
    /// The most bytes of a blob.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_blob: Option<u64>,
    /// Number of values by form of date, for columns that hold dates: `YYYY-MM-DD hh:mm:ss`, `unix seconds`, …
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dates: BTreeMap<String, u64>,
    /// Dates in text with more than six digits of a fraction of a second that are not zero.
    #[serde(skip_serializing_if = "is_zero")]
    pub fractions_beyond_microseconds: u64,
    /// Texts that look as if they were encoded in UTF-8 twice, where the source's engine may have done that.
    #[serde(skip_serializing_if = "is_zero")]
    pub encoded_twice: u64,
    /// Other texts with characters beyond ASCII in such a column.
    #[serde(skip_serializing_if = "is_zero")]
    pub encoded_once: u64,
}

/// Number of values of each storage class in a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCounts {
    /// NULL.
    pub null: u64,
    /// 64-bit integers.
    pub integer: u64,
    /// Doubles.
    pub real: u64,
    /// Text.
    pub text: u64,
    /// Blobs.
    pub blob: u64,
}

/// A number as it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StoredNumber {
    /// A 64-bit integer.
    Integer(i64),
    /// A double.
    Real(f64),
}

impl StoredNumber {
    /// As a double, rounded: for comparing magnitudes.
    #[must_use]
    pub fn magnitude(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "rounded on purpose")]
            StoredNumber::Integer(integer) => integer as f64,
            StoredNumber::Real(real) => real,
        }
    }

    /// Whether this is the smaller of two numbers; integers are compared exactly.
    #[must_use]
    pub fn is_below(self, other: StoredNumber) -> bool {
        match (self, other) {
            (StoredNumber::Integer(one), StoredNumber::Integer(two)) => one < two,
            _ => self.magnitude() < other.magnitude(),
        }
    }
}

impl fmt::Display for StoredNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoredNumber::Integer(integer) => integer.fmt(formatter),
            StoredNumber::Real(real) => real.fmt(formatter),
        }
    }
}

impl Serialize for StoredNumber {
    /// As a JSON number; an infinity, which JSON does not have, as text.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            StoredNumber::Integer(integer) => serializer.serialize_i64(*integer),
            StoredNumber::Real(real) if real.is_finite() => serializer.serialize_f64(*real),
            StoredNumber::Real(real) => serializer.collect_str(real),
        }
    }
}

impl StoredCounts {
    /// Number of kinds among the values, of the three that are never equal in SQLite: numbers, text, blobs.
    #[must_use]
    pub fn kinds(&self) -> usize {
        [self.integer + self.real, self.text, self.blob].into_iter().filter(|count| *count > 0).count()
    }
}

impl TableProfile {
    /// Number of values of each storage class in the column at `position`; zero for a column that the profile does not
    /// have.
    #[must_use]
    pub fn stored(&self, position: usize) -> StoredCounts {
        self.columns.get(position).map(|column| column.stored).unwrap_or_default()
    }

    /// The profile without a value of any row in it: counts, lengths and shapes alone.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let bare = |column: &ColumnProfile| ColumnProfile { minimum: None, maximum: None, ..column.clone() };
        Self { columns: self.columns.iter().map(bare).collect(), ..self.clone() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_where_they_were_not_asked_for() {
        let column = ColumnProfile {
            minimum: Some(StoredNumber::Integer(-5)),
            maximum: Some(StoredNumber::Real(f64::INFINITY)),
            ..ColumnProfile::default()
        };
        let profile = TableProfile { table: "t".to_owned(), rows: 2, columns: vec![column] };
        let shown = serde_json::to_string(&profile).unwrap();
        assert!(shown.contains(r#""minimum":-5,"maximum":"inf""#), "{shown}");
        let bare = serde_json::to_string(&profile.without_values()).unwrap();
        assert!(!bare.contains("minimum") && !bare.contains("maximum"), "{bare}");
    }

    #[test]
    fn integers_are_compared_exactly() {
        let (near, nearer) = (StoredNumber::Integer(i64::MAX - 1), StoredNumber::Integer(i64::MAX));
        assert!(near.is_below(nearer) && !nearer.is_below(near));
        assert!(StoredNumber::Real(-1.5).is_below(StoredNumber::Integer(-1)));
    }
}
