//! Expressions of information_schema in one form: with texts in which a backslash is a character like any other.

use crate::dialect::mysql::{literal, unescaped, without_escapes};

/// An expression of a CHECK, a generated column, a default or an index's key. Its texts have escapes, whoever wrote them, in a
/// session without NO_BACKSLASH_ESCAPES; MySQL's data dictionary keeps all of it escaped once more: `_utf8mb4\'x\'`.
pub(super) fn plain(text: &str, is_mariadb: bool) -> String {
    if is_mariadb { without_escapes(text) } else { without_escapes(&freed(text)) }
}

/// An expression of MySQL's data dictionary as SHOW CREATE TABLE has it.
pub(super) fn freed(text: &str) -> String {
    let (mut freed, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        freed.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    freed
}

/// A text of MariaDB, in quotes and with escapes, as a literal without; `None` if `text` is any other expression.
/// Source: `append_unescaped()` in MariaDB's sql/unireg.cc and sql/sql_show.cc, which does not look at sql_mode.
pub(super) fn unescaped_literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut value = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        value.push(match letter {
            '\\' => unescaped(letters.next()?),
            // Two quotes are one; a single one ends the text, and an expression goes on behind it.
            '\'' => (letters.next()? == '\'').then_some('\'')?,
            other => other,
        });
    }
    Some(literal(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_freed_of_escapes() {
        assert_eq!(unescaped_literal(r"'a''b\\c'").as_deref(), Some(r"'a''b\c'"));
        assert_eq!(unescaped_literal(r"'ab\0'").as_deref(), Some("'ab\0'"));
        assert_eq!(unescaped_literal("'a' + 'b'"), None);
        assert_eq!(unescaped_literal("curdate()"), None);
        // As MySQL 9.7 gives it.
        assert_eq!(freed(r"(`name` <> _utf8mb4\'it\\\'s\')"), r"(`name` <> _utf8mb4'it\'s')");
        assert_eq!(plain(r"(`name` <> _utf8mb4\'it\\\'s\')", false), r"(`name` <> _utf8mb4'it''s')");
        assert_eq!(plain(r"concat(_utf8mb4\'C:\\\\\',`w`)", false), r"concat(_utf8mb4'C:\',`w`)");
        assert_eq!(plain(r"`name` <> 'a\\b\'s'", true), r"`name` <> 'a\b''s'");
    }
}
