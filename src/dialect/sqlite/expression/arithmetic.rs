//! Arithmetic: operators between numbers, CAST, round() and abs().

use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::{END_OF_INTEGERS, NumberRange};
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{RangeExcess, Untranslatable, natural, strip, unknown};
use crate::dialect::sqlite::affinity::Affinity;
use sqlparser::ast::{BinaryOperator, DataType, Expr};

/// The longest SQL that is written more than once: nested repetition grows exponentially.
pub(super) const LONGEST_REPEATED: usize = 2_000;

/// The smallest divisor that is assumed if the divisors lie on both sides of zero.
const SMALLEST_DIVISOR: f64 = 1e-9;

/// The largest safe divisor: its square is the largest double.
const LARGEST_DIVISOR: f64 = 1e154;

impl Translator<'_> {
    /// `+`, `-`, `*`, `/` and `%`.
    pub(super) fn arithmetic(
        &self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        expression: &Expr,
    ) -> Translation {
        let is_chain = |side: &Expr| matches!(side, Expr::BinaryOp { op: BinaryOperator::StringConcat, .. });
        if is_chain(left) || is_chain(right) {
            return Err(unknown(expression));
        }
        let (one, two) = (self.number(left)?, self.number(right)?);
        let (one, two) = (doubled(one), doubled(two));
        let kind = match (one.kind, two.kind) {
            (ValueKind::Integer, ValueKind::Integer) => ValueKind::Integer,
            (ValueKind::Float, _) | (_, ValueKind::Float) => ValueKind::Float,
            _ => ValueKind::Mixed,
        };
        let extent = NumberRange::both(one.extent, two.extent);
        let (extent, binds) = match operator {
            BinaryOperator::Plus => (extent.map(|(one, two)| one.around(two, |one, two| one + two)), Binds::Sum),
            BinaryOperator::Minus => (extent.map(|(one, two)| one.around(two, |one, two| one - two)), Binds::Sum),
            BinaryOperator::Multiply => {
                (extent.map(|(one, two)| one.around(two, |one, two| one * two)), Binds::Product)
            }
            // Numbers that may be integers or not, row by row, divide accordingly; the rest of doubles is one of integers.
            BinaryOperator::Divide if kind != ValueKind::Mixed => {
                (extent.map(|(one, two)| quotient(one, two, kind)), Binds::Product)
            }
            BinaryOperator::Modulo if kind == ValueKind::Integer => (two.extent.map(symmetric), Binds::Product),
            _ => return Err(unknown(expression)),
        };
        let scales = one.decimals().zip(two.decimals());
        let scale = match operator {
            BinaryOperator::Plus | BinaryOperator::Minus => scales.map(|(one, two)| one.max(two)),
            BinaryOperator::Multiply => scales.and_then(|(one, two)| one.checked_add(two)),
            _ => None,
        };
        // PostgreSQL computes with 32-bit operands in 32 bits.
        let is_narrow = kind == ValueKind::Integer && one.is_narrow && two.is_narrow;
        let is_settled = one.is_settled && two.is_settled;
        let stays = is_narrow && is_settled && extent.is_some_and(|extent| extent.magnitude() < f64::from(i32::MAX));
        let one = if is_narrow && !stays { self.wide(one) } else { one };
        let right = match operator {
            // SQLite divides by zero to NULL.
            BinaryOperator::Divide | BinaryOperator::Modulo if !is_nonzero(right) => format!("nullif({}, 0)", two.text),
            // The right operand of - and / is enclosed at equal precedence too.
            _ => {
                let next = if binds == Binds::Sum { Binds::Product } else { Binds::Sign };
                two.within(next)
            }
        };
        // Here it is a double, and in SQLite an integer if both operands are.
        let is_rounded = |extent: Option<NumberRange>| extent.is_some_and(NumberRange::is_rounded);
        if kind == ValueKind::Mixed && [extent, one.extent, two.extent].into_iter().any(is_rounded) {
            self.note_excess(|| RangeExcess { part: expression.to_string(), condition: String::new() });
        }
        // PostgreSQL also fails if a quotient underflows to zero.
        let is_tiny = |(_, divisor): (NumberRange, NumberRange)| divisor.magnitude() > LARGEST_DIVISOR;
        if *operator == BinaryOperator::Divide && NumberRange::both(one.extent, two.extent).is_some_and(is_tiny) {
            self.note_excess(|| {
                let part = expression.to_string();
                RangeExcess { condition: format!("({part}) = 0 AND ({left}) <> 0"), part }
            });
        }
        let text = format!("{} {operator} {right}", one.within(binds));
        let is_inexact = one.is_inexact || two.is_inexact;
        Ok(self.bounded(
            Sql { binds, extent, is_inexact, is_settled, is_narrow: stays, scale, ..Sql::new(text, kind) },
            expression,
        ))
    }

    /// An integer in 64 bits, and a decimal as the double that it is in SQLite's arithmetic.
    pub(super) fn wide(&self, number: Sql) -> Sql {
        if number.is_narrow { number.cast("bigint", ValueKind::Integer) } else { doubled(number) }
    }

    /// Notes a number that may leave the range of its type on the stored data.
    pub(super) fn bounded(&self, number: Sql, expression: &Expr) -> Sql {
        let Some(extent) = number.extent.filter(|extent| extent.overflows(number.kind)) else { return number };
        let condition = |part: &str| match number.kind {
            ValueKind::Integer => format!("typeof({part}) = 'real'"),
            _ => format!("abs({part}) > 1.7976931348623157e308"),
        };
        self.note_excess(|| {
            let part = expression.to_string();
            RangeExcess { condition: condition(&part), part }
        });
        let most = if number.kind == ValueKind::Integer { END_OF_INTEGERS } else { f64::MAX };
        let extent = NumberRange { low: extent.low.clamp(-most, most), high: extent.high.clamp(-most, most) };
        Sql { extent: Some(extent), ..number }
    }

    fn note_excess(&self, excess: impl FnOnce() -> RangeExcess) {
        self.remarks.note_excess(|| {
            let RangeExcess { part, condition } = excess();
            let spelled = |text| self.hexadecimal.spelled(text);
            RangeExcess { part: spelled(part), condition: spelled(condition) }
        });
    }

    /// Two numbers that are about to be compared: an integer beside a double is rounded by PostgreSQL and not by SQLite.
    pub(super) fn side_by_side(&self, one: &Sql, two: &Sql, expression: &Expr) {
        for (integer, other) in [(one, two), (two, one)] {
            let is_rounded = integer.extent.is_some_and(NumberRange::is_rounded);
            if integer.kind == ValueKind::Integer
                && matches!(other.kind, ValueKind::Float | ValueKind::Mixed)
                && is_rounded
            {
                self.note_excess(|| RangeExcess { part: expression.to_string(), condition: String::new() });
            }
        }
    }

    /// CAST between kinds with the same result in both systems. Text to numbers is not one: SQLite converts a numeric
    /// prefix, PostgreSQL all or nothing.
    pub(super) fn cast(&self, inner: &Expr, data_type: &DataType, expression: &Expr) -> Translation {
        let name = data_type.to_string().to_ascii_uppercase();
        let affinity = Affinity::of(&name);
        let written = self.write(inner, Wanted::Natural)?;
        let cast = match (written.kind, affinity) {
            (ValueKind::Integer, Affinity::Integer) | (ValueKind::Text, Affinity::Text) => written,
            (ValueKind::Truth, Affinity::Integer) => written.counted(),
            // SQLite cuts the fraction off, a cast of PostgreSQL rounds; SQLite stops at the ends of 64 bits.
            (ValueKind::Float | ValueKind::Mixed | ValueKind::Decimal, Affinity::Integer) => {
                let written = written.exactly(&format!("`{expression}`"))?;
                let extent = written.extent;
                let text = format!("trunc({})::bigint", written.text);
                self.beyond_integers(Sql { extent, ..Sql::new(text, ValueKind::Integer) }, inner)
            }
            (ValueKind::Integer | ValueKind::Null, Affinity::Text) => written.cast("text", ValueKind::Text),
            (ValueKind::Integer | ValueKind::Decimal | ValueKind::Float | ValueKind::Mixed, Affinity::Real) => {
                written.cast("double precision", ValueKind::Float)
            }
            _ => return Err(unknown(expression)),
        };
        Ok(Sql { coercion: affinity.into(), ..cast })
    }

    fn beyond_integers(&self, integer: Sql, inner: &Expr) -> Sql {
        let Some(extent) = integer.extent.filter(|extent| extent.overflows(ValueKind::Integer)) else { return integer };
        let part = inner.to_string();
        self.note_excess(|| RangeExcess { condition: format!("abs({part}) >= 9223372036854775808.0"), part });
        Sql {
            extent: Some(NumberRange { low: extent.low.max(-END_OF_INTEGERS), high: extent.high.min(END_OF_INTEGERS) }),
            ..integer
        }
    }

    /// abs(): of the smallest integer both systems fail.
    pub(super) fn abs(&self, argument: &Expr) -> Translation {
        let written = doubled(self.number(argument)?);
        let written = if written.is_narrow { self.wide(written) } else { written };
        let extent = written.extent.map(|extent| NumberRange { low: 0.0, high: extent.magnitude() });
        // SQLite fails only if it computes the value, and PostgreSQL may compute it when SQLite does not.
        if written.kind == ValueKind::Integer && extent.is_some_and(|extent| extent.overflows(ValueKind::Integer)) {
            let part = argument.to_string();
            self.note_excess(|| RangeExcess { condition: format!("{part} = -9223372036854775808"), part });
        }
        Ok(Sql {
            text: format!("abs({})", written.text),
            binds: Binds::Atom,
            coercion: Coercion::Nothing,
            extent,
            ..written
        })
    }

    /// round(): half away from zero. With digits, the two systems disagree on halves: 2.675 is a little less in binary
    /// floating point, and becomes 2.67 in SQLite (2.68 in 3.40), and 2.68 by PostgreSQL's decimals. Only a number that
    /// has no more digits is never near a half.
    pub(super) fn round(&self, number: &Expr, digits: Option<&Expr>, expression: &Expr) -> Translation {
        let written = self.number(number)?;
        let (extent, scale) = (written.extent, written.decimals());
        let digits = digits.map(|digits| natural(digits).filter(|digits| *digits <= 30));
        let rounded = match (written.kind, digits) {
            (_, Some(None)) => return Err(unknown(expression)),
            (ValueKind::Integer, _) => written.cast("double precision", ValueKind::Float),
            // Half away from zero, by the addition that SQLite does; PostgreSQL's own round() takes the even neighbour.
            // From 2^52 on there is nothing to round.
            (_, None) => {
                let written = doubled(written.exactly(&format!("`{expression}`"))?);
                if written.text.len() > LONGEST_REPEATED {
                    return Err(unknown(expression));
                }
                let text = format!(
                    "CASE WHEN abs({0}) < 4503599627370496 THEN trunc(({0}) + sign({0}) * 0.5) ELSE {0} END",
                    written.text
                );
                Sql::new(text, ValueKind::Float)
            }
            (kind, Some(Some(digits))) if scale.is_some_and(|scale| scale <= digits) => {
                // Through text, since a cast would keep 15 digits.
                let through = if kind == ValueKind::Decimal { "" } else { "::text" };
                let text = format!("round(({}){through}::numeric, {digits})::double precision", written.text);
                Sql { is_inexact: true, ..Sql::new(text, ValueKind::Float) }
            }
            (_, Some(Some(digits))) => {
                return Err(Untranslatable(format!(
                    "`{expression}` rounds what may have more than {digits} digits after the point: a half such as 2.675 is a \
                     little less in SQLite's binary floating point, and none in PostgreSQL's decimals"
                )));
            }
        };
        Ok(Sql { extent, scale, coercion: Coercion::Nothing, ..rounded })
    }
}

/// A decimal as the double that it is in SQLite's arithmetic.
fn doubled(number: Sql) -> Sql {
    if number.kind == ValueKind::Decimal { number.cast("double precision", ValueKind::Mixed) } else { number }
}

fn quotient(dividend: NumberRange, divisor: NumberRange, kind: ValueKind) -> NumberRange {
    if kind == ValueKind::Integer {
        return symmetric(dividend);
    }
    if divisor.low > 0.0 || divisor.high < 0.0 {
        return dividend.around(divisor, |dividend, divisor| dividend / divisor);
    }
    let most = dividend.magnitude() / SMALLEST_DIVISOR;
    NumberRange { low: -most, high: most }
}

fn symmetric(extent: NumberRange) -> NumberRange {
    NumberRange { low: -extent.magnitude(), high: extent.magnitude() }
}

/// Whether an expression is a number other than zero.
fn is_nonzero(expression: &Expr) -> bool {
    matches!(strip(expression), Expr::Value(value) if value.value.to_string().parse::<f64>().is_ok_and(|number| number != 0.0))
}
