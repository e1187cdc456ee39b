//! The arguments of `back`.

use super::arguments::{DocumentFormat, SpecArguments};
use super::reports::ReportFile;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct BackArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The new file, which is not there yet; for a source on a server a URL, whose database is not there yet; for several databases
    /// the URL of a server that has none of them
    #[arg(long, value_name = "NEW")]
    pub(super) to: String,
    /// Take structure and unchanged rows of this backup, as `transship backup SPEC --list` names it; without it of the source,
    /// and if that is gone of its newest backup
    #[arg(long, value_name = "NAME")]
    pub(super) backup: Option<String>,
    /// Leave behind a table, or a column (table.column), that only the target has; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) leave_behind: Vec<String>,
    /// Show at most this many rows of each table that differs in the end
    #[arg(long, value_name = "N", default_value = "5")]
    pub(super) examples: usize,
    /// Show values beside the keys of rows that differ in the end
    #[arg(long)]
    pub(super) show_values: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Write the document into this file too: .html or .json; may be repeated
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse_page)]
    pub(super) report: Vec<ReportFile>,
}
