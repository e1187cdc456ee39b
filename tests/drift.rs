//! What changes between two runs: the spec is corrected or goes on, the target is altered by other hands.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use support::migration::{Migration, SPEC};

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
    let migration = with("[steps.comment]\nsql = \"COMENT ON TABLE users IS 'people'\"\n");
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
