//! Writing into a copy of a file.
//!
//! Rows are staged in temporary tables, which SQLite gives the affinities of the real ones (`CREATE TABLE … AS SELECT`,
//! <https://www.sqlite.org/lang_createtable.html>, section 2.1): a value that is read there is the value that the table will
//! hold.

mod soundness;

use super::open::{classify, side_file};
use super::selection::bound;
use crate::catalog::{Key, NAMED_ROWS, RowIdentity, Visibility};
use crate::dialect::ConditionSql;
use crate::dialect::sqlite::{HIDDEN_KEYS, Sqlite, key_expressions, quote};
use crate::source::SourceError;
use crate::source::rewritten_table::{BaseRow, RewrittenTable, WriteRefusal};
use crate::value::OwnedCell;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Statements that are kept prepared: some for each table.
const STATEMENTS: usize = 256;

/// Column of a staged row for the key of the row whose place it takes, if it is hidden; NULL for a row that takes none's.
const OLD: &str = "transship old key";

/// A copy of a file that is written to.
#[derive(Debug)]
pub struct Rewriter {
    connection: Connection,
    path: PathBuf,
    tables: Vec<StagingStatements>,
    /// Broken references before anything was written.
    dangling: BTreeSet<DanglingReference>,
    /// Lines of the integrity check before anything was written.
    faults: BTreeSet<String>,
}

/// The statements about a table.
#[derive(Debug)]
struct StagingStatements {
    table: RewrittenTable,
    base: String,
    remove: String,
    stage: String,
    staged: String,
    /// Name that selects the position of a staged row.
    position: &'static str,
    /// Name in the temporary tables.
    name: String,
}

/// A reference without a row: table, row by its hidden key or, in a table without, by its key in words, referenced table, number of
/// the foreign key.
type DanglingReference = (String, Result<i64, String>, String, i64);

