//! One row, read by SQLite or from its page.

use super::pages::StoredRow;
use crate::value::Cell;
use rusqlite::types::ValueRef;

/// One row, valid until the next one is read.
#[derive(Debug)]
pub struct Row<'row> {
    values: RowValues<'row>,
    /// The positions of the key's columns among the values.
    key: &'row [usize],
}

/// The origin of a row's values.
#[derive(Debug)]
enum RowValues<'row> {
    /// A result of SQLite.
    Result(&'row rusqlite::Row<'row>),
    /// A page of the file.
    Stored(StoredRow<'row>),
}

impl<'row> Row<'row> {
    /// A row that SQLite has read.
    #[inline]
    pub(super) fn of_result(row: &'row rusqlite::Row<'row>, key: &'row [usize]) -> Self {
        Self { values: RowValues::Result(row), key }
    }

    /// A row on its page.
    #[inline]
    pub(super) fn of_page(row: StoredRow<'row>, key: &'row [usize]) -> Self {
        Self { values: RowValues::Stored(row), key }
    }

    /// The positions of the key's columns, in the key's order.
    #[inline]
    pub(in crate::source) fn key_positions(&self) -> &'row [usize] {
        self.key
    }

    /// The value at `position`.
    #[inline]
    pub(in crate::source) fn cell(&self, position: usize) -> Cell<'_> {
        let row = match &self.values {
            RowValues::Stored(row) => return row.cell(position),
            RowValues::Result(row) => row,
        };
        match row.get_ref(position) {
            Ok(ValueRef::Integer(integer)) => Cell::Integer(integer),
            Ok(ValueRef::Real(real)) => Cell::Real(real),
            Ok(ValueRef::Text(text)) => Cell::Text(text),
            Ok(ValueRef::Blob(bytes)) => Cell::Blob(bytes),
            // An error here means a position outside of the statement's columns, which the selection rules out.
            Ok(ValueRef::Null) | Err(_) => Cell::Null,
        }
    }
}
