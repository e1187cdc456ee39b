//! Writing an expression node by node.

use super::clock::Now;
use super::kind::Kind;
use super::literal::{self, Hexadecimal};
use super::{Translated, Untranslatable, strip, unknown};
use crate::catalog::ColumnType;
use crate::name::quote_identifier;
use crate::plan::mapping::ColumnMapping;
use crate::value::Zone;
use sqlparser::ast::{Expr, UnaryOperator, Value};

/// A piece of PostgreSQL's SQL and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) kind: Kind,
}

pub(super) type Written = Result<Sql, Untranslatable>;

impl Sql {
    pub(super) fn new(text: impl Into<String>, kind: Kind) -> Self {
        Self { text: text.into(), kind }
    }
}

/// Translates one expression over the columns of one table.
pub(super) struct Translator<'a> {
    columns: &'a [ColumnMapping],
    hexadecimal: Hexadecimal,
    zone: &'a Zone,
}

impl<'a> Translator<'a> {
    pub(super) fn new(text: &str, columns: &'a [ColumnMapping], zone: &'a Zone) -> Self {
        Self { columns, hexadecimal: Hexadecimal::of(text), zone }
    }

    /// A DEFAULT: a word that is all of it is a string, quoted or not, for there is no column it could name.
    pub(super) fn default(&self, expression: &Expr, column_type: &ColumnType) -> Translated {
        let kind = Kind::of(column_type);
        let is_constant = |word: &str| ["true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known));
        if let Expr::Identifier(word) = expression
            && (word.quote_style.is_some() || !is_constant(&word.value) && Now::read(expression).is_none())
        {
            let string = Value::SingleQuotedString(word.value.clone());
            return Ok(literal::write(&string, self.hexadecimal, self.zone, Some(kind))?.text);
        }
        let written = self.assigned(expression, &kind)?;
        let is_plain = matches!(expression, Expr::Value(_) | Expr::Identifier(_) | Expr::UnaryOp { .. });
        Ok(if is_plain || Now::read(expression).is_some() { written } else { format!("({written})") })
    }

    /// An expression whose value is stored in a column of this kind.
    pub(super) fn assigned(&self, expression: &Expr, kind: &Kind) -> Translated {
        let written = self.write(expression, Some(*kind))?;
        if written.kind.fits(*kind) {
            Ok(written.text)
        } else if written.kind == Kind::Truth && kind.is_number() {
            // SQLite's truth values are the integers 0 and 1.
            Ok(format!("({})::int", written.text))
        } else {
            Err(Untranslatable(format!("it gives {}, and the column is {kind}", written.kind)))
        }
    }

    /// An expression where SQLite takes any number for a truth value and PostgreSQL only a boolean.
    pub(super) fn truth(&self, expression: &Expr) -> Translated {
        if let Expr::Nested(inner) = expression {
            return Ok(format!("({})", self.truth(inner)?));
        }
        let written = self.write(expression, Some(Kind::Truth))?;
        match written.kind {
            Kind::Truth | Kind::Null => Ok(written.text),
            number if number.is_number() => Ok(format!("{} <> 0", written.text)),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not a truth value"))),
        }
    }

    /// A number; truth values count as 0 and 1.
    pub(super) fn number(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        let written = self.write(expression, wanted.filter(|kind| kind.is_number()))?;
        match written.kind {
            Kind::Truth => Ok(Sql::new(format!("({})::int", written.text), Kind::Integer)),
            number if number.is_number() || number == Kind::Null => Ok(written),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not a number"))),
        }
    }

    /// Text.
    pub(super) fn text(&self, expression: &Expr) -> Translated {
        let written = self.write(expression, Some(Kind::Text))?;
        match written.kind {
            Kind::Text | Kind::Null => Ok(written.text),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not text"))),
        }
    }

    /// Writes an expression; literals take the form that fits `wanted`, the kind of what they stand beside.
    pub(super) fn write(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        if let Some(now) = Now::read(expression) {
            return now.write(wanted, expression);
        }
        match expression {
            Expr::Nested(inner) => {
                let written = self.write(inner, wanted)?;
                Ok(Sql::new(format!("({})", written.text), written.kind))
            }
            Expr::Identifier(word) => match self.column(&word.value) {
                Some(column) => Ok(Sql::new(quote_identifier(&column.target), Kind::of(&column.column_type))),
                None => self.bare_word(word, wanted),
            },
            Expr::Value(value) => literal::write(&value.value, self.hexadecimal, self.zone, wanted),
            Expr::IsNull(inner) => Ok(Sql::new(format!("{} IS NULL", self.write(inner, None)?.text), Kind::Truth)),
            Expr::IsNotNull(inner) => {
                Ok(Sql::new(format!("{} IS NOT NULL", self.write(inner, None)?.text), Kind::Truth))
            }
            Expr::IsTrue(inner) => Ok(Sql::new(format!("({}) IS TRUE", self.truth(inner)?), Kind::Truth)),
            Expr::IsNotTrue(inner) => Ok(Sql::new(format!("({}) IS NOT TRUE", self.truth(inner)?), Kind::Truth)),
            Expr::IsFalse(inner) => Ok(Sql::new(format!("({}) IS FALSE", self.truth(inner)?), Kind::Truth)),
            Expr::IsNotFalse(inner) => Ok(Sql::new(format!("({}) IS NOT FALSE", self.truth(inner)?), Kind::Truth)),
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, *negated, pattern, escape_char.as_deref())
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Ok(Sql::new(format!("NOT ({})", self.truth(strip(expr))?), Kind::Truth))
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.write(expr, wanted),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.minus(expr, wanted),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, wanted, expression),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), wanted)
            }
            Expr::Cast { expr, data_type, .. } => self.cast(expr, data_type, expression),
            Expr::Function(function) => self.function(function, wanted, expression),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), expression)
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters } => {
                self.trim("trim", expr, trim_characters.as_deref().unwrap_or_default(), expression)
            }
            _ => Err(unknown(expression)),
        }
    }

    /// A word that is no column: TRUE and FALSE, or in double quotes a string
    /// (<https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>).
    fn bare_word(&self, word: &sqlparser::ast::Ident, wanted: Option<Kind>) -> Written {
        let value = match (word.quote_style, word.value.to_ascii_lowercase().as_str()) {
            (Some('"'), _) => Value::SingleQuotedString(word.value.clone()),
            (None, "true") => Value::Boolean(true),
            (None, "false") => Value::Boolean(false),
            _ => return Err(Untranslatable(format!("it names `{}`, which is no column that is copied", word.value))),
        };
        literal::write(&value, self.hexadecimal, self.zone, wanted)
    }

    fn minus(&self, inner: &Expr, wanted: Option<Kind>) -> Written {
        // The sign belongs to the number: -9223372036854775808 has no positive counterpart.
        if let Expr::Value(value) = strip(inner)
            && let Value::Number(digits, _) = &value.value
        {
            return literal::write(&Value::Number(format!("-{digits}"), false), self.hexadecimal, self.zone, wanted);
        }
        let written = self.number(inner, wanted)?;
        // Two signs in a row would begin a comment.
        let space = if written.text.starts_with('-') { " " } else { "" };
        Ok(Sql::new(format!("-{space}{}", written.text), written.kind))
    }

    fn column(&self, name: &str) -> Option<&ColumnMapping> {
        self.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name))
    }

    /// Refuses to compare a column that the source compares otherwise than byte by byte.
    pub(super) fn compared(&self, expression: &Expr) -> Result<(), Untranslatable> {
        let Expr::Identifier(word) = strip(expression) else { return Ok(()) };
        match self.column(&word.value).and_then(|column| column.collation.as_ref()) {
            Some(collation) => {
                Err(Untranslatable(format!("it compares `{}`, which has the collation {collation}", word.value)))
            }
            None => Ok(()),
        }
    }

    /// The kind of an expression that has one of its own: not of literals, which take their neighbour's.
    pub(super) fn kind_of(&self, expression: &Expr) -> Option<Kind> {
        match strip(expression) {
            Expr::Value(_) => None,
            Expr::UnaryOp { expr, .. } => self.kind_of(expr),
            Expr::Identifier(word) => self.column(&word.value).map(|column| Kind::of(&column.column_type)),
            other => self.write(other, None).ok().map(|written| written.kind),
        }
    }
}
