//! MySQL's grammar, for the parser of expressions and queries.

use super::token::tokens;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::parse::Grammar;
use crate::dialect::token::TokenKind;
use sqlparser::dialect::MySqlDialect;

/// MySQL's SQL. The server has no limit of its own; canonical text has a parenthesis for every operator.
pub(super) const GRAMMAR: Grammar =
    Grammar { dialect: &MySqlDialect {}, levels: 300, levels_are: "the most that is translated" };

/// The text with `%` for MOD between two operands, which the parser does not know.
pub(super) fn parsable(text: &str) -> String {
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
    }
    written + &text[end..]
}

/// Refuses a text with a backslash: whether it escapes depends on the session that wrote the text.
pub(super) fn without_backslash(text: &str) -> Result<(), Untranslatable> {
    if text.contains('\\') {
        return Err(Untranslatable("it has a backslash, which escapes or not by the session that wrote it".to_owned()));
    }
    Ok(())
}
