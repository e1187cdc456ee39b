//! Parsing, within limits: planning ends soon whatever the source holds.
//!
//! SQLite itself takes expressions of 1,000 levels and no more
//! (<https://www.sqlite.org/limits.html#max_expr_depth>); what is deeper here was made by another build or by hand. The
//! parser, the translator and the destruction of the tree go down level by level, on a stack of their own.

use super::Untranslatable;
use sqlparser::ast::{Expr, Statement};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Levels of parentheses, CASE and subqueries. The parser counts a parenthesis more than once.
const LEVELS: usize = 1000;

/// Tokens of one expression or view: also the levels that a chain of operators can have.
const TOKENS: usize = 60_000;

/// The stack for the deepest tree. It is reserved, and taken only as far as it is needed.
const STACK: usize = 192 << 20;

/// Parses an expression and does something with it.
pub(crate) fn expression<T>(
    text: &str,
    then: impl FnOnce(&Expr) -> Result<T, Untranslatable>,
) -> Result<T, Untranslatable> {
    within_limits(text, |parser| {
        let expression = parser.parse_expr().map_err(|error| unreadable(&error))?;
        match &parser.peek_token().token {
            Token::EOF => then(&expression),
            other => Err(Untranslatable(format!("it cannot be parsed beyond `{other}`"))),
        }
    })
}

/// Parses statements and does something with them.
pub(crate) fn statements<T>(
    text: &str,
    then: impl FnOnce(&[Statement]) -> Result<T, Untranslatable>,
) -> Result<T, Untranslatable> {
    within_limits(text, |parser| then(&parser.parse_statements().map_err(|error| unreadable(&error))?))
}

fn within_limits<T>(
    text: &str,
    then: impl FnOnce(&mut Parser<'_>) -> Result<T, Untranslatable>,
) -> Result<T, Untranslatable> {
    let dialect = SQLiteDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location();
    let tokens = tokens.map_err(|error| unreadable(&error.into()))?;
    let is_word = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
    if tokens.iter().filter(is_word).count() > TOKENS {
        return Err(Untranslatable(format!("it is longer than {TOKENS} words and signs, the most that is translated")));
    }
    if levels(&tokens) > LEVELS {
        return Err(too_deep());
    }
    let mut parser = Parser::new(&dialect).with_recursion_limit(4 * LEVELS).with_tokens_with_locations(tokens);
    stacker::grow(STACK, || then(&mut parser))
}

/// How deep parentheses, CASE and signs before one another are nested.
fn levels(tokens: &[TokenWithSpan]) -> usize {
    let (mut level, mut deepest, mut signs) = (0_usize, 0_usize, 0_usize);
    for TokenWithSpan { token, .. } in tokens {
        let is_word = |token: &Token, words: &[&str]| matches!(token, Token::Word(word) if word.quote_style.is_none() && words.iter().any(|known| word.value.eq_ignore_ascii_case(known)));
        match token {
            Token::Whitespace(_) => continue,
            Token::LParen => level += 1,
            Token::RParen => level = level.saturating_sub(1),
            token if is_word(token, &["CASE"]) => level += 1,
            token if is_word(token, &["END"]) => level = level.saturating_sub(1),
            _ => {}
        }
        // Each of NOT NOT NOT and - - - is a level of its own.
        let is_sign = matches!(token, Token::Minus | Token::Plus | Token::Tilde) || is_word(token, &["NOT"]);
        signs = if is_sign { signs + 1 } else { 0 };
        deepest = deepest.max(level + signs);
    }
    deepest
}

fn too_deep() -> Untranslatable {
    Untranslatable(format!("it is nested more than {LEVELS} levels deep, the most that SQLite itself takes"))
}

fn unreadable(error: &ParserError) -> Untranslatable {
    match error {
        ParserError::RecursionLimitExceeded => too_deep(),
        other => Untranslatable(format!("it cannot be parsed ({other})")),
    }
}
