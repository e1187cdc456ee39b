//! Partitions: the same rows in the same partitions on both sides, by the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\ntimezone = \"America/New_York\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n\
    [types]\nDATETIME = { type = \"timestamptz\", repeated_time = \"earlier\" }\n";

/// Every day of some years at two times, in tables that divide it in every way that has bounds.
const SOURCE: &str = "
CREATE TABLE days (n INT NOT NULL, day DATE NOT NULL, at DATETIME NOT NULL, stamp TIMESTAMP NOT NULL);
INSERT INTO days
    WITH RECURSIVE numbers AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 900)
    SELECT n, DATE '2023-01-01' + INTERVAL n DAY, TIMESTAMP '2023-01-01 23:59:59' + INTERVAL n DAY,
        TIMESTAMP '2023-01-01 00:00:00' + INTERVAL n DAY
    FROM numbers;
CREATE TABLE by_days LIKE days;
ALTER TABLE by_days PARTITION BY RANGE (to_days(day)) (
    PARTITION p0 VALUES LESS THAN (to_days('2024-02-29')), PARTITION p1 VALUES LESS THAN (to_days('2024-03-01')),
    PARTITION p2 VALUES LESS THAN MAXVALUE);
CREATE TABLE by_year LIKE days;
ALTER TABLE by_year PARTITION BY RANGE (year(at)) (
    PARTITION p0 VALUES LESS THAN (2024), PARTITION p1 VALUES LESS THAN (2025), PARTITION p2 VALUES LESS THAN (9999));
