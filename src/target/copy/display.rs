//! Fields as a person reads them.

use super::numeric;
use crate::catalog::ColumnType;
use crate::value::calendar::{MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, date_from_days};
use crate::value::{duration, network};
use std::fmt::Write;

/// A binary field as text, as PostgreSQL prints it with `TimeZone` set to UTC; to name rows by their keys.
///
/// A field that is not of the type is shown as bytes (`\x…`).
#[must_use]
pub fn display(column_type: &ColumnType, field: &[u8]) -> String {
    known(column_type, field).unwrap_or_else(|| format!("\\x{}", hex::encode(field)))
}

fn known(column_type: &ColumnType, field: &[u8]) -> Option<String> {
    Some(match column_type {
        ColumnType::Boolean => match field {
            [0] => "false".to_owned(),
            [1] => "true".to_owned(),
            _ => return None,
        },
        ColumnType::SmallInt => i16::from_be_bytes(field.try_into().ok()?).to_string(),
        ColumnType::Integer => i32::from_be_bytes(field.try_into().ok()?).to_string(),
        ColumnType::BigInt => i64::from_be_bytes(field.try_into().ok()?).to_string(),
        ColumnType::Real => f32::from_be_bytes(field.try_into().ok()?).to_string(),
        ColumnType::DoublePrecision => f64::from_be_bytes(field.try_into().ok()?).to_string(),
        ColumnType::Numeric(_) => numeric::Field::parse(field)?.text(),
        ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext | ColumnType::Json => {
            std::str::from_utf8(field).ok()?.to_owned()
        }
        ColumnType::Jsonb => std::str::from_utf8(field.strip_prefix(&[1])?).ok()?.to_owned(),
        ColumnType::Bytea => return None,
        ColumnType::Uuid => ::uuid::Uuid::from_slice(field).ok()?.to_string(),
        ColumnType::Inet => network::inet_text(field)?,
        ColumnType::Interval => duration::words(field)?,
        ColumnType::Date => match i32::from_be_bytes(field.try_into().ok()?) {
            i32::MAX => "infinity".to_owned(),
            i32::MIN => "-infinity".to_owned(),
            days => moment(days, None, ""),
        },
        ColumnType::Time(_) => {
            let mut text = String::new();
            write_time(i64::from_be_bytes(field.try_into().ok()?), &mut text);
            text
        }
        ColumnType::Timestamp(_) => timestamp(i64::from_be_bytes(field.try_into().ok()?), "")?,
        ColumnType::Timestamptz(_) => timestamp(i64::from_be_bytes(field.try_into().ok()?), "+00")?,
    })
}

fn timestamp(microseconds: i64, zone: &str) -> Option<String> {
    Some(match microseconds {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        _ => {
            let days = i32::try_from(microseconds.div_euclid(MICROSECONDS_PER_DAY)).ok()?;
            moment(days, Some(microseconds.rem_euclid(MICROSECONDS_PER_DAY)), zone)
        }
    })
}

/// A date, with its time and zone; years before the first are counted back from it.
fn moment(days: i32, time: Option<i64>, zone: &str) -> String {
    let (year, month, day) = date_from_days(days);
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if let Some(time) = time {
        text.push(' ');
        write_time(time, &mut text);
    }
    text + zone + era
}

fn write_time(microseconds: i64, text: &mut String) {
    let seconds = microseconds / MICROSECONDS_PER_SECOND;
    let fraction = microseconds % MICROSECONDS_PER_SECOND;
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction != 0 {
        let _ = write!(text, ".{fraction:06}");
        text.truncate(text.trim_end_matches('0').len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_a_person_reads_them() {
        assert_eq!(display(&ColumnType::BigInt, &(-7_i64).to_be_bytes()), "-7");
        assert_eq!(display(&ColumnType::Text, "größer".as_bytes()), "größer");
        assert_eq!(display(&ColumnType::Bytea, b"\x00\xff"), "\\x00ff");
        assert_eq!(display(&ColumnType::Timestamptz(None), &1_500_000_i64.to_be_bytes()), "2000-01-01 00:00:01.5+00");
        assert_eq!(display(&ColumnType::Timestamp(None), &(-1_i64).to_be_bytes()), "1999-12-31 23:59:59.999999");
        assert_eq!(display(&ColumnType::Date, &(-2_451_545_i32).to_be_bytes()), "4714-11-24 BC");
        assert_eq!(display(&ColumnType::Uuid, &[0xab; 16]), "abababab-abab-abab-abab-abababababab");
        assert_eq!(display(&ColumnType::Integer, b"abc"), "\\x616263");
    }
}
