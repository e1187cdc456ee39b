//! The doors of the engines: a source is read through `source`, its SQL understood through `dialect`, its address through
//! `connection`, whichever engine it is of.

use super::paths::{is_below, paths, without_comments, without_tests};
use super::{File, assert_none, files};

/// The rooms behind the doors.
const SQLITE: &[&str] = &["src/source/sqlite/", "src/dialect/sqlite/"];

/// The files that tell one engine from another to open a door.
const SOURCE: &[&str] = &["src/source/"];

/// The rooms that read an address, and those to which it says of which engine a source is.
const ADDRESS: &[&str] = &["src/connection/", "src/source/", "src/spec/", "src/cli/"];

/// The rooms that tell a dialect from another, and the one that says of which engine a source is.
const DIALECT: &[&str] = &["src/catalog/", "src/source/", "src/dialect/", "src/spec/"];

/// Modules of the library that only these rooms may name.
const MODULES: [(&str, &[&str]); 5] = [
    ("source::sqlite", SOURCE),
    ("source::mysql", SOURCE),
    ("dialect::sqlite", &["src/source/sqlite/", "src/dialect/"]),
    ("dialect::mysql", &["src/source/mysql/", "src/dialect/"]),
    ("connection::mysql", &["src/connection/"]),
];

/// Crates that only these rooms may name, unit tests included.
const CRATES: [(&str, &[&str]); 1] = [("rusqlite::", SQLITE)];

/// Enums with a variant for each engine, and the rooms that may name one, unit tests aside.
const ENUMS: [(&str, &[&str]); 8] = [
    ("Reader", SOURCE),
    ("Row", SOURCE),
    ("Interrupter", SOURCE),
    ("Rewriter", SOURCE),
    ("SourceQuery", SOURCE),
    ("EngineHold", SOURCE),
    ("SourceConnection", ADDRESS),
    ("Engine", DIALECT),
];

/// The variants.
const ENGINES: [&str; 2] = ["Sqlite", "Mysql"];

/// The lines that go past a door.
fn intrusions(file: &File) -> Vec<String> {
    let is_inside = |rooms: &[&str]| rooms.iter().any(|room| file.path.starts_with(room));
    let said = |line: usize, name: &str| format!("{}:{line}: names {name}, which is behind a door", file.path);
    let mut found = Vec::new();
    for (module, _) in MODULES.iter().filter(|(_, rooms)| !is_inside(rooms)) {
        let named = ["crate::", "transship::"].into_iter().flat_map(|root| paths(&file.text, root));
        found.extend(named.filter(|(_, path)| is_below(path, module)).map(|(line, _)| said(line, module)));
    }
    let mut look = |text: &str, name: &str| {
        let (text, lines) = without_comments(text);
        let is_whole = |at: usize| !text[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let named = text.match_indices(name).filter(|(at, _)| is_whole(*at));
        found.extend(named.map(|(at, _)| said(lines[at], name)));
    };
    for (name, _) in CRATES.iter().filter(|(_, rooms)| !is_inside(rooms)) {
        look(&file.text, name);
    }
    if file.path.contains("/tests/") || file.path.ends_with("/tests.rs") {
        return found;
    }
    for (name, _) in ENUMS.iter().filter(|(_, rooms)| !is_inside(rooms)) {
        ENGINES.iter().for_each(|engine| look(&without_tests(&file.text), &format!("{name}::{engine}")));
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
        "use crate::source::mysql;",
        "use crate::dialect::sqlite::Affinity;",
        "let name = crate::dialect::mysql::quote(name);",
        "use crate::connection::mysql::MysqlUrl;",
        "mod tests {\n    let connection = rusqlite::Connection::open_in_memory();\n}",
        "let Reader::Sqlite(reader) = reader;",
        "let Rewriter::Mysql(rewriter) = rewriter;",
        "matches!(source, SourceConnection::Mysql(_))",
        "matches!(catalog.engine, Engine::Sqlite)",
    ] {
        assert_eq!(number("src/plan/chunks.rs", text), 1, "{text}");
    }
    assert_eq!(number("src/cli/commands/evidence.rs", "use transship::source::sqlite;"), 1);
    assert_eq!(number("src/cli/commands/restore.rs", "SourceConnection::Sqlite { path: text.into() }"), 0);
    assert_eq!(number("src/source/mysql/read.rs", "use crate::dialect::sqlite::one_query;"), 1);
    assert_eq!(number("src/plan/chunks.rs", "use crate::source::{Reader, Row};\n// rusqlite::Connection\n"), 0);
    assert_eq!(number("src/plan/chunks.rs", "\n#[cfg(test)]\nmod tests {\n    let engine = Engine::Sqlite;\n}\n"), 0);
    assert_eq!(number("src/source/reader.rs", "Self::Sqlite(reader) => Row::Sqlite(row),"), 0);
    assert_eq!(number("src/source/sqlite/read.rs", "use rusqlite::Connection;"), 0);
}
