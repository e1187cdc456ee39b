//! Structure that values decide is decided when it is made: rows that come later take nothing back of it.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

/// Expressions that mean the same on both sides while all dates have one spelling.
const DATES: &str = "CREATE TABLE ev (id INTEGER PRIMARY KEY, at DATETIME NOT NULL, a INT,
        late BOOLEAN AS (at > '2024-06-01 00:00:00') STORED, CONSTRAINT since CHECK (at > '2000-01-01 00:00:00'));
    CREATE UNIQUE INDEX ev_u ON ev (a) WHERE at > '2024-01-01 00:00:00';
    CREATE VIEW recent AS SELECT id, at FROM ev WHERE at >= '2024-01-01 00:00:00';
    INSERT INTO ev (id, at, a) VALUES (1, '2024-05-05 10:00:00', 2)";

/// A row that is harmless, and whose date is spelled otherwise.
const OTHER_SPELLING: &str = "INSERT INTO ev (id, at, a) VALUES (11, '2024-05-05 10:00:00.5', 1)";

/// The structure over the column, as the target has it.
const STANDING: &str = "SELECT concat_ws(' ', to_regclass('app.recent') IS NOT NULL,
    (SELECT count(*) FROM pg_constraint WHERE conname = 'since'), to_regclass('app.ev_u') IS NOT NULL,
    (SELECT attgenerated FROM pg_attribute WHERE attrelid = 'app.ev'::regclass AND attname = 'late'))";

fn refresh(migration: &Migration) -> Ran {
    migration.run(&["apply", "--yes", "--refresh"])
}

/// The messages of the warnings about objects that stay.
fn staying(migration: &Migration, words: &[&str]) -> Vec<String> {
    let plan = migration.run(&[&["plan", "--format", "json"], words].concat()).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter();
    assert!(findings.clone().all(|finding| finding["code"] != "changed_since_run"), "{plan}");
    let staying = findings.filter(|finding| finding["code"] == "stays_as_made");
    staying.map(|finding| format!("{}: {}", finding["column"], finding["message"])).collect()
}

#[test]
fn a_date_in_another_spelling_takes_nothing_back_of_what_was_made() {
    let migration = Migration::new(DATES, SPEC);
    migration.apply().exits(0);
    assert_eq!(migration.database.value(STANDING), "t 1 t s");
    migration.change_source(OTHER_SPELLING);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    for words in [&[][..], &["--source", &file]] {
        let staying = staying(&migration, words).join("\n");
        for object in ["the computed column late", "the CHECK since", "the index ev_u", "the view recent"] {
            assert!(staying.contains(&format!("{object} stays as an earlier run has made it")), "{staying}");
        }
        assert_eq!(staying.matches("at (YYYY-MM-DD hh:mm:ss.f)").count(), 4, "{staying}");
    }
    refresh(&migration).exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value(STANDING), "t 1 t s");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.recent"), "2");
    assert!(refresh(&migration).exits(0).stdout.contains("nothing to do"));
    migration.change_source("INSERT INTO ev (id, at, a) VALUES (12, '2024-05-06T10:00:00', 3)");
    migration.run(&["cutover", "--yes"]).exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.recent"), "3");
    // Started over, it is decided by the values of then.
    migration.run(&["rollback", "--yes"]).exits(0);
    migration.apply().exits(0);
    assert_eq!(migration.database.value(STANDING), "f 0 f ");
    assert_eq!(staying(&migration, &[]), [""; 0]);
}

#[test]
fn an_object_that_was_made_otherwise_has_changed_all_the_same() {
    let migration = Migration::new(DATES, SPEC);
    migration.apply().exits(0);
    migration.change_source(OTHER_SPELLING);
    migration.change_source(
        "DROP VIEW recent; CREATE VIEW recent AS SELECT id, at FROM ev WHERE at >= '2023-01-01 00:00:00'",
    );
    let refused = refresh(&migration).exits(3);
    assert!(refused.stderr.contains("done view:recent, but in another way"), "{refused}");
    assert!(!refused.stderr.contains("the view recent stays"), "{refused}");
    assert!(!refused.stderr.contains("constraint:ev.since"), "{refused}");
}

#[test]
fn each_object_stands_by_the_values_of_its_own_run() {
    let migration = Migration::new(DATES, SPEC);
    migration.change_source("INSERT INTO ev (id, at, a) VALUES (3, '2024-05-07', 7)");
    migration.apply().exits(0);
    assert_eq!(migration.database.value(STANDING), "f 0 f ");
    // Its values now have one spelling, as one is told: what can still be made is.
    migration.change_source("UPDATE ev SET at = '2024-05-07 00:00:00' WHERE id = 3");
    refresh(&migration).exits(0);
    assert_eq!(migration.database.value(STANDING), "t 1 t ");
    migration.change_source(OTHER_SPELLING);
    refresh(&migration).exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value(STANDING), "t 1 t ");
    assert_eq!(staying(&migration, &[]).len(), 3);
}

