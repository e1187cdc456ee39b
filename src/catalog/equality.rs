//! Equality of texts in a source.

use serde::{Deserialize, Serialize, Serializer};

/// How a source compares the texts of a column or of an index's key.
///
/// An engine's collation names are interpreted once, when its structure is read; they are kept for messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Equality {
    /// Equality and order of the bytes: as in PostgreSQL's collation "C".
    #[default]
    Bytes,
    /// Equality of the bytes after folding a difference that does not count.
    Folded {
        /// The difference that does not count.
        folding: Folding,
        /// The collation's name in the source.
        collation: String,
    },
    /// A rule that transship does not know.
    Other {
        /// The collation's name in the source.
        collation: String,
    },
}

/// A difference that does not count in a comparison of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folding {
    /// The case of the 26 letters of ASCII, and of no others.
    AsciiCase,
    /// Spaces at the end.
    TrailingSpaces,
}

impl Equality {
    /// Whether texts are compared byte by byte.
    #[must_use]
    pub fn is_bytes(&self) -> bool {
        *self == Equality::Bytes
    }

    /// The source's name of the collation; `None` for the comparison by bytes.
    #[must_use]
    pub fn collation(&self) -> Option<&str> {
        match self {
            Equality::Bytes => None,
            Equality::Folded { collation, .. } | Equality::Other { collation } => Some(collation),
        }
    }

    /// The difference that does not count; `None` if texts are compared byte by byte, or by an unknown rule.
    #[must_use]
    pub fn folding(&self) -> Option<Folding> {
        match self {
            Equality::Folded { folding, .. } => Some(*folding),
            Equality::Bytes | Equality::Other { .. } => None,
        }
    }

    /// Writes the collation's name alone: documents for readers show no more of an equality.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize_collation<S: Serializer>(equality: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        equality.collation().serialize(serializer)
    }
}
