//! What changes between two runs: the spec is corrected or goes on, the target is altered by other hands.

use crate::support::migration::{Migration, Ran, SPEC};
use serde_json::Value;

/// One table with a row, and one without.
const SOURCE: &str =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
    CREATE TABLE empty (a TEXT)";

fn with(lines: &str) -> Migration {
    Migration::new(SOURCE, &format!("{SPEC}\n{lines}"))
}

fn does_nothing(migration: &Migration) {
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

#[test]
fn a_step_that_failed_can_be_corrected() {
    let migration = with("[steps.comment]\nsql = \"COMMENT ON TABLE nowhere IS 'people'\"\n");
    let failed = migration.apply().exits(1);
    assert!(failed.stderr.contains("the step step:comment failed"), "{failed}");
    let status = migration.run(&["status"]).exits(0);
    assert!(status.stdout.contains("failed"), "{status}");
    migration.write_spec(&format!("{SPEC}\n[steps.comment]\nsql = \"COMMENT ON TABLE users IS 'people'\"\n"));
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT obj_description('app.users'::regclass)"), "people");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
    migration.verify().exits(0);
    does_nothing(&migration);
}

#[test]
fn a_check_that_failed_can_be_corrected() {
    let check = |expect| format!("[checks.\"two users\"]\nsql = \"SELECT count(*) FROM users\"\nexpect = {expect}\n");
    let migration = with(&check(3));
    let failed = migration.apply().exits(3);
    assert!(failed.output().contains("two users"), "{failed}");
    migration.apply().exits(3);
    migration.write_spec(&format!("{SPEC}\n{}", check(2)));
    migration.apply().exits(0);
    does_nothing(&migration);
}

#[test]
fn a_finished_migration_goes_on_with_what_is_new() {
    let migration = with("");
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}\n[steps.more]\nsql = \"CREATE INDEX more ON users (name)\"\n"));
    migration.run(&["plan", "--detailed-exitcode"]).exits(4);
    migration.apply().exits(0);
    migration.change_source("CREATE TABLE later (a TEXT); INSERT INTO later VALUES ('new')");
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT a FROM app.later"), "new");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
    migration.verify().exits(0);
    does_nothing(&migration);
}

#[test]
fn a_table_that_is_gone_is_named() {
    let migration = with("");
    migration.apply().exits(0);
    migration.database.ask("DROP TABLE app.users");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("app.users"), "{refused}");
    let verified = migration.verify().exits(3);
    assert!(verified.stdout.contains("NOT EQUAL"), "{verified}");
}

#[test]
fn another_migration_does_not_touch_the_tables_of_the_first() {
    let migration = with("");
    migration.apply().exits(0);
    migration.write_spec(&SPEC.replace("name = \"case\"", "name = \"other\""));
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("the target already holds app.users"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(DISTINCT migration) FROM transship.run"), "1");
    migration.write_spec(&SPEC.replace("name = \"case\"", "name = \"other\"").replace("\"app\"", "\"other\""));
    migration.apply().exits(0);
    assert_eq!(migration.database.schemas(), ["app", "other", "transship"]);
}

#[test]
fn a_table_that_was_never_made_is_not_equal_even_without_rows() {
    let migration = with("");
    migration.run(&["verify"]).exits(3);
    migration.apply().exits(0);
    migration.database.ask("DROP TABLE app.empty");
    let verified = migration.verify().exits(3);
    assert!(verified.output().contains("empty"), "{verified}");
}

#[test]
fn a_column_that_is_gone_is_a_difference() {
    let migration = with("[checks.\"both\"]\nsql = \"SELECT count(name) FROM users\"\nexpect = 2\n");
    migration.apply().exits(0);
    migration.database.ask("ALTER TABLE app.users DROP COLUMN name");
    let verified = migration.verify().exits(3);
    assert!(verified.stdout.contains("users") && verified.stdout.contains("name"), "{verified}");
}

#[test]
fn a_spec_that_filters_otherwise_is_named_as_such() {
    let migration = with("");
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}\n[tables.users]\nwhere = \"id = 1\"\n"));
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("users") && !refused.stderr.contains("source table"), "{refused}");
}

/// Keys, types and sequences as `apply` makes them, and a view on them.
const STRUCTURE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL DEFAULT 'x', at DATETIME, age INTEGER,
        CHECK (age >= 0), UNIQUE (name));
    CREATE INDEX by_age ON users (age);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id));
    CREATE VIEW elders AS SELECT name FROM users WHERE age > 60;
    INSERT INTO users VALUES (1, 'Ada', '2024-01-31 10:11:12', 36), (7, 'Grace', NULL, 85), (9, 'gone', NULL, 1);
    DELETE FROM users WHERE id = 9;
    INSERT INTO posts VALUES (1, 7)";

fn changes(verified: &Ran) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = verified.json()["structure"].as_array().unwrap().clone();
    changes.iter().map(|change| (word(&change["kind"]), word(&change["object"]))).collect()
}

