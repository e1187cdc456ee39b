//! The lines of spec that a blocking finding suggests: pasted, they are what it takes. Every case whose plan is blocked
//! is planned again with the suggestions of its findings laid into its spec, and then applied and verified.

use crate::support::migration::Migration;
use crate::support::suggestions::{lay, unblock};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    let spec: Table = read("spec.toml").parse().unwrap();
    one_by_one(&migration, &plan, &spec).unwrap_or_else(|problem| panic!("{name}: {problem}"));
    if has_collisions_to_be_corrected(&plan) {
        return;
    }
    let mut spec = spec;
    all_together(&plan, &mut spec).unwrap_or_else(|problem| panic!("{name}: {problem}"));
    migration.write_spec(&toml::to_string(&spec).unwrap());
    if plan["proposal"].is_string() {
        let planned = migration.run(&["plan", "--format", "json"]);
        assert!([Some(0), Some(3)].contains(&planned.code), "{name}: {planned}\n{spec}");
        let after = places(&planned.json());
        let left = places(&plan).into_keys().filter(|place| after.contains_key(place)).collect::<Vec<_>>();
        assert!(left.is_empty(), "{name}: {left:?} with all proposed lines\n{spec}");
    }
    let unblocked = unblock(&migration, &mut spec).unwrap_or_else(|problem| panic!("{name}: {problem}\n{spec}"));
    assert!(unblocked.is_some(), "{name}: a suggestion that is no lines of spec");
    migration.apply().exits(0);
    migration.verify().exits(0);
}

/// Whether rows of both sides meet in a key that does not say that they are the same row: no line of spec can correct them.
fn has_collisions_to_be_corrected(plan: &Value) -> bool {
    let collides = |finding: &&Value| finding["code"] == "existing_rows_collide";
    let has_lines = |finding: &Value| finding["suggestion"].as_str().unwrap().lines().any(|line| line.starts_with('['));
    !plan["findings"].as_array().unwrap().iter().filter(collides).all(has_lines)
}

/// Pastes the lines of each of several blocking findings alone: with them it is gone, from every place, and nothing blocks that
/// did not before.
fn one_by_one(migration: &Migration, plan: &Value, spec: &Table) -> Result<(), String> {
    let (before, blocking) = (places(plan), plan["findings"].as_array().unwrap().iter());
    let blocking = blocking.filter(|finding| finding["severity"] == "blocks").collect::<Vec<_>>();
    // The lines of the only one are tried with the others of the case.
    for finding in blocking.iter().filter(|_| blocking.len() > 1) {
        let suggestion = finding["suggestion"].as_str().unwrap_or_default();
        let Some(start) = suggestion.lines().position(|line| line.starts_with('[')) else { continue };
        let (lines, mut pasted) = (suggestion.lines().skip(start).collect::<Vec<_>>().join("\n"), spec.clone());
        lay(&mut pasted, lines.parse().map_err(|error| format!("{error} in {lines}"))?);
        migration.write_spec(&toml::to_string(&pasted).unwrap());
        let planned = migration.run(&["plan", "--format", "json"]);
        if ![Some(0), Some(3)].contains(&planned.code) {
            return Err(format!("{lines}\n{planned}"));
        }
        let (after, own) = (places(&planned.json()), places(&json!({ "findings": [finding] })));
        let number = |of: &BTreeMap<[String; 3], usize>, place: &[String; 3]| of.get(place).copied().unwrap_or(0);
        if let Some(left) = own.keys().find(|place| number(&after, place) >= number(&before, place)) {
            return Err(format!("{left:?} is still there with\n{lines}"));
        }
        if let Some(new) = after.keys().find(|place| number(&after, place) > number(&before, place)) {
            return Err(format!("{new:?} is new with\n{lines}"));
        }
    }
    Ok(())
}

/// Lays the lines that the plan proposes for all blocking findings together into a spec. They are one document.
fn all_together(plan: &Value, spec: &mut Table) -> Result<(), String> {
    let propose = |finding: &&Value| {
        let lines = finding["suggestion"].as_str().unwrap_or_default();
        finding["severity"] == "blocks" && lines.lines().any(|line| line.starts_with('[')) && !lines.contains('…')
    };
    let number = plan["findings"].as_array().unwrap().iter().filter(propose).count();
    let Some(lines) = plan["proposal"].as_str() else {
        return if number < 2 { Ok(()) } else { Err(format!("{number} findings, and no lines for all of them")) };
    };
    lay(spec, lines.parse().map_err(|error| format!("{error} in {lines}"))?);
    Ok(())
}

/// Code and place of every blocking finding, with their number.
fn places(plan: &Value) -> BTreeMap<[String; 3], usize> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let blocking = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let each = blocking.flat_map(|finding| {
        let places = finding["places"].as_array().cloned().unwrap_or_else(|| vec![finding.clone()]);
        let of = |place: Value| [&finding["code"], &place["table"], &place["column"]].map(word);
        places.into_iter().map(of).collect::<Vec<_>>()
    });
    each.fold(BTreeMap::new(), |mut found, place| {
        *found.entry(place).or_default() += 1;
        found
    })
}

#[test]
fn pasted_suggestions_resolve_what_blocks() {
    let cases = blocked_cases();
    assert!(!cases.is_empty());
    let failed: Vec<_> =
        cases.iter().filter(|case| std::panic::catch_unwind(|| try_suggestions(case)).is_err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}
