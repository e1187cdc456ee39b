//! Invisible characters, and those that move visible ones, written as escapes. A name may hold a terminal's control
//! sequence, or change the direction of the following text; the output has to show the name's real content.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Whether a character has an effect instead of a shape: the controls C0, DEL and C1; marks, embeddings, overrides and
/// isolates of the bidirectional algorithm (UAX 9); characters without width; line separators; tags.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text of several lines: every hidden character as `\u{1b}`, line ends and tabs as they are.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden_in_text)
}

/// A name: line ends and tabs are escaped as well.
#[must_use]
pub fn visible_name(text: &str) -> Cow<'_, str> {
    escaped(text, |character, _| is_hidden(character))
}

/// A JSON document: hidden characters, which stand in its strings alone, as JSON's own escapes. Its values stay the same.
#[must_use]
pub fn visible_json(text: &str) -> Cow<'_, str> {
    if !has(text, is_hidden_in_text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (character, next) in with_next(text) {
        if is_hidden_in_text(character, next) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _infallible = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// PostgreSQL's SQL with the same meaning: hidden characters of quoted identifiers and strings as `U&"\001b"` and
/// `E'\u001b'` (PostgreSQL documentation, sections 4.1.1 and 4.1.2). Those of comments and of dollar-quoted strings,
/// which have no escapes, are shown as [`visible`] shows them.
#[must_use]
pub fn visible_sql(sql: &str) -> Cow<'_, str> {
    // A line end is one of them: in a quoted identifier it is escaped.
    if !has(sql, |character, _| is_hidden(character)) {
        return Cow::Borrowed(sql);
    }
    let mut lexer = Lexer { rest: sql, shown: String::with_capacity(sql.len() + 16) };
    while !lexer.rest.is_empty() {
        lexer.token();
    }
    Cow::Owned(lexer.shown)
}

fn is_hidden_in_text(character: char, next: Option<char>) -> bool {
    is_hidden(character) && !matches!((character, next), ('\n' | '\t', _) | ('\r', Some('\n')))
}

fn with_next(text: &str) -> impl Iterator<Item = (char, Option<char>)> + '_ {
    let mut characters: Peekable<Chars<'_>> = text.chars().peekable();
    std::iter::from_fn(move || characters.next().map(|character| (character, characters.peek().copied())))
}

fn has(text: &str, is_escaped: impl Fn(char, Option<char>) -> bool) -> bool {
    with_next(text).any(|(character, next)| is_escaped(character, next))
}

fn escaped(text: &str, is_escaped: impl Fn(char, Option<char>) -> bool) -> Cow<'_, str> {
    if !has(text, &is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (character, next) in with_next(text) {
        if is_escaped(character, next) {
            let _infallible = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// A lexer for SQL that distinguishes quotes and comments only.
struct Lexer<'s> {
    rest: &'s str,
    shown: String,
}

impl<'s> Lexer<'s> {
    fn token(&mut self) {
        let rest = self.rest;
        if rest.starts_with("--") {
            let comment = self.take(rest.find('\n').unwrap_or(rest.len()));
            self.shown.push_str(&visible(comment));
        } else if rest.starts_with("/*") {
            let comment = self.take(end_of_comment(rest));
            self.shown.push_str(&visible(comment));
        } else if rest.starts_with('"') {
            let quoted = self.take(end_of_quoted(rest, '"', false));
            self.identifier(quoted);
        } else if rest.starts_with('\'') {
            let is_escape_string = self.ends_with_prefix("e");
            let quoted = self.take(end_of_quoted(rest, '\'', is_escape_string));
            self.string(quoted, is_escape_string);
        } else if let Some(end) = self.end_of_dollar_quoted() {
            let quoted = self.take(end);
            self.shown.push_str(&visible(quoted));
        } else if let Some(character) = rest.chars().next() {
            self.take(character.len_utf8());
            match character {
                // Outside of quotes each of them is a blank; a lone carriage return ends a line.
                '\r' if !self.rest.starts_with('\n') => self.shown.push('\n'),
                '\u{b}' | '\u{c}' => self.shown.push(' '),
                _ => self.shown.push_str(&visible_with(character, self.rest)),
            }
        }
    }

    fn take(&mut self, length: usize) -> &'s str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    /// Whether the next quote has this prefix, in lower or upper case, rather than a name that ends in it.
    fn ends_with_prefix(&self, prefix: &str) -> bool {
        let Some(at) = self.shown.len().checked_sub(prefix.len()) else { return false };
        let before = self.shown.get(at..).filter(|end| end.eq_ignore_ascii_case(prefix));
        before.is_some() && !self.shown.get(..at).is_some_and(|start| start.chars().next_back().is_some_and(is_word))
    }

    fn identifier(&mut self, quoted: &str) {
        if !has(quoted, |character, _| is_hidden(character)) {
            self.shown.push_str(quoted);
            return;
        }
        let has_escapes = self.ends_with_prefix("u&");
        if !has_escapes {
            self.shown.push_str("U&");
        }
        for character in quoted.chars() {
            match character {
                '\\' if !has_escapes => self.shown.push_str("\\\\"),
                character if is_hidden(character) => {
                    let _infallible = write!(self.shown, "{}", Unicode(character));
                }
                character => self.shown.push(character),
            }
        }
    }

    fn string(&mut self, quoted: &str, is_escape_string: bool) {
        if !has(quoted, is_hidden_in_text) {
            self.shown.push_str(quoted);
            return;
        }
        let has_unicode_escapes = self.ends_with_prefix("u&");
        let is_plain = !is_escape_string && !has_unicode_escapes;
        if is_plain {
            // `DATE'…'` needs no blank, `DATE E'…'` does.
            let blank = if self.shown.chars().next_back().is_some_and(is_word) { " " } else { "" };
            let _infallible = write!(self.shown, "{blank}E");
        }
        for (character, next) in with_next(quoted) {
            let _infallible = match character {
                '\\' if is_plain => write!(self.shown, "\\\\"),
                character if !is_hidden_in_text(character, next) => write!(self.shown, "{character}"),
                character if has_unicode_escapes => write!(self.shown, "{}", Unicode(character)),
                character if u32::from(character) > 0xffff => write!(self.shown, "\\U{:08x}", u32::from(character)),
                character => write!(self.shown, "\\u{:04x}", u32::from(character)),
            };
        }
    }

    /// The end of `$tag$…$tag$`, if one begins here.
    fn end_of_dollar_quoted(&self) -> Option<usize> {
        let inside = self.rest.strip_prefix('$')?;
        if self.shown.chars().next_back().is_some_and(is_word) {
            return None;
        }
        let tag = &inside[..inside.find('$')?];
        if tag.starts_with(|first: char| first.is_ascii_digit())
            || !tag.chars().all(|letter| is_word(letter) && letter != '$')
        {
            return None;
        }
        let mark = &self.rest[..tag.len() + 2];
        let body = &self.rest[mark.len()..];
        Some(body.find(mark).map_or(self.rest.len(), |end| mark.len() + end + mark.len()))
    }
}

/// A character in `U&"…"`.
struct Unicode(char);

impl std::fmt::Display for Unicode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = u32::from(self.0);
        if code > 0xffff { write!(formatter, "\\+{code:06x}") } else { write!(formatter, "\\{code:04x}") }
    }
}

