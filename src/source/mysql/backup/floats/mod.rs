//! Values of FLOAT in a dump. The server writes them with six digits ("Problems with Floating-Point Values" in MySQL's manual), while
//! a number of 24 bits has up to nine. So behind the rows of a table the dump gets statements that give such values all their digits:
//! before its triggers, which are made after the rows. Where such a statement would not find its row, or two rows would have the same
//! key until then, the rows themselves are written by us, if nobody has written since the dump began.

mod keys;
mod statements;
mod weave;

use crate::catalog::{Column, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection, Table};
use crate::connection::MysqlSource;
use crate::dialect::Dialect;
use crate::dialect::mysql::{Mysql, quote};
use crate::name::database_prefix;
use crate::source::copying::{CopyWatch, Copying, ROWS};
use crate::source::mysql::row::Row;
use crate::source::mysql::snapshot::Reader;
use crate::source::{ReadFailure, SourceError};
use crate::value::Cell;
use keys::UniqueKey;
use statements::{Inserts, Shortened, Update};
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;
use weave::{DumpSection, weave};

/// The values of FLOAT that a dump does not hold as they are.
#[derive(Debug, Default)]
pub(super) struct Floats {
    /// Values that got statements, read at this moment.
    pub(super) completed: u64,
    /// Values without a key to be found by, and the columns that have some.
    pub(super) lost: u64,
    pub(super) columns: Vec<String>,
    /// Columns among these that a CHECK is about, which the server may refuse for it.
    pub(super) checked: Vec<String>,
}

/// A dump, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Dumped<'a> {
    /// Its file.
    pub(super) file: &'a Path,
    /// The program that made it.
    pub(super) program: &'static str,
    /// Whether nobody has written since before it began: the reader sees the very rows that it has.
    pub(super) is_still: bool,
    pub(super) is_mariadb: bool,
}

impl Dumped<'_> {
    fn unwritten(&self) -> impl Fn(io::Error) -> SourceError + Copy {
        |cause| SourceError::NotCopied { copy: self.file.to_owned(), cause: cause.to_string() }
    }
}

/// Completes the values of FLOAT in a dump by those that the reader sees.
///
/// # Errors
/// A dump that no server would restore: two rows have the same key in it, and cannot be written in another way.
pub(super) fn complete(
    reader: &Reader,
    server: &MysqlSource,
    dump: &Dumped<'_>,
    watch: &CopyWatch<'_>,
) -> Result<Floats, SourceError> {
    let unwritten = dump.unwritten();
    let mut tables = Vec::new();
    let beside = dump.file.with_extension("floats");
    let mut completing = Completing {
        reader,
        server,
        dump,
        watch,
        into: BufWriter::new(File::create_new(&beside).map_err(unwritten)?),
        floats: Floats::default(),
    };
    let read = reader.catalog().and_then(|catalog| {
        for table in &catalog.tables {
            let columns = table.columns.iter().filter(|column| is_written_short(column)).collect::<Vec<_>>();
            if !columns.is_empty() {
                tables.extend(completing.table(table, &columns)?);
            }
        }
        Ok(())
    });
    let woven = read.and_then(|()| {
        completing.into.flush().map_err(unwritten)?;
        if tables.is_empty() { Ok(()) } else { weave(dump.file, &beside, tables).map_err(unwritten) }
    });
    if let Err(error) = std::fs::remove_file(&beside) {
        tracing::debug!(%error, "the statements about FLOAT stay beside the dump");
    }
    woven.map(|()| completing.floats)
}

/// Whether the server writes the values of a column with six digits: with a number of decimals it writes them all.
fn is_written_short(column: &Column) -> bool {
    let declared = column.declared_type.to_ascii_lowercase();
    column.generated.is_none() && declared.split(' ').next() == Some("float")
}

/// The work on the tables of a dump.
struct Completing<'a> {
    reader: &'a Reader,
    server: &'a MysqlSource,
    dump: &'a Dumped<'a>,
    watch: &'a CopyWatch<'a>,
    /// The file of all statements.
    into: BufWriter<File>,
    floats: Floats,
}

