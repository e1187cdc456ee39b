//! Knowledge of libpq's programs about a connection beside its URL: a service, the environment, places of user and machine.
//!
//! For each parameter the URL wins over the service, the service over the environment, and that over the defaults
//! (PostgreSQL documentation, sections 34.15 and 34.17; `conninfo_add_defaults()` in `fe-connect.c`).

use super::parts::{UrlError, expect_name};
use super::service_file::ServiceFiles;
use crate::name::hint_of_known;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Kind of a parameter's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    Text,
    /// A whole number, of seconds for most parameters.
    Number,
    /// A number that is not negative.
    Count,
    /// Addresses with commas between them.
    Addresses,
    Word(&'static [&'static str]),
}

/// Use of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// [`PostgresTarget`](super::PostgresTarget) has it.
    Own,
    /// The driver takes it.
    Driver,
    /// It changes nothing for transship.
    Nothing,
}

/// Parameters in libpq's spelling (PostgreSQL documentation, section 34.1.2), each with its variable (section 34.15).
const PARAMETERS: [(&str, &str, Takes, Use); 36] = {
    use Takes::{Addresses, Count, Number, Text, Word};
    use Use::{Driver, Nothing, Own};
    [
        ("host", "PGHOST", Text, Own),
        ("port", "PGPORT", Text, Own),
        ("user", "PGUSER", Text, Own),
        ("password", "PGPASSWORD", Text, Own),
        ("dbname", "PGDATABASE", Text, Own),
        ("sslmode", "PGSSLMODE", Text, Own),
        ("sslrootcert", "PGSSLROOTCERT", Text, Own),
        ("sslcert", "PGSSLCERT", Text, Own),
        ("sslkey", "PGSSLKEY", Text, Own),
        ("sslcertmode", "PGSSLCERTMODE", Word(&["disable", "allow"]), Own),
        ("application_name", "PGAPPNAME", Text, Own),
        ("passfile", "PGPASSFILE", Text, Own),
        ("service", "PGSERVICE", Text, Own),
        ("options", "PGOPTIONS", Text, Driver),
        ("sslnegotiation", "PGSSLNEGOTIATION", Word(&["postgres", "direct"]), Driver),
        ("hostaddr", "PGHOSTADDR", Addresses, Driver),
        ("connect_timeout", "PGCONNECT_TIMEOUT", Number, Driver),
        ("tcp_user_timeout", "", Number, Driver),
        ("keepalives", "", Count, Driver),
        ("keepalives_idle", "", Number, Driver),
        ("keepalives_interval", "", Number, Driver),
        ("keepalives_count", "", Count, Driver),
        (
            "target_session_attrs",
            "PGTARGETSESSIONATTRS",
            Word(&["any", "read-write", "read-only", "primary", "prefer-standby"]),
            Driver,
        ),
        ("channel_binding", "PGCHANNELBINDING", Word(&["disable", "prefer", "require"]), Driver),
        ("load_balance_hosts", "PGLOADBALANCEHOSTS", Word(&["disable", "random"]), Driver),
        // Features that transship does not have are off.
        ("gssencmode", "PGGSSENCMODE", Word(&["disable", "prefer"]), Nothing),
        ("krbsrvname", "PGKRBSRVNAME", Text, Nothing),
        ("gsslib", "PGGSSLIB", Text, Nothing),
        ("gssdelegation", "PGGSSDELEGATION", Word(&["0"]), Nothing),
        ("sslcompression", "PGSSLCOMPRESSION", Word(&["0"]), Nothing),
        ("sslsni", "PGSSLSNI", Count, Nothing),
        // Never less than TLS 1.2.
        ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", Word(&["TLSv1", "TLSv1.1", "TLSv1.2"]), Nothing),
        ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", Word(&["TLSv1.3"]), Nothing),
        ("client_encoding", "PGCLIENTENCODING", Text, Nothing),
        ("fallback_application_name", "", Text, Nothing),
        ("requiressl", "PGREQUIRESSL", Word(&["0"]), Nothing),
    ]
};

