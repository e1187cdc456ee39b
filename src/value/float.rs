//! Floating point numbers: their exact value, and the types that can hold it.

use crate::value::BadValue;
use crate::value::decimal::{Decimal, ShortDecimal};

const DOUBLE: &str = "double precision";
const REAL: &str = "real";
const NUMBER: &str = "a number";

/// The whole number of a double, if it is one and fits 64 bits.
#[inline]
#[must_use]
pub fn integer_from_double(number: f64) -> Option<i64> {
    // 2^63 as a double is exact; the greatest double below it fits.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if number.trunc() == number && (-END..END).contains(&number) {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within the range")]
        Some(number as i64)
    } else {
        None
    }
}

/// A whole number as a double, if one is exactly it.
///
/// # Errors
/// The double would be rounded.
#[inline]
pub fn double_from_integer(number: i64) -> Result<f64, BadValue> {
    #[expect(clippy::cast_precision_loss, reason = "a loss is found by the way back")]
    let double = number as f64;
    if integer_from_double(double) == Some(number) { Ok(double) } else { Err(BadValue::Rounding { wanted: DOUBLE }) }
}

/// A whole number as a single, if one is exactly it.
///
/// # Errors
/// The single would be rounded.
#[inline]
pub fn real_from_integer(number: i64) -> Result<f32, BadValue> {
    #[expect(clippy::cast_precision_loss, reason = "a loss is found by the way back")]
    let single = number as f32;
    let same = integer_from_double(f64::from(single)) == Some(number);
    if same { Ok(single) } else { Err(BadValue::Rounding { wanted: REAL }) }
}

/// A double as a single: if it is exactly one, or if both have the same shortest decimal, as 0.1 has.
///
/// # Errors
/// The single would be another number.
#[inline]
pub fn real_from_double(number: f64) -> Result<f32, BadValue> {
    #[expect(clippy::cast_possible_truncation, reason = "a loss is found by the way back")]
    let single = number as f32;
    if f64::from(single).to_bits() == number.to_bits() || number.is_nan() {
        return Ok(single);
    }
    if single.is_infinite() {
        return Err(BadValue::Range { wanted: REAL });
    }
    let same = match (ShortDecimal::of(single).decimal(), ShortDecimal::of(number).decimal()) {
        (Some(single), Some(double)) => single.equals(&double),
        _ => false,
    };
    if same { Ok(single) } else { Err(BadValue::Rounding { wanted: REAL }) }
}

/// A double written as text: a decimal, `Infinity` or `inf` in any case and with a sign, white space around. `nan` is a text
/// to the source, and no number.
///
/// The double must equal the decimal to as many digits as are written, zeros at the end among them, or have it as its shortest
/// decimal. Up to 15 significant digits it always does; a text of 17 digits is accepted if a double prints like it with 17
/// digits. 18446744073709551600 is none: the nearest double is 18446744073709551616.
///
/// # Errors
/// When the text is no number, is too great, too small, or has digits that would be lost.
pub fn double_from_text(text: &[u8]) -> Result<f64, BadValue> {
    let (number, decimal) = parse::<f64>(text, NUMBER)?;
    let Some(decimal) = decimal else { return Ok(number) };
    if number.is_infinite() || (number == 0.0 && !decimal.is_zero()) {
        return Err(BadValue::Range { wanted: DOUBLE });
    }
    // 15 digits always survive (DBL_DIG), but not in subnormal numbers.
    if (decimal.length() <= 15 && number.abs() >= f64::MIN_POSITIVE) || stands_for(number, &decimal, text) {
        Ok(number)
    } else {
        Err(BadValue::Rounding { wanted: DOUBLE })
    }
}

/// A single written as text; as [`double_from_text`], with 6 digits (`FLT_DIG`) instead of 15.
///
/// # Errors
/// When the text is no number, is too great, too small, or has digits that would be lost.
pub fn real_from_text(text: &[u8]) -> Result<f32, BadValue> {
    let (number, decimal) = parse::<f32>(text, NUMBER)?;
    let Some(decimal) = decimal else { return Ok(number) };
    if number.is_infinite() || (number == 0.0 && !decimal.is_zero()) {
        return Err(BadValue::Range { wanted: REAL });
    }
    if (decimal.length() <= 6 && number.abs() >= f32::MIN_POSITIVE) || stands_for(number, &decimal, text) {
        Ok(number)
    } else {
        Err(BadValue::Rounding { wanted: REAL })
    }
}

