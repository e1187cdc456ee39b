//! Spelling of names and texts. A backslash is a character like any other; a session is sent it escaped (`escaped.rs`).

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

/// The key over the first characters of a column, or bytes of a binary one, as an expression.
#[must_use]
pub(crate) fn prefix_key(column: &str, length: &str) -> String {
    format!("left({}, {length})", quote(column))
}

/// The column and the length of a [`prefix_key`]; `None` for any other expression.
pub(super) fn prefix(expression: &str) -> Option<(String, usize)> {
    let (column, length) = expression.strip_prefix("left(`")?.strip_suffix(')')?.rsplit_once("`, ")?;
    let column = column.replace("``", "`");
    let is_one_name = prefix_key(&column, length) == expression;
    is_one_name.then(|| Some((column, length.parse().ok()?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_told_from_other_expressions() {
        for column in ["name", "a`b", "`, 1), left(`"] {
            assert_eq!(prefix(&prefix_key(column, "7")), Some((column.to_owned(), 7)));
        }
        for other in ["left(`a`,7)", "concat(`a`, 7)", "left(`a` || `b`, 7)", "left(`a`, `b`, 7)"] {
            assert_eq!(prefix(other), None, "{other}");
        }
    }
}
