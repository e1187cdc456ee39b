//! The arguments of `cutover`.

use super::argument_parts::{DocumentFormat, JobCount, SpecArguments};
use super::reports::ReportFile;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct CutoverArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Look whether it would begin: the time, the backup, whether writers can be kept out (for a moment). Nothing is copied
    #[arg(long, conflicts_with = "release")]
    pub(super) dry_run: bool,
    /// Let writers into the source again after a cut-over that has set its server to only read
    #[arg(long, conflicts_with_all = ["yes", "report", "overwrite_changes", "format"])]
    pub(super) release: bool,
    /// Also remove and copy again rows that others have changed in the target since it was loaded
    #[arg(long)]
    pub(super) overwrite_changes: bool,
    /// The form of the document; with json the texts of the refresh and of the comparison go to standard error
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Write the evidence of the comparison into this file: .json, .html, or .xml for JUnit; may be repeated. A page for a browser
    /// is written beside the spec in any case
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse)]
    pub(super) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}
