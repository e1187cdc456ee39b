//! Promises of an engine about the values of a column: which of them need not be read to know that they fit.

use crate::catalog::{ColumnType, DeclaredType};
use crate::value::StorageClass;

/// A column whose values go into a column of the target as they are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuaranteedColumn<'a> {
    /// The name in the source.
    pub(crate) name: &'a str,
    /// The type that the source declares.
    pub(crate) declared: &'a DeclaredType,
    /// The type in the target.
    pub(crate) column_type: &'a ColumnType,
    /// The source's name of the collation, if it has one.
    pub(crate) collation: Option<&'a str>,
}

/// A promise about the values of a column, by its declared type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guarantee {
    /// The storage class of every value that is not NULL.
    pub(crate) class: StorageClass,
    /// Condition, in the engine's SQL, that holds for every row whose value may not fit all the same, and for others
    /// perhaps; `None` if every value fits. NULL always fits.
    pub(crate) doubt: Option<String>,
    /// The length of the values.
    pub(crate) length: Length,
}

/// The length of the values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Length {
    /// Bounded by the declared type: no value has more bytes in UTF-8.
    Declared(u64),
    /// Bounded by the stored values: the largest value of this expression, in the engine's SQL, times the factor.
    Stored(String, u64),
}
