//! `transship cutover`: what it writes beside the spec, and what an earlier one, a rollback or a rehearsal leaves to the next.

use crate::support::migration::{Migration, Ran, SPEC};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::time::Duration;

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";

/// A check that does not hold.
const CHECK: &str = "[checks.none]\nsql = 'SELECT count(*) FROM app.users'\nexpect = 0\n";

fn cutover(migration: &Migration, words: &[&str]) -> Ran {
    migration.run(&[&["cutover"], words].concat())
}

#[test]
fn it_is_held_from_the_moment_at_which_writers_were_out() {
    let migration = Migration::new(SOURCE, SPEC);
    let writer = Connection::open(migration.source()).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO users VALUES (3, 'In time')").unwrap();
    let commit = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(1500));
        let before = Timestamp::now();
        writer.execute_batch("COMMIT").unwrap();
        before
    });
    let held = cutover(&migration, &["--dry-run", "--format", "json"]).exits(0).json();
    let from = held["hold"]["from"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let committed = commit.join().unwrap();
    assert!(committed <= from, "a COMMIT of {committed} is inside: {from}");
}

#[test]
fn evidence_that_cannot_be_written_is_said_before_the_source_is_held() {
    let migration = Migration::new(SOURCE, SPEC);
    for words in [["--dry-run", "--report", "nowhere/out.html"], ["--yes", "--report", "nowhere/out.html"]] {
        let refused = cutover(&migration, &words).exits(2);
        assert!(refused.stderr.contains("nowhere/out.html") && !refused.stderr.contains("is held"), "{refused}");
    }
    let page = migration.directory().join("spec.cutover.html");
    std::fs::create_dir(&page).unwrap();
    assert!(cutover(&migration, &["--yes"]).exits(2).stderr.contains("spec.cutover.html"));
    std::fs::remove_dir(&page).unwrap();
    assert_eq!(migration.database.value("SELECT to_regclass('app.users') IS NULL"), "t");
    // One that can be written is not there yet.
    let report = migration.directory().join("out.html");
    cutover(&migration, &["--dry-run", "--report", report.to_str().unwrap()]).exits(0);
    assert!(!report.exists() && !page.exists());
}

#[test]
fn the_evidence_of_one_that_was_done_stays() {
    let environment = "[env.staging.cutover]\nwindow = '10m'\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{environment}"));
    let pages = || {
        let names = std::fs::read_dir(migration.directory()).unwrap().map(|file| file.unwrap().file_name());
        let mut names = names.filter_map(|name| name.into_string().ok()).collect::<Vec<_>>();
        names.retain(|name| name.starts_with("spec.cutover"));
        names.sort();
        names
    };
    cutover(&migration, &["--yes", "--env", "staging"]).exits(0);
    let staging = ["spec.cutover@staging.apply.html", "spec.cutover@staging.html"];
    assert_eq!(pages(), staging);
    cutover(&migration, &["--yes"]).exits(0);
    assert_eq!(pages(), [&["spec.cutover.apply.html", "spec.cutover.html"], &staging[..]].concat());
    let done = std::fs::read_to_string(migration.directory().join("spec.cutover.html")).unwrap();
    // A writer keeps the next one from beginning: nothing is taken away.
    let writer = Connection::open(migration.source()).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO users VALUES (4, 'Open')").unwrap();
    cutover(&migration, &["--yes"]).exits(1);
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(pages().len(), 4);
    // Nor by one that begins and fails, however often.
    migration.write_spec(&format!("{SPEC}{CHECK}{environment}"));
    for _ in 0..2 {
        cutover(&migration, &["--yes"]).exits(3);
        let kept = pages().into_iter().find(|name| name.starts_with("spec.cutover.2")).unwrap();
        assert_eq!(std::fs::read_to_string(migration.directory().join(kept)).unwrap(), done);
    }
}

#[test]
fn one_that_was_rolled_back_is_not_one_that_was_done() {
    let window = "[cutover]\nwindow = '60s'\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{window}"));
    // Another migration keeps the ledger.
    let neighbour =
        SPEC.replace("name = \"case\"", "name = \"neighbour\"").replace("schema = \"app\"", "schema = \"other\"");
    migration.write_spec(&neighbour);
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}{window}"));
    cutover(&migration, &["--yes"]).exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}{window}{CHECK}"));
    let failed = cutover(&migration, &["--yes"]).exits(3);
    assert!(failed.stderr.contains("the application goes on with it"), "{failed}");
    assert!(!failed.stderr.contains("was done"), "{failed}");
    migration.write_spec(&format!("{SPEC}{window}"));
    // All rows take longer than the window, and what is left of them does not.
    migration.run(&["rehearse"]).exits(0);
    let path = migration.directory().join(".transship/rehearsal-case.json");
    let change = |key: &str, value: Value| {
        let mut record = serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()).unwrap();
        record[key] = value;
        std::fs::write(&path, record.to_string()).unwrap();
        record
    };
    let mut estimate = change("measured", Value::Null)["estimate"].clone();
    estimate["whole"] = json!({ "low": 100.0, "likely": 110.0, "high": 120.0 });
    change("estimate", estimate.clone());
    let tight = cutover(&migration, &["--dry-run"]).exits(0);
    assert!(tight.stderr.contains("the time may be short"), "{tight}");
    migration.run(&["rollback", "--yes"]).exits(0);
    let short = cutover(&migration, &["--yes"]).exits(3);
    assert!(short.stderr.contains("the time is too short"), "{short}");
    // A rehearsal of less work is named as one, and its time is not enough for sure.
    estimate["whole"] = json!({ "low": 1.0, "likely": 2.0, "high": 3.0 });
    change("estimate", estimate);
    let enough = cutover(&migration, &["--dry-run"]).exits(0);
    assert!(enough.stderr.contains("the rehearsal of 2") && !enough.stderr.contains("warning"), "{enough}");
    change("sample", json!("5%"));
    let sampled = cutover(&migration, &["--dry-run"]).exits(0);
    let words = sampled.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the time may be short: the rehearsal of 2"), "{sampled}");
    assert!(words.contains("(5% of the rows, without foreign keys and checks) expects"), "{sampled}");
    change("sample", Value::Null);
    change("source", json!("sqlite:small.db"));
    let other = cutover(&migration, &["--dry-run"]).exits(0);
    assert!(other.stderr.contains("of another source, sqlite:small.db"), "{other}");
}
