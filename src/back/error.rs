//! Errors of the way back, each with its cause and a hint.

use crate::backup::BackupError;
use crate::run::ExecuteError;
use crate::source::SourceError;
use crate::target::TargetError;
use std::path::{Path, PathBuf};

/// A way back that came to no answer. Nothing is at the new place then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackError {
    /// A side cannot be read or written, or the user asked to stop.
    #[error(transparent)]
    Execute(Box<ExecuteError>),
    /// The backup that is the basis cannot be used.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The new place is not one that can be filled.
    #[error("{message}")]
    Place {
        /// The reason.
        message: String,
        /// Advice.
        hint: String,
    },
    /// Neither the source nor a copy of it is there.
    #[error("{message}")]
    NoBasis {
        /// The reason.
        message: String,
        /// Advice.
        hint: String,
    },
    /// The new place does not hold what the source does, before anything of the target was written.
    #[error("the copy of {place} differs from it: {}", differences.join("; "))]
    NotEqual {
        /// The source, without its password.
        place: String,
        /// The differences in words.
        differences: Vec<String>,
        /// The remark of the one who copied it.
        remark: Option<String>,
    },
    /// Nothing of the migration is in the target.
    #[error("nothing has been applied yet: {place} holds no table of this migration")]
    NothingApplied {
        /// The target, without its password.
        place: String,
    },
    /// A file or directory beside the new place cannot be written.
    #[error("cannot {doing} {}: {cause}", path.display())]
    File {
        /// The work.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Cause of the failure.
        cause: std::io::Error,
    },
}

impl BackError {
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
            Self::Backup(error) => error.hint(),
            Self::Place { hint, .. } | Self::NoBasis { hint, .. } => Some(hint.clone()),
            Self::NotEqual { remark: Some(remark), .. } => Some(remark.clone()),
            Self::NotEqual { remark: None, .. } => Some(
                "compare the settings of both servers, for the new one may read the dump's text in another way than the source's \
                 server wrote it; or name a database on the source's own server"
                    .to_owned(),
            ),
            Self::NothingApplied { .. } => {
                Some("run `transship apply` first: the way back begins with a target that it has filled".to_owned())
            }
            Self::File { .. } => Some("check the directory of `--to`, its rights and the room on the disk".to_owned()),
        }
    }
}

impl From<ExecuteError> for BackError {
    fn from(error: ExecuteError) -> Self {
        Self::Execute(Box::new(error))
    }
}

impl From<TargetError> for BackError {
    fn from(error: TargetError) -> Self {
        ExecuteError::from(error).into()
    }
}

impl From<SourceError> for BackError {
    fn from(error: SourceError) -> Self {
        ExecuteError::from(error).into()
    }
}
