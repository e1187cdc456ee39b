//! Arguments that several commands have.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The spec and its overlay.
#[derive(Debug, Clone, Args)]
pub(super) struct SpecArguments {
    /// The spec, a TOML file
    pub(super) spec: PathBuf,
    /// Lay the table [env.NAME] of the spec over it
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
}

/// How much happens at the same time.
#[derive(Debug, Clone, Args)]
pub(super) struct JobCount {
    /// Connections to each side, and so steps at the same time; by default one for each processor, four at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
}

impl JobCount {
    /// The number asked for, or that of the machine.
    pub(super) fn number(&self) -> usize {
        self.jobs
            .map_or_else(|| std::thread::available_parallelism().map_or(2, |cores| cores.get().min(4)), usize::from)
    }
}

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum DocumentFormat {
    /// For people, 80 columns wide
    #[default]
    Text,
    /// For programs
    Json,
}
