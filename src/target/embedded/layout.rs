//! The directory that holds everything of one spec's private cluster, and how it is found again.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::EmbeddedError;
use super::privileges::{ServerUser, require_own};

/// The directory next to the spec.
const BESIDE_SPEC: &str = ".transship";

/// The directory of one cluster, and the paths in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    home: PathBuf,
}

impl Layout {
    /// The layout of a cluster that may have been made before, without making anything.
    pub(super) fn existing(spec_directory: &Path, shelter: &Path) -> Result<Option<Layout>, EmbeddedError> {
        let spec_directory = canonical(spec_directory)?;
        let beside = spec_directory.join(BESIDE_SPEC);
        if !beside.exists() {
            return Ok(None);
        }
        require_own(&beside)?;
        let home = read_location(&beside, &spec_directory, shelter)?.unwrap_or(canonical(&beside)?);
        Ok(home.exists().then_some(Layout { home }))
    }

    /// Makes the directory, in the `shelter` when `user` could not reach the one beside the spec; `reachable` tells.
    pub(super) fn prepare(
        spec_directory: &Path,
        shelter: &Path,
        user: &ServerUser,
        reachable: impl Fn(&Path) -> bool,
    ) -> Result<Layout, EmbeddedError> {
        let spec_directory = canonical(spec_directory)?;
        // Others may pass through a directory whose server is another user; what is secret in it is closed by itself.
        let mode = if user.is_foreign() { 0o755 } else { 0o700 };
        let beside = spec_directory.join(BESIDE_SPEC);
        make_directory(&beside, mode)?;
        require_own(&beside)?;
        if !beside.join(".gitignore").exists() {
            write_file(&beside.join(".gitignore"), b"*\n", 0o644)?;
        }
        let beside = canonical(&beside)?;
        let known = read_location(&beside, &spec_directory, shelter)?;
        if known.is_none() && (beside.join("data").exists() || reachable(&beside)) {
            return Ok(Layout { home: beside });
        }
        let home = known.unwrap_or_else(|| shelter.join(short_hash(&spec_directory)));
        for directory in [shelter, &home] {
            make_directory(directory, 0o755)?;
            require_own(directory)?;
        }
        write_file(&home.join("origin"), spec_directory.as_os_str().as_bytes(), 0o600)?;
        write_file(&beside.join("location"), home.as_os_str().as_bytes(), 0o600)?;
        tracing::info!(
            "user {} cannot reach `{}`; the private cluster is in `{}` instead",
            user.name(),
            beside.display(),
            home.display()
        );
        Ok(Layout { home })
    }

    /// The directory itself.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The cluster.
    pub(super) fn data_directory(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The cluster while initdb has not finished.
    pub(super) fn partial_directory(&self) -> PathBuf {
        self.home.join("data.partial")
    }

    /// The settings that the cluster's own configuration includes.
    pub(super) fn settings_file(&self) -> PathBuf {
        self.home.join("server.conf")
    }

    /// The password, for libpq.
    pub(super) fn password_file(&self) -> PathBuf {
        self.home.join("pgpass")
    }

    /// The server's log.
    pub(super) fn log_file(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// Held alone around starting and stopping.
    pub(super) fn start_lock(&self) -> PathBuf {
        self.home.join("start.lock")
    }

    /// Held together by all users of the server.
    pub(super) fn users_lock(&self) -> PathBuf {
        self.home.join("users.lock")
    }
}

/// Where the `location` file says the cluster is.
///
/// The file could have been committed by somebody else, so it may only name a directory of the shelter. When the whole
/// spec directory was copied, the copy must not share the original's cluster: then the file does not count. When it was
/// moved, it does.
fn read_location(beside: &Path, spec_directory: &Path, shelter: &Path) -> Result<Option<PathBuf>, EmbeddedError> {
    let file = beside.join("location");
    let Some(text) = read_if_present(&file)? else { return Ok(None) };
    let home = PathBuf::from(std::ffi::OsString::from_vec(text));
    let in_shelter = home.parent() == Some(shelter)
        && home.file_name().is_some_and(|name| name.as_bytes().iter().all(u8::is_ascii_hexdigit));
    if !in_shelter {
        return Err(EmbeddedError::Location { path: file, location: home.display().to_string() });
    }
    let origin = read_if_present(&home.join("origin"))?.map(|text| PathBuf::from(std::ffi::OsString::from_vec(text)));
    let is_copy = origin.is_some_and(|origin| origin != spec_directory && origin.join(BESIDE_SPEC).exists());
    Ok((!is_copy).then_some(home))
}

/// A file's bytes, `None` when it does not exist.
pub(super) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, EmbeddedError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(EmbeddedError::file("read", path)(cause)),
    }
}

/// Writes a file so that a reader, or a crash, finds the old content or the new, never half of it.
pub(super) fn write_file(path: &Path, content: &[u8], mode: u32) -> Result<(), EmbeddedError> {
    // Its own name for every writer: some files are written before the start lock can be taken.
    static WRITERS: AtomicU32 = AtomicU32::new(0);
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".partial-{}-{}", std::process::id(), WRITERS.fetch_add(1, Ordering::Relaxed)));
    let partial = PathBuf::from(partial);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&partial)?;
        file.set_permissions(Permissions::from_mode(mode))?; // whatever the umask
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(EmbeddedError::file("write", path))
}

/// Makes a directory with this mode, whatever the umask; one that exists keeps its mode.
pub(super) fn make_directory(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(cause),
    }
    .map_err(EmbeddedError::file("make the directory", path))
}

/// A short name that stands for a path.
pub(super) fn short_hash(path: &Path) -> String {
    let mut hash = blake3::hash(path.as_os_str().as_bytes()).to_hex().to_string();
    hash.truncate(16);
    hash
}

fn canonical(path: &Path) -> Result<PathBuf, EmbeddedError> {
    // The directory of a spec given as plain `spec.toml` is the empty path.
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    fs::canonicalize(path).map_err(EmbeddedError::file("find the directory", path))
}
