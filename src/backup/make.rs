//! Making a backup, and proving it by restoring it.

use super::manifest::{files, must_be_whole};
use super::restore::{RestorePlace, fill, must_equal};
use super::store::close_off;
use super::{BackupError, CopiedSide, Manifest, Side, Store};
use crate::connection::{ScratchDirectory, SourceConnection, TargetConnection};
use crate::run::{ExecuteError, Stop};
use crate::source::backup::{self as source, Copying, SourceCopy, back_up};
use crate::spec::Spec;
use crate::target::{Server, TargetError, ThrowAway};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The copy of the target in its backup.
const TARGET: &str = "target";

/// Listener to the progress of a side.
pub type CopyListener = Arc<dyn Fn(Side, Copying<'_>) + Send + Sync>;

/// Order for a backup: the sides, and the care that is taken.
#[derive(Debug, Clone)]
pub struct Making {
    /// The sides.
    pub sides: Vec<Side>,
    /// Connections by which the target is read.
    pub jobs: usize,
    /// Whether each copy is restored and compared by value.
    pub is_proved: bool,
}

/// A backup that was made.
#[derive(Debug)]
pub struct Backup {
    /// Its name in the store.
    pub name: String,
    /// Its directory.
    pub path: PathBuf,
    /// Its manifest.
    pub manifest: Manifest,
    /// Outcome of restoring each copy, if it was restored.
    pub proofs: Vec<Proof>,
    /// The names of the older backups that were removed.
    pub removed: Vec<String>,
}

/// Outcome of restoring a copy.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The side.
    pub side: Side,
    /// How far the copy was proved.
    pub extent: ProofExtent,
    /// The place that it was restored into, in words, or the reason why it was not.
    pub words: String,
}

/// How far a copy was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofExtent {
    /// It was restored, and so many rows are equal to those that were copied.
    Equal(u64),
    /// It was restored, and not compared: the rows that were copied are not known by value.
    Restored,
    /// There was no place to restore it into.
    NotRestored,
}

impl Backup {
    /// Copies the sides into a new backup of the spec's store. A backup that cannot be proved does not stay.
    ///
    /// # Errors
    /// A side cannot be read, the backup cannot be written, or what was restored is not what was copied.
    pub async fn make(spec: &Spec, making: &Making, stop: &Stop, told: &CopyListener) -> Result<Self, BackupError> {
        let store = Store::of(spec);
        let lock = store.lock()?;
        let begun = Timestamp::now();
        let (partial, name) = store.begin(&begun)?;
        let whole = store.directory().join(&name);
        let made = Self::make_in(spec, making, &partial, begun, stop, told).await;
        let (manifest, proofs) = match made {
            Ok(made) => made,
            Err(error) => {
                // It has no name yet, and is worth nothing.
                if let Err(cause) = std::fs::remove_dir_all(&partial) {
                    tracing::debug!(%cause, "the unfinished backup stays until the next one");
                }
                return Err(error);
            }
        };
        std::fs::rename(&partial, &whole).map_err(BackupError::file("name", &whole))?;
        let removed = store.remove_old(spec.backup.keep, &name, &manifest)?;
        drop(lock);
        Ok(Self { name, path: whole, manifest, proofs, removed })
    }

    async fn make_in(
        spec: &Spec,
        making: &Making,
        directory: &Path,
        begun: Timestamp,
        stop: &Stop,
        told: &CopyListener,
    ) -> Result<(Manifest, Vec<Proof>), BackupError> {
        let mut sides = Vec::new();
        for side in &making.sides {
            sides.push(match side {
                Side::Source => copy_source(&spec.source.connection, directory, stop, told).await?,
                Side::Target => copy_target(spec, directory, making.jobs, stop, told).await?,
            });
        }
        let words = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let manifest = Manifest::new(&spec.name, words(begun), words(Timestamp::now()), sides);
        let mut proofs = Vec::new();
        for copied in manifest.sides.iter().filter(|_| making.is_proved) {
            proofs.push(prove(directory, &spec.source.connection, copied, stop, told).await?);
        }
        manifest.write(directory)?;
        close_off(directory)?;
        Ok((manifest, proofs))
    }
}

