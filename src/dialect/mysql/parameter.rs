//! Named parameters, which the server does not know: each is written as `?`, and its value has a place.

use super::token::tokens;
use crate::dialect::SqlRefusal;
use crate::dialect::token::{Token, TokenKind};

/// A query as the server takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Positional {
    /// The query, with `?` for each parameter.
    pub(crate) sql: String,
    /// The value, by its number from zero, that each `?` of a query with names takes; `None` for a query without names, whose
    /// values come in their order.
    pub(crate) places: Option<Vec<usize>>,
    /// Number of different names.
    pub(crate) names: usize,
}

/// Writes `?` for `:name`. Names are numbered in the order in which they first appear, as SQLite numbers them, and a name that
/// appears again takes the same value.
pub(crate) fn positional(sql: &str) -> Positional {
    let (mut written, mut end) = (String::with_capacity(sql.len()), 0);
    let (mut names, mut places) = (Vec::new(), Vec::new());
    for token in tokens(sql).iter().filter(|token| is_named(token)) {
        written.push_str(&sql[end..token.place.start]);
        written.push('?');
        end = token.place.end;
        let known = names.iter().position(|name| *name == token.text);
        places.push(known.unwrap_or(names.len()));
        if known.is_none() {
            names.push(token.text);
        }
    }
    written.push_str(&sql[end..]);
    Positional { sql: written, places: (!places.is_empty()).then_some(places), names: names.len() }
}

/// Refuses parameters of both kinds in one query: the order of their values would be ambiguous.
///
/// # Errors
/// The first `?` beside names.
pub(super) fn of_one_kind(tokens: &[Token<'_>]) -> Result<(), SqlRefusal> {
    let parameters = || tokens.iter().filter(|token| token.kind == TokenKind::Parameter);
    let bare = parameters().find(|token| !is_named(token));
    match bare.filter(|_| parameters().any(is_named)) {
        Some(bare) => Err(SqlRefusal::new(
            bare.place.clone(),
            "has parameters with and without a name",
            "write all of them as `?`, or all of them as `:name`",
        )),
        None => Ok(()),
    }
}

fn is_named(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Parameter && token.text.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_places() {
        let found = positional("SELECT ':a', x FROM t WHERE a = :a AND (b = :größe OR c=:a) -- :c\n LIMIT :n");
        assert_eq!(found.sql, "SELECT ':a', x FROM t WHERE a = ? AND (b = ? OR c=?) -- :c\n LIMIT ?");
        assert_eq!((found.places, found.names), (Some(vec![0, 1, 0, 2]), 3));
        let plain = "SELECT a->>'$.b', \":a\", `:a` FROM t WHERE a = ?";
        assert_eq!(positional(plain), Positional { sql: plain.to_owned(), places: None, names: 0 });
        assert!(of_one_kind(&tokens("SELECT ? + :a")).is_err());
        assert!(of_one_kind(&tokens("SELECT ? + ?, ':a'")).is_ok() && of_one_kind(&tokens("SELECT :a + :b")).is_ok());
    }
}
