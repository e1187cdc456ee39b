//! Exact decimal numbers: of text, of integers, of doubles by their shortest decimal, and of PostgreSQL's `numeric`.

use super::print::{Bytes, Printed};
use super::unfit::{DIGITS, INFINITY, NOT_A_NUMBER, RANGE, SCALE, Unfit};
use std::fmt::Write as _;

/// A decimal number: its significant digits, without zeros at either end, times a power of ten; and the number of
/// digits of fraction that it shows, which `numeric` keeps (1.5 and 1.50 are printed differently).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<'a> {
    /// Up to 18 significant digits; zero has none and the exponent 0.
    Short {
        /// Digits as a whole number.
        coefficient: i64,
        /// Power of ten of the last digit.
        exponent: i32,
        /// Digits of fraction that are shown.
        scale: i32,
    },
    /// More digits, as ASCII.
    Long {
        /// Whether the number is below zero.
        negative: bool,
        /// Digits.
        digits: &'a [u8],
        /// The power of ten of the last digit.
        exponent: i32,
        /// Digits of fraction that are shown.
        scale: i32,
    },
    /// `NaN`
    NotANumber,
    /// An infinity, which `numeric` has since PostgreSQL 14.
    Infinite {
        /// Whether the number is below zero.
        negative: bool,
    },
}

/// Digits behind a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FractionSize {
    Nothing,
    /// Less than a half.
    Less,
    HalfOrMore,
}

/// The greatest number of significant digits of a [`Number::Short`].
const SHORT: usize = 18;

/// Greatest exponent that is read: the range of every type is much smaller.
const GREATEST_EXPONENT: i32 = 1_000_000;

/// Digits of `numeric` before and after the decimal point
/// (<https://www.postgresql.org/docs/15/datatype-numeric.html#DATATYPE-NUMERIC-DECIMAL>).
const DIGITS_BEFORE: i32 = 131_072;
const DIGITS_AFTER: i32 = 16_383;

