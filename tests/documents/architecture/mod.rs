//! The shape of the code: which room may use which (the table of `src/lib.rs`), which files go in circles, where printing is
//! allowed, how long a file may be, and which names two types may share.

mod circles;
mod door;
mod engines;
mod names;
mod paths;
mod picture;
mod readers;
mod searches;
mod table;
mod uses;
mod words;

use paths::{code, is_below, paths, without_comments};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use table::{Rule, rules};

/// What the proof may name of the code that it proves, and of the neutral code below both: plain data, and how a command is
/// run. Whatever turns a stored value into what is sent, or says what fits, is not among it.
const PROOF: &[&str] = &[
    "catalog",
    "name",
    "plan",
    "spec",
    "source",
    "proof",
    "run",
    "verify",
    "target::Ledger",
    "target::Server",
    "target::Session",
    "target::TargetError",
    "target::ledger",
    // What a role may see, before anything is read.
    "target::grants",
    "target::fingerprint::Fingerprint",
    "target::draws",
    "target::structure",
    "value::Cell",
    "value::Reading",
    "value::Forgetting",
    "value::Dropping",
    "value::FractionTreatment",
    "value::RepeatedTime",
    "value::ZeroDates",
    // Only for its name.
    "value::Zone",
    // The plan as it is made today, and what the checks answer.
    "checks",
    "survey::SOURCE_SQL_REFUSED",
    "survey::Survey",
];

/// The rooms of the proof, and the part of `verify` that compares answers to questions, not the values that were copied.
const PROVING: [&str; 2] = ["src/proof/", "src/verify/"];
const QUESTIONS: &str = "src/verify/views";

/// The lines by which the proof would use what it proves.
fn shared_with_the_proof(file: &File) -> Vec<String> {
    if !PROVING.iter().any(|room| file.path.starts_with(room)) || file.path.starts_with(QUESTIONS) {
        return Vec::new();
    }
    let is_allowed = |path: &str| PROOF.iter().any(|parent| is_below(path, parent));
    paths(&file.text, "crate::")
        .into_iter()
        .filter(|(_, path)| !is_allowed(path))
        .map(|(line, path)| format!("{}:{line}: the proof uses crate::{path}, which it proves", file.path))
        .collect()
}

/// The library's root holds the modules; the binary names the library by its own name.
const ROOTS: [&str; 2] = ["src/lib.rs", "src/main.rs"];

const LONGEST_FILE: usize = 450;
const LONGEST_MAIN: usize = 25;
const PRINTER: &str = "src/cli/printer.rs";
const PRINTING: [&str; 6] = ["println!", "eprintln!", "print!", "eprint!", "io::stdout()", "io::stderr()"];
const NAMELESS: [&str; 6] = ["utils", "util", "common", "helpers", "helper", "misc"];

struct File {
    /// With `/` and relative to the repository.
    path: String,
    text: String,
}

fn files() -> Vec<File> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), found);
            } else if entry.path().extension().is_some_and(|extension| extension == "rs") {
                found.push(entry.path());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join("src"), &mut paths);
    paths.sort();
    let read = |path: PathBuf| File {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"),
    };
    paths.into_iter().map(read).collect()
}

fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The lines that break the rules of one file's room.
fn violations(rules: &[Rule], file: &File) -> Vec<String> {
    let room = module_of(&file.path);
    let said = |line: usize, what: String| format!("{}:{line}: {what}", file.path);
    if room == "cli" || ROOTS.contains(&file.path.as_str()) {
        let crate_paths = paths(&file.text, "crate::");
        return crate_paths
            .into_iter()
            .map(|(line, path)| said(line, format!("the binary uses the library as transship::…, not crate::{path}")))
            .collect();
    }
    let Some(rule) = rules.iter().find(|rule| rule.room == room) else {
        return vec![said(1, format!("the room {room} is not in the table of src/lib.rs"))];
    };
    let allowed = |path: &str| is_below(path, room) || rule.may_use.iter().any(|parent| is_below(path, parent));
    paths(&file.text, "crate::")
        .into_iter()
        .filter(|(_, path)| !allowed(path))
        .map(|(line, path)| {
            let may = if rule.may_use.is_empty() { "nothing".to_owned() } else { rule.may_use.join(", ") };
            said(line, format!("`{room}` uses crate::{path}; it may use {may}"))
        })
        .chain(climbs(file))
        .collect()
}

