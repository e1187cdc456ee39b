//! What MySQL's rows mean and PostgreSQL would make otherwise: found by `plan`, settled by the line that it suggests, and
//! compared by the plain clients.

use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

/// MariaDB, and MySQL where there is one.
fn servers() -> Vec<&'static MysqlServer> {
    let mariadb: &MysqlServer = mariadb();
    std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql })).collect()
}

/// The findings of `plan` with this code.
fn found(migration: &Migration, words: &[&str], exits: i32, code: &str) -> Vec<Value> {
    let words = [&["plan", "--format", "json"], words].concat();
    let plan = migration.run(&words).exits(exits).json_by_place();
    plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code).cloned().collect()
}

/// Pastes the lines that settle these findings.
fn settle(migration: &Migration, findings: &[Value]) {
    let mut spec = SPEC.to_owned();
    // The places of one finding have its lines in common.
    let lines = findings.iter().map(|finding| finding["suggestion"].as_str().unwrap()).collect::<BTreeSet<_>>();
    lines.iter().for_each(|lines| writeln!(spec, "{lines}").unwrap());
    migration.write_spec(&spec);
}

const INVOICES: &str = "SET sql_mode = '';
CREATE TABLE invoices (
    id INT PRIMARY KEY, number INT(6) UNSIGNED ZEROFILL, y YEAR, flags BIT(8),
    code VARCHAR(20) AS (concat('INV-', number)) STORED, of_year VARCHAR(9) AS (concat(y, '/')) STORED,
    CHECK (char_length(concat(number, '')) = 6), CHECK (char_length(concat(flags, '')) = 1), CHECK (y >= 20 OR y = 0)
);
INSERT INTO invoices (id, number, y, flags) VALUES (1, 42, 2020, b'11'), (2, 7, 0, b'1');
CREATE VIEW young AS SELECT id, y > 70 AS is_young FROM invoices;
";

#[test]
fn a_number_with_a_text_of_its_own_is_in_no_translated_expression() {
    for server in servers() {
        let migration = Migration::from_mariadb(server, INVOICES, SPEC);
        migration.apply().exits(0);
        migration.verify().exits(0);
        let codes = migration.database.ask("SELECT code, of_year FROM app.invoices ORDER BY id");
        assert_eq!(codes, [["INV-000042", "2020/"], ["INV-000007", "0000/"]]);
        let checks = "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid = 'app.invoices'::regclass";
        assert_eq!(migration.database.value(checks), "0");
        assert_eq!(migration.database.value("SELECT count(*) FROM pg_views WHERE schemaname = 'app'"), "0");
    }
}

const CUT: &str = "SET sql_mode = '';
CREATE TABLE cut (
    id INT PRIMARY KEY, c VARCHAR(5), v VARCHAR(5), p DECIMAL(10, 4), code VARCHAR(3) AS (concat(c, v)) STORED,
    n TINYINT AS (id * 100) STORED, kept VARCHAR(20) AS (concat(v, '!')) STORED, rounded DECIMAL(6, 2) AS (p * 2) STORED
);
INSERT IGNORE INTO cut (id, c, v, p) VALUES (1, 'a', 'b', 1.0049), (2, 'abc', 'defg', -0.0025), (3, NULL, NULL, NULL);
";

#[test]
fn a_generated_value_that_was_cut_blocks_until_the_values_are_copied() {
    for server in servers() {
        let migration = Migration::from_mariadb(server, CUT, SPEC);
        let findings = found(&migration, &[], 3, "generated_value_differs");
        let told = |finding: &Value| (finding["column"].clone(), finding["count"].clone(), finding["examples"].clone());
        let told = findings.iter().map(told).collect::<Vec<_>>();
        let expected = [("code", 1, vec!["id=2"]), ("n", 2, vec!["id=2", "id=3"])];
        assert_eq!(told, expected.map(|(column, count, rows)| (column.into(), count.into(), rows.into())));
        // If the values are not read, each such column is named.
        let unknown = found(&migration, &["--no-profile"], 0, "not_inspected");
        assert_eq!(unknown.iter().filter(|finding| finding["column"] != Value::Null).count(), 4, "{unknown:?}");
        let file = migration.directory().join("inspect.json").display().to_string();
        migration.run(&["inspect", "--out", &file]).exits(0);
        assert_eq!(found(&migration, &["--source", &file], 3, "generated_value_differs"), findings);
        settle(&migration, &findings);
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows = migration.database.ask("SELECT code, n::text, kept, rounded::text FROM app.cut ORDER BY id");
        assert_eq!(rows[..2], [["ab", "100", "b!", "2.01"], ["abc", "127", "defg!", "-0.01"]]);
    }
}

