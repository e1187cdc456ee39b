//! A source that changes after its rows were copied: refused, and with `--refresh` copied again, every row once.

use crate::support::application::{existing, kept, structure};
use crate::support::database::{Database, Rows};
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::waiting::wait_until;

/// A key that tells the rows of a chunk in the target, one that does not, and none; a foreign key whose ON DELETE would
/// take rows of another table along.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id) ON DELETE CASCADE);
    CREATE TABLE coded (code TEXT PRIMARY KEY, number REAL) WITHOUT ROWID;
    CREATE TABLE plain (a TEXT);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
    INSERT INTO posts VALUES (1, 1), (2, 2);
    INSERT INTO coded VALUES ('a', 0.5), ('b', 1);
    INSERT INTO plain VALUES ('x'), ('x')";

const CHANGE: &str = "UPDATE users SET name = name || '!'; INSERT INTO users VALUES (3, 'Ada');
    UPDATE coded SET number = 2 WHERE code = 'b'; INSERT INTO plain VALUES ('x'); DELETE FROM posts WHERE id = 2";

#[test]
fn what_has_changed_is_copied_again() {
    let check = "[checks.users]\nsource = \"SELECT count(*) FROM users\"\ntarget = \"SELECT count(*) FROM users\"\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}\n{check}"));
    migration.apply().exits(0);
    migration.change_source(CHANGE);
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("source_changed") && refused.stderr.contains("--refresh"), "{refused}");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    let again = migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    let constraints = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND confdeltype = 'c'
        AND connamespace = 'app'::regnamespace";
    assert_eq!(migration.database.value(constraints), "1");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.schemas(), [""; 0]);
}

/// A value that a plan would stop beside the others of its column passes by no way around the profile.
#[test]
fn values_that_become_one_are_refused_on_every_path() {
    let source = "CREATE TABLE notes (id INTEGER PRIMARY KEY, any); INSERT INTO notes VALUES (1, 1), (2, 'two')";
    let migration = Migration::new(source, SPEC);
    migration.apply().exits(0);
    migration.change_source("INSERT INTO notes VALUES (3, '1')");
    let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
    assert!(refused.stderr.contains("storage_class_forgotten") && refused.stderr.contains("id=1; id=3"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.notes"), "2");
    // The word changes no value that was copied: nothing has to be done anew.
    let with_the_word = format!("{SPEC}[tables.notes]\ncolumns.any = {{ storage_class = \"drop\" }}\n");
    migration.write_spec(&with_the_word);
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    migration.write_spec(SPEC);
    let refused = migration.run(&["apply", "--yes", "--no-profile"]).exits(3);
    assert!(refused.stderr.contains("storage_class_forgotten"), "{refused}");
    migration.write_spec(&with_the_word);
    migration.run(&["apply", "--yes", "--no-profile"]).exits(0);
    migration.verify().exits(0);
}

/// A unique value that two rows of different chunks have exchanged.
#[test]
fn a_unique_value_may_move_between_chunks() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000)
        INSERT INTO users SELECT n, 'user ' || n FROM counter";
    let mut migration = Migration::new(source, SPEC);
    // Heeded where the program has its failpoints.
    migration.set("TRANSSHIP_CHUNK_ROWS", "1000");
    migration.apply().exits(0);
    migration.change_source(
        "UPDATE users SET email = 'none' WHERE id = 1; UPDATE users SET email = 'user 1' WHERE id = 2999;
        UPDATE users SET email = 'user 2999' WHERE id = 1",
    );
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
}

/// Everything in the tables of the application, as text.
fn contents(database: &Database) -> Rows {
    let tables = database.ask(
        "SELECT format('SELECT %L, t::text FROM app.%I t', relname, relname)
        FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY relname",
    );
    let tables = tables.into_iter().flatten().collect::<Vec<_>>().join(" UNION ALL ");
    database.ask(&format!("{tables} ORDER BY 1, 2"))
}

/// Fails unless a refresh stops, says this, and leaves rows and structure as they are.
#[track_caller]
fn stops(migration: &Migration, said: &[&str]) -> Ran {
    let before = (contents(&migration.database), structure(&migration.database));
    let refused = refresh(migration, &[]).exits(3);
    let words = refused.stderr.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    for said in said {
        assert!(words.contains(said), "{said}: {refused}");
    }
    assert_eq!((contents(&migration.database), structure(&migration.database)), before);
    refused
}

