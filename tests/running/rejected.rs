//! Rows that the spec's `on_bad_value` keeps out of the target: each is in the ledger once, can be had back whole, and
//! `verify` finds it again in the source.

use crate::support::migration::{Migration, SPEC, run};
use serde_json::{Value, json};

const REJECT: &str = "[tables.users]\non_bad_value = \"reject\"\n";

/// Rows with values of every storage class, most of which do not fit.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, note TEXT, data BLOB, height REAL);
    INSERT INTO users VALUES
        (1, 30, 'fits', x'01', 1.5),
        (2, 'about 30', 'größer \"quoted\" ' || char(10), x'00ff', 7.0),
        (3, 3, 'a' || char(0) || 'b', NULL, 1e300),
        (4, 4, CAST(x'ff' AS TEXT), NULL, NULL),
        (9007199254740993, 'x', NULL, x'', 9e999)";

fn applied() -> Migration {
    let migration = Migration::new(SOURCE, &format!("{SPEC}{REJECT}"));
    let ran = migration.apply().exits(0);
    assert!(ran.stdout.contains("users: 4 rows rejected"), "{ran}");
    assert!(ran.stdout.contains("--rejected"), "{ran}");
    migration
}

#[test]
fn the_export_holds_every_value_of_a_rejected_row() {
    let migration = applied();
    let path = migration.directory().join("rejected.jsonl");
    let exported = migration.run(&["status", "--rejected", "--export", path.to_str().unwrap()]).exits(0);
    assert_eq!(exported.stdout, "", "{exported}");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>();
    assert_eq!(
        lines[0],
        json!({
            "table": "users", "key": "id=2", "column": "age", "reason": "text is not an integer",
            "reasons": [{"column": "age", "reason": "text is not an integer"}],
            "row": {"id": 2, "age": "about 30", "note": "größer \"quoted\" \n", "data": {"blob": "00ff"}, "height": 7.0},
        })
    );
    let row = |at: usize| lines[at]["row"].clone();
    assert_eq!(row(1)["note"], json!({"text": "610062"}));
    assert!(text.contains("\"height\": 1e300}"), "a REAL stays one: {text}");
    assert_eq!(row(2)["note"], json!({"text": "ff"}));
    assert_eq!(
        row(3),
        json!({"id": 9_007_199_254_740_993_i64, "age": "x", "note": null, "data": {"blob": ""}, "height": {"real": "Infinity"}})
    );
    assert_eq!(lines.len(), 4);
    // From the ledger a corrected row gets back into the table by plain SQL; its key has been kept free.
    migration.database.ask(
        "INSERT INTO app.users (id, note, height) SELECT id, note, height FROM transship.rejected_rows,
         LATERAL json_populate_record(NULL::app.users, (content::jsonb - 'age' - 'data')::json) WHERE key = 'id=2'",
    );
    assert_eq!(migration.database.value("SELECT note FROM app.users WHERE id = 2"), "größer \"quoted\" \n");
    migration.database.ask("INSERT INTO app.users (age) VALUES (1)");
    assert_eq!(migration.database.value("SELECT max(id) FROM app.users"), "9007199254740994");
}

#[test]
fn the_list_names_rows_and_shows_values_only_when_asked() {
    let migration = applied();
    let list = migration.run(&["status", "--rejected"]).exits(0);
    assert!(list.stdout.contains("users  id=2"), "{list}");
    assert!(!list.output().contains("about 30"), "{list}");
    let shown = migration.run(&["status", "--rejected", "--show-values"]).exits(0);
    assert!(shown.stdout.contains("about 30"), "{shown}");
    let list = migration.run(&["status", "--rejected", "--format", "json", "--limit", "2"]).exits(0).json();
    assert_eq!(list["tables"], json!([{"table": "users", "rejected_rows": 4}]));
    assert_eq!(list["rows"].as_array().unwrap().len(), 2);
    assert_eq!(
        list["rows"][1],
        json!({"table": "users", "key": "id=3", "column": "note", "reason": "text with a NUL character", "value": null})
    );
    let status = migration.run(&["status"]).exits(0);
    assert!(status.stdout.contains("users: 4 rows rejected"), "{status}");
    migration.run(&["status", "--show-values"]).exits(2);
}

