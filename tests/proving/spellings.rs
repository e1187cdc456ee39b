//! Dates, times and UUIDs in expressions and views: SQLite compares how they are spelled, PostgreSQL what they mean.
//!
//! What is carried over rests on the spellings that stand in the rows, and must not depend on how a plan comes to know them.

use crate::support::migration::{Migration, SPEC};
use std::collections::BTreeSet;

/// One column of one spelling, one with a `T` and milliseconds, one of many.
const TABLE: &str = "
CREATE TABLE u (
    id INTEGER PRIMARY KEY, ts DATETIME, iso TIMESTAMP, mixed DATETIME, key UUID, empty DATETIME,
    active BOOLEAN, said BOOLEAN,
    CONSTRAINT same CHECK (ts >= '2000-01-01 00:00:00'),
    CONSTRAINT day CHECK (iso >= '2000-01-01'),
    CONSTRAINT unfilled CHECK (empty >= '2000-01-01T00:00'),
    CONSTRAINT letter CHECK (ts >= '2024-01-15T00:00:00' OR id <> 99),
    CONSTRAINT many CHECK (mixed > '2000-01-01 00:00:00' OR id > 0),
    CONSTRAINT truth CHECK (active IN (0, 1)),
    CONSTRAINT word CHECK (NOT said OR id > 0),
    CONSTRAINT capital CHECK (key <> '0F8FAD5B-D9CB-469F-A165-70867728950E')
);
INSERT INTO u VALUES
    (1, '2024-01-15 10:00:00', '2024-01-15T10:00:00.700Z', '2024-01-15 10:00:00', '0f8fad5b-d9cb-469f-a165-70867728950e', NULL, 1, 't'),
    (2, '2024-01-16 00:00:00', '2024-01-16T00:00:00.000Z', '2024-01-15T10:00:00', '7c9e6679-7425-40de-944b-e07fc1f90ae7', NULL, 0, 'f'),
    (3, '2024-01-14 23:59:59', '2024-01-15T00:00:00.000Z', '2024-01-15T10:00:00Z', NULL, NULL, 1, 't'),
    (4, NULL, NULL, '2024-01-15 12:00:00+02:00', '7c9e6679-7425-40de-944b-e07fc1f90ae7', NULL, NULL, NULL);
CREATE UNIQUE INDEX after_letter ON u (id) WHERE ts > '2024-01-15T00:00:00';
CREATE UNIQUE INDEX after_word ON u (said) WHERE said;
CREATE UNIQUE INDEX after_same ON u (id) WHERE ts > '2024-01-15 00:00:00';
";

/// What means the same on both sides.
const SAME: &[(&str, &str)] = &[
    ("after", "SELECT id FROM u WHERE ts > '2024-01-15 00:00:00' OR iso = '2024-01-15T10:00:00.700Z'"),
    ("since", "SELECT id FROM u WHERE ts >= '2024-01-15' AND iso < '2024-01-15T10:00:00.7'"),
    ("moments", "SELECT DISTINCT iso, date(mixed) AS day FROM u ORDER BY iso"),
    ("latest", "SELECT max(ts) AS ts, count(DISTINCT key) AS n FROM u WHERE empty IS NULL"),
    ("keys", "SELECT a.id, b.id AS other FROM u a JOIN u b ON a.key = b.key"),
    ("shown", "SELECT id, mixed, said FROM u"),
    ("active_ones", "SELECT id FROM u WHERE active"),
];

/// What does not.
const LEFT: &[(&str, &str)] = &[
    ("a1", "SELECT id FROM u WHERE ts > '2024-01-15T00:00:00'"),
    ("a2", "SELECT id FROM u WHERE ts = '2024-01-15T10:00:00'"),
    ("a3", "SELECT id FROM u WHERE ts <= '2024-01-15 10:00'"),
    ("a4", "SELECT id FROM u WHERE ts >= '2024-01-16 00:00:00.000'"),
    ("a5", "SELECT id FROM u WHERE ts >= '2024-01-16 00:00:00Z'"),
    ("a6", "SELECT id FROM u WHERE mixed > '2024-01-15 09:00:00'"),
    ("a8", "SELECT a.id FROM u a JOIN u b ON a.mixed = b.mixed"),
    ("a9", "SELECT DISTINCT mixed FROM u"),
    ("b2", "SELECT mixed, count(*) AS n FROM u GROUP BY mixed"),
    ("earliest", "SELECT min(mixed) AS first FROM u"),
    ("ordered", "SELECT id FROM u ORDER BY mixed, id LIMIT 1"),
    ("both", "SELECT id FROM u WHERE ts < iso"),
    ("listed", "SELECT id FROM u WHERE iso IN ('2024-01-15T10:00:00.7Z')"),
    ("in_between", "SELECT id FROM u WHERE ts BETWEEN '2024-01-15T00:00:00' AND '2024-01-17T00:00:00'"),
    (
        "chosen",
        "SELECT x FROM (SELECT coalesce(ts, '2024-01-15T10:00:00') AS x FROM u) AS d WHERE x > '2024-01-15 00:00:00'",
    ),
    ("united", "SELECT ts AS x FROM u UNION SELECT iso FROM u"),
    ("through_a_view", "SELECT id FROM shown WHERE mixed = '2024-01-15 10:00:00'"),
    ("said_ones", "SELECT id FROM u WHERE said"),
    ("said_by_word", "SELECT id FROM u WHERE said = 't'"),
    ("capitals", "SELECT id FROM u WHERE key = '0F8FAD5B-D9CB-469F-A165-70867728950E'"),
];