fn refresh(migration: &Migration, more: &[&str]) -> Ran {
    migration.run(&[&["apply", "--yes", "--refresh"], more].concat())
}

/// Rows that the application has added, changed or deleted are named before anything is written, and go only where the user
/// says so.
#[test]
fn what_others_have_done_since_is_not_lost() {
    let migration = Migration::new(SOURCE, SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1; INSERT INTO plain VALUES ('y')");
    let changed = "[target_rows_changed]";
    for (table, make, said) in [
        ("users", "INSERT INTO app.users VALUES (9, 'new')", "others have written 1 row since rows: id=9"),
        (
            "users",
            "UPDATE app.users SET name = 'Hopper' WHERE id = 2",
            "1 of the 2 rows to be copied again is gone or changed rows: id=2",
        ),
        ("users", "UPDATE app.users SET name = name WHERE id = 1", "others have written 1 row since"),
        (
            "users",
            "DELETE FROM app.posts WHERE author = 2; DELETE FROM app.users WHERE id = 2",
            "1 of the 2 rows to be copied again is gone",
        ),
        ("users", "UPDATE app.posts SET author = NULL; UPDATE app.users SET id = 5000 WHERE id = 2", "id=5000"),
        // As many rows as before, and others.
        (
            "users",
            "UPDATE app.posts SET author = NULL; DELETE FROM app.users; INSERT INTO app.users VALUES (1, 'Ada'), (2, 'Grace')",
            "written 2 rows since",
        ),
        ("plain", "INSERT INTO app.plain VALUES ('new')", "app.plain: others have written 1 row since"),
        (
            "plain",
            "DELETE FROM app.plain WHERE ctid = (SELECT min(ctid) FROM app.plain)",
            "1 of the 2 rows to be copied again is gone",
        ),
    ] {
        database.ask(make);
        stops(&migration, &[changed, table, said, "--overwrite-changes"]);
        let overwritten = refresh(&migration, &["--overwrite-changes"]).exits(0);
        assert!(overwritten.stderr.contains("--overwrite-changes"), "{overwritten}");
        assert_eq!(database.value("SELECT string_agg(name, ' ' ORDER BY id) FROM app.users"), "Lovelace Grace");
        assert_eq!(database.value("SELECT count(*) FROM app.plain"), "3");
        // From the beginning.
        migration.change_source("UPDATE users SET name = 'Ada' WHERE id = 1; DELETE FROM plain WHERE a = 'y'");
        migration.run(&["rollback", "--yes"]);
        database.ask("DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA IF EXISTS transship CASCADE");
        migration.apply().exits(0);
        migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1; INSERT INTO plain VALUES ('y')");
    }
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
}

/// The source stands still, as it does while a cut-over holds it: what others have changed goes all the same where the user says so.
#[test]
fn changes_of_others_go_also_while_the_source_is_unchanged() {
    let mut migration = Migration::new(SOURCE, SPEC);
    migration.set("TRANSSHIP_CHUNK_ROWS", "1");
    migration.apply().exits(0);
    for make in [
        "UPDATE app.users SET name = 'tester' WHERE id = 2",
        "INSERT INTO app.users VALUES (9, 'new'); INSERT INTO app.plain VALUES ('new')",
        "DELETE FROM app.plain WHERE ctid = (SELECT min(ctid) FROM app.plain)",
        "UPDATE app.posts SET author = NULL; UPDATE app.users SET id = 5000 WHERE id = 2",
    ] {
        migration.database.ask(make);
        assert!(refresh(&migration, &[]).exits(0).stdout.contains("nothing to do"));
        migration.verify().exits(3);
        migration.run(&["cutover", "--yes", "--overwrite-changes"]).exits(0);
        migration.verify().exits(0);
    }
    assert!(refresh(&migration, &["--overwrite-changes"]).exits(0).stdout.contains("nothing to do"));
}

/// Only the chunks that have changed are looked at where the key tells their rows; what others have done elsewhere stays.
#[test]
fn rows_of_others_in_other_chunks_stay() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000)
        INSERT INTO users SELECT n, 'user ' || n FROM counter";
    let mut migration = Migration::new(source, SPEC);
    migration.set("TRANSSHIP_CHUNK_ROWS", "1000");
    migration.apply().exits(0);
    migration
        .database
        .ask("INSERT INTO app.users VALUES (9000, 'new'); UPDATE app.users SET email = 'mine' WHERE id = 2999");
    migration.change_source("UPDATE users SET email = 'changed' WHERE id = 7; DELETE FROM users WHERE id = 8");
    refresh(&migration, &[]).exits(0);
    let emails = "SELECT string_agg(email, ' ' ORDER BY id) FROM app.users WHERE id IN (7, 8, 2999, 9000)";
    assert_eq!(migration.database.value(emails), "changed mine new");
    // A row that was moved from one chunk into another is gone here and new there.
    migration.database.ask("UPDATE app.users SET id = 9001 WHERE id = 9");
    migration.change_source("UPDATE users SET email = 'again' WHERE id = 7");
    stops(&migration, &["1 of the 999 rows to be copied again is gone or changed"]);
}

