//! What a declared type means to SQLite.

/// What SQLite makes of a value before it stores it (<https://www.sqlite.org/datatype3.html>, section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Affinity {
    /// Numbers that are whole become integers.
    Integer,
    /// Numbers become text.
    Text,
    /// Nothing is changed.
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
