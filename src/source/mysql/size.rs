//! Counting rows and estimating bytes.

use super::columns::{count, integer, text};
use super::selection::SELECT;
use super::snapshot::Reader;
use crate::catalog::{KeyGeneration, RowIdentity, Table, TableSize};
use crate::dialect::mysql::{literal, quote};
use crate::name::split_database;
use crate::source::SourceError;

impl Reader {
    /// Counts a table's rows, and takes the bytes of a row from the server's statistics.
    ///
    /// # Errors
    /// The source fails.
    pub(in crate::source) fn size(&self, table: &Table) -> Result<TableSize, SourceError> {
        let failed = |error| self.failed(&format!("counting the rows of {}", table.name), &error);
        let name = self.quoted(&table.name);
        let ask = |sql: &str| self.client().query(sql).map_err(failed);
        let number = |row: Option<&Vec<Option<Vec<u8>>>>, at: usize| row.and_then(|row| integer(row, at));
        let counted = ask(&format!("{SELECT} count(*) FROM {name}"))?;
        let rows = count(&counted, 0).map_err(failed)?;
        let keys = match &table.row_identity {
            RowIdentity::Integer { column, .. } => {
                let column = quote(column);
                let ends = ask(&format!("{SELECT} min({column}), max({column}) FROM {name}"))?;
                number(ends.first(), 0).zip(number(ends.first(), 1))
            }
            _ => None,
        };
        let server = self.server();
        let split = split_database(&table.name).filter(|_| !server.databases.is_empty());
        let (database, own_name) = split.unwrap_or_else(|| (server.database.clone(), table.name.as_str()));
        let statistics = ask(&format!(
            "{} WHERE table_schema = {} AND table_name = {}",
            "SELECT data_length, table_rows, auto_increment FROM information_schema.tables",
            literal(&database),
            literal(own_name)
        ))?;
        let statistics = statistics.first();
        // An estimate, which a server may not have.
        let data = number(statistics, 0).and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
        let generates = |column: &crate::catalog::Column| column.generates_keys == Some(KeyGeneration::NeverTwice);
        let last_key = if table.columns.iter().any(generates) {
            let next = statistics.and_then(|row| text(row, 2)).and_then(|next| next.parse::<u64>().ok());
            // A number beyond 63 bits says that the last of them is given.
            next.map(|next| i64::try_from(next.saturating_sub(1)).unwrap_or(i64::MAX))
        } else {
            None
        };
        Ok(TableSize { rows, bytes: data, keys, last_key })
    }
}
