//! One expression that cannot end its statement.

use super::function_kind::{FunctionKind, function_kind};
use super::parser;
use super::token::{Token, TokenKind, tokens};
use crate::dialect::Refusal;

const ONE_VALUE: &str =
    "it is computed for each row by itself; a query in parentheses may aggregate: (SELECT max(x) FROM other WHERE …)";
const ONE_EXPRESSION: &str = "write one expression that gives one value for each row";

/// Whether `sql`, in parentheses, is one expression that is computed for each row by itself: it opens and closes its
/// own parentheses, texts and comments, has no parameter, and calls no aggregate or window function outside of a
/// subquery. An aggregate in a subquery that is about the outer row is found only if the tables are known.
///
/// # Errors
/// The first fault.
pub(super) fn one_expression(sql: &str) -> Result<(), Refusal> {
    let tokens = tokens(sql);
    whole(&tokens)?;
    if let Some(query) = tokens.first().filter(|first| first.is_one_of(&["SELECT", "WITH", "VALUES"])) {
        return Err(Refusal::new(query.place.clone(), "is a query", "put the query in parentheses"));
    }
    Calls { tokens: &tokens, open: Vec::new() }.check(sql.len())?;
    // The line break ends a comment at the end.
    match parser::refusal(&format!("SELECT ({sql}\n)"), "SELECT (".len(), sql.len()) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// Whether all quotes, comments and parentheses of some SQL are closed in it, and it has no parameters.
pub(super) fn whole(tokens: &[Token<'_>]) -> Result<(), Refusal> {
    for token in tokens {
        let (message, hint) = match token.kind {
            TokenKind::Nul => ("has a NUL character, at which SQLite stops reading", "remove it"),
            TokenKind::EndlessComment => ("begins a comment that does not end", "end it with */"),
            TokenKind::EndlessQuote => ("begins a text or a name in quotes that does not end", "close the quotes"),
            TokenKind::Parameter => {
                ("has a parameter, for which nothing is filled in", "write the value; a text stands in single quotes")
            }
            _ => continue,
        };
        return Err(Refusal::new(token.place.clone(), message, hint));
    }
    Ok(())
}

/// The contents of an open parenthesis.
enum Holds {
    /// An expression, a list, the definition of a window.
    Anything,
    /// A query: its calls are about its own rows.
    Query,
    /// The arguments of the function whose name is at this token.
    Arguments { name: usize, commas: usize },
}

/// The calls and parentheses of an expression.
struct Calls<'t> {
    tokens: &'t [Token<'t>],
    open: Vec<Holds>,
}

impl Calls<'_> {
    fn check(mut self, length: usize) -> Result<(), Refusal> {
        let tokens = self.tokens;
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::Open => {
                    let holds = self.holds(at);
                    self.open.push(holds);
                }
                TokenKind::Close => match self.open.pop() {
                    Some(holds) => self.closed(&holds, at)?,
                    None => {
                        let message = "closes a parenthesis that it does not open";
                        return Err(Refusal::new(token.place.clone(), message, ONE_EXPRESSION));
                    }
                },
                TokenKind::Comma => match self.open.last_mut() {
                    Some(Holds::Arguments { commas, .. }) => *commas += 1,
                    Some(_) => {}
                    None => {
                        let message = "is more than one expression";
                        return Err(Refusal::new(token.place.clone(), message, ONE_EXPRESSION));
                    }
                },
                TokenKind::Semicolon => {
                    return Err(Refusal::new(token.place.clone(), "has a semicolon", ONE_EXPRESSION));
                }
                _ => {}
            }
        }
        if self.open.is_empty() {
            return Ok(());
        }
        let last = tokens.iter().rev().find(|token| token.kind == TokenKind::Open);
        let place = last.map_or(0..length, |token| token.place.clone());
        Err(Refusal::new(place, "opens a parenthesis that it does not close", ONE_EXPRESSION))
    }

    fn holds(&self, at: usize) -> Holds {
        let begins_query = |token: &Token<'_>| token.is_one_of(&["SELECT", "WITH", "VALUES"]);
        match at.checked_sub(1).filter(|name| matches!(self.tokens[*name].kind, TokenKind::Word | TokenKind::Quoted)) {
            _ if self.tokens.get(at + 1).is_some_and(begins_query) => Holds::Query,
            Some(name) => Holds::Arguments { name, commas: 0 },
            None => Holds::Anything,
        }
    }

    /// Checks the call that ends at `at`, if it is about the row and not about those of a subquery.
    fn closed(&self, holds: &Holds, at: usize) -> Result<(), Refusal> {
        let Holds::Arguments { name, commas } = *holds else { return Ok(()) };
        if self.open.iter().any(|holds| matches!(holds, Holds::Query)) {
            return Ok(());
        }
        let (token, first) = (&self.tokens[name], &self.tokens[name + 2]);
        let called = token.name().unwrap_or_default();
        let refused = |what: &str| Refusal::new(token.place.clone(), format!("calls {what} {called}"), ONE_VALUE);
        let next = self.tokens.get(at + 1);
        if next.is_some_and(|next| next.is("OVER"))
            || (next.is_some_and(|next| next.is("FILTER"))
                && self.tokens.get(at + 2).is_some_and(|next| next.kind == TokenKind::Open))
        {
            return Err(refused("the window or aggregate function"));
        }
        let is_empty = name + 2 == at || (name + 3 == at && first.text == "*");
        let arguments = if is_empty { 0 } else { commas + 1 };
        if function_kind(&called, arguments) == FunctionKind::OverRows {
            return Err(refused("the aggregate or window function"));
        }
        Ok(())
    }
}
