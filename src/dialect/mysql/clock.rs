//! The time of the statement: CURRENT_TIMESTAMP and its like (MySQL manual, section "Date and Time Functions"), as it is or moved by
//! an interval.

use crate::catalog::ColumnType;
use crate::dialect::expression::literal::zone_sql;
use crate::dialect::expression::{natural, strip};
use crate::value::Zone;
use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Interval};

/// An expression for the present time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Now {
    form: ClockForm,
    /// In UTC rather than in the session's time zone.
    is_utc: bool,
    /// Digits of the fraction of a second.
    digits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClockForm {
    Timestamp,
    Date,
    Time,
    Seconds,
}

impl Now {
    /// Recognizes an expression for the present time.
    pub(super) fn read(expression: &Expr) -> Option<Self> {
        let (name, arguments) = match strip(expression) {
            Expr::Identifier(word) if word.quote_style.is_none() => (word.value.clone(), Vec::new()),
            Expr::Function(function) => match &function.args {
                FunctionArguments::None => (function.name.to_string(), Vec::new()),
                FunctionArguments::List(list) => (function.name.to_string(), list.args.iter().collect()),
                FunctionArguments::Subquery(_) => return None,
            },
            _ => return None,
        };
        let (form, is_utc) = match name.to_ascii_lowercase().as_str() {
            "current_timestamp" | "now" | "localtime" | "localtimestamp" => (ClockForm::Timestamp, false),
            "utc_timestamp" => (ClockForm::Timestamp, true),
            "curdate" | "current_date" => (ClockForm::Date, false),
            "utc_date" => (ClockForm::Date, true),
            "curtime" | "current_time" => (ClockForm::Time, false),
            "utc_time" => (ClockForm::Time, true),
            "unix_timestamp" => (ClockForm::Seconds, false),
            _ => return None,
        };
        let digits = match arguments.as_slice() {
            [] => 0,
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(digits))] if form != ClockForm::Seconds => {
                strip(digits).to_string().parse().ok().filter(|digits| *digits <= 6)?
            }
            _ => return None,
        };
        Some(Self { form, is_utc, digits })
    }

    /// Whether it is a number of seconds.
    pub(super) fn is_number(self) -> bool {
        self.form == ClockForm::Seconds
    }

    /// Whether it is the date and time of UTC.
    pub(super) fn is_date_and_time_of_utc(self) -> bool {
        self.is_utc && self.form == ClockForm::Timestamp
    }

    /// The present time as a value of this type; `zone` is the zone of a timestamp without one. `None` for a type that
    /// the source would fill in another way.
    pub(super) fn write(self, column_type: &ColumnType, zone: &Zone) -> Option<String> {
        // Cut like MySQL does, never rounded into the future.
        let instant = match self.digits {
            6 => "statement_timestamp()".to_owned(),
            0 => "date_trunc('second', statement_timestamp())".to_owned(),
            3 => "date_trunc('milliseconds', statement_timestamp())".to_owned(),
            digits => {
                let step = 10_u32.pow(6 - u32::from(digits));
                format!(
                    "(statement_timestamp() - extract(microseconds FROM statement_timestamp())::integer % {step} * interval '1 microsecond')"
                )
            }
        };
        let zone = if self.is_utc { &Zone::UTC } else { zone };
        let local = || format!("{instant} AT TIME ZONE {}", zone_sql(zone));
        Some(match (self.form, column_type) {
            // The clock of UTC, read as a time of another zone, would be another moment.
            (ClockForm::Timestamp, ColumnType::Timestamptz(_)) if !self.is_utc || *zone == Zone::UTC => instant,
            (ClockForm::Timestamp, ColumnType::Timestamp(_)) => format!("({})", local()),
            (ClockForm::Timestamp | ClockForm::Date, ColumnType::Date) => format!("({})::date", local()),
            (ClockForm::Timestamp | ClockForm::Time, ColumnType::Time(_)) => format!("({})::time", local()),
            (ClockForm::Seconds, ColumnType::Integer | ColumnType::BigInt | ColumnType::Numeric(_)) => {
                format!("extract(epoch FROM {instant})::{}", integer(column_type))
            }
            _ => return None,
        })
    }
}

