//! `[backup]`: the copies that `transship backup` makes.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// `[backup]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSpec {
    /// Directory of the backups; `.transship/backups` beside the spec if the spec is silent.
    pub directory: PathBuf,
    /// Whether `apply` refuses to begin without a backup that is fresh.
    pub before_apply: bool,
    /// Age up to which a backup is fresh; a day if the spec is silent.
    pub max_age: Duration,
    /// Number of backups that stay when a new one is made; all of them if the spec is silent.
    pub keep: Option<usize>,
}

impl BackupSpec {
    /// Settings of a spec that is silent; `directory` is the spec's.
    #[must_use]
    pub fn silent(directory: &Path) -> Self {
        Self {
            directory: directory.join(".transship/backups"),
            before_apply: false,
            max_age: Duration::from_secs(24 * 60 * 60),
            keep: None,
        }
    }
}
