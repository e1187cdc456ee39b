//! One name, one thing (STYLE.md, "Names"): a type's name is defined once, but for the forms of one thing that are named here.

use super::{File, assert_none, files};
use std::collections::{BTreeMap, BTreeSet};

/// Types that each engine has, and the neutral room with a variant for each: at most one in each of these rooms.
const OF_ENGINES: [&str; 12] = [
    "DanglingReference",
    "Hold",
    "Interrupter",
    "NewDatabase",
    "Now",
    "Queried",
    "Reader",
    "Rewriter",
    "Row",
    "Snapshot",
    "SourceQuery",
    "Translator",
];
const ROOMS_OF_ENGINES: [[&str; 3]; 2] = [
    ["src/source/sqlite/", "src/source/mysql/", "src/source/"],
    ["src/dialect/sqlite/", "src/dialect/mysql/", "src/dialect/"],
];

/// Types that the proof has beside those of the code that it proves, for it shares none with it.
const OF_PROOF: [&str; 4] = ["ByteOrder", "Fate", "Limit", "WrittenMoment"];

/// The type that a line defines, associated types and those inside of functions aside.
fn defined(line: &str) -> Option<&str> {
    let (first, rest) = line.split_once(' ')?;
    let rest = match first {
        // `pub(in crate::source::mysql) struct`: the path is a word of its own.
        "pub(in" => rest.split_once(' ')?.1,
        first if first.starts_with("pub") => rest,
        _ => line,
    };
    let (keyword, name) = rest.split_once(' ')?;
    let is_type = ["struct", "enum", "trait", "type", "union"].contains(&keyword);
    is_type.then(|| name.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default())
}

/// Whether the files hold the forms of one thing.
fn are_twins(name: &str, paths: &[&str]) -> bool {
    let is_proof = |path: &&&str| path.starts_with("src/proof/");
    let of_proof = OF_PROOF.contains(&name) && paths.len() == 2 && paths.iter().filter(is_proof).count() == 1;
    let in_rooms = |rooms: &[&str; 3]| {
        let room = |path: &&str| rooms.iter().position(|room| path.starts_with(room));
        let found = paths.iter().map(room).collect::<Option<Vec<_>>>();
        found.is_some_and(|found| found.iter().collect::<BTreeSet<_>>().len() == paths.len())
    };
    of_proof || OF_ENGINES.contains(&name) && ROOMS_OF_ENGINES.iter().any(in_rooms)
}

fn shared_names(files: &[File]) -> Vec<String> {
    let mut places = BTreeMap::<&str, Vec<&str>>::new();
    for file in files {
        for name in file.text.lines().filter_map(defined) {
            places.entry(name).or_default().push(&file.path);
        }
    }
    places.retain(|_, paths| paths.len() > 1);
    let twins = OF_ENGINES.iter().chain(&OF_PROOF);
    let alone = twins.filter(|name| !places.contains_key(*name)).map(|name| format!("{name} has no twin left"));
    let shared = places.iter().filter(|(name, paths)| !are_twins(name, paths));
    shared.map(|(name, paths)| format!("{name} is defined in {}", paths.join(" and "))).chain(alone).collect()
}

#[test]
fn a_type_has_a_name_of_its_own() {
    assert_none(&shared_names(&files()));
}

#[test]
fn shared_names_are_found() {
    let found = |files: &[(&str, &str)]| {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        let found = shared_names(&files.iter().map(file).collect::<Vec<_>>());
        found.into_iter().filter(|line| !line.contains("no twin left")).collect::<Vec<_>>()
    };
    let end = ("src/verify/run.rs", "pub(in crate::verify) struct End<'a> {\n");
    assert_eq!(
        found(&[end, ("src/plan/step.rs", "enum End {\n")]),
        ["End is defined in src/verify/run.rs and src/plan/step.rs"]
    );
    assert!(found(&[end, ("src/plan/step.rs", "    type End = u8;\n// struct End\nlet end = End {};\n")]).is_empty());
    let row = "pub struct Row<'row> {\n";
    assert!(found(&[("src/source/row.rs", row), ("src/source/mysql/row.rs", row)]).is_empty());
    assert_eq!(found(&[("src/source/row.rs", row), ("src/source/reader.rs", row)]).len(), 1);
    assert_eq!(found(&[("src/source/row.rs", row), ("src/plan/row.rs", row)]).len(), 1);
    assert!(found(&[("src/proof/form.rs", "enum Fate {\n"), ("src/rows/fate.rs", "enum Fate {\n")]).is_empty());
    assert_eq!(found(&[("src/plan/a.rs", "enum Fate {\n"), ("src/rows/fate.rs", "enum Fate {\n")]).len(), 1);
}