impl<'a> Number<'a> {
    /// Decimal in text: `[+-]digits[.digits][e[+-]digits]`, white space around; `None` for other text. The scale is the
    /// number of digits of fraction that are written, as PostgreSQL's `numeric_in` counts them.
    pub(super) fn of_text(text: &[u8], room: &'a mut Vec<u8>) -> Option<Number<'a>> {
        let text = text.trim_ascii();
        let (negative, mut rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        let (mut coefficient, mut significant, mut digits, mut fraction) = (0_u64, 0_usize, 0_usize, 0_i32);
        let (start, mut seen_point) = (rest, false);
        while let Some((byte, after)) = rest.split_first() {
            match byte {
                b'0'..=b'9' => {
                    digits += 1;
                    significant += usize::from(significant > 0 || *byte != b'0');
                    if significant <= SHORT {
                        coefficient = coefficient * 10 + u64::from(byte - b'0');
                    }
                    fraction += i32::from(seen_point);
                }
                b'.' if !seen_point => seen_point = true,
                _ => break,
            }
            rest = after;
        }
        if digits == 0 {
            return None;
        }
        let written = &start[..start.len() - rest.len()];
        let power = match rest {
            [] => 0,
            [b'e' | b'E', power @ ..] => exponent_of(power)?,
            _ => return None,
        };
        let scale = (fraction - power).max(0);
        if significant <= SHORT {
            let coefficient = i64::try_from(coefficient).ok()?;
            return Some(short(if negative { -coefficient } else { coefficient }, power - fraction, scale));
        }
        room.clear();
        room.extend(written.iter().filter(|byte| **byte != b'.'));
        Some(of_digits(negative, room, power - fraction, scale))
    }

    /// Shortest decimal that reads back as the same double; `None` for infinities and NaN.
    #[inline]
    pub(super) fn of_double(number: f64) -> Option<Number<'static>> {
        const EXACT: f64 = 1e15;
        // Two decimals of up to 15 digits are never the same double, so one of them that leads to the double is its
        // shortest. Whole numbers and cents are found without printing.
        if number.abs() < EXACT && number.trunc() == number {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^15")]
            return Some(short(number as i64, 0, 0));
        }
        let cents = (number * 100.0).round();
        if cents.abs() < EXACT && cents / 100.0 == number {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^15")]
            return Some(shown_in_full(short(cents as i64, -2, 0)));
        }
        if !number.is_finite() {
            return None;
        }
        let printed = Printed::of(format_args!("{number:e}"));
        // 17 digits at most.
        let mut unused = Vec::new();
        match Number::of_text(printed.bytes(), &mut unused)? {
            Number::Short { coefficient, exponent, .. } => {
                Some(shown_in_full(Number::Short { coefficient, exponent, scale: 0 }))
            }
            _ => None,
        }
    }

    /// Field of `numeric` as `numeric_send` writes it; `None` for other bytes.
    #[inline]
    pub(super) fn of_field(field: &[u8], room: &'a mut Vec<u8>) -> Option<Number<'a>> {
        let (head, groups) = field.split_first_chunk::<8>()?;
        let word = |at: usize| [head[at], head[at + 1]];
        let (count, weight) = (usize::from(u16::from_be_bytes(word(0))), i32::from(i16::from_be_bytes(word(2))));
        let (sign, scale) = (u16::from_be_bytes(word(4)), i32::from(u16::from_be_bytes(word(6)) & 0x3FFF));
        let negative = match sign {
            0x0000 => false,
            0x4000 => true,
            0xC000 => return Some(Number::NotANumber),
            0xD000 | 0xF000 => return Some(Number::Infinite { negative: sign == 0xF000 }),
            _ => return None,
        };
        if groups.len() != count * 2 {
            return None;
        }
        // The last group's place, in powers of ten.
        let exponent = 4 * (weight - i32::try_from(count).ok()? + 1);
        let mut groups = groups.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        if groups.clone().any(|group| group > 9999) {
            return None;
        }
        if count <= 4 {
            let coefficient = groups.fold(0_i64, |sum, group| sum * 10_000 + i64::from(group));
            return Some(short(if negative { -coefficient } else { coefficient }, exponent, scale));
        }
        room.clear();
        groups.try_for_each(|group| write!(Bytes(room), "{group:04}")).ok()?;
        Some(of_digits(negative, room, exponent, scale))
    }

    /// Number of significant digits, and the power of ten of the last; `None` if there are none.
    pub(super) fn extent(&self) -> Option<(i32, i32)> {
        match self {
            Number::Short { coefficient, exponent, .. } => {
                let digits = coefficient.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
                Some((i32::try_from(digits).ok()?, *exponent))
            }
            Number::Long { digits, exponent, .. } => Some((i32::try_from(digits.len()).ok()?, *exponent)),
            Number::NotANumber | Number::Infinite { .. } => None,
        }
    }

    /// Whether `numeric` can hold the number.
    pub(super) fn fits_numeric(&self) -> bool {
        let Some((digits, exponent)) = self.extent() else { return matches!(self, Number::NotANumber) };
        self.scale() <= DIGITS_AFTER && (digits == 0 || digits + exponent <= DIGITS_BEFORE)
    }

    /// Number in a column of `numeric` or `numeric(p,s)`, which pads the fraction to its scale.
    #[inline]
    pub(super) fn in_column(self, modifier: Option<(u16, i16)>) -> Result<Number<'a>, Unfit> {
        let Some((digits, exponent)) = self.extent() else {
            return if self == Number::NotANumber { Ok(self) } else { Err(INFINITY) };
        };
        let Some((precision, places)) = modifier else {
            return if self.fits_numeric() { Ok(self) } else { Err(RANGE) };
        };
        let (precision, places) = (i32::from(precision), i32::from(places));
        if digits > 0 && -exponent > places {
            return Err(SCALE);
        }
        if digits > 0 && digits + exponent > precision - places {
            return Err(DIGITS);
        }
        Ok(self.showing(places.max(0)))
    }

    /// The number times 10^`places`: the greatest whole number of 64 bits that is not above it, and the digits behind
    /// that.
    #[inline]
    pub(super) fn scaled(&self, places: i32) -> Option<(i64, FractionSize)> {
        let (digits, exponent) = self.extent()?;
        if digits == 0 {
            return Some((0, FractionSize::Nothing));
        }
        let behind = -(exponent + places);
        if behind <= 0 {
            let zeros = 10_i64.checked_pow(u32::try_from(-behind).ok()?);
            return match self {
                Number::Short { coefficient: 0, .. } => Some((0, FractionSize::Nothing)),
                Number::Short { coefficient, .. } => Some((coefficient.checked_mul(zeros?)?, FractionSize::Nothing)),
                Number::Long { negative, digits, .. } => {
                    let whole = std::str::from_utf8(digits).ok()?.parse::<i128>().ok()?.checked_mul(zeros?.into())?;
                    Some((i64::try_from(if *negative { -whole } else { whole }).ok()?, FractionSize::Nothing))
                }
                Number::NotANumber | Number::Infinite { .. } => None,
            };
        }
        let printed;
        let (negative, text) = match self {
            Number::Long { negative, digits, .. } => (*negative, *digits),
            Number::Short { coefficient, .. } => {
                printed = Printed::of(format_args!("{}", coefficient.unsigned_abs()));
                (*coefficient < 0, printed.bytes())
            }
            Number::NotANumber | Number::Infinite { .. } => return None,
        };
        // The digits before the point and those behind it, of which the last is not zero.
        let (whole, rest) = text.split_at(usize::try_from(digits - behind).unwrap_or(0));
        let whole = if whole.is_empty() { 0 } else { std::str::from_utf8(whole).ok()?.parse::<i64>().ok()? };
        let first = if behind > digits { b'0' } else { *rest.first()? };
        if !negative {
            return Some((whole, if first >= b'5' { FractionSize::HalfOrMore } else { FractionSize::Less }));
        }
        // Counted up from the whole number below.
        let is_half_or_more = first < b'5' || (first == b'5' && rest.len() == 1);
        Some((-whole - 1, if is_half_or_more { FractionSize::HalfOrMore } else { FractionSize::Less }))
    }

    fn scale(&self) -> i32 {
        match self {
            Number::Short { scale, .. } | Number::Long { scale, .. } => *scale,
            Number::NotANumber | Number::Infinite { .. } => 0,
        }
    }

    /// Same number with `places` digits of fraction shown.
    pub(super) fn showing(self, places: i32) -> Self {
        match self {
            Number::Short { coefficient, exponent, .. } => Number::Short { coefficient, exponent, scale: places },
            Number::Long { negative, digits, exponent, .. } => {
                Number::Long { negative, digits, exponent, scale: places }
            }
            other => other,
        }
    }

    /// Appends the bytes by which numbers are compared.
    #[inline]
    pub(super) fn append(&self, out: &mut Vec<u8>) {
        match self {
            Number::Short { coefficient, exponent, scale } => {
                out.push(b's');
                out.extend_from_slice(&coefficient.to_le_bytes());
                out.extend_from_slice(&exponent.to_le_bytes());
                out.extend_from_slice(&scale.to_le_bytes());
            }
            Number::Long { negative, digits, exponent, scale } => {
                out.push(if *negative { b'-' } else { b'+' });
                out.extend_from_slice(&(digits.len() as u64).to_le_bytes());
                out.extend_from_slice(digits);
                out.extend_from_slice(&exponent.to_le_bytes());
                out.extend_from_slice(&scale.to_le_bytes());
            }
            Number::NotANumber => out.push(b'n'),
            Number::Infinite { negative } => out.extend_from_slice(if *negative { b"i-" } else { b"i+" }),
        }
    }

    /// Number as PostgreSQL prints it.
    pub(super) fn words(&self) -> String {
        let (negative, digits, exponent) = match self {
            Number::NotANumber => return "NaN".to_owned(),
            Number::Infinite { negative } => return if *negative { "-Infinity" } else { "Infinity" }.to_owned(),
            Number::Short { coefficient, exponent, .. } => {
                (*coefficient < 0, coefficient.unsigned_abs().to_string(), *exponent)
            }
            Number::Long { negative, digits, exponent, .. } => {
                (*negative, String::from_utf8_lossy(digits).into_owned(), *exponent)
            }
        };
        let zeros = |number: i32| "0".repeat(usize::try_from(number).unwrap_or(0));
        let whole = digits + &zeros(exponent);
        let places = usize::try_from(-exponent).unwrap_or(0);
        let padded = if whole.len() <= places { "0".repeat(places + 1 - whole.len()) + &whole } else { whole };
        let (integer, fraction) = padded.split_at(padded.len() - places);
        let mut words = format!("{}{integer}", if negative { "-" } else { "" });
        let missing = zeros(self.scale() - i32::try_from(places).unwrap_or(0));
        if !fraction.is_empty() || !missing.is_empty() {
            let _infallible = write!(words, ".{fraction}{missing}");
        }
        words
    }
}

/// Converts text to a `numeric`. Infinities are refused, for PostgreSQL has them only since version 14; `nan` is a text to
/// the source.
pub(super) fn numeric_of_text<'a>(text: &[u8], room: &'a mut Vec<u8>) -> Result<Number<'a>, Unfit> {
    if let Some(number) = Number::of_text(text, room) {
        return Ok(number);
    }
    match text.trim_ascii().to_ascii_lowercase().as_slice() {
        b"inf" | b"+inf" | b"-inf" | b"infinity" | b"+infinity" | b"-infinity" => Err(INFINITY),
        _ => Err(NOT_A_NUMBER),
    }
}

