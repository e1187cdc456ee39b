//! The proleptic Gregorian calendar, counted as PostgreSQL counts it: from 2000-01-01.
//!
//! PostgreSQL keeps a date as days and a timestamp as microseconds since its epoch, 2000-01-01 00:00:00
//! (`src/include/datatype/timestamp.h`).

/// Microseconds of one second.
pub const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

/// Microseconds of one day.
pub const MICROSECONDS_PER_DAY: i64 = 86_400 * MICROSECONDS_PER_SECOND;

/// Days from 1970-01-01 to 2000-01-01.
pub const DAYS_FROM_UNIX_EPOCH: i32 = 10_957;

/// Microseconds from 1970-01-01 00:00:00 to 2000-01-01 00:00:00.
pub const MICROSECONDS_FROM_UNIX_EPOCH: i64 = DAYS_FROM_UNIX_EPOCH as i64 * MICROSECONDS_PER_DAY;

/// The first timestamp that PostgreSQL keeps: 4714-11-24 00:00:00 BC, Julian day 0 (`MIN_TIMESTAMP`).
pub const FIRST_TIMESTAMP: i64 = -211_813_488_000_000_000;

/// The first timestamp beyond PostgreSQL's range: 294277-01-01 00:00:00 (`END_TIMESTAMP`).
pub const END_OF_TIMESTAMPS: i64 = 9_223_371_331_200_000_000;

/// Days from 0000-03-01 to 2000-01-01; years that begin in March have their leap day at the end.
const DAYS_TO_EPOCH: i32 = 730_425;

/// Days since 2000-01-01 of a date; `None` if the calendar has no such day. Year 0 is 1 BC.
///
/// The algorithm is Howard Hinnant's `days_from_civil` (<https://howardhinnant.github.io/date_algorithms.html>).
#[inline]
#[must_use]
pub fn days_from_date(year: i32, month: i32, day: i32) -> Option<i32> {
    if !(1..=12).contains(&month) || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - DAYS_TO_EPOCH)
}

/// Year, month and day of a number of days since 2000-01-01. Year 0 is 1 BC.
#[must_use]
pub fn date_from_days(days: i32) -> (i64, i64, i64) {
    let days = i64::from(days) + i64::from(DAYS_TO_EPOCH);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[inline]
fn days_of_month(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_days_from_postgresql_epoch() {
        assert_eq!(days_from_date(2000, 1, 1), Some(0));
        assert_eq!(days_from_date(1970, 1, 1), Some(-DAYS_FROM_UNIX_EPOCH));
        assert_eq!(days_from_date(2000, 2, 29), Some(59));
        assert_eq!(days_from_date(-4713, 11, 24), Some(-2_451_545));
        assert_eq!(days_from_date(1900, 2, 29), None);
        assert_eq!(days_from_date(2023, 0, 1), None);
        assert_eq!(days_from_date(2023, 4, 31), None);
    }

    #[test]
    fn every_day_of_ten_millennia_comes_back() {
        let first = days_from_date(0, 1, 1).unwrap();
        let last = days_from_date(9999, 12, 31).unwrap();
        for days in first..=last {
            let (year, month, day) = date_from_days(days);
            let again = days_from_date(
                i32::try_from(year).unwrap(),
                i32::try_from(month).unwrap(),
                i32::try_from(day).unwrap(),
            );
            assert_eq!(again, Some(days));
        }
        assert_eq!(last - first + 1, 3_652_425);
    }
}
