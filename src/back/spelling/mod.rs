//! Values of the target in the spelling of the source.
//!
//! Nothing here is trusted: each spelling is read back by the proof, and the next one is tried if it means another value. A value
//! that no spelling holds is a finding.

mod document;
mod habit;
mod layout;
mod moment;
mod plain;

pub(super) use habit::Habit;

use crate::catalog::ColumnType;
use crate::plan::{ColumnMapping, TableMapping};
use crate::proof::meaning::{Value, words_of_numeric};
use crate::value::{OwnedCell, Reading, ZeroDates};
use jiff::tz::TimeZone;
use moment::{TargetMoment, written};

const DAY: i64 = 86_400_000_000;

/// The spellings of a column's values.
#[derive(Debug, Clone)]
pub(super) struct Speller {
    column_type: ColumnType,
    reading: Reading,
    zero_dates: ZeroDates,
    zone: TimeZone,
    /// Whether the source converts values by a declared type of the column.
    is_typed: bool,
    /// Whether the source reads a number in a text digit by digit.
    reads_digits: bool,
    /// Whether the source's column is bits.
    reads_bits: bool,
}

impl Speller {
    /// The speller of a column, whose local times are in this zone.
    pub(super) fn of(mapping: &TableMapping, column: &ColumnMapping, zone: &TimeZone) -> Self {
        Self {
            column_type: column.column_type.clone(),
            reading: column.reading,
            zero_dates: column.forgetting.zero_dates,
            is_typed: !column.converting_type().is_empty(),
            reads_digits: column.reads_digits(mapping.dialect()),
            reads_bits: column.reads_bits(mapping.dialect()),
            zone: if column.is_utc { TimeZone::UTC } else { zone.clone() },
        }
    }

    /// The unit of the numbers with which the column counts moments, if this moment lies between two of them: as `date_trunc` of
    /// PostgreSQL names it.
    pub(super) fn too_coarse(&self, value: Value<'_>) -> Option<&'static str> {
        let (Value::Timestamp(moment) | Value::Timestamptz(moment)) = value else { return None };
        if matches!(moment, i64::MIN | i64::MAX) {
            return None;
        }
        let (unit, name) = match self.reading {
            Reading::UnixMs | Reading::Julian | Reading::Excel => (1000, "milliseconds"),
            Reading::UnixS => (1_000_000, "seconds"),
            _ => return None,
        };
        (moment % unit != 0).then_some(name)
    }

    /// The type in the target.
    pub(super) fn column_type(&self) -> &ColumnType {
        &self.column_type
    }

    /// Candidates of the source for a value, the usual spelling first; `field` is the value in the target's binary format.
    pub(super) fn spellings(&self, value: Value<'_>, field: Option<&[u8]>, habit: &Habit) -> Vec<OwnedCell> {
        let moment = |moment| written(moment, &self.column_type, self.reading, &self.zone, habit);
        match value {
            Value::Null if self.reading == Reading::Literal => plain::of_literal(b"NULL"),
            Value::Null => vec![OwnedCell::Null],
            Value::Boolean(truth) => plain::boolean(truth, habit),
            Value::Integer(number) => plain::integer(number, habit),
            Value::Single(number) => plain::single(number, habit),
            Value::Double(number) => plain::double(number, habit),
            Value::Number(_) => {
                let words = field.and_then(words_of_numeric).unwrap_or_else(|| value.words());
                let takes_text = self.reads_digits || self.takes_text(habit);
                let bits = if self.reads_bits { plain::bits(&words) } else { None };
                bits.into_iter().chain(plain::number(&words, habit, takes_text)).collect()
            }
            Value::Text(_) | Value::Hashed { .. } | Value::Bytes(_) if self.is_made_of_elements() => {
                field.and_then(|field| plain::elements(field, &self.column_type)).into_iter().collect()
            }
            Value::Text(text) if matches!(self.column_type, ColumnType::Json) => plain::document(text, habit, false),
            Value::Text(text) => plain::text(text, self.reading, habit),
            Value::Bytes(bytes) => plain::bytes(bytes, self.reading, habit),
            Value::Date(i32::MIN) | Value::Timestamp(i64::MIN) | Value::Timestamptz(i64::MIN) => self.zero_date(),
            Value::Date(i32::MAX) | Value::Timestamp(i64::MAX) | Value::Timestamptz(i64::MAX) => Vec::new(),
            Value::Date(days) => moment(TargetMoment::Local(i64::from(days) * DAY)),
            Value::Time(time) => moment(TargetMoment::OfDay(time)),
            Value::Timestamp(local) => moment(TargetMoment::Local(local)),
            Value::Timestamptz(instant) => moment(TargetMoment::Instant(instant)),
            Value::Interval { months: 0, days, microseconds } if self.reading == Reading::EpochInterval => {
                moment::past_epoch(days, microseconds, &self.zone, habit)
            }
            Value::Interval { months: 0, days, microseconds } => {
                plain::interval(days, microseconds, self.reading == Reading::Microseconds, habit)
            }
            Value::Uuid(bytes) => plain::uuid(bytes, self.reading, habit),
            Value::Inet(..) => vec![OwnedCell::text(value.words())],
            Value::Document { text, .. } => plain::document(text, habit, true),
            Value::Hashed { .. } | Value::Interval { .. } | Value::Malformed(_) => Vec::new(),
        }
    }

    /// Whether a number may be written as text: as most are, or where the column has a type that makes a number of it, or text
    /// of every number. In a column without a type a text would compare as greater than every number.
    fn takes_text(&self, habit: &Habit) -> bool {
        match habit.integers + habit.reals {
            0 => habit.texts > 0 || self.is_typed,
            numbers => habit.texts > numbers,
        }
    }

    fn is_made_of_elements(&self) -> bool {
        matches!(self.column_type, ColumnType::TextArray | ColumnType::RealArray | ColumnType::Vector(_))
    }

    /// The date that no calendar has, where the spec lets it become the earliest of all.
    fn zero_date(&self) -> Vec<OwnedCell> {
        match (self.zero_dates, &self.column_type) {
            (ZeroDates::MinusInfinity, ColumnType::Date) => vec![OwnedCell::text("0000-00-00")],
            (ZeroDates::MinusInfinity, _) => vec![OwnedCell::text("0000-00-00 00:00:00")],
            _ => Vec::new(),
        }
    }
}
