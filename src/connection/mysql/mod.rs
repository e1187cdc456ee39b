//! A MySQL or MariaDB server as a source: its URL, and what option files and the environment add to it.

mod option_file;
mod resolve;
mod settings;

use super::parts::{Parts, UrlError, expect_name};
use super::percent;
use super::tls::{ClientCertificate, RootCertificates, TlsMode};
use secrecy::SecretString;
use settings::{ConnectionSettings, Password, SHAPE};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A `mysql://` or `mariadb://` URL. What it leaves out is in option files and the environment, which are read when the
/// server is asked for: [`MysqlUrl::resolve`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MysqlUrl {
    settings: ConnectionSettings,
    /// The database in which a session begins; empty if the URL names none.
    database: String,
    /// The databases whose tables are read, where the spec names them.
    databases: Vec<String>,
    /// `defaults-file`: the only option file that is read.
    defaults_file: Option<PathBuf>,
    /// `defaults-group`: a group of the option files that is read beside `[client]`, and wins.
    defaults_group: Option<String>,
    /// The parameters, none of which is a secret; paths begin at the base.
    parameters: Vec<(String, String)>,
}

/// A MySQL or MariaDB server, and how to reach a database on it.
#[derive(Debug, Clone)]
pub struct MysqlSource {
    /// The server's place.
    pub endpoint: MysqlEndpoint,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The database in which a session begins.
    pub database: String,
    /// The databases whose tables are read, each with its name before the names of its tables; empty for the one in which a
    /// session begins.
    pub databases: Vec<String>,
    /// How the connection is protected; `prefer` if nothing is said.
    pub tls: TlsMode,
    /// `ssl-ca`: the certificate authorities that verify the server's certificate.
    pub root_certificates: RootCertificates,
    /// `ssl-cert` and `ssl-key`: the client's own certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// Limit on the time until the user is signed in; `None` for no limit.
    pub connect_timeout: Option<Duration>,
    /// Limit on the time in which a server that was asked must say something; `None` for no limit.
    pub read_timeout: Option<Duration>,
    /// Whether the password may be encrypted with a key that the server sends over a connection which is not protected.
    pub allows_public_key_retrieval: bool,
}

/// A server's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MysqlEndpoint {
    /// A host name or an address, and a port.
    Tcp {
        /// Name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A socket of this machine.
    Unix(PathBuf),
}

impl MysqlUrl {
    /// Reads a URL; relative paths are relative to `base`.
    pub(super) fn parse(url: &str, base: &Path) -> Result<Self, UrlError> {
        let parts = Parts::parse(url)?;
        let mut hosts = parts.hosts.into_iter();
        let (host, port) = hosts.next().unzip();
        if hosts.next().is_some() {
            return Err(UrlError::new("the URL names more than one host").hint(SHAPE));
        }
        let database = parts.database.unwrap_or_default();
        expect_name("database", &database)?;
        let mut settings = ConnectionSettings {
            port: port.flatten(),
            user: parts.user,
            password: parts.password.map(Password),
            ..ConnectionSettings::default()
        };
        match host {
            // Percent-encoded, a path fits in the place of a host.
            Some(path) if path.starts_with('/') => settings.socket = Some(PathBuf::from(path)),
            host => settings.host = host,
        }
        let mut source = Self {
            settings,
            database,
            databases: Vec::new(),
            defaults_file: None,
            defaults_group: None,
            parameters: Vec::new(),
        };
        for (name, value) in parts.parameters {
            let spelled = settings::spelled(&name);
            match spelled.as_str() {
                "defaults-file" if value.is_empty() => return Err(UrlError::new("`defaults-file` names no file")),
                "defaults-file" => source.defaults_file = Some(settings::path(&value, base)),
                "defaults-group" => source.defaults_group = Some(value.clone()),
                _ if source.settings.set_parameter(&spelled, &value, base)? => {}
                _ => return Err(settings::unknown(&name)),
            }
            let value = if settings::is_path(&spelled, &value) {
                settings::path(&value, base).display().to_string()
            } else {
                value
            };
            source.parameters.push((spelled, value));
        }
        if source.settings.certificate.is_some() != source.settings.key.is_some() {
            return Err(UrlError::new("a client certificate is two files").hint("name both `ssl-cert` and `ssl-key`"));
        }
        let is_remote = |host: &String| !host.eq_ignore_ascii_case("localhost");
        if source.settings.socket.is_some()
            && (source.settings.host.as_ref().is_some_and(is_remote) || source.settings.port.is_some())
        {
            return Err(UrlError::new("the URL names both a host and a socket").hint(SHAPE));
        }
        Ok(source)
    }

