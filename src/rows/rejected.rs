//! Rejected row as the ledger keeps it.

use super::encoder::name_row;
use crate::plan::TableMapping;
use crate::source::Row;
use crate::target::copy::BadCell;
use crate::value::stored::{write_stored, write_string};

/// Buffers for the description of rejected rows, reused from row to row.
#[derive(Debug, Default)]
pub struct Words {
    /// Key that names the row.
    pub key: String,
    /// All its values as JSON.
    pub content: String,
    /// Every bad column with its reason, as JSON; empty unless `explain` was called.
    pub reasons: String,
}

impl Words {
    /// Writes the row's name and values.
    pub fn describe(&mut self, mapping: &TableMapping, row: &Row<'_>) {
        self.key = name_row(mapping, row);
        self.content.clear();
        for (position, column) in mapping.columns.iter().enumerate() {
            self.content.push_str(if position == 0 { "{" } else { ", " });
            write_string(&column.source, &mut self.content);
            self.content.push_str(": ");
            write_stored(row.cell(position), &mut self.content);
        }
        self.content.push('}');
    }

    /// Writes the reasons.
    pub(super) fn explain(&mut self, mapping: &TableMapping, bad: &[BadCell]) {
        self.reasons.clear();
        for (position, bad) in bad.iter().enumerate() {
            self.reasons.push_str(if position == 0 { "[{\"column\": " } else { ", {\"column\": " });
            write_string(source_column(mapping, bad), &mut self.reasons);
            self.reasons.push_str(", \"reason\": ");
            write_string(&bad.bad.to_string(), &mut self.reasons);
            self.reasons.push('}');
        }
        self.reasons.push(']');
    }
}

/// The source's name of a bad value's column.
pub(super) fn source_column<'a>(mapping: &'a TableMapping, bad: &BadCell) -> &'a str {
    mapping.columns.get(bad.column).map_or("", |column| column.source.as_str())
}