/// The number, and its digits if it is not an infinity.
fn parse<'text, Number: std::str::FromStr>(
    text: &'text [u8],
    wanted: &'static str,
) -> Result<(Number, Option<Decimal<'text>>), BadValue> {
    let syntax = BadValue::Syntax { wanted };
    let text = text.trim_ascii();
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(syntax)?;
    if text.to_ascii_lowercase().ends_with(b"nan") {
        return Err(syntax);
    }
    let is_word = text.iter().any(|byte| matches!(byte.to_ascii_lowercase(), b'n' | b'i'));
    if is_word { Ok((number, None)) } else { Ok((number, Some(Decimal::parse(text).ok_or(syntax)?))) }
}

/// Whether the number, printed with as many significant digits as are written or with the fewest that tell it from others, is
/// the decimal.
fn stands_for(number: impl std::fmt::LowerExp, decimal: &Decimal<'_>, text: &[u8]) -> bool {
    let is_printed = |printed: String| Decimal::parse(printed.as_bytes()).is_some_and(|one| one.equals(decimal));
    // A double has at most 767 significant digits: printed with so many it is itself, and zeros follow.
    let digits = written_digits(text).saturating_sub(1).min(766);
    is_printed(format!("{number:.digits$e}")) || is_printed(format!("{number:e}"))
}

/// Number of digits from the first one that is not zero up to the last that is written: zeros at the end are said, not left out.
fn written_digits(text: &[u8]) -> usize {
    let mantissa = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    mantissa.filter(|byte| byte.is_ascii_digit()).skip_while(|digit| **digit == b'0').count()
}

/// The shortest decimal of the double times 10^`scale`, if it is found without printing the double: a whole number
/// below 2^52 that converts back to the same double. `None` does not mean that there is no such decimal.
///
/// Below that bound neighbouring doubles are closer together than neighbouring decimals of that scale, hence no other
/// decimal of the scale converts to the double, nor one with fewer digits.
#[inline]
#[must_use]
pub fn scaled_exactly(number: f64, scale: u8) -> Option<i64> {
    const END: f64 = 4_503_599_627_370_496.0;
    let unit = match scale {
        0 => 1.0,
        2 => 1e2,
        3 => 1e3,
        6 => 1e6,
        _ => return None,
    };
    let scaled = (number * unit).round();
    if scaled.abs() < END && scaled / unit == number {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^52")]
        Some(scaled as i64)
    } else {
        None
    }
}

/// Appends a double as text in SQLite's spelling (`1.0`, `0.0001`, `1.0e+15`, `1.0e-05`, `Inf`), with the fewest digits
/// that read back as the same double.
///
/// It equals SQLite's `CAST(x AS TEXT)` if 15 digits are enough for the double; otherwise SQLite's cast loses digits
/// and this does not.
pub fn write_text(number: f64, out: &mut Vec<u8>) {
    let short = ShortDecimal::of(number);
    let Some(decimal) = short.decimal() else {
        out.extend_from_slice(match number {
            f64::INFINITY => b"Inf",
            f64::NEG_INFINITY => b"-Inf",
            _ => b"NaN",
        });
        return;
    };
    // SQLite has no text for the sign of zero.
    if decimal.is_zero() {
        return out.extend_from_slice(b"0.0");
    }
    if decimal.is_negative() {
        out.push(b'-');
    }
    let exponent = decimal.point() - 1;
    let written_plainly = (-4..15).contains(&exponent);
    let point = if written_plainly { decimal.point() } else { 1 };
    if point <= 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', usize::try_from(-point).unwrap_or(0)));
        out.extend(decimal.digits().map(|digit| digit + b'0'));
    } else {
        let point = usize::try_from(point).unwrap_or(0);
        let mut digits = decimal.digits().map(|digit| digit + b'0');
        out.extend((0..point).map(|_| digits.next().unwrap_or(b'0')));
        out.push(b'.');
        out.push(digits.next().unwrap_or(b'0'));
        out.extend(digits);
    }
    if !written_plainly {
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        let exponent = exponent.unsigned_abs();
        if exponent < 10 {
            out.push(b'0');
        }
        write_integer(i64::from(exponent), out);
    }
}

