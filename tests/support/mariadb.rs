//! A private MariaDB server for one test process.
//!
//! It lives as the PostgreSQL server of `server.rs` does: in a temporary directory, watched by a shell that ends it when this
//! process ends. It speaks over a socket of its own and a free port of the loopback interface.

use crate::support::server::Owner;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server.
pub(crate) struct MariaDb {
    directory: PathBuf,
    port: u16,
    /// The watching shell; it ends the server when its input closes.
    _watch: Child,
}

/// The server of this process, started when first asked for.
pub(crate) fn mariadb() -> &'static MariaDb {
    static SERVER: OnceLock<MariaDb> = OnceLock::new();
    SERVER.get_or_init(|| MariaDb::start(&[]))
}

/// Arguments: the directory, the port, more arguments of the server.
const WATCH: &str = r#"
directory=$1 port=$2
shift 2
mariadbd --no-defaults --datadir="$directory/data" --socket="$directory/socket" --port="$port" \
    --bind-address=127.0.0.1 --pid-file="$directory/pid" --log-error="$directory/log" --log-bin="$directory/data/binlog" \
    --server-id=1 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=128M --skip-name-resolve "$@" &
read -r end
kill -KILL $!
wait
rm -rf "$directory"
"#;

impl MariaDb {
    /// Starts a server that nobody else uses, with settings of its own.
    pub(crate) fn start(settings: &[&str]) -> MariaDb {
        let owner = Owner::find();
        let directory = tempfile::Builder::new().prefix("transship-mariadb-").tempdir().unwrap().keep();
        owner.own(&directory);
        let made = owner
            .command(Path::new("mariadb-install-db"))
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}", directory.join("data").display()))
            .current_dir(&directory)
            .output()
            .expect("no MariaDB server on this machine: apt-get install mariadb-server");
        assert!(made.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let watch = owner
            .command(Path::new("/bin/sh"))
            .args(["-c", WATCH, "watch"])
            .arg(&directory)
            .arg(port.to_string())
            .args(settings)
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = MariaDb { directory, port, _watch: watch };
        server.wait();
        server.ask("", "CREATE USER 'transship'@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO 'transship'@'%'");
        server
    }

    fn wait(&self) {
        let patience = Instant::now() + Duration::from_secs(60);
        while Instant::now() < patience {
            if self.client("").args(["-e", "SELECT 1"]).output().unwrap().status.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("MariaDB did not start: {}", std::fs::read_to_string(self.directory.join("log")).unwrap_or_default());
    }

    /// The plain client, as root, over the socket.
    fn client(&self, database: &str) -> Command {
        let mut command = Command::new("mariadb");
        command.args([
            "--no-defaults",
            "--batch",
            "--skip-column-names",
            "--default-character-set=utf8mb4",
            "--user=root",
        ]);
        command.arg(format!("--socket={}", self.directory.join("socket").display()));
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

    /// The server's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// The URL of one of its databases, for a user who may do everything.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("mysql://transship:secret@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database and gives its name.
    pub(crate) fn create_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("source_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
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
