//! The databases of a server that are read, one after the other: what the server says of its objects, it says of one database.

use super::client::{Client, ClientError};
use super::sign_in_failure::SignInFailure;
use crate::connection::MysqlSource;
use crate::dialect::mysql::quote;
use crate::name::database_prefix;

/// A database of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    /// Its name as given; `None` for the one in which a session begins.
    given: Option<String>,
    /// The beginning of the names of its tables; empty where there is only one database.
    prefix: String,
}

impl Database {
    /// The databases that are read.
    pub(super) fn all_of(server: &MysqlSource) -> Vec<Self> {
        let one = |name: &String| Self { given: Some(name.clone()), prefix: database_prefix(name) };
        match server.databases.as_slice() {
            [] => vec![Self { given: None, prefix: String::new() }],
            several => several.iter().map(one).collect(),
        }
    }

    /// The name by which an object of this database is known.
    pub(super) fn known(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name by which a table of another of the databases is known.
    pub(super) fn known_in(&self, database: &str, table: &str) -> String {
        if self.given.is_some() { format!("{}{table}", database_prefix(database)) } else { table.to_owned() }
    }

    /// An object of this database in SQL: with the database before it, unless it is the session's own.
    pub(super) fn qualified(&self, quoted: &str) -> String {
        self.given.as_ref().map_or_else(|| quoted.to_owned(), |name| format!("{}.{quoted}", quote(name)))
    }

    /// Makes it the session's database. A transaction goes on.
    pub(super) fn enter(&self, client: &mut Client) -> Result<(), ClientError> {
        self.given.as_deref().map_or(Ok(()), |name| enter(client, name))
    }

    /// Makes the session's database the one in which it began.
    pub(super) fn leave(client: &mut Client, server: &MysqlSource) -> Result<(), ClientError> {
        if server.databases.is_empty() { Ok(()) } else { enter(client, &server.database) }
    }
}

fn enter(client: &mut Client, database: &str) -> Result<(), ClientError> {
    match client.query(&format!("USE {}", quote(database))) {
        // There is none, or the user may not use it: the same as for the database of a URL.
        Err(error) => match SignInFailure::of(&error, true) {
            refusal @ (SignInFailure::Database | SignInFailure::Privilege) => {
                Err(ClientError::Connect { cause: error.to_string(), refusal })
            }
            _ => Err(error),
        },
        Ok(_) => Ok(()),
    }
}
