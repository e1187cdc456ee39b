//! MySQL's grammar, for the parser of expressions and queries.

use super::token::tokens;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::parse::Grammar;
use crate::dialect::token::{Token, TokenKind};
use sqlparser::dialect::MySqlDialect;

/// MySQL's SQL. The server has no limit of its own; canonical text has a parenthesis for every operator.
pub(super) const GRAMMAR: Grammar =
    Grammar { dialect: &MySqlDialect {}, levels: 300, levels_are: "the most that is translated" };

/// The text without what the parser does not know and can be said otherwise: `%` for MOD between two operands, and casts
/// to CHAR without the character set, which is that of every text here.
pub(super) fn parsable(text: &str) -> String {
    let text = &negations(text);
    let tokens = tokens(text);
    let (mut written, mut end) = (String::with_capacity(text.len()), 0);
    for pair in tokens.windows(2) {
        // Columns stand in quotes in canonical text; of words, only END ends an operand.
        let is_operand = pair[0].is("END")
            || matches!(pair[0].kind, TokenKind::Quoted | TokenKind::Literal | TokenKind::Number | TokenKind::Close);
        if is_operand && pair[1].is("MOD") {
            written.push_str(&text[end..pair[1].place.start]);
            written.push('%');
            end = pair[1].place.end;
        }
        let is_unicode = ["UTF8MB4", "UTF8MB3", "UTF8"].iter().any(|set| pair[1].is(set));
        if pair[0].is("CHARSET") && is_unicode {
            written.push_str(&text[end..pair[0].place.start]);
            end = pair[1].place.end;
        }
    }
    written + &text[end..]
}

/// The text with `(NOT …)` for `!(…)` and `!exists(…)`, as MariaDB writes NOT of a subquery.
fn negations(text: &str) -> String {
    let tokens = tokens(text);
    let (mut written, mut end, mut depth, mut open) = (String::with_capacity(text.len()), 0, 0_usize, Vec::new());
    let is_open = |at: usize| tokens.get(at).is_some_and(|token| token.kind == TokenKind::Open);
    let opens = |at: usize| is_open(at) || is_open(at + 1) && tokens[at].is("EXISTS");
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => {
                depth = depth.saturating_sub(1);
                if open.last() == Some(&depth) {
                    open.pop();
                    written.push_str(&text[end..token.place.end]);
                    written.push(')');
                    end = token.place.end;
                }
            }
            TokenKind::Other if token.text == "!" && opens(at + 1) => {
                written.push_str(&text[end..token.place.start]);
                written.push_str("(NOT ");
                end = token.place.end;
                open.push(depth);
            }
            _ => {}
        }
    }
    written + &text[end..]
}

/// Refuses a text with a backslash: the parser would take it for an escape, and so does the pattern of a LIKE.
pub(super) fn without_backslash(text: &str) -> Result<(), Untranslatable> {
    if !text.contains('\\') {
        return Ok(());
    }
    let is_name = |token: &Token<'_>| token.kind == TokenKind::Quoted && token.text.contains('\\');
    let freed = tokens(text)
        .iter()
        .filter(|token| is_name(token))
        .fold(text.to_owned(), |freed, name| freed.replacen(name.text, "", 1));
    let part = if freed.contains('\\') { "text" } else { "name" };
    Err(Untranslatable(format!("it has a {part} with a backslash, which is not translated")))
}

#[cfg(test)]
mod tests {
    use super::{parsable, without_backslash};

    #[test]
    fn a_backslash_is_in_a_text_or_a_name() {
        for (sql, part) in [(r"`a\b` = 1", "name"), (r"`a\b` = 'x\'", "text"), (r"`a` = 'x\'", "text")] {
            let reason = without_backslash(sql).unwrap_err().0;
            assert_eq!(reason, format!("it has a {part} with a backslash, which is not translated"));
        }
    }

    #[test]
    fn what_the_parser_does_not_know_is_said_otherwise() {
        for (text, expected) in [
            ("`a` MOD 7", "`a` % 7"),
            ("mod(`a`,7)", "mod(`a`,7)"),
            ("!(`a` in (select 1)) and `b`", "(NOT (`a` in (select 1))) and `b`"),
            ("!exists(select (1)) or !(`a`)", "(NOT exists(select (1))) or (NOT (`a`))"),
            ("`a` != (1)", "`a` != (1)"),
            ("'!(' = `a`", "'!(' = `a`"),
            ("cast(`a` as char charset utf8mb4)", "cast(`a` as char )"),
            ("cast(`a` as char charset latin1)", "cast(`a` as char charset latin1)"),
        ] {
            assert_eq!(parsable(text), expected);
        }
    }
}
