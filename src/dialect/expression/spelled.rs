//! Spellings of an expression's values in the source.
//!
//! A source that keeps dates, times and UUIDs as text compares them as text. Its answers equal PostgreSQL's only if all
//! values have one spelling, so every expression carries the spellings of its values.

use crate::value::{Cell, Spelling};
use std::collections::BTreeSet;

/// Spellings of an expression's values, as far as known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Spelled {
    /// The values were not read.
    #[default]
    Unknown,
    /// The migrated values differ from those that the source's own SQL reads.
    Computed,
    /// Two stored values may have become one.
    Merged,
    /// Exactly these; empty if there are no values.
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

    /// Spellings of either of two expressions.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::In(one), Self::In(two)) => Self::In(one | two),
            (Self::In(_), unknown) | (unknown, _) => unknown.clone(),
        }
    }
}
