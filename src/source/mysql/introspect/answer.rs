//! Answers of the server as texts.

use std::collections::BTreeMap;

/// A row of an answer: texts by position.
pub(super) type Texts = Vec<Option<String>>;

/// Rows by the table that their first value names.
pub(super) type ByTable = BTreeMap<String, Vec<Texts>>;

/// The text in a column; empty for NULL.
pub(super) fn word(row: &Texts, at: usize) -> String {
    row.get(at).cloned().flatten().unwrap_or_default()
}

/// The text in a column; `None` for an empty one.
pub(super) fn said(row: &Texts, at: usize) -> Option<String> {
    row.get(at).cloned().flatten().filter(|text| !text.is_empty())
}

pub(super) fn by_table(rows: Vec<Texts>) -> ByTable {
    let mut tables = ByTable::new();
    for row in rows {
        tables.entry(word(&row, 0)).or_default().push(row);
    }
    tables
}
