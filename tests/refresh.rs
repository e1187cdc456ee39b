//! A source that changes after its rows were copied: refused, and with `--refresh` copied again, every row once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use support::migration::{Migration, SPEC};

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

#[test]
fn what_others_have_done_since_is_not_lost() {
    let migration = Migration::new(SOURCE, SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    migration.change_source("UPDATE users SET name = 'Lovelace' WHERE id = 1; INSERT INTO plain VALUES ('y')");
    for (make, remove, said) in [
        ("INSERT INTO app.users VALUES (9, 'new')", "DELETE FROM app.users WHERE id = 9", "3 rows where 2 were copied"),
        ("INSERT INTO app.plain VALUES ('new')", "DELETE FROM app.plain WHERE a = 'new'", "3 rows where 2 were copied"),
        ("CREATE TABLE mine (u bigint REFERENCES app.users (id))", "DROP TABLE mine", "mine_u_fkey"),
    ] {
        database.ask(make);
        let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
        assert!(refused.stderr.contains(said), "{refused}");
        assert_eq!(database.value("SELECT name FROM app.users WHERE id = 1"), "Ada");
        assert_eq!(database.value("SELECT count(*) FROM app.posts"), "2");
        database.ask(remove);
    }
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
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
