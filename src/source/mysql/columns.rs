//! Values of small answers, which come as text.

/// The text in a column; `None` for NULL.
pub(super) fn text(row: &[Option<Vec<u8>>], at: usize) -> Option<String> {
    let bytes = row.get(at)?.as_ref()?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// The integer in a column; `None` for NULL, and beyond 64 bits.
pub(super) fn integer(row: &[Option<Vec<u8>>], at: usize) -> Option<i64> {
    text(row, at)?.parse().ok()
}
