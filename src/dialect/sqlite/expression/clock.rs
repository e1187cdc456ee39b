//! The time of the statement: CURRENT_TIMESTAMP, datetime('now', '+1 day') and their like
//! (<https://www.sqlite.org/lang_datefunc.html>).

use super::present::PresentMoment;
use super::strftime::StrftimeFormat;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::{Wanted, zone_sql};
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::dialect::sqlite::{Affinity, affinity};
use crate::value::forgetting::Fraction;
use crate::value::{Cell, DateShape, Spelling, Zone, temporal};
use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

/// An expression for the present time, or for one at a fixed distance from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
    form: TimeForm,
    moment: PresentMoment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TimeForm {
    Text(StrftimeFormat),
    Seconds,
    /// Seconds with three digits after the point.
    FractionalSeconds,
    /// Whole seconds, in milliseconds.
    Milliseconds,
    ExactMilliseconds,
    JulianDay,
    /// Julian days since 1970, and such in seconds or milliseconds: sums that are left to the translation of sums, unless
    /// the column's type is one of times.
    CountedDays,
}

impl Now {
    /// Recognizes an expression for the present time.
    pub(super) fn read(expression: &Expr) -> Option<Self> {
        match strip(expression) {
            Expr::Identifier(word) if word.quote_style.is_none() => Self::word(&word.value),
            Expr::Function(function) => Self::function(function),
            Expr::Cast { expr, data_type, .. } if affinity(&data_type.to_string()) == Affinity::Integer => {
                let now = Self::read(expr)?;
                let form = match now.form {
                    // SQLite cuts the fraction off.
                    TimeForm::FractionalSeconds => TimeForm::Seconds,
                    TimeForm::Text(_) | TimeForm::JulianDay => return None,
                    other => other,
                };
                Some(Self { form, ..now })
            }
            Expr::BinaryOp { left, op, right } => Self::counted(left, op, right),
            _ => None,
        }
    }

    /// The present time as a value of `kind`, if it is neither a sum that is left to others nor one of a time.
    pub(super) fn read_as(expression: &Expr, kind: Option<ValueKind>) -> Option<Self> {
        Self::read(expression).filter(|now| now.form != TimeForm::CountedDays || is_temporal(kind))
    }

    fn word(word: &str) -> Option<Self> {
        let format = match word.to_ascii_uppercase().as_str() {
            "CURRENT_TIMESTAMP" => StrftimeFormat::date_and_time(false),
            "CURRENT_DATE" => StrftimeFormat::date(),
            "CURRENT_TIME" => StrftimeFormat::time(false),
            _ => return None,
        };
        Some(Self { form: TimeForm::Text(format), moment: PresentMoment::default() })
    }

