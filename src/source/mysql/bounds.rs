//! Bounds of chunks: keys at equal distances, found by stepping through the key's index.

use super::client::ClientError;
use super::selection::{key_expressions, range};
use super::snapshot::Reader;
use crate::catalog::{Key, KeyRange, KeyValue, RowIdentity, Table};
use crate::dialect::mysql::quote;
use crate::source::SourceError;
use crate::value::Cell;

impl Reader {
    /// The keys that cut `rows` rows into `parts` parts, ascending in the server's order. Each step continues from the
    /// last bound, so that the whole index is walked once.
    ///
    /// # Errors
    /// The source fails.
    pub(in crate::source) fn key_bounds(
        &self,
        table: &Table,
        columns: &[String],
        rows: u64,
        parts: u64,
    ) -> Result<Vec<Key>, SourceError> {
        let failed = |error| self.failed(&format!("cutting {} into chunks", table.name), &error);
        let identity = RowIdentity::Key { columns: columns.to_vec() };
        let mut bounds: Vec<Key> = Vec::new();
        let parts = parts.min(rows);
        for part in 1..parts {
            let step = rows * part / parts - rows * (part - 1) / parts;
            let next = self.behind(&table.name, &identity, bounds.last(), step).map_err(failed)?;
            match next {
                Some(next) if bounds.last() != Some(&next) => bounds.push(next),
                _ => break,
            }
        }
        Ok(bounds)
    }

    /// The key `rows` rows after the first key from `from` on; `None` if the table ends before.
    ///
    /// # Errors
    /// The source fails.
    pub(in crate::source) fn key_behind(
        &self,
        table: &str,
        identity: &RowIdentity,
        from: Option<&Key>,
        rows: u64,
    ) -> Result<Option<Key>, SourceError> {
        self.behind(table, identity, from, rows)
            .map_err(|error| self.failed(&format!("choosing rows of {table}"), &error))
    }

    fn behind(
        &self,
        table: &str,
        identity: &RowIdentity,
        from: Option<&Key>,
        rows: u64,
    ) -> Result<Option<Key>, ClientError> {
        let key = key_expressions(identity);
        if key.is_empty() {
            return Ok(None);
        }
        let list = key.join(", ");
        let mut parameters = Vec::new();
        let range = range(identity, &KeyRange { from: from.cloned(), below: None }, &mut parameters);
        let condition = if range.is_empty() { String::new() } else { format!(" WHERE {}", range.join(" AND ")) };
        let sql = format!("SELECT {list} FROM {}{condition} ORDER BY {list} LIMIT 1 OFFSET {rows}", quote(table));
        let mut client = self.client();
        let mut found = client.rows(&sql, &parameters)?;
        let key = match found.next()? {
            Some(row) => (0..key.len()).map(|column| key_value(row.cell(column))).collect::<Option<Vec<_>>>().map(Key),
            None => None,
        };
        while found.next()?.is_some() {}
        Ok(key)
    }
}

/// A value of a key; `None` for NULL, with which no range can begin.
fn key_value(cell: Cell<'_>) -> Option<KeyValue> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Integer(integer) => KeyValue::Integer(integer),
        Cell::Real(real) => KeyValue::Real(real.to_bits()),
        Cell::Text(bytes) => KeyValue::text(bytes),
        Cell::Blob(bytes) => KeyValue::Blob(bytes.to_vec()),
    })
}
