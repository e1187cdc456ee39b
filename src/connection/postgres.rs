//! A PostgreSQL server as a target.

use super::parts::{Parts, UrlError, parse_port};
use super::percent;
use super::tls::{RootCertificates, TlsMode};
use crate::name::hint_of_known;
use secrecy::SecretString;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A host name or an address.
    Tcp(String),
    /// The directory of a Unix socket.
    Unix(PathBuf),
}

/// A server and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// The server.
    pub host: Host,
    /// Its port; part of a Unix socket's name too.
    pub port: u16,
}

/// A PostgreSQL database, and how to reach it.
#[derive(Debug, Clone)]
pub struct PostgresTarget {
    /// Servers to try, in order; at least one.
    pub hosts: Vec<ServerAddress>,
    /// The user; the operating system's user if the URL names none.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The database.
    pub database: String,
    /// How the connection is protected; `prefer` if the URL is silent.
    pub tls: TlsMode,
    /// `sslrootcert`: the certificate authorities that verify the server's certificate.
    pub root_certificates: RootCertificates,
    /// Program name of the session, as the server shows it.
    pub application_name: String,
    /// `target.trusted_roles`: roles that may own or write the ledger beside the one that runs and those that may become it.
    pub trusted_roles: Vec<String>,
    /// The other parameters of the URL, with valid values, for the driver.
    pub others: Vec<(&'static str, String)>,
}

/// Kind of a parameter's value.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Text,
    /// A whole number, of seconds for most parameters.
    Number,
    /// A number that is not negative.
    Count,
    /// Addresses with commas between them.
    Addresses,
    Word(&'static [&'static str]),
}

/// Parameters that are for the driver, in libpq's spelling (PostgreSQL documentation, section 34.1.2).
const OTHERS: [(&str, Takes); 12] = [
    ("options", Takes::Text),
    ("sslnegotiation", Takes::Word(&["postgres", "direct"])),
    ("hostaddr", Takes::Addresses),
    ("connect_timeout", Takes::Number),
    ("tcp_user_timeout", Takes::Number),
    ("keepalives", Takes::Count),
    ("keepalives_idle", Takes::Number),
    ("keepalives_interval", Takes::Number),
    ("keepalives_count", Takes::Count),
    ("target_session_attrs", Takes::Word(&["any", "read-write", "read-only"])),
    ("channel_binding", Takes::Word(&["disable", "prefer", "require"])),
    ("load_balance_hosts", Takes::Word(&["disable", "random"])),
];

impl Takes {
    fn takes(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => value.parse::<i64>().is_ok(),
            Self::Count => value.parse::<u32>().is_ok(),
            Self::Addresses => value.split(',').all(|address| address.parse::<IpAddr>().is_ok()),
            Self::Word(words) => words.contains(&value),
        }
    }
}