/// Appends a whole number in decimal digits.
pub fn write_integer(number: i64, out: &mut Vec<u8>) {
    let mut buffer = [0_u8; 20];
    let mut start = buffer.len();
    let mut rest = number.unsigned_abs();
    loop {
        start -= 1;
        buffer[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        start -= 1;
        buffer[start] = b'-';
    }
    out.extend_from_slice(&buffer[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: f64) -> String {
        let mut out = Vec::new();
        write_text(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_of_a_double_as_sqlite_casts_it() {
        for (number, expected) in [
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (1.25e100, "1.25e+100"),
            (0.0001, "0.0001"),
            (0.00001, "1.0e-05"),
            (123_456_789.125, "123456789.125"),
            (-0.0, "0.0"),
            (f64::INFINITY, "Inf"),
        ] {
            assert_eq!(text(number), expected);
        }
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(integer_from_double(-9_223_372_036_854_775_808.0), Some(i64::MIN));
        assert_eq!(integer_from_double(9_223_372_036_854_775_808.0), None);
        assert_eq!(integer_from_double(0.5), None);
        assert_eq!(integer_from_double(f64::NAN), None);
        assert!(double_from_integer((1 << 53) + 1).is_err());
        assert!(double_from_integer(i64::MAX).is_err());
        assert_eq!(double_from_integer(1 << 60), Ok(1_152_921_504_606_846_976.0));
        assert!(real_from_integer((1 << 24) + 1).is_err());
        for number in [0, 7, -10, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_integer(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn a_double_stands_for_the_digits_that_are_written() {
        assert_eq!(double_from_text(b" 0.1 "), Ok(0.1));
        assert_eq!(double_from_text(b"0.10000000000000001"), Ok(0.1));
        assert_eq!(double_from_text(b"0.1000000000000000055511151231257827"), Ok(0.1));
        assert_eq!(double_from_text(b"0.12345678901234567"), Err(BadValue::Rounding { wanted: DOUBLE }));
        assert_eq!(double_from_text(b"9007199254740993"), Err(BadValue::Rounding { wanted: DOUBLE }));
        let beyond_bigint: [(&[u8], bool); 9] = [
            (b"18446744073709551600", false),
            (b"18446744073709551616", true),
            (b"18446744073709552000", true),
            (b"1.8446744073709552e19", true),
            (b"1.84467440737095516e+19", true),
            (b"18446744073709551600.00", false),
            (b"0.10000000000000001000", false),
            (b"0.12345678901234560000", true),
            (b"123456789012345000000", true),
        ];
        for (text, is_kept) in beyond_bigint {
            assert_eq!(double_from_text(text).is_ok(), is_kept, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(double_from_text(format!("1.5{}", "0".repeat(2000)).as_bytes()), Ok(1.5));
        assert!(double_from_text(format!("1.5{}1", "0".repeat(2000)).as_bytes()).is_err());
        assert_eq!(real_from_text(b"16777217000"), Ok(16_777_217_000.0));
        assert_eq!(real_from_text(b"16777217001"), Err(BadValue::Rounding { wanted: REAL }));
        assert_eq!(double_from_text(b"1e309"), Err(BadValue::Range { wanted: DOUBLE }));
        assert_eq!(double_from_text(b"1e-400"), Err(BadValue::Range { wanted: DOUBLE }));
        assert_eq!(double_from_text(b"5e-324"), Ok(5e-324));
        assert_eq!(double_from_text(b"-Infinity"), Ok(f64::NEG_INFINITY));
        assert!(double_from_text(b"12 apples").is_err());
        assert!(double_from_text(b"").is_err());
    }

    #[test]
    fn singles() {
        assert_eq!(real_from_double(0.1), Ok(0.1));
        assert_eq!(real_from_double(0.5), Ok(0.5));
        assert_eq!(real_from_double(0.123_456_789), Err(BadValue::Rounding { wanted: REAL }));
        assert_eq!(real_from_double(1e300), Err(BadValue::Range { wanted: REAL }));
        assert_eq!(real_from_double(1e-300), Err(BadValue::Rounding { wanted: REAL }));
        assert_eq!(real_from_text(b"3.25"), Ok(3.25));
        assert_eq!(real_from_text(b"16777217"), Err(BadValue::Rounding { wanted: REAL }));
    }

    #[test]
    fn short_decimals_without_printing() {
        assert_eq!(scaled_exactly(19.99, 2), Some(1999));
        assert_eq!(scaled_exactly(0.1 + 0.2, 2), None);
        assert_eq!(scaled_exactly(1e16, 2), None);
        assert_eq!(scaled_exactly(f64::NAN, 2), None);
    }
}
