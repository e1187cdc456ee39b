//! Orphans of a source that changes: a key that is NOT VALID keeps them at a refresh as at the first run, and makes none of the
//! rows of others.

use crate::support::migration::{Migration, SPEC};

#[test]
fn kept_orphans_come_and_go_with_the_source() {
    let source = "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id));
        INSERT INTO parents VALUES (1, 'a'), (2, 'b');
        INSERT INTO children VALUES (1, 1), (2, 99), (3, 1), (4, 2)";
    let migration = Migration::new(source, &format!("{SPEC}[tables.children]\nforeign_keys.parent = \"not_valid\"\n"));
    migration.apply().exits(0);
    let rows = || {
        let sql = "SELECT string_agg(id || ':' || parent, ' ' ORDER BY id) FROM app.children";
        migration.database.value(sql)
    };
    assert_eq!(rows(), "1:1 2:99 3:1 4:2");
    // An orphan more, one by another number, and two whose parent goes while they stay unchanged.
    migration.change_source(
        "INSERT INTO children VALUES (5, 97); UPDATE children SET parent = 98 WHERE id = 4; DELETE FROM parents WHERE id = 1",
    );
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    assert_eq!(rows(), "1:1 2:99 3:1 4:98 5:97");
    let is_unchecked =
        "SELECT NOT convalidated FROM pg_constraint WHERE contype = 'f' AND connamespace = 'app'::regnamespace";
    assert_eq!(migration.database.value(is_unchecked), "t");
}

/// A key that somebody has validated since, and a row of the application's own whose parent goes.
#[test]
fn rows_of_others_become_no_orphans() {
    let source = "CREATE TABLE parents (id INTEGER PRIMARY KEY); INSERT INTO parents VALUES (1), (2);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id)); INSERT INTO children VALUES (1, 1)";
    let migration = Migration::new(source, &format!("{SPEC}[tables.children]\nforeign_keys.parent = \"not_valid\"\n"));
    migration.apply().exits(0);
    migration.database.ask("INSERT INTO app.children VALUES (100, 2)");
    migration.change_source("DELETE FROM parents WHERE id = 2");
    let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
    assert!(refused.stderr.contains("target_references_lost") && refused.stderr.contains("id=2"), "{refused}");
    migration.database.ask(
        "DELETE FROM app.children WHERE id = 100; ALTER TABLE app.children VALIDATE CONSTRAINT children_parent_fkey",
    );
    migration.change_source("INSERT INTO parents VALUES (2); DELETE FROM parents WHERE id = 1");
    let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
    assert!(refused.stderr.contains("target_references_lost") && refused.stderr.contains("id=1"), "{refused}");
    migration.change_source("INSERT INTO parents VALUES (1)");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
}

#[test]
fn the_applications_unchecked_key_keeps_orphans_of_the_source() {
    let source = "CREATE TABLE parents (id INTEGER PRIMARY KEY); INSERT INTO parents VALUES (1);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER); INSERT INTO children VALUES (1, 1), (2, 99)";
    let target =
        "CREATE TABLE parents (id bigint PRIMARY KEY); CREATE TABLE children (id bigint PRIMARY KEY, parent bigint);
        ALTER TABLE children ADD FOREIGN KEY (parent) REFERENCES parents NOT VALID";
    let migration = Migration::new(source, &format!("{SPEC}tables = \"existing\"\n"));
    migration.database.ask(&format!("CREATE SCHEMA app; SET search_path = app; {target}"));
    migration.apply().exits(0);
    migration.change_source("INSERT INTO children VALUES (3, 98); DELETE FROM parents WHERE id = 1");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
}
