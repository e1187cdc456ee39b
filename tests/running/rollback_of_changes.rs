//! Rollbacks of what others have changed since: it is named and left, and only a word of the user moves it. What was
//! renamed or moved is still ours.

use crate::support::application::{existing, structure};
use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::server::{Server, programs};
use std::process::Command;

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id), body TEXT CHECK (body <> ''));
    CREATE INDEX by_author ON posts (author);
    CREATE VIEW bodies AS SELECT body FROM posts;
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
    INSERT INTO posts VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 2, 'c')";

/// A step of the user's that can be rolled back.
const STEP: &str = "[steps.helper]
sql = \"CREATE FUNCTION public.helper() RETURNS int LANGUAGE sql AS 'SELECT 1'; UPDATE users SET name = upper(name)\"
undo = \"DROP FUNCTION public.helper()\"
";

fn applied() -> Migration {
    let migration = Migration::new(SOURCE, &format!("{SPEC}\n{STEP}"));
    migration.apply().exits(0);
    migration
}

fn rollback(migration: &Migration, words: &[&str]) -> Ran {
    migration.run(&[&["rollback", "--yes"], words].concat())
}

/// Everything in the database in its own words, with every row.
fn contents(database: &Database) -> Vec<Vec<String>> {
    let tables = database.ask(
        "SELECT format('SELECT %L, string_agg(t::text, '';'' ORDER BY t::text) FROM %s t', oid::regclass, oid::regclass)
        FROM pg_class WHERE oid >= 16384 AND relkind = 'r' AND relnamespace <> 'transship'::regnamespace ORDER BY 1",
    );
    let tables = tables.into_iter().flatten().collect::<Vec<_>>().join(" UNION ALL ");
    database.ask(&tables)
}

/// Fails unless the rollback stops, says this, and leaves everything as it is.
#[track_caller]
fn stops(migration: &Migration, words: &[&str], said: &str) {
    let before = (contents(&migration.database), structure(&migration.database));
    let stopped = rollback(migration, words).exits(3);
    let output = stopped.stderr.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.contains(said) && output.contains("nothing was removed"), "{said}: {stopped}");
    assert_eq!((contents(&migration.database), structure(&migration.database)), before, "{said}");
}

#[test]
fn rows_of_others_stop_it_and_a_word_keeps_or_discards_them() {
    let migration = applied();
    let database = &migration.database;
    // Numbers of transactions can still be read then.
    database.ask("INSERT INTO app.posts VALUES (9, 1, 'by the application')");
    database.ask("VACUUM FREEZE app.posts");
    stops(&migration, &[], "app.posts: 1 row beside the 3 rows that were loaded, or changed since");
    database.ask("DELETE FROM app.posts WHERE id = 9; UPDATE app.users SET name = 'Ada' WHERE id = 1");
    stops(&migration, &[], "app.users: 1 row beside the 2 rows");

    // The table stays with everything on it; what it needs stays as well, and the key to a table that goes does not.
    database.ask("INSERT INTO app.posts VALUES (9, 1, 'by the application'); UPDATE app.users SET name = upper(name)");
    database.ask("DELETE FROM app.posts WHERE id = 1");
    stops(&migration, &[], "app.posts: 1 row beside");
    let kept = rollback(&migration, &["--keep-changes"]).exits(0);
    assert!(kept.stdout.contains("left as wished") && kept.stdout.contains("table app.posts"), "{kept}");
    assert_eq!(database.value("SELECT count(*) FROM app.posts"), "3");
    assert_eq!(database.value("SELECT count(*) FROM app.users"), "2");
    assert_eq!(database.value("SELECT count(*) FROM pg_proc WHERE proname = 'helper'"), "0");
    assert_eq!(database.schemas(), ["app"]);
}

#[test]
fn a_kept_table_keeps_its_keys_but_those_to_tables_that_go() {
    let migration = applied();
    let database = &migration.database;
    database.ask("INSERT INTO app.posts VALUES (9, 1, 'by the application')");
    rollback(&migration, &["--keep-changes"]).exits(0);
    let constraints = "SELECT string_agg(conname, ',' ORDER BY conname) FROM pg_constraint
        WHERE conrelid = 'app.posts'::regclass AND contype IN ('p', 'c', 'f')";
    assert_eq!(database.value(constraints), "posts_check,posts_pkey");
    assert_eq!(database.value("SELECT to_regclass('app.by_author') IS NOT NULL"), "t");
    assert_eq!(database.value("SELECT to_regclass('app.users')"), "NULL");
    assert_eq!(database.value("SELECT count(*) FROM app.posts"), "4");
}

