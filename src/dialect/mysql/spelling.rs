//! Spelling of names and texts. A session has NO_BACKSLASH_ESCAPES, so that a backslash is a character like any other.

use crate::name::split_database;

/// An identifier in backquotes.
/// Source: MySQL manual, "Schema Object Names".
#[must_use]
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table's name in backquotes. `in_database`: the name begins with its database.
#[must_use]
pub(crate) fn quote_table(name: &str, in_database: bool) -> String {
    match split_database(name).filter(|_| in_database) {
        Some((database, table)) => format!("{}.{}", quote(&database), quote(table)),
        None => quote(name),
    }
}

/// A text as a literal.
#[must_use]
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
