//! Dates and times: ISO 8601 text and numbers that count from an epoch, as the spec says.
//!
//! The rules are those that the README promises: nothing is rounded or dropped unless the spec says so. `YYYY-MM-DD`,
//! then a space or `T` and `HH:MM[:SS[.f]]`, then `Z` or an offset; year 0000 is 1 BC, 24:00 the end of its day, second
//! 60 is invalid.

use super::day::{day_of_digits, day_of_sheet, julian};
use super::number::{FractionSize, Number, numeric_of_integer};
use super::offset::{offset, two};
use super::unfit::{CLASS, FRACTION, MOMENT_RANGE, NOT_A_MOMENT, OFFSET, TIME_OF_DAY, Unfit, ZERO_DATE};
use super::value::Value;
use super::zone::{DAY, SECOND, SourceZone, UNIX_DAYS, days_of};
use crate::value::{Cell, FractionTreatment, ZeroDates};
use jiff::civil::Date;

/// Unit that a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EpochUnit {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    Seconds,
    /// Milliseconds since 1970-01-01 00:00:00 UTC.
    Milliseconds,
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    Microseconds,
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    Nanoseconds,
    /// Hundreds of nanoseconds since the beginning of the year 1, in UTC.
    Ticks,
    /// Days since noon of 4714-11-24 BC, in UTC.
    JulianDays,
    /// Days since 1899-12-30, in local time, from 1900-03-01 on; a day more before.
    ExcelDays,
    /// Eight digits of a local day.
    CalendarDigits,
}

/// Range of PostgreSQL's timestamps: from Julian day 0 to before 294277-01-01 (`src/include/datatype/timestamp.h`).
const TIMESTAMPS: std::ops::Range<i64> = -2_451_545 * DAY..106_751_983 * DAY;

/// Interpretation of a column's times.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    /// Unit that a number counts; `None` if the column holds text.
    pub(super) count: Option<EpochUnit>,
    /// Zone of local times.
    pub(super) zone: SourceZone,
    /// Digits of a second that the column keeps.
    pub(super) digits: u8,
    /// Treatment of the digits beyond them.
    pub(super) beyond: FractionTreatment,
    /// Treatment of dates that no calendar has.
    pub(super) zero_dates: ZeroDates,
}