/// Converts a whole number to a `numeric`.
#[inline]
pub(super) fn numeric_of_integer(number: i64, room: &mut Vec<u8>) -> Number<'_> {
    if number.unsigned_abs() < 10_u64.pow(18) {
        return short(number, 0, 0);
    }
    room.clear();
    let _infallible = write!(Bytes(room), "{}", number.unsigned_abs());
    of_digits(number < 0, room, 0, 0)
}

#[inline]
fn short(mut coefficient: i64, mut exponent: i32, scale: i32) -> Number<'static> {
    if coefficient == 0 {
        return Number::Short { coefficient, exponent: 0, scale };
    }
    while coefficient % 10 == 0 {
        coefficient /= 10;
        exponent += 1;
    }
    Number::Short { coefficient, exponent, scale }
}

/// Number with as many digits of fraction as it needs.
pub(super) fn shown_in_full(number: Number<'_>) -> Number<'_> {
    let needed = number.extent().map_or(0, |(_, exponent)| (-exponent).max(0));
    number.showing(needed)
}

impl<'a> Number<'a> {
    /// Number of these digits, which may have zeros at both ends.
    pub(super) fn of_digits(negative: bool, digits: &'a [u8], exponent: i32, scale: i32) -> Self {
        of_digits(negative, digits, exponent, scale)
    }
}

/// Number of these digits, which may have zeros at both ends.
fn of_digits(negative: bool, digits: &[u8], mut exponent: i32, scale: i32) -> Number<'_> {
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    exponent += i32::try_from(digits.len() - end).unwrap_or(i32::MAX);
    let start = digits[..end].iter().position(|digit| *digit != b'0').unwrap_or(end);
    let digits = &digits[start..end];
    if digits.len() > SHORT {
        return Number::Long { negative, digits, exponent, scale };
    }
    let coefficient = digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    short(if negative { -coefficient } else { coefficient }, exponent, scale)
}

