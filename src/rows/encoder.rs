//! From a table's mapping to the encoder of its rows, and the words that name a row.

use crate::plan::{ColumnMapping, TableMapping};
use crate::source::Row;
use crate::target::copy::{ColumnEncoder, RowEncoder, UnsuitableReading};
use crate::value::{Cell, Zone};

/// A mapping that no encoder can be made for. `plan` has a blocking finding for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoEncoder {
    /// Position of the column that is the cause; `None` if no single column is.
    pub column: Option<usize>,
    /// Reason in words.
    pub message: String,
}

/// Compiles the encoder of a table's rows. Every path to the target compiles here, so that all refuse the same.
///
/// # Errors
/// A column whose `from` does not suit its type, or more columns than PostgreSQL has.
pub fn row_encoder(mapping: &TableMapping, zone: &Zone) -> Result<RowEncoder, NoEncoder> {
    let columns = mapping.columns.iter().enumerate().map(|(position, column)| {
        column_encoder(column, zone).map_err(|error| NoEncoder { column: Some(position), message: error.to_string() })
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    RowEncoder::new(columns).map_err(|error| NoEncoder { column: None, message: error.to_string() })
}

/// Compiles the encoder of one column. It skips the checks of values only if all were found to fit in the very state
/// that is copied.
///
/// # Errors
/// A `from` that does not suit the type.
pub(crate) fn column_encoder(column: &ColumnMapping, zone: &Zone) -> Result<ColumnEncoder, UnsuitableReading> {
    let encoder = if column.labels.is_empty() {
        ColumnEncoder::forgetting(&column.column_type, column.reading, &column.zone(zone), column.forgetting)?
            .judged_by(&column.verdicts)
    } else {
        ColumnEncoder::of_enum(&column.labels).in_letter_case(column.forgetting.letter_case)
    };
    let encoder = if column.not_null { encoder.not_null() } else { encoder };
    Ok(if column.is_proven { encoder.for_proven_values() } else { encoder })
}

/// Names a row by its key: `id=5`, `user_id=1, role=admin`.
#[must_use]
pub fn name_row(mapping: &TableMapping, row: &Row<'_>) -> String {
    let names = mapping.row_identity.columns();
    if names.is_empty() {
        return "a row without a key".to_owned();
    }
    let parts = names.iter().zip(row.key()).map(|(name, cell)| format!("{name}={}", key_text(cell)));
    parts.collect::<Vec<_>>().join(", ")
}

/// Most characters that a finding names a row with: a key may be a whole text.
const NAMED: usize = 200;

/// The key of a row for people, cut at 200 characters.
#[must_use]
pub fn name_row_briefly(mapping: &TableMapping, row: &Row<'_>) -> String {
    let mut name = name_row(mapping, row);
    if let Some((end, _)) = name.char_indices().nth(NAMED) {
        name.truncate(end);
        name.push('…');
    }
    name
}

/// Most characters of a value that are shown.
const SHOWN: usize = 40;

/// Value for a report with values: an SQL literal, cut at 40 characters.
#[must_use]
pub fn shortened(cell: Cell<'_>) -> String {
    let (text, quote) = match cell {
        Cell::Text(text) => (String::from_utf8_lossy(text).into_owned(), "'"),
        other => (key_text(other), ""),
    };
    // A line break or a control character would break the report.
    let mut escaped = text.chars().flat_map(|character| {
        let shown = if character.is_control() { character.escape_default().collect() } else { vec![character] };
        shown.into_iter()
    });
    let shown = escaped.by_ref().take(SHOWN).collect::<String>();
    let more = if escaped.next().is_some() { "…" } else { "" };
    format!("{quote}{shown}{more}{quote}")
}

/// A value of a key, as the ledger keeps it of every engine's rows; `proof::rejected` writes the same by code of its own.
fn key_text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(integer) => integer.to_string(),
        Cell::Real(real) => real.to_string(),
        Cell::Text(text) => match std::str::from_utf8(text) {
            Ok(text) if !text.contains('\0') => text.to_owned(),
            _ => format!("CAST(x'{}' AS TEXT)", hex::encode(text)),
        },
        Cell::Blob(bytes) => format!("x'{}'", hex::encode(bytes)),
    }
}
