//! The target's name for its user.

use super::model::{Spec, TablesMode, TargetSpec};
use crate::connection::{Host, PostgresTarget, ServerAddress, TargetConnection};
use std::path::Path;

impl Spec {
    /// Server, database and schema, without user and password: `db.example.com:5432/shop, schema app`. The private
    /// server under `.transship` is called a trial server, with its directory.
    ///
    /// For a command's messages, and never for a plan, which is the same on every machine.
    #[must_use]
    pub fn target_name(&self) -> String {
        let place = match &self.target.connection {
            TargetConnection::Postgres(server) => server_name(server),
            TargetConnection::Embedded { spec_directory } => {
                let directory = if spec_directory == Path::new(".") { Path::new("") } else { spec_directory };
                format!("the trial server under {}, database {}", directory.join(".transship").display(), self.name)
            }
            TargetConnection::Unset { variable } => format!("${{{variable}}}"),
        };
        let noun = if self.target.schemas.are_of_databases() { "schemas" } else { "schema" };
        format!("{place}, {noun} {}", self.target.schemas)
    }

    /// Shape of the target, wherever it is: `schema app, tables = "existing"`. For a plan, which is the same on every
    /// machine.
    #[must_use]
    pub fn target_shape(&self) -> String {
        let noun = if self.target.schemas.are_of_databases() { "schemas" } else { "schema" };
        let mode = TablesMode::ALL.iter().find(|(_, mode)| *mode == self.target.tables);
        let mode = mode.map_or("create", |(word, _)| word);
        format!("{noun} {}, tables = \"{mode}\"", self.target.schemas)
    }

    /// Whether the target is the private trial server, and not a server of the user's.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        matches!(self.target.connection, TargetConnection::Embedded { .. })
    }
}

impl TargetSpec {
    /// The key of the spec that says into which schema a table goes.
    #[must_use]
    pub fn schema_key(&self) -> &'static str {
        if self.schemas.are_of_databases() { "source.databases" } else { "target.schema" }
    }
}

/// `host:port/database`; of a socket its directory, as psql's \conninfo says it.
fn server_name(server: &PostgresTarget) -> String {
    let host = |address: &ServerAddress| match &address.host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", address.port),
        Host::Tcp(name) => format!("{name}:{}", address.port),
        Host::Unix(directory) => format!("the socket in {} at port {}", directory.display(), address.port),
    };
    let hosts = server.hosts.iter().map(host).collect::<Vec<_>>().join(",");
    let is_socket = server.hosts.last().is_some_and(|address| matches!(address.host, Host::Unix(_)));
    let database = if is_socket { format!(", database {}", server.database) } else { format!("/{}", server.database) };
    hosts + &database
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use std::path::Path;

    #[test]
    fn a_target_is_called_what_its_user_calls_it() {
        let name = |path: &str, url: &str| {
            let text = format!(
                "spec = 1\nname = \"shop\"\n[source]\nurl = \"sqlite:s.db\"\n[target]\nurl = \"{url}\"\nschema = \"app\"\n"
            );
            read(&text, Path::new(path), None, &|_| None).unwrap().target_name()
        };
        for (url, expected) in [
            ("postgres://me:secret@db.example.com/shop", "db.example.com:5432/shop, schema app"),
            ("postgres://me@a:1,[::1]:2/s%20hop", "a:1,[::1]:2/s hop, schema app"),
            (
                "postgres:///shop?host=/run/pg&port=5433",
                "the socket in /run/pg at port 5433, database shop, schema app",
            ),
            ("embedded:", "the trial server under specs/.transship, database shop, schema app"),
        ] {
            assert_eq!(name("specs/a.toml", url), expected);
        }
        assert_eq!(name("a.toml", "embedded:"), "the trial server under .transship, database shop, schema app");
    }
}
