//! A prepared query of the spec.

use super::row::Row;
use super::snapshot::Reader;
use crate::dialect::sqlite::one_query_of_parameters;
use crate::source::{BoundValue, SourceError, SourceOrigin};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Statement, ToSql, params_from_iter};
use std::collections::BTreeMap;

/// A statement of one connection.
#[derive(Debug)]
pub struct SourceQuery<'reader> {
    reader: &'reader Reader,
    statement: Statement<'reader>,
}

const DOING: &str = "asking a query of the spec";

impl Reader {
    /// Prepares a query.
    ///
    /// # Errors
    /// The query is wrong, or writes.
    pub(in crate::source) fn prepare(&self, sql: &str) -> Result<SourceQuery<'_>, SourceError> {
        let refused = |message| SourceError::Query { place: self.place(), doing: DOING.to_owned(), message };
        // SQLite takes COMMIT for read-only: it would end the snapshot.
        one_query_of_parameters(sql).map_err(|refusal| refused(format!("it {refusal}")))?;
        let statement = self.connection.prepare(sql).map_err(|error| self.failed(DOING, &error))?;
        if !statement.readonly() {
            return Err(refused("it writes".to_owned()));
        }
        Ok(SourceQuery { reader: self, statement })
    }

    /// The columns of tables that the columns of a query's answer are ("Source Of Data In A Query Result" in SQLite's documentation).
    ///
    /// # Errors
    /// The query is wrong.
    pub(in crate::source) fn origins(&self, sql: &str) -> Result<Vec<Option<SourceOrigin>>, SourceError> {
        let question = self.prepare(sql)?;
        let origin = |at: usize| match question.statement.column_metadata(at) {
            Ok(Some((_, table, column, ..))) => Some(SourceOrigin {
                table: table.to_string_lossy().into_owned(),
                column: column.to_string_lossy().into_owned(),
            }),
            // An expression; or a column that no table of the schema has, as that of a table-valued function.
            Ok(None) | Err(_) => None,
        };
        Ok((0..question.statement.column_count()).map(origin).collect())
    }

    /// The plan of a query: a line for each part, indented by its depth.
    ///
    /// # Errors
    /// SQLite refuses the query.
    pub(in crate::source) fn explain(&self, sql: &str, values: &[BoundValue]) -> Result<Vec<String>, SourceError> {
        one_query_of_parameters(sql).map_err(|refusal| SourceError::Query {
            place: self.place(),
            doing: DOING.to_owned(),
            message: format!("it {refusal}"),
        })?;
        let failed = |error: rusqlite::Error| self.failed("asking for the plan of a query of the spec", &error);
        let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(failed)?;
        let bound = values.iter().take(statement.parameter_count()).map(BoundCell);
        let mut rows = statement.query(params_from_iter(bound)).map_err(failed)?;
        let (mut depths, mut lines) = (BTreeMap::new(), Vec::new());
        while let Some(row) = rows.next().map_err(failed)? {
            let (id, parent) = (row.get::<_, i64>(0).map_err(failed)?, row.get::<_, i64>(1).map_err(failed)?);
            let depth = depths.get(&parent).map_or(0, |depth: &usize| depth + 1);
            depths.insert(id, depth);
            lines.push(format!("{}{}", "  ".repeat(depth), row.get::<_, String>(3).map_err(failed)?));
        }
        Ok(lines)
    }
}

impl SourceQuery<'_> {
    pub(in crate::source) fn parameters(&self) -> usize {
        self.statement.parameter_count()
    }

    pub(in crate::source) fn ask(
        &mut self,
        values: &[BoundValue],
        mut visit: impl FnMut(&Row<'_>, usize) -> bool,
    ) -> Result<(), SourceError> {
        let reader = self.reader;
        let failed = |error: rusqlite::Error| reader.failed(DOING, &error);
        let columns = self.statement.column_count();
        let bound = values.iter().take(self.statement.parameter_count()).map(BoundCell);
        let mut rows = self.statement.query(params_from_iter(bound)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if !visit(&Row::of_result(row, &[]), columns) {
                break;
            }
        }
        Ok(())
    }
}

/// A value that is bound without a copy.
struct BoundCell<'a>(&'a BoundValue);

impl ToSql for BoundCell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            BoundValue::Null => ValueRef::Null,
            BoundValue::Integer(integer) => ValueRef::Integer(*integer),
            BoundValue::Real(real) => ValueRef::Real(*real),
            BoundValue::Number(text) | BoundValue::Text(text) => ValueRef::Text(text),
            BoundValue::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
