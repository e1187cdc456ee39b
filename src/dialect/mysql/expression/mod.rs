//! Expressions of MySQL in PostgreSQL's SQL.
//!
//! The text is the canonical form of information_schema. Only what has the same value in both systems for every row is
//! translated. Where MySQL converts (texts beside numbers, numbers as truth values of texts), where a collation decides
//! (`=` and LIKE of texts that are not compared by bytes), where the server's settings decide (the digits of `/`),
//! there is no translation.

mod arithmetic;
mod comparison;
mod function;

use super::grammar::{GRAMMAR, parsable, without_backslash};
use crate::catalog::ColumnType;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::{Wanted, of_string};
use crate::dialect::expression::scope::{Scope, Visible};
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Bounded, Untranslatable, strip, unknown};
use crate::name::quote_literal;
use sqlparser::ast::{BinaryOperator, Expr, Ident, UnaryOperator, Value};

/// A condition over the columns of one table.
pub(super) fn condition(text: &str, scope: &Scope<'_>) -> Result<Bounded, Untranslatable> {
    translated(text, scope, |translator, expression| translator.truth(expression)).map(bounded)
}

/// The expression of an index key, and the kind of value that it gives.
pub(super) fn index_key(text: &str, scope: &Scope<'_>) -> Result<(Bounded, ValueKind), Untranslatable> {
    let written = translated(text, scope, |translator, expression| translator.write(expression))?;
    let kind = written.kind;
    Ok((bounded(written), kind))
}

/// The expression of a generated column of this type.
pub(super) fn generated(text: &str, scope: &Scope<'_>, column_type: &ColumnType) -> Result<Bounded, Untranslatable> {
    let written = translated(text, scope, |translator, expression| translator.write(expression))?;
    let column = ValueKind::of(column_type);
    let mismatch = || Untranslatable(format!("it gives {}, and the column is {column}", written.kind));
    let written = match (written.kind, column) {
        (ValueKind::Truth, kind) if kind.is_number() => written.cast("integer", ValueKind::Integer),
        // A number rounds half away from zero into a column of integers or decimals on both sides.
        (ValueKind::Integer | ValueKind::Decimal, kind) if kind.is_number() => written,
        (one, two) if one == two || one == ValueKind::Null => written,
        _ => return Err(mismatch()),
    };
    Ok(bounded(written))
}

fn bounded(written: Sql) -> Bounded {
    Bounded { sql: written.text, excesses: Vec::new() }
}

fn translated(text: &str, scope: &Scope<'_>, write: impl FnOnce(&Translator<'_>, &Expr) -> Translation) -> Translation {
    without_backslash(text)?;
    GRAMMAR.expression(&parsable(text), |expression| write(&Translator { scope }, expression))
}

/// The walk over an expression of one table.
pub(super) struct Translator<'a> {
    pub(super) scope: &'a Scope<'a>,
}

