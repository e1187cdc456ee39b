//! Words about rows that are there already.

/// The comment on a proposed `merge.prefer = "source"`.
pub(super) const PREFERS_SOURCE: &str = "# where a row differs, the source's values take its place, and a rollback brings the others back; \
                                         \"target\" leaves it as it is";

/// `1 row`, `5 rows`.
pub(super) fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// The verb for so many.
pub(super) fn is(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The verb for so many.
pub(super) fn has(count: u64) -> &'static str {
    if count == 1 { "has" } else { "have" }
}
