//! Instants written as numbers: Unix time and Julian days.
//!
//! Every reading gives an instant in microseconds since 2000-01-01 00:00:00 UTC. Unix time and SQLite's Julian days both
//! count in UTC.

use crate::value::calendar::{
    END_OF_TIMESTAMPS, FIRST_TIMESTAMP, MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND,
};
use crate::value::decimal::{Decimal, ShortDecimal};
use crate::value::temporal::{DATE, TIME, TIMESTAMP, fraction_fits};
use crate::value::{BadValue, Cell, Zone, float};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    Seconds,
    /// Milliseconds since 1970-01-01 00:00:00 UTC.
    Milliseconds,
    /// Days since noon of 4714-11-24 BC, as SQLite's `julianday()` gives them.
    JulianDays,
}

impl Count {
    /// Microseconds since 2000-01-01 00:00:00 UTC.
    ///
    /// Seconds and milliseconds are exact: a real stands for its shortest decimal, so that 1700000000.123456 means
    /// exactly 123456 microseconds although no double is that number; a decimal finer than a microsecond is an error.
    /// Text that is a number counts as that number.
    ///
    /// A Julian day in a double cannot be exact, and the resolution of SQLite's own dates is a millisecond. It is
    /// rounded to the millisecond with SQLite's formula (`setRawDateNumber` in `date.c`), so that the result is what
    /// SQLite's `datetime()` shows; the range is SQLite's too, 4714 BC to 9999.
    ///
    /// # Errors
    /// When the cell is not a number, is too fine, or lies outside PostgreSQL's range.
    #[inline]
    pub fn instant(self, cell: Cell<'_>) -> Result<i64, BadValue> {
        let microseconds = match self {
            Count::Seconds => microseconds(cell, 6, TIMESTAMP)?,
            Count::Milliseconds => microseconds(cell, 3, TIMESTAMP)?,
            Count::JulianDays => return julian(cell),
        };
        match microseconds.checked_sub(MICROSECONDS_FROM_UNIX_EPOCH) {
            Some(instant) if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&instant) => Ok(instant),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `timestamptz` of which `digits` of fraction are kept.
    ///
    /// # Errors
    /// As [`Count::instant`], or when the fraction is finer.
    #[inline]
    pub fn timestamptz(self, cell: Cell<'_>, digits: u8) -> Result<i64, BadValue> {
        fraction_fits(self.instant(cell)?, digits)
    }

    /// A `timestamp`: local time of the source's zone, in microseconds since 2000-01-01 00:00:00.
    ///
    /// # Errors
    /// As [`Count::timestamptz`], or when the local time could not tell the instant: see [`Zone::local`].
    #[inline]
    pub fn timestamp(self, cell: Cell<'_>, zone: &Zone, digits: u8) -> Result<i64, BadValue> {
        match zone.local(self.instant(cell)?)? {
            local if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&local) => fraction_fits(local, digits),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `date`: days since 2000-01-01 in the source's zone, where it must be midnight.
    ///
    /// # Errors
    /// As [`Count::instant`], or when the date would lose a time of day.
    pub fn date(self, cell: Cell<'_>, zone: &Zone) -> Result<i32, BadValue> {
        let local = zone.local(self.instant(cell).map_err(|bad| naming(bad, DATE))?)?;
        if local % MICROSECONDS_PER_DAY != 0 {
            return Err(BadValue::TimeOfDay);
        }
        i32::try_from(local / MICROSECONDS_PER_DAY).map_err(|_| BadValue::Range { wanted: "date" })
    }

    /// A `time`: seconds or milliseconds since midnight, up to a whole day, as microseconds. Julian days count no time
    /// of day alone.
    ///
    /// # Errors
    /// When the cell is not a number, is too fine, or is no time of day.
    pub fn time(self, cell: Cell<'_>, digits: u8) -> Result<i64, BadValue> {
        let microseconds = match self {
            Count::Seconds => microseconds(cell, 6, TIME)?,
            Count::Milliseconds => microseconds(cell, 3, TIME)?,
            Count::JulianDays => return Err(BadValue::Class { found: cell.storage_class(), wanted: TIME }),
        };
        if !(0..=MICROSECONDS_PER_DAY).contains(&microseconds) {
            return Err(BadValue::Range { wanted: "time" });
        }
        fraction_fits(microseconds, digits)
    }
}

/// The number times 10^`scale`, exactly.
#[inline]
fn microseconds(cell: Cell<'_>, scale: u8, wanted: &'static str) -> Result<i64, BadValue> {
    let range = BadValue::Range { wanted: "timestamp" };
    let unit = if scale == 6 { MICROSECONDS_PER_SECOND } else { 1000 };
    match cell {
        Cell::Integer(number) => number.checked_mul(unit).ok_or(range),
        Cell::Real(number) => match float::scaled_exactly(number, scale) {
            Some(microseconds) => Ok(microseconds),
            None if !number.is_finite() => Err(range),
            None => scaled(&ShortDecimal::of(number).decimal().ok_or(range)?, scale),
        },
        Cell::Text(text) => scaled(&Decimal::parse(text).ok_or(BadValue::Syntax { wanted })?, scale),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted }),
    }
}

fn scaled(decimal: &Decimal<'_>, scale: u8) -> Result<i64, BadValue> {
    if decimal.fraction_digits() > i32::from(scale) {
        return Err(BadValue::FractionDigits { allowed: 6 });
    }
    decimal.scaled(scale).ok_or(BadValue::Range { wanted: "timestamp" })
}