impl Translator<'_> {
    /// Any expression, with its own kind.
    pub(super) fn write(&self, expression: &Expr) -> Translation {
        match expression {
            Expr::Nested(inner) => self.write(inner),
            Expr::Identifier(name) => self.column(None, name, expression),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => self.column(Some(qualifier), name, expression),
                _ => Err(unknown(expression)),
            },
            Expr::Value(value) => literal(&value.value, expression),
            // The introducer says how the text that stands there was written, not what it is.
            Expr::Prefixed { prefix, value } if is_unicode(&prefix.value) => self.write(value),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                let inner = self.truth(expr)?;
                Ok(Sql::condition(format!("NOT {}", inner.within(Binds::Is)), Binds::Not))
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.negative(expr, expression),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => self.joined(left, "AND", Binds::And, right),
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => self.joined(left, "OR", Binds::Or, right),
            // The parser binds XOR more tightly than MySQL does.
            Expr::BinaryOp { op: BinaryOperator::Xor, .. } => Err(unknown(expression)),
            Expr::BinaryOp { left, op, right } => match comparison::operator(op) {
                Some(operator) => self.compared(left, operator, right),
                None => self.arithmetic(left, op, right, expression),
            },
            Expr::IsNull(inner) => self.is(inner, "IS NULL"),
            Expr::IsNotNull(inner) => self.is(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => self.is_truth(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => self.is_truth(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => self.is_truth(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => self.is_truth(inner, "IS NOT FALSE"),
            Expr::InList { expr, list, negated } => self.among(expr, *negated, list),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => self.like(expr, *negated, pattern),
            Expr::Case { operand: None, conditions, else_result, .. } => {
                let tests = conditions.iter().map(|when| self.truth(&when.condition)).collect::<Result<Vec<_>, _>>()?;
                let results = conditions.iter().map(|when| &when.result).chain(else_result.as_deref());
                self.choice(&tests, &results.collect::<Vec<_>>())
            }
            Expr::Function(function) => self.function(function, expression),
            other => Err(unknown(other)),
        }
    }

    /// An expression as a truth value: a number is true unless it is zero.
    pub(super) fn truth(&self, expression: &Expr) -> Translation {
        let written = self.write(expression)?;
        match written.kind {
            ValueKind::Truth => Ok(written),
            ValueKind::Integer | ValueKind::Decimal => {
                Ok(Sql::condition(format!("{} <> 0", written.within(Binds::Other)), Binds::Comparison))
            }
            _ => Err(Untranslatable(format!("`{expression}` is {} in the place of a truth value", written.kind))),
        }
    }

    fn column(&self, qualifier: Option<&Ident>, name: &Ident, expression: &Expr) -> Translation {
        let Some(found) = self.scope.find(qualifier, name)? else { return Err(unknown(expression)) };
        let written = found.column.written()?;
        if written.kind == ValueKind::Opaque && found.column.labels.is_empty() {
            return Err(Untranslatable(format!("{name} is kept in another form")));
        }
        Ok(written)
    }

    /// The column that an expression is; `None` for any other expression.
    pub(super) fn column_of(&self, expression: &Expr) -> Result<Option<&Visible>, Untranslatable> {
        let (qualifier, name) = match strip(expression) {
            Expr::Identifier(name) => (None, name),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => (Some(qualifier), name),
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(self.scope.find(qualifier, name)?.map(|found| found.column))
    }

    fn joined(&self, left: &Expr, operator: &str, binds: Binds, right: &Expr) -> Translation {
        let (left, right) = (self.truth(left)?, self.truth(right)?);
        Ok(Sql::condition(format!("{} {operator} {}", left.within(binds), right.within(binds)), binds))
    }

    fn is(&self, inner: &Expr, words: &str) -> Translation {
        let inner = self.write(inner)?;
        Ok(Sql::condition(format!("{} {words}", inner.within(Binds::Other)), Binds::Is))
    }

    fn is_truth(&self, inner: &Expr, words: &str) -> Translation {
        let inner = self.truth(inner)?;
        Ok(Sql::condition(format!("{} {words}", inner.within(Binds::Other)), Binds::Is))
    }

    /// A literal beside a value of this kind, to which MySQL converts it.
    fn beside(&self, expression: &Expr, kind: ValueKind) -> Translation {
        let written = self.write(expression)?;
        let Some(words) = written.words.as_deref() else { return Ok(written) };
        let is_whole = match kind {
            ValueKind::Date => words.len() == "2000-01-01".len(),
            ValueKind::Timestamp => words.contains(':'),
            _ => return Ok(written),
        };
        let value = of_string(words, kind, &self.scope.zone, Wanted::Compared(kind)).filter(|_| is_whole);
        value.ok_or_else(|| Untranslatable(format!("the string {} is not {kind}", quote_literal(words))))
    }
}

/// Whether a text behind this introducer is the same letters in UTF-8, in which it was read.
fn is_unicode(introducer: &str) -> bool {
    ["_utf8mb4", "_utf8mb3", "_utf8"].iter().any(|known| introducer.eq_ignore_ascii_case(known))
}

fn literal(value: &Value, expression: &Expr) -> Translation {
    match value {
        Value::Null => Ok(Sql::new("NULL", ValueKind::Null)),
        Value::Boolean(truth) => Ok(Sql::new(if *truth { "true" } else { "false" }, ValueKind::Truth)),
        Value::Number(digits, _) => match digits.parse::<i64>() {
            Ok(whole) => {
                let is_narrow = i32::try_from(whole).is_ok();
                Ok(Sql { is_narrow, coercion: Coercion::Integer, ..Sql::new(digits, ValueKind::Integer) })
            }
            Err(_) if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
                Ok(Sql::new(digits, ValueKind::Decimal))
            }
            Err(_) => Err(unknown(expression)),
        },
        Value::SingleQuotedString(words) => {
            Ok(Sql { words: Some(words.clone()), ..Sql::new(quote_literal(words), ValueKind::Text) })
        }
        _ => Err(unknown(expression)),
    }
}

#[cfg(test)]
mod tests;
