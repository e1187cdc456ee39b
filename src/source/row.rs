//! Rows as borrowed cells.

use super::{mysql, sqlite};
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
        let positions = match self {
            Self::Sqlite(row) => row.key_positions(),
            Self::Mysql(row) => row.key_positions(),
        };
        positions.iter().map(|position| self.cell(*position))
    }
}
