//! Tables whose keys are of every odd type, on the ways beside a first copy: a run that dies, rows that change, come and go
//! before it goes on, values that cannot be converted, and tables of the application that hold some of the rows already.
//!
//! What arrived is judged by the plain clients of both sides.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, run};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Rows of each table at first.
const ROWS: u32 = 60;

const SPEC: &str = r#"spec = 1
name = "case"

[source]
url = "${CASE_SOURCE}"

[target]
url = "${CASE_TARGET}"
schema = "app"
comparison = "columns"
"#;

/// A table whose row `n` has a key made of `n`, and `n` itself in a column.
struct Table {
    name: &'static str,
    /// The key's column, or columns.
    columns: String,
    key: &'static str,
    /// The values of these columns, by `n`.
    values: &'static str,
    /// The key as text in the words of the source, and in those of the target.
    in_source: &'static str,
    in_target: &'static str,
}

fn tables() -> Vec<Table> {
    let table = |name, column: &str, values, in_source, in_target| Table {
        name,
        columns: format!("k {column} NOT NULL"),
        key: "k",
        values,
        in_source,
        in_target,
    };
    // Neither the order of the alphabet nor that of numbers.
    let labels = (0..80).map(|n| format!("'l{}'", n * 37 % 80)).collect::<Vec<_>>().join(", ");
    vec![
        table("by_decimal", "DECIMAL(40,3)", "1000000000000000000000000000000000001 + n * 0.001", "k", "k"),
        table("by_unsigned", "BIGINT UNSIGNED", "18446744073709551615 - n", "k", "k"),
        table("by_date", "DATE", "CAST('1999-12-20' AS DATE) + INTERVAL n DAY", "k", "k"),
        table(
            "by_moment",
            "DATETIME(6)",
            "CAST('2024-02-29 12:00:00' AS DATETIME(6)) + INTERVAL n MICROSECOND",
            "k",
            "to_char(k, 'YYYY-MM-DD HH24:MI:SS.US')",
        ),
        table(
            "by_instant",
            "TIMESTAMP(3)",
            "CAST('2024-02-29 12:00:00' AS DATETIME(3)) + INTERVAL n * 1000 MICROSECOND",
            "k",
            "to_char(k, 'YYYY-MM-DD HH24:MI:SS.MS')",
        ),
        // Beyond a day and below zero: an interval.
        table("by_time", "TIME", "sec_to_time(CAST(n AS SIGNED) * 4000 - 100000)", "time_to_sec(k)", "extract(epoch FROM k)::bigint"),
        table("by_enum", &format!("ENUM({labels})"), "n + 1", "k", "k"),
        table("by_bytes", "BINARY(16)", "unhex(left(sha2(n, 256), 32))", "hex(k)", "upper(encode(k, 'hex'))"),
        table("by_uuid", "BINARY(16)", "unhex(left(sha2(n, 256), 32))", "hex(k)", "upper(replace(k::text, '-', ''))"),
        table("by_varying", "VARBINARY(9)", "concat(x'00', char(n + 30), x'00')", "hex(k)", "upper(encode(k, 'hex'))"),
        table("by_float", "FLOAT", "n / 10 - 3", "k", "k"),
        table("by_double", "DOUBLE", "n / 4 - 3", "k", "k"),
        table("by_bits", "BIT(40)", "n * 1073741824 + 7", "k + 0", "k"),
        table("by_latin1", "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin", "concat('ä\\'\\\\', n, '€')", "hex(convert(k USING utf8mb4))", "upper(encode(convert_to(k, 'UTF8'), 'hex'))"),
        table("by_folded", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "concat('É%', n)", "k", "k"),
        table("by_digits", "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin", "concat('0', n, '.50')", "k", "k"),
        Table {
            name: "by_several",
            columns: "a DECIMAL(6,2) NOT NULL, b VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL, c DATETIME(3) NOT NULL"
                .to_owned(),
            key: "a, b, c",
            values: "floor(n / 30), concat('ü', n DIV 10), CAST('2024-02-29 12:00:00' AS DATETIME(3)) + INTERVAL n SECOND",
            in_source: "concat_ws(' ', a, b, c)",
            in_target: "concat_ws(' ', a, b, to_char(c, 'YYYY-MM-DD HH24:MI:SS.MS'))",
        },
    ]
}

