//! Checks `[checks]`.

use super::Checker;
use crate::spec::check::{Check, CheckQuestion, CheckSeverity, Expected, TableQuestion};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawCheck, RawField, RawTableCheck};
use crate::spec::read::{Scalar, Text};
use std::collections::BTreeMap;
use toml::Spanned;

/// Forms of a check.
const FORMS: &str = "write `sql` and `expect`; or `source` and `target`; or `no_rows`; or one of `not_null`, `unique`, \
                     `foreign_key`, `accepted_values`, `row_count`, `sum`";

impl Checker<'_> {
    pub(super) fn checks(&self, raw: &[RawCheck]) -> BTreeMap<String, Check> {
        raw.iter().filter_map(|check| Some((self.title(&check.name, "check")?, self.one_check(check)?))).collect()
    }

    fn one_check(&self, raw: &RawCheck) -> Option<Check> {
        let severity = match &raw.severity {
            Some(severity) => self.plain(severity).and_then(|word| self.word("severity", &word, &CheckSeverity::ALL)),
            None => Some(CheckSeverity::default()),
        };
        let question = self.question(raw);
        Some(Check { severity: severity?, question: question? })
    }

    fn question(&self, raw: &RawCheck) -> Option<CheckQuestion> {
        let ready_made = raw.ready_made.iter().map(|check| self.table_question(check)).collect::<Vec<_>>();
        let expects = raw.sql.is_there() || raw.expect.is_there();
        let compares = raw.source.is_there() || raw.target.is_there();
        let forms = [expects, compares, raw.no_rows.is_there()].into_iter().filter(|is_there| *is_there).count();
        let place = format!("the check `{}`", raw.name.get_ref());
        match forms + raw.ready_made.len() + raw.unreadable {
            0 => {
                let problem = Problem::new(code::MISSING_KEY, raw.name.span(), format!("{place} asks nothing"));
                return self.report(problem.label("no question").hint(FORMS));
            }
            1 => {}
            _ => {
                let message = format!("{place} mixes two kinds of check");
                let problem = Problem::new(code::CONTRADICTION, raw.name.span(), message);
                return self.report(problem.label("two kinds").hint(FORMS));
            }
        }
        if expects {
            let sql = self.sql_of(&raw.sql, "sql", raw);
            let expected = match &raw.expect {
                RawField::Absent => self.missing("expect", raw.name.span(), &place, FORMS),
                expected => expected.value().and_then(|expected| self.expected(expected)),
            };
            Some(CheckQuestion::Expect { sql: sql?, expected: expected? })
        } else if compares {
            let source = self.sql_of(&raw.source, "source", raw);
            let target = self.sql_of(&raw.target, "target", raw);
            Some(CheckQuestion::Same { source: source?, target: target? })
        } else if raw.no_rows.is_there() {
            Some(CheckQuestion::NoRows { sql: self.sql_of(&raw.no_rows, "no_rows", raw)? })
        } else {
            ready_made.into_iter().next()?
        }
    }

    fn sql_of(&self, field: &RawField<Text>, key: &str, raw: &RawCheck) -> Option<String> {
        match field {
            RawField::Absent => {
                let place = format!("the check `{}`", raw.name.get_ref());
                self.missing(key, raw.name.span(), &place, FORMS)
            }
            field if key == "source" => self.source_query(field.value()?, key),
            field => self.target_query(field.value()?, key),
        }
    }

    fn table_question(&self, raw: &RawTableCheck) -> Option<CheckQuestion> {
        let place = format!("`{}`", raw.kind);
        let needed = |key: &str, text: Option<&Text>, example: &str| match text {
            Some(text) => self.filled(text, key),
            None => self.missing(key, raw.place.clone(), &place, &format!("write {key} = \"{example}\"")),
        };
        let table = needed("table", raw.table.as_ref(), "TABLE");
        let columns = || match &raw.columns {
            Some(columns) => self.some_columns("columns", columns),
            None => self.missing("columns", raw.place.clone(), &place, "write columns = [\"COLUMN\"]"),
        };
        let column = || needed("column", raw.column.as_ref(), "COLUMN");
        let asks = match raw.kind {
            "not_null" => columns().map(|columns| TableQuestion::NotNull { columns }),
            "unique" => columns().map(|columns| TableQuestion::Unique { columns }),
            "foreign_key" => self.reference(raw, columns(), needed("references", raw.references.as_ref(), "TABLE")),
            "accepted_values" => {
                let (column, values) = (column(), self.accepted(raw, &place));
                column.zip(values).map(|(column, values)| TableQuestion::AcceptedValues { column, values })
            }
            "row_count" => self.bounds(raw),
            _ => column().map(|column| TableQuestion::Sum { column }),
        };
        Some(CheckQuestion::OfTable { table: table?, asks: asks? })
    }

    fn reference(
        &self,
        raw: &RawTableCheck,
        columns: Option<Vec<String>>,
        references: Option<String>,
    ) -> Option<TableQuestion> {
        let referenced_columns = match &raw.referenced_columns {
            Some(referenced) => self.some_columns("referenced_columns", referenced),
            None => Some(Vec::new()),
        };
        let (columns, referenced_columns) = (columns?, referenced_columns?);
        if let Some(written) = &raw.referenced_columns
            && referenced_columns.len() != columns.len()
        {
            let message =
                format!("{} in `columns`, {} in `referenced_columns`", columns.len(), referenced_columns.len());
            let problem = Problem::new(code::CONTRADICTION, written.span(), message);
            return self.report(
                problem
                    .label("not as many")
                    .hint("name as many `referenced_columns` as `columns`: each column references one"),
            );
        }
        Some(TableQuestion::ForeignKey { columns, references: references?, referenced_columns })
    }

    fn accepted(&self, raw: &RawTableCheck, place: &str) -> Option<Vec<String>> {
        let Some(values) = &raw.values else {
            return self.missing("values", raw.place.clone(), place, "write values = [\"one\", \"another\"]");
        };
        if values.get_ref().is_empty() {
            let problem = Problem::new(code::BAD_VALUE, values.span(), "`values` is empty");
            return self.report(problem.label("no value is accepted"));
        }
        let text = |value: &Spanned<Scalar>| match value.get_ref() {
            Scalar::Text(text) => Some(self.plain(&Spanned::new(value.span(), text.clone()))?.text),
            Scalar::Integer(number) | Scalar::Float(number) => Some(number.clone()),
            Scalar::Boolean(boolean) => Some(boolean.to_string()),
        };
        values.get_ref().iter().map(text).collect()
    }

    fn bounds(&self, raw: &RawTableCheck) -> Option<TableQuestion> {
        let bound = |key: &str, written: Option<&Spanned<Scalar>>| match written {
            None => Some(None),
            Some(written) => match written.get_ref() {
                Scalar::Integer(number) if number.parse::<u64>().is_ok() => Some(number.parse::<u64>().ok()),
                _ => {
                    let problem =
                        Problem::new(code::BAD_VALUE, written.span(), format!("`{key}` is no number of rows"));
                    self.report(problem.label("a whole number, 0 or more"))
                }
            },
        };
        let (min, max) = (bound("min", raw.min.as_ref()), bound("max", raw.max.as_ref()));
        let (min, max) = (min?, max?);
        if let (Some(min), Some(max), Some(written)) = (min, max, &raw.max)
            && min > max
        {
            let problem = Problem::new(code::CONTRADICTION, written.span(), format!("`max` is less than `min`, {min}"));
            return self.report(problem.label("no number of rows is right"));
        }
        Some(TableQuestion::RowCount { min, max })
    }

    /// Names of columns, at least one.
    fn some_columns(&self, key: &str, written: &Spanned<Vec<Text>>) -> Option<Vec<String>> {
        if written.get_ref().is_empty() {
            let problem = Problem::new(code::BAD_VALUE, written.span(), format!("`{key}` is empty"));
            return self.report(problem.label("no column"));
        }
        let columns = self.distinct(key, Some(written), false);
        (columns.len() == written.get_ref().len()).then_some(columns)
    }

    /// A name in the source.
    fn filled(&self, text: &Text, key: &str) -> Option<String> {
        let value = self.plain(text)?;
        if value.text.is_empty() {
            return self
                .report(Problem::new(code::BAD_VALUE, value.span, format!("`{key}` is empty")).label("no name"));
        }
        Some(value.text)
    }

    /// The expected value as PostgreSQL prints it: a boolean is `t` or `f`; a number in scientific notation is printed as
    /// a `double precision` is, any other number stays as it is written, for `numeric` keeps its zeros.
    fn expected(&self, expected: &Spanned<Scalar>) -> Option<Expected> {
        Some(match expected.get_ref() {
            Scalar::Text(text) => Expected::Quoted(self.plain(&Spanned::new(expected.span(), text.clone()))?.text),
            Scalar::Integer(number) => Expected::Plain(number.clone()),
            Scalar::Float(number) => Expected::Plain(float_as_printed(number)),
            Scalar::Boolean(boolean) => Expected::Plain(if *boolean { "t" } else { "f" }.to_owned()),
        })
    }
}

/// Source: PostgreSQL documentation, section 8.1.3, and the shortest-precise output of `float8out`: scientific from 1e15 on
/// and below 1e-4, with two digits of exponent at least.
fn float_as_printed(written: &str) -> String {
    let written = written.trim_start_matches('+');
    let Ok(number) = written.parse::<f64>() else {
        return written.to_owned();
    };
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if !written.contains(['e', 'E']) {
        written.to_owned()
    } else {
        let scientific = format!("{number:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        match exponent.parse::<i32>() {
            Ok(exponent) if !(-4..15).contains(&exponent) => {
                format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs())
            }
            _ => format!("{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_printed_as_postgresql_prints_them() {
        for (written, printed) in [
            ("1.50", "1.50"),
            ("+0.1", "0.1"),
            ("1e3", "1000"),
            ("1.5e20", "1.5e+20"),
            ("1e15", "1e+15"),
            ("-1e-5", "-1e-05"),
            ("1e-4", "0.0001"),
            ("1e-300", "1e-300"),
            ("inf", "Infinity"),
            ("-inf", "-Infinity"),
            ("nan", "NaN"),
        ] {
            assert_eq!(float_as_printed(written), printed);
        }
    }
}
