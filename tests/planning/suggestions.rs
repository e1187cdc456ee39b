//! The lines of spec that a blocking finding suggests: pasted, they are what it takes. Every case whose plan is blocked
//! is planned again with the suggestions of its findings laid into its spec, and then applied and verified.

use crate::support::migration::Migration;
use crate::support::suggestions::unblock;
use std::path::{Path, PathBuf};
use toml::Table;

/// What only a person can decide.
const LEFT_TO_PEOPLE: [&str; 4] = ["no_columns", "target_table_exists", "extension_unavailable", "check_reference"];

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

fn try_suggestions(case: &Path) {
    let name = case.file_name().unwrap().to_string_lossy();
    let read = |file: &str| std::fs::read_to_string(case.join(file)).unwrap();
    let migration = Migration::of_case(case);
    if case.join("target.sql").exists() {
        migration.database.ask(&read("target.sql"));
    }
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let mut findings = plan["findings"].as_array().unwrap().iter();
    let is_left = |finding: &serde_json::Value| {
        finding["severity"] == "blocks" && LEFT_TO_PEOPLE.contains(&finding["code"].as_str().unwrap())
    };
    if findings.any(is_left) {
        return;
    }
    let mut spec: Table = read("spec.toml").parse().unwrap();
    let unblocked = unblock(&migration, &mut spec).unwrap_or_else(|problem| panic!("{name}: {problem}\n{spec}"));
    assert!(unblocked.is_some(), "{name}: a suggestion that is no lines of spec");
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