impl Table {
    /// INSERT of the rows whose number meets a condition.
    fn insert(&self, condition: &str) -> String {
        let digit = (0..10).map(|digit| format!("SELECT {digit} AS d")).collect::<Vec<_>>().join(" UNION ALL ");
        format!(
            "INSERT INTO {} SELECT {}, n, n FROM (SELECT t.d * 10 + u.d AS n FROM ({digit}) AS t, ({digit}) AS u) AS numbers
             WHERE {condition} ORDER BY n;",
            self.name, self.values
        )
    }

    fn create(&self) -> String {
        let Table { name, columns, key, .. } = self;
        format!(
            "CREATE TABLE {name} ({columns}, n INT NOT NULL, small INT NOT NULL, PRIMARY KEY ({key})) ENGINE=InnoDB;\n{}",
            self.insert(&format!("n < {ROWS}"))
        )
    }

    /// Rows that are changed, deleted, added, and one that comes under another key.
    fn change(&self) -> String {
        let name = self.name;
        format!(
            "UPDATE {name} SET small = small + 1000 WHERE n IN (0, 17, 59); DELETE FROM {name} WHERE n IN (3, 25, 26);
             DELETE FROM {name} WHERE n = 40; {}",
            self.insert(&format!("n >= {ROWS} AND n < {ROWS} + 4"))
        )
    }

    /// Every row of the target in the words of psql, every row of the source in those of mysql.
    fn rows(&self, key: &str, schema: &str) -> String {
        format!("SELECT n, small, {key} FROM {schema}{} WHERE small <= 32767 ORDER BY n", self.name)
    }
}

/// Fails unless both plain clients see the same rows.
#[track_caller]
fn agree(server: &MysqlServer, source: &str, migration: &Migration, schema: &str, place: &str) {
    for table in tables() {
        let theirs = server.ask(source, &table.rows(table.in_source, ""));
        let rows = format!("SET timezone = 'UTC'; {}", table.rows(table.in_target, &format!("{schema}.")));
        let ours = migration.database.ask(&rows).iter().map(|row| row.join("\t") + "\n").collect::<String>();
        assert!(theirs.lines().count() > 50, "{place}: {theirs}");
        assert_eq!(ours, theirs, "{place}: {}", table.name);
    }
}

fn spec(more: &str) -> String {
    let mut spec = format!("{SPEC}{more}");
    for table in tables() {
        let _infallible = writeln!(
            spec,
            "[tables.{}]\ncolumns.small = {{ type = \"smallint\", on_bad_value = \"reject\" }}",
            table.name
        );
        if table.name == "by_uuid" {
            spec.push_str("columns.k = { type = \"uuid\", from = \"uuid\" }\n");
        }
    }
    spec
}

#[test]
fn keys_of_every_type_on_every_way_from_mariadb() {
    goes_every_way(mariadb());
}

#[test]
fn keys_of_every_type_on_every_way_from_mysql() {
    if let Some(server) = mysql() {
        goes_every_way(server);
    }
}

