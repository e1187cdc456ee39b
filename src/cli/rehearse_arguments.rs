//! The arguments of `rehearse`.

use super::argument_parts::{DocumentFormat, JobCount, SpecArguments};
use super::reports::ReportFile;
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct RehearseArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Take this part of the rows of tables with more than 10,000, such as 5%, and no foreign keys or checks
    #[arg(long, value_name = "PERCENT")]
    pub(super) sample: Option<transship::verify::Sample>,
    /// Keep the private server to look at; the last lines say how, and how to remove it
    #[arg(long)]
    pub(super) keep: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Write the document into this file too: .json, .html, or .xml for JUnit; may be repeated
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse)]
    pub(super) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(super) jobs: JobCount,
}
