//! Rows of a table on both sides: which of them are equal, and which came, went or changed since.
//!
//! The first pass tells buckets of rows whose sums are equal; only the rows of the others are looked at one by one, in groups that
//! fit into memory.

use super::spelling::{Habit, Speller};
use crate::catalog::Key;
use crate::plan::TableMapping;
use crate::proof::form::{RowHash, RowScratch, SideRow};
use crate::proof::side::Visitor;
use crate::run::failpoint;
use std::collections::HashMap;
use std::sync::Arc;

/// The number of buckets.
pub(super) const BUCKETS: usize = 1 << 16;

/// Most rows of unequal buckets that are compared in one pass.
const ROWS_PER_PASS: u64 = 500_000;

/// Rows at the beginning of a table whose values are all read for their spelling, and the distance between two of the
/// later ones.
const LOOKED_AT: u64 = 20_000;
const DISTANCE: u64 = 64;

/// Number of rows and the sum of their hashes, for every bucket.
#[derive(Debug)]
pub(super) struct RowBuckets {
    tallies: Vec<(u64, u128)>,
    rows: u64,
}

impl Default for RowBuckets {
    fn default() -> Self {
        Self { tallies: vec![(0, 0); BUCKETS], rows: 0 }
    }
}

pub(super) fn bucket_of(hash: RowHash) -> usize {
    usize::try_from(hash.key & (BUCKETS as u128 - 1)).unwrap_or(0)
}

impl Visitor for RowBuckets {
    fn visit(&mut self, hash: RowHash, _: SideRow<'_, '_>, _: &mut RowScratch) {
        let (rows, sum) = &mut self.tallies[bucket_of(hash)];
        *rows += 1;
        *sum = sum.wrapping_add(hash.values);
        self.rows += 1;
    }
}

/// The buckets that are looked at in one pass: whether each is among them.
pub(super) type BucketGroup = Arc<Vec<bool>>;

/// Groups of the buckets in which the sides differ.
pub(super) fn unequal(one: &RowBuckets, other: &RowBuckets) -> Vec<BucketGroup> {
    let (mut groups, mut rows) = (Vec::<Vec<bool>>::new(), ROWS_PER_PASS);
    for (at, (one, other)) in one.tallies.iter().zip(&other.tallies).enumerate() {
        if one == other && !(failpoint::respells() && one.0 > 0) {
            continue;
        }
        if rows >= ROWS_PER_PASS {
            groups.push(vec![false; BUCKETS]);
            rows = 0;
        }
        rows += one.0.max(other.0);
        if let Some(group) = groups.last_mut() {
            group[at] = true;
        }
    }
    groups.into_iter().map(Arc::new).collect()
}

/// The first pass over the basis: tallies, and how values are written.
pub(super) struct Seen {
    pub(super) buckets: RowBuckets,
    pub(super) habits: Vec<Habit>,
    spellers: Arc<Vec<Speller>>,
}

impl Seen {
    pub(super) fn new(spellers: Arc<Vec<Speller>>) -> Self {
        Self { buckets: RowBuckets::default(), habits: vec![Habit::default(); spellers.len()], spellers }
    }
}

impl Visitor for Seen {
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch) {
        self.buckets.visit(hash, row, scratch);
        let is_looked_at = self.buckets.rows <= LOOKED_AT || self.buckets.rows.is_multiple_of(DISTANCE);
        if let (SideRow::Source(row), true) = (row, is_looked_at) {
            for (at, (habit, speller)) in self.habits.iter_mut().zip(self.spellers.iter()).enumerate() {
                habit.observe(row.cell(at), speller.column_type());
            }
        }
    }
}

/// Rows of the basis in a group of buckets that no row of the target has met yet, by the hashes of their keys: the hash of the
/// values, and the key in the basis.
pub(super) type UnmatchedRows = HashMap<u128, Vec<(u128, Key)>>;

/// The second pass over the basis.
pub(super) struct Gathered {
    pub(super) group: BucketGroup,
    pub(super) rows: UnmatchedRows,
}

impl Visitor for Gathered {
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, _: &mut RowScratch) {
        if let (SideRow::Source(row), true) = (row, self.group[bucket_of(hash)]) {
            self.rows.entry(hash.key).or_default().push((hash.values, row.owned_key()));
        }
    }
}

/// The counterpart of a row of the target among the rows of the basis.
#[derive(Debug)]
pub(super) enum Counterpart {
    /// An equal row.
    Equal,
    /// A row of the same key with other values.
    Other(Key),
    /// None.
    Absent,
}

/// Takes the counterpart of a row away from the rows that are left.
pub(super) fn meet(rows: &mut UnmatchedRows, hash: RowHash) -> Counterpart {
    let Some(same) = rows.get_mut(&hash.key) else { return Counterpart::Absent };
    if let Some(at) = same.iter().position(|(values, _)| *values == hash.values) {
        let (_, key) = same.swap_remove(at);
        return if failpoint::respells() { Counterpart::Other(key) } else { Counterpart::Equal };
    }
    same.pop().map_or(Counterpart::Absent, |(_, key)| Counterpart::Other(key))
}

/// Positions of a table's columns: of those that are read of a stored row, and of those that are written.
#[derive(Debug, Clone)]
pub(super) struct ColumnPositions {
    /// For each column of the mapping: its position among the stored columns; `None` if the source computes it.
    pub(super) stored: Vec<Option<usize>>,
    /// For each column of the mapping: its position among the values read of a stored row.
    pub(super) read: Vec<Option<usize>>,
}

impl ColumnPositions {
    pub(super) fn of(mapping: &TableMapping, stored: &[String]) -> Self {
        let place = |name: &String| stored.iter().position(|column| column.eq_ignore_ascii_case(name));
        let stored = mapping.columns.iter().map(|column| place(&column.source)).collect::<Vec<_>>();
        let mut next = 0..;
        let read = stored.iter().map(|place| place.and_then(|_| next.next())).collect();
        Self { stored, read }
    }
}