impl Completing<'_> {
    /// Writes the statements about a table with FLOATs; `None` if the dump has its rows as they are.
    fn table(&mut self, table: &Table, columns: &[&Column]) -> Result<Option<DumpSection>, SourceError> {
        let unwritten = self.dump.unwritten();
        let key = table.row_identity.columns();
        let is_float = |name: &String| columns.iter().any(|column| column.name == *name);
        // A key of such values is not the same in the dump, and a statement would add to a history.
        let has_key = !key.is_empty() && !key.iter().any(is_float) && !table.storage.has_history;
        let (using, name) = place(self.server, &table.name);
        let from = self.into.stream_position().map_err(unwritten)?;
        let short = self.updates(table, &name, columns, has_key)?;
        if short.is_empty() {
            return Ok(None);
        }
        let section = |from, to| DumpSection::of(using.clone(), &name, from, to);
        let keys = UniqueKey::over(table, &with_computed(table, &short));
        if self.dump.is_still && !table.storage.has_history && (!has_key || !keys.is_empty()) {
            let from = self.into.stream_position().map_err(unwritten)?;
            self.rows(table, &name)?;
            let to = self.into.stream_position().map_err(unwritten)?;
            return Ok(Some(section(from, to).in_place_of_rows()));
        }
        for key in &keys {
            if key.has_rows_that_meet(self.reader, table, columns)? {
                return Err(self.not_to_be_restored(table, key));
            }
        }
        let values = short.iter().map(|(_, values)| values).sum::<u64>();
        let is_checked = |(column, _): &(&Column, u64)| is_checked(table, column);
        let shown = |(column, _): &(&Column, u64)| format!("{}.{}", table.name, column.name);
        let to = self.into.stream_position().map_err(unwritten)?;
        if has_key {
            self.floats.completed += values;
        } else {
            self.floats.lost += values;
            self.floats.columns.extend(short.iter().map(shown));
            if !self.dump.is_mariadb {
                self.floats.checked.extend(short.iter().filter(|short| is_checked(short)).map(shown));
            }
        }
        // MariaDB can do without all CHECKs of a session.
        let checks = table
            .checks
            .iter()
            .filter(|check| !self.dump.is_mariadb && short.iter().any(|(column, _)| names(&check.expression, column)));
        let checks = checks.filter_map(|check| check.name.as_deref()).map(quote).collect();
        Ok(Some(section(from, to).with_checks(checks)))
    }

    /// Writes the statements that give the values of a table their digits, and returns the columns that have such values, with their
    /// number. Without a key to find the rows by it counts alone.
    fn updates<'c>(
        &mut self,
        table: &Table,
        name: &str,
        columns: &[&'c Column],
        has_key: bool,
    ) -> Result<Vec<(&'c Column, u64)>, SourceError> {
        let unwritten = self.dump.unwritten();
        let update = Update::of(table, name, columns);
        let selection = Selection {
            columns: columns.iter().map(|column| SelectedColumn::Named(column.name.clone())).collect(),
            row_identity: if has_key { table.row_identity.clone() } else { RowIdentity::None },
            ..every_row(table)
        };
        let (mut values, mut short, mut statements) = (vec![0_u64; columns.len()], Vec::new(), 0);
        let (reader, watch) = (self.reader, self.watch);
        each_row(reader, &selection, watch, |row| {
            short.clear();
            for (at, values) in values.iter_mut().enumerate() {
                let Cell::Real(exact) = row.cell(at) else { continue };
                let Some(written) = shortened(exact) else { continue };
                short.push(Shortened { at, written, exact });
                *values += 1;
            }
            if has_key && !short.is_empty() {
                update.write(row, &short, statements, &mut self.into).map_err(unwritten)?;
                statements += 1;
            }
            Ok(())
        })?;
        Ok(columns.iter().copied().zip(values).filter(|(_, values)| *values > 0).collect())
    }

    /// Writes the rows of a table as statements of our own.
    fn rows(&mut self, table: &Table, name: &str) -> Result<(), SourceError> {
        let unwritten = self.dump.unwritten();
        let columns = table.columns.iter().filter(|column| column.generated.is_none());
        let columns = columns.map(|column| column.name.clone()).collect::<Vec<_>>();
        let mut inserts = Inserts::of(name, &columns);
        let selection =
            Selection { columns: columns.into_iter().map(SelectedColumn::Named).collect(), ..every_row(table) };
        let (reader, watch) = (self.reader, self.watch);
        each_row(reader, &selection, watch, |row| inserts.add(row, &mut self.into).map_err(unwritten))?;
        inserts.end(&mut self.into).map_err(unwritten)
    }

    /// The error about a dump that no server would restore.
    fn not_to_be_restored(&self, table: &Table, key: &UniqueKey) -> SourceError {
        let (reason, hint) = if table.storage.has_history {
            (
                "the table keeps a history, which only the server can write",
                "make the columns DOUBLE, which keep all digits",
            )
        } else {
            (
                "others write to the source meanwhile, so that transship cannot write these rows itself",
                "stop the writers while the backup is made, or make the columns DOUBLE, which keep all digits",
            )
        };
        let message = format!(
            "writes FLOATs with six digits, which gives several rows of {} the same key ({}): no server would restore its \
             dump; and {reason}",
            table.name,
            key.words()
        );
        SourceError::Tool { program: self.dump.program.to_owned(), message, hint }
    }
}

