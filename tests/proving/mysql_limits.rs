//! Values, counters and dates at the limits of PostgreSQL's types: they arrive as they are, or the plan says why not.
//! What arrived is judged by the plain clients of both sides.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

fn migration(server: &MysqlServer, source: &str, spec: &str) -> Migration {
    let name = server.create_database();
    server.ask(&name, source);
    let mut migration = Migration::with_source(|_| {}, &format!("{SPEC}{spec}"), Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration
}

/// Place and code of each finding that is more than a note, and its message with its suggestion.
fn findings(plan: &Value) -> Vec<(String, String)> {
    let found = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] != "notes");
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let finding = |finding: &Value| {
        let place = format!("{}.{} {}", word(finding, "table"), word(finding, "column"), word(finding, "code"));
        (place, format!("{}\n{}", word(finding, "message"), word(finding, "suggestion")))
    };
    found.map(finding).collect()
}

fn on_both(test: fn(&MysqlServer)) {
    test(mariadb());
    if let Some(server) = mysql() {
        test(server);
    }
}

#[test]
fn whole_numbers_that_no_double_is_are_refused_and_none_is_proposed() {
    on_both(|server| {
        let create = |name: &str, number: &str| {
            format!(
                "CREATE TABLE {name} (id INT PRIMARY KEY, v BIGINT UNSIGNED, w DECIMAL(40,0), f DECIMAL(30,20));
                 INSERT INTO {name} VALUES (1, {number}, {number}, 0.12345678901234560000);"
            )
        };
        let source = [
            create("exactly", "18446744073709549568"),
            create("nearly", "18446744073709551600"),
            "CREATE TABLE counted (id BIGINT UNSIGNED PRIMARY KEY); INSERT INTO counted VALUES (18446744073709551600);"
                .into(),
            "CREATE TABLE behind (f DECIMAL(30,20)); INSERT INTO behind VALUES (0.10000000000000001000);".into(),
        ];
        let double = "{ type = \"double precision\" }";
        let spec = format!(
            "[types]\nDECIMAL = {double}\n\"BIGINT UNSIGNED\" = {double}\n[tables.counted.columns]\nid = {{ type = \"bigint\" }}\n"
        );
        let migration = migration(server, &source.concat(), &spec);
        let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
        let found = findings(&plan);
        let mut places = found.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>();
        places.sort_unstable();
        let refused =
            ["behind.f", "counted.id", "nearly.v", "nearly.w"].map(|place| format!("{place} value_does_not_fit"));
        assert_eq!(places, refused, "{found:?}");
        assert!(found.iter().all(|(_, words)| !words.contains("type = \"double")), "{found:?}");

        migration.write_spec(
            &format!("{SPEC}{spec}[tables]\nbehind.columns.f = {{ type = \"numeric\" }}\nnearly.where = \"id = 0\"\n")
                .replace("\"bigint\"", "\"numeric(20)\""),
        );
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows = migration.database.ask("SELECT v = 18446744073709549568::float8, w::text, f FROM app.exactly");
        assert_eq!(rows, [["t", "1.844674407370955e+19", "0.1234567890123456"]]);
    });
}

