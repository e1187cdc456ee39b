//! Content of `postmaster.pid`, and whether it is true.
//!
//! The file outlives a crash and a reboot, and is copied along with a directory. So nothing in it is trusted before the
//! process has been checked.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::EmbeddedError;
use super::files::read_if_present;

/// Given to the servers that transship starts, so that those a user started by hand are told apart and left alone. It
/// also shows in `ps`.
pub(super) const MARK: &str = "cluster_name=transship";

/// Phase that a server reports of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerPhase {
    /// It does not accept connections yet.
    Starting,
    /// It accepts connections.
    Ready,
    /// It is about to end.
    Stopping,
}

/// The content of a `postmaster.pid`.
#[derive(Debug, Clone)]
pub(super) struct Postmaster {
    pub(super) pid: Pid,
    pub(super) port: u16,
    pub(super) socket_directory: PathBuf,
    pub(super) phase: ServerPhase,
    recorded_directory: PathBuf,
    data_directory: PathBuf,
}

impl Postmaster {
    /// Reads the file; `None` if it is missing or its first line is not written yet.
    pub(super) fn read(data_directory: &Path) -> Result<Option<Postmaster>, EmbeddedError> {
        let content = read_if_present(&data_directory.join("postmaster.pid"))?;
        Ok(content.and_then(|content| Postmaster::parse(&content, data_directory)))
    }

    /// Lines: process id, data directory, start time, port, socket directory, listen address, shared memory, state.
    fn parse(content: &[u8], data_directory: &Path) -> Option<Postmaster> {
        let mut lines = content.split(|byte| *byte == b'\n');
        let mut next = || lines.next().unwrap_or_default();
        // Negative: a single-user backend.
        let pid = std::str::from_utf8(next()).ok()?.trim().parse::<i32>().ok()?.checked_abs().filter(|pid| *pid > 0)?;
        let recorded_directory = PathBuf::from(std::ffi::OsStr::from_bytes(next()));
        let _start_time = next();
        // The later lines are added while the server comes up.
        let port = std::str::from_utf8(next()).ok().and_then(|port| port.trim().parse().ok()).unwrap_or_default();
        let socket_directory = reachable(PathBuf::from(std::ffi::OsStr::from_bytes(next())), data_directory);
        let (_listen_address, _shared_memory) = (next(), next());
        let phase = match next().trim_ascii() {
            b"ready" => ServerPhase::Ready,
            b"stopping" => ServerPhase::Stopping,
            _ => ServerPhase::Starting,
        };
        let data_directory = data_directory.to_path_buf();
        Some(Postmaster { pid: Pid::from_raw(pid), port, socket_directory, phase, recorded_directory, data_directory })
    }

    /// Whether the process exists and is the server of this directory.
    pub(super) fn is_alive(&self) -> bool {
        if !self.process_exists() {
            return false;
        }
        // A server's working directory is its data directory. This recognises a process id that the system has reused,
        // a copied directory, and a zombie.
        if Path::new("/proc/self/cwd").exists() {
            let identity = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
            let working_directory = PathBuf::from(format!("/proc/{}/cwd", self.pid));
            return match (identity(&working_directory), identity(&self.data_directory)) {
                (Ok(actual), Ok(expected)) => actual == expected,
                _ => false,
            };
        }
        // Elsewhere: at least it is no copy, and somebody answers at its socket once it is ready.
        fs::canonicalize(&self.recorded_directory).is_ok_and(|recorded| recorded == self.data_directory)
            && (self.phase != ServerPhase::Ready || self.answers())
    }

    /// Whether any process has this id now.
    pub(super) fn process_exists(&self) -> bool {
        !matches!(kill(self.pid, None), Err(Errno::ESRCH))
    }

    /// Whether a PostgreSQL server answers at the socket: it is asked for TLS, and says yes or no with one byte.
    pub(super) fn answers(&self) -> bool {
        const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
        let ask = || {
            let mut stream = UnixStream::connect(self.socket_directory.join(format!(".s.PGSQL.{}", self.port)))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(&TLS_REQUEST)?;
            let mut answer = [0_u8];
            stream.read_exact(&mut answer)?;
            std::io::Result::Ok(matches!(answer, [b'N' | b'S']))
        };
        ask().unwrap_or(false)
    }

    /// Whether transship started it, and not a user by hand. The server keeps its own command line in a file; ours ends
    /// with the mark.
    pub(super) fn was_started_by_us(&self) -> Result<bool, EmbeddedError> {
        let options = read_if_present(&self.data_directory.join("postmaster.opts"))?.unwrap_or_default();
        Ok(options.trim_ascii().ends_with(format!("\"{MARK}\"").as_bytes()))
    }

    /// Whether the process has ended. Waits for it in the operating system's sense when it is a child of ours, so that
    /// it does not stay a zombie.
    pub(super) fn has_ended(&self) -> bool {
        match waitpid(self.pid, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => false,
            Ok(_) => true,
            Err(_) => !self.is_alive(),
        }
    }
}

/// The socket directory, also if it was moved together with the data since the server was started.
fn reachable(recorded: PathBuf, data_directory: &Path) -> PathBuf {
    let moved = data_directory.parent().zip(recorded.file_name()).map(|(home, name)| home.join(name));
    moved.filter(|moved| !recorded.exists() && moved.exists()).unwrap_or(recorded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_at_every_stage() {
        let directory = Path::new("/data");
        assert!(Postmaster::parse(b"", directory).is_none());
        let begun = Postmaster::parse(b"4711\n/data\n", directory).unwrap();
        assert_eq!((begun.pid.as_raw(), begun.phase), (4711, ServerPhase::Starting));
        let whole = b"4711\n/data\n1700000000\n5433\n/data/so cket\n127.0.0.1\n  16810213    131072\nready   \n";
        let whole = Postmaster::parse(whole, directory).unwrap();
        assert_eq!((whole.port, whole.phase), (5433, ServerPhase::Ready));
        assert_eq!(whole.socket_directory, Path::new("/data/so cket"));
    }

    #[test]
    fn a_foreign_process_is_not_believed() {
        // Ourselves: alive, but not a server in that directory.
        let directory = tempfile::tempdir().unwrap();
        let content = format!("{}\n{}\n", std::process::id(), directory.path().display());
        let postmaster = Postmaster::parse(content.as_bytes(), directory.path()).unwrap();
        assert!(postmaster.process_exists());
        assert!(!postmaster.is_alive());
    }
}
