//! Equality of texts in a source.

use super::Language;
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
    /// Equality by the rules of a language, or of all of them; or of the bytes without the spaces at the end.
    Collated {
        /// The rule.
        rule: CollationRule,
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

/// A rule by which texts are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CollationRule {
    /// The rule for letters; `None` if they are compared by their code points.
    pub letters: Option<LetterRule>,
    /// Whether spaces at the end do not count (PAD SPACE in the SQL standard).
    pub ignores_trailing_spaces: bool,
}

/// The rule by which letters are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LetterRule {
    /// The differences that count.
    pub sensitivity: Sensitivity,
    /// The language that decides which letters are letters of their own.
    pub language: Language,
}

/// The differences between letters that count, in the words of ECMA-402 (`Intl.Collator`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// The base letter alone: a = á = A.
    Base,
    /// Accents: a ≠ á, a = A.
    Accent,
    /// Case: a = á, a ≠ A.
    Case,
    /// Accents and case. Two spellings of one character are equal all the same.
    Variant,
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
            Equality::Folded { collation, .. }
            | Equality::Collated { collation, .. }
            | Equality::Other { collation } => Some(collation),
        }
    }

    /// The difference that does not count; `None` if texts are compared byte by byte, or by an unknown rule.
    #[must_use]
    pub fn folding(&self) -> Option<Folding> {
        match self {
            Equality::Folded { folding, .. } => Some(*folding),
            Equality::Bytes | Equality::Collated { .. } | Equality::Other { .. } => None,
        }
    }

    /// The rule by which texts are collated; `None` if they are compared in another way.
    #[must_use]
    pub fn rule(&self) -> Option<CollationRule> {
        match self {
            Equality::Collated { rule, .. } => Some(*rule),
            Equality::Bytes | Equality::Folded { .. } | Equality::Other { .. } => None,
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
