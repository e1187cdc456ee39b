//! Settings of a connection: parameters of a URL and options of an option file are the same words.

use super::super::parts::{UrlError, parse_port};
use super::super::tls::{RootCertificates, TlsMode};
use crate::name::hint_of_known;
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Hint with the shapes of a URL.
pub(super) const SHAPE: &str = "write mysql://USER:PASSWORD@HOST:PORT/DATABASE, or for a socket \
    mysql://USER:PASSWORD@localhost/DATABASE?socket=/run/mysqld/mysqld.sock";

/// A password, which is compared and never shown.
#[derive(Debug, Clone)]
pub(super) struct Password(pub(super) SecretString);

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Password {}

/// Settings that one place names; the next place fills what it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ConnectionSettings {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<PathBuf>,
    pub(super) user: Option<String>,
    pub(super) password: Option<Password>,
    pub(super) tls: Option<TlsMode>,
    pub(super) authorities: Option<RootCertificates>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
    /// Zero for no limit.
    pub(super) connect_timeout: Option<Duration>,
    /// Zero for no limit.
    pub(super) read_timeout: Option<Duration>,
    pub(super) allows_public_key_retrieval: Option<bool>,
}

/// Parameters of a URL, in MySQL's spelling of its client's options.
const PARAMETERS: [&str; 11] = [
    "ssl-mode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "socket",
    "connect-timeout",
    "read-timeout",
    "allow-public-key-retrieval",
    "defaults-file",
    "defaults-group",
    "sslmode",
];

/// Modes in MySQL's words and in libpq's. Source: MySQL manual, "Command Options for Encrypted Connections".
const TLS_MODES: [(&str, TlsMode); 10] = [
    ("disabled", TlsMode::Disable),
    ("preferred", TlsMode::Prefer),
    ("required", TlsMode::Require),
    ("verify-ca", TlsMode::VerifyCa),
    ("verify-identity", TlsMode::VerifyFull),
    ("disable", TlsMode::Disable),
    ("allow", TlsMode::Prefer),
    ("prefer", TlsMode::Prefer),
    ("require", TlsMode::Require),
    ("verify-full", TlsMode::VerifyFull),
];

