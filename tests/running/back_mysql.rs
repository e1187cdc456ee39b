//! `transship back` into MariaDB and MySQL, judged by the servers' own clients.

use crate::support::database::Database;
use crate::support::mariadb::{MariaDb, mariadb};
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::waiting::{frozen, signal, wait_until};
use nix::sys::signal::Signal;
use std::process::Command;

/// Every kind of column, keys of two columns, a trigger that would write, an event, a counter that is ahead of the rows.
const SOURCE: &str = r#"
CREATE TABLE users (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) NOT NULL, email VARCHAR(60) UNIQUE,
    active TINYINT(1) NOT NULL DEFAULT 1, role ENUM('member','admin') NOT NULL DEFAULT 'member', tags SET('a','b','c'), meta JSON,
    born DATE, seen DATETIME(3), created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    price DECIMAL(10,2), big BIGINT UNSIGNED, ratio FLOAT, flag BIT(1), bits BIT(12), y YEAR, took TIME, photo BLOB, code BINARY(4),
    old TEXT CHARACTER SET latin1, secret VARCHAR(9) DEFAULT 'none', twice DECIMAL(12,2) AS (price * 2) STORED,
    CONSTRAINT cheap CHECK (price < 1000)) AUTO_INCREMENT = 50 DEFAULT CHARSET = utf8mb4;