#[test]
fn a_counter_that_postgresql_cannot_go_on_with_is_told() {
    on_both(|server| {
        let source =
            "CREATE TABLE beyond (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 18446744073709551610;
            INSERT INTO beyond VALUES (1);
            CREATE TABLE last_one (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 9223372036854775807;
            INSERT INTO last_one VALUES (1);
            CREATE TABLE grouped (a INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (a, n)) ENGINE = MyISAM;
            INSERT INTO grouped (a) VALUES (1), (1), (1), (2);
            CREATE TABLE through (a INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (a, n), KEY (n));
            INSERT INTO through (a) VALUES (1), (2);";
        let bigint = "columns.id.type = \"bigint\"\n";
        let migration = migration(server, source, &format!("[tables]\nbeyond.{bigint}last_one.{bigint}"));
        let plan = migration.run(&["plan", "--format", "json"]).exits(0).json_by_place();
        let found = findings(&plan);
        let words =
            |place: &str| found.iter().find(|found| found.0 == place).map(|found| found.1.as_str()).unwrap_or_default();
        assert!(words("beyond.id keys_used_up").contains("up to 9223372036854775807"), "{found:?}");
        assert!(words("grouped.n keys_counted_in_groups").contains("the rows of each a separately"), "{found:?}");
        let counters = found.iter().filter(|found| found.0.contains(" keys_")).count();
        assert_eq!(counters, 2, "{found:?}");

        migration.apply().exits(0);
        migration.verify().exits(0);
        // A number that the source has given is given to nobody else.
        let next = "SELECT last_value, is_called FROM app.beyond_id_seq";
        assert_eq!(migration.database.ask(next), [["9223372036854775807", "t"]]);
        migration.database.ask("INSERT INTO app.last_one DEFAULT VALUES; INSERT INTO app.grouped (a) VALUES (2)");
        assert_eq!(migration.database.value("SELECT max(id) FROM app.last_one"), "9223372036854775807");
        assert_eq!(migration.database.value("SELECT max(n) FROM app.grouped WHERE a = 2"), "4");
    });
}

#[test]
fn dates_of_the_year_zero_are_bounds_and_defaults() {
    on_both(|server| {
        let source = "SET sql_mode = 'STRICT_ALL_TABLES';
            CREATE TABLE days (id INT NOT NULL, d DATE NOT NULL DEFAULT '0000-05-06', at DATETIME DEFAULT '0000-02-03 04:05:06')
                PARTITION BY RANGE COLUMNS (d) (PARTITION p0 VALUES LESS THAN ('0000-03-01'),
                PARTITION p1 VALUES LESS THAN ('0001-01-01'), PARTITION p2 VALUES LESS THAN (MAXVALUE));
            INSERT INTO days VALUES (1, '0000-02-28', NULL), (2, '0000-03-01', '0000-12-31'), (3, '0001-01-01', NULL);
            INSERT INTO days (id) VALUES (4);";
        let migration = migration(server, source, "");
        migration.apply().exits(0);
        migration.verify().exits(0);
        migration.database.ask("INSERT INTO app.days (id) VALUES (5)");
        let rows = "SELECT tableoid::regclass, id, d, at FROM app.days ORDER BY id";
        let expected = [
            ["app.days_p0", "1", "0001-02-28 BC", "NULL"],
            ["app.days_p1", "2", "0001-03-01 BC", "0001-12-31 00:00:00 BC"],
            ["app.days_p2", "3", "0001-01-01", "NULL"],
            ["app.days_p1", "4", "0001-05-06 BC", "0001-02-03 04:05:06 BC"],
            ["app.days_p1", "5", "0001-05-06 BC", "0001-02-03 04:05:06 BC"],
        ];
        assert_eq!(migration.database.ask(rows), expected);
    });
}

/// What an INSERT without the columns makes of the defaults, on both sides.
#[test]
fn defaults_over_constants_give_the_same() {
    on_both(|server| {
        let source = "CREATE TABLE t (id INT PRIMARY KEY, a INT UNSIGNED NOT NULL DEFAULT (1 + 2 * 3), b VARCHAR(20) DEFAULT (concat('a', '-', 'b')),
                c DECIMAL(6,2) DEFAULT (1.25 * 3), d INT DEFAULT (2.5 * 3), y YEAR DEFAULT (20 + 4));
            INSERT INTO t (id) VALUES (1);";
        let migration = migration(server, source, "");
        migration.apply().exits(0);
        migration.verify().exits(0);
        migration.database.ask("INSERT INTO app.t (id) VALUES (2)");
        let rows = migration.database.ask("SELECT a, b, c, d, y FROM app.t ORDER BY id");
        assert_eq!(rows, [["7", "a-b", "3.75", "8", "2024"], ["7", "a-b", "3.75", "8", "NULL"]]);
    });
}
