//! Rollbacks of migrations into the application's own schema: what was loaded goes, and nothing else; what stood there
//! stands there as it was.

use crate::support::application::{existing, kept, kill_after, large, read, structure};
use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, run};

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
fn an_interrupted_run_is_rolled_back() {
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

/// Whatever is replaced comes back with its rows, indexes, keys, privileges and comments, wherever the run was interrupted.
#[test]
fn replaced_tables_come_back() {
    let migration = Migration::new(&read("replace", "source.sql"), &read("replace", "spec.toml"));
    let database = &migration.database;
    database.ask("CREATE SCHEMA app; CREATE TABLE app.bystander (id integer PRIMARY KEY)");
    let rest = read("replace", "target.sql")
        .replace("CREATE SCHEMA app;", "")
        .replace("CREATE TABLE app.bystander (id integer);", "");
    database.ask(&rest);
    database.ask(
        "CREATE ROLE replaced_reader; GRANT SELECT (old), INSERT ON app.users TO replaced_reader;
        COMMENT ON TABLE app.users IS 'old'; COMMENT ON COLUMN app.users.old IS 'older'; COMMENT ON TRIGGER keep ON app.users IS 'oldest';
        ALTER TABLE app.users ENABLE ROW LEVEL SECURITY, ADD COLUMN seen integer CONSTRAINT seen REFERENCES app.bystander;
        CREATE TABLE app.parts (id integer, code text) PARTITION BY LIST (id);
        CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES IN (1); INSERT INTO app.parts VALUES (1, 'one')",
    );
    migration
        .change_source("CREATE TABLE parts (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO parts VALUES (1, 'new')");
    let (shape, rows) = (structure(database), contents(database));
    // Around each of the three moves, where the program has its failpoints, and later.
    let places =
        ["statement_before_commit", "statement_committed"].map(|place| [2, 3, 4].map(|time| format!("{place}:{time}")));
    for place in places.iter().flatten().map(Some).chain([None]) {
        let ran = run(migration.command(&["apply", "--yes"]).envs(place.map(|place| ("TRANSSHIP_FAILPOINT", place))));
        assert!(matches!(ran.code, None | Some(0)), "{ran}");
        database.wait_until_alone();
        if place.is_none() {
            migration.verify().exits(0);
        }
        let rolled_back = rollback(&migration).exits(0);
        assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
        assert_eq!((structure(database), contents(database)), (shape.clone(), rows.clone()));
        assert_eq!(database.schemas(), ["app"]);
    }
    // Broken off between two moves: the key of a table that is aside already is in nobody's way.
    for time in [2, 3] {
        let place = format!("statement_committed:{time}");
        let died = run(migration.command(&["apply", "--yes", "--jobs", "1"]).env("TRANSSHIP_FAILPOINT", place));
        assert_eq!(died.code, None, "{died}");
        database.wait_until_alone();
        migration.apply().exits(0);
        migration.verify().exits(0);
        rollback(&migration).exits(0);
    }
    // What is set aside is in the way of nothing: a change of the source is copied again, and rolled back as well.
    migration.apply().exits(0);
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    rollback(&migration).exits(0);
    assert_eq!((structure(database), contents(database)), (shape, rows));
}

/// What the user lets go is removed, and a rollback says that it does not come back.
#[test]
fn replaced_tables_are_let_go_by_a_word() {
    let migration = Migration::new(&read("replace", "source.sql"), &read("replace", "spec.toml"));
    let database = &migration.database;
    database.ask(&read("replace", "target.sql"));
    assert!(migration.run(&["discard", "--yes"]).exits(0).stdout.contains("nothing is set aside"));
    migration.apply().exits(0);
    let of_old = "CREATE VIEW app.of_old AS SELECT old FROM transship_replaced_case.users";
    database.ask(of_old);
    let refused = migration.run(&["discard", "--yes"]).exits(3);
    assert!(refused.stderr.contains("view app.of_old"), "{refused}");
    assert_eq!(database.value("SELECT count(*) FROM transship_replaced_case.users"), "2");
    database.ask("DROP VIEW app.of_old");
    migration.run(&["discard"]).exits(2);
    let discarded = migration.run(&["discard", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(discarded["discarded"][1]["table"], "app.users");
    assert_eq!(database.schemas(), ["app", "transship"]);
    assert!(migration.run(&["discard", "--yes"]).exits(0).stdout.contains("nothing is set aside"));
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    migration.verify().exits(0);
    let rolled_back = rollback(&migration).exits(0);
    assert!(rolled_back.stdout.contains("2 rows of app.users"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
    assert_eq!(database.ask("SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace"), [["bystander"]]);
}

/// Another table in the place of one that was set aside is not removed, and what cannot be set aside is found beforehand.
#[test]
fn only_what_was_set_aside_is_removed() {
    let mut migration = Migration::new(&read("replace", "source.sql"), &read("replace", "spec.toml"));
    migration.database.ask(&read("replace", "target.sql"));
    migration.apply().exits(0);
    migration.database.ask(
        "DROP TABLE transship_replaced_case.teams, transship_replaced_case.users; CREATE TABLE transship_replaced_case.users (mine text)",
    );
    let refused = migration.run(&["discard", "--yes"]).exits(3);
    assert!(refused.stderr.contains("not what was set aside: transship_replaced_case.users"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM transship_replaced_case.users"), "0");

    let database = Database::create();
    migration = Migration::into_database(&read("replace", "source.sql"), &read("replace", "spec.toml"), database);
    let database = &migration.database;
    database.ask(&read("replace", "target.sql"));
    database
        .ask("CREATE ROLE replaced_stranger; CREATE SCHEMA transship_replaced_case AUTHORIZATION replaced_stranger");
    let refused = migration.apply().exits(3);
    assert!(
        refused.stderr.contains("target_not_set_aside") && refused.stderr.contains("replaced_stranger"),
        "{refused}"
    );
    // The target has it, whether the facts of the source are live or from a file.
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let refused = migration.run(&["plan", "--source", &file]).exits(3);
    assert!(refused.stdout.contains("replaced_stranger"), "{refused}");
    database.ask(&format!(
        "DROP SCHEMA transship_replaced_case; CREATE ROLE replaced_loader LOGIN; GRANT ALL ON SCHEMA app TO replaced_loader;
        GRANT SELECT ON ALL TABLES IN SCHEMA app TO replaced_loader; CREATE SCHEMA transship AUTHORIZATION replaced_loader;
        ALTER TABLE app.users OWNER TO replaced_loader; REVOKE CREATE ON DATABASE {} FROM PUBLIC",
        database.name
    ));
    let url = database.url.replace("postgres@", "replaced_loader@");
    migration.set("CASE_TARGET", &url);
    let plan = migration.plan().exits(3).stdout;
    let words = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("app.teams is replaced, and only its owner can set it aside"), "{plan}");
    assert!(words.contains("may not make the schema transship_replaced_case"), "{plan}");
}
