//! Values of MySQL that a server shows in another form than it holds them: bits, numbers with zeros in front, the text of a
//! value that an ENUM does not have. Judged by the plain clients of both sides.

use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

/// A migration from MariaDB, and one from MySQL where there is one.
fn migrations(source: &str, spec: &str) -> Vec<Migration> {
    let mariadb: &MysqlServer = mariadb();
    let servers = std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql }));
    servers.map(|server| Migration::from_mariadb(server, source, &format!("{SPEC}{spec}"))).collect()
}

/// Place, code and severity of each finding.
fn findings(plan: &Value) -> Vec<String> {
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let finding = |finding: &Value| {
        let [table, column] = ["table", "column"].map(|key| word(finding, key));
        format!("{table}.{column} {} {}", word(finding, "code"), word(finding, "severity"))
    };
    plan["findings"].as_array().unwrap().iter().map(finding).collect()
}

const BITS: &str = "CREATE TABLE flags (
    id INT PRIMARY KEY, v BIT(8) NOT NULL DEFAULT b'101', w BIT(8), wide BIT(64), one BIT(1), own BIT(8), c BIT(8), UNIQUE KEY (v)
);
INSERT INTO flags VALUES
    (1, 101, 100, 18446744073709551615, 1, 3, 101), (2, 11, 111, 1, 0, 0, 11), (3, 0, 101, 0, NULL, 255, 0), (4, 1, NULL, 4, 1, 1, 1);
";

#[test]
fn bits_become_bits_and_not_the_digits_of_their_number() {
    let columns = |c: &str| {
        let bits = "v = { type = \"varbit\" }\nw = { type = \"bit(8)\" }\nwide = { type = \"bit varying\" }\none = { type = \"bit\" }";
        format!("[tables.flags.columns]\n{bits}\nown = {{ type = \"varbit\", source_sql = \"bin(own)\" }}\n{c}")
    };
    for migration in migrations(BITS, &columns("c = { type = \"bit(3)\" }\n")) {
        let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
        let refused = plan["findings"].as_array().unwrap().iter().find(|finding| finding["severity"] == "blocks");
        let refused = refused.unwrap();
        assert_eq!((&refused["column"], &refused["count"]), (&"c".into(), &4.into()), "another length: {plan:#}");

        migration.write_spec(&format!("{SPEC}{}", columns("")));
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows = migration.database.ask("SELECT v, w, wide, one, own, c FROM app.flags ORDER BY id");
        let (full, none) = ("1".repeat(64), "0".repeat(61));
        assert_eq!(rows[0], ["01100101", "01100100", &full, "1", "11", "101"]);
        assert_eq!(rows[1], ["00001011", "01101111", &format!("{none}001"), "0", "0", "11"]);
        assert_eq!(rows[2], ["00000000", "01100101", &format!("{none}000"), "NULL", "11111111", "0"]);
        assert_eq!(rows[3], ["00000001", "NULL", &format!("{none}100"), "1", "1", "1"]);
        let added = "INSERT INTO app.flags (id) VALUES (9) RETURNING v";
        assert_eq!(migration.database.value(added), "00000101");
    }
    for migration in migrations(BITS, "tables = \"existing\"\n") {
        migration.database.ask(
            "CREATE SCHEMA app; CREATE TABLE app.flags (id int PRIMARY KEY, v bit(8) NOT NULL UNIQUE, w varbit(8), wide bit(64),
                one bit(1), own varbit, c bigint)",
        );
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows = migration.database.ask("SELECT v, w, one, own, c FROM app.flags ORDER BY id");
        assert_eq!(rows[0], ["01100101", "01100100", "1", "00000011", "101"]);
    }
}

