//! Instants written as numbers: Unix time and Julian days.
//!
//! Every reading is an instant in microseconds since 2000-01-01 00:00:00 UTC. Unix time and SQLite's Julian days are
//! both in UTC.

use crate::value::calendar::{
    END_OF_TIMESTAMPS, FIRST_TIMESTAMP, MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND,
};
use crate::value::decimal::{Decimal, ShortDecimal};
use crate::value::forgetting::{Cut, Fraction};
use crate::value::temporal::{DATE, TIME, TIMESTAMP};
use crate::value::{BadValue, Cell, Zone, float};

/// Unit that a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CountedUnit {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    Seconds,
    /// Milliseconds since 1970-01-01 00:00:00 UTC.
    Milliseconds,
    /// Days since noon of 4714-11-24 BC, as SQLite's `julianday()` gives them.
    JulianDays,
}

impl CountedUnit {
    /// Microseconds since 2000-01-01 00:00:00 UTC.
    ///
    /// Seconds and milliseconds are exact: a real is read as its shortest decimal, so that 1700000000.123456 means
    /// exactly 123456 microseconds although no double is that number. Text that is a number is read as that number.
    ///
    /// A Julian day in a double cannot be exact, and the resolution of SQLite's own dates is a millisecond. It is
    /// rounded to the millisecond by SQLite's formula (`setRawDateNumber` in `date.c`), so that the result equals
    /// SQLite's `datetime()`; the range is SQLite's too, 4714 BC to 9999.
    ///
    /// Microseconds since the Unix epoch, and the digits that were cut off behind the last microsecond.
    ///
    /// # Errors
    /// The cell is not a number, or lies outside PostgreSQL's range.
    #[inline]
    fn instant(self, cell: Cell<'_>) -> Result<(i64, Cut), BadValue> {
        let (microseconds, cut) = match self {
            CountedUnit::Seconds => microseconds(cell, 6, TIMESTAMP)?,
            CountedUnit::Milliseconds => microseconds(cell, 3, TIMESTAMP)?,
            CountedUnit::JulianDays => return Ok((julian(cell)?, Cut::Nothing)),
        };
        match microseconds.checked_sub(MICROSECONDS_FROM_UNIX_EPOCH) {
            Some(instant) if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&instant) => Ok((instant, cut)),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `timestamptz`: microseconds since 2000-01-01 00:00:00 UTC.
    ///
    /// # Errors
    /// The cell is not a number, is too fine, or lies outside PostgreSQL's range.
    #[inline]
    pub fn timestamptz(self, cell: Cell<'_>, fraction: Fraction) -> Result<i64, BadValue> {
        let (instant, cut) = self.instant(cell)?;
        fraction.keep(instant, cut)
    }

    /// A `timestamp`: local time of the source's zone, in microseconds since 2000-01-01 00:00:00.
    ///
    /// # Errors
    /// As [`CountedUnit::timestamptz`], or the local time would not identify the instant: see [`Zone::local`].
    #[inline]
    pub fn timestamp(self, cell: Cell<'_>, zone: &Zone, fraction: Fraction) -> Result<i64, BadValue> {
        let (instant, cut) = self.instant(cell)?;
        match zone.local(instant)? {
            local if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&local) => fraction.keep(local, cut),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `date`: days since 2000-01-01 in the source's zone, in which it must be midnight.
    ///
    /// # Errors
    /// As [`CountedUnit::timestamptz`], or the date would lose a time of day.
    pub fn date(self, cell: Cell<'_>, zone: &Zone) -> Result<i32, BadValue> {
        let (instant, cut) = self.instant(cell).map_err(|bad| naming(bad, DATE))?;
        let local = zone.local(instant)?;
        if local % MICROSECONDS_PER_DAY != 0 || cut != Cut::Nothing {
            return Err(BadValue::TimeOfDay);
        }
        i32::try_from(local / MICROSECONDS_PER_DAY).map_err(|_| BadValue::Range { wanted: "date" })
    }

    /// A `time`: seconds or milliseconds since midnight, up to a whole day, as microseconds. A time of day is never a
    /// Julian day.
    ///
    /// # Errors
    /// The cell is not a number, is too fine, or is no time of day.
    pub fn time(self, cell: Cell<'_>, fraction: Fraction) -> Result<i64, BadValue> {
        let (microseconds, cut) = match self {
            CountedUnit::Seconds => microseconds(cell, 6, TIME)?,
            CountedUnit::Milliseconds => microseconds(cell, 3, TIME)?,
            CountedUnit::JulianDays => return Err(BadValue::Class { found: cell.storage_class(), wanted: TIME }),
        };
        let is_past = microseconds == MICROSECONDS_PER_DAY && cut != Cut::Nothing;
        if is_past || !(0..=MICROSECONDS_PER_DAY).contains(&microseconds) {
            return Err(BadValue::Range { wanted: "time" });
        }
        fraction.keep(microseconds, cut)
    }
}

/// The number times 10^`scale`: the greatest whole number that is not above it, and the part cut off.
#[inline]
fn microseconds(cell: Cell<'_>, scale: u8, wanted: &'static str) -> Result<(i64, Cut), BadValue> {
    let range = BadValue::Range { wanted: "timestamp" };
    let unit = if scale == 6 { MICROSECONDS_PER_SECOND } else { 1000 };
    match cell {
        Cell::Integer(number) => Ok((number.checked_mul(unit).ok_or(range)?, Cut::Nothing)),
        Cell::Real(number) => match float::scaled_exactly(number, scale) {
            Some(microseconds) => Ok((microseconds, Cut::Nothing)),
            None if !number.is_finite() => Err(range),
            None => ShortDecimal::of(number).decimal().and_then(|decimal| scaled(&decimal, scale)).ok_or(range),
        },
        Cell::Text(text) => scaled(&Decimal::parse(text).ok_or(BadValue::Syntax { wanted })?, scale).ok_or(range),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted }),
    }
}

