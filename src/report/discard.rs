//! Discarded tables as a document.

use super::layout::counted;
use crate::target::ledger::Replaced;
use serde_json::json;

/// Question before a removal: the tables that will be removed.
#[must_use]
pub fn discard_question(tables: &[Replaced]) -> String {
    let title = "These tables are removed for good, and `transship rollback` no longer brings them back:\n";
    tables.iter().fold(title.to_owned(), |text, table| text + &replaced_line(table))
}

/// A table that is set aside, in a line.
pub(super) fn replaced_line(table: &Replaced) -> String {
    format!("  {} as {} ({})\n", table.table, table.set_aside_as, counted(table.rows, "row", "rows"))
}

/// Tables that were removed, in words.
#[must_use]
pub fn discarded_text(migration: &str, tables: &[Replaced]) -> String {
    if tables.is_empty() {
        return format!("{migration}: nothing is set aside.\n");
    }
    let (count, rows) = (tables.len() as u64, tables.iter().map(|table| table.rows).sum::<u64>());
    format!("{migration}: {} with {} removed.\n", counted(count, "table", "tables"), counted(rows, "row", "rows"))
}

/// Tables that were removed, as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but these tables always serialize.
pub fn discarded_json(migration: &str, tables: &[Replaced]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&json!({ "migration": migration, "discarded": tables })).map(|text| text + "\n")
}
