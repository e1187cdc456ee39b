//! A private PostgreSQL server for one test process.
//!
//! The server's programs are those of the machine. The server lives in a temporary directory, and a shell watches it:
//! when this process ends, in whatever way, the pipe to the shell closes, and the shell ends the server and removes the
//! directory. A server of one's own can be crashed and started again.

use crate::support::port::free_port;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Patience with a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server.
pub(crate) struct Server {
    directory: PathBuf,
    port: u16,
    /// The watching shell; it ends the server when its input closes.
    watch: Child,
}

/// The server of this process, started when first asked for. Nobody but the tests changes its statistics and its locks.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start_with(&["fsync=off", "autovacuum=off"]))
}

impl Server {
    /// Parameters for a connection to the database `postgres`, in the form of libpq.
    pub(crate) fn parameters(&self) -> String {
        format!("host={} port={} user=postgres dbname=postgres", self.directory.display(), self.port)
    }

    /// The URL of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The same by way of the file system, as only programs on this machine can.
    pub(crate) fn socket_url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}&port={}", self.directory.display(), self.port)
    }

    /// The URL for a user that has to give its password.
    pub(crate) fn url_with_password(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts a server that nobody else uses. Nothing of it is to last, so it does not wait for the disk.
    pub(crate) fn start() -> Server {
        Server::start_with(&["fsync=off"])
    }

    /// Starts a server that nobody else uses, with settings of its own.
    pub(crate) fn start_with(settings: &[&str]) -> Server {
        Server::start_as(&[], settings)
    }

    /// Starts a server that nobody else uses, whose files are so small that [`Server::restart_with_room`] can be strict.
    pub(crate) fn start_with_small_files() -> Server {
        Server::start_as(&["--wal-segsize=1"], &["fsync=off", "max_wal_size=1GB"])
    }

    fn start_as(made_with: &[&str], settings: &[&str]) -> Server {
        // Users of this group have to give a password, all others are taken at their word.
        let authentication =
            "local all,replication all trust\nhost all +guarded all scram-sha-256\nhost all all all trust\n";
        Server::start_with_files(made_with, settings, "", authentication)
    }

    /// Starts a server that nobody else uses, with lines of postgresql.conf and a whole pg_hba.conf.
    pub(crate) fn start_with_files(
        made_with: &[&str],
        settings: &[&str],
        configuration: &str,
        authentication: &str,
    ) -> Server {
        let programs = programs();
        let owner = Owner::find();
        let directory = tempfile::Builder::new().prefix("transship-test-").tempdir().unwrap().keep();
        owner.own(&directory);
        let data = directory.join("data");
        let made = owner
            .command(&programs.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .args(made_with)
            .arg("-D")
            .arg(&data)
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        std::fs::write(data.join("pg_hba.conf"), authentication).unwrap();
        let file = data.join("postgresql.conf");
        let usual = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("{usual}\n{configuration}\n")).unwrap();
        Server::run(directory, settings)
    }

    /// Starts a standby of this server, which only reads what it receives.
    pub(crate) fn start_standby(&self) -> Server {
        let owner = Owner::find();
        let directory = tempfile::Builder::new().prefix("transship-test-").tempdir().unwrap().keep();
        owner.own(&directory);
        let made = owner
            .command(&programs().join("pg_basebackup"))
            .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--username=postgres"])
            .args(["--host", self.directory.to_str().unwrap(), "--port", &self.port.to_string()])
            .arg("--pgdata")
            .arg(directory.join("data"))
            .current_dir(&directory)
            .output()
            .unwrap();
        assert!(made.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&made.stderr));
        Server::run(directory, &["fsync=off"])
    }

    /// Runs the server whose data lie in the directory.
    fn run(directory: PathBuf, settings: &[&str]) -> Server {
        let (programs, owner) = (programs(), Owner::find());
        let port = free_port();
        let watch = owner
            .command(Path::new("/bin/sh"))
            .args(["-c", WATCH, "watch"])
            .arg(programs.join("postgres"))
            .arg(&directory)
            .arg(port.to_string())
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { directory, port, watch };
        server.wait();
        server
    }

    /// The port on the loopback interface.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends the server as a crash would, waits until it is gone, and starts it again.
    pub(crate) fn crash_and_restart(&mut self) {
        self.restart("again");
    }

    /// The same; the new server's files may not grow beyond so many kilobytes, as on a disk that is full then. `None`
    /// gives it all the room there is.
    pub(crate) fn restart_with_room(&mut self, kilobytes: Option<u32>) {
        // The shell's unit is half a kilobyte.
        let room = kilobytes.map_or_else(|| "unlimited".to_owned(), |kilobytes| (kilobytes * 2).to_string());
        self.restart(&format!("again {room}"));
    }

    fn restart(&mut self, how: &str) {
        let file = self.directory.join("data/postmaster.pid");
        let running = std::fs::read_to_string(&file).unwrap();
        let shell = self.watch.stdin.as_mut().unwrap();
        shell.write_all(format!("{how}\n").as_bytes()).unwrap();
        // The file names the process; another content is the new server's.
        let patience = Instant::now() + PATIENCE;
        let first_line = |text: &str| text.lines().next().map(str::to_owned);
        while std::fs::read_to_string(&file).is_ok_and(|text| first_line(&text) == first_line(&running)) {
            assert!(Instant::now() < patience, "PostgreSQL did not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.wait();
    }

    /// Waits until the server takes connections.
    fn wait(&self) {
        let (owner, is_ready) = (Owner::find(), programs().join("pg_isready"));
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            let ready = owner
                .command(&is_ready)
                .args(["-q", "-h", self.directory.to_str().unwrap(), "-p", &self.port.to_string()])
                .current_dir("/")
                .status()
                .unwrap();
            if ready.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start: {log}");
    }
}

/// Arguments: the program, the directory, the port, more arguments of the program. Everything of the server is thrown
/// away, so it may stop at once. Each line of input starts it anew; its second word limits the size of files.
const WATCH: &str = r#"
program=$1 directory=$2 port=$3
shift 3
run() {
    "$program" -D "$directory/data" -k "$directory" -p "$port" -c listen_addresses=127.0.0.1 -c timezone=UTC "$@" \
        >>"$directory/log" 2>&1 &
}
run "$@"
while read -r again room; do
    kill -QUIT $!
    wait $!
    ulimit -S -f "${room:-unlimited}"
    run "$@"
done
kill -QUIT $!
wait
rm -rf "$directory"
"#;

/// The directory with `initdb` and `postgres`: the one that `POSTGRESQL_PROGRAMS` names (another version, or one with other
/// extensions), Debian's places, then what `pg_config` says, then PATH.
pub(crate) fn programs() -> PathBuf {
    let mut places: Vec<PathBuf> = std::env::var_os("POSTGRESQL_PROGRAMS").map(PathBuf::from).into_iter().collect();
    let mut of_debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    of_debian.sort();
    places.extend(of_debian.into_iter().rev());
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        places.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let complete = |place: &PathBuf| place.join("initdb").exists() && place.join("postgres").exists();
    places.into_iter().find(complete).expect("no PostgreSQL server on this machine: apt-get install postgresql")
}

/// Who runs the server: initdb refuses root, so root hands it to the user `postgres`.
pub(crate) struct Owner(Option<nix::unistd::User>);

impl Owner {
    pub(crate) fn find() -> Owner {
        if !nix::unistd::geteuid().is_root() {
            return Owner(None);
        }
        let user = nix::unistd::User::from_name("postgres").unwrap();
        Owner(Some(user.expect("there is no user `postgres` to run the server as")))
    }

    pub(crate) fn own(&self, directory: &Path) {
        if let Owner(Some(user)) = self {
            nix::unistd::chown(directory, Some(user.uid), Some(user.gid)).unwrap();
        }
    }

    /// The user's name; `None` if it is the one that the tests run as.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.as_ref().map(|user| user.name.as_str())
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Owner(Some(user)) = self {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}
