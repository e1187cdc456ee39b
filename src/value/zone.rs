//! The time zone of the source, in which timestamps without an offset are read.

use crate::value::calendar::{
    MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, date_from_days,
};
use crate::value::{BadValue, RepeatedTime};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::fmt;

/// The time zone of the source; the spec's `[source] timezone`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    kind: ZoneKind,
    /// Meaning of a local time that occurs twice.
    repeated: RepeatedTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ZoneKind {
    /// Seconds east of UTC, for which no table is needed.
    Fixed(i32),
    /// A zone of the IANA database.
    Named(TimeZone),
}

/// A time zone name that is neither an offset nor in the machine's IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone; write a name such as `Europe/Berlin`, an offset such as `+02:00`, or `UTC`")]
pub struct UnknownZone(pub String);

impl From<TimeZone> for Zone {
    fn from(zone: TimeZone) -> Self {
        match zone.to_fixed_offset() {
            Ok(offset) => Zone::of(ZoneKind::Fixed(offset.seconds())),
            Err(_) => Zone::of(ZoneKind::Named(zone)),
        }
    }
}

impl Zone {
    /// Coordinated universal time, the zone of SQLite's own functions.
    pub const UTC: Zone = Zone::of(ZoneKind::Fixed(0));

    const fn of(kind: ZoneKind) -> Zone {
        Zone { kind, repeated: RepeatedTime::Refused }
    }

    /// The same zone, with this choice for a local time that occurs twice.
    #[must_use]
    pub fn with_repeated(self, repeated: RepeatedTime) -> Zone {
        Zone { repeated, ..self }
    }

    /// A zone by its IANA name, or an offset from UTC as ISO 8601 writes it.
    ///
    /// # Errors
    /// The text is not an offset and the name is not in the machine's time zone database.
    pub fn from_name(name: &str) -> Result<Zone, UnknownZone> {
        let name = name.trim();
        if ["utc", "z", "etc/utc", "gmt"].iter().any(|utc| name.eq_ignore_ascii_case(utc)) {
            return Ok(Zone::UTC);
        }
        if let Some(seconds) = crate::value::offset::parse(name.as_bytes()) {
            return Ok(Zone::of(ZoneKind::Fixed(seconds)));
        }
        TimeZone::get(name).map(Zone::from).map_err(|_| UnknownZone(name.to_owned()))
    }

    /// The instant of a local time; both in microseconds since 2000-01-01 00:00:00, local and UTC.
    ///
    /// A local time that occurs twice (the clocks were set back) is read as [`Zone::with_repeated`] says. PostgreSQL's
    /// `AT TIME ZONE` and its input of timestamps without an offset take the later one (`DetermineTimeZoneOffset`).
    ///
    /// # Errors
    /// The clocks skip that local time, it occurs twice and no choice was made, or it is beyond the zone's rules.
    #[inline]
    pub fn instant(&self, local: i64) -> Result<i64, BadValue> {
        match &self.kind {
            ZoneKind::Fixed(seconds) => Ok(local - i64::from(*seconds) * MICROSECONDS_PER_SECOND),
            ZoneKind::Named(zone) => Ok(local - i64::from(self.local_offset(zone, local)?) * MICROSECONDS_PER_SECOND),
        }
    }

    /// The local time of an instant; both in microseconds since 2000-01-01 00:00:00, UTC and local.
    ///
    /// # Errors
    /// [`Zone::instant`] would not lead back to the same instant: of two instants with the same local time, it
    /// identifies at most one. Or the instant is beyond the zone's rules.
    #[inline]
    pub fn local(&self, instant: i64) -> Result<i64, BadValue> {
        match &self.kind {
            ZoneKind::Fixed(seconds) => Ok(instant + i64::from(*seconds) * MICROSECONDS_PER_SECOND),
            ZoneKind::Named(zone) => {
                let offset = zone.to_offset(timestamp(instant)?).seconds();
                let local = instant + i64::from(offset) * MICROSECONDS_PER_SECOND;
                if self.local_offset(zone, local)? == offset { Ok(local) } else { Err(BadValue::RepeatedLocalTime) }
            }
        }
    }

    /// Seconds east of UTC of a local time.
    fn local_offset(&self, zone: &TimeZone, local: i64) -> Result<i32, BadValue> {
        let local = civil(local)?;
        match (zone.to_ambiguous_timestamp(local).offset(), self.repeated) {
            (AmbiguousOffset::Unambiguous { offset }, _) => Ok(offset.seconds()),
            (AmbiguousOffset::Fold { .. }, RepeatedTime::Refused) => Err(BadValue::RepeatedLocalTime),
            (AmbiguousOffset::Fold { before, .. }, RepeatedTime::Earlier) => Ok(before.seconds()),
            (AmbiguousOffset::Fold { after, .. }, RepeatedTime::Later) => Ok(after.seconds()),
            (AmbiguousOffset::Gap { .. }, _) => Err(BadValue::SkippedLocalTime),
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Zone::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ZoneKind::Fixed(0) => formatter.write_str("UTC"),
            ZoneKind::Fixed(seconds) => {
                let sign = if *seconds < 0 { '-' } else { '+' };
                let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
                write!(formatter, "{sign}{hours:02}:{minutes:02}")?;
                match seconds.abs() % 60 {
                    0 => Ok(()),
                    seconds => write!(formatter, ":{seconds:02}"),
                }
            }
            ZoneKind::Named(zone) => formatter.write_str(zone.iana_name().unwrap_or("an unnamed time zone")),
        }
    }
}

