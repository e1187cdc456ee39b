//! The directory that holds everything of one spec's private cluster, and how it is found again.

use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::files::{make_directory, random_hexadecimal, read_if_present, write_file};
use super::locks::{LOCK_PATIENCE, StartLock};
use super::privileges::{ServerUser, require_own};

/// The directory next to the spec.
const BESIDE_SPEC: &str = ".transship";

/// The directory of one cluster, and the paths in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClusterLayout {
    home: PathBuf,
    /// The cluster: the one that is there, or the path of the one to be made.
    data: PathBuf,
}

/// The cluster's name: followed by 16 random digits. PostgreSQL writes `pg_control` by the absolute path that it was
/// started with (`update_controlfile`); a server that outlives its directory must not find the next cluster there.
const DATA: &str = "data-";

/// The cluster's name while initdb works in it; the digits are those of the name that it gets.
const PARTIAL: &str = "partial-";

impl ClusterLayout {
    /// The layout of a cluster that may have been made before, without making anything.
    pub(super) fn existing(spec_directory: &Path, shelter: &Path) -> Result<Option<ClusterLayout>, EmbeddedError> {
        let spec_directory = canonical(spec_directory)?;
        let beside = spec_directory.join(BESIDE_SPEC);
        if !beside.exists() {
            return Ok(None);
        }
        require_own(&beside)?;
        let home = read_location(&beside, &spec_directory, shelter)?.unwrap_or(canonical(&beside)?);
        if home.exists() { ClusterLayout::at(home).map(Some) } else { Ok(None) }
    }

    /// The layout of a cluster whose places are known.
    pub(super) fn of(home: &Path, data: &Path) -> ClusterLayout {
        ClusterLayout { home: home.to_path_buf(), data: data.to_path_buf() }
    }

    /// The layout of a directory that is there, with the cluster in it or a fresh path for one.
    fn at(home: PathBuf) -> Result<ClusterLayout, EmbeddedError> {
        let mut clusters = entries(&home, |name| {
            // The plain name is that of clusters that an earlier transship made.
            name == "data" || name.strip_prefix(DATA).is_some_and(is_random)
        })?;
        let data = match (clusters.pop(), clusters.pop()) {
            (None, _) => home.join(format!("{DATA}{}", random_hexadecimal::<8>()?)),
            (Some(data), None) => data,
            (Some(one), Some(other)) => return Err(EmbeddedError::SeveralClusters { one, other }),
        };
        Ok(ClusterLayout { home, data })
    }

    /// Reads the directory again: another process may have made the cluster. Hold the start lock.
    pub(super) fn look_again(self) -> Result<ClusterLayout, EmbeddedError> {
        ClusterLayout::at(self.home)
    }

    /// Makes the directory, in the `shelter` when `user` could not reach the one beside the spec; `reachable` tells.
    pub(super) fn prepare(
        spec_directory: &Path,
        shelter: &Path,
        user: &ServerUser,
        reachable: impl Fn(&Path) -> bool,
    ) -> Result<ClusterLayout, EmbeddedError> {
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
        if known.is_none() {
            let layout = ClusterLayout::at(beside.clone())?;
            if layout.data.exists() || reachable(&beside) {
                return Ok(layout);
            }
        }
        // Two first runs at once: the second finds what the first has written.
        let _start_lock = StartLock::acquire(&beside.join("start.lock"), LOCK_PATIENCE)?;
        let home = match read_location(&beside, &spec_directory, shelter)? {
            Some(home) => home,
            // Not after the spec's path: another spec may come to lie there while this one, moved, keeps its cluster.
            None => shelter.join(random_hexadecimal::<8>()?),
        };
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
        ClusterLayout::at(home)
    }

    /// The directory itself.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The cluster.
    pub(super) fn data_directory(&self) -> PathBuf {
        self.data.clone()
    }

    /// The cluster while initdb has not finished.
    ///
    /// A name of its own for every try: an initdb whose transship was killed goes on for a moment, by absolute paths.
    pub(super) fn partial_directory(&self) -> PathBuf {
        let name = self.data.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.home.join(format!("{PARTIAL}{}", name.strip_prefix(DATA).unwrap_or(name)))
    }

    /// Directories that interrupted initdbs have left.
    pub(super) fn partial_directories(&self) -> Result<Vec<PathBuf>, EmbeddedError> {
        entries(&self.home, |name| name == "data.partial" || name.strip_prefix(PARTIAL).is_some_and(is_random))
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

    /// Held by the server's processes.
    pub(super) fn server_lock(&self) -> PathBuf {
        self.home.join("server.lock")
    }
}

/// The directories in a directory, links not among them, whose names are of this kind.
fn entries(directory: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, EmbeddedError> {
    let listed = fs::read_dir(directory).map_err(EmbeddedError::file("read the directory", directory))?;
    let wanted = listed.flatten().filter(|entry| {
        entry.file_name().to_str().is_some_and(&is_wanted) && entry.file_type().is_ok_and(|kind| kind.is_dir())
    });
    let mut found: Vec<PathBuf> = wanted.map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

fn is_random(digits: &str) -> bool {
    digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Directory of the cluster out of the `location` file.
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
    // The original, if it still names this cluster; another spec that is in its place now does not.
    let names_it = |origin: &Path| {
        read_if_present(&origin.join(BESIDE_SPEC).join("location"))
            .is_ok_and(|named| named.as_deref() == Some(home.as_os_str().as_bytes()))
    };
    let is_copy = origin.is_some_and(|origin| origin != spec_directory && names_it(&origin));
    Ok((!is_copy).then_some(home))
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
