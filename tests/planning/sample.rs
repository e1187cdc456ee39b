//! `verify --sample` and `--table`: what a quick look sees, and what it says that it does not see.

use crate::support::migration::{Migration, SPEC};
use serde_json::Value;

const ROWS: u64 = 11_000;

/// Tables with a key of every sort: the rowid itself, a rowid that is renamed and in uneven distances, text beside a rowid,
/// two columns of a tree, a date, and none.
const SOURCE: &str = "
    CREATE TABLE plain (id INTEGER PRIMARY KEY, a TEXT);
    CREATE TABLE uneven (id INTEGER PRIMARY KEY, a TEXT);
    CREATE TABLE texts (code TEXT PRIMARY KEY NOT NULL, a TEXT);
    CREATE TABLE pairs (one INTEGER, two TEXT, a TEXT, PRIMARY KEY (one, two)) WITHOUT ROWID;
    CREATE TABLE moments (at INTEGER PRIMARY KEY, a TEXT);
    CREATE TABLE keyless (a TEXT);
    CREATE TABLE small (id INTEGER PRIMARY KEY, a TEXT);
    WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 11000)
    INSERT INTO plain SELECT n, 'a' || n FROM counter;
    INSERT INTO uneven SELECT CASE WHEN id < 10450 THEN id ELSE id * 1000000000000 END, a FROM plain;
    INSERT INTO texts SELECT 'it''s \\' || (id * 7919 % 20011), a FROM plain;
    INSERT INTO pairs SELECT id % 100, 'k' || id, a FROM plain;
    INSERT INTO moments SELECT id * 86400, CASE id % 100 WHEN 7 THEN zeroblob(2) ELSE a END FROM plain;
    INSERT INTO keyless SELECT a FROM plain;
    INSERT INTO small SELECT id, a FROM plain WHERE id <= 100;";

fn migration() -> Migration {
    let spec = format!(
        "{SPEC}
        [tables.uneven]
        rename = \"renamed\"
        where = \"id % 10 <> 3\"
        columns.id = {{ rename = \"Key\" }}
        [tables.moments]
        on_bad_value = \"reject\"
        columns.at = {{ type = \"timestamptz\", from = \"unix_s\" }}"
    );
    let migration = Migration::new(SOURCE, &spec);
    migration.apply().exits(0);
    migration
}

/// What `verify --format json` says of a table.
fn table<'a>(verified: &'a Value, name: &str) -> &'a Value {
    verified["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap()
}

fn counts(table: &Value) -> [u64; 3] {
    ["missing", "extra", "different"].map(|key| table[key].as_u64().unwrap())
}

#[test]
fn a_sample_sees_its_rows_and_the_numbers_of_all() {
    let migration = migration();
    let verify = |code: i32| migration.run(&["verify", "--format", "json", "--sample", "10%"]).exits(code).json();
    let equal = verify(0);
    assert_eq!((&equal["equal"], &equal["sample"]), (&true.into(), &"10%".into()));
    for name in ["plain", "uneven", "texts", "pairs", "moments"] {
        let found = table(&equal, name);
        assert_eq!((found["source_rows"].as_u64(), counts(found)), (Some(ROWS), [0; 3]), "{found}");
        let sampled = found["sampled_rows"].as_u64().unwrap();
        assert!((ROWS / 20..=ROWS / 8).contains(&sampled), "{found}");
    }
    assert_eq!(
        (table(&equal, "uneven")["filtered_rows"].as_u64(), table(&equal, "moments")["rejected_rows"].as_u64()),
        (Some(1045), Some(110))
    );
    for name in ["keyless", "small"] {
        assert!(table(&equal, name)["sampled_rows"].is_null(), "{name}");
    }

    // Every tenth row is looked at: of a change in every row that part is seen, and no more than was looked at.
    for (name, target) in
        [("plain", "plain"), ("uneven", "renamed"), ("texts", "texts"), ("pairs", "pairs"), ("moments", "moments")]
    {
        migration.database.ask(&format!("UPDATE app.{target} SET a = a || '!'"));
        let changed = verify(3);
        let found = table(&changed, name);
        let looked_at = found["sampled_rows"].as_u64().unwrap();
        let [missing, extra, different] = counts(found);
        assert!(missing == 0 && extra == 0 && different <= looked_at && different > looked_at * 9 / 10, "{found}");
        assert_eq!(found["examples"].as_array().unwrap().len(), 5, "{found}");
        migration.database.ask(&format!("UPDATE app.{target} SET a = left(a, -1)"));
    }

    // Missing rows are seen in the sample, and by their number.
    migration.database.ask("DELETE FROM app.texts WHERE ctid IN (SELECT ctid FROM app.texts LIMIT 1000)");
    let missing = verify(3);
    let found = table(&missing, "texts");
    assert_eq!(found["target_rows"], ROWS - 1000, "{found}");
    assert!(counts(found)[0] > 50, "{found}");
    // One row more than the source has, wherever it stands.
    migration.database.ask("INSERT INTO app.pairs VALUES (1000, 'new', 'a')");
    let extra = verify(3);
    assert_eq!(
        (table(&extra, "pairs")["target_rows"].as_u64(), counts(table(&extra, "pairs"))),
        (Some(ROWS + 1), [0; 3])
    );
    let said = migration.run(&["verify", "--sample", "10%"]).exits(3).stdout;
    assert!(said.contains("pairs: the rows do not add up; a sample does not show which differ"), "{said}");
    assert!(said.contains("A sample is no proof"), "{said}");
    // In a range of rowids an extra row is seen itself.
    migration.database.ask("DELETE FROM app.plain WHERE id = 11000; INSERT INTO app.plain VALUES (-5, 'a')");
    assert_eq!(counts(table(&verify(3), "plain"))[1], 1);
}

#[test]
fn tables_can_be_named() {
    let migration = migration();
    migration.database.ask("UPDATE app.small SET a = 'x' WHERE id = 7; UPDATE app.keyless SET a = 'x' WHERE a = 'a1'");
    let only = migration.run(&["verify", "--table", "Small", "--table", "plain"]).exits(3);
    assert!(only.stdout.contains("id=7: column a differs") && !only.stdout.contains("keyless"), "{only}");
    assert!(only.stdout.contains("5 tables not compared, and no check run"), "{only}");
    migration.run(&["verify", "--table", "plain"]).exits(0);
    let wrong = migration.run(&["verify", "--table", "plane"]).exits(2);
    assert!(wrong.stderr.contains("Did you mean `plain`?"), "{wrong}");
    for sample in ["1", "0%", "101%", "one"] {
        assert!(migration.run(&["verify", "--sample", sample]).exits(2).stderr.contains("0.5%"));
    }
    let none = migration.run(&["verify", "--examples", "0", "--format", "json"]).exits(3).json();
    assert_eq!(
        (counts(table(&none, "small")), &table(&none, "small")["examples"]),
        ([0, 0, 1], &serde_json::json!([]))
    );
}
