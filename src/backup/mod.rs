//! Copies of both sides: made, checked, found again, restored.
//!
//! A backup is a directory with a file `manifest.json`, which says what each side held and has the checksum of every file. It is
//! made under another name and gets its own at the end: a directory of that name is whole.
//!
//! - [`Backup`] makes one; [`restore()`] fills a new place from one.
//! - [`Store`] is the directory in which the backups of a migration lie: the fresh one, the list, and how many stay.

mod error;
mod freshness;
mod make;
mod manifest;
mod restore;
mod store;

pub use error::BackupError;
pub use make::{Backup, CopyListener, Making, Proof, ProofExtent};
pub use manifest::{CopiedFile, CopiedSide, Manifest, Side};
pub use restore::{Restoration, RestorePlace, restore};
pub use store::{Store, StoredBackup};