const PADDED: &str = "CREATE TABLE prices (
    id INT PRIMARY KEY, d DECIMAL(8,2) ZEROFILL NOT NULL DEFAULT 7.5, e DECIMAL(5,0) ZEROFILL, f DECIMAL(3,3) ZEROFILL,
    i INT(5) ZEROFILL, s DECIMAL(6,1) ZEROFILL, KEY (d)
);
INSERT INTO prices VALUES (1, 99999.99, 42, 0.5, 7, 12.5), (2, 1, 0, 0, 0, 0.5), (3, 0, NULL, NULL, NULL, NULL);
CREATE TABLE keyed (d DECIMAL(8,2) ZEROFILL PRIMARY KEY);
INSERT INTO keyed VALUES (0), (0.05), (1), (20.5), (300000);
";

#[test]
fn the_zeros_that_a_server_shows_are_no_part_of_a_number() {
    let as_shown = "[tables.prices.columns]\ns = { type = \"text\", source_sql = \"concat(s)\" }\n";
    for migration in migrations(PADDED, as_shown) {
        let plan = migration.run(&["plan", "--format", "json"]).exits(0).json_by_place();
        let told = findings(&plan);
        let noted = ["keyed.d", "prices.d", "prices.e", "prices.f", "prices.i"];
        let mut found = told.iter().filter(|words| words.contains("zeros_not_shown")).cloned().collect::<Vec<_>>();
        found.sort_unstable();
        assert_eq!(found, noted.map(|place| format!("{place} zeros_not_shown notes")), "{told:?}");
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows = migration.database.ask("SELECT d, e, f, i, s FROM app.prices ORDER BY id");
        assert_eq!(rows[0], ["99999.99", "42", "0.500", "7", "00012.5"]);
        assert_eq!(rows[1], ["1.00", "0", "0.000", "0", "00000.5"]);
        let types = "SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = 'app.prices'::regclass AND attnum > 0";
        assert_eq!(migration.database.value(types), "integer numeric(8,2) numeric(5,0) numeric(3,3) bigint text");
        let keys = migration.database.ask("SELECT d FROM app.keyed ORDER BY d");
        assert_eq!(keys, [["0.00"], ["0.05"], ["1.00"], ["20.50"], ["300000.00"]]);
        assert_eq!(migration.database.value("INSERT INTO app.prices (id) VALUES (9) RETURNING d"), "7.50");
    }
}

const EMPTY_LABEL: &str = "SET sql_mode = '';
CREATE TABLE one (id INT PRIMARY KEY, e ENUM('a', '') NOT NULL, UNIQUE KEY k (e));
INSERT INTO one VALUES (1, 'a'), (2, '');
INSERT IGNORE INTO one VALUES (3, 'zzz');
CREATE TABLE two (e ENUM('', 'b'), n INT, PRIMARY KEY (n, e));
INSERT INTO two VALUES ('', 1), ('b', 1), ('', 2);
INSERT IGNORE INTO two VALUES ('zzz', 2);
CREATE TABLE apart (id INT PRIMARY KEY, e ENUM('a', '') NOT NULL, UNIQUE KEY k (e));
INSERT INTO apart VALUES (1, 'a'), (2, '');
";

#[test]
fn the_empty_label_and_the_error_value_share_a_key() {
    for migration in migrations(EMPTY_LABEL, "") {
        let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
        let mut blocking = findings(&plan);
        blocking.retain(|words| words.ends_with("blocks"));
        assert_eq!(blocking, ["one.e duplicate_key blocks", "two. duplicate_key blocks"]);
        let lines = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
        let lines = lines.map(|finding| finding["suggestion"].as_str().unwrap()).collect::<Vec<_>>();
        migration.write_spec(&format!("{SPEC}{}", lines.join("\n")));
        migration.apply().exits(0);
        migration.verify().exits(0);
        let kept =
            "SELECT (SELECT count(*) FROM app.one), (SELECT count(*) FROM app.two), (SELECT count(*) FROM pg_indexes
             WHERE schemaname = 'app' AND tablename = 'apart' AND indexdef LIKE '%UNIQUE%(e)%')";
        assert_eq!(migration.database.ask(kept), [["3", "4", "1"]]);
    }
}
