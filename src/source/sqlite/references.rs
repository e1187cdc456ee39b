//! Following foreign keys, and counting the rows that meet conditions.

use super::snapshot::Reader;
use crate::catalog::selection::enclosed;
use crate::catalog::{ForeignKey, NAMED_ROWS, RowIdentity, Table};
use crate::dialect::sqlite::{quote, rowid_expression};
use crate::source::{ForeignKeyEnd, SourceError};

impl Reader {
    /// Counts the rows of `child` whose key is not NULL and has no equal in `parent`, and names some of them.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub(in crate::source) fn orphans(
        &self,
        key: &ForeignKey,
        child: &ForeignKeyEnd<'_>,
        parent: &ForeignKeyEnd<'_>,
    ) -> Result<(u64, Vec<String>), SourceError> {
        self.follow(key, child, parent, "NOT EXISTS")
    }

    /// Counts the rows of `child` whose key has an equal in `parent`, and names some of them.
    ///
    /// # Errors
    /// The source's failure, most often an error in the spec's filter.
    pub(in crate::source) fn references(
        &self,
        key: &ForeignKey,
        child: &ForeignKeyEnd<'_>,
        parent: &ForeignKeyEnd<'_>,
    ) -> Result<(u64, Vec<String>), SourceError> {
        self.follow(key, child, parent, "EXISTS")
    }

    fn follow(
        &self,
        key: &ForeignKey,
        child: &ForeignKeyEnd<'_>,
        parent: &ForeignKeyEnd<'_>,
        exists: &str,
    ) -> Result<(u64, Vec<String>), SourceError> {
        let name = &child.table.name;
        let doing = format!("following the foreign key ({}) of {name}", key.columns.join(", "));
        let failed = |error: rusqlite::Error| self.failed(&doing, &error);
        let rowid = rowid_expression(&child.table.row_identity);
        let shown = rowid.clone().unwrap_or_else(|| "NULL".to_owned());
        let rows = |end: &ForeignKeyEnd<'_>, extra: &str| {
            let condition = end.filter.map(|filter| format!(" WHERE {}", enclosed(filter))).unwrap_or_default();
            format!("(SELECT *{extra} FROM {}{condition})", quote(&end.table.name))
        };
        let given = child.columns.iter().map(|column| format!("c.{} IS NOT NULL", quote(column)));
        let equal = child.columns.iter().zip(&parent.columns).map(|(child, parent)| {
            // PostgreSQL compares byte by byte, whatever the column's collation in SQLite.
            format!("p.{} = c.{} COLLATE BINARY", quote(parent), quote(child))
        });
        let from = format!(
            "FROM {} AS c WHERE {} AND {exists} (SELECT 1 FROM {} AS p WHERE {})",
            rows(child, &format!(", {shown} AS transship_key")),
            given.collect::<Vec<_>>().join(" AND "),
            rows(parent, ""),
            equal.collect::<Vec<_>>().join(" AND ")
        );
        let count: i64 =
            self.connection.query_row(&format!("SELECT count(*) {from}"), [], |row| row.get(0)).map_err(failed)?;
        if count == 0 || rowid.is_none() {
            return Ok((u64::try_from(count).unwrap_or(0), Vec::new()));
        }
        let mut statement = self
            .connection
            .prepare(&format!("SELECT transship_key {from} ORDER BY 1 LIMIT {NAMED_ROWS}"))
            .map_err(failed)?;
        let selector = rowid_name(child.table);
        let keys = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(failed)?;
        let examples =
            keys.map(|key| key.map(|key| format!("{selector}={key}"))).collect::<Result<_, _>>().map_err(failed)?;
        Ok((u64::try_from(count).unwrap_or(0), examples))
    }

    /// Counts, for each condition in SQLite's own SQL, the rows of a table that pass the filter and meet it; all of them in
    /// one pass.
    ///
    /// # Errors
    /// The source's failure; [`SourceError::Query`] if a condition cannot be asked in a query.
    pub(in crate::source) fn count_matching(
        &self,
        table: &str,
        filter: Option<&str>,
        conditions: &[String],
    ) -> Result<Vec<u64>, SourceError> {
        let doing = format!("asking which rows of {table} pass its constraints");
        let counts = conditions.iter().map(|condition| format!("count(*) FILTER (WHERE {condition}\n)"));
        let filter = filter.map(|filter| format!(" WHERE {}", enclosed(filter))).unwrap_or_default();
        let sql = format!("SELECT {} FROM {}{filter}", counts.collect::<Vec<_>>().join(", "), quote(table));
        let read = |row: &rusqlite::Row<'_>| {
            (0..conditions.len())
                .map(|at| row.get::<_, i64>(at).map(|count| u64::try_from(count).unwrap_or(0)))
                .collect()
        };
        self.connection.query_row(&sql, [], read).map_err(|error| self.failed(&doing, &error))
    }
}

fn rowid_name(table: &Table) -> &str {
    match &table.row_identity {
        RowIdentity::Integer { column, .. } => column,
        _ => "",
    }
}
