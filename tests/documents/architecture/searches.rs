//! Nobody looks into SQL or a message for a word: what SQL names and calls is known by its tokens, its tree or PostgreSQL's own
//! catalog, and a message is made with what differs in it.

use super::paths::without_comments;
use super::{File, assert_none, files};

/// Methods that find a part of a text, or put another in its place.
const METHODS: [&str; 7] = ["contains", "replace", "find", "rfind", "matches", "split_once", "rsplit_once"];

/// Names of texts that are SQL or messages, also as the end of a longer name.
const TEXTS: [&str; 11] = [
    "sql",
    "expression",
    "condition",
    "predicate",
    "filter",
    "view",
    "default",
    "message",
    "suggestion",
    "declared.base",
    "version",
];

/// Names of SQL in the rooms of the engines' meaning.
const TEXTS_OF_DIALECT: [&str; 1] = ["text"];

/// Calls that give the same text.
const SAME: [&str; 4] = [".to_ascii_lowercase()", ".to_ascii_uppercase()", ".to_string()", ".as_str()"];

/// The files in which it is asked, and of what.
const ASKED: [(&str, &str); 8] = [
    ("src/back/place.rs", "a refusal of MySQL that has one code with others"),
    ("src/catalog/selection.rs", "the one place that asks where a comment may begin"),
    ("src/dialect/sqlite/parser.rs", "errors of SQLite, which have one code"),
    ("src/source/mysql/introspect/unshown.rs", "a default in a statement that the server shows only in part"),
    ("src/source/mysql/mod.rs", "the one place that knows MariaDB by its version"),
    ("src/source/mysql/rewrite/mod.rs", "the key in a refusal of MySQL, which quotes a row's values beside it"),
    ("src/spec/variables.rs", "a variable within the default of another"),
    ("src/survey/values/excesses.rs", "an error of the source's arithmetic, which has no code of its own"),
];

/// Beginnings of what is no word: a letter, or a quote that stands twice.
const LETTERS: [&str; 5] = ["'", "['", "|", "char::", "\"''\""];

/// The places in a file that look for a word in such a text.
fn searches(file: &File) -> Vec<String> {
    let text = &file.text[..file.text.find("#[cfg(test)]\nmod tests {").unwrap_or(file.text.len())];
    let (text, lines) = without_comments(text);
    let names = TEXTS_OF_DIALECT.iter().filter(|_| file.path.starts_with("src/dialect/")).chain(&TEXTS);
    let names = names.collect::<Vec<_>>();
    let is_text = |receiver: &str| {
        names.iter().any(|name| {
            let before = receiver.strip_suffix(**name).map(|before| before.chars().next_back());
            before.is_some_and(|letter| letter.is_none_or(|letter| !letter.is_alphanumeric()))
        })
    };
    let mut found = Vec::new();
    for method in METHODS {
        for (at, call) in text.match_indices(&format!(".{method}(")) {
            let mut receiver = text[..at].trim_end();
            while let Some(before) = SAME.iter().find_map(|same| receiver.strip_suffix(same)) {
                receiver = before.trim_end();
            }
            let argument = text[at + call.len()..].trim_start();
            let is_letter = LETTERS.iter().any(|letter| argument.starts_with(letter));
            if is_text(receiver) && !is_letter {
                found.push(format!("{}:{}: looks into a text by `{method}`", file.path, lines[at]));
            }
        }
    }
    found
}

#[test]
fn nobody_looks_into_sql_or_a_message_for_a_word() {
    let files = files();
    let is_asked = |file: &File| ASKED.iter().any(|(path, _)| *path == file.path);
    let of_program = files.iter().filter(|file| !is_asked(file) && !file.path.ends_with("/tests.rs"));
    assert_none(&of_program.flat_map(searches).collect::<Vec<_>>());
    let idle = ASKED
        .iter()
        .filter(|(path, _)| files.iter().find(|file| file.path == *path).is_none_or(|file| searches(file).is_empty()));
    assert_none(&idle.map(|(path, _)| format!("{path}:1: looks into no text")).collect::<Vec<_>>());
}

/// The search itself: a rule that finds nothing would hold for ever.
#[test]
fn searches_are_found() {
    let found = |path: &str, line: &str| {
        let text = format!("fn f() {{\n    {line}\n}}\n#[cfg(test)]\nmod tests {{\n    sql.contains(\"a\");\n}}\n");
        searches(&File { path: path.to_owned(), text })
    };
    for line in [
        "sql.contains(&name)",
        "own_sql.contains(name)",
        "finding.message.replace(name, \"the table\")",
        "default.to_ascii_lowercase().contains(\"nextval(\")",
        "expression\n        .contains(\"epoch\")",
        "declared.base.contains(\"UNSIGNED\")",
        "suggestion.is_some_and(|suggestion| !suggestion.contains(\" IN (\"))",
    ] {
        assert_eq!(found("src/plan/a.rs", line).len(), 1, "{line}");
    }
    for line in [
        "sql.contains('\\0')",
        "message.replace('\\n', \" \")",
        "names.contains(sql)",
        "text.contains(\"a\")",
        "// sql.contains(\"a\")",
    ] {
        assert_eq!(found("src/plan/a.rs", line), Vec::<String>::new(), "{line}");
    }
    assert_eq!(found("src/dialect/a.rs", "shown.text.contains(\" COLLATE \")").len(), 1);
}
