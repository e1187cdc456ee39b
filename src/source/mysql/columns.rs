//! Values of small answers, which come as text.

use super::client::ClientError;

/// The text in a column; `None` for NULL.
pub(super) fn text(row: &[Option<Vec<u8>>], at: usize) -> Option<String> {
    let bytes = row.get(at)?.as_ref()?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// The integer in a column; `None` for NULL, and beyond 64 bits.
pub(super) fn integer(row: &[Option<Vec<u8>>], at: usize) -> Option<i64> {
    text(row, at)?.parse().ok()
}

/// The number of rows that a `count(*)` gave.
///
/// # Errors
/// The answer has no number there: a count that is made up would hide rows.
pub(super) fn count(rows: &[Vec<Option<Vec<u8>>>], at: usize) -> Result<u64, ClientError> {
    let counted = rows.first().and_then(|row| text(row, at)).and_then(|count| count.parse().ok());
    counted.ok_or_else(|| ClientError::protocol("a count that is no number"))
}
