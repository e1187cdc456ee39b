//! Reading rows from the file's pages, without SQLite's byte code and its calls for each value: three times as fast on
//! the benchmark's tables.
//!
//! SQLite keeps the file as it is for as long as a reader's transaction lasts: in rollback-journal mode because of the
//! shared lock, in WAL mode because no checkpoint writes into a file that is read
//! (<https://www.sqlite.org/lockingv3.html>, <https://www.sqlite.org/wal.html>, section 2.2). So the pages hold the
//! transaction's state, unless a part of it is still in the log: then SQLite reads, as it does for all but stored
//! values of plain tables. The format is part of SQLite's promise of compatibility
//! (<https://www.sqlite.org/fileformat2.html>).
//!
//! `verify` reads through SQLite, so that its proof does not depend on this reader.

mod cursor;
mod database_file;
mod defaults;
mod layout;
#[cfg(test)]
mod mutants;
mod open_file;
mod overflow;
mod record;
#[cfg(test)]
mod tests;

pub(super) use database_file::{DatabaseFile, MalformedPage, PageError};
pub(super) use layout::RowLayout;
pub(super) use open_file::OpenFile;

use crate::value::Cell;
use cursor::{Entry, PageCursor};
use layout::StoredValuePlace;

/// The rows of a table, one after the other.
#[derive(Debug)]
pub(super) struct StoredRows<'file> {
    cursor: PageCursor<'file>,
    layout: &'file RowLayout,
}

/// A row as stored in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredRow<'row> {
    entry: Entry<'row>,
    layout: &'row RowLayout,
}

impl DatabaseFile {
    /// The rows of a table from this rowid on.
    pub(super) fn rows<'file>(&'file self, layout: &'file RowLayout, from: i64) -> StoredRows<'file> {
        StoredRows { cursor: PageCursor::new(self, layout.root, from, layout.fields), layout }
    }
}

impl StoredRows<'_> {
    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<StoredRow<'_>>, PageError> {
        let layout = self.layout;
        Ok(self.cursor.next()?.map(|entry| StoredRow { entry, layout }))
    }
}

impl<'row> StoredRow<'row> {
    /// Its rowid.
    pub(super) fn rowid(&self) -> i64 {
        self.entry.rowid
    }

    /// Whether the row was stored before a column was added whose default only SQLite can compute.
    pub(super) fn has_unknown_defaults(&self) -> bool {
        self.entry.fields.len() < self.layout.fields_with_defaults && self.layout.defaults().is_none()
    }

    /// The value of the layout's column at `position`.
    #[inline]
    pub(super) fn cell(&self, position: usize) -> Cell<'row> {
        match self.layout.places[position] {
            StoredValuePlace::Rowid => Cell::Integer(self.entry.rowid),
            StoredValuePlace::Record { at, is_real, default } => {
                match self.entry.fields.get(at).map(|field| field.cell(self.entry.record)) {
                    // SQLite stores a real number without fraction as an integer if that is shorter.
                    #[expect(clippy::cast_precision_loss, reason = "as SQLite does it (OP_RealAffinity)")]
                    Some(Cell::Integer(integer)) if is_real => Cell::Real(integer as f64),
                    Some(cell) => cell,
                    // The row was stored before the column was added.
                    None => default.map_or(Cell::Null, |default| self.layout.default(default)),
                }
            }
        }
    }
}
