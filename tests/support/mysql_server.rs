//! A private MariaDB or MySQL server, in so far as the two are alike.
//!
//! It lives as the PostgreSQL server of `server.rs` does: in a temporary directory, watched by a shell that ends it when this
//! process ends. It speaks over a socket of its own and a free port of the loopback interface.

use crate::support::port::free_port;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A server to ask: one of our own, or one that was there.
pub(crate) struct MysqlServer {
    /// The plain client with its arguments, as a user who may do everything.
    client: Vec<OsString>,
    /// `mysql://USER:PASSWORD@HOST:PORT` of a user who may do everything.
    url: String,
    port: u16,
    /// The directory of a server of our own, and the shell that ends the server when its input closes.
    own: Option<(PathBuf, Child)>,
}

/// Arguments: the directory, then the server's program and its arguments.
const WATCH: &str = r#"
directory=$1
shift
"$@" 2>"$directory/errors" &
read -r end
kill -KILL $!
wait
rm -rf "$directory"
"#;

impl MysqlServer {
    /// Starts the server whose data lie in `data` under the directory, by its program and first arguments; `client` is its
    /// plain client.
    pub(crate) fn start(directory: PathBuf, server: &[String], client: &Path, settings: &[&str]) -> MysqlServer {
        let port = free_port();
        let within = |option: &str, name: &str| format!("--{option}={}", directory.join(name).display());
        let mut watch = Command::new("/bin/sh");
        watch.args(["-c", WATCH, "watch"]).arg(&directory).args(server);
        watch
            .args([
                within("datadir", "data"),
                within("socket", "socket"),
                within("pid-file", "pid"),
                within("log-error", "log"),
                within("log-bin", "data/binlog"),
                // A server that starts removes the temporary tables that it finds, which may be another's.
                format!("--tmpdir={}", directory.display()),
            ])
            .args([&format!("--port={port}"), "--bind-address=127.0.0.1", "--server-id=1", "--skip-name-resolve"])
            // Wherever the tests run, the clock is the same.
            .args(["--default-time-zone=+00:00"])
            // Nothing of it is to last, so it does not wait for the disk.
            .args(["--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-buffer-pool-size=128M"])
            .args(settings)
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let watch = watch.spawn().unwrap();
        let client =
            vec![client.into(), "--no-defaults".into(), "--user=root".into(), within("socket", "socket").into()];
        let url = format!("mysql://transship:secret@127.0.0.1:{port}");
        let server = MysqlServer { client, url, port, own: Some((directory, watch)) };
        server.wait();
        server.ask("", "CREATE USER 'transship'@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO 'transship'@'%'");
        server
    }

    /// A server that is there: by the plain client with its arguments, and by its URL without a database.
    pub(crate) fn of_others(client: Vec<OsString>, url: String, port: u16) -> MysqlServer {
        MysqlServer { client, url, port, own: None }
    }

    fn wait(&self) {
        let patience = Instant::now() + Duration::from_secs(180);
        while Instant::now() < patience {
            if self.client("").args(["-e", "SELECT 1"]).output().unwrap().status.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let said = |name| std::fs::read_to_string(self.directory().join(name)).unwrap_or_default();
        panic!("the server did not start: {}{}", said("errors"), said("log"));
    }

    /// The plain client, as a user who may do everything.
    pub(crate) fn client(&self, database: &str) -> Command {
        let mut command = Command::new(&self.client[0]);
        command.args(&self.client[1..]);
        command.args(["--batch", "--skip-column-names", "--default-character-set=utf8mb4"]);
        if !database.is_empty() {
            command.arg(database);
        }
        command.stdin(Stdio::null());
        command
    }

    /// The port on the loopback interface.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The directory of a server of our own.
    pub(crate) fn directory(&self) -> &Path {
        &self.own.as_ref().expect("the server is not ours").0
    }

    /// The socket of a server of our own.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory().join("socket")
    }

    /// The URL of one of its databases, for a user who may do everything.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.url)
    }

    /// Makes an empty database and gives its name. On a server of others its name is nobody else's, and it stays.
    pub(crate) fn create_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = match self.own {
            Some(_) => format!("source_{number}"),
            None => format!("transship_test_{}_{number}", std::process::id()),
        };
        self.ask("", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        name
    }

    /// Runs SQL by the plain client and gives what it prints: rows as lines, values with tabs between them.
    #[track_caller]
    pub(crate) fn ask(&self, database: &str, sql: &str) -> String {
        use std::io::Write;
        let mut client =
            self.client(database).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        client.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
