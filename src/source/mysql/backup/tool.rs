//! Programs of the server's. The address of the server and its password reach them through a pipe with a name, which only its user
//! can open: no password lies in a file that stays where a process is killed.

use crate::connection::{MysqlEndpoint, MysqlSource, ProgramError, ScratchDirectory, TlsMode, run_program};
use crate::source::SourceError;
use crate::source::copying::{CopyWatch, Copying};
use crate::source::mysql;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use secrecy::{ExposeSecret, SecretString};
use std::cell::Cell;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Hint for a program that is missing.
const INSTALL: &str =
    "install the client programs of the server (Debian: apt-get install mariadb-client, or default-mysql-client)";

/// Beginning of the names of directories for the options of a program.
const TEMPORARY: &str = "transship-";

/// Hint for a program that failed.
const READ: &str = "read the program's own message; the user by whom it signed in needs the rights that it names";

/// A program of the server's, with the address of the server. It is run once.
pub(super) struct Tool {
    program: &'static str,
    version: String,
    options: ClientOptions,
}

/// Options for one program, in a pipe of the file system. A password in an argument would be seen by everybody on the machine, and in
/// a variable by the program's children.
struct ClientOptions {
    pipe: PathBuf,
    text: SecretString,
    is_read: Cell<bool>,
    /// The directory of the pipe: that of a backup may be on a file system that has none.
    _directory: ScratchDirectory,
}

impl ClientOptions {
    /// Hands the options over as soon as the program has opened the pipe, whose name is then removed.
    fn offer(&self) {
        if self.is_read.get() {
            return;
        }
        // Without a reader it cannot be opened for writing in this way (ENXIO in open(2)).
        let opened = std::fs::OpenOptions::new().write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&self.pipe);
        let Ok(mut pipe) = opened else { return };
        self.is_read.set(true);
        let written = pipe.write_all(self.text.expose_secret().as_bytes());
        if let Err(error) = written.and_then(|()| std::fs::remove_file(&self.pipe)) {
            tracing::debug!(%error, "the options of a program");
        }
    }
}

impl Tool {
    /// The first of these programs that is there; one of the server's own kind, if that is given, before the others.
    pub(super) fn find(
        names: &[&'static str],
        is_mariadb: Option<bool>,
        server: &MysqlSource,
    ) -> Result<Self, SourceError> {
        let mut found = Vec::new();
        for program in names {
            let mut asked = Command::new(program);
            match run_program(asked.arg("--version").stdin(Stdio::null()), &|| true) {
                Err(ProgramError::NotFound) => {}
                Err(error) => return Err(of_program(program, &error)),
                Ok(version) => found.push((*program, version.trim().to_owned())),
            }
        }
        // One name may lead to the other kind: distributions link `mysqldump` to MariaDB's.
        let is_other = |version: &str| is_mariadb.is_some_and(|is_mariadb| mysql::is_mariadb(version) != is_mariadb);
        found.sort_by_key(|(_, version)| is_other(version));
        let Some((program, version)) = found.into_iter().next() else {
            return Err(of_program(names.first().copied().unwrap_or_default(), &ProgramError::NotFound));
        };
        let options = ClientOptions::about(server, mysql::is_mariadb(&version))?;
        Ok(Self { program, version, options })
    }

    /// Makes sure that MariaDB's program has no columns to write that the server, which is MySQL's, computes.
    pub(super) fn must_not_write(&self, generated: &[String]) -> Result<(), SourceError> {
        if generated.is_empty() {
            return Ok(());
        }
        let message = format!(
            "is MariaDB's ({}), and writes values for columns that MySQL computes, with which it refuses to restore the dump (error \
             3105): {}",
            self.version,
            generated.join(", ")
        );
        let hint = "install MySQL's own client programs (mysql-client of the server's version), so that its mysqldump is on PATH";
        Err(SourceError::Tool { program: self.program.to_owned(), message, hint })
    }

    pub(super) fn is_mariadb(&self) -> bool {
        mysql::is_mariadb(&self.version)
    }

    /// Name of the program.
    pub(super) fn name(&self) -> &'static str {
        self.program
    }

