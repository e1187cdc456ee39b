//! Directory of the unix socket: beside the data, or a short private directory if that path cannot be used.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::files::make_directory;
use super::layout::{ClusterLayout, short_hash};
use super::privileges::{ServerUser, user_name};

/// The longest path of a socket that every system takes, in bytes: Linux has 107, macOS 103.
const LONGEST_SOCKET: usize = 103;

/// The longest name that PostgreSQL gives to the socket itself.
const SOCKET_NAME: &str = "/.s.PGSQL.12345";

/// A directory for the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SocketDirectory {
    path: PathBuf,
    /// Whether it lies outside of the cluster's directory.
    is_short: bool,
}

impl SocketDirectory {
    /// The directory for this cluster; always the same one. Makes nothing.
    pub(super) fn of(layout: &ClusterLayout) -> SocketDirectory {
        let beside = layout.home().join("socket");
        if is_usable(&beside) {
            return SocketDirectory { path: beside, is_short: false };
        }
        // Not TMPDIR: another shell of the same user, or the server's user, may have another one, or none. Named after
        // the cluster, whose name is its own, so that no other cluster's server has its socket there.
        let path = Path::new("/tmp").join(format!("transship-{}", short_hash(&layout.data_directory())));
        SocketDirectory { path, is_short: true }
    }

    /// The path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it lies outside of the cluster's directory.
    pub(super) fn is_short(&self) -> bool {
        self.is_short
    }

    /// Makes the directory, closed to everybody but the server's user.
    pub(super) fn prepare(&self, user: &ServerUser) -> Result<(), EmbeddedError> {
        make_directory(&self.path, 0o700)?;
        // Everybody may write to /tmp: somebody else may have been there first.
        let metadata = fs::symlink_metadata(&self.path).map_err(EmbeddedError::file("look at", &self.path))?;
        let reject = |problem: String| Err(EmbeddedError::SocketDirectory { path: self.path.clone(), problem });
        let current = nix::unistd::geteuid().as_raw();
        if !metadata.is_dir() {
            return reject("it is not a directory but a link".to_owned());
        }
        if metadata.uid() != user.uid() && metadata.uid() != current {
            return reject(format!("it belongs to user {}", user_name(metadata.uid())));
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            return reject("others than its owner may enter it".to_owned());
        }
        user.take_over(&self.path)
    }

    /// Removes the sockets, and their lock files, at which nobody answers: those of a server that did not end properly.
    ///
    /// The server does so itself, except where the number in the lock file beside the socket was given to another
    /// process of the same user, or belongs to a dead one that nobody has waited for.
    pub(super) fn remove_stale(&self) -> Result<(), EmbeddedError> {
        let entries = fs::read_dir(&self.path).map_err(EmbeddedError::file("read the directory", &self.path))?;
        for entry in entries.flatten().filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b".s.PGSQL.")) {
            let path = entry.path();
            let socket =
                if path.extension().is_some_and(|it| it == "lock") { path.with_extension("") } else { path.clone() };
            if UnixStream::connect(socket).is_ok() {
                continue;
            }
            fs::remove_file(&path).map_err(EmbeddedError::file("remove", &path))?;
        }
        Ok(())
    }

    /// Leaves nothing in /tmp once the server is stopped.
    pub(super) fn clear(&self) {
        if self.is_short
            && let Err(error) = fs::remove_dir(&self.path)
        {
            tracing::debug!(%error, directory = %self.path.display(), "could not remove the socket directory");
        }
    }
}

/// Whether a path can be a socket directory: short enough, and free of what PostgreSQL's list of directories or libpq's
/// list of hosts would read as something else.
fn is_usable(path: &Path) -> bool {
    path.as_os_str().len() + SOCKET_NAME.len() <= LONGEST_SOCKET
        && path.to_str().is_some_and(|path| {
            !path.contains(|character: char| matches!(character, ',' | '"' | '\\') || character.is_control())
        })
}

#[cfg(test)]
mod tests {
    use super::super::socket::is_usable;
    use std::path::Path;

    #[test]
    fn long_or_strange_paths_are_avoided() {
        assert!(is_usable(Path::new("/home/user's own/project/.transship/socket")));
        assert!(is_usable(Path::new(&format!("/{}", "a".repeat(87)))));
        assert!(!is_usable(Path::new(&format!("/{}", "a".repeat(88)))));
        assert!(!is_usable(Path::new("/home/a,b")));
        assert!(!is_usable(Path::new("/home/a\"b")));
        assert!(!is_usable(Path::new("/home/a\nb")));
    }
}