/// Somebody writes between the plan and the refresh: the rows are looked for once more, under the lock.
#[test]
fn a_row_that_comes_after_the_plan_is_not_lost() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    migration.change_source("INSERT INTO plain VALUES ('y')");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            migration.database.ask(
                "BEGIN; INSERT INTO app.plain VALUES ('later');
                DO $$ BEGIN
                    FOR look IN 1..6000 LOOP
                        EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'app.plain'::regclass);
                        PERFORM pg_sleep(0.01);
                    END LOOP;
                END $$;
                COMMIT",
            )
        });
        let written = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'RowExclusiveLock' AND relation = 'app.plain'::regclass";
        wait_until("the row that comes", || migration.database.value(written) != "0");
        let refused = refresh(&migration, &[]).exits(3);
        assert!(refused.stderr.replace("\n  │", "").contains("others have written 1 row since"), "{refused}");
        writer.join().unwrap();
    });
    assert_eq!(migration.database.value("SELECT string_agg(a, ' ' ORDER BY a) FROM app.plain"), "later x x");
    migration.database.ask("DELETE FROM app.plain WHERE a = 'later'");
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
}

/// Keys and triggers of others are detached and restored as they were, in the transaction that replaces the rows.
#[test]
fn keys_of_others_come_back_as_they_were() {
    let migration = Migration::new(SOURCE, SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask(
        "CREATE FUNCTION app.loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''loud''; END';
        CREATE TRIGGER always BEFORE INSERT OR DELETE ON app.users FOR EACH ROW EXECUTE FUNCTION app.loud();
        ALTER TABLE app.users ENABLE ALWAYS TRIGGER always;
        CREATE TRIGGER never BEFORE INSERT OR DELETE ON app.users FOR EACH ROW EXECUTE FUNCTION app.loud();
        ALTER TABLE app.users DISABLE TRIGGER never;
        CREATE SCHEMA mine;
        CREATE TABLE mine.notes (author bigint CONSTRAINT by REFERENCES app.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
        COMMENT ON CONSTRAINT by ON mine.notes IS 'who wrote it';
        ALTER TABLE mine.notes ADD CONSTRAINT loose FOREIGN KEY (author) REFERENCES app.users NOT VALID;
        INSERT INTO mine.notes VALUES (2)",
    );
    let before = structure(database);
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1");
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
    assert_eq!(structure(database), before);
    assert_eq!(database.value("SELECT author FROM mine.notes"), "2");

    // A row that is gone from the source and that somebody needs: nothing is touched.
    migration.change_source("DELETE FROM posts WHERE author = 2; DELETE FROM users WHERE id = 2");
    stops(&migration, &["[target_references_lost]", "mine.notes (by) reference rows that would be gone", "rows: id=2"]);
    database.ask("ALTER TABLE mine.notes DROP CONSTRAINT by");
    stops(&migration, &["[target_references_lost]", "mine.notes (loose) reference rows that would be gone"]);
    database.ask("DELETE FROM mine.notes");
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
}

/// What cannot be looked up beforehand is found out before the transaction ends, by a key that is validated and by one that
/// is not.
#[test]
fn a_key_that_does_not_come_back_leaves_everything() {
    let source = "CREATE TABLE days (day DATE PRIMARY KEY, word TEXT); INSERT INTO days VALUES ('2024-05-01', 'a'), ('2024-05-02', 'b')";
    let migration = Migration::new(source, SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    for validated in [true, false] {
        database.ask("CREATE TABLE app.notes (day date CONSTRAINT of REFERENCES app.days)");
        database.ask("INSERT INTO app.notes VALUES ('2024-05-01'), ('2024-05-02'), (NULL)");
        if !validated {
            database.ask("ALTER TABLE app.notes DROP CONSTRAINT of");
            database.ask("INSERT INTO app.notes VALUES ('1999-01-01'); ALTER TABLE app.notes ADD CONSTRAINT of FOREIGN KEY (day) REFERENCES app.days NOT VALID");
        }
        migration.change_source("UPDATE days SET word = word || '!'");
        refresh(&migration, &[]).exits(0);
        migration.change_source("DELETE FROM days WHERE day = '2024-05-02'");
        stops(&migration, &["app.notes", "reference rows that would be gone"]);
        migration.change_source("INSERT INTO days VALUES ('2024-05-02', 'c')");
        refresh(&migration, &[]).exits(0);
        migration.verify().exits(0);
        database.ask("DROP TABLE app.notes");
    }
}

/// A role that may write the tables and not alter them hears of it before anything is written.
#[test]
fn what_cannot_be_put_back_is_not_taken_off() {
    let mut migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "CREATE ROLE refresh_loader LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA app, transship TO refresh_loader;
        GRANT ALL ON SCHEMA app, transship TO refresh_loader; GRANT ALL ON ALL SEQUENCES IN SCHEMA app, transship TO refresh_loader",
    );
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1");
    let url = migration.database.url.replace("postgres@", "refresh_loader@");
    migration.set("CASE_TARGET", &url);
    stops(
        &migration,
        &[
            "target_keys_stand",
            "may not detach and restore foreign keys and triggers of app.posts",
            "ALTER TABLE app.posts OWNER TO refresh_loader",
        ],
    );
}

/// The application's own keys and triggers, as apply detaches and restores them.
#[test]
fn the_applications_own_keys_are_restored() {
    let migration = existing();
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask("CREATE TABLE app.sessions (of integer REFERENCES app.users ON DELETE CASCADE); INSERT INTO app.sessions VALUES (1)");
    let before = structure(database);
    assert!(before.contains("FOREIGN KEY"), "{before}");
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1; UPDATE teams SET name = name || '!'");
    migration.apply().exits(3);
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
    assert_eq!(structure(database), before);
    assert_eq!(database.value("SELECT name FROM app.users WHERE id = 1"), "Lovelace");
    assert_eq!(database.value("SELECT count(*) FROM app.sessions"), "1");
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    // What the application writes is its own here as well.
    database.ask("INSERT INTO app.teams VALUES (50, 'new')");
    migration.change_source("UPDATE teams SET name = name || '!'");
    stops(&migration, &["target_rows_changed", "app.teams: others have written 1 row since"]);
}

/// Beside rows of the application's own: these stay, whatever is copied again.
#[test]
fn kept_rows_stay() {
    let migration = kept();
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask("INSERT INTO app.users (name) VALUES ('since')");
    let users = "SELECT string_agg(id || ' ' || name, ',' ORDER BY id) FROM app.users";
    let before = database.value(users);
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1; INSERT INTO log VALUES ('another')");
    refresh(&migration, &[]).exits(0);
    migration.verify().exits(0);
    assert_eq!(database.value(users), before.replacen("1 Ada", "1 Lovelace", 1));
    // A changed row cannot be told from one of the application's own, also by one who says so.
    database.ask("UPDATE app.users SET name = 'Adam' WHERE id = 1");
    migration.change_source("UPDATE users SET name = 'Hopper' WHERE id = 2");
    stops(&migration, &["1 of the 2 rows to be copied again is gone or changed"]);
    refresh(&migration, &["--overwrite-changes"]).exits(3);
    assert!(database.value(users).starts_with("1 Adam,2 "), "{}", database.value(users));
}

/// Rows that were written anew when a dump was restored are not guessed at.
#[test]
fn rows_from_a_dump_are_not_guessed_at() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    migration.database.ask("UPDATE app.plain SET a = a; UPDATE transship.chunk SET digest = digest");
    migration.change_source("INSERT INTO plain VALUES ('y')");
    stops(
        &migration,
        &["target_rows_changed", "cannot be told from changed ones: the database was restored from a dump since"],
    );
    refresh(&migration, &["--overwrite-changes"]).exits(0);
    migration.verify().exits(0);
}

/// Rows that a step of the spec has altered are of the run; that the step does not run again is said. Freezing and
/// rewriting a table changes nothing of who wrote its rows.
#[test]
fn rows_of_steps_are_of_the_run() {
    let step = "[steps.loud]\nafter = [\"copy:plain\"]\nsql = \"UPDATE plain SET a = upper(a)\"\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}\n{step}"));
    migration.apply().exits(0);
    migration.database.ask("VACUUM (FREEZE) app.users");
    migration.database.ask("VACUUM FULL app.users");
    migration.change_source("INSERT INTO plain VALUES ('y'); UPDATE users SET name = 'Lovelace' WHERE id = 1");
    let refreshed = refresh(&migration, &[]).exits(0);
    let words = refreshed.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("steps of the spec have written 2 rows to be copied again, and do not run again"),
        "{refreshed}"
    );
    migration.verify().exits(0);
}