/// Parameters that ask for a check which transship cannot do, with their variables: they are refused, not ignored.
const REFUSED: [(&str, &str); 5] = [
    ("require_auth", "PGREQUIREAUTH"),
    ("requirepeer", "PGREQUIREPEER"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslpassword", ""),
];

/// Values of libpq's that no connection of transship can have, each with the reason.
const IMPOSSIBLE: [(&str, &str, &str); 2] = [
    ("target_session_attrs", "standby", "a standby cannot be written, and transship writes its ledger and the rows"),
    ("gssencmode", "require", "transship does not encrypt by GSSAPI; `sslmode` asks for TLS"),
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

/// Variables that libpq refuses if they are set to nothing; others are as if they were not set.
const REFUSES_EMPTY: [&str; 6] =
    ["PGSERVICE", "PGSSLMODE", "PGTARGETSESSIONATTRS", "PGGSSENCMODE", "PGCHANNELBINDING", "PGCONNECT_TIMEOUT"];

/// Place in which a parameter has its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ParameterOrigin {
    Url,
    Service { file: PathBuf, line: usize },
    Variable(&'static str),
}

impl fmt::Display for ParameterOrigin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => formatter.write_str("the URL"),
            Self::Service { file, line } => write!(formatter, "line {line} of the service file {}", file.display()),
            Self::Variable(name) => write!(formatter, "the variable {name}"),
        }
    }
}

