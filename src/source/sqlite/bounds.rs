//! Where a table without rowids is cut: keys at equal distances, found by stepping through the key's tree.

use super::open::classify;
use super::selection::{bound, key_expressions};
use super::snapshot::Reader;
use crate::catalog::{Key, KeyValue, RowIdentity, Table};
use crate::name::quote_sqlite_identifier;
use crate::source::SourceError;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params_from_iter};

/// The keys that cut `rows` rows into `parts` parts, ascending in the source's order. Each step goes on from the last
/// bound, so that the whole tree is walked once.
///
/// # Errors
/// The file turns out corrupt or unreadable.
pub fn key_bounds(
    reader: &Reader,
    table: &Table,
    columns: &[String],
    rows: u64,
    parts: u64,
) -> Result<Vec<Key>, SourceError> {
    let doing = format!("cutting {} into chunks", table.name);
    let failed = |error| classify(&reader.path, &doing, &error);
    let key = key_expressions(&RowIdentity::Key { columns: columns.to_vec() });
    let list = key.join(", ");
    let name = quote_sqlite_identifier(&table.name);
    let places = vec!["?"; key.len()].join(", ");
    let mut bounds: Vec<Key> = Vec::new();
    for part in 1..parts {
        let step = rows * part / parts - rows * (part - 1) / parts;
        let from = bounds.last().map(|_| format!(" WHERE ({list}) >= ({places})")).unwrap_or_default();
        let sql = format!("SELECT {list} FROM {name}{from} ORDER BY {list} LIMIT 1 OFFSET {step}");
        let last = bounds.last().into_iter().flat_map(|last| last.0.iter().map(bound));
        let mut statement = reader.connection.prepare(&sql).map_err(failed)?;
        let found = statement.query_row(params_from_iter(last), |row| key_of(row, key.len())).optional();
        // Keys that the table's collations call equal may leave fewer rows behind a bound than were counted.
        match found.map_err(failed)?.flatten() {
            Some(next) if bounds.last() != Some(&next) => bounds.push(next),
            _ => break,
        }
    }
    Ok(bounds)
}

/// The key in a row; nothing where it holds NULL, which no range can begin with.
fn key_of(row: &Row<'_>, columns: usize) -> rusqlite::Result<Option<Key>> {
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        values.push(match row.get_ref(column)? {
            ValueRef::Null => return Ok(None),
            ValueRef::Integer(integer) => KeyValue::Integer(integer),
            ValueRef::Real(real) => KeyValue::Real(real.to_bits()),
            ValueRef::Text(bytes) => KeyValue::text(bytes),
            ValueRef::Blob(bytes) => KeyValue::Blob(bytes.to_vec()),
        });
    }
    Ok(Some(Key(values)))
}
