//! Dates and times in words, as PostgreSQL prints them.

use super::zone::{DAY, SECOND, date_of};
use std::fmt::Write as _;

/// Date, with its time and zone, as PostgreSQL prints it; years before year 1 are printed with BC.
pub(super) fn words(days: i64, time: Option<i64>, zone: &str) -> String {
    // The calendar repeats itself after 400 years, which brings every date into the crate's range.
    const CYCLE: i64 = 146_097;
    let Some(date) = date_of(days.rem_euclid(CYCLE)) else { return format!("day {days}") };
    let year = i64::from(date.year()) + 400 * days.div_euclid(CYCLE);
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let time = time.map(|time| format!(" {}", time_words(time))).unwrap_or_default();
    format!("{year:04}-{:02}-{:02}{time}{zone}{era}", date.month(), date.day())
}

/// Prints microseconds since 2000-01-01 as a date and a time.
pub(super) fn instant_words(microseconds: i64, zone: &str) -> String {
    words(microseconds.div_euclid(DAY), Some(microseconds.rem_euclid(DAY)), zone)
}

/// Prints microseconds since midnight as a time, without trailing zeros.
pub(super) fn time_words(microseconds: i64) -> String {
    let (seconds, fraction) = (microseconds / SECOND, microseconds % SECOND);
    let mut words = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let _infallible = write!(words, ".{fraction:06}");
        words.truncate(words.trim_end_matches('0').len());
    }
    words
}
