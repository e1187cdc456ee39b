//! Spelling of names and texts. A session has NO_BACKSLASH_ESCAPES, so that a backslash is a character like any other.

/// An identifier in backquotes.
/// Source: MySQL manual, "Schema Object Names".
#[must_use]
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A text as a literal.
#[must_use]
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
