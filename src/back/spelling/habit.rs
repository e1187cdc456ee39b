//! How the values of a column are written in the source: what was seen, counted.

use super::document::is_spaced;
use super::layout::TextLayout;
use crate::catalog::ColumnType;
use crate::value::Cell;
use std::collections::BTreeMap;

/// Most forms of one kind that are told apart.
const FORMS: usize = 64;

/// Storage classes and forms of a column's values.
#[derive(Debug, Clone, Default)]
pub(in crate::back) struct Habit {
    pub(super) integers: u64,
    pub(super) reals: u64,
    pub(super) texts: u64,
    pub(super) blobs: u64,
    /// Dates and times as text, without their fraction of a second: the fractions, by number of digits.
    pub(super) layouts: BTreeMap<TextLayout, Fractions>,
    /// Short texts, of a column whose values are few.
    pub(super) words: BTreeMap<Vec<u8>, u64>,
    /// Other texts.
    pub(super) forms: BTreeMap<TextForm, u64>,
}

/// Fractions of a second under one layout.
#[derive(Debug, Clone, Default)]
pub(super) struct Fractions {
    /// Number of texts by their digits.
    pub(super) digits: BTreeMap<usize, u64>,
    /// Whether a fraction was written that is zero.
    pub(super) shows_zero: bool,
}

impl Fractions {
    pub(super) fn texts(&self) -> u64 {
        self.digits.values().sum()
    }

    /// Digits with which a fraction is written that needs `needed`.
    pub(super) fn for_needed(&self, needed: usize) -> usize {
        let seen = || self.digits.iter().filter(|(digits, _)| **digits >= needed.max(1));
        let most = seen().max_by_key(|(digits, texts)| (**texts, std::cmp::Reverse(**digits)));
        let is_left_out = self.digits.contains_key(&0) && !self.shows_zero;
        match most {
            _ if needed == 0 && (is_left_out || self.digits.keys().all(|digits| *digits == 0)) => 0,
            None => needed,
            // Nearly all have as many: the number is fixed.
            Some((digits, texts)) if *texts * 5 >= seen().map(|(_, texts)| texts).sum::<u64>() * 4 => *digits,
            Some(_) => seen().map(|(digits, _)| *digits).min().unwrap_or(needed),
        }
    }
}

/// Form of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TextForm {
    /// 32 hexadecimal digits or any even number of them: whether with the hyphens of a UUID, in braces, in capitals.
    Hexadecimal { hyphens: bool, braces: bool, capitals: bool },
    /// Hexadecimal digits behind `\x`.
    Backslash,
    /// Hexadecimal digits behind `0x`.
    ZeroX,
    /// JSON with spaces behind colons and commas.
    SpacedJson,
    /// JSON without them.
    DenseJson,
    /// JSON whose characters beyond ASCII are escaped.
    EscapedJson,
    /// JSON that has them as they are.
    PlainJson,
    /// A length of time with a comma behind its days.
    DaysAndComma,
}

impl Habit {
    /// Counts a value of a column of this type in the target.
    pub(in crate::back) fn observe(&mut self, cell: Cell<'_>, column_type: &ColumnType) {
        let text = match cell {
            Cell::Null => return,
            Cell::Integer(_) => return self.integers += 1,
            Cell::Real(_) => return self.reals += 1,
            Cell::Blob(_) => return self.blobs += 1,
            Cell::Text(text) => text,
        };
        self.texts += 1;
        match column_type {
            ColumnType::Boolean => count(&mut self.words, text.to_vec()),
            ColumnType::Interval if text.contains(&b',') => count(&mut self.forms, TextForm::DaysAndComma),
            ColumnType::Date
            | ColumnType::Time(_)
            | ColumnType::Timestamp(_)
            | ColumnType::Timestamptz(_)
            | ColumnType::Interval => {
                let Some((layout, digits, is_zero)) = TextLayout::of(text) else { return };
                if self.layouts.len() < FORMS || self.layouts.contains_key(&layout) {
                    let fractions = self.layouts.entry(layout).or_default();
                    *fractions.digits.entry(digits).or_default() += 1;
                    fractions.shows_zero |= digits > 0 && is_zero;
                }
            }
            ColumnType::Uuid | ColumnType::Bytea => {
                if let Some(form) = hexadecimal(text) {
                    count(&mut self.forms, form);
                }
            }
            ColumnType::Json | ColumnType::Jsonb => {
                if let Some(is_spaced) = is_spaced(text) {
                    count(&mut self.forms, if is_spaced { TextForm::SpacedJson } else { TextForm::DenseJson });
                }
                if !text.is_ascii() {
                    count(&mut self.forms, TextForm::PlainJson);
                } else if memchr::memmem::find(text, b"\\u").is_some() {
                    count(&mut self.forms, TextForm::EscapedJson);
                }
            }
            _ => {}
        }
    }

    /// Whether a form was seen more often than another.
    pub(super) fn prefers(&self, form: TextForm, other: TextForm) -> bool {
        let seen = |form| self.forms.get(&form).copied().unwrap_or_default();
        seen(form) > seen(other)
    }

    /// The forms, the most frequent first.
    pub(super) fn forms(&self) -> Vec<TextForm> {
        let mut forms = self.forms.iter().collect::<Vec<_>>();
        forms.sort_by_key(|(_, seen)| std::cmp::Reverse(**seen));
        forms.into_iter().map(|(form, _)| *form).collect()
    }
}

fn count<K: Ord>(seen: &mut BTreeMap<K, u64>, key: K) {
    if seen.len() < FORMS || seen.contains_key(&key) {
        *seen.entry(key).or_default() += 1;
    }
}

fn hexadecimal(text: &[u8]) -> Option<TextForm> {
    if text.starts_with(b"\\x") {
        return Some(TextForm::Backslash);
    }
    if text.starts_with(b"0x") {
        return Some(TextForm::ZeroX);
    }
    let inner = text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}"));
    let (braces, digits) = inner.map_or((false, text), |inner| (true, inner));
    if digits.is_empty() || !digits.iter().all(|digit| digit.is_ascii_hexdigit() || *digit == b'-') {
        return None;
    }
    let (hyphens, capitals) = (digits.contains(&b'-'), digits.iter().any(u8::is_ascii_uppercase));
    // A short text without a letter says nothing.
    let is_telling = hyphens || braces || digits.len() == 32 || digits.iter().any(u8::is_ascii_alphabetic);
    is_telling.then_some(TextForm::Hexadecimal { hyphens, braces, capitals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_written_as_they_were() {
        let fractions =
            |texts: &[(usize, u64)], shows_zero| Fractions { digits: texts.iter().copied().collect(), shows_zero };
        // Always six; six unless it is zero; never any; as many as it takes.
        let fixed = fractions(&[(6, 9)], true);
        assert_eq!([0, 2, 6].map(|needed| fixed.for_needed(needed)), [6, 6, 6]);
        let omitted = fractions(&[(0, 3), (6, 9)], false);
        assert_eq!([0, 2].map(|needed| omitted.for_needed(needed)), [0, 6]);
        let none = fractions(&[(0, 9)], false);
        assert_eq!([0, 3].map(|needed| none.for_needed(needed)), [0, 3]);
        let trimmed = fractions(&[(0, 3), (1, 2), (2, 3), (3, 9)], false);
        assert_eq!([0, 1, 2, 4].map(|needed| trimmed.for_needed(needed)), [0, 1, 2, 4]);
    }
}
