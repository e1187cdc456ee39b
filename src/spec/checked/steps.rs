//! Checks `[steps]`.

use super::super::model::UserStep;
use super::super::problem::{Problem, code};
use super::super::raw::{Field, RawStep};
use super::super::read::Text;
use super::Checker;
use std::collections::BTreeMap;

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
        let sql = match (raw.sql.value().map(|text| (text, "sql")), raw.file.value().map(|text| (text, "file"))) {
            (Some((text, key)), _) | (None, Some((text, key))) if transaction => {
                sql.and_then(|sql| self.in_transaction(sql, text, key))
            }
            _ => sql,
        };
        let undo = raw.undo.value().and_then(|text| {
            let undo = self.sql(text, "undo")?;
            if transaction { self.in_transaction(undo, text, "undo") } else { Some(undo) }
        });
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

    /// SQL, of which there must be some.
    pub(super) fn sql(&self, text: &Text, key: &str) -> Option<String> {
        let value = self.plain(text)?;
        if is_blank(&value.text) {
            return self.report(Problem::new(code::BAD_VALUE, value.span, format!("`{key}` is empty")).label("no SQL"));
        }
        Some(value.text)
    }

    /// The name of a step or check: any line of text.
    pub(super) fn title(&self, name: &Text, what: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_alone_are_no_sql() {
        assert!(is_blank(" ;\n-- nothing\n\u{feff}"));
        assert!(!is_blank("SELECT 1 -- one"));
    }
}
