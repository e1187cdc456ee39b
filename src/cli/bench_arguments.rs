//! The arguments of `bench`.

use super::argument_parts::{DocumentFormat, SpecArguments};
use super::reports::ReportFile;
use clap::Args;
use std::num::NonZeroUsize;
use std::time::Duration;
use transship::spec::{BenchSpec, parse_time};

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Ask this question alone; several times for several
    #[arg(long, value_name = "NAME")]
    pub(super) only: Vec<String>,
    /// Numbers of clients, such as 1,8,32; without it the spec's
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clients)]
    pub(super) clients: Vec<usize>,
    /// How long each side is asked by each number of clients, such as 10s; without it the spec's
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) duration: Option<Duration>,
    /// Most parameters that are drawn for a question; the answers are compared with each of them
    #[arg(long, value_name = "N", default_value = "500")]
    pub(super) parameters: NonZeroUsize,
    /// How long an answer is waited for
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    pub(super) timeout: Duration,
    /// Compare the answers, and measure nothing
    #[arg(long)]
    pub(super) answers_only: bool,
    /// Try each suggested index: make it in the target in a transaction that is rolled back, and ask the slowest question again.
    /// Writers of its table wait from its making on, at most as long as --timeout for all of it
    #[arg(long, conflicts_with = "answers_only")]
    pub(super) try_indexes: bool,
    /// Most differences that are shown for a question
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) examples: usize,
    /// Show values of rows: of parameters, differences and conditions
    #[arg(long)]
    pub(super) show_values: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
    /// Write a report into this file as well: .html for a page with charts, .json; several times for several
    #[arg(long, value_name = "FILE", value_parser = ReportFile::parse_page)]
    pub(super) report: Vec<ReportFile>,
}

fn clients(text: &str) -> Result<usize, String> {
    let number = text.trim().parse().ok().filter(|number| (1..=BenchSpec::MOST_CLIENTS).contains(number));
    number.ok_or_else(|| format!("write numbers from 1 to {}, such as 1,8,32", BenchSpec::MOST_CLIENTS))
}

fn time(text: &str) -> Result<Duration, String> {
    parse_time(text).ok_or_else(|| "write a number and a unit, such as 500ms, 10s or 1m".to_owned())
}