#[test]
fn a_ledger_that_kept_no_facts_goes_on_as_it_did() {
    let migration = Migration::new(DATES, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "ALTER TABLE transship.run DROP value_facts; COMMENT ON SCHEMA transship IS 'ledger of transship, version 7'",
    );
    migration.change_source("INSERT INTO ev (id, at, a) VALUES (2, '2024-05-05 11:00:00', 5)");
    refresh(&migration).exits(0);
    migration.verify().exits(0);
    migration.change_source(OTHER_SPELLING);
    let refused = refresh(&migration).exits(3);
    assert!(refused.stderr.contains("changed_since_run"), "{refused}");
}

#[test]
fn a_null_in_a_primary_key_that_was_made_is_named_as_such() {
    let table = "CREATE TABLE tk (k TEXT PRIMARY KEY, n INT); INSERT INTO tk VALUES ('a', 1)";
    let migration = Migration::new(table, SPEC);
    migration.apply().exits(0);
    migration.change_source("INSERT INTO tk VALUES (NULL, 2)");
    let refused = refresh(&migration).exits(3);
    assert!(refused.stderr.contains("null_in_primary_key"), "{refused}");
    assert!(!refused.stderr.contains("changed_since_run"), "{refused}");
    migration.change_source("UPDATE tk SET k = 'b' WHERE k IS NULL");
    refresh(&migration).exits(0);
    migration.verify().exits(0);
    // And a key that held NULL stays one that may.
    let migration = Migration::new(&format!("{table}, (NULL, 2)"), SPEC);
    migration.apply().exits(0);
    migration.change_source("DELETE FROM tk WHERE k IS NULL");
    refresh(&migration).exits(0);
    migration.verify().exits(0);
}

/// MariaDB, and MySQL where there is one.
fn servers() -> Vec<&'static MysqlServer> {
    let mariadb: &MysqlServer = mariadb();
    std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql })).collect()
}

/// A migration that was applied, and the name of its source.
fn applied(server: &MysqlServer, source: &str, spec: &str) -> (Migration, String) {
    let name = server.create_database();
    server.ask(&name, source);
    let mut migration = Migration::with_source(|_| {}, spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    (migration, name)
}

const MYSQL_SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\nzero_dates = \"-infinity\"
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

#[test]
fn a_kept_type_keeps_what_is_computed_with_it() {
    for server in servers() {
        let table = "CREATE TABLE b (id INT PRIMARY KEY, b TINYINT(1) NOT NULL, g INT AS (b + 1) STORED,
                CONSTRAINT positive CHECK (b >= 0)); INSERT INTO b (id, b) VALUES (1, 1)";
        let (migration, source) = applied(server, table, MYSQL_SPEC);
        server.ask(&source, "INSERT INTO b (id, b) VALUES (2, 2)");
        let refused = refresh(&migration).exits(3);
        assert!(!refused.stderr.contains("changed_since_run"), "{refused}");
        assert!(refused.stderr.contains("changed_value_does_not_fit") && refused.stderr.contains("id=2"), "{refused}");
        server.ask(&source, "UPDATE b SET b = 0 WHERE id = 2");
        refresh(&migration).exits(0);
        migration.verify().exits(0);
    }
}

#[test]
fn a_date_that_no_calendar_has_takes_nothing_back_of_what_was_made() {
    for server in servers() {
        let tables = "SET sql_mode = '';
            CREATE TABLE a (id INT PRIMARY KEY, d DATE, CONSTRAINT ends CHECK (d < '2030-01-01'));
            INSERT INTO a VALUES (1, '2020-01-01');
            CREATE VIEW v AS SELECT id FROM a WHERE d < '2025-01-01';
            CREATE TABLE z (id INT PRIMARY KEY, d DATE, y INT AS (year(d)) STORED);
            INSERT INTO z (id, d) VALUES (1, '0000-00-00'), (2, '2020-01-01');";
        let (migration, source) = applied(server, tables, MYSQL_SPEC);
        // The one comes, the other is corrected, as one is told to do.
        server.ask(
            &source,
            "SET sql_mode = ''; INSERT INTO a VALUES (2, '0000-00-00'); UPDATE z SET d = '2021-01-01' WHERE id = 1",
        );
        let staying = staying(&migration, &[]);
        assert_eq!(staying.len(), 2, "{staying:?}");
        assert!(staying.iter().all(|one| one.contains("d (a date that no calendar has)")), "{staying:?}");
        refresh(&migration).exits(0);
        migration.verify().exits(0);
        let made = "SELECT concat_ws(' ', (SELECT count(*) FROM pg_constraint WHERE conname = 'ends'),
            to_regclass('app.v') IS NOT NULL, (SELECT string_agg(y::text, ',' ORDER BY id) FROM app.z),
            (SELECT string_agg(d::text, ',' ORDER BY id) FROM app.a))";
        assert_eq!(migration.database.value(made), "1 t 2021,2020 2020-01-01,-infinity");
    }
}
