//! Reading one state of a source, whatever its engine.

use super::{ForeignKeyEnd, Interrupter, ReadFailure, Row, SourceError, mysql, sqlite};
use crate::catalog::{Catalog, ForeignKey, Key, RowIdentity, Selection, SnapshotState, Table, TableSize};
use std::collections::BTreeMap;

/// One connection inside a [`super::Snapshot`]. A reader is used by one thread at a time.
#[derive(Debug)]
pub enum Reader {
    /// A connection of SQLite.
    Sqlite(sqlite::Reader),
    /// A session of MySQL or MariaDB.
    Mysql(mysql::Reader),
}

/// The state and its structure.
impl Reader {
    /// Reads the whole structure, sorted by name.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn catalog(&self) -> Result<Catalog, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.catalog(),
            Self::Mysql(reader) => reader.catalog(),
        }
    }

    /// Confirms that the source has not changed in a way that would split two readings into two states. A reading of
    /// rows does so by itself, after the last row; other queries do not.
    ///
    /// # Errors
    /// [`SourceError::Written`]: the source was written to in a way that the snapshot does not prevent.
    pub fn confirm_still(&self) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.confirm_still(),
            Self::Mysql(reader) => reader.confirm_still(),
        }
    }

    /// The state of a server that this reader and all others of its snapshot have; `None` for a file.
    #[must_use]
    pub fn snapshot_state(&self) -> Option<&SnapshotState> {
        match self {
            Self::Sqlite(_) => None,
            Self::Mysql(reader) => Some(reader.snapshot_state()),
        }
    }

    /// The type of the file system that the source lies on, if other machines can write to it past the locks of this one.
    /// `None` for a source that no file system of this machine holds.
    #[must_use]
    pub fn shared_file_system(&self) -> Option<String> {
        match self {
            Self::Sqlite(reader) => reader.shared_file_system(),
            Self::Mysql(_) => None,
        }
    }

    /// Numbers that the source keeps for its application outside of all tables, by the words that read them; those alone that are
    /// not 0.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn application_numbers(&self) -> Result<BTreeMap<String, i64>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.application_numbers(),
            Self::Mysql(_) => Ok(BTreeMap::new()),
        }
    }

    /// The same reader, which reads rows by other code than a copy does: a proof that shared the code would repeat its
    /// mistakes.
    #[must_use]
    pub fn independent(self) -> Self {
        match self {
            Self::Sqlite(reader) => Self::Sqlite(reader.through_sqlite()),
            Self::Mysql(reader) => Self::Mysql(reader),
        }
    }

    /// An interrupter of this reader's queries.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        match self {
            Self::Sqlite(reader) => Interrupter::Sqlite(reader.interrupter()),
            Self::Mysql(reader) => Interrupter::Mysql(Box::new(reader.interrupter())),
        }
    }
}

/// Sizes of tables, and bounds of chunks.
impl Reader {
    /// Counts a table's rows and estimates the bytes of their values.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn size(&self, table: &Table) -> Result<TableSize, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.size(table),
            Self::Mysql(reader) => reader.size(table),
        }
    }

    /// The keys over `columns` that cut a table of `rows` rows into `parts` parts, ascending in the source's order.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn key_bounds(
        &self,
        table: &Table,
        columns: &[String],
        rows: u64,
        parts: u64,
    ) -> Result<Vec<Key>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.key_bounds(table, columns, rows, parts),
            Self::Mysql(reader) => reader.key_bounds(table, columns, rows, parts),
        }
    }

    /// The key `rows` rows after the first key from `from` on; `None` if the table ends before.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn key_behind(
        &self,
        table: &str,
        identity: &RowIdentity,
        from: Option<&Key>,
        rows: u64,
    ) -> Result<Option<Key>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.key_behind(table, identity, from, rows),
            Self::Mysql(reader) => reader.key_behind(table, identity, from, rows),
        }
    }
}

/// Sequences.
impl Reader {
    /// The next number that a sequence gives, or one behind it: a server may keep some numbers ready. No snapshot covers
    /// sequences: it is that of now. `None` if the source has no sequences.
    ///
    /// # Errors
    /// The source fails, or no longer has the sequence.
    pub fn next_number(&self, sequence: &str) -> Result<Option<i64>, SourceError> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Mysql(reader) => reader.next_number(sequence).map(Some),
        }
    }
}

/// Rows of tables.
impl Reader {
    /// Calls `visit` with every row of the selection and returns how many there were. They all belong to one state of
    /// the source: it is confirmed after the last row.
    ///
    /// # Errors
    /// The source's failure, or the first error of `visit`.
    #[inline]
    pub fn for_each_row<E>(
        &self,
        selection: &Selection,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        match self {
            Self::Sqlite(reader) => reader.for_each_row(selection, |row| visit(&Row::Sqlite(row))),
            Self::Mysql(reader) => reader.for_each_row(selection, |row| visit(&Row::Mysql(row))),
        }
    }

