//! The words of one engine: they stand in its own rooms, and in no room that the next engine shares.

use super::door::literals;
use super::paths::without_tests;
use super::{File, assert_none, files, module_of};

/// The rooms of SQLite.
const SQLITE: &[&str] = &["src/source/sqlite/", "src/dialect/sqlite/"];

/// The rooms of MySQL and MariaDB.
const MYSQL: &[&str] = &["src/source/mysql/", "src/dialect/mysql/", "src/connection/mysql/"];

/// The rooms in which a name of an engine may stand in a string: they open its doors, or speak to the user of what he wrote.
const NAMING: [&str; 6] = ["source", "dialect", "connection", "spec", "cli", "kit"];

/// The engines as people call them.
const ENGINES: [&str; 3] = ["SQLite", "MySQL", "MariaDB"];

/// Words, and the rooms in which they may stand. One in small letters is meant in any case; `rtrim` is a function of
/// PostgreSQL too, `RTRIM` a collation of SQLite alone.
const WORDS: [(&str, &[&str]); 10] = [
    ("rowid", SQLITE),
    ("rowids", SQLITE),
    ("nocase", SQLITE),
    ("RTRIM", SQLITE),
    // A hint names a command for a damaged file.
    ("pragma", &["src/source/sqlite/", "src/dialect/sqlite/", "src/source/error.rs"]),
    ("sqlite_master", SQLITE),
    ("auto_increment", MYSQL),
    ("sql_mode", MYSQL),
    ("innodb", MYSQL),
    ("myisam", MYSQL),
];

/// The lines of a file that say a word outside of its rooms; unit tests may write any engine's SQL.
fn strangers(file: &File) -> Vec<String> {
    if file.path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let (text, mut found) = (without_tests(&file.text), Vec::new());
    for (word, rooms) in WORDS.iter().filter(|(_, rooms)| !rooms.iter().any(|room| file.path.starts_with(room))) {
        let lines = text.lines().enumerate().filter(|(_, line)| says(line, word));
        let rooms = rooms.join(" and ");
        found.extend(lines.map(|(at, _)| format!("{}:{}: `{word}` is a word of {rooms}", file.path, at + 1)));
    }
    found
}

/// Whether a line has the word, alone or as a part of a name such as `without_rowid`.
fn says(line: &str, word: &str) -> bool {
    let is_small = !word.contains(char::is_uppercase);
    let line = if is_small { line.to_ascii_lowercase() } else { line.to_owned() };
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + word.len()..].chars().next();
        ![before, behind].into_iter().flatten().any(char::is_alphabetic)
    })
}

/// The lines of a neutral room whose strings call an engine by its name: the source's system is asked for it.
fn named_engines(file: &File) -> Vec<String> {
    let room = module_of(&file.path);
    if NAMING.contains(&room) || file.path.contains("/tests/") || file.path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let named = literals(&file.text).into_iter().filter_map(|(line, literal)| {
        let engine = ENGINES.iter().find(|engine| says(&literal, engine))?;
        Some(format!("{}:{line}: `{room}` calls {engine} by its name; Dialect::system() knows which it is", file.path))
    });
    named.collect()
}

#[test]
fn neutral_rooms_call_no_engine_by_its_name() {
    assert_none(&files().iter().flat_map(named_engines).collect::<Vec<_>>());
    let number = |path: &str, text: &str| named_engines(&File { path: path.to_owned(), text: text.to_owned() }).len();
    let text = "// \"SQLite\"\nlet a = \"MySQL does\";\nlet b = \"so \\\n   SQLite's\";\n#[cfg(test)]\nmod tests { \"SQLite\" }";
    assert_eq!(number("src/plan/chunks.rs", text), 2);
    assert_eq!(number("src/dialect/guarantee.rs", text), 0);
    assert_eq!(number("src/plan/chunks.rs", "const PROGRAM: &str = \"mysqldump\";"), 0);
}

#[test]
fn words_of_an_engine_stay_in_its_rooms() {
    assert_none(&files().iter().flat_map(strangers).collect::<Vec<_>>());
}

#[test]
fn words_are_found() {
    let number = |path: &str, text: &str| strangers(&File { path: path.to_owned(), text: text.to_owned() }).len();
    let text = "let is_rowid = 1;\n// WITHOUT ROWID\nNoCase, RowIdentity, rtrim(x)\n\"RTRIM\"\nthe rowids\n#[cfg(test)]\nrowid;";
    assert_eq!(number("src/plan/chunks.rs", text), 5);
    assert_eq!(number("src/source/sqlite/read.rs", text), 0);
    assert_eq!(number("src/plan/tests.rs", text), 0);
}
