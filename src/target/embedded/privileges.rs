//! User that the server runs as: ourselves, or an unprivileged user if we are root, which PostgreSQL refuses.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, geteuid};

use super::EmbeddedError;

/// The user that owns the cluster and runs its programs.
#[derive(Debug, Clone)]
pub(super) struct ServerUser {
    uid: u32,
    gid: u32,
    name: String,
    /// Whether it is another user than the one who runs transship; only ever so when that is root.
    foreign: bool,
}

impl ServerUser {
    /// The user for a cluster that is still to be made: ourselves; for root `postgres`, else `nobody`.
    pub(super) fn for_new_cluster() -> Result<ServerUser, EmbeddedError> {
        if !geteuid().is_root() {
            return Ok(ServerUser::from_uid(geteuid()));
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .filter(|user| !user.uid.is_root())
            .map(|user| ServerUser { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name, foreign: true })
            .ok_or(EmbeddedError::NoUnprivilegedUser)
    }

    /// The user of an existing cluster: for root whoever owns it, so that a user `postgres` who appears later does not
    /// lock out the cluster that was made as `nobody`.
    pub(super) fn of_cluster(data_directory: &Path) -> Result<ServerUser, EmbeddedError> {
        if !geteuid().is_root() {
            return Ok(ServerUser::from_uid(geteuid()));
        }
        let metadata = fs::metadata(data_directory).map_err(EmbeddedError::file("look at", data_directory))?;
        if metadata.uid() == 0 {
            return Err(EmbeddedError::ClusterOwnedByRoot { data_directory: data_directory.to_path_buf() });
        }
        Ok(ServerUser { foreign: true, ..ServerUser::from_uid(Uid::from_raw(metadata.uid())) })
    }

    fn from_uid(uid: Uid) -> ServerUser {
        let user = User::from_uid(uid).ok().flatten();
        let gid = user.as_ref().map_or_else(|| uid.as_raw(), |user| user.gid.as_raw());
        ServerUser { uid: uid.as_raw(), gid, name: user_name(uid.as_raw()), foreign: false }
    }

    /// A command that runs as this user, away from our directory and without our PostgreSQL settings.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Our working directory may be closed to that user, and the programs ask for it.
        command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
        // PGDATA, PGPORT, PGOPTIONS and the like are meant for another server.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        if self.foreign {
            // Setting the uid as root also drops the supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user can enter `directory`. Asked of the system by doing it, because mode bits are not all there
    /// is: access lists, mounts and user namespaces have their say. `program` is one that knows `--version`.
    pub(super) fn can_enter(&self, directory: &Path, program: &Path) -> bool {
        // The standard library changes directory after it has changed the user.
        self.command(program)
            .arg("--version")
            .current_dir(directory)
            .output()
            .is_ok_and(|output| output.status.success())
    }

    /// Hands a path over to this user. Never follows a symbolic link.
    pub(super) fn take_over(&self, path: &Path) -> Result<(), EmbeddedError> {
        if !self.foreign {
            return Ok(());
        }
        lchown(path, Some(self.uid), Some(self.gid)).map_err(EmbeddedError::file("change the owner of", path))
    }

    /// Whether it is another user than the one who runs transship.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// The user's id.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// The user's name, or its id if it has none.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The name of a user id, for messages.
pub(super) fn user_name(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| format!("#{uid}"), |user| user.name)
}

/// Refuses a directory that another user made: half of what we need in there could not be read or written.
pub(super) fn require_own(path: &Path) -> Result<(), EmbeddedError> {
    let owner = fs::metadata(path).map_err(EmbeddedError::file("look at", path))?.uid();
    let current = geteuid().as_raw();
    if owner == current {
        return Ok(());
    }
    Err(EmbeddedError::OtherOwner { path: path.to_path_buf(), owner: user_name(owner), current: user_name(current) })
}
