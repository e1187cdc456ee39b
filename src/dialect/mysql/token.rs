//! MySQL's tokens, as its tokenizer cuts them (`lex_one_token` in sql_lex.cc), under NO_BACKSLASH_ESCAPES and without
//! ANSI_QUOTES, as all SQL is written here (`escaped.rs`): a backslash is a character like any other, `"…"` is a text.
//! Source: MySQL manual, chapter "Language Structure".

use crate::dialect::token::{Token, TokenKind, cut};

/// The tokens of some SQL without spaces and comments. A comment that the server executes is a token.
pub(super) fn tokens(sql: &str) -> Vec<Token<'_>> {
    cut(sql, token)
}

/// The first token's kind and length; the kind is `None` for spaces and comments.
fn token(rest: &[u8]) -> (Option<TokenKind>, usize) {
    let second = rest.get(1).copied();
    let line = || rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    match rest[0] {
        b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r' => (None, 1),
        0 => (Some(TokenKind::Nul), 1),
        b'#' => (None, line()),
        // Two dashes begin a comment only before a space or a control character: 5--1 is 6.
        b'-' if second == Some(b'-') && rest.get(2).is_none_or(|byte| *byte <= b' ') => (None, line()),
        b'/' if second == Some(b'*') => comment(rest),
        b'\'' | b'"' => quoted(rest, TokenKind::Literal),
        b'`' => quoted(rest, TokenKind::Quoted),
        b'x' | b'X' | b'b' | b'B' | b'n' | b'N' if second == Some(b'\'') => {
            let (kind, length) = quoted(&rest[1..], TokenKind::Literal);
            (kind, length + 1)
        }
        // A name may begin with digits; whether it is one does not decide where an expression ends.
        b'0'..=b'9' => (Some(TokenKind::Number), number(rest)),
        b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => (Some(TokenKind::Number), number(rest)),
        b'?' => (Some(TokenKind::Parameter), 1),
        // The variables of the server, @@name, are values; those of the session carry a state from row to row.
        b'@' if second == Some(b'@') => (Some(TokenKind::Other), 2),
        b'@' => (Some(TokenKind::Variable), 1),
        b':' if second == Some(b'=') => (Some(TokenKind::Variable), 2),
        // No server knows these: `parameter` writes them as `?`.
        b':' if second.is_some_and(is_in_name) => {
            (Some(TokenKind::Parameter), 1 + rest[1..].iter().take_while(|byte| is_in_name(**byte)).count())
        }
        byte if is_in_name(byte) => (Some(TokenKind::Word), rest.iter().take_while(|byte| is_in_name(**byte)).count()),
        b'(' => (Some(TokenKind::Open), 1),
        b')' => (Some(TokenKind::Close), 1),
        b',' => (Some(TokenKind::Comma), 1),
        b';' => (Some(TokenKind::Semicolon), 1),
        _ => (Some(TokenKind::Other), 1),
    }
}

/// A comment in `/*` and `*/`. The server executes the text of `/*! … */`, and MariaDB that of `/*M! … */`, if its
/// version is high enough; `/*+ … */` are hints, which may set variables.
fn comment(rest: &[u8]) -> (Option<TokenKind>, usize) {
    let is_executed = match rest.get(2) {
        Some(b'!' | b'+') => true,
        Some(b'M' | b'm') => rest.get(3) == Some(&b'!'),
        _ => false,
    };
    match rest[2..].windows(2).position(|pair| pair == b"*/") {
        _ if is_executed => (Some(TokenKind::ExecutedComment), rest.len()),
        Some(end) => (None, 2 + end + 2),
        None => (Some(TokenKind::EndlessComment), rest.len()),
    }
}

/// Characters of names: letters, digits, `_`, `$`, and all beyond ASCII.
fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// The length of a number. A sign in an exponent begins another token here, which does not change the end of an
/// expression.
fn number(rest: &[u8]) -> usize {
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
            (false, _) => at += 1,
        }
    }
    (Some(TokenKind::EndlessQuote), rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::dialect::mysql::Mysql;

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn a_part_of_a_name_is_no_name_and_neither_is_a_text() {
        let names = Mysql
            .names("select `shop`.`orders`.`paid` from `shop`.`orders` where `a``b` > 'id' and c = \"due\" # late");
        for name in ["Orders", "paid", "a`b", "shop", "C"] {
            assert!(names.have(name), "{name}");
        }
        for other in ["id", "due", "late", "shop.orders", "b"] {
            assert!(!names.have(other), "{other}");
        }
    }

    #[test]
    fn the_first_of_two_conditions_ends_where_its_parenthesis_does() {
        for (sql, first) in [
            ("(a = ')') AND (b = 1)", Some("(a = ')')")),
            (" (a = 1 -- it's )\n) AND b", Some("(a = 1 -- it's )\n)")),
            ("(a = 1 # ) AND\n) AND (b)", Some("(a = 1 # ) AND\n)")),
            ("((a) AND (b)) and c", Some("((a) AND (b))")),
            ("(a) OR (b) AND c", None),
            ("(a)", None),
            ("a AND (b)", None),
            ("(a AND b", None),
            (") AND b", None),
            ("", None),
        ] {
            assert_eq!(Mysql.first_condition(sql), first, "{sql}");
        }
    }

    #[test]
    fn tokens_are_cut_where_mysql_cuts_them() {
        use TokenKind::{Close, Literal, Number, Open, Other, Quoted, Word};
        assert_eq!(
            kinds("a$b('it''s\\', x'0f', \"q\"\"(\") -- ) ;\r'\n # )\n/* ' */`q``(`"),
            [
                (Word, "a$b"),
                (Open, "("),
                (Literal, "'it''s\\'"),
                (TokenKind::Comma, ","),
                (Literal, "x'0f'"),
                (TokenKind::Comma, ","),
                (Literal, "\"q\"\"(\""),
                (Close, ")"),
                (Quoted, "`q``(`"),
            ]
        );
        assert_eq!(kinds("5--1"), [(Number, "5"), (Other, "-"), (Other, "-"), (Number, "1")]);
        assert_eq!(kinds("1 --"), [(Number, "1")]);
        assert_eq!(kinds("@@version"), [(Other, "@@"), (Word, "version")]);
        for (sql, kind) in [
            ("/*", TokenKind::EndlessComment),
            ("'a''", TokenKind::EndlessQuote),
            ("`a", TokenKind::EndlessQuote),
            ("x'a", TokenKind::EndlessQuote),
            ("/*!50000 1 */", TokenKind::ExecutedComment),
            ("/*M!100000 1 */", TokenKind::ExecutedComment),
            ("/*+ SET_VAR(sql_mode = '') */", TokenKind::ExecutedComment),
            ("@x", TokenKind::Variable),
            (":= 1", TokenKind::Variable),
            ("?", TokenKind::Parameter),
            (":name", TokenKind::Parameter),
            (": name", TokenKind::Other),
            ("\0", TokenKind::Nul),
        ] {
            assert_eq!(kinds(sql).first().map(|(kind, _)| *kind), Some(kind), "{sql}");
        }
    }
}
