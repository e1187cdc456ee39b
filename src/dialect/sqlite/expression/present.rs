//! The moments that 'now' and its modifiers name (<https://www.sqlite.org/lang_datefunc.html>, section 3).
//!
//! SQLite shows the clock of UTC until a modifier sets it to that of the machine, and changes what it shows field by
//! field. PostgreSQL does the same with a timestamp without a zone, which has no hours that are skipped.

use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::literal::zone_sql;
use crate::value::Zone;

/// Longest shift in days. SQLite has no years beyond 9999.
const LONGEST_SHIFT: f64 = 366_000.0;
/// Longest expression: some modifiers name the moment more than once.
const LONGEST: usize = 1 << 12;

/// The present moment, changed step by step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PresentMoment {
    steps: Vec<MomentStep>,
    /// The shown clock is the machine's.
    pub(super) is_local: bool,
    /// SQLite knows no more in which zone it is: the moment was text in between.
    is_forgotten: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum MomentStep {
    /// An interval of days, or of parts of days.
    Shift(String),
    /// An interval of months or years. The day of the month is kept, and goes on into the next month where it has no
    /// such day; if `is_floor`, it is the last day instead, as PostgreSQL has it.
    Months { interval: String, is_floor: bool },
    /// The beginning of a unit of date_trunc().
    Start(&'static str),
    /// The next day of this number in the week, from Sunday on.
    Weekday(u8),
    /// From the clock of UTC to that of the machine.
    Local,
    /// From the clock of the machine to that of UTC.
    Utc,
}

impl PresentMoment {
    /// The moment after a modifier; `None` if it is not known to mean the same.
    pub(super) fn modified(mut self, modifier: &str) -> Option<Self> {
        let modifier = modifier.to_ascii_lowercase();
        match modifier.as_str() {
            // A second one changes nothing, and in earlier versions of SQLite shifts once more.
            "localtime" if self.is_local => return None,
            "localtime" => {
                self.steps.push(MomentStep::Local);
                (self.is_local, self.is_forgotten) = (true, false);
            }
            "utc" if self.is_forgotten => return None,
            "utc" if self.is_local => {
                match self.steps.last() {
                    Some(MomentStep::Local) => {
                        self.steps.pop();
                    }
                    // Of two moments that the machine's clock shows alike, PostgreSQL may take the other. At the beginning
                    // of a day hardly any clock is set back.
                    Some(MomentStep::Start(_)) => self.steps.push(MomentStep::Utc),
                    _ => return None,
                }
                self.is_local = false;
            }
            "utc" | "ceiling" => {}
            "floor" => match self.steps.last_mut() {
                Some(MomentStep::Months { is_floor, .. }) => *is_floor = true,
                _ => return None,
            },
            "start of day" => self.steps.push(MomentStep::Start("day")),
            "start of month" => self.steps.push(MomentStep::Start("month")),
            "start of year" => self.steps.push(MomentStep::Start("year")),
            other => match other.strip_prefix("weekday ") {
                Some(day) => self.steps.push(MomentStep::Weekday(day.trim().parse().ok().filter(|day| *day <= 6)?)),
                None => self.steps.push(shift(other)?),
            },
        }
        Some(self)
    }

    /// The moment that is left of it after it was text without parts smaller than this unit of date_trunc().
    pub(super) fn cut(mut self, unit: &'static str) -> Self {
        self.steps.push(MomentStep::Start(unit));
        self.is_forgotten = true;
        self
    }

    /// Whether it is the present, shown by one clock or another.
    pub(super) fn is_present(&self) -> bool {
        matches!(self.steps.as_slice(), [] | [MomentStep::Local])
    }

    /// Whether it is the beginning of a day.
    pub(super) fn is_midnight(&self) -> bool {
        self.steps.iter().fold(false, |is_midnight, step| match step {
            MomentStep::Start(unit) => is_midnight || matches!(*unit, "day" | "month" | "year"),
            MomentStep::Shift(interval) => is_midnight && interval.trim_end_matches('s').ends_with(" day"),
            MomentStep::Months { .. } | MomentStep::Weekday(_) => is_midnight,
            MomentStep::Local | MomentStep::Utc => false,
        })
    }

    /// Whether it is the present by the clock of UTC.
    pub(super) fn is_utc_now(&self) -> bool {
        self.steps.is_empty()
    }

    /// The shown clock as a timestamp in SQL. `zone` is the source's.
    pub(super) fn shown(&self, zone: &Zone) -> Result<String, Untranslatable> {
        // UTC is the default zone of a source, and rarely the zone of a machine with a local time.
        if *zone == Zone::UTC && self.steps.iter().any(|step| matches!(step, MomentStep::Local | MomentStep::Utc)) {
            let reason = "SQLite writes the local time of its machine, and PostgreSQL would take the session's zone: with \
                          `timezone` under [source] that is said";
            return Err(Untranslatable(reason.to_owned()));
        }
        let here = zone_sql(zone);
        let mut steps = self.steps.as_slice();
        let mut shown = "now() AT TIME ZONE 'UTC'".to_owned();
        if let [MomentStep::Local, rest @ ..] = steps {
            (shown, steps) = (format!("now() AT TIME ZONE {here}"), rest);
        }
        for step in steps {
            let before = if matches!(step, MomentStep::Start(_)) { shown } else { format!("({shown})") };
            shown = match step {
                MomentStep::Shift(interval) | MomentStep::Months { interval, is_floor: true } => {
                    format!("{before} + INTERVAL '{interval}'")
                }
                MomentStep::Months { interval, is_floor: false } => {
                    let start = format!("date_trunc('month', {before})");
                    format!("{start} + INTERVAL '{interval}' + ({before} - {start})")
                }
                MomentStep::Start(unit) => format!("date_trunc('{unit}', {before})"),
                MomentStep::Weekday(day) => {
                    format!("{before} + ({} - extract(dow FROM {before})::int) % 7 * INTERVAL '1 day'", day + 7)
                }
                MomentStep::Local => format!("({before} AT TIME ZONE 'UTC') AT TIME ZONE {here}"),
                MomentStep::Utc => format!("({before} AT TIME ZONE {here}) AT TIME ZONE 'UTC'"),
            };
            if shown.len() > LONGEST {
                return Err(Untranslatable("its modifiers make a very long expression".to_owned()));
            }
        }
        Ok(shown)
    }

    /// The moment as a timestamp with time zone in SQL.
    pub(super) fn instant(&self, zone: &Zone) -> Result<String, Untranslatable> {
        let shown = self.shown(zone)?;
        if self.is_present() {
            return Ok("CURRENT_TIMESTAMP".to_owned());
        }
        let there = if self.is_local { zone_sql(zone) } else { "'UTC'".to_owned() };
        Ok(format!("(({shown}) AT TIME ZONE {there})"))
    }

    /// The moment as a timestamp that shows the clock of the source's zone.
    pub(super) fn read_in(&self, zone: &Zone) -> Result<String, Untranslatable> {
        let shown = self.shown(zone)?;
        Ok(if self.is_local || *zone == Zone::UTC {
            shown
        } else if self.is_present() {
            format!("now() AT TIME ZONE {}", zone_sql(zone))
        } else {
            format!("(({shown}) AT TIME ZONE 'UTC') AT TIME ZONE {}", zone_sql(zone))
        })
    }
}

/// A modifier that adds a number of units, or hours and minutes.
fn shift(modifier: &str) -> Option<MomentStep> {
    let Some((number, unit)) = modifier.split_once(|character: char| character.is_ascii_whitespace()) else {
        return clock_shift(modifier);
    };
    let unit = unit.trim_start();
    let unit = unit.strip_suffix('s').unwrap_or(unit);
    let is_plain = |digits: &str| {
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.ends_with(|last: char| last.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    if !is_plain(number.strip_prefix(['+', '-']).unwrap_or(number)) {
        return None;
    }
    let count = number.parse::<f64>().ok()?;
    let days = match unit {
        "second" => 1.0 / 86_400.0,
        "minute" => 60.0 / 86_400.0,
        "hour" => 3_600.0 / 86_400.0,
        "day" => 1.0,
        "month" => 31.0,
        "year" => 366.0,
        _ => return None,
    };
    if (count * days).abs() > LONGEST_SHIFT {
        return None;
    }
    let is_calendar = matches!(unit, "month" | "year");
    if let Ok(whole) = number.parse::<i64>() {
        let plural = if whole.abs() == 1 { "" } else { "s" };
        let interval = format!("{whole} {unit}{plural}");
        return Some(if is_calendar {
            MomentStep::Months { interval, is_floor: false }
        } else {
            MomentStep::Shift(interval)
        });
    }
    if is_calendar {
        return None;
    }
    // SQLite counts in milliseconds, and rounds half of one away from zero.
    let milliseconds = (count * 1000.0 * (days * 86_400.0).round()).round();
    Some(MomentStep::Shift(format!("{milliseconds} milliseconds")))
}

/// A modifier of the form HH:MM, HH:MM:SS or HH:MM:SS.FFF, with or without a sign.
fn clock_shift(modifier: &str) -> Option<MomentStep> {
    let clock = modifier.strip_prefix(['+', '-']).unwrap_or(modifier);
    let fields = clock.split(':').collect::<Vec<_>>();
    let (hours, minutes, seconds) = match fields.as_slice() {
        [hours, minutes] => (hours, minutes, "00"),
        [hours, minutes, seconds] => (hours, minutes, *seconds),
        _ => return None,
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let is_field = |field: &str, most: u32| {
        field.len() == 2
            && field.bytes().all(|byte| byte.is_ascii_digit())
            && field.parse::<u32>().is_ok_and(|number| number <= most)
    };
    let is_fraction = (1..=3).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let is_clock = is_field(hours, 23) && is_field(minutes, 59) && is_field(whole, 59) && is_fraction;
    is_clock.then(|| MomentStep::Shift(modifier.to_owned()))
}
