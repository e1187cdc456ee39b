//! Floating point numbers: whether they represent the stored value, and SQLite's text of them.

use super::number::Number;
use super::print::Printed;
use super::unfit::{CLASS, NOT_A_NUMBER, RANGE, ROUNDING, Unfit};
use super::value::ConvertedBytes;
use crate::value::{Cell, FractionTreatment};

/// Value in a column of `double precision`.
#[inline]
pub(super) fn double(cell: Cell<'_>, room: &mut Vec<u8>) -> Result<f64, Unfit> {
    match cell {
        Cell::Real(number) => Ok(number),
        Cell::Integer(number) => double_of_integer(number),
        Cell::Text(text) => double_of_text(text, room),
        Cell::Null | Cell::Blob(_) => Err(CLASS),
    }
}

/// Value in a column of `real`: the nearest single, where the spec lets it be rounded.
pub(super) fn single(cell: Cell<'_>, beyond: FractionTreatment, room: &mut Vec<u8>) -> Result<f32, Unfit> {
    let (single, is_kept, is_zero) = match cell {
        Cell::Real(number) => {
            #[expect(clippy::cast_possible_truncation, reason = "compared with what it was")]
            let single = number as f32;
            if number.is_nan() || f64::from(single).to_bits() == number.to_bits() {
                return Ok(single);
            }
            // 0.1 is 0.1 in both, though the bits differ.
            let (one, other) = (Printed::of(format_args!("{single:e}")), Printed::of(format_args!("{number:e}")));
            (single, one.bytes() == other.bytes(), number == 0.0)
        }
        Cell::Integer(number) => {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "compared with what it was"
            )]
            let (single, back) = (number as f32, (number as f32) as i128);
            (single, back == i128::from(number), number == 0)
        }
        Cell::Text(text) => {
            let (text, digits) = written(text, room)?;
            let number = text.parse::<f32>().map_err(|_| NOT_A_NUMBER)?;
            let Some(digits) = digits else { return Ok(number) };
            // 6 digits always survive (FLT_DIG), but not in subnormal numbers.
            let is_kept = (digits <= 6 && number.abs() >= f32::MIN_POSITIVE)
                || stands_for(|digits| print(&number, digits), text, digits, room);
            (number, is_kept, digits == 0)
        }
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    match (is_kept, beyond) {
        _ if single.is_infinite() || (single == 0.0 && !is_zero) => Err(RANGE),
        (true, _) | (false, FractionTreatment::Round) => Ok(single),
        (false, FractionTreatment::Refused | FractionTreatment::Truncate) => Err(ROUNDING),
    }
}

fn double_of_integer(number: i64) -> Result<f64, Unfit> {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "compared with what it was")]
    let (double, back) = (number as f64, (number as f64) as i128);
    if back == i128::from(number) { Ok(double) } else { Err(ROUNDING) }
}

/// Converts text to a double, which has to represent every digit that is written: 15 digits always survive (DBL_DIG), zeros
/// behind them or not; more do if the double, printed with as many or with the fewest that are its own, is the same number.
pub(super) fn double_of_text(text: &[u8], room: &mut Vec<u8>) -> Result<f64, Unfit> {
    let (text, digits) = written(text, room)?;
    let number = text.parse::<f64>().map_err(|_| NOT_A_NUMBER)?;
    let Some(digits) = digits else { return Ok(number) };
    let is_lost = number == 0.0 && digits > 0;
    if number.is_infinite() || is_lost {
        return Err(RANGE);
    }
    let is_kept = (digits <= 15 && number.abs() >= f64::MIN_POSITIVE)
        || stands_for(|digits| print(&number, digits), text, digits, room);
    if is_kept { Ok(number) } else { Err(ROUNDING) }
}

/// Text without surrounding space, and the number of its significant digits; `None` for the words of infinity. `nan` is no number in text.
fn written<'t>(text: &'t [u8], room: &mut Vec<u8>) -> Result<(&'t str, Option<usize>), Unfit> {
    let text = std::str::from_utf8(text.trim_ascii()).map_err(|_| NOT_A_NUMBER)?;
    if let Some(number) = Number::of_text(text.as_bytes(), room) {
        let digits = number.extent().map_or(0, |(digits, _)| usize::try_from(digits).unwrap_or(0));
        return Ok((text, Some(digits)));
    }
    let word = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if ["inf", "infinity"].contains(&word.as_str()) { Ok((text, None)) } else { Err(NOT_A_NUMBER) }
}

