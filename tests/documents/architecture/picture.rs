//! The picture of the rooms in ARCHITECTURE.md, drawn from the code (`UPDATE_README=1 cargo test --test documents picture`
//! draws it anew).

use super::paths::{paths, without_tests};
use super::table::rules;
use super::{File, files, module_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- rooms -->\n";
const END: &str = "<!-- end of rooms -->\n";

/// The rooms that each room names in its code, unit tests aside.
fn used(rooms: &BTreeSet<String>, files: &[File]) -> BTreeMap<String, BTreeSet<String>> {
    let mut used = BTreeMap::<String, BTreeSet<String>>::new();
    for file in files.iter().filter(|file| rooms.contains(module_of(&file.path))) {
        let room = module_of(&file.path);
        let named = paths(&without_tests(&file.text), "crate::").into_iter();
        let named = named.filter_map(|(_, path)| path.split("::").next().map(str::to_owned));
        used.entry(room.to_owned()).or_default().extend(named.filter(|named| named != room && rooms.contains(named)));
    }
    used
}

/// An arrow for each room that is used and not reached through another: the rest follows.
fn arrows(used: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<(String, String)> {
    fn reaches(used: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
        used.get(from).is_some_and(|next| next.iter().any(|room| room == to || reaches(used, room, to)))
    }
    let direct = |from: &String, to: &String| !used[from].iter().any(|by| by != to && reaches(used, by, to));
    let all = used.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
    all.filter(|(from, to)| direct(from, to)).map(|(from, to)| (from.clone(), to.clone())).collect()
}

fn drawn() -> String {
    let rooms = rules().into_iter().map(|rule| rule.room).collect::<BTreeSet<_>>();
    let mut drawn = String::from("```mermaid\nflowchart TD\n    cli --> report\n");
    for (from, to) in arrows(&used(&rooms, &files())) {
        writeln!(drawn, "    {from} --> {to}").unwrap();
    }
    drawn.push_str("```\n");
    drawn
}

#[test]
fn the_picture_shows_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (picture, after) = rest.split_once(END).unwrap();
    let drawn = drawn();
    if picture != drawn && std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{drawn}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(picture, drawn, "UPDATE_README=1 cargo test --test documents picture draws it anew");
}

/// Files that the page names are there.
#[test]
fn files_of_the_page_are_there() {
    let (root, page) = page();
    let is_path = |word: &&str| word.contains('/') && !word.contains([' ', ':']);
    let named = page.split('`').skip(1).step_by(2).filter(is_path).collect::<BTreeSet<_>>();
    assert!(named.len() > 10);
    let is_there = |path: &str| ["", "src"].iter().any(|folder| root.join(folder).join(path).exists());
    let missing = named.into_iter().filter(|path| !is_there(path)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Each row of the table of decisions names the item that decides, and its file has that item.
#[test]
fn decisions_stand_where_the_page_says() {
    let (root, page) = page();
    let (_, table) = page.split_once("| decision | item | file |\n|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|')).collect::<Vec<_>>();
    assert!(rows.len() > 10);
    let wrong = rows.into_iter().filter(|row| {
        let cells = row.trim_matches(['|', ' ']).rsplitn(3, " | ").collect::<Vec<_>>();
        let [file, item, _] = cells[..] else { return true };
        let text = std::fs::read_to_string(root.join(file.trim_matches('`'))).unwrap();
        !text.lines().any(|line| names(line, item.trim_matches('`')))
    });
    let wrong = wrong.collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a line has an item's words, and no longer name that begins or ends with them.
fn names(line: &str, item: &str) -> bool {
    let is_end = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_');
    !line.trim_start().starts_with("//")
        && line
            .match_indices(item)
            .any(|(at, _)| is_end(line[..at].chars().next_back()) && is_end(line[at + item.len()..].chars().next()))
}

#[test]
fn an_item_is_no_part_of_a_name() {
    assert!(names("pub(super) fn julian(cell: Cell<'_>) {", "fn julian"));
    for line in ["fn julians() {", "// fn julian() once", "fn is_julian() {", "asfn julian() {"] {
        assert!(!names(line, "fn julian"), "{line}");
    }
}

/// The repository, and the page.
fn page() -> (&'static Path, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    (root, std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap())
}

#[test]
fn arrows_that_follow_from_others_are_left_out() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("src/a/mod.rs", "use crate::b::B;\nuse crate::c::C;\n"),
        file("src/b.rs", "use crate::c::C;\n#[cfg(test)]\nmod tests { use crate::a::A; }\n"),
        file("src/c.rs", "use crate::elsewhere::D;\n"),
    ];
    let rooms = ["a", "b", "c"].map(str::to_owned).into();
    let arrow = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(arrows(&used(&rooms, &files)), [arrow("a", "b"), arrow("b", "c")].into());
}
