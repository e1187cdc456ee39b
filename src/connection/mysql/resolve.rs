//! The parts of an address that a URL leaves out: option files, the environment, and MySQL's defaults.
//!
//! The order is that of MySQL's programs: the URL, then option files, then variables, then defaults.
//! Source: MySQL manual, "Specifying Program Options", "Environment Variables", "Connecting to the Server".

use super::super::parts::{UrlError, expect_name, parse_port};
use super::super::tls::{ClientCertificate, RootCertificates, TlsMode};
use super::settings::{ConnectionSettings, Password};
use super::{MysqlEndpoint, MysqlSource, MysqlUrl, option_file};
use secrecy::SecretString;
use std::path::PathBuf;
use std::time::Duration;

/// MySQL's port.
pub(super) const PORT: u16 = 3306;

/// Limit on signing in, unless something else is said.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Places of a server's socket, for `localhost`: those of the distributions, and MySQL's own.
const SOCKETS: [&str; 4] =
    ["/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];

/// Properties of a machine and a user.
pub(super) struct MysqlSurroundings<'a> {
    /// A variable of the environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// Option files, in the order in which they are read.
    pub(super) files: Vec<PathBuf>,
    /// Usual places of a socket.
    pub(super) sockets: Vec<PathBuf>,
    /// The operating system's name of the user.
    pub(super) user: Option<String>,
}

impl MysqlUrl {
    /// The server, with what option files and the environment say of it: for what the URL leaves out, in this order, the
    /// option files (`/etc/my.cnf`, `/etc/mysql/my.cnf`, `~/.my.cnf`, or `defaults-file` alone), then `MYSQL_HOST`,
    /// `MYSQL_TCP_PORT`, `MYSQL_UNIX_PORT` and `MYSQL_PWD`, then MySQL's defaults.
    ///
    /// # Errors
    /// An option file cannot be read or understood.
    pub fn resolve(&self) -> Result<MysqlSource, UrlError> {
        let mut files = vec![PathBuf::from("/etc/my.cnf"), PathBuf::from("/etc/mysql/my.cnf")];
        files.extend(std::env::home_dir().map(|home| home.join(".my.cnf")));
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map(|user| user.name);
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let sockets = SOCKETS.map(PathBuf::from).to_vec();
        self.resolve_in(MysqlSurroundings { variable: &variable, files, sockets, user })
    }

    pub(super) fn resolve_in(&self, surroundings: MysqlSurroundings<'_>) -> Result<MysqlSource, UrlError> {
        let (files, must_exist) = match &self.defaults_file {
            Some(file) => (vec![file.clone()], true),
            None => (surroundings.files, false),
        };
        let variable = surroundings.variable;
        let group = self.defaults_group.as_deref();
        let filed = option_file::read(&files, must_exist, group)?;
        let usual = ConnectionSettings {
            host: variable("MYSQL_HOST"),
            port: variable("MYSQL_TCP_PORT").map(|port| parse_port(&port)).transpose()?.flatten(),
            socket: variable("MYSQL_UNIX_PORT").map(PathBuf::from),
            user: surroundings.user,
            password: variable("MYSQL_PWD").map(|password| Password(SecretString::from(password))),
            ..ConnectionSettings::default()
        };
        let is_by_port = self.settings.port.is_some();
        let named = self.settings.clone();
        // A host of the URL is not reached by the socket that a file has for another, nor a socket by a host.
        let filed = if named.socket.is_some() { ConnectionSettings { host: None, ..filed } } else { filed };
        let usual = if named.socket.is_some() { ConnectionSettings { host: None, ..usual } } else { usual };
        let named_socket = named.socket.clone();
        let sockets =
            [&filed, &usual].into_iter().filter_map(|settings| settings.socket.clone()).chain(surroundings.sockets);
        let sockets = sockets.collect();
        let said = named.or(filed).or(usual);
        for (what, name) in [("host", &said.host), ("user", &said.user)] {
            expect_name(what, name.as_deref().unwrap_or_default())?;
        }
        let endpoint = endpoint(&said, is_by_port, named_socket, sockets);
        let client_certificate = match (said.certificate, said.key) {
            (Some(certificate), Some(key)) => Some(ClientCertificate { certificate, key }),
            (None, None) => None,
            _ => {
                return Err(UrlError::new("a client certificate is two files, and an option file names one of them")
                    .hint("name both `ssl-cert` and `ssl-key`"));
            }
        };
        let limit = |limit: Duration| (!limit.is_zero()).then_some(limit);
        // A file of authorities without a mode asks for the check of the certificate (MySQL manual, `--ssl-mode`).
        let unsaid = if said.authorities.is_some() { TlsMode::VerifyCa } else { TlsMode::Prefer };
        Ok(MysqlSource {
            endpoint,
            user: said.user,
            password: said.password.map(|password| password.0),
            database: match self.databases.first() {
                Some(first) if self.database.is_empty() => first.clone(),
                _ => self.database.clone(),
            },
            databases: self.databases.clone(),
            tls: said.tls.unwrap_or(unsaid),
            root_certificates: said.authorities.unwrap_or(RootCertificates::System),
            client_certificate,
            connect_timeout: limit(said.connect_timeout.unwrap_or(CONNECT_TIMEOUT)),
            read_timeout: said.read_timeout.and_then(limit),
            allows_public_key_retrieval: said.allows_public_key_retrieval.unwrap_or(false),
        })
    }
}

/// The server's place. `localhost` is the socket, as for MySQL's programs, unless the URL names a port: the one that the URL
/// names, or else the first that is there of those that option files, the variable and usage name. Where none is, it is the
/// loopback interface.
fn endpoint(
    said: &ConnectionSettings,
    is_by_port: bool,
    named: Option<PathBuf>,
    others: Vec<PathBuf>,
) -> MysqlEndpoint {
    let host = said.host.as_deref().filter(|host| !host.is_empty()).unwrap_or("localhost");
    let tcp = || MysqlEndpoint::Tcp { host: host.to_owned(), port: said.port.unwrap_or(PORT) };
    if is_by_port || !host.eq_ignore_ascii_case("localhost") {
        return tcp();
    }
    named.or_else(|| others.into_iter().find(|socket| socket.exists())).map_or_else(tcp, MysqlEndpoint::Unix)
}