/// Parameters that this module reads.
const OWN: [&str; 8] = ["host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "application_name"];

impl PostgresTarget {
    /// Reads a `postgres://` or `postgresql://` URL; a relative `sslrootcert` is relative to `base`.
    pub(super) fn parse(url: &str, base: &Path) -> Result<Self, UrlError> {
        let mut parts = Parts::parse(url)?;
        let parameters = std::mem::take(&mut parts.parameters);
        let mut target = Self {
            hosts: Vec::new(),
            user: parts.user,
            password: parts.password,
            database: parts.database.unwrap_or_default(),
            tls: TlsMode::default(),
            root_certificates: RootCertificates::default(),
            application_name: "transship".to_owned(),
            trusted_roles: Vec::new(),
            others: Vec::new(),
        };
        let (mut ports, mut mode) = (Vec::new(), None);
        for (name, value) in parameters {
            match name.as_str() {
                "host" if parts.hosts.is_empty() => {
                    parts.hosts = value.split(',').map(|host| (host.to_owned(), None)).collect();
                }
                "host" => return Err(UrlError::new("the URL names its host twice: before the database and in `host`")),
                "port" => ports = value.split(',').map(parse_port).collect::<Result<_, _>>()?,
                "user" => target.user = Some(value),
                "password" => target.password = Some(SecretString::from(value)),
                "dbname" => target.database = value,
                "sslmode" => mode = Some(TlsMode::from_url(&value)?),
                "sslrootcert" if value == "system" => target.root_certificates = RootCertificates::System,
                "sslrootcert" if value.is_empty() => {
                    return Err(
                        UrlError::new("`sslrootcert` names no file").hint("name one, or write sslrootcert=system")
                    );
                }
                "sslrootcert" => target.root_certificates = RootCertificates::File(base.join(value)),
                "application_name" => target.application_name = value,
                name => match OTHERS.into_iter().find(|(other, _)| *other == name) {
                    Some((name, takes)) if takes.takes(&value) => target.others.push((name, value)),
                    // The value may be a secret in the wrong place.
                    Some((name, _)) => {
                        let reason = format!("invalid value for option `{name}`");
                        return Err(UrlError::new(format!("a parameter of the URL is not right: {reason}")));
                    }
                    None => return Err(unknown_parameter(name)),
                },
            }
        }
        target.protect(mode)?;
        target.hosts = addresses(parts.hosts, &ports)?;
        let shape = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or for a Unix socket \
            postgres://USER@/DATABASE?host=/var/run/postgresql";
        if target.hosts.is_empty() {
            return Err(UrlError::new("the URL names no host").hint(shape));
        }
        if target.database.is_empty() {
            return Err(UrlError::new("the URL names no database").hint(shape));
        }
        let addresses = target.others.iter().filter(|(name, _)| *name == "hostaddr");
        let addresses = addresses.map(|(_, value)| value.split(',').count()).sum::<usize>();
        if addresses > 0 && addresses != target.hosts.len() {
            return Err(UrlError::new("`hostaddr` must name one address for every host"));
        }
        Ok(target)
    }

    /// Sets the connection's mode of protection: that of `sslmode` or of `target.tls`, or the default. The operating
    /// system's authorities certify any server, so libpq accepts them for the full check alone (PostgreSQL
    /// documentation, section 34.1.2, sslrootcert).
    ///
    /// # Errors
    /// A weaker mode with `sslrootcert=system`.
    pub(crate) fn protect(&mut self, mode: Option<TlsMode>) -> Result<(), UrlError> {
        self.tls = match (&self.root_certificates, mode) {
            (RootCertificates::System, None | Some(TlsMode::VerifyFull)) => TlsMode::VerifyFull,
            (RootCertificates::System, Some(_)) => {
                let error = UrlError::new("`sslrootcert=system` goes with the full check of the certificate alone");
                return Err(error.hint("write sslmode=verify-full, or leave the mode out"));
            }
            (_, mode) => mode.unwrap_or_default(),
        };
        Ok(())
    }

    /// The URL for people: `postgres://user:***@host:5432/db`, without parameters.
    #[must_use]
    pub fn redacted(&self) -> String {
        let user = self.user.as_deref().map(percent::encode).unwrap_or_default();
        let password = if self.password.is_some() { ":***" } else { "" };
        let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
        let hosts = self.hosts.iter().map(|address| match &address.host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", address.port),
            Host::Tcp(name) => format!("{}:{}", percent::encode(name), address.port),
            Host::Unix(directory) => format!("{}:{}", percent::encode(&directory.to_string_lossy()), address.port),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        format!("postgres://{user}{password}{at}{hosts}/{}", percent::encode(&self.database))
    }
}

/// Combines hosts and `port`; a single port is for all hosts.
fn addresses(hosts: Vec<(String, Option<u16>)>, ports: &[Option<u16>]) -> Result<Vec<ServerAddress>, UrlError> {
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err(UrlError::new("`port` must name one port, or one for every host"));
    }
    let addresses = hosts.into_iter().enumerate().map(|(index, (host, port))| {
        let listed = ports.get(index).or(ports.first()).copied().flatten();
        if host.is_empty() {
            return Err(UrlError::new("`host` names an empty host"));
        }
        let host = if host.starts_with('/') { Host::Unix(PathBuf::from(host)) } else { Host::Tcp(host) };
        Ok(ServerAddress { host, port: port.or(listed).unwrap_or(5432) })
    });
    addresses.collect()
}

fn unknown_parameter(name: &str) -> UrlError {
    let error = UrlError::new("a parameter of the URL is not known");
    match name {
        "schema" | "currentSchema" | "search_path" => {
            error.hint("the schema is a key of its own: schema = \"…\" under [target]")
        }
        "ssl" => error.hint("write sslmode=require, or tls = \"require\" under [target]"),
        "sslcert" | "sslkey" | "sslpassword" | "sslcrl" => error.hint("client certificates are not supported yet"),
        name => {
            let known = OWN.into_iter().chain(OTHERS.map(|(name, _)| name)).collect::<Vec<_>>();
            error.hint(hint_of_known(name, &known, "known parameters are"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresTarget, UrlError> {
        PostgresTarget::parse(url, Path::new("base"))
    }

    #[test]
    fn unix_sockets() {
        for url in [
            "postgres://me@/db?host=/var/run/postgresql&port=5433",
            "postgres://me@%2Fvar%2Frun%2Fpostgresql:5433/db",
            "postgres:///db?host=/var/run/postgresql&port=5433&user=me",
        ] {
            let target = parse(url).unwrap();
            let address = ServerAddress { host: Host::Unix("/var/run/postgresql".into()), port: 5433 };
            assert_eq!(target.hosts, [address]);
            // The redacted form can be parsed again.
            assert_eq!(parse(&target.redacted()).unwrap().hosts, target.hosts);
        }
    }

    #[test]
    fn mistakes() {
        for (url, hint) in [
            ("postgres://h", "write postgres://"),
            ("postgres:///db", "write postgres://"),
            ("postgres://h/db?sslmode=verify_full", "did you mean `verify-full`"),
            ("postgres://h/db?ssl_mode=require", "did you mean `sslmode`"),
            ("postgres://h/db?schema=public", "schema = "),
            ("postgres://h:99999/db", "if it is the password"),
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{error:?}");
        }
        for url in [
            "postgres://h/db?connect_timeout=soon",
            "postgres://h/db?keepalives_count=-1",
            "postgres://h/db?hostaddr=localhost",
            "postgres://h/db?channel_binding=always",
            "postgres://h/db?host=x",
            "postgres://a,b/db?port=1,2,3",
            "postgres://a,b/db?hostaddr=127.0.0.1",
        ] {
            parse(url).unwrap_err();
        }
        assert_eq!(parse("postgres://h/db?sslmode=allow").unwrap().tls, TlsMode::Prefer);
    }

    #[test]
    fn authorities_of_the_system_are_for_the_full_check() {
        for url in ["postgres://h/db?sslrootcert=system", "postgres://h/db?sslmode=verify-full&sslrootcert=system"] {
            let target = parse(url).unwrap();
            assert_eq!((target.tls, target.root_certificates), (TlsMode::VerifyFull, RootCertificates::System));
        }
        // The order of parameters makes no difference.
        for parameters in ["sslmode=require&sslrootcert=system", "sslrootcert=system&sslmode=verify-ca"] {
            let error = parse(&format!("postgres://h/db?{parameters}")).unwrap_err();
            assert!(error.hint.as_deref().unwrap_or_default().contains("verify-full"), "{error:?}");
        }
        parse("postgres://h/db?sslrootcert=").unwrap_err();
    }

    #[test]
    fn a_file_of_authorities_makes_require_check_the_certificate() {
        let file = RootCertificates::File("ca.pem".into());
        assert_eq!(TlsMode::Require.with(&file), TlsMode::VerifyCa);
        assert_eq!(TlsMode::Require.with(&RootCertificates::System), TlsMode::Require);
        for mode in [TlsMode::Disable, TlsMode::Prefer, TlsMode::VerifyCa, TlsMode::VerifyFull] {
            assert_eq!(mode.with(&file), mode);
        }
    }
}
