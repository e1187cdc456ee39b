//! A [`Selection`] in MySQL's SQL.

use super::undefined_bytes::PartialCharacterSets;
use crate::catalog::selection::enclosed;
use crate::catalog::{Key, KeyRange, KeyValue, RowFilter, RowIdentity, SelectedColumn, Selection};
use crate::dialect::ConditionSql;
use crate::dialect::mysql::{Mysql, quote};
use crate::value::Cell;

/// The beginning of a query of a table's rows.
///
/// A table without transactions is locked while it is read. A writer that waits for that lock keeps whoever reads after it waiting
/// as well, and the lock's own run with them, unless the reader goes before ("SELECT Statement" in MySQL's manual).
pub(super) const SELECT: &str = "SELECT HIGH_PRIORITY";

/// The columns that name a row, quoted, in the key's order.
pub(super) fn key_expressions(identity: &RowIdentity) -> Vec<String> {
    identity.columns().iter().map(|column| quote(column)).collect()
}

/// A key's value in MySQL's SQL. It is written, not bound: a bound number beyond 64 bits or with a fraction comes as text,
/// and MySQL compares text with a number as doubles ("Type Conversion in Expression Evaluation" in its manual).
fn literal(value: &KeyValue) -> String {
    match value {
        KeyValue::Integer(integer) => Mysql.literal(Cell::Integer(*integer)),
        KeyValue::Real(bits) => Mysql.literal(Cell::Real(f64::from_bits(*bits))),
        KeyValue::Number(digits) => digits.clone(),
        KeyValue::Text(text) => Mysql.literal(Cell::Text(text.as_bytes())),
        KeyValue::TextBytes(bytes) => Mysql.literal(Cell::Text(bytes)),
        KeyValue::Blob(bytes) => Mysql.literal(Cell::Blob(bytes)),
    }
}

/// The values of a key in SQL.
pub(super) fn literals(key: &Key) -> Vec<String> {
    key.0.iter().map(literal).collect()
}

/// Condition on the row of a key.
pub(super) fn equal(identity: &RowIdentity, key: &Key) -> String {
    let columns = key_expressions(identity).into_iter().zip(literals(key));
    let equal = columns.map(|(column, value)| format!("{column} = {value}")).collect::<Vec<_>>();
    if equal.is_empty() { "FALSE".to_owned() } else { equal.join(" AND ") }
}

/// An end of a range.
#[derive(Clone, Copy)]
enum RangeEnd {
    /// The keys from the bound on.
    From,
    /// The keys below the bound.
    Below,
}

/// Holds for the keys on this side of `key`. A comparison of rows would not use the key's index ("Row Constructor
/// Expression Optimization" in MySQL's manual), so each column is compared by itself.
fn beyond(columns: &[String], key: &[KeyValue], end: RangeEnd) -> String {
    let (strict, loose) = match end {
        RangeEnd::From => (">", ">="),
        RangeEnd::Below => ("<", "<="),
    };
    match (columns, key) {
        ([only], [value, ..]) => {
            let last = if matches!(end, RangeEnd::From) { loose } else { strict };
            format!("{only} {last} {}", literal(value))
        }
        ([first, columns @ ..], [value, key @ ..]) => {
            let (value, tail) = (literal(value), beyond(columns, key, end));
            format!("{first} {loose} {value} AND ({first} {strict} {value} OR ({first} = {value} AND ({tail})))")
        }
        _ => "TRUE".to_owned(),
    }
}

/// The conditions on the range of keys.
pub(super) fn range(identity: &RowIdentity, range: &KeyRange) -> Vec<String> {
    let columns = key_expressions(identity);
    if columns.is_empty() {
        return Vec::new();
    }
    let condition = |(key, end): (&Key, RangeEnd)| format!("({})", beyond(&columns, &key.0, end));
    let from = range.from.iter().map(|key| (key, RangeEnd::From));
    from.chain(range.below.iter().map(|key| (key, RangeEnd::Below))).map(condition).collect()
}

/// A SELECT, and what stands where in its list.
pub(super) struct Statement {
    pub(super) sql: String,
    /// The positions of the key's columns.
    pub(super) key: Vec<usize>,
    /// The positions of texts, each with that of the bytes that stand in its place where they are not NULL.
    pub(super) bytes: Vec<(usize, usize)>,
}

impl Statement {
    /// A statement whose rows have no key.
    pub(super) fn of(sql: String) -> Self {
        Self { sql, key: Vec::new(), bytes: Vec::new() }
    }
}

/// SELECT of the selection's columns from `table`, its table in SQL, followed by those of the key that are not among them, and
/// by the bytes that are no characters.
pub(super) fn select_with_key(selection: &Selection, table: &str, sets: &PartialCharacterSets) -> Statement {
    let mut list = selection.columns.iter().map(|column| Mysql.value(column)).collect::<Vec<_>>();
    let mut key = Vec::new();
    for column in key_expressions(&selection.row_identity) {
        let place = list.iter().position(|listed| *listed == column).unwrap_or(list.len());
        if place == list.len() {
            list.push(column);
        }
        key.push(place);
    }
    let mut bytes = Vec::new();
    for (position, column) in selection.columns.iter().enumerate() {
        if let SelectedColumn::Named(name) = column
            && let Some(stored) = sets.stored_bytes(&selection.table, name)
        {
            bytes.push((position, list.len()));
            list.push(stored);
        }
    }
    // A table whose columns are all skipped still has rows.
    let list = if list.is_empty() { "NULL".to_owned() } else { list.join(", ") };
    let conditions = conditions(selection);
    Statement { sql: format!("{SELECT} {list} FROM {table}{conditions}"), key, bytes }
}

/// SELECT of the number of rows of `table`, the selection's table in SQL.
pub(super) fn count(selection: &Selection, table: &str) -> Statement {
    aggregate(selection, table, "count(*)")
}

/// SELECT of aggregates over the rows of `table`, the selection's table in SQL.
pub(super) fn aggregate(selection: &Selection, table: &str, aggregates: &str) -> Statement {
    Statement::of(format!("{SELECT} {aggregates} FROM {table}{}", conditions(selection)))
}

fn conditions(selection: &Selection) -> String {
    let mut conditions = range(&selection.row_identity, &selection.range);
    conditions.extend(match &selection.filter {
        RowFilter::All => None,
        RowFilter::Passing(filter) => Some(format!("{} IS TRUE", enclosed(filter))),
        RowFilter::LeftBehind(filter) => Some(format!("{} IS NOT TRUE", enclosed(filter))),
    });
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
