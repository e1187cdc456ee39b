//! Dates and times written as text: ISO 8601 as SQLite, SQLAlchemy, Django and JavaScript write it.
//!
//! ```text
//! YYYY-MM-DD
//! YYYY-MM-DD HH:MM[:SS[.fraction]] [offset]     with a space or `T` between date and time
//! HH:MM[:SS[.fraction]] [offset]                in a time column
//! ```
//!
//! White space around the text is skipped, as in PostgreSQL (SQLite skips it at the end only); so are spaces before the
//! offset. Year `0000` is 1 BC, as in SQLite. `24:00` is the end of its day, as in both databases; `:60` is an error,
//! as in SQLite (PostgreSQL would turn it into the next minute). A fraction may have any number of digits, but those
//! that the column does not keep must be zeros, unless the spec has a treatment for them.

use crate::value::calendar::{MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, days_from_date};
use crate::value::forgetting::{Cut, FRACTION_UNIT, Fraction};
use crate::value::{BadValue, Zone, offset};

/// Content of a date column, for messages.
pub(crate) const DATE: &str = "a date";
/// Content of a time column, for messages.
pub(crate) const TIME: &str = "a time";
/// Content of the two timestamp types, for messages.
pub(crate) const TIMESTAMP: &str = "a timestamp";

/// Days since 2000-01-01 of a date.
///
/// A time of day is accepted only if it is midnight, and an offset only if it is zero: JavaScript writes
/// `2024-05-01T00:00:00.000Z`.
///
/// # Errors
/// The text is not a date, or the date would lose a time of day or an offset.
#[inline]
pub fn date(text: &[u8]) -> Result<i32, BadValue> {
    let written = WrittenMoment::parse(text, DATE)?;
    match written {
        WrittenMoment { microseconds: 0, cut: Cut::Nothing, offset: None | Some(0), .. } => Ok(written.days),
        WrittenMoment { microseconds: 0, cut: Cut::Nothing, .. } => Err(BadValue::ForeignOffset),
        _ => Err(BadValue::TimeOfDay),
    }
}

/// Microseconds since midnight of a time of day, `00:00:00` to `24:00:00`.
///
/// An offset is accepted only if it is zero.
///
/// # Errors
/// The text is not a time of day, or has a finer fraction.
pub fn time(text: &[u8], fraction: Fraction) -> Result<i64, BadValue> {
    let (microseconds, cut, rest) = time_of_day(text.trim_ascii(), TIME)?;
    match offset_at_end(rest, TIME)? {
        None | Some(0) => fraction.keep(microseconds, cut),
        Some(_) => Err(BadValue::ForeignOffset),
    }
}

/// A `timestamp` (without time zone): microseconds since 2000-01-01 00:00:00 of the written local time.
///
/// An offset is dropped only if it is that of the source's time zone. `Z` in a source whose zone is UTC is accepted; in
/// a source whose zone is Berlin it is an error, since the rows without an offset mean Berlin's time.
///
/// # Errors
/// The text is not a date with or without a time, has a finer fraction or a foreign offset.
#[inline]
pub fn timestamp(text: &[u8], zone: &Zone, fraction: Fraction) -> Result<i64, BadValue> {
    let written = WrittenMoment::parse(text, TIMESTAMP)?;
    let local = written.local();
    if let Some(seconds) = written.offset
        && zone.instant(local)? != local - i64::from(seconds) * MICROSECONDS_PER_SECOND
    {
        return Err(BadValue::ForeignOffset);
    }
    fraction.keep(local, written.cut)
}

/// A `timestamptz`: the instant in microseconds since 2000-01-01 00:00:00 UTC. Text without an offset is local time of
/// `zone`.
///
/// # Errors
/// The text is not a date with or without a time, has a finer fraction, or is a local time that does not exist.
#[inline]
pub fn timestamptz(text: &[u8], zone: &Zone, fraction: Fraction) -> Result<i64, BadValue> {
    let written = WrittenMoment::parse(text, TIMESTAMP)?;
    let local = written.local();
    let instant = match written.offset {
        Some(seconds) => local - i64::from(seconds) * MICROSECONDS_PER_SECOND,
        None => zone.instant(local)?,
    };
    fraction.keep(instant, written.cut)
}

/// A date with or without a time, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WrittenMoment {
    /// Days since 2000-01-01.
    days: i32,
    /// Microseconds since midnight, a whole day included.
    microseconds: i64,
    /// Digits after the microseconds.
    cut: Cut,
    /// Seconds east of UTC, if written.
    offset: Option<i32>,
}

impl WrittenMoment {
    /// Microseconds since 2000-01-01 00:00:00 of the local time.
    fn local(&self) -> i64 {
        i64::from(self.days) * MICROSECONDS_PER_DAY + self.microseconds
    }

