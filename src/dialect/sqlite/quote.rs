//! Spelling of names.

/// An identifier in quotes, always: SQLite has no list of reserved words that is stable over versions.
/// Source: <https://www.sqlite.org/lang_keywords.html>.
#[must_use]
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_is_doubled() {
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote(""), "\"\"");
    }
}
