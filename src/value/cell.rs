//! One stored value, borrowed from the source's own buffer.

use std::borrow::Cow;
use std::fmt;

/// One value as the source stores it, borrowed for as long as the source's row lives.
///
/// Text is bytes on purpose: SQLite does not check that stored text is valid UTF-8, so code that needs characters has
/// to check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'row> {
    /// SQL NULL.
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// An IEEE 754 double.
    Real(f64),
    /// Text in the database's encoding, already converted to UTF-8 if it was UTF-16; not validated.
    Text(&'row [u8]),
    /// Bytes.
    Blob(&'row [u8]),
}

/// The five storage classes of SQLite (<https://www.sqlite.org/datatype3.html>, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StorageClass {
    /// NULL.
    Null,
    /// INTEGER.
    Integer,
    /// REAL.
    Real,
    /// TEXT.
    Text,
    /// BLOB.
    Blob,
}

impl<'row> Cell<'row> {
    /// This value as PostgreSQL would print it, for a reader.
    #[must_use]
    pub fn printed(self) -> Cow<'row, str> {
        match self {
            Cell::Null => "NULL".into(),
            Cell::Integer(integer) => integer.to_string().into(),
            Cell::Real(real) => real.to_string().into(),
            Cell::Text(text) => String::from_utf8_lossy(text),
            Cell::Blob(bytes) => format!("\\x{}", hex::encode(bytes)).into(),
        }
    }
}

impl Cell<'_> {
    /// The storage class of this value.
    #[must_use]
    pub fn storage_class(&self) -> StorageClass {
        match self {
            Cell::Null => StorageClass::Null,
            Cell::Integer(_) => StorageClass::Integer,
            Cell::Real(_) => StorageClass::Real,
            Cell::Text(_) => StorageClass::Text,
            Cell::Blob(_) => StorageClass::Blob,
        }
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            StorageClass::Null => "null",
            StorageClass::Integer => "integer",
            StorageClass::Real => "real",
            StorageClass::Text => "text",
            StorageClass::Blob => "blob",
        })
    }
}
