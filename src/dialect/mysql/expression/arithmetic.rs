//! Arithmetic of integers, decimals and doubles (MySQL manual, section "Arithmetic Operators").

use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use sqlparser::ast::{BinaryOperator, Expr};

/// Most digits after the point of a decimal that is computed with: MySQL has no more than 30.
const MOST_DIGITS: u32 = 30;

impl Translator<'_> {
    /// `+`, `-`, `*`, `/`, DIV and MOD. Both systems fail beyond 64 bits.
    pub(super) fn arithmetic(
        &self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        expression: &Expr,
    ) -> Translation {
        if let (BinaryOperator::Minus, Some(days)) = (operator, self.days_between(left, right)?) {
            return Ok(days);
        }
        let (one, two) = (self.number(left)?, self.number(right)?);
        // PostgreSQL computes in 32 bits with two literals that fit these.
        let one = if is_literal(&one) && is_literal(&two) { one.cast("bigint", ValueKind::Integer) } else { one };
        let is_natural = one.coercion.is_natural() || two.coercion.is_natural();
        use ValueKind::{Decimal, Float, Integer};
        let kind = match (one.kind, two.kind) {
            (Integer, Integer) => Integer,
            (Float, _) | (_, Float) => Float,
            _ => Decimal,
        };
        let scales = one.decimals().zip(two.decimals());
        let (sign, binds, scale) = match operator {
            BinaryOperator::Plus => ("+", Binds::Sum, scales.map(|(one, two)| one.max(two))),
            BinaryOperator::Minus if is_natural => {
                let reason = "a difference of unsigned numbers below zero is an error, and is a number in PostgreSQL";
                return Err(Untranslatable(reason.to_owned()));
            }
            BinaryOperator::Minus => ("-", Binds::Sum, scales.map(|(one, two)| one.max(two))),
            BinaryOperator::Multiply => ("*", Binds::Product, scales.map(|(one, two)| one + two)),
            BinaryOperator::Divide => return self.divided(&one, &two),
            BinaryOperator::MyIntegerDivide if kind == Integer => ("/", Binds::Product, None),
            BinaryOperator::Modulo if kind == Integer => ("%", Binds::Product, None),
            BinaryOperator::Modulo if kind == Decimal => ("%", Binds::Product, scales.map(|(one, two)| one.max(two))),
            _ => return Err(unknown(expression)),
        };
        if kind == Decimal && scale.is_some_and(|scale| scale > MOST_DIGITS) {
            return Err(Untranslatable(format!("`{expression}` has more digits after the point than MySQL keeps")));
        }
        // Division by zero gives NULL.
        let right = match sign {
            "/" | "%" if two.text.parse::<i64>().is_ok_and(|number| number != 0) => two.text.clone(),
            "/" | "%" => format!("nullif({}, 0)", two.text),
            _ => two.within(if binds == Binds::Sum { Binds::Product } else { Binds::Sign }),
        };
        let text = format!("{} {sign} {right}", one.within(binds));
        let coercion = if is_natural { Coercion::Natural } else { Coercion::Integer };
        let is_inexact = one.is_inexact || two.is_inexact;
        Ok(Sql { binds, coercion, scale, is_inexact, ..Sql::new(text, kind) })
    }

    pub(super) fn negative(&self, inner: &Expr, expression: &Expr) -> Translation {
        let written = self.number(inner)?;
        if written.coercion.is_natural() {
            return Err(unknown(expression));
        }
        let text = format!("-{}", written.within(Binds::Atom));
        let Sql { kind, scale, is_inexact, coercion, .. } = written;
        Ok(Sql { binds: Binds::Sign, scale, is_inexact, coercion, ..Sql::new(text, kind) })
    }

    /// A number in the widest type of its kind, in which MySQL computes. A truth value is the number 0 or 1.
    pub(super) fn number(&self, expression: &Expr) -> Translation {
        let written = self.value(expression)?;
        let Sql { coercion, scale, .. } = written;
        match written.kind {
            ValueKind::Null => Ok(Sql::new("NULL::bigint", ValueKind::Integer)),
            ValueKind::Truth => Ok(Sql {
                coercion: Coercion::Integer,
                ..Sql::new(format!("({})::integer::bigint", written.text), ValueKind::Integer)
            }),
            ValueKind::Integer if is_literal(&written) => Ok(written),
            ValueKind::Integer if written.is_narrow => {
                Ok(Sql { coercion, ..written.cast("bigint", ValueKind::Integer) })
            }
            ValueKind::Float => Ok(written.cast("double precision", ValueKind::Float)),
            // A sum of integers is a decimal in MySQL, and may be a bigint in PostgreSQL.
            ValueKind::Decimal if written.is_narrow => Ok(Sql { scale, ..written.cast("numeric", ValueKind::Decimal) }),
            ValueKind::Integer | ValueKind::Decimal => Ok(written),
            kind => Err(Untranslatable(format!("`{expression}` is {kind} in the place of a number"))),
        }
    }

    /// floor() and ceil().
    pub(super) fn whole(&self, name: &str, value: &Expr, expression: &Expr) -> Translation {
        let written = self.number(value)?;
        match written.kind {
            ValueKind::Integer => Ok(written),
            ValueKind::Decimal => {
                Ok(Sql { scale: Some(0), ..Sql::new(format!("{name}({})", written.text), ValueKind::Decimal) })
            }
            ValueKind::Float => Ok(Sql {
                is_inexact: written.is_inexact,
                ..Sql::new(format!("{name}({})", written.text), ValueKind::Float)
            }),
            _ => Err(unknown(expression)),
        }
    }

    /// abs(), sign() and truncate() to a number of digits.
    pub(super) fn of_number(&self, name: &str, value: &Expr, digits: Option<u32>, expression: &Expr) -> Translation {
        let written = self.number(value)?;
        let Sql { kind, scale, is_inexact, .. } = written;
        match (name, kind, digits) {
            ("abs", ..) => Ok(Sql { scale, is_inexact, ..Sql::new(format!("abs({})", written.text), kind) }),
            ("sign", ValueKind::Integer | ValueKind::Decimal, None) => {
                let text = format!("sign({})::integer", written.text);
                Ok(Sql { is_narrow: true, coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) })
            }
            ("truncate", ValueKind::Integer, Some(_)) => Ok(written),
            ("truncate", ValueKind::Decimal, Some(digits)) => {
                let scale = scale.filter(|scale| digits <= *scale).map(|_| digits);
                Ok(Sql { scale, ..Sql::new(format!("trunc({}, {digits})", written.text), kind) })
            }
            _ => Err(unknown(expression)),
        }
    }
}

/// Whether an integer is written in digits.
fn is_literal(number: &Sql) -> bool {
    let digits = number.text.strip_prefix('-').unwrap_or(&number.text);
    number.kind == ValueKind::Integer && digits.bytes().all(|byte| byte.is_ascii_digit())
}
