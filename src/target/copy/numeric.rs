//! The binary form of `numeric`: base-10000 digits (`numeric_send` in `src/backend/utils/adt/numeric.c`).
//!
//! Four 16-bit words (how many digits, the weight of the first as a power of 10000, the sign, how many decimal digits
//! of fraction to show), then the digits, a 16-bit word each.

use crate::value::decimal::{Decimal, ShortDecimal};
use crate::value::json::{GREATEST_POINT, GREATEST_SCALE};
use crate::value::{BadValue, Cell, float};
#[cfg(any(test, feature = "mutations"))]
use std::fmt::Write;

/// Precision and scale of a `numeric(p,s)`.
pub(super) type Modifier = Option<(u16, i16)>;

const NUMERIC: &str = "a number";
/// Bytes before the digits.
const HEAD: usize = 8;
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NOT_A_NUMBER: u16 = 0xC000;

/// Appends a number or a text as a numeric; another cell is no number.
#[inline]
pub(super) fn from_cell(cell: Cell<'_>, modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    match cell {
        Cell::Integer(number) => from_integer(number, modifier, out),
        Cell::Real(number) => from_double(number, modifier, out),
        Cell::Text(text) => from_text(text, modifier, out),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted: NUMERIC }),
    }
}

/// Appends text as a numeric, with the scale it is written with or that of the modifier. `NaN` and infinities are no numbers
/// in text; PostgreSQL has the latter only since version 14.
pub(super) fn from_text(text: &[u8], modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    if modifier.is_some()
        && let Some((scaled, scale)) = few_digits(text)
    {
        return from_scaled(scaled, scale, modifier, out);
    }
    match Decimal::parse(text) {
        Some(decimal) => from_decimal(&decimal, modifier, out),
        None => Err(of_word(text)),
    }
}

/// Prices and counts, `-1234.50`: the digits as a whole number, and how many of them are behind the point. `None` for
/// anything else, and for more digits than [`from_scaled`] takes.
#[inline]
fn few_digits(text: &[u8]) -> Option<(i64, u8)> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut number, mut scale, mut has_point) = (0_i64, 0, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + i64::from(byte - b'0');
                scale += u8::from(has_point);
            }
            b'.' if !has_point => has_point = true,
            _ => return None,
        }
    }
    // A point alone is no number; 16 digits without one are one too many.
    let is_short = digits.len() <= 15 || has_point;
    (is_short && scale <= 6 && digits.len() > usize::from(has_point))
        .then_some((if is_negative { -number } else { number }, scale))
}

/// Reason against text that is no decimal. `nan` is a text to the source, and would be a number here that no sum survives.
fn of_word(text: &[u8]) -> BadValue {
    let text = text.trim_ascii();
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    if unsigned.eq_ignore_ascii_case(b"infinity") || unsigned.eq_ignore_ascii_case(b"inf") {
        return BadValue::Infinity;
    }
    BadValue::Syntax { wanted: NUMERIC }
}

/// Appends a whole number.
#[inline]
pub(super) fn from_integer(number: i64, modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    from_scaled(number, 0, modifier, out)
}

/// Appends the shortest decimal that reads back as the same double.
#[inline]
pub(super) fn from_double(number: f64, modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    // Prices and counts: without printing the double. Up to 15 digits, a decimal that leads to a double is the
    // shortest.
    const GREATEST: u64 = 1_000_000_000_000_000;
    for scale in [0, 2, 6] {
        if let Some(scaled) = float::scaled_exactly(number, scale).filter(|scaled| scaled.unsigned_abs() < GREATEST) {
            return from_scaled(scaled, scale, modifier, out);
        }
    }
    match ShortDecimal::of(number).decimal() {
        Some(decimal) => from_decimal(&decimal, modifier, out),
        None if number.is_nan() => {
            head(0, 0, NOT_A_NUMBER, 0, out);
            Ok(())
        }
        None => Err(BadValue::Infinity),
    }
}