/// Every value is where it was: what others have done with the structure is a difference all the same.
#[test]
fn structure_that_others_have_altered_is_not_equal() {
    for (sql, expected) in [
        ("ALTER TABLE app.users ALTER at TYPE timestamp", &[("altered", "column app.users.at")][..]),
        (
            "ALTER TABLE app.posts DROP CONSTRAINT posts_pkey",
            &[("missing", "constraint posts_pkey on app.posts"), ("missing", "index app.posts_pkey")],
        ),
        (
            "ALTER TABLE app.posts DROP CONSTRAINT posts_author_fkey",
            &[("missing", "constraint posts_author_fkey on app.posts")],
        ),
        ("ALTER TABLE app.users ALTER name DROP NOT NULL", &[("altered", "column app.users.name")]),
        ("ALTER TABLE app.users ALTER name SET DEFAULT 'y'", &[("altered", "column app.users.name")]),
        ("DROP INDEX app.by_age", &[("missing", "index app.by_age")]),
        (
            "CREATE OR REPLACE VIEW app.elders AS SELECT name FROM app.users WHERE age >= 61",
            &[("altered", "view app.elders")],
        ),
        (
            "ALTER TABLE app.users ALTER id DROP IDENTITY",
            &[("altered", "column app.users.id"), ("missing", "sequence app.users_id_seq")],
        ),
        ("SELECT setval('app.users_id_seq', 1)", &[("behind", "sequence app.users_id_seq")]),
        ("SELECT setval('app.users_id_seq', 7, false)", &[("behind", "sequence app.users_id_seq")]),
        // The source has promised never to hand out 9 again.
        ("SELECT setval('app.users_id_seq', 8)", &[("behind", "sequence app.users_id_seq")]),
        ("SELECT setval('app.posts_id_seq', 1, false)", &[("behind", "sequence app.posts_id_seq")]),
    ] {
        let migration = Migration::new(STRUCTURE, SPEC);
        migration.apply().exits(0);
        let untouched = migration.run(&["verify", "--format", "json"]).exits(0);
        assert_eq!((changes(&untouched), &untouched.json()["not_compared"]), (Vec::new(), &Value::Array(Vec::new())));
        migration.database.ask(sql);
        let verified = migration.run(&["verify", "--format", "json"]).exits(3);
        let expected = expected.iter().map(|(kind, object)| ((*kind).to_owned(), (*object).to_owned()));
        assert_eq!(changes(&verified), expected.collect::<Vec<_>>(), "{sql}: {verified}");
        let tables = verified.json()["tables"].clone();
        assert!(tables.as_array().unwrap().iter().all(|table| table["different"] == 0), "{sql}: {tables:#}");
        let told = migration.verify().exits(3);
        assert!(told.stdout.contains("changed since apply") && told.stdout.contains("NOT EQUAL"), "{told}");
    }
}

/// What an administrator may do as it pleases him, and what goes beside the migration's own, is no difference.
#[test]
fn what_decides_no_value_is_no_difference() {
    let migration = Migration::new(STRUCTURE, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "CREATE ROLE drift_reader; GRANT SELECT ON app.users TO drift_reader; ALTER TABLE app.posts SET (fillfactor = 70);
         CREATE INDEX more ON app.users (at); COMMENT ON TABLE app.users IS 'people'; CREATE TABLE app.theirs (a int);
         ALTER TABLE app.users ALTER name SET STATISTICS 500; SELECT setval('app.users_id_seq', 50)",
    );
    migration.verify().exits(0);
}

/// A later run answers for its own work, and not for what others did before it.
#[test]
fn a_later_run_does_not_make_right_what_others_have_altered() {
    let migration = Migration::new(STRUCTURE, SPEC);
    migration.apply().exits(0);
    migration.database.ask("ALTER TABLE app.posts DROP CONSTRAINT posts_author_fkey");
    migration.write_spec(&format!("{SPEC}\n[steps.more]\nsql = \"ALTER TABLE users ALTER age SET DEFAULT 1\"\n"));
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(3);
    let gone = ("missing".to_owned(), "constraint posts_author_fkey on app.posts".to_owned());
    assert_eq!(changes(&verified), [gone]);
    // A ledger that says nothing of it is no proof either.
    migration.database.ask("UPDATE transship.origin SET arrived = NULL");
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["not_compared"][0]["kind"], "structure", "{verified:#}");
}

/// A policy is the same for the same role, whichever number the role has: a restored database has others.
#[test]
fn a_policy_goes_by_the_names_of_its_roles() {
    let migration = Migration::new(STRUCTURE, SPEC);
    let policy = "CREATE ROLE drift_tenant; CREATE POLICY theirs ON public.notes TO drift_tenant USING (true)";
    migration.database.ask(&format!("CREATE TABLE public.notes (a int); {policy}"));
    migration.apply().exits(0);
    migration.database.ask(&format!("DROP POLICY theirs ON public.notes; DROP ROLE drift_tenant; {policy}"));
    let taken_back = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(taken_back.stdout.contains("equals the one before the first run"), "{taken_back}");
}
