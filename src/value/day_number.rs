//! Days written as numbers: SQLite's Julian days, the days of spreadsheets, and eight digits.

use crate::value::calendar::days_from_date;
use crate::value::instant::naming;
use crate::value::temporal::{DATE, TIMESTAMP};
use crate::value::{BadValue, Cell, float};

/// Milliseconds of one day.
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// The Julian day number of 2000-01-01 00:00:00 (2451544.5) in milliseconds.
const JULIAN_EPOCH: i64 = 211_813_444_800_000;

/// The last millisecond of SQLite's dates: 9999-12-31 23:59:59.999 (`validJulianDay` in `date.c`).
const LAST_JULIAN_MILLISECOND: i64 = 464_269_060_799_999;

/// A number of days, whole or not.
fn days(cell: Cell<'_>) -> Result<f64, BadValue> {
    match cell {
        Cell::Real(days) => Ok(days),
        Cell::Integer(days) => float::double_from_integer(days),
        Cell::Text(text) => float::double_from_text(text).map_err(|bad| naming(bad, TIMESTAMP)),
        Cell::Null | Cell::Blob(_) => Err(BadValue::Class { found: cell.storage_class(), wanted: TIMESTAMP }),
    }
}

/// Stand-in, in microseconds, for the deviation of a number of days from the millisecond that it is read as: 0 within one
/// step of the double nearest to that millisecond, which is the error that date arithmetic leaves. `fraction` decides
/// about a larger deviation as about any digits beyond the third, and needs only its sign.
fn off_millisecond(days: f64, milliseconds: i64) -> i64 {
    #[expect(clippy::cast_precision_loss, reason = "no number of days in the range has 2^53 milliseconds")]
    let nearest = milliseconds as f64 / MILLISECONDS_PER_DAY;
    // There are two zeros.
    let days = days + 0.0;
    if days.to_bits().abs_diff(nearest.to_bits()) <= 1 {
        0
    } else if days < nearest {
        -500
    } else {
        1
    }
}

