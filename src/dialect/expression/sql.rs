//! A piece of PostgreSQL's SQL, with the known facts about its value.

use super::Untranslatable;
use super::coercion::Coercion;
use super::kind::ValueKind;
use super::number_range::NumberRange;
use super::scope::TextRule;
use super::spelled::Spelled;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer};

/// Precedence of a piece's outermost operator in PostgreSQL, the lowest first (PostgreSQL documentation, section
/// 4.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binds {
    Or,
    And,
    Not,
    Is,
    Comparison,
    /// BETWEEN, IN and LIKE.
    Pattern,
    /// `||`, `~`, `#>>` and all other operators.
    Other,
    Sum,
    Product,
    Sign,
    Atom,
}

/// A piece of PostgreSQL's SQL and the facts about its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) kind: ValueKind,
    pub(crate) binds: Binds,
    /// The conversion of the other side of a comparison in the source.
    pub(crate) coercion: Coercion,
    /// The last digits may differ from the source's: sums of decimals and doubles, which depend on the order.
    pub(crate) is_inexact: bool,
    /// The content of a string literal.
    pub(crate) words: Option<String>,
    /// PostgreSQL computes it in 32 bits or fewer, and overflows sooner than a source that computes in 64.
    pub(crate) is_narrow: bool,
    /// Bounds of its value, as far as known.
    pub(crate) extent: Option<NumberRange>,
    /// Largest number of digits after the point of the decimal that it represents, binary or not; if known.
    pub(crate) scale: Option<u32>,
    /// Its spelling in the source, if it is a date, a time or a UUID.
    pub(crate) spelled: Spelled,
    /// It is the beginning of a text, which the source sorts before every text that begins with it.
    pub(crate) is_begun: bool,
    /// The extent follows from the expression alone, for any stored data.
    pub(crate) is_settled: bool,
    /// How the source compares it, if it is a text; `None` for a literal, which is compared as the other side is.
    pub(crate) rule: Option<TextRule>,
    /// A choice among decimals of different digits after the point.
    pub(crate) is_mixed: bool,
    /// Digits after the point that the source shows of a quotient; whether it has more depends on its version.
    pub(crate) shown_digits: Option<u32>,
}

pub(crate) type Translation = Result<Sql, Untranslatable>;

impl Sql {
    /// A piece that needs no parentheses anywhere.
    pub(crate) fn new(text: impl Into<String>, kind: ValueKind) -> Self {
        Self {
            text: text.into(),
            kind,
            binds: Binds::Atom,
            coercion: Coercion::Nothing,
            is_inexact: false,
            words: None,
            is_narrow: false,
            extent: None,
            scale: None,
            spelled: Spelled::default(),
            is_begun: false,
            is_settled: false,
            rule: None,
            is_mixed: false,
            shown_digits: None,
        }
    }

    /// A condition whose outermost operator binds in this way.
    pub(crate) fn condition(text: impl Into<String>, binds: Binds) -> Self {
        Self { binds, ..Self::new(text, ValueKind::Truth) }
    }

    /// The text as an operand of an operator that needs at least this precedence.
    pub(crate) fn within(&self, least: Binds) -> String {
        if self.binds < least { format!("({})", self.text) } else { self.text.clone() }
    }

    /// The value cast to another type of PostgreSQL.
    pub(crate) fn cast(self, sql_type: &str, kind: ValueKind) -> Self {
        let text = format!("({})::{sql_type}", self.text);
        Self { text, kind, binds: Binds::Atom, is_narrow: false, words: None, ..self }
    }

    /// Whether PostgreSQL's parser sees only a constant, in parentheses or not: in GROUP BY it reads a number as a
    /// position and refuses other constants.
    pub(crate) fn is_bare_constant(&self) -> bool {
        // Text that cannot be cut into tokens counts as no constant; PostgreSQL judges it during planning.
        let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, &self.text).tokenize() else { return false };
        let is_framing = |token: &&Token| {
            matches!(token, Token::LParen | Token::RParen | Token::Minus | Token::Plus | Token::Whitespace(_))
        };
        let mut said = tokens.iter().filter(|token| !is_framing(token));
        let is_constant = |token: &Token| match token {
            Token::Number(..) | Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_) => true,
            Token::Word(word) => word.keyword == Keyword::NULL,
            _ => false,
        };
        said.next().is_some_and(is_constant) && said.next().is_none()
    }

    /// Whether COLLATE is written in it, with one of these collations if any are named; SQL that cannot be cut into tokens may have it.
    pub(crate) fn has_collate(&self, collations: &[&str]) -> bool {
        let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, &self.text).tokenize() else { return true };
        let tokens = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect::<Vec<_>>();
        let is_meant = |token: &Token| match token {
            Token::Word(word) => collations.is_empty() || collations.contains(&word.value.as_str()),
            _ => false,
        };
        tokens.windows(2).any(|pair| match pair {
            [Token::Word(word), collation] => word.keyword == Keyword::COLLATE && is_meant(collation),
            _ => false,
        })
    }

    /// Largest number of digits after the point of the decimal that it represents.
    pub(crate) fn decimals(&self) -> Option<u32> {
        if self.kind == ValueKind::Integer { Some(0) } else { self.scale }
    }

    /// A truth value as the number that it is in the source, 0 or 1; any other value unchanged.
    pub(crate) fn counted(self) -> Self {
        if self.kind != ValueKind::Truth {
            return self;
        }
        let extent = Some(NumberRange { low: 0.0, high: 1.0 });
        Self { is_narrow: true, extent, is_settled: true, ..self.cast("int", ValueKind::Integer) }
    }

    /// NULL with a type, by which PostgreSQL resolves functions and operators.
    pub(crate) fn typed(self, kind: ValueKind) -> Self {
        match (self.kind, kind.sql_type()) {
            (ValueKind::Null, Some(sql_type)) => {
                Self { extent: self.extent, ..Self::new(format!("NULL::{sql_type}"), kind) }
            }
            _ => self,
        }
    }

    /// A text or NULL that stands alone with its type, without which PostgreSQL finds no order for it.
    pub(crate) fn constant_typed(self) -> Self {
        match self.kind {
            ValueKind::Text if self.is_bare_constant() => self.cast("text", ValueKind::Text),
            _ => self.typed(ValueKind::Text),
        }
    }

    /// Refuses a value whose last digits may differ from the source's, in a place that depends on them.
    pub(crate) fn exactly(self, what: &str) -> Translation {
        if self.is_inexact {
            return Err(Untranslatable(format!(
                "{what} depends on `{}`, whose last digits PostgreSQL computes otherwise",
                self.text
            )));
        }
        Ok(self)
    }
}
