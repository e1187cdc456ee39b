//! Bounds of chunks: keys at equal distances, found by stepping through the key's index.

use super::client::{ClientError, ColumnFormat, ResultSet};
use super::selection::{SELECT, key_expressions, range};
use super::snapshot::Reader;
use crate::catalog::{Key, KeyRange, KeyValue, RowFilter, RowIdentity, Table};
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
        let behind = KeyRange { from: from.cloned(), below: None };
        let table = self.read_table(table, identity, &behind, &RowFilter::All)?.sql;
        let range = range(identity, &behind);
        let condition = if range.is_empty() { String::new() } else { format!(" WHERE {}", range.join(" AND ")) };
        let rest = format!("FROM {table}{condition} ORDER BY {} LIMIT 1 OFFSET {rows}", key.join(", "));
        let mut client = self.client();
        let mut found = client.rows(&format!("{SELECT} {} {rest}", key.join(", ")))?;
        let by_position = found.formats().iter().map(|format| format.is_by_position).collect::<Vec<_>>();
        if !by_position.contains(&true) {
            return one_key(found);
        }
        while found.next()?.is_some() {}
        drop(found);
        // A range of positions does not use the index: the whole of it would be searched for each chunk.
        if by_position.first() == Some(&true) {
            return Ok(None);
        }
        // The column sorts by position; compared with a number it does so too, compared with text as text.
        let list = key.iter().zip(by_position).map(|(column, by_position)| {
            if by_position { format!("CAST({column} AS UNSIGNED)") } else { column.clone() }
        });
        one_key(client.rows(&format!("{SELECT} {} {rest}", list.collect::<Vec<_>>().join(", ")))?)
    }
}

/// The key that is the only row of an answer.
fn one_key(mut found: ResultSet<'_>) -> Result<Option<Key>, ClientError> {
    let formats = found.formats().to_vec();
    let key = match found.next()? {
        Some(row) => formats
            .iter()
            .enumerate()
            .map(|(column, format)| key_value(row.cell(column), *format))
            .collect::<Option<Vec<_>>>()
            .map(Key),
        None => None,
    };
    while found.next()?.is_some() {}
    Ok(key)
}

/// A value of a key; `None` for NULL, with which no range can begin.
fn key_value(cell: Cell<'_>, format: ColumnFormat) -> Option<KeyValue> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Integer(integer) => KeyValue::Integer(integer),
        Cell::Real(real) => KeyValue::Real(real.to_bits()),
        Cell::Text(bytes) if format.is_number() => KeyValue::Number(String::from_utf8_lossy(bytes).into_owned()),
        Cell::Text(bytes) => KeyValue::text(bytes),
        Cell::Blob(bytes) => KeyValue::Blob(bytes.to_vec()),
    })
}
