//! How a table is cut into chunks: the unit of copying, of resuming and of verifying.

use crate::catalog::{Key, KeyRange, RowIdentity, TableSize};
use std::num::NonZeroU64;

/// Approximate size of a chunk: the limit that is reached first ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkSize {
    /// Rows.
    pub rows: u64,
    /// Bytes of their values.
    pub bytes: u64,
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self { rows: 250_000, bytes: 64 * 1024 * 1024 }
    }
}

impl ChunkSize {
    /// Size for a run. `rows` replaces the usual number, so that small tables of a test have several chunks.
    #[must_use]
    pub fn of_run(rows: Option<NonZeroU64>) -> Self {
        let usual = Self::default();
        Self { rows: rows.map_or(usual.rows, NonZeroU64::get), ..usual }
    }

    /// Size for a chunk that is only read: no ledger row is written for it.
    pub(super) const SHARED: Self = Self { rows: 50_000, bytes: 16 * 1024 * 1024 };

    /// Number of chunks for a table of this size.
    #[must_use]
    pub fn number(self, size: &TableSize) -> u64 {
        size.rows.div_ceil(self.rows).max(size.bytes.div_ceil(self.bytes)).min(size.rows).max(1)
    }
}

/// Cuts a table into ranges: integer keys into ranges of one width, other keys at the bounds read from the source. The
/// first and the last range are open, so that a row inserted later belongs to a chunk as well and is noticed. A table
/// without a key is one chunk.
#[must_use]
pub fn cut(identity: &RowIdentity, size: &TableSize, chunk: ChunkSize, bounds: &[Key]) -> Vec<KeyRange> {
    match (identity, size.keys) {
        (RowIdentity::Integer { .. }, Some((low, high))) => between(&evenly(low, high, chunk.number(size))),
        (RowIdentity::Key { .. }, _) => between(bounds),
        _ => vec![KeyRange::ALL],
    }
}

/// Bounds that cut the integers from `low` to `high` into `wanted` ranges.
fn evenly(low: i64, high: i64, wanted: u64) -> Vec<Key> {
    let span = i128::from(high) - i128::from(low) + 1;
    let wanted = i128::from(wanted).min(span);
    let bounds = (1..wanted).filter_map(|part| i64::try_from(i128::from(low) + span * part / wanted).ok());
    bounds.map(Key::from).collect()
}

/// Ranges before, between and after the bounds.
fn between(bounds: &[Key]) -> Vec<KeyRange> {
    let starts = std::iter::once(None).chain(bounds.iter().cloned().map(Some));
    let ends = bounds.iter().cloned().map(Some).chain(std::iter::once(None));
    starts.zip(ends).map(|(from, below)| KeyRange { from, below }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Visibility;

    #[test]
    fn ranges_follow_one_another_without_gap() {
        let identity = RowIdentity::Integer { column: "id".to_owned(), visibility: Visibility::Hidden };
        for (rows, keys) in
            [(0, None), (1, Some((7, 7))), (1_000_000, Some((i64::MIN, i64::MAX))), (600_000, Some((1, 600_000)))]
        {
            let size = TableSize { rows, bytes: 0, keys, last_key: None };
            let ranges = cut(&identity, &size, ChunkSize::default(), &[]);
            assert_eq!(ranges.first().unwrap().from, None);
            assert_eq!(ranges.last().unwrap().below, None);
            assert!(ranges.windows(2).all(|pair| pair[0].below.is_some() && pair[0].below == pair[1].from));
            assert_eq!(ranges.len() as u64, rows.div_ceil(250_000).max(1));
        }
        let key = RowIdentity::Key { columns: vec!["a".to_owned()] };
        let (size, chunk) = (TableSize { rows: 9_000_000, ..TableSize::default() }, ChunkSize::default());
        assert_eq!(cut(&key, &size, chunk, &[]), [KeyRange::ALL]);
        let bound = Key::from(7);
        let [low, high] = [(None, Some(bound.clone())), (Some(bound.clone()), None)];
        let ranges = [low, high].map(|(from, below)| KeyRange { from, below });
        assert_eq!(cut(&key, &size, chunk, &[bound]), ranges);
        assert_eq!(cut(&RowIdentity::None, &size, chunk, &[]), [KeyRange::ALL]);
        // Three rows of 60 MB each are three chunks.
        let heavy = TableSize { rows: 3, bytes: 180 << 20, keys: Some((1, 3)), last_key: None };
        assert_eq!(cut(&identity, &heavy, chunk, &[]).len(), 3);
    }
}
