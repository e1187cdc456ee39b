//! MySQL and MariaDB: connections over their protocol, one state for all of them, structure, sizes and rows.

mod backup;
mod bounds;
mod client;
mod columns;
mod database;
mod hold;
mod interrupter;
mod introspect;
mod key_index;
mod new_database;
mod prepared_query;
mod read;
mod references;
mod rewrite;
mod row;
mod selection;
mod sequence;
mod sign_in_failure;
mod size;
mod snapshot;
mod surroundings;
mod undefined_bytes;

pub(super) use backup::{back_up, contents, prove, restore};
pub(super) use hold::Hold;
pub(super) use interrupter::Interrupter;
pub(super) use new_database::NewDatabase;
pub(super) use prepared_query::SourceQuery;
pub(super) use rewrite::Rewriter;
pub(super) use row::Row;
pub use sign_in_failure::SignInFailure;
pub(super) use snapshot::{LOCK_PRIVILEGES, Reader, Snapshot, list_databases};

/// Whether a version, in the words of a server or a program, is one of MariaDB.
fn is_mariadb(version: &str) -> bool {
    version.contains("MariaDB")
}
