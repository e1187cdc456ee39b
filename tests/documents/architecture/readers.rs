//! The door of the sources: a source is read through `source`, whichever engine it is of.

use super::paths::{is_below, paths, without_comments};
use super::{File, assert_none, files};

/// The rooms behind the doors.
const SQLITE: &[&str] = &["src/source/sqlite/", "src/dialect/sqlite/"];

/// The files that tell one engine from another to open a door.
const SOURCE: &[&str] = &["src/source/"];

/// Modules of the library that only these rooms may name.
const MODULES: [(&str, &[&str]); 2] =
    [("source::sqlite", SOURCE), ("dialect::sqlite", &["src/source/sqlite/", "src/dialect/"])];

/// Crates, constants and variants that only these rooms may name, unit tests included.
const NAMES: [(&str, &[&str]); 5] = [
    ("rusqlite::", SQLITE),
    ("quote_sqlite_identifier", &["src/source/sqlite/", "src/dialect/sqlite/", "src/name/"]),
    ("Reader::Sqlite", SOURCE),
    ("Row::Sqlite", SOURCE),
    ("Interrupter::Sqlite", SOURCE),
];

/// The lines that go past a door.
fn intrusions(file: &File) -> Vec<String> {
    let is_inside = |rooms: &[&str]| rooms.iter().any(|room| file.path.starts_with(room));
    let said = |line: usize, name: &str| format!("{}:{line}: names {name}, which is behind a door", file.path);
    let mut found = Vec::new();
    for (module, _) in MODULES.iter().filter(|(_, rooms)| !is_inside(rooms)) {
        let named = ["crate::", "transship::"].into_iter().flat_map(|root| paths(&file.text, root));
        found.extend(named.filter(|(_, path)| is_below(path, module)).map(|(line, _)| said(line, module)));
    }
    let (text, lines) = without_comments(&file.text);
    for (name, _) in NAMES.iter().filter(|(_, rooms)| !is_inside(rooms)) {
        found.extend(text.match_indices(name).map(|(at, _)| said(lines[at], name)));
    }
    found
}

#[test]
fn engines_are_reached_through_their_doors() {
    assert_none(&files().iter().flat_map(intrusions).collect::<Vec<_>>());
}

#[test]
fn intrusions_are_found() {
    let number = |path: &str, text: &str| intrusions(&File { path: path.to_owned(), text: text.to_owned() }).len();
    for text in [
        "use crate::source::{Reader, sqlite::Snapshot};",
        "use crate::source::sqlite;",
        "use crate::dialect::sqlite::Affinity;",
        "mod tests {\n    let connection = rusqlite::Connection::open_in_memory();\n}",
        "let Reader::Sqlite(reader) = reader;",
        "let name = quote_sqlite_identifier(name);",
    ] {
        assert_eq!(number("src/plan/chunks.rs", text), 1, "{text}");
    }
    assert_eq!(number("src/cli/commands/evidence.rs", "use transship::source::sqlite;"), 1);
    assert_eq!(number("src/plan/chunks.rs", "use crate::source::{Reader, Row};\n// rusqlite::Connection\n"), 0);
    assert_eq!(number("src/source/reader.rs", "Self::Sqlite(reader) => Row::Sqlite(row),"), 0);
    assert_eq!(number("src/source/sqlite/read.rs", "use rusqlite::Connection;"), 0);
}
