//! Kinds of omitted objects, and their words in the documents.

use crate::catalog::OtherObjectKind;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// Kind of an omitted object. Ordered by the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OmittedObject {
    /// A CHECK.
    Check,
    /// A column's collation that has no counterpart.
    Collation,
    /// A column.
    Column,
    /// A column's way to compare, which the spec can have.
    Comparison,
    /// A conflict clause of a constraint.
    ConflictClause,
    /// All constraints of a table whose statement cannot be taken apart.
    Constraints,
    /// A column's default.
    Default,
    /// An event.
    Event,
    /// A foreign key.
    ForeignKey,
    /// A function.
    Function,
    /// The expression of a generated column.
    Generated,
    /// An index that is not unique.
    Index,
    /// The way in which a key compares its values.
    KeyComparison,
    /// A primary key.
    PrimaryKey,
    /// A procedure.
    Procedure,
    /// A sequence.
    Sequence,
    /// A table that belongs to a virtual table.
    ShadowTable,
    /// A table.
    Table,
    /// A trigger.
    Trigger,
    /// A unique constraint.
    Unique,
    /// A unique index.
    UniqueIndex,
    /// A column's value on UPDATE.
    Update,
    /// A view.
    View,
    /// A virtual table.
    VirtualTable,
}

impl OmittedObject {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Collation => "collation",
            Self::Column => "column",
            Self::Comparison => "comparison",
            Self::ConflictClause => "conflict clause",
            Self::Constraints => "constraints",
            Self::Default => "default",
            Self::Event => "event",
            Self::ForeignKey => "foreign key",
            Self::Function => "function",
            Self::Generated => "generated",
            Self::Index => "index",
            Self::KeyComparison => "key's comparison",
            Self::PrimaryKey => "primary key",
            Self::Procedure => "procedure",
            Self::Sequence => "sequence",
            Self::ShadowTable => "shadow table",
            Self::Table => "table",
            Self::Trigger => "trigger",
            Self::Unique => "unique",
            Self::UniqueIndex => "unique index",
            Self::Update => "update",
            Self::View => "view",
            Self::VirtualTable => "virtual table",
        }
    }

    /// The kind as documents list it: unique indexes among the indexes, and all comparisons as collations.
    pub(super) const fn listed(self) -> Self {
        match self {
            Self::UniqueIndex => Self::Index,
            Self::Comparison | Self::KeyComparison => Self::Collation,
            other => other,
        }
    }

    /// Whether the object is a program, which has to be written again by its text.
    #[must_use]
    pub const fn is_program(self) -> bool {
        matches!(self, Self::Trigger | Self::Procedure | Self::Function | Self::Event)
    }

    /// Whether the object, as it is listed, may refuse rows.
    #[must_use]
    pub const fn refuses_rows(self) -> bool {
        matches!(self, Self::Check | Self::Index | Self::PrimaryKey | Self::Unique)
    }
}

impl From<OtherObjectKind> for OmittedObject {
    fn from(kind: OtherObjectKind) -> Self {
        match kind {
            OtherObjectKind::View => Self::View,
            OtherObjectKind::Trigger => Self::Trigger,
            OtherObjectKind::VirtualTable => Self::VirtualTable,
            OtherObjectKind::ShadowTable => Self::ShadowTable,
            OtherObjectKind::Procedure => Self::Procedure,
            OtherObjectKind::Function => Self::Function,
            OtherObjectKind::Event => Self::Event,
            OtherObjectKind::Sequence => Self::Sequence,
        }
    }
}

impl Ord for OmittedObject {
    fn cmp(&self, other: &Self) -> Ordering {
        self.word().cmp(other.word())
    }
}

impl PartialOrd for OmittedObject {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for OmittedObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Serialize for OmittedObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_objects_keep_their_words() {
        for kind in [
            OtherObjectKind::View,
            OtherObjectKind::Trigger,
            OtherObjectKind::VirtualTable,
            OtherObjectKind::ShadowTable,
            OtherObjectKind::Procedure,
            OtherObjectKind::Function,
            OtherObjectKind::Event,
            OtherObjectKind::Sequence,
        ] {
            assert_eq!(OmittedObject::from(kind).word(), kind.word());
        }
    }
}
