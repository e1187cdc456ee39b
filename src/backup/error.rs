//! Errors of backups, each with its cause and a hint.

use crate::run::ExecuteError;
use crate::source::SourceError;
use crate::target::TargetError;
use std::path::{Path, PathBuf};

/// A backup that could not be made, found, proved or restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A side cannot be read or written, or the user asked to stop.
    #[error(transparent)]
    Execute(Box<ExecuteError>),
    /// A file or directory of a backup cannot be read or written.
    #[error("cannot {doing} {}: {cause}", path.display())]
    File {
        /// The work.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Cause of the failure.
        cause: std::io::Error,
    },
    /// Another process works on the backups.
    #[error("another process works on the backups in {}", directory.display())]
    Busy {
        /// The directory.
        directory: PathBuf,
    },
    /// There is no backup of this name, or none at all.
    #[error("{message}")]
    NotFound {
        /// Name and place of the backup that was looked for.
        message: String,
        /// Advice.
        hint: String,
    },
    /// A file of a backup is not the one that was written.
    #[error("the backup {} is damaged: {what}", path.display())]
    Damaged {
        /// The backup's directory.
        path: PathBuf,
        /// The damage in words.
        what: String,
    },
    /// A restored copy does not hold what was backed up.
    #[error("the restored copy differs from the backup: {}", differences.join("; "))]
    NotEqual {
        /// The differences in words.
        differences: Vec<String>,
    },
    /// The place that is to be filled is not empty, or not one that can be filled.
    #[error("{message}")]
    Place {
        /// The reason.
        message: String,
        /// Advice.
        hint: String,
    },
    /// `apply` needs a fresh backup, and there is none.
    #[error("{message}, and the spec wants a fresh one before it applies (`backup.before_apply`)")]
    NotFresh {
        /// The missing part.
        message: String,
        /// Advice.
        hint: String,
    },
}

impl BackupError {
    /// Makes an error of the file system's answer.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File { doing, path, cause }
    }

    /// Hint for the user.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Execute(error) => error.hint(),
            Self::File { .. } => Some("check `backup.directory`, its rights and the room on the disk".to_owned()),
            Self::Busy { .. } => Some("wait until it is done".to_owned()),
            Self::NotFound { hint, .. } | Self::Place { hint, .. } | Self::NotFresh { hint, .. } => Some(hint.clone()),
            Self::Damaged { .. } => Some("choose another backup; `transship backup SPEC --list` lists them".to_owned()),
            Self::NotEqual { .. } => {
                Some("do not rely on this backup: make another, and look for the cause".to_owned())
            }
        }
    }
}

impl From<TargetError> for BackupError {
    fn from(error: TargetError) -> Self {
        let error = match error {
            TargetError::Stopped { .. } => ExecuteError::Interrupted,
            error => error.into(),
        };
        error.into()
    }
}

impl From<SourceError> for BackupError {
    fn from(error: SourceError) -> Self {
        ExecuteError::from(error).into()
    }
}

impl From<ExecuteError> for BackupError {
    fn from(error: ExecuteError) -> Self {
        Self::Execute(Box::new(error))
    }
}