fn source() -> String {
    let views = SAME.iter().chain(LEFT).map(|(name, sql)| format!("CREATE VIEW {name} AS {sql};\n"));
    TABLE.to_owned() + &views.collect::<String>()
}

/// The names of the steps that make what was translated.
fn made(plan: &serde_json::Value) -> BTreeSet<String> {
    let ids = plan["steps"].as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap().to_owned());
    ids.filter(|id| ["view:", "index:", "constraint:"].iter().any(|kind| id.starts_with(kind))).collect()
}

#[test]
fn one_spelling_is_carried_over_and_others_stay_behind_on_every_path() {
    let migration = Migration::new(&source(), SPEC);
    let json = |words: &[&str]| migration.run(&[&["plan", "--format", "json"], words].concat()).exits(0).json();
    let plan = json(&[]);
    let expected = SAME.iter().map(|(name, _)| format!("view:{name}"));
    let expected = expected.chain(
        ["index:u.after_same", "constraint:u.same", "constraint:u.day", "constraint:u.unfilled", "constraint:u.truth"]
            .map(str::to_owned),
    );
    assert_eq!(made(&plan), expected.collect());
    let reasons = plan["omitted"].as_array().unwrap().iter().map(|omitted| omitted["reason"].as_str().unwrap());
    for reason in reasons {
        let is_told =
            ["letter by letter", "before every time that begins with it", "in another form", "in a way of its own"]
                .iter()
                .any(|part| reason.contains(part));
        assert!(is_told, "{reason}");
    }
    // No value of a row is looked at, and none is at hand.
    let inspected = migration.directory().join("inspected.json").display().to_string();
    migration.run(&["inspect", "--out", &inspected]).exits(0);
    for words in [&["--no-profile"][..], &["--source", &inspected], &["--source", &inspected, "--no-profile"]] {
        assert_eq!((made(&json(words)), &json(words)["digest"]), (made(&plan), &plan["digest"]), "{words:?}");
    }
    // A file that does not say it carries nothing over that rests on it. Where there is no text, its counts of storage classes
    // say it.
    let text = std::fs::read_to_string(&inspected).unwrap();
    let mut silent = serde_json::from_str::<serde_json::Value>(&text).unwrap();
    for column in silent["tables"]["u"]["columns"].as_object_mut().unwrap().values_mut() {
        column.as_object_mut().unwrap().remove("spellings");
    }
    std::fs::write(&inspected, silent.to_string()).unwrap();
    let unknown = json(&["--source", &inspected]);
    let known = ["view:shown", "view:active_ones", "constraint:u.unfilled", "constraint:u.truth"];
    assert_eq!(made(&unknown), known.map(str::to_owned).into());
    migration.apply().exits(0);
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("Equal"), "{verified}");
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
}

#[test]
fn a_row_of_another_spelling_is_drift() {
    let migration = Migration::new(&source(), SPEC);
    let saved = migration.directory().join("plan.json").display().to_string();
    migration.run(&["plan", "--format", "json", "--out", &saved]).exits(0);
    migration.change_source("INSERT INTO u (id, ts) VALUES (5, '2024-02-01T00:00:00')");
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    assert!(!made(&plan).contains("view:after") && !made(&plan).contains("constraint:u.same"), "{:?}", made(&plan));
    let refused = migration.run(&["apply", "--yes", "--plan", &saved]).exits(3);
    assert!(refused.output().contains("after"), "{refused}");
}

#[test]
fn other_zones_digits_and_forms_are_no_order_of_texts() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, fine DATETIME, utc DATETIME, digits TEXT, seconds TEXT);
        INSERT INTO t VALUES (1, '2024-07-01 10:00:00.1234561', '2024-07-01 10:00:00Z', '9', '9'),
            (2, '2024-07-01 10:00:00.1234569', '2024-07-01 11:00:00Z', '10', '10');
        CREATE VIEW first_digits AS SELECT id FROM t ORDER BY digits LIMIT 1;
        CREATE VIEW many_digits AS SELECT id FROM t WHERE digits > 9;
        CREATE VIEW first_seconds AS SELECT min(seconds) AS x FROM t;
        CREATE VIEW more_digits AS SELECT id, digits + 1 AS x FROM t;
        CREATE VIEW cut AS SELECT DISTINCT fine FROM t;
        CREATE VIEW since AS SELECT id FROM t WHERE utc >= '2024-07-01 11:00';
        CREATE VIEW past AS SELECT id FROM t WHERE fine < CURRENT_TIMESTAMP";
    let spec = SPEC.replace("[target]", "timezone = \"Europe/Berlin\"\n\n[target]")
        + "\n[tables.t]\ncolumns.fine = { fraction = \"truncate\" }\ncolumns.digits = { type = \"bigint\" }\n\
           columns.seconds = { type = \"timestamptz\", from = \"unix_s\" }\n";
    let migration = Migration::new(source, &spec);
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(made(&plan), ["view:more_digits", "view:since"].map(str::to_owned).into());
    migration.apply().exits(0);
    // The beginning of a text with an offset is meant in it, not in the zone of the source.
    assert_eq!(migration.database.value("SELECT string_agg(id::text, ',') FROM app.since"), "2");
    migration.verify().exits(0);
}
