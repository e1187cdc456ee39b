//! Comparison of two answers: in their order where both queries order their rows, as multisets otherwise.

use super::meaning::ComparedValue;
use std::cmp::Ordering;

/// Row of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct BenchRow {
    /// Number in the answer, counted from one.
    pub(super) number: u64,
    pub(super) values: Vec<ComparedValue>,
}

/// Difference of two answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FirstDifference {
    /// Another number of rows, with a row that only one side has, and whether it is the source's.
    Rows { source: u64, target: u64, row: Option<(BenchRow, bool)> },
    /// A row that differs in the column at this position.
    Value { source: BenchRow, target: BenchRow, column: usize },
    /// A row that only one side has, in answers without an order; whether it is the source's.
    Row { row: BenchRow, is_source: bool },
    /// The same rows, from this one on in another order.
    Order { row: u64 },
}

impl BenchRow {
    fn is(&self, other: &Self) -> bool {
        self.first_difference(other).is_none()
    }

    fn first_difference(&self, other: &Self) -> Option<usize> {
        self.values.iter().zip(&other.values).position(|(one, two)| !one.is(two))
    }

    /// Order in which equal rows meet: exact values first, then numbers that are only near each other.
    fn order(&self, other: &Self) -> Ordering {
        let pairs = || self.values.iter().zip(&other.values);
        let exact = pairs().map(|(one, two)| match (one.number, two.number) {
            (None, None) => one.bytes.cmp(&two.bytes),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(_), Some(_)) => Ordering::Equal,
        });
        let near = pairs().map(|(one, two)| match (one.number, two.number) {
            // Without the sign of zero.
            (Some(one), Some(two)) => (one + 0.0).total_cmp(&(two + 0.0)),
            _ => Ordering::Equal,
        });
        exact.chain(near).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// The first difference of two answers; `None` if they are equal.
pub(super) fn apart(source: Vec<BenchRow>, target: Vec<BenchRow>, in_order: bool) -> Option<FirstDifference> {
    let (source_rows, target_rows) = (source.len() as u64, target.len() as u64);
    if in_order && source_rows == target_rows {
        let place = source.iter().zip(&target).position(|(one, two)| !one.is(two))?;
        let pair = source.get(place).cloned().zip(target.get(place).cloned());
        return match (unordered(source, target), pair) {
            (None, _) => Some(FirstDifference::Order { row: place as u64 + 1 }),
            (Some(_), Some((source, target))) => {
                let column = source.first_difference(&target).unwrap_or(0);
                Some(FirstDifference::Value { source, target, column })
            }
            (Some(one), None) => Some(one),
        };
    }
    let found = unordered(source, target);
    if source_rows != target_rows {
        let row = match found {
            Some(FirstDifference::Row { row, is_source }) => Some((row, is_source)),
            _ => None,
        };
        return Some(FirstDifference::Rows { source: source_rows, target: target_rows, row });
    }
    found
}

/// The first row that only one side has.
fn unordered(mut source: Vec<BenchRow>, mut target: Vec<BenchRow>) -> Option<FirstDifference> {
    source.sort_by(BenchRow::order);
    target.sort_by(BenchRow::order);
    let (mut ours, mut theirs) = (source.into_iter().peekable(), target.into_iter().peekable());
    loop {
        match (ours.peek(), theirs.peek()) {
            (None, None) => return None,
            (Some(one), Some(two)) if one.is(two) => {
                ours.next();
                theirs.next();
            }
            (Some(one), Some(two)) if one.order(two).is_lt() => {
                return ours.next().map(|row| FirstDifference::Row { row, is_source: true });
            }
            (Some(_), None) => return ours.next().map(|row| FirstDifference::Row { row, is_source: true }),
            (_, Some(_)) => return theirs.next().map(|row| FirstDifference::Row { row, is_source: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[&[&str]]) -> Vec<BenchRow> {
        let value = |text: &&str| ComparedValue { bytes: text.as_bytes().to_vec(), ..ComparedValue::default() };
        let row =
            |(at, row): (usize, &&[&str])| BenchRow { number: at as u64 + 1, values: row.iter().map(value).collect() };
        rows.iter().enumerate().map(row).collect()
    }

    #[test]
    fn the_order_counts_where_it_is_asked_for() {
        let (one, two) = (answer(&[&["a", "1"], &["b", "2"]]), answer(&[&["b", "2"], &["a", "1"]]));
        assert_eq!(apart(one.clone(), two.clone(), false), None);
        assert_eq!(apart(one.clone(), two, true), Some(FirstDifference::Order { row: 1 }));
        assert_eq!(apart(one.clone(), one.clone(), true), None);
        let other = answer(&[&["a", "1"], &["b", "3"]]);
        assert!(matches!(apart(one.clone(), other, true), Some(FirstDifference::Value { column: 1, .. })));
        let more = answer(&[&["a", "1"], &["b", "2"], &["b", "2"]]);
        let found = apart(one, more, false);
        assert!(
            matches!(found, Some(FirstDifference::Rows { source: 2, target: 3, row: Some((_, false)) })),
            "{found:?}"
        );
    }

    #[test]
    fn rows_are_a_multiset_without_an_order() {
        let (one, two) = (answer(&[&["a"], &["a"], &["b"]]), answer(&[&["a"], &["b"], &["b"]]));
        assert!(matches!(apart(one, two, false), Some(FirstDifference::Row { is_source: true, .. })));
    }
}