    #[inline]
    fn parse(text: &[u8], wanted: &'static str) -> Result<WrittenMoment, BadValue> {
        let syntax = BadValue::Syntax { wanted };
        let text = text.trim_ascii();
        let (date, rest) = text.split_first_chunk::<10>().ok_or(syntax)?;
        let days = parse_date(date, syntax)?;
        let time = match rest {
            [] => return Ok(WrittenMoment { days, microseconds: 0, cut: Cut::Nothing, offset: None }),
            [b' ' | b'T' | b't', time @ ..] => time,
            _ => return Err(syntax),
        };
        let (microseconds, cut, rest) = time_of_day(time, wanted)?;
        Ok(WrittenMoment { days, microseconds, cut, offset: offset_at_end(rest, wanted)? })
    }
}

/// `YYYY-MM-DD`. The digits are added up without a branch and checked once.
#[inline]
fn parse_date(text: &[u8; 10], syntax: BadValue) -> Result<i32, BadValue> {
    let digit = text.map(|byte| byte.wrapping_sub(b'0'));
    let [y1, y2, y3, y4, _, m1, m2, _, d1, d2] = digit;
    let greatest = y1.max(y2).max(y3).max(y4).max(m1).max(m2).max(d1).max(d2);
    if greatest > 9 || text[4] != b'-' || text[7] != b'-' {
        return Err(syntax);
    }
    let year = i32::from(y1) * 1000 + i32::from(y2) * 100 + i32::from(y3) * 10 + i32::from(y4);
    let month = i32::from(m1) * 10 + i32::from(m2);
    let day = i32::from(d1) * 10 + i32::from(d2);
    match days_from_date(year, month, day) {
        Some(days) => Ok(days),
        None if (year, month, day) == (0, 0, 0) => Err(BadValue::ZeroDate),
        None if month <= 12 && day <= 31 && (month == 0 || day == 0) => Err(BadValue::PartialDate),
        None => Err(syntax),
    }
}

/// Microseconds since midnight of `HH:MM[:SS[.fraction]]`, the part cut off after the sixth digit, and the rest of the
/// text.
#[inline]
fn time_of_day<'text>(text: &'text [u8], wanted: &'static str) -> Result<(i64, Cut, &'text [u8]), BadValue> {
    let syntax = BadValue::Syntax { wanted };
    let (hours, minutes, seconds, rest) = match text {
        [a, b, b':', c, d, b':', e, f, rest @ ..] => {
            (two(*a, *b, syntax)?, two(*c, *d, syntax)?, two(*e, *f, syntax)?, rest)
        }
        [a, b, b':', c, d, rest @ ..] => (two(*a, *b, syntax)?, two(*c, *d, syntax)?, 0, rest),
        _ => return Err(syntax),
    };
    let (fraction, cut, rest) = match rest {
        // HH:MM has no seconds that could have a fraction.
        [b'.', digits @ ..] if text[5] == b':' => fraction(digits, syntax)?,
        _ => (0, Cut::Nothing, rest),
    };
    let microseconds = (hours * 3600 + minutes * 60 + seconds) * MICROSECONDS_PER_SECOND + fraction;
    if minutes > 59 || seconds > 59 || microseconds > MICROSECONDS_PER_DAY {
        return Err(syntax);
    }
    // No fraction may follow the end of a day.
    if microseconds == MICROSECONDS_PER_DAY && cut != Cut::Nothing {
        return Err(syntax);
    }
    Ok((microseconds, cut, rest))
}

/// Microseconds of the digits after the decimal point, the part cut off after the sixth, and the rest of the text.
#[inline]
fn fraction(text: &[u8], syntax: BadValue) -> Result<(i64, Cut, &[u8]), BadValue> {
    let (mut microseconds, mut cut) = (0, Cut::Nothing);
    let mut count = 0;
    while let Some(digit) = text.get(count).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9) {
        if count < 6 {
            microseconds = microseconds * 10 + i64::from(digit);
        } else if digit != 0 {
            let is_half = count == 6 && digit >= 5;
            cut = if is_half || cut == Cut::HalfOrMore { Cut::HalfOrMore } else { Cut::Less };
        }
        count += 1;
    }
    if count == 0 {
        return Err(syntax);
    }
    Ok((microseconds * FRACTION_UNIT[count.min(6)], cut, &text[count..]))
}

/// The offset at the end of the text, after spaces; `None` if the text is at its end.
#[inline]
fn offset_at_end(text: &[u8], wanted: &'static str) -> Result<Option<i32>, BadValue> {
    match text {
        [] => Ok(None),
        [b'Z' | b'z'] => Ok(Some(0)),
        _ => offset::parse(text.trim_ascii_start()).map(Some).ok_or(BadValue::Syntax { wanted }),
    }
}

