//! The time zone of the source: what a timestamp without an offset means.

use crate::value::BadValue;
use crate::value::calendar::{
    MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, date_from_days,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use std::fmt;

/// The time zone of the source; the spec's `[source] timezone`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Seconds east of UTC: no table has to be asked.
    Fixed(i32),
    /// A zone of the IANA database.
    Named(TimeZone),
}

/// A time zone name that neither is an offset nor stands in the machine's IANA database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone; write a name such as `Europe/Berlin`, an offset such as `+02:00`, or `UTC`")]
pub struct UnknownZone(pub String);

impl From<TimeZone> for Zone {
    fn from(zone: TimeZone) -> Self {
        match zone.to_fixed_offset() {
            Ok(offset) => Zone(Kind::Fixed(offset.seconds())),
            Err(_) => Zone(Kind::Named(zone)),
        }
    }
}

impl Zone {
    /// Coordinated universal time, the zone in which SQLite's own functions count.
    pub const UTC: Zone = Zone(Kind::Fixed(0));

    /// A zone by its IANA name, or an offset from UTC as ISO 8601 writes it.
    ///
    /// # Errors
    /// When the text is not an offset and the machine's time zone database does not know the name.
    pub fn from_name(name: &str) -> Result<Zone, UnknownZone> {
        let name = name.trim();
        if ["utc", "z", "etc/utc", "gmt"].iter().any(|utc| name.eq_ignore_ascii_case(utc)) {
            return Ok(Zone::UTC);
        }
        if let Some(seconds) = crate::value::offset::parse(name.as_bytes()) {
            return Ok(Zone(Kind::Fixed(seconds)));
        }
        TimeZone::get(name).map(Zone::from).map_err(|_| UnknownZone(name.to_owned()))
    }

    /// The instant of a local time; both in microseconds since 2000-01-01 00:00:00, local and UTC.
    ///
    /// A local time that exists twice (the clocks were set back) is taken as the later of the two instants, as
    /// PostgreSQL's `AT TIME ZONE` and its input of timestamps without an offset do (`DetermineTimeZoneOffset`).
    ///
    /// # Errors
    /// When the clocks jumped over that local time, or the zone's rules do not reach so far.
    #[inline]
    pub fn instant(&self, local: i64) -> Result<i64, BadValue> {
        match &self.0 {
            Kind::Fixed(seconds) => Ok(local - i64::from(*seconds) * MICROSECONDS_PER_SECOND),
            Kind::Named(zone) => Ok(local - i64::from(local_offset(zone, local)?) * MICROSECONDS_PER_SECOND),
        }
    }

    /// The local time of an instant; both in microseconds since 2000-01-01 00:00:00, UTC and local.
    ///
    /// # Errors
    /// When [`Zone::instant`] would not lead back to the same instant: of two instants with the same local time, only
    /// the later can be told by its local time. Also when the zone's rules do not reach so far.
    #[inline]
    pub fn local(&self, instant: i64) -> Result<i64, BadValue> {
        match &self.0 {
            Kind::Fixed(seconds) => Ok(instant + i64::from(*seconds) * MICROSECONDS_PER_SECOND),
            Kind::Named(zone) => {
                let offset = zone.to_offset(timestamp(instant)?).seconds();
                let local = instant + i64::from(offset) * MICROSECONDS_PER_SECOND;
                if local_offset(zone, local)? == offset { Ok(local) } else { Err(BadValue::RepeatedLocalTime) }
            }
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
        match &self.0 {
            Kind::Fixed(0) => formatter.write_str("UTC"),
            Kind::Fixed(seconds) => {
                let sign = if *seconds < 0 { '-' } else { '+' };
                let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
                write!(formatter, "{sign}{hours:02}:{minutes:02}")?;
                match seconds.abs() % 60 {
                    0 => Ok(()),
                    seconds => write!(formatter, ":{seconds:02}"),
                }
            }
            Kind::Named(zone) => formatter.write_str(zone.iana_name().unwrap_or("an unnamed time zone")),
        }
    }
}

/// Seconds east of UTC of a local time, the later instant where there are two.
fn local_offset(zone: &TimeZone, local: i64) -> Result<i32, BadValue> {
    let local = civil(local)?;
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Ok(offset.seconds()),
        AmbiguousOffset::Fold { after, .. } => Ok(after.seconds()),
        AmbiguousOffset::Gap { .. } => Err(BadValue::SkippedLocalTime),
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
        // The end of time of many applications; PostgreSQL goes on with the zone's rules.
        assert_eq!(berlin.instant(at(9999, 12, 31, 47)), Ok(at(9999, 12, 31, 45)));
    }

    #[test]
    fn a_skipped_local_time_is_an_error_and_a_repeated_one_the_later() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        assert_eq!(berlin.instant(at(2024, 3, 31, 5)), Err(BadValue::SkippedLocalTime));
        assert_eq!(berlin.instant(at(2024, 10, 27, 5)), Ok(at(2024, 10, 27, 3)));
        assert_eq!(berlin.local(at(2024, 10, 27, 3)), Ok(at(2024, 10, 27, 5)));
        assert_eq!(berlin.local(at(2024, 10, 27, 1)), Err(BadValue::RepeatedLocalTime));
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
