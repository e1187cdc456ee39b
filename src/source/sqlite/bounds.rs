//! Bounds of the chunks of a table without rowids: keys at equal distances, found by stepping through the key's tree.

use super::selection::bound;
use super::snapshot::Reader;
use crate::catalog::{Key, KeyValue, RowIdentity, Table};
use crate::dialect::sqlite::{key_expressions, quote};
use crate::source::SourceError;
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension, Row, params_from_iter};

impl Reader {
    /// The keys that cut `rows` rows into `parts` parts, ascending in the source's order. Each step continues from the
    /// last bound, so that the whole tree is walked once.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn key_bounds(
        &self,
        table: &Table,
        columns: &[String],
        rows: u64,
        parts: u64,
    ) -> Result<Vec<Key>, SourceError> {
        let doing = format!("cutting {} into chunks", table.name);
        let failed = |error| self.failed(&doing, &error);
        let key = key_expressions(&RowIdentity::Key { columns: columns.to_vec() });
        let list = key.join(", ");
        let name = quote(&table.name);
        let places = vec!["?"; key.len()].join(", ");
        let mut bounds: Vec<Key> = Vec::new();
        let parts = parts.min(rows);
        for part in 1..parts {
            let step = rows * part / parts - rows * (part - 1) / parts;
            let from = bounds.last().map(|_| format!(" WHERE ({list}) >= ({places})")).unwrap_or_default();
            let sql = format!("SELECT {list} FROM {name}{from} ORDER BY {list} LIMIT 1 OFFSET {step}");
            let last = bounds.last().into_iter().flat_map(|last| last.0.iter().map(bound));
            let mut statement = self.connection.prepare(&sql).map_err(failed)?;
            let found = statement.query_row(params_from_iter(last), |row| key_of(row, key.len())).optional();
            // Keys that are equal by the table's collations may leave fewer rows after a bound than were counted.
            match found.map_err(failed)?.flatten() {
                Some(next) if bounds.last() != Some(&next) => bounds.push(next),
                _ => break,
            }
        }
        Ok(bounds)
    }

    /// The key `rows` rows after the first key from `from` on; `None` if the table ends before.
    ///
    /// # Errors
    /// The file turns out corrupt or unreadable.
    pub(in crate::source) fn key_behind(
        &self,
        table: &str,
        identity: &RowIdentity,
        from: Option<&Key>,
        rows: u64,
    ) -> Result<Option<Key>, SourceError> {
        let doing = format!("choosing rows of {table}");
        let failed = |error| self.failed(&doing, &error);
        let key = key_expressions(identity);
        if key.is_empty() {
            return Ok(None);
        }
        let list = key.join(", ");
        let places = vec!["?"; key.len()].join(", ");
        let condition = from.map(|_| format!(" WHERE ({list}) >= ({places})")).unwrap_or_default();
        let name = quote(table);
        let sql = format!("SELECT {list} FROM {name}{condition} ORDER BY {list} LIMIT 1 OFFSET {rows}");
        let from = from.into_iter().flat_map(|key| key.0.iter().map(bound));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let found = statement.query_row(params_from_iter(from), |row| key_of(row, key.len())).optional();
        Ok(found.map_err(failed)?.flatten())
    }
}

/// The key in a row; `None` if it holds NULL, with which no range can begin.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{KeyRange, RowFilter, Selection};
    use crate::source::sqlite::Snapshot;
    use crate::source::{ReadFailure, Row as AnyRow};
    use std::convert::Infallible;

    /// Keys of every storage class in one column, collations, real numbers that no short text names.
    const TABLES: &str = "
        CREATE TABLE any (k ANY, n INTEGER, PRIMARY KEY (k, n)) WITHOUT ROWID;
        INSERT INTO any SELECT value, key FROM json_each('[3, -9223372036854775808, 0.1, 1e300, 2, 2.5, \"a\", \"A\", \"ä\"]');
        INSERT INTO any VALUES (0.1 + 0.2, 1), (9e999, 2), (-9e999, 3), (x'00ff', 4), (x'', 5), ('', 6),
            (CAST(x'ff61' AS TEXT), 7), ('a' || char(0) || 'b', 8), ('a' || char(0), 9), ('it''s \"?1\"', 10);
        CREATE TABLE folded (k TEXT COLLATE NOCASE, n REAL, PRIMARY KEY (n DESC, k)) WITHOUT ROWID;
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 100)
        INSERT INTO folded SELECT CASE n % 3 WHEN 0 THEN 'Key' WHEN 1 THEN 'kEZ' ELSE 'l' END || n, n % 7 / 3.0 FROM counter;";

    #[test]
    fn every_row_lies_in_one_range() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(TABLES).unwrap();
        let snapshot = Snapshot::open(&path, 1).unwrap();
        let reader = snapshot.reader();
        let catalog = reader.catalog().unwrap();
        for (name, rows) in [("any", 19), ("folded", 100)] {
            let table = catalog.table(name).unwrap();
            let RowIdentity::Key { columns } = &table.row_identity else { panic!("{:?}", table.row_identity) };
            for parts in [1, 2, 5, rows, rows + 3] {
                let bounds = reader.key_bounds(table, columns, rows, parts).unwrap();
                assert_eq!(bounds.len() as u64, parts.min(rows) - 1, "{name} in {parts}: {bounds:?}");
                // As the ledger keeps them.
                let kept = serde_json::to_string(&bounds).unwrap();
                let bounds = serde_json::from_str::<Vec<Key>>(&kept).unwrap();
                let mut seen = Vec::new();
                for at in 0..=bounds.len() {
                    let from = at.checked_sub(1).map(|at| bounds[at].clone());
                    let range = KeyRange { from, below: bounds.get(at).cloned() };
                    let selection = Selection {
                        table: name.to_owned(),
                        columns: Vec::new(),
                        filter: RowFilter::All,
                        row_identity: table.row_identity.clone(),
                        range,
                    };
                    let before = seen.len();
                    let visited = reader.for_each_row(&selection, |row| {
                        seen.push(format!("{:?}", AnyRow::Sqlite(row).key().collect::<Vec<_>>()));
                        Ok::<(), Infallible>(())
                    });
                    let visited = visited.unwrap_or_else(|error: ReadFailure<Infallible>| panic!("{error:?}"));
                    assert_eq!(visited, (seen.len() - before) as u64);
                    assert!(visited <= rows.div_ceil(parts).max(1), "{visited} rows in one of {parts} parts");
                }
                seen.sort();
                seen.dedup();
                assert_eq!(seen.len() as u64, rows, "{name} in {parts}");
            }
        }
    }
}
