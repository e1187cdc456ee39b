//! Lengths of time, as PostgreSQL's `interval` holds them: days and microseconds, each with its sign.

use crate::value::calendar::{MICROSECONDS_FROM_UNIX_EPOCH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND};
use crate::value::forgetting::Fraction;
use crate::value::{BadValue, Cell, Zone, temporal};

const DURATION: &str = "an interval";

/// Days and microseconds of a number of microseconds: Django stores it in SQLite for a `DurationField`, and writes the
/// result to PostgreSQL.
///
/// # Errors
/// The cell is no whole number, or exceeds PostgreSQL's number of days.
pub fn from_microseconds(cell: Cell<'_>) -> Result<(i32, i64), BadValue> {
    let count = super::integer::from_cell(cell, DURATION)?;
    let days = i32::try_from(count / MICROSECONDS_PER_DAY).map_err(|_| BadValue::Range { wanted: DURATION })?;
    Ok((days, count % MICROSECONDS_PER_DAY))
}

/// Days and microseconds from 1970-01-01 00:00:00 to a date and time, which is how SQLAlchemy keeps an `Interval` where the
/// database has none (`sqlalchemy.types.Interval`, its `epoch`).
///
/// # Errors
/// The text is no date and time, or one with an offset or finer than a microsecond.
pub fn from_moment(text: &[u8]) -> Result<(i32, i64), BadValue> {
    let moment = temporal::timestamp(text, &Zone::UTC, Fraction::exactly(6));
    // A word about dates that no calendar has is for columns of dates.
    let moment = moment.map_err(|bad| if bad.is_zero_date() { BadValue::Syntax { wanted: DURATION } } else { bad })?;
    let count = moment + MICROSECONDS_FROM_UNIX_EPOCH;
    let days = i32::try_from(count / MICROSECONDS_PER_DAY).map_err(|_| BadValue::Range { wanted: DURATION })?;
    Ok((days, count % MICROSECONDS_PER_DAY))
}

/// Days and microseconds of text: `[-]N day[s][,] [-]HH:MM[:SS[.ffffff]]`, or either part alone. It is the form that
/// PostgreSQL and Python write.
///
/// # Errors
/// The text has another form.
pub fn from_text(text: &[u8]) -> Result<(i32, i64), BadValue> {
    let parsed = std::str::from_utf8(text).ok().and_then(parts);
    parsed.ok_or(BadValue::Syntax { wanted: DURATION })
}

fn parts(text: &str) -> Option<(i32, i64)> {
    let mut words = text.split_ascii_whitespace();
    let first = words.next()?;
    let (days, time) = match words.next() {
        None => (0, Some(first)),
        Some("day" | "days" | "day," | "days,") => (first.parse().ok()?, words.next()),
        Some(_) => return None,
    };
    if words.next().is_some() {
        return None;
    }
    Some((days, time.map_or(Some(0), clock)?))
}

/// `[-]HH:MM[:SS[.ffffff]]` in microseconds.
fn clock(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let mut fields = text.split(':');
    let (hours, minutes, seconds) = (number(fields.next()?)?, number(fields.next()?)?, fields.next().unwrap_or("0"));
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let seconds = number(whole)?;
    if fields.next().is_some() || minutes > 59 || seconds > 59 || fraction.is_empty() || fraction.len() > 6 {
        return None;
    }
    let scale = 10_i64.pow(u32::try_from(6 - fraction.len()).ok()?);
    let total = hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)?;
    Some(sign * total.checked_mul(MICROSECONDS_PER_SECOND)?.checked_add(number(fraction)? * scale)?)
}

/// PostgreSQL's binary form (`interval_send`): microseconds, days, months.
#[must_use]
pub fn to_field((days, microseconds): (i32, i64)) -> [u8; 16] {
    let mut field = [0; 16];
    field[..8].copy_from_slice(&microseconds.to_be_bytes());
    field[8..12].copy_from_slice(&days.to_be_bytes());
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_their_spellings() {
        assert_eq!(from_text(b"1 day, 0:00:03.5"), Ok((1, 3_500_000)));
        assert_eq!(from_text(b"-1 days +00:00"), Err(BadValue::Syntax { wanted: DURATION }));
        assert_eq!(from_text(b"-1 days, 23:59:59.999999"), Ok((-1, 86_399_999_999)));
        assert_eq!(from_text(b"-00:00:01"), Ok((0, -1_000_000)));
        assert_eq!(from_text(b"2 days"), Ok((2, 0)));
        for bad in ["", "5", "1 month", "00:60", "00:00:00.1234567", "1 day 2 days", "00:00:00."] {
            assert!(from_text(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(from_microseconds(Cell::Integer(86_401_000_003)), Ok((1, 1_000_003)));
        assert_eq!(from_microseconds(Cell::Integer(-86_400_000_001)), Ok((-1, -1)));
        assert!(from_microseconds(Cell::Integer(i64::MAX)).is_ok());
        assert_eq!(from_moment(b"1970-01-02 03:00:00.000001"), Ok((1, 10_800_000_001)));
        assert_eq!(from_moment(b"1969-12-31 23:59:59"), Ok((0, -1_000_000)));
        assert!(from_moment(b"1970-01-02 03:00:00+01:00").is_err() && from_moment(b"1 day").is_err());
        let field = [&(-5_i64).to_be_bytes()[..], &1_i32.to_be_bytes(), &0_i32.to_be_bytes()].concat();
        assert_eq!(to_field((1, -5)).as_slice(), field);
    }
}
