//! A [`Selection`] in MySQL's SQL.

use crate::catalog::selection::enclosed;
use crate::catalog::{Key, KeyRange, KeyValue, RowFilter, RowIdentity, Selection};
use crate::dialect::Conditions;
use crate::dialect::mysql::{Mysql, quote};
use mysql_common::value::Value;

/// The columns that name a row, quoted, in the key's order.
pub(super) fn key_expressions(identity: &RowIdentity) -> Vec<String> {
    identity.columns().iter().map(|column| quote(column)).collect()
}

/// A key's value as the server takes it.
fn bound(value: &KeyValue) -> Value {
    match value {
        KeyValue::Integer(integer) => Value::Int(*integer),
        KeyValue::Real(bits) => Value::Double(f64::from_bits(*bits)),
        KeyValue::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
        KeyValue::TextBytes(bytes) | KeyValue::Blob(bytes) => Value::Bytes(bytes.clone()),
    }
}

/// Holds for the keys from `key` on, or for those below it. A comparison of rows would not use the key's index ("Row
/// Constructor Expression Optimization" in MySQL's manual), so each column is compared by itself.
fn beyond(columns: &[String], key: &Key, is_from: bool, parameters: &mut Vec<Value>) -> String {
    let (strict, last) = if is_from { (">", ">=") } else { ("<", "<") };
    let loose = if is_from { ">=" } else { "<=" };
    match columns {
        [] => "TRUE".to_owned(),
        [only] => {
            parameters.extend(key.0.first().map(bound));
            format!("{only} {last} ?")
        }
        [first, rest @ ..] => {
            let head = key.0.first().map(bound);
            parameters.extend(std::iter::repeat_n(head, 3).flatten());
            let tail = beyond(rest, &Key(key.0[1..].to_vec()), is_from, parameters);
            format!("{first} {loose} ? AND ({first} {strict} ? OR ({first} = ? AND ({tail})))")
        }
    }
}

/// The condition on the range of keys, if there is one, and its values.
pub(super) fn range(identity: &RowIdentity, range: &KeyRange, parameters: &mut Vec<Value>) -> Vec<String> {
    let columns = key_expressions(identity);
    if columns.is_empty() {
        return Vec::new();
    }
    let from = range.from.as_ref().map(|key| beyond(&columns, key, true, parameters));
    let below = range.below.as_ref().map(|key| beyond(&columns, key, false, parameters));
    [from, below].into_iter().flatten().map(|condition| format!("({condition})")).collect()
}

/// A SELECT, its parameters, and the positions of the key's columns in its list.
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) parameters: Vec<Value>,
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
    let mut parameters = Vec::new();
    let conditions = conditions(selection, &mut parameters);
    Statement { sql: format!("SELECT {list} FROM {}{conditions}", quote(&selection.table)), parameters, key }
}

/// SELECT of the number of rows.
pub(super) fn count(selection: &Selection) -> Statement {
    let mut parameters = Vec::new();
    let conditions = conditions(selection, &mut parameters);
    let sql = format!("SELECT count(*) FROM {}{conditions}", quote(&selection.table));
    Statement { sql, parameters, key: Vec::new() }
}

fn conditions(selection: &Selection, parameters: &mut Vec<Value>) -> String {
    let mut conditions = range(&selection.row_identity, &selection.range, parameters);
    conditions.extend(match &selection.filter {
        RowFilter::All => None,
        RowFilter::Passing(filter) => Some(format!("{} IS TRUE", enclosed(filter))),
        RowFilter::LeftBehind(filter) => Some(format!("{} IS NOT TRUE", enclosed(filter))),
    });
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
