//! Partitions as values of the table's own columns: PostgreSQL's unique keys are over columns, and so are the keys of its
//! partitions where a table has any. A function of a date that grows with it is turned into the date.

use super::expression::unescaped_literal;
use super::{Texts, said, word};
use crate::catalog::{
    Column, Partition, PartitionBound, PartitionHolds, PartitionRule, Partitioning, PrimaryKey, Storage,
};
use crate::dialect::mysql::{PartitionKey, literal, partition_key, partition_values};
use crate::value::calendar::date_from_days;

/// Value of `to_days()` for 2000-01-01, from which the calendar counts.
const DAYS_TO_2000: i64 = 730_485;

/// Days from 1970-01-01 to 2000-01-01.
const DAYS_FROM_UNIX_EPOCH: i64 = 10_957;

const SECONDS_PER_DAY: i64 = 86_400;

/// A function of a date or a time that never falls as it rises, with its value's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Monotonic {
    Year,
    ToDays,
    ToSeconds,
    UnixTimestamp,
}

impl Monotonic {
    /// The function of this name over a column of this declared type.
    fn of(name: &str, declared_type: &str) -> Option<Self> {
        let is = |base: &str| declared_type == base || declared_type.starts_with(&format!("{base}("));
        Some(match name {
            "year" if is("date") || is("datetime") => Self::Year,
            "to_days" if is("date") || is("datetime") => Self::ToDays,
            "to_seconds" if is("date") || is("datetime") => Self::ToSeconds,
            "unix_timestamp" if is("timestamp") => Self::UnixTimestamp,
            _ => return None,
        })
    }

    /// The bound of the column below which the function is below `number`.
    fn bound(self, number: i64, is_date: bool) -> PartitionBound {
        let (days, seconds) = match self {
            Self::Year if number < 1 => return PartitionBound::Lowest,
            Self::Year if number > 9999 => return PartitionBound::Highest,
            Self::Year => return moment(number, 1, 1, 0, is_date),
            Self::ToDays => (number.checked_sub(DAYS_TO_2000), 0),
            // A day is below a second within it.
            Self::ToSeconds if is_date => {
                let days = number.div_euclid(SECONDS_PER_DAY) + i64::from(number.rem_euclid(SECONDS_PER_DAY) > 0);
                (days.checked_sub(DAYS_TO_2000), 0)
            }
            Self::ToSeconds => {
                let days = number.div_euclid(SECONDS_PER_DAY);
                (days.checked_sub(DAYS_TO_2000), number.rem_euclid(SECONDS_PER_DAY))
            }
            // It is 0 for what it cannot count.
            Self::UnixTimestamp if number <= 0 => return PartitionBound::Lowest,
            Self::UnixTimestamp => {
                let days = number.div_euclid(SECONDS_PER_DAY);
                (days.checked_sub(DAYS_FROM_UNIX_EPOCH), number.rem_euclid(SECONDS_PER_DAY))
            }
        };
        let beyond = if number < 0 { PartitionBound::Lowest } else { PartitionBound::Highest };
        let Some(days) = days.and_then(|days| i32::try_from(days).ok()) else { return beyond };
        match date_from_days(days) {
            (year, ..) if year < 1 => PartitionBound::Lowest,
            (year, ..) if year > 9999 => PartitionBound::Highest,
            (year, month, day) => moment(year, month, day, seconds, is_date),
        }
    }
}

fn moment(year: i64, month: i64, day: i64, seconds: i64, is_date: bool) -> PartitionBound {
    let date = format!("{year:04}-{month:02}-{day:02}");
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let time = if is_date { String::new() } else { format!(" {hours:02}:{minutes:02}:{seconds:02}") };
    PartitionBound::Value(literal(&format!("{date}{time}")))
}

/// The storage of a table of this kind. `rows` are those of `queries/partitions.sql`; `rest` is the partition that takes what
/// no other lists.
pub(super) fn storage(
    rows: &[Texts],
    kind: &str,
    rest: Option<&str>,
    primary_key: Option<&PrimaryKey>,
    columns: &[Column],
) -> Storage {
    let described = |row: &Texts, method: usize, expression: usize| match said(row, expression) {
        Some(expression) => format!("{} ({expression})", word(row, method)),
        None => word(row, method),
    };
    let first = rows.first();
    Storage {
        partitioning: first.map(|row| described(row, 2, 3)),
        partitions: rows.len() as u64,
        parts: first.and_then(|first| partitioning(first, rows, rest, primary_key, columns)),
        subpartitioning: first.and_then(|row| said(row, 5).map(|_| described(row, 5, 6))),
        has_history: kind == "SYSTEM VERSIONED",
        conflict_clauses: Vec::new(),
    }
}

