//! How comments begin (STYLE.md, "Comments"): the technical noun comes first.

use super::{File, assert_none, files};

/// A comment that begins so says in a subordinate clause what a noun would say.
const REFUSED: [&str; 8] = ["That", "Those", "Who", "Whoever", "Whose", "What", "Whatever", "Which"];

/// The first line of each comment, with its number: the line before it is none.
fn beginnings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let comment = |line: &str| line.trim_start().starts_with("//");
    let lines = text.lines().collect::<Vec<_>>();
    let begins = move |at: &usize| comment(lines[*at]) && (*at == 0 || !comment(lines[*at - 1]));
    let lines = text.lines().collect::<Vec<_>>();
    (0..lines.len()).filter(begins).map(move |at| (at + 1, lines[at].trim_start().trim_start_matches(['/', '!', ' '])))
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
    let text = "//! What it is.\n//! Those follow.\n\n/// A row.\n/// What it holds.\nstruct Row; // What now\n    // That it is.\n";
    let file = File { path: "src/a.rs".to_owned(), text: text.to_owned() };
    assert_eq!(refused(&file), ["src/a.rs:1: What it is.", "src/a.rs:7: That it is."]);
}
