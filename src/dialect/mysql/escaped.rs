//! Backslashes in texts. The server's own SQL (views, MySQL's expressions) has escapes in every `sql_mode`, and so has all that a
//! session is sent; between the two a backslash is a character like any other, as under NO_BACKSLASH_ESCAPES.

use super::spelling::literal;
use std::borrow::Cow;

/// The SQL with its texts as a session with NO_BACKSLASH_ESCAPES would write them. The server prints a view's texts with
/// a backslash before quotes, backslashes and control characters, whatever the mode of the session that wrote the view.
/// Source: `Item_string::print()` in the server's sql/item.cc.
#[must_use]
pub(crate) fn without_escapes(sql: &str) -> String {
    let (mut plain, mut letters) = (String::with_capacity(sql.len()), sql.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '`' => {
                plain.push(letter);
                for letter in letters.by_ref() {
                    plain.push(letter);
                    if letter == '`' {
                        break;
                    }
                }
            }
            '\'' => {
                let mut words = String::new();
                while let Some(letter) = letters.next() {
                    match letter {
                        '\\' => words.extend(letters.next().map(unescaped)),
                        '\'' if letters.next_if_eq(&'\'').is_some() => words.push('\''),
                        '\'' => break,
                        other => words.push(other),
                    }
                }
                plain.push_str(&literal(&words));
            }
            other => plain.push(other),
        }
    }
    plain
}

/// A statement whose texts are written as under NO_BACKSLASH_ESCAPES, for a session without that mode.
///
/// No session has the mode: MySQL parses the expressions that a table has stored, whose texts have escapes, by the mode of the
/// session that opens the table, and keeps them so for the sessions of others (tested with MySQL 9). MariaDB takes the mode away
/// itself, as both do for views. Without it a backslash escapes in the pattern of a LIKE, as in the application's sessions.
#[must_use]
pub(crate) fn with_escapes(sql: &str) -> Cow<'_, str> {
    if !sql.contains('\\') {
        return Cow::Borrowed(sql);
    }
    let mut escaped = String::with_capacity(sql.len() + 8);
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
        let length = match first {
            // A doubled quote ends one text and begins the next, with nothing between them.
            '\'' => until("'", 1),
            '"' => until("\"", 1),
            '`' => until("`", 1),
            '#' => until("\n", 1),
            '-' if is_line_comment(rest) => until("\n", 2),
            '/' if rest.starts_with("/*") => until("*/", 2),
            other => other.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        match first {
            '\'' | '"' => escaped.push_str(&piece.replace('\\', "\\\\")),
            _ => escaped.push_str(piece),
        }
        rest = behind;
    }
    Cow::Owned(escaped)
}

/// Whether two dashes begin a comment: only before a space or a control character.
fn is_line_comment(sql: &str) -> bool {
    sql.strip_prefix("--").is_some_and(|behind| behind.bytes().next().is_none_or(|byte| byte <= b' '))
}

/// The character behind a backslash (MySQL manual, section "String Literals").
pub(crate) fn unescaped(letter: char) -> char {
    match letter {
        '0' => '\0',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'Z' => '\u{1a}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{with_escapes, without_escapes};

    #[test]
    fn texts_are_freed_and_names_stay() {
        for (sql, expected) in [
            (r"select 'O\'Neil' AS `x`", "select 'O''Neil' AS `x`"),
            (r"select 'a\\b','it''s'", r"select 'a\b','it''s'"),
            (r"select 'a\nb' AS `c\'`", "select 'a\nb' AS `c\\'`"),
            ("select `a``'b` from `t`", "select `a``'b` from `t`"),
        ] {
            assert_eq!(without_escapes(sql), expected);
        }
    }

    #[test]
    fn a_backslash_of_a_text_is_escaped_and_no_other() {
        for (sql, expected) in [
            ("SELECT 'it''s'", "SELECT 'it''s'"),
            (r"SELECT 'C:\x', `a\b` FROM t", r"SELECT 'C:\\x', `a\b` FROM t"),
            (r"SELECT 'a''\', '\''é'", r"SELECT 'a''\\', '\\''é'"),
            (r#"SELECT "it's\", 'x\'"#, r#"SELECT "it's\\", 'x\\'"#),
            ("SELECT 1 -- it's \\\n, '\\' # '\\\n + '\\'", "SELECT 1 -- it's \\\n, '\\\\' # '\\\n + '\\\\'"),
            (r"SELECT 5--'\' /* ' */, '\', 'a\", r"SELECT 5--'\\' /* ' */, '\\', 'a\\"),
        ] {
            assert_eq!(with_escapes(sql), expected);
        }
    }
}
