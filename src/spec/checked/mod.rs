//! From the raw document to the checked spec.
//!
//! A check that fails reports why and gives `None`; nothing that depends on it is reported as well.

mod source;
mod steps;
mod tables;
mod target;

use super::model::Spec;
use super::problem::{Problem, Problems, code};
use super::raw::RawDocument;
use super::read::{Scalar, Text};
use super::suggest::hint_of_known;
use super::variables::{self, Piece};
use crate::name::LONGEST_NAME;
use secrecy::SecretString;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// What variables are read from, and what it means when one is not set.
pub(super) struct Environment<'a> {
    /// The value of a variable.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<String>,
    /// Whether an unset variable is a problem; in an overlay that was not chosen it is none.
    pub(super) must_be_set: bool,
}

/// What the checks share.
pub(super) struct Checker<'a> {
    /// The document's text.
    pub(super) text: &'a str,
    /// What relative paths are relative to.
    pub(super) directory: &'a Path,
    pub(super) environment: Environment<'a>,
    pub(super) problems: &'a Problems,
}

/// A string whose references have been replaced.
struct Value {
    text: String,
    /// The text for messages: as it is written where a variable is in it, for that may be a secret.
    shown: String,
    span: Range<usize>,
}

/// The same of a URL.
struct UrlValue {
    url: SecretString,
    from_variable: bool,
}

impl Checker<'_> {
    /// Checks a whole document. Without problems there is a spec.
    pub(super) fn check(&self, path: &Path, environment: Option<&str>, raw: &RawDocument) -> Option<Spec> {
        self.version(raw.version.as_ref());
        let name = match &raw.name {
            Some(name) => self.name(name, "name"),
            None => self.missing("name", 0..0, "the document", "it keys the ledger: name = \"…\""),
        };
        let source = match &raw.source {
            Some(source) => self.source(source),
            None => self.missing("[source]", 0..0, "the document", "write [source] and url = \"sqlite:PATH\""),
        };
        let target = match &raw.target {
            Some(target) => self.target(target, &raw.environments),
            None => self.missing(
                "[target]",
                0..0,
                "the document",
                "write [target] and url = \"${DATABASE_URL:-embedded:}\"",
            ),
        };
        let types = self.types(&raw.types);
        let tables = self.tables(&raw.tables);
        let steps = self.steps(&raw.steps);
        let checks = self.checks(&raw.checks);
        let templates = raw.templates.as_ref().and_then(|templates| self.templates(templates));
        Some(Spec {
            name: name?,
            path: path.to_owned(),
            environment: environment.map(str::to_owned),
            source: source?,
            target: target?,
            types,
            tables,
            steps,
            checks,
            templates,
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

    fn templates(&self, templates: &Text) -> Option<std::path::PathBuf> {
        let value = self.plain(templates)?;
        let directory = self.directory.join(&value.text);
        if directory.is_dir() && !value.text.is_empty() {
            return Some(directory);
        }
        let message = format!("there is no directory `{}`", value.shown);
        let problem = Problem::new(code::MISSING_FILE, value.span, message);
        self.report(problem.label("not found").hint("the path is relative to the spec's directory"))
    }

    /// Reports a key that is not there. `hint` is what to write.
    fn missing<T>(&self, key: &str, span: Range<usize>, place: &str, hint: &str) -> Option<T> {
        let problem = Problem::new(code::MISSING_KEY, span, format!("{place} has no `{key}`"));
        self.report(problem.label(format!("`{key}` is missing")).hint(hint))
    }

    fn report<T>(&self, problem: Problem) -> Option<T> {
        self.problems.report(problem);
        None
    }

    /// A string in which variables are not read.
    fn plain(&self, text: &Text) -> Option<Value> {
        match variables::without_references(text.get_ref()) {
            Ok(plain) => Some(Value { shown: plain.clone(), text: plain, span: text.span() }),
            Err(references) => {
                for (range, name) in references {
                    let message = format!("the variable `{name}` is not read here");
                    let problem = Problem::new(code::VARIABLE_NOT_READ_HERE, self.locate(text, range), message);
                    self.problems.report(problem.label("variables are read in [source] and [target] only").hint(format!(
                        "where it differs from place to place, write it in an [env.NAME] overlay; a literal is written $${{{name}}}"
                    )));
                }
                None
            }
        }
    }

    /// A string of `[source]` or `[target]`, with the values of its variables.
    fn expanded(&self, text: &Text) -> Option<Value> {
        let pieces = variables::pieces(text.get_ref());
        let values = self.values(text, &pieces)?;
        let expanded = variables::substitute(&pieces, |index| &values[index]);
        let has_reference = pieces.iter().any(|piece| matches!(piece, Piece::Reference { .. }));
        let shown = if has_reference { text.get_ref().clone() } else { expanded.clone() };
        Some(Value { text: expanded, shown, span: text.span() })
    }

    /// A URL of `[source]` or `[target]`, with the values of its variables.
    fn expanded_url(&self, text: &Text) -> Option<UrlValue> {
        let pieces = variables::pieces(text.get_ref());
        let values = self.values(text, &pieces)?;
        let url = variables::substitute_in_url(&pieces, |index| &values[index]);
        let from_variable = pieces.iter().any(|piece| matches!(piece, Piece::Reference { .. }));
        Some(UrlValue { url, from_variable })
    }

    /// The values of the pieces that are references; `None` where one has none.
    fn values(&self, text: &Text, pieces: &[Piece<'_>]) -> Option<Vec<String>> {
        let values: Vec<Option<String>> = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(_) => Some(String::new()),
                Piece::Malformed { range, reason } => {
                    let message = format!("this is no reference to a variable: {reason}");
                    let problem = Problem::new(code::MALFORMED_VARIABLE, self.locate(text, range.clone()), message);
                    self.report(
                        problem.hint("a reference is ${NAME} or ${NAME:-default}; a literal `${` is written `$${`"),
                    )
                }
                Piece::Reference { range, name, default } => {
                    let value = (self.environment.lookup)(name);
                    match (value, default) {
                        (Some(value), _) if !value.is_empty() => Some(value),
                        (_, Some(default)) => Some((*default).to_owned()),
                        (Some(empty), None) => Some(empty),
                        (None, None) if !self.environment.must_be_set => None,
                        (None, None) => {
                            let message = format!("the variable `{name}` is not set");
                            let problem = Problem::new(code::UNSET_VARIABLE, self.locate(text, range.clone()), message);
                            self.report(
                                problem
                                    .label("not set in the environment")
                                    .hint(format!("set it, or write a default: ${{{name}:-default}}")),
                            )
                        }
                    }
                }
            })
            .collect();
        values.into_iter().collect()
    }

    /// The place in the file of a part of a string: exact where the string is written as it is, else the whole string's.
    fn locate(&self, text: &Text, range: Range<usize>) -> Range<usize> {
        let span = text.span();
        let written = self.text.get(span.clone()).unwrap_or_default();
        let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
        let inner = written.get(quotes..written.len().saturating_sub(quotes)).unwrap_or_default();
        let trimmed = inner.strip_prefix("\r\n").or(inner.strip_prefix('\n')).filter(|_| quotes == 3).unwrap_or(inner);
        if trimmed != text.get_ref() {
            return span;
        }
        let start = span.start + quotes + inner.len() - trimmed.len();
        start + range.start..start + range.end
    }

    /// One of a few words.
    fn word<T: Copy>(&self, key: &str, value: &Value, words: &[(&'static str, T)]) -> Option<T> {
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

    fn identifier(&self, key: &str, value: Value) -> Option<String> {
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

    /// A list of strings none of which is empty or given twice.
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