/// A name as the tables above have it: case and the choice of `-` or `_` do not count for MySQL's programs.
pub(super) fn spelled(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// Whether a parameter's value is the path of a file.
pub(super) fn is_path(name: &str, value: &str) -> bool {
    match name {
        "ssl-ca" => value != "system",
        name => ["ssl-cert", "ssl-key", "socket", "defaults-file"].contains(&name),
    }
}

/// A path relative to `base`; `~/` is the home directory.
pub(super) fn path(value: &str, base: &Path) -> PathBuf {
    match (value.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => base.join(value),
    }
}

impl ConnectionSettings {
    /// Fills what is left out.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            host: self.host.or(other.host),
            port: self.port.or(other.port),
            socket: self.socket.or(other.socket),
            user: self.user.or(other.user),
            password: self.password.or(other.password),
            tls: self.tls.or(other.tls),
            authorities: self.authorities.or(other.authorities),
            certificate: self.certificate.or(other.certificate),
            key: self.key.or(other.key),
            connect_timeout: self.connect_timeout.or(other.connect_timeout),
            read_timeout: self.read_timeout.or(other.read_timeout),
            allows_public_key_retrieval: self.allows_public_key_retrieval.or(other.allows_public_key_retrieval),
        }
    }

    /// Sets a URL's parameter; `false` if there is none of the name.
    ///
    /// # Errors
    /// The value is not one of the parameter's. No message quotes it: it may be a secret in the wrong place.
    pub(super) fn set_parameter(&mut self, name: &str, value: &str, base: &Path) -> Result<bool, UrlError> {
        let file = |value: &str| {
            let none = UrlError::new(format!("`{name}` names no file")).hint("name one, or leave the parameter out");
            if value.is_empty() { Err(none) } else { Ok(path(value, base)) }
        };
        match name {
            "ssl-mode" | "sslmode" => self.tls = Some(tls_mode(value)?),
            "ssl-ca" if value == "system" => self.authorities = Some(RootCertificates::System),
            "ssl-ca" => self.authorities = Some(RootCertificates::File(file(value)?)),
            "ssl-cert" => self.certificate = Some(file(value)?),
            "ssl-key" => self.key = Some(file(value)?),
            "socket" => self.socket = Some(file(value)?),
            "connect-timeout" => self.connect_timeout = Some(seconds(name, value)?),
            "read-timeout" => self.read_timeout = Some(seconds(name, value)?),
            "allow-public-key-retrieval" => self.allows_public_key_retrieval = Some(truth(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Sets an option of an option file, where an option without `=` has no value; `false` if it says nothing of a
    /// connection.
    ///
    /// # Errors
    /// The value is not one of the option's.
    pub(super) fn set_option(&mut self, name: &str, value: Option<&str>) -> Result<bool, UrlError> {
        let base = Path::new("");
        match (name, value) {
            ("host", Some(host)) => self.host = Some(host.to_owned()),
            ("port", Some(port)) => self.port = parse_port(port)?,
            ("user", Some(user)) => self.user = Some(user.to_owned()),
            // The option alone asks for the password on the terminal.
            ("password", Some(password)) => self.password = Some(Password(SecretString::from(password))),
            // MariaDB's words.
            ("ssl", value) => self.tls = Some(if is_on(value) { TlsMode::Require } else { TlsMode::Disable }),
            ("skip-ssl" | "disable-ssl", value) if is_on(value) => self.tls = Some(TlsMode::Disable),
            ("ssl-verify-server-cert", value) if is_on(value) => self.tls = Some(TlsMode::VerifyFull),
            // An empty value in an option file resets the value of an earlier file.
            ("ssl-ca", Some("")) => self.authorities = None,
            ("ssl-cert", Some("")) => self.certificate = None,
            ("ssl-key", Some("")) => self.key = None,
            (name, Some(value)) => return self.set_parameter(name, value, base),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Whether an option that is a switch is on: with no value it is.
fn is_on(value: Option<&str>) -> bool {
    !value.is_some_and(|value| ["0", "off", "false", "no"].contains(&value.to_ascii_lowercase().as_str()))
}

fn tls_mode(value: &str) -> Result<TlsMode, UrlError> {
    let word = spelled(value);
    let known = TLS_MODES.iter().find(|(known, _)| *known == word);
    known.map(|(_, mode)| *mode).ok_or_else(|| {
        let words = TLS_MODES.map(|(word, _)| word);
        UrlError::new("`ssl-mode` has a value that is not known").hint(hint_of_known(
            value,
            &words[..5],
            "it is one of",
        ))
    })
}

fn seconds(name: &str, value: &str) -> Result<Duration, UrlError> {
    value
        .parse()
        .map(Duration::from_secs)
        .map_err(|_| UrlError::new(format!("`{name}` is not a whole number of seconds")).hint("write 0 for no limit"))
}

fn truth(name: &str, value: &str) -> Result<bool, UrlError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(UrlError::new(format!("`{name}` is neither true nor false"))),
    }
}

/// The error of a parameter that is not known.
pub(super) fn unknown(name: &str) -> UrlError {
    let error = UrlError::new("a parameter of the URL is not known");
    match spelled(name).as_str() {
        "charset" | "character-set" | "default-character-set" | "characterencoding" => {
            error.hint("leave it out: the server converts every text to UTF-8, and bytes are read as they are")
        }
        "ssl" | "usessl" | "tls" | "ssl-disabled" => error.hint("write ssl-mode=required, or ssl-mode=disabled"),
        "unix-socket" | "unixsocket" => error.hint("write socket=/run/mysqld/mysqld.sock"),
        "user" | "password" | "host" | "port" => error.hint(SHAPE),
        _ => error.hint(hint_of_known(name, &PARAMETERS[..10], "known parameters are")),
    }
}
