//! Rows as borrowed cells.

use super::{mysql, sqlite};
use crate::catalog::{Key, KeyValue};
use crate::value::Cell;

/// One row, valid until the next one is read.
#[derive(Debug, Clone, Copy)]
pub enum Row<'row> {
    /// A row of SQLite.
    Sqlite(&'row sqlite::Row<'row>),
    /// A row of MySQL or MariaDB.
    Mysql(&'row mysql::Row<'row>),
}

impl Row<'_> {
    /// The value of the selection's column at `position`.
    #[inline]
    #[must_use]
    pub fn cell(&self, position: usize) -> Cell<'_> {
        match self {
            Self::Sqlite(row) => row.cell(position),
            Self::Mysql(row) => row.cell(position),
        }
    }

    /// Whether the text at `position` is the digits of a number: one that no other cell holds exactly.
    #[must_use]
    pub fn is_number_in_text(&self, position: usize) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Mysql(row) => row.is_number_in_text(position),
        }
    }

    /// The values that name this row, in the order of the table's [`crate::catalog::RowIdentity`]; empty if the row has
    /// no key.
    pub fn key(&self) -> impl Iterator<Item = Cell<'_>> {
        self.key_positions().iter().map(|position| self.cell(*position))
    }

    /// The same values as a key to find the row by; NULL is none.
    #[must_use]
    pub fn owned_key(&self) -> Key {
        let value = |position: &usize| {
            Some(match self.cell(*position) {
                Cell::Null => return None,
                Cell::Integer(number) => KeyValue::Integer(number),
                Cell::Real(number) => KeyValue::Real(number.to_bits()),
                Cell::Text(digits) if self.is_number_in_text(*position) => {
                    KeyValue::Number(String::from_utf8_lossy(digits).into_owned())
                }
                Cell::Text(bytes) => KeyValue::text(bytes),
                Cell::Blob(bytes) => KeyValue::Blob(bytes.to_vec()),
            })
        };
        Key(self.key_positions().iter().filter_map(value).collect())
    }

    fn key_positions(&self) -> &[usize] {
        match self {
            Self::Sqlite(row) => row.key_positions(),
            Self::Mysql(row) => row.key_positions(),
        }
    }
}
