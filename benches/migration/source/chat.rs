//! A chat application's store in SQLite.

use super::{Engine, Source};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// The file.
pub(crate) struct Chat {
    pub(crate) path: PathBuf,
}

const TABLES: [&str; 4] = ["users", "conversations", "messages", "chunks"];

/// Builds the file where it is not there yet.
pub(super) fn build(workshop: &Path, scale: f64) -> Source {
    let path = workshop.join(format!("chat-{scale}.db"));
    if !path.exists() {
        eprintln!("building {}", path.display());
        let partial = workshop.join("chat.partial");
        if partial.exists() {
            std::fs::remove_file(&partial).unwrap();
        }
        let connection = Connection::open(&partial).unwrap();
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF").unwrap();
        connection.execute_batch(&format!("CREATE TEMP TABLE size AS SELECT {scale} AS scale")).unwrap();
        connection.execute_batch(include_str!("../chat.sql")).unwrap();
        connection.close().unwrap();
        std::fs::rename(partial, &path).unwrap();
    }
    let connection = Connection::open(&path).unwrap();
    let count = |table: &&str| {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let rows = TABLES.iter().map(count).sum();
    let bytes = std::fs::metadata(&path).unwrap().len();
    Source { name: "chat", engine: Engine::Sqlite(Chat { path }), tables: &TABLES, rows, bytes }
}
