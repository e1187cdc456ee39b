//! The basis: a copy of the source, of itself or of a backup. A server's is a dump that the new database is filled from.

use super::error::BackError;
use super::outcome::Basis;
use super::place::Workshop;
use crate::backup::{BackupError, Place, Side, Store, Told, restore};
use crate::connection::SourceConnection;
use crate::run::{ExecuteError, Stop};
use crate::source::backup::{Copying, SourceCopy, back_up};
use crate::source::{Refusal, SourceError};
use crate::spec::Spec;
use std::path::Path;
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
) -> Result<(Basis, SourceConnection), BackError> {
    let copied = copy_of(spec, backup, workshop, stop, told).await?;
    Ok(copied)
}

async fn copy_of(
    spec: &Spec,
    backup: Option<&str>,
    workshop: &Workshop,
    stop: &Stop,
    told: &Told,
) -> Result<(Basis, SourceConnection), BackError> {
    if backup.is_none() {
        match copy_source(&spec.source.connection, workshop, stop, told).await {
            Ok(copied) => return Ok(copied),
            Err(BackError::Execute(error)) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let found = match Store::of(spec).find(backup) {
        Err(BackupError::NotFound { message, .. }) if backup.is_none() => {
            let message = format!("{} is not there any more, and {message}", spec.source.connection.redacted());
            let hint = "bring the source or one of its backups back: the original schema is in it".to_owned();
            return Err(BackError::NoBasis { message, hint });
        }
        found => found?,
    };
    let Some(side) = found.manifest.side(Side::Source) else {
        let message = format!("the backup {} has no copy of the source", found.name);
        let hint = "`transship backup SPEC --list` shows what each backup has; name one with --backup".to_owned();
        return Err(BackError::NoBasis { message, hint });
    };
    let copy = workshop.copy("source.db");
    // A dump is text for a server; a file is its own copy.
    let is_dump = Path::new(&side.copy).extension().is_some_and(|extension| extension == "sql");
    if is_dump == workshop.is_file() {
        let message = format!("the backup {} is of {}, and the new place of another kind", found.name, side.engine);
        let hint = "give --to a new place of that kind, or name another backup with --backup".to_owned();
        return Err(BackError::NoBasis { message, hint });
    }
    restore(&found, &Place::Source(copy.clone()), stop, told).await?;
    Ok((Basis::Backup(found.name), copy))
}

/// Whether the source is not there any more: no file, no server that answers, no such database.
fn is_gone(error: &ExecuteError) -> bool {
    match error {
        ExecuteError::Source(SourceError::NotFound { .. } | SourceError::Unset { .. }) => true,
        ExecuteError::Source(SourceError::Connect { refusal, .. }) => {
            matches!(refusal, Refusal::Unreachable | Refusal::Database)
        }
        _ => false,
    }
}

async fn copy_source(
    source: &SourceConnection,
    workshop: &Workshop,
    stop: &Stop,
    told: &Told,
) -> Result<(Basis, SourceConnection), BackError> {
    let (connection, directory) = (source.clone(), workshop.directory().to_owned());
    let (stop, told) = (stop.clone(), Arc::clone(told));
    let (is_file, to) = (workshop.is_file(), workshop.copy(""));
    let copied = tokio::task::spawn_blocking(move || {
        let watch = |copying: Copying<'_>| {
            told(Side::Source, copying);
            !stop.is_thrown()
        };
        let SourceCopy { file, contents, .. } = back_up(&connection, &directory, &watch)?;
        if is_file {
            return Ok(file);
        }
        let filled = crate::source::backup::restore(&directory.join(file), &to, &watch)?;
        // Rows that the dump left out, or wrote otherwise, would be lost in the new place.
        if let Some(expected) = contents {
            let differences = expected.differences(&filled.contents(&watch)?);
            if !differences.is_empty() {
                return Err(BackError::Backup(BackupError::NotEqual { differences }));
            }
        }
        filled.keep()?;
        Ok::<_, BackError>(file)
    });
    let file = copied.await.map_err(ExecuteError::from)??;
    Ok((Basis::Source(source.redacted()), workshop.copy(file)))
}
