//! Cutting a rollback into transactions. Dropping an object locks it and its dependents until the transaction ends, and
//! the server's table of locks is made for `max_locks_per_transaction * (max_connections + max_prepared_transactions)`
//! of them (PostgreSQL documentation, section 20.12): a schema of thousands of tables is more.

use crate::target::{Session, TargetError, conditions};
use std::ops::Range;

/// Locks of a statement beside those of the objects that it drops: both ends of a foreign key, the catalogs.
const BESIDE: usize = 4;

/// Share of the server's locks that one transaction may take; other sessions need some too.
const SHARE: (usize, usize) = (3, 4);

/// The number of locks that one transaction may take.
pub(super) async fn limit(session: &Session) -> Result<usize, TargetError> {
    let locks = conditions::read(session).await?.lock_slots;
    let (part, of) = SHARE;
    Ok(usize::try_from(locks).unwrap_or(usize::MAX) / of * part)
}

/// Parts of a list of undoes, one transaction each: a single part if possible. An undo above the limit is a part of its
/// own.
pub(super) fn parts(weights: &[usize], limit: usize) -> Vec<Range<usize>> {
    let (mut parts, mut start, mut taken) = (Vec::new(), 0, 0_usize);
    for (at, weight) in weights.iter().enumerate() {
        let weight = if *weight == 0 { 0 } else { weight.saturating_add(BESIDE) };
        if weight > 0 && taken > 0 && taken.saturating_add(weight) > limit {
            parts.push(start..at);
            (start, taken) = (at, 0);
        }
        taken = taken.saturating_add(weight);
    }
    parts.push(start..weights.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_no_larger_than_the_limit() {
        let ends =
            |weights: &[usize]| parts(weights, 10).into_iter().map(|part| (part.start, part.end)).collect::<Vec<_>>();
        assert_eq!(ends(&[]), [(0, 0)]);
        assert_eq!(ends(&[1, 0, 1]), [(0, 3)]);
        assert_eq!(ends(&[1, 0, 1, 2, 90, 0, 1]), [(0, 3), (3, 4), (4, 6), (6, 7)]);
    }
}
