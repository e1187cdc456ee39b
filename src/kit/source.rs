//! The source as a kit needs it: its variables, and how it is backed up.

use super::address::{Address, AddressPart};
use super::error::KitError;
use super::names;
use crate::connection::secret;
use crate::spec::{Platform, Spec, WrittenPiece, WrittenSpec, WrittenUrl};
use serde::Serialize;

/// The source's facts for templates.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SourceContext {
    /// Whether it is a file.
    pub(super) is_file: bool,
    /// Name of the file.
    pub(super) file: String,
    /// Variable of the file's path in the kit's copy of the spec.
    pub(super) file_variable: String,
    /// Address of a server, with variables: as arguments of its tools.
    pub(super) host: String,
    /// The same as a container calls it.
    pub(super) host_in_container: String,
    pub(super) port: String,
    pub(super) user: String,
    /// Variable of the password.
    pub(super) password: String,
    /// Databases of the server, with variables.
    pub(super) databases: Vec<String>,
    /// Variables of the spec that have to be given, beside the URLs' own.
    pub(super) variables: Vec<SpecVariable>,
    /// Whether the server is on this machine, so that a container reaches it by another name.
    pub(super) is_local: bool,
    /// Whether the cut-over sets the server to only read.
    pub(super) only_reads: bool,
    /// Whether there are several databases, which go back under their own names.
    pub(super) is_several: bool,
}

/// A variable of the spec.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SpecVariable {
    pub(super) name: String,
    pub(super) default: Option<String>,
    /// Default in a container: another one where it names this machine.
    pub(super) in_container: Option<String>,
    /// Whether it names this machine.
    pub(super) is_local: bool,
    /// Whether it goes into a Secret: a password, or a value without a default.
    pub(super) is_given: bool,
}

/// Name under which a container reaches the machine that it runs on.
const MACHINE: &str = "host.docker.internal";

/// Names by which a machine calls itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

impl SourceContext {
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
        let text =
            |part: &Option<AddressPart>, otherwise: &str| part.as_ref().map_or(otherwise.to_owned(), AddressPart::text);
        let password = password(&address, &prefix);
        let of_target = written.target.variables().collect::<Vec<_>>();
        let variables = written.variables.iter();
        let variables = variables.filter(|(name, _)| *name != file_variable && !of_target.contains(&name.as_str()));
        let mut variables =
            variables.map(|(name, default)| variable(name, default.as_deref(), &password)).collect::<Vec<_>>();
        if !is_file && !variables.iter().any(|variable| variable.name == password) {
            variables.push(variable(&password, None, &password));
        }
        let own_host = local_host(url, spec);
        if let Some((name, host)) = own_host.as_ref().filter(|_| !is_file) {
            variables.push(variable(name, Some(host), &password));
        }
        let mut databases = spec.source.databases.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        if databases.is_empty() {
            databases.extend(address.database.as_ref().map(AddressPart::text));
        }
        let mut host = text(&address.host, "localhost");
        if let Some((name, literal)) = own_host.filter(|_| !is_file) {
            host = format!("${{{name}:-{literal}}}");
        }
        let host_in_container = if LOOPBACK.contains(&host.as_str()) {
            MACHINE.to_owned()
        } else {
            LOOPBACK
                .iter()
                .fold(host.clone(), |host, own| host.replace(&format!(":-{own}}}"), &format!(":-{MACHINE}}}")))
        };
        Ok(Self {
            is_file,
            file,
            file_variable,
            is_local: !is_file && variables.iter().any(|variable| variable.is_local),
            only_reads: !is_file && spec.cutover.only_reads(),
            is_several: !is_file && !spec.source.databases.is_empty(),
            host,
            host_in_container,
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
    let named = address.password.as_ref().and_then(AddressPart::as_variable);
    named.map_or_else(|| format!("{prefix}_SOURCE_PASSWORD"), str::to_owned)
}

/// Variable that takes the place of a host in the URL that is this machine, with that host: a container calls it otherwise.
pub(super) fn local_host(url: &WrittenUrl, spec: &Spec) -> Option<(String, String)> {
    let is_in_container = [Platform::Docker, Platform::Kubernetes].iter().any(|one| spec.kit.platforms.contains(one));
    let address = Address::of(url).filter(|_| is_in_container && url.whole_variable().is_none())?;
    let host = address.host.as_ref().and_then(AddressPart::as_literal)?;
    // An address in brackets is none that a default could hold.
    let is_local = LOOPBACK.contains(&host) && !host.contains(':');
    is_local.then(|| (format!("{}_SOURCE_HOST", names::variable(&spec.name)), host.to_owned()))
}

/// The URL with another text in the place of its host.
pub(super) fn with_host(url: &str, host: &str, other: &str) -> String {
    let start = url.find("://").map_or(0, |scheme| scheme + 3);
    let is_end = |end: usize| url[end..].is_empty() || url[end..].starts_with([':', '/', '?']);
    let login = &url[start..url.find('?').map_or(url.len(), |query| query.max(start))];
    let places = login.match_indices('@').map(|(at, _)| start + at + 1).chain([start]);
    let place = places.into_iter().find(|place| url[*place..].starts_with(host) && is_end(place + host.len()));
    place.map_or_else(|| url.to_owned(), |place| format!("{}{other}{}", &url[..place], &url[place + host.len()..]))
}

/// The default in a container, if it is another one.
fn called_in_container(default: &str) -> Option<String> {
    if LOOPBACK.contains(&default) {
        return Some(MACHINE.to_owned());
    }
    let address = Address::of(&WrittenUrl::of(default, 0..0)).filter(|_| !is_file(default))?;
    let host = address.host.as_ref().and_then(AddressPart::as_literal).filter(|host| LOOPBACK.contains(host))?;
    let written = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    Some(with_host(default, &written, MACHINE))
}

fn variable(name: &str, default: Option<&str>, password: &str) -> SpecVariable {
    let is_secret = |default: &&str| name == password || secret::mask(default) != **default;
    let default = default.filter(|default| !is_secret(default)).map(str::to_owned);
    let elsewhere = default.as_deref().and_then(called_in_container);
    let is_local = elsewhere.is_some();
    SpecVariable {
        name: name.to_owned(),
        in_container: elsewhere.or_else(|| default.clone()),
        is_local,
        is_given: default.is_none() || is_local,
        default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_calls_this_machine_otherwise() {
        assert_eq!(called_in_container("127.0.0.1").as_deref(), Some(MACHINE));
        assert_eq!(called_in_container("3306"), None);
        assert_eq!(called_in_container("sqlite:/localhost"), None);
        let called = |url: &str| called_in_container(url).unwrap_or_default();
        assert_eq!(
            called("mysql://localhost:${PORT}@localhost/localhost"),
            "mysql://localhost:${PORT}@host.docker.internal/localhost"
        );
        assert_eq!(called("mysql://localhost/x?y=a@localhost"), "mysql://host.docker.internal/x?y=a@localhost");
        assert_eq!(called("mysql://u@[::1]:3306/x"), "mysql://u@host.docker.internal:3306/x");
        assert_eq!(called("mysql://db/localhost"), "");
        let password = with_host("mysql://u:a@localhost.x@127.0.0.1/x", "127.0.0.1", "${H:-127.0.0.1}");
        assert_eq!(password, "mysql://u:a@localhost.x@${H:-127.0.0.1}/x");
        assert!(variable("URL", Some("mysql://u:hidden@localhost/x"), "P").default.is_none());
    }
}
