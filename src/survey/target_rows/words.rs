//! Words about rows that are there already.

/// The comment on a proposed `merge.prefer = "source"`.
pub(super) const PREFERS_SOURCE: &str = "# where a row differs, the source's values take its place, and a rollback brings the others back; \
                                         \"target\" leaves it as it is";

/// The comment on a proposed `merge.prefer = "target"`.
pub(super) const PREFERS_TARGET: &str =
    "# where a row differs, it stays as it is, and the source's values are left behind";

/// The way to another `existing_rows` for a table of which rows are copied already: another plan for them is refused.
pub(super) const START_OVER: &str =
    "start over to change `existing_rows` of a table with copied rows: `transship rollback`, then `transship apply`";

pub(super) use crate::value::counted_rows as rows;

/// The verb for so many.
pub(super) fn is(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The verb for so many.
pub(super) fn has(count: u64) -> &'static str {
    if count == 1 { "has" } else { "have" }
}
