//! Reading of a chunk, encoding of its rows, and their tally.

use super::chunk_digest::ChunkDigest;
use super::encoder::name_row;
use super::left_out::OfTable;
use super::rejected::{Words, source_column};
use super::treatment::{Fate, NotedValues, Treatment};
use crate::catalog::KeyRange;
use crate::plan::TableMapping;
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader, Row};
use crate::target::Private;
use crate::target::copy::{BadCell, Repair};
use crate::target::ledger::{ChunkRow, NewRejectedRow, RejectedTally};
use std::collections::BTreeMap;

/// Bytes after which a buffer is sent.
const BUFFER: usize = 256 * 1024;

/// Tally of the rows of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ChunkTally {
    /// Loaded rows, as they are encoded.
    pub(crate) loaded: ChunkDigest,
    /// Rejected rows, as the source has them.
    pub(crate) rejected: RejectedTally,
    /// Values that became NULL, by source column.
    pub(crate) nulled: BTreeMap<String, u64>,
    /// Values that lost digits as the spec says, by source column.
    pub(crate) shortened: BTreeMap<String, u64>,
    /// Rows among the loaded ones that the target had already.
    pub(crate) merged: u64,
}

impl ChunkTally {
    /// Whether the ledger's row of the chunk has the same tally.
    pub(crate) fn is_that_of(&self, chunk: &ChunkRow) -> bool {
        chunk.loaded.as_ref().is_some_and(|(rows, sum)| *rows == self.loaded.rows && *sum == self.loaded.to_string())
            && chunk.rejected == (self.rejected.rows, self.rejected.digest())
    }

    /// Rows and values that are not carried over as they are.
    pub(crate) fn left(self) -> OfTable {
        let (rejected, merged) = (self.rejected.rows, self.merged);
        OfTable { rejected, nulled: self.nulled, shortened: self.shortened, merged }
    }

    /// Counts the values of a loaded row that became NULL or lost digits.
    fn note(&mut self, mapping: &TableMapping, noted: &NotedValues) {
        for bad in &noted.bad {
            add_one(&mut self.nulled, source_column(mapping, bad));
        }
        for column in noted.shortened.iter().filter_map(|position| mapping.columns.get(*position)) {
            add_one(&mut self.shortened, &column.source);
        }
    }
}

fn add_one(counts: &mut BTreeMap<String, u64>, column: &str) {
    match counts.get_mut(column) {
        Some(count) => *count += 1,
        None => drop(counts.insert(column.to_owned(), 1)),
    }
}

/// Encoded rows and their number.
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
}

/// Allocates a buffer with room for the row that exceeds its size.
pub(crate) fn buffer() -> Vec<u8> {
    Vec::with_capacity(BUFFER + BUFFER / 4)
}

/// The chunk and the run under whose numbers the ledger keeps rejected rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NumberedChunk {
    pub(crate) chunk: i32,
    pub(crate) run: i64,
}

/// Rows of a chunk and their treatment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkRows<'a> {
    pub(crate) mapping: &'a TableMapping,
    pub(crate) treatment: &'a Treatment,
    pub(crate) range: &'a KeyRange,
}

