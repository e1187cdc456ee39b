//! A target as the command line gives it, and as the spec has it.

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::variable;
use transship::connection::{TargetConnection, UrlError, parse_target_url};

/// The variable that a spec has in place of a target's URL with a password.
pub(super) const TARGET: &str = "DATABASE_URL";

/// The target's URL.
pub(super) struct GivenTarget {
    pub(super) url: String,
    /// The parsed URL; `None` for one with variables, which is checked when they have values.
    pub(super) connection: Option<TargetConnection>,
    pub(super) has_password: bool,
}

impl GivenTarget {
    pub(super) fn parse(url: &str) -> Result<Self, Failure> {
        if url.contains("${") {
            return Ok(Self { url: url.to_owned(), connection: None, has_password: false });
        }
        let here = std::env::current_dir().map_err(|error| Failure::new(Exit::Failed, error.to_string(), None))?;
        let connection = parse_target_url(url, &here).map_err(|error| {
            let message = format!("the target `{}`: {}", UrlError::masked(url), error.message);
            Failure::new(Exit::WrongInput, message, error.hint)
        })?;
        let has_password = matches!(&connection, TargetConnection::Postgres(server) if server.password.is_some());
        Ok(Self { url: url.to_owned(), connection: Some(connection), has_password })
    }

    /// The URL, unless it holds a password: a spec is kept in version control.
    pub(super) fn in_spec(&self) -> Option<&str> {
        (!self.has_password).then_some(self.url.as_str())
    }

    /// The value of a variable of the spec: of the target's URL, or of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        if self.has_password && name == TARGET { Some(self.url.clone()) } else { variable(name) }
    }
}
