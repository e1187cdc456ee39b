//! Values of FLOAT in a dump. The server writes them with six digits ("Problems with Floating-Point Values" in MySQL's manual), while
//! a number of 24 bits has up to nine. So behind the rows of a table the dump gets statements that give such values all their digits:
//! before its triggers, which are made after the rows.

use crate::catalog::{Column, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection, Table};
use crate::connection::MysqlSource;
use crate::dialect::Conditions as _;
use crate::dialect::mysql::{Mysql, quote};
use crate::name::database_prefix;
use crate::source::backup::{Copying, ROWS, Watch};
use crate::source::mysql::row::Row;
use crate::source::mysql::snapshot::Reader;
use crate::source::{ReadFailure, SourceError};
use crate::value::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Statements that are committed together.
const TOGETHER: u64 = 10_000;

/// The values of FLOAT that a dump does not hold as they are.
#[derive(Debug, Default)]
pub(super) struct Floats {
    /// Values that got statements, read at this moment.
    pub(super) completed: u64,
    /// Values without a key to be found by, and the columns that have some.
    pub(super) lost: u64,
    pub(super) columns: Vec<String>,
    /// Columns whose rows a key or a CHECK may refuse while they have six digits.
    pub(super) in_the_way: Vec<String>,
}

/// The statements about a table, by their place in the file of all.
struct Statements {
    /// The line after which the rows of its database come; `None` in a dump of one database.
    using: Option<String>,
    /// The lines before and after its rows.
    before: String,
    behind: String,
    from: u64,
    to: u64,
}

impl Statements {
    /// Whether its table is of the database that the dump uses at a line.
    fn is_in(&self, using: &[u8]) -> bool {
        self.using.as_ref().is_none_or(|own| own.as_bytes() == using)
    }
}

/// The lines that keep CHECKs out until a row has its digits; MariaDB alone can do without them ("check_constraint_checks" of its
/// documentation), and MySQL takes the lines for comments.
const CHECKS_OFF: &[u8] =
    b"/*M!100201 SET @transship_checks = @@check_constraint_checks, check_constraint_checks = 0 */;\n";
const CHECKS_ON: &[u8] = b"/*M!100201 SET check_constraint_checks = @transship_checks */;\n";

/// Completes the values of FLOAT in a dump by those that the reader sees.
pub(super) fn complete(
    reader: &Reader,
    server: &MysqlSource,
    dump: &Path,
    watch: &Watch<'_>,
    is_mariadb: bool,
) -> Result<Floats, SourceError> {
    let unwritten = |cause: io::Error| SourceError::NotCopied { copy: dump.to_owned(), cause: cause.to_string() };
    let (mut floats, mut tables) = (Floats::default(), Vec::new());
    let beside = dump.with_extension("floats");
    let mut statements = BufWriter::new(File::create_new(&beside).map_err(unwritten)?);
    let read = reader.catalog().and_then(|catalog| {
        for table in &catalog.tables {
            let columns = table.columns.iter().filter(|column| is_written_short(column)).collect::<Vec<_>>();
            if !columns.is_empty() {
                tables.extend(floats.of_table(
                    reader,
                    server,
                    table,
                    &columns,
                    &mut statements,
                    (dump, watch, is_mariadb),
                )?);
            }
        }
        Ok(())
    });
    let woven = read.and_then(|()| {
        statements.flush().map_err(unwritten)?;
        if tables.is_empty() { Ok(()) } else { weave(dump, &beside, tables).map_err(unwritten) }
    });
    if let Err(error) = std::fs::remove_file(&beside) {
        tracing::debug!(%error, "the statements about FLOAT stay beside the dump");
    }
    woven.map(|()| floats)
}

/// Whether the server writes the values of a column with six digits: with a number of decimals it writes them all.
fn is_written_short(column: &Column) -> bool {
    let declared = column.declared_type.to_ascii_lowercase();
    column.generated.is_none() && declared.split(' ').next() == Some("float")
}