impl Clock {
    /// The value itself; for a date that no calendar has, the replacement that the spec gives: `[epoch, before_all]`
    /// are its values in the column's type.
    #[inline]
    pub(super) fn or_zero<'a>(
        &self,
        value: Result<Value<'a>, Unfit>,
        not_null: bool,
        [epoch, before_all]: [Value<'a>; 2],
    ) -> Result<Value<'a>, Unfit> {
        match (value, self.zero_dates) {
            (Err(ZERO_DATE), ZeroDates::Null) if !not_null => Ok(Value::Null),
            (Err(ZERO_DATE), ZeroDates::Epoch) => Ok(epoch),
            (Err(ZERO_DATE), ZeroDates::MinusInfinity) => Ok(before_all),
            (value, _) => value,
        }
    }

    /// Date of a cell, in days since 2000-01-01.
    #[inline]
    pub(super) fn date(&self, cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i32, Unfit> {
        let Some(count) = self.count else {
            let written = WrittenMoment::of(text(cell)?)?;
            return match written.offset {
                _ if written.time != 0 || written.behind != FractionSize::Nothing => Err(TIME_OF_DAY),
                None | Some(0) => i32::try_from(written.days).map_err(|_| MOMENT_RANGE),
                Some(_) => Err(OFFSET),
            };
        };
        let (local, behind) = match local_day(cell, count, room)? {
            Some(local) => (local, FractionSize::Nothing),
            None => {
                let (instant, behind) = instant(cell, count, room)?;
                (self.zone.local(instant)?, behind)
            }
        };
        if local % DAY != 0 || behind != FractionSize::Nothing {
            return Err(TIME_OF_DAY);
        }
        i32::try_from(local / DAY).map_err(|_| MOMENT_RANGE)
    }

    /// Time of day of a cell, in microseconds since midnight.
    pub(super) fn time(&self, cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i64, Unfit> {
        let (time, behind) = match self.count {
            None => {
                let (time, behind, rest) = time_of_day(text(cell)?.trim_ascii())?;
                if !matches!(offset(rest)?, None | Some(0)) {
                    return Err(OFFSET);
                }
                (time, behind)
            }
            Some(count) => counted(cell, count, room)?,
        };
        // 24:00 is the last time of a day; digits behind it are past the day.
        let is_past = time == DAY && behind != FractionSize::Nothing;
        if is_past || !(0..=DAY).contains(&time) { Err(MOMENT_RANGE) } else { self.kept(time, behind) }
    }

    /// Local time of a cell, in microseconds since 2000-01-01 00:00:00. An offset is accepted if it equals the zone's.
    #[inline]
    pub(super) fn timestamp(&self, cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i64, Unfit> {
        let (local, behind) = match self.count {
            None => {
                let written = WrittenMoment::of(text(cell)?)?;
                let local = written.days * DAY + written.time;
                if let Some(seconds) = written.offset
                    && self.zone.offset_of_local(local)? != seconds * SECOND
                {
                    return Err(OFFSET);
                }
                (local, written.behind)
            }
            Some(count) => match local_day(cell, count, room)? {
                Some(local) => (local, FractionSize::Nothing),
                None => {
                    let (instant, behind) = instant(cell, count, room)?;
                    (self.zone.local(instant)?, behind)
                }
            },
        };
        if TIMESTAMPS.contains(&local) { self.kept(local, behind) } else { Err(MOMENT_RANGE) }
    }

    /// Instant of a cell, in microseconds since 2000-01-01 00:00:00 UTC. Text without an offset is local time of the
    /// zone.
    #[inline]
    pub(super) fn timestamptz(&self, cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i64, Unfit> {
        let (instant, behind) = match self.count {
            None => {
                let written = WrittenMoment::of(text(cell)?)?;
                let local = written.days * DAY + written.time;
                let offset = match written.offset {
                    Some(seconds) => seconds * SECOND,
                    None => self.zone.offset_of_local(local)?,
                };
                (local - offset, written.behind)
            }
            Some(count) => match local_day(cell, count, room)? {
                Some(local) => (local - self.zone.offset_of_local(local)?, FractionSize::Nothing),
                None => instant(cell, count, room)?,
            },
        };
        self.kept(instant, behind)
    }

    /// Microseconds that the column keeps of a number with digits behind it.
    #[inline]
    fn kept(&self, microseconds: i64, behind: FractionSize) -> Result<i64, Unfit> {
        // Days tell a time of day to the millisecond.
        let most = if matches!(self.count, Some(EpochUnit::JulianDays | EpochUnit::ExcelDays)) { 3 } else { 6 };
        let unit = 10_i64.pow(6 - u32::from(self.digits).min(most));
        let rest = microseconds.rem_euclid(unit);
        if rest == 0 && behind == FractionSize::Nothing {
            return Ok(microseconds);
        }
        let earlier = microseconds - rest;
        // Half of a unit above one microsecond is a whole number of microseconds, so the digits behind do not matter.
        let is_nearer_the_later = if unit == 1 { behind == FractionSize::HalfOrMore } else { 2 * rest >= unit };
        match self.beyond {
            FractionTreatment::Refused => Err(FRACTION),
            FractionTreatment::Round if is_nearer_the_later => Ok(earlier + unit),
            FractionTreatment::Truncate | FractionTreatment::Round => Ok(earlier),
        }
    }
}

#[inline]
fn text<'row>(cell: Cell<'row>) -> Result<&'row [u8], Unfit> {
    match cell {
        Cell::Text(text) => Ok(text),
        _ => Err(CLASS),
    }
}

/// Instant of a number, in microseconds since 2000-01-01 UTC.
fn instant(cell: Cell<'_>, count: EpochUnit, room: &mut Vec<u8>) -> Result<(i64, FractionSize), Unfit> {
    if count == EpochUnit::JulianDays {
        return Ok((julian(cell, room)?, FractionSize::Nothing));
    }
    let (since, behind) = counted(cell, count, room)?;
    // The years 1 to 9999 are 3652059 days: there are no ticks before or after.
    if count == EpochUnit::Ticks && !(0..3_652_059 * DAY).contains(&since) {
        return Err(MOMENT_RANGE);
    }
    // The year 1 began 719162 days before 1970.
    let unix = if count == EpochUnit::Ticks { since.checked_sub(719_162 * DAY).ok_or(MOMENT_RANGE)? } else { since };
    let instant = unix.checked_sub(UNIX_DAYS * DAY).ok_or(MOMENT_RANGE)?;
    if TIMESTAMPS.contains(&instant) { Ok((instant, behind)) } else { Err(MOMENT_RANGE) }
}

/// Number in microseconds, exactly: a real is its shortest decimal.
fn counted(cell: Cell<'_>, count: EpochUnit, room: &mut Vec<u8>) -> Result<(i64, FractionSize), Unfit> {
    let places = match count {
        EpochUnit::Seconds => 6,
        EpochUnit::Milliseconds => 3,
        EpochUnit::Microseconds => 0,
        EpochUnit::Ticks => -1,
        EpochUnit::Nanoseconds => -3,
        EpochUnit::JulianDays | EpochUnit::ExcelDays | EpochUnit::CalendarDigits => return Err(CLASS),
    };
    let number = match cell {
        Cell::Integer(number) => numeric_of_integer(number, room),
        Cell::Real(number) => Number::of_double(number).ok_or(MOMENT_RANGE)?,
        Cell::Text(text) => Number::of_text(text, room).ok_or(NOT_A_MOMENT)?,
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    number.scaled(places).ok_or(MOMENT_RANGE)
}

/// Local time of a day that is written as a number, in microseconds since 2000-01-01; `None` for a unit of UTC.
fn local_day(cell: Cell<'_>, count: EpochUnit, room: &mut Vec<u8>) -> Result<Option<i64>, Unfit> {
    match count {
        EpochUnit::ExcelDays => day_of_sheet(cell, room).map(Some),
        EpochUnit::CalendarDigits => day_of_digits(cell).map(|days| Some(days * DAY)),
        _ => Ok(None),
    }
}

/// Days since 2000-01-01 of a date in text.
pub(super) fn written_day(text: &[u8]) -> Result<i64, Unfit> {
    WrittenMoment::of(text).map(|moment| moment.days)
}

/// Date with or without a time, as written.
struct WrittenMoment {
    /// Days since 2000-01-01.
    days: i64,
    /// Microseconds since midnight, up to a whole day.
    time: i64,
    /// Digits behind the last microsecond.
    behind: FractionSize,
    /// Seconds east of UTC.
    offset: Option<i64>,
}

impl WrittenMoment {
    #[inline]
    fn of(text: &[u8]) -> Result<Self, Unfit> {
        let (date, rest) = text.trim_ascii().split_first_chunk::<10>().ok_or(NOT_A_MOMENT)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return Err(NOT_A_MOMENT) };
        let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
        let (month, day) = (two(*m1, *m2)?, two(*d1, *d2)?);
        if (month == 0 || day == 0) && month <= 12 && day <= 31 {
            return Err(ZERO_DATE);
        }
        let date = Date::new(small(year)?, small(month)?, small(day)?);
        let days = days_of(date.map_err(|_| NOT_A_MOMENT)?);
        match rest {
            [] => Ok(Self { days, time: 0, behind: FractionSize::Nothing, offset: None }),
            [b' ' | b'T' | b't', rest @ ..] => {
                let (time, behind, rest) = time_of_day(rest)?;
                Ok(Self { days, time, behind, offset: offset(rest)? })
            }
            _ => Err(NOT_A_MOMENT),
        }
    }
}

/// Microseconds from 1970-01-01 00:00:00 to a date and time without an offset.
pub(super) fn past_epoch(text: &[u8]) -> Result<i64, Unfit> {
    let written = WrittenMoment::of(text)?;
    match written.offset {
        None | Some(0) if written.behind != FractionSize::Nothing => Err(FRACTION),
        None | Some(0) => Ok((written.days + UNIX_DAYS) * DAY + written.time),
        Some(_) => Err(OFFSET),
    }
}

/// Parses `HH:MM[:SS[.f]]`: microseconds, the digits behind the last of them, and the rest of the text.
#[inline]
fn time_of_day(text: &[u8]) -> Result<(i64, FractionSize, &[u8]), Unfit> {
    let [h1, h2, b':', m1, m2, rest @ ..] = text else { return Err(NOT_A_MOMENT) };
    let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
    let (mut seconds, mut fraction, mut behind, mut rest) = (0, 0, FractionSize::Nothing, rest);
    if let [b':', s1, s2, after @ ..] = rest {
        seconds = two(*s1, *s2)?;
        rest = after;
        if let [b'.', after @ ..] = rest {
            (fraction, behind, rest) = microseconds(after)?;
        }
    }
    let time = (hours * 3600 + minutes * 60 + seconds) * SECOND + fraction;
    let is_past = time > DAY || (time == DAY && behind != FractionSize::Nothing);
    if minutes > 59 || seconds > 59 || is_past { Err(NOT_A_MOMENT) } else { Ok((time, behind, rest)) }
}

/// Parses the digits of a fraction of a second: microseconds, the digits behind the sixth, and the rest of the text.
#[inline]
fn microseconds(text: &[u8]) -> Result<(i64, FractionSize, &[u8]), Unfit> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let (kept, beyond) = digits.split_at(digits.len().min(6));
    if digits.is_empty() {
        return Err(NOT_A_MOMENT);
    }
    let behind = match beyond {
        [b'5'..=b'9', ..] => FractionSize::HalfOrMore,
        beyond if beyond.iter().any(|digit| *digit != b'0') => FractionSize::Less,
        _ => FractionSize::Nothing,
    };
    let number = kept.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let missing = u32::try_from(6 - kept.len()).unwrap_or(0);
    Ok((number * 10_i64.pow(missing), behind, rest))
}

