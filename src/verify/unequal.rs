//! Tallies of the rows of both sides, by buckets and by keys, and what follows where they differ.

use super::outcome::{DifferenceKind, TableResult};
use super::shared::ShareableVisitor;
use crate::proof::form::{RowHash, RowScratch, SideRow};
use crate::proof::side::Visitor;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The number of buckets: 1.5 MB for each side.
const BUCKETS: usize = 1 << 16;

/// Most rows of unequal buckets that are compared in one pass.
const ROWS_PER_PASS: u64 = 1_000_000;

/// Most rows with the target's own values that are named.
const NAMED: u64 = 5;

/// Number of rows and the sum of their hashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    rows: u64,
    sum: u128,
}

impl Tally {
    fn add(&mut self, hash: RowHash) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hash.values);
    }

    fn append(&mut self, other: Self) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

fn bucket_of(hash: RowHash) -> usize {
    // The low bits of a good hash are as good as any.
    usize::try_from(hash.key & (BUCKETS as u128 - 1)).unwrap_or(0)
}

/// First pass: a tally for every bucket.
#[derive(Clone)]
pub(super) struct TallyBuckets(Vec<Tally>);

impl Default for TallyBuckets {
    fn default() -> Self {
        Self(vec![Tally::default(); BUCKETS])
    }
}

impl TallyBuckets {
    /// The sum over all rows, whatever their order.
    pub(super) fn digest(&self) -> String {
        format!("{:032x}", self.0.iter().fold(0_u128, |sum, tally| sum.wrapping_add(tally.sum)))
    }

    /// The buckets in which the sides differ, in groups whose rows fit into memory.
    pub(super) fn unequal_groups(&self, other: &Self) -> Vec<BTreeSet<usize>> {
        let (mut groups, mut rows) = (Vec::<BTreeSet<usize>>::new(), ROWS_PER_PASS);
        for (at, (one, other)) in self.0.iter().zip(&other.0).enumerate().filter(|(_, (one, other))| one != other) {
            if rows >= ROWS_PER_PASS {
                groups.push(BTreeSet::new());
                rows = 0;
            }
            rows += one.rows.max(other.rows);
            groups.last_mut().map(|group| group.insert(at));
        }
        groups
    }
}

impl ShareableVisitor for TallyBuckets {
    fn append(&mut self, other: Self) {
        for (tally, other) in self.0.iter_mut().zip(other.0) {
            tally.append(other);
        }
    }
}

impl Visitor for TallyBuckets {
    fn visit(&mut self, hash: RowHash, _: SideRow<'_, '_>, _: &mut RowScratch) {
        self.0[bucket_of(hash)].add(hash);
    }
}

/// Second pass: a tally for every key in some buckets.
#[derive(Clone)]
pub(super) struct KeyTallies {
    buckets: Arc<BTreeSet<usize>>,
    tallies: HashMap<u128, Tally>,
}

impl KeyTallies {
    pub(super) fn of(buckets: Arc<BTreeSet<usize>>) -> Self {
        Self { buckets, tallies: HashMap::new() }
    }

    fn tally(&self, key: u128) -> Tally {
        self.tallies.get(&key).copied().unwrap_or_default()
    }
}

impl Visitor for KeyTallies {
    fn visit(&mut self, hash: RowHash, _: SideRow<'_, '_>, _: &mut RowScratch) {
        if self.buckets.contains(&bucket_of(hash)) {
            self.tallies.entry(hash.key).or_default().add(hash);
        }
    }
}

impl ShareableVisitor for KeyTallies {
    fn append(&mut self, other: Self) {
        for (key, tally) in other.tallies {
            self.tallies.entry(key).or_default().append(tally);
        }
    }
}

/// Keys whose rows differ, as far as they are to be shown.
pub(super) struct UnequalKeys {
    /// Keys of rows that keep the target's own values, as the spec says.
    pub(super) stays: BTreeSet<u128>,
    /// Whether the rows have a key beside their values.
    pub(super) has_key: bool,
    /// Most keys of rows that differ.
    pub(super) most: usize,
    /// Kind of difference by key.
    pub(super) examples: BTreeMap<u128, DifferenceKind>,
}

impl UnequalKeys {
    /// Counts the differences between the rows of the keys of both sides.
    pub(super) fn note_all(&mut self, source: &KeyTallies, target: &KeyTallies, result: &mut TableResult) {
        let keys = source.tallies.keys().chain(target.tallies.keys()).copied().collect::<BTreeSet<_>>();
        for key in keys {
            self.note(key, source.tally(key), target.tally(key), result);
        }
    }

    /// Counts the difference between the rows of one key on both sides, if there is any, and picks the key to be shown.
    fn note(&mut self, key: u128, source: Tally, target: Tally, result: &mut TableResult) {
        if source == target {
            return;
        }
        if source.rows == target.rows && self.stays.contains(&key) {
            result.target_preferred_rows += 1;
            if result.target_preferred_rows <= NAMED {
                self.examples.insert(key, DifferenceKind::Stays);
            }
            return;
        }
        result.missing += source.rows.saturating_sub(target.rows);
        result.extra += target.rows.saturating_sub(source.rows);
        let kind = match source.rows.cmp(&target.rows) {
            Ordering::Greater => DifferenceKind::Missing,
            // An extra row under a key that the source has may be an altered row, which is not permitted to stay.
            Ordering::Less if result.extra_allowed && source.rows > 0 && self.has_key => DifferenceKind::Different,
            Ordering::Less => DifferenceKind::Extra,
            Ordering::Equal => DifferenceKind::Different,
        };
        result.different += u64::from(kind == DifferenceKind::Different);
        let is_difference = kind != DifferenceKind::Extra || !result.extra_allowed;
        let shown = self.examples.values().filter(|kind| **kind != DifferenceKind::Stays).count();
        if is_difference && shown < self.most {
            self.examples.insert(key, kind);
        }
    }
}
