//! Making the cluster with initdb.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::libc::O_NOFOLLOW;
use secrecy::{ExposeSecret, SecretString};

use super::files::{make_directory, read_if_present, write_file};
use super::installation::Installation;
use super::layout::ClusterLayout;
use super::log::last_lines;
use super::password::ROLE;
use super::privileges::ServerUser;
use super::socket::SocketDirectory;
use super::{EmbeddedError, password, settings};

/// Character classes of all of Unicode, whatever the language; the names systems have for that, best first.
const CHARACTER_LOCALES: [&str; 4] = ["C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8"];

/// The link in the cluster through which its configuration includes ours.
const SETTINGS_LINK: &str = "server.conf";

/// Whether the cluster's configuration reads right under any path of its directory; `false` for one that an earlier
/// transship made.
pub(super) fn is_movable(data_directory: &Path) -> bool {
    data_directory.join(SETTINGS_LINK).is_symlink()
}

/// The major version of the cluster, `None` if there is no cluster yet.
pub(super) fn major(layout: &ClusterLayout) -> Result<Option<u32>, EmbeddedError> {
    let data_directory = layout.data_directory();
    if !data_directory.exists() {
        return Ok(None);
    }
    // A cluster is renamed into place whole: one without a version is damaged, and must not count as none.
    let version = read_if_present(&data_directory.join("PG_VERSION"))?;
    let major = version.and_then(|version| String::from_utf8_lossy(&version).trim().parse().ok());
    major.map(Some).ok_or(EmbeddedError::NoVersion { data_directory })
}

/// Makes the cluster. Hold the start lock.
///
/// initdb works in `partial-…`, which becomes `data-…` when all is done: a cluster is there whole or not at all.
pub(super) fn create(
    layout: &ClusterLayout,
    installation: &Installation,
    user: &ServerUser,
) -> Result<(), EmbeddedError> {
    let partial = layout.partial_directory();
    for left in layout.partial_directories()? {
        tracing::info!(directory = %left.display(), "removing what an interrupted initdb left");
        // The initdb of a killed owner may still be writing; its directory does not count as a cluster, and the next
        // run removes it.
        if let Err(cause) = fs::remove_dir_all(&left) {
            tracing::debug!(%cause, "could not remove it");
        }
    }
    installation.warn_if_incomplete();
    tracing::info!(directory = %layout.data_directory().display(), "making a private PostgreSQL cluster");
    make_directory(&partial, 0o700)?;
    user.take_over(&partial)?;
    let password = password::create(layout)?;
    let handover = PasswordHandover::write(layout, &password, user)?;
    let result = run_initdb(&partial, handover.path(), installation, user);
    drop(handover);
    if let Err(error) = result.and_then(|()| include_settings(&partial)) {
        // The remains of initdb are of no use; if they cannot be removed now, the next try removes them.
        if let Err(cause) = fs::remove_dir_all(&partial) {
            tracing::debug!(%cause, "could not remove the unfinished cluster");
        }
        return Err(error);
    }
    // So that a cluster can be started by hand from its first moment on.
    settings::write(layout, SocketDirectory::of(layout).path(), settings::free_port(None)?)?;
    let data = layout.data_directory();
    fs::rename(&partial, &data).map_err(EmbeddedError::file("move the finished cluster to", &data))?;
    // The rename itself has to survive a power cut.
    File::open(layout.home())
        .and_then(|directory| directory.sync_all())
        .map_err(EmbeddedError::file("write", layout.home()))
}

fn run_initdb(
    directory: &Path,
    password_file: &Path,
    installation: &Installation,
    user: &ServerUser,
) -> Result<(), EmbeddedError> {
    let program = installation.program("initdb");
    let mut command = user.command(&program);
    command.arg("-D").arg(directory).arg("--pwfile").arg(password_file);
    command.args(["--username", ROLE, "--encoding", "UTF8", "--data-checksums"]);
    command.args(["--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256"]);
    // Order by bytes: the same everywhere, and never changed by an upgrade of the system's library. Characters by
    // Unicode: lower() and pg_trgm know letters beyond ASCII.
    command.args(["--locale", "C"]);
    match character_locale() {
        Some(locale) => {
            command.args(["--lc-ctype", &locale]);
        }
        None => tracing::warn!("no UTF-8 locale found: lower() and pg_trgm will know ASCII letters only"),
    }
    if installation.major() >= 15 {
        command.args(["--locale-provider", "libc"]);
    }
    let output = command.output().map_err(|cause| EmbeddedError::Program { program: program.clone(), cause })?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(EmbeddedError::InitializationFailed {
        program,
        directory: directory.to_path_buf(),
        status: output.status,
        output: last_lines(&said),
    })
}

/// Makes postgresql.conf include our settings, by a link beside it. Both paths are relative, so that the directory can
/// be moved; and a link, because PostgreSQL takes `..` off a path without looking where it leads.
fn include_settings(directory: &Path) -> Result<(), EmbeddedError> {
    let path = directory.join("postgresql.conf");
    // When root, the directory is an unprivileged user's: a link there must not lead us elsewhere.
    let mut file = OpenOptions::new()
        .append(true)
        .custom_flags(O_NOFOLLOW)
        .open(&path)
        .map_err(EmbeddedError::file("open", &path))?;
    file.write_all(b"\n# Added by transship\ninclude = 'server.conf'\n")
        .and_then(|()| file.sync_all())
        .map_err(EmbeddedError::file("write", &path))?;
    let link = directory.join(SETTINGS_LINK);
    symlink("../server.conf", &link).map_err(EmbeddedError::file("make the link", &link))
}

fn character_locale() -> Option<String> {
    let output = Command::new("locale").arg("-a").stdin(Stdio::null()).output().ok()?;
    let available = String::from_utf8_lossy(&output.stdout);
    CHARACTER_LOCALES.iter().find(|locale| available.lines().any(|line| line == **locale)).map(|it| (*it).to_owned())
}

/// The password in a file that initdb, as another user, can read; gone when dropped.
struct PasswordHandover {
    path: PathBuf,
}

impl PasswordHandover {
    fn write(
        layout: &ClusterLayout,
        password: &SecretString,
        user: &ServerUser,
    ) -> Result<PasswordHandover, EmbeddedError> {
        let handover = PasswordHandover { path: layout.home().join("initdb.password") };
        write_file(&handover.path, password.expose_secret().as_bytes(), 0o600)?;
        user.take_over(&handover.path)?;
        Ok(handover)
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PasswordHandover {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "could not remove the file that handed the password to initdb");
        }
    }
}