    /// The URL for people, without password and parameters.
    #[must_use]
    pub fn redacted(&self) -> String {
        let settings = &self.settings;
        // A socket is named, or host and port with their defaults.
        let endpoint = match (&settings.socket, &settings.host) {
            (Some(socket), _) => MysqlEndpoint::Unix(socket.clone()),
            (None, None) if settings.port.is_none() => return self.assembled("***", ""),
            (None, host) => {
                let host = host.clone().unwrap_or_else(|| "localhost".to_owned());
                MysqlEndpoint::Tcp { host, port: settings.port.unwrap_or(resolve::PORT) }
            }
        };
        self.assembled("***", &endpoint.written())
    }

    /// Parts of messages that reveal the server's address, the longest first: those of the URL, and those that option files and
    /// the environment add to it.
    pub(super) fn places(&self) -> Vec<String> {
        let mut places = vec![self.redacted()];
        // Files that cannot be read have led to no server.
        if let Ok(server) = self.resolve() {
            places.push(server.redacted());
            if let MysqlEndpoint::Tcp { host, port } = &server.endpoint {
                places.extend([format!("{}:{port}", written_host(host)), host.clone()]);
            }
        }
        places.extend(self.settings.host.clone());
        places.sort_by_key(|place| std::cmp::Reverse(place.len()));
        places
    }

    /// The URL as a spec has it: with its parameters, and with `password` in the place of a password.
    #[must_use]
    pub fn in_spec(&self, password: &str) -> String {
        let settings = &self.settings;
        let host = settings.host.as_deref().map(written_host).unwrap_or_default();
        let port = settings.port.map(|port| format!(":{port}")).unwrap_or_default();
        let is_parameter = self.parameters.iter().any(|(name, _)| name == "socket");
        let host = match &settings.socket {
            Some(socket) if !is_parameter => percent::encode(&socket.to_string_lossy()),
            _ => host,
        };
        let parameters = self.parameters.iter().map(|(name, value)| format!("{name}={}", encoded_value(value)));
        let parameters = parameters.collect::<Vec<_>>().join("&");
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!("{}{mark}{parameters}", self.assembled(password, &format!("{host}{port}")))
    }

    /// The password that stands in the URL.
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        self.settings.password.as_ref().map(|password| &password.0)
    }

    /// The database that the URL names; empty if it names none.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The databases whose tables are read; empty for the one that the URL names.
    #[must_use]
    pub fn databases(&self) -> &[String] {
        &self.databases
    }

    /// The same server, of which the tables of these databases are read. A session begins in the one that the URL names, or
    /// else in the first of them.
    #[must_use]
    pub fn with_databases(mut self, databases: Vec<String>) -> Self {
        self.databases = databases;
        self
    }

    /// The server without a database.
    pub(super) fn alone(mut self) -> Self {
        self.database = String::new();
        self.databases = Vec::new();
        self
    }

    /// Refuses a URL that names no database.
    pub(super) fn expect_database(self) -> Result<Self, UrlError> {
        if self.database.is_empty() { Err(UrlError::new("the URL names no database").hint(SHAPE)) } else { Ok(self) }
    }

    fn assembled(&self, password: &str, address: &str) -> String {
        let password = self.settings.password.as_ref().map(|_| password);
        assembled(self.settings.user.as_deref(), password, address, &self.database)
    }
}

impl MysqlSource {
    /// The URL for people, without password and parameters.
    #[must_use]
    pub fn redacted(&self) -> String {
        let password = self.password.as_ref().map(|_| "***");
        // Where several are read, the first of them is not what is meant.
        let database = if self.databases.len() > 1 { "" } else { &self.database };
        assembled(self.user.as_deref(), password, &self.endpoint.written(), database)
    }
}

impl MysqlEndpoint {
    /// The place as a URL has it.
    fn written(&self) -> String {
        match self {
            Self::Tcp { host, port } => format!("{}:{port}", written_host(host)),
            Self::Unix(socket) => percent::encode(&socket.to_string_lossy()),
        }
    }
}

fn assembled(user: Option<&str>, password: Option<&str>, address: &str, database: &str) -> String {
    let user = user.map(percent::encode).unwrap_or_default();
    let at = if user.is_empty() && password.is_none() { "" } else { "@" };
    let password = password.map(|password| format!(":{password}")).unwrap_or_default();
    format!("mysql://{user}{password}{at}{address}/{}", percent::encode(database))
}

fn written_host(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { percent::encode(host) }
}

/// A parameter's value; the slashes of a path need no encoding behind the `?`.
fn encoded_value(value: &str) -> String {
    value.split('/').map(percent::encode).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
