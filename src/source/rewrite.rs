//! Writing into a copy of a source: rows that go, rows that come, each as the engine itself takes it.
//!
//! Rows are staged beside the tables first. The engine converts a value when it takes it, so a staged row is read again: what
//! is written is known before it is written. Then all of it is written in one transaction, or nothing.

pub use super::rewritten_table::{BaseRow, RewrittenTable, WriteRefusal};
use super::{SourceError, mysql, sqlite};
use crate::catalog::Key;
use crate::connection::SourceConnection;
use crate::value::OwnedCell;

/// A copy that is written to. It is used by one thread at a time.
#[derive(Debug)]
pub enum Rewriter {
    /// A file of SQLite.
    Sqlite(sqlite::Rewriter),
    /// A database of MySQL or MariaDB.
    Mysql(Box<mysql::Rewriter>),
}

impl Rewriter {
    /// Opens a copy, and remembers what does not hold in it already. Its triggers do not fire.
    ///
    /// # Errors
    /// The copy cannot be opened, or is damaged.
    pub fn open(copy: &SourceConnection) -> Result<Self, SourceError> {
        match copy {
            SourceConnection::Sqlite { path } => sqlite::Rewriter::open(path).map(Self::Sqlite),
            SourceConnection::Mysql(url) => {
                let rewriter = mysql::Rewriter::open(&url.resolve().map_err(SourceError::Address)?)?;
                Ok(Self::Mysql(Box::new(rewriter)))
            }
            SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
        }
    }

    /// Begins to stage rows of a table, and gives the number by which it is known from then on.
    ///
    /// # Errors
    /// The engine's refusal: also where an expression among the values cannot be read of a staged row, as one over a column that the
    /// engine computes.
    pub fn begin(&mut self, table: RewrittenTable) -> Result<usize, SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.begin(table),
            Self::Mysql(rewriter) => rewriter.begin(table),
        }
    }

    /// The row of a key; `None` if there is none.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn base(&self, table: usize, key: &Key) -> Result<Option<BaseRow>, SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.base(table, key),
            Self::Mysql(rewriter) => rewriter.base(table, key),
        }
    }

    /// Stages the removal of the row of a key.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn remove(&mut self, table: usize, key: &Key) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.remove(table, key),
            Self::Mysql(rewriter) => rewriter.remove(table, key),
        }
    }

    /// Stages a row, with the values of [`RewrittenTable::stored`], and gives its position. `old` is the key of the row whose
    /// place it takes; that one is removed by its own call. The columns `written`, by their positions, have values that are not
    /// the old row's.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn stage(
        &mut self,
        table: usize,
        old: Option<&Key>,
        cells: &[OwnedCell],
        written: &[usize],
    ) -> Result<i64, SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.stage(table, old, cells),
            Self::Mysql(rewriter) => rewriter.stage(table, old, cells, written),
        }
    }

    /// Gives a staged row another value in a column.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn restage(&mut self, table: usize, position: i64, column: usize, cell: &OwnedCell) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.restage(table, position, column, cell),
            Self::Mysql(rewriter) => rewriter.restage(table, position, column, cell),
        }
    }

    /// A staged row as a migration would read it, as far as it is not computed of it by the engine.
    ///
    /// # Errors
    /// The engine's refusal.
    pub fn staged(&self, table: usize, position: i64) -> Result<Vec<OwnedCell>, SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.staged(table, position),
            Self::Mysql(rewriter) => rewriter.staged(table, position),
        }
    }

    /// Writes all that was staged; raises the counters of keys to at least the numbers given, and builds
    /// the full-text indexes again. After a refusal that is about rows the copy is of no use.
    ///
    /// # Errors
    /// The copy cannot be written, for example because the disk is full.
    pub fn write(&mut self, counters: &[(String, i64)], words: &[String]) -> Result<Vec<WriteRefusal>, SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.write(counters, words),
            // The server updates its full-text indexes by itself.
            Self::Mysql(rewriter) => rewriter.write(counters),
        }
    }

    /// Closes the copy, with all of it on disk.
    ///
    /// # Errors
    /// The copy cannot be written.
    pub fn close(self) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(rewriter) => rewriter.close(),
            Self::Mysql(rewriter) => rewriter.close(),
        }
    }
}
