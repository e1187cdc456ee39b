//! The lines of spec that a blocking finding suggests: pasted, they are what it takes. Every case whose plan is blocked
//! is planned again with the suggestions of its findings laid into its spec, and then applied and verified.

use crate::support::migration::{Migration, SPEC};
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

/// An inspect file knows which types hold the values of a column: the lines of a plan from it settle as much as those of a plan
/// that has looked.
#[test]
fn lines_of_a_plan_from_a_file_settle_what_they_are_about() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER NOT NULL, mixed NOT NULL);
                  INSERT INTO t VALUES (1, 'Ada', 100000, 1), (2, 'Grace', 1, '1')";
    let migration = Migration::new(source, SPEC);
    let file = migration.directory().join("source.json");
    let file = file.to_str().unwrap();
    migration.run(&["inspect", "--out", file]).exits(0);
    let plan = |spec: &Table, code: i32| {
        migration.write_spec(&toml::to_string(spec).unwrap());
        migration.run(&["plan", "--format", "json", "--source", file]).exits(code).json()
    };
    let mut spec: Table = SPEC.parse().unwrap();
    let changed = "[tables.t.columns]\nname.type = \"uuid\"\nn.type = \"smallint\"\nmixed = { type = \"text\", from = \"literal\" }";
    lay(&mut spec, changed.parse().unwrap());
    let planned = plan(&spec, 3);
    all_together(&planned, &mut spec).unwrap();
    let columns = &spec["tables"]["t"]["columns"];
    assert_eq!((columns["name"]["type"].as_str(), columns["n"]["type"].as_str()), (Some("text"), Some("bigint")));
    plan(&spec, 0);
    // A text would be one value of two: there is nothing to propose.
    lay(&mut spec, "[tables.t.columns]\nmixed = { type = \"uuid\" }".parse().unwrap());
    spec["tables"]["t"]["columns"]["mixed"].as_table_mut().unwrap().remove("from");
    let planned = plan(&spec, 3);
    assert!(planned["findings"].to_string().contains("plan against the source, or run"), "{planned:#}");
}

/// SQLite takes 1 for '1.0' where one of the columns is declared as numbers. The lines leave behind the rows that PostgreSQL would
/// refuse, and no others.
#[test]
fn references_to_other_texts_are_left_behind_by_the_lines() {
    let source = "CREATE TABLE codes (code TEXT PRIMARY KEY);
                  INSERT INTO codes VALUES ('1.0'), ('02'), ('3'), ('a');
                  CREATE TABLE uses (id INTEGER PRIMARY KEY, code NUMERIC REFERENCES codes);
                  INSERT INTO uses VALUES (1, 1), (2, 2), (3, 3), (4, 'a'), (5, NULL);
                  CREATE TABLE marks (name TEXT PRIMARY KEY, code BOOL REFERENCES codes) WITHOUT ROWID;
                  INSERT INTO marks VALUES ('one', 1), ('two', 2), ('three', 3), ('none', NULL);
                  CREATE TABLE wide (id INTEGER PRIMARY KEY, code STRING REFERENCES short (code));
                  CREATE TABLE short (code VARCHAR(5) UNIQUE);
                  INSERT INTO short VALUES ('07'), ('8');
                  INSERT INTO wide VALUES (1, '07'), (2, '8')";
    let migration = Migration::new(source, SPEC);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter();
    let orphans = findings.filter(|finding| finding["code"] == "foreign_key_orphans").collect::<Vec<_>>();
    let counts = orphans.iter().map(|finding| (finding["table"].as_str().unwrap(), finding["count"].as_u64().unwrap()));
    assert_eq!(counts.collect::<BTreeMap<_, _>>(), BTreeMap::from([("marks", 2), ("uses", 2), ("wide", 1)]));
    let mut spec: Table = SPEC.parse().unwrap();
    for finding in orphans {
        let table = finding["table"].as_str().unwrap();
        // Findings of one question have their lines together.
        let lines = finding["suggestion"].as_str().unwrap().lines();
        let mut own = lines.skip_while(|line| *line != format!("[tables.{table}]"));
        let condition = own.find_map(|line| line.strip_prefix("# where = ")).unwrap();
        lay(&mut spec, format!("[tables.{table}]\nwhere = {condition}").parse().unwrap());
    }
    migration.write_spec(&toml::to_string(&spec).unwrap());
    migration.apply().exits(0);
    migration.verify().exits(0);
    let left = "SELECT string_agg(id::text, ',' ORDER BY id) FROM app.uses UNION ALL
                SELECT string_agg(name, ',' ORDER BY name COLLATE \"C\") FROM app.marks UNION ALL
                SELECT string_agg(id::text, ',') FROM app.wide";
    assert_eq!(migration.database.ask(left), [["3,4,5"], ["none,three"], ["2"]]);
    let proved = "SELECT count(*)::text FROM pg_constraint
                  WHERE contype = 'f' AND convalidated AND connamespace = 'app'::regnamespace";
    assert_eq!(migration.database.ask(proved), [["3"]]);
}

/// A text names a row otherwise than a number does: `05` and 5 are two rows, and no line that is pasted takes the one for the other.
#[test]
fn rows_whose_key_is_text_are_not_named_by_numbers() {
    let source =
        "CREATE TABLE t (code TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID; INSERT INTO t VALUES ('05', -1), ('5', 1);
                  CREATE TABLE u (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO u VALUES (5, -1), (6, 1)";
    let migration = Migration::new(source, &SPEC.replace("[target]", "[target]\ntables = \"existing\""));
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.t (code text PRIMARY KEY, n bigint CHECK (n > 0));
         CREATE TABLE app.u (id bigint PRIMARY KEY, n bigint CHECK (n > 0))",
    );
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter();
    let broken = findings.filter(|finding| finding["code"] == "target_constraint_broken");
    let lines = broken.map(|finding| (finding["table"].as_str().unwrap(), finding["suggestion"].as_str().unwrap()));
    let lines = lines.collect::<BTreeMap<_, _>>();
    assert!(lines["u"].contains("\"id\" NOT IN (5)") || lines["u"].contains("\\\"id\\\" NOT IN (5)"), "{lines:?}");
    assert!(lines["t"].contains("where = \"…\"") && !lines["t"].contains("NOT IN"), "{lines:?}");
}
