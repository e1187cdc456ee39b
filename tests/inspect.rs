//! A plan without the source at hand: `inspect` writes what there is to know, `plan --source` plans from that. The live
//! plan is the oracle: with the same spec both are the same, with another spec nothing that the live plan finds is passed
//! over in silence.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::migration::{Migration, Ran};

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let only = std::env::var("CASE").unwrap_or_default();
    cases.retain(|case| case.join("source.sql").is_file() && case.to_str().unwrap().contains(&only));
    cases.sort();
    cases
}

/// A case; nothing where files beside its spec are needed.
fn migration(case: &Path) -> Option<Migration> {
    let read = |file: &str| std::fs::read_to_string(case.join(file)).unwrap();
    let migration = Migration::new(&read("source.sql"), &read("spec.toml"));
    if case.join("target.sql").exists() {
        migration.database.ask(&read("target.sql"));
    }
    (!read("spec.toml").contains("templates =") && !read("spec.toml").contains("file =")).then_some(migration)
}

fn file(migration: &Migration) -> String {
    migration.directory().join("source.json").to_str().unwrap().to_owned()
}

fn inspect(migration: &Migration) -> String {
    migration.run(&["inspect", "--out", &file(migration)]).exits(0);
    std::fs::read_to_string(file(migration)).unwrap()
}

fn live(migration: &Migration) -> Ran {
    migration.run(&["plan", "--format", "json"])
}

fn recalled(migration: &Migration) -> Ran {
    migration.run(&["plan", "--format", "json", "--source", &file(migration)])
}

/// A plan without what says that it is from the file.
fn essential(ran: &Ran) -> Value {
    let mut plan = ran.json();
    let document = plan.as_object_mut().unwrap();
    document.remove("notes");
    document.remove("looked_at");
    plan
}

#[track_caller]
fn assert_same(live: &Ran, recalled: &Ran, place: &str) {
    let (one, other) = (essential(live), essential(recalled));
    for (key, value) in one.as_object().unwrap() {
        assert_eq!(other[key], *value, "{place}: {key}");
    }
    assert_eq!((one, live.code), (other, recalled.code), "{place}");
}

#[test]
fn the_same_spec_gives_the_same_plan() {
    let mut seen = 0;
    for case in cases() {
        let place = case.file_name().unwrap().to_str().unwrap();
        let Some(migration) = migration(&case) else { continue };
        let text = inspect(&migration);
        let live = live(&migration);
        let source = migration.source();
        std::fs::rename(&source, source.with_extension("away")).unwrap();
        let recalled = recalled(&migration);
        std::fs::rename(source.with_extension("away"), &source).unwrap();
        assert_same(&live, &recalled, place);
        assert_eq!(inspect(&migration), text, "{place}: the same source gives the same bytes");
        seen += 1;
    }
    assert!(seen > 40 || std::env::var("CASE").is_ok(), "{seen}");
}