    /// The program's own word about its version.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Whether the program's help names an option.
    pub(super) fn knows(&self, option: &str) -> bool {
        let help = run_program(Command::new(self.program).arg("--help").stdin(Stdio::null()), &|| true);
        help.is_ok_and(|help| help.contains(option))
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        // The first argument, or it is not read as this option.
        let mut file = std::ffi::OsString::from("--defaults-file=");
        file.push(&self.options.pipe);
        command.arg(file).stdin(Stdio::null());
        // A server of the environment is another than the one of the file ("Environment Variables" in MySQL's manual).
        for name in ["MYSQL_PWD", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT"] {
            command.env_remove(name);
        }
        command
    }

    pub(super) fn run(&self, command: &mut Command, watch: &CopyWatch<'_>) -> Result<(), SourceError> {
        let goes_on = || {
            self.options.offer();
            watch(Copying::Program)
        };
        match run_program(command, &goes_on) {
            Ok(_) => Ok(()),
            Err(ProgramError::Stopped) => Err(SourceError::Interrupted { doing: format!("running {}", self.program) }),
            Err(error) => Err(of_program(self.program, &error)),
        }
    }
}

pub(super) fn of_program(program: &str, error: &ProgramError) -> SourceError {
    let hint = if matches!(error, ProgramError::NotFound) { INSTALL } else { READ };
    SourceError::Tool { program: program.to_owned(), message: error.to_string(), hint }
}

impl ClientOptions {
    /// Makes the pipe for the address of the server.
    fn about(server: &MysqlSource, is_mariadb: bool) -> Result<Self, SourceError> {
        let place = std::env::temp_dir();
        let unwritten =
            |cause: std::io::Error| SourceError::NotCopied { copy: place.clone(), cause: cause.to_string() };
        let directory = ScratchDirectory::make_private(&place, TEMPORARY).map_err(unwritten)?;
        let pipe = directory.path().join("options");
        nix::unistd::mkfifo(&pipe, Mode::S_IRUSR | Mode::S_IWUSR).map_err(|error| unwritten(error.into()))?;
        let text = SecretString::from(options(server, is_mariadb));
        Ok(Self { pipe, text, is_read: Cell::new(false), _directory: directory })
    }
}

/// The address of the server as a file of options has it ("Using Option Files" in MySQL's manual).
fn options(server: &MysqlSource, is_mariadb: bool) -> String {
    let mut lines = vec!["[client]".to_owned()];
    let mut set = |name: &str, value: &str| lines.push(format!("{name}={}", quoted(value)));
    match &server.endpoint {
        MysqlEndpoint::Tcp { host, port } => {
            set("host", host);
            set("port", &port.to_string());
            set("protocol", "tcp");
        }
        MysqlEndpoint::Unix(socket) => {
            set("socket", &socket.display().to_string());
            set("protocol", "socket");
        }
    }
    if let Some(user) = &server.user {
        set("user", user);
    }
    if let Some(password) = &server.password {
        set("password", password.expose_secret());
    }
    if let Some(file) = server.root_certificates.file() {
        set("ssl-ca", &file.display().to_string());
    }
    if let Some(client) = &server.client_certificate {
        set("ssl-cert", &client.certificate.display().to_string());
        set("ssl-key", &client.key.display().to_string());
    }
    match (is_mariadb, server.tls) {
        (true, TlsMode::Disable) => lines.push("skip-ssl".to_owned()),
        (true, TlsMode::Prefer) => {}
        (true, TlsMode::Require) => lines.push("ssl".to_owned()),
        // The programs of MariaDB check the name together with the certificate.
        (true, TlsMode::VerifyCa | TlsMode::VerifyFull) => {
            lines.extend(["ssl".to_owned(), "ssl-verify-server-cert".to_owned()]);
        }
        (false, mode) => {
            let word = match mode {
                TlsMode::Disable => "DISABLED",
                TlsMode::Prefer => "PREFERRED",
                TlsMode::Require => "REQUIRED",
                TlsMode::VerifyCa => "VERIFY_CA",
                TlsMode::VerifyFull => "VERIFY_IDENTITY",
            };
            lines.push(format!("ssl-mode={word}"));
        }
    }
    format!("{}\n", lines.join("\n"))
}

/// A value in double quotes, inside which a backslash takes the next character literally.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '\\' | '"' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
