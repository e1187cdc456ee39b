//! Streaming all rows of one side.

use super::asking::{TextAsker, is_asked, target_column};
use super::first_keys::FirstKeys;
use super::form::{Fate, RowForm, RowHash, RowScratch, SideRow};
use super::rejected::RejectedRowWriter;
use super::stream::{Broken, CopyStream, Fields};
use crate::catalog::{KeyRange, Selection};
use crate::name::Schemas;
use crate::plan::TableMapping;
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::target::Session;
use crate::target::ledger::RejectedTally;

/// Rows between two checks for an interruption.
const STRIDE: u64 = 10_000;

/// Visitor of every row of a side.
pub(crate) trait Visitor {
    /// Called with the row's hash and the row; `scratch` holds reusable buffers.
    fn visit(&mut self, hash: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch);
}

/// Tally of a source table's selected rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceTally {
    /// Rows that belong into the target.
    pub(crate) loaded: u64,
    /// Rows that the spec rejects.
    pub(crate) rejected: RejectedTally,
    /// Values that the spec replaces by NULL.
    pub(crate) nulled: u64,
    /// Values that lose digits as the spec says.
    pub(crate) shortened: u64,
    /// Keys of some rejected rows.
    pub(crate) rejected_keys: FirstKeys,
    /// Keys of some rows with a value that the spec replaces by NULL.
    pub(crate) nulled_keys: FirstKeys,
    /// Keys of some rows with a value that loses digits.
    pub(crate) shortened_keys: FirstKeys,
}

impl SourceTally {
    /// Adds the tally of other rows of the table.
    pub(crate) fn append(&mut self, other: Self) {
        self.loaded += other.loaded;
        self.rejected.append(other.rejected);
        self.nulled += other.nulled;
        self.shortened += other.shortened;
        self.rejected_keys.append(other.rejected_keys);
        self.nulled_keys.append(other.nulled_keys);
        self.shortened_keys.append(other.shortened_keys);
    }
}

/// A table on both sides, with the form in which its rows are compared.
#[derive(Clone, Copy)]
pub(crate) struct ComparedTable<'a> {
    pub(crate) mapping: &'a TableMapping,
    pub(crate) form: &'a RowForm,
    pub(crate) stop: &'a Stop,
}

impl ComparedTable<'_> {
    /// Reads the table's selected rows in a range of the source's keys; rejected rows are counted and not given to the
    /// visitor. The target is asked beforehand about values that PostgreSQL itself reads, if `asking` is given.
    pub(crate) fn read_source(
        &self,
        reader: &Reader,
        range: KeyRange,
        asking: Option<(&TextAsker, &Schemas)>,
        visitor: &mut impl Visitor,
    ) -> Result<SourceTally, ExecuteError> {
        let Self { mapping, form, stop } = *self;
        let mut scratch = match asking.filter(|_| mapping.columns.iter().any(is_asked)) {
            Some((asker, schemas)) => {
                RowScratch::with_answers(asker.answers(reader, (mapping, schemas), &range, stop)?)
            }
            None => RowScratch::default(),
        };
        let (mut rows, mut tally) = (0_u64, SourceTally::default());
        let mut rejected = RejectedRowWriter::default();
        let outcome = reader.for_each_row(&mapping.selection(range), |row| {
            rows += 1;
            match form.hash(SideRow::Source(row), &mut scratch) {
                Fate::Loaded { hash, nulled, shortened } => {
                    visitor.visit(hash, SideRow::Source(row), &mut scratch);
                    tally.loaded += 1;
                    tally.nulled += nulled;
                    tally.shortened += shortened;
                    if nulled > 0 {
                        tally.nulled_keys.add(mapping, row);
                    }
                    if shortened > 0 {
                        tally.shortened_keys.add(mapping, row);
                    }
                }
                Fate::Rejected => {
                    rejected.count(mapping, row, &mut tally.rejected);
                    tally.rejected_keys.add(mapping, row);
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

    /// Reads the rows of the target's table that meet a condition, or all rows.
    pub(crate) async fn read_target(
        &self,
        session: &Session,
        schemas: &Schemas,
        condition: Option<&str>,
        visitor: &mut impl Visitor,
    ) -> Result<u64, ExecuteError> {
        let Self { mapping, form, stop } = *self;
        let doing = format!("reading {}", schemas.shown(&mapping.target));
        let columns = mapping.columns.iter().map(target_column).collect::<Vec<_>>().join(", ");
        let condition = condition.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
        let sql = format!(
            "COPY (SELECT {columns} FROM {}{condition}) TO STDOUT (FORMAT binary)",
            schemas.qualified(&mapping.target)
        );
        let mut stream = session.copy_out(&sql, &doing).await?;
        let (mut copy, mut scratch, mut rows) = (CopyStream::new(form.columns()), RowScratch::default(), 0_u64);
        let broken = |error: Broken| ExecuteError::Task(format!("{doing}: {error}"));
        while let Some(message) = stream.next().await? {
            let each = |fields: Fields<'_>| {
                let row = SideRow::Target(fields);
                if let Fate::Loaded { hash, .. } = form.hash(row, &mut scratch) {
                    visitor.visit(hash, row, &mut scratch);
                }
                rows += 1;
            };
            copy.feed(&message, each).map_err(broken)?;
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
        }
        copy.finish().map_err(broken)?;
        Ok(rows)
    }
}

/// Keys of the rows that a selection gives first.
pub(crate) fn first_keys(
    reader: &Reader,
    mapping: &TableMapping,
    selection: &Selection,
) -> Result<FirstKeys, ExecuteError> {
    let mut keys = FirstKeys::default();
    if mapping.row_identity.columns().is_empty() {
        return Ok(keys);
    }
    // Enough rows end the reading as an error would.
    let outcome = reader.for_each_row(selection, |row| {
        keys.add(mapping, row);
        if keys.is_full() { Err(()) } else { Ok(()) }
    });
    match outcome {
        Err(ReadFailure::Source(error)) => Err(error.into()),
        Ok(_) | Err(ReadFailure::Caller(())) => Ok(keys),
    }
}
