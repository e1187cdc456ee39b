//! Affinity: the meaning of a declared type in SQLite.

use crate::dialect::expression::coercion::Coercion;

/// The conversion of a value before SQLite stores it (<https://www.sqlite.org/datatype3.html>, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// Numbers that are whole become integers.
    Integer,
    /// Numbers become text.
    Text,
    /// No conversion.
    Blob,
    /// Numbers become 64-bit floating point.
    Real,
    /// As `Integer`; the two differ in CAST only.
    Numeric,
}

impl Affinity {
    /// The affinity of a column whose declared type has these words, in upper case.
    #[must_use]
    pub fn of(declared: &str) -> Self {
        let has = |part: &str| declared.contains(part);
        if has("INT") {
            Affinity::Integer
        } else if has("CHAR") || has("CLOB") || has("TEXT") {
            Affinity::Text
        } else if has("BLOB") || declared.is_empty() {
            Affinity::Blob
        } else if has("REAL") || has("FLOA") || has("DOUB") {
            Affinity::Real
        } else {
            Affinity::Numeric
        }
    }
}

impl From<Affinity> for Coercion {
    fn from(affinity: Affinity) -> Self {
        match affinity {
            Affinity::Integer => Coercion::Integer,
            Affinity::Text => Coercion::Text,
            Affinity::Blob => Coercion::Nothing,
            Affinity::Real => Coercion::Double,
            Affinity::Numeric => Coercion::Number,
        }
    }
}
