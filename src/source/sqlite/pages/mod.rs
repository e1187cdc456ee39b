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
mod defaults;
mod layout;
#[cfg(test)]
mod mutants;
mod open_file;
mod overflow;
mod record;
#[cfg(test)]
mod tests;

pub(super) use layout::Layout;
pub(super) use open_file::OpenFile;

use super::open::page_size;
use crate::value::Cell;
use cursor::{Cursor, Entry};
use layout::ColumnPlace;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The pages of a file that does not change while it is read.
#[derive(Debug, Clone)]
pub(super) struct DatabaseFile {
    file: Arc<OpenFile>,
    page_size: usize,
    /// The bytes of a page without those that are reserved for extensions.
    usable: usize,
    /// Number of pages of the database; SQLite reads none after them, for any length of the file.
    pages: u32,
    /// Whether the file has pointer-map pages, which automatic vacuum needs.
    has_pointer_map: bool,
    /// No row of the file has more bytes.
    longest_payload: usize,
}

/// A page contradicts the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// The reason why rows cannot be read from their pages.
#[derive(Debug)]
pub(super) enum PageError {
    Malformed(Malformed),
    Io(io::Error),
}

impl From<Malformed> for PageError {
    fn from(malformed: Malformed) -> Self {
        PageError::Malformed(malformed)
    }
}

impl DatabaseFile {
    /// The file's pages, where its text is UTF-8. Its whole state has to be in the file, and a transaction has to be
    /// open on it until all reading is done.
    pub(super) fn of(file: &Arc<OpenFile>, path: &Path) -> Option<Self> {
        if !file.is_at(path) {
            return None;
        }
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).ok()?;
        // https://www.sqlite.org/fileformat2.html#the_database_header
        let page_size = page_size(&header)?;
        let usable = page_size.checked_sub(usize::from(header[20]))?;
        let encoding = u32::from_be_bytes([header[56], header[57], header[58], header[59]]);
        let is_known = page_size >= 512 && page_size.is_power_of_two() && usable >= 480 && encoding == 1;
        if !is_known {
            return None;
        }
        let length = file.length().ok()?;
        let (pages, longest_payload) = (pages(&header, length, page_size)?, usize::try_from(length).ok()?);
        let has_pointer_map = header[52..56] != [0; 4];
        Some(Self { file: Arc::clone(file), page_size, usable, pages, has_pointer_map, longest_payload })
    }

    /// The rows of a table from this rowid on.
    pub(super) fn rows<'file>(&'file self, layout: &'file Layout, from: i64) -> StoredRows<'file> {
        StoredRows { cursor: Cursor::new(self, layout.root, from, layout.fields), layout }
    }

    fn read_page(&self, page: u32, buffer: &mut [u8]) -> Result<(), PageError> {
        let before = page.checked_sub(1).filter(|before| *before > 0);
        let before = before.ok_or(Malformed("the schema's page in the tree of a table"))?;
        if page > self.pages {
            return Err(Malformed("a page behind the end of the database").into());
        }
        #[cfg(test)]
        mutants::PAGES_READ.with(|read| read.set(read.get() + 1));
        let offset = u64::from(before) * self.page_size as u64;
        self.file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Malformed("a page behind the end of the file").into(),
            _ => PageError::Io(error),
        })
    }

    /// The number of a payload's bytes on its own page, "Cell payload overflow pages" of
    /// <https://www.sqlite.org/fileformat2.html#b_tree_pages>.
    fn local_payload(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let rest = least + (length - least) % (self.usable - 4);
        if rest <= most { rest } else { least }
    }
}

/// The number of the database's pages: by its header if that is valid, else by the file's length (`lockBtree` of
/// SQLite's btree.c; <https://www.sqlite.org/fileformat2.html>, section 1.3.8). `None` if the two contradict each
/// other.
fn pages(header: &[u8; 100], length: u64, page_size: usize) -> Option<u32> {
    let in_file = u32::try_from(length / page_size as u64).ok()?;
    let in_header = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    if in_header == 0 || header[24..28] != header[92..96] {
        return Some(in_file);
    }
    (in_header <= in_file).then_some(in_header)
}

/// The rows of a table, one after the other.
#[derive(Debug)]
pub(super) struct StoredRows<'file> {
    cursor: Cursor<'file>,
    layout: &'file Layout,
}

/// A row as stored in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredRow<'row> {
    entry: Entry<'row>,
    layout: &'row Layout,
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
            ColumnPlace::Rowid => Cell::Integer(self.entry.rowid),
            ColumnPlace::Record { at, is_real, default } => {
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
