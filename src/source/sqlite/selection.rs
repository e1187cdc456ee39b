//! A [`Selection`] in SQLite's SQL.

use crate::catalog::selection::enclosed;
use crate::catalog::{KeyRange, KeyValue, RowIdentity, SelectedColumn, Selection, Visibility};
use crate::name::quote_sqlite_identifier;
use crate::value::Cell;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// The expression that gives the rowid. A hidden rowid's word is not quoted: in quotes it could be taken for a string.
pub(super) fn rowid_expression(identity: &RowIdentity) -> Option<String> {
    match identity {
        RowIdentity::Integer { column, visibility: Visibility::Declared } => Some(quote_sqlite_identifier(column)),
        RowIdentity::Integer { column, visibility: Visibility::Hidden } => Some(column.clone()),
        RowIdentity::Key { .. } | RowIdentity::None => None,
    }
}

/// The expressions that name a row, in the order of its key.
pub(super) fn key_expressions(identity: &RowIdentity) -> Vec<String> {
    match identity {
        RowIdentity::Integer { .. } => rowid_expression(identity).into_iter().collect(),
        RowIdentity::Key { columns } => columns.iter().map(|column| quote_sqlite_identifier(column)).collect(),
        RowIdentity::None => Vec::new(),
    }
}

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
        KeyValue::Text(text) => ValueRef::Text(text.as_bytes()),
        KeyValue::TextBytes(bytes) => ValueRef::Text(bytes),
        KeyValue::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

/// The condition that holds for the rows of these keys and no others; nothing where rows have no key. Each key is its
/// columns' [`literal`]s with commas between them.
#[must_use]
pub fn rows_condition(identity: &RowIdentity, keys: &[String]) -> Option<String> {
    match identity {
        RowIdentity::Integer { .. } => Some(format!("{} IN ({})", rowid_expression(identity)?, keys.join(", "))),
        RowIdentity::Key { columns } => {
            let columns = columns.iter().map(|column| quote_sqlite_identifier(column)).collect::<Vec<_>>().join(", ");
            let rows = keys.iter().map(|key| format!("({key})")).collect::<Vec<_>>().join(", ");
            Some(format!("({columns}) IN (VALUES {rows})"))
        }
        RowIdentity::None => None,
    }
}

/// A stored value in SQLite's SQL.
#[must_use]
pub fn literal(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(integer) => integer.to_string(),
        Cell::Real(real) if real.is_finite() => format!("{real:?}"),
        // A literal beyond the largest double is an infinity.
        Cell::Real(real) => if real < 0.0 { "-9e999" } else { "9e999" }.to_owned(),
        Cell::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => format!("'{}'", text.replace('\'', "''")),
            _ => format!("CAST(x'{}' AS TEXT)", hex::encode(bytes)),
        },
        Cell::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
    }
}

/// SELECT of the selection's columns followed by those of the key (what names the row in messages) that are not among
/// them, in storage order, so that a chunk is read sequentially; and the places of the key's columns in the list.
pub(super) fn select_with_key(selection: &Selection) -> (String, Vec<usize>) {
    let mut list = selection.columns.iter().map(expression).collect::<Vec<_>>();
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
    let sql = format!("SELECT {list} FROM {}{}", quote_sqlite_identifier(&selection.table), conditions(selection));
    (sql, key)
}

fn expression(column: &SelectedColumn) -> String {
    match column {
        SelectedColumn::Named(name) => quote_sqlite_identifier(name),
        SelectedColumn::Computed(sql) => enclosed(sql),
    }
}

/// SELECT of the number of rows.
pub(super) fn count(selection: &Selection) -> String {
    format!("SELECT count(*) FROM {}{}", quote_sqlite_identifier(&selection.table), conditions(selection))
}

fn conditions(selection: &Selection) -> String {
    let mut conditions = Vec::new();
    let KeyRange { from, below } = &selection.range;
    let key = key_expressions(&selection.row_identity);
    for (operator, bound) in [(">=", from), ("<", below)] {
        if bound.is_some() && !key.is_empty() {
            let places = vec!["?"; key.len()].join(", ");
            conditions.push(format!("({}) {operator} ({places})", key.join(", ")));
        }
    }
    conditions.extend(selection.filter.as_deref().map(enclosed));
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
