//! Spellings that the values of an expression have in the source.
//!
//! A source that keeps dates, times and UUIDs as text compares them as text. Its answers are PostgreSQL's where all of them
//! are spelled alike, and so the spellings of the stored values go along with every expression.

use crate::value::{Cell, Spelling};
use std::collections::BTreeSet;

/// The spellings of the values that an expression gives, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Spelled {
    /// Nobody has looked.
    #[default]
    Unknown,
    /// The values that are migrated are not those that the source's own SQL reads.
    Computed,
    /// Two of them may have become one value.
    Merged,
    /// These and no others; none where no value is there.
    In(BTreeSet<Spelling>),
}

impl Spelled {
    /// The one spelling of a literal, if it has any.
    pub(crate) fn one(spelling: Option<Spelling>) -> Self {
        Self::In(spelling.into_iter().collect())
    }

    /// The spelling of a string.
    pub(crate) fn of_text(text: &str) -> Self {
        Self::one(Spelling::of(Cell::Text(text.as_bytes())))
    }

    /// Spellings of two expressions of which either may be the value.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::In(one), Self::In(two)) => Self::In(one | two),
            (Self::In(_), unknown) | (unknown, _) => unknown.clone(),
        }
    }
}