fn goes_every_way(server: &MysqlServer) {
    let source = server.create_database();
    server.ask(&source, &tables().iter().map(Table::create).collect::<String>());
    let mut migration = Migration::with_source(|_| {}, &spec(""), Database::create());
    migration.set("CASE_SOURCE", &server.url(&source));
    migration.set("TRANSSHIP_CHUNK_ROWS", "7");
    let refresh = ["apply", "--yes", "--refresh", "--jobs", "2"];

    // It dies half way, and the source changes before it goes on.
    let died =
        run(migration.command(&["apply", "--yes", "--jobs", "2"]).env("TRANSSHIP_FAILPOINT", "chunk_committed:40"));
    assert_eq!(died.code, None, "{died}");
    migration.database.wait_until_alone();
    server.ask(&source, &tables().iter().map(Table::change).collect::<String>());
    migration.run(&refresh).exits(0);
    agree(server, &source, &migration, "app", "after the kill");
    migration.verify().exits(0);

    // Rows of a finished copy change once more, one of each table into a value that does not fit.
    let change = |table: &Table| {
        let name = table.name;
        format!(
            "UPDATE {name} SET small = 70000 WHERE n = 11; DELETE FROM {name} WHERE n = 30; UPDATE {name} SET small = 5 WHERE n = 31;"
        )
    };
    server.ask(&source, &tables().iter().map(change).collect::<String>());
    migration.apply().exits(3);
    migration.run(&refresh).exits(0);
    agree(server, &source, &migration, "app", "after the refresh");
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    let rejected = migration.run(&["status", "--rejected", "--format", "json"]).exits(0).json();
    for table in verified["tables"].as_array().unwrap() {
        assert_eq!(table["rejected_rows"], 1, "{table}");
    }
    assert_eq!(rejected["rows"].as_array().unwrap().len(), tables().len(), "{rejected}");
    assert!(migration.run(&refresh).exits(0).stdout.contains("nothing to do"));

    // Tables of the application that keep rows of their own beside those that come.
    let case = spec("");
    let own = "existing_rows = \"keep\"\nwhere = \"n NOT IN (1, 2)\"\ncolumns.small";
    let kept = spec("tables = \"existing\"\n").replace("columns.small", own).replace("comparison = \"columns\"\n", "");
    migration.write_spec(&kept.replace("\"app\"", "\"kept\"").replace("\"case\"", "\"kept\""));
    let make = |Table { name, .. }: &Table| {
        format!(
            "CREATE TABLE kept.{name} (LIKE app.{name} INCLUDING ALL);
            INSERT INTO kept.{name} SELECT * FROM app.{name} WHERE n IN (1, 2);"
        )
    };
    migration.database.ask(&format!("CREATE SCHEMA kept; {}", tables().iter().map(make).collect::<String>()));
    migration.apply().exits(0);
    agree(server, &source, &migration, "kept", "beside rows of the application");
    let change = |Table { name, .. }: &Table| {
        format!("UPDATE {name} SET small = small + 7 WHERE n IN (13, 58); DELETE FROM {name} WHERE n = 14;")
    };
    server.ask(&source, &tables().iter().map(change).collect::<String>());
    migration.run(&refresh).exits(0);
    agree(server, &source, &migration, "kept", "refreshed beside rows of the application");
    migration.verify().exits(0);
    migration.write_spec(&case);
    migration.run(&refresh).exits(0);

    // Rows that somebody spoils in the target are named by the keys that the source has.
    for table in tables() {
        let name = table.name;
        migration
            .database
            .ask(&format!("UPDATE app.{name} SET small = -1 WHERE n = 12; DELETE FROM app.{name} WHERE n = 45"));
    }
    let verified = migration.run(&["verify", "--format", "json", "--examples", "5"]).exits(3).json();
    for table in tables() {
        let said = verified["tables"].as_array().unwrap().iter().find(|said| said["table"] == table.name).unwrap();
        assert_eq!((&said["missing"], &said["different"], &said["extra"]), (&1.into(), &1.into(), &0.into()), "{said}");
        let keys = said["examples"].as_array().unwrap().iter().map(|example| example["key"].to_string());
        assert_eq!(keys.collect::<BTreeSet<_>>().len(), 2, "{said}");
    }
    // By the key's own text, whatever it is made of.
    let keys = |table: &str| {
        let said = verified["tables"].as_array().unwrap().iter().find(|said| said["table"] == table).unwrap();
        let key = |example: &Value| example["key"].as_str().unwrap().to_owned();
        said["examples"].as_array().unwrap().iter().map(key).collect::<Vec<_>>()
    };
    for (table, named) in [
        ("by_decimal", ["k=1000000000000000000000000000000000001.012", "k=1000000000000000000000000000000000001.045"]),
        ("by_unsigned", ["k=18446744073709551570", "k=18446744073709551603"]),
        ("by_date", ["k=2000-01-01", "k=2000-02-03"]),
        ("by_moment", ["k=2024-02-29 12:00:00.000012", "k=2024-02-29 12:00:00.000045"]),
        ("by_enum", ["k=l44", "k=l65"]),
        ("by_varying", ["k=\\x002a00", "k=\\x004b00"]),
        ("by_float", ["k=-1.8", "k=1.5"]),
        ("by_bits", ["k=12884901895", "k=48318382087"]),
        ("by_latin1", ["k=ä'\\12€", "k=ä'\\45€"]),
        ("by_folded", ["k=É%12", "k=É%45"]),
        ("by_several", ["a=0.00, b=ü1, c=2024-02-29 12:00:12", "a=1.00, b=ü4, c=2024-02-29 12:00:45"]),
    ] {
        assert_eq!(keys(table), named);
    }
    let rejected = rejected["rows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap());
    let rejected = rejected.collect::<BTreeSet<_>>();
    for key in ["k=1000000000000000000000000000000000001.011", "k=18446744073709551604", "k=ä'\\11€", "k=11811160071"]
    {
        assert!(rejected.contains(key), "{rejected:?}");
    }
}
