//! Quoting of identifiers and literals for PostgreSQL, and of keys and texts for TOML.

use super::keywords::is_reserved;
use super::visible::is_hidden;
use std::borrow::Cow;
use std::fmt::Write as _;

/// Quotes an identifier for PostgreSQL if it needs it, by the rules of PostgreSQL's own `quote_ident()`: if it is not
/// plain lower case, or is a keyword other than an unreserved one.
/// Source: PostgreSQL documentation, section 4.1.1 and appendix C.
#[must_use]
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if plain && !is_reserved(name) { Cow::Borrowed(name) } else { Cow::Owned(double(name, '"')) }
}

/// Quotes a text literal for PostgreSQL; with a backslash in it as `E'…'`, whose meaning does not depend on
/// `standard_conforming_strings`. Source: PostgreSQL documentation, section 4.1.2.
#[must_use]
pub fn quote_literal(text: &str) -> String {
    if text.contains('\\') { format!("E{}", double(&text.replace('\\', "\\\\"), '\'')) } else { double(text, '\'') }
}

/// Quotes a text in dollars, with a tag between them if the text contains the plain quote.
/// Source: PostgreSQL documentation, section 4.1.2.4.
#[must_use]
pub fn quote_in_dollars(text: &str) -> String {
    let tags = std::iter::once(String::new()).chain((1_u64..).map(|number| format!("body_{number}")));
    // PostgreSQL searches the end from the left: a dollar at the text's end would become part of the closing quote.
    let quoted = tags.map(|tag| format!("${tag}$")).find_map(|quote| {
        let closed = format!("{text}{quote}");
        (closed.find(&quote) == Some(text.len())).then(|| format!("{quote}{closed}"))
    });
    quoted.unwrap_or_default()
}

/// A key of TOML, quoted unless it is a bare key; for lines of spec in suggestions.
#[must_use]
pub fn quote_toml_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { name.to_owned() } else { quote_toml_text(name) }
}

/// A basic string of TOML. A JSON string is one, since TOML has all of JSON's escapes, except that TOML requires DEL to
/// be escaped. Other invisible characters are escaped as well.
#[must_use]
pub fn quote_toml_text(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    for character in serde_json::Value::from(text).to_string().chars() {
        if is_hidden(character) {
            let _infallible = write!(quoted, "\\U{:08x}", u32::from(character));
        } else {
            quoted.push(character);
        }
    }
    quoted
}

fn double(text: &str, quote: char) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for character in text.chars() {
        if character == quote {
            quoted.push(quote);
        }
        quoted.push(character);
    }
    quoted.push(quote);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_needs_it() {
        for (name, quoted) in [
            ("users", "users"),
            ("_private1", "_private1"),
            ("User", "\"User\""),
            ("order", "\"order\""),
            ("left", "\"left\""),
            ("between", "\"between\""),
            ("1st", "\"1st\""),
            ("a b", "\"a b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("", "\"\""),
            ("größe", "\"größe\""),
        ] {
            assert_eq!(quote_identifier(name), quoted);
        }
    }

    #[test]
    fn literals_keep_quotes_and_backslashes() {
        assert_eq!(quote_literal("it's"), "'it''s'");
        assert_eq!(quote_literal("a\\'b"), "E'a\\\\''b'");
    }

    #[test]
    fn dollars_of_a_text_do_not_end_it() {
        assert_eq!(quote_in_dollars("BEGIN END"), "$$BEGIN END$$");
        assert_eq!(quote_in_dollars("a$b"), "$$a$b$$");
        assert_eq!(quote_in_dollars("a$$b"), "$body_1$a$$b$body_1$");
        assert_eq!(quote_in_dollars("a$"), "$body_1$a$$body_1$");
        assert_eq!(quote_in_dollars("$$ $body_1$"), "$body_2$$$ $body_1$$body_2$");
    }

    #[test]
    fn keys_are_quoted_where_toml_needs_it() {
        assert_eq!(quote_toml_key("created_at"), "created_at");
        assert_eq!(quote_toml_key("created at"), "\"created at\"");
        assert_eq!(quote_toml_key("say \"hi\""), "\"say \\\"hi\\\"\"");
        assert_eq!(quote_toml_key("größe"), "\"größe\"");
        let hidden = "\u{1b}[m\u{7f}\u{202e}\u{e0041}";
        assert_eq!(quote_toml_key(hidden), "\"\\u001b[m\\U0000007f\\U0000202e\\U000e0041\"");
        let table: toml::Table = toml::from_str(&format!("{} = 1", quote_toml_key(hidden))).unwrap();
        assert!(table.contains_key(hidden));
    }
}
