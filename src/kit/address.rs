//! A server's URL taken apart while its variables stay variables.

use crate::connection::{percent_decode, percent_encode};
use crate::spec::{WrittenPiece, WrittenUrl};

/// First of the characters that stand for variables while a URL is taken apart: a private area of Unicode.
const FIRST: u32 = 0xF_0000;

/// A part of a URL, decoded, with its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressPart(Vec<WrittenPiece>);

/// `scheme://user:password@host:port/database?key=value`; of several hosts the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: Option<AddressPart>,
    pub(super) password: Option<AddressPart>,
    pub(super) host: Option<AddressPart>,
    pub(super) port: Option<AddressPart>,
    pub(super) database: Option<AddressPart>,
    pub(super) parameters: Vec<(String, AddressPart)>,
}

impl AddressPart {
    /// A part without variables.
    pub(super) fn literal(text: &str) -> Self {
        Self(vec![WrittenPiece::Literal(text.to_owned())])
    }

    /// A part that is one variable.
    pub(super) fn variable(name: &str) -> Self {
        Self(vec![WrittenPiece::Variable { name: name.to_owned(), default: None }])
    }

    /// The text, if it has no variables.
    pub(super) fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [WrittenPiece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The name of the variable that it is.
    pub(super) fn as_variable(&self) -> Option<&str> {
        match self.0.as_slice() {
            [WrittenPiece::Variable { name, .. }] => Some(name),
            _ => None,
        }
    }

    /// The text with `${NAME}` and `${NAME:-default}`, as shells, Docker and dotenv files have them.
    pub(super) fn text(&self) -> String {
        self.written(str::to_owned)
    }

    /// The same for the inside of a URL.
    pub(super) fn in_url(&self) -> String {
        self.written(percent_encode)
    }

    fn written(&self, literal: impl Fn(&str) -> String) -> String {
        let piece = |piece: &WrittenPiece| match piece {
            WrittenPiece::Literal(text) => literal(text),
            WrittenPiece::Variable { name, default: None } => format!("${{{name}}}"),
            WrittenPiece::Variable { name, default: Some(default) } => format!("${{{name}:-{default}}}"),
        };
        self.0.iter().map(piece).collect()
    }
}

impl Address {
    /// The address in a URL of a server. A variable that is the whole URL is read by its default. `None` if there is no server
    /// to be seen.
    pub(super) fn of(url: &WrittenUrl) -> Option<Self> {
        if let Some((_, default)) = url.whole_variable() {
            return Self::of(&WrittenUrl { pieces: vec![WrittenPiece::Literal(default?.to_owned())], place: 0..0 });
        }
        let flat = url.pieces.iter().zip(FIRST..).map(|(piece, code)| match piece {
            WrittenPiece::Literal(text) => text.clone(),
            WrittenPiece::Variable { .. } => char::from_u32(code).map(String::from).unwrap_or_default(),
        });
        let flat = flat.collect::<String>();
        let (_, rest) = flat.split_once("://")?;
        let part = |text: &str| part(text, &url.pieces);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let first = hosts.split(',').next().unwrap_or_default();
        let (host, port) = match first.strip_prefix('[').and_then(|bracketed| bracketed.split_once(']')) {
            Some((host, port)) => (host, port.trim_start_matches(':')),
            None => first.split_once(':').unwrap_or((first, "")),
        };
        let mut address = Self {
            user: part(user),
            password: part(password),
            host: part(host),
            port: part(port),
            database: part(database),
            parameters: Vec::new(),
        };
        for parameter in query.split('&') {
            let Some((name, value)) = parameter.split_once('=') else { continue };
            let Some(value) = part(value) else { continue };
            match name {
                "user" => address.user = Some(value),
                "password" => address.password = Some(value),
                "host" => address.host = Some(value),
                "port" => address.port = Some(value),
                "dbname" => address.database = Some(value),
                name => address.parameters.push((name.to_owned(), value)),
            }
        }
        Some(address)
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&AddressPart> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// A part of the flat text; `None` if it is empty.
fn part(text: &str, pieces: &[WrittenPiece]) -> Option<AddressPart> {
    let variable = |letter: char| {
        let index = u32::from(letter).checked_sub(FIRST)?;
        pieces.get(usize::try_from(index).ok()?).filter(|piece| matches!(piece, WrittenPiece::Variable { .. }))
    };
    let mut parts = Vec::new();
    let mut literal = String::new();
    // An encoding that is wrong has been reported where the URL was checked; it stays as it is.
    let decoded = |literal: &str| WrittenPiece::Literal(percent_decode(literal).unwrap_or_else(|| literal.to_owned()));
    for letter in text.chars() {
        match variable(letter) {
            None => literal.push(letter),
            Some(variable) => {
                if !literal.is_empty() {
                    parts.push(decoded(&std::mem::take(&mut literal)));
                }
                parts.push(variable.clone());
            }
        }
    }
    if !literal.is_empty() {
        parts.push(decoded(&literal));
    }
    (!parts.is_empty()).then_some(AddressPart(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stay_variables() {
        let of = |text: &str| Address::of(&WrittenUrl::of(text, 0..0));
        let text = |part: Option<AddressPart>| part.map(|part| part.text()).unwrap_or_default();
        let address = of("mysql://${U:-me}:${P}@db-${ENV:-a:b/c@d}.x:${PORT:-3306}/my%20shop?ssl-mode=${M}").unwrap();
        assert_eq!(text(address.user), "${U:-me}");
        assert_eq!(address.password.as_ref().and_then(AddressPart::as_variable), Some("P"));
        assert_eq!(text(address.host), "db-${ENV:-a:b/c@d}.x");
        assert_eq!(text(address.port), "${PORT:-3306}");
        assert_eq!(address.database.as_ref().map(AddressPart::in_url).unwrap(), "my%20shop");
        assert_eq!(text(address.database), "my shop");
        assert_eq!(address.parameters[0].1.text(), "${M}");
        let address = of("${URL:-postgres://u@[::1]:5433/x?sslmode=require}").unwrap();
        assert_eq!((text(address.host), text(address.port)), ("::1".to_owned(), "5433".to_owned()));
        assert_eq!(address.parameters[0].1.as_literal(), Some("require"));
        assert_eq!((of("${URL}"), of("embedded:")), (None, None));
        assert_eq!(text(of("postgres:///x?host=/run/pg&user=me").unwrap().host), "/run/pg");
    }
}
