//! Reading a source: its structure, sizes and rows, all of one snapshot, without writing to it.
//!
//! [`Snapshot`], [`Reader`] and [`Row`] are the door to every engine: enums over the engines in the rooms below, so that a row
//! costs no call through a pointer. Nothing in a signature here assumes a file, or an engine's own types or SQL.

pub mod backup;
mod copying;
mod error;
mod foreign_key_end;
pub mod hold;
mod interrupter;
mod masked_message;
mod mysql;
pub mod new_database;
mod prepared_query;
mod reader;
pub mod rewrite;
mod rewritten_table;
mod row;
mod snapshot;
mod sqlite;

use crate::connection::SourceConnection;
pub use error::{ReadFailure, SourceError};
pub use foreign_key_end::ForeignKeyEnd;
pub use hold::Hold;
pub use interrupter::Interrupter;
pub use mysql::SignInFailure;
pub use prepared_query::{BoundValue, SourceOrigin, SourceQuery};
pub use reader::Reader;
pub use row::Row;
pub use snapshot::{Snapshot, lock_privileges};
#[cfg(test)]
pub(crate) use sqlite::fixture;

/// The names of the databases of a server that its user may see, without the server's own; empty for a file.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub fn list_databases(source: &SourceConnection) -> Result<Vec<String>, SourceError> {
    match source {
        SourceConnection::Mysql(url) => mysql::list_databases(&url.resolve().map_err(SourceError::Address)?),
        SourceConnection::Sqlite { .. } => Ok(Vec::new()),
        SourceConnection::Unset { variable } => Err(SourceError::Unset { variable: variable.clone() }),
    }
}

/// Version of the library that is built into transship to read files; `None` for a server, which reads itself.
#[must_use]
pub fn library_version(source: &SourceConnection) -> Option<&'static str> {
    source.file().map(|_| sqlite::version())
}
