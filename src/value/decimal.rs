//! Decimal numbers of any length, read from text without a copy.

use crate::value::FractionTreatment;
use std::fmt::{self, Write};

/// A decimal number: its significant digits are borrowed from the text.
///
/// The value is `0.DDDD × 10^point`, where `DDDD` are the significant digits, without zeros at either end.
#[derive(Debug, Clone, Copy)]
pub struct Decimal<'text> {
    negative: bool,
    /// Significant digits before the decimal point of the text; may end in zeros only if `tail` is not empty.
    head: &'text [u8],
    /// Significant digits after the decimal point of the text.
    tail: &'text [u8],
    point: i32,
    scale: i32,
}

/// Exponents beyond this are not read: PostgreSQL's `numeric` ends at 131072 digits, doubles much earlier.
const GREATEST_EXPONENT: i32 = 1_000_000;

impl<'text> Decimal<'text> {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, where the digits before or after the point may be missing but not
    /// both, and white space around: PostgreSQL's numeric constants
    /// (<https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS-NUMERIC>). `None` for other
    /// text, and for an exponent beyond a million.
    #[must_use]
    pub fn parse(text: &'text [u8]) -> Option<Decimal<'text>> {
        let text = text.trim_ascii();
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (integer, rest) = split_digits(text);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => split_digits(rest),
            _ => (&rest[..0], rest),
        };
        if integer.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', digits @ ..] => parse_exponent(digits)?,
            _ => return None,
        };
        let length = |digits: &[u8]| i32::try_from(digits.len()).ok();
        let scale = (length(fraction)?.checked_sub(exponent)?).max(0);
        let mut head = strip_leading_zeros(integer);
        let mut tail = fraction;
        let mut point = length(head)?;
        if head.is_empty() {
            tail = strip_leading_zeros(fraction);
            point = length(tail)? - length(fraction)?;
        }
        tail = strip_trailing_zeros(tail);
        if tail.is_empty() {
            head = strip_trailing_zeros(head);
        }
        point = point.checked_add(exponent)?;
        Some(Decimal { negative, head, tail, point, scale })
    }

    /// Whether the number is written with a minus sign; `-0` is.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    /// The number of significant digits; zero has none.
    #[must_use]
    pub fn length(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// The significant digits in order, 0 to 9 each.
    #[inline]
    pub fn digits(&self) -> impl Iterator<Item = u8> + 'text {
        self.head.iter().chain(self.tail).map(|digit| digit - b'0')
    }

    /// Position of the decimal point: the number of significant digits before it. 12.5 has 2, 0.05 has -1, 1e9 has 10.
    #[must_use]
    pub fn point(&self) -> i32 {
        self.point
    }

    /// Number of digits of the written fraction, including trailing zeros: 1.50 has 2, 15e-1 has 1.
    #[must_use]
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// Number of digits of fraction that are needed; negative if the number ends in zeros before the point.
    #[must_use]
    pub fn fraction_digits(&self) -> i32 {
        // A slice in memory that is longer than i32::MAX was refused by `parse`.
        if self.is_zero() { 0 } else { i32::try_from(self.length()).unwrap_or(i32::MAX) - self.point }
    }

    /// The number times 10^`scale`, if that is a whole number that fits.
    #[must_use]
    pub fn scaled(&self, scale: u8) -> Option<i64> {
        let zeros = u32::try_from(i32::from(scale) - self.fraction_digits()).ok()?;
        let mut number = 0_i64;
        for digit in self.digits() {
            let digit = i64::from(digit);
            number = number.checked_mul(10)?.checked_add(if self.negative { -digit } else { digit })?;
        }
        if number == 0 { Some(0) } else { number.checked_mul(10_i64.checked_pow(zeros)?) }
    }

    /// Text of the number with `scale` digits of fraction, the others cut off or rounded half away from zero, as PostgreSQL's
    /// `trunc` and `round` do. A negative scale counts zeros in front of the point.
    #[must_use]
    pub fn shortened(&self, scale: i32, beyond: FractionTreatment) -> String {
        let kept = self.point.saturating_add(scale);
        let count = usize::try_from(kept).unwrap_or(0);
        let mut digits = self.digits().take(count).map(|digit| char::from(b'0' + digit)).collect::<Vec<_>>();
        let next = if kept < 0 { 0 } else { self.digits().nth(count).unwrap_or(0) };
        // Zeros that the digits leave out stand between the last of them and the place that is kept.
        digits.resize(count.max(digits.len()), '0');
        if beyond == FractionTreatment::Round && next >= 5 {
            match digits.iter().rposition(|digit| *digit != '9') {
                Some(at) => {
                    digits[at] = char::from_u32(u32::from(digits[at]) + 1).unwrap_or('9');
                    digits[at + 1..].fill('0');
                }
                None => {
                    digits.fill('0');
                    digits.insert(0, '1');
                }
            }
        }
        let sign = if self.negative { "-" } else { "" };
        let digits = if digits.is_empty() { "0".to_owned() } else { digits.into_iter().collect() };
        format!("{sign}{digits}e{}", -scale)
    }

    /// Whether both are the same number, regardless of scale and of the sign of zero.
    #[must_use]
    pub fn equals(&self, other: &Decimal<'_>) -> bool {
        if self.is_zero() || other.is_zero() {
            return self.is_zero() && other.is_zero();
        }
        self.negative == other.negative
            && self.point == other.point
            && self.length() == other.length()
            && self.digits().eq(other.digits())
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

fn strip_leading_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len())..]
}

