//! A prepared query of the spec.

use super::client::{Client, ClientError, PreparedStatement, ResultColumnOrigin, Value};
use super::database::Database;
use super::row::Row;
use super::snapshot::Reader;
use crate::dialect;
use crate::dialect::mysql::{Positional, positional};
use crate::source::{BoundValue, SourceError, SourceOrigin};
use crate::value::Cell;
use std::cell::RefMut;

/// A statement of one session, which asks nothing else meanwhile.
#[derive(Debug)]
pub struct SourceQuery<'reader> {
    reader: &'reader Reader,
    client: RefMut<'reader, Client>,
    prepared: PreparedStatement,
    /// The value of each parameter, where they have names.
    places: Option<Vec<usize>>,
    /// Number of values that are needed.
    parameters: usize,
}

const DOING: &str = "asking a query of the spec";

/// Columns of EXPLAIN, as MariaDB gives them and as MySQL does (manual, "EXPLAIN Output Format").
const OF_MARIADB: [&str; 10] =
    ["id", "select_type", "table", "type", "possible_keys", "key", "key_len", "ref", "rows", "extra"];
const OF_MYSQL: [&str; 12] = [
    "id",
    "select_type",
    "table",
    "partitions",
    "type",
    "possible_keys",
    "key",
    "key_len",
    "ref",
    "rows",
    "filtered",
    "extra",
];

impl Reader {
    /// Prepares a query. The session's transaction is READ ONLY.
    ///
    /// # Errors
    /// The query is wrong, or no query.
    pub(in crate::source) fn prepare(&self, sql: &str) -> Result<SourceQuery<'_>, SourceError> {
        let checked = dialect::of(crate::catalog::Engine::Mysql).one_query_of_parameters(sql);
        checked.map_err(|refusal| SourceError::Query {
            place: self.place(),
            doing: DOING.to_owned(),
            message: format!("it {refusal}"),
        })?;
        let mut client = self.client();
        let written = positional(sql);
        let prepared = client.prepare(&written.sql).map_err(|error| self.failed(DOING, &error))?;
        Ok(SourceQuery::new(self, client, prepared, written))
    }

    /// The columns of tables that the columns of a query's answer are.
    ///
    /// # Errors
    /// The query is wrong, or no query.
    pub(in crate::source) fn origins(&self, sql: &str) -> Result<Vec<Option<SourceOrigin>>, SourceError> {
        drop(self.prepare(sql)?);
        let found = self.client().origins(&positional(sql).sql).map_err(|error| self.failed(DOING, &error))?;
        let databases = Database::all_of(self.server());
        let server = self.server();
        let is_own = |name: &str| !server.databases.is_empty() || server.database.eq_ignore_ascii_case(name);
        let known = |origin: ResultColumnOrigin| {
            // The first of them says how tables of each are known.
            let table = databases.first()?.known_in(&origin.database, &origin.table);
            let is_of_table = !origin.table.is_empty() && !origin.column.is_empty() && is_own(&origin.database);
            is_of_table.then_some(SourceOrigin { table, column: origin.column })
        };
        Ok(found.into_iter().map(known).collect())
    }

    /// The plan of a query: a line for each table.
    ///
    /// # Errors
    /// The server refuses the query.
    pub(in crate::source) fn explain(&self, sql: &str, values: &[BoundValue]) -> Result<Vec<String>, SourceError> {
        drop(self.prepare(sql)?);
        let is_mariadb = self.client().is_mariadb();
        let form = if is_mariadb { "" } else { "FORMAT=TRADITIONAL " };
        let names: &[&str] = if is_mariadb { &OF_MARIADB } else { &OF_MYSQL };
        let mut client = self.client();
        let failed = |error: ClientError| self.failed("asking for the plan of a query of the spec", &error);
        let written = positional(sql);
        let prepared = client.prepare(&format!("EXPLAIN {form}{}", written.sql)).map_err(failed)?;
        let mut question = SourceQuery::new(self, client, prepared, written);
        let mut lines = Vec::new();
        question.ask(values, |row, columns| {
            let word = |name: &str| {
                let position = names.iter().position(|known| *known == name).filter(|position| *position < columns)?;
                match row.cell(position) {
                    Cell::Null | Cell::Blob(_) => None,
                    Cell::Integer(integer) => Some(integer.to_string()),
                    Cell::Real(real) => Some(real.to_string()),
                    Cell::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
                }
            };
            let parts = [
                word("table"),
                word("type").map(|access| format!("access {access}")),
                Some(word("key").map_or_else(|| "no key".to_owned(), |key| format!("key {key}"))),
                word("rows").map(|rows| format!("about {rows} rows")),
                word("extra").filter(|extra| !extra.is_empty()),
            ];
            lines.push(parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
            true
        })?;
        Ok(lines)
    }
}

impl<'reader> SourceQuery<'reader> {
    fn new(
        reader: &'reader Reader,
        client: RefMut<'reader, Client>,
        prepared: PreparedStatement,
        written: Positional,
    ) -> Self {
        let parameters = if written.places.is_some() { written.names } else { prepared.parameters };
        Self { reader, client, prepared, places: written.places, parameters }
    }

    pub(in crate::source) fn parameters(&self) -> usize {
        self.parameters
    }

    pub(in crate::source) fn ask(
        &mut self,
        values: &[BoundValue],
        mut visit: impl FnMut(&Row<'_>, usize) -> bool,
    ) -> Result<(), SourceError> {
        let bound = match &self.places {
            Some(places) => places.iter().filter_map(|place| values.get(*place)).map(bound).collect::<Vec<_>>(),
            None => values.iter().take(self.parameters).map(bound).collect(),
        };
        match asked(&mut self.client, &self.prepared, &bound, &mut visit) {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.reader.end_answer(&mut self.client);
                Ok(())
            }
            Err(error) => Err(self.reader.failed(DOING, &error)),
        }
    }
}

/// Reads an answer; whether to its end.
fn asked(
    client: &mut Client,
    prepared: &PreparedStatement,
    values: &[Value],
    visit: &mut impl FnMut(&Row<'_>, usize) -> bool,
) -> Result<bool, ClientError> {
    let mut rows = client.rows_of(prepared, values)?;
    let columns = rows.columns();
    while let Some(walk) = rows.next()? {
        if !visit(&Row::new(walk, &[]), columns) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Drop for SourceQuery<'_> {
    fn drop(&mut self) {
        // A lost connection shows with the next statement.
        let _told_with_the_next_statement = self.client.close(self.prepared.id);
    }
}

fn bound(value: &BoundValue) -> Value {
    match value {
        BoundValue::Null => Value::NULL,
        BoundValue::Integer(integer) => Value::Int(*integer),
        BoundValue::Real(real) => Value::Double(*real),
        BoundValue::Number(bytes) | BoundValue::Text(bytes) | BoundValue::Blob(bytes) => Value::Bytes(bytes.clone()),
    }
}