/// `None` if the number does not fit.
fn scaled(decimal: &Decimal<'_>, scale: u8) -> Option<(i64, Cut)> {
    let whole_digits = decimal.point().checked_add(i32::from(scale))?;
    let fraction_digits = decimal.fraction_digits() - i32::from(scale);
    if fraction_digits <= 0 {
        return Some((decimal.scaled(scale)?, Cut::Nothing));
    }
    // The digits before the cut, without the sign; at least one digit behind it is not zero.
    let count = usize::try_from(whole_digits).unwrap_or(0);
    let mut magnitude = 0_i64;
    for digit in decimal.digits().take(count) {
        magnitude = magnitude.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    let mut behind = decimal.digits().skip(count);
    // A small number has zeros between the cut and its first digit.
    let first = if whole_digits < 0 { 0 } else { behind.next().unwrap_or(0) };
    let is_half = first == 5 && behind.next().is_none();
    if !decimal.is_negative() {
        return Some((magnitude, if first >= 5 { Cut::HalfOrMore } else { Cut::Less }));
    }
    // Measured from the whole number below, the rest of a negative number is the complement.
    let cut = if first < 5 || is_half { Cut::HalfOrMore } else { Cut::Less };
    Some((-magnitude - 1, cut))
}

/// Milliseconds of one day.
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// The Julian day number of 2000-01-01 00:00:00 (2451544.5) in milliseconds.
const JULIAN_EPOCH: i64 = 211_813_444_800_000;

/// The last millisecond of SQLite's dates: 9999-12-31 23:59:59.999 (`validJulianDay` in `date.c`).
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

/// The same error for the column's type.
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
    use crate::value::Beyond;

    const EXACT: Fraction = Fraction::exactly(6);

    const UNIX: i64 = MICROSECONDS_FROM_UNIX_EPOCH;

    fn seconds(cell: Cell<'_>) -> Result<i64, BadValue> {
        CountedUnit::Seconds.timestamptz(cell, EXACT).map(|instant| instant + UNIX)
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
    fn finer_decimals_are_cut_and_rounded_on_both_sides_of_1970() {
        let kept = |beyond, text: &str| {
            let kept = CountedUnit::Seconds.timestamptz(Cell::Text(text.as_bytes()), Fraction { digits: 6, beyond });
            kept.unwrap() + UNIX
        };
        for (text, cut, rounded) in [
            ("1.2345674", 1_234_567, 1_234_567),
            ("1.2345675", 1_234_567, 1_234_568),
            ("0.00000001", 0, 0),
            ("-1.2345674", -1_234_568, -1_234_567),
            ("-1.2345675", -1_234_568, -1_234_567),
            ("-1.23456751", -1_234_568, -1_234_568),
            ("-0.00000001", -1, 0),
        ] {
            assert_eq!((kept(Beyond::Truncate, text), kept(Beyond::Round, text)), (cut, rounded), "{text}");
        }
    }

    #[test]
    fn milliseconds_may_have_a_fraction_of_microseconds() {
        let milliseconds = |cell| CountedUnit::Milliseconds.timestamptz(cell, EXACT).map(|instant| instant + UNIX);
        assert_eq!(milliseconds(Cell::Integer(1_700_000_000_123)), Ok(1_700_000_000_123_000));
        assert_eq!(milliseconds(Cell::Real(1_700_000_000_123.456)), Ok(1_700_000_000_123_456));
        assert_eq!(milliseconds(Cell::Real(0.0001)), Err(BadValue::FractionDigits { allowed: 6 }));
    }

    #[test]
    fn julian_days_as_sqlite_shows_them() {
        // SELECT julianday('2024-02-29 12:34:56.789') is 2460370.02426839.
        let instant = CountedUnit::JulianDays.timestamptz(Cell::Real(2_460_370.024_268_391), EXACT).unwrap();
        let day = i64::from(crate::value::calendar::days_from_date(2024, 2, 29).unwrap()) * MICROSECONDS_PER_DAY;
        assert_eq!(instant - day, 45_296_789_000);
        assert_eq!(CountedUnit::JulianDays.timestamptz(Cell::Integer(2_451_545), EXACT), Ok(MICROSECONDS_PER_DAY / 2));
        assert!(CountedUnit::JulianDays.timestamptz(Cell::Real(-0.5), EXACT).is_err());
        assert!(CountedUnit::JulianDays.timestamptz(Cell::Real(5_373_484.5), EXACT).is_err());
    }

    #[test]
    fn dates_must_be_midnight_in_the_zone_of_the_source() {
        let tokyo = Zone::from_name("Asia/Tokyo").unwrap();
        assert_eq!(CountedUnit::Seconds.date(Cell::Integer(946_684_800), &Zone::UTC), Ok(0));
        assert_eq!(CountedUnit::Seconds.date(Cell::Integer(946_684_800 - 9 * 3600), &tokyo), Ok(0));
        assert_eq!(CountedUnit::Seconds.date(Cell::Integer(946_684_800), &tokyo), Err(BadValue::TimeOfDay));
        assert_eq!(CountedUnit::Milliseconds.time(Cell::Integer(1_500), Fraction::exactly(3)), Ok(1_500_000));
        assert_eq!(
            CountedUnit::Seconds.time(Cell::Integer(86_401), Fraction::exactly(3)),
            Err(BadValue::Range { wanted: "time" })
        );
    }
}
