//! Streaming all rows of one side.

use super::form::{RowForm, RowHash, Scratch, fields_of};
use crate::catalog::KeyRange;
use crate::execute::rejected::Words;
use crate::execute::treatment::{Fate, Treatment};
use crate::execute::{ExecuteError, Stop};
use crate::name::quote_identifier;
use crate::plan::TableMapping;
use crate::source::sqlite::{ReadFailure, Reader};
use crate::target::copy::{Repair, RowDecoder};
use crate::target::ledger::RejectedTally;
use crate::target::{Session, TargetError};
use crate::value::Zone;
use futures_util::TryStreamExt;

/// Rows between two looks at the wish to stop.
const STRIDE: u64 = 10_000;

/// Something that is given every row of a side.
pub(super) trait Visitor {
    /// Called with the row's hash and its fields.
    fn visit<'row>(&mut self, hash: RowHash, fields: impl Iterator<Item = Option<&'row [u8]>> + Clone);
}

/// What a source table's selected rows come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SourceTally {
    /// Rows that belong into the target.
    pub(super) loaded: u64,
    /// Rows that the spec rejects.
    pub(super) rejected: RejectedTally,
    /// Values that the spec replaces by NULL.
    pub(super) nulled: u64,
}

impl SourceTally {
    /// Adds what other rows of the table come to.
    pub(super) fn append(&mut self, other: Self) {
        self.loaded += other.loaded;
        self.rejected.append(other.rejected);
        self.nulled += other.nulled;
    }
}

/// Reads the selected rows of a source table in a range of keys; those that the spec rejects are counted and not shown to the visitor.
pub(super) fn read_source(
    reader: &Reader,
    mapping: &TableMapping,
    range: KeyRange,
    form: &RowForm,
    zone: &Zone,
    stop: &Stop,
    visitor: &mut impl Visitor,
) -> Result<SourceTally, ExecuteError> {
    let treatment = Treatment::of(mapping, zone).map_err(|error| ExecuteError::Task(error.to_string()))?;
    let (mut encoded, mut scratch, mut rows) = (Vec::new(), Scratch::default(), 0_u64);
    let (mut tally, mut bad, mut words) = (SourceTally::default(), Vec::new(), Words::default());
    let outcome = reader.for_each_row(&mapping.selection(range), |row| {
        encoded.clear();
        rows += 1;
        // A value that fits no more, and that the spec says nothing of, is NULL here: it is a difference, since it can
        // never have arrived.
        let fate = treatment.encode(row, Repair::Null, &mut bad, &mut encoded);
        match fate.map_err(|bad| ExecuteError::Task(bad.to_string()))? {
            Fate::Loaded => {
                let hash = form.hash(fields_of(&encoded), &mut scratch);
                visitor.visit(hash, Fields { encoded: &encoded }.iter());
                tally.loaded += 1;
                tally.nulled += bad.len() as u64;
            }
            Fate::Rejected => {
                words.describe(mapping, row);
                tally.rejected.add(&words.key, &words.content);
            }
        }
        if rows.is_multiple_of(STRIDE) && stop.is_thrown() { Err(ExecuteError::Interrupted) } else { Ok(()) }
    });
    match outcome {
        Ok(_) => Ok(tally),
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Err(ReadFailure::Caller(error)) => Err(error),
    }
}

/// An encoded row whose fields can be gone through more than once.
struct Fields<'row> {
    encoded: &'row [u8],
}

impl<'row> Fields<'row> {
    fn iter(&self) -> impl Iterator<Item = Option<&'row [u8]>> + Clone + use<'row> {
        fields_of(self.encoded).collect::<Vec<_>>().into_iter()
    }
}

/// Reads the rows of a target table that meet a condition, or all.
pub(super) async fn read_target(
    session: &Session,
    schema: &str,
    mapping: &TableMapping,
    condition: Option<&str>,
    form: &RowForm,
    stop: &Stop,
    visitor: &mut impl Visitor,
) -> Result<u64, ExecuteError> {
    let doing = format!("reading {schema}.{}", mapping.target);
    let failed = |error: tokio_postgres::Error| TargetError::statement(&doing, &error);
    let columns = mapping.columns.iter().map(|column| quote_identifier(&column.target)).collect::<Vec<_>>().join(", ");
    let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
    let sql = format!(
        "COPY (SELECT {columns} FROM {}.{}{condition}) TO STDOUT (FORMAT binary)",
        quote_identifier(schema),
        quote_identifier(&mapping.target)
    );
    let stream = session.client().copy_out(sql.as_str()).await.map_err(failed)?;
    tokio::pin!(stream);
    let (mut decoder, mut scratch, mut rows) = (RowDecoder::new(form.columns()), Scratch::default(), 0_u64);
    let broken = |error: crate::target::copy::DecodeError| ExecuteError::Task(format!("{doing}: {error}"));
    while let Some(bytes) = stream.try_next().await.map_err(failed)? {
        decoder.feed(&bytes);
        while let Some(row) = decoder.next_row().map_err(broken)? {
            let hash = form.hash(row.fields(), &mut scratch);
            visitor.visit(hash, (0..row.len()).map(move |column| row.get(column)));
            rows += 1;
        }
        if stop.is_thrown() {
            return Err(ExecuteError::Interrupted);
        }
    }
    decoder.finish().map_err(broken)?;
    Ok(rows)
}