async fn copy_source(
    source: &SourceConnection,
    directory: &Path,
    stop: &Stop,
    told: &CopyListener,
) -> Result<CopiedSide, BackupError> {
    let (connection, to, stop, told) = (source.clone(), directory.to_owned(), stop.clone(), Arc::clone(told));
    let copy = tokio::task::spawn_blocking(move || {
        back_up(&connection, &to, &|copying| {
            told(Side::Source, copying);
            !stop.is_thrown()
        })
    });
    let SourceCopy { engine, tool, file, contents, remark } = copy.await.map_err(ExecuteError::from)??;
    Ok(CopiedSide {
        side: Side::Source,
        place: source.identity(),
        engine,
        tool,
        copy: file.to_owned(),
        encoding: None,
        roles: Vec::new(),
        tables: contents,
        remark,
        files: files(directory, file)?,
    })
}

async fn copy_target(
    spec: &Spec,
    directory: &Path,
    jobs: usize,
    stop: &Stop,
    told: &CopyListener,
) -> Result<CopiedSide, BackupError> {
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let goes_on = going_on(Side::Target, stop, told);
    let dumped = server.dump(&directory.join(TARGET), jobs, goes_on).await;
    let closed = server.close().await;
    let dump = dumped?;
    closed?;
    Ok(CopiedSide {
        side: Side::Target,
        place: spec.target.connection.identity(),
        engine: format!("PostgreSQL {}", dump.server),
        tool: dump.tool,
        copy: TARGET.to_owned(),
        encoding: Some(dump.encoding),
        roles: dump.roles,
        tables: Some(dump.contents),
        remark: None,
        files: files(directory, TARGET)?,
    })
}

/// Whether a program goes on, and word that it does.
pub(super) fn going_on(side: Side, stop: &Stop, told: &CopyListener) -> impl Fn() -> bool + Clone + Send + use<> {
    let (stop, told) = (stop.clone(), Arc::clone(told));
    move || {
        told(side, Copying::Program);
        !stop.is_thrown()
    }
}

/// Restores a copy into a place that is thrown away, and compares what it holds then.
async fn prove(
    directory: &Path,
    source: &SourceConnection,
    copied: &CopiedSide,
    stop: &Stop,
    told: &CopyListener,
) -> Result<Proof, BackupError> {
    must_be_whole(directory, copied)?;
    match copied.side {
        Side::Source => {
            let scratch = ScratchDirectory::make().map_err(TargetError::Scratch)?;
            let (source, copy, place) = (source.clone(), directory.join(&copied.copy), scratch.path().to_owned());
            let (stop, told) = (stop.clone(), Arc::clone(told));
            let proved = tokio::task::spawn_blocking(move || {
                source::prove(&source, &copy, &place, &|copying| {
                    told(Side::Source, copying);
                    !stop.is_thrown()
                })
            });
            let source::Proved { contents, words } = proved.await.map_err(ExecuteError::from)??;
            let extent = match (&copied.tables, contents) {
                (Some(expected), Some(found)) => ProofExtent::Equal(must_equal(expected, &found)?),
                (None, Some(_)) => ProofExtent::Restored,
                (_, None) => ProofExtent::NotRestored,
            };
            Ok(Proof { side: copied.side, extent, words })
        }
        Side::Target => {
            let private = ThrowAway::start("restored").await?;
            private.server().create_roles(&copied.roles).await?;
            let connection = TargetConnection::Embedded { spec_directory: private.directory().to_owned() };
            let place = RestorePlace::Target {
                connection: Box::new(connection),
                database: "restored".to_owned(),
                owners: true,
            };
            let filled = fill(directory, copied, &place, stop, told).await;
            let removed = private.remove().await;
            let extent = filled?.map_or(ProofExtent::Restored, ProofExtent::Equal);
            removed?;
            Ok(Proof { side: copied.side, extent, words: "restored into a private server".to_owned() })
        }
    }
}