    /// Counts the rows of the selection.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub fn count_rows(&self, selection: &Selection) -> Result<u64, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.count_rows(selection),
            Self::Mysql(reader) => reader.count_rows(selection),
        }
    }

    /// Calls `visit` with the one row of aggregates, in the source's own SQL, over the rows of a selection.
    ///
    /// # Errors
    /// The source's failure.
    pub fn aggregate(
        &self,
        selection: &Selection,
        aggregates: &[String],
        mut visit: impl FnMut(&Row<'_>),
    ) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.aggregate(selection, aggregates, |row| visit(&Row::Sqlite(row))),
            Self::Mysql(reader) => reader.aggregate(selection, aggregates, |row| visit(&Row::Mysql(row))),
        }
    }

    /// Confirms that `read` rows of a selection and those that its filter leaves behind are all rows, each counted by a
    /// query of its own.
    ///
    /// # Errors
    /// [`SourceError::OtherRows`] if they are not; or the source's failure.
    pub fn must_add_up(&self, selection: &Selection, read: u64) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.must_add_up(selection, read),
            Self::Mysql(reader) => reader.must_add_up(selection, read),
        }
    }

    /// Confirms that the source gave as many rows of a whole table as were counted by a query of its own, in the same state.
    /// A table that no state holds may have others by now.
    ///
    /// # Errors
    /// [`SourceError::NotAsCounted`].
    pub fn must_be_as_counted(&self, table: &str, read: u64, counted: u64) -> Result<(), SourceError> {
        if read == counted || self.snapshot_state().is_some_and(|state| !state.holds(table)) {
            return Ok(());
        }
        let place = match self {
            Self::Sqlite(reader) => reader.place(),
            Self::Mysql(reader) => reader.place(),
        };
        Err(SourceError::NotAsCounted { place, table: table.to_owned(), read, counted })
    }

    /// The reason why an expression of the spec cannot be computed for each row of a table by itself; `None` if it can.
    ///
    /// # Errors
    /// The source turns out corrupt or unreadable.
    pub fn refused_expression(&self, table: &str, sql: &str) -> Result<Option<String>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.refused_expression(table, sql),
            Self::Mysql(reader) => reader.refused_expression(table, sql),
        }
    }

    /// Counts, for each condition in the source's own SQL, the rows of a table that pass the filter and meet it; all of them
    /// in one pass.
    ///
    /// # Errors
    /// The source's failure; [`SourceError::Query`] if a condition cannot be asked in a query.
    pub fn count_matching(
        &self,
        table: &str,
        filter: Option<&str>,
        conditions: &[String],
    ) -> Result<Vec<u64>, SourceError> {
        match self {
            Self::Sqlite(reader) => reader.count_matching(table, filter, conditions),
            Self::Mysql(reader) => reader.count_matching(table, filter, conditions),
        }
    }

    /// Counts the rows of `child` whose key is not NULL and has no equal in `parent`, and names some of them. Keys are
    /// compared as PostgreSQL will.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub fn orphans(
        &self,
        key: &ForeignKey,
        child: &ForeignKeyEnd<'_>,
        parent: &ForeignKeyEnd<'_>,
    ) -> Result<(u64, Vec<String>), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.orphans(key, child, parent),
            Self::Mysql(reader) => reader.orphans(key, child, parent),
        }
    }

    /// Counts the rows of `child` whose key has an equal in `parent`, and names some of them.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub fn references(
        &self,
        key: &ForeignKey,
        child: &ForeignKeyEnd<'_>,
        parent: &ForeignKeyEnd<'_>,
    ) -> Result<(u64, Vec<String>), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.references(key, child, parent),
            Self::Mysql(reader) => reader.references(key, child, parent),
        }
    }
}

/// Answers to queries.
impl Reader {
    /// Reads the rows of a view of the source until `visit` stops. The rows have no key.
    ///
    /// # Errors
    /// The source refuses the view ([`SourceError::Query`]), or fails.
    pub fn each_of_view(&self, view: &str, mut visit: impl FnMut(&Row<'_>) -> bool) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.each_of_view(view, |row| visit(&Row::Sqlite(row))),
            Self::Mysql(reader) => reader.each_of_view(view, |row| visit(&Row::Mysql(row))),
        }
    }

    /// Reads the rows of a query that is derived from the view's.
    ///
    /// # Errors
    /// As for [`Self::each_of_view`].
    pub fn each_of_query(
        &self,
        view: &str,
        sql: &str,
        mut visit: impl FnMut(&Row<'_>) -> bool,
    ) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.each_of_query(view, sql, |row| visit(&Row::Sqlite(row))),
            Self::Mysql(reader) => reader.each_of_query(view, sql, |row| visit(&Row::Mysql(row))),
        }
    }

    /// Calls `visit` with every row that a check's query gives, and the number of its columns. The rows have no key.
    ///
    /// # Errors
    /// The query is wrong, or the source fails.
    pub fn query_rows(&self, sql: &str, mut visit: impl FnMut(&Row<'_>, usize)) -> Result<(), SourceError> {
        match self {
            Self::Sqlite(reader) => reader.query_rows(sql, |row, columns| visit(&Row::Sqlite(row), columns)),
            Self::Mysql(reader) => reader.query_rows(sql, |row, columns| visit(&Row::Mysql(row), columns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::connection::SourceConnection;
    use crate::source::{Snapshot, SourceError};

    #[test]
    fn another_number_of_rows_than_was_counted_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.db");
        crate::source::fixture::write_database(&path, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
        let snapshot = Snapshot::open(&SourceConnection::Sqlite { path }, 1, None, &|_| true).unwrap();
        assert!(snapshot.reader().must_be_as_counted("t", 3, 3).is_ok());
        let error = snapshot.reader().must_be_as_counted("t", 2, 3).unwrap_err();
        assert!(matches!(error, SourceError::NotAsCounted { read: 2, counted: 3, .. }), "{error}");
        assert!(!error.is_wrong_input());
    }
}
