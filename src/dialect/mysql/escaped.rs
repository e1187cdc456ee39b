//! Texts in the canonical SQL of a view, which have escapes in every `sql_mode`.

use super::spelling::literal;

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
    use super::without_escapes;

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
}
