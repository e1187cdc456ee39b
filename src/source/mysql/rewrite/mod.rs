//! Writing into a database that holds a copy.
//!
//! Rows are staged in temporary tables of the session, whose columns have the types of the real ones and take NULL. A value is
//! staged without strict mode: what the type cannot hold becomes another value, or NULL, which shows when the row is read again.
//! The rows themselves are written in strict mode, where the server refuses.

mod references;
mod staging;
mod triggers;

use super::client::{Client, ClientError, Value};
use super::columns::{integer, text};
use super::selection::equal;
use super::snapshot::{ServerMoment, failure};
use super::undefined_bytes::PartialCharacterSets;
use crate::catalog::{Key, NAMED_ROWS};
use crate::connection::MysqlSource;
use crate::dialect::mysql::{literal, quote, quote_table};
use crate::name::split_database;
use crate::source::SourceError;
use crate::source::rewritten_table::{BaseRow, RewrittenTable, WriteRefusal};
use crate::value::OwnedCell;
use references::DanglingReference;
use staging::{POSITION, Staging};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Modes in which rows are staged: no number means another one than is written.
const STAGING: &str = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

/// Rows that are written by one statement.
const BATCH: i64 = 500;

/// A database that is written to.
#[derive(Debug)]
pub struct Rewriter {
    server: MysqlSource,
    client: RefCell<Client>,
    /// Columns whose character set does not define every byte.
    sets: PartialCharacterSets,
    tables: Vec<Staging>,
}

impl Rewriter {
    /// Opens a session for writing.
    pub(in crate::source) fn open(server: &MysqlSource) -> Result<Self, SourceError> {
        let mut client = ServerMoment::now(server)?.into_client();
        let mut prepare = || {
            // The rows of the target have what an action of a foreign key would do.
            client.query("SET SESSION foreign_key_checks = 0, unique_checks = 1")?;
            client.query(&format!("SET SESSION sql_mode = {}", literal(STAGING)))?;
            PartialCharacterSets::read(&mut client, server)
        };
        let sets = prepare().map_err(|error| failure(server, "opening the copy", &error))?;
        Ok(Self { server: server.clone(), client: RefCell::new(client), sets, tables: Vec::new() })
    }

    fn failed(&self, doing: &str) -> impl Fn(ClientError) -> SourceError + use<> {
        let (server, doing) = (self.server.clone(), doing.to_owned());
        move |error| failure(&server, &doing, &error)
    }

    /// Makes the temporary tables of a table.
    pub(in crate::source) fn begin(&mut self, table: RewrittenTable) -> Result<usize, SourceError> {
        let (number, failed) = (self.tables.len(), self.failed(&format!("staging rows of {}", table.table)));
        let in_databases = !self.server.databases.is_empty();
        let staging = Staging::make(table, number, &mut self.client.borrow_mut(), &self.sets, in_databases);
        let staging = staging.map_err(failed)?;
        self.tables.push(staging);
        Ok(number)
    }

    /// The row of a key. Its stored values stay at the server, and are put in their places there.
    pub(in crate::source) fn base(&self, table: usize, key: &Key) -> Result<Option<BaseRow>, SourceError> {
        let Staging { table, base, bytes, .. } = &self.tables[table];
        let failed = self.failed(&format!("reading a row of {}", table.table));
        let sql = format!("{base} WHERE {}", equal(&table.identity, key));
        let mut client = self.client.borrow_mut();
        let mut rows = client.rows(&sql).map_err(&failed)?.replacing(bytes);
        let mut found = None;
        while let Some(row) = rows.next().map_err(&failed)? {
            found = Some((0..table.read.len()).map(|at| OwnedCell::from(row.cell(at))).collect());
        }
        Ok(found.map(|read| BaseRow { stored: vec![OwnedCell::Null; table.stored.len()], read }))
    }

    /// Stages a removal.
    pub(in crate::source) fn remove(&mut self, table: usize, key: &Key) -> Result<(), SourceError> {
        let failed = self.failed(&format!("staging rows of {}", self.tables[table].table.table));
        self.tables[table].remove(key, self.client.get_mut()).map_err(failed)
    }

