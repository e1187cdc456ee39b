//! Size of a table, from which estimates and chunks are computed.

/// The extent of one table's rows, as counted in the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableSize {
    /// All rows, before any filter.
    pub rows: u64,
    /// Estimated bytes of their values.
    pub bytes: u64,
    /// The smallest and the largest of the integers that name rows; `None` if no integers do or there are no rows.
    pub keys: Option<(i64, i64)>,
    /// The largest key ever generated, if the source keeps it: see
    /// [`KeyGeneration::NeverTwice`](super::KeyGeneration::NeverTwice).
    pub last_key: Option<i64>,
}

impl TableSize {
    /// Bits of the widest signed integer type, of 16, 32 and 64, whose last number has been generated as a key.
    #[must_use]
    pub fn used_up(&self) -> Option<u8> {
        match self.last_key? {
            i64::MAX => Some(64),
            key if key >= i64::from(i32::MAX) => Some(32),
            key if key >= i64::from(i16::MAX) => Some(16),
            _ => None,
        }
    }
}