CREATE TABLE by_seconds LIKE days;
ALTER TABLE by_seconds PARTITION BY RANGE (to_seconds(at)) (
    PARTITION p0 VALUES LESS THAN (to_seconds('2024-03-10 23:59:59')), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE by_instant LIKE days;
ALTER TABLE by_instant PARTITION BY RANGE (unix_timestamp(stamp)) (
    PARTITION p0 VALUES LESS THAN (unix_timestamp('2024-03-11 00:00:00')), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE by_columns LIKE days;
ALTER TABLE by_columns PARTITION BY RANGE COLUMNS (day, n) (
    PARTITION p0 VALUES LESS THAN ('2024-01-01', 365), PARTITION p1 VALUES LESS THAN ('2024-01-01', 366),
    PARTITION p2 VALUES LESS THAN (MAXVALUE, 0));
CREATE TABLE by_number (n BIGINT UNSIGNED NOT NULL PRIMARY KEY) PARTITION BY RANGE (n) (
    PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (9223372036854775809),
    PARTITION p2 VALUES LESS THAN (18446744073709551615));
INSERT INTO by_number VALUES (1), (9), (10), (9223372036854775808), (9223372036854775809), (18446744073709551614);
INSERT INTO by_days SELECT * FROM days; INSERT INTO by_year SELECT * FROM days; INSERT INTO by_seconds SELECT * FROM days;
INSERT INTO by_instant SELECT * FROM days; INSERT INTO by_columns SELECT * FROM days;
SET SESSION sql_mode = 'ANSI,STRICT_ALL_TABLES';
CREATE TABLE by_quotes (n INT NOT NULL, \"odd\"\"day\" DATE NOT NULL, PRIMARY KEY (n, \"odd\"\"day\")) PARTITION BY RANGE COLUMNS (\"odd\"\"day\", \"n\") (
    PARTITION p0 VALUES LESS THAN ('2024-01-01', 0), PARTITION p1 VALUES LESS THAN (MAXVALUE, 0));
CREATE TABLE by_list (n INT NOT NULL PRIMARY KEY) PARTITION BY LIST COLUMNS (\"n\") (
    PARTITION p0 VALUES IN (1, 3), PARTITION p1 VALUES IN (2));
CREATE TABLE by_key (n INT NOT NULL PRIMARY KEY) PARTITION BY KEY (\"n\") PARTITIONS 2;
INSERT INTO by_quotes SELECT n, day FROM days; INSERT INTO by_list VALUES (1), (2), (3); INSERT INTO by_key VALUES (1), (2), (3);
";

const TABLES: [(&str, &[&str]); 8] = [
    ("by_days", &["p0", "p1", "p2"]),
    ("by_year", &["p0", "p1", "p2"]),
    ("by_seconds", &["p0", "p1"]),
    ("by_instant", &["p0", "p1"]),
    ("by_columns", &["p0", "p1", "p2"]),
    ("by_number", &["p0", "p1", "p2"]),
    ("by_quotes", &["p0", "p1"]),
    ("by_list", &["p0", "p1"]),
];

fn rows_stay_in_their_partitions(server: &MysqlServer) {
    let name = server.create_database();
    server.ask(&name, SOURCE);
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    migration.verify().exits(0);
    for (table, parts) in TABLES {
        for part in parts {
            let sum = "SELECT concat_ws(' ', count(*), coalesce(sum(n), 0), coalesce(min(n), -1)) FROM";
            let source = server.ask(&name, &format!("{sum} {table} PARTITION ({part})"));
            let target = migration.database.ask(&format!("{sum} app.{table}_{part}"));
            assert_eq!(source.trim(), target[0][0], "{table} {part}");
            assert!(!source.starts_with("0 "), "{table} {part} holds nothing");
        }
    }
    // Rows are dealt out in another way.
    let parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'app.by_key'::regclass";
    assert_eq!(migration.database.value(parts), "2");
}

#[test]
fn rows_stay_in_their_partitions_from_mariadb() {
    rows_stay_in_their_partitions(mariadb());
}

#[test]
fn rows_stay_in_their_partitions_from_mysql() {
    if let Some(server) = mysql() {
        rows_stay_in_their_partitions(server);
    }
}

/// A refresh replaces rows of partitions, leaves those of others alone, and a rollback takes partitions along that were
/// rewritten or detached meanwhile.
#[test]
fn partitions_are_refreshed_and_rolled_back_as_one_table() {
    let server = mariadb();
    let name = server.create_database();
    server.ask(
        &name,
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, note INT,
             changed DATETIME DEFAULT '2020-01-01' ON UPDATE CURRENT_TIMESTAMP)
             PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (3), PARTITION p1 VALUES LESS THAN MAXVALUE);
         INSERT INTO t (note) VALUES (1), (2), (3), (4)",
    );
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    server.ask(
        &name,
        "UPDATE t SET note = 9 WHERE id IN (2, 4); DELETE FROM t WHERE id = 1; INSERT INTO t (note) VALUES (5)",
    );
    migration.run(&["apply", "--refresh", "--yes"]).exits(0);
    migration.verify().exits(0);
    let rows = migration.database.ask("SELECT tableoid::regclass || ' ' || id || ' ' || note FROM app.t ORDER BY id");
    let rows = rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>();
    assert_eq!(rows, ["app.t_p0 2 9", "app.t_p1 3 3", "app.t_p1 4 9", "app.t_p1 5 5"]);

    migration.database.ask("INSERT INTO app.t_p1 (id, note) VALUES (77, 0)");
    server.ask(&name, "UPDATE t SET note = 10 WHERE id = 2");
    let refused = migration.run(&["apply", "--refresh", "--yes"]).exits(3);
    assert!(refused.stderr.contains("others have written 1 row since"), "{refused}");
    let refused = migration.run(&["rollback", "--yes"]).exits(3);
    assert!(refused.stderr.contains("1 row beside the 4 rows"), "{refused}");
    migration.database.ask("DELETE FROM app.t WHERE id = 77");

    migration.database.ask("ALTER TABLE app.t DETACH PARTITION app.t_p0");
    let found = migration.verify().exits(3);
    assert!(found.stdout.contains("table app.t_p0 is gone"), "{found}");
    migration.database.ask("ALTER TABLE app.t ATTACH PARTITION app.t_p0 FOR VALUES FROM (MINVALUE) TO (3)");
    migration.database.ask("REINDEX TABLE app.t_p1");
    let rolled_back = migration.run(&["rollback", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!(rolled_back["equal"], true, "{rolled_back}");
}
