//! The time of the statement: CURRENT_TIMESTAMP, datetime('now') and their like
//! (<https://www.sqlite.org/lang_datefunc.html>).

use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::{Wanted, zone_sql};
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::value::{Spelling, Zone};
use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

/// An expression for the present time alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
    form: TimeForm,
    /// In the machine's time zone rather than in UTC.
    local: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TimeForm {
    /// A format of PostgreSQL's `to_char()`.
    Text(String),
    Seconds,
    Milliseconds,
    JulianDay,
}

impl Now {
    /// Recognizes an expression for the present time.
    pub(super) fn read(expression: &Expr) -> Option<Self> {
        match strip(expression) {
            Expr::Identifier(word) if word.quote_style.is_none() => Self::word(&word.value),
            Expr::Function(function) => match &function.args {
                FunctionArguments::None => Self::word(&function.name.to_string()),
                FunctionArguments::List(list) => {
                    let arguments = list.args.iter().map(text_of).collect::<Option<Vec<_>>>()?;
                    let arguments = arguments.iter().map(String::as_str).collect::<Vec<_>>();
                    Self::call(&function.name.to_string().to_ascii_lowercase(), &arguments)
                }
                FunctionArguments::Subquery(_) => None,
            },
            Expr::Cast { expr, data_type, .. } if data_type.to_string().to_ascii_uppercase().contains("INT") => {
                Self::read(expr).filter(|now| matches!(now.form, TimeForm::Seconds | TimeForm::Milliseconds))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => {
                let now = Self::read(left)?;
                let thousand = matches!(strip(right), Expr::Value(value) if value.value.to_string() == "1000");
                (now.form == TimeForm::Seconds && thousand).then_some(Self { form: TimeForm::Milliseconds, ..now })
            }
            _ => None,
        }
    }

    fn word(word: &str) -> Option<Self> {
        let format = match word.to_ascii_uppercase().as_str() {
            "CURRENT_TIMESTAMP" => "YYYY-MM-DD HH24:MI:SS",
            "CURRENT_DATE" => "YYYY-MM-DD",
            "CURRENT_TIME" => "HH24:MI:SS",
            _ => return None,
        };
        Some(Self { form: TimeForm::Text(format.to_owned()), local: false })
    }

    fn call(name: &str, arguments: &[&str]) -> Option<Self> {
        let (format, modifiers) = match (name, arguments) {
            ("strftime", [format, rest @ ..]) => (Some(*format), rest),
            (_, rest) => (None, rest),
        };
        let local = match modifiers {
            [] | ["now"] | ["now", "utc"] => false,
            ["now", "localtime"] => true,
            _ => return None,
        };
        let form = match name {
            "datetime" => TimeForm::Text("YYYY-MM-DD HH24:MI:SS".to_owned()),
            "date" => TimeForm::Text("YYYY-MM-DD".to_owned()),
            "time" => TimeForm::Text("HH24:MI:SS".to_owned()),
            "unixepoch" => TimeForm::Seconds,
            "julianday" => TimeForm::JulianDay,
            "strftime" if format == Some("%s") => TimeForm::Seconds,
            "strftime" => TimeForm::Text(to_char_format(format?)?),
            _ => return None,
        };
        Some(Self { form, local })
    }

    /// SQLite's spelling of it; unknown if it is the time of a zone that only the machine knows.
    pub(super) fn spelled(&self) -> Spelled {
        match &self.form {
            _ if self.local => Spelled::Unknown,
            TimeForm::Text(format) => {
                let parts = [("YYYY", "2000"), ("MM", "01"), ("DD", "01"), ("HH24", "00"), ("MI", "00"), ("SS", "00")];
                let text =
                    parts.iter().fold(format.replace('"', ""), |text, (part, digits)| text.replace(part, digits));
                Spelled::of_text(&text.replace("MS", "000"))
            }
            TimeForm::Seconds | TimeForm::Milliseconds | TimeForm::JulianDay => Spelled::In([Spelling::Number].into()),
        }
    }

    /// The present time as a value of `wanted`; as SQLite would store it if no kind is wanted. It is the value that a
    /// copy would make of SQLite's text or number, so it depends on `zone`, the zone of a time without one in the
    /// source.
    pub(super) fn write(&self, wanted: Wanted, zone: &Zone, expression: &Expr) -> Translation {
        let there = || -> Result<String, Untranslatable> {
            // UTC is the default zone of a source, and rarely the zone of a machine with a local time.
            if self.local && *zone == Zone::UTC {
                let reason = "SQLite writes the local time of its machine, and PostgreSQL would take the session's zone: \
                              with `timezone` under [source] that is said";
                return Err(Untranslatable(reason.to_owned()));
            }
            Ok(format!("now() AT TIME ZONE {}", zone_sql(zone)))
        };
        // The clock that the form shows.
        let shown = || if self.local { there() } else { Ok("now() AT TIME ZONE 'UTC'".to_owned()) };
        let (whole, is_instant, has_seconds, has_year) = match &self.form {
            TimeForm::Text(format) => {
                let (has_seconds, has_year) = (format.contains("SS"), format.contains("YYYY"));
                let says_offset = format.ends_with("\"Z\"") || format.ends_with("+00:00");
                (has_seconds && has_year, says_offset, has_seconds, has_year)
            }
            TimeForm::Seconds | TimeForm::Milliseconds | TimeForm::JulianDay => (true, true, false, false),
        };
        let temporal = matches!(
            wanted.kind(),
            Some(ValueKind::Timestamptz | ValueKind::Timestamp | ValueKind::Date | ValueKind::Time)
        );
        // Local time that is counted, or marked as UTC, is another instant.
        if temporal && self.local && is_instant {
            return Err(unknown(expression));
        }
        // An instant is read in the source's zone, and text without a zone as written there.
        let read = || if is_instant { Ok(format!("now() AT TIME ZONE {}", zone_sql(zone))) } else { shown() };
        match wanted.kind() {
            Some(ValueKind::Timestamptz) if whole => {
                shown()?;
                return Ok(Sql::new("CURRENT_TIMESTAMP", ValueKind::Timestamptz));
            }
            Some(ValueKind::Timestamp) if whole => return Ok(Sql::new(format!("({})", read()?), ValueKind::Timestamp)),
            Some(ValueKind::Date) if has_year || whole => {
                return Ok(Sql::new(format!("({})::date", read()?), ValueKind::Date));
            }
            Some(ValueKind::Time) if has_seconds => {
                return Ok(Sql::new(format!("({})::time", shown()?), ValueKind::Time));
            }
            _ if temporal => return Err(unknown(expression)),
            _ => {}
        }
        let counted = if self.local { shown()? } else { "now()".to_owned() };
        Ok(match &self.form {
            TimeForm::Text(format) => Sql::new(format!("to_char({}, '{format}')", shown()?), ValueKind::Text),
            // SQLite counts whole seconds that have passed; PostgreSQL's cast would round to the next.
            TimeForm::Seconds => Sql::new(format!("floor(extract(epoch FROM {counted}))::bigint"), ValueKind::Integer),
            TimeForm::Milliseconds => {
                Sql::new(format!("(floor(extract(epoch FROM {counted}))::bigint * 1000)"), ValueKind::Integer)
            }
            TimeForm::JulianDay => Sql::new(
                format!("(extract(epoch FROM {counted}) / 86400 + 2440587.5)::double precision"),
                ValueKind::Float,
            ),
        })
    }
}

/// A string argument.
fn text_of(argument: &FunctionArg) -> Option<String> {
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) = argument else { return None };
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        Expr::Identifier(word) if word.quote_style == Some('"') => Some(word.value.clone()),
        _ => None,
    }
}

/// A format of strftime() as one of to_char() (PostgreSQL documentation, section 9.8).
pub(super) fn to_char_format(format: &str) -> Option<String> {
    let mut written = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            // Letters would be patterns; quotes and backslashes would end or escape.
            match character {
                '\'' | '"' | '\\' => return None,
                letter if letter.is_alphabetic() => written.push_str(&format!("\"{letter}\"")),
                other => written.push(other),
            }
            continue;
        }
        written.push_str(match characters.next()? {
            'Y' => "YYYY",
            'm' => "MM",
            'd' => "DD",
            'H' => "HH24",
            'M' => "MI",
            'S' => "SS",
            'f' => "SS.MS",
            'j' => "DDD",
            'F' => "YYYY-MM-DD",
            'T' => "HH24:MI:SS",
            'R' => "HH24:MI",
            _ => return None,
        });
    }
    Some(written)
}
