//! Documents that a command reads, prints or writes.

use super::super::arguments::DocumentFormat;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::{printer, slips};
use transship::name::{visible, visible_json};
use transship::plan::SavedPlan;
use transship::spec::Spec;

/// Prints a document, or says it on standard error where it is a part of a command that has a document of its own.
pub(super) fn show(text: &str, is_part: bool) -> Result<(), Failure> {
    if is_part {
        printer::say(text.trim_end());
        return Ok(());
    }
    printer::document(text)
}

/// Prints the target's server, database and schema before a command's summary; to standard error if the document is
/// JSON.
pub(super) fn tell_target(spec: &Spec, format: DocumentFormat) -> Result<(), Failure> {
    let line = format!("Target: {}", spec.target_name());
    match format {
        DocumentFormat::Text => printer::document(&(line + "\n")),
        DocumentFormat::Json => {
            printer::say(&line);
            Ok(())
        }
    }
}

/// Reads a plan that `plan --format json` wrote.
pub(super) fn saved_plan(path: &std::path::Path) -> Result<SavedPlan, Failure> {
    let wrong = |message: String, hint: Option<&str>| {
        Failure::new(Exit::WrongInput, format!("{}: {message}", path.display()), hint.map(str::to_owned))
    };
    if let Some(slip) = slips::instead_of_plan(path) {
        return Err(slip);
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string(), None))?;
    SavedPlan::parse(&text)
        .map_err(|error| wrong(error.to_string(), Some("transship plan SPEC --format json --out FILE writes one")))
}

/// Writes a document to the given file, or to standard output.
pub(super) fn write(text: &str, out: Option<&std::path::Path>) -> Result<(), Failure> {
    let Some(path) = out else { return printer::document(text) };
    slips::must_not_be_directory(path, "--out", "FILE")?;
    std::fs::write(path, visible(text).as_bytes()).map_err(|error| {
        Failure::new(
            Exit::WrongInput,
            format!("cannot write {}: {error}", path.display()),
            Some("Check the path that `--out` gives.".to_owned()),
        )
    })
}

/// Turns serde_json's errors, which no document causes in practice, into failures.
pub(super) fn json(text: Result<String, serde_json::Error>) -> Result<String, Failure> {
    text.map(|text| visible_json(&text).into_owned())
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write JSON: {error}"), None))
}
