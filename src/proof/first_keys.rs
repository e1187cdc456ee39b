//! Keys of the first rows of some kind: enough to open a few of them, whatever order and however many readers they come in.

use super::rejected::write_key;
use crate::plan::TableMapping;
use crate::source::Row;
use crate::value::Cell;
use std::collections::BTreeSet;

/// Most rows that are named.
const NAMED: usize = 5;

/// Most characters that a row is named with: a key may be a whole text.
const LONGEST: usize = 200;

/// Keys of the first rows: integers by their size, other keys by their text.
#[derive(Debug, Clone, Default)]
pub(crate) struct FirstKeys {
    rows: BTreeSet<(Option<i64>, String)>,
}

impl FirstKeys {
    /// Takes a row in.
    pub(crate) fn add(&mut self, mapping: &TableMapping, row: &Row<'_>) {
        let order = match row.key().next() {
            Some(Cell::Integer(integer)) => Some(integer),
            _ => None,
        };
        // Most rows of many end here, without a text.
        let is_behind = |(last, _): &(Option<i64>, String)| order.is_some() && *last < order;
        if self.rows.len() == NAMED && self.rows.last().is_some_and(is_behind) {
            return;
        }
        let mut key = String::new();
        if !write_key(mapping, row, &mut key) {
            return;
        }
        if let Some((end, _)) = key.char_indices().nth(LONGEST) {
            key.truncate(end);
            key.push('…');
        }
        self.rows.insert((order, key));
        self.cut();
    }

    /// Takes in the keys of other rows.
    pub(crate) fn append(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.cut();
    }

    /// Whether no more rows are named.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= NAMED
    }

    /// The keys, in words.
    pub(crate) fn into_words(self) -> Vec<String> {
        self.rows.into_iter().map(|(_, key)| key).collect()
    }

    fn cut(&mut self) {
        while self.rows.len() > NAMED {
            self.rows.pop_last();
        }
    }
}