#[inline]
fn small<Small: TryFrom<i64>>(number: i64) -> Result<Small, Unfit> {
    Small::try_from(number).map_err(|_| NOT_A_MOMENT)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::instant_words;
    use super::*;

    const UTC: Clock = Clock {
        count: None,
        zone: SourceZone::Fixed(0),
        digits: 6,
        beyond: FractionTreatment::Refused,
        zero_dates: ZeroDates::Refused,
    };

    fn utc(text: &str) -> Result<String, Unfit> {
        let instant = UTC.timestamptz(Cell::Text(text.as_bytes()), &mut Vec::new())?;
        Ok(instant_words(instant, ""))
    }

    #[test]
    fn the_layouts_of_the_frameworks() {
        for text in [
            "2000-01-01 12:00:00",
            "2000-01-01T12:00",
            "2000-01-01T12:00:00.000Z",
            "2000-01-01 14:00:00.000000000 +0200",
            "  2000-01-01T07:00-05 ",
        ] {
            assert_eq!(utc(text).as_deref(), Ok("2000-01-01 12:00:00"), "{text}");
        }
        assert_eq!(utc("9999-12-31 24:00").as_deref(), Ok("10000-01-01 00:00:00"));
        assert_eq!(utc("0000-02-29").as_deref(), Ok("0001-02-29 00:00:00 BC"));
        assert_eq!(utc("2000-01-01 00:00:00.5").as_deref(), Ok("2000-01-01 00:00:00.5"));
        assert_eq!(utc("2000-01-01 00:00:00.1234567"), Err(FRACTION));
        for text in ["", "2000-1-01", "2000-02-30", "2000-01-01 12:00.5", "2000-01-01 23:59:60", "2000-01-01 12:00 UTC"]
        {
            assert_eq!(utc(text), Err(NOT_A_MOMENT), "{text}");
        }
    }

    #[test]
    fn numbers_count_what_the_spec_says() {
        let at = |cell, count| {
            let clock = Clock { count: Some(count), ..UTC };
            clock.timestamptz(cell, &mut Vec::new()).map(|at| instant_words(at, ""))
        };
        let half = "2023-11-14 22:13:20.5";
        assert_eq!(at(Cell::Real(1_700_000_000.5), EpochUnit::Seconds).as_deref(), Ok(half));
        assert_eq!(at(Cell::Text(b"1700000000500"), EpochUnit::Milliseconds).as_deref(), Ok(half));
        assert_eq!(at(Cell::Real(0.123_456_7), EpochUnit::Seconds), Err(FRACTION));
        assert_eq!(at(Cell::Real(2_451_544.5), EpochUnit::JulianDays).as_deref(), Ok("2000-01-01 00:00:00"));
        assert_eq!(at(Cell::Integer(i64::MAX), EpochUnit::Seconds), Err(MOMENT_RANGE));
    }
}
