//! Sequences of MariaDB: the same next numbers on both sides, by the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

#[test]
fn a_sequence_goes_on_where_the_source_stands() {
    let server = mariadb();
    let name = server.create_database();
    server.ask(
        &name,
        "CREATE SEQUENCE up START WITH 10 INCREMENT BY 5 NOCACHE; CREATE SEQUENCE down INCREMENT BY -2 MAXVALUE 8 MINVALUE -9 NOCACHE;
         CREATE TABLE t (id INT NOT NULL DEFAULT nextval(up) PRIMARY KEY, note INT);
         INSERT INTO t (note) VALUES (1), (2); DO nextval(down)",
    );
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    migration.verify().exits(0);
    // Not the source's numbers of now: those that it gives since are the application's.
    server.ask(&name, "DO nextval(up); DO nextval(down); DO nextval(down)");
    let found = migration.verify().exits(3);
    assert!(found.stdout.contains("sequence app.up is behind: its next number is 20"), "{found}");
    assert!(found.stdout.contains("sequence app.down is behind: its next number is 6"), "{found}");
    migration.run(&["apply", "--refresh", "--yes"]).exits(0);
    migration.verify().exits(0);
    // It never goes back: the application has drawn from it.
    migration.database.ask("SELECT setval('app.up', 500)");
    server.ask(&name, "DO nextval(up); DO nextval(down)");
    migration.run(&["apply", "--refresh", "--yes"]).exits(0);
    let next = "SELECT nextval('app.up') || ' ' || nextval('app.down')";
    assert_eq!(migration.database.ask(next)[0][0], "505 0");
    migration.database.ask("INSERT INTO app.t (note) VALUES (3)");
    assert_eq!(migration.database.ask("SELECT max(id) FROM app.t")[0][0], "510");
}

#[test]
fn a_sequence_goes_on_behind_rows_that_were_not_numbered_by_it() {
    let server = mariadb();
    let name = server.create_database();
    server.ask(
        &name,
        "CREATE SEQUENCE up NOCACHE; CREATE SEQUENCE down INCREMENT BY -1 MAXVALUE -1 MINVALUE -99 NOCACHE;
         CREATE TABLE t (id INT NOT NULL DEFAULT nextval(up) PRIMARY KEY, note INT);
         CREATE TABLE u (id INT NOT NULL DEFAULT nextval(down) PRIMARY KEY, note INT);
         INSERT INTO t VALUES (700, 1); INSERT INTO u VALUES (-9, 1), (5, 1)",
    );
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    migration.verify().exits(0);
    let next = "SELECT nextval('app.up') || ' ' || nextval('app.down')";
    assert_eq!(migration.database.ask(next)[0][0], "701 -10");
}

/// An INSERT that is rolled back, or skips a row that is there, moves the counter of a table whose rows stay as they are.
#[test]
fn a_counter_that_moved_without_rows_is_followed() {
    let mariadb: &MysqlServer = mariadb();
    for server in std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql })) {
        let source = "CREATE TABLE e (id BIGINT PRIMARY KEY AUTO_INCREMENT, a INT);
            CREATE TABLE f (id INT PRIMARY KEY AUTO_INCREMENT, u VARCHAR(9) UNIQUE); INSERT INTO f (u) VALUES ('a'), ('b')";
        let name = server.create_database();
        server.ask(&name, source);
        let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
        migration.set("CASE_SOURCE", &server.url(&name));
        migration.apply().exits(0);
        server.ask(
            &name,
            "BEGIN; INSERT INTO e (a) VALUES (1), (2), (3); ROLLBACK; INSERT IGNORE INTO f (u) VALUES ('a')",
        );
        let behind = migration.verify().exits(3);
        assert!(behind.stdout.contains("app.e has had rows up to id=3"), "{behind}");
        migration.run(&["apply", "--refresh", "--yes"]).exits(0);
        migration.verify().exits(0);
        let again = migration.run(&["apply", "--refresh", "--yes"]).exits(0);
        assert!(again.stdout.contains("nothing to do"), "{again}");
        let inserted = |table: &str, column: &str| {
            migration.database.value(&format!("INSERT INTO app.{table} ({column}) VALUES (9) RETURNING id"))
        };
        assert_eq!((inserted("e", "a").as_str(), inserted("f", "u").as_str()), ("4", "4"));
    }
}