#[inline]
fn two(tens: u8, ones: u8, syntax: BadValue) -> Result<i64, BadValue> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens.max(ones) > 9 { Err(syntax) } else { Ok(i64::from(tens) * 10 + i64::from(ones)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::FractionTreatment;

    const SECOND: i64 = MICROSECONDS_PER_SECOND;

    fn utc(text: &str) -> Result<i64, BadValue> {
        timestamptz(text.as_bytes(), &Zone::UTC, Fraction::exactly(6))
    }

    #[test]
    fn the_layouts_of_the_frameworks() {
        let noon = 43_200 * SECOND;
        for text in [
            "2000-01-01 12:00:00",
            "2000-01-01T12:00:00",
            "2000-01-01 12:00",
            "2000-01-01T12:00:00Z",
            "2000-01-01T12:00:00.000Z",
            "2000-01-01 12:00:00.000000",
            "2000-01-01 14:00:00+02:00",
            "2000-01-01 14:00:00.000000000 +0200",
            "2000-01-01T07:00-05",
            "  2000-01-01 12:00:00 ",
        ] {
            assert_eq!(utc(text), Ok(noon), "{text}");
        }
        assert_eq!(utc("2000-01-02"), Ok(86_400 * SECOND));
        assert_eq!(utc("2000-01-01 24:00:00"), Ok(86_400 * SECOND));
        assert_eq!(utc("1999-12-31 23:59:59.999999"), Ok(-1));
        assert_eq!(utc("2000-01-01 00:00:00.5"), Ok(SECOND / 2));
    }

    #[test]
    fn refuses_what_is_not_a_timestamp() {
        for text in [
            "",
            "2000",
            "2000-1-01",
            "2000-01-01 ",
            "2000-01-01X12:00:00",
            "2000-01-01 12",
            "2000-01-01 12:00:00.",
            "2000-01-01 12:00.5",
            "2000-01-01 24:00:00.000001",
            "2000-01-01 12:60:00",
            "2000-01-01 23:59:60",
            "2000-02-30",
            "2000-01-01 12:00:00 UTC",
            "2000-01-01 12:00:00+16:00",
            "now",
        ] {
            let expected = if text == "2000-01-01 " { Ok(0) } else { Err(BadValue::Syntax { wanted: TIMESTAMP }) };
            assert_eq!(utc(text), expected, "{text}");
        }
        assert_eq!(utc("0000-00-00 00:00:00"), Err(BadValue::ZeroDate));
    }

    #[test]
    fn rounds_a_fraction_only_where_that_is_said() {
        let rounding = Fraction { digits: 6, beyond: FractionTreatment::Round };
        assert_eq!(timestamptz(b"1999-12-31 23:59:59.9999995", &Zone::UTC, rounding), Ok(0));
        assert_eq!(timestamptz(b"1999-12-31 23:59:59.99999949", &Zone::UTC, rounding), Ok(-1));
        let cutting = Fraction { digits: 0, beyond: FractionTreatment::Truncate };
        assert_eq!(timestamp(b"1999-12-31 23:59:59.9", &Zone::UTC, cutting), Ok(-SECOND));
        assert_eq!(date(b"2000-01-31 00:00:00.0000001"), Err(BadValue::TimeOfDay));
        assert_eq!(utc("2000-01-01 00:00:00.1234567"), Err(BadValue::FractionDigits { allowed: 6 }));
        assert_eq!(utc("2000-01-01 00:00:00.1234560000"), Ok(123_456));
        assert_eq!(timestamptz(b"2000-01-01 00:00:00.120", &Zone::UTC, Fraction::exactly(2)), Ok(120_000));
        assert_eq!(
            timestamptz(b"2000-01-01 00:00:00.123", &Zone::UTC, Fraction::exactly(2)),
            Err(BadValue::FractionDigits { allowed: 2 })
        );
    }

    #[test]
    fn a_timestamp_without_zone_drops_only_the_offset_of_the_source() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        assert_eq!(timestamp(b"2000-01-01T12:00:00Z", &Zone::UTC, Fraction::exactly(6)), Ok(43_200 * SECOND));
        assert_eq!(timestamp(b"2000-01-01T12:00:00Z", &berlin, Fraction::exactly(6)), Err(BadValue::ForeignOffset));
        assert_eq!(timestamp(b"2000-01-01T12:00:00+01", &berlin, Fraction::exactly(6)), Ok(43_200 * SECOND));
        assert_eq!(timestamp(b"2000-07-01T12:00:00+01", &berlin, Fraction::exactly(6)), Err(BadValue::ForeignOffset));
        assert_eq!(timestamptz(b"2000-01-01 12:00:00", &berlin, Fraction::exactly(6)), Ok(39_600 * SECOND));
    }

    #[test]
    fn dates_and_times_lose_nothing() {
        assert_eq!(date(b"2000-01-31"), Ok(30));
        assert_eq!(date(b"2000-01-31T00:00:00.000Z"), Ok(30));
        assert_eq!(date(b"2000-01-31 00:00:01"), Err(BadValue::TimeOfDay));
        assert_eq!(date(b"2000-01-31 00:00:00+01"), Err(BadValue::ForeignOffset));
        assert_eq!(time(b"23:59:59.999999", Fraction::exactly(6)), Ok(86_400 * SECOND - 1));
        assert_eq!(time(b"24:00", Fraction::exactly(6)), Ok(86_400 * SECOND));
        assert_eq!(time(b"10:30Z", Fraction::exactly(0)), Ok(37_800 * SECOND));
        assert_eq!(time(b"2000-01-01 10:30", Fraction::exactly(0)), Err(BadValue::Syntax { wanted: TIME }));
    }
}
