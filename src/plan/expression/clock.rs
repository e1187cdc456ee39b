//! The time of the statement: CURRENT_TIMESTAMP, datetime('now') and their like
//! (<https://www.sqlite.org/lang_datefunc.html>).

use super::kind::Kind;
use super::literal::Wanted;
use super::spelling::{self, Spelled};
use super::sql::{Sql, Written};
use super::{strip, unknown};
use crate::value::Spelling;
use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

/// An expression that is nothing but the present time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Now {
    form: Form,
    /// In the machine's time zone rather than in UTC.
    local: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A format of PostgreSQL's `to_char()`.
    Text(String),
    Seconds,
    Milliseconds,
    JulianDay,
}

impl Now {
    /// Recognizes the present time.
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
                Self::read(expr).filter(|now| matches!(now.form, Form::Seconds | Form::Milliseconds))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => {
                let now = Self::read(left)?;
                let thousand = matches!(strip(right), Expr::Value(value) if value.value.to_string() == "1000");
                (now.form == Form::Seconds && thousand).then_some(Self { form: Form::Milliseconds, ..now })
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
        Some(Self { form: Form::Text(format.to_owned()), local: false })
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
            "datetime" => Form::Text("YYYY-MM-DD HH24:MI:SS".to_owned()),
            "date" => Form::Text("YYYY-MM-DD".to_owned()),
            "time" => Form::Text("HH24:MI:SS".to_owned()),
            "unixepoch" => Form::Seconds,
            "julianday" => Form::JulianDay,
            "strftime" if format == Some("%s") => Form::Seconds,
            "strftime" => Form::Text(to_char_format(format?)?),
            _ => return None,
        };
        Some(Self { form, local })
    }

    /// How SQLite spells it; unknown where it is the time of a zone that only the machine knows.
    pub(super) fn spelled(&self) -> Spelled {
        match &self.form {
            _ if self.local => Spelled::Unknown,
            Form::Text(format) => {
                let parts = [("YYYY", "2000"), ("MM", "01"), ("DD", "01"), ("HH24", "00"), ("MI", "00"), ("SS", "00")];
                let text =
                    parts.iter().fold(format.replace('"', ""), |text, (part, digits)| text.replace(part, digits));
                spelling::of_string(&text.replace("MS", "000"))
            }
            Form::Seconds | Form::Milliseconds | Form::JulianDay => Spelled::In([Spelling::Number].into()),
        }
    }

    /// The present time as a value of `wanted`; as SQLite would store it where nothing is wanted.
    pub(super) fn write(&self, wanted: Wanted, expression: &Expr) -> Written {
        let bare = if self.local { "now()" } else { "now() AT TIME ZONE 'UTC'" };
        let here = if self.local { bare.to_owned() } else { format!("({bare})") };
        let whole = match &self.form {
            Form::Text(format) => format.contains("YYYY") && format.contains("SS"),
            Form::Seconds | Form::Milliseconds | Form::JulianDay => true,
        };
        let has = |part: &str| matches!(&self.form, Form::Text(format) if format.contains(part));
        match wanted.kind() {
            Some(Kind::Timestamptz) if whole => return Ok(Sql::new("CURRENT_TIMESTAMP", Kind::Timestamptz)),
            Some(Kind::Timestamp) if whole => return Ok(Sql::new(here, Kind::Timestamp)),
            Some(Kind::Date) if has("YYYY") || whole => return Ok(Sql::new(format!("{here}::date"), Kind::Date)),
            Some(Kind::Time) if has("SS") => return Ok(Sql::new(format!("{here}::time"), Kind::Time)),
            Some(Kind::Timestamptz | Kind::Timestamp | Kind::Date | Kind::Time) => return Err(unknown(expression)),
            _ => {}
        }
        Ok(match &self.form {
            Form::Text(format) => Sql::new(format!("to_char({bare}, '{format}')"), Kind::Text),
            // SQLite counts whole seconds that have passed; PostgreSQL's cast would round to the next.
            Form::Seconds => Sql::new("floor(extract(epoch FROM now()))::bigint", Kind::Integer),
            Form::Milliseconds => Sql::new("(floor(extract(epoch FROM now()))::bigint * 1000)", Kind::Integer),
            Form::JulianDay => {
                Sql::new("(extract(epoch FROM now()) / 86400 + 2440587.5)::double precision", Kind::Float)
            }
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
            // Letters would be taken for patterns; quotes and backslashes would end or escape.
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
