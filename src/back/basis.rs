//! The basis: a copy of the source, of itself or of a backup. A server's is a dump that the new database is filled from.

use super::error::BackError;
use super::outcome::RewriteBasis;
use super::place::{Workshop, of_place};
use crate::backup::{BackupError, CopyListener, RestorePlace, Side, Store, restore};
use crate::catalog::DatabaseContents;
use crate::connection::SourceConnection;
use crate::run::{ExecuteError, Stop};
use crate::source::backup::{Copying, SourceCopy, back_up};
use crate::source::{SignInFailure, SourceError};
use crate::spec::Spec;
use std::sync::Arc;

/// The basis in the workshop.
pub(super) struct CopiedBasis {
    pub(super) basis: RewriteBasis,
    pub(super) connection: SourceConnection,
    /// A remark on the copy, such as the reason why it was not compared.
    pub(super) remark: Option<String>,
}

/// Copies the source into the workshop: from the backup that is named, otherwise the source itself, and if that is not there any
/// more the newest backup of it.
///
/// # Errors
/// Nothing is there to copy, or it cannot be copied.
pub(super) async fn copy(
    spec: &Spec,
    backup: Option<&str>,
    workshop: &Workshop,
    stop: &Stop,
    told: &CopyListener,
) -> Result<CopiedBasis, BackError> {
    let source = &spec.source.connection;
    if backup.is_none() {
        // A place that is gone while it is filled is another failure than a source that is.
        match copy_source(source, workshop, stop, told).await {
            Ok(copy) => return fill(source, copy, workshop, stop, told).await,
            Err(ExecuteError::Source(error)) if is_gone(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let found = match Store::of(spec).find(backup, Side::Source, spec) {
        Err(BackupError::NotFound { message, .. }) if backup.is_none() => {
            let message = format!("{} is gone, and {message}", source.redacted());
            let hint = "bring the source or one of its backups back: the original schema is in it; \
                        `transship backup SPEC --list` shows what there is, and --backup NAME takes it";
            return Err(BackError::NoBasis { message, hint: hint.to_owned() });
        }
        found => found?,
    };
    let connection = workshop.copy("source.db");
    restore(&found, &RestorePlace::Source(connection.clone()), stop, told).await.map_err(of_restoring)?;
    let side = found.manifest.side(Side::Source);
    let (place, remark) = side.map(|side| (side.place.clone(), side.remark.clone())).unwrap_or_default();
    Ok(CopiedBasis { basis: RewriteBasis::Backup { name: found.name, place }, connection, remark })
}

/// Whether the source is gone: no file, no server that answers, no such database.
fn is_gone(error: &SourceError) -> bool {
    match error {
        SourceError::NotFound { .. } | SourceError::Unset { .. } => true,
        SourceError::Connect { refusal, .. } => matches!(refusal, SignInFailure::Unreachable | SignInFailure::Database),
        _ => false,
    }
}

async fn copy_source(
    source: &SourceConnection,
    workshop: &Workshop,
    stop: &Stop,
    told: &CopyListener,
) -> Result<SourceCopy, ExecuteError> {
    let (connection, directory) = (source.clone(), workshop.directory().to_owned());
    let (stop, told) = (stop.clone(), Arc::clone(told));
    let copied = tokio::task::spawn_blocking(move || {
        back_up(&connection, &directory, &|copying: Copying<'_>| {
            told(Side::Source, copying);
            !stop.is_thrown()
        })
    });
    Ok(copied.await??)
}

/// Fills the new database from the dump of the source; a file is the copy already.
async fn fill(
    source: &SourceConnection,
    copy: SourceCopy,
    workshop: &Workshop,
    stop: &Stop,
    told: &CopyListener,
) -> Result<CopiedBasis, BackError> {
    let SourceCopy { file, contents, remark, .. } = copy;
    let basis = RewriteBasis::Source { name: source.redacted() };
    let connection = workshop.copy(file);
    if workshop.is_file() {
        return Ok(CopiedBasis { basis, connection, remark });
    }
    let (dump, to) = (workshop.directory().join(file), connection.clone());
    let (stop, told) = (stop.clone(), Arc::clone(told));
    let filled = tokio::task::spawn_blocking(move || {
        let watch = |copying: Copying<'_>| {
            told(Side::Source, copying);
            !stop.is_thrown()
        };
        let filled = crate::source::backup::restore(&dump, &to, &watch)?;
        let found = contents.map(|expected| Ok::<_, SourceError>((expected, filled.contents(&watch)?))).transpose()?;
        filled.keep()?;
        Ok::<_, SourceError>(found)
    });
    let found = filled.await.map_err(ExecuteError::from)?.map_err(of_filling)?;
    // Rows that the dump left out, or wrote otherwise, would be lost in the new place.
    let difference = |(expected, found): (DatabaseContents, DatabaseContents)| expected.differences(&found);
    match found.map(difference).filter(|differences| !differences.is_empty()) {
        None => Ok(CopiedBasis { basis, connection, remark }),
        Some(differences) => Err(BackError::NotEqual { place: source.redacted(), differences, remark }),
    }
}

/// The failure of a backup that fills the new place.
fn of_restoring(error: BackupError) -> BackError {
    match error {
        BackupError::Execute(error) => match *error {
            ExecuteError::Source(error) => of_filling(error),
            error => error.into(),
        },
        error => error.into(),
    }
}

/// The failure to fill the new place: the server is that of `--to`.
fn of_filling(error: SourceError) -> BackError {
    match error {
        SourceError::Connect { .. } | SourceError::NotEmpty { .. } => of_place(error),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_place_that_is_gone_is_no_missing_source() {
        let gone = || SourceError::Connect {
            place: "mysql://x/new".to_owned(),
            cause: "refused".to_owned(),
            refusal: SignInFailure::Unreachable,
        };
        assert!(is_gone(&gone()));
        let of_backup = BackupError::Execute(Box::new(ExecuteError::Source(gone())));
        for error in [of_filling(gone()), of_restoring(of_backup)] {
            assert!(matches!(error, BackError::Place { .. }) && error.to_string().contains("`--to` names"), "{error}");
        }
    }
}