INSERT INTO users (id, name, email, active, role, tags, meta, born, seen, created, price, big, ratio, flag, bits, y, took, photo, code, old, secret) VALUES
    (1, 'Ada', 'ada@x', 1, 'admin', 'a,b', '{"b": 1, "a": [1, 2]}', '1815-12-10', '2024-01-01 10:00:00.250', '2024-03-31 01:30:00', 1.50, 18446744073709551615, 0.1, b'1', b'101', 1999, '10:00:00', x'00ff27', 'abcd', 'gr\u00fc\u00dfe', 's1'),
    (2, 'Grace', 'g@x', 0, 'member', '', '{}', NULL, NULL, '2024-01-02 10:00:00', 3, 0, -2.5, b'0', b'0', 2000, '-100:00:01', NULL, NULL, NULL, 's2'),
    (3, 'Edsger', NULL, 1, 'member', NULL, NULL, NULL, NULL, '2024-01-03 10:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 's3');
CREATE TABLE notes (user_id INT UNSIGNED NOT NULL, k VARCHAR(10) NOT NULL, v TEXT, PRIMARY KEY (user_id, k),
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO notes VALUES (1, 'a', 'x'), (1, 'b', 'y'), (2, 'a', 'zz');
CREATE TABLE log (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, what VARCHAR(50), hash BIGINT UNSIGNED, mask BIT(64));
INSERT INTO log (what) VALUES ('one');
CREATE TRIGGER users_ai AFTER INSERT ON users FOR EACH ROW INSERT INTO log (what) VALUES ('a trigger fired');
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM log;
CREATE PROCEDURE p() SELECT 1;
CREATE VIEW v AS SELECT name FROM users WHERE active;
"#;

fn spec() -> String {
    let spec = SPEC.replace("[target]", "[target]\ncomparison = \"columns\"");
    let url = spec.lines().find(|line| line.starts_with("url")).unwrap().to_owned();
    spec.replacen(&url, "url = \"${CASE_SOURCE}\"", 1) + "[tables.users]\ncolumns.secret = { skip = true }\n"
}

fn applied(server: &MysqlServer) -> (Migration, String) {
    let name = server.create_database();
    // MariaDB's program for dumps, which may be the only one here, writes values for the generated columns of MySQL.
    let is_mariadb = server.ask("", "SELECT version()").contains("MariaDB");
    let source = if is_mariadb { SOURCE.to_owned() } else { SOURCE.replace(" AS (price * 2) STORED", "") };
    server.ask(&name, &source.replace("\\u00fc", "ü").replace("\\u00df", "ß"));
    let mut migration = Migration::with_source(|_| {}, &spec(), Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    (migration, name)
}

fn back(migration: &Migration, server: &MysqlServer, name: &str, more: &[&str]) -> Ran {
    migration.run(&[&["back", "--to", &server.url(name)], more].concat())
}

fn has(server: &MysqlServer, database: &str) -> bool {
    !server.ask("", &format!("SHOW DATABASES LIKE '{database}'")).is_empty()
}

/// Dump of a database without remarks on where and when.
fn dump(server: &MysqlServer, database: &str) -> String {
    let mut dump = Command::new("mariadb-dump");
    dump.args(["--no-defaults", "--host=127.0.0.1", "--user=transship", "--password=secret", "--skip-comments"]);
    dump.args(["--routines", "--events", "--triggers", "--hex-blob", &format!("--port={}", server.port()), database]);
    let output = dump.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_was_written_since_goes_back_into_mariadb() {
    goes_back(mariadb());
    let server = mariadb();
    let (migration, source) = applied(server);
    let new = format!("{source}_same");
    back(&migration, server, &new, &[]).exits(0);
    let [mut old, mut new] = [dump(server, &source), dump(server, &new)];
    // The names of the databases stand in the dump where a routine's collation is restored.
    for text in [&mut old, &mut new] {
        *text = text.replace(&format!("{source}_same"), &source);
    }
    assert_eq!(old, new);
}

#[test]
fn what_was_written_since_goes_back_into_mysql() {
    if let Some(server) = mysql() {
        goes_back(server);
    }
}

fn goes_back(server: &MysqlServer) {
    let (migration, source) = applied(server);
    let new = format!("{source}_back");
    migration.database.ask(
        r#"SET search_path = app; SET timezone = 'UTC';
        UPDATE users SET name = 'Ada L.', active = false, role = 'member', tags = '{a,c}', meta = '{"z": [1, null], "q": "a, b"}',
            born = '2000-02-29', seen = '2024-06-01 12:34:56.5', created = '2024-10-27 00:30:00Z', price = 12.5, big = 9223372036854775808,
            ratio = 0.25, flag = false, bits = 4095, y = 2030, photo = '\xde00ad', old = 'neu: ä' WHERE id = 1;
        UPDATE users SET took = '-99:59:59', created = '2024-01-02 11:00:00Z' WHERE id = 2;
        INSERT INTO users (name, email, created) VALUES ('New 🦊', 'new@x', '2025-01-01 00:00:00Z');
        INSERT INTO users (name, created) VALUES ('Gone', now()); DELETE FROM users WHERE name = 'Gone';
        DELETE FROM users WHERE id = 3; DELETE FROM notes WHERE k = 'b'; INSERT INTO notes VALUES (50, 'n', 'nv'); UPDATE log SET what = 'uno', hash = 14736740077943953709, mask = 14736740077943953709"#,
    );
    let made = back(&migration, server, &new, &["--format", "json"]);
    let made = made.exits(0).json();
    assert_eq!((&made["made"], &made["verification"]["equal"]), (&true.into(), &true.into()), "{made:#}");
    let users = made["tables"].as_array().unwrap().iter().find(|table| table["table"] == "users").unwrap();
    let numbers = ["unchanged", "changed", "added", "removed"].map(|key| users[key].as_u64().unwrap());
    assert_eq!(numbers, [0, 2, 1, 1], "{made:#}");
    let rows = server.ask(
        &new,
        "SELECT id, name, email, active, role, tags, json_extract(meta, '$.q'), born, seen, created, price, big, ratio, flag + 0, bits + 0, y,
             took, hex(photo), code, old, secret, coalesce(twice, price * 2) FROM users ORDER BY id",
    );
    let expected = [
        "1\tAda L.\tada@x\t0\tmember\ta,c\t\"a, b\"\t2000-02-29\t2024-06-01 12:34:56.500\t2024-10-27 00:30:00\t12.50\t9223372036854775808\t0.25\t0\t4095\t2030\t10:00:00\tDE00AD\tabcd\tneu: ä\ts1\t25.00",
        "2\tGrace\tg@x\t0\tmember\t\tNULL\tNULL\tNULL\t2024-01-02 11:00:00\t3.00\t0\t-2.5\t0\t0\t2000\t-99:59:59\tNULL\tNULL\tNULL\ts2\t6.00",
        "50\tNew 🦊\tnew@x\t1\tmember\tNULL\tNULL\tNULL\tNULL\t2025-01-01 00:00:00\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tnone\tNULL",
    ];
    assert_eq!(rows.lines().collect::<Vec<_>>(), expected);
    assert_eq!(server.ask(&new, "SELECT * FROM notes ORDER BY 1, 2"), "1\ta\tx\n2\ta\tzz\n50\tn\tnv\n");
    assert_eq!(
        server.ask(&new, "SELECT id, what, hash, mask + 0 FROM log"),
        "1\tuno\t14736740077943953709\t14736740077943953709\n"
    );
    // The application goes on: keys behind those that were given, triggers and events as they were.
    assert_eq!(
        server.ask(&new, "SELECT event_name, status FROM information_schema.events WHERE event_schema = database()"),
        "nightly\tENABLED\n"
    );
    let went_on = server.ask(&new, "INSERT INTO users (name) VALUES ('Next'); SELECT max(id) FROM users; SELECT count(*) FROM log; CALL p(); SELECT count(*) FROM v");
    assert_eq!(went_on, "52\n2\n1\n2\n");
    assert_eq!(server.ask(&new, "SHOW TABLES LIKE 'transship%'"), "");
    // The old source was only read, and nothing is written over.
    assert_eq!(server.ask(&source, "SELECT count(*), max(id) FROM users"), "3\t3\n");
    assert!(back(&migration, server, &new, &[]).exits(2).stderr.contains("it is there already"));
    server.ask("", &format!("DROP DATABASE {new}"));
}

#[test]
fn what_the_server_cannot_hold_is_a_finding_and_no_database_stays() {
    let server = mariadb();
    let (migration, source) = applied(server);
    let new = format!("{source}_back");
    let refused = |sql: &str, undo: &str, words: &[&str]| {
        migration.database.ask(&format!("SET search_path = app; {sql}"));
        let made = back(&migration, server, &new, &[]).exits(3);
        assert!(words.iter().all(|word| made.stdout.contains(word)), "{made}");
        assert!(!has(server, &new), "{made}");
        migration.database.ask(&format!("SET search_path = app; {undo}"));
    };
    refused(
        "ALTER TABLE users ALTER email TYPE varchar(90); UPDATE users SET email = repeat('x', 61) WHERE id = 1",
        "UPDATE users SET email = 'ada@x' WHERE id = 1",
        &["users.email", "id=1", "no spelling", "varchar(60)"],
    );
    refused(
        "UPDATE users SET seen = '2024-01-01 10:00:00.1234567' WHERE id = 1; ALTER TABLE users ALTER seen TYPE timestamp(6); UPDATE users SET seen = '2024-01-01 10:00:00.123456' WHERE id = 1",
        "UPDATE users SET seen = NULL; ALTER TABLE users ALTER seen TYPE timestamp(3)",
        &["users.seen"],
    );
    refused(
        "ALTER TABLE users DROP CONSTRAINT cheap; UPDATE users SET price = 1000 WHERE id = 2",
        "UPDATE users SET price = 1",
        &["users", "cheap", "id=2"],
    );
    refused(
        "ALTER TABLE notes DROP CONSTRAINT notes_ibfk_1; INSERT INTO notes VALUES (77, 'a', 'b')",
        "DELETE FROM notes WHERE user_id = 77",
        &["notes_ibfk_1", "user_id=77, k=a"],
    );
    // A database that is there is left alone: its routines and events may be shown to others only.
    server.ask("", &format!("CREATE DATABASE {new}; CREATE EVENT {new}.theirs ON SCHEDULE EVERY 1 DAY DO SELECT 1"));
    let taken = back(&migration, server, &new, &[]).exits(2);
    assert!(taken.stderr.contains("it is there already"), "{taken}");
    assert_eq!(
        server.ask("", &format!("SELECT event_name FROM information_schema.events WHERE event_schema = '{new}'")),
        "theirs\n"
    );
    // Neither a wrong password nor a place of another kind.
    let wrong = server.url(&new).replace(":secret@", ":wrong@");
    let wrong = migration.run(&["back", "--to", &wrong]).exits(2);
    assert!(wrong.stderr.contains("--to") && !wrong.stderr.contains("wrong@"), "{wrong}");
    let file = migration.run(&["back", "--to", "back.db"]).exits(2);
    assert!(file.stderr.contains("own kind"), "{file}");
    server.ask("", &format!("DROP DATABASE {new}"));
}

/// A process that is killed leaves a database that says so, and the next one makes it.
#[test]
fn a_killed_way_back_leaves_a_database_that_says_so() {
    let server = mariadb();
    let (migration, source) = applied(server);
    let new = format!("{source}_back");
    let mut command = migration.command(&["back", "--to", &server.url(&new)]);
    let died = run(command.env("TRANSSHIP_FAILPOINT", "back_copied"));
    assert_eq!(died.code, None, "{died}");
    let marked = format!(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = '{new}' AND table_name = 'transship_back_unfinished'"
    );
    assert_eq!(server.ask("", &marked), "1\n");
    let made = back(&migration, server, &new, &["--format", "json"]).exits(0);
    assert!(made.stdout.contains("left_over_removed"), "{made}");
    assert_eq!(server.ask(&new, "SHOW TABLES LIKE 'transship%'"), "");
    assert_eq!(server.ask(&new, "SELECT count(*) FROM users"), "3\n");
    server.ask("", &format!("DROP DATABASE {new}"));
}

/// The dump names the old database where a routine was made under another collation, and events run from the moment they are made.
#[test]
fn the_old_database_stays_as_it_is_and_no_event_runs_before_the_end() {
    let server = MariaDb::start(&["--event-scheduler=ON"]);
    let source = server.create_database();
    server.ask(
        &source,
        &format!(
            "CREATE TABLE k (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO k VALUES (1, 'x');
             CREATE TABLE mail (place VARCHAR(64)); ALTER DATABASE {source} CHARACTER SET latin1 COLLATE latin1_swedish_ci;
             CREATE FUNCTION f() RETURNS VARCHAR(10) DETERMINISTIC RETURN 'x'; ALTER DATABASE {source} CHARACTER SET utf8mb4;
             CREATE EVENT send ON SCHEDULE EVERY 1 SECOND DO INSERT INTO {source}.mail SELECT concat(database(), ' ', (SELECT count(*)
                 FROM information_schema.tables WHERE table_schema = database() AND table_name LIKE 'transship%'))"
        ),
    );
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}\"", "${CASE_SOURCE}\"\nexclude = [\"mail\"]");
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&source));
    migration.apply().exits(0);
    let set =
        format!("SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = '{source}'");
    server.ask("", "SET GLOBAL general_log = ON, GLOBAL log_output = 'TABLE'");
    let new = format!("{source}_back");
    let events = |place: &str| {
        server
            .ask(&source, &format!("SELECT count(*) FROM mail WHERE place = '{place}'"))
            .trim()
            .parse::<u64>()
            .unwrap()
    };
    let old = format!("{source} 0");
    wait_until("an event of the old database", || events(&old) > 0);
    // While those of the old database go on, none of the unfinished one does; they begin once it is whole.
    let child = frozen(migration.command(&["back", "--to", &server.url(&new)]), "back_copied");
    let before = events(&old);
    wait_until("two more events of the old database", || events(&old) > before + 1);
    signal(&child, Signal::SIGCONT);
    Ran::of(child).exits(0);
    wait_until("an event of the new database", || events(&format!("{new} 0")) > 0);
    assert_eq!(events(&format!("{new} 1")), 0);
    let altered =
        "SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND argument LIKE 'ALTER DATABASE `%'";
    assert_eq!(server.ask("", altered), "");
    assert_eq!(server.ask("", &set), "utf8mb4\n");
    let of_new =
        "SELECT database_collation FROM information_schema.routines WHERE routine_name = 'f' ORDER BY routine_schema";
    assert_eq!(server.ask("", of_new), "latin1_swedish_ci\nlatin1_swedish_ci\n");
    let events = "SELECT count(*) FROM information_schema.events WHERE event_name = 'send' AND status = 'ENABLED'";
    assert_eq!(server.ask("", events), "2\n");
}
