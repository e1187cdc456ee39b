//! The walk over an expression, node by node.

use super::clock::Now;
use super::literal;
use super::translator::Translator;
use crate::catalog::ColumnType;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Translated, Untranslatable, strip, unknown};
use sqlparser::ast::{Expr, Ident, UnaryOperator, Value};

impl Translator<'_> {
    /// A DEFAULT: a single word is a string, quoted or not, since there is no column that it could name.
    pub(crate) fn default(&self, expression: &Expr, column_type: &ColumnType) -> Translated {
        let kind = ValueKind::of(column_type);
        let is_constant = |word: &str| ["true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known));
        if let Expr::Identifier(word) = expression
            && (word.quote_style.is_some() || !is_constant(&word.value) && Now::read(expression).is_none())
        {
            let string = Value::SingleQuotedString(word.value.clone());
            return Ok(literal::write(&string, self.hexadecimal, self.zone, Wanted::Stored(kind))?.text);
        }
        let written = self.assigned(expression, &kind)?;
        let is_plain = matches!(expression, Expr::Value(_) | Expr::Identifier(_) | Expr::UnaryOp { .. });
        let is_plain = is_plain || Now::read_as(expression, Some(kind)).is_some();
        // NOT needs parentheses in a DEFAULT: PostgreSQL's grammar has `b_expr` there.
        Ok(if is_plain { written.within(Binds::Comparison) } else { format!("({})", written.text) })
    }

    /// An expression whose value is stored in a column of this kind.
    pub(crate) fn assigned(&self, expression: &Expr, kind: &ValueKind) -> Translation {
        let written = self.write(expression, Wanted::Stored(*kind))?.exactly(&format!("`{expression}`"))?;
        if written.kind.fits(*kind) {
            Ok(written)
        } else if written.kind == ValueKind::Truth && kind.is_number() {
            // SQLite's truth values are the integers 0 and 1.
            Ok(written.counted())
        } else {
            Err(Untranslatable(format!("it gives {}, and the column is {kind}", written.kind)))
        }
    }

    /// An expression in a place where SQLite accepts any number as a truth value and PostgreSQL only a boolean.
    pub(crate) fn truth(&self, expression: &Expr) -> Translation {
        if let Expr::Nested(inner) = expression {
            let inner = self.truth(inner)?;
            return Ok(Sql { text: format!("({})", inner.text), binds: Binds::Atom, ..inner });
        }
        let wanted = if self.is_literal(expression) { Wanted::Alike(ValueKind::Truth) } else { Wanted::Natural };
        let written = self.write(expression, wanted)?;
        match written.kind {
            ValueKind::Truth | ValueKind::Null => Ok(written.typed(ValueKind::Truth)),
            number if number.is_number() => {
                let written = written.exactly(&format!("the truth of `{expression}`"))?;
                Ok(Sql::condition(format!("{} <> 0", written.within(Binds::Pattern)), Binds::Comparison))
            }
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not a truth value"))),
        }
    }

    /// A number; truth values count as 0 and 1.
    pub(crate) fn number(&self, expression: &Expr) -> Translation {
        let written = self.write(expression, Wanted::Natural)?.counted().typed(ValueKind::Integer);
        if written.kind.is_number() {
            return Ok(written);
        }
        Err(Untranslatable(format!("`{expression}` gives {}, not a number", written.kind)))
    }

    /// Text; SQLite and PostgreSQL write integers the same.
    pub(crate) fn text(&self, expression: &Expr) -> Translation {
        let written = self.write(expression, Wanted::Natural)?.typed(ValueKind::Text);
        match written.kind {
            ValueKind::Text => Ok(written),
            ValueKind::Integer => Ok(written.cast("text", ValueKind::Text)),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not text"))),
        }
    }

    /// Writes an expression; literals take the form that is wanted.
    pub(crate) fn write(&self, expression: &Expr, wanted: Wanted) -> Translation {
        self.remarks.deeper(|| match self.grouping {
            Some(grouping) => grouping.watch(|| self.node(expression, wanted)),
            None => self.node(expression, wanted),
        })
    }

    fn node(&self, expression: &Expr, wanted: Wanted) -> Translation {
        if let Some(now) = Now::read_as(expression, wanted.kind()) {
            self.remarks.is_stable.set(true);
            self.remarks.reads_clock.set(true);
            return now.write(wanted, self.zone, expression);
        }
        let test = |inner: &Expr, words: &str| {
            let tested = self.truth(inner)?;
            Ok(Sql::condition(format!("({}) {words}", tested.text), Binds::Is))
        };
        let null = |inner: &Expr, words: &str| {
            let tested = match self.column(strip(inner))?.filter(|found| found.column.keeps_null() && !found.is_outer) {
                Some(_) => self.shown(inner)?,
                None => self.write(inner, Wanted::Natural)?,
            };
            Ok(Sql::condition(format!("{} {words}", tested.within(Binds::Is)), Binds::Is))
        };
        match expression {
            Expr::Nested(inner) => {
                let written = self.write(inner, wanted)?;
                Ok(Sql { text: format!("({})", written.text), binds: Binds::Atom, ..written })
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.name(expression, wanted),
            Expr::Value(value) => literal::write(&value.value, self.hexadecimal, self.zone, wanted),
            Expr::IsNull(inner) => null(inner, "IS NULL"),
            Expr::IsNotNull(inner) => null(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => test(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => test(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => test(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => test(inner, "IS NOT FALSE"),
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, *negated, pattern, escape_char.as_deref())
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Ok(Sql::condition(format!("NOT ({})", self.truth(strip(expr))?.text), Binds::Not))
            }
            // A column with a sign is no column to SQLite: its affinity converts nothing.
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => {
                let written = self.write(expr, wanted)?;
                Ok(Sql { coercion: Coercion::Nothing, ..written })
            }
            // COLLATE has its effect in comparisons only.
            Expr::Collate { expr, .. } => self.write(expr, wanted),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.minus(expr, wanted, expression),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, expression),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), wanted)
            }
            Expr::Cast { expr, data_type, .. } => self.cast(expr, data_type, expression),
            Expr::Function(function) => self.function(function, wanted, expression),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), expression)
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters } => {
                let characters = trim_characters.iter().flatten().collect::<Vec<_>>();
                self.trim("trim", expr, &characters, expression)
            }
            Expr::Exists { subquery, negated } => self.exists(subquery, *negated),
            Expr::InSubquery { expr, subquery, negated } => self.in_subquery(expr, subquery, *negated),
            Expr::Subquery(subquery) => self.scalar_subquery(subquery),
            _ => Err(unknown(expression)),
        }
    }

    /// An expression whose value is only shown.
    pub(in crate::dialect::sqlite) fn shown(&self, expression: &Expr) -> Translation {
        match self.column(strip(expression))?.filter(|found| found.column.altered_by.is_some() && !found.is_outer) {
            None => self.write(expression, Wanted::Natural),
            Some(found) => match self.grouping {
                None => found.column.shown(),
                Some(grouping) => grouping.watch(|| {
                    grouping.note(expression);
                    found.column.shown()
                }),
            },
        }
    }

    /// A column, or an expression of this name in the SELECT list.
    fn name(&self, expression: &Expr, wanted: Wanted) -> Translation {
        if let Some(aliased) = self.alias(expression) {
            let written = self.without_aliases().write(aliased, wanted)?;
            return Ok(Sql { text: written.within(Binds::Atom), binds: Binds::Atom, ..written });
        }
        if let Some(found) = self.column(expression)? {
            if let (Some(grouping), false) = (self.grouping, found.is_outer) {
                grouping.note(expression);
            }
            return found.column.written();
        }
        match expression {
            Expr::Identifier(word) => self.bare_word(word, wanted),
            other => Err(Untranslatable(format!("it names `{other}`, which is no column that is copied"))),
        }
    }

    /// A word that is no column: TRUE and FALSE, or in double quotes a string
    /// (<https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>).
    fn bare_word(&self, word: &Ident, wanted: Wanted) -> Translation {
        let value = match (word.quote_style, word.value.to_ascii_lowercase().as_str()) {
            (Some('"'), _) => Value::SingleQuotedString(word.value.clone()),
            (None, "true") => Value::Boolean(true),
            (None, "false") => Value::Boolean(false),
            _ => return Err(Untranslatable(format!("it names `{}`, which is no column that is copied", word.value))),
        };
        literal::write(&value, self.hexadecimal, self.zone, wanted)
    }

    fn minus(&self, inner: &Expr, wanted: Wanted, expression: &Expr) -> Translation {
        // The sign belongs to the number: -9223372036854775808 has no positive counterpart.
        if let Expr::Value(value) = strip(inner)
            && let Value::Number(digits, _) = &value.value
        {
            // SQLite negates the digits' value: the 64 bits of a hexadecimal number.
            if digits.contains(['x', 'X']) {
                return Err(unknown(expression));
            }
            return literal::write(&Value::Number(format!("-{digits}"), false), self.hexadecimal, self.zone, wanted);
        }
        let written = self.wide(self.number(inner)?);
        let text = written.within(Binds::Sign);
        // Two signs in a row would begin a comment.
        let space = if text.starts_with('-') { " " } else { "" };
        let extent = written.extent.map(|extent| NumberRange { low: -extent.high, high: -extent.low });
        let negated = Sql { text: format!("-{space}{text}"), binds: Binds::Sign, extent, ..written };
        Ok(self.bounded(Sql { coercion: Coercion::Nothing, ..negated }, expression))
    }

    /// Whether an expression is a literal or the present time, which take the form of the value beside them.
    pub(crate) fn is_literal(&self, expression: &Expr) -> bool {
        match self.meant(expression) {
            (_, Expr::Value(_)) => true,
            (_, Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr }) => {
                matches!(strip(expr), Expr::Value(_))
            }
            (within, other) => within.string(other).is_some() || Now::read(other).is_some(),
        }
    }
}
