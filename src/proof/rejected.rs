//! Rejected row as the ledger has to keep it, written by the proving side itself, so that a value which the ledger
//! keeps wrongly is found.

use crate::plan::TableMapping;
use crate::source::Row;
use crate::target::ledger::RejectedTally;
use crate::value::Cell;
use std::fmt::Write as _;

/// Buffers for the words, reused from row to row.
#[derive(Debug, Default)]
pub(super) struct RejectedRowWriter {
    key: String,
    content: String,
}

impl RejectedRowWriter {
    /// Counts a rejected row.
    pub(super) fn count(&mut self, mapping: &TableMapping, row: &Row<'_>, tally: &mut RejectedTally) {
        let Self { key, content } = self;
        key.clear();
        if !write_key(mapping, row, key) {
            key.push_str("a row without a key");
        }
        content.clear();
        content.push('{');
        let copied = mapping.columns.iter().enumerate().filter(|(_, column)| column.generated.is_none());
        for (at, (position, column)) in copied.enumerate() {
            content.push_str(if at == 0 { "" } else { ", " });
            write_string(&column.source, content);
            content.push_str(": ");
            write_value(row.cell(position), content);
        }
        content.push('}');
        tally.add(key, content);
    }
}

/// `id=5`, or `user_id=1, role=admin`; false if there is no key.
pub(super) fn write_key(mapping: &TableMapping, row: &Row<'_>, out: &mut String) -> bool {
    let names = mapping.row_identity.columns();
    for (at, (name, cell)) in names.iter().zip(row.key()).enumerate() {
        // Writing to a String cannot fail.
        let _infallible = write!(out, "{}{name}=", if at == 0 { "" } else { ", " });
        let _infallible = match (cell, characters(cell)) {
            (_, Some(text)) => write!(out, "{text}"),
            (Cell::Integer(integer), _) => write!(out, "{integer}"),
            (Cell::Real(real), _) => write!(out, "{real}"),
            (Cell::Text(text), _) => write!(out, "CAST(x'{}' AS TEXT)", hex::encode(text)),
            (Cell::Blob(bytes), _) => write!(out, "x'{}'", hex::encode(bytes)),
            (Cell::Null, _) => write!(out, "NULL"),
        };
    }
    !names.is_empty()
}

/// Text of a cell, if it is valid UTF-8.
fn characters<'a>(cell: Cell<'a>) -> Option<&'a str> {
    let Cell::Text(text) = cell else { return None };
    std::str::from_utf8(text).ok().filter(|text| !text.contains('\0'))
}

/// The ledger's JSON of a stored value: a value that is no number, string or null of JSON is an object that names its
/// kind.
fn write_value(cell: Cell<'_>, out: &mut String) {
    let _infallible = match (cell, characters(cell)) {
        (_, Some(text)) => {
            write_string(text, out);
            Ok(())
        }
        (Cell::Null, _) => write!(out, "null"),
        (Cell::Integer(integer), _) => write!(out, "{integer}"),
        // The shortest form, always with a point or an exponent.
        (Cell::Real(real), _) if real.is_finite() => write!(out, "{real:?}"),
        (Cell::Real(real), _) if real.is_nan() => write!(out, r#"{{"real": "NaN"}}"#),
        (Cell::Real(real), _) => write!(out, r#"{{"real": "{}Infinity"}}"#, if real > 0.0 { "" } else { "-" }),
        (Cell::Text(text), _) => write!(out, r#"{{"text": "{}"}}"#, hex::encode(text)),
        (Cell::Blob(bytes), _) => write!(out, r#"{{"blob": "{}"}}"#, hex::encode(bytes)),
    };
}

/// Text as a JSON string; control characters by their number (RFC 8259, section 7).
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\x1f' => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}
