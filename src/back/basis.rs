//! The basis: a copy of the source, of itself or of a backup.

use super::error::BackError;
use super::outcome::Basis;
use super::place::Workshop;
use crate::backup::{BackupError, Place, Side, Store, Told, restore};
use crate::connection::SourceConnection;
use crate::run::{ExecuteError, Stop};
use crate::source::SourceError;
use crate::source::backup::{Copying, SourceCopy, back_up};
use crate::spec::Spec;
use std::path::PathBuf;
use std::sync::Arc;

/// Copies the source into the workshop: from the backup that is named, otherwise the source itself, and if that is not there any
/// more the newest backup.
///
/// # Errors
/// Nothing is there to copy, or it cannot be copied.
pub(super) async fn copy(
    spec: &Spec,
    backup: Option<&str>,
    workshop: &Workshop,
    stop: &Stop,
    told: &Told,
) -> Result<(Basis, PathBuf), BackError> {
    if backup.is_none() {
        match copy_source(&spec.source.connection, workshop, stop, told).await {
            Ok(copied) => return Ok(copied),
            Err(ExecuteError::Source(SourceError::NotFound { .. } | SourceError::Unset { .. })) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let found = match Store::of(spec).find(backup) {
        Err(BackupError::NotFound { message, .. }) if backup.is_none() => {
            let message = format!("{} is not there any more, and {message}", spec.source.connection.redacted());
            let hint = "bring the source's file or one of its backups back: the original schema is in it".to_owned();
            return Err(BackError::NoBasis { message, hint });
        }
        found => found?,
    };
    if found.manifest.side(Side::Source).is_none() {
        let message = format!("the backup {} has no copy of the source", found.name);
        let hint = "`transship backup SPEC --list` shows what each backup has; name one with --backup".to_owned();
        return Err(BackError::NoBasis { message, hint });
    }
    let path = workshop.directory().join("source.db");
    restore(&found, &Place::Source(SourceConnection::Sqlite { path: path.clone() }), stop, told).await?;
    Ok((Basis::Backup(found.name), path))
}

async fn copy_source(
    source: &SourceConnection,
    workshop: &Workshop,
    stop: &Stop,
    told: &Told,
) -> Result<(Basis, PathBuf), ExecuteError> {
    let (connection, directory) = (source.clone(), workshop.directory().to_owned());
    let (stop, told) = (stop.clone(), Arc::clone(told));
    let copied = tokio::task::spawn_blocking(move || {
        back_up(&connection, &directory, &|copying: Copying<'_>| {
            told(Side::Source, copying);
            !stop.is_thrown()
        })
    });
    let SourceCopy { file, .. } = copied.await??;
    Ok((Basis::Source(source.redacted()), workshop.directory().join(file)))
}
