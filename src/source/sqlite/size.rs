//! Counting rows and estimating bytes.

use super::snapshot::Reader;
use crate::catalog::{Column, KeyGeneration, Table, TableSize};
use crate::dialect::sqlite::{quote, rowid_expression};
use crate::source::SourceError;

/// Rows read for the estimate of bytes.
const SAMPLE: u32 = 500;

impl Reader {
    /// Counts a table's rows and estimates the bytes of their values from the first and the last of them.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn size(&self, table: &Table) -> Result<TableSize, SourceError> {
        let doing = format!("counting the rows of {}", table.name);
        let failed = |error| self.failed(&doing, &error);
        let name = quote(&table.name);
        let rows: i64 =
            self.connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).map_err(failed)?;
        let rows = u64::try_from(rows).unwrap_or(0);
        let keys = match rowid_expression(&table.row_identity) {
            Some(selector) => {
                // Two queries: SQLite answers min or max alone from one end of the tree, both together by a full scan.
                let end = |function: &str| {
                    let sql = format!("SELECT {function}({selector}) FROM {name}");
                    self.connection.query_row(&sql, [], |row| row.get::<_, Option<i64>>(0)).map_err(failed)
                };
                end("min")?.zip(end("max")?)
            }
            None => None,
        };
        let lengths = table
            .columns
            .iter()
            .map(|column| format!("coalesce(length(CAST({} AS BLOB)), 0)", quote(&column.name)))
            .collect::<Vec<_>>();
        // A sum over more terms than SQLite's limit on expression depth (1000) would be refused.
        let mut bytes_per_row = 0.0;
        for terms in lengths.chunks(500) {
            let sum = terms.join(" + ");
            let sql = format!("SELECT coalesce(avg({sum}), 0.0) FROM (SELECT * FROM {name} LIMIT {SAMPLE})");
            bytes_per_row += self.connection.query_row(&sql, [], |row| row.get::<_, f64>(0)).map_err(failed)?;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an estimate; lengths are not negative"
        )]
        let bytes = (bytes_per_row * rows as f64).round() as u64;
        let is_kept = |column: &Column| column.generates_keys == Some(KeyGeneration::NeverTwice);
        let last_key = if table.columns.iter().any(is_kept) {
            let sql = "SELECT max(seq) FROM sqlite_sequence WHERE name = ?1";
            self.connection.query_row(sql, [&table.name], |row| row.get::<_, Option<i64>>(0)).map_err(failed)?
        } else {
            None
        };
        Ok(TableSize { rows, bytes, keys, last_key })
    }
}