impl Floats {
    /// Writes the statements about a table; `None` if it needs none, or nothing tells its rows apart.
    fn of_table(
        &mut self,
        reader: &Reader,
        server: &MysqlSource,
        table: &Table,
        columns: &[&Column],
        into: &mut (impl Write + Seek),
        (dump, watch, is_mariadb): (&Path, &Watch<'_>, bool),
    ) -> Result<Option<Statements>, SourceError> {
        let unwritten = |cause: io::Error| SourceError::NotCopied { copy: dump.to_owned(), cause: cause.to_string() };
        let key = table.row_identity.columns();
        let is_float = |name: &String| columns.iter().any(|column| column.name == *name);
        // A key of such values is not the same in the dump, and a statement would add to a history.
        let has_key = !key.is_empty() && !key.iter().any(is_float) && !table.storage.has_history;
        let (using, name) = place(server, &table.name);
        let update = Update {
            table: quote(&name),
            columns: columns.iter().map(|column| quote(&column.name)).collect(),
            key: key.iter().map(|column| quote(column)).collect(),
            kept: table
                .columns
                .iter()
                .filter(|column| column.on_update.is_some())
                .map(|column| quote(&column.name))
                .collect(),
        };
        let selection = Selection {
            table: table.name.clone(),
            columns: columns.iter().map(|column| SelectedColumn::Named(column.name.clone())).collect(),
            filter: RowFilter::All,
            row_identity: if has_key { table.row_identity.clone() } else { RowIdentity::None },
            range: KeyRange::ALL,
        };
        let (from, mut statements) = (into.stream_position().map_err(unwritten)?, 0);
        let (mut rows, mut values, mut short) = (0, vec![0_u64; columns.len()], Vec::new());
        let read = reader.for_each_row(&selection, |row| {
            rows += 1;
            if u64::is_multiple_of(rows, ROWS) && !watch(Copying::Rows { table: &table.name, done: rows }) {
                return Err(SourceError::Interrupted { doing: "reading its rows".to_owned() });
            }
            short.clear();
            for (at, values) in values.iter_mut().enumerate() {
                let Cell::Real(exact) = row.cell(at) else { continue };
                let Some(written) = shortened(exact) else { continue };
                short.push(Shortened { at, written, exact });
                *values += 1;
            }
            if has_key && !short.is_empty() {
                update.write(row, &short, statements, into).map_err(unwritten)?;
                self.completed += short.len() as u64;
                statements += 1;
            }
            Ok(())
        });
        read.map_err(|failure| match failure {
            ReadFailure::Source(error) | ReadFailure::Caller(error) => error,
        })?;
        let short = columns.iter().zip(&values).filter(|(_, values)| **values > 0).map(|(column, _)| *column);
        let shown = |column: &Column| format!("{}.{}", table.name, column.name);
        let may_refuse = |column: &&Column| is_in_a_key(table, column) || !is_mariadb && is_checked(table, column);
        self.in_the_way.extend(short.clone().filter(may_refuse).map(shown));
        if !has_key {
            self.lost += values.iter().sum::<u64>();
            self.columns.extend(short.map(shown));
            return Ok(None);
        }
        let to = into.stream_position().map_err(unwritten)?;
        let keys = |verb: &str| format!("/*!40000 ALTER TABLE {} {verb} KEYS */;", quote(&name));
        Ok((to > from).then(|| Statements { using, before: keys("DISABLE"), behind: keys("ENABLE"), from, to }))
    }
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

/// Whether two rows may meet in a unique key over a column while they have six digits.
fn is_in_a_key(table: &Table, column: &Column) -> bool {
    let constraints = table.unique_constraints.iter().flat_map(|unique| &unique.columns).map(String::as_str);
    let indexes = table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.columns);
    let mut names = constraints.chain(indexes.filter_map(|part| part.column.as_deref()));
    names.any(|name| name == column.name)
}

/// Whether a CHECK names a column.
fn is_checked(table: &Table, column: &Column) -> bool {
    table.checks.iter().any(|check| check.expression.contains(&quote(&column.name)))
}

/// A value that the dump has with six digits.
struct Shortened {
    /// The position of its column.
    at: usize,
    written: f64,
    exact: f64,
}

/// The statement that gives the values of a row their digits: all at once, for a CHECK holds of all of them.
struct Update {
    table: String,
    columns: Vec<String>,
    key: Vec<String>,
    /// Columns that an UPDATE would set otherwise.
    kept: Vec<String>,
}

impl Update {
    /// Writes it for a row with the values that the dump has: others were written since.
    fn write(&self, row: &Row<'_>, short: &[Shortened], number: u64, into: &mut impl Write) -> io::Result<()> {
        if number > 0 && number.is_multiple_of(TOGETHER) {
            writeln!(into, "COMMIT;")?;
        }
        let exact = short.iter().map(|value| format!("{} = {:e}", self.columns[value.at], value.exact));
        let kept = self.kept.iter().map(|kept| format!("{kept} = {kept}"));
        let set = exact.chain(kept).collect::<Vec<_>>().join(", ");
        let written = short.iter().map(|value| format!("{} = {:e}", self.columns[value.at], value.written));
        let key = self.key.iter().zip(row.key_positions());
        let key = key.map(|(name, position)| format!("{name} = {}", literal(row, *position)));
        let found = written.chain(key).collect::<Vec<_>>().join(" AND ");
        writeln!(into, "UPDATE {} SET {set} WHERE {found};", self.table)
    }
}

/// A key's value, whatever the modes of the session in which it is read.
fn literal(row: &Row<'_>, position: usize) -> String {
    match row.cell(position) {
        Cell::Text(digits) if row.is_number_in_text(position) => String::from_utf8_lossy(digits).into_owned(),
        Cell::Text(bytes) => format!("_utf8mb4 x'{}'", hex::encode(bytes)),
        other => Mysql.literal(other),
    }
}

/// Puts the statements about tables behind their rows.
fn weave(dump: &Path, beside: &Path, mut tables: Vec<Statements>) -> io::Result<()> {
    let woven = beside.with_extension("woven");
    let mut into = BufWriter::new(File::create_new(&woven)?);
    let (mut lines, mut statements) = (BufReader::new(File::open(dump)?), File::open(beside)?);
    let (mut line, mut using, mut in_body) = (Vec::new(), Vec::new(), false);
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        // The body of a trigger or routine may have any line.
        if let Some(delimiter) = text.strip_prefix(b"DELIMITER ") {
            in_body = delimiter != b";";
        }
        if in_body {
            into.write_all(&line)?;
            line.clear();
            continue;
        }
        if tables.iter().any(|table| table.is_in(&using) && table.before.as_bytes() == text) {
            into.write_all(CHECKS_OFF)?;
        }
        into.write_all(&line)?;
        if text.starts_with(b"USE `") {
            using = text.to_vec();
        }
        let is_behind = |table: &Statements| table.is_in(&using) && table.behind.as_bytes() == text;
        if let Some(at) = tables.iter().position(is_behind) {
            let Statements { from, to, .. } = tables.swap_remove(at);
            into.write_all(b"SET @transship_autocommit = @@autocommit, autocommit = 0;\n")?;
            statements.seek(SeekFrom::Start(from))?;
            io::copy(&mut Read::by_ref(&mut statements).take(to - from), &mut into)?;
            into.write_all(b"COMMIT;\nSET autocommit = @transship_autocommit;\n")?;
            into.write_all(CHECKS_ON)?;
        }
        line.clear();
    }
    if let Some(left) = tables.first() {
        return Err(io::Error::other(format!(
            "it has no line `{}` behind the rows of a table with FLOAT",
            left.behind
        )));
    }
    into.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&woven, dump)
}
