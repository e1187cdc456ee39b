//! A MySQL or MariaDB server as a source.

use super::parts::{Parts, UrlError};
use super::percent;
use secrecy::{ExposeSecret, SecretString};

/// A MySQL or MariaDB server, and a database on it.
#[derive(Debug, Clone)]
pub struct MysqlSource {
    /// Name or address.
    pub host: String,
    /// 3306 if the URL names none.
    pub port: u16,
    /// The user; the server's default if the URL names none.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretString>,
    /// The database.
    pub database: String,
    /// Parameters after the `?`, in order.
    pub parameters: Vec<(String, String)>,
}

impl MysqlSource {
    pub(super) fn parse(url: &str) -> Result<Self, UrlError> {
        let parts = Parts::parse(url)?;
        let shape = "write mysql://USER:PASSWORD@HOST:PORT/DATABASE";
        let mut hosts = parts.hosts.into_iter();
        let (Some((host, port)), None) = (hosts.next(), hosts.next()) else {
            return Err(UrlError::new("the URL must name one host").hint(shape));
        };
        let database = parts.database.ok_or_else(|| UrlError::new("the URL names no database").hint(shape))?;
        Ok(Self {
            host,
            port: port.unwrap_or(3306),
            user: parts.user,
            password: parts.password,
            database,
            parameters: parts.parameters,
        })
    }

    /// The URL for people, without password and parameters.
    #[must_use]
    pub fn redacted(&self) -> String {
        let user = self.user.as_deref().map(percent::encode).unwrap_or_default();
        let password = if self.password.is_some() { ":***" } else { "" };
        let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { percent::encode(&self.host) };
        format!("mysql://{user}{password}{at}{host}:{}/{}", self.port, percent::encode(&self.database))
    }
}

impl PartialEq for MysqlSource {
    fn eq(&self, other: &Self) -> bool {
        let password = |source: &Self| source.password.as_ref().map(|password| password.expose_secret().to_owned());
        (&self.host, self.port, &self.user, &self.database, &self.parameters)
            == (&other.host, other.port, &other.user, &other.database, &other.parameters)
            && password(self) == password(other)
    }
}

impl Eq for MysqlSource {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_hides_the_password() {
        let source = MysqlSource::parse("mysql://ro%40t:se%2Fcret@db.example:3307/shop?ssl-mode=verify-full").unwrap();
        assert_eq!(source.user.as_deref(), Some("ro@t"));
        assert_eq!(source.redacted(), "mysql://ro%40t:***@db.example:3307/shop");
        assert_eq!(source.password.as_ref().unwrap().expose_secret(), "se/cret");
        assert!(!format!("{source:?}").contains("cret/") && !format!("{source:?}").contains("se/cret"));
        assert!(MysqlSource::parse("mysql://host").is_err());
        assert!(MysqlSource::parse("mysql:///db").is_err());
    }
}
