//! The time of the statement: CURRENT_TIMESTAMP and its like (MySQL manual, section "Date and Time Functions").

use crate::catalog::ColumnType;
use crate::dialect::expression::literal::zone_sql;
use crate::dialect::expression::strip;
use crate::value::Zone;
use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// An expression for the present time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Now {
    form: Form,
    /// In UTC rather than in the session's time zone.
    is_utc: bool,
    /// Digits of the fraction of a second.
    digits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
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
            "current_timestamp" | "now" | "localtime" | "localtimestamp" => (Form::Timestamp, false),
            "utc_timestamp" => (Form::Timestamp, true),
            "curdate" | "current_date" => (Form::Date, false),
            "utc_date" => (Form::Date, true),
            "curtime" | "current_time" => (Form::Time, false),
            "utc_time" => (Form::Time, true),
            "unix_timestamp" => (Form::Seconds, false),
            _ => return None,
        };
        let digits = match arguments.as_slice() {
            [] => 0,
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(digits))] if form != Form::Seconds => {
                strip(digits).to_string().parse().ok().filter(|digits| *digits <= 6)?
            }
            _ => return None,
        };
        Some(Self { form, is_utc, digits })
    }

    /// Whether it is a number of seconds.
    pub(super) fn is_number(self) -> bool {
        self.form == Form::Seconds
    }

    /// Whether it is the date and time of UTC.
    pub(super) fn is_date_and_time_of_utc(self) -> bool {
        self.is_utc && self.form == Form::Timestamp
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
            (Form::Timestamp, ColumnType::Timestamptz(_)) if !self.is_utc || *zone == Zone::UTC => instant,
            (Form::Timestamp, ColumnType::Timestamp(_)) => format!("({})", local()),
            (Form::Timestamp | Form::Date, ColumnType::Date) => format!("({})::date", local()),
            (Form::Timestamp | Form::Time, ColumnType::Time(_)) => format!("({})::time", local()),
            (Form::Seconds, ColumnType::Integer | ColumnType::BigInt | ColumnType::Numeric(_)) => {
                format!("extract(epoch FROM {instant})::{}", integer(column_type))
            }
            _ => return None,
        })
    }
}

fn integer(column_type: &ColumnType) -> &'static str {
    if *column_type == ColumnType::Integer { "integer" } else { "bigint" }
}
