//! The source's time zone, for the proving side.

use super::offset::offset;
use super::unfit::{MOMENT_RANGE, REPEATED, SKIPPED, Unfit};
use crate::value::RepeatedTime;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Microseconds of a second and of a day.
pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

/// Days from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
pub(super) const UNIX_DAYS: i64 = 10_957;

/// Zone of the source's local times, and the instant of a repeated one.
#[derive(Debug, Clone)]
pub(super) enum SourceZone {
    /// Constant offset in seconds east of UTC.
    Fixed(i64),
    /// Zone of the IANA database, and the meaning of a repeated local time.
    Named(TimeZone, RepeatedTime),
}

/// Zone of a name in the spec: a zone of the IANA database, or an offset.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    match offset(name.as_bytes()) {
        Ok(Some(seconds)) => Offset::from_seconds(i32::try_from(seconds).ok()?).ok().map(TimeZone::fixed),
        _ => TimeZone::get(name).ok(),
    }
}

impl SourceZone {
    pub(super) fn of(zone: &TimeZone, repeated: RepeatedTime) -> Self {
        match zone.to_fixed_offset() {
            Ok(offset) => Self::Fixed(i64::from(offset.seconds())),
            Err(_) => Self::Named(zone.clone(), repeated),
        }
    }

    /// Microseconds east of UTC at a local time (microseconds since 2000-01-01). The spec decides about a repeated
    /// local time, which is unfit otherwise.
    #[inline]
    pub(super) fn offset_of_local(&self, local: i64) -> Result<i64, Unfit> {
        let (zone, repeated) = match self {
            Self::Fixed(seconds) => return Ok(seconds * SECOND),
            Self::Named(zone, repeated) => (zone, repeated),
        };
        let offset = match zone.to_ambiguous_timestamp(civil(local)?).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { before, after } => match repeated {
                RepeatedTime::Refused => return Err(REPEATED),
                RepeatedTime::Earlier => before,
                RepeatedTime::Later => after,
            },
            AmbiguousOffset::Gap { .. } => return Err(SKIPPED),
        };
        Ok(i64::from(offset.seconds()) * SECOND)
    }

    /// Local time of an instant, both in microseconds since 2000-01-01; unfit if it does not identify the instant.
    #[inline]
    pub(super) fn local(&self, instant: i64) -> Result<i64, Unfit> {
        let zone = match self {
            Self::Fixed(seconds) => return Ok(instant + seconds * SECOND),
            Self::Named(zone, _) => zone,
        };
        let unix = instant.checked_add(UNIX_DAYS * DAY).ok_or(MOMENT_RANGE)?;
        let timestamp = Timestamp::from_microsecond(unix).map_err(|_| MOMENT_RANGE)?;
        let local = instant + i64::from(zone.to_offset(timestamp).seconds()) * SECOND;
        if local - self.offset_of_local(local)? == instant { Ok(local) } else { Err(REPEATED) }
    }
}

/// Date and time of the calendar; years -9999 to 9999.
fn civil(local: i64) -> Result<DateTime, Unfit> {
    let date = date_of(local.div_euclid(DAY)).ok_or(MOMENT_RANGE)?;
    let time = local.rem_euclid(DAY);
    let part = |unit: i64, of: i64| i8::try_from(time / (unit * SECOND) % of).unwrap_or(0);
    let nanoseconds = i32::try_from(time % SECOND * 1000).unwrap_or(0);
    let time = Time::new(part(3600, 24), part(60, 60), part(1, 60), nanoseconds).map_err(|_| MOMENT_RANGE)?;
    Ok(DateTime::from_parts(date, time))
}

/// Days since 2000-01-01 of a date: its place in the year, and the days of the years before, with a leap day every
/// fourth year but for three in four centuries.
#[inline]
pub(super) fn days_of(date: Date) -> i64 {
    let before = i64::from(date.year()) - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    // 1999 years of 365 days and 484 leap days lie before 2000.
    before * 365 + leaps + i64::from(date.day_of_year()) - 1 - (1999 * 365 + 484)
}

/// Date of a number of days since 2000-01-01; years -9999 to 9999.
pub(super) fn date_of(days: i64) -> Option<Date> {
    // The mean year has 365.2425 days: the guess is wrong by a year at most.
    let guess = 2000 + (days * 10_000).div_euclid(3_652_425);
    for year in [guess - 1, guess, guess + 1] {
        let first = Date::new(i16::try_from(year).ok()?, 1, 1).ok()?;
        let day = days - days_of(first);
        if (0..i64::from(first.days_in_year())).contains(&day) {
            return first.checked_add(jiff::Span::new().try_days(day).ok()?).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(days_of(Date::new(2000, 1, 1).unwrap()), 0);
        assert_eq!(days_of(Date::new(1970, 1, 1).unwrap()), -UNIX_DAYS);
        assert_eq!(days_of(Date::new(-4713, 11, 24).unwrap()), -2_451_545);
        let mut date = Date::new(-1, 12, 31).unwrap();
        for _ in 0..1_000_000 {
            let next = date.tomorrow().unwrap();
            assert_eq!(days_of(next), days_of(date) + 1, "{next}");
            date = next;
        }
        for days in [-4_371_587, -1, 0, 59, 60, 366, 2_921_939] {
            assert_eq!(days_of(date_of(days).unwrap()), days);
        }
    }

    #[test]
    fn a_local_time_that_comes_twice_is_what_is_said() {
        let berlin = |repeated| SourceZone::of(&TimeZone::get("Europe/Berlin").unwrap(), repeated);
        let (earlier, refused) = (berlin(RepeatedTime::Earlier), berlin(RepeatedTime::Refused));
        let berlin = berlin(RepeatedTime::Later);
        let at = |month, day, minutes: i64| days_of(Date::new(2024, month, day).unwrap()) * DAY + minutes * 60 * SECOND;
        assert_eq!(berlin.offset_of_local(at(7, 1, 720)), Ok(7200 * SECOND));
        assert_eq!(berlin.offset_of_local(at(10, 27, 150)), Ok(3600 * SECOND));
        assert_eq!(earlier.offset_of_local(at(10, 27, 150)), Ok(7200 * SECOND));
        assert_eq!(refused.offset_of_local(at(10, 27, 150)), Err(REPEATED));
        assert_eq!(earlier.local(at(10, 27, 30)), Ok(at(10, 27, 150)));
        assert_eq!(refused.local(at(10, 27, 90)), Err(REPEATED));
        assert_eq!(berlin.offset_of_local(at(3, 31, 150)), Err(SKIPPED));
        assert_eq!(berlin.local(at(10, 27, 90)), Ok(at(10, 27, 150)));
        assert_eq!(berlin.local(at(10, 27, 30)), Err(REPEATED));
        let last = days_of(Date::new(9999, 12, 31).unwrap()) * DAY + DAY - 1;
        assert_eq!(berlin.offset_of_local(last), Ok(3600 * SECOND));
    }
}
