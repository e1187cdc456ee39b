//! References and structure of a copy: what does not hold any more after it was written.

use super::{Dangling, NAMED, Rewriter, Staging};
use crate::name::quote_sqlite_identifier;
use crate::source::SourceError;
use crate::source::rewrite::WriteRefusal;
use rusqlite::ErrorCode;
use std::collections::{BTreeMap, BTreeSet};

impl Rewriter {
    /// Objects that do not hold any more.
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
            if refusal.named.len() < NAMED {
                refusal.named.extend(self.key_of(table, *row)?);
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

    /// The key of a row in words, by the number that SQLite gives it; a table without such numbers has none.
    fn key_of(&self, table: &str, row: Option<i64>) -> Result<Option<String>, SourceError> {
        let staging = self.tables.iter().find(|staging| staging.table.table.eq_ignore_ascii_case(table));
        let (Some(row), Some(Staging { table, position, .. })) = (row, staging) else {
            return Ok(row.map(|row| format!("rowid={row}")));
        };
        let key = table.identity.columns();
        if key.is_empty() {
            return Ok(Some(format!("rowid={row}")));
        }
        let failed = self.failed(&format!("reading a row of {}", table.table));
        let columns =
            key.iter().map(|column| format!("quote({})", quote_sqlite_identifier(column))).collect::<Vec<_>>();
        let from = quote_sqlite_identifier(&table.table);
        let sql = format!("SELECT {} FROM main.{from} WHERE {position} = ?1", columns.join(", "));
        let words = self.connection.query_row(&sql, [row], |found| {
            let word = |(at, name)| Ok(format!("{name}={}", found.get::<_, String>(at)?));
            key.iter().enumerate().map(word).collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(Some(words.map_err(failed)?.join(", ")))
    }

    /// The references without a row (<https://www.sqlite.org/pragma.html#pragma_foreign_key_check>). Of a table whose keys are
    /// wrong in themselves SQLite cannot say.
    pub(super) fn dangling(&self) -> Result<BTreeSet<Dangling>, SourceError> {
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

    fn dangling_of(&self, table: &str) -> rusqlite::Result<Vec<Dangling>> {
        let sql = format!("PRAGMA main.foreign_key_check({})", quote_sqlite_identifier(table));
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
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
