//! A [`Selection`] in SQLite's SQL.

use crate::catalog::{KeyRange, RowIdentity, Selection};
use crate::name::quote_sqlite_identifier;

/// The expression that gives the rowid. A hidden rowid's word is not quoted: in quotes it could be taken for a string.
pub(super) fn rowid_expression(identity: &RowIdentity) -> Option<String> {
    match identity {
        RowIdentity::Rowid { selector, declared: true } => Some(quote_sqlite_identifier(selector)),
        RowIdentity::Rowid { selector, declared: false } => Some(selector.clone()),
        RowIdentity::Key { .. } | RowIdentity::None => None,
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