impl ChunkRows<'_> {
    /// Reads the rows, encodes the loaded ones into buffers and gives each full buffer to `send`.
    pub(crate) fn read(
        &self,
        reader: &Reader,
        stop: &Stop,
        mut send: impl FnMut(Buffer) -> Result<Vec<u8>, ExecuteError>,
    ) -> Result<ChunkTally, ExecuteError> {
        let mut tally = ChunkTally::default();
        let mut bytes = buffer();
        let (mut noted, mut words) = (NotedValues::default(), Words::default());
        let mut sent = 0;
        let read = self.each(reader, |row| {
            let start = bytes.len();
            let fate = self.treatment.encode(row, Repair::Refuse, &mut noted, &mut bytes);
            if fate.map_err(|bad| self.refused(row, bad))? == Fate::Rejected {
                words.describe(self.mapping, row);
                tally.rejected.add(&words.key, &words.content);
                return Ok(());
            }
            tally.loaded.add(&bytes[start..]);
            if !noted.bad.is_empty() || !noted.shortened.is_empty() {
                tally.note(self.mapping, &noted);
            }
            if bytes.len() >= BUFFER {
                if stop.is_thrown() {
                    return Err(ExecuteError::Interrupted);
                }
                let full = std::mem::take(&mut bytes);
                bytes = send(Buffer { bytes: full, rows: tally.loaded.rows - sent })?;
                sent = tally.loaded.rows;
            }
            Ok(())
        })?;
        // The check precedes the last buffer, so that a transaction with too few or too many rows is never committed.
        if self.mapping.filter.is_some() {
            reader.must_add_up(&self.mapping.selection(self.range.clone()), read)?;
        }
        if !bytes.is_empty() {
            send(Buffer { bytes, rows: tally.loaded.rows - sent })?;
        }
        Ok(tally)
    }

    /// Reads the rows again and gives the rejected ones to `send`, as `row` of the ledger encodes them: they are not
    /// kept in memory during the first pass, for there may be many.
    pub(crate) fn read_rejected(
        &self,
        reader: &Reader,
        stop: &Stop,
        ledger_row: impl Fn(NewRejectedRow<'_>, &mut Vec<u8>) -> Result<(), String>,
        NumberedChunk { chunk, run }: NumberedChunk,
        mut send: impl FnMut(Buffer) -> Result<Vec<u8>, ExecuteError>,
    ) -> Result<ChunkTally, ExecuteError> {
        let mut tally = ChunkTally::default();
        let (mut bytes, mut scratch) = (Vec::new(), Vec::new());
        let (mut noted, mut words) = (NotedValues::default(), Words::default());
        self.each(reader, |row| {
            scratch.clear();
            let fate = self.treatment.encode(row, Repair::Refuse, &mut noted, &mut scratch);
            if fate.map_err(|bad| self.refused(row, bad))? == Fate::Loaded {
                return Ok(());
            }
            words.describe(self.mapping, row);
            words.explain(self.mapping, &noted.bad);
            let first = self
                .treatment
                .first_rejected(&noted.bad)
                .map_or_else(Default::default, |bad| (source_column(self.mapping, bad), bad.bad.to_string()));
            let rejected = NewRejectedRow {
                table: &self.mapping.source,
                chunk,
                ordinal: i64::try_from(tally.rejected.rows).unwrap_or(i64::MAX),
                run,
                key: &words.key,
                column: first.0,
                reason: &first.1,
                reasons: &words.reasons,
                content: &words.content,
            };
            ledger_row(rejected, &mut bytes).map_err(|reason| ExecuteError::Value {
                table: self.mapping.source.clone(),
                key: words.key.clone(),
                column: first.0.into(),
                reason,
                hint: None,
                private: Private::default(),
            })?;
            tally.rejected.add(&words.key, &words.content);
            if bytes.len() >= BUFFER {
                if stop.is_thrown() {
                    return Err(ExecuteError::Interrupted);
                }
                bytes = send(Buffer { bytes: std::mem::take(&mut bytes), rows: 0 })?;
            }
            Ok(())
        })?;
        if !bytes.is_empty() {
            send(Buffer { bytes, rows: 0 })?;
        }
        Ok(tally)
    }

    /// Names the `line`-th of the loaded rows, counted from one.
    pub(crate) fn name_loaded(&self, reader: &Reader, line: u64) -> Option<String> {
        let (mut scratch, mut noted) = (Vec::new(), NotedValues::default());
        let mut left = line;
        let outcome = reader.for_each_row(&self.mapping.selection(self.range.clone()), |row| {
            if self.treatment.decides() {
                scratch.clear();
                if self.treatment.encode(row, Repair::Null, &mut noted, &mut scratch) == Ok(Fate::Rejected) {
                    return Ok(());
                }
            }
            left = left.saturating_sub(1);
            if left == 0 { Err(name_row(self.mapping, row)) } else { Ok(()) }
        });
        match outcome {
            Err(ReadFailure::Caller(key)) => Some(key),
            _ => None,
        }
    }

    fn each(
        &self,
        reader: &Reader,
        visit: impl FnMut(&Row<'_>) -> Result<(), ExecuteError>,
    ) -> Result<u64, ExecuteError> {
        reader.for_each_row(&self.mapping.selection(self.range.clone()), visit).map_err(|failure| match failure {
            ReadFailure::Source(error) => error.into(),
            ReadFailure::Caller(error) => error,
        })
    }

    fn refused(&self, row: &Row<'_>, bad: BadCell) -> ExecuteError {
        ExecuteError::Value {
            table: self.mapping.source.clone(),
            key: name_row(self.mapping, row),
            column: source_column(self.mapping, &bad).into(),
            reason: bad.bad.to_string(),
            hint: bad.bad.hint().map(Into::into),
            private: Private::default(),
        }
    }
}
