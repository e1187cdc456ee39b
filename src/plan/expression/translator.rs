//! Writing an expression node by node.

use super::aggregate::Grouping;
use super::clock::Now;
use super::kind::Kind;
use super::literal::{self, Hexadecimal};
use super::scope::Scope;
use super::{Translated, Untranslatable, strip, unknown};
use crate::catalog::ColumnType;
use crate::plan::query::Relations;
use crate::value::Zone;
use sqlparser::ast::{Expr, UnaryOperator, Value};
use std::cell::Cell;

/// A piece of PostgreSQL's SQL and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) struct Sql {
    pub(in crate::plan) text: String,
    pub(in crate::plan) kind: Kind,
}

pub(in crate::plan) type Written = Result<Sql, Untranslatable>;

impl Sql {
    pub(in crate::plan) fn new(text: impl Into<String>, kind: Kind) -> Self {
        Self { text: text.into(), kind }
    }
}

/// What is to be known about a translation beside its text.
#[derive(Debug, Default)]
pub(in crate::plan) struct Remarks {
    /// It depends on the clock or on settings, which PostgreSQL allows neither in indexes nor in generated columns.
    pub(in crate::plan) is_stable: Cell<bool>,
    /// It computes with `numeric`, exactly, where SQLite has binary floating point.
    pub(in crate::plan) is_exact: Cell<bool>,
}

impl Remarks {
    pub(super) fn immutable(&self, text: String) -> Translated {
        if self.is_stable.get() {
            let reason = "it depends on the clock or on the format of dates, which PostgreSQL does not allow here";
            return Err(Untranslatable(reason.to_owned()));
        }
        Ok(text)
    }
}

/// Translates expressions over the columns of a scope.
#[derive(Debug, Clone, Copy)]
pub(in crate::plan) struct Translator<'a> {
    pub(in crate::plan) scope: &'a Scope<'a>,
    pub(in crate::plan) hexadecimal: Hexadecimal,
    pub(in crate::plan) zone: &'a Zone,
    pub(in crate::plan) remarks: &'a Remarks,
    /// What subqueries may read; without it there are none.
    pub(in crate::plan) relations: Option<&'a Relations>,
    /// Where aggregate functions may stand.
    pub(in crate::plan) grouping: Option<&'a Grouping>,
    /// The SELECT list's own names, which SQLite knows in WHERE and behind it where no column is called so.
    pub(in crate::plan) aliases: &'a [(String, &'a Expr)],
}

impl<'a> Translator<'a> {
    pub(in crate::plan) fn new(text: &str, scope: &'a Scope<'a>, zone: &'a Zone, remarks: &'a Remarks) -> Self {
        let hexadecimal = Hexadecimal::of(text);
        Self { scope, hexadecimal, zone, remarks, relations: None, grouping: None, aliases: &[] }
    }

    /// A DEFAULT: a word that is all of it is a string, quoted or not, for there is no column it could name.
    pub(in crate::plan) fn default(&self, expression: &Expr, column_type: &ColumnType) -> Translated {
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
    pub(in crate::plan) fn assigned(&self, expression: &Expr, kind: &Kind) -> Translated {
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
    pub(in crate::plan) fn truth(&self, expression: &Expr) -> Translated {
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
    pub(in crate::plan) fn number(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        let written = self.write(expression, wanted.filter(|kind| kind.is_number()))?;
        match written.kind {
            Kind::Truth => Ok(Sql::new(format!("({})::int", written.text), Kind::Integer)),
            number if number.is_number() || number == Kind::Null => Ok(written),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not a number"))),
        }
    }

    /// Text; SQLite and PostgreSQL write integers the same.
    pub(in crate::plan) fn text(&self, expression: &Expr) -> Translated {
        let written = self.write(expression, Some(Kind::Text))?;
        match written.kind {
            Kind::Text | Kind::Null => Ok(written.text),
            Kind::Integer => Ok(format!("({})::text", written.text)),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not text"))),
        }
    }

    /// Writes an expression; literals take the form that fits `wanted`, the kind of what they stand beside.
    pub(in crate::plan) fn write(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        match self.grouping {
            Some(grouping) => grouping.watch(|| self.node(expression, wanted)),
            None => self.node(expression, wanted),
        }
    }

    fn node(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        if let Some(now) = Now::read(expression) {
            self.remarks.is_stable.set(true);
            return now.write(wanted, expression);
        }
        match expression {
            Expr::Nested(inner) => {
                let written = self.write(inner, wanted)?;
                Ok(Sql::new(format!("({})", written.text), written.kind))
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.name(expression, wanted),
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
            // COLLATE counts where values are compared.
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } | Expr::Collate { expr, .. } => self.write(expr, wanted),
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
            Expr::Exists { subquery, negated } => self.exists(subquery, *negated),
            Expr::InSubquery { expr, subquery, negated } => self.in_subquery(expr, subquery, *negated),
            Expr::Subquery(subquery) => self.scalar_subquery(subquery),
            _ => Err(unknown(expression)),
        }
    }

    /// A column, or what the SELECT list calls by this name.
    fn name(&self, expression: &Expr, wanted: Option<Kind>) -> Written {
        if let Some(found) = self.scope.find(expression)? {
            if let (Some(grouping), false) = (self.grouping, found.is_outer) {
                grouping.note(expression);
            }
            let sql = found.column.sql.clone().map_err(Untranslatable)?;
            return Ok(Sql::new(sql, found.column.kind));
        }
        match expression {
            Expr::Identifier(word) => match self.alias(&word.value) {
                Some(aliased) => {
                    let written = self.without_aliases().write(aliased, wanted)?;
                    Ok(Sql::new(parenthesized(aliased, &written.text), written.kind))
                }
                None => self.bare_word(word, wanted),
            },
            other => Err(Untranslatable(format!("it names `{other}`, which is no column that is copied"))),
        }
    }

    fn alias(&self, name: &str) -> Option<&'a Expr> {
        self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, expression)| *expression)
    }

    fn without_aliases(&self) -> Self {
        Self { aliases: &[], ..*self }
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

    /// The kind of an expression that has one of its own: not of literals, which take their neighbour's.
    pub(in crate::plan) fn kind_of(&self, expression: &Expr) -> Option<Kind> {
        match strip(expression) {
            Expr::Value(_) => None,
            Expr::UnaryOp { expr, .. } => self.kind_of(expr),
            name @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => match self.scope.find(name) {
                Ok(Some(found)) => Some(found.column.kind),
                _ => match name {
                    Expr::Identifier(word) => self.without_aliases().kind_of(self.alias(&word.value)?),
                    _ => None,
                },
            },
            other => self.write(other, None).ok().map(|written| written.kind),
        }
    }
}

/// In parentheses, where it is more than a name or a value.
pub(in crate::plan) fn parenthesized(expression: &Expr, written: &str) -> String {
    match expression {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) | Expr::Nested(_) | Expr::Function(_) => {
            written.to_owned()
        }
        _ => format!("({written})"),
    }
}
