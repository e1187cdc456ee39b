//! Following foreign keys, and counting the rows that meet conditions.

use super::columns::{count, text};
use super::selection::{SELECT, key_expressions};
use super::snapshot::Reader;
use crate::catalog::selection::enclosed;
use crate::catalog::{ForeignKey, NAMED_ROWS};
use crate::dialect::mysql::{quote, same_bytes};
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
        let failed =
            |error| self.failed(&format!("following the foreign key ({}) of {name}", key.columns.join(", ")), &error);
        let rows = |end: &ForeignKeyEnd<'_>| match end.filter {
            Some(filter) => format!("(SELECT * FROM {} WHERE {})", self.quoted(&end.table.name), enclosed(filter)),
            None => self.quoted(&end.table.name),
        };
        let given = child.columns.iter().map(|column| format!("c.{} IS NOT NULL", quote(column)));
        let is_bytes = |end: &ForeignKeyEnd<'_>, name: &str| {
            end.table.column(name).is_none_or(|column| column.equality.is_bytes())
        };
        let equal = child.columns.iter().zip(&parent.columns).map(|(own, referenced)| {
            let is_compared_by_bytes = is_bytes(child, own) && is_bytes(parent, referenced);
            same_bytes(&format!("c.{}", quote(own)), &format!("p.{}", quote(referenced)), is_compared_by_bytes)
        });
        let from = format!(
            "FROM {} AS c WHERE {} AND {exists} (SELECT 1 FROM {} AS p WHERE {})",
            rows(child),
            given.collect::<Vec<_>>().join(" AND "),
            rows(parent),
            equal.collect::<Vec<_>>().join(" AND ")
        );
        let counted = self.client().query(&format!("{SELECT} count(*) {from}")).map_err(failed)?;
        let (found, columns) = (count(&counted, 0).map_err(failed)?, key_expressions(&child.table.row_identity));
        if found == 0 || columns.is_empty() {
            return Ok((found, Vec::new()));
        }
        let list = columns.iter().map(|column| format!("c.{column}")).collect::<Vec<_>>().join(", ");
        let examples = self
            .client()
            .query(&format!("{SELECT} {list} {from} ORDER BY {list} LIMIT {NAMED_ROWS}"))
            .map_err(failed)?;
        let names = child.table.row_identity.columns();
        let shown = |row: &Vec<Option<Vec<u8>>>| {
            let parts =
                names.iter().enumerate().map(|(at, name)| format!("{name}={}", text(row, at).unwrap_or_default()));
            parts.collect::<Vec<_>>().join(", ")
        };
        Ok((found, examples.iter().map(shown).collect()))
    }

    /// Counts, for each condition in MySQL's own SQL, the rows of a table that pass the filter and meet it; all of them in
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
        let counts = conditions.iter().map(|condition| format!("count(CASE WHEN {condition}\nTHEN 1 END)"));
        let filter = filter.map(|filter| format!(" WHERE {}", enclosed(filter))).unwrap_or_default();
        let sql = format!("{SELECT} {} FROM {}{filter}", counts.collect::<Vec<_>>().join(", "), self.quoted(table));
        let failed = |error| self.failed(&format!("asking which rows of {table} pass its constraints"), &error);
        let counted = self.client().query(&sql).map_err(failed)?;
        (0..conditions.len()).map(|at| count(&counted, at).map_err(failed)).collect()
    }
}
