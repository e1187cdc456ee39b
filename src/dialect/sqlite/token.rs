//! SQLite's tokens, as its tokenizer cuts them (`sqlite3GetToken` in tokenize.c): the end of a parenthesis, a comment
//! or a text is decided by exactly these rules, and no other parser's.

use crate::dialect::token::{NamesInSql, Token, TokenKind, cut};

/// The tokens of some SQL without spaces and comments.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    cut(sql, token)
}

/// The names in some SQL. SQLite takes a text for one where none can stand, `FROM 'users'`
/// (<https://www.sqlite.org/lang_keywords.html>).
pub(super) fn names(sql: &str) -> NamesInSql {
    let in_text = |token: &Token<'_>| {
        let text = token.text.strip_prefix('\'')?.strip_suffix('\'')?;
        (token.kind == TokenKind::Literal).then(|| text.replace("''", "'"))
    };
    NamesInSql::of(tokens(sql).iter().filter_map(|token| token.name().or_else(|| in_text(token))))
}

/// The first token's kind and length; the kind is `None` for spaces and comments.
fn token(rest: &[u8]) -> (Option<TokenKind>, usize) {
    let second = rest.get(1).copied();
    match rest[0] {
        b' ' | b'\t' | b'\n' | b'\x0c' | b'\r' => (None, 1),
        0xEF if rest.starts_with(b"\xEF\xBB\xBF") => (None, 3),
        0 => (Some(TokenKind::Nul), 1),
        b'-' if second == Some(b'-') => (None, rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())),
        b'/' if second == Some(b'*') => match rest[2..].windows(2).position(|pair| pair == b"*/") {
            Some(end) => (None, 2 + end + 2),
            None => (Some(TokenKind::EndlessComment), rest.len()),
        },
        b'\'' => quoted(rest, TokenKind::Literal),
        b'"' | b'`' => quoted(rest, TokenKind::Quoted),
        b'[' => up_to(rest, 0, b']', TokenKind::Quoted),
        b'x' | b'X' if second == Some(b'\'') => up_to(rest, 2, b'\'', TokenKind::Literal),
        b'0'..=b'9' => (Some(TokenKind::Number), word(rest)),
        b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => (Some(TokenKind::Number), word(rest)),
        b'?' | b'@' | b':' | b'#' | b'$' => (Some(TokenKind::Parameter), 1 + word(&rest[1..])),
        byte if is_in_name(byte) => (Some(TokenKind::Word), rest.iter().take_while(|byte| is_in_name(**byte)).count()),
        b'(' => (Some(TokenKind::Open), 1),
        b')' => (Some(TokenKind::Close), 1),
        b',' => (Some(TokenKind::Comma), 1),
        b';' => (Some(TokenKind::Semicolon), 1),
        _ => (Some(TokenKind::Other), 1),
    }
}

/// Characters of names: letters, digits, `_`, `$`, and all beyond ASCII (`IdChar` in tokenize.c).
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The length of a number or a parameter's name. A sign in an exponent begins another token here, which does not change
/// the end of an expression.
fn word(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| is_in_name(**byte) || **byte == b'.').count()
}

/// A text or a name in quotes; a doubled quote is a quote.
fn quoted(rest: &[u8], kind: TokenKind) -> (Option<TokenKind>, usize) {
    let quote = rest[0];
    let mut at = 1;
    while at < rest.len() {
        match (rest[at] == quote, rest.get(at + 1) == Some(&quote)) {
            (true, true) => at += 2,
            (true, false) => return (Some(kind), at + 1),
            // SQLite reads no further.
            (false, _) if rest[at] == 0 => return (Some(TokenKind::EndlessQuote), at),
            (false, _) => at += 1,
        }
    }
    (Some(TokenKind::EndlessQuote), rest.len())
}

/// The text that ends at the first `end` behind its first `from` bytes.
fn up_to(rest: &[u8], from: usize, end: u8, kind: TokenKind) -> (Option<TokenKind>, usize) {
    match rest[from..].iter().position(|byte| *byte == end || *byte == 0) {
        Some(length) if rest[from + length] == end => (Some(kind), from + length + 1),
        _ => (Some(TokenKind::EndlessQuote), rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn tokens_are_cut_where_sqlite_cuts_them() {
        assert_eq!(
            kinds("\u{feff}a$b('it''s', x'0f') -- ) ;\r'\n;/* ' */[x]]`q``q`"),
            [
                (TokenKind::Word, "a$b"),
                (TokenKind::Open, "("),
                (TokenKind::Literal, "'it''s'"),
                (TokenKind::Comma, ","),
                (TokenKind::Literal, "x'0f'"),
                (TokenKind::Close, ")"),
                (TokenKind::Semicolon, ";"),
                (TokenKind::Quoted, "[x]"),
                (TokenKind::Other, "]"),
                (TokenKind::Quoted, "`q``q`"),
            ]
        );
        assert_eq!(kinds("?1 :ä"), [(TokenKind::Parameter, "?1"), (TokenKind::Parameter, ":ä")]);
        assert_eq!(
            kinds("1.5e-3 .5"),
            [(TokenKind::Number, "1.5e"), (TokenKind::Other, "-"), (TokenKind::Number, "3"), (TokenKind::Number, ".5")]
        );
        for (endless, kind) in [
            ("/*/", TokenKind::EndlessComment),
            ("/*", TokenKind::EndlessComment),
            ("'a''", TokenKind::EndlessQuote),
            ("[a", TokenKind::EndlessQuote),
            ("x'a", TokenKind::EndlessQuote),
            ("'\0'", TokenKind::EndlessQuote),
            ("\0", TokenKind::Nul),
        ] {
            assert_eq!(kinds(endless).first().map(|(kind, _)| *kind), Some(kind), "{endless}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_no_name_and_a_text_may_be_one() {
        let names = names(
            "SELECT paid, \"Of it\" FROM 'it''s' WHERE [due on] > 'to id me' -- late\n AND /* total */ x'0a' <> ü",
        );
        for name in ["PAID", "of it", "it's", "due on", "Ü"] {
            assert!(names.have(name), "{name}");
        }
        for other in ["id", "due", "late", "total", "0a"] {
            assert!(!names.have(other), "{other}");
        }
    }

    #[test]
    fn names_are_what_their_quotes_hold() {
        let names = |sql| tokens(sql).iter().map(|token| token.name().unwrap()).collect::<Vec<_>>();
        assert_eq!(names("max \"m\"\"x\" `m``x` [m\"x]"), ["max", "m\"x", "m`x", "m\"x"]);
    }
}
