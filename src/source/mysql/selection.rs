//! A [`Selection`] in MySQL's SQL.

use crate::catalog::selection::enclosed;
use crate::catalog::{Key, KeyRange, KeyValue, RowFilter, RowIdentity, Selection};
use crate::dialect::Conditions;
use crate::dialect::mysql::{Mysql, quote};
use crate::value::Cell;

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

/// An end of a range.
#[derive(Clone, Copy)]
enum End {
    /// The keys from the bound on.
    From,
    /// The keys below the bound.
    Below,
}

/// Holds for the keys on this side of `key`. A comparison of rows would not use the key's index ("Row Constructor
/// Expression Optimization" in MySQL's manual), so each column is compared by itself.
fn beyond(columns: &[String], key: &[KeyValue], end: End) -> String {
    let (strict, loose) = match end {
        End::From => (">", ">="),
        End::Below => ("<", "<="),
    };
    match (columns, key) {
        ([only], [value, ..]) => {
            let last = if matches!(end, End::From) { loose } else { strict };
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
    let condition = |(key, end): (&Key, End)| format!("({})", beyond(&columns, &key.0, end));
    let from = range.from.iter().map(|key| (key, End::From));
    from.chain(range.below.iter().map(|key| (key, End::Below))).map(condition).collect()
}

/// A SELECT, and the positions of the key's columns in its list.
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) key: Vec<usize>,
}

/// SELECT of the selection's columns, followed by those of the key that are not among them.
pub(super) fn select_with_key(selection: &Selection) -> Statement {
    let mut list = selection.columns.iter().map(|column| Mysql.value(column)).collect::<Vec<_>>();
    let mut key = Vec::new();
    for column in key_expressions(&selection.row_identity) {
        let place = list.iter().position(|listed| *listed == column).unwrap_or(list.len());
        if place == list.len() {
            list.push(column);
        }
        key.push(place);
    }
    // A table whose columns are all skipped still has rows.
    let list = if list.is_empty() { "NULL".to_owned() } else { list.join(", ") };
    let conditions = conditions(selection);
    Statement { sql: format!("SELECT {list} FROM {}{conditions}", quote(&selection.table)), key }
}

/// SELECT of the number of rows.
pub(super) fn count(selection: &Selection) -> Statement {
    aggregate(selection, "count(*)")
}

/// SELECT of aggregates over the rows.
pub(super) fn aggregate(selection: &Selection, aggregates: &str) -> Statement {
    let sql = format!("SELECT {aggregates} FROM {}{}", quote(&selection.table), conditions(selection));
    Statement { sql, key: Vec::new() }
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
