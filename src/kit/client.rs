//! Connection strings of an environment, as libpq, SQLAlchemy, Django, Prisma and JDBC write them.

use super::address::{Address, AddressPart};
use super::target::{TargetContext, protection};
use crate::connection::percent_encode;
use crate::name::quote_identifier;
use crate::spec::{Spec, WrittenSpec};
use serde::Serialize;

/// An environment of the application: the document itself, or one of its overlays.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// Name of the environment; `dev` for the document itself, unless an overlay has that name.
    pub name: String,
    /// The spec with this overlay.
    pub spec: Spec,
    /// The same as it is written.
    pub written: WrittenSpec,
}

/// How the application connects in one environment.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct ApplicationClient {
    name: String,
    host: String,
    port: String,
    database: String,
    user: String,
    password: String,
    sslmode: String,
    checks_certificate: bool,
    root_certificate: String,
    /// Variables without which the strings have gaps.
    given: Vec<String>,
    libpq: String,
    psycopg: String,
    asyncpg: String,
    prisma: String,
    jdbc: String,
}

/// How the migration connects, as the owner of the database.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Owner {
    /// URL with variables.
    url: String,
    /// Variables of the server's address.
    given: Vec<String>,
    /// Name of the server, as an argument behind a blank, if the usual ones do not have it.
    certificate_names: String,
}

impl Owner {
    pub(super) fn of(spec: &Spec, written: &WrittenSpec, prefix: &str) -> Self {
        let address = Address::of(&written.target).unwrap_or_default();
        let target = TargetContext::of(spec, written);
        let (host, port) = place(written, &address, prefix);
        let root = address.parameter("sslrootcert").map_or_else(|| "${PWD}/tls/ca.crt".to_owned(), AddressPart::text);
        let mode = if target.requires_tls { format!("?sslmode={}", target.sslmode) } else { String::new() };
        let root = if target.checks_certificate { format!("&sslrootcert={root}") } else { String::new() };
        let login = format!("{}:${{{}}}", target.owner_in_url, target.owner_password);
        let is_usual = matches!(host.as_literal(), Some("localhost" | "127.0.0.1"));
        let database = &target.database_in_url;
        Self {
            url: format!("postgres://{login}@{}:{}/{database}{mode}{root}", bracketed(&host), port.in_url()),
            given: [&host, &port].into_iter().filter_map(AddressPart::as_variable).map(str::to_owned).collect(),
            certificate_names: if is_usual { String::new() } else { format!(" \"{}\"", host.text()) },
        }
    }
}

/// Host and port. A URL that is a variable names no host: that is this machine for the document itself, and a variable of its
/// own for an overlay with a URL of its own, where a guess would be a wrong address.
fn place(written: &WrittenSpec, address: &Address, prefix: &str) -> (AddressPart, AddressPart) {
    let unknown = || match written.has_own_target {
        true => AddressPart::variable(&format!("{prefix}_TARGET_HOST")),
        false => AddressPart::literal("localhost"),
    };
    let host = address.host.clone().unwrap_or_else(unknown);
    (host, address.port.clone().unwrap_or_else(|| AddressPart::literal("5432")))
}

/// Host in a URL.
fn bracketed(host: &AddressPart) -> String {
    match host.as_literal() {
        Some(address) if address.contains(':') => format!("[{address}]"),
        _ => host.in_url(),
    }
}

impl ApplicationClient {
    /// The strings of one environment.
    pub(super) fn of(overlay: &Overlay, label: &str, prefix: &str, connect_timeout: u64) -> Self {
        let (spec, written) = (&overlay.spec, &overlay.written);
        let address = Address::of(&written.target).unwrap_or_default();
        let target = TargetContext::of(spec, written);
        let (host, port) = place(written, &address, prefix);
        let sslmode = protection(&address, written);
        let checks_certificate = sslmode.starts_with("verify");
        let root_certificate = match address.parameter("sslrootcert").and_then(AddressPart::as_literal) {
            Some(path) => path.to_owned(),
            None => format!("/etc/{label}/ca.crt"),
        };
        let password = format!("${{{}}}", target.application_password);
        let user = percent_encode(&target.application);
        let place = format!("{}:{}/{}", bracketed(&host), port.in_url(), target.database_in_url);
        let login = format!("{user}:{password}@{place}");
        let encoded_root = root_certificate.split('/').map(percent_encode).collect::<Vec<_>>().join("/");
        let root = |key: &str| if checks_certificate { format!("&{key}={encoded_root}") } else { String::new() };
        let parameters = format!("sslmode={sslmode}{}&connect_timeout={connect_timeout}", root("sslrootcert"));
        // asyncpg takes numbers of a URL for texts: only words are in it.
        let asyncpg = format!("postgresql+asyncpg://{login}?ssl={sslmode}");
        let schema = target.schemas.first().map_or("public", String::as_str);
        let path = format!("{},public", quote_identifier(schema));
        let given = [host.as_variable(), port.as_variable(), Some(target.application_password.as_str())];
        Self {
            name: overlay.name.clone(),
            libpq: format!("postgresql://{login}?{parameters}"),
            psycopg: format!("postgresql+psycopg://{login}?{parameters}"),
            asyncpg,
            prisma: prisma(&login, schema, &sslmode, &root("sslcert"), spec, connect_timeout),
            jdbc: format!(
                "jdbc:postgresql://{place}?currentSchema={}&sslmode={sslmode}{}&connectTimeout={connect_timeout}",
                percent_encode(&path),
                root("sslrootcert"),
            ),
            host: host.text(),
            port: port.text(),
            database: target.database,
            user: target.application,
            password,
            sslmode,
            checks_certificate,
            root_certificate,
            given: given.into_iter().flatten().map(str::to_owned).collect(),
        }
    }
}

/// Prisma knows three modes, and says by `sslaccept` whether a certificate is checked.
/// Source: <https://www.prisma.io/docs/orm/overview/databases/postgresql>, "Configuring an SSL connection".
fn prisma(login: &str, schema: &str, sslmode: &str, root: &str, spec: &Spec, connect_timeout: u64) -> String {
    let pool = &spec.kit.pool;
    let protection = match sslmode {
        "disable" | "prefer" => format!("sslmode={sslmode}"),
        "require" => "sslmode=require&sslaccept=accept_invalid_certs".to_owned(),
        _ => format!("sslmode=require&sslaccept=strict{root}"),
    };
    format!(
        "postgresql://{login}?schema={}&{protection}&connection_limit={}&pool_timeout={}&connect_timeout={connect_timeout}",
        percent_encode(schema),
        pool.size + pool.overflow,
        pool.timeout
    )
}
