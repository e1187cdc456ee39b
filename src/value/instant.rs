//! Instants written as numbers: Unix time, ticks, Julian days, and the local days of spreadsheets and of calendars.
//!
//! Every reading is an instant in microseconds since 2000-01-01 00:00:00 UTC. Unix time, .NET's ticks and SQLite's Julian
//! days are in UTC; Excel's days and days written as eight digits are local times of the source's zone.

use crate::value::calendar::{END_OF_TIMESTAMPS, FIRST_TIMESTAMP, MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY};
use crate::value::day_number::{calendar_day, excel, julian};
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
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    Microseconds,
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    Nanoseconds,
    /// Tenths of a microsecond since 0001-01-01 00:00:00 UTC
    /// (<https://learn.microsoft.com/en-us/dotnet/api/system.datetime.ticks>).
    Ticks,
    /// Days since noon of 4714-11-24 BC, as SQLite's `julianday()` gives them.
    JulianDays,
    /// Days of a spreadsheet: 1 is 1900-01-01, 61 is 1900-03-01, for Excel takes 1900 for a leap year
    /// (<https://learn.microsoft.com/en-us/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year>).
    ExcelDays,
    /// The digits of a date, 20240105.
    CalendarDigits,
}

/// Microseconds from 0001-01-01 to 2000-01-01.
const FROM_YEAR_ONE: i64 = 730_119 * MICROSECONDS_PER_DAY;

/// Microseconds from 0001-01-01 to 10000-01-01, behind the last of .NET's `DateTime.MaxValue`.
const END_OF_TICKS: i64 = 3_652_059 * MICROSECONDS_PER_DAY;

impl CountedUnit {
    /// Power of ten from the unit to the microsecond; `None` for days.
    fn scale(self) -> Option<i32> {
        match self {
            CountedUnit::Seconds => Some(6),
            CountedUnit::Milliseconds => Some(3),
            CountedUnit::Microseconds => Some(0),
            CountedUnit::Nanoseconds => Some(-3),
            CountedUnit::Ticks => Some(-1),
            CountedUnit::JulianDays | CountedUnit::ExcelDays | CountedUnit::CalendarDigits => None,
        }
    }

    /// Treatment of fractions: days have no more than three digits of a second.
    fn fraction(self, fraction: Fraction) -> Fraction {
        match self {
            CountedUnit::JulianDays | CountedUnit::ExcelDays => Fraction { digits: fraction.digits.min(3), ..fraction },
            _ => fraction,
        }
    }

    /// Local time that the number writes, in microseconds since 2000-01-01 00:00:00; `None` for a unit of UTC.
    fn written(self, cell: Cell<'_>) -> Option<Result<i64, BadValue>> {
        match self {
            CountedUnit::ExcelDays => Some(excel(cell)),
            CountedUnit::CalendarDigits => Some(calendar_day(cell).map(|days| i64::from(days) * MICROSECONDS_PER_DAY)),
            _ => None,
        }
    }

