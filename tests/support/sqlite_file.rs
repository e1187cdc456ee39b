//! All that a SQLite file holds, as lines: read by SQLite itself.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Settings of the file.
const SETTINGS: [&str; 6] = ["user_version", "application_id", "encoding", "page_size", "auto_vacuum", "journal_mode"];

/// Settings, schema and rows, each value with its storage class.
pub(crate) fn lines(path: &Path) -> Vec<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.create_collation("of_the_application", str::cmp).unwrap();
    let mut lines = Vec::new();
    for setting in SETTINGS {
        let value = connection.query_row(&format!("PRAGMA {setting}"), [], |row| Ok(words(row.get_ref(0)?))).unwrap();
        lines.push(format!("{setting} = {value}"));
    }
    let schema = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY rowid";
    lines.extend(rows(&connection, schema));
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid";
    let mut statement = connection.prepare(tables).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    for name in names {
        let table = name.replace('"', "\"\"");
        lines.extend(
            rows(&connection, &format!("SELECT * FROM \"{table}\"")).into_iter().map(|row| format!("{name}: {row}")),
        );
    }
    lines
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push((0..columns).map(|at| words(row.get_ref(at).unwrap())).collect::<Vec<_>>().join(" | "));
    }
    lines
}

fn words(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => format!("i{number}"),
        ValueRef::Real(number) => format!("r{number:?}"),
        ValueRef::Text(text) => format!("t{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("b{bytes:02x?}"),
    }
}