/// A number of units of time, as PostgreSQL writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IntervalLength {
    pub(super) number: u32,
    pub(super) unit: &'static str,
    /// Whether the unit is a part of a day.
    pub(super) is_of_day: bool,
}

impl IntervalLength {
    /// Reads an interval of a whole number of one unit.
    pub(super) fn read(interval: &Interval) -> Option<Self> {
        let is_plain = interval.leading_precision.is_none()
            && interval.last_field.is_none()
            && interval.fractional_seconds_precision.is_none();
        let number = natural(&interval.value).filter(|_| is_plain)?;
        let (number, unit, is_of_day) = match interval.leading_field.as_ref()? {
            DateTimeField::Year => (number, "year", false),
            DateTimeField::Quarter => (number.checked_mul(3)?, "month", false),
            DateTimeField::Month => (number, "month", false),
            DateTimeField::Week(None) => (number, "week", false),
            DateTimeField::Day => (number, "day", false),
            DateTimeField::Hour => (number, "hour", true),
            DateTimeField::Minute => (number, "minute", true),
            DateTimeField::Second => (number, "second", true),
            _ => return None,
        };
        Some(Self { number, unit, is_of_day })
    }

    /// Whether the present time moved by it has four digits of a year: beyond the year 9999 MySQL has NULL.
    fn is_near(self) -> bool {
        let seconds = match self.unit {
            "year" => 31_622_400,
            "month" => 2_678_400,
            "week" => 604_800,
            "day" => 86_400,
            "hour" => 3_600,
            "minute" => 60,
            _ => 1,
        };
        u64::from(self.number) * seconds < 1_000 * 31_622_400
    }
}

/// The present date or time plus or minus an interval. Both sides move the local date and time, and cut the day to the month's
/// last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MovedNow {
    pub(super) now: Now,
    is_later: bool,
    length: IntervalLength,
}

impl MovedNow {
    /// Recognizes it.
    pub(super) fn read(expression: &Expr) -> Option<Self> {
        let Expr::BinaryOp { left, op, right } = strip(expression) else { return None };
        let is_later = match op {
            BinaryOperator::Plus => true,
            BinaryOperator::Minus => false,
            _ => return None,
        };
        let Expr::Interval(interval) = strip(right) else { return None };
        let now = Now::read(left).filter(|now| matches!(now.form, ClockForm::Timestamp | ClockForm::Date))?;
        Some(Self { now, is_later, length: IntervalLength::read(interval)? })
    }

    /// The moment as a value of this type, in a column of the source that keeps so many digits of a second; `zone` is the zone of a
    /// timestamp without one. `None` for a type that the source would fill in another way.
    pub(super) fn write(self, column_type: &ColumnType, digits: u8, zone: &Zone) -> Option<String> {
        // The source would round.
        if !self.length.is_near() || self.now.digits > digits {
            return None;
        }
        let local = match self.now.form {
            ClockForm::Timestamp => self.now.write(&ColumnType::Timestamp(None), zone)?,
            _ => self.now.write(&ColumnType::Date, zone)?,
        };
        let IntervalLength { number, unit, .. } = self.length;
        let moved = format!("({local} {} interval '{number} {unit}')", if self.is_later { "+" } else { "-" });
        match column_type {
            ColumnType::Timestamp(_) => Some(moved),
            ColumnType::Date => Some(format!("{moved}::date")),
            // Another zone may have no such local time, or two.
            ColumnType::Timestamptz(_) if *zone == Zone::UTC => Some(format!("({moved} AT TIME ZONE 'UTC')")),
            _ => None,
        }
    }
}

fn integer(column_type: &ColumnType) -> &'static str {
    if *column_type == ColumnType::Integer { "integer" } else { "bigint" }
}