    /// Stages a row: that of the key `old`, or a new one, with other values in the columns `written`.
    pub(in crate::source) fn stage(
        &mut self,
        table: usize,
        old: Option<&Key>,
        cells: &[OwnedCell],
        written: &[usize],
    ) -> Result<i64, SourceError> {
        let failed = self.failed(&format!("staging rows of {}", self.tables[table].table.table));
        self.tables[table].stage(old, cells, written, self.client.get_mut()).map_err(failed)
    }

    /// Gives a staged row another value.
    pub(in crate::source) fn restage(
        &mut self,
        table: usize,
        position: i64,
        column: usize,
        cell: &OwnedCell,
    ) -> Result<(), SourceError> {
        let failed = self.failed(&format!("staging rows of {}", self.tables[table].table.table));
        let (staging, client) = (&mut self.tables[table], self.client.get_mut());
        staging.set(position, &[column], &[value(cell)], client).map_err(failed)
    }

    /// A staged row as it would be read.
    pub(in crate::source) fn staged(&self, table: usize, position: i64) -> Result<Vec<OwnedCell>, SourceError> {
        let Staging { table, staged, staged_bytes, .. } = &self.tables[table];
        let failed = self.failed(&format!("reading a staged row of {}", table.table));
        let mut client = self.client.borrow_mut();
        let mut rows = client.rows_of(staged, &[Value::Int(position)]).map_err(&failed)?.replacing(staged_bytes);
        let mut read = None;
        while let Some(row) = rows.next().map_err(&failed)? {
            read = Some((0..table.read.len()).map(|at| OwnedCell::from(row.cell(at))).collect());
        }
        read.ok_or_else(|| failed(ClientError::protocol("a staged row that is not there")))
    }

    /// Writes all that was staged. After a refusal the database is of no use.
    pub(in crate::source) fn write(&mut self, counters: &[(String, i64)]) -> Result<Vec<WriteRefusal>, SourceError> {
        let touched = self.tables.iter().filter(|staging| staging.is_touched());
        let touched = touched.map(|staging| staging.table.table.clone()).collect::<BTreeSet<_>>();
        let triggers = self.take_triggers(&touched)?;
        let keys = self.foreign_keys(&touched)?;
        let before = self.dangling(&keys)?;
        self.settle(&format!("SET SESSION sql_mode = {}", literal(&format!("STRICT_ALL_TABLES,{STAGING}"))))?;
        let mut refusals = Vec::new();
        // Tables without transactions come before the transaction: in one that has written, a server with GTIDs refuses them
        // ("Restrictions on Replication with GTIDs" in MySQL's manual).
        for is_transactional in [false, true] {
            if is_transactional {
                self.settle("START TRANSACTION")?;
            }
            let tables = || self.tables.iter().filter(move |staging| staging.is_transactional == is_transactional);
            for staging in tables() {
                self.delete(staging)?;
            }
            for staging in tables() {
                self.insert(staging, &mut refusals)?;
            }
        }
        if refusals.is_empty() {
            refusals = self.broken(&before, &self.dangling(&keys)?, &keys);
        }
        if !refusals.is_empty() {
            self.settle("ROLLBACK")?;
            return Ok(refusals);
        }
        self.settle("COMMIT")?;
        for (table, last) in counters {
            self.raise(table, *last)?;
        }
        self.put_triggers(&triggers)?;
        Ok(refusals)
    }

    /// A statement of the session's own.
    fn settle(&self, sql: &str) -> Result<(), SourceError> {
        let settled = self.client.borrow_mut().query(sql);
        settled.map(drop).map_err(self.failed("writing the copy"))
    }

    fn delete(&self, staging: &Staging) -> Result<(), SourceError> {
        let Staging { table, removed, name, quoted: from, .. } = staging;
        if *removed == 0 {
            return Ok(());
        }
        let failed = self.failed(&format!("removing rows of {}", table.table));
        let same = |column: &String| format!("r.{0} = x.{0}", quote(column));
        let same = table.identity.columns().iter().map(same).collect::<Vec<_>>().join(" AND ");
        let sql = format!("DELETE r FROM {from} AS r JOIN {} AS x ON {same}", quote(&format!("{name}_removed")));
        let mut client = self.client.borrow_mut();
        let prepared = client.prepare(&sql).map_err(&failed)?;
        let rows = client.alter(&prepared, &[]).map_err(&failed)?;
        client.close(prepared.id).map_err(&failed)?;
        if rows == *removed {
            return Ok(());
        }
        let cause = format!("{rows} rows of {} were removed in the place of {removed}", table.table);
        Err(SourceError::NotCopied { copy: self.server.redacted().into(), cause })
    }

