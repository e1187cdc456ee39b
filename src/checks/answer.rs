//! Answers of any length, and their equality.
//!
//! Only some of the first rows are kept, to be shown: an answer is its number of rows and two digests, one that depends
//! on the order of the rows and one that does not.

use super::value::AnswerValue;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Most rows that are kept to be shown, and most bytes of them.
const KEPT_ROWS: usize = 1000;
const KEPT_BYTES: usize = 1 << 20;

/// Length of the longest row in words that is kept whole.
const LONGEST_ROW: usize = 1000;

/// Complete answer of a query.
#[derive(Default)]
pub(super) struct CheckAnswer {
    /// Number of rows.
    pub(super) rows: u64,
    /// Sum of the rows' digests: independent of their order, but not of a row's repetition.
    unordered: u128,
    ordered: Xxh3,
    kept: Vec<ShownRow>,
    kept_bytes: usize,
    buffer: Vec<u8>,
}

/// Kept row, one of the first.
#[derive(Debug, PartialEq, Eq)]
struct ShownRow {
    digest: u128,
    words: String,
    kinds: Vec<&'static str>,
}

impl CheckAnswer {
    /// Adds the next row: its values, and those that are shown in words.
    pub(super) fn add<'v>(
        &mut self,
        values: impl Iterator<Item = AnswerValue<'v>> + Clone,
        words: impl FnOnce() -> String,
    ) {
        self.buffer.clear();
        for value in values.clone() {
            value.write(&mut self.buffer);
        }
        let digest = xxh3_128(&self.buffer);
        self.rows += 1;
        self.unordered = self.unordered.wrapping_add(digest);
        self.ordered.update(&digest.to_be_bytes());
        if self.kept.len() < KEPT_ROWS && self.kept_bytes < KEPT_BYTES {
            let mut words = words();
            if let Some((end, _)) = words.char_indices().nth(LONGEST_ROW) {
                words.truncate(end);
                words.push('…');
            }
            self.kept_bytes += words.len();
            self.kept.push(ShownRow { digest, words, kinds: values.map(|value| value.kind()).collect() });
        }
    }

    /// Whether both have the same rows, each as often; and in the same order, if `in_order`.
    pub(super) fn is(&self, other: &Self, in_order: bool) -> bool {
        self.rows == other.rows
            && self.unordered == other.unordered
            && (!in_order || self.ordered.digest128() == other.ordered.digest128())
    }

    /// Answer in a few words, with a row that differs from the other answer if there is one.
    pub(super) fn words_beside(&self, other: &Self) -> String {
        let words = |kept: &ShownRow| {
            let looks_alike = other.kept.iter().any(|theirs| theirs.words == kept.words && theirs.kinds != kept.kinds);
            if looks_alike { format!("{} ({})", kept.words, kept.kinds.join(", ")) } else { kept.words.clone() }
        };
        let Some(first) = self.kept.first() else { return "no rows".to_owned() };
        if self.rows == 1 {
            return words(first);
        }
        let differs = self.rows != other.rows || self.unordered != other.unordered;
        // A row is known to be missing in the other answer only if all of the other's rows are kept.
        let are_all_kept = other.rows == other.kept.len() as u64;
        let own = self.kept.iter().find(|kept| !other.kept.iter().any(|theirs| theirs.digest == kept.digest));
        match own.filter(|_| differs && are_all_kept) {
            Some(own) => format!("{} rows, and of these only here: {}", self.rows, words(own)),
            None if self.is(other, false) && !self.is(other, true) => {
                let at = self.kept.iter().zip(&other.kept).position(|(one, two)| one.digest != two.digest);
                match at.and_then(|at| Some((at, self.kept.get(at)?))) {
                    Some((at, kept)) => {
                        format!("{} rows, the same in another order; row {}: {}", self.rows, at + 1, words(kept))
                    }
                    None => format!("{} rows, the same in another order", self.rows),
                }
            }
            None => format!("{} rows, the first: {}", self.rows, words(first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(numbers: impl IntoIterator<Item = u64>) -> CheckAnswer {
        let mut answer = CheckAnswer::default();
        for number in numbers {
            answer.add(std::iter::once(AnswerValue::number(&number.to_string())), || number.to_string());
        }
        answer
    }

    #[test]
    fn every_row_counts_as_often_as_it_comes() {
        let one = answer(0..3000);
        assert!(one.is(&answer(0..3000), true));
        assert!(!one.is(&answer(0..1700), false));
        assert!(!one.is(&answer((0..2999).chain([3000])), false));
        assert!(one.is(&answer((0..3000).rev()), false) && !one.is(&answer((0..3000).rev()), true));
        assert!(!answer([1, 1, 2]).is(&answer([1, 2, 2]), false));
        assert!(!answer([0]).is(&answer([]), false));
        assert!(one.kept.len() == KEPT_ROWS);
    }

    #[test]
    fn a_difference_is_shown() {
        let (one, two) = (answer([1, 2, 3]), answer([1, 4, 3]));
        assert_eq!(one.words_beside(&two), "3 rows, and of these only here: 2");
        assert_eq!(answer([7]).words_beside(&answer([8])), "7");
        assert_eq!(answer([]).words_beside(&one), "no rows");
        assert_eq!(answer([2, 1]).words_beside(&answer([1, 2])), "2 rows, the same in another order; row 1: 2");
    }
}
