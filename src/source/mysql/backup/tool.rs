//! Programs of the server's, with the address of the server in a file that only its user can read.

use crate::connection::{MysqlEndpoint, MysqlSource, ProgramError, TlsMode, run_program};
use crate::source::SourceError;
use crate::source::backup::{Copying, Watch};
use secrecy::ExposeSecret;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Hint for a program that is missing.
const INSTALL: &str =
    "install the client programs of the server (Debian: apt-get install mariadb-client, or default-mysql-client)";

/// Hint for a program that failed.
const READ: &str = "the message is the program's own; the user by whom it signed in needs the rights that it names";

/// A program of the server's, with the address of the server in a file that only its user can read.
pub(super) struct Tool {
    program: &'static str,
    version: String,
    options: Options,
}

/// A file of options, which is removed when it is no longer needed. A password in an argument would be seen by everybody on the
/// machine, and in a variable by the program's children.
struct Options(PathBuf);

impl Drop for Options {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "the file of options stays");
        }
    }
}

impl Tool {
    /// The first of these programs that is there; one of the server's own kind, if that is given, before the others.
    pub(super) fn find(
        names: &[&'static str],
        is_mariadb: Option<bool>,
        server: &MysqlSource,
        directory: &Path,
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
        found
            .sort_by_key(|(_, version)| is_mariadb.is_some_and(|is_mariadb| version.contains("MariaDB") != is_mariadb));
        let Some((program, version)) = found.into_iter().next() else {
            return Err(of_program(names.first().copied().unwrap_or_default(), &ProgramError::NotFound));
        };
        let options = write_options(server, directory, version.contains("MariaDB"))?;
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
        self.version.contains("MariaDB")
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
        file.push(&self.options.0);
        command.arg(file).stdin(Stdio::null());
        // A server of the environment is another than the one of the file ("Environment Variables" in MySQL's manual).
        for name in ["MYSQL_PWD", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT"] {
            command.env_remove(name);
        }
        command
    }

    pub(super) fn run(&self, command: &mut Command, watch: &Watch<'_>) -> Result<(), SourceError> {
        match run_program(command, &|| watch(Copying::Program)) {
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

/// Writes the address of the server into a file of options ("Using Option Files" in MySQL's manual).
fn write_options(server: &MysqlSource, directory: &Path, is_mariadb: bool) -> Result<Options, SourceError> {
    let path = directory.join(format!("transship-{}.cnf", std::process::id()));
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
    let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let written = written.and_then(|mut file| file.write_all(format!("{}\n", lines.join("\n")).as_bytes()));
    written.map_err(|cause| SourceError::NotCopied { copy: path.clone(), cause: cause.to_string() })?;
    Ok(Options(path))
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
