//! Truth values in any storage class.

use crate::value::{BadValue, Cell};

const BOOLEAN: &str = "a boolean";

/// The truth value that a cell holds: the integers and reals 0 and 1, or a word as [`from_text`] reads it.
///
/// # Errors
/// The cell holds any other value.
#[inline]
pub fn from_cell(cell: Cell<'_>) -> Result<bool, BadValue> {
    match cell {
        Cell::Integer(0) | Cell::Real(0.0) => Ok(false),
        Cell::Integer(1) | Cell::Real(1.0) => Ok(true),
        Cell::Integer(_) | Cell::Real(_) => Err(BadValue::Range { wanted: "boolean" }),
        Cell::Text(text) => from_text(text),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted: BOOLEAN }),
    }
}

/// `true`, `yes`, `on`, `1` and their opposites in any case, unique beginnings of them, and white space around: what
/// PostgreSQL's `boolin` reads (<https://www.postgresql.org/docs/15/datatype-boolean.html>).
///
/// # Errors
/// The text is any other word.
pub fn from_text(text: &[u8]) -> Result<bool, BadValue> {
    let text = text.trim_ascii();
    let begins = |word: &[u8], least: usize| {
        text.len() >= least && word.get(..text.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(text))
    };
    if text == b"1" || begins(b"true", 1) || begins(b"yes", 1) || begins(b"on", 2) {
        Ok(true)
    } else if text == b"0" || begins(b"false", 1) || begins(b"no", 1) || begins(b"off", 2) {
        Ok(false)
    } else {
        Err(BadValue::Syntax { wanted: BOOLEAN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers() {
        for text in ["t", "TRUE", "tr", " yes ", "On", "1", "y"] {
            assert_eq!(from_text(text.as_bytes()), Ok(true), "{text}");
        }
        for text in ["f", "False", "n", "NO", "of", "off", "0"] {
            assert_eq!(from_text(text.as_bytes()), Ok(false), "{text}");
        }
        for text in ["", "o", "2", "truest", "ja", "00"] {
            assert_eq!(from_text(text.as_bytes()), Err(BadValue::Syntax { wanted: BOOLEAN }), "{text}");
        }
        assert_eq!(from_cell(Cell::Real(-0.0)), Ok(false));
        assert_eq!(from_cell(Cell::Integer(2)), Err(BadValue::Range { wanted: "boolean" }));
    }
}
