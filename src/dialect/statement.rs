//! The shape of a statement, from its tokens.

use super::SqlRefusal;
use super::token::{Token, TokenKind};

const ONE_QUERY: &str = "write one query: SELECT …, or WITH … SELECT …";

/// Verbs of statements. After WITH one of them is in the place of SELECT.
const VERBS: [&str; 7] = ["SELECT", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE"];

/// Whether a query orders its rows: by an ORDER BY outside of all parentheses.
pub(super) fn is_ordered(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    tokens.windows(2).any(|pair| {
        match pair[0].kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && pair[0].is("ORDER") && pair[1].is("BY")
    })
}

/// The first of two conditions, `(first) AND …`, with its parentheses; `None` if the SQL, whose tokens these are, has another form.
pub(super) fn first_condition<'s>(sql: &'s str, tokens: &[Token<'_>]) -> Option<&'s str> {
    let mut depth = 0_usize;
    let end = tokens.iter().position(|token| {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })?;
    let is_first = tokens[0].kind == TokenKind::Open && tokens.get(end + 1).is_some_and(|token| token.is("AND"));
    sql.get(tokens[0].place.start..tokens[end].place.end).filter(|_| is_first)
}

/// Whether tokens, of SQL that is `length` bytes long, are one statement that begins with one of these verbs, or with WITH in
/// front of one. Semicolons may end it.
///
/// # Errors
/// The first fault.
pub(super) fn one_query(mut tokens: &[Token<'_>], length: usize, verbs: &[&str]) -> Result<(), SqlRefusal> {
    while let [before @ .., last] = tokens
        && last.kind == TokenKind::Semicolon
    {
        tokens = before;
    }
    if let Some(semicolon) = tokens.iter().find(|token| token.kind == TokenKind::Semicolon) {
        return Err(SqlRefusal::new(semicolon.place.clone(), "is more than one statement", ONE_QUERY));
    }
    let Some(first) = tokens.first() else { return Err(SqlRefusal::new(0..length, "has no query", ONE_QUERY)) };
    let verb = if first.is("WITH") { main_verb(tokens).unwrap_or(first) } else { first };
    if !verb.is("WITH") && !verb.is_one_of(verbs) {
        let message = format!("is no query but {}", verb.text.to_ascii_uppercase());
        return Err(SqlRefusal::new(verb.place.clone(), message, ONE_QUERY));
    }
    Ok(())
}

/// The word with which the statement behind WITH begins: it follows the parenthesis that ends the last common table.
fn main_verb<'a, 't>(tokens: &'a [Token<'t>]) -> Option<&'a Token<'t>> {
    let mut depth = 0_usize;
    let mut before = None;
    for token in tokens {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ if depth == 0 && before == Some(TokenKind::Close) && token.is_one_of(&VERBS) => return Some(token),
            _ => {}
        }
        before = Some(token.kind);
    }
    None
}
