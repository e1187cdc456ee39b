//! Files of `--report`: the form is that of their ending; they are opened before the command begins, and written
//! whatever its outcome.

use super::exit::Exit;
use super::failure::Failure;
use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use transship::name::{visible, visible_json};
use transship::report::{Evidence, evidence_html, evidence_json, evidence_junit};

/// File of a `--report` option.
#[derive(Debug, Clone)]
pub(super) struct ReportFile {
    path: PathBuf,
    form: ReportForm,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReportForm {
    Json,
    Html,
    Junit,
}

impl ReportFile {
    /// Reads the form from the file's ending.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        let form = match ending.as_deref() {
            Some("json") => ReportForm::Json,
            Some("html" | "htm") => ReportForm::Html,
            Some("xml") => ReportForm::Junit,
            _ => return Err("the ending decides the form: .json, .html, or .xml for JUnit".to_owned()),
        };
        Ok(Self { path, form })
    }

    /// The file of a page that a command writes beside the spec.
    pub(super) fn of_page(path: &Path) -> Result<Self, Failure> {
        Self::parse(&path.to_string_lossy()).map_err(|error| Failure::new(Exit::WrongInput, error, None))
    }

    /// As [`Self::parse`], for a report that has no form in JUnit.
    pub(super) fn parse_page(text: &str) -> Result<Self, String> {
        match Self::parse(text) {
            Ok(report) if report.form != ReportForm::Junit => Ok(report),
            _ => Err("the ending decides the form: .html or .json".to_owned()),
        }
    }
}

/// Open files, not written yet.
#[derive(Debug, Default)]
pub(super) struct Reports {
    files: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    form: ReportForm,
}

impl Reports {
    /// Opens the files, so that one that cannot be written is reported before the command begins.
    pub(super) fn open(asked: &[ReportFile]) -> Result<Self, Failure> {
        let open = |report: &ReportFile| {
            let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&report.path);
            let file = opened.map_err(|error| cannot_write(&report.path, &error, Exit::WrongInput))?;
            Ok(Open { file, path: report.path.clone(), form: report.form })
        };
        Ok(Self { files: asked.iter().map(open).collect::<Result<_, Failure>>()? })
    }

    /// Makes sure that files can be written which are opened later, and leaves no trace.
    pub(super) fn must_open(asked: &[ReportFile], hint: &str) -> Result<(), Failure> {
        asked.iter().try_for_each(|report| {
            try_file(&report.path).map_err(|error| unwritten(&report.path, &error, Exit::WrongInput, hint))
        })
    }

    /// Whether a report was asked for.
    pub(super) fn are_wanted(&self) -> bool {
        !self.files.is_empty()
    }

    /// Writes the evidence into every file.
    pub(super) fn write(self, evidence: &Evidence) -> Result<(), Failure> {
        self.write_each(|form| match form {
            ReportForm::Json => evidence_json(evidence).map_err(|error| error.to_string()),
            ReportForm::Html => evidence_html(evidence).map_err(|error| error.to_string()),
            ReportForm::Junit => evidence_junit(evidence).map_err(|error| error.to_string()),
        })
    }

    /// Writes into every file what `text` makes of its form.
    pub(super) fn write_each(self, text: impl Fn(ReportForm) -> Result<String, String>) -> Result<(), Failure> {
        let mut written = Ok(());
        for mut open in self.files {
            let text = text(open.form).map(|text| match open.form {
                ReportForm::Json => visible_json(&text).into_owned(),
                ReportForm::Html | ReportForm::Junit => visible(&text).into_owned(),
            });
            let one = text
                .map_err(|error| Failure::new(Exit::Failed, format!("cannot make the report: {error}"), None))
                .and_then(|text| {
                    replace(&mut open.file, &text).map_err(|error| cannot_write(&open.path, &error, Exit::Failed))
                });
            // A file that fails does not keep the others from being written.
            written = written.and(one);
        }
        written
    }
}

fn replace(file: &mut File, text: &str) -> std::io::Result<()> {
    // A pipe or a device has no length, and needs no truncation.
    if file.metadata()?.is_file() {
        file.set_len(0)?;
        file.rewind()?;
    }
    file.write_all(text.as_bytes())?;
    file.flush()
}

/// Opens a file for writing, and leaves it as it is: also not there.
fn try_file(path: &Path) -> std::io::Result<()> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() || metadata.is_dir() => OpenOptions::new().write(true).open(path).map(drop),
        // A pipe or a device takes the closing for the end; and a link to no file would not be there any more.
        Ok(_) => Ok(()),
        Err(_) if path.is_symlink() => Ok(()),
        Err(_) => File::create_new(path).and_then(|_| std::fs::remove_file(path)),
    }
}

fn cannot_write(path: &Path, error: &std::io::Error, exit: Exit) -> Failure {
    unwritten(path, error, exit, "check `--report`")
}

fn unwritten(path: &Path, error: &std::io::Error, exit: Exit, hint: &str) -> Failure {
    Failure::new(exit, format!("cannot write {}: {error}", path.display()), Some(hint.to_owned()))
}
