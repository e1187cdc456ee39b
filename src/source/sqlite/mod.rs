//! SQLite: opening a file without changing it, its structure, its sizes, its rows.
//!
//! Everything is read inside one [`Snapshot`]: read transactions that all see the same state of the file.

mod backup;
mod bounds;
mod definition;
mod file_system;
#[cfg(test)]
pub(crate) mod fixture;
mod guard;
mod hold;
mod interrupter;
mod introspect;
mod new_file;
mod open;
mod pages;
mod prepared_query;
mod read;
mod references;
mod rewrite;
mod row;
mod selection;
mod size;
mod snapshot;
mod tables;
mod virtual_table;
mod watch;

pub(super) use backup::{back_up, contents, prove};
pub(super) use hold::{Hold, hold_if_asked};
pub(super) use interrupter::Interrupter;
pub(super) use new_file::{NewFile, give_name};
pub(super) use prepared_query::SourceQuery;
pub(super) use rewrite::Rewriter;
pub(super) use row::Row;
pub(super) use snapshot::{Reader, Snapshot};

/// The version of SQLite that reads the source.
#[must_use]
pub(super) fn version() -> &'static str {
    rusqlite::version()
}
