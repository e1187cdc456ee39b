//! The words of one engine: they stand in its own rooms, and in no room that the next engine shares.

use super::paths::without_tests;
use super::{File, assert_none, files};

/// The rooms of SQLite.
const SQLITE: &[&str] = &["src/source/sqlite/", "src/dialect/sqlite/"];

/// Words, and the rooms in which they may stand. One in small letters is meant in any case; `rtrim` is a function of
/// PostgreSQL too, `RTRIM` a collation of SQLite alone.
const WORDS: [(&str, &[&str]); 4] = [("rowid", SQLITE), ("rowids", SQLITE), ("nocase", SQLITE), ("RTRIM", SQLITE)];

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
    let is_small = word.chars().all(char::is_lowercase);
    let line = if is_small { line.to_ascii_lowercase() } else { line.to_owned() };
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let behind = line[at + word.len()..].chars().next();
        ![before, behind].into_iter().flatten().any(char::is_alphabetic)
    })
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
