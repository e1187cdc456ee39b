//! The arguments of `backup` and `restore`.

use super::argument_parts::{DocumentFormat, SpecArguments};
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use transship::backup::Side;

/// A side of the migration, as a word of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SideWord {
    /// The database that the rows come from
    Source,
    /// The database that they go to
    Target,
}

impl From<SideWord> for Side {
    fn from(word: SideWord) -> Self {
        match word {
            SideWord::Source => Side::Source,
            SideWord::Target => Side::Target,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// Copy this side alone; without it both
    #[arg(long, value_enum)]
    pub(super) side: Option<SideWord>,
    /// Restore each copy into a new file or a private server and compare every row; a backup that differs is not kept. A dump
    /// that others wrote during is restored and not compared, and the output says so
    #[arg(long, conflicts_with = "list")]
    pub(super) verify: bool,
    /// Show the backups that there are, and make none
    #[arg(long)]
    pub(super) list: bool,
    /// Keep the backups here, in place of `directory` of [backup]
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) directory: Option<PathBuf>,
    /// How many backups of the same databases stay, in place of `keep` of [backup]
    #[arg(long, value_name = "N", conflicts_with = "list")]
    pub(super) keep: Option<NonZeroUsize>,
    /// Connections by which the target is read
    #[arg(long, value_name = "N", default_value = "2")]
    pub(super) jobs: NonZeroUsize,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    #[command(flatten)]
    pub(super) spec: SpecArguments,
    /// The new place: a file that is not there yet, or an empty database: mysql://… for a copy of the source, postgres://… or
    /// embedded: for one of the target
    #[arg(long, value_name = "PLACE")]
    pub(super) to: String,
    /// The backup's name, as `transship backup SPEC --list` shows it; without it the newest of the database that the spec names
    #[arg(long, value_name = "NAME")]
    pub(super) backup: Option<String>,
    /// Where the backups are, in place of `directory` of [backup]
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) directory: Option<PathBuf>,
    /// Let everything belong to the role of the new place, without the owners and privileges of the old one
    #[arg(long)]
    pub(super) no_owner: bool,
    /// The form of the document
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: DocumentFormat,
}
