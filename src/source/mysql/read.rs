//! Reading rows as borrowed cells.

use super::client::ClientError;
use super::columns;
use super::key_index::RangedTable;
use super::row::Row;
use super::selection::{SELECT, Statement, aggregate, count, select_with_key};
use super::snapshot::Reader;
use crate::catalog::{SelectedColumn, Selection};
use crate::source::{ReadFailure, SourceError};

impl Reader {
    /// Calls `visit` with every row of the selection and returns how many there were.
    ///
    /// # Errors
    /// The source's failure, or the first error of `visit`.
    pub(in crate::source) fn for_each_row<E>(
        &self,
        selection: &Selection,
        mut visit: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<u64, ReadFailure<E>> {
        let doing = || format!("reading {} ({})", selection.table, selection.range);
        let table = self.table_of(selection).map_err(|error| ReadFailure::Source(self.failed(&doing(), &error)))?;
        let mut statement = select_with_key(selection, &table.sql, self.partial_character_sets());
        statement.sql.push_str(&table.order);
        let mut visited = 0;
        let read = self.each(&statement, |row| {
            visited += 1;
            visit(row)
        });
        match read {
            Ok(()) => {}
            Err(Ended::Caller(error)) => return Err(ReadFailure::Caller(error)),
            Err(Ended::Client(error)) => return Err(ReadFailure::Source(self.failed(&doing(), &error))),
        }
        // A survey and a proof depend on all rows just as a copy does.
        if selection.columns.iter().any(|column| matches!(column, SelectedColumn::Computed(_))) {
            self.must_be_all(selection, visited).map_err(ReadFailure::Source)?;
        }
        Ok(visited)
    }

    fn table_of(&self, selection: &Selection) -> Result<RangedTable, ClientError> {
        self.read_table(&selection.table, &selection.row_identity, &selection.range, &selection.filter)
    }

    fn each<E>(&self, statement: &Statement, mut visit: impl FnMut(&Row<'_>) -> Result<(), E>) -> Result<(), Ended<E>> {
        let mut client = self.client();
        let mut rows = client.rows(&statement.sql).map_err(Ended::Client)?.replacing(&statement.bytes);
        while let Some(walk) = rows.next().map_err(Ended::Client)? {
            if let Err(error) = visit(&Row::new(walk, &statement.key)) {
                drop(rows);
                self.end_answer(&mut client);
                return Err(Ended::Caller(error));
            }
        }
        drop(rows);
        self.confirm_transaction(&client).map_err(Ended::Client)
    }

    /// Confirms that `read` rows are all rows of the selection.
    fn must_be_all(&self, selection: &Selection, read: u64) -> Result<(), SourceError> {
        let expected = self.count_rows(&Selection { columns: Vec::new(), ..selection.clone() })?;
        self.same(selection, read, expected)
    }

    fn same(&self, selection: &Selection, read: u64, expected: u64) -> Result<(), SourceError> {
        if read == expected {
            return Ok(());
        }
        let (table, range) = (selection.table.clone(), selection.range.to_string());
        Err(SourceError::OtherRows { place: self.place(), table, range, read, expected })
    }

    /// Counts the rows of the selection. The server counts: a count made of an answer's rows would miss what an answer that was
    /// cut off misses.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub(in crate::source) fn count_rows(&self, selection: &Selection) -> Result<u64, SourceError> {
        let failed =
            |error| self.failed(&format!("counting the rows of {} ({})", selection.table, selection.range), &error);
        let table = self.table_of(selection).map_err(failed)?;
        let counted = self.client().query(&count(selection, &table.sql).sql).map_err(failed)?;
        columns::count(&counted, 0).map_err(failed)
    }

    /// Calls `visit` with the row of aggregates over the rows of the selection.
    ///
    /// # Errors
    /// The source's failure.
    pub(in crate::source) fn aggregate(
        &self,
        selection: &Selection,
        aggregates: &[String],
        mut visit: impl FnMut(&Row<'_>),
    ) -> Result<(), SourceError> {
        let doing = || format!("asking about the values of {} ({})", selection.table, selection.range);
        let table = self.table_of(selection).map_err(|error| self.failed(&doing(), &error))?;
        let read = self.each(&aggregate(selection, &table.sql, &aggregates.join(", ")), |row| {
            visit(row);
            Ok::<_, std::convert::Infallible>(())
        });
        match read {
            Ok(()) => Ok(()),
            Err(Ended::Client(error)) => Err(self.failed(&doing(), &error)),
            Err(Ended::Caller(never)) => match never {},
        }
    }

    /// Confirms that `read` rows of a selection and those that its filter leaves behind are all rows, each counted by a
    /// query of its own.
    ///
    /// # Errors
    /// [`SourceError::OtherRows`] if they are not; or the source's failure.
    pub(in crate::source) fn must_add_up(&self, selection: &Selection, read: u64) -> Result<(), SourceError> {
        let all = self.count_rows(&selection.unfiltered())?;
        let left = selection.left_behind().map_or(Ok(0), |left| self.count_rows(&left))?;
        self.same(selection, read, all.saturating_sub(left))
    }

    /// The reason why an expression of the spec cannot be computed for each row of a table by itself; `None` if it can.
    ///
    /// # Errors
    /// The source fails.
    pub(in crate::source) fn refused_expression(&self, table: &str, sql: &str) -> Result<Option<String>, SourceError> {
        let asked = self.client().query(&format!("{SELECT} ({sql}\n) FROM {} LIMIT 0", self.quoted(table)));
        match asked {
            Ok(_) => Ok(None),
            Err(ClientError::Server { message, .. }) => Ok(Some(message)),
            Err(error) => Err(self.failed(&format!("asking whether {table} has `{sql}`"), &error)),
        }
    }

    /// Reads the rows of a view of the source until `visit` stops. The rows have no key.
    ///
    /// # Errors
    /// The source refuses the view, or fails.
    pub(in crate::source) fn each_of_view(
        &self,
        view: &str,
        visit: impl FnMut(&Row<'_>) -> bool,
    ) -> Result<(), SourceError> {
        self.each_of_query(view, &format!("{SELECT} * FROM {}", self.quoted(view)), visit)
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
        let statement = Statement::of(sql.to_owned());
        let read = self.each(&statement, |row| if visit(row) { Ok(()) } else { Err(()) });
        match read {
            Ok(()) | Err(Ended::Caller(())) => Ok(()),
            Err(Ended::Client(error)) => Err(self.failed(&format!("reading the view {view}"), &error)),
        }
    }

    /// Calls `visit` with every row that a check's query gives, and the number of its columns. The rows have no key.
    ///
    /// # Errors
    /// The query is wrong, or the source fails.
    pub(in crate::source) fn query_rows(
        &self,
        sql: &str,
        mut visit: impl FnMut(&Row<'_>, usize),
    ) -> Result<(), SourceError> {
        let failed = |error: ClientError| self.failed("asking a check", &error);
        let mut client = self.client();
        let mut rows = client.rows(sql).map_err(failed)?;
        let columns = rows.columns();
        while let Some(walk) = rows.next().map_err(failed)? {
            visit(&Row::new(walk, &[]), columns);
        }
        Ok(())
    }
}

/// The reason why a reading ended before the last row.
enum Ended<E> {
    Client(ClientError),
    Caller(E),
}
