//! The time zone of one column, whose times are not in the source's.

use jiff::tz::TimeZone;
use std::fmt;

/// `timezone` of a column: the zone with the name by which the spec gives it.
#[derive(Clone, PartialEq, Eq)]
pub struct ColumnZone {
    name: String,
    zone: TimeZone,
}

impl ColumnZone {
    /// A zone, and its name in the spec.
    #[must_use]
    pub(super) fn new(name: &str, zone: TimeZone) -> Self {
        Self { name: name.to_owned(), zone }
    }

    /// The name in the spec.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone itself.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

impl fmt::Debug for ColumnZone {
    /// The name alone: the rules of a zone are the machine's, and a spec is the same on all machines.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(formatter)
    }
}
