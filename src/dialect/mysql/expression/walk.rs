//! The walk over an expression, node by node.

use super::comparison;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::{Wanted, of_string, with_era};
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::name::quote_literal;
use crate::value::Zone;
use sqlparser::ast::{BinaryOperator, CeilFloorKind, DateTimeField, Expr, UnaryOperator, Value};

impl Translator<'_> {
    /// Any expression but a quotient, whose further digits depend on the server's version.
    pub(in crate::dialect::mysql) fn value(&self, expression: &Expr) -> Translation {
        let written = self.write(expression)?;
        match written.shown_digits {
            None => Ok(written),
            Some(digits) => Err(Untranslatable(format!(
                "it computes with the quotient `{expression}`, of which MariaDB has more digits than the {digits} shown, \
                 and MySQL has no more"
            ))),
        }
    }

    pub(super) fn node(&self, expression: &Expr) -> Translation {
        match expression {
            Expr::Nested(inner) => self.write(inner),
            Expr::Identifier(name) => match self.present(expression) {
                Some(now) => now,
                None => self.name(None, name, expression),
            },
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., qualifier, name] => self.name(Some(qualifier), name, expression),
                _ => Err(unknown(expression)),
            },
            Expr::Value(value) => literal(&value.value, expression),
            // The introducer says how the text that stands there was written, not what it is.
            Expr::Prefixed { prefix, value } if is_unicode(&prefix.value) => self.write(value),
            Expr::UnaryOp { op: UnaryOperator::Not | UnaryOperator::BangNot, expr } => {
                let inner = self.truth(expr)?;
                Ok(Sql::condition(format!("NOT {}", inner.within(Binds::Is)), Binds::Not))
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.negative(expr, expression),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => self.joined(left, "AND", Binds::And, right),
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => self.joined(left, "OR", Binds::Or, right),
            // The parser binds XOR more tightly than MySQL does.
            Expr::BinaryOp { op: BinaryOperator::Xor, .. } => Err(unknown(expression)),
            Expr::BinaryOp { left, op, right } => match (comparison::operator(op), strip(right)) {
                (Some(operator), _) => self.compared(left, operator, right),
                (None, Expr::Interval(interval)) => self.moved(left, op, interval, expression),
                (None, _) => self.arithmetic(left, op, right, expression),
            },
            Expr::IsNull(inner) => self.is(inner, "IS NULL"),
            Expr::IsNotNull(inner) => self.is(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => self.is_truth(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => self.is_truth(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => self.is_truth(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => self.is_truth(inner, "IS NOT FALSE"),
            Expr::InList { expr, list, negated } => self.among(expr, *negated, list),
            Expr::InSubquery { expr, subquery, negated } => self.among_rows(expr, *negated, subquery),
            Expr::Exists { subquery, negated } => self.exists(subquery, *negated),
            Expr::Subquery(subquery) => self.scalar(subquery),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => self.like(expr, *negated, pattern),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Function(function) => match self.present(expression) {
                Some(now) => now,
                None => self.function(function, expression),
            },
            Expr::Cast { expr, data_type, format: None, .. } => self.cast(expr, data_type, expression),
            Expr::Convert { expr, data_type: None, charset: Some(charset), .. } => {
                self.in_unicode(expr, &charset.to_string(), expression)
            }
            Expr::Extract { field, expr, .. } => self.part(&field.to_string(), expr, expression),
            Expr::Floor { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.whole("floor", expr, expression)
            }
            Expr::Ceil { expr, field: CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => {
                self.whole("ceil", expr, expression)
            }
            Expr::Substring { expr, substring_from: Some(from), substring_for, .. } => {
                self.substring(expr, from, substring_for.as_deref(), expression)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters: None } => {
                self.trim(*trim_where, trim_what.as_deref(), expr, expression)
            }
            other => Err(unknown(other)),
        }
    }

    /// An expression as a truth value: a number is true unless it is zero.
    pub(in crate::dialect::mysql) fn truth(&self, expression: &Expr) -> Translation {
        let written = self.value(expression)?;
        match written.kind {
            ValueKind::Truth => Ok(written),
            ValueKind::Null => Ok(Sql::new("NULL::boolean", ValueKind::Truth)),
            ValueKind::Integer | ValueKind::Decimal => {
                Ok(Sql::condition(format!("{} <> 0", written.within(Binds::Other)), Binds::Comparison))
            }
            _ => Err(Untranslatable(format!("`{expression}` is {} in the place of a truth value", written.kind))),
        }
    }

    fn joined(&self, left: &Expr, operator: &str, binds: Binds, right: &Expr) -> Translation {
        let (left, right) = (self.truth(left)?, self.truth(right)?);
        Ok(Sql::condition(format!("{} {operator} {}", left.within(binds), right.within(binds)), binds))
    }

    fn is(&self, inner: &Expr, words: &str) -> Translation {
        let inner = match self.column_of(inner)?.filter(|column| column.keeps_null() && self.groups.is_none()) {
            Some(column) => column.shown()?,
            None => self.write(inner)?,
        };
        Ok(Sql::condition(format!("{} {words}", inner.within(Binds::Other)), Binds::Is))
    }

    fn is_truth(&self, inner: &Expr, words: &str) -> Translation {
        let inner = self.truth(inner)?;
        Ok(Sql::condition(format!("{} {words}", inner.within(Binds::Other)), Binds::Is))
    }

    /// A literal beside a value of this kind, to which MySQL converts it.
    pub(super) fn beside(&self, expression: &Expr, kind: ValueKind) -> Translation {
        let written = self.value(expression)?;
        let Some(words) = written.words.as_deref() else { return Ok(written) };
        let is_day = words.len() == "2000-01-01".len();
        let is_whole = match kind {
            ValueKind::Date => is_day,
            ValueKind::Timestamp => is_day || words.contains(':'),
            // The zone of such a literal is the session's, which is the spec's if that is UTC.
            ValueKind::Timestamptz if self.scope.zone == Zone::UTC => {
                let value = of_string(words, ValueKind::Timestamp, &Zone::UTC, Wanted::Compared(kind));
                let value = value.filter(|_| is_day || words.contains(':'));
                let sql = value.map(|_| Sql::new(quote_literal(&with_era(&format!("{words}+00"))), kind));
                return sql.ok_or_else(|| Untranslatable(format!("the string {} is not {kind}", quote_literal(words))));
            }
            _ => return Ok(written),
        };
        let value = of_string(words, kind, &self.scope.zone, Wanted::Compared(kind)).filter(|_| is_whole);
        value.ok_or_else(|| Untranslatable(format!("the string {} is not {kind}", quote_literal(words))))
    }
}

/// Whether a text behind this introducer is the same letters in UTF-8, in which it was read.
pub(super) fn is_unicode(introducer: &str) -> bool {
    ["utf8mb4", "utf8mb3", "utf8"].iter().any(|known| introducer.trim_start_matches('_').eq_ignore_ascii_case(known))
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
                let scale = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                Ok(Sql { scale: u32::try_from(scale).ok(), ..Sql::new(digits, ValueKind::Decimal) })
            }
            Err(_) => Err(unknown(expression)),
        },
        Value::SingleQuotedString(words) => {
            Ok(Sql { words: Some(words.clone()), ..Sql::new(quote_literal(words), ValueKind::Text) })
        }
        _ => Err(unknown(expression)),
    }
}
