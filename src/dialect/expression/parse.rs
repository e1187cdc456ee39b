//! Parsing within limits: planning ends soon for any source.
//!
//! The parser, the translator and the destruction of the tree are recursive, and run on a stack of their own.

use super::Untranslatable;
use sqlparser::ast::{Expr, Statement};
use sqlparser::dialect::Dialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Limit on the tokens of one expression or view, and so on the depth of a chain of operators.
const TOKENS: usize = 60_000;

/// Stack size for the deepest tree. It is reserved, and its memory is used only as far as needed.
const STACK: usize = 192 << 20;

/// The grammar of an engine's SQL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grammar {
    /// The parser's dialect.
    pub(crate) dialect: &'static dyn Dialect,
    /// Limit on nested parentheses, CASE and subqueries. The parser counts a parenthesis more than once.
    pub(crate) levels: usize,
    /// Reason for the limit, as the end of a sentence.
    pub(crate) levels_are: &'static str,
}

impl Grammar {
    /// Parses an expression and calls a function with it.
    pub(crate) fn expression<T>(
        self,
        text: &str,
        then: impl FnOnce(&Expr) -> Result<T, Untranslatable>,
    ) -> Result<T, Untranslatable> {
        self.within_limits(text, |parser| {
            let expression = parser.parse_expr().map_err(|error| self.unreadable(&error))?;
            match &parser.peek_token().token {
                Token::EOF => then(&expression),
                other => Err(Untranslatable(format!("it cannot be parsed beyond `{other}`"))),
            }
        })
    }

    /// Parses statements and calls a function with them.
    pub(crate) fn statements<T>(
        self,
        text: &str,
        then: impl FnOnce(&[Statement]) -> Result<T, Untranslatable>,
    ) -> Result<T, Untranslatable> {
        self.within_limits(text, |parser| then(&parser.parse_statements().map_err(|error| self.unreadable(&error))?))
    }

    fn within_limits<T>(
        self,
        text: &str,
        then: impl FnOnce(&mut Parser<'_>) -> Result<T, Untranslatable>,
    ) -> Result<T, Untranslatable> {
        let tokens = Tokenizer::new(self.dialect, text).tokenize_with_location();
        let tokens = tokens.map_err(|error| self.unreadable(&error.into()))?;
        let is_word = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
        if tokens.iter().filter(is_word).count() > TOKENS {
            return Err(Untranslatable(format!(
                "it is longer than {TOKENS} words and signs, the most that is translated"
            )));
        }
        if levels(&tokens) > self.levels {
            return Err(self.too_deep());
        }
        let parser = Parser::new(self.dialect).with_recursion_limit(4 * self.levels);
        let mut parser = parser.with_tokens_with_locations(tokens);
        stacker::grow(STACK, || then(&mut parser))
    }

    fn too_deep(self) -> Untranslatable {
        Untranslatable(format!("it is nested more than {} levels deep, {}", self.levels, self.levels_are))
    }

    fn unreadable(self, error: &ParserError) -> Untranslatable {
        match error {
            ParserError::RecursionLimitExceeded => self.too_deep(),
            other => Untranslatable(format!("it cannot be parsed ({other})")),
        }
    }
}

/// Depth of nested parentheses, CASE and repeated signs.
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
