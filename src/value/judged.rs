//! Values that PostgreSQL's own input functions read: the form in which they are sent, and the verdicts on them.
//!
//! A value is sent as one JSON document: text as a string, which the type's input function reads; a JSON array for a column of
//! arrays, or a JSON object for one of composites, as it is, because PostgreSQL reads these element by element
//! (`json_to_record`). The document names the value in verdicts too.

use super::text;
use super::{BadValue, Cell, float, json};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_128;

/// Content of such a column, for messages.
const WANTED: &str = "what PostgreSQL reads from text";

/// Appends the document of a value.
///
/// # Errors
/// A blob, or text that is not UTF-8 or has a NUL character.
pub fn write_document(cell: Cell<'_>, blobs: bool, out: &mut Vec<u8>) -> Result<(), BadValue> {
    match cell {
        Cell::Text(bytes) => write_text(text::checked(bytes)?, out),
        Cell::Blob(bytes) if blobs => write_text(text::checked(bytes)?, out),
        Cell::Integer(number) => {
            out.push(b'"');
            float::write_integer(number, out);
            out.push(b'"');
        }
        Cell::Real(number) => {
            out.push(b'"');
            float::write_text(number, out);
            out.push(b'"');
        }
        Cell::Null | Cell::Blob(_) => return Err(BadValue::Class { found: cell.storage_class(), wanted: WANTED }),
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    if is_structured(text) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        let byte = rest[at];
        out.extend_from_slice(&rest[..at]);
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Whether text is a JSON array, or an object that is not empty: `{}` is an empty array as PostgreSQL spells it.
fn is_structured(text: &str) -> bool {
    let trimmed = text.trim_start();
    let begins =
        trimmed.starts_with('[') || trimmed.strip_prefix('{').is_some_and(|inner| inner.trim_start().starts_with('"'));
    begins && json::check(text.as_bytes()).is_ok()
}

/// The verdicts on the values of one column: those that do not fit, by the hash of their document. What is not among them
/// fits, or was not asked about. Clones share the verdicts.
#[derive(Clone, Default)]
pub struct Verdicts(Arc<RwLock<KnownVerdicts>>);

#[derive(Default)]
struct KnownVerdicts {
    bad: HashMap<u128, BadValue>,
    /// Whether every value of the column, in the state that is copied, was asked about.
    is_complete: bool,
}

impl Verdicts {
    /// The verdict on a document.
    ///
    /// # Errors
    /// PostgreSQL does not take it, or would alter it.
    pub fn of(&self, document: &[u8]) -> Result<(), BadValue> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.bad.is_empty() {
            return Ok(());
        }
        known.bad.get(&xxh3_128(document)).map_or(Ok(()), |bad| Err(*bad))
    }

    /// Notes that a document does not fit.
    pub fn refuse(&self, document: &[u8], bad: BadValue) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).bad.insert(xxh3_128(document), bad);
    }

    /// Notes that every value was asked about.
    pub fn complete(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).is_complete = true;
    }

    /// Whether every value was asked about.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_complete
    }
}

impl std::fmt::Debug for Verdicts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Verdicts")
    }
}

/// Verdicts are what is known of values, and not what the values are.
impl PartialEq for Verdicts {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Verdicts {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::InputRefusal;

    fn document(cell: Cell<'_>) -> Result<String, BadValue> {
        let mut out = Vec::new();
        write_document(cell, false, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn text_is_a_string_and_structure_stays() {
        let of_text = |text: &str| document(Cell::Text(text.as_bytes())).unwrap();
        assert_eq!(of_text("10.0.0.0/8"), "\"10.0.0.0/8\"");
        assert_eq!(of_text("a \"b\" \\ \n"), "\"a \\\"b\\\" \\\\ \\u000a\"");
        assert_eq!(of_text(r#"["a", null]"#), r#"["a", null]"#);
        assert_eq!(of_text(r#"{"x": 1}"#), r#"{"x": 1}"#);
        assert_eq!(of_text("{1,2}"), "\"{1,2}\"");
        assert_eq!(of_text("{}"), "\"{}\"");
        assert_eq!(of_text("[1:2]={1,2}"), "\"[1:2]={1,2}\"");
        assert_eq!(of_text("[2024-01-01,2025-01-01)"), "\"[2024-01-01,2025-01-01)\"");
        assert_eq!(document(Cell::Integer(-5)).unwrap(), "\"-5\"");
        assert_eq!(document(Cell::Real(0.5)).unwrap(), "\"0.5\"");
        assert!(document(Cell::Blob(b"x")).is_err());
        assert_eq!(document(Cell::Text(b"a\0")), Err(BadValue::NulCharacter));
    }

    #[test]
    fn clones_share_their_verdicts() {
        let verdicts = Verdicts::default();
        let bad = BadValue::Input(InputRefusal::of_code("22P02"));
        let clone = Verdicts::clone(&verdicts);
        clone.refuse(b"\"x\"", bad);
        assert_eq!(verdicts.of(b"\"x\""), Err(bad));
        assert_eq!(verdicts.of(b"\"y\""), Ok(()));
        assert_eq!(bad.to_string(), "PostgreSQL does not read it as the type: it is spelled otherwise");
    }
}
