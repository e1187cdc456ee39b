//! Reading a source: its structure, sizes and rows, all of one snapshot, without writing to it.
//!
//! [`Snapshot`], [`Reader`] and [`Row`] are the door to every engine: enums over the engines in the rooms below, so that a row
//! costs no call through a pointer. Nothing in a signature here assumes a file, or an engine's own types or SQL.

mod error;
mod foreign_key_end;
mod interrupter;
mod mysql;
mod reader;
mod row;
mod snapshot;
mod sqlite;

pub use error::{ReadFailure, SourceError};
pub use foreign_key_end::ForeignKeyEnd;
pub use interrupter::Interrupter;
pub use mysql::Refusal;
pub use reader::Reader;
pub use row::Row;
pub use snapshot::Snapshot;
#[cfg(test)]
pub(crate) use sqlite::fixture;

/// Version of the engine that is built into transship to read files. A server reports its own version.
#[must_use]
pub fn engine_version() -> &'static str {
    sqlite::version()
}
