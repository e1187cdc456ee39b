//! Reason why a piece of SQL is refused.

use std::fmt;
use std::ops::Range;

/// A piece of SQL that is refused in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlRefusal {
    /// The fault, as it follows the name of the key: "closes a parenthesis …".
    pub message: String,
    /// The remedy: the SQL to write instead.
    pub hint: &'static str,
    /// The bytes of the SQL that it is about.
    pub place: Range<usize>,
}

impl SqlRefusal {
    pub(super) fn new(place: Range<usize>, message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint, place }
    }
}

impl fmt::Display for SqlRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}
