//! Functions of dates and times (MySQL manual, section "Date and Time Functions").

use super::function::{name_of, plain_arguments};
use super::string::digits;
use super::translator::Translator;
use crate::catalog::ColumnType;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::dialect::mysql::clock::Now;
use crate::name::quote_literal;
use sqlparser::ast::{Expr, FunctionArguments};

impl Translator<'_> {
    /// The time of the statement; `None` if it is another expression.
    pub(super) fn present(&self, expression: &Expr) -> Option<Translation> {
        let now = Now::read(expression)?;
        self.remarks.reads_clock.set(true);
        self.remarks.is_stable.set(true);
        let forms = [
            (ColumnType::Timestamp(Some(6)), ValueKind::Timestamp),
            (ColumnType::Date, ValueKind::Date),
            (ColumnType::Time(Some(6)), ValueKind::Time),
            (ColumnType::BigInt, ValueKind::Integer),
        ];
        let written = forms.into_iter().find_map(|(column_type, kind)| {
            let text = now.write(&column_type, &self.scope.zone)?;
            Some(Sql { binds: Binds::Product, ..Sql::new(text, kind) })
        });
        Some(written.ok_or_else(|| unknown(expression)))
    }

    /// A function of dates and times.
    pub(super) fn moment_function(&self, name: &str, arguments: &[&Expr], expression: &Expr) -> Translation {
        match (name, arguments) {
            (
                "year" | "month" | "dayofmonth" | "day" | "hour" | "minute" | "second" | "quarter" | "dayofyear"
                | "dayofweek" | "weekday",
                [value],
            ) => self.part(name, value, expression),
            ("date", [value]) => self.date(value, expression),
            ("last_day", [value]) => {
                let day = self.date(value, expression)?;
                let text = format!(
                    "(date_trunc('month', {}::timestamp) + interval '1 month - 1 day')::date",
                    day.within(Binds::Atom)
                );
                Ok(Sql::new(text, ValueKind::Date))
            }
            ("datediff", [one, two]) => self.days(one, two),
            ("timestampdiff", [unit, from, to]) => self.difference(&unit.to_string(), from, to, expression),
            ("date_format", [value, format]) => {
                let moment = self.moment(value, expression)?;
                let Some(format) = self.value(format)?.words else { return Err(unknown(expression)) };
                let format = format_of(&format).ok_or_else(|| unknown(expression))?;
                // PostgreSQL counts it as depending on settings.
                self.remarks.is_stable.set(true);
                Ok(digits(format!("to_char({}, {})", moment.text, quote_literal(&format))))
            }
            _ => Err(unknown(expression)),
        }
    }

    /// A date, or a date and time of the source's zone.
    pub(super) fn moment(&self, value: &Expr, expression: &Expr) -> Translation {
        let written = self.value(value)?;
        match written.kind {
            ValueKind::Date | ValueKind::Timestamp => Ok(written),
            ValueKind::Timestamptz => self.local(&written),
            kind => Err(Untranslatable(format!("`{expression}` is about {kind}"))),
        }
    }

    /// The date of a date or of a date and time.
    pub(super) fn date(&self, value: &Expr, expression: &Expr) -> Translation {
        let moment = self.moment(value, expression)?;
        match moment.kind {
            ValueKind::Date => Ok(moment),
            _ => Ok(moment.cast("date", ValueKind::Date)),
        }
    }

    /// A field of a date or time as a number.
    pub(super) fn part(&self, name: &str, value: &Expr, expression: &Expr) -> Translation {
        let name = name.to_ascii_lowercase();
        let moment = self.moment(value, expression)?;
        let is_of_day = matches!(name.as_str(), "hour" | "minute" | "second");
        let (field, shift) = match name.as_str() {
            "dayofmonth" => ("day", ""),
            "dayofyear" => ("doy", ""),
            // Sunday is 1 there, and 0 in PostgreSQL.
            "dayofweek" => ("dow", " + 1"),
            // Monday is 0 there, and 1 in PostgreSQL.
            "weekday" => ("isodow", " - 1"),
            "year" | "month" | "day" | "quarter" | "hour" | "minute" | "second" => (name.as_str(), ""),
            _ => return Err(unknown(expression)),
        };
        if is_of_day && moment.kind == ValueKind::Date {
            return Err(Untranslatable(format!("`{expression}` is about {}", moment.kind)));
        }
        // The seconds have a fraction in PostgreSQL.
        let text = format!("trunc(extract({field} FROM {}))::integer{shift}", moment.text);
        let binds = if shift.is_empty() { Binds::Atom } else { Binds::Sum };
        Ok(Sql { binds, is_narrow: true, coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) })
    }

    /// The difference of two calls of to_days(), which is the canonical form of datediff(); `None` for any other.
    pub(super) fn days_between(&self, left: &Expr, right: &Expr) -> Result<Option<Sql>, Untranslatable> {
        let argument = |expression: &Expr| match strip(expression) {
            Expr::Function(function) if name_of(function) == "to_days" => match &function.args {
                FunctionArguments::List(list) => {
                    plain_arguments(&list.args)?.first().map(|argument| (*argument).clone())
                }
                _ => None,
            },
            _ => None,
        };
        match (argument(left), argument(right)) {
            (Some(one), Some(two)) => self.days(&one, &two).map(Some),
            _ => Ok(None),
        }
    }

    fn days(&self, one: &Expr, two: &Expr) -> Translation {
        let [one, two] = [self.date(one, one)?, self.date(two, two)?];
        let text = format!("{} - {}", one.within(Binds::Sum), two.within(Binds::Product));
        Ok(Sql { binds: Binds::Sum, is_narrow: true, ..Sql::new(text, ValueKind::Integer) })
    }

    /// timestampdiff(): whole units between two moments.
    fn difference(&self, unit: &str, from: &Expr, to: &Expr, expression: &Expr) -> Translation {
        let seconds = match unit.to_ascii_lowercase().as_str() {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            "week" => 604_800,
            _ => return Err(unknown(expression)),
        };
        let [from, to] = [self.moment(from, expression)?, self.moment(to, expression)?]
            .map(|moment| moment.cast("timestamp", ValueKind::Timestamp).text);
        let text = format!("trunc(extract(epoch FROM {to} - {from}) / {seconds})::bigint");
        Ok(Sql { coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) })
    }
}

