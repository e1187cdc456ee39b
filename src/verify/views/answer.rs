//! Answer of a query as a multiset of row hashes.

use xxhash_rust::xxh3::xxh3_128;

/// Relative tolerance of two sums of doubles, in parts of the larger one.
const TOLERANCE: f64 = 1e-9;

/// Row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ViewRow {
    /// Hash of the values that are compared exactly.
    pub(super) hash: u128,
    /// Values that are compared approximately, without their last digits.
    pub(super) approximate: Box<[f64]>,
}

impl ViewRow {
    pub(super) fn new(exact: &[u8], approximate: &[f64]) -> Self {
        Self { hash: xxh3_128(exact), approximate: approximate.into() }
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let values = || {
            let pairs = self.approximate.iter().zip(&other.approximate);
            pairs.map(|(one, two)| one.total_cmp(two)).find(|order| order.is_ne())
        };
        self.hash.cmp(&other.hash).then_with(|| values().unwrap_or(std::cmp::Ordering::Equal))
    }

    fn is_near(&self, other: &Self) -> bool {
        let near = |one: f64, two: f64| {
            let larger = one.abs().max(two.abs());
            one.to_bits() == two.to_bits()
                || one == two
                || larger.is_finite() && (one - two).abs() <= larger * TOLERANCE
        };
        self.approximate.iter().zip(&other.approximate).all(|(one, two)| near(*one, *two))
    }
}

/// Rows of each answer that the other does not have.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UnmatchedAnswerRows {
    pub(super) missing: Vec<ViewRow>,
    pub(super) extra: Vec<ViewRow>,
}

/// Compares two answers as multisets.
pub(super) fn apart(mut source: Vec<ViewRow>, mut target: Vec<ViewRow>) -> UnmatchedAnswerRows {
    source.sort_unstable_by(ViewRow::order);
    target.sort_unstable_by(ViewRow::order);
    let mut apart = UnmatchedAnswerRows::default();
    let (mut ours, mut theirs) = (source.into_iter().peekable(), target.into_iter().peekable());
    loop {
        match (ours.peek(), theirs.peek()) {
            (Some(one), Some(two)) if one.hash == two.hash && one.is_near(two) => {
                ours.next();
                theirs.next();
            }
            (Some(one), Some(two)) if one.order(two).is_lt() => apart.missing.extend(ours.next()),
            (Some(_), None) => apart.missing.extend(ours.next()),
            (_, Some(_)) => apart.extra.extend(theirs.next()),
            (None, None) => return apart,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_multisets_but_for_the_last_digits_of_sums() {
        let row = |text: &str, sum: f64| ViewRow::new(text.as_bytes(), &[sum]);
        let source = vec![row("a", 0.1 + 0.2), row("b", 1.0), row("b", 1.0), row("c", 5.0)];
        let target = vec![row("b", 1.0), row("c", 5.1), row("a", 0.3), row("d", 0.0)];
        let infinite = apart(vec![row("a", f64::INFINITY)], vec![row("a", 1.0)]);
        assert_eq!((infinite.missing.len(), infinite.extra.len()), (1, 1), "nothing is near to infinity");
        let found = apart(source, target);
        assert_eq!(found.missing.len(), 2);
        assert_eq!(found.extra.len(), 2);
        assert!(found.missing.contains(&row("b", 1.0)) && found.missing.contains(&row("c", 5.0)));
        assert!(found.extra.contains(&row("c", 5.1)) && found.extra.contains(&row("d", 0.0)));
    }
}
