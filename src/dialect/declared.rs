//! The type that a column becomes if the spec is silent: by its declared type, or by the stored values.

use crate::catalog::ColumnType;
use crate::value::StorageClass;
use std::collections::BTreeMap;

/// Number of a column's values of each storage class.
pub type StoredClasses = BTreeMap<StorageClass, u64>;

/// Meaning of a declared type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// It names a type.
    Says(ColumnType),
    /// It does not decide the type: the stored values do, or this type if there are none.
    Undecided(ColumnType),
    /// The first type if it holds every stored value, otherwise the second, which holds all that the column can.
    Preferred(ColumnType, ColumnType),
}

impl Declared {
    /// The types that a column may become by its values; none where they do not decide.
    #[must_use]
    pub fn by_values(self) -> Vec<ColumnType> {
        match self {
            Self::Says(_) => Vec::new(),
            Self::Preferred(first, otherwise) => vec![first, otherwise],
            Self::Undecided(otherwise) => vec![
                otherwise,
                ColumnType::BigInt,
                ColumnType::Numeric(None),
                ColumnType::DoublePrecision,
                ColumnType::Text,
                ColumnType::Bytea,
            ],
        }
    }
}

/// Texts that a declared type lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedTexts {
    /// A value is one of these, in their order.
    pub one: Option<Vec<String>>,
    /// A value is any number of these.
    pub several: Option<Vec<String>>,
}

/// The type that holds the values of these storage classes without change. No type holds blobs beside other values:
/// then the column is text, and its blobs are findings that the spec has to decide.
#[must_use]
pub fn by_content(stored: &StoredClasses, otherwise: &ColumnType) -> ColumnType {
    let has = |class: StorageClass| stored.get(&class).is_some_and(|count| *count > 0);
    let (integer, real, text, blob) =
        (has(StorageClass::Integer), has(StorageClass::Real), has(StorageClass::Text), has(StorageClass::Blob));
    match (integer, real, text, blob) {
        (false, false, false, false) => otherwise.clone(),
        (true, false, false, false) => ColumnType::BigInt,
        // numeric keeps a 64-bit integer exactly, a double might not.
        (true, true, false, false) => ColumnType::Numeric(None),
        (false, true, false, false) => ColumnType::DoublePrecision,
        (false, false, false, true) => ColumnType::Bytea,
        (_, _, true, _) | (_, _, _, true) => ColumnType::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_without_loss() {
        let stored = |classes: &[StorageClass]| classes.iter().map(|class| (*class, 1)).collect::<StoredClasses>();
        use StorageClass::{Blob, Integer, Null, Real, Text};
        let decide = |classes: &[StorageClass]| by_content(&stored(classes), &ColumnType::Text);
        assert_eq!(decide(&[Null]), ColumnType::Text);
        assert_eq!(decide(&[Integer, Null]), ColumnType::BigInt);
        assert_eq!(decide(&[Integer, Real]), ColumnType::Numeric(None));
        assert_eq!(decide(&[Integer, Text]), ColumnType::Text);
        assert_eq!(decide(&[Blob]), ColumnType::Bytea);
        assert_eq!(decide(&[Blob, Text]), ColumnType::Text);
    }
}
