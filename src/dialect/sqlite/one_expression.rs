//! One expression that cannot end its statement.

use super::function_kind::{FunctionKind, function_kind};
use super::parser;
use super::token::tokens;
use crate::dialect::SqlRefusal;
use crate::dialect::calls::Calls;
use crate::dialect::token::{Token, TokenKind};

/// Whether `sql`, in parentheses, is one expression that is computed for each row by itself: it opens and closes its
/// own parentheses, texts and comments, has no parameter, and calls no aggregate or window function outside of a
/// subquery. An aggregate in a subquery that is about the outer row is found only if the tables are known.
///
/// # Errors
/// The first fault.
pub(super) fn one_expression(sql: &str) -> Result<(), SqlRefusal> {
    let tokens = tokens(sql);
    whole(&tokens, false)?;
    if let Some(query) = tokens.first().filter(|first| first.is_one_of(&["SELECT", "WITH", "VALUES"])) {
        return Err(SqlRefusal::new(query.place.clone(), "is a query", "put the query in parentheses"));
    }
    let is_over_rows = |name: &str, arguments| function_kind(name, arguments) == FunctionKind::OverRows;
    Calls::new(&tokens, &is_over_rows).check(sql.len())?;
    // The line break ends a comment at the end.
    match parser::refusal(&format!("SELECT ({sql}\n)"), "SELECT (".len(), sql.len()) {
        Some(refusal) => Err(refusal),
        None => Ok(()),
    }
}

/// Whether all quotes, comments and parentheses of some SQL are closed in it, and it has no parameters that
/// nobody fills in.
pub(super) fn whole(tokens: &[Token<'_>], takes_parameters: bool) -> Result<(), SqlRefusal> {
    for token in tokens {
        let (message, hint) = match token.kind {
            TokenKind::Nul => ("has a NUL character, at which SQLite stops reading", "remove it"),
            TokenKind::EndlessComment => ("begins a comment that does not end", "end it with */"),
            TokenKind::EndlessQuote => ("begins a text or a name in quotes that does not end", "close the quotes"),
            TokenKind::Parameter if !takes_parameters => {
                ("has a parameter, for which nothing is filled in", "write the value; a text stands in single quotes")
            }
            _ => continue,
        };
        return Err(SqlRefusal::new(token.place.clone(), message, hint));
    }
    Ok(())
}
