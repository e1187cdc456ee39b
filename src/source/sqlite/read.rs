//! Reading rows as borrowed cells.

use super::pages::{DatabaseFile, MalformedPage, PageError, RowLayout};
use super::row::Row;
use super::selection::{aggregate, parameters, select_with_key};
use super::snapshot::Reader;
use crate::catalog::{Key, KeyRange, SelectedColumn, Selection};
use crate::dialect::sqlite::{one_query, quote};
use crate::source::{ReadFailure, SourceError};
use crate::value::Cell;
use rusqlite::params_from_iter;

impl Reader {
    /// Calls `visit` with every row of the selection and returns how many there were. They all belong to one state of
    /// the source: the file is checked again after the last row.
    ///
    /// # Errors
    /// The source's failure, or the first error of `visit`.
    pub(in crate::source) fn for_each_row<E>(
        &self,
        selection: &Selection,
        visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        let visited = self.read_rows(selection, visit)?;
        self.confirm_still().map_err(ReadFailure::Source)?;
        Ok(visited)
    }

    fn read_rows<E>(
        &self,
        selection: &Selection,
        visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        let failed = |error| ReadFailure::Source(self.unread(selection, &error));
        if let Some(pages) = &self.pages
            && let Some(layout) = RowLayout::of(&self.connection, &self.tables, selection).map_err(failed)?
            && let Some(rowids) = rowids(&selection.range)
        {
            return self.for_each_stored_row(pages, &layout, rowids, selection, visit);
        }
        self.for_each_result(selection, visit)
    }

