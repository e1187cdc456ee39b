//! Checks `source.databases`: the databases of a server, and the schema of each.

use super::Checker;
use crate::connection::SourceConnection;
use crate::name::Schemas;
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawDatabase, RawTarget};
use crate::spec::read::Text;
use toml::Spanned;

/// Databases in pairs with their schemas.
pub(super) type Databases = Vec<(String, String)>;

impl Checker<'_> {
    /// The databases with their schemas; `None` if something is wrong with them.
    pub(super) fn databases(&self, raw: &Spanned<Vec<RawDatabase>>) -> Option<Databases> {
        if raw.get_ref().is_empty() {
            let problem = Problem::new(code::BAD_VALUE, raw.span(), "`databases` names no database").label("empty");
            return self
                .report(problem.hint("name the databases, or leave the key out for the one that the URL names"));
        }
        let mut databases = Databases::new();
        for RawDatabase { name, schema } in raw.get_ref() {
            let schema = self.schema("schema", schema.as_ref().unwrap_or(name));
            let Some((database, schema)) = self.database(name).zip(schema) else { continue };
            let problem = if databases.iter().any(|(known, _)| *known == database) {
                let message = format!("the database {database} is named twice");
                Problem::new(code::DUPLICATE, name.span(), message).label("the second time").hint("remove it")
            } else if databases.iter().any(|(_, known)| *known == schema) {
                let message = format!("two databases would go into the schema {schema}");
                let problem = Problem::new(code::CONTRADICTION, name.span(), message).label("the second one");
                problem.hint("give each database a schema of its own: tables of the same name would collide")
            } else {
                databases.push((database, schema));
                continue;
            };
            self.problems.report(problem);
        }
        // Databases that are left out have been reported.
        (databases.len() == raw.get_ref().len()).then_some(databases)
    }

    fn database(&self, text: &Text) -> Option<String> {
        let value = self.expanded(text)?;
        if value.text.trim().is_empty() || value.text.contains(char::is_control) {
            let problem = Problem::new(code::BAD_VALUE, value.span, "this is not the name of a database");
            return self.report(problem.label("not a name"));
        }
        Some(value.text)
    }

    /// The source with its databases. A file has none, and a database of the URL is one of them.
    pub(super) fn of_databases(
        &self,
        raw: &Spanned<Vec<RawDatabase>>,
        connection: SourceConnection,
        databases: Option<&Databases>,
    ) -> Option<SourceConnection> {
        let contradiction = |message: String| Problem::new(code::CONTRADICTION, raw.span(), message);
        match connection {
            SourceConnection::Sqlite { .. } => {
                let message = "`databases` is about a server, and the source is a file".to_owned();
                let problem = contradiction(message).label("a file is one database");
                self.report(problem.hint("take it out, and name the schema by `schema` in [target]"))
            }
            SourceConnection::Mysql(server) => {
                let (given, databases) = (server.database().to_owned(), databases?);
                if !given.is_empty() && !databases.iter().any(|(name, _)| *name == given) {
                    let message = format!("the URL names the database {given}, which `databases` leaves out");
                    let problem = contradiction(message).label("not among these");
                    return self.report(problem.hint("name it here too, or take it out of the URL"));
                }
                let names = databases.iter().map(|(name, _)| name.clone()).collect();
                Some(SourceConnection::Mysql(Box::new(server.with_databases(names))))
            }
            SourceConnection::Unset { .. } => Some(connection),
        }
    }

    /// The schemas of several databases. What is wrong with the databases has been reported.
    pub(super) fn schemas_of(&self, raw: &RawTarget, databases: Option<&Databases>) -> Option<Schemas> {
        if let Some(schema) = &raw.schema {
            let message = "each database has its schema in `source.databases`";
            let problem = Problem::new(code::CONTRADICTION, schema.span(), message).label("one schema for all of them");
            let hint = "take it out, and name the schemas there: databases = { DATABASE = \"SCHEMA\" }";
            self.problems.report(problem.hint(hint));
        }
        let pairs = databases?.iter().map(|(database, schema)| (database.as_str(), schema.as_str()));
        Schemas::of_databases(pairs)
    }
}