/// jiff's date and time; years -9999 to 9999, to their last microsecond, where its timestamps end a day earlier.
fn civil(local: i64) -> Result<DateTime, BadValue> {
    let out_of_range = BadValue::Range { wanted: "the years of a time zone" };
    let day = i32::try_from(local.div_euclid(MICROSECONDS_PER_DAY)).map_err(|_| out_of_range)?;
    let (year, month, day) = date_from_days(day);
    let (seconds, fraction) = (
        local.rem_euclid(MICROSECONDS_PER_DAY) / MICROSECONDS_PER_SECOND,
        local.rem_euclid(MICROSECONDS_PER_SECOND) * 1000,
    );
    let small = |number: i64| i8::try_from(number).map_err(|_| out_of_range);
    let year = i16::try_from(year).map_err(|_| out_of_range)?;
    let fraction = i32::try_from(fraction).map_err(|_| out_of_range)?;
    let (hour, minute, second) = (small(seconds / 3600)?, small(seconds / 60 % 60)?, small(seconds % 60)?);
    DateTime::new(year, small(month)?, small(day)?, hour, minute, second, fraction).map_err(|_| out_of_range)
}

/// jiff's timestamp; years -9999 to 9999.
fn timestamp(microseconds: i64) -> Result<Timestamp, BadValue> {
    microseconds
        .checked_add(MICROSECONDS_FROM_UNIX_EPOCH)
        .and_then(|microseconds| Timestamp::from_microsecond(microseconds).ok())
        .ok_or(BadValue::Range { wanted: "the years of a time zone" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::calendar::days_from_date;

    const HOUR: i64 = 3600 * MICROSECONDS_PER_SECOND;

    fn at(year: i32, month: i32, day: i32, half_hours: i64) -> i64 {
        i64::from(days_from_date(year, month, day).unwrap()) * MICROSECONDS_PER_DAY + half_hours * HOUR / 2
    }

    #[test]
    fn summer_and_winter_of_berlin() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        assert_eq!(berlin.instant(at(2024, 7, 1, 24)), Ok(at(2024, 7, 1, 20)));
        assert_eq!(berlin.instant(at(2024, 1, 1, 24)), Ok(at(2024, 1, 1, 22)));
        assert_eq!(berlin.local(at(2024, 7, 1, 20)), Ok(at(2024, 7, 1, 24)));
        // The last date of many applications; PostgreSQL continues the zone's rules.
        assert_eq!(berlin.instant(at(9999, 12, 31, 47)), Ok(at(9999, 12, 31, 45)));
    }

    #[test]
    fn a_skipped_local_time_is_an_error_and_a_repeated_one_what_is_said() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        let earlier = berlin.clone().with_repeated(RepeatedTime::Earlier);
        let later = berlin.clone().with_repeated(RepeatedTime::Later);
        for zone in [&berlin, &earlier, &later] {
            assert_eq!(zone.instant(at(2024, 3, 31, 5)), Err(BadValue::SkippedLocalTime));
        }
        let (local, first, second) = (at(2024, 10, 27, 5), at(2024, 10, 27, 1), at(2024, 10, 27, 3));
        assert_eq!(berlin.instant(local), Err(BadValue::RepeatedLocalTime));
        assert_eq!(earlier.instant(local), Ok(first));
        assert_eq!(later.instant(local), Ok(second));
        for (zone, told) in [(&berlin, None), (&earlier, Some(first)), (&later, Some(second))] {
            for instant in [first, second] {
                let expected = if told == Some(instant) { Ok(local) } else { Err(BadValue::RepeatedLocalTime) };
                assert_eq!(zone.local(instant), expected, "the local time tells the instant, or is refused");
            }
        }
    }

    #[test]
    fn names_and_offsets() {
        assert_eq!(Zone::from_name("utc"), Ok(Zone::UTC));
        assert_eq!(Zone::from_name("+02:00").unwrap().to_string(), "+02:00");
        assert_eq!(Zone::from_name("-0330").unwrap().to_string(), "-03:30");
        assert_eq!(Zone::from_name("Asia/Tokyo").unwrap().to_string(), "Asia/Tokyo");
        assert!(Zone::from_name("Europe/Nowhere").is_err());
    }
}
