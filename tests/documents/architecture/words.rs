//! How comments and hints begin (STYLE.md, "Comments" and "Messages"): a comment with its noun, a hint with its verb.

use super::{File, assert_none, files};

/// A comment that begins so says in a subordinate clause what a noun would say.
const REFUSED: [&str; 11] =
    ["That", "Those", "Who", "Whoever", "Whose", "What", "Whatever", "Which", "Such", "Nobody", "Somebody"];

/// A hint that begins so says what is the case before it says what to do.
const NO_VERBS: [&str; 18] = [
    "a", "an", "the", "it", "its", "this", "that", "there", "others", "each", "without", "where", "when", "if",
    "nothing", "what", "whether", "somebody",
];

/// Words in whose place there is a plainer one: again, from the start, recreate.
const CIRCUMLOCUTIONS: [&str; 1] = ["anew"];

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

/// The literals of a text that are hints: arguments and fields with that name, and all that a function `hint` answers.
fn hints(text: &str) -> Vec<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let text = text.lines().filter(is_code).map(|line| format!("{line}\n")).collect::<String>();
    let text = text.replace("\\\"", "'").replace("'\"'", "' '");
    let mut is_of_function = false;
    let (mut found, mut before) = (Vec::new(), String::new());
    for (at, part) in text.split('"').enumerate() {
        if at % 2 == 0 {
            let last = |end: &str| part.rfind(end);
            is_of_function = match (last("fn hint("), last("\n    }\n")) {
                (Some(begin), end) => end.is_none_or(|end| end < begin),
                (None, Some(_)) => false,
                (None, None) => is_of_function,
            };
            before = part.split_whitespace().collect::<Vec<_>>().join(" ");
            continue;
        }
        let before = before.trim_end_matches("format!(").trim_end_matches("Some(").trim_end();
        let is_named = ["hint(", "let hint =", "hint:"].iter().any(|end| before.ends_with(end));
        let is_answer = is_of_function && (before.ends_with("=>") || before.ends_with('{'));
        if is_named || is_answer {
            found.push(part.to_owned());
        }
    }
    found
}

#[test]
fn hints_begin_with_their_verb() {
    let begins = |hint: &String| {
        let first = hint.split_whitespace().next().unwrap_or_default();
        NO_VERBS.contains(&first.to_lowercase().as_str()) || first.starts_with('`')
    };
    let of_file = |file: &File| {
        let found = hints(&file.text).into_iter().filter(begins).map(|hint| format!("{}: {hint}", file.path));
        found.collect::<Vec<_>>()
    };
    let sources = files();
    let sources = sources.iter().filter(|file| file.path.starts_with("src/") && !file.path.contains("/tests/"));
    assert_none(&sources.flat_map(of_file).collect::<Vec<_>>());
}

#[test]
fn no_circumlocution_stands_where_there_is_a_plain_word() {
    let of_file = |file: &File| {
        let is_refused = |word: &str| CIRCUMLOCUTIONS.contains(&word.to_lowercase().as_str());
        let found =
            file.text.lines().enumerate().filter(|(_, line)| {
                line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(is_refused)
            });
        found.map(|(at, line)| format!("{}:{}: {}", file.path, at + 1, line.trim())).collect::<Vec<_>>()
    };
    let sources = files();
    assert_none(&sources.iter().filter(|file| file.path.starts_with("src/")).flat_map(of_file).collect::<Vec<_>>());
}

#[test]
fn hints_are_found() {
    let text = "fn a() {\n    error.hint(\"it is so\");\n    let hint = format!(\"run {x}\");\n    other(\"the\");\n}\nimpl E {\n    pub fn hint(&self) -> &str {\n        match self {\n            \
                Self::A => \"write \\\"x\\\"\",\n            Self::B { .. } => {\n                \"the disk is full\"\n            }\n        }\n    }\n\n    fn b() -> &str {\n        \"no hint\"\n    }\n}\n";
    assert_eq!(hints(text), ["it is so", "run {x}", "write 'x'", "the disk is full"]);
}

#[test]
fn beginnings_are_found() {
    let text = "//! What it is.\n//! Those follow.\n\n/// A row.\n///\n/// # Errors\n/// Those of reading.\nstruct Row; // What now\n    // That it is.\n";
    let file = File { path: "src/a.rs".to_owned(), text: text.to_owned() };
    assert_eq!(refused(&file), ["src/a.rs:1: What it is.", "src/a.rs:7: Those of reading.", "src/a.rs:9: That it is."]);
}