/// A text of `length` characters of four bytes that no compression shortens.
fn noise(length: u64) -> String {
    let mut state = 7_u64;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_u32(0x2_0000 + u32::try_from(state >> 33).unwrap() % 0xA000).unwrap()
    };
    (0..length).map(letter).collect()
}

#[test]
fn a_prefix_that_is_too_long_for_a_key_is_found() {
    for server in servers() {
        let text = noise(760);
        let source = format!(
            "SET NAMES utf8mb4; CREATE TABLE by_text (id INT PRIMARY KEY, t TEXT, w VARCHAR(2000), s TEXT,
                UNIQUE KEY by_t (t(760)), KEY by_w (w(760)), KEY by_s (s(20))) CHARSET utf8mb4;
             INSERT INTO by_text VALUES (1, '{text}', '{text}', '{text}'), (2, 'b', 'b', 'b');
             CREATE TABLE by_key (t VARCHAR(760) PRIMARY KEY) CHARSET utf8mb4; INSERT INTO by_key VALUES ('{text}')"
        );
        let migration = Migration::from_mariadb(server, &source, SPEC);
        let findings = found(&migration, &[], 3, "key_too_long");
        let about = |name: &str| {
            let is_it = |finding: &&Value| finding["message"].as_str().unwrap().contains(name);
            findings.iter().filter(is_it).count()
        };
        assert_eq!((about("index by_t"), about("index by_w"), about("by_s"), about("primary key")), (1, 1, 0, 1));
        // A key that fills a page names no row.
        let shown = findings.iter().flat_map(|finding| finding["examples"].as_array().unwrap());
        assert!(shown.into_iter().all(|row| row.as_str().unwrap().chars().count() < 250), "{findings:?}");
        let of_indexes = findings.iter().filter(|finding| finding["table"] == "by_text").cloned().collect::<Vec<_>>();
        let lines = of_indexes.iter().map(|finding| finding["suggestion"].as_str().unwrap());
        let indexes = lines.flat_map(|lines| lines.lines().filter(|line| line.starts_with("indexes.")));
        let indexes = indexes.collect::<Vec<_>>().join("\n");
        migration.write_spec(&format!("{SPEC}[tables.by_text]\n{indexes}\n[tables.by_key]\nskip = true\n"));
        migration.apply().exits(0);
        migration.verify().exits(0);
    }
}

const VERSIONS: &str = "CREATE TABLE versions (id INT PRIMARY KEY, note VARCHAR(20)) WITH SYSTEM VERSIONING;
INSERT INTO versions VALUES (1, 'one'), (2, 'gone');
UPDATE versions SET note = 'two' WHERE id = 1;
DELETE FROM versions WHERE id = 2;
";

#[test]
fn a_history_stays_behind_only_if_the_spec_says_so() {
    let server = mariadb();
    let migration = Migration::from_mariadb(server, VERSIONS, SPEC);
    let findings = found(&migration, &[], 3, "history_left_behind");
    assert_eq!((findings.len(), &findings[0]["severity"]), (1, &Value::from("blocks")));
    // Rows whose only copy stays behind are for people to decide.
    let database = server.create_database();
    server.ask(&database, VERSIONS);
    let begun = migration.init(&[&server.url(&database), "-o", "begun.toml"]);
    assert!(begun.code == Some(3) && begun.stderr.contains("still open: versions"), "{begun}");
    settle(&migration, &findings);
    let settled = found(&migration, &[], 0, "history_left_behind");
    assert_eq!(settled[0]["severity"], "notes");
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.ask("SELECT id::text, note FROM app.versions"), [["1", "two"]]);
    migration.write_spec(&format!("{SPEC}[tables.versions]\nhistory = \"keep\"\n"));
    migration.plan().exits(2);
}