pub(super) fn julian(cell: Cell<'_>) -> Result<i64, BadValue> {
    let days = days(cell)?;
    let range = BadValue::Range { wanted: "the range of Julian days, 4714 BC to 9999" };
    // `contains` is false for NaN too.
    if !(0.0..5_373_484.5).contains(&days) {
        return Err(range);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked; the formula truncates as well")]
    let milliseconds = (days * MILLISECONDS_PER_DAY + 0.5) as i64;
    if milliseconds > LAST_JULIAN_MILLISECOND {
        return Err(range);
    }
    Ok((milliseconds - JULIAN_EPOCH) * 1000 + off_millisecond(days, milliseconds))
}

/// Microseconds of local time since 2000-01-01 00:00:00 of a day of Excel.
pub(super) fn excel(cell: Cell<'_>) -> Result<i64, BadValue> {
    const MILLISECONDS: i64 = 86_400_000;
    let days = days(cell)?;
    let range = BadValue::Range { wanted: "the range of Excel's days, 1900 to 9999" };
    if !(1.0..2_958_466.0).contains(&days) {
        return Err(range);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
    let milliseconds = {
        let whole = days.floor();
        whole as i64 * MILLISECONDS + ((days - whole) * MILLISECONDS_PER_DAY).round() as i64
    };
    // 36526 is 2000-01-01. Day 60 would be 1900-02-29, and what is before it is a day later than its number says.
    let since = match milliseconds / MILLISECONDS {
        60 | 2_958_466.. => return Err(range),
        ..60 => milliseconds + MILLISECONDS,
        _ => milliseconds,
    };
    Ok((since - 36_526 * MILLISECONDS) * 1000 + off_millisecond(days, milliseconds))
}

/// Days since 2000-01-01 of a date in eight digits.
pub(super) fn calendar_day(cell: Cell<'_>) -> Result<i32, BadValue> {
    let syntax = BadValue::Syntax { wanted: DATE };
    let number = match cell {
        Cell::Integer(number) => number,
        Cell::Real(number) => float::integer_from_double(number).ok_or(BadValue::Fraction { wanted: DATE })?,
        Cell::Text(text) => match text.trim_ascii() {
            digits if digits.len() == 8 && digits.iter().all(u8::is_ascii_digit) => {
                digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
            }
            _ => return Err(syntax),
        },
        Cell::Null | Cell::Blob(_) => return Err(BadValue::Class { found: cell.storage_class(), wanted: DATE }),
    };
    let number = match i32::try_from(number) {
        Ok(0) => return Err(BadValue::ZeroDate),
        Ok(number @ 10_000_000..=99_999_999) => number,
        _ => return Err(BadValue::Range { wanted: "date in eight digits" }),
    };
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    match days_from_date(year, month, day) {
        Some(days) => Ok(days),
        None if month <= 12 && day <= 31 && (month == 0 || day == 0) => Err(BadValue::PartialDate),
        None => Err(syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::calendar::MICROSECONDS_PER_DAY;
    use crate::value::forgetting::Fraction;
    use crate::value::instant::CountedUnit;
    use crate::value::{FractionTreatment, Zone};

    const EXACT: Fraction = Fraction::exactly(6);

    #[test]
    fn julian_days_as_sqlite_shows_them() {
        // SELECT julianday('2024-02-29 12:34:56.789') is 2460370.02426839.
        let instant =
            CountedUnit::JulianDays.timestamptz(Cell::Real(2_460_370.024_268_391), &Zone::UTC, EXACT).unwrap();
        let day = i64::from(crate::value::calendar::days_from_date(2024, 2, 29).unwrap()) * MICROSECONDS_PER_DAY;
        assert_eq!(instant - day, 45_296_789_000);
        assert_eq!(
            CountedUnit::JulianDays.timestamptz(Cell::Integer(2_451_545), &Zone::UTC, EXACT),
            Ok(MICROSECONDS_PER_DAY / 2)
        );
        assert!(CountedUnit::JulianDays.timestamptz(Cell::Real(-0.0), &Zone::UTC, EXACT).is_ok());
        assert!(CountedUnit::JulianDays.timestamptz(Cell::Real(-0.5), &Zone::UTC, EXACT).is_err());
        assert!(CountedUnit::JulianDays.timestamptz(Cell::Real(5_373_484.5), &Zone::UTC, EXACT).is_err());
    }

    #[test]
    fn days_finer_than_a_millisecond_are_refused_cut_or_rounded() {
        let half = 0.5 / MILLISECONDS_PER_DAY;
        let kept = |unit: CountedUnit, days, digits, beyond| {
            unit.timestamp(Cell::Real(days), &Zone::UTC, Fraction { digits, beyond })
        };
        for (unit, day) in [(CountedUnit::JulianDays, 2_451_544.5), (CountedUnit::ExcelDays, 36_526.0)] {
            let refused = Err(BadValue::FractionDigits { allowed: 3 });
            for (days, cut, rounded) in [
                (day + 1.2 * half, 0, 1_000),
                (day + 0.8 * half, 0, 0),
                (day - 0.8 * half, -1_000, 0),
                (day - 1.2 * half, -1_000, -1_000),
            ] {
                assert_eq!(kept(unit, days, 6, FractionTreatment::Refused), refused, "{days}");
                assert_eq!(kept(unit, days, 6, FractionTreatment::Truncate), Ok(cut), "{days}");
                assert_eq!(kept(unit, days, 6, FractionTreatment::Round), Ok(rounded), "{days}");
            }
            // 499.6 ms are not rounded twice.
            assert_eq!(kept(unit, day + 2.0 * half * 499.6, 0, FractionTreatment::Round), Ok(0));
            assert_eq!(kept(unit, day + 2.0 * half * 500.4, 0, FractionTreatment::Round), Ok(1_000_000));
            // A quarter of an hour later, one step of the double away: the arithmetic of dates.
            for days in [(day + 0.25_f64 / 24.0).next_up(), (day + 0.25 / 24.0).next_down()] {
                assert_eq!(kept(unit, days, 3, FractionTreatment::Refused), Ok(900_000_000), "{days}");
            }
        }
    }

    #[test]
    fn days_of_spreadsheets_and_digits_are_local() {
        let berlin = Zone::from_name("Europe/Berlin").unwrap();
        let excel = |cell| CountedUnit::ExcelDays.timestamp(cell, &berlin, EXACT);
        let day = |year, month, day| i64::from(days_from_date(year, month, day).unwrap()) * MICROSECONDS_PER_DAY;
        assert_eq!(excel(Cell::Integer(36_526)), Ok(0));
        assert_eq!(excel(Cell::Real(36_526.5)), Ok(MICROSECONDS_PER_DAY / 2));
        assert_eq!(excel(Cell::Integer(1)), Ok(day(1900, 1, 1)));
        assert_eq!(excel(Cell::Integer(59)), Ok(day(1900, 2, 28)));
        assert_eq!(excel(Cell::Integer(61)), Ok(day(1900, 3, 1)));
        for bad in [0.5, 60.0, 60.5, 2_958_466.0] {
            assert!(excel(Cell::Real(bad)).is_err(), "{bad}");
        }
        let digits =
            |cell| CountedUnit::CalendarDigits.date(cell, &berlin).map(|days| i64::from(days) * MICROSECONDS_PER_DAY);
        assert_eq!(digits(Cell::Integer(20_240_229)), Ok(day(2024, 2, 29)));
        assert_eq!(digits(Cell::Text(b"20000101")), Ok(0));
        assert_eq!(digits(Cell::Integer(0)), Err(BadValue::ZeroDate));
        assert_eq!(digits(Cell::Integer(20_240_100)), Err(BadValue::PartialDate));
        for bad in [20_230_229, 2_024_010, 240_105] {
            assert!(digits(Cell::Integer(bad)).is_err(), "{bad}");
        }
        let midnight = CountedUnit::CalendarDigits.timestamptz(Cell::Integer(20_000_101), &berlin, EXACT);
        assert_eq!(midnight, Ok(-MICROSECONDS_PER_DAY / 24), "an hour before it is midnight in London");
    }
}
