//! Statements cut at their semicolons.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Location, Span, Token, Tokenizer};
use std::ops::Range;

/// An unquoted word or another token, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatementToken {
    /// The word in capitals; empty for a quoted word or another token.
    pub(super) word: String,
    pub(super) token: Token,
    span: Span,
}

impl StatementToken {
    /// Its bytes in the SQL, computed only on demand: a long file has many tokens, and the places of few are needed.
    pub(super) fn place(&self, sql: &str) -> Range<usize> {
        offset(sql, self.span.start)..offset(sql, self.span.end)
    }
}

/// The statements of some SQL without spaces and comments; none of them is empty. A semicolon in parentheses or in the
/// body of a function (`BEGIN ATOMIC … END`) ends no statement. `None` if the SQL cannot be cut into tokens: PostgreSQL
/// reports the reason.
pub(super) fn statements(sql: &str) -> Option<Vec<Vec<StatementToken>>> {
    let dialect = PostgreSqlDialect {};
    let tokens = Tokenizer::new(&dialect, sql).tokenize_with_location().ok()?;
    let (mut statements, mut statement, mut depth, mut blocks) =
        (Vec::new(), Vec::<StatementToken>::new(), 0_usize, 0_usize);
    for token in tokens {
        let word = match &token.token {
            Token::Whitespace(_) | Token::EOF => continue,
            Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_uppercase(),
            _ => String::new(),
        };
        let follows_begin = statement.last().is_some_and(|piece: &StatementToken| piece.word == "BEGIN");
        match (&token.token, word.as_str()) {
            (Token::LParen, _) => depth += 1,
            (Token::RParen, _) => depth = depth.saturating_sub(1),
            (_, "ATOMIC") if follows_begin => blocks += 1,
            (_, "CASE") if blocks > 0 => blocks += 1,
            (_, "END") if blocks > 0 => blocks -= 1,
            (Token::SemiColon, _) if depth == 0 && blocks == 0 => {
                statements.extend(Some(std::mem::take(&mut statement)).filter(|statement| !statement.is_empty()));
                continue;
            }
            _ => {}
        }
        statement.push(StatementToken { word, token: token.token, span: token.span });
    }
    statements.extend(Some(statement).filter(|statement| !statement.is_empty()));
    Some(statements)
}

/// The byte at a place that is given by line and character, both counted from one.
fn offset(sql: &str, location: Location) -> usize {
    let (line, column) = (location.line.saturating_sub(1), location.column.saturating_sub(1));
    let (line, column) = (usize::try_from(line).unwrap_or(0), usize::try_from(column).unwrap_or(0));
    let start = sql.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let rest = sql.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}
