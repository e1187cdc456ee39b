//! Offsets from UTC in text, and the pairs of digits that they and dates consist of.

use super::unfit::{NOT_A_MOMENT, Unfit};

/// Offset at the end of a text, in seconds: `Z`, `+HH`, `+HHMM`, `+HH:MM`, `+HH:MM:SS`, up to 15:59:59 either way.
#[inline]
pub(super) fn offset(text: &[u8]) -> Result<Option<i64>, Unfit> {
    if text.is_empty() {
        return Ok(None);
    }
    let (sign, digits) = match text.trim_ascii_start() {
        [b'Z' | b'z'] => return Ok(Some(0)),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return Err(NOT_A_MOMENT),
    };
    let (hours, minutes, seconds) = match *digits {
        [a, b] => (two(a, b)?, 0, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (two(a, b)?, two(c, d)?, 0),
        [a, b, b':', c, d, b':', e, f] => (two(a, b)?, two(c, d)?, two(e, f)?),
        _ => return Err(NOT_A_MOMENT),
    };
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(NOT_A_MOMENT);
    }
    Ok(Some(sign * (hours * 3600 + minutes * 60 + seconds)))
}

/// Number of two digits.
#[inline]
pub(super) fn two(tens: u8, ones: u8) -> Result<i64, Unfit> {
    if tens.is_ascii_digit() && ones.is_ascii_digit() {
        Ok(i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    } else {
        Err(NOT_A_MOMENT)
    }
}