/// Appends `number / 10^scale`, its scale without zeros at the end; the scale is at most 6.
#[inline]
fn from_scaled(number: i64, scale: u8, modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    let mut magnitude = number.unsigned_abs();
    let mut scale = i32::from(scale);
    while scale > 0 && magnitude.is_multiple_of(10) {
        magnitude /= 10;
        scale -= 1;
    }
    let shown = match modifier {
        None => scale,
        Some((precision, modifier_scale)) => {
            let length = magnitude.checked_ilog10().map_or(0, |digits| digits.cast_signed() + 1);
            let zeros = if modifier_scale < 0 { trailing_zeros(magnitude) } else { 0 };
            check(length - scale, scale - zeros, length == 0, precision, modifier_scale)?
        }
    };
    // So many zeros at the end that the fraction fills whole base-10000 digits. A magnitude with a scale is below
    // 10^15.
    let (padding, groups_of_fraction) = match scale {
        0 => (1, 0),
        1 => (1000, 1),
        2 => (100, 1),
        3 => (10, 1),
        4 => (1, 1),
        5 => (1000, 2),
        _ => (100, 2),
    };
    let mut rest = magnitude * padding;
    let mut digits = [0_u16; 5];
    let mut first = digits.len();
    while rest != 0 {
        first -= 1;
        digits[first] = u16::try_from(rest % 10_000).unwrap_or(0);
        rest /= 10_000;
    }
    let mut end = digits.len();
    while end > first && digits[end - 1] == 0 {
        end -= 1;
    }
    let significant = &digits[first..end];
    // Below 0.0001 there are fewer groups than the fraction has: the weight goes below -1.
    let groups = i32::try_from(digits.len() - first).unwrap_or(0);
    let weight = if significant.is_empty() { 0 } else { groups - groups_of_fraction - 1 };
    let sign = if number < 0 { NEGATIVE } else { POSITIVE };
    // One piece of known length, for prices and counts are many.
    let mut field = [0_u8; HEAD + 2 * 5];
    field[..HEAD].copy_from_slice(&head_of(significant.len(), weight, sign, shown));
    for (place, digit) in field[HEAD..].chunks_exact_mut(2).zip(significant) {
        place.copy_from_slice(&digit.to_be_bytes());
    }
    out.extend_from_slice(&field[..HEAD + 2 * significant.len()]);
    Ok(())
}

fn trailing_zeros(magnitude: u64) -> i32 {
    let mut zeros = 0;
    let mut rest = magnitude;
    while rest != 0 && rest.is_multiple_of(10) {
        rest /= 10;
        zeros += 1;
    }
    zeros
}

fn from_decimal(decimal: &Decimal<'_>, modifier: Modifier, out: &mut Vec<u8>) -> Result<(), BadValue> {
    let point = decimal.point();
    let shown = match modifier {
        None => decimal.scale(),
        Some((precision, scale)) => check(point, decimal.fraction_digits(), decimal.is_zero(), precision, scale)?,
    };
    if shown > GREATEST_SCALE || (point > GREATEST_POINT && !decimal.is_zero()) {
        return Err(BadValue::Range { wanted: "numeric" });
    }
    if decimal.is_zero() {
        head(0, 0, POSITIVE, shown, out);
        return Ok(());
    }
    // The first base-10000 digit holds the decimal digits down to a multiple of four from the decimal point.
    let weight = (point + 3).div_euclid(4) - 1;
    let first = usize::try_from(point - 4 * weight).unwrap_or(4);
    let count = 1 + decimal.length().saturating_sub(first).div_ceil(4);
    head(count, weight, if decimal.is_negative() { NEGATIVE } else { POSITIVE }, shown, out);
    let mut missing = first;
    let mut group = 0_u16;
    for digit in decimal.digits() {
        group = group * 10 + u16::from(digit);
        missing -= 1;
        if missing == 0 {
            out.extend_from_slice(&group.to_be_bytes());
            group = 0;
            missing = 4;
        }
    }
    if missing < 4 {
        for _ in 0..missing {
            group *= 10;
        }
        out.extend_from_slice(&group.to_be_bytes());
    }
    Ok(())
}

/// The scale to show, if a number of these digits before and after the point fits `numeric(precision,scale)`.
#[inline]
fn check(point: i32, fraction: i32, is_zero: bool, precision: u16, scale: i16) -> Result<i32, BadValue> {
    let shown = i32::from(scale).max(0);
    if is_zero {
        return Ok(shown);
    }
    if fraction > i32::from(scale) {
        return Err(BadValue::NumericFraction { precision, scale, digits: fraction });
    }
    if point > i32::from(precision) - i32::from(scale) {
        return Err(BadValue::NumericInteger { precision, scale, digits: point });
    }
    Ok(shown)
}

fn head(digits: usize, weight: i32, sign: u16, scale: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&head_of(digits, weight, sign, scale));
}

