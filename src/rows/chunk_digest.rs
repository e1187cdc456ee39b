//! The digest of a chunk: the ledger keeps it, and every later run holds its own reading of the rows against it.

use crate::value::HashSum;
use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

/// Number of rows and their digest: the sum of the hashes of the rows as they are encoded, which does not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ChunkDigest {
    pub(crate) rows: u64,
    sum: HashSum,
}

impl ChunkDigest {
    pub(super) fn add(&mut self, row: &[u8]) {
        self.rows += 1;
        self.sum.add(xxh3_128(row));
    }
}

impl fmt::Display for ChunkDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sum.fmt(formatter)
    }
}
