//! Dates and times as the source writes them: text of a layout, or a number that counts.

use super::habit::{Fractions, Habit};
use super::layout::TextLayout;
use crate::catalog::ColumnType;
use crate::value::{OwnedCell, Reading};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Days from 1970-01-01, and from 0001-01-01, to 2000-01-01.
const UNIX_DAYS: i64 = 10_957;
const TICKS_DAYS: i64 = 730_119;

/// A value of the target: microseconds since 2000-01-01 (or since midnight), and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TargetMoment {
    /// An instant.
    Instant(i64),
    /// A local time, or a day at midnight.
    Local(i64),
    /// A time of day.
    OfDay(i64),
}

/// The texts and numbers for a moment, the usual one first.
pub(super) fn written(
    moment: TargetMoment,
    column_type: &ColumnType,
    reading: Reading,
    zone: &TimeZone,
    habit: &Habit,
) -> Vec<OwnedCell> {
    match reading {
        Reading::Stored | Reading::Iso => texts(moment, column_type, zone, habit),
        _ => numbers(moment, reading, zone, habit),
    }
}

/// The texts of the moment that lies so far behind the first of January 1970.
pub(super) fn past_epoch(days: i32, microseconds: i64, zone: &TimeZone, habit: &Habit) -> Vec<OwnedCell> {
    let moment =
        i64::from(days).checked_sub(UNIX_DAYS).and_then(|days| days.checked_mul(DAY)?.checked_add(microseconds));
    moment.map_or_else(Vec::new, |moment| texts(TargetMoment::Local(moment), &ColumnType::Timestamp(None), zone, habit))
}

/// The local time of a moment at an offset, or in the zone.
fn local(moment: TargetMoment, offset: Option<i32>, zone: &TimeZone) -> Option<DateTime> {
    let at = |microseconds: i64| {
        let epoch = Date::constant(2000, 1, 1).to_datetime(Time::midnight());
        epoch.checked_add(Span::new().try_microseconds(microseconds).ok()?).ok()
    };
    match moment {
        TargetMoment::Instant(instant) => {
            let offset = match offset {
                Some(offset) => offset,
                None => offset_at(instant, zone)?,
            };
            at(instant.checked_add(i64::from(offset) * SECOND)?)
        }
        TargetMoment::Local(local) => at(local),
        TargetMoment::OfDay(time) => at(time),
    }
}

fn offset_at(instant: i64, zone: &TimeZone) -> Option<i32> {
    let timestamp = Timestamp::from_microsecond(instant.checked_add(UNIX_DAYS * DAY)?).ok()?;
    Some(zone.to_offset(timestamp).seconds())
}

fn texts(moment: TargetMoment, column_type: &ColumnType, zone: &TimeZone, habit: &Habit) -> Vec<OwnedCell> {
    let microseconds = match moment {
        TargetMoment::Instant(number) | TargetMoment::Local(number) | TargetMoment::OfDay(number) => number,
    };
    let mut layouts =
        habit.layouts.iter().map(|(layout, fractions)| (layout.clone(), fractions.clone())).collect::<Vec<_>>();
    layouts.sort_by_key(|(_, fractions)| std::cmp::Reverse(fractions.texts()));
    // A value with seconds, in a column whose others have none.
    let longer = layouts.iter().filter_map(|(layout, _)| Some((layout.with_seconds()?, Fractions::default())));
    layouts.extend(longer.collect::<Vec<_>>());
    let usual = match column_type {
        ColumnType::Date => ["####-##-##"].as_slice(),
        ColumnType::Time(_) => &["##:##:##"],
        _ => &["####-##-## ##:##:##"],
    };
    // The layout of SQLite's own functions, for a column without a value.
    layouts.extend(usual.iter().map(|before| (TextLayout::written(before, ""), Fractions::default())));
    let needed = format!("{:06}", microseconds.rem_euclid(SECOND)).trim_end_matches('0').len();
    let mut cells = Vec::new();
    for (layout, fractions) in &layouts {
        let digits = fractions.for_needed(needed);
        let Some(offset) = layout.offset() else { continue };
        let mut write = |layout: &TextLayout, offset| {
            let text = local(moment, offset, zone).and_then(|local| layout.write(local, digits));
            cells.extend(text.map(OwnedCell::text));
        };
        // The offset that the zone has at that moment, before the one that was seen.
        if let (TargetMoment::Instant(instant), Some(_)) = (moment, offset)
            && let Some(now) = offset_at(instant, zone)
            && let Some(moved) = layout.with_offset(now)
            && habit.layouts.contains_key(&moved)
        {
            write(&moved, Some(now));
        }
        write(layout, offset);
    }
    // Beyond what was seen: seconds where others have none, and an offset where a local time is not clear.
    let usual = if layouts.iter().any(|(layout, _)| *layout == TextLayout::written("####-##-##T##:##:##", "")) {
        "T"
    } else {
        " "
    };
    if !matches!(moment, TargetMoment::OfDay(_)) && *column_type != ColumnType::Date {
        let layout = TextLayout::written(&format!("####-##-##{usual}##:##:##"), "");
        let text = local(moment, None, zone).and_then(|local| layout.write(local, needed));
        cells.extend(text.map(OwnedCell::text));
    }
    if let TargetMoment::Instant(_) = moment {
        let layout = TextLayout::written(&format!("####-##-##{usual}##:##:##"), "+00:00");
        let text = local(moment, Some(0), zone).and_then(|local| layout.write(local, needed));
        cells.extend(text.map(OwnedCell::text));
    }
    cells
}