/// One character as [`visible`] shows it before `next`.
fn visible_with(character: char, next: &str) -> String {
    if is_hidden_in_text(character, next.chars().next()) {
        format!("\\u{{{:x}}}", u32::from(character))
    } else {
        character.to_string()
    }
}

/// Whether a character may stand within a name without quotes.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

/// Comments nest in PostgreSQL.
fn end_of_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth.saturating_sub(1), at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            match rest.chars().next() {
                Some(character) => at += character.len_utf8(),
                None => return text.len(),
            }
        }
    }
}

/// The end of a quoted token, in which the quote is doubled.
fn end_of_quoted(text: &str, quote: char, has_backslashes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if has_backslashes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_seen() {
        assert_eq!(visible("größe\n\tis fine\r\n"), "größe\n\tis fine\r\n");
        assert_eq!(visible("\u{1b}[41mbad\u{7}\rover"), "\\u{1b}[41mbad\\u{7}\\u{d}over");
        assert_eq!(
            visible("\u{9b}\u{7f}\u{202e}\u{200b}\u{feff}\u{2069}"),
            "\\u{9b}\\u{7f}\\u{202e}\\u{200b}\\u{feff}\\u{2069}"
        );
        assert_eq!(visible_name("a\nb\tc"), "a\\u{a}b\\u{9}c");
        assert_eq!(visible_json("{\n \"a\u{9b}\u{202e}\u{e0041}\": 1}"), "{\n \"a\\u009b\\u202e\\udb40\\udc41\": 1}");
    }

    #[test]
    fn sql_means_the_same() {
        for (sql, shown) in [
            ("SELECT 'plain', \"Name\", $$a$$\r\n", "SELECT 'plain', \"Name\", $$a$$\r\n"),
            ("\"\u{1b}[41m \"\"x\\\"", "U&\"\\001b[41m \"\"x\\\\\""),
            ("app.\"a\nb\"", "app.U&\"a\\000ab\""),
            ("U&\"\\0041\u{7}\"", "U&\"\\0041\\0007\""),
            ("'it''s\\\u{1b}'", "E'it''s\\\\\\u001b'"),
            ("DATE'\u{202e}'", "DATE E'\\u202e'"),
            ("E'\\'\u{7}' \"a\"", "E'\\'\\u0007' \"a\""),
            ("U&'\u{e0041}'", "U&'\\+0e0041'"),
            ("'\u{e0041}'", "E'\\U000e0041'"),
            ("'two\nlines'", "'two\nlines'"),
            ("-- \" \u{1b}\n'\u{7}'", "-- \" \\u{1b}\nE'\\u0007'"),
            ("/* ' /* \u{1b} */ ' */ '\u{7}'", "/* ' /* \\u{1b} */ ' */ E'\\u0007'"),
            ("$x$ ' \u{1b} $x$ '\u{7}'", "$x$ ' \\u{1b} $x$ E'\\u0007'"),
            ("a\rb\u{c}c$1$ '\u{7}'", "a\nb c$1$ E'\\u0007'"),
            ("'\u{7} open", "E'\\u0007 open"),
        ] {
            assert_eq!(visible_sql(sql), shown, "{sql:?}");
        }
    }
}