    /// Lets SQLite read the rows.
    fn for_each_result<E>(
        &self,
        selection: &Selection,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        let failed = |error| ReadFailure::Source(self.unread(selection, &error));
        let (sql, key) = select_with_key(selection);
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query(params_from_iter(parameters(selection))).map_err(failed)?;
        let mut visited = 0;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(&Row::of_result(row, &key)).map_err(ReadFailure::Caller)?;
            visited += 1;
        }
        // A survey and a proof depend on all rows just as a copy does.
        if selection.columns.iter().any(|column| matches!(column, SelectedColumn::Computed(_))) {
            self.must_be_all(selection, visited).map_err(ReadFailure::Source)?;
        }
        Ok(visited)
    }

    /// Reads the rows from their pages. From the first row on that only SQLite can complete, SQLite reads the rest:
    /// such rows are many or none.
    fn for_each_stored_row<E>(
        &self,
        pages: &DatabaseFile,
        layout: &RowLayout,
        (from, below): (i64, Option<i64>),
        selection: &Selection,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        let mut rows = pages.rows(layout, from);
        let mut visited = 0;
        let failed = |error| {
            ReadFailure::Source(self.explained(match error {
                PageError::Io(cause) => SourceError::Unreadable { path: self.path.clone(), cause },
                PageError::Malformed(MalformedPage(what)) => SourceError::Corrupt {
                    path: self.path.clone(),
                    doing: reading(selection),
                    message: format!("database disk image is malformed: {what}"),
                },
            }))
        };
        while let Some(row) = rows.next().map_err(failed)? {
            if below.is_some_and(|below| row.rowid() >= below) {
                break;
            }
            if row.has_unknown_defaults() {
                let range = KeyRange { from: Some(Key::from(row.rowid())), ..selection.range.clone() };
                let rest = Selection { range, ..selection.clone() };
                return Ok(visited + self.for_each_result(&rest, visit)?);
            }
            visit(&Row::of_page(row, &layout.key)).map_err(ReadFailure::Caller)?;
            visited += 1;
        }
        Ok(visited)
    }

    fn unread(&self, selection: &Selection, error: &rusqlite::Error) -> SourceError {
        self.failed(&reading(selection), error)
    }

    /// Counts the rows of the selection.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub(in crate::source) fn count_rows(&self, selection: &Selection) -> Result<u64, SourceError> {
        let mut rows = None;
        self.aggregate(selection, &["count(*)".to_owned()], |row| {
            if let Cell::Integer(count) = row.cell(0) {
                rows = u64::try_from(count).ok();
            }
        })?;
        // A count that is no number must not pass for zero.
        let doing = format!("counting {}, {}", selection.table, selection.range);
        rows.ok_or_else(|| self.failed(&doing, &rusqlite::Error::QueryReturnedNoRows))
    }

    /// Calls `visit` with the row of aggregates over the rows of the selection.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub(in crate::source) fn aggregate(
        &self,
        selection: &Selection,
        aggregates: &[String],
        visit: impl FnOnce(&Row<'_>),
    ) -> Result<(), SourceError> {
        let doing = format!("counting {}, {}", selection.table, selection.range);
        let sql = aggregate(selection, &aggregates.join(", "));
        let asked = self.connection.query_row(&sql, params_from_iter(parameters(selection)), |row| {
            visit(&Row::of_result(row, &[]));
            Ok(())
        });
        asked.map_err(|error| self.failed(&doing, &error))
    }

    /// Reads the rows of a view of the source until `visit` stops.
    ///
    /// # Errors
    /// SQLite refuses the view ([`SourceError::Query`]), or the source fails.
    pub(in crate::source) fn each_of_view(
        &self,
        view: &str,
        visit: impl FnMut(&Row<'_>) -> bool,
    ) -> Result<(), SourceError> {
        self.each_of_query(view, &format!("SELECT * FROM {}", quote(view)), visit)
    }

    /// Reads the rows of a query that is derived from the view's.
    ///
    /// # Errors
    /// As for [`Self::each_of_view`].
    pub(in crate::source) fn each_of_query(
        &self,
        view: &str,
        sql: &str,
        mut visit: impl FnMut(&Row<'_>) -> bool,
    ) -> Result<(), SourceError> {
        let doing = format!("asking the view {view}");
        let refused = |error: rusqlite::Error| match &error {
            rusqlite::Error::SqliteFailure(failure, message) if failure.code == rusqlite::ErrorCode::Unknown => {
                let message = message.clone().unwrap_or_else(|| failure.to_string());
                SourceError::Query { place: self.place(), doing: doing.clone(), message }
            }
            rusqlite::Error::SqlInputError { msg, .. } => {
                SourceError::Query { place: self.place(), doing: doing.clone(), message: msg.clone() }
            }
            _ => self.failed(&doing, &error),
        };
        let mut statement = self.connection.prepare(sql).map_err(refused)?;
        let mut rows = statement.query([]).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            if !visit(&Row::of_result(row, &[])) {
                break;
            }
        }
        self.confirm_still()
    }

    /// Calls `visit` with every row of a check's query, and the number of its columns.
    ///
    /// # Errors
    /// The query is wrong, or the source fails.
    pub(in crate::source) fn query_rows(
        &self,
        sql: &str,
        mut visit: impl FnMut(&Row<'_>, usize),
    ) -> Result<(), SourceError> {
        let doing = "a check's query";
        let refused = |message| SourceError::Query { place: self.place(), doing: doing.to_owned(), message };
        // SQLite takes COMMIT for read-only: it would end the snapshot.
        one_query(sql).map_err(|refusal| refused(format!("it {refusal}")))?;
        let failed = |error| self.failed(doing, &error);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        if !statement.readonly() {
            return Err(refused("it writes".to_owned()));
        }
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(&Row::of_result(row, &[]), columns);
        }
        self.confirm_still()
    }
}

fn reading(selection: &Selection) -> String {
    format!("reading {}, {}", selection.table, selection.range)
}

/// The first rowid of a range, and the first one after it.
fn rowids(range: &KeyRange) -> Option<(i64, Option<i64>)> {
    let from = range.from.as_ref().map_or(Some(i64::MIN), Key::integer)?;
    let below = match &range.below {
        Some(below) => Some(below.integer()?),
        None => None,
    };
    Some((from, below))
}
