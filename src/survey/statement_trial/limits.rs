//! The terms of all trials: a transaction that is rolled back, its limits, and the words for it in an error.

use crate::target::TransactionScope;

/// The words for a trial in an error.
pub(super) const DOING: &str = "trying the plan's statements";

/// Settings that keep a trial and other sessions from blocking each other: it waits at most 2 seconds for a lock, and
/// statements on empty tables are short.
const LIMITS: &str =
    "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'; SET LOCAL synchronous_commit = off";

/// The transaction of a trial: nothing of it stays, whether it succeeded or failed.
pub(super) fn scope() -> TransactionScope<'static> {
    TransactionScope::discarded("ending a trial").beginning("beginning a trial").with(LIMITS)
}