fn numbers(moment: TargetMoment, reading: Reading, zone: &TimeZone, habit: &Habit) -> Vec<OwnedCell> {
    let Some(since) = since(moment, reading, zone) else { return Vec::new() };
    let whole = |unit: i64| (since % unit == 0).then(|| OwnedCell::Integer(since / unit));
    let fraction = |unit: i64| {
        // The decimal digits are exact, and the nearest double is read back as its shortest decimal.
        let digits = unit.ilog10() as usize;
        let (sign, all) = (if since < 0 { "-" } else { "" }, since.unsigned_abs());
        let (units, rest) = (all / unit.unsigned_abs(), all % unit.unsigned_abs());
        let text = format!("{sign}{units}.{rest:0digits$}");
        text.parse().ok().map(OwnedCell::Real)
    };
    let days = |days: f64| if days.fract() == 0.0 { Vec::new() } else { vec![OwnedCell::Real(days)] };
    #[expect(clippy::cast_precision_loss, reason = "the result is read again, and refused if it means another moment")]
    let in_days = |unit: f64| since as f64 / unit;
    let mut cells = match reading {
        Reading::UnixS => [whole(SECOND), fraction(SECOND)].into_iter().flatten().collect(),
        Reading::UnixMs => [whole(1000), fraction(1000)].into_iter().flatten().collect(),
        Reading::UnixUs => vec![OwnedCell::Integer(since)],
        Reading::UnixNs => since.checked_mul(1000).map(OwnedCell::Integer).into_iter().collect(),
        Reading::DotnetTicks => since.checked_mul(10).map(OwnedCell::Integer).into_iter().collect(),
        // A day of 86,400 seconds; noon of 4714-11-24 BC is 2,451,544.5 days before 2000-01-01.
        #[expect(clippy::cast_precision_loss, reason = "the result is read again")]
        Reading::Julian => vec![OwnedCell::Real(since as f64 / DAY as f64 + 2_451_544.5)],
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the result is read again")]
        Reading::Excel => {
            let number = in_days(DAY as f64) + 36_526.0;
            let number = if number < 61.0 { number - 1.0 } else { number };
            let mut cells = days(number);
            if cells.is_empty() {
                cells = vec![OwnedCell::Integer(number as i64), OwnedCell::Real(number)];
            }
            cells
        }
        Reading::Yyyymmdd => {
            let day = local(moment, None, zone).filter(|local| local.time() == Time::midnight());
            let digits = day.map(|day| format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()));
            digits.and_then(|digits| digits.parse().ok()).map(OwnedCell::Integer).into_iter().collect()
        }
        _ => Vec::new(),
    };
    if habit.reals > habit.integers {
        cells.sort_by_key(|cell| !matches!(cell, OwnedCell::Real(_)));
        #[expect(clippy::cast_precision_loss, reason = "the result is read again")]
        if let Some(OwnedCell::Integer(number)) = cells.first() {
            cells.insert(0, OwnedCell::Real(*number as f64));
        }
    }
    if habit.texts > habit.integers + habit.reals {
        let text = |cell: &OwnedCell| match cell {
            OwnedCell::Integer(number) => Some(OwnedCell::text(number.to_string())),
            OwnedCell::Real(number) => Some(OwnedCell::text(number.to_string())),
            _ => None,
        };
        let texts = cells.iter().filter_map(text).collect::<Vec<_>>();
        cells = texts.into_iter().chain(cells).collect();
    }
    cells
}

