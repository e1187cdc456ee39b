//! SQLite: opening a file without changing it, its structure, its sizes, its rows.
//!
//! Everything is read inside one [`Snapshot`]: read transactions that all see the same state of the file.

mod bounds;
pub mod definition;
mod file_system;
mod guard;
mod introspect;
mod open;
mod pages;
mod probe;
mod read;
mod selection;
mod size;
mod snapshot;
mod tables;
mod virtual_table;
mod watch;

pub use bounds::{key_behind, key_bounds};
pub use introspect::read_catalog;
pub use probe::{End, count_matching, orphans, references};
pub use read::{Interrupter, ReadFailure, Row};
pub use selection::{literal, rows_condition};
pub use size::table_size;
pub use snapshot::{Reader, Snapshot};

/// The version of SQLite that reads the source.
#[must_use]
pub fn version() -> &'static str {
    rusqlite::version()
}
