//! Days that are written as numbers, for the proving side.

use super::float::double_of_text;
use super::moment::written_day;
use super::unfit::{CLASS, MOMENT_RANGE, NOT_A_MOMENT, ROUNDING, Unfit, ZERO_DATE};
use super::zone::{DAY, days_of};
use crate::value::Cell;
use jiff::civil::Date;

/// Local time of a day of Excel. It has a 1900-02-29, which no calendar has: days up to 59 are a day
/// later than the count from 1899-12-30 says.
pub(super) fn day_of_sheet(cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i64, Unfit> {
    let number = match cell {
        Cell::Real(days) => days,
        Cell::Integer(days) => i32::try_from(days).map(f64::from).map_err(|_| MOMENT_RANGE)?,
        Cell::Text(text) => double_of_text(text, room)?,
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    if !(1.0..2_958_466.0).contains(&number) {
        return Err(MOMENT_RANGE);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just looked at")]
    let (day_read, read) = (number.trunc() as i64, (number.fract() * 86_400_000.0).round() as i64);
    let (day, milliseconds) = (day_read + read / 86_400_000, read % 86_400_000);
    if day == 60 || day > 2_958_465 {
        return Err(MOMENT_RANGE);
    }
    let first = Date::new(1899, 12, if day < 60 { 31 } else { 30 }).map_err(|_| MOMENT_RANGE)?;
    let past = past_millisecond(number, day_read * 86_400_000 + read);
    Ok((days_of(first) + day) * DAY + milliseconds * 1000 + past)
}

/// Stand-in, in microseconds, for the deviation of a number of days from the millisecond that it was read as: 0 if both
/// doubles are neighbours or equal; otherwise only its sign says something.
fn past_millisecond(days: f64, milliseconds: i64) -> i64 {
    #[expect(clippy::cast_precision_loss, reason = "days of a calendar have fewer milliseconds than 2^53")]
    let whole = milliseconds as f64 / 86_400_000.0;
    let step = days.next_up() - days;
    match whole - days {
        apart if apart.abs() <= step => 0,
        short if short > 0.0 => -500,
        _ => 1,
    }
}

/// Days since 2000-01-01 of a date in eight digits, read as text is.
pub(super) fn day_of_digits(cell: Cell<'_>) -> Result<i64, Unfit> {
    let digits = match cell {
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Cell::Text(text) => String::from_utf8_lossy(text.trim_ascii()).into_owned(),
        Cell::Real(_) => return Err(ROUNDING),
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    let is_zero = matches!((cell, digits.as_str()), (Cell::Integer(_) | Cell::Real(_), "0" | "-0") | (_, "00000000"));
    if is_zero {
        return Err(ZERO_DATE);
    }
    if digits.len() != 8 || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NOT_A_MOMENT);
    }
    let written = format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]);
    written_day(written.as_bytes())
}

/// Instant of a Julian day, as SQLite's `datetime()` shows it to the millisecond (`setRawDateNumber` in `date.c`): its
/// dates reach from day 0 to 9999-12-31 23:59:59.999.
pub(super) fn julian(cell: Cell<'_>, room: &mut Vec<u8>) -> Result<i64, Unfit> {
    const LAST: i64 = 464_269_060_799_999;
    let days = match cell {
        Cell::Real(days) => days,
        Cell::Integer(days) => i32::try_from(days).map(f64::from).map_err(|_| ROUNDING)?,
        Cell::Text(text) => double_of_text(text, room)?,
        Cell::Null | Cell::Blob(_) => return Err(CLASS),
    };
    if !(0.0..5_373_484.5).contains(&days) {
        return Err(MOMENT_RANGE);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was just looked at; the formula cuts as well")]
    let milliseconds = (days * 86_400_000.0 + 0.5) as i64;
    if milliseconds > LAST {
        return Err(MOMENT_RANGE);
    }
    // 2000-01-01 00:00 is Julian day 2451544.5.
    Ok(milliseconds * 1000 - (2_451_544 * DAY + DAY / 2) + past_millisecond(days, milliseconds))
}
