//! Finding the target's server, or starting it.

use super::configuration::configuration;
use super::embedded::{EmbeddedServer, Endpoint};
use super::session::Session;
use super::{TargetError, tls};
use crate::connection::{ClientCertificate, RootCertificates, TargetConnection, TlsMode};
use crate::name::{Schemas, quote_identifier};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::task::spawn_blocking;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

/// A server with the database that is the target; makes sessions.
#[derive(Debug)]
pub struct Server {
    config: Config,
    tls: MakeTls,
    place: String,
    /// Value of libpq's `sslmode`.
    tls_mode: &'static str,
    /// Value of libpq's `sslrootcert`; `None` if none is set.
    root_certificates: Option<String>,
    /// The client's own certificate.
    client_certificate: Option<ClientCertificate>,
    embedded: Option<EmbeddedServer>,
    /// Whether a pooler in front of the server is known to keep one session for one client.
    is_kept: AtomicBool,
    /// The roles that the user trusts with the ledger.
    trusted_roles: Arc<[String]>,
}

/// The connector, which knows no Debug of its own.
#[derive(Clone)]
struct MakeTls(MakeRustlsConnect);

impl std::fmt::Debug for MakeTls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MakeTls")
    }
}

/// The advisory lock, in the database `postgres` of an embedded server, under which databases are made.
const CREATION_LOCK: i64 = 0x7472_616e_7373_6869;

impl Server {
    /// Prepares for a server; for `embedded:` starts it and makes `database` if it does not exist.
    ///
    /// # Errors
    /// The embedded server cannot be started, the certificates cannot be read. A remote server is first contacted by
    /// [`Server::connect`].
    pub async fn open(connection: &TargetConnection, database: &str) -> Result<Self, TargetError> {
        match connection {
            TargetConnection::Postgres(target) => Ok(Self {
                config: configuration(target)?,
                tls: MakeTls(tls::connector(
                    target.tls,
                    &target.root_certificates,
                    target.client_certificate.as_deref(),
                )?),
                place: target.redacted(),
                tls_mode: TlsMode::ALL.iter().find(|(_, mode)| *mode == target.tls).map_or("prefer", |(word, _)| word),
                root_certificates: match &target.root_certificates {
                    RootCertificates::Usual => None,
                    RootCertificates::System => Some("system".to_owned()),
                    RootCertificates::File(path) => Some(path.display().to_string()),
                },
                client_certificate: target.client_certificate.as_deref().cloned(),
                embedded: None,
                is_kept: AtomicBool::new(false),
                trusted_roles: target.trusted_roles.as_slice().into(),
            }),
            TargetConnection::Unset { variable } => Err(TargetError::Unset { variable: variable.clone() }),
            TargetConnection::Embedded { spec_directory } => {
                let directory = spec_directory.clone();
                let embedded = blocking(move || EmbeddedServer::start(&directory)).await??;
                let mut server = Self {
                    config: embedded_config(embedded.endpoint(), "postgres"),
                    tls: MakeTls(tls::connector(TlsMode::Disable, &RootCertificates::Usual, None)?),
                    place: format!("the embedded server in {}", embedded.endpoint().data_directory.display()),
                    tls_mode: "disable",
                    root_certificates: None,
                    client_certificate: None,
                    embedded: Some(embedded),
                    is_kept: AtomicBool::new(false),
                    trusted_roles: Arc::default(),
                };
                server.create_database(database).await?;
                server.config.dbname(database);
                Ok(server)
            }
        }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// No connection, a pooler that gives every transaction another session, or a server older than PostgreSQL 13.
    pub async fn connect(&self) -> Result<Session, TargetError> {
        Session::open(&self.config, self.tls.0.clone(), &self.place, &self.is_kept, &self.trusted_roles).await
    }

    /// The server and database for messages, without password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Endpoint of the embedded server; `None` if the server is not embedded.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.embedded.as_ref().map(EmbeddedServer::endpoint)
    }

    /// The variables by which libpq's programs find this database (PostgreSQL documentation, section 34.15). The schemas
    /// come first in the search path. The password is among them: they are for a child process, not for printing.
    #[must_use]
    pub fn libpq_environment(&self, schemas: &Schemas) -> Vec<(&'static str, String)> {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(directory) => directory.display().to_string(),
        });
        let ports = self.config.get_ports().iter().map(ToString::to_string);
        // A backslash takes the next character literally (documentation of PGOPTIONS).
        let path = schemas.search_path().replace('\\', "\\\\").replace(' ', "\\ ");
        let mut variables = vec![
            ("PGHOST", hosts.collect::<Vec<_>>().join(",")),
            ("PGPORT", ports.collect::<Vec<_>>().join(",")),
            ("PGSSLMODE", self.tls_mode.to_owned()),
            ("PGOPTIONS", format!("-c search_path={path},public")),
        ];
        variables.extend(self.root_certificates.clone().map(|roots| ("PGSSLROOTCERT", roots)));
        if let Some(ClientCertificate { certificate, key }) = &self.client_certificate {
            variables.push(("PGSSLCERT", certificate.display().to_string()));
            variables.push(("PGSSLKEY", key.display().to_string()));
        }
        variables.extend(self.config.get_user().map(|user| ("PGUSER", user.to_owned())));
        variables.extend(self.config.get_dbname().map(|database| ("PGDATABASE", database.to_owned())));
        let password = self.config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
        variables.extend(password.map(|password| ("PGPASSWORD", password)));
        variables
    }

    /// The database's name.
    pub(super) fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// Stops the embedded server if nobody else uses it; its data stay.
    ///
    /// # Errors
    /// It does not stop.
    pub async fn close(self) -> Result<(), TargetError> {
        match self.embedded {
            Some(embedded) => Ok(blocking(move || embedded.stop()).await??),
            None => Ok(()),
        }
    }

    async fn create_database(&self, database: &str) -> Result<(), TargetError> {
        let session = self.connect().await?;
        let doing = format!("creating the database {database}");
        // Two first runs at once: the second waits, and finds what the first has made. The end of the session unlocks.
        session.execute(&format!("SELECT pg_catalog.pg_advisory_lock({CREATION_LOCK})"), &doing).await?;
        let exists = session
            .client()
            .query_opt("SELECT FROM pg_catalog.pg_database WHERE datname = $1", &[&database])
            .await
            .map_err(|error| TargetError::statement(&doing, &error))?;
        if exists.is_none() {
            let sql = format!("CREATE DATABASE {} TEMPLATE template0", quote_identifier(database));
            session.execute(&sql, &doing).await?;
        }
        Ok(())
    }
}

fn embedded_config(endpoint: &Endpoint, database: &str) -> Config {
    let mut config = Config::new();
    config
        .host_path(&endpoint.socket_directory)
        .port(endpoint.port)
        .user(endpoint.user.as_str())
        .password(endpoint.password.expose_secret())
        .dbname(database)
        .application_name("transship");
    config
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, TargetError> {
    spawn_blocking(work).await.map_err(|error| TargetError::Statement {
        doing: "working with the embedded server".to_owned(),
        message: error.to_string(),
        code: None,
        transient: false,
        context: None,
        private: super::Private::default(),
    })
}
