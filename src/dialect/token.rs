//! Tokens of an engine's SQL, as far as they decide where an expression ends and what it calls. Each engine cuts them by
//! its own lexical rules.

use std::collections::BTreeSet;
use std::ops::Range;

/// The kind of a token, as far as it decides an expression's end and its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dialect) enum TokenKind {
    /// A name or a keyword without quotes.
    Word,
    /// A name in quotes of the engine: `"`, `` ` `` or brackets. SQLite takes `"…"` for a text if no such name exists.
    Quoted,
    /// A text or a blob.
    Literal,
    /// A number.
    Number,
    /// A parameter: `?`, `?1`, `:name`, `@name`, `$name`.
    Parameter,
    /// A variable of the session, `@name`, or an assignment to one, `:=`.
    Variable,
    /// A comment whose text the server executes: `/*! … */`.
    ExecutedComment,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// Any other character: operators, and characters that the engine does not know.
    Other,
    /// A comment without an end.
    EndlessComment,
    /// A text or a quoted name without an end.
    EndlessQuote,
    /// A NUL character, at which an engine may stop reading.
    Nul,
}

/// A token and its place in the SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dialect) struct Token<'t> {
    pub(in crate::dialect) kind: TokenKind,
    pub(in crate::dialect) text: &'t str,
    pub(in crate::dialect) place: Range<usize>,
}

/// The names in some SQL, whatever they name: words, and what stands in quotes for names. A word in a text or a comment is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NamesInSql(BTreeSet<String>);

impl NamesInSql {
    pub(in crate::dialect) fn of(names: impl Iterator<Item = String>) -> Self {
        Self(names.map(|name| name.to_lowercase()).collect())
    }

    /// Whether a name is among them, in whichever case.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.0.contains(&name.to_lowercase())
    }
}

/// The tokens of some SQL, as an engine's lexical rules cut them: `first` gives the first token's kind and length, and no kind
/// for spaces and comments, which are left out.
pub(in crate::dialect) fn cut(sql: &str, first: impl Fn(&[u8]) -> (Option<TokenKind>, usize)) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql.as_bytes()[at..];
        let (kind, length) = first(rest);
        let end = at + length.clamp(1, rest.len());
        if let Some(kind) = kind {
            tokens.push(Token { kind, text: sql.get(at..end).unwrap_or_default(), place: at..end });
        }
        at = end;
    }
    tokens
}

impl Token<'_> {
    /// Whether this is the keyword, which is written in capitals.
    pub(in crate::dialect) fn is(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether this is one of the keywords.
    pub(in crate::dialect) fn is_one_of(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    /// The name of a word or a quoted name.
    pub(in crate::dialect) fn name(&self) -> Option<String> {
        match self.kind {
            TokenKind::Word => Some(self.text.to_owned()),
            TokenKind::Quoted => {
                let inner = self.text.get(1..self.text.len() - 1)?;
                Some(match self.text.chars().next() {
                    Some(quote @ ('"' | '`')) => inner.replace(&format!("{quote}{quote}"), &quote.to_string()),
                    _ => inner.to_owned(),
                })
            }
            _ => None,
        }
    }
}
