//! Builds a SQLite database from SQL text: `cargo run --example build_database -- FILE.sql FILE.db`.
//!
//! No database is kept in the repository; samples and test cases are SQL, and this makes files of them. The database is
//! made beside its place and moved there, so that a broken-off run leaves nothing half-made.

use rusqlite::Connection;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(script), Some(database), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: build_database FILE.sql FILE.db".into());
    };
    let sql = std::fs::read_to_string(&script).map_err(|error| format!("{}: {error}", script.display()))?;
    let partial = database.with_extension("partial");
    if partial.exists() {
        std::fs::remove_file(&partial)?;
    }
    let connection = Connection::open(&partial)?;
    // As the command line of SQLite: keys are checked only where the script asks for it.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.execute_batch(&sql)?;
    connection.close().map_err(|(_, error)| error)?;
    std::fs::rename(&partial, &database)?;
    Ok(())
}
