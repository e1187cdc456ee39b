//! Checks `[views]`, `[triggers]`, `[objects]` and `search`, and the SQL that the spec gives in place of a translation.

use super::Checker;
use super::tables::NameCase;
use crate::spec::model::{SearchSpec, SqlOrOmitted, ViewComparison, ViewSpec};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawSearch, RawTrigger, RawView};
use crate::spec::read::{Scalar, Text};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

impl Checker<'_> {
    pub(super) fn views(&self, raw: &[RawView]) -> BTreeMap<String, ViewSpec> {
        self.distinct_names("view", raw.iter().map(|view| (&view.name, view.rename.as_ref())), NameCase::Ignored);
        raw.iter().map(|view| (view.name.get_ref().clone(), self.view(view))).collect()
    }

    /// The triggers, or other objects, that are omitted.
    pub(super) fn skipped(&self, kind: &'static str, raw: &[RawTrigger]) -> BTreeSet<String> {
        self.distinct_names(kind, raw.iter().map(|trigger| (&trigger.name, None)), NameCase::Ignored);
        let is_skipped = |trigger: &&RawTrigger| trigger.skip.as_ref().is_some_and(|skip| *skip.get_ref());
        raw.iter().filter(is_skipped).map(|trigger| trigger.name.get_ref().clone()).collect()
    }

    fn view(&self, raw: &RawView) -> ViewSpec {
        let skip = raw.skip.as_ref().is_some_and(|skip| *skip.get_ref());
        if skip {
            let said = [
                ("rename", raw.rename.is_some()),
                ("sql", raw.sql.is_some()),
                ("compare", raw.compare.is_some()),
                ("compare_rows", raw.compare_rows.is_some()),
                ("compare_seconds", raw.compare_seconds.is_some()),
            ];
            self.skipped_with("view", &raw.name, &said);
        }
        ViewSpec {
            rename: raw.rename.as_ref().and_then(|rename| self.name(rename, "rename")),
            skip,
            sql: raw.sql.as_ref().and_then(|sql| self.sql(sql, "sql")),
            comparison: self.comparison(raw),
        }
    }

    /// Limits of comparing the view's answers.
    fn comparison(&self, raw: &RawView) -> ViewComparison {
        let limit = |key: &str, written: Option<&Spanned<Scalar>>, otherwise: u64| match written {
            None => Some(otherwise),
            Some(written) => match written.get_ref() {
                Scalar::Integer(number) if number.parse::<u64>().is_ok_and(|number| number > 0) => number.parse().ok(),
                _ => {
                    let problem = Problem::new(code::BAD_VALUE, written.span(), format!("`{key}` is no limit"));
                    let hint = "write compare = false to leave the view's answers uncompared";
                    self.report(problem.label("a whole number, 1 or more").hint(hint))
                }
            },
        };
        let usual = ViewComparison::default();
        ViewComparison {
            compares: raw.compare.as_ref().is_none_or(|compare| *compare.get_ref()),
            rows: limit("compare_rows", raw.compare_rows.as_ref(), usual.rows).unwrap_or(usual.rows),
            seconds: limit("compare_seconds", raw.compare_seconds.as_ref(), usual.seconds).unwrap_or(usual.seconds),
        }
    }

    pub(super) fn search(&self, raw: &RawSearch) -> Option<SearchSpec> {
        let columns = self.distinct("columns", raw.columns.as_ref(), false);
        if columns.is_empty() && raw.columns.as_ref().is_none_or(|columns| columns.get_ref().is_empty()) {
            return self.missing(
                "columns",
                raw.place.clone(),
                "`search`",
                "write columns = [\"…\"], the texts to search in",
            );
        }
        let word = |text: &Option<Text>, key: &str, otherwise: &str| match text {
            Some(text) => self.name(text, key),
            None => Some(otherwise.to_owned()),
        };
        let (config, column) = (word(&raw.config, "config", "simple"), word(&raw.column, "column", "search"));
        Some(SearchSpec { columns, config: config?, column: column? })
    }

    /// PostgreSQL's SQL for several objects, by name.
    pub(super) fn all_given(&self, raw: &[(Text, Spanned<Scalar>)]) -> BTreeMap<String, SqlOrOmitted> {
        self.distinct_names("name", raw.iter().map(|(name, _)| (name, None)), NameCase::Ignored);
        let given = |(name, given): &(Text, Spanned<Scalar>)| {
            Some((name.get_ref().clone(), self.given(name.get_ref(), given)?))
        };
        raw.iter().filter_map(given).collect()
    }

    /// SQL, or `false` for an omitted object. A number is SQL as written.
    pub(super) fn given(&self, key: &str, raw: &Spanned<Scalar>) -> Option<SqlOrOmitted> {
        match raw.get_ref() {
            Scalar::Text(sql) => self.sql(&Spanned::new(raw.span(), sql.clone()), key).map(SqlOrOmitted::Sql),
            Scalar::Integer(number) | Scalar::Float(number) => Some(SqlOrOmitted::Sql(number.clone())),
            Scalar::Boolean(false) => Some(SqlOrOmitted::LeftBehind),
            Scalar::Boolean(true) => {
                let problem = Problem::new(code::BAD_VALUE, raw.span(), format!("`{key}` cannot be true"));
                let hint =
                    "write PostgreSQL's SQL in quotes, \"true\" for the value itself, or false to leave it behind";
                self.report(problem.label("neither SQL nor false").hint(hint))
            }
        }
    }
}