    /// Inserts the staged rows: those that take another's place whole, new ones with the columns that have a value. Where a
    /// batch is refused, its rows are written one by one: a refusal is about one row.
    fn insert(&self, staging: &Staging, refusals: &mut Vec<WriteRefusal>) -> Result<(), SourceError> {
        let Staging { table, name, quoted: into, rows, is_transactional, .. } = staging;
        let failed = self.failed(&format!("writing rows of {}", table.table));
        let insert = |columns: &[String], is_old: u8| {
            let columns = columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
            format!(
                "INSERT INTO {into} ({columns}) SELECT {columns} FROM {} WHERE {} = {is_old} AND {POSITION} BETWEEN ? AND ?",
                quote(name),
                staging::OLD,
            )
        };
        let mut refused = BTreeMap::<String, WriteRefusal>::new();
        let mut client = self.client.borrow_mut();
        let batch = if *is_transactional { BATCH } else { 1 };
        for (columns, is_old) in [(&table.stored, 1), (&table.given, 0)] {
            if *rows == 0 || (columns.is_empty() && is_old == 1) {
                continue;
            }
            let prepared = client.prepare(&insert(columns, is_old)).map_err(&failed)?;
            let mut from = 1;
            while from <= *rows {
                let to = (from + batch - 1).min(*rows);
                let mut write = |from: i64, to: i64| client.alter(&prepared, &[Value::Int(from), Value::Int(to)]);
                match write(from, to) {
                    Ok(_) => {}
                    Err(error) if refusal(&error).is_none() => return Err(failed(error)),
                    Err(_) => {
                        for position in from..=to {
                            let Err(error) = write(position, position) else { continue };
                            let Some(message) = refusal(&error) else { return Err(failed(error)) };
                            let known = refused.entry(message.clone()).or_insert_with(|| WriteRefusal {
                                table: Some(table.table.clone()),
                                message,
                                is_of_index: false,
                                rows: 0,
                                staged: Vec::new(),
                                named: Vec::new(),
                            });
                            known.rows += 1;
                            known.staged.extend((known.staged.len() < NAMED_ROWS).then_some(position));
                        }
                    }
                }
                from = to + 1;
            }
            client.close(prepared.id).map_err(&failed)?;
        }
        refusals.extend(refused.into_values());
        Ok(())
    }

    /// Lets a counter of keys go on behind a number ("AUTO_INCREMENT Handling in InnoDB" in MySQL's manual).
    fn raise(&self, table: &str, last: i64) -> Result<(), SourceError> {
        let failed = self.failed(&format!("setting the counter of {table}"));
        let mut client = self.client.borrow_mut();
        let in_databases = !self.server.databases.is_empty();
        let (database, bare) = match split_database(table).filter(|_| in_databases) {
            Some((database, bare)) => (literal(&database), bare.to_owned()),
            None => ("database()".to_owned(), table.to_owned()),
        };
        let asked = format!(
            "SELECT auto_increment FROM information_schema.tables WHERE table_schema = {database} AND table_name = {}",
            literal(&bare)
        );
        let next = client.query(&asked).map_err(&failed)?.first().and_then(|row| integer(row, 0));
        let wanted = last.saturating_add(1);
        if next.is_some_and(|next| next < wanted) {
            let table = quote_table(table, in_databases);
            client.query(&format!("ALTER TABLE {table} AUTO_INCREMENT = {wanted}")).map_err(&failed)?;
        }
        Ok(())
    }

    /// Closes the session.
    pub(in crate::source) fn close(self) -> Result<(), SourceError> {
        let closed = self.client.borrow_mut().query("SET SESSION sql_mode = DEFAULT");
        closed.map(drop).map_err(self.failed("closing the copy"))
    }
}

