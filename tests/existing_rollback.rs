//! Rollbacks of migrations into the application's own schema: what was loaded goes, and nothing else; what stood there
//! stands there as it was.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use support::application::{existing, kept, kill_after, large, read, structure};
use support::database::Database;
use support::migration::{Migration, Ran};

/// The rows of the application's tables, and where its sequences stand.
fn contents(database: &Database) -> Vec<Vec<String>> {
    let tables = database.ask(
        "SELECT format('SELECT %L, count(*)::text, coalesce(sum(hashtext(t::text)), 0)::text FROM app.%I t', relname, relname)
        FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY relname",
    );
    let tables = tables.into_iter().flatten().collect::<Vec<_>>().join(" UNION ALL ");
    let sequences = "SELECT sequencename::text, coalesce(last_value::text, 'never'), '' FROM pg_sequences";
    let mut contents = database.ask(&format!("{tables} UNION ALL {sequences} WHERE schemaname = 'app'"));
    contents.sort();
    contents
}

fn rollback(migration: &Migration) -> Ran {
    migration.run(&["rollback", "--yes"])
}

/// Fails unless the rollback stops, says this, and leaves everything as it is.
#[track_caller]
fn stops(migration: &Migration, said: &str) {
    let before = (contents(&migration.database), structure(&migration.database));
    let stopped = rollback(migration).exits(3);
    let words = stopped.stderr.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(said) && words.contains("nothing was removed"), "{stopped}");
    assert_eq!((contents(&migration.database), structure(&migration.database)), before);
}

