//! A query with parameters, prepared once and asked many times.

use super::{Reader, Row, SourceError, mysql, sqlite};
use crate::value::Cell;

/// Value of a parameter, as it was read from a row.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundValue {
    /// SQL NULL.
    Null,
    /// A signed 64-bit integer.
    Integer(i64),
    /// An IEEE 754 double.
    Real(f64),
    /// The digits of a number that no other kind holds exactly.
    Number(Vec<u8>),
    /// Text.
    Text(Vec<u8>),
    /// Bytes.
    Blob(Vec<u8>),
}

impl BoundValue {
    /// The value at a position of a row.
    #[must_use]
    pub fn of(row: &Row<'_>, position: usize) -> Self {
        match row.cell(position) {
            Cell::Null => Self::Null,
            Cell::Integer(integer) => Self::Integer(integer),
            Cell::Real(real) => Self::Real(real),
            Cell::Text(digits) if row.is_number_in_text(position) => Self::Number(digits.to_vec()),
            Cell::Text(text) => Self::Text(text.to_vec()),
            Cell::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }

    /// The value as a cell.
    #[must_use]
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(integer) => Cell::Integer(*integer),
            Self::Real(real) => Cell::Real(*real),
            Self::Number(text) | Self::Text(text) => Cell::Text(text),
            Self::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

/// The column of a table that a column of an answer is, unaltered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOrigin {
    /// The table, as the catalog names it.
    pub table: String,
    /// The column.
    pub column: String,
}

/// A prepared query of one reader.
#[derive(Debug)]
pub enum SourceQuery<'reader> {
    /// A statement of SQLite.
    Sqlite(sqlite::SourceQuery<'reader>),
    /// A statement of MySQL or MariaDB.
    Mysql(mysql::SourceQuery<'reader>),
}

impl SourceQuery<'_> {
    /// Number of parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        match self {
            Self::Sqlite(question) => question.parameters(),
            Self::Mysql(question) => question.parameters(),
        }
    }

    /// Asks with the values of the parameters, the first value for the first of them; calls `visit` with every row and the
    /// number of columns until it returns false.
    ///
    /// # Errors
    /// The source refuses the query or the values, or fails.
    pub fn ask(
        &mut self,
        values: &[BoundValue],
        mut visit: impl FnMut(&Row<'_>, usize) -> bool,
    ) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(question) => question.ask(values, |row, columns| visit(&Row::Sqlite(row), columns)),
            Self::Mysql(question) => question.ask(values, |row, columns| visit(&Row::Mysql(row), columns)),
        }
    }
}

impl Reader {
    /// Prepares a query of the spec.
    ///
    /// # Errors
    /// The query is wrong, or writes.
    pub fn prepare(&self, sql: &str) -> Result<SourceQuery<'_>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.prepare(sql).map(SourceQuery::Sqlite),
            Self::Mysql(reader) => reader.prepare(sql).map(SourceQuery::Mysql),
        }
    }

    /// The columns of tables that the columns of a query's answer are, as the source says it; `None` for an expression.
    ///
    /// # Errors
    /// The query is wrong, or the source fails.
    pub fn origins(&self, sql: &str) -> Result<Vec<Option<SourceOrigin>>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.origins(sql),
            Self::Mysql(reader) => reader.origins(sql),
        }
    }

    /// The source's own plan of a query, a line for each of its parts; the lines hold no values.
    ///
    /// # Errors
    /// The source refuses the query or the values, or fails.
    pub fn explain(&self, sql: &str, values: &[BoundValue]) -> Result<Vec<String>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.explain(sql, values),
            Self::Mysql(reader) => reader.explain(sql, values),
        }
    }
}
