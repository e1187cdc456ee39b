//! Rejected rows as documents: a list for people and programs, and the lossless export.

use super::layout::{columns, counted};
use crate::target::ledger::RejectedRow;
use crate::value::stored::write_string;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// Characters of a value that the list shows.
const SHOWN: usize = 40;

/// The rejected rows of a migration, or the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedList {
    /// The spec's name.
    pub migration: String,
    /// Rejected rows of each table, by the table's name in the source.
    pub tables: Vec<RejectedTable>,
    /// The rows that are listed.
    pub rows: Vec<RejectedLine>,
}

/// The number of a table's rejected rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedTable {
    /// The source table.
    pub table: String,
    /// Its rejected rows.
    pub rejected_rows: u64,
}

/// A rejected row in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedLine {
    /// The source table.
    pub table: String,
    /// Key that names the row there.
    pub key: String,
    /// The first column that is bad.
    pub column: String,
    /// Reason in words.
    pub reason: String,
    /// The value in that column, if values may be shown.
    pub value: Option<Value>,
}

impl RejectedLine {
    /// Makes a line of the ledger's row, with or without its value.
    #[must_use]
    pub fn of(row: RejectedRow, show_values: bool) -> Self {
        let RejectedRow { table, key, column, reason, value, reasons: _, content: _ } = row;
        // Text that is not JSON is shown as it is.
        let value = value.filter(|_| show_values);
        let value = value.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)));
        Self { table, key, column, reason, value }
    }
}

/// The list as JSON.
///
/// # Errors None in practice: serde_json's interface is fallible, but a list always serializes.
pub fn rejected_json(list: &RejectedList) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(list).map(|text| text + "\n")
}

/// The list as text.
#[must_use]
pub fn rejected_text(list: &RejectedList) -> String {
    let all = list.tables.iter().map(|table| table.rejected_rows).sum::<u64>();
    if all == 0 {
        return format!("{}: no rejected rows\n", list.migration);
    }
    let count =
        |table: &RejectedTable| format!("{}: {} rejected\n", table.table, counted(table.rejected_rows, "row", "rows"));
    let mut text = list.tables.iter().map(count).collect::<String>();
    let has_values = list.rows.iter().any(|row| row.value.is_some());
    let header = ["table", "key", "column", "reason"].into_iter().chain(has_values.then_some("value"));
    let header = header.map(str::to_owned).collect::<Vec<_>>();
    let cells = |row: &RejectedLine| {
        let cells = [&row.table, &row.key, &row.column, &row.reason].map(String::clone);
        cells.into_iter().chain(row.value.as_ref().map(shortened)).collect::<Vec<_>>()
    };
    let rows = std::iter::once(header).chain(list.rows.iter().map(cells)).collect();
    let _infallible = writeln!(text, "\n{}", columns(rows, &[], 0));
    let more = all.saturating_sub(list.rows.len() as u64);
    if more > 0 {
        let _infallible = writeln!(
            text,
            "and {}; --limit N lists more of them, --export FILE writes all",
            counted(more, "more row", "more rows")
        );
    }
    text
}

fn shortened(value: &Value) -> String {
    let value = value.to_string();
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    }
}

/// Line of the export: the row with all its values, as [`crate::value::stored::write_stored`] puts them.
#[must_use]
pub fn rejected_export_line(row: &RejectedRow) -> String {
    let mut line = String::new();
    for (name, text) in [("table", &row.table), ("key", &row.key), ("column", &row.column), ("reason", &row.reason)] {
        let _infallible = write!(line, "{}\"{name}\": ", if line.is_empty() { "{" } else { ", " });
        write_string(text, &mut line);
    }
    let _infallible = writeln!(line, ", \"reasons\": {}, \"row\": {}}}", row.reasons, row.content);
    line
}
