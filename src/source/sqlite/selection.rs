//! A [`Selection`] in SQLite's SQL.

use crate::catalog::{KeyRange, RowIdentity, Selection};
use crate::name::quote_sqlite_identifier;
use crate::value::Cell;

/// The expression that gives the rowid. A hidden rowid's word is not quoted: in quotes it could be taken for a string.
pub(super) fn rowid_expression(identity: &RowIdentity) -> Option<String> {
    match identity {
        RowIdentity::Rowid { selector, declared: true } => Some(quote_sqlite_identifier(selector)),
        RowIdentity::Rowid { selector, declared: false } => Some(selector.clone()),
        RowIdentity::Key { .. } | RowIdentity::None => None,
    }
}

/// The condition that holds for the rows of these keys and no others; nothing where rows have no key. Each key is its
/// columns' [`literal`]s with commas between them.
#[must_use]
pub fn rows_condition(identity: &RowIdentity, keys: &[String]) -> Option<String> {
    match identity {
        RowIdentity::Rowid { .. } => Some(format!("{} IN ({})", rowid_expression(identity)?, keys.join(", "))),
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

/// SELECT of the key's columns (what names the row in messages) followed by the selection's own columns, in storage
/// order, so that a chunk is read sequentially.
pub(super) fn select_with_key(selection: &Selection) -> (String, usize) {
    let key = match &selection.row_identity {
        RowIdentity::Rowid { .. } => rowid_expression(&selection.row_identity).into_iter().collect(),
        RowIdentity::Key { columns } => columns.iter().map(|column| quote_sqlite_identifier(column)).collect(),
        RowIdentity::None => Vec::new(),
    };
    let columns = selection.columns.iter().map(|column| quote_sqlite_identifier(column));
    let list = key.iter().cloned().chain(columns).collect::<Vec<_>>();
    // A table whose columns are all skipped still has rows.
    let list = if list.is_empty() { "NULL".to_owned() } else { list.join(", ") };
    let sql = format!("SELECT {list} FROM {}{}", quote_sqlite_identifier(&selection.table), conditions(selection));
    (sql, key.len())
}

/// SELECT of the number of rows.
pub(super) fn count(selection: &Selection) -> String {
    format!("SELECT count(*) FROM {}{}", quote_sqlite_identifier(&selection.table), conditions(selection))
}

fn conditions(selection: &Selection) -> String {
    let mut conditions = Vec::new();
    let KeyRange { from, below } = selection.range;
    if let Some(rowid) = rowid_expression(&selection.row_identity) {
        conditions.extend(from.map(|from| format!("{rowid} >= {from}")));
        conditions.extend(below.map(|below| format!("{rowid} < {below}")));
    }
    // The line break ends a comment at the end of the user's condition.
    conditions.extend(selection.filter.as_ref().map(|filter| format!("({filter}\n)")));
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
