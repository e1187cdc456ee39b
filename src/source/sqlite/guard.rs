//! Counting rows without the spec's SQL: an expression that drops or multiplies rows would affect a count in the same
//! way as a reading.

use super::open::classify;
use super::snapshot::Reader;
use crate::catalog::Selection;
use crate::catalog::selection::enclosed;
use crate::dialect::sqlite::quote;
use crate::source::SourceError;

impl Reader {
    /// The reason why an expression of the spec cannot be computed for each row of a table by itself; `None` if it can.
    /// SQLite itself decides, by two queries:
    ///
    /// - An aggregate or a window function is an error in WHERE, also in a subquery, where it aggregates the outer rows
    ///   as soon as it names only their columns (<https://www.sqlite.org/lang_aggfunc.html>).
    /// - A query that aggregates without GROUP BY has a row even if the table has none. SQLite drops what EXISTS
    ///   selects in WHERE, so that only this query finds `EXISTS (SELECT max(a.x))`.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn refused_expression(&self, table: &str, sql: &str) -> Result<Option<String>, SourceError> {
        let (expression, name) = (enclosed(sql), quote(table));
        let doing = format!("asking for an expression over {table}");
        let asked = self
            .connection
            .prepare(&format!("SELECT 1 FROM {name} WHERE {expression} IS NULL"))
            .and_then(|_| self.connection.prepare(&format!("SELECT {expression} FROM {name} WHERE 0")))
            .and_then(|mut statement| statement.exists([]));
        match asked {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some("it makes one value of many rows".to_owned())),
            // SQLite's message without the statement, which is not the user's.
            Err(rusqlite::Error::SqlInputError { msg, .. }) => Ok(Some(msg)),
            Err(error) => match classify(&self.path, &doing, &error) {
                SourceError::Query { message, .. } => Ok(Some(message)),
                error => Err(error),
            },
        }
    }

    /// Confirms that a selection gave every row that passes its filter, and each once.
    ///
    /// # Errors
    /// [`SourceError::OtherRows`] if it did not; or the source's failure.
    pub(super) fn must_be_all(&self, selection: &Selection, read: u64) -> Result<(), SourceError> {
        let kept = self.count_rows(selection)?;
        if read == kept { Ok(()) } else { Err(self.other_rows(selection, read, kept)) }
    }

    /// Confirms that the rows that were read and those that the filter leaves behind are all rows, each counted by a
    /// query of its own.
    ///
    /// # Errors
    /// [`SourceError::OtherRows`] if they are not; or the source's failure.
    pub(in crate::source) fn must_add_up(&self, selection: &Selection, read: u64) -> Result<(), SourceError> {
        self.must_be_all(selection, read)?;
        let left = selection.left_behind().map_or(Ok(0), |left| self.count_rows(&left))?;
        let all = self.count_rows(&selection.unfiltered())?;
        if read + left == all { Ok(()) } else { Err(self.other_rows(selection, read, all.saturating_sub(left))) }
    }

    fn other_rows(&self, selection: &Selection, read: u64, expected: u64) -> SourceError {
        let (table, range) = (selection.table.clone(), selection.range.to_string());
        SourceError::OtherRows { place: self.place(), table, range, read, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Key, KeyRange, RowFilter, RowIdentity, SelectedColumn, Visibility};
    use crate::source::ReadFailure;
    use crate::source::sqlite::Snapshot;
    use std::convert::Infallible;

    fn snapshot(directory: &tempfile::TempDir) -> Snapshot {
        let path = directory.path().join("a.db");
        let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT, x INTEGER);
            INSERT INTO a VALUES (1, 'a', 1), (2, 'b', NULL), (3, 'c', 3);
            CREATE TABLE b (a INTEGER, x INTEGER); INSERT INTO b VALUES (1, 5), (1, 7)";
        rusqlite::Connection::open(&path).unwrap().execute_batch(source).unwrap();
        Snapshot::open(&path, 1).unwrap()
    }

    #[test]
    fn sqlite_says_what_is_not_computed_for_each_row() {
        let directory = tempfile::tempdir().unwrap();
        let snapshot = snapshot(&directory);
        let refused = |sql: &str| snapshot.reader().refused_expression("a", sql).unwrap();
        for sql in [
            "max(x)",
            "(SELECT max(a.x))",
            "(SELECT group_concat(a.n) FROM b WHERE b.a = a.id)",
            "EXISTS (SELECT max(a.x))",
            "EXISTS (SELECT count(a.x) FROM b)",
            "x IN (SELECT max(id))",
            "(VALUES (max(a.x)))",
            "row_number() OVER ()",
            "nosuch",
            "(SELECT 1, 2)",
            "1, 2",
        ] {
            assert!(refused(sql).is_some(), "{sql}");
        }
        for sql in [
            "x",
            "max(x, 1) -- the larger",
            "(SELECT max(x) FROM b WHERE b.a = a.id)",
            "EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
            "(SELECT sum(b.x + a.x) FROM b)",
            "(SELECT n FROM (SELECT row_number() OVER () AS n FROM b) LIMIT 1)",
        ] {
            assert_eq!(refused(sql), None, "{sql}");
        }
    }

    #[test]
    fn rows_that_an_expression_swallows_are_missed_whatever_the_range() {
        let directory = tempfile::tempdir().unwrap();
        let snapshot = snapshot(&directory);
        let read = |sql: &str, filter: Option<&str>, from: Option<i64>| {
            let selection = Selection {
                table: "a".to_owned(),
                columns: vec![SelectedColumn::Computed(sql.to_owned())],
                filter: RowFilter::of(filter),
                row_identity: RowIdentity::Integer { column: "id".to_owned(), visibility: Visibility::Declared },
                range: KeyRange { from: from.map(Key::from), below: None },
            };
            let read = snapshot.reader().for_each_row(&selection, |_| Ok::<(), Infallible>(()));
            let added = read.as_ref().ok().map(|read| snapshot.reader().must_add_up(&selection, *read).is_ok());
            (read, added)
        };
        for from in [None, Some(2)] {
            for filter in [None, Some("x IS NOT NULL"), Some("x > 0")] {
                let (found, added) = read("coalesce(max(x), 0)", filter, from);
                let is_missed = matches!(found, Err(ReadFailure::Source(SourceError::OtherRows { read: 1, .. })));
                // A MAX over one row gives one row.
                assert_eq!(is_missed, from.is_none() || filter.is_none(), "{found:?}");
                assert_eq!(added.is_some(), !is_missed);
                let (found, added) = read("x + 1", filter, from);
                let rows = if filter.is_some() { 2 } else { 3 } - u64::from(from.is_some());
                assert_eq!((found.unwrap(), added), (rows, Some(true)));
            }
        }
        // Counts that differ from one time to the next do not add up.
        assert!((0..50).any(|_| read("1", Some("random() % 2 = 0"), None).1 != Some(true)));
    }
}