/// All rows of a table.
fn every_row(table: &Table) -> Selection {
    Selection {
        table: table.name.clone(),
        columns: Vec::new(),
        filter: RowFilter::All,
        row_identity: RowIdentity::None,
        range: KeyRange::ALL,
    }
}

/// Calls `visit` with each row, and asks now and then whether to go on.
fn each_row(
    reader: &Reader,
    selection: &Selection,
    watch: &CopyWatch<'_>,
    mut visit: impl FnMut(&Row<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let mut rows = 0;
    let read = reader.for_each_row(selection, |row| {
        rows += 1;
        if u64::is_multiple_of(rows, ROWS) && !watch(Copying::Rows { table: &selection.table, done: rows }) {
            return Err(SourceError::Interrupted { doing: "reading its rows".to_owned() });
        }
        visit(row)
    });
    read.map(drop).map_err(|failure| match failure {
        ReadFailure::Source(error) | ReadFailure::Caller(error) => error,
    })
}

/// The line by which a dump of several databases begins that of a table, and the table's name in its database.
fn place(server: &MysqlSource, known: &str) -> (Option<String>, String) {
    let in_database = |database: &String| {
        let name = known.strip_prefix(&database_prefix(database))?;
        Some((Some(format!("USE {};", quote(database))), name.to_owned()))
    };
    server.databases.iter().find_map(in_database).unwrap_or_else(|| (None, known.to_owned()))
}

/// The value that a dump has in the place of another one; `None` where it is the same.
fn shortened(exact: f64) -> Option<f64> {
    let short = format!("{exact:.5e}").parse::<f32>().map(f64::from);
    short.ok().filter(|short| short.to_bits() != exact.to_bits())
}

/// Columns with the number of their values that a dump shortens, and those that the server computes of them.
fn with_computed<'t>(table: &'t Table, short: &[(&'t Column, u64)]) -> Vec<&'t Column> {
    let is_computed = |column: &&Column| {
        let expression = column.generated.as_ref().and_then(|generated| generated.expression.as_deref());
        expression.is_some_and(|expression| short.iter().any(|(of, _)| names(expression, of)))
    };
    let computed = table.columns.iter().filter(is_computed);
    short.iter().map(|(column, _)| *column).chain(computed).collect()
}

/// Whether a CHECK names a column.
fn is_checked(table: &Table, column: &Column) -> bool {
    table.checks.iter().any(|check| names(&check.expression, column))
}

/// Whether an expression names a column.
fn names(expression: &str, column: &Column) -> bool {
    Mysql.names(expression).have(&column.name)
}