impl Rewriter {
    /// Opens the copy at `path`.
    pub(in crate::source) fn open(path: &Path) -> Result<Self, SourceError> {
        let failed = |error: rusqlite::Error| classify(path, "opening the copy", &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // The rows of the target have what a trigger would do.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).map_err(failed)?;
        // The copy is thrown away unless it is whole: it is brought to the disk once, in the end.
        let settings = "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; \
                        PRAGMA cache_size = -32768; PRAGMA trusted_schema = OFF";
        connection.execute_batch(settings).map_err(failed)?;
        let mut rewriter = Self {
            connection,
            path: path.to_owned(),
            tables: Vec::new(),
            dangling: BTreeSet::new(),
            faults: BTreeSet::new(),
        };
        rewriter.dangling = rewriter.dangling()?;
        rewriter.faults = rewriter.faults()?;
        Ok(rewriter)
    }

    fn failed(&self, doing: &str) -> impl Fn(rusqlite::Error) -> SourceError + use<> {
        let (path, doing) = (self.path.clone(), doing.to_owned());
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
                SourceError::NotCopied { copy: path.clone(), cause: error.to_string() }
            }
            _ => classify(&path, &doing, &error),
        }
    }

    /// Makes the temporary tables of a table.
    pub(in crate::source) fn begin(&mut self, table: RewrittenTable) -> Result<usize, SourceError> {
        let number = self.tables.len();
        let staging = StagingStatements::of(table, number);
        let StagingStatements { table, name, .. } = &staging;
        let stored = listed(&table.stored);
        let keys =
            (0..key_expressions(&table.identity).len()).map(|at| format!("k{at}")).collect::<Vec<_>>().join(", ");
        let removed =
            if keys.is_empty() { String::new() } else { format!("CREATE TEMP TABLE {name}_removed ({keys});") };
        let sql = format!(
            "CREATE TEMP TABLE {name} AS SELECT NULL AS {}{} FROM main.{} WHERE 0; {removed}",
            quote(OLD),
            if stored.is_empty() { String::new() } else { format!(", {stored}") },
            quote(&table.table),
        );
        let failed = self.failed(&format!("staging rows of {}", table.table));
        self.connection.execute_batch(&sql).map_err(&failed)?;
        // An expression may name what a staged row does not have; the names are the next table's then.
        if let Err(error) = self.connection.prepare_cached(&staging.staged) {
            let sql = format!("DROP TABLE IF EXISTS temp.{name}; DROP TABLE IF EXISTS temp.{name}_removed");
            self.connection.execute_batch(&sql).map_err(&failed)?;
            return Err(failed(error));
        }
        self.tables.push(staging);
        if number == 0 {
            // One transaction for all that is staged: each row by itself would be written to disk.
            self.connection.execute_batch("BEGIN").map_err(self.failed("beginning to stage rows"))?;
        }
        Ok(number)
    }

    /// The row of a key.
    pub(in crate::source) fn base(&self, table: usize, key: &Key) -> Result<Option<BaseRow>, SourceError> {
        let staging = &self.tables[table];
        let failed = self.failed(&format!("reading a row of {}", staging.table.table));
        let mut statement = self.connection.prepare_cached(&staging.base).map_err(&failed)?;
        let mut rows = statement.query(params_from_iter(key.0.iter().map(bound))).map_err(&failed)?;
        let Some(row) = rows.next().map_err(&failed)? else { return Ok(None) };
        let stored = staging.table.stored.len();
        let all = cells(row, stored + staging.table.read.len()).map_err(&failed)?;
        let (stored, read) = all.split_at(stored);
        Ok(Some(BaseRow { stored: stored.to_vec(), read: read.to_vec() }))
    }

    /// Stages a removal.
    pub(in crate::source) fn remove(&self, table: usize, key: &Key) -> Result<(), SourceError> {
        let staging = &self.tables[table];
        let failed = self.failed(&format!("staging rows of {}", staging.table.table));
        let mut statement = self.connection.prepare_cached(&staging.remove).map_err(&failed)?;
        statement.execute(params_from_iter(key.0.iter().map(bound))).map_err(&failed)?;
        Ok(())
    }

    /// Stages a row.
    pub(in crate::source) fn stage(
        &self,
        table: usize,
        old: Option<&Key>,
        cells: &[OwnedCell],
    ) -> Result<i64, SourceError> {
        let staging = &self.tables[table];
        let failed = self.failed(&format!("staging rows of {}", staging.table.table));
        // NULL says that the row takes no other's place.
        let old = match old {
            None => OwnedCell::Null,
            Some(key) if is_hidden(&staging.table.identity) => OwnedCell::Integer(key.integer().unwrap_or(0)),
            Some(_) => OwnedCell::Integer(0),
        };
        let mut statement = self.connection.prepare_cached(&staging.stage).map_err(&failed)?;
        statement.insert(params_from_iter(std::iter::once(&old).chain(cells).map(parameter))).map_err(&failed)
    }

    /// Gives a staged row another value.
    pub(in crate::source) fn restage(
        &self,
        table: usize,
        position: i64,
        column: usize,
        cell: &OwnedCell,
    ) -> Result<(), SourceError> {
        let StagingStatements { table, name, position: place, .. } = &self.tables[table];
        let failed = self.failed(&format!("staging rows of {}", table.table));
        let column = quote(&table.stored[column]);
        let sql = format!("UPDATE temp.{name} SET {column} = ?1 WHERE {place} = {position}");
        self.connection.execute(&sql, [parameter(cell)]).map_err(failed)?;
        Ok(())
    }

    /// A staged row as it would be read.
    pub(in crate::source) fn staged(&self, table: usize, position: i64) -> Result<Vec<OwnedCell>, SourceError> {
        let staging = &self.tables[table];
        let failed = self.failed(&format!("reading a staged row of {}", staging.table.table));
        let mut statement = self.connection.prepare_cached(&staging.staged).map_err(&failed)?;
        statement.query_row([position], |row| cells(row, staging.table.read.len())).map_err(&failed)
    }

    /// Writes all that was staged.
    pub(in crate::source) fn write(
        &mut self,
        counters: &[(String, i64)],
        words: &[String],
    ) -> Result<Vec<WriteRefusal>, SourceError> {
        if self.tables.is_empty() {
            self.connection.execute_batch("BEGIN").map_err(self.failed("writing the copy"))?;
        }
        let mut refusals = Vec::new();
        for staging in &self.tables {
            self.delete(staging)?;
        }
        for staging in &self.tables {
            self.insert(staging, &mut refusals)?;
        }
        for table in words {
            // <https://www.sqlite.org/fts5.html#the_rebuild_command>, and the same of FTS3 and FTS4.
            let name = quote(table);
            let rebuilt = self.connection.execute(&format!("INSERT INTO main.{name}({name}) VALUES ('rebuild')"), []);
            if let Err(error) = rebuilt {
                let message = self.refused(&error).ok_or_else(|| self.failed("building a full-text index")(error))?;
                let table = Some(table.clone());
                refusals.push(WriteRefusal {
                    table,
                    message,
                    is_of_index: true,
                    rows: 1,
                    staged: Vec::new(),
                    named: Vec::new(),
                });
            }
        }
        for (table, last) in counters {
            self.raise(table, *last)?;
        }
        if refusals.iter().all(|refusal| refusal.is_of_index) {
            refusals.extend(self.broken()?);
        }
        // With a refusal the transaction stays open: the staged rows, which can be asked for, are in it.
        if refusals.iter().all(|refusal| refusal.is_of_index) {
            self.connection.execute_batch("COMMIT").map_err(self.failed("writing the copy"))?;
        }
        Ok(refusals)
    }

    fn delete(&self, staging: &StagingStatements) -> Result<(), SourceError> {
        let key = key_expressions(&staging.table.identity);
        if key.is_empty() {
            return Ok(());
        }
        let failed = self.failed(&format!("removing rows of {}", staging.table.table));
        let keys = self.connection.prepare(&format!("SELECT * FROM temp.{}_removed", staging.name));
        let mut keys = keys.map_err(&failed)?;
        let conditions = key.iter().enumerate().map(|(at, column)| format!("{column} IS ?{}", at + 1));
        let conditions = conditions.collect::<Vec<_>>().join(" AND ");
        let table = quote(&staging.table.table);
        let deleted = self.connection.prepare(&format!("DELETE FROM main.{table} WHERE {conditions}"));
        let mut deleted = deleted.map_err(&failed)?;
        let mut rows = keys.query([]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let values = (0..key.len()).map(|at| row.get_ref(at)).collect::<Result<Vec<_>, _>>().map_err(&failed)?;
            deleted.execute(params_from_iter(values.into_iter().map(ToSqlOutput::Borrowed))).map_err(&failed)?;
        }
        Ok(())
    }

    /// Inserts the staged rows, one by one: a refusal is about one row.
    fn insert(&self, staging: &StagingStatements, refusals: &mut Vec<WriteRefusal>) -> Result<(), SourceError> {
        let StagingStatements { table, name, position, .. } = staging;
        let failed = self.failed(&format!("writing rows of {}", table.table));
        let (into, old) = (quote(&table.table), quote(OLD));
        // The word of a statement on conflicts goes before those of the constraints, which may say to drop a row.
        let insert = |columns: &str, values: &str| {
            format!(
                "INSERT OR ABORT INTO main.{into} ({columns}) SELECT {values} FROM temp.{name} WHERE {position} = ?1"
            )
        };
        let (stored, given) = (listed(&table.stored), listed(&table.given));
        let hidden = key_expressions(&table.identity).into_iter().next().filter(|_| is_hidden(&table.identity));
        let changed = match &hidden {
            Some(key) => insert(&format!("{key}, {stored}"), &format!("{old}, {stored}")),
            None => insert(&stored, &stored),
        };
        let added = match table.given.is_empty() {
            true => format!("INSERT OR ABORT INTO main.{into} SELECT * FROM temp.{name} WHERE 0 AND {position} = ?1"),
            false => insert(&given, &given),
        };
        // A row that takes another's place has that one's hidden key: new rows get theirs behind them.
        let rows = format!("SELECT {position}, {old} IS NULL FROM temp.{name} ORDER BY 2, 1");
        let mut staged = self.connection.prepare(&rows).map_err(&failed)?;
        let mut rows = staged.query([]).map_err(&failed)?;
        let mut refused = BTreeMap::<String, WriteRefusal>::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let (position, is_added): (i64, bool) = (row.get(0).map_err(&failed)?, row.get(1).map_err(&failed)?);
            let sql = if is_added { &added } else { &changed };
            let written = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([position]));
            match written {
                Ok(1) => {}
                Ok(rows) => {
                    let cause = format!("{rows} rows of {} were written in the place of one", table.table);
                    return Err(SourceError::NotCopied { copy: self.path.clone(), cause });
                }
                Err(error) => {
                    let message = self.refused(&error).ok_or_else(|| failed(error))?;
                    let table = Some(table.table.clone());
                    let refusal = refused.entry(message.clone());
                    let refusal = refusal.or_insert_with(|| WriteRefusal {
                        table,
                        message,
                        is_of_index: false,
                        rows: 0,
                        staged: Vec::new(),
                        named: Vec::new(),
                    });
                    refusal.rows += 1;
                    if refusal.staged.len() < NAMED_ROWS {
                        refusal.staged.push(position);
                    }
                }
            }
        }
        refusals.extend(refused.into_values());
        Ok(())
    }

    /// SQLite's words if it refuses a row; `None` for a failure of another kind.
    fn refused(&self, error: &rusqlite::Error) -> Option<String> {
        let is_refusal = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig | ErrorCode::Unknown)
        );
        if !is_refusal {
            return None;
        }
        match classify(&self.path, "", error) {
            SourceError::Query { message, .. } => Some(message),
            error => Some(error.to_string()),
        }
    }

    /// Lets a counter of keys go on behind a number (<https://www.sqlite.org/autoinc.html>).
    fn raise(&self, table: &str, last: i64) -> Result<(), SourceError> {
        let failed = self.failed(&format!("setting the counter of {table}"));
        let raised = "UPDATE main.sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
        let rows = self.connection.execute(raised, (table, last)).map_err(&failed)?;
        if rows == 0 && last > 0 {
            let made = "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)";
            self.connection.execute(made, (table, last)).map_err(&failed)?;
        }
        Ok(())
    }

    /// Closes the copy.
    pub(in crate::source) fn close(self) -> Result<(), SourceError> {
        let Self { connection, path, .. } = self;
        let unwritten = |cause: String| SourceError::NotCopied { copy: path.clone(), cause };
        connection.close().map_err(|(_, error)| unwritten(error.to_string()))?;
        let log = side_file(&path, "-wal");
        if std::fs::metadata(&log).is_ok_and(|metadata| metadata.len() > 0) {
            return Err(unwritten("its write-ahead log could not be brought into it".to_owned()));
        }
        let is_on_disk = std::fs::File::open(&path).and_then(|file| file.sync_all());
        is_on_disk.map_err(|cause| unwritten(cause.to_string()))
    }
}

