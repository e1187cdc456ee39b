//! LIKE and GLOB (<https://www.sqlite.org/lang_expr.html#the_like_glob_regexp_match_and_extract_operators>).

use crate::name::quote_literal;

/// SQLite's LIKE ignores the case of the 26 letters of ASCII, and has no escape character unless ESCAPE names one. The
/// subject is in lower case.
pub(super) fn like(subject: &str, negated: bool, pattern: &str, escape: Option<&str>) -> String {
    let not = if negated { "NOT " } else { "" };
    let pattern = quote_literal(&pattern.to_ascii_lowercase());
    let escape = quote_literal(escape.unwrap_or_default());
    format!("{subject} {not}LIKE {pattern} ESCAPE {escape}")
}

/// GLOB as a regular expression (PostgreSQL documentation, section 9.7.3); `None` if a set is not closed.
pub(super) fn glob(subject: &str, pattern: &str) -> Option<String> {
    let mut written = String::from("^");
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' => written.push_str(".*"),
            '?' => written.push('.'),
            '[' => {
                written.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    written.push('^');
                }
                // A bracket that comes first is a member of the set, on both sides.
                let mut first = true;
                loop {
                    match characters.next()? {
                        ']' if !first => break,
                        // In a set only the backslash is special to PostgreSQL and not to SQLite.
                        '\\' => written.push_str("\\\\"),
                        '[' => written.push_str("\\["),
                        member => written.push(member),
                    }
                    first = false;
                }
                written.push(']');
            }
            special if "\\^$.|+(){}]".contains(special) => {
                written.push('\\');
                written.push(special);
            }
            other => written.push(other),
        }
    }
    written.push('$');
    Some(format!("{subject} ~ {}", quote_literal(&written)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert_eq!(like("a", true, "X%", None), "a NOT LIKE 'x%' ESCAPE ''");
        assert_eq!(glob("a", "[A-Z]*?.txt").unwrap(), "a ~ E'^[A-Z].*.\\\\.txt$'");
        assert_eq!(glob("a", "[^0-9]").unwrap(), "a ~ '^[^0-9]$'");
        assert_eq!(glob("a", "[0-9"), None);
    }
}
