//! PgBouncer in front of a database.
//!
//! A shell watches it: when this process ends, in whatever way, the pipe to the shell closes, and the shell ends the pooler.

use crate::support::database::Database;
use crate::support::port::free_port;
use crate::support::server::{Owner, server};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A running pooler.
pub(crate) struct Pooler {
    port: u16,
    /// The watching shell; it ends the pooler when its input closes.
    watch: Child,
    _directory: TempDir,
}

impl Pooler {
    /// Starts one in this mode for one database of the process's server, with further lines of its configuration.
    pub(crate) fn start(database: &Database, mode: &str, lines: &str) -> Pooler {
        let port = free_port();
        let text = format!(
            "[databases]\n{name} = host=127.0.0.1 port={server} dbname={name} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = {mode}\nunix_socket_dir =\n{lines}\n",
            name = database.name,
            server = server().port(),
        );
        Pooler::of_configuration(port, &text)
    }

    /// Starts one with this configuration, which says that it listens on this port.
    pub(crate) fn of_configuration(port: u16, text: &str) -> Pooler {
        let owner = Owner::find();
        let directory = tempfile::Builder::new().prefix("transship-pooler-").tempdir().unwrap();
        owner.own(directory.path());
        let configuration = directory.path().join("pool.ini");
        std::fs::write(&configuration, text).unwrap();
        let watch = owner
            .command(Path::new("/bin/sh"))
            .args(["-c", "\"$1\" -q \"$2\" & cat; kill -INT $!; wait", "watch"])
            .arg(program())
            .arg(&configuration)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let patience = Instant::now() + Duration::from_secs(120);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "PgBouncer did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Pooler { port, watch, _directory: directory }
    }

    /// The database through the pooler.
    pub(crate) fn through(&self, database: &Database) -> Database {
        let url = format!("postgres://postgres@127.0.0.1:{}/{}", self.port, database.name);
        Database { name: database.name.clone(), url }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        self.watch.wait().ok();
    }
}

/// PgBouncer's program: Debian's place, then PATH.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
    let program = places.map(|place| place.join("pgbouncer")).find(|program| program.exists());
    program.expect("no PgBouncer on this machine: scripts/require-pgbouncer")
}
