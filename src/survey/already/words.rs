//! Words about rows that are there already.

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