fn exponent_of(text: &[u8]) -> Option<i32> {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let exponent = std::str::from_utf8(text).ok()?.parse::<i32>().ok()?;
    (exponent.abs() <= GREATEST_EXPONENT).then_some(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Number::of_text(text.as_bytes(), &mut Vec::new()).map(|number| number.words())
    }

    #[test]
    fn decimals_are_exact_and_keep_what_they_show() {
        for (text, words) in [
            ("0", "0"),
            ("-0.00", "0.00"),
            ("1.50", "1.50"),
            ("1.5e3", "1500"),
            (" 15e-1 ", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.00012345", "0.00012345"),
            ("9007199254740993", "9007199254740993"),
            ("123456789012345678901234567890.1234567890", "123456789012345678901234567890.1234567890"),
            ("100000000000000000000", "100000000000000000000"),
        ] {
            assert_eq!(read(text).as_deref(), Some(words), "{text}");
        }
        for text in ["", ".", "-", "1e", "1.2.3", "1 2", "e5", "0x10", "1_000", "NaN", "1e99999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Number::of_double(0.1 + 0.2).unwrap().words(), "0.30000000000000004");
        assert_eq!(Number::of_double(19.99).unwrap().words(), "19.99");
        assert_eq!(Number::of_double(1e22).unwrap().words(), "10000000000000000000000");
        assert_eq!(Number::of_double(-0.0).unwrap().words(), "0");
        assert_eq!(numeric_of_integer(i64::MIN, &mut Vec::new()).words(), "-9223372036854775808");
    }

    #[test]
    fn precision_and_scale_are_limits() {
        let held = |text: &str, precision, scale| {
            let mut room = Vec::new();
            let number = numeric_of_text(text.as_bytes(), &mut room)?;
            number.in_column(Some((precision, scale))).map(|number| number.words())
        };
        assert_eq!(held("12.5", 4, 2).as_deref(), Ok("12.50"));
        assert_eq!(held("12.505", 4, 2), Err(SCALE));
        assert_eq!(held("123", 4, 2), Err(DIGITS));
        assert_eq!(held("1200", 2, -2).as_deref(), Ok("1200"));
        assert_eq!(held("0.0012", 2, 4).as_deref(), Ok("0.0012"));
        assert_eq!(held("Infinity", 4, 2), Err(INFINITY));
    }
}