/// A format of date_format() as one of to_char(); `None` if it has words, whose language is the server's, or weeks.
fn format_of(format: &str) -> Option<String> {
    let (mut made, mut letters) = (String::new(), format.chars());
    let mut last = ' ';
    while let Some(letter) = letters.next() {
        last = letter;
        match letter {
            '%' => made.push_str(match letters.next()? {
                'Y' => "YYYY",
                'y' => "YY",
                'm' => "MM",
                'c' => "FMMM",
                'd' => "DD",
                'e' => "FMDD",
                'H' => "HH24",
                'k' => "FMHH24",
                'h' | 'I' => "HH12",
                'l' => "FMHH12",
                'i' => "MI",
                's' | 'S' => "SS",
                'f' => "US",
                'j' => "DDD",
                'T' => "HH24:MI:SS",
                _ => return None,
            }),
            '-' | '/' | ':' | '.' | ',' | ' ' | '_' => made.push(letter),
            'T' | 'Z' => made.push_str(&format!("\"{letter}\"")),
            _ => return None,
        }
    }
    // A space at the end does not count in comparisons.
    (last != ' ').then_some(made)
}

#[cfg(test)]
mod tests {
    use super::format_of;

    #[test]
    fn formats_without_words() {
        for (format, expected) in [
            ("%Y-%m-%d", Some("YYYY-MM-DD")),
            ("%d.%m.%Y %H:%i:%s", Some("DD.MM.YYYY HH24:MI:SS")),
            ("%Y-%m-%dT%TZ", Some("YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"")),
            ("%c/%e", Some("FMMM/FMDD")),
            ("%M %Y", None),
            ("%Y ", None),
            ("%x%v", None),
            ("%", None),
        ] {
            assert_eq!(format_of(format).as_deref(), expected, "{format}");
        }
    }
}
