//! A private server of MariaDB or MySQL, to see what a dump holds. It listens on a socket alone.

use super::tool::of_program;
use crate::connection::{MysqlEndpoint, MysqlSource, ProgramError, RootCertificates, TlsMode, run_program};
use crate::source::SourceError;
use crate::source::copying::{CopyWatch, Copying};
use crate::source::mysql;
use crate::source::mysql::snapshot::{ServerMoment, failure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Time that a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(120);

/// Interval of the attempts to connect.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs a server until standard input closes, and removes its directory then; ends by itself if the server does.
const WATCH: &str = r#"
directory=$1
shift
exec 3<&0
"$@" >>"$directory/log" 2>&1 &
server=$!
( read -r end <&3; kill -KILL "$server" 2>/dev/null; rm -rf "$directory" ) &
wait "$server"
"#;

/// The database that a dump of one database is restored into.
const DATABASE: &str = "restored";

/// The running server; it ends when it is dropped, and its files go.
pub(super) struct PrivateServer {
    process: Child,
    directory: PathBuf,
}

impl PrivateServer {
    /// Starts a server of the kind in a new directory. The inner error is the reason why there is none on this machine.
    pub(super) fn start(
        is_mariadb: bool,
        directory: &Path,
        watch: &CopyWatch<'_>,
    ) -> Result<Result<Self, String>, SourceError> {
        let Some(program) = server_program(is_mariadb) else {
            let name = if is_mariadb { "MariaDB" } else { "MySQL" };
            return Ok(Err(format!(
                "no server of {name} is installed here to restore it into; its checksum was compared"
            )));
        };
        let directory = directory.join("private-server");
        let unwritten =
            |cause: std::io::Error| SourceError::NotCopied { copy: directory.clone(), cause: cause.to_string() };
        let data = directory.join("data");
        std::fs::create_dir_all(&data).and_then(|()| hand_over(&data)).map_err(unwritten)?;
        let goes_on = || watch(Copying::Program);
        let initialized = if is_mariadb {
            let mut install = Command::new("mariadb-install-db");
            install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
            run_program(as_server_user(install.arg(option("--datadir=", &data))), &goes_on)
        } else {
            let mut install = Command::new(&program);
            install.args(["--no-defaults", "--initialize-insecure"]);
            run_program(as_server_user(install.arg(option("--datadir=", &data))), &goes_on)
        };
        match initialized {
            Ok(_) => {}
            Err(ProgramError::Stopped) => {
                return Err(SourceError::Interrupted { doing: "preparing a private server".to_owned() });
            }
            Err(error) => return Err(of_program("the private server's set-up", &error)),
        }
        // A shell watches over it: its input closes when this process ends, however it ends.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCH, "watch"]).arg(&directory).arg(&program);
        command.args(["--no-defaults", "--skip-networking", "--skip-log-bin"]);
        command.arg(option("--datadir=", &data)).arg(option("--socket=", &socket(&directory)));
        command.arg(option("--pid-file=", &data.join("pid")));
        if !is_mariadb {
            command.arg("--mysqlx=OFF");
        }
        as_server_user(&mut command).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let process =
            command.spawn().map_err(|error| of_program("the private server", &ProgramError::Broken(error)))?;
        let mut server = Self { process, directory };
        server.wait(watch)?;
        Ok(Ok(server))
    }

    /// Waits until it answers.
    fn wait(&mut self, watch: &CopyWatch<'_>) -> Result<(), SourceError> {
        let (begun, address) = (Instant::now(), self.address("mysql", &[]));
        loop {
            let ended = self.process.try_wait();
            let failed = |message: String| {
                let hint = "read the server's log in the message; the copy itself is not in doubt";
                SourceError::Tool { program: "the private server".to_owned(), message, hint }
            };
            match ServerMoment::now(&address) {
                Ok(_) => return Ok(()),
                Err(_) if !watch(Copying::Program) => {
                    return Err(SourceError::Interrupted { doing: "starting a private server".to_owned() });
                }
                Err(error) if begun.elapsed() > PATIENCE || !matches!(ended, Ok(None)) => {
                    let log =
                        std::fs::read_to_string(self.directory.join("log")).unwrap_or_else(|cause| cause.to_string());
                    let lines = log.lines().collect::<Vec<_>>();
                    let end = lines[lines.len().saturating_sub(12)..].join("\n");
                    return Err(failed(format!("does not answer: {error}\n{end}")));
                }
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    /// Its address, with the database in which a session begins, and those that are read.
    pub(super) fn address(&self, database: &str, databases: &[String]) -> MysqlSource {
        MysqlSource {
            endpoint: MysqlEndpoint::Unix(socket(&self.directory)),
            user: Some("root".to_owned()),
            password: None,
            database: database.to_owned(),
            databases: databases.to_vec(),
            tls: TlsMode::Disable,
            root_certificates: RootCertificates::Usual,
            client_certificate: None,
            connect_timeout: Some(PATIENCE),
            read_timeout: None,
            allows_public_key_retrieval: false,
        }
    }

    /// Makes an empty database.
    pub(super) fn create_database(&self) -> Result<String, SourceError> {
        let address = self.address("mysql", &[]);
        let made = ServerMoment::now(&address)?.client().query(&format!("CREATE DATABASE {DATABASE}"));
        made.map_err(|error| failure(&address, "making a database", &error))?;
        Ok(DATABASE.to_owned())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        // It is thrown away: nothing of it has to be written to the disk.
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            tracing::debug!(%error, "a private server could not be ended");
        }
    }
}

/// The socket; its path has to be short (a hundred bytes).
fn socket(directory: &Path) -> PathBuf {
    directory.join("data/s")
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}

/// The user that the server changes to where we are root, whose rights it refuses.
const USER: &str = "mysql";

/// Gives a directory to the server's user.
fn hand_over(directory: &Path) -> std::io::Result<()> {
    let user = nix::unistd::User::from_name(USER)?.filter(|_| nix::unistd::geteuid().is_root());
    user.map_or(Ok(()), |user| std::os::unix::fs::chown(directory, Some(user.uid.as_raw()), Some(user.gid.as_raw())))
}

/// The server refuses to run as root, and changes to the user that is named then.
fn as_server_user(command: &mut Command) -> &mut Command {
    if nix::unistd::geteuid().is_root() { command.arg(format!("--user={USER}")) } else { command }
}

/// The server's program: on PATH, or where distributions put programs of administrators.
fn server_program(is_mariadb: bool) -> Option<PathBuf> {
    let names: &[_] = if is_mariadb { &["mariadbd", "mysqld"] } else { &["mysqld"] };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin", "/usr/libexec"].map(PathBuf::from));
    let candidates = places.flat_map(|place| names.iter().map(move |name| place.join(name)).collect::<Vec<_>>());
    candidates.filter(|program| program.is_file()).find(|program| {
        let version = run_program(Command::new(program).arg("--version").stdin(Stdio::null()), &|| true);
        version.is_ok_and(|version| mysql::is_mariadb(&version) == is_mariadb)
    })
}
