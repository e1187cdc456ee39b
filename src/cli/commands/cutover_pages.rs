//! The pages of a cut-over's evidence, beside the spec: of the refresh and of the comparison.

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::reports::{ReportFile, Reports};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use transship::cutover::CutoverRecord;
use transship::spec::{RecordFile, Spec};

/// Both pages: `NAME.cutover.html` and `NAME.cutover.apply.html`, and `NAME.cutover@ENVIRONMENT.html` as the record has it.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) apply: PathBuf,
    pub(super) verify: PathBuf,
}

impl Pages {
    /// The pages of the spec in this file.
    pub(super) fn of(spec: &Spec, file: &Path) -> Self {
        let name = format!("cutover{}", RecordFile::environment(spec));
        Self {
            apply: file.with_extension(format!("{name}.apply.html")),
            verify: file.with_extension(format!("{name}.html")),
        }
    }

    /// Makes sure that the pages can be written: the source does not stand still for one that cannot.
    pub(super) fn must_open(&self) -> Result<(), Failure> {
        let pages = [ReportFile::of_page(&self.apply)?, ReportFile::of_page(&self.verify)?];
        Reports::must_open(&pages, "check the directory of the spec")
    }

    /// Takes the pages of an earlier cut-over away, for they are no evidence of this one. Those of one that was done are kept under
    /// the moment of its end.
    pub(super) fn make_room(&self, earlier: Option<&CutoverRecord>) -> Result<(), Failure> {
        for page in [&self.apply, &self.verify] {
            make_room(page, earlier).map_err(|error| {
                let message = format!("cannot take the page of an earlier cut-over away, {}: {error}", page.display());
                Failure::new(Exit::Failed, message, None)
            })?;
        }
        Ok(())
    }
}

fn make_room(page: &Path, earlier: Option<&CutoverRecord>) -> std::io::Result<()> {
    let until = earlier.and_then(|record| record.held_until.as_deref());
    let kept = until.map(|until| {
        // As a part of a file's name on every system.
        let until = until.replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.', "-");
        page.with_extension(format!("{until}.html"))
    });
    let taken = match kept {
        // Pages of a later one that was not done have no right to the name.
        Some(kept) if !kept.exists() => std::fs::rename(page, kept),
        _ => std::fs::remove_file(page),
    };
    match taken {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