/// The server's words if it refuses a row, without the row's values, which some of them quote; `None` for a failure of another
/// kind. Source of the numbers: MySQL and MariaDB, "Server Error Message Reference".
fn refusal(error: &ClientError) -> Option<String> {
    let ClientError::Server { code, message } = error else { return None };
    match code {
        // A duplicate entry, of a table or a partition of it.
        1062 | 1586 => Some(match message.rsplit_once(" for key ") {
            Some((_, key)) => format!("another row has the same value in the key {key}"),
            None => "another row has the same value in a key".to_owned(),
        }),
        // A value that a column or a function does not take, which the message quotes.
        1264 | 1292 | 1366 | 1411 | 1525 => Some(match untaken(message) {
            Some(place) => format!("a wrong value for {place}"),
            None => NOT_COMPUTED.to_owned(),
        }),
        // A number beyond its range, JSON that is none, in an expression.
        1690 | 3141 | 3146 => Some(NOT_COMPUTED.to_owned()),
        // NULL, no default, too long, no room in the row; a CHECK of MariaDB's or MySQL's; JSON; no partition for it.
        1048 | 1364 | 1265 | 1406 | 1118 | 4025 | 3819 | 3140 | 1748 => Some(message.clone()),
        1526 => Some("the table has no partition for it".to_owned()),
        _ => None,
    }
}

/// Refusal of a value by an expression, whose words quote the value and name no column.
const NOT_COMPUTED: &str =
    "a value that an expression of the table (a generated column, a CHECK, a partition) does not take";

/// The column or function at the end of a message about a value. The value stands before it in quotes, and may hold the same words.
fn untaken(message: &str) -> Option<&str> {
    let (_, place) = message.rsplit_once(" for ")?;
    let is_column = place.starts_with("column ") && place.contains(" at row ") && place.ends_with(char::is_numeric);
    let name = place.strip_prefix("function ");
    let is_function = name.is_some_and(|name| name.chars().all(|letter| letter.is_alphanumeric() || letter == '_'));
    (is_column || is_function).then_some(place)
}

/// A value as the server takes it.
fn value(cell: &OwnedCell) -> Value {
    match cell {
        OwnedCell::Null => Value::NULL,
        OwnedCell::Integer(number) => Value::Int(*number),
        OwnedCell::Real(number) => Value::Double(*number),
        OwnedCell::Text(bytes) | OwnedCell::Blob(bytes) => Value::Bytes(bytes.clone()),
    }
}

impl Rewriter {
    /// Broken references that were not broken before.
    fn broken(
        &self,
        before: &BTreeSet<DanglingReference>,
        after: &BTreeSet<DanglingReference>,
        keys: &[references::RewrittenReference],
    ) -> Vec<WriteRefusal> {
        let mut refusals = BTreeMap::<usize, WriteRefusal>::new();
        for (number, row) in after.difference(before) {
            let key = &keys[*number];
            let message = format!("its reference to {} (foreign key {}) leads to no row", key.parent, key.name);
            let refusal = refusals.entry(*number).or_insert_with(|| WriteRefusal {
                table: Some(key.child.clone()),
                message,
                is_of_index: false,
                rows: 0,
                staged: Vec::new(),
                named: Vec::new(),
            });
            refusal.rows += 1;
            refusal.named.extend((refusal.named.len() < NAMED_ROWS).then(|| row.clone()));
        }
        refusals.into_values().collect()
    }
}

/// Texts of an answer's rows by position; NULL is none.
fn texts(rows: &[super::client::TextRow]) -> Vec<Vec<Option<String>>> {
    rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_never_quotes_the_value() {
        let said = |code, message: &str| refusal(&ClientError::Server { code, message: message.to_owned() }).unwrap();
        for (code, message, words) in [
            (
                1366,
                "Incorrect integer value: 'geheim' for column `d`.`t`.`n` at row 1",
                "a wrong value for column `d`.`t`.`n` at row 1",
            ),
            (1264, "Out of range value for column 'n' at row 2", "a wrong value for column 'n' at row 2"),
            (
                1411,
                "Incorrect datetime value: 'geheim' for function str_to_date",
                "a wrong value for function str_to_date",
            ),
            (1292, "Truncated incorrect INTEGER value: 'geheim'", NOT_COMPUTED),
            (1292, "Truncated incorrect INTEGER value: 'not for column geheim at row 1'", NOT_COMPUTED),
            (1525, "Incorrect DATE value: 'geheim'", NOT_COMPUTED),
            (
                1062,
                "Duplicate entry 'geheim' for key 't.PRIMARY'",
                "another row has the same value in the key 't.PRIMARY'",
            ),
            (1062, "Duplicate entry 'geheim'", "another row has the same value in a key"),
        ] {
            assert_eq!(said(code, message), words, "{message}");
        }
        assert_eq!(refusal(&ClientError::Server { code: 1054, message: "Unknown column".to_owned() }), None);
    }
}