impl ParameterOrigin {
    /// An error about a value, with its place in front unless that is the URL, beside which it is shown.
    pub(super) fn about(&self, error: UrlError) -> UrlError {
        match self {
            Self::Url => error,
            place => UrlError { message: format!("{place}: {}", error.message), ..error },
        }
    }
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct ParameterValue {
    pub(super) text: String,
    pub(super) origin: ParameterOrigin,
}

impl ParameterValue {
    /// The value as a path. Those of the URL are relative to `base`, others to the working directory, as for libpq.
    pub(super) fn path(&self, base: &Path) -> PathBuf {
        if self.origin == ParameterOrigin::Url { base.join(&self.text) } else { PathBuf::from(&self.text) }
    }
}

/// Parameters of a connection.
#[derive(Default)]
pub(super) struct ConnectionParameters {
    values: BTreeMap<&'static str, ParameterValue>,
}

impl ConnectionParameters {
    /// Takes a parameter, unless a place that comes before has it. A repeated one of the URL has its last value.
    pub(super) fn take(&mut self, name: &str, text: String, origin: ParameterOrigin) -> Result<(), UrlError> {
        let Some((name, _, takes, _)) = PARAMETERS.into_iter().find(|(known, ..)| *known == name) else {
            return Err(origin.about(unknown(name, &origin)));
        };
        if origin != ParameterOrigin::Url && self.values.contains_key(name) {
            return Ok(());
        }
        let is_it = |(parameter, value, _): &&(&str, &str, &str)| (*parameter, *value) == (name, text.as_str());
        if let Some((_, value, reason)) = IMPOSSIBLE.iter().find(is_it) {
            return Err(origin.about(UrlError::new(format!("`{name}` is `{value}`: {reason}"))));
        }
        if !takes.takes(&text) {
            // The value may be a secret in the wrong place.
            let reason = format!("invalid value for option `{name}`");
            return Err(match origin {
                ParameterOrigin::Url => UrlError::new(format!("a parameter of the URL is not right: {reason}")),
                place => UrlError::new(format!("{place}: {reason}")),
            });
        }
        if ["host", "user", "dbname"].contains(&name) {
            expect_name(name, &text).map_err(|error| origin.about(error))?;
        }
        self.values.insert(name, ParameterValue { text, origin });
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&ParameterValue> {
        self.values.get(name)
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<ParameterValue> {
        self.values.remove(name)
    }

    /// Adds what the service and the environment say of parameters that the URL leaves out.
    pub(super) fn complete(&mut self, surroundings: &LibpqSurroundings) -> Result<(), UrlError> {
        let set = |name: &str| Some(name).filter(|name| !name.is_empty()).and_then(&surroundings.variable);
        // An empty variable is a value like any other where the parameter has no use for an empty one.
        let variable = |name: &str| set(name).filter(|value| !value.is_empty() || REFUSES_EMPTY.contains(&name));
        let by_url = self.values.get("service").map(|value| value.text.clone());
        if let Some(service) = by_url.or_else(|| variable("PGSERVICE")) {
            let files = ServiceFiles {
                named: variable("PGSERVICEFILE").map(PathBuf::from),
                usual: surroundings.service_files(variable("PGSYSCONFDIR").map(PathBuf::from)),
            };
            let (file, parameters) = files.find(&service)?;
            for (line, name, value) in parameters {
                self.take(&name, value, ParameterOrigin::Service { file: file.clone(), line })?;
            }
        }
        for (name, by) in PARAMETERS.iter().map(|(name, by, ..)| (*name, *by)).chain(REFUSED) {
            if let Some(value) = variable(by) {
                self.take(name, value, ParameterOrigin::Variable(by))?;
            }
        }
        Ok(())
    }

    /// The parameters for the driver.
    pub(super) fn of_driver(&self) -> Vec<(&'static str, String)> {
        let of_driver = PARAMETERS.iter().filter(|(.., of)| *of == Use::Driver);
        let values = of_driver.filter_map(|(name, ..)| Some((*name, self.values.get(name)?.text.clone())));
        // A server that is no standby takes writes, unless its administrator has it otherwise.
        values
            .map(|(name, value)| {
                // A standby that is only preferred is one that could not be written.
                let writes = name == "target_session_attrs" && ["primary", "prefer-standby"].contains(&value.as_str());
                (name, if writes { "read-write".to_owned() } else { value })
            })
            .collect()
    }
}

fn unknown(name: &str, origin: &ParameterOrigin) -> UrlError {
    if REFUSED.iter().any(|(refused, _)| *refused == name) {
        return UrlError::new(format!("`{name}` is not supported"))
            .hint(format!("remove it from {origin}: transship does not support it, and would connect without it"));
    }
    let error = match origin {
        ParameterOrigin::Url => UrlError::new("a parameter of the URL is not known"),
        _ => UrlError::new("the parameter is not known"),
    };
    match name {
        "schema" | "currentSchema" | "search_path" => {
            error.hint("write the schema as a key of its own: schema = \"…\" under [target]")
        }
        "ssl" => error.hint("write sslmode=require, or tls = \"require\" under [target]"),
        name => {
            let known = PARAMETERS.map(|(name, ..)| name);
            error.hint(hint_of_known(name, &known, "known parameters are"))
        }
    }
}

/// The look into an environment.
pub(super) type EnvironmentLookup = dyn Fn(&str) -> Option<String>;

/// Properties of a machine and a user.
pub(super) struct LibpqSurroundings {
    /// A variable of the environment that is set.
    pub(super) variable: Box<EnvironmentLookup>,
    /// The user's home directory.
    pub(super) home: Option<PathBuf>,
    /// The operating system's name of the user.
    pub(super) user: Option<String>,
    /// Directories of a system-wide service file.
    pub(super) configuration: Vec<PathBuf>,
    /// Usual directories of a server's socket.
    pub(super) sockets: Vec<PathBuf>,
}

/// Directories in which distributions have `pg_service.conf` (`pg_config --sysconfdir`).
const CONFIGURATION: [&str; 5] = [
    "/etc/postgresql-common",
    "/etc",
    "/usr/local/pgsql/etc",
    "/usr/local/etc/postgresql",
    "/opt/homebrew/etc/postgresql",
];

/// Directories in which distributions and PostgreSQL itself have the socket of a server.
const SOCKETS: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

impl LibpqSurroundings {
    pub(super) fn of_process() -> Self {
        Self {
            variable: Box::new(|name| std::env::var(name).ok()),
            home: std::env::home_dir(),
            user: nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map(|user| user.name),
            configuration: CONFIGURATION.map(PathBuf::from).to_vec(),
            sockets: SOCKETS.map(PathBuf::from).to_vec(),
        }
    }

    /// The usual service files: the user's, then the machine's, in `PGSYSCONFDIR` or where distributions have it.
    fn service_files(&self, named: Option<PathBuf>) -> Vec<PathBuf> {
        let own = self.home.iter().map(|home| home.join(".pg_service.conf"));
        let directories = named.map_or_else(|| self.configuration.clone(), |directory| vec![directory]);
        own.chain(directories.into_iter().map(|directory| directory.join("pg_service.conf"))).collect()
    }

    /// The directory with the socket of a server on this machine, if one is there.
    pub(super) fn socket(&self, port: u16) -> Option<&Path> {
        let has = |directory: &&PathBuf| directory.join(format!(".s.PGSQL.{port}")).exists();
        self.sockets.iter().find(has).map(PathBuf::as_path)
    }
}
