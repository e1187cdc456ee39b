//! Checks `[steps]`.

use super::Checker;
use crate::dialect::postgresql::is_blank;
use crate::spec::confinement::{Confinement, FileRefusal};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawField, RawStep};
use crate::spec::read::Text;
use crate::spec::user_step::{StepSql, UserStep};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

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
            (RawField::Absent, RawField::Absent) => {
                let place = format!("the step `{}`", raw.name.get_ref());
                self.missing("sql", raw.name.span(), &place, "write sql = \"…\" or file = \"PATH\"")
            }
            (RawField::Read(sql), RawField::Absent) => self.sql(sql, "sql").map(StepSql::Statements),
            (RawField::Absent, RawField::Read(file)) => self.sql_file(file),
            (sql, file) if sql.is_there() && file.is_there() => {
                let message = format!("the step `{}` has both `sql` and `file`", raw.name.get_ref());
                let problem = Problem::new(code::CONTRADICTION, raw.name.span(), message);
                self.report(problem.label("one or the other").hint("remove one of the two"))
            }
            _ => None,
        };
        let transaction = raw.transaction.as_ref().is_none_or(|transaction| *transaction.get_ref());
        let place = raw.sql.value().map(|text| (text, "sql")).or(raw.file.value().map(|text| (text, "file")));
        let sql = match (sql, place) {
            // A template is asked when it is rendered.
            (Some(StepSql::Statements(sql)), Some((text, key))) if transaction => {
                self.in_transaction(sql, text, key).map(StepSql::Statements)
            }
            (sql, _) => sql,
        };
        let is_template = matches!(sql, Some(StepSql::Template { .. }));
        let undo = raw.undo.value().and_then(|text| {
            let undo = self.sql(text, "undo")?;
            if is_template {
                let name = format!("`undo` of the step \"{}\"", raw.name.get_ref());
                return Some(StepSql::Template { name, text: undo });
            }
            let undo = if transaction { self.in_transaction(undo, text, "undo")? } else { undo };
            Some(StepSql::Statements(undo))
        });
        Some(UserStep { after, before, sql: sql?, undo, transaction })
    }

    fn sql_file(&self, file: &Text) -> Option<StepSql> {
        let value = self.plain(file)?;
        let read = Confinement::of(self.directory).map_err(FileRefusal::from);
        match read.and_then(|confinement| confinement.read(Path::new(&value.text))) {
            Ok(sql) if is_blank(&sql) => {
                let message = format!("`{}` contains no SQL", value.shown);
                self.report(Problem::new(code::BAD_VALUE, value.span, message).label("empty"))
            }
            Ok(text) if value.text.ends_with(".j2") => {
                let name = self.directory.join(&value.text).display().to_string();
                Some(StepSql::Template { name, text })
            }
            Ok(sql) => Some(StepSql::Statements(sql)),
            Err(refusal) => self.refused(value.span, &value.shown, &refusal),
        }
    }

    /// Reports a file or directory of the spec that is not used, with the reason.
    pub(super) fn refused<T>(&self, span: Range<usize>, shown: &str, refusal: &FileRefusal) -> Option<T> {
        let (code, label) = match refusal {
            refusal if refusal.is_forbidden() => (code::FILE_NOT_ALLOWED, "not allowed"),
            FileRefusal::NotText => (code::MISSING_FILE, "not text"),
            _ => (code::MISSING_FILE, "not readable"),
        };
        let message = format!("`{shown}` {refusal}");
        self.report(Problem::new(code, span, message).label(label).hint(refusal.hint()))
    }

    /// SQL that is not empty.
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
