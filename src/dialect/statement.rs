//! The shape of a statement, from its tokens.

use super::token::{Token, TokenKind};

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

/// The word with which the statement behind WITH begins: it follows the parenthesis that ends the last common table.
pub(super) fn main_verb<'a, 't>(tokens: &'a [Token<'t>]) -> Option<&'a Token<'t>> {
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
