//! Statements of our own in a dump, which are read in the modes that it sets: a backslash escapes.

use crate::catalog::{Column, Table};
use crate::dialect::ConditionSql as _;
use crate::dialect::mysql::{Mysql, quote};
use crate::source::mysql::row::Row;
use crate::value::Cell;
use std::io::{self, Write};

/// Statements that are committed together.
const TOGETHER: u64 = 10_000;

/// Bytes from which on no other row is added to a statement: the server's programs themselves keep below 1 MiB.
const LONG: usize = 512 << 10;

/// A value that the dump has with six digits.
pub(super) struct Shortened {
    /// The position of its column.
    pub(super) at: usize,
    pub(super) written: f64,
    pub(super) exact: f64,
}

/// The statement that gives the values of a row their digits: all at once, for a CHECK holds of all of them.
pub(super) struct Update {
    table: String,
    columns: Vec<String>,
    key: Vec<String>,
    /// Columns that an UPDATE would set otherwise.
    kept: Vec<String>,
}

impl Update {
    /// The statement about a table, by its name in the database, and these columns of it.
    pub(super) fn of(table: &Table, name: &str, columns: &[&Column]) -> Self {
        let kept = table.columns.iter().filter(|column| column.on_update.is_some());
        Self {
            table: quote(name),
            columns: columns.iter().map(|column| quote(&column.name)).collect(),
            key: table.row_identity.columns().iter().map(|column| quote(column)).collect(),
            kept: kept.map(|column| quote(&column.name)).collect(),
        }
    }

    /// Writes it for a row with the values that the dump has: others were written since.
    pub(super) fn write(
        &self,
        row: &Row<'_>,
        short: &[Shortened],
        number: u64,
        into: &mut impl Write,
    ) -> io::Result<()> {
        if number > 0 && number.is_multiple_of(TOGETHER) {
            writeln!(into, "COMMIT;")?;
        }
        let exact = short.iter().map(|value| format!("{} = {:e}", self.columns[value.at], value.exact));
        let kept = self.kept.iter().map(|kept| format!("{kept} = {kept}"));
        let set = exact.chain(kept).collect::<Vec<_>>().join(", ");
        let written = short.iter().map(|value| format!("{} = {:e}", self.columns[value.at], value.written));
        let key = self.key.iter().zip(row.key_positions());
        let key = key.map(|(name, position)| format!("{name} = {}", key_literal(row, *position)));
        let found = written.chain(key).collect::<Vec<_>>().join(" AND ");
        writeln!(into, "UPDATE {} SET {set} WHERE {found};", self.table)
    }
}

/// A key's value, which is compared as text of the column's characters.
fn key_literal(row: &Row<'_>, position: usize) -> String {
    match row.cell(position) {
        Cell::Text(digits) if row.is_number_in_text(position) => String::from_utf8_lossy(digits).into_owned(),
        Cell::Text(bytes) => format!("_utf8mb4 x'{}'", hex::encode(bytes)),
        other => Mysql.literal(other),
    }
}

/// The rows of a table, many by one statement.
pub(super) struct Inserts {
    head: String,
    columns: usize,
    statement: Vec<u8>,
}

impl Inserts {
    /// Statements about a table, by its name in the database, and these columns of it.
    pub(super) fn of(name: &str, columns: &[String]) -> Self {
        let quoted = columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
        let head = format!("INSERT INTO {} ({quoted}) VALUES\n(", quote(name));
        Self { head, columns: columns.len(), statement: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, row: &Row<'_>, into: &mut impl Write) -> io::Result<()> {
        if self.statement.len() >= LONG {
            self.end(into)?;
        }
        if self.statement.is_empty() {
            self.statement.extend_from_slice(self.head.as_bytes());
        } else {
            self.statement.extend_from_slice(b",\n(");
        }
        for position in 0..self.columns {
            if position > 0 {
                self.statement.push(b',');
            }
            match row.cell(position) {
                Cell::Text(digits) if row.is_number_in_text(position) => self.statement.extend_from_slice(digits),
                Cell::Text(text) => quote_text(text, &mut self.statement),
                other => self.statement.extend_from_slice(Mysql.literal(other).as_bytes()),
            }
        }
        self.statement.push(b')');
        Ok(())
    }

    /// Writes the last statement.
    pub(super) fn end(&mut self, into: &mut impl Write) -> io::Result<()> {
        if !self.statement.is_empty() {
            into.write_all(&self.statement)?;
            into.write_all(b";\n")?;
            self.statement.clear();
        }
        Ok(())
    }
}

/// Writes a text in quotes as the server's programs do, without a line end in it: a dump is read line by line.
fn quote_text(text: &[u8], into: &mut Vec<u8>) {
    into.push(b'\'');
    for byte in text {
        match byte {
            b'\'' | b'\\' => into.extend([b'\\', *byte]),
            b'\n' => into.extend(b"\\n"),
            b'\r' => into.extend(b"\\r"),
            0 => into.extend(b"\\0"),
            0x1a => into.extend(b"\\Z"),
            byte => into.push(*byte),
        }
    }
    into.push(b'\'');
}
