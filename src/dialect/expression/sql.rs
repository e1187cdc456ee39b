//! A piece of PostgreSQL's SQL, and what is known of the value that it gives.

use super::Untranslatable;
use super::extent::Extent;
use super::kind::Kind;
use super::spelling::Spelled;
use crate::catalog::Folding;
use crate::dialect::postgresql::equality::folded;
use crate::dialect::sqlite::Affinity;
use crate::name::quote_literal;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer};

/// How closely the outermost operator of a piece binds in PostgreSQL, the loosest first (PostgreSQL documentation,
/// section 4.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Binds {
    Or,
    And,
    Not,
    Is,
    Comparison,
    /// BETWEEN, IN and LIKE.
    Pattern,
    /// `||`, `~`, `#>>` and all operators that are not named here.
    Other,
    Sum,
    Product,
    Sign,
    Atom,
}

/// A piece of PostgreSQL's SQL and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) binds: Binds,
    /// The affinity that SQLite applies to the other side of a comparison
    /// (<https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison>).
    pub(crate) affinity: Affinity,
    /// The last digits may be others than SQLite's: sums of decimals and doubles, whose order counts.
    pub(crate) is_inexact: bool,
    /// The words of a string that is written out.
    pub(crate) words: Option<String>,
    /// PostgreSQL has it in 32 bits or fewer, and would overflow sooner than SQLite.
    pub(crate) is_narrow: bool,
    /// Between which numbers it lies, as far as is known.
    pub(crate) extent: Option<Extent>,
    /// The digits after the point, at most, of the decimal that it stands for, binary or not; where that is known.
    pub(crate) scale: Option<u32>,
    /// How the source spells it, where it is a date, a time or a UUID.
    pub(crate) spelled: Spelled,
    /// It stands for the beginning of a text, which SQLite has before every text that it begins.
    pub(crate) is_begun: bool,
    /// The extent follows from the expression alone, whatever stands in the columns.
    pub(crate) is_settled: bool,
}

pub(crate) type Written = Result<Sql, Untranslatable>;

impl Sql {
    /// A piece that needs no parentheses anywhere.
    pub(crate) fn new(text: impl Into<String>, kind: Kind) -> Self {
        Self {
            text: text.into(),
            kind,
            binds: Binds::Atom,
            affinity: Affinity::Blob,
            is_inexact: false,
            words: None,
            is_narrow: false,
            extent: None,
            scale: None,
            spelled: Spelled::default(),
            is_begun: false,
            is_settled: false,
        }
    }

    /// A condition whose outermost operator binds in this way.
    pub(crate) fn condition(text: impl Into<String>, binds: Binds) -> Self {
        Self { binds, ..Self::new(text, Kind::Truth) }
    }

    /// The text where an operator needs operands that bind at least so closely.
    pub(crate) fn within(&self, least: Binds) -> String {
        if self.binds < least { format!("({})", self.text) } else { self.text.clone() }
    }

    /// The same value as another type of PostgreSQL.
    pub(crate) fn cast(self, sql_type: &str, kind: Kind) -> Self {
        let text = format!("({})::{sql_type}", self.text);
        Self { text, kind, binds: Binds::Atom, is_narrow: false, words: None, ..self }
    }

    /// Whether PostgreSQL's parser sees nothing but a constant, in parentheses or not: in GROUP BY it takes a number for a
    /// place and refuses another one.
    pub(crate) fn is_bare_constant(&self) -> bool {
        // Text of our own that cannot be cut into tokens is no constant, and PostgreSQL judges it while planning.
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

    /// The digits after the point of the decimal that it stands for, at most.
    pub(crate) fn decimals(&self) -> Option<u32> {
        if self.kind == Kind::Integer { Some(0) } else { self.scale }
    }

    /// The number that a truth value is in SQLite; anything else as it is.
    pub(crate) fn counted(self) -> Self {
        if self.kind != Kind::Truth {
            return self;
        }
        let extent = Some(Extent { low: 0.0, high: 1.0 });
        Self { is_narrow: true, extent, is_settled: true, ..self.cast("int", Kind::Integer) }
    }

    /// In lower case as far as ASCII goes, which is how SQLite folds. A string is folded here: PostgreSQL would compute it while
    /// it makes a generated column, and has no collation for it at that time.
    pub(crate) fn lowered(&self) -> String {
        match &self.words {
            Some(words) => quote_literal(&words.to_ascii_lowercase()),
            None => folded(Folding::AsciiCase, &self.within(Binds::Atom)),
        }
    }

    /// The same in upper case.
    pub(crate) fn raised(&self) -> String {
        match &self.words {
            Some(words) => quote_literal(&words.to_ascii_uppercase()),
            None => format!("upper({} COLLATE \"C\")", self.within(Binds::Atom)),
        }
    }

    /// NULL with a type, which functions and operators of PostgreSQL need to tell which of them is meant.
    pub(crate) fn typed(self, kind: Kind) -> Self {
        match (self.kind, kind.sql_type()) {
            (Kind::Null, Some(sql_type)) => {
                Self { extent: self.extent, ..Self::new(format!("NULL::{sql_type}"), kind) }
            }
            _ => self,
        }
    }

    /// Refuses a value whose last digits are not SQLite's, where they decide.
    pub(crate) fn exactly(self, what: &str) -> Written {
        if self.is_inexact {
            return Err(Untranslatable(format!(
                "{what} depends on `{}`, whose last digits PostgreSQL computes otherwise",
                self.text
            )));
        }
        Ok(self)
    }
}
