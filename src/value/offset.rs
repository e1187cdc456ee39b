//! Offsets from UTC as ISO 8601 writes them.

/// Seconds east of UTC of `Z`, `z`, `+HH`, `+HHMM`, `+HH:MM` or `+HH:MM:SS`, or with `-`; `None` for other text.
///
/// The greatest is 15:59:59, PostgreSQL's `MAX_TZDISP_HOUR`.
#[must_use]
pub fn parse(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes, seconds) = match *digits {
        [a, b] => (two(a, b)?, 0, 0),
        [a, b, c, d] | [a, b, b':', c, d] => (two(a, b)?, two(c, d)?, 0),
        [a, b, b':', c, d, b':', e, f] => (two(a, b)?, two(c, d)?, two(e, f)?),
        _ => return None,
    };
    (hours <= 15 && minutes <= 59 && seconds <= 59).then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

fn two(tens: u8, ones: u8) -> Option<i32> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling() {
        assert_eq!(parse(b"Z"), Some(0));
        assert_eq!(parse(b"+02"), Some(7200));
        assert_eq!(parse(b"-0330"), Some(-12_600));
        assert_eq!(parse(b"+05:45"), Some(20_700));
        assert_eq!(parse(b"+00:53:28"), Some(3_208));
        for wrong in ["", "+", "+2", "+24:00", "+02:60", "02:00", "+0x:00", "UTC", "+02:00 "] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