const ZERO_DATES: &str = "SET sql_mode = '';
CREATE TABLE zero (id INT PRIMARY KEY, z DATE NOT NULL DEFAULT '0000-00-00', CONSTRAINT of_zero CHECK (z < '2100-01-01'));
INSERT INTO zero VALUES (1, '0000-00-00'), (2, '2020-01-01');
CREATE TABLE partial (id INT PRIMARY KEY, t DATETIME, CONSTRAINT of_partial CHECK (t < '2100-01-01'));
INSERT INTO partial VALUES (1, '2020-01-00 10:00:00');
CREATE TABLE later (id INT PRIMARY KEY, d DATE NOT NULL DEFAULT '0000-00-00', said DATE,
    CONSTRAINT of_default CHECK (d < '2100-01-01'), CONSTRAINT of_said CHECK (said < '2100-01-01'));
INSERT INTO later VALUES (1, '2020-01-01', '2020-01-01');
CREATE TABLE b (id INT PRIMARY KEY, d DATE NOT NULL, dt DATETIME, y INT AS (year(d)) STORED, CONSTRAINT since CHECK (d > '2000-01-01'));
INSERT INTO b (id, d, dt) VALUES (1, '2021-01-01', '2021-01-01 10:00:00');
CREATE TABLE rowless (id INT PRIMARY KEY, d DATE, CONSTRAINT none_before CHECK (d > '2000-01-01'));
CREATE VIEW bv AS SELECT id, year(d) AS y FROM b WHERE d >= '2020-01-01';
CREATE VIEW bw AS SELECT d, count(*) AS n, max(dt) AS m FROM b GROUP BY d;
CREATE VIEW zv AS SELECT id FROM zero WHERE z > '2000-01-01';
";

#[test]
fn a_zero_date_leaves_behind_what_is_about_its_own_column_alone() {
    let spec = SPEC.replace("[target]", "zero_dates = \"-infinity\"\n[target]")
        + "[tables.later.columns.said]\nzero_dates = \"null\"\n";
    for server in servers() {
        let migration = Migration::from_mariadb(server, ZERO_DATES, &spec);
        let file = migration.directory().join("facts.json").display().to_string();
        migration.run(&["inspect", "--out", &file]).exits(0);
        // The file says as much as the source.
        for words in [&[][..], &["--source", &*file]] {
            let plan = migration.run(&[&["plan", "--format", "json"], words].concat()).exits(0).json();
            let omitted = |kind: &str| {
                let omitted = plan["omitted"].as_array().unwrap().iter().filter(|one| one["kind"] == kind);
                let mut names = omitted.map(|one| one["name"].as_str().unwrap()).collect::<Vec<_>>();
                names.sort_unstable();
                names
            };
            let expected = ["later.of_default", "later.of_said", "partial.of_partial", "zero.of_zero"];
            assert_eq!(omitted("check"), expected, "{words:?}");
            assert_eq!((omitted("generated"), omitted("view")), (vec![], vec!["zv"]), "{words:?}");
            let reason = plan["omitted"].as_array().unwrap().iter().find(|one| one["name"] == "zero.of_zero");
            let reason = reason.unwrap()["reason"].as_str().unwrap();
            assert!(reason.contains("`zero_dates` changes them"), "{reason}");
        }
        migration.apply().exits(0);
        migration.verify().exits(0);
        let target = &migration.database;
        assert_eq!(target.ask("SELECT y FROM app.bv UNION ALL SELECT n FROM app.bw"), [["2021"], ["1"]]);
        let carried = "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE contype = 'c' \
                       AND connamespace = 'app'::regnamespace";
        assert_eq!(target.value(carried), "none_before since");
        assert_eq!(
            target.value("SELECT attgenerated FROM pg_attribute WHERE attrelid = 'app.b'::regclass AND attname = 'y'"),
            "s"
        );
    }
}

const INVISIBLE: &str = "
CREATE TABLE hiding (
    id INT PRIMARY KEY, hidden INT DEFAULT 3 INVISIBLE, a VARCHAR(20),
    changed DATETIME DEFAULT '2020-01-01' ON UPDATE CURRENT_TIMESTAMP INVISIBLE, gone INT INVISIBLE
);
INSERT INTO hiding VALUES (1, 'x');
";

#[test]
fn a_column_that_becomes_visible_is_said() {
    for server in servers() {
        let migration = Migration::from_mariadb(
            server,
            INVISIBLE,
            &(SPEC.to_owned() + "[tables.hiding.columns.gone]\nskip = true\n"),
        );
        let findings = found(&migration, &[], 0, "column_visible");
        let columns = findings.iter().map(|finding| finding["column"].as_str().unwrap()).collect::<Vec<_>>();
        assert_eq!(columns, ["changed", "hidden"], "{findings:?}");
        migration.apply().exits(0);
        migration.verify().exits(0);
        let target = &migration.database;
        assert_eq!(target.ask("SELECT * FROM app.hiding"), [["1", "3", "x", "2020-01-01 00:00:00"]]);
        target.ask("UPDATE app.hiding SET a = 'y'");
        assert_eq!(target.value("SELECT changed > '2025-01-01' FROM app.hiding"), "t");
    }
}

