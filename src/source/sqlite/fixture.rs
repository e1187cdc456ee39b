//! Databases for the unit tests of every room.

use std::path::Path;

/// Writes a database into the file at `path`, which is made if it is missing, by SQLite's own SQL.
pub(crate) fn write_database(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}
