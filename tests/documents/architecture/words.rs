//! How comments begin (STYLE.md, "Comments"): the technical noun comes first.

use super::{File, assert_none, files};

/// A comment that begins so says in a subordinate clause what a noun would say.
const REFUSED: [&str; 8] = ["That", "Those", "Who", "Whoever", "Whose", "What", "Whatever", "Which"];

/// The first line of each comment and of each paragraph in it, with its number.
fn beginnings(text: &str) -> impl Iterator<Item = (usize, String)> {
    let words = |line: &'_ str| {
        line.trim_start().starts_with("//").then(|| line.trim_start().trim_start_matches(['/', '!', ' ']).to_owned())
    };
    let mut before = None;
    let begins = move |(at, line): (usize, &'_ str)| {
        let now = words(line);
        let continues = before.as_ref().is_some_and(|before: &String| !before.is_empty() && !before.starts_with('#'));
        before.clone_from(&now);
        now.filter(|_| !continues).map(|words| (at + 1, words))
    };
    text.lines().enumerate().filter_map(begins)
}

fn refused(file: &File) -> Vec<String> {
    let begins = |comment: &str| {
        let first = comment.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
        REFUSED.contains(&first)
    };
    let found = beginnings(&file.text).filter(|(_, comment)| begins(comment));
    found.map(|(line, comment)| format!("{}:{line}: {comment}", file.path)).collect()
}

#[test]
fn comments_begin_with_their_noun() {
    assert_none(&files().iter().flat_map(refused).collect::<Vec<_>>());
}

#[test]
fn beginnings_are_found() {
    let text = "//! What it is.\n//! Those follow.\n\n/// A row.\n///\n/// # Errors\n/// Those of reading.\nstruct Row; // What now\n    // That it is.\n";
    let file = File { path: "src/a.rs".to_owned(), text: text.to_owned() };
    assert_eq!(refused(&file), ["src/a.rs:1: What it is.", "src/a.rs:7: Those of reading.", "src/a.rs:9: That it is."]);
}
