//! A PostgreSQL server as a target.

use super::libpq::{ConnectionParameters, LibpqSurroundings, ParameterOrigin};
use super::parts::{Parts, UrlError, parse_port};
use super::password_file::{self, Login};
use super::percent;
use super::tls::{ClientCertificate, RootCertificates, TlsMode};
use secrecy::SecretString;
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
    /// Whether the URL itself has the password, not a service, the environment or the password file.
    pub names_password: bool,
    /// The database.
    pub database: String,
    /// How the connection is protected; `prefer` if the URL is silent.
    pub tls: TlsMode,
    /// `sslrootcert`: the certificate authorities that verify the server's certificate.
    pub root_certificates: RootCertificates,
    /// `sslcert` and `sslkey`: the client's own certificate, that of `~/.postgresql` if there is one.
    pub client_certificate: Option<Box<ClientCertificate>>,
    /// Program name of the session, as the server shows it.
    pub application_name: String,
    /// `target.trusted_roles`: roles that may own or write the ledger beside the one that runs and those that may become it.
    pub trusted_roles: Vec<String>,
    /// The other parameters of the URL, with valid values, for the driver.
    pub others: Vec<(&'static str, String)>,
}

/// PostgreSQL's port.
const PORT: u16 = 5432;

impl PostgresTarget {
    /// Reads a `postgres://` or `postgresql://` URL, and completes it as libpq's programs do: from a service file, the
    /// environment and the password file. Relative paths of the URL are relative to `base`.
    pub(super) fn parse(url: &str, base: &Path) -> Result<Self, UrlError> {
        Self::parse_in(url, base, &LibpqSurroundings::of_process())
    }

    fn parse_in(url: &str, base: &Path, surroundings: &LibpqSurroundings) -> Result<Self, UrlError> {
        let parts = Parts::parse(url)?;
        let (mut hosts, mut given) = (parts.hosts, ConnectionParameters::default());
        let names_password = parts.password.is_some()
            || parts.parameters.iter().any(|(name, value)| name == "password" && !value.is_empty());
        if let Some(user) = parts.user {
            given.take("user", user, ParameterOrigin::Url)?;
        }
        if let Some(database) = parts.database {
            given.take("dbname", database, ParameterOrigin::Url)?;
        }
        for (name, value) in parts.parameters {
            if name == "host" && !hosts.is_empty() {
                return Err(UrlError::new("the URL names its host twice: before the database and in `host`"));
            }
            given.take(&name, value, ParameterOrigin::Url)?;
        }
        let names_port = given.get("port").is_some() || hosts.iter().any(|(_, port)| port.is_some());
        given.complete(surroundings)?;
        if names_port && given.get("port").is_some_and(|port| port.origin != ParameterOrigin::Url) {
            given.remove("port");
        }
        let about = |name: &str| given.get(name).map_or(ParameterOrigin::Url, |value| value.origin.clone());
        let ports = match given.get("port") {
            Some(port) => port.text.split(',').map(parse_port).collect::<Result<Vec<_>, _>>(),
            None => Ok(Vec::new()),
        };
        let ports = ports.map_err(|error| about("port").about(error))?;
        let said = |name: &str| given.get(name).map(|value| value.text.clone()).filter(|text| !text.is_empty());
        if hosts.is_empty()
            && let Some(named) = said("host").or_else(|| said("hostaddr"))
        {
            hosts = named.split(',').map(|host| (host.to_owned(), None)).collect();
        }
        if hosts.is_empty() {
            let port = ports.first().copied().flatten().unwrap_or(PORT);
            hosts.extend(surroundings.socket(port).map(|directory| (directory.display().to_string(), None)));
        }
        let mode = given.get("sslmode");
        let mode =
            mode.map(|mode| TlsMode::from_url(&mode.text).map_err(|error| mode.origin.about(error))).transpose()?;
        let mut target = Self {
            hosts: addresses(hosts, &ports).map_err(|error| about("port").about(error))?,
            user: said("user"),
            password: parts.password.or_else(|| said("password").map(SecretString::from)),
            names_password,
            database: said("dbname").unwrap_or_default(),
            tls: TlsMode::default(),
            root_certificates: root_certificates(&given, base)?,
            client_certificate: client_certificate(&given, base, surroundings).map(Box::new),
            application_name: said("application_name").unwrap_or_else(|| "transship".to_owned()),
            trusted_roles: Vec::new(),
            others: given.of_driver(),
        };
        target.protect(mode).map_err(|error| about("sslmode").about(error))?;
        target.must_be_whole(&about("hostaddr"))?;
        if target.password.is_none() {
            let file = given.get("passfile").map(|file| file.path(base));
            let file = file.or_else(|| Some(surroundings.home.as_ref()?.join(".pgpass")));
            target.password = file.and_then(|file| target.filed_password(&file, surroundings));
        }
        Ok(target)
    }

    /// Refuses a URL without a host or a database, and one with another number of addresses than of hosts; these have the origin
    /// `of_addresses`.
    fn must_be_whole(&self, of_addresses: &ParameterOrigin) -> Result<(), UrlError> {
        let shape = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or for a Unix socket \
            postgres://USER@/DATABASE?host=/var/run/postgresql; what the URL leaves out may stand in PGHOST, PGDATABASE and \
            their like, or in a service: postgres://?service=NAME";
        if self.hosts.is_empty() {
            return Err(UrlError::new("the URL names no host").hint(shape));
        }
        if self.database.is_empty() {
            return Err(UrlError::new("the URL names no database").hint(shape));
        }
        let addresses = self.others.iter().filter(|(name, _)| *name == "hostaddr");
        let addresses = addresses.map(|(_, value)| value.split(',').count()).sum::<usize>();
        if addresses > 0 && addresses != self.hosts.len() {
            return Err(of_addresses.about(UrlError::new("`hostaddr` must name one address for every host")));
        }
        Ok(())
    }

