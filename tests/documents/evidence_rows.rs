//! `--report`: rows and values that are not in the target as they were in the source, and who decided it.

use crate::support::migration::{Migration, SPEC};
use serde_json::{Value, json};

/// Runs a command, and gives its evidence as JSON and as a page.
#[track_caller]
fn reported(migration: &Migration, words: &[&str], code: i32) -> (Value, String) {
    let [json, page] = ["e.json", "e.html"].map(|name| migration.directory().join(name));
    let files = [&json, &page].map(|file| ["--report", file.to_str().unwrap()]).concat();
    migration.run(&[words, &files].concat()).exits(code);
    let read = |path| std::fs::read_to_string(path).unwrap();
    (serde_json::from_str(&read(json)).unwrap(), read(page))
}

fn decision<'e>(evidence: &'e Value, code: &str) -> (&'e str, &'e str) {
    let findings = evidence["findings"].as_array().unwrap();
    let finding =
        findings.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{code}: {evidence}"));
    (finding["decided_by"].as_str().unwrap(), finding["decision"].as_str().unwrap_or_default())
}

/// The comparison finds them itself: its plan looks at no value.
#[test]
fn a_comparison_names_the_rows_that_are_not_as_they_were() {
    let spec = "[types]\n\"DATETIME\" = { type = \"timestamptz\", fraction = \"truncate\" }\n\
                [tables.e]\nwhere = \"gone IS NULL\"\ncolumns.born = { type = \"date\", on_bad_value = \"null\" }\n\
                columns.n = { type = \"integer\", on_bad_value = \"reject\" }\n";
    let migration = Migration::new(
        "CREATE TABLE e (id INTEGER PRIMARY KEY, at DATETIME, born DATE, n INTEGER, gone INTEGER);
         INSERT INTO e VALUES (1, '2024-01-01 10:00:00.123456789', '1999-12-31', 1, NULL),
             (2, '2024-01-01 10:00:00', 'never', 2, NULL), (3, NULL, NULL, 'many', NULL), (4, NULL, NULL, 4, 1);
         CREATE TABLE plain (id INTEGER PRIMARY KEY); INSERT INTO plain VALUES (1)",
        &format!("{SPEC}{spec}"),
    );
    let (_, page) = reported(&migration, &["apply", "--yes"], 0);
    assert!(page.contains("1 value became NULL. 1 value was shortened."), "{page}");
    // It has no digests, and explains none.
    assert!(!page.contains("<th>digest</th>") && !page.contains("A digest is"), "{page}");
    let (evidence, page) = reported(&migration, &["verify"], 0);
    let keys = json!({ "rejected": ["id=3"], "nulled": ["id=2"], "shortened": ["id=1"], "filtered": ["id=4"] });
    assert_eq!(evidence["tables"][0]["keys"], keys);
    assert_eq!(evidence["tables"][1].get("keys"), None);
    let sentence = "Every value of 3 rows in 2 tables is the same on both sides, 1 value as shortened, 1 value as NULL, as the \
                    spec says.";
    assert!(page.contains(sentence), "{page}");
    assert!(!page.contains("Nothing was rejected"), "{page}");
    for (title, key) in [("Rejected", "id=3"), ("Became NULL", "id=2"), ("Shortened", "id=1"), ("Left out", "id=4")] {
        let fate = page.split(&format!("<strong>{title}</strong>")).nth(1).unwrap_or_else(|| panic!("{title}: {page}"));
        assert!(fate.split("</details>").next().unwrap().contains(&format!("rows: <code>{key}</code></p>")), "{fate}");
    }
    assert!(page.contains("<code>tables.e.where = &quot;gone IS NULL&quot;</code>"), "{page}");
    // The run before it, with its steps and their times.
    assert_eq!((&evidence["runs"][0]["run"], &evidence["runs"][0]["state"]), (&json!(1), &json!("done")));
    let steps = evidence["steps"].as_array().unwrap();
    let copied = steps.iter().find(|step| step["id"] == "copy:e").unwrap();
    assert_eq!((&copied["state"], &copied["run"]), (&json!("done_before"), &json!(1)));
    assert!(page.contains("When each step of run 1 ran"), "{page}");
}

#[test]
fn rows_that_keep_the_targets_values_are_told() {
    let source =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ada'), (2, 'grace')";
    let side = |side: &str| {
        format!("{SPEC}tables = \"existing\"\nexisting_rows = \"merge\"\n[tables.users]\nmerge.prefer = \"{side}\"\n")
    };
    let migration = Migration::new(source, &side("target"));
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.users (id int PRIMARY KEY, name text);
         INSERT INTO app.users VALUES (1, 'of the application')",
    );
    let (applied, _) = reported(&migration, &["apply", "--yes"], 0);
    assert_eq!(decision(&applied, "merged_rows_differ"), ("spec", "merge.prefer = \"target\""));
    let (verified, page) = reported(&migration, &["verify"], 0);
    assert_eq!(verified["tables"][0]["target_preferred_rows"], 1);
    assert_eq!(verified["tables"][0]["keys"], json!({ "target_preferred": ["id=1"] }));
    assert!(
        page.contains(
            "Every value of 2 rows in 1 table is the same on both sides, 1 row with the target&#x27;s own values"
        ),
        "{page}"
    );
}

/// A key that only the application has, to a table that keeps its rows: the spec says nothing of it.
#[test]
fn what_nobody_has_decided_has_no_decision() {
    let migration = Migration::new(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER);
         INSERT INTO child VALUES (1, 7)",
        &format!("{SPEC}tables = \"existing\"\nexisting_rows = \"keep\"\n"),
    );
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.parent (id int PRIMARY KEY);
         CREATE TABLE app.child (id int PRIMARY KEY, parent int REFERENCES app.parent); INSERT INTO app.parent VALUES (7)",
    );
    let (refused, _) = reported(&migration, &["apply", "--yes"], 3);
    assert_eq!(decision(&refused, "foreign_key_orphans"), ("nothing_to_decide", ""));
}