#[test]
fn what_others_have_made_under_our_names_is_left() {
    for (make, said, look) in [
        (
            "DROP TABLE app.posts CASCADE; CREATE TABLE app.posts (mine text); INSERT INTO app.posts VALUES ('row')",
            "table app.posts was recreated",
            "SELECT mine FROM app.posts",
        ),
        (
            "DROP VIEW app.bodies; CREATE VIEW app.bodies AS SELECT 'row' AS mine",
            "view app.bodies was recreated",
            "SELECT mine FROM app.bodies",
        ),
        (
            "DROP INDEX app.by_author; CREATE TABLE public.mine (mine text); INSERT INTO mine VALUES ('row');
             ALTER TABLE mine SET SCHEMA app; CREATE INDEX by_author ON app.mine (mine)",
            "index app.by_author was recreated",
            "SELECT mine FROM app.mine WHERE to_regclass('app.by_author') IS NOT NULL",
        ),
        (
            "DROP FUNCTION helper(); CREATE FUNCTION helper() RETURNS text LANGUAGE sql AS 'SELECT ''row'''",
            "function public.helper was recreated",
            "SELECT helper()",
        ),
        (
            "ALTER TABLE app.posts DROP CONSTRAINT posts_check;
             ALTER TABLE app.posts ADD CONSTRAINT posts_check CHECK (length(body) < 100)",
            "constraint posts_check on app.posts was recreated",
            "SELECT 'row' FROM pg_constraint WHERE conname = 'posts_check' AND conrelid = 'app.posts'::regclass",
        ),
        (
            "DROP SCHEMA app CASCADE; CREATE SCHEMA app; CREATE TABLE app.mine AS SELECT 'row'::text AS mine",
            "schema app was recreated",
            "SELECT mine FROM app.mine",
        ),
    ] {
        let migration = applied();
        migration.database.ask(make);
        stops(&migration, &[], said);
        let kept = rollback(&migration, &["--keep-changes"]).exits(0);
        assert!(kept.stdout.contains(said), "{kept}");
        assert_eq!(migration.database.value(look), "row", "{kept}");
    }
    // With the other word it goes.
    let migration = applied();
    migration.database.ask("DROP TABLE app.posts CASCADE; CREATE TABLE app.posts (mine text)");
    let discarded = rollback(&migration, &["--discard-changes"]).exits(0);
    assert!(discarded.stdout.contains("removed as wished"), "{discarded}");
    assert_eq!(migration.database.schemas(), [""; 0]);
}

#[test]
fn what_was_renamed_or_moved_goes_under_its_new_name() {
    for make in [
        "ALTER SCHEMA app RENAME TO \"Else where\"",
        "ALTER TABLE app.posts RENAME TO \"the %s posts\"",
        "ALTER TABLE app.posts SET SCHEMA public; ALTER VIEW app.bodies SET SCHEMA public",
        "ALTER INDEX app.by_author RENAME TO by_writer; ALTER TABLE app.posts RENAME CONSTRAINT posts_pkey TO key;
         ALTER TABLE app.posts RENAME CONSTRAINT posts_author_fkey TO author; ALTER VIEW app.bodies RENAME TO texts",
        "ALTER TABLE app.posts RENAME body TO text; ALTER TABLE app.users RENAME name TO names",
        "ALTER ROLE renamed_reader RENAME TO renamed_writer",
    ] {
        let database = Database::create();
        let before = structure(&database);
        let spec = SPEC.to_owned() + "grants = { renamed_reader = \"read\" }\n\n" + STEP;
        let migration = Migration::into_database(SOURCE, &spec, database);
        migration.apply().exits(0);
        migration.database.ask(make);
        let rolled_back = rollback(&migration, &[]).exits(0);
        assert!(rolled_back.stdout.contains("equals the one before"), "{make}: {rolled_back}");
        assert!(!rolled_back.stdout.contains("Gone already"), "{make}: {rolled_back}");
        assert_eq!(structure(&migration.database), before, "{make}");
        let roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'renamed%'";
        assert_eq!(migration.database.value(roles), "0", "{make}");
    }
}

#[test]
fn what_others_have_attached_stops_it() {
    let migration = applied();
    let database = &migration.database;
    database.ask(
        "CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE ROLE attached",
    );
    for (make, remove, said) in [
        ("ALTER TABLE app.users ADD age int", "ALTER TABLE app.users DROP age", "column age of table app.users"),
        ("CREATE INDEX own ON app.users (name)", "DROP INDEX app.own", "index app.own on app.users"),
        (
            "CREATE TRIGGER own BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION touch()",
            "DROP TRIGGER own ON app.users",
            "trigger own on table app.users",
        ),
        (
            "CREATE POLICY own ON app.users USING (true)",
            "DROP POLICY own ON app.users",
            "policy own on table app.users",
        ),
        (
            "ALTER TABLE app.users ADD CONSTRAINT own CHECK (id > 0)",
            "ALTER TABLE app.users DROP CONSTRAINT own",
            "constraint own on table app.users",
        ),
        (
            "CREATE STATISTICS app.own ON id, name FROM app.users",
            "DROP STATISTICS app.own",
            "statistics object app.own",
        ),
        (
            "ALTER TABLE app.users ALTER name SET DEFAULT 'x'",
            "ALTER TABLE app.users ALTER name DROP DEFAULT",
            "default value for column name of table app.users",
        ),
        (
            "COMMENT ON COLUMN app.users.name IS 'theirs'",
            "COMMENT ON COLUMN app.users.name IS NULL",
            "comment on column name of table app.users",
        ),
        (
            "GRANT SELECT ON app.users TO attached",
            "REVOKE SELECT ON app.users FROM attached",
            "privileges of attached on table app.users",
        ),
        (
            "CREATE RULE own AS ON DELETE TO app.users DO INSTEAD NOTHING",
            "DROP RULE own ON app.users",
            "rule own on table app.users",
        ),
    ] {
        database.ask(make);
        stops(&migration, &[], said);
        database.ask(remove);
    }
    rollback(&migration, &[]).exits(0);
    assert_eq!(database.schemas(), [""; 0]);
    // A view that was written anew is theirs, and has no former form.
    migration.apply().exits(0);
    database.ask("CREATE OR REPLACE VIEW app.bodies AS SELECT body || '!' AS body FROM app.posts");
    stops(&migration, &[], "definition of view app.bodies");
    rollback(&migration, &["--discard-changes"]).exits(0);
    assert_eq!(database.schemas(), [""; 0]);
}

