//! Manifest of a backup: its own description of itself.

use super::BackupError;
use crate::catalog::DatabaseContents;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The file of a manifest in its directory.
pub(super) const FILE: &str = "manifest.json";

/// The version of its form.
const FORMAT: u32 = 1;

/// A side of the migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The source.
    Source,
    /// The target.
    Target,
}

impl Side {
    /// Both, in the order in which they are copied.
    pub const BOTH: [Self; 2] = [Self::Source, Self::Target];
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// A backup's description.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form.
    pub format: u32,
    /// The migration's name.
    pub migration: String,
    /// When it was begun, in UTC as in `2026-11-29T12:55:03Z`.
    pub begun: String,
    /// When it was whole.
    pub ended: String,
    /// The copies.
    pub sides: Vec<CopiedSide>,
}

/// The copy of one side.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CopiedSide {
    /// The side.
    pub side: Side,
    /// The database that was copied, without password.
    pub place: String,
    /// The database's engine, with the server's version where there is one.
    pub engine: String,
    /// The program that made the copy.
    pub tool: String,
    /// The file or directory of the copy, in the backup's directory.
    pub copy: String,
    /// The encoding of a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The roles that a copy of a target names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Contents of the copied state, table by table; absent if they are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<DatabaseContents>,
    /// A remark, such as why that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// The files of the copy.
    pub files: Vec<CopiedFile>,
}

/// A file of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedFile {
    /// Its path in the backup's directory.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The BLAKE3 of its bytes, in hexadecimal digits.
    pub blake3: String,
}

impl CopiedSide {
    /// Whether the copy of a source is a text of statements for a server, and no file that is a database.
    #[must_use]
    pub fn is_dump(&self) -> bool {
        Path::new(&self.copy).extension().is_some_and(|extension| extension == "sql")
    }

    /// The bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl Manifest {
    pub(super) fn new(migration: &str, begun: String, ended: String, sides: Vec<CopiedSide>) -> Self {
        Self { format: FORMAT, migration: migration.to_owned(), begun, ended, sides }
    }

    /// The copy of one side.
    #[must_use]
    pub fn side(&self, side: Side) -> Option<&CopiedSide> {
        self.sides.iter().find(|copied| copied.side == side)
    }

    /// The databases that were copied.
    pub(super) fn places(&self) -> Vec<(Side, &str)> {
        self.sides.iter().map(|copied| (copied.side, copied.place.as_str())).collect()
    }

    pub(super) fn write(&self, directory: &Path) -> Result<(), BackupError> {
        let path = directory.join(FILE);
        let text =
            serde_json::to_string_pretty(self).map_err(|error| BackupError::file("write", &path)(error.into()))?;
        let written = File::create_new(&path).and_then(|mut file| {
            std::io::Write::write_all(&mut file, format!("{text}\n").as_bytes())?;
            file.sync_all()
        });
        written.map_err(BackupError::file("write", &path))
    }

    /// Reads the manifest of a backup's directory.
    ///
    /// # Errors
    /// There is none, or it is none of this version.
    pub fn read(directory: &Path) -> Result<Self, BackupError> {
        let path = directory.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(BackupError::file("read", &path))?;
        let damaged = |what: String| BackupError::Damaged { path: directory.to_owned(), what };
        let manifest = serde_json::from_str::<Manifest>(&text).map_err(|error| damaged(format!("{FILE}: {error}")))?;
        if manifest.format != FORMAT {
            return Err(damaged(format!("{FILE} has the form {}, and this transship reads {FORMAT}", manifest.format)));
        }
        let inside = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
        for side in &manifest.sides {
            let paths = side.files.iter().map(|file| file.path.as_path()).chain([Path::new(&side.copy)]);
            if let Some(path) = paths.into_iter().find(|path| !inside(path)) {
                return Err(damaged(format!("{FILE} names {}, which is not in it", path.display())));
            }
        }
        Ok(manifest)
    }
}

/// The files at or below `copy`, with their checksums, in the order of their paths.
pub(super) fn files(directory: &Path, copy: &str) -> Result<Vec<CopiedFile>, BackupError> {
    let (mut found, mut left) = (Vec::new(), vec![PathBuf::from(copy)]);
    while let Some(path) = left.pop() {
        let full = directory.join(&path);
        let kind = std::fs::symlink_metadata(&full).map_err(BackupError::file("read", &full))?.file_type();
        if kind.is_symlink() {
            let what = format!("{} is a link, and leads elsewhere", path.display());
            return Err(BackupError::Damaged { path: directory.to_owned(), what });
        }
        if kind.is_dir() {
            for entry in std::fs::read_dir(&full).map_err(BackupError::file("read", &full))? {
                left.push(path.join(entry.map_err(BackupError::file("read", &full))?.file_name()));
            }
            continue;
        }
        let (bytes, blake3) = checksum(&full)?;
        found.push(CopiedFile { path, bytes, blake3 });
    }
    found.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(found)
}

/// Makes sure that every file of a copy is the one that was written, and that there is no other.
pub(super) fn must_be_whole(directory: &Path, side: &CopiedSide) -> Result<(), BackupError> {
    let damaged = |what: String| BackupError::Damaged { path: directory.to_owned(), what };
    if !directory.join(&side.copy).exists() {
        return Err(damaged(format!("{} is missing", side.copy)));
    }
    let present = files(directory, &side.copy)?;
    for file in &side.files {
        match present.iter().find(|there| there.path == file.path) {
            None => return Err(damaged(format!("{} is missing", file.path.display()))),
            Some(there) if there != file => {
                return Err(damaged(format!("{} has been altered or cut", file.path.display())));
            }
            Some(_) => {}
        }
    }
    match present.iter().find(|there| !side.files.iter().any(|file| file.path == there.path)) {
        Some(more) => Err(damaged(format!("{} was not written by it", more.path.display()))),
        None => Ok(()),
    }
}

fn checksum(path: &Path) -> Result<(u64, String), BackupError> {
    let mut file = File::open(path).map_err(BackupError::file("read", path))?;
    let (mut hasher, mut buffer, mut bytes) = (blake3::Hasher::new(), vec![0; 1 << 20], 0);
    loop {
        let read = file.read(&mut buffer).map_err(BackupError::file("read", path))?;
        if read == 0 {
            return Ok((bytes, hasher.finalize().to_hex().to_string()));
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
    }
}