fn partitioning(
    first: &Texts,
    rows: &[Texts],
    rest: Option<&str>,
    primary_key: Option<&PrimaryKey>,
    columns: &[Column],
) -> Option<Partitioning> {
    let method = word(first, 2);
    let by = match method.trim_start_matches("LINEAR ") {
        "RANGE" | "RANGE COLUMNS" => PartitionRule::Range,
        "LIST" | "LIST COLUMNS" => PartitionRule::List,
        "HASH" | "KEY" => PartitionRule::Hash,
        _ => return None,
    };
    let key = match said(first, 3) {
        Some(expression) => partition_key(&expression)?,
        // KEY () is by the primary key.
        None => PartitionKey::Columns(primary_key?.columns.clone()),
    };
    let found = |name: &String| columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    let is_unsigned = match &key {
        PartitionKey::Columns(names) if names.len() == 1 => found(&names[0])?.declared_type.contains("unsigned"),
        _ => false,
    };
    let (names, function) = match key {
        PartitionKey::Columns(names) => (names, None),
        PartitionKey::Function(name, column) if by == PartitionRule::Range => {
            let declared_type = &found(&column)?.declared_type;
            let function = Monotonic::of(&name, declared_type)?;
            (vec![column], Some((function, declared_type == "date")))
        }
        PartitionKey::Function(..) => return None,
    };
    let part = |row: &Texts| {
        let name = word(row, 1);
        let values = partition_values(&word(row, 4));
        let values = if is_unsigned { values.into_iter().map(unsigned).collect() } else { values };
        let holds = match by {
            PartitionRule::Hash => PartitionHolds::Remainder,
            PartitionRule::List if rest == Some(name.as_str()) => PartitionHolds::Rest,
            PartitionRule::List => PartitionHolds::Values(values.into_iter().map(plain).collect()),
            PartitionRule::Range => {
                let bounds = values.into_iter().map(|value| bound(value, function)).collect::<Option<Vec<_>>>()?;
                PartitionHolds::Below(bounds)
            }
        };
        Some(Partition { name, holds })
    };
    Some(Partitioning {
        by,
        columns: names.iter().map(|name| Some(found(name)?.name.clone())).collect::<Option<_>>()?,
        parts: rows.iter().map(part).collect::<Option<_>>()?,
    })
}

/// A bound of an unsigned number, which information_schema has with the sign of 64 bits from 2^63 on.
fn unsigned(value: String) -> String {
    match value.parse::<i64>() {
        Ok(number) if number < 0 => number.cast_unsigned().to_string(),
        _ => value,
    }
}

/// A bound of information_schema; `None` if the function's value is no number.
fn bound(value: String, function: Option<(Monotonic, bool)>) -> Option<PartitionBound> {
    if value == "MAXVALUE" {
        return Some(PartitionBound::Highest);
    }
    match function {
        Some((function, is_date)) => Some(function.bound(value.parse().ok()?, is_date)),
        None => Some(PartitionBound::Value(plain(value))),
    }
}

/// A value without escapes; both engines write them, whatever the session's mode.
fn plain(value: String) -> String {
    unescaped_literal(&value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound_of(name: &str, declared_type: &str, number: i64) -> String {
        match Monotonic::of(name, declared_type).unwrap().bound(number, declared_type == "date") {
            PartitionBound::Value(text) => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn bounds_of_unsigned_numbers_have_no_sign() {
        for (written, bound) in [
            ("-1", "18446744073709551615"),
            ("-9223372036854775807", "9223372036854775809"),
            ("7", "7"),
            ("NULL", "NULL"),
        ] {
            assert_eq!(unsigned(written.to_owned()), bound);
        }
    }

    #[test]
    fn functions_of_a_date_become_the_date() {
        for (name, declared_type, number, expected) in [
            // As `SELECT to_days('2024-01-01')` and its like give them, in MariaDB 10.11 and MySQL 9.7.
            ("to_days", "date", 739_251, "'2024-01-01'"),
            ("to_days", "datetime(6)", 739_617, "'2025-01-01 00:00:00'"),
            ("to_days", "date", 739_311, "'2024-03-01'"),
            ("to_days", "date", 0, "Lowest"),
            ("to_days", "date", 366, "'0001-01-01'"),
            ("to_days", "date", 365, "Lowest"),
            ("to_days", "date", 3_652_424, "'9999-12-31'"),
            ("to_days", "date", 3_652_425, "Highest"),
            ("to_days", "date", i64::MIN, "Lowest"),
            ("to_days", "date", i64::MAX, "Highest"),
            ("year", "date", 2024, "'2024-01-01'"),
            ("year", "datetime", 2024, "'2024-01-01 00:00:00'"),
            ("year", "date", 0, "Lowest"),
            ("year", "date", 10_000, "Highest"),
            ("to_seconds", "datetime", 63_871_286_405, "'2024-01-01 00:00:05'"),
            ("to_seconds", "date", 63_871_286_400, "'2024-01-01'"),
            ("to_seconds", "date", 63_871_286_405, "'2024-01-02'"),
            ("unix_timestamp", "timestamp", 1_704_067_200, "'2024-01-01 00:00:00'"),
            ("unix_timestamp", "timestamp(3)", 1_704_067_199, "'2023-12-31 23:59:59'"),
            ("unix_timestamp", "timestamp", 0, "Lowest"),
        ] {
            assert_eq!(bound_of(name, declared_type, number), expected, "{name}({declared_type}) < {number}");
        }
    }

    #[test]
    fn a_function_that_falls_or_leaves_its_type_is_none() {
        for (name, declared_type) in
            [("month", "date"), ("year", "timestamp"), ("to_days", "time"), ("unix_timestamp", "datetime")]
        {
            assert_eq!(Monotonic::of(name, declared_type), None, "{name}({declared_type})");
        }
    }
}
