//! Bounds of a value: they show whether arithmetic on the stored data may exceed 64 bits or a double.
//!
//! A source may continue if an integer or a double overflows (SQLite does, in floating point and to infinity), and
//! PostgreSQL fails. The bounds are doubles, which is enough: a value near the end of the range counts as a possible
//! overflow.

use super::kind::ValueKind;

/// The smallest and the largest number that a value can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NumberRange {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

/// 2^63, the first number that does not fit 64 bits with a sign.
pub(crate) const END_OF_INTEGERS: f64 = 9_223_372_036_854_775_808.0;

/// 2^53, from which on doubles leave out integers.
const END_OF_EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0;

impl NumberRange {
    pub(crate) fn of(number: f64) -> Self {
        Self { low: number, high: number }
    }

    /// Bounds of a function of two numbers, from its values at the ends of both: right for sums and products.
    pub(crate) fn around(self, other: Self, operation: impl Fn(f64, f64) -> f64) -> Self {
        let ends = [
            operation(self.low, other.low),
            operation(self.low, other.high),
            operation(self.high, other.low),
            operation(self.high, other.high),
        ];
        // An end that is NaN (0 * infinity) may be any number.
        if ends.iter().any(|end| end.is_nan()) {
            return Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
        }
        Self {
            low: ends.into_iter().fold(f64::INFINITY, f64::min),
            high: ends.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Bounds of either value.
    pub(crate) fn joined(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    pub(crate) fn magnitude(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    /// Whether a number of this kind could be too large for PostgreSQL's type.
    pub(crate) fn overflows(self, kind: ValueKind) -> bool {
        match kind {
            ValueKind::Integer => self.magnitude() >= END_OF_INTEGERS,
            _ => !self.magnitude().is_finite(),
        }
    }

    /// Whether an integer could be rounded when it becomes a double.
    pub(crate) fn is_rounded(self) -> bool {
        self.magnitude() > END_OF_EXACT_INTEGERS
    }

    /// Both extents, if both are known.
    pub(crate) fn both(one: Option<Self>, two: Option<Self>) -> Option<(Self, Self)> {
        one.zip(two)
    }
}