impl StagingStatements {
    fn of(table: RewrittenTable, number: usize) -> Self {
        let name = format!("transship_{number}");
        let from = quote(&table.table);
        let key = key_expressions(&table.identity);
        let read = table.read.iter().map(|column| Sqlite.value(column)).collect::<Vec<_>>();
        let columns = [table.stored.iter().map(|column| quote(column)).collect(), read.clone()];
        let columns: Vec<String> = columns.concat();
        let conditions = key.iter().map(|column| format!("{column} IS ?")).collect::<Vec<_>>().join(" AND ");
        let conditions = if key.is_empty() { "0".to_owned() } else { conditions };
        let columns = if columns.is_empty() { "NULL".to_owned() } else { columns.join(", ") };
        let base = format!("SELECT {columns} FROM main.{from} WHERE {conditions}");
        let places = vec!["?"; key.len()].join(", ");
        let remove = format!("INSERT INTO temp.{name}_removed VALUES ({places})");
        let places = vec!["?"; table.stored.len() + 1].join(", ");
        let stage = format!("INSERT INTO temp.{name} VALUES ({places})");
        let is_free = |word: &&&str| !table.stored.iter().any(|column| column.eq_ignore_ascii_case(word));
        let position = HIDDEN_KEYS.iter().find(is_free).copied().unwrap_or(HIDDEN_KEYS[0]);
        let read = if read.is_empty() { "NULL".to_owned() } else { read.join(", ") };
        // Under the table's own name: an expression may say it.
        let staged = format!("SELECT {read} FROM temp.{name} AS {from} WHERE {from}.{position} = ?1");
        Self { table, base, remove, stage, staged, position, name }
    }
}

/// Whether the key that names a row is none of the table's own columns.
fn is_hidden(identity: &RowIdentity) -> bool {
    matches!(identity, RowIdentity::Integer { visibility: Visibility::Hidden, .. })
}

fn listed(columns: &[String]) -> String {
    columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ")
}

fn parameter(cell: &OwnedCell) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match cell {
        OwnedCell::Null => ValueRef::Null,
        OwnedCell::Integer(number) => ValueRef::Integer(*number),
        OwnedCell::Real(number) => ValueRef::Real(*number),
        OwnedCell::Text(bytes) => ValueRef::Text(bytes),
        OwnedCell::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

fn cells(row: &Row<'_>, number: usize) -> rusqlite::Result<Vec<OwnedCell>> {
    let cell = |at: usize| {
        Ok(match row.get_ref(at)? {
            ValueRef::Null => OwnedCell::Null,
            ValueRef::Integer(number) => OwnedCell::Integer(number),
            ValueRef::Real(number) => OwnedCell::Real(number),
            ValueRef::Text(bytes) => OwnedCell::Text(bytes.to_vec()),
            ValueRef::Blob(bytes) => OwnedCell::Blob(bytes.to_vec()),
        })
    };
    (0..number).map(cell).collect()
}
