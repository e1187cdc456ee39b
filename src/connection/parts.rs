//! A server's URL, taken apart and decoded.
//!
//! No message of this module quotes a part of a URL: in a malformed URL any part may be the password.

use super::{percent, secret};
use secrecy::SecretString;

/// Reason why a text is no address of a database. Neither message nor hint quotes the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UrlError {
    /// Description of the mistake.
    pub message: String,
    /// Hint for the user.
    pub hint: Option<String>,
}

impl UrlError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The text with its password masked, to be shown next to the message.
    #[must_use]
    pub fn masked(text: &str) -> String {
        secret::mask_url(text)
    }
}

/// `scheme://user:password@host:port,host:port/database?key=value`, decoded.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretString>,
    /// Hosts without their brackets, with the ports that are written.
    pub(super) hosts: Vec<(String, Option<u16>)>,
    pub(super) database: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
}

const ENCODE: &str = "write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25 in a user, a password and a database; \
    a password in a variable of its own, as in scheme://user:${PASSWORD}@host, needs no encoding";

impl Parts {
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let Some((_, rest)) = url.split_once("://") else {
            return Err(UrlError::new("after the scheme's colon there must be two slashes")
                .hint("write SCHEME://USER:PASSWORD@HOST:PORT/DATABASE"));
        };
        if rest.contains(|character: char| character.is_control() || character == ' ') {
            return Err(UrlError::new("a URL cannot contain spaces or line breaks").hint(
                "write a space as %20; a variable's value may end with a line break that does not belong there",
            ));
        }
        let (login, rest) = match rest.split_once('@') {
            Some((_, after)) if after.contains('@') => {
                return Err(UrlError::new("there is more than one `@`, so it is not certain where the password ends")
                    .hint(ENCODE));
            }
            Some((login, _)) if login.contains(['/', '?']) => {
                return Err(UrlError::new("there is a `/` or `?` in front of the `@`").hint(ENCODE));
            }
            Some((login, after)) => (Some(login), after),
            None => (None, rest),
        };
        if rest.contains('#') {
            return Err(UrlError::new("there is a `#` that is not percent-encoded").hint(ENCODE));
        }
        let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, database) = address.split_once('/').unwrap_or((address, ""));
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => (decode(user)?, decode(password)?),
            None => (None, None),
        };
        Ok(Self {
            user,
            password: password.map(SecretString::from),
            hosts: hosts.split(',').filter(|_| !hosts.is_empty()).map(host).collect::<Result<_, _>>()?,
            database: decode(database)?,
            parameters: parameters(query)?,
        })
    }
}

/// Decodes a part; `None` if it is empty.
fn decode(part: &str) -> Result<Option<String>, UrlError> {
    let decoded = percent::decode(part).ok_or_else(|| {
        UrlError::new("a `%` must be followed by two hexadecimal digits, and the whole must be UTF-8").hint(ENCODE)
    })?;
    if decoded.contains('\0') {
        return Err(UrlError::new("%00 cannot be part of a URL"));
    }
    Ok(Some(decoded).filter(|decoded| !decoded.is_empty()))
}

fn host(written: &str) -> Result<(String, Option<u16>), UrlError> {
    let malformed = || {
        UrlError::new("a host is not well formed").hint("write HOST:PORT, and an IPv6 address in brackets: [::1]:5432")
    };
    let (name, port) = match written.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or_else(malformed)?;
            let address: std::net::Ipv6Addr = address.parse().map_err(|_| malformed())?;
            (Some(address.to_string()), port.strip_prefix(':').or(port.is_empty().then_some("")).ok_or_else(malformed)?)
        }
        None => {
            let (name, port) = written.split_once(':').unwrap_or((written, ""));
            (decode(name)?, port)
        }
    };
    Ok((name.ok_or_else(malformed)?, parse_port(port)?))
}

/// Refuses an address, or a text with a password, in the place of a name, which is shown with the connection.
pub(super) fn expect_name(what: &str, text: &str) -> Result<(), UrlError> {
    if !text.contains("://") && secret::mask_url(text) == text {
        return Ok(());
    }
    Err(UrlError::new(format!("`{what}` holds a whole address where a name is expected"))
        .hint("write the address into `url` of the spec, which may be a variable: url = \"${DATABASE_URL}\""))
}

/// Reads a port; `None` if it is empty, for the default port.
pub(super) fn parse_port(port: &str) -> Result<Option<u16>, UrlError> {
    if port.is_empty() {
        return Ok(None);
    }
    match port.parse() {
        Ok(port) if port > 0 => Ok(Some(port)),
        _ => Err(UrlError::new("the port is not a number from 1 to 65535").hint(
            "write USER:PASSWORD@HOST:PORT: if this is the password, the host is missing; an IPv6 address stands in brackets: [::1]:5432",
        )),
    }
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, UrlError> {
    let mut parameters = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(UrlError::new("after the `?` there is something that is not NAME=VALUE").hint(ENCODE));
        };
        parameters.push((decode(name)?.unwrap_or_default(), decode(value)?.unwrap_or_default()));
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn parts_are_decoded() {
        let parts = Parts::parse("x://us%65r:p%40s%2Fs:#%25@a%2Db:1,[::1]:2,c/d%20b?k=v%26&l=").unwrap();
        assert_eq!(parts.user.as_deref(), Some("user"));
        assert_eq!(parts.password.unwrap().expose_secret(), "p@s/s:#%");
        assert_eq!(parts.hosts, [("a-b".into(), Some(1)), ("::1".into(), Some(2)), ("c".into(), None)]);
        assert_eq!(parts.database.as_deref(), Some("d b"));
        assert_eq!(parts.parameters, [("k".into(), "v&".into()), ("l".into(), String::new())]);
        let parts = Parts::parse("x:///").unwrap();
        assert!(parts.hosts.is_empty() && parts.user.is_none() && parts.database.is_none());
    }

    #[test]
    fn what_is_not_encoded_is_explained_and_never_quoted() {
        for url in [
            "x://u:SECRET@SECRET@h/db",
            "x://u:SECRET/SECRET@h/db",
            "x://u:12/SECRET@h/db",
            "x://u:SECRET?SECRET@h/db",
            "x://u:SECRET%SECRET@h/db",
            "x://u:SECRET",
            "x://u:SECRET/db",
            "x://u:SECRET@h/db?SECRET",
            "x://h/db#SECRET",
            "x://u:SECRET@[::1/db",
            "x:u:SECRET@h",
        ] {
            let error = Parts::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
            assert!(
                !UrlError::masked(url).contains("SECRET") || url.contains("#SECRET") || url.ends_with("?SECRET"),
                "{url}"
            );
            assert!(error.hint.is_some(), "{url}");
        }
    }
}