#[test]
fn a_check_that_is_not_enforced_is_listed_and_not_made() {
    let Some(server) = mysql() else { return };
    let source = "CREATE TABLE c (id INT PRIMARY KEY, n INT, CONSTRAINT idle CHECK (n > 0) NOT ENFORCED, \
                  CONSTRAINT held CHECK (n < 100)); INSERT INTO c VALUES (1, -5);";
    let migration = Migration::from_mariadb(server, source, SPEC);
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let omitted = plan["omitted"].as_array().unwrap().iter().filter(|one| one["kind"] == "check");
    let omitted = omitted.map(|one| (one["name"].as_str().unwrap(), one["reason"].as_str().unwrap()));
    assert_eq!(omitted.collect::<Vec<_>>(), [("c.idle", "the source does not enforce it (NOT ENFORCED)")]);
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(
        migration
            .database
            .value("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'app.c'::regclass"),
        "held"
    );
}

#[test]
fn a_name_that_is_shortened_is_said_until_the_spec_has_another() {
    let (table, column) = ("t".repeat(64), "ü".repeat(37));
    let source = format!(
        "CREATE TABLE {table} (id INT PRIMARY KEY, {column} INT); CREATE VIEW v{} AS SELECT id FROM {table}",
        "w".repeat(63)
    );
    let migration = Migration::from_mariadb(mariadb(), &source, SPEC);
    let findings = found(&migration, &[], 0, "name_shortened");
    let told = findings.iter().map(|finding| finding["message"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().any(|told| told.contains("this one has 74: it is called ü")), "{told:?}");
    settle(&migration, &findings);
    assert_eq!(found(&migration, &[], 0, "name_shortened"), [Value::Null; 0]);
    migration.apply().exits(0);
    migration.verify().exits(0);
}

#[test]
fn the_time_of_a_default_is_cut_to_its_digits() {
    let source = "CREATE TABLE n (id INT PRIMARY KEY, one DATETIME(1) DEFAULT CURRENT_TIMESTAMP(1), two DATETIME(2) DEFAULT CURRENT_TIMESTAMP(2), \
                  three DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), five TIMESTAMP(5) NULL DEFAULT CURRENT_TIMESTAMP(5))";
    let migration = Migration::from_mariadb(mariadb(), source, SPEC);
    migration.apply().exits(0);
    let target = &migration.database;
    let defaults =
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'app.n'::regclass ORDER BY adnum";
    let cut = target.ask(defaults).into_iter().map(|row| {
        let at = row[0].replace("statement_timestamp()", "timestamptz '2024-01-01 00:00:59.999999+00'");
        target.value(&format!("SELECT to_char(({at})::timestamptz, 'SS.US')"))
    });
    assert_eq!(cut.collect::<Vec<_>>(), ["59.900000", "59.990000", "59.999000", "59.999990"]);
}

#[test]
fn keys_and_columns_that_postgresql_does_not_fill_say_why() {
    let source = "CREATE TABLE far (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY); INSERT INTO far VALUES (18446744073709551600);
        CREATE TABLE near (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY); INSERT INTO near VALUES (7);
        CREATE TABLE versions (id INT PRIMARY KEY, began TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
            ended TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (began, ended)) WITH SYSTEM VERSIONING;";
    let spec = SPEC.to_owned() + "[tables.versions]\nhistory = \"leave_behind\"\n";
    let migration = Migration::from_mariadb(mariadb(), source, &spec);
    let findings = found(&migration, &[], 0, "keys_not_generated");
    let lines = findings.iter().map(|finding| finding["suggestion"].as_str().unwrap().lines().last().unwrap());
    assert_eq!(lines.collect::<Vec<_>>(), ["type = \"numeric(20)\"", "type = \"bigint\""]);
    let findings = found(&migration, &[], 0, "generated_omitted");
    let told = findings.iter().map(|finding| finding["message"].as_str().unwrap()).collect::<Vec<_>>();
    assert!(told.len() == 2 && told.iter().all(|told| told.contains("when a version of the row")), "{told:?}");
}
