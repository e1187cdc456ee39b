//! A [`Selection`] in SQLite's SQL.

use crate::catalog::selection::enclosed;
use crate::catalog::{KeyRange, KeyValue, RowFilter, Selection};
use crate::dialect::ConditionSql;
use crate::dialect::sqlite::{Sqlite, key_expressions, quote};
use rusqlite::types::{ToSqlOutput, ValueRef};

/// The values for the places of a selection's conditions. They are bound, not written: a real number or text with a NUL
/// has no exact spelling in SQL.
pub(super) fn parameters(selection: &Selection) -> impl Iterator<Item = ToSqlOutput<'_>> {
    let KeyRange { from, below } = &selection.range;
    let bounds = if key_expressions(&selection.row_identity).is_empty() {
        [None, None]
    } else {
        [from.as_ref(), below.as_ref()]
    };
    bounds.into_iter().flatten().flat_map(|key| key.0.iter().map(bound))
}

/// A key's value as SQLite takes it.
pub(super) fn bound(value: &KeyValue) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        KeyValue::Integer(integer) => ValueRef::Integer(*integer),
        KeyValue::Real(bits) => ValueRef::Real(f64::from_bits(*bits)),
        // SQLite itself has no such numbers.
        KeyValue::Number(text) | KeyValue::Text(text) => ValueRef::Text(text.as_bytes()),
        KeyValue::TextBytes(bytes) => ValueRef::Text(bytes),
        KeyValue::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

/// SELECT of the selection's columns, followed by those of the key, which names the row in messages, that are not among
/// them. Rows come in storage order, so that a chunk is read sequentially. Also returns the positions of the key's
/// columns in the list.
pub(super) fn select_with_key(selection: &Selection) -> (String, Vec<usize>) {
    let mut list = selection.columns.iter().map(|column| Sqlite.value(column)).collect::<Vec<_>>();
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
    let filter = condition(&selection.filter);
    let sql = format!("SELECT {list} FROM {}{}", quote(&selection.table), conditions(selection, filter));
    (sql, key)
}

/// SELECT of aggregates over the rows. The filter is evaluated for each row: `IS TRUE` keeps an index from deciding it.
pub(super) fn aggregate(selection: &Selection, aggregates: &str) -> String {
    let filter = match &selection.filter {
        RowFilter::Passing(filter) => Some(format!("{} IS TRUE", enclosed(filter))),
        filter => condition(filter),
    };
    format!("SELECT {aggregates} FROM {}{}", quote(&selection.table), conditions(selection, filter))
}

fn condition(filter: &RowFilter) -> Option<String> {
    match filter {
        RowFilter::All => None,
        RowFilter::Passing(filter) => Some(enclosed(filter)),
        RowFilter::LeftBehind(filter) => Some(format!("{} IS NOT TRUE", enclosed(filter))),
    }
}

fn conditions(selection: &Selection, filter: Option<String>) -> String {
    let mut conditions = Vec::new();
    let KeyRange { from, below } = &selection.range;
    let key = key_expressions(&selection.row_identity);
    for (operator, bound) in [(">=", from), ("<", below)] {
        if bound.is_some() && !key.is_empty() {
            let places = vec!["?"; key.len()].join(", ");
            conditions.push(format!("({}) {operator} ({places})", key.join(", ")));
        }
    }
    conditions.extend(filter);
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