/// Numbers of objects are others after a restore: nothing is guessed at.
#[test]
fn a_database_from_a_dump_is_not_rolled_back_by_names_alone() {
    let original = applied();
    let dump = original.directory().join("dump.sql");
    let mut command = Command::new(programs().join("pg_dump"));
    run(command.arg("--dbname").arg(&original.database.url).arg("--file").arg(&dump)).exits(0);
    let database = Database::create();
    let mut command = Command::new(programs().join("psql"));
    run(command.args(["-qX", "--set=ON_ERROR_STOP=1", "--file"]).arg(&dump).arg(&database.url)).exits(0);
    let migration = Migration::into_database(SOURCE, &format!("{SPEC}\n{STEP}"), database);
    stops(&migration, &[], "the database is a copy, or was restored from a dump since");
    stops(&migration, &["--keep-changes"], "the database is a copy");
    rollback(&migration, &["--discard-changes"]).exits(0);
    assert_eq!(migration.database.schemas(), [""; 0]);
    // So it is where an earlier version did not write them down.
    original
        .database
        .ask("ALTER TABLE transship.step DROP made, DROP transactions; ALTER TABLE transship.origin DROP database_oid");
    stops(&original, &[], "an earlier version of transship made it");
    rollback(&original, &["--discard-changes"]).exits(0);
    assert_eq!(original.database.schemas(), [""; 0]);
}

#[test]
fn tables_of_the_application_are_followed() {
    let migration = existing();
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask("ALTER TABLE app.users RENAME TO people; ALTER TABLE app.post_tags SET SCHEMA public");
    let shape = structure(database);
    rollback(&migration, &[]).exits(0);
    assert_eq!(structure(database), shape);
    for table in ["app.people", "public.post_tags", "app.posts", "app.teams"] {
        assert_eq!(database.value(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    // Both words, where the application has changed what was loaded.
    for (word, left) in [("--keep-changes", "1"), ("--discard-changes", "0")] {
        let migration = existing();
        migration.apply().exits(0);
        let database = &migration.database;
        database.ask("INSERT INTO app.teams VALUES (50, 'new')");
        stops(&migration, &[], "app.teams: 1 row beside");
        rollback(&migration, &[word]).exits(0);
        assert_eq!(database.value("SELECT count(*) FROM app.teams"), left, "{word}");
        assert_eq!(database.value("SELECT count(*) FROM app.users"), "0", "{word}");
    }
}

/// As many tables for this server as some thousands are for one with its defaults.
#[test]
fn more_tables_than_the_server_has_locks_go_in_several_transactions() {
    let settings = ["fsync=off", "max_locks_per_transaction=10", "max_connections=20"];
    let server = Server::start_with(&settings);
    let table = |number: usize| {
        let parent = number.saturating_sub(1);
        format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t{parent} (id), name TEXT UNIQUE);
             INSERT INTO t{number} VALUES (1, 1, 'one');"
        )
    };
    let source = (0..100).map(table).collect::<String>();
    let spec = format!("{SPEC}grants = {{ reader = \"read\", public = \"all\" }}\n");
    let migration = Migration::into_database(&source, &spec, Database::create_on(&server));
    let database = &migration.database;
    let before = structure(database);
    migration.apply().exits(0);
    // The look at everything comes before the first of them.
    database.ask("INSERT INTO app.t0 VALUES (2, 1, 'two')");
    let stopped = rollback(&migration, &[]).exits(3);
    assert!(stopped.stderr.contains("app.t0: 1 row beside"), "{stopped}");
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r'";
    assert_eq!(database.value(tables), "100");
    database.ask("DELETE FROM app.t0 WHERE id = 2");
    let rolled_back = rollback(&migration, &[]).exits(0);
    assert!(rolled_back.stdout.contains("100 tables with 100 rows removed"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
    assert_eq!(structure(database), before);
}