/// The number with so many digits of fraction behind its first digit, or with the fewest that read back as it.
fn print(number: &impl std::fmt::LowerExp, fraction: Option<usize>) -> String {
    fraction.map_or_else(|| format!("{number:e}"), |fraction| format!("{number:.fraction$e}"))
}

/// Whether a floating point number, printed with as many digits as are written or with the fewest, is the number that is written.
/// Of the digits written, `significant` are not zeros at an end.
fn stands_for(print: impl Fn(Option<usize>) -> String, text: &str, significant: usize, room: &mut Vec<u8>) -> bool {
    // The longest double has 767 significant digits.
    if !(1..=768).contains(&significant) {
        return significant == 0;
    }
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let shown = mantissa.trim_start_matches(['+', '-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let mut other = Vec::new();
    let Some(written) = Number::of_text(text.as_bytes(), &mut other) else { return false };
    [Some(shown.clamp(1, 768) - 1), None].into_iter().any(|fraction| {
        let printed = print(fraction);
        let printed = Number::of_text(printed.as_bytes(), room);
        // The shown digits of fraction are only spelling.
        printed.is_some_and(|printed| printed.showing(0) == written.showing(0))
    })
}

/// Writes an integer or a real as SQLite's `CAST(x AS TEXT)` spells it ([`text_of_real`]).
pub(super) fn write_number(cell: Cell<'_>, out: &mut ConvertedBytes) {
    match cell {
        Cell::Integer(number) => out.push(Printed::of(format_args!("{number}")).bytes()),
        Cell::Real(number) => out.push(text_of_real(number).as_bytes()),
        Cell::Null | Cell::Text(_) | Cell::Blob(_) => {}
    }
}

/// A real as SQLite's `CAST(x AS TEXT)` spells it, with the fewest digits that read back as the same double: `1.0`,
/// `0.0001`, `1.0e+15`, `1.0e-05`, `Inf`; plain from 0.0001 up to below 10^15. SQLite has no text for the sign of zero.
pub(crate) fn text_of_real(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    if number == 0.0 {
        return "0.0".to_owned();
    }
    let printed = Printed::of(format_args!("{:e}", number.abs()));
    let text = std::str::from_utf8(printed.bytes()).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let minus = if number < 0.0 { "-" } else { "" };
    let or_zero = |text: &str| if text.is_empty() { "0".to_owned() } else { text.to_owned() };
    match exponent {
        0..15 => {
            let places = usize::try_from(exponent).unwrap_or(0);
            let padded = format!("{rest:0<places$}");
            let (whole, fraction) = padded.split_at(places);
            format!("{minus}{first}{whole}.{}", or_zero(fraction))
        }
        -4..0 => format!("{minus}0.{}{first}{rest}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0))),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{minus}{first}.{}e{sign}{:02}", or_zero(rest), exponent.unsigned_abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_numbers_is_sqlites() {
        for (number, expected) in [
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (1.25e100, "1.25e+100"),
            (0.0001, "0.0001"),
            (0.000_123, "0.000123"),
            (0.00001, "1.0e-05"),
            (123_456_789.125, "123456789.125"),
            (-0.0, "0.0"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            let mut made = ConvertedBytes::default();
            made.begin();
            write_number(Cell::Real(number), &mut made);
            assert_eq!(std::str::from_utf8(made.kept()), Ok(expected));
        }
    }

    #[test]
    fn a_double_stands_for_every_digit_that_is_written() {
        let double = |text: &str| double_of_text(text.as_bytes(), &mut Vec::new());
        assert_eq!(double(" 0.1 "), Ok(0.1));
        assert_eq!(double("0.1000000000000000055511151231257827"), Ok(0.1));
        assert_eq!(double("0.12345678901234567"), Err(ROUNDING));
        assert_eq!(double("9007199254740993"), Err(ROUNDING));
        for (text, is_kept) in [
            ("18446744073709551600", false),
            ("18446744073709551616", true),
            ("18446744073709552000", true),
            ("-18446744073709551600.0", false),
            ("1.84467440737095516e+19", true),
            ("0.10000000000000001000", false),
            ("0.12345678901234560000", true),
        ] {
            assert_eq!(double(text).is_ok(), is_kept, "{text}");
        }
        assert_eq!(double("1e309"), Err(RANGE));
        assert_eq!(double("5e-324"), Ok(5e-324));
        assert_eq!(double("-Infinity"), Ok(f64::NEG_INFINITY));
        assert_eq!(double("12 apples"), Err(NOT_A_NUMBER));
        assert!(double_of_integer(i64::MAX).is_err());
    }
}
