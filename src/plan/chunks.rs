//! How a table is cut into chunks: the unit of copying, of resuming and of verifying.

use crate::catalog::{KeyRange, RowIdentity, TableSize};

/// About as many rows stand in a chunk.
const ROWS_PER_CHUNK: u64 = 250_000;

/// About as many bytes stand in a chunk.
const BYTES_PER_CHUNK: u64 = 64 * 1024 * 1024;

/// Cuts the rowids into ranges of one width. The first and the last range are open, so that a row that appears later
/// belongs to a chunk as well and is noticed. A table without rowids is one chunk.
#[must_use]
pub fn cut(identity: &RowIdentity, size: &TableSize) -> Vec<KeyRange> {
    let (RowIdentity::Rowid { .. }, Some((low, high))) = (identity, size.rowids) else {
        return vec![KeyRange::ALL];
    };
    let wanted = size.rows.div_ceil(ROWS_PER_CHUNK).max(size.bytes.div_ceil(BYTES_PER_CHUNK)).max(1);
    let span = i128::from(high) - i128::from(low) + 1;
    let wanted = i128::from(wanted).min(span);
    let bounds = (1..wanted).filter_map(|part| i64::try_from(i128::from(low) + span * part / wanted).ok());
    let bounds = bounds.collect::<Vec<_>>();
    let starts = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let ends = bounds.iter().copied().map(Some).chain(std::iter::once(None));
    starts.zip(ends).map(|(from, below)| KeyRange { from, below }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_one_another_without_gap() {
        let identity = RowIdentity::Rowid { selector: "id".to_owned(), declared: true };
        for (rows, rowids) in
            [(0, None), (1, Some((7, 7))), (1_000_000, Some((i64::MIN, i64::MAX))), (600_000, Some((1, 600_000)))]
        {
            let ranges = cut(&identity, &TableSize { rows, bytes: 0, rowids, last_key: None });
            assert_eq!(ranges.first().unwrap().from, None);
            assert_eq!(ranges.last().unwrap().below, None);
            assert!(ranges.windows(2).all(|pair| pair[0].below.is_some() && pair[0].below == pair[1].from));
            assert_eq!(ranges.len() as u64, rows.div_ceil(ROWS_PER_CHUNK).max(1));
        }
        let key = RowIdentity::Key { columns: vec!["a".to_owned()] };
        assert_eq!(cut(&key, &TableSize { rows: 9_000_000, ..TableSize::default() }), [KeyRange::ALL]);
    }
}
