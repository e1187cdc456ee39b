//! Reading a chunk, encoding its rows, and what the rows come to.

use super::encoder::name_row;
use super::error::ExecuteError;
use super::stop::Stop;
use crate::catalog::KeyRange;
use crate::plan::TableMapping;
use crate::source::sqlite::{ReadFailure, Reader};
use crate::target::copy::RowEncoder;
use std::fmt;
use xxhash_rust::xxh3::xxh3_128;

/// A buffer goes on its way when it holds this many bytes.
const BUFFER: usize = 256 * 1024;

/// Rows and their digest: the sum of the rows' hashes, which does not depend on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ChunkDigest {
    pub(super) rows: u64,
    sum: u128,
}

impl ChunkDigest {
    fn add(&mut self, row: &[u8]) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(xxh3_128(row));
    }
}

impl fmt::Display for ChunkDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.sum)
    }
}

/// Encoded rows on their way, and how many they are.
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
}

/// Reads the rows of a range, encodes them into buffers and gives each full buffer to `send`.
pub(super) fn read_chunk(
    reader: &Reader,
    mapping: &TableMapping,
    encoder: &RowEncoder,
    range: &KeyRange,
    stop: &Stop,
    mut send: impl FnMut(Buffer) -> Result<Vec<u8>, ExecuteError>,
) -> Result<ChunkDigest, ExecuteError> {
    let mut digest = ChunkDigest::default();
    let mut bytes = Vec::with_capacity(BUFFER + BUFFER / 4);
    let mut sent = 0;
    let outcome = reader.for_each_row(&mapping.selection(range.clone()), |row| {
        let start = bytes.len();
        encoder.encode(|column| row.cell(column), &mut bytes).map_err(|bad| {
            let column = mapping.columns.get(bad.column).map(|column| column.source.clone()).unwrap_or_default();
            ExecuteError::Value {
                table: mapping.source.clone(),
                key: name_row(mapping, row),
                column,
                reason: bad.bad.to_string(),
                hint: bad.bad.hint().map(str::to_owned),
            }
        })?;
        digest.add(&bytes[start..]);
        if bytes.len() >= BUFFER {
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            let full = std::mem::take(&mut bytes);
            bytes = send(Buffer { bytes: full, rows: digest.rows - sent })?;
            sent = digest.rows;
        }
        Ok(())
    });
    match outcome {
        Ok(_) => {}
        Err(ReadFailure::Source(error)) => return Err(error.into()),
        Err(ReadFailure::Caller(error)) => return Err(error),
    }
    if !bytes.is_empty() {
        send(Buffer { bytes, rows: digest.rows - sent })?;
    }
    Ok(digest)
}
