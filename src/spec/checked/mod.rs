//! From the raw document to the checked spec.
//!
//! A check that fails reports the reason and returns `None`; its consequences are not reported.

mod backup;
mod bench;
mod checks;
mod cutover;
mod databases;
mod existing;
mod kit;
mod source;
mod sql;
mod steps;
mod strings;
mod tables;
mod target;
mod views;

use super::confinement::{Confinement, TEMPLATE_EXTENSION};
use super::decisions;
use super::model::Spec;
use super::problem::{Problem, Problems, code};
use super::raw::RawDocument;
use super::read::{Scalar, Text};
use crate::catalog::Engine;
use crate::name::{LONGEST_NAME, hint_of_known};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use strings::ExpandedString;
use toml::Spanned;

/// Source of variables, and the treatment of unset ones.
pub(super) struct Environment<'a> {
    /// The value of a variable.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<String>,
    /// Whether an unset variable is a problem; in an overlay that was not chosen it is none.
    pub(super) must_be_set: bool,
    /// Connections whose URL may name an unset variable.
    pub(super) may_be_unset: MayBeUnset,
}

/// Connections that the caller does not need: an unset variable in their URL is no problem, and they are `Unset` in the
/// spec.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MayBeUnset {
    /// `source.url`
    pub source: bool,
    /// `target.url`
    pub target: bool,
}

/// State that the checks share.
pub(super) struct Checker<'a> {
    /// The document's text.
    pub(super) text: &'a str,
    /// Directory that relative paths start from.
    pub(super) directory: &'a Path,
    pub(super) environment: Environment<'a>,
    pub(super) problems: &'a Problems,
    /// The source's engine, if its SQL can be judged.
    pub(super) engine: Cell<Option<Engine>>,
}