/// `super::super::…` up to the library's root would be a way around the table.
fn climbs(file: &File) -> Vec<String> {
    let inside = file.path.strip_prefix("src/").unwrap();
    let depth = inside.split('/').count() - usize::from(inside.ends_with("/mod.rs"));
    let (text, lines) = without_comments(&file.text);
    let tests = text.find("mod tests {").unwrap_or(text.len());
    let mut found = Vec::new();
    for (at, _) in text.match_indices("super::").filter(|(at, _)| !text[..*at].ends_with("super::")) {
        let steps = text[at..].split("::").take_while(|word| *word == "super").count();
        if steps >= depth + usize::from(at > tests) {
            found.push(format!("{}:{}: reaches the library's root; write crate::…", file.path, lines[at]));
        }
    }
    found
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn modules_use_only_what_they_may() {
    let rules = rules();
    assert_none(&files().iter().flat_map(|file| violations(&rules, file)).collect::<Vec<_>>());
}

#[test]
fn the_proof_does_not_share_what_it_proves() {
    assert_none(&files().iter().flat_map(shared_with_the_proof).collect::<Vec<_>>());
    let broken =
        |path: &str, text: &str| shared_with_the_proof(&File { path: path.to_owned(), text: text.to_owned() }).len();
    for text in [
        "use crate::target::copy::ColumnEncoder;",
        "use crate::rows::treatment::Treatment;",
        "let words = crate::target::copy::display(column_type, field);",
        "use crate::value::{Cell, temporal};",
        "use crate::value::json::canonical;",
    ] {
        assert_eq!(broken("src/verify/table.rs", text), 1, "{text}");
        assert_eq!(broken("src/proof/form.rs", text), 1, "{text}");
    }
    assert_eq!(broken("src/proof/meaning/mod.rs", "use crate::value::{Cell, Reading};"), 0);
}

#[test]
fn every_module_of_the_table_exists() {
    let modules = files().iter().map(|file| module_of(&file.path).to_owned()).collect::<BTreeSet<_>>();
    let missing = rules().into_iter().map(|rule| rule.room).filter(|room| !modules.contains(room));
    assert_none(&missing.collect::<Vec<_>>());
}

#[test]
fn no_file_is_too_long() {
    let too_long = |file: &File| {
        let (lines, limit) =
            (file.text.lines().count(), if file.path == "src/main.rs" { LONGEST_MAIN } else { LONGEST_FILE });
        (lines > limit).then(|| format!("{}:{lines}: {lines} lines; at most {limit}", file.path))
    };
    assert_none(&files().iter().filter_map(too_long).collect::<Vec<_>>());
}

#[test]
fn only_the_printer_prints() {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| file.path != PRINTER) {
        for (number, line) in file.text.lines().enumerate().map(|(at, line)| (at + 1, code(line))) {
            let is_question = line.contains("is_terminal()");
            found.extend(
                PRINTING
                    .iter()
                    .filter(|word| line.contains(**word) && !is_question)
                    .map(|word| format!("{}:{number}: {word} outside of {PRINTER}", file.path)),
            );
        }
    }
    assert_none(&found);
}

#[test]
fn modules_have_names_that_say_something() {
    let nameless = |file: &File| {
        let words = file.path.trim_end_matches(".rs").split('/').collect::<Vec<_>>();
        let word = words.into_iter().find(|word| NAMELESS.contains(word))?;
        Some(format!("{}:1: a module is not called {word}", file.path))
    };
    assert_none(&files().iter().filter_map(nameless).collect::<Vec<_>>());
}

/// The reading of paths itself: a rule that finds nothing would hold for ever.
#[test]
fn paths_are_found() {
    let text = "use crate::{a::{B, c::{D, e as F}}, g};\n// crate::comment\nlet x = crate::h::i(1);\nmycrate::j();\n";
    let found = paths(text, "crate::").into_iter().map(|(line, path)| format!("{line} {path}")).collect::<Vec<_>>();
    assert_eq!(found, ["1 a::B", "1 a::c::D", "1 a::c::e", "1 g", "3 h::i"]);
    let rules = rules();
    let broken = |path: &str, text: &str| violations(&rules, &File { path: path.to_owned(), text: text.to_owned() });
    assert_eq!(broken("src/name/quote.rs", "\nuse crate::value::Cell;\n").len(), 1);
    assert_eq!(broken("src/target/copy/row.rs", "use crate::connection::TlsMode;\n").len(), 0);
    assert_eq!(broken("src/target/copy/row.rs", "use crate::spec::Spec;\n").len(), 1);
    assert_eq!(
        broken("src/report/plan.rs", "use crate::target::Server;\nuse crate::target::ledger::RunRow;\n").len(),
        1
    );
    assert_eq!(broken("src/plan/mod.rs", "use super::cli;\n").len(), 1);
    assert_eq!(broken("src/plan/chunks.rs", "use super::cli;\nuse super::super::cli;\n").len(), 1);
    assert_eq!(broken("src/plan/chunks.rs", "mod tests {\n    use super::super::names;\n}\n").len(), 0);
    assert_eq!(broken("src/novelty.rs", "").len(), 1);
}