    /// The password for the first host that the password file has one for.
    fn filed_password(&self, file: &Path, surroundings: &LibpqSurroundings) -> Option<SecretString> {
        let user = self.user.as_deref().or(surroundings.user.as_deref())?;
        let host = |address: &ServerAddress| match &address.host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(directory) if surroundings.sockets.contains(directory) => "localhost".to_owned(),
            Host::Unix(directory) => directory.display().to_string(),
        };
        let hosts = self.hosts.iter().map(|address| (host(address), address.port)).collect::<Vec<_>>();
        let logins = hosts.iter().map(|(host, port)| Login { host, port: *port, database: &self.database, user });
        password_file::password(file, &logins.collect::<Vec<_>>())
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
        let password = if self.names_password { ":***" } else { "" };
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
        Ok(ServerAddress { host, port: port.or(listed).unwrap_or(PORT) })
    });
    addresses.collect()
}

/// The authorities that may have signed the server's certificate.
fn root_certificates(given: &ConnectionParameters, base: &Path) -> Result<RootCertificates, UrlError> {
    match given.get("sslrootcert") {
        Some(roots) if roots.text == "system" => Ok(RootCertificates::System),
        Some(roots) if roots.text.is_empty() => {
            Err(UrlError::new("`sslrootcert` names no file").hint("name one, or write sslrootcert=system"))
        }
        Some(roots) => Ok(RootCertificates::File(roots.path(base))),
        None => Ok(RootCertificates::Usual),
    }
}

/// The client's own certificate: the named one, or that in libpq's own place (PostgreSQL documentation, section 34.19.2).
fn client_certificate(
    given: &ConnectionParameters,
    base: &Path,
    surroundings: &LibpqSurroundings,
) -> Option<ClientCertificate> {
    if given.get("sslcertmode").is_some_and(|mode| mode.text == "disable") {
        return None;
    }
    let named = |name: &str| given.get(name).filter(|value| !value.text.is_empty()).map(|value| value.path(base));
    let usual = |file: &str| surroundings.home.as_ref().map(|home| home.join(".postgresql").join(file));
    let usual_certificate = || usual("postgresql.crt").filter(|file| file.is_file());
    let certificate = named("sslcert").or_else(usual_certificate)?;
    let key = named("sslkey").or_else(|| usual("postgresql.key"))?;
    Some(ClientCertificate { certificate, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A user without files, on a machine with variables and the sockets of a directory.
    fn surroundings(variables: &'static [(&str, &str)], sockets: &Path) -> LibpqSurroundings {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        LibpqSurroundings {
            variable: Box::new(variable),
            home: None,
            user: None,
            configuration: Vec::new(),
            sockets: vec![sockets.to_owned()],
        }
    }

    fn parse(url: &str) -> Result<PostgresTarget, UrlError> {
        PostgresTarget::parse_in(url, Path::new("base"), &surroundings(&[], Path::new("nowhere")))
    }

    #[test]
    fn the_environment_completes_the_url() {
        let variables = &[
            ("PGHOST", "a,b"),
            ("PGPORT", "5433"),
            ("PGUSER", "me"),
            ("PGPASSWORD", "secret"),
            ("PGDATABASE", "shop"),
            ("PGAPPNAME", "own"),
            ("PGOPTIONS", "-c work_mem=4MB"),
            ("PGTARGETSESSIONATTRS", "primary"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "ca.pem"),
            ("PGGSSENCMODE", "disable"),
        ];
        let parse = |url: &str| {
            PostgresTarget::parse_in(url, Path::new("base"), &surroundings(variables, Path::new("nowhere"))).unwrap()
        };
        let target = parse("postgres://");
        assert_eq!(target.redacted(), "postgres://me@a:5433,b:5433/shop");
        assert!(target.password.is_some() && !target.names_password);
        assert_eq!((target.tls, target.application_name.as_str()), (TlsMode::VerifyFull, "own"));
        // A path of the environment is relative to the working directory, as for libpq.
        assert_eq!(target.root_certificates, RootCertificates::File("ca.pem".into()));
        assert_eq!(
            target.others,
            [("options", "-c work_mem=4MB".to_owned()), ("target_session_attrs", "read-write".to_owned())]
        );
        let target = parse("postgres://you@h:1,i/db?sslmode=prefer&sslrootcert=own.pem");
        assert_eq!(target.redacted(), "postgres://you@h:1,i:5432/db");
        assert_eq!(target.root_certificates, RootCertificates::File("base/own.pem".into()));
        assert_eq!(target.tls, TlsMode::Prefer);
    }

    #[test]
    fn without_a_host_it_is_the_socket_of_this_machine() {
        let directory = tempfile::tempdir().unwrap();
        let parse = |url: &str| {
            PostgresTarget::parse_in(url, Path::new(""), &surroundings(&[("PGPORT", "5499")], directory.path()))
        };
        parse("postgres:///db").unwrap_err();
        std::fs::write(directory.path().join(".s.PGSQL.5499"), "").unwrap();
        let address = ServerAddress { host: Host::Unix(directory.path().to_owned()), port: 5499 };
        assert_eq!(parse("postgres:///db").unwrap().hosts, [address]);
        assert!(parse("postgres:///db?port=5498").is_err());
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
            ("postgres://h:99999/db", "if this is the password"),
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