    /// Microseconds since 2000-01-01 00:00:00 UTC, and the digits that were cut off behind the last microsecond.
    ///
    /// All but days are exact: a real is read as its shortest decimal, so that 1700000000.123456 means
    /// exactly 123456 microseconds although no double is that number. Text that is a number is read as that number.
    ///
    /// A Julian day in a double cannot be exact, and the resolution of SQLite's own dates is a millisecond. It is
    /// read as the millisecond of SQLite's formula (`setRawDateNumber` in `date.c`), so that the result equals
    /// SQLite's `datetime()`; the range is SQLite's too, 4714 BC to 9999. A day of Excel is read alike. What lies off a
    /// millisecond by more than the double's own resolution is finer: see [`CountedUnit::fraction`].
    ///
    /// # Errors
    /// The cell is not a number, or lies outside PostgreSQL's range.
    #[inline]
    fn instant(self, cell: Cell<'_>, zone: &Zone) -> Result<(i64, Cut), BadValue> {
        if let Some(local) = self.written(cell) {
            return Ok((zone.instant(local?)?, Cut::Nothing));
        }
        let Some(scale) = self.scale() else { return Ok((julian(cell)?, Cut::Nothing)) };
        let (microseconds, cut) = microseconds(cell, scale, TIMESTAMP)?;
        let epoch = match self {
            // A `DateTime` has no ticks outside the years 1 to 9999.
            CountedUnit::Ticks if !(0..END_OF_TICKS).contains(&microseconds) => {
                return Err(BadValue::Range { wanted: "the range of .NET's ticks, the years 1 to 9999" });
            }
            CountedUnit::Ticks => FROM_YEAR_ONE,
            _ => MICROSECONDS_FROM_UNIX_EPOCH,
        };
        match microseconds.checked_sub(epoch) {
            Some(instant) if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&instant) => Ok((instant, cut)),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `timestamptz`: microseconds since 2000-01-01 00:00:00 UTC.
    ///
    /// # Errors
    /// The cell is not a number, is too fine, or lies outside PostgreSQL's range.
    #[inline]
    pub fn timestamptz(self, cell: Cell<'_>, zone: &Zone, fraction: Fraction) -> Result<i64, BadValue> {
        let (instant, cut) = self.instant(cell, zone)?;
        self.fraction(fraction).keep(instant, cut)
    }

    /// A `timestamp`: local time of the source's zone, in microseconds since 2000-01-01 00:00:00.
    ///
    /// # Errors
    /// As [`CountedUnit::timestamptz`], or the local time would not identify the instant: see [`Zone::local`].
    #[inline]
    pub fn timestamp(self, cell: Cell<'_>, zone: &Zone, fraction: Fraction) -> Result<i64, BadValue> {
        if let Some(local) = self.written(cell) {
            return self.fraction(fraction).keep(local?, Cut::Nothing);
        }
        let (instant, cut) = self.instant(cell, zone)?;
        match zone.local(instant)? {
            local if (FIRST_TIMESTAMP..END_OF_TIMESTAMPS).contains(&local) => self.fraction(fraction).keep(local, cut),
            _ => Err(BadValue::Range { wanted: "timestamp" }),
        }
    }

    /// A `date`: days since 2000-01-01 in the source's zone, in which it must be midnight.
    ///
    /// # Errors
    /// As [`CountedUnit::timestamptz`], or the date would lose a time of day.
    pub fn date(self, cell: Cell<'_>, zone: &Zone) -> Result<i32, BadValue> {
        let (local, cut) = match self.written(cell) {
            Some(local) => (local.map_err(|bad| naming(bad, DATE))?, Cut::Nothing),
            None => {
                let (instant, cut) = self.instant(cell, zone).map_err(|bad| naming(bad, DATE))?;
                (zone.local(instant)?, cut)
            }
        };
        if local % MICROSECONDS_PER_DAY != 0 || cut != Cut::Nothing {
            return Err(BadValue::TimeOfDay);
        }
        i32::try_from(local / MICROSECONDS_PER_DAY).map_err(|_| BadValue::Range { wanted: "date" })
    }

    /// A `time`: a number of the unit since midnight, up to a whole day, as microseconds. A time of day is never a day.
    ///
    /// # Errors
    /// The cell is not a number, is too fine, or is no time of day.
    pub fn time(self, cell: Cell<'_>, fraction: Fraction) -> Result<i64, BadValue> {
        let scale = self.scale().ok_or(BadValue::Class { found: cell.storage_class(), wanted: TIME })?;
        let (microseconds, cut) = microseconds(cell, scale, TIME)?;
        let is_past = microseconds == MICROSECONDS_PER_DAY && cut != Cut::Nothing;
        if is_past || !(0..=MICROSECONDS_PER_DAY).contains(&microseconds) {
            return Err(BadValue::Range { wanted: "time" });
        }
        fraction.keep(microseconds, cut)
    }
}

/// The number times 10^`scale`: the greatest whole number that is not above it, and the part cut off.
#[inline]
fn microseconds(cell: Cell<'_>, scale: i32, wanted: &'static str) -> Result<(i64, Cut), BadValue> {
    let range = BadValue::Range { wanted: "timestamp" };
    let places = u8::try_from(scale).ok();
    match (cell, places) {
        (Cell::Integer(number), Some(places)) => {
            let unit = 10_i64.pow(places.into());
            Ok((number.checked_mul(unit).ok_or(range)?, Cut::Nothing))
        }
        (Cell::Integer(number), None) => {
            let unit = 10_i64.pow(scale.unsigned_abs());
            let rest = number.rem_euclid(unit);
            let cut = match rest {
                0 => Cut::Nothing,
                rest if rest * 2 >= unit => Cut::HalfOrMore,
                _ => Cut::Less,
            };
            Ok((number.div_euclid(unit), cut))
        }
        (Cell::Real(number), places) => match places.and_then(|places| float::scaled_exactly(number, places)) {
            Some(microseconds) => Ok((microseconds, Cut::Nothing)),
            None if !number.is_finite() => Err(range),
            None => ShortDecimal::of(number).decimal().and_then(|decimal| scaled(&decimal, scale)).ok_or(range),
        },
        (Cell::Text(text), _) => scaled(&Decimal::parse(text).ok_or(BadValue::Syntax { wanted })?, scale).ok_or(range),
        (Cell::Null | Cell::Blob(_), _) => Err(BadValue::Class { found: cell.storage_class(), wanted }),
    }
}

/// `None` if the number does not fit.
fn scaled(decimal: &Decimal<'_>, scale: i32) -> Option<(i64, Cut)> {
    let whole_digits = decimal.point().checked_add(scale)?;
    let fraction_digits = decimal.fraction_digits() - scale;
    if decimal.is_zero() {
        return Some((0, Cut::Nothing));
    }
    if fraction_digits <= 0 {
        let mut number = 0_i64;
        for digit in decimal.digits() {
            let digit = i64::from(digit);
            number = number.checked_mul(10)?.checked_add(if decimal.is_negative() { -digit } else { digit })?;
        }
        return Some((number.checked_mul(10_i64.checked_pow(fraction_digits.unsigned_abs())?)?, Cut::Nothing));
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

/// The same error for the column's type.
pub(super) fn naming(bad: BadValue, wanted: &'static str) -> BadValue {
    match bad {
        BadValue::Class { found, .. } => BadValue::Class { found, wanted },
        BadValue::Syntax { .. } => BadValue::Syntax { wanted },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::FractionTreatment;

    const EXACT: Fraction = Fraction::exactly(6);

    const UNIX: i64 = MICROSECONDS_FROM_UNIX_EPOCH;

    fn seconds(cell: Cell<'_>) -> Result<i64, BadValue> {
        CountedUnit::Seconds.timestamptz(cell, &Zone::UTC, EXACT).map(|instant| instant + UNIX)
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
            let kept = CountedUnit::Seconds.timestamptz(
                Cell::Text(text.as_bytes()),
                &Zone::UTC,
                Fraction { digits: 6, beyond },
            );
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
            assert_eq!(
                (kept(FractionTreatment::Truncate, text), kept(FractionTreatment::Round, text)),
                (cut, rounded),
                "{text}"
            );
        }
    }

    #[test]
    fn milliseconds_may_have_a_fraction_of_microseconds() {
        let milliseconds =
            |cell| CountedUnit::Milliseconds.timestamptz(cell, &Zone::UTC, EXACT).map(|instant| instant + UNIX);
        assert_eq!(milliseconds(Cell::Integer(1_700_000_000_123)), Ok(1_700_000_000_123_000));
        assert_eq!(milliseconds(Cell::Real(1_700_000_000_123.456)), Ok(1_700_000_000_123_456));
        assert_eq!(milliseconds(Cell::Real(0.0001)), Err(BadValue::FractionDigits { allowed: 6 }));
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

    #[test]
    fn nanoseconds_and_ticks_are_exact_and_what_is_finer_is_cut_or_rounded() {
        let nanoseconds = |cell, beyond| {
            let kept = CountedUnit::Nanoseconds.timestamptz(cell, &Zone::UTC, Fraction { digits: 6, beyond });
            kept.map(|instant| instant + UNIX)
        };
        let whole = Cell::Integer(1_700_000_000_123_456_000);
        assert_eq!(nanoseconds(whole, FractionTreatment::Refused), Ok(1_700_000_000_123_456));
        let fine = Cell::Integer(1_700_000_000_123_456_789);
        assert_eq!(nanoseconds(fine, FractionTreatment::Refused), Err(BadValue::FractionDigits { allowed: 6 }));
        assert_eq!(nanoseconds(fine, FractionTreatment::Truncate), Ok(1_700_000_000_123_456));
        assert_eq!(nanoseconds(fine, FractionTreatment::Round), Ok(1_700_000_000_123_457));
        assert_eq!(nanoseconds(Cell::Integer(-1), FractionTreatment::Truncate), Ok(-1));
        assert_eq!(nanoseconds(Cell::Integer(-1), FractionTreatment::Round), Ok(0));
        assert_eq!(nanoseconds(Cell::Text(b"-1500"), FractionTreatment::Round), Ok(-1), "half goes up");
        assert_eq!(nanoseconds(Cell::Text(b"2000"), FractionTreatment::Refused), Ok(2));
        assert_eq!(CountedUnit::Microseconds.timestamptz(Cell::Integer(UNIX + 7), &Zone::UTC, EXACT), Ok(7));
        let ticks = |number| CountedUnit::Ticks.timestamptz(Cell::Integer(number), &Zone::UTC, EXACT);
        // new DateTime(2000, 1, 1).Ticks and new DateTime(1970, 1, 1).Ticks
        assert_eq!(ticks(630_822_816_000_000_000), Ok(0));
        assert_eq!(ticks(621_355_968_000_000_010), Ok(1 - UNIX));
        assert_eq!(ticks(1), Err(BadValue::FractionDigits { allowed: 6 }));
        // DateTime.MaxValue.Ticks is 3155378975999999999.
        let cut = Fraction { digits: 6, beyond: FractionTreatment::Truncate };
        assert!(CountedUnit::Ticks.timestamptz(Cell::Integer(3_155_378_975_999_999_999), &Zone::UTC, cut).is_ok());
        for no_ticks in [-1, -10, 3_155_378_976_000_000_000] {
            let refused = CountedUnit::Ticks.timestamptz(Cell::Integer(no_ticks), &Zone::UTC, cut);
            assert!(matches!(refused, Err(BadValue::Range { .. })), "{no_ticks}");
        }
    }
}
