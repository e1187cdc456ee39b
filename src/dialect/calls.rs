//! Calls and parentheses of an expression that is computed for each row by itself.

use super::SqlRefusal;
use super::token::{Token, TokenKind};

const ONE_VALUE: &str =
    "compute it for each row by itself; a query in parentheses may aggregate: (SELECT max(x) FROM other WHERE …)";
const ONE_EXPRESSION: &str = "write one expression that gives one value for each row";

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
pub(super) struct Calls<'t> {
    tokens: &'t [Token<'t>],
    /// Whether a function of this name and number of arguments computes from many rows.
    is_over_rows: &'t dyn Fn(&str, usize) -> bool,
    open: Vec<Holds>,
}

impl<'t> Calls<'t> {
    pub(super) fn new(tokens: &'t [Token<'t>], is_over_rows: &'t dyn Fn(&str, usize) -> bool) -> Self {
        Self { tokens, is_over_rows, open: Vec::new() }
    }

    /// Whether the tokens are one expression that closes its own parentheses and calls no aggregate or window function
    /// outside of a subquery. `length` is that of the SQL.
    ///
    /// # Errors
    /// The first fault.
    pub(super) fn check(mut self, length: usize) -> Result<(), SqlRefusal> {
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
                        return Err(SqlRefusal::new(token.place.clone(), message, ONE_EXPRESSION));
                    }
                },
                TokenKind::Comma => match self.open.last_mut() {
                    Some(Holds::Arguments { commas, .. }) => *commas += 1,
                    Some(_) => {}
                    None => {
                        let message = "is more than one expression";
                        return Err(SqlRefusal::new(token.place.clone(), message, ONE_EXPRESSION));
                    }
                },
                TokenKind::Semicolon => {
                    return Err(SqlRefusal::new(token.place.clone(), "has a semicolon", ONE_EXPRESSION));
                }
                _ => {}
            }
        }
        if self.open.is_empty() {
            return Ok(());
        }
        let last = tokens.iter().rev().find(|token| token.kind == TokenKind::Open);
        let place = last.map_or(0..length, |token| token.place.clone());
        Err(SqlRefusal::new(place, "opens a parenthesis that it does not close", ONE_EXPRESSION))
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
    fn closed(&self, holds: &Holds, at: usize) -> Result<(), SqlRefusal> {
        let Holds::Arguments { name, commas } = *holds else { return Ok(()) };
        if self.open.iter().any(|holds| matches!(holds, Holds::Query)) {
            return Ok(());
        }
        let (token, first) = (&self.tokens[name], &self.tokens[name + 2]);
        let called = token.name().unwrap_or_default();
        let refused = |what: &str| SqlRefusal::new(token.place.clone(), format!("calls {what} {called}"), ONE_VALUE);
        let next = self.tokens.get(at + 1);
        if next.is_some_and(|next| next.is("OVER"))
            || (next.is_some_and(|next| next.is("FILTER"))
                && self.tokens.get(at + 2).is_some_and(|next| next.kind == TokenKind::Open))
        {
            return Err(refused("the window or aggregate function"));
        }
        let is_empty = name + 2 == at || (name + 3 == at && first.text == "*");
        let arguments = if is_empty { 0 } else { commas + 1 };
        if (self.is_over_rows)(&called, arguments) {
            return Err(refused("the aggregate or window function"));
        }
        Ok(())
    }
}
