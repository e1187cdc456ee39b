//! The table of rooms in `src/lib.rs`: the one home of the rules, read by the tests.

use std::path::Path;

/// A room, and the paths below `crate::` that it may name beside its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) room: String,
    pub(super) holds: String,
    pub(super) may_use: Vec<String>,
}

/// The rules of the library, from the ground up.
pub(super) fn rules() -> Vec<Rule> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let rules = read(&std::fs::read_to_string(library).unwrap());
    assert!(rules.len() > 10, "the table of src/lib.rs is not found");
    rules
}

/// Reads the rows whose first cell is a link to a module: ``| [`room`] | holds | may use |``.
fn read(text: &str) -> Vec<Rule> {
    let row = |line: &str| {
        let cells = line.strip_prefix("//! | [`")?.strip_suffix(" |")?;
        let (room, cells) = cells.split_once("`] | ")?;
        let (holds, may_use) = cells.rsplit_once(" | ")?;
        let may_use = may_use.split(", ").filter(|path| *path != "–").map(str::to_owned).collect();
        Some(Rule { room: room.to_owned(), holds: holds.to_owned(), may_use })
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn the_table_is_read() {
    let text = "//! | room | holds | may use |\n//! |---|---|---|\n//! | [`name`] | names | – |\n//! | [`spec`] | a [`Spec`] | name, a::B |\n";
    let rule = |room: &str, holds: &str, may_use: &[&str]| Rule {
        room: room.to_owned(),
        holds: holds.to_owned(),
        may_use: may_use.iter().map(|path| (*path).to_owned()).collect(),
    };
    assert_eq!(read(text), [rule("name", "names", &[]), rule("spec", "a [`Spec`]", &["name", "a::B"])]);
}

/// A room names only rooms that stand above it: by this no circle of rooms is possible.
#[test]
fn a_room_uses_only_rooms_above_it() {
    let mut above = Vec::new();
    for Rule { room, may_use, .. } in rules() {
        for used in &may_use {
            let root = used.split("::").next().unwrap();
            assert!(above.iter().any(|room| room == root), "{room} may use {used}, which does not stand above it");
        }
        above.push(room);
    }
}
