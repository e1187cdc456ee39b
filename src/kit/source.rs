//! The source as a kit needs it: its variables, and how it is backed up.

use super::address::{Address, Part};
use super::error::KitError;
use super::names;
use crate::spec::{Spec, WrittenPiece, WrittenSpec, WrittenUrl};
use serde::Serialize;

/// The source's facts for templates.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Source {
    /// Whether it is a file.
    pub(super) is_file: bool,
    /// Name of the file.
    pub(super) file: String,
    /// Variable of the file's path in the kit's copy of the spec.
    pub(super) file_variable: String,
    /// Address of a server, with variables: as arguments of its tools.
    pub(super) host: String,
    pub(super) port: String,
    pub(super) user: String,
    /// Variable of the password.
    pub(super) password: String,
    /// Databases of the server, with variables.
    pub(super) databases: Vec<String>,
    /// Variables of the spec that have to be given, beside the URLs' own.
    pub(super) variables: Vec<Variable>,
    /// Whether the server is on this machine, so that a container reaches it by another name.
    pub(super) is_local: bool,
}

/// A variable of the spec.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) default: Option<String>,
    /// Default in a container: another one where it names this machine.
    pub(super) in_container: Option<String>,
    /// Whether it goes into a Secret: a password, or a thing that nobody has a default for.
    pub(super) is_given: bool,
}

/// Name under which a container reaches the machine that it runs on.
const MACHINE: &str = "host.docker.internal";

impl Source {
    pub(super) fn of(spec: &Spec, written: &WrittenSpec) -> Result<Self, KitError> {
        let url = &written.source;
        let prefix = names::variable(&spec.name);
        let file = file(url, &prefix);
        let address = Address::of(url);
        if file.is_none() && address.is_none() {
            let variable = url.whole_variable().map(|(name, _)| name.to_owned()).unwrap_or_default();
            return Err(KitError::UnknownSource { variable });
        }
        let is_file = file.is_some();
        let (file_variable, file) = file.unwrap_or_default();
        let address = address.filter(|_| !is_file).unwrap_or_default();
        let text = |part: &Option<Part>, otherwise: &str| part.as_ref().map_or(otherwise.to_owned(), Part::text);
        let password = password(&address, &prefix);
        let of_target = written.target.variables().collect::<Vec<_>>();
        let variables = written.variables.iter();
        let variables = variables.filter(|(name, _)| *name != file_variable && !of_target.contains(&name.as_str()));
        let mut variables =
            variables.map(|(name, default)| variable(name, default.as_deref(), &password)).collect::<Vec<_>>();
        if !is_file && !variables.iter().any(|variable| variable.name == password) {
            variables.push(variable(&password, None, &password));
        }
        let mut databases = spec.source.databases.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if databases.is_empty() {
            databases.extend(address.database.as_ref().map(Part::text));
        }
        let host = text(&address.host, "localhost");
        Ok(Self {
            is_file,
            file,
            file_variable,
            is_local: !is_file && variables.iter().any(|variable| variable.in_container.as_deref() == Some(MACHINE)),
            host,
            port: text(&address.port, "3306"),
            user: text(&address.user, "root"),
            password,
            databases,
            variables,
        })
    }
}

/// Variable of a file's path, and the name of the file. A path that is not one variable becomes one in the kit's copy.
pub(super) fn file(url: &WrittenUrl, prefix: &str) -> Option<(String, String)> {
    let own = || format!("{prefix}_SOURCE");
    match url.pieces.as_slice() {
        [WrittenPiece::Variable { default: Some(default), .. }] if !is_file(default) => None,
        [WrittenPiece::Variable { name, default: Some(default) }] => Some((name.clone(), last(default))),
        [WrittenPiece::Literal(scheme), WrittenPiece::Variable { name, default }] if is_file(scheme) => {
            let usual = || format!("{}.db", names::label(prefix));
            let is_whole = scheme.split_once(':').is_some_and(|(_, rest)| rest.chars().all(|letter| letter == '/'));
            let file = default.as_deref().map_or_else(usual, last);
            Some((if is_whole { name.clone() } else { own() }, file))
        }
        [WrittenPiece::Literal(text)] if is_file(text) => Some((own(), last(text))),
        [WrittenPiece::Literal(text), ..] if is_file(text) => Some((own(), format!("{}.db", names::label(prefix)))),
        _ => None,
    }
}

/// Whether a URL that begins so is that of a file.
fn is_file(text: &str) -> bool {
    ["sqlite:", "sqlite3:", "file:", "sqlite+"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme))
}

/// Name of the file in a URL or path.
fn last(text: &str) -> String {
    let path = if is_file(text) { text.split_once(':').map_or(text, |(_, path)| path) } else { text };
    names::file_name(path)
}

/// Variable of the server's password: the spec's, or one that replaces the password in the URL.
pub(super) fn password(address: &Address, prefix: &str) -> String {
    let named = address.password.as_ref().and_then(Part::as_variable);
    named.map_or_else(|| format!("{prefix}_SOURCE_PASSWORD"), str::to_owned)
}

fn variable(name: &str, default: Option<&str>, password: &str) -> Variable {
    let is_loopback = default.is_some_and(|default| matches!(default, "localhost" | "127.0.0.1" | "::1"));
    let is_secret = name == password;
    let default = default.filter(|_| !is_secret).map(str::to_owned);
    Variable {
        name: name.to_owned(),
        in_container: if is_loopback { Some(MACHINE.to_owned()) } else { default.clone() },
        is_given: is_secret || default.is_none() || is_loopback,
        default,
    }
}
