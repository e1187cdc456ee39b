//! The lines of spec that a blocking finding suggests: pasted, they are what it takes. Every case whose plan is blocked
//! is planned again with the suggestions of its findings laid into its spec, and then applied and verified.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use std::path::{Path, PathBuf};
use support::migration::Migration;
use toml::{Table, Value};

/// What only a person can decide.
const LEFT_TO_PEOPLE: [&str; 3] = ["no_columns", "target_table_exists", "extension_unavailable"];

fn blocked_cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let is_blocked = |case: &PathBuf| {
        std::fs::read_to_string(case.join("expected.toml")).is_ok_and(|text| text.contains("plan = 3"))
    };
    let mut cases: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).filter(is_blocked).collect();
    cases.sort();
    cases
}

/// Lays one table over another, as a person merges what stands under the same heading.
fn lay(over: &mut Table, lines: Table) {
    for (key, value) in lines {
        match (over.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(upper)) => lay(under, upper),
            (_, value) => {
                over.insert(key, value);
            }
        }
    }
}

fn try_suggestions(case: &Path) {
    let name = case.file_name().unwrap().to_string_lossy();
    let read = |file: &str| std::fs::read_to_string(case.join(file)).unwrap();
    let migration = Migration::new(&read("source.sql"), &read("spec.toml"));
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let blocking = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let mut spec: Table = read("spec.toml").parse().unwrap();
    for finding in blocking {
        if LEFT_TO_PEOPLE.contains(&finding["code"].as_str().unwrap()) {
            return;
        }
        let suggestion = finding["suggestion"].as_str().unwrap_or_else(|| panic!("{name}: no suggestion: {finding}"));
        // Words in front of the first heading say what the lines are for.
        let lines =
            &suggestion[suggestion.find('[').unwrap_or_else(|| panic!("{name}: no lines of spec: {finding}"))..];
        lay(&mut spec, lines.parse().unwrap_or_else(|error| panic!("{name}: {error} in {lines}")));
    }
    migration.write_spec(&toml::to_string(&spec).unwrap());
    let planned = migration.plan();
    assert_eq!(planned.code, Some(0), "{name}: {planned}\n{spec}");
    migration.apply().exits(0);
    migration.verify().exits(0);
}

#[test]
fn pasted_suggestions_resolve_what_blocks() {
    let cases = blocked_cases();
    assert!(!cases.is_empty());
    let failed: Vec<_> =
        cases.iter().filter(|case| std::panic::catch_unwind(|| try_suggestions(case)).is_err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}
