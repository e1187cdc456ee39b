//! From a file to a checked spec.

use super::checked::{Checker, Environment, MayBeUnset};
use super::model::Spec;
use super::problem::{Problem, Problems, SpecError, code};
use super::{document, neighbours, overlay};
use crate::catalog::Engine;
use crate::connection::secret;
use std::cell::Cell;
use std::path::Path;

/// Reads a spec, lays the overlay `environment` over it if one is named, and checks everything. `variables` gives the
/// values of `${NAME}`.
///
/// # Errors
/// [`SpecError::Io`] if the file cannot be read as text; [`SpecError::Problems`] with everything that is wrong with it.
pub fn load(
    path: &Path,
    environment: Option<&str>,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Spec, SpecError> {
    load_without(path, environment, variables, MayBeUnset::default())
}

/// Reads a spec as [`load`] does if not every connection is needed.
///
/// # Errors
/// As [`load`], but for the variables of the URLs that `may_be_unset` names.
pub fn load_without(
    path: &Path,
    environment: Option<&str>,
    variables: &dyn Fn(&str) -> Option<String>,
    may_be_unset: MayBeUnset,
) -> Result<Spec, SpecError> {
    let (text, problems) = (file_text(path)?, Problems::default());
    let variables = Environment { lookup: variables, must_be_set: true, may_be_unset };
    let spec = understand(&text, path, environment, variables, &problems);
    conclude(spec, problems, path, &text)
}

/// Reads a spec as [`load`] does from a text that is, or will be, in the file `path`.
///
/// # Errors
/// [`SpecError::Problems`] with everything that is wrong with it.
pub fn read(
    text: &str,
    path: &Path,
    environment: Option<&str>,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Spec, SpecError> {
    read_without(text, path, environment, variables, MayBeUnset::default())
}

/// Reads a spec as [`read`] does if not every connection is needed.
///
/// # Errors
/// As [`read`], but for the variables of the URLs that `may_be_unset` names.
pub fn read_without(
    text: &str,
    path: &Path,
    environment: Option<&str>,
    variables: &dyn Fn(&str) -> Option<String>,
    may_be_unset: MayBeUnset,
) -> Result<Spec, SpecError> {
    let problems = Problems::default();
    let variables = Environment { lookup: variables, must_be_set: true, may_be_unset };
    let spec = understand(text, path, environment, variables, &problems);
    conclude(spec, problems, path, text)
}

/// Reads a spec as [`load`] does without overlay, and checks each of its overlays too. A variable that only an overlay
/// reads need not be set, nor the one that is the target's URL: the spec in version control is valid without it.
///
/// # Errors
/// As [`load`].
pub fn check(path: &Path, variables: &dyn Fn(&str) -> Option<String>) -> Result<Spec, SpecError> {
    let text = file_text(path)?;
    let problems = Problems::default();
    let may_be_unset = MayBeUnset { source: false, target: true };
    let reading = |must_be_set| Environment { lookup: variables, must_be_set, may_be_unset };
    let spec = understand(&text, path, None, reading(true), &problems);
    for name in overlay::environments(&document::parse(&text, &Problems::default())) {
        understand(&text, path, Some(&name), reading(false), &problems);
    }
    conclude(spec, problems, path, &text)
}

fn understand(
    text: &str,
    path: &Path,
    environment: Option<&str>,
    variables: Environment<'_>,
    problems: &Problems,
) -> Option<Spec> {
    let syntax = Problems::default();
    let mut tree = document::parse(text, &syntax);
    let found = Problems::default();
    if let Some(name) = environment {
        overlay::apply(&mut tree, name, &found);
    }
    let raw = document::read(&tree, &found);
    let directory = path.parent().unwrap_or(Path::new(""));
    let checker =
        Checker { text, directory, environment: variables, problems: &found, engine: Cell::new(Some(Engine::Sqlite)) };
    let spec = checker.check(path, environment, &raw);
    let syntax = syntax.into_sorted();
    for problem in found.into_sorted() {
        if is_certain(&problem, &syntax, text) {
            problems.report(problem);
        }
    }
    for problem in syntax {
        problems.report(problem);
    }
    spec
}

/// Whether a problem is independent of the document's syntax errors. A missing key may exist, but be unreadable; a
/// value without a place is the parser's substitute for one that it could not read; and a value on the line of a syntax
/// error, or in a table whose header has one, may have been misread.
fn is_certain(problem: &Problem, syntax: &[Problem], text: &str) -> bool {
    let line = |position: usize| text.get(..position).unwrap_or(text).matches('\n').count();
    let is_header = |error: &Problem| {
        let number = line(error.span.start);
        text.lines().nth(number).is_some_and(|written| written.trim_start().starts_with('['))
    };
    syntax.iter().all(|error| {
        let same_line =
            line(error.span.start) <= line(problem.span.end) && line(problem.span.start) <= line(error.span.end);
        let invented = problem.span.is_empty() || problem.code == code::MISSING_KEY;
        let in_lost_table = is_header(error) && error.span.start < problem.span.start;
        !(invented || same_line || in_lost_table)
    })
}

fn conclude(spec: Option<Spec>, problems: Problems, path: &Path, text: &str) -> Result<Spec, SpecError> {
    let problems = problems.into_sorted();
    match spec {
        Some(spec) if problems.is_empty() => Ok(spec),
        _ => Err(SpecError::Problems { path: path.to_owned(), text: secret::mask_in_place(text), problems }),
    }
}

pub(super) fn file_text(path: &Path) -> Result<String, SpecError> {
    let unreadable = |message: String, hint: Option<String>, source: Option<std::io::Error>| SpecError::Io {
        path: path.to_owned(),
        message,
        hint,
        source,
    };
    if path.is_dir() {
        return Err(unreadable("this is a directory".to_owned(), Some(neighbours::hint_of_directory(path)), None));
    }
    let bytes = std::fs::read(path).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let message = if missing { "there is no such file".to_owned() } else { "the file cannot be read".to_owned() };
        unreadable(message, missing.then(|| neighbours::hint_of_missing(path)), Some(error))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let message = format!("the file is not UTF-8 text, from byte {} on", error.utf8_error().valid_up_to());
        unreadable(message, Some("save it as UTF-8: a spec is a TOML file".to_owned()), None)
    })?;
    if text.trim_matches(|character: char| character.is_whitespace() || character == '\u{feff}').is_empty() {
        let hint = "write one by `transship init SOURCE -o FILE`: a spec is a TOML file".to_owned();
        return Err(unreadable("the file is empty".to_owned(), Some(hint), None));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