#[test]
fn verify_holds_the_ledger_against_the_source() {
    let migration = applied();
    let table = |ran: crate::support::migration::Ran| ran.json()["tables"][0].clone();
    let verify = || migration.run(&["verify", "--format", "json"]);
    let equal = table(verify().exits(0));
    assert_eq!(
        (&equal["source_rows"], &equal["target_rows"], &equal["rejected_rows"]),
        (&json!(5), &json!(1), &json!(4))
    );

    let problem = || table(verify().exits(3))["problem"].as_str().unwrap().to_owned();
    let ledger = |sql: &str| migration.database.ask(sql);
    ledger("CREATE TABLE kept AS SELECT * FROM transship.rejected_rows");
    ledger("DELETE FROM transship.rejected_rows WHERE key = 'id=4'");
    assert_eq!(problem(), "the ledger holds 3 rejected rows; the source has 4 rejected rows");
    ledger("DELETE FROM transship.rejected_rows");
    assert_eq!(problem(), "the ledger holds no rejected rows; the source has 4 rejected rows");
    ledger("INSERT INTO transship.rejected_rows SELECT * FROM kept");
    migration.verify().exits(0);
    ledger("UPDATE transship.rejected_rows SET content = '{}' WHERE key = 'id=4'");
    assert_eq!(problem(), "the 4 rejected rows in the ledger are not those of the source");
    ledger("DELETE FROM transship.rejected_rows; INSERT INTO transship.rejected_rows SELECT * FROM kept");

    // A row cannot be both in the ledger and in the target.
    ledger("INSERT INTO app.users (id, age) VALUES (3, 3)");
    let extra = table(verify().exits(3));
    assert_eq!((&extra["extra"], &extra["rejected_rows"]), (&json!(1), &json!(4)));
    ledger("DELETE FROM app.users WHERE id = 3");
    migration.verify().exits(0);

    // In the source a rejected row changes from one bad value to another, then to a good one.
    migration.change_source("UPDATE users SET age = 'about 40' WHERE id = 2");
    assert_eq!(problem(), "the 4 rejected rows in the ledger are not those of the source");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("source_changed"), "{refused}");
    migration.change_source("UPDATE users SET age = 40 WHERE id = 2");
    assert_eq!(table(verify().exits(3))["missing"], json!(1));
    migration.apply().exits(3);
    migration.change_source("UPDATE users SET age = 'about 30' WHERE id = 2");
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do") && again.stdout.contains("users: 4 rows rejected"), "{again}");
}

#[test]
fn a_spec_that_no_longer_rejects_is_named_as_such() {
    let migration = applied();
    migration.write_spec(SPEC);
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("changed_since_run"), "{refused}");
}

#[test]
fn nulled_values_are_counted_and_are_no_difference() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}[tables.users]\non_bad_value = \"null\"\n"));
    let ran = migration.run(&["apply", "--yes", "--format", "json"]).exits(0);
    let last = serde_json::from_str::<Value>(ran.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["rejected"], &last["nulled"]), (&json!("run_done"), &json!(0), &json!(4)));
    assert_eq!(migration.database.value("SELECT nulled FROM transship.chunk"), r#"{"age":2,"note":2}"#);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["tables"][0]["nulled_values"], json!(4));
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("users: 2 values of age became NULL, 2 values of note became NULL"), "{again}");
    // What was nulled must not have another value either.
    migration.database.ask("UPDATE app.users SET age = 30 WHERE id = 2");
    assert_eq!(migration.run(&["verify", "--format", "json"]).exits(3).json()["tables"][0]["different"], json!(1));
}

#[test]
fn a_ledger_of_before_rejected_rows_is_read_and_brought_up_to_date() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER); INSERT INTO users VALUES (1, 30)";
    let migration = Migration::new(source, &format!("{SPEC}{REJECT}"));
    migration.apply().exits(0);
    migration.database.ask(
        "DROP TABLE transship.rejected_rows;
         ALTER TABLE transship.chunk DROP rejected_count, DROP rejected_digest, DROP nulled;
         COMMENT ON SCHEMA transship IS 'ledger of transship, version 2'",
    );
    migration.run(&["status", "--rejected"]).exits(0);
    migration.verify().exits(0);
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    migration
        .write_spec(&format!("{SPEC}{REJECT}\n[checks.\"some\"]\nsql = \"SELECT count(*) FROM users\"\nexpect = 1\n"));
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT rejected_count FROM transship.chunk"), "0");
}