impl Checker<'_> {
    /// Checks a whole document. Without problems there is a spec.
    pub(super) fn check(&self, path: &Path, environment: Option<&str>, raw: &RawDocument) -> Option<Spec> {
        self.version(raw.version.as_ref());
        let name = match &raw.name {
            Some(name) => self.name(name, "name"),
            None => self.missing(
                "name",
                0..0,
                "the document",
                "write name = \"…\": the ledger keeps the migration under this name",
            ),
        };
        let written = raw.source.as_ref().and_then(|source| source.databases.as_ref());
        let databases = written.map(|databases| self.databases(databases));
        let source = match &raw.source {
            Some(source) => self.source(source, databases.as_ref().and_then(Option::as_ref), &raw.environments),
            None => self.missing("[source]", 0..0, "the document", "write [source] and url = \"sqlite:PATH\""),
        };
        let target = match &raw.target {
            Some(target) => self.target(target, databases.as_ref(), &raw.environments),
            None => self.missing("[target]", 0..0, "the document", "write [target] and url = \"${DATABASE_URL}\""),
        };
        self.notes_source(source.as_ref());
        let types = self.types(&raw.types);
        let tells_case = source.as_ref().is_some_and(|source| source.connection.may_tell_case());
        let tables = self.tables(&raw.tables, target.as_ref(), tells_case);
        let left_histories = self.left_behind(&raw.tables, "history", |table| table.history.as_ref());
        let left_conflict_clauses =
            self.left_behind(&raw.tables, "conflict_clauses", |table| table.conflict_clauses.as_ref());
        let views = self.views(&raw.views);
        let skipped_triggers = self.skipped("trigger", &raw.triggers);
        let skipped_objects = self.skipped("object", &raw.objects);
        let steps = self.steps(&raw.steps);
        let has_rows = target.as_ref().is_none_or(|target| target.data.is_all());
        let (checks, left_checks): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.checks(&raw.checks).into_iter().partition(|(_, check)| has_rows || !check.compares_rows());
        let templates = raw.templates.as_ref().and_then(|templates| self.templates(templates));
        let benches = self.benches(&raw.benches);
        let kit = self.kit(raw.kit.as_ref());
        let cutover = self.cutover(raw.cutover.as_ref(), source.as_ref());
        Some(Spec {
            name: name?,
            path: path.to_owned(),
            environment: environment.map(str::to_owned),
            source: source?,
            target: target?,
            types,
            tables,
            left_histories,
            left_conflict_clauses,
            views,
            skipped_triggers,
            skipped_objects,
            steps,
            checks,
            left_checks: left_checks.into_keys().collect(),
            decisions: decisions::read(self.text, environment),
            templates,
            backup: self.backup(raw.backup.as_ref()),
            benches,
            cutover,
            kit,
        })
    }

    fn version(&self, version: Option<&Spanned<Scalar>>) {
        let Some(version) = version else {
            self.missing::<()>("spec", 0..0, "the document", "the first line is: spec = 1");
            return;
        };
        let (message, hint) = match version.get_ref() {
            Scalar::Integer(number) if number == "1" => return,
            Scalar::Integer(number) => (
                format!("this transship reads spec = 1, and this is spec = {number}"),
                "write spec = 1, or take the transship that the spec was written for",
            ),
            _ => ("this transship reads spec = 1".to_owned(), "write spec = 1, as an integer without quotes"),
        };
        self.problems
            .report(Problem::new(code::UNKNOWN_VERSION, version.span(), message).label("expected 1").hint(hint));
    }

    fn templates(&self, templates: &Text) -> Option<PathBuf> {
        let value = self.plain(templates)?;
        let directory = self.directory.join(&value.text);
        if value.text.is_empty() || !directory.is_dir() {
            let message = format!("there is no directory `{}`", value.shown);
            let problem = Problem::new(code::MISSING_FILE, value.span, message);
            return self.report(problem.label("not found").hint("write the path relative to the spec's directory"));
        }
        let confinement = match Confinement::of(self.directory) {
            Ok(confinement) => confinement,
            Err(error) => return self.refused(value.span, &value.shown, &error.into()),
        };
        match confinement.read_all(Path::new(&value.text), TEMPLATE_EXTENSION) {
            Ok(_) => Some(directory),
            Err((path, refusal)) => self.refused(value.span, &path.display().to_string(), &refusal),
        }
    }

    /// Reports a missing key. `hint` says what to write. A key with a value of the wrong type has been reported as
    /// such.
    fn missing<T>(&self, key: &str, span: Range<usize>, place: &str, hint: &str) -> Option<T> {
        if self.problems.has_wrong_type(key.trim_matches(['[', ']']), span.start) {
            return None;
        }
        let problem = Problem::new(code::MISSING_KEY, span, format!("{place} has no `{key}`"));
        self.report(problem.label(format!("`{key}` is missing")).hint(hint))
    }

    fn report<T>(&self, problem: Problem) -> Option<T> {
        self.problems.report(problem);
        None
    }

    /// One of a few words.
    fn word<T: Copy>(&self, key: &str, value: &ExpandedString, words: &[(&'static str, T)]) -> Option<T> {
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == value.text) {
            return Some(*meaning);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let problem = Problem::new(code::BAD_VALUE, value.span.clone(), format!("`{key}` cannot be `{}`", value.shown));
        self.report(problem.label("not known").hint(hint_of_known(&value.text, &known, "it is one of")))
    }

    /// A name that becomes an identifier of PostgreSQL.
    fn name(&self, text: &Text, key: &str) -> Option<String> {
        let value = self.plain(text)?;
        self.identifier(key, value)
    }

    fn identifier(&self, key: &str, value: ExpandedString) -> Option<String> {
        let reason = if value.text.trim().is_empty() {
            "is empty".to_owned()
        } else if value.text.len() > LONGEST_NAME {
            format!("has {} bytes; PostgreSQL keeps {LONGEST_NAME}", value.text.len())
        } else if value.text.contains(char::is_control) {
            "contains a control character".to_owned()
        } else {
            return Some(value.text);
        };
        self.report(Problem::new(code::BAD_VALUE, value.span, format!("`{key}` {reason}")).label("not a name"))
    }

    /// A list of strings; none is empty or given twice.
    fn distinct(&self, key: &str, texts: Option<&Spanned<Vec<Text>>>, expand: bool) -> Vec<String> {
        let mut distinct: Vec<String> = Vec::new();
        for text in texts.map(|texts| texts.get_ref().as_slice()).unwrap_or_default() {
            let Some(value) = (if expand { self.expanded(text) } else { self.plain(text) }) else {
                continue;
            };
            let problem = if value.text.trim().is_empty() {
                Problem::new(code::BAD_VALUE, value.span, format!("an entry of `{key}` is empty")).label("empty")
            } else if distinct.contains(&value.text) {
                Problem::new(code::DUPLICATE, value.span, format!("`{}` is given twice in `{key}`", value.shown))
                    .label("the second time")
                    .hint("remove it")
            } else {
                distinct.push(value.text);
                continue;
            };
            self.problems.report(problem);
        }
        distinct
    }
}
