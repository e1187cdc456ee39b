//! Filling a new place from a backup.

use super::make::{CopyListener, going_on};
use super::manifest::must_be_whole;
use super::{BackupError, CopiedSide, Side, StoredBackup};
use crate::catalog::DatabaseContents;
use crate::connection::{SourceConnection, TargetConnection};
use crate::run::{ExecuteError, Stop};
use crate::source::backup as source;
use crate::target::{Ownership, Server};
use std::path::Path;
use std::sync::Arc;

/// A place that is filled from a backup.
#[derive(Debug, Clone)]
pub enum RestorePlace {
    /// A new file, or an empty database of a server.
    Source(SourceConnection),
    /// An empty database of PostgreSQL.
    Target {
        /// The server.
        connection: Box<TargetConnection>,
        /// The database on a private server.
        database: String,
        /// Whether objects get their owners and privileges back.
        owners: bool,
    },
}

impl RestorePlace {
    /// The side whose copy goes there.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Source(_) => Side::Source,
            Self::Target { .. } => Side::Target,
        }
    }

    /// The place for people, without its password.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            Self::Source(connection) => connection.redacted(),
            Self::Target { connection, .. } => connection.redacted(),
        }
    }
}

/// A place that was filled.
#[derive(Debug, Clone)]
pub struct Restoration {
    /// The side whose copy it was.
    pub side: Side,
    /// The place, without its password.
    pub place: String,
    /// Rows that were compared with what the backup says; `None` if it does not know them.
    pub compared: Option<u64>,
}

/// Fills a place from a backup, and compares what it holds then with what was backed up.
///
/// # Errors
/// The backup has no such side or is damaged, the place is not empty, or what was restored differs.
pub async fn restore(
    found: &StoredBackup,
    place: &RestorePlace,
    stop: &Stop,
    told: &CopyListener,
) -> Result<Restoration, BackupError> {
    let side = place.side();
    let Some(copied) = found.manifest.side(side) else {
        let message = format!("the backup {} has no copy of the {side}", found.name);
        let hint = "name another one: `transship backup SPEC --list` shows what each has".to_owned();
        return Err(BackupError::NotFound { message, hint });
    };
    if let RestorePlace::Source(connection) = place {
        must_be_of_kind(found, copied, connection)?;
    }
    must_be_whole(&found.path, copied)?;
    let compared = fill(&found.path, copied, place, stop, told).await?;
    Ok(Restoration { side, place: place.redacted(), compared })
}

/// Makes sure that a copy is one that its new place can be filled from: a dump fills a server, and a file is a copy of a file.
fn must_be_of_kind(found: &StoredBackup, copied: &CopiedSide, place: &SourceConnection) -> Result<(), BackupError> {
    let is_file = place.file().is_some();
    if copied.is_dump() != is_file {
        return Ok(());
    }
    let message =
        format!("the backup {} is of {}, and {} of another kind", found.name, copied.engine, place.redacted());
    let hint = match is_file {
        true => {
            "give --to a database of a server that is not there yet, or empty, or name another backup with --backup"
        }
        false => "give --to the path of a file that is not there yet, or name another backup with --backup",
    };
    Err(BackupError::Place { message, hint: hint.to_owned() })
}

/// Fills a place from a copy and compares; the number of rows that were compared, if the copy's contents are known.
pub(super) async fn fill(
    directory: &Path,
    copied: &CopiedSide,
    place: &RestorePlace,
    stop: &Stop,
    told: &CopyListener,
) -> Result<Option<u64>, BackupError> {
    let copy = directory.join(&copied.copy);
    match place {
        RestorePlace::Source(connection) => {
            let (connection, stop, told) = (connection.clone(), stop.clone(), Arc::clone(told));
            let expected = copied.tables.clone();
            let filled = tokio::task::spawn_blocking(move || {
                let watch = |copying: source::Copying<'_>| {
                    told(Side::Source, copying);
                    !stop.is_thrown()
                };
                let filled = source::restore(&copy, &connection, &watch)?;
                // A file has its name only if it is what was copied.
                let compared = match &expected {
                    Some(expected) => Some(must_equal(expected, &filled.contents(&watch)?)?),
                    None => None,
                };
                filled.keep()?;
                Ok(compared)
            });
            filled.await.map_err(ExecuteError::from)?
        }
        RestorePlace::Target { connection, database, owners } => {
            let server = Server::open(connection, database).await?;
            let filled = fill_target(&server, &copy, copied, *owners, stop, told).await;
            let closed = server.close().await;
            let found = filled?;
            closed?;
            copied.tables.as_ref().map(|expected| must_equal(expected, &found)).transpose()
        }
    }
}

/// Makes sure that a restored place holds what was copied, and gives the number of rows.
pub(super) fn must_equal(expected: &DatabaseContents, found: &DatabaseContents) -> Result<u64, BackupError> {
    let differences = expected.differences(found);
    if differences.is_empty() { Ok(expected.rows()) } else { Err(BackupError::NotEqual { differences }) }
}

async fn fill_target(
    server: &Server,
    copy: &Path,
    copied: &CopiedSide,
    owners: bool,
    stop: &Stop,
    told: &CopyListener,
) -> Result<DatabaseContents, BackupError> {
    let tables = server.read_tables().await?;
    if let Some(first) = tables.first() {
        let message = format!("{} is not empty: it has {first} and {} more", server.place(), tables.len() - 1);
        let hint = "name a new database (createdb): existing data is never overwritten".to_owned();
        return Err(BackupError::Place { message, hint });
    }
    let ownership = if owners { Ownership::Restored } else { Ownership::Dropped };
    let missing = if owners { server.read_missing_roles(&copied.roles).await? } else { Vec::new() };
    if !missing.is_empty() {
        let message = format!("the copy names roles that {} does not have: {}", server.place(), missing.join(", "));
        let hint =
            "CREATE ROLE them there, or add --no-owner: then everything belongs to the role of the URL".to_owned();
        return Err(BackupError::Place { message, hint });
    }
    let goes_on = going_on(Side::Target, stop, told);
    server.restore(copy, ownership, goes_on.clone()).await?;
    let encoding = server.read_encoding().await?;
    if copied.encoding.as_ref().is_some_and(|copied| *copied != encoding) {
        let message = format!("it was restored, and not compared: its encoding is {encoding}, and the copy's another");
        let hint =
            "restore it into a database of the same encoding (createdb --template template0 --encoding …)".to_owned();
        return Err(BackupError::Place { message, hint });
    }
    Ok(server.read_contents(&goes_on).await?)
}