/// Milliseconds of one day.
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// The Julian day number of 2000-01-01 00:00:00 (2451544.5) in milliseconds.
const JULIAN_EPOCH: i64 = 211_813_444_800_000;

/// The last millisecond that SQLite's dates know: 9999-12-31 23:59:59.999 (`validJulianDay` in `date.c`).
const LAST_JULIAN_MILLISECOND: i64 = 464_269_060_799_999;

fn julian(cell: Cell<'_>) -> Result<i64, BadValue> {
    let days = match cell {
        Cell::Real(days) => days,
        Cell::Integer(days) => float::double_from_integer(days)?,
        Cell::Text(text) => float::double_from_text(text).map_err(|bad| naming(bad, TIMESTAMP))?,
        Cell::Null | Cell::Blob(_) => {
            return Err(BadValue::Class { found: cell.storage_class(), wanted: TIMESTAMP });
        }
    };
    let range = BadValue::Range { wanted: "the range of Julian days, 4714 BC to 9999" };
    // `contains` is false for NaN too.
    if !(0.0..5_373_484.5).contains(&days) {
        return Err(range);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked; SQLite truncates here as well")]
    let milliseconds = (days * MILLISECONDS_PER_DAY + 0.5) as i64;
    if milliseconds > LAST_JULIAN_MILLISECOND {
        return Err(range);
    }
    Ok((milliseconds - JULIAN_EPOCH) * 1000)
}

/// The same error, said of what the column holds.
fn naming(bad: BadValue, wanted: &'static str) -> BadValue {
    match bad {
        BadValue::Class { found, .. } => BadValue::Class { found, wanted },
        BadValue::Syntax { .. } => BadValue::Syntax { wanted },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: i64 = MICROSECONDS_FROM_UNIX_EPOCH;

    fn seconds(cell: Cell<'_>) -> Result<i64, BadValue> {
        Count::Seconds.instant(cell).map(|instant| instant + UNIX)
    }

    #[test]
    fn seconds_are_exact_to_the_microsecond() {
        assert_eq!(seconds(Cell::Integer(1_700_000_000)), Ok(1_700_000_000_000_000));
        assert_eq!(seconds(Cell::Real(1_700_000_000.123456)), Ok(1_700_000_000_123_456));
        assert_eq!(seconds(Cell::Real(-0.000001)), Ok(-1));
        assert_eq!(seconds(Cell::Real(9_000_000_000.5)), Ok(9_000_000_000_500_000));
        assert_eq!(seconds(Cell::Real(1e10)), Ok(10_000_000_000_000_000));
        assert_eq!(seconds(Cell::Text(b"1700000000.5")), Ok(1_700_000_000_500_000));
        assert_eq!(seconds(Cell::Real(0.1234567)), Err(BadValue::FractionDigits { allowed: 6 }));
        assert_eq!(seconds(Cell::Real(f64::INFINITY)), Err(BadValue::Range { wanted: "timestamp" }));
        assert_eq!(seconds(Cell::Integer(i64::MAX)), Err(BadValue::Range { wanted: "timestamp" }));
        assert_eq!(seconds(Cell::Integer(-300_000_000_000)), Err(BadValue::Range { wanted: "timestamp" }));
    }

    #[test]
    fn milliseconds_may_have_a_fraction_of_microseconds() {
        let milliseconds = |cell| Count::Milliseconds.instant(cell).map(|instant| instant + UNIX);
        assert_eq!(milliseconds(Cell::Integer(1_700_000_000_123)), Ok(1_700_000_000_123_000));
        assert_eq!(milliseconds(Cell::Real(1_700_000_000_123.456)), Ok(1_700_000_000_123_456));
        assert_eq!(milliseconds(Cell::Real(0.0001)), Err(BadValue::FractionDigits { allowed: 6 }));
    }

    #[test]
    fn julian_days_as_sqlite_shows_them() {
        // SELECT julianday('2024-02-29 12:34:56.789') is 2460370.02426839.
        let instant = Count::JulianDays.instant(Cell::Real(2_460_370.024_268_391)).unwrap();
        let day = i64::from(crate::value::calendar::days_from_date(2024, 2, 29).unwrap()) * MICROSECONDS_PER_DAY;
        assert_eq!(instant - day, 45_296_789_000);
        assert_eq!(Count::JulianDays.instant(Cell::Integer(2_451_545)), Ok(MICROSECONDS_PER_DAY / 2));
        assert!(Count::JulianDays.instant(Cell::Real(-0.5)).is_err());
        assert!(Count::JulianDays.instant(Cell::Real(5_373_484.5)).is_err());
    }

    #[test]
    fn dates_must_be_midnight_in_the_zone_of_the_source() {
        let tokyo = Zone::from_name("Asia/Tokyo").unwrap();
        assert_eq!(Count::Seconds.date(Cell::Integer(946_684_800), &Zone::UTC), Ok(0));
        assert_eq!(Count::Seconds.date(Cell::Integer(946_684_800 - 9 * 3600), &tokyo), Ok(0));
        assert_eq!(Count::Seconds.date(Cell::Integer(946_684_800), &tokyo), Err(BadValue::TimeOfDay));
        assert_eq!(Count::Milliseconds.time(Cell::Integer(1_500), 3), Ok(1_500_000));
        assert_eq!(Count::Seconds.time(Cell::Integer(86_401), 3), Err(BadValue::Range { wanted: "time" }));
    }
}