/// Rows of the interrupted table: two chunks; one row in a hundred is bad.
const ROWS: u32 = 4_000;

#[test]
fn rejected_rows_are_in_the_ledger_once_however_often_the_run_is_killed() {
    let source = format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER);
         WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < {ROWS})
         INSERT INTO users SELECT n, CASE WHEN n % 100 = 0 THEN 'bad ' || n ELSE n END FROM counter"
    );
    let mut migration = Migration::new(&source, &format!("{SPEC}{REJECT}"));
    migration.set("TRANSSHIP_CHUNK_ROWS", &(ROWS / 2).to_string());
    let ask = |sql: &str| migration.database.value(sql);
    let committed = || ask("SELECT count(*) FROM transship.chunk WHERE digest IS NOT NULL");
    let mut command = migration.command(&["apply", "--yes", "--jobs", "1"]);
    // All of the second chunk is sent.
    let died = run(command.env("TRANSSHIP_FAILPOINT", "chunk_before_commit:2"));
    assert_eq!(died.code, None, "it was killed: {died}");
    migration.database.wait_until_alone();
    assert_eq!(committed(), "1", "one chunk of two was committed");
    let sums =
        "SELECT string_agg(format('%s %s', ordinal, rejected_count), ', ' ORDER BY ordinal) FROM transship.chunk";
    let listed = "SELECT string_agg(format('%s %s', chunk, count), ', ' ORDER BY chunk)
        FROM (SELECT chunk, count(*) FROM transship.rejected_rows GROUP BY chunk) AS counted";
    assert_eq!(ask(listed), "0 20");
    migration.apply().exits(0);
    assert_eq!(ask(listed), ask(sums));
    let distinct = "SELECT format('%s %s', count(*), count(DISTINCT key)) FROM transship.rejected_rows";
    assert_eq!(ask(distinct), format!("{0} {0}", ROWS / 100));
    assert_eq!(ask("SELECT count(*) FROM app.users"), (ROWS - ROWS / 100).to_string());
    migration.verify().exits(0);
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

/// A word that lets values pass changes none of those that needed no word: the one suggestion leads somewhere.
#[test]
fn what_becomes_of_values_that_fit_no_more_may_be_said_for_a_refresh() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT, n TEXT); INSERT INTO t VALUES (1, '2024-01-01 00:00:00', '1')";
    let spec = |at: &str, n: &str| {
        format!("{SPEC}[tables.t.columns]\nat = {{ type = \"timestamp\"{at} }}\nn = {{ type = \"bigint\"{n} }}\n")
    };
    let refresh = |migration: &Migration| migration.run(&["apply", "--yes", "--refresh"]);
    let (rejected, dropped) = (", on_bad_value = \"reject\"", ", leading_zeros = \"drop\"");
    let migration = Migration::new(source, &spec("", ""));
    let of_target = |expected: &str| {
        let value = "SELECT string_agg(concat_ws(' ', id, n), ', ' ORDER BY id) FROM app.t";
        assert_eq!(migration.database.value(value), expected);
        migration.verify().exits(0);
    };
    migration.apply().exits(0);
    migration.change_source("INSERT INTO t VALUES (2, 'garbage', '2'), (3, NULL, '3')");
    let refused = refresh(&migration).exits(3);
    assert!(
        refused.stderr.contains("changed_value_does_not_fit") && refused.stderr.contains("on_bad_value"),
        "{refused}"
    );
    migration.write_spec(&spec(rejected, ""));
    refresh(&migration).exits(0);
    of_target("1 1, 3 3");
    // One word more beside one that a run has had.
    migration.change_source("INSERT INTO t VALUES (4, NULL, '004')");
    migration.write_spec(&spec(rejected, dropped));
    refresh(&migration).exits(0);
    of_target("1 1, 3 3, 4 4");
    // A word that was taken back is another thing: rows needed it.
    migration.write_spec(&spec("", dropped));
    assert!(refresh(&migration).exits(3).stderr.contains("changed_since_run"));
}
