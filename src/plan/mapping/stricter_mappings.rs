//! Decisions of a spec that let values and rows pass which would otherwise stop a run. They do not alter rows that were
//! copied without them: none of these rows needed one.

use super::{ColumnMapping, NO_ROW, TableMapping};
use crate::spec::OnBadValue;
use crate::value::{Dropping, FractionTreatment, RepeatedTime, ZeroDates};

/// Takes one word off a column; whether the column had it.
type TakeOff = fn(&mut ColumnMapping) -> bool;

/// The words of a column. `storage_class` is none of them: it is no part of how a value is copied.
const WORDS: [TakeOff; 7] = [
    |column| take_off(&mut column.on_bad_value, OnBadValue::Stop),
    |column| take_off(&mut column.forgetting.leading_zeros, Dropping::Refused),
    |column| take_off(&mut column.forgetting.trailing_spaces, Dropping::Refused),
    |column| take_off(&mut column.forgetting.fraction, FractionTreatment::Refused),
    |column| take_off(&mut column.forgetting.repeated_time, RepeatedTime::Refused),
    |column| take_off(&mut column.forgetting.zero_dates, ZeroDates::Refused),
    |column| take_off(&mut column.forgetting.letter_case, Dropping::Refused),
];

fn take_off<T: PartialEq>(word: &mut T, without: T) -> bool {
    std::mem::replace(word, without) != *word
}

impl TableMapping {
    /// The mapping without some of these words: each in one column, each in all, all of them; without `merge.prefer`; and without
    /// `where`, or without the second of its conditions: rows that it leaves behind and a run has copied make another digest than
    /// the ledger has.
    pub(in crate::plan) fn stricter(&self) -> impl Iterator<Item = Self> {
        let places = WORDS.iter().flat_map(move |word| (0..self.columns.len()).map(move |at| (word, at)));
        let in_one = places.filter_map(|(word, at)| {
            let has_it = word(&mut self.columns[at].clone());
            has_it.then(|| self.without(|own| own == at, std::slice::from_ref(word)))
        });
        let in_all = WORDS.iter().map(|word| self.without(|_| true, std::slice::from_ref(word)));
        let all = std::iter::once_with(|| self.without(|_| true, &WORDS));
        let undecided = self.merges.as_ref().filter(|merging| merging.prefer.is_some()).map(|_| self.undecided());
        // A word that leaves all rows behind is more than a choice among them.
        let is_choice = self.filter.as_deref().is_some_and(|filter| filter != NO_ROW);
        let unfiltered = is_choice.then(|| Self { filter: None, ..self.clone() });
        // A suggestion puts another condition beside the one that a spec has.
        let first = self.filter.as_deref().and_then(|filter| self.dialect().first_condition(filter));
        let first = first.and_then(|first| first.strip_prefix('(')?.strip_suffix(')'));
        let first = first.into_iter().flat_map(|first| [first, first.trim()]);
        let wider = first.map(|first| Self { filter: Some(first.to_owned()), ..self.clone() });
        undecided.into_iter().chain(unfiltered).chain(wider).chain(all).chain(in_all).chain(in_one)
    }

    /// The same without these words in the columns at some positions.
    fn without(&self, is_meant: impl Fn(usize) -> bool, words: &[TakeOff]) -> Self {
        let mut stricter = self.clone();
        for (_, column) in stricter.columns.iter_mut().enumerate().filter(|(at, _)| is_meant(*at)) {
            for word in words {
                word(column);
            }
        }
        stricter
    }

    /// The same where rows that differ on both sides block.
    fn undecided(&self) -> Self {
        let mut undecided = self.clone();
        if let Some(merging) = &mut undecided.merges {
            merging.prefer = None;
        }
        undecided
    }
}