#[inline]
fn head_of(digits: usize, weight: i32, sign: u16, scale: i32) -> [u8; HEAD] {
    // Within the limits of `numeric`, checked above, none of these reaches 2^15 (digits: 131072 / 4 + 16383 / 4 + 2 =
    // 36866 fits the unsigned word PostgreSQL reads).
    let word = |number: i32| i16::try_from(number).unwrap_or(i16::MAX).to_be_bytes();
    let [d, e] = u16::try_from(digits).unwrap_or(u16::MAX).to_be_bytes();
    let ([v, w], [s, t], [x, y]) = (word(weight), sign.to_be_bytes(), word(scale));
    [d, e, v, w, s, t, x, y]
}

/// A numeric field taken apart.
pub(super) struct NumericField<'field> {
    weight: i16,
    sign: u16,
    #[cfg(any(test, feature = "mutations"))]
    scale: u16,
    digits: &'field [u8],
}

impl<'field> NumericField<'field> {
    pub(super) fn parse(field: &'field [u8]) -> Option<NumericField<'field>> {
        let (head, digits) = field.split_first_chunk::<8>()?;
        let [c1, c2, w1, w2, s1, s2, ..] = *head;
        let count = usize::from(u16::from_be_bytes([c1, c2]));
        (digits.len() == count * 2).then_some(NumericField {
            weight: i16::from_be_bytes([w1, w2]),
            sign: u16::from_be_bytes([s1, s2]),
            #[cfg(any(test, feature = "mutations"))]
            scale: u16::from_be_bytes([head[6], head[7]]),
            digits,
        })
    }

    /// Appends sign, weight and digits without zeros at either end: the same bytes for the same number, whatever its
    /// scale.
    pub(super) fn write_canonical(&self, out: &mut Vec<u8>) {
        let mut digits = self.digits;
        let mut weight = self.weight;
        while let [0, 0, rest @ ..] = digits {
            digits = rest;
            weight = weight.saturating_sub(1);
        }
        while let [rest @ .., 0, 0] = digits {
            digits = rest;
        }
        let has_digits = !digits.is_empty();
        // Neither zero nor NaN has a weight, and zero has no sign.
        let sign = if has_digits || self.sign > NEGATIVE { self.sign } else { POSITIVE };
        out.extend_from_slice(&sign.to_be_bytes());
        out.extend_from_slice(&if has_digits { weight } else { 0 }.to_be_bytes());
        out.extend_from_slice(digits);
    }

    /// The number in decimal digits, as PostgreSQL prints it. For tests: the proof has words of its own.
    #[cfg(any(test, feature = "mutations"))]
    pub(super) fn text(&self) -> String {
        match self.sign {
            NOT_A_NUMBER => return "NaN".to_owned(),
            0xD000 => return "Infinity".to_owned(),
            0xF000 => return "-Infinity".to_owned(),
            _ => {}
        }
        let digit = |weight: i32| {
            let position = usize::try_from(i32::from(self.weight) - weight).ok()?;
            self.digits.chunks_exact(2).nth(position).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        };
        let mut text = String::new();
        if self.sign == NEGATIVE {
            text.push('-');
        }
        let mut integer = String::new();
        for weight in (0..=i32::from(self.weight)).rev() {
            let _ = write!(integer, "{:04}", digit(weight).unwrap_or(0));
        }
        let integer = integer.trim_start_matches('0');
        text.push_str(if integer.is_empty() { "0" } else { integer });
        let scale = usize::from(self.scale);
        if scale > 0 {
            let end = text.len() + 1 + scale;
            text.push('.');
            let mut weight = -1;
            while text.len() < end {
                let _ = write!(text, "{:04}", digit(weight).unwrap_or(0));
                weight -= 1;
            }
            text.truncate(end);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(write: impl FnOnce(&mut Vec<u8>) -> Result<(), BadValue>) -> Result<String, BadValue> {
        let mut out = Vec::new();
        write(&mut out)?;
        Ok(NumericField::parse(&out).unwrap().text())
    }

    fn read(text: &str, modifier: Modifier) -> Result<String, BadValue> {
        text_of(|out| from_text(text.as_bytes(), modifier, out))
    }

    #[test]
    fn keeps_the_scale_that_is_written_and_pads_to_that_of_the_modifier() {
        for (written, expected) in [
            ("0", "0"),
            ("-0.00", "0.00"),
            ("1.50", "1.50"),
            ("1.5e3", "1500"),
            ("15e-1", "1.5"),
            ("10000", "10000"),
            ("0.00012345", "0.00012345"),
            ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ] {
            assert_eq!(read(written, None).as_deref(), Ok(expected), "{written}");
        }
        assert_eq!(read("1.5", Some((10, 3))).as_deref(), Ok("1.500"));
        assert_eq!(read("1.500", Some((2, 1))).as_deref(), Ok("1.5"));
        assert_eq!(read("1200", Some((2, -2))).as_deref(), Ok("1200"));
        assert_eq!(read("0.0012", Some((2, 4))).as_deref(), Ok("0.0012"));
    }

    #[test]
    fn refuses_what_would_be_rounded() {
        let fraction = |digits| Err(BadValue::NumericFraction { precision: 10, scale: 2, digits });
        assert_eq!(read("1.005", Some((10, 2))), fraction(3));
        assert_eq!(
            read("123456789", Some((10, 2))),
            Err(BadValue::NumericInteger { precision: 10, scale: 2, digits: 9 })
        );
        assert_eq!(read("1234", Some((2, -2))), Err(BadValue::NumericFraction { precision: 2, scale: -2, digits: 0 }));
        assert_eq!(read("-inf", None), Err(BadValue::Infinity));
        assert_eq!(read("NaN", None), Err(BadValue::Syntax { wanted: NUMERIC }));
        assert_eq!(text_of(|out| from_double(f64::NAN, None, out)).as_deref(), Ok("NaN"));
        assert_eq!(read("1e131072", None), Err(BadValue::Range { wanted: "numeric" }));
        assert_eq!(read("1e-16384", None), Err(BadValue::Range { wanted: "numeric" }));
        assert_eq!(read("1e131071", None).map(|text| text.len()), Ok(131_072));
        assert_eq!(text_of(|out| from_double(1.005, Some((10, 2)), out)), fraction(3));
        assert_eq!(text_of(|out| from_double(f64::INFINITY, None, out)), Err(BadValue::Infinity));
    }

    /// A fraction of five or six digits that all stand in its second group of four: its weight is below -1.
    #[test]
    fn small_doubles_keep_their_place() {
        for (double, expected) in
            [(0.000_01, "0.00001"), (0.000_099, "0.000099"), (-0.000_001, "-0.000001"), (0.0001, "0.0001")]
        {
            assert_eq!(text_of(|out| from_double(double, None, out)).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn the_same_number_has_the_same_canonical_form() {
        let form = |text: &str| {
            let (mut field, mut out) = (Vec::new(), Vec::new());
            from_text(text.as_bytes(), None, &mut field).unwrap();
            NumericField::parse(&field).unwrap().write_canonical(&mut out);
            out
        };
        assert_eq!(form("1.50"), form("1.5"));
        assert_eq!(form("0"), form("-0.000"));
        assert_ne!(form("1.5"), form("-1.5"));
        assert_ne!(form("1"), form("10000"));
    }

    proptest! {
        #[test]
        fn few_digits_are_read_as_many_are(text in "-?[0-9]{0,17}[.]?[0-9]{0,8}", precision in 1_u16..25, scale in -4_i16..8) {
            let (mut quick, mut slow) = (Vec::new(), Vec::new());
            let modifier = Some((precision, scale));
            let expected = match Decimal::parse(text.as_bytes()) {
                Some(decimal) => from_decimal(&decimal, modifier, &mut slow),
                None => Err(of_word(text.as_bytes())),
            };
            prop_assert_eq!(from_text(text.as_bytes(), modifier, &mut quick), expected);
            prop_assert_eq!(quick, slow);
        }

        #[test]
        fn integers_and_their_text_are_the_same_bytes(number: i64, precision in 1_u16..25, scale in -4_i16..25) {
            for modifier in [None, Some((precision, scale))] {
                let mut direct = Vec::new();
                let mut read = Vec::new();
                let first = from_integer(number, modifier, &mut direct);
                prop_assert_eq!(first, from_text(number.to_string().as_bytes(), modifier, &mut read));
                prop_assert!(first.is_err() || direct == read);
            }
        }

        #[test]
        fn doubles_and_their_shortest_text_are_the_same_bytes(
            number in prop_oneof![
                any::<f64>().prop_filter("finite", |number| number.is_finite()),
                (any::<i32>(), 0..7_i32).prop_map(|(number, scale)| f64::from(number) / 10_f64.powi(scale)),
                (-1e17..1e17_f64, 0..7_i32).prop_map(|(number, scale)| number.trunc() / 10_f64.powi(scale)),
            ],
            scale in 0_i16..10,
        ) {
            for modifier in [None, Some((12, scale))] {
                let mut direct = Vec::new();
                let mut read = Vec::new();
                let first = from_double(number, modifier, &mut direct);
                prop_assert_eq!(first, from_text(format!("{number}").as_bytes(), modifier, &mut read));
                prop_assert!(first.is_err() || direct == read);
            }
        }
    }
}