#[test]
fn a_rollback_removes_what_was_loaded_and_nothing_else() {
    let migration = existing();
    let database = &migration.database;
    let (shape, mut rows) = (structure(database), contents(database));
    migration.apply().exits(0);
    assert_ne!(contents(database), rows);
    let rolled_back = rollback(&migration).exits(0);
    assert!(rolled_back.stdout.contains("removed from 5 tables of the application"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("not brought back:\n  1 row of app.tags\n"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
    assert_eq!(structure(database), shape);
    // What was removed before the load is the only thing that is missing.
    for row in rows.iter_mut().filter(|row| row[0] == "tags") {
        row[1..].fill("0".to_owned());
    }
    assert_eq!(contents(database), rows);
    migration.apply().exits(0);
    migration.verify().exits(0);
}

#[test]
fn a_run_that_was_broken_off_is_taken_back() {
    let migration = large();
    let database = &migration.database;
    let shape = structure(database);
    for event in [r#""event":"step_done","id":"detach:posts""#, r#""event":"step_progress","id":"copy:posts""#] {
        kill_after(&migration, event);
        assert_ne!(structure(database), shape);
        rollback(&migration).exits(0);
        assert_eq!(structure(database), shape);
        assert_eq!(database.value("SELECT count(*) FROM app.posts"), "0");
        assert!(!database.schemas().contains(&"transship".to_owned()));
    }
    migration.apply().exits(0);
    rollback(&migration).exits(0);
    assert_eq!(structure(database), shape);
    assert_eq!(database.value("SELECT count(*) FROM app.posts"), "0");
}

/// Triggers of the application that came later do not fire, and stay; a key that it has made otherwise stays so; a
/// sequence that was used since goes on.
#[test]
fn what_the_application_has_made_since_stays() {
    let migration = existing();
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask(
        "CREATE TRIGGER later BEFORE DELETE ON app.users FOR EACH ROW EXECUTE FUNCTION app.loud();
        ALTER TABLE app.posts DROP CONSTRAINT author;
        ALTER TABLE app.posts ADD CONSTRAINT author FOREIGN KEY (author_id) REFERENCES app.users ON DELETE CASCADE;
        CREATE TABLE app.notes (author integer CONSTRAINT by REFERENCES app.users ON DELETE CASCADE)",
    );
    let shape = structure(database);
    let drawn = database.value("SELECT nextval('app.users_id_seq')");
    let rolled_back = rollback(&migration).exits(0);
    assert!(rolled_back.stdout.contains("new: trigger later"), "{rolled_back}");
    assert_eq!(structure(database), shape);
    assert_eq!(database.value("SELECT last_value FROM app.users_id_seq"), drawn);
    assert_eq!(database.value("SELECT is_called FROM app.posts_id_seq"), "f");
}

/// Nothing that the application has written since is removed, altered or left without what it references.
#[test]
fn rows_of_others_stop_a_rollback() {
    let migration = existing();
    let database = &migration.database;
    database.ask("CREATE TABLE app.notes (author integer CONSTRAINT by REFERENCES app.users ON DELETE CASCADE)");
    let shape = structure(database);
    migration.apply().exits(0);
    database.ask("INSERT INTO app.teams VALUES (50, 'new')");
    stops(&migration, "app.teams: 1 row beside the 1 row that were loaded");
    database.ask("DELETE FROM app.teams WHERE id = 50; INSERT INTO app.notes VALUES (2)");
    stops(&migration, "1 row of app.notes references rows of app.users (foreign key by)");
    // A changed row is the application's now, though the number of rows is the same.
    database.ask("DELETE FROM app.notes; UPDATE app.teams SET name = name");
    stops(&migration, "app.teams: 1 row beside");
    // Rows that were deleted since are in nobody's way.
    database.ask(
        "DELETE FROM app.post_tags; DELETE FROM app.posts; UPDATE app.teams SET lead_id = NULL;
        DELETE FROM app.users; DELETE FROM app.teams",
    );
    rollback(&migration).exits(0);
    assert_eq!(structure(database), shape);
    assert_eq!(database.value("SELECT count(*) FROM app.tags"), "0");
}

/// A step of the spec's own may alter what was loaded, and take that back.
#[test]
fn what_a_step_has_altered_is_still_of_the_run() {
    let step = "[steps.loud]\nafter = [\"restore:teams\"]\nsql = \"UPDATE teams SET name = upper(name)\"
        undo = \"UPDATE teams SET name = lower(name)\"\n";
    let migration = existing();
    migration.write_spec(&format!("{}\n{step}", read("existing", "spec.toml")));
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT name FROM app.teams"), "COMPILERS");
    rollback(&migration).exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.teams"), "0");
}

/// Beside rows of the application's own, also without any key: the loaded ones go, those of others stay, be they equal.
#[test]
fn loaded_rows_are_told_from_kept_ones() {
    let migration = kept();
    let database = &migration.database;
    let rows = contents(database);
    migration.apply().exits(0);
    rollback(&migration).exits(0);
    assert_eq!(contents(database), rows);

    migration.apply().exits(0);
    database.ask("INSERT INTO app.log VALUES ('same'); INSERT INTO app.users (name) VALUES ('since')");
    rollback(&migration).exits(0);
    let log = "SELECT string_agg(line, ',' ORDER BY line) FROM app.log";
    assert_eq!(database.value(log), "of the application,same,same");
    let users = "SELECT string_agg(id || ' ' || name, ',' ORDER BY id) FROM app.users";
    assert_eq!(database.value(users), "100 of the application,201 since");

    // One of the loaded rows is changed: it cannot be told from one that was added.
    migration.apply().exits(0);
    database.ask("UPDATE app.users SET name = 'Adam' WHERE id = 1");
    stops(&migration, "app.users: 1 of the 2 rows that were loaded are gone or changed");
}

/// A dump keeps rows and ledger, and not who wrote them.
#[test]
fn rows_from_a_dump_are_not_guessed_at() {
    let migration = kept();
    migration.apply().exits(0);
    // What a restore does with them: the same contents, written anew.
    migration.database.ask(
        "UPDATE app.users SET name = name; UPDATE app.log SET line = line; UPDATE transship.chunk SET digest = digest",
    );
    stops(&migration, "restored from a dump");
}
