//! Arithmetic of integers, decimals and doubles (MySQL manual, section "Arithmetic Operators").

use super::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use sqlparser::ast::{BinaryOperator, Expr};

impl Translator<'_> {
    /// `+`, `-`, `*`, DIV and MOD. The result of `/` has as many digits as the server's setting
    /// `div_precision_increment` says, so it is not translated. Both systems fail beyond 64 bits.
    pub(super) fn arithmetic(
        &self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        expression: &Expr,
    ) -> Translation {
        let (one, two) = (self.number(left)?, self.number(right)?);
        let is_natural = [one.coercion, two.coercion].contains(&Coercion::Natural);
        use ValueKind::{Decimal, Float, Integer};
        let kind = match (one.kind, two.kind) {
            (Integer, Integer) => Integer,
            (Float, _) | (_, Float) => Float,
            _ => Decimal,
        };
        let (sign, binds) = match operator {
            BinaryOperator::Plus => ("+", Binds::Sum),
            BinaryOperator::Minus if is_natural => {
                let reason = "a difference of unsigned numbers below zero is an error, and is a number in PostgreSQL";
                return Err(Untranslatable(reason.to_owned()));
            }
            BinaryOperator::Minus => ("-", Binds::Sum),
            BinaryOperator::Multiply => ("*", Binds::Product),
            BinaryOperator::MyIntegerDivide if kind == Integer => ("/", Binds::Product),
            BinaryOperator::Modulo if kind == Integer => ("%", Binds::Product),
            _ => return Err(unknown(expression)),
        };
        // Division by zero gives NULL.
        let right = match sign {
            "/" | "%" if two.text.parse::<i64>().is_ok_and(|number| number != 0) => two.text,
            "/" | "%" => format!("nullif({}, 0)", two.text),
            _ => two.within(if binds == Binds::Sum { Binds::Product } else { Binds::Sign }),
        };
        let text = format!("{} {sign} {right}", one.within(binds));
        let coercion = if is_natural { Coercion::Natural } else { Coercion::Integer };
        Ok(Sql { binds, coercion, ..Sql::new(text, kind) })
    }

    pub(super) fn negative(&self, inner: &Expr, expression: &Expr) -> Translation {
        let written = self.number(inner)?;
        if written.coercion == Coercion::Natural {
            return Err(unknown(expression));
        }
        let text = format!("-{}", written.within(Binds::Atom));
        Ok(Sql { binds: Binds::Sign, ..Sql::new(text, written.kind) })
    }

    /// A number in the widest type of its kind, in which MySQL computes.
    pub(super) fn number(&self, expression: &Expr) -> Translation {
        let written = self.write(expression)?;
        let is_literal = written.text.bytes().all(|byte| byte.is_ascii_digit());
        match written.kind {
            ValueKind::Integer if is_literal => Ok(written),
            ValueKind::Integer if written.is_narrow => {
                let coercion = written.coercion;
                Ok(Sql { coercion, ..written.cast("bigint", ValueKind::Integer) })
            }
            ValueKind::Float => Ok(written.cast("double precision", ValueKind::Float)),
            ValueKind::Integer | ValueKind::Decimal => Ok(written),
            kind => Err(Untranslatable(format!("`{expression}` is {kind} in the place of a number"))),
        }
    }
}