/// Microseconds since the beginning of the count of a reading; for days, since 2000-01-01.
fn since(moment: TargetMoment, reading: Reading, zone: &TimeZone) -> Option<i64> {
    let is_local = matches!(reading, Reading::Excel | Reading::Yyyymmdd);
    let number = match moment {
        TargetMoment::OfDay(time) => return Some(time),
        TargetMoment::Instant(instant) if is_local => {
            instant.checked_add(i64::from(offset_at(instant, zone)?) * SECOND)?
        }
        TargetMoment::Local(_) if !is_local => {
            let civil = self::local(moment, None, zone)?;
            let instant = zone.to_timestamp(civil).ok()?.as_microsecond();
            instant.checked_sub(UNIX_DAYS * DAY)?
        }
        TargetMoment::Instant(number) | TargetMoment::Local(number) => number,
    };
    match reading {
        Reading::Excel | Reading::Yyyymmdd | Reading::Julian => Some(number),
        Reading::DotnetTicks => number.checked_add(TICKS_DAYS * DAY),
        _ => number.checked_add(UNIX_DAYS * DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(moment: TargetMoment, reading: Reading, seen: &[crate::value::Cell<'_>]) -> Vec<OwnedCell> {
        let (mut habit, column_type) = (Habit::default(), ColumnType::Timestamptz(None));
        seen.iter().for_each(|cell| habit.observe(*cell, &column_type));
        written(moment, &column_type, reading, &TimeZone::UTC, &habit)
    }

    #[test]
    fn moments_are_counted_and_written_as_others_are() {
        use crate::value::Cell;
        // 2024-01-01 10:00:00.5 UTC
        let moment = TargetMoment::Instant((8766 * 86_400 + 36_000) * SECOND + SECOND / 2);
        let first = |reading, seen: &[Cell<'_>]| cells(moment, reading, seen).into_iter().next().unwrap();
        assert_eq!(first(Reading::Stored, &[]), OwnedCell::text("2024-01-01 10:00:00.5"));
        assert_eq!(
            first(Reading::Stored, &[Cell::Text(b"2020-01-01T00:00:00.000Z")]),
            OwnedCell::text("2024-01-01T10:00:00.500Z")
        );
        assert_eq!(
            first(Reading::Stored, &[Cell::Text(b"2020-01-01T00:00:00+02:00")]),
            OwnedCell::text("2024-01-01T12:00:00.5+02:00")
        );
        assert_eq!(
            first(Reading::Stored, &[Cell::Text(b"2020-01-01T00:00")]),
            OwnedCell::text("2024-01-01T10:00:00.5")
        );
        assert_eq!(first(Reading::UnixMs, &[]), OwnedCell::Integer(1_704_103_200_500));
        assert_eq!(first(Reading::UnixS, &[]), OwnedCell::Real(1_704_103_200.5));
        assert_eq!(first(Reading::UnixMs, &[Cell::Text(b"1")]), OwnedCell::text("1704103200500"));
        assert_eq!(first(Reading::DotnetTicks, &[]), OwnedCell::Integer(638_397_000_005_000_000));
        let noon = TargetMoment::Local((8766 * 86_400 + 43_200) * SECOND);
        assert_eq!(cells(noon, Reading::Julian, &[])[0], OwnedCell::Real(2_460_311.0));
        assert_eq!(cells(noon, Reading::Excel, &[])[0], OwnedCell::Real(45_292.5));
        assert_eq!(cells(TargetMoment::Local(8766 * DAY), Reading::Yyyymmdd, &[])[0], OwnedCell::Integer(20_240_101));
    }
}
