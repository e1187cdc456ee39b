//! References and structure of a copy: violations after it was written.

use super::{DanglingReference, Rewriter, StagingStatements};
use crate::catalog::NAMED_ROWS;
use crate::dialect::sqlite::quote;
use crate::source::SourceError;
use crate::source::rewritten_table::WriteRefusal;
use rusqlite::ErrorCode;
use std::collections::{BTreeMap, BTreeSet};

impl Rewriter {
    /// Objects that no longer hold.
    pub(super) fn broken(&self) -> Result<Vec<WriteRefusal>, SourceError> {
        let mut refusals = BTreeMap::<String, WriteRefusal>::new();
        for dangling in self.dangling()?.difference(&self.dangling) {
            let (table, row, parent, key) = dangling;
            let message = format!("its reference to {parent} (foreign key {key}) leads to no row");
            let refusal = WriteRefusal {
                table: Some(table.clone()),
                message,
                is_of_index: false,
                rows: 0,
                staged: Vec::new(),
                named: Vec::new(),
            };
            let refusal = refusals.entry(format!("{table} {parent} {key}")).or_insert(refusal);
            refusal.rows += 1;
            if refusal.named.len() < NAMED_ROWS {
                refusal.named.push(match row {
                    Ok(row) => self.key_of(table, *row)?,
                    Err(words) => words.clone(),
                });
            }
        }
        let faults = self.faults()?;
        let faults = faults.difference(&self.faults).map(|fault| WriteRefusal {
            table: None,
            message: format!("SQLite's integrity check says: {fault}"),
            is_of_index: false,
            rows: 1,
            staged: Vec::new(),
            named: Vec::new(),
        });
        Ok(refusals.into_values().chain(faults).collect())
    }

    /// The key of a row in words, by the number that SQLite gives it.
    fn key_of(&self, table: &str, row: i64) -> Result<String, SourceError> {
        let staging = self.tables.iter().find(|staging| staging.table.table.eq_ignore_ascii_case(table));
        let Some(StagingStatements { table, position, .. }) = staging else { return Ok(format!("rowid={row}")) };
        let key = table.identity.columns();
        if key.is_empty() {
            return Ok(format!("rowid={row}"));
        }
        let failed = self.failed(&format!("reading a row of {}", table.table));
        let columns = key.iter().map(|column| format!("quote({})", quote(column))).collect::<Vec<_>>();
        let from = quote(&table.table);
        let sql = format!("SELECT {} FROM main.{from} WHERE {position} = ?1", columns.join(", "));
        let words = self.connection.query_row(&sql, [row], |found| {
            let word = |(at, name)| Ok(format!("{name}={}", found.get::<_, String>(at)?));
            key.iter().enumerate().map(word).collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(words.map_err(failed)?.join(", "))
    }

    /// The references without a row (<https://www.sqlite.org/pragma.html#pragma_foreign_key_check>). Of a table whose keys are
    /// wrong in themselves SQLite cannot say.
    pub(super) fn dangling(&self) -> Result<BTreeSet<DanglingReference>, SourceError> {
        let failed = self.failed("checking references");
        let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0";
        let mut statement = self.connection.prepare(sql).map_err(&failed)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&failed)?;
        let mut found = BTreeSet::new();
        for name in names.collect::<Result<Vec<_>, _>>().map_err(&failed)? {
            match self.dangling_of(&name) {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                    tracing::debug!(table = name, %error, "references that cannot be checked");
                }
                of_table => found.extend(of_table.map_err(&failed)?),
            }
        }
        Ok(found)
    }

    fn dangling_of(&self, table: &str) -> rusqlite::Result<Vec<DanglingReference>> {
        let sql = format!("PRAGMA main.foreign_key_check({})", quote(table));
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?, row.get(3)?)))?;
        let (mut found, mut without) = (Vec::new(), BTreeSet::new());
        for row in rows {
            let (table, row, parent, key): (String, _, String, i64) = row?;
            match row {
                Some(row) => found.push((table, Ok(row), parent, key)),
                // A table WITHOUT ROWID has no such number: its rows are looked for by themselves.
                None => {
                    without.insert((table, parent, key));
                }
            }
        }
        for (table, parent, key) in without {
            let rows = self.orphans_by_key(&table, &parent, key)?;
            found.extend(rows.into_iter().map(|words| (table.clone(), Err(words), parent.clone(), key)));
        }
        Ok(found)
    }

    /// The rows of a table WITHOUT ROWID whose reference leads to no row, by their keys in words.
    fn orphans_by_key(&self, table: &str, parent: &str, key: i64) -> rusqlite::Result<Vec<String>> {
        let listed = |pragma: &str, of: &str, columns: &str| {
            format!("SELECT {columns} FROM pragma_{pragma}('{}', 'main')", of.replace('\'', "''"))
        };
        let mut statement =
            self.connection.prepare(&(listed("table_info", table, "name") + " WHERE pk > 0 ORDER BY pk"))?;
        let names = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let mut statement =
            self.connection.prepare(&(listed("table_info", parent, "name") + " WHERE pk > 0 ORDER BY pk"))?;
        let primary = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        let mut statement = self
            .connection
            .prepare(&(listed("foreign_key_list", table, "\"from\", \"to\"") + " WHERE id = ?1 ORDER BY seq"))?;
        let pairs = statement.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let pairs = pairs.collect::<rusqlite::Result<Vec<(String, Option<String>)>>>()?;
        let (mut given, mut same) = (Vec::new(), Vec::new());
        for (at, (column, to)) in pairs.iter().enumerate() {
            // A key that names no columns refers to the primary key.
            let Some(to) = to.as_ref().or(primary.get(at)) else { continue };
            given.push(format!("c.{} IS NOT NULL", quote(column)));
            // The parent's collation and affinity compare.
            same.push(format!("p.{} = c.{}", quote(to), quote(column)));
        }
        let words = names.iter().map(|name| format!("quote(c.{})", quote(name))).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {words} FROM main.{} AS c WHERE {} AND NOT EXISTS (SELECT 1 FROM main.{} AS p WHERE {})",
            quote(table),
            given.join(" AND "),
            quote(parent),
            same.join(" AND ")
        );
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| {
            let word = |(at, name): (usize, &String)| Ok(format!("{name}={}", row.get::<_, String>(at)?));
            Ok(names.iter().enumerate().map(word).collect::<rusqlite::Result<Vec<_>>>()?.join(", "))
        })?;
        rows.collect()
    }

    /// The faults that SQLite's integrity check finds.
    pub(super) fn faults(&self) -> Result<BTreeSet<String>, SourceError> {
        let failed = self.failed("checking its integrity");
        let mut statement = self.connection.prepare("PRAGMA main.integrity_check").map_err(&failed)?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&failed)?;
        let lines = lines.collect::<Result<BTreeSet<_>, _>>().map_err(failed)?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}
