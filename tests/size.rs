//! Structures at PostgreSQL's limits and beyond.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use serde_json::json;
use support::migration::{Migration, SPEC};

/// A table with so many columns, the first of which holds its own name in one row.
fn wide(columns: usize) -> String {
    let names = (0..columns).map(|column| format!("c{column} TEXT")).collect::<Vec<_>>().join(", ");
    format!("CREATE TABLE wide ({names}); INSERT INTO wide (c0) VALUES ('c0')")
}

#[test]
fn as_many_columns_as_postgresql_has_arrive_and_one_more_is_a_finding() {
    let widest = Migration::new(&wide(1600), SPEC);
    widest.apply().exits(0);
    widest.verify().exits(0);
    let wider = Migration::new(&wide(1601), SPEC);
    let plan = wider.run(&["plan", "--format", "json"]).exits(3).json();
    let finding = &plan["findings"][0];
    assert_eq!([&finding["code"], &finding["severity"], &finding["table"]], ["too_many_columns", "blocks", "wide"]);
    assert_eq!(finding["message"], json!("1601 columns; PostgreSQL's limit is 1600"));
    wider.apply().exits(3);
}

#[test]
fn many_tables_are_planned_each_with_its_keys() {
    let table = |number: usize| {
        let parent = number.saturating_sub(1);
        format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t{parent} (id), name TEXT UNIQUE);
             INSERT INTO t{number} VALUES (1, 1, 'one');"
        )
    };
    let migration = Migration::new(&(0..1500).map(table).collect::<String>(), SPEC);
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let steps = plan["steps"].as_array().unwrap();
    let number = |kind: &str| steps.iter().filter(|step| step["kind"] == kind).count();
    for kind in ["table", "copy", "primary_key", "unique", "foreign_key", "validate", "sequence", "analyze"] {
        assert_eq!(number(kind), 1500, "{kind}");
    }
}
