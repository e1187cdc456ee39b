//! How large a table is: what estimates and chunks are made from.

/// The extent of one table's rows, as counted in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableSize {
    /// All rows, before any filter.
    pub rows: u64,
    /// Estimated bytes of their values.
    pub bytes: u64,
    /// The smallest and the largest of the integers that name rows, where such integers do and there are rows.
    pub keys: Option<(i64, i64)>,
    /// The largest key that was ever handed out, where the source keeps it ([`KeyGeneration::NeverTwice`](super::KeyGeneration::NeverTwice)).
    pub last_key: Option<i64>,
}