fn strip_trailing_zeros(digits: &[u8]) -> &[u8] {
    &digits[..digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1)]
}

fn parse_exponent(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        _ => (1, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut exponent = 0_i32;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        exponent = exponent * 10 + i32::from(digit - b'0');
        if exponent > GREATEST_EXPONENT {
            return None;
        }
    }
    Some(sign * exponent)
}

/// The shortest decimal that reads back as the same floating point number, without an allocation.
#[derive(Debug, Clone, Copy)]
pub struct ShortDecimal {
    buffer: [u8; 32],
    length: usize,
}

impl ShortDecimal {
    /// The shortest decimal of a double or, as an `f32` formats itself differently, of a single.
    #[must_use]
    pub fn of(number: impl fmt::LowerExp) -> ShortDecimal {
        let mut short = ShortDecimal { buffer: [0; 32], length: 0 };
        // A double takes at most 24 bytes: sign, 17 digits, point, `e`, and four of exponent.
        let _ = write!(short, "{number:e}");
        short
    }

    /// The text, such as `-1.5e-7`, `NaN` or `inf`.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// The number; `None` for infinities and NaN.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal<'_>> {
        Decimal::parse(self.as_bytes())
    }
}

impl Write for ShortDecimal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.buffer.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(bool, String, i32, i32)> {
        let decimal = Decimal::parse(text.as_bytes())?;
        let digits = decimal.digits().map(|digit| char::from(digit + b'0')).collect();
        Some((decimal.is_negative(), digits, decimal.point(), decimal.scale()))
    }

    #[test]
    fn finds_digits_point_and_scale() {
        let digits = |text: &str| text.to_owned();
        assert_eq!(parts("12.50"), Some((false, digits("125"), 2, 2)));
        assert_eq!(parts(" -0.0500 "), Some((true, digits("5"), -1, 4)));
        assert_eq!(parts("1200"), Some((false, digits("12"), 4, 0)));
        assert_eq!(parts("100.001"), Some((false, digits("100001"), 3, 3)));
        assert_eq!(parts("15e-1"), Some((false, digits("15"), 1, 1)));
        assert_eq!(parts("1.5E+3"), Some((false, digits("15"), 4, 0)));
        assert_eq!(parts("0.00"), Some((false, digits(""), -2, 2)));
        assert_eq!(parts(".5"), Some((false, digits("5"), 0, 1)));
        assert_eq!(parts("5."), Some((false, digits("5"), 1, 0)));
        for wrong in ["", ".", "-", "1e", "1e+", "1.2.3", "1 2", "e5", "0x10", "1_000", "NaN", "1e99999999999"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn scales_exactly_or_not_at_all() {
        let scaled = |text: &str, scale| Decimal::parse(text.as_bytes()).and_then(|decimal| decimal.scaled(scale));
        assert_eq!(scaled("1.5", 6), Some(1_500_000));
        assert_eq!(scaled("-120", 0), Some(-120));
        assert_eq!(scaled("0.00", 3), Some(0));
        assert_eq!(scaled("1.0000001", 6), None);
        assert_eq!(scaled("-9223372036854775808", 0), Some(i64::MIN));
        assert_eq!(scaled("9223372036854775808", 0), None);
    }

    #[test]
    fn the_shortest_decimal_of_a_double() {
        assert_eq!(ShortDecimal::of(0.1_f64).as_bytes(), b"1e-1");
        assert_eq!(ShortDecimal::of(-f64::MIN_POSITIVE).as_bytes(), b"-2.2250738585072014e-308");
        assert!(ShortDecimal::of(f64::NAN).decimal().is_none());
    }
}
