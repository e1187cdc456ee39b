//! Checks `[steps]` and `[checks]`.

use super::super::model::{Check, UserStep};
use super::super::problem::{Problem, code};
use super::super::raw::{Field, RawCheck, RawStep};
use super::super::read::{Scalar, Text};
use super::Checker;
use std::collections::BTreeMap;
use toml::Spanned;

impl Checker<'_> {
    pub(super) fn steps(&self, raw: &[RawStep]) -> BTreeMap<String, UserStep> {
        raw.iter().filter_map(|step| Some((self.title(&step.name, "step")?, self.step(step)?))).collect()
    }

    fn step(&self, raw: &RawStep) -> Option<UserStep> {
        let after = self.distinct("after", raw.after.as_ref(), false);
        let before = self.distinct("before", raw.before.as_ref(), false);
        if let Some(both) = after.iter().find(|id| before.contains(id)) {
            let message = format!("the step `{}` is to come both after and before `{both}`", raw.name.get_ref());
            self.problems.report(Problem::new(code::CONTRADICTION, raw.name.span(), message));
        }
        let sql = match (&raw.sql, &raw.file) {
            (Field::Absent, Field::Absent) => {
                let place = format!("the step `{}`", raw.name.get_ref());
                self.missing("sql", raw.name.span(), &place, "write sql = \"…\" or file = \"PATH\"")
            }
            (Field::Read(sql), Field::Absent) => self.sql(sql, "sql"),
            (Field::Absent, Field::Read(file)) => self.sql_file(file),
            (sql, file) if sql.is_there() && file.is_there() => {
                let message = format!("the step `{}` has both `sql` and `file`", raw.name.get_ref());
                let problem = Problem::new(code::CONTRADICTION, raw.name.span(), message);
                self.report(problem.label("one or the other").hint("remove one of the two"))
            }
            _ => None,
        };
        let transaction = raw.transaction.as_ref().is_none_or(|transaction| *transaction.get_ref());
        let undo = raw.undo.value().and_then(|undo| self.sql(undo, "undo"));
        Some(UserStep { after, before, sql: sql?, undo, transaction })
    }

    fn sql_file(&self, file: &Text) -> Option<String> {
        let value = self.plain(file)?;
        let problem = match std::fs::read(self.directory.join(&value.text)).map(String::from_utf8) {
            Ok(Ok(sql)) if is_blank(&sql) => {
                Problem::new(code::BAD_VALUE, value.span, format!("`{}` contains no SQL", value.shown)).label("empty")
            }
            Ok(Ok(sql)) => return Some(sql),
            Ok(Err(_)) => Problem::new(code::MISSING_FILE, value.span, format!("`{}` is not UTF-8 text", value.shown))
                .label("not text"),
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", value.shown);
                Problem::new(code::MISSING_FILE, value.span, message)
                    .label("not readable")
                    .hint("the path is relative to the spec's directory")
            }
        };
        self.report(problem)
    }

    pub(super) fn checks(&self, raw: &[RawCheck]) -> BTreeMap<String, Check> {
        raw.iter().filter_map(|check| Some((self.title(&check.name, "check")?, self.one_check(check)?))).collect()
    }

    fn one_check(&self, raw: &RawCheck) -> Option<Check> {
        let expects = raw.sql.is_there() || raw.expect.is_there();
        let compares = raw.source.is_there() || raw.target.is_there();
        let place = format!("the check `{}`", raw.name.get_ref());
        let forms = "a check has either `sql` and `expect`, or `source` and `target`";
        let missing = |key: &str| self.missing::<()>(key, raw.name.span(), &place, forms);
        match (expects, compares) {
            (true, true) => {
                let message = format!("{place} mixes two kinds of check");
                self.report(Problem::new(code::CONTRADICTION, raw.name.span(), message).label("two kinds").hint(forms))
            }
            (false, false) if raw.is_other_kind => None,
            (false, false) => {
                let problem = Problem::new(code::MISSING_KEY, raw.name.span(), format!("{place} asks nothing"));
                self.report(problem.label("no question").hint(forms))
            }
            (true, false) => {
                for (key, is_there) in [("sql", raw.sql.is_there()), ("expect", raw.expect.is_there())] {
                    if !is_there {
                        missing(key);
                    }
                }
                let sql = raw.sql.value().and_then(|sql| self.sql(sql, "sql"));
                let expected = raw.expect.value().and_then(|expected| self.expected(expected));
                Some(Check::Expect { sql: sql?, expected: expected? })
            }
            (false, true) => {
                for (key, is_there) in [("source", raw.source.is_there()), ("target", raw.target.is_there())] {
                    if !is_there {
                        missing(key);
                    }
                }
                let source = raw.source.value().and_then(|source| self.sql(source, "source"));
                let target = raw.target.value().and_then(|target| self.sql(target, "target"));
                Some(Check::Same { source: source?, target: target? })
            }
        }
    }

    /// The expected value as PostgreSQL prints it: a boolean is `t` or `f`; a number in scientific notation is printed as
    /// a `double precision` is, any other number stays as it is written, for `numeric` keeps its zeros.
    fn expected(&self, expected: &Spanned<Scalar>) -> Option<String> {
        Some(match expected.get_ref() {
            Scalar::Text(text) => self.plain(&Spanned::new(expected.span(), text.clone()))?.text,
            Scalar::Integer(number) => number.clone(),
            Scalar::Float(number) => float_as_printed(number),
            Scalar::Boolean(boolean) => if *boolean { "t" } else { "f" }.to_owned(),
        })
    }

    /// SQL, of which there must be some.
    pub(super) fn sql(&self, text: &Text, key: &str) -> Option<String> {
        let value = self.plain(text)?;
        if is_blank(&value.text) {
            return self.report(Problem::new(code::BAD_VALUE, value.span, format!("`{key}` is empty")).label("no SQL"));
        }
        Some(value.text)
    }

    /// The name of a step or check: any line of text.
    fn title(&self, name: &Text, what: &str) -> Option<String> {
        if name.get_ref().trim().is_empty() || name.get_ref().contains(char::is_control) {
            let message = format!("the name of a {what} must be one line of text");
            return self.report(Problem::new(code::BAD_VALUE, name.span(), message).label("not a name"));
        }
        Some(name.get_ref().clone())
    }
}

/// Whether there is nothing but spaces, semicolons and comments to the end of the line.
fn is_blank(sql: &str) -> bool {
    sql.lines().map(|line| line.split_once("--").map_or(line, |(before, _)| before)).all(|line| {
        line.chars().all(|character| character.is_whitespace() || character == ';' || character == '\u{feff}')
    })
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

    #[test]
    fn comments_alone_are_no_sql() {
        assert!(is_blank(" ;\n-- nothing\n\u{feff}"));
        assert!(!is_blank("SELECT 1 -- one"));
    }
}