    /// Seconds since 1970 in milliseconds, and differences of Julian days.
    fn counted(left: &Expr, operator: &BinaryOperator, right: &Expr) -> Option<Self> {
        let number = match strip(right) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => digits.parse::<f64>().ok()?,
                _ => return None,
            },
            _ => return None,
        };
        let now = Self::read(left)?;
        let is = |expected: f64| number.to_bits() == expected.to_bits();
        let form = match (operator, &now.form) {
            (BinaryOperator::Multiply, TimeForm::Seconds) if is(1000.0) => TimeForm::Milliseconds,
            // The product of a double of this size is the whole number until the year 2039, and from then on too far
            // from any other to be stored as one.
            (BinaryOperator::Multiply, TimeForm::FractionalSeconds) if is(1000.0) => TimeForm::ExactMilliseconds,
            (BinaryOperator::Minus, TimeForm::JulianDay) if is(2_440_587.5) => TimeForm::CountedDays,
            (BinaryOperator::Multiply, TimeForm::CountedDays) if is(86_400.0) || is(86_400_000.0) => {
                TimeForm::CountedDays
            }
            _ => return None,
        };
        Some(Self { form, ..now })
    }

    fn function(function: &Function) -> Option<Self> {
        let name = function.name.to_string().to_ascii_lowercase();
        let arguments = match &function.args {
            FunctionArguments::None => return Self::word(&name),
            FunctionArguments::List(list) => list.args.iter().map(argument).collect::<Option<Vec<_>>>()?,
            FunctionArguments::Subquery(_) => return None,
        };
        let (format, arguments) = match (name.as_str(), arguments.as_slice()) {
            ("strftime", [format, rest @ ..]) => (Some(text(format)?), rest),
            (_, rest) => (None, rest),
        };
        let is_subsecond =
            |word: &str| ["subsec", "subsecond"].iter().any(|modifier| word.eq_ignore_ascii_case(modifier));
        let (mut moment, mut has_fraction) = match arguments.first() {
            None => (PresentMoment::default(), false),
            Some(first) => match text(first) {
                Some(word) if word.eq_ignore_ascii_case("now") => (PresentMoment::default(), false),
                Some(word) if is_subsecond(&word) => (PresentMoment::default(), true),
                Some(_) => return None,
                None => (Self::nested(first)?, false),
            },
        };
        for modifier in arguments.iter().skip(1) {
            let modifier = text(modifier)?;
            if is_subsecond(&modifier) {
                has_fraction = true;
            } else {
                moment = moment.modified(&modifier)?;
            }
        }
        let form = match name.as_str() {
            "datetime" => TimeForm::Text(StrftimeFormat::date_and_time(has_fraction)),
            "date" => TimeForm::Text(StrftimeFormat::date()),
            "time" => TimeForm::Text(StrftimeFormat::time(has_fraction)),
            "unixepoch" if has_fraction => TimeForm::FractionalSeconds,
            "unixepoch" => TimeForm::Seconds,
            "julianday" => TimeForm::JulianDay,
            "strftime" => match format?.as_str() {
                "%s" if !has_fraction => TimeForm::Seconds,
                // It has a fraction then.
                counted if has_fraction && counted.contains("%s") => return None,
                other => TimeForm::Text(StrftimeFormat::read(other)?),
            },
            _ => return None,
        };
        Some(Self { form, moment })
    }

    /// The moment that date() or datetime() has written for another function to read.
    fn nested(expression: &Expr) -> Option<PresentMoment> {
        let inner = Self::read(expression)?;
        match &inner.form {
            TimeForm::Text(format) if *format == StrftimeFormat::date_and_time(false) => {
                Some(inner.moment.cut("second"))
            }
            TimeForm::Text(format) if *format == StrftimeFormat::date() => Some(inner.moment.cut("day")),
            _ => None,
        }
    }

    /// Whether it is a number, in an integer column too: strftime('%s') writes digits.
    pub(super) fn is_number(&self) -> bool {
        !matches!(self.form, TimeForm::Text(_))
    }

    /// Whether it is text of a date with a time, by the clock of UTC and without saying so.
    pub(super) fn is_text_of_utc(&self) -> bool {
        let TimeForm::Text(format) = &self.form else { return false };
        let shape = DateShape::of(Cell::Text(format.sample().as_bytes())).map(|seen| seen.shape.says_zone());
        !self.moment.is_local && shape == Some(Some(false))
    }

    /// SQLite's spelling of it; unknown if it is the time of a zone that only the machine knows.
    pub(super) fn spelled(&self) -> Spelled {
        match &self.form {
            _ if self.moment.is_local => Spelled::Unknown,
            TimeForm::Text(format) => Spelled::of_text(format.sample()),
            _ => Spelled::In([Spelling::Number].into()),
        }
    }

    /// The time as a value of `wanted`; as SQLite would store it if no kind is wanted. It is the value that a copy would
    /// make of SQLite's text or number, so it depends on `zone`, the zone of a time without one in the source.
    pub(super) fn write(&self, wanted: Wanted, zone: &Zone, expression: &Expr) -> Translation {
        match wanted.kind() {
            Some(kind) if is_temporal(Some(kind)) => {
                let text = self.temporal(kind, wanted, zone)?.ok_or_else(|| unknown(expression))?;
                Ok(Sql::new(text, kind))
            }
            _ => self.plain(wanted, zone).and_then(|written| written.ok_or_else(|| unknown(expression))),
        }
    }

    /// The time as a value of a type of times; `None` if SQLite's text or number is no such value.
    fn temporal(&self, kind: ValueKind, wanted: Wanted, zone: &Zone) -> Result<Option<String>, Untranslatable> {
        let shown = self.moment.shown(zone)?;
        let (is_instant, has_date, has_time) = match &self.form {
            TimeForm::Text(format) => (format.says_offset(), format.has_date(), format.has_time()),
            _ => (true, true, kind != ValueKind::Time),
        };
        if matches!(wanted, Wanted::Stored(_)) {
            self.fits(kind)?;
        }
        // Local time that is counted, or marked as UTC, is another instant.
        if self.moment.is_local && is_instant {
            return Ok(None);
        }
        if let TimeForm::Text(format) = &self.form {
            let (sample, six) = (format.sample().as_bytes(), Fraction::exactly(6));
            let is_value = match kind {
                ValueKind::Time => has_time || temporal::time(sample, six).is_ok(),
                ValueKind::Date => has_date || temporal::date(sample).is_ok(),
                _ => temporal::timestamp(sample, &Zone::UTC, six).is_ok(),
            };
            if !is_value {
                return Ok(None);
            }
            // A part of the time is a constant: the text is read as any other.
            let is_whole = match kind {
                ValueKind::Time => has_time,
                ValueKind::Date => has_date,
                _ => has_date && has_time,
            };
            if !is_whole {
                let text = format.shown(&shown);
                return Ok(match kind {
                    ValueKind::Time => Some(format!("{text}::time")),
                    ValueKind::Date => Some(format!("{text}::date")),
                    _ if is_instant => None,
                    ValueKind::Timestamp => Some(format!("{text}::timestamp")),
                    _ => Some(format!("({text}::timestamp AT TIME ZONE {})", zone_sql(zone))),
                });
            }
        } else if !has_time {
            return Ok(None);
        }
        // A stored time may have more digits than SQLite's; a compared one differs by them.
        let is_compared = !matches!(wanted, Wanted::Stored(_)) && !self.moment.is_present();
        let exact = |moment: String| match &self.form {
            _ if !is_compared => moment,
            TimeForm::Text(format) if !format.has_fraction() => format!("date_trunc('second', {moment})"),
            TimeForm::Seconds | TimeForm::Milliseconds => format!("date_trunc('second', {moment})"),
            _ => format!("date_trunc('milliseconds', {moment})"),
        };
        // An instant is read in the source's zone, and text without an offset as it is written.
        let read = || if is_instant { self.moment.read_in(zone) } else { Ok(shown.clone()) };
        Ok(Some(match kind {
            ValueKind::Timestamptz => exact(self.moment.instant(zone)?),
            ValueKind::Timestamp => format!("({})", exact(read()?)),
            ValueKind::Date => format!("({})::date", read()?),
            _ => format!("({})::time", exact(shown)),
        }))
    }

    /// Refuses a date with a time of day for a date, and one for a time: PostgreSQL would cut it, and a copy does not.
    fn fits(&self, kind: ValueKind) -> Result<(), Untranslatable> {
        let (has_time, is_time) = match &self.form {
            TimeForm::Text(format) => {
                let is_time = temporal::time(format.sample().as_bytes(), Fraction::exactly(6)).is_ok();
                (format.shows_clock(), is_time || !format.has_time())
            }
            // Numbers are no times of day: that is another reason.
            _ => (true, true),
        };
        let lost = match kind {
            ValueKind::Date if has_time && !self.moment.is_midnight() => "writes a time of day, which a date has not",
            ValueKind::Time if !is_time => "writes a date with the time of day, which a time has not",
            _ => return Ok(()),
        };
        Err(Untranslatable(format!("it {lost}; `type = \"timestamptz\"` for the column keeps both")))
    }

    /// The most characters that its text has, or digits before the point that its number has, and those after the point.
    pub(super) fn longest(&self) -> (usize, u32) {
        match &self.form {
            // Seconds since 1970 have one digit more than at the time of the sample.
            TimeForm::Text(format) => (format.sample().chars().count() + format.seconds(), 0),
            TimeForm::Seconds => (10, 0),
            TimeForm::FractionalSeconds => (10, 3),
            TimeForm::Milliseconds | TimeForm::ExactMilliseconds => (13, 0),
            TimeForm::JulianDay | TimeForm::CountedDays => (usize::MAX, u32::MAX),
        }
    }

    /// The time as SQLite's text or number; `None` if the number is no value of the wanted kind.
    fn plain(&self, wanted: Wanted, zone: &Zone) -> Result<Option<Sql>, Untranslatable> {
        let shown = self.moment.shown(zone)?;
        let stored = match wanted {
            Wanted::Stored(kind) => Some(kind),
            _ => None,
        };
        let counted = if self.moment.is_utc_now() { "now()".to_owned() } else { shown.clone() };
        let exact = format!("date_trunc('milliseconds', {counted})");
        let integer = |text: String| match stored {
            Some(ValueKind::Text) => Sql::new(format!("{text}::text"), ValueKind::Text),
            _ => Sql::new(text, ValueKind::Integer),
        };
        Ok(Some(match &self.form {
            TimeForm::Text(format) => {
                let (text, is_digits) =
                    (format.shown(&shown), format.sample().bytes().all(|byte| byte.is_ascii_digit()));
                if is_digits && stored.is_some_and(ValueKind::is_number) && !format.sample().is_empty() {
                    Sql::new(format!("{text}::bigint"), ValueKind::Integer)
                } else {
                    Sql::new(text, ValueKind::Text)
                }
            }
            // SQLite counts whole seconds that have passed; PostgreSQL's cast would round to the next.
            TimeForm::Seconds => integer(format!("floor(extract(epoch FROM {counted}))::bigint")),
            TimeForm::Milliseconds => integer(format!("(floor(extract(epoch FROM {counted}))::bigint * 1000)")),
            TimeForm::ExactMilliseconds => integer(format!("floor(extract(epoch FROM {exact}) * 1000)::bigint")),
            TimeForm::FractionalSeconds if stored == Some(ValueKind::Decimal) => {
                Sql::new(format!("trim_scale(extract(epoch FROM {exact})::numeric)"), ValueKind::Decimal)
            }
            TimeForm::FractionalSeconds => {
                Sql::new(format!("extract(epoch FROM {exact})::double precision"), ValueKind::Float)
            }
            // The division that SQLite does, of whole milliseconds.
            TimeForm::JulianDay => Sql::new(
                format!("((extract(epoch FROM {exact}) * 1000 + 210866760000000)::double precision / 86400000)"),
                ValueKind::Float,
            ),
            TimeForm::CountedDays => return Ok(None),
        }))
    }
}

fn is_temporal(kind: Option<ValueKind>) -> bool {
    matches!(kind, Some(ValueKind::Timestamptz | ValueKind::Timestamp | ValueKind::Date | ValueKind::Time))
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    }
}

/// The content of a string, in single or double quotes.
fn text(expression: &Expr) -> Option<String> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        Expr::Identifier(word) if word.quote_style == Some('"') => Some(word.value.clone()),
        _ => None,
    }
}