#[test]
fn a_value_that_fits_no_more_is_not_copied_again() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}\n[types]\n\"REAL\" = \"numeric(4,2)\"\n"));
    migration.apply().exits(0);
    migration.change_source("UPDATE coded SET number = 123456 WHERE code = 'a'");
    let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
    assert!(refused.stderr.contains("changed_value_does_not_fit"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.coded"), "2");
}

/// Columns whose type the values decide, of which there were none when the table was made.
#[test]
fn a_type_that_values_decide_stays_as_it_was_made() {
    let migration = Migration::new("CREATE TABLE kept (id INTEGER PRIMARY KEY, amount CURRENCY, words)", SPEC);
    let refresh = || migration.run(&["apply", "--yes", "--refresh"]);
    migration.apply().exits(0);
    migration.change_source("INSERT INTO kept VALUES (1, 5, 7)");
    refresh().exits(0);
    migration.verify().exits(0);
    let types = "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'app.kept'::regclass AND attnum > 1";
    assert_eq!(migration.database.value(types), "numeric, text");
    migration.change_source("INSERT INTO kept VALUES (2, 'hello', NULL)");
    let refused = refresh().exits(3);
    assert!(refused.stderr.contains("changed_value_does_not_fit") && refused.stderr.contains("id=2"), "{refused}");
    assert!(!refused.stderr.contains("changed_since_run"), "{refused}");
    // A type that the spec gives is one that it has changed, and nothing else is said of the table that stands.
    migration.write_spec(&format!("{SPEC}\n[tables.kept]\ncolumns.amount.type = \"text\"\n"));
    let changed = migration.run(&["plan"]).exits(3);
    assert!(changed.stdout.contains("changed_since_run") && !changed.stdout.contains("target_refuses"), "{changed}");
}

#[test]
fn rejected_rows_are_rejected_anew() {
    let spec = format!("{SPEC}\n[types]\n\"REAL\" = \"numeric(4,2)\"\n[tables.coded]\non_bad_value = \"reject\"\n");
    let migration = Migration::new(SOURCE, &spec);
    migration.change_source("INSERT INTO coded VALUES ('bad', 123456)");
    migration.apply().exits(0);
    let rejected = "SELECT string_agg(key, ' ' ORDER BY key) FROM transship.rejected_rows";
    assert_eq!(migration.database.value(rejected), "code=bad");
    migration.change_source(
        "UPDATE coded SET number = 1 WHERE code = 'bad'; UPDATE coded SET number = 5000 WHERE code = 'a'",
    );
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value(rejected), "code=a");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.coded"), "2");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.schemas(), [""; 0]);
}
