//! What a server's dump does not say as it is, and tables that no transaction holds: `backup`, `restore` and `back`.

use crate::support::database::Database;
use crate::support::mariadb::MariaDb;
use crate::support::migration::{Migration, SPEC};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

/// FLOATs of more than six digits with keys of numbers, text and two columns; columns and triggers that an UPDATE would set off.
const SOURCE: &str = "CREATE TABLE places (code VARCHAR(20) PRIMARY KEY, lat FLOAT NOT NULL, lon FLOAT, n INT,
        seen TIMESTAMP NOT NULL DEFAULT '2024-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP) CHARACTER SET utf8mb4;
    INSERT INTO places (code, lat, lon, n) VALUES ('back\\\\slash''s', 52.520008, 13.404954, 1), ('two', 16777217, NULL, 2), ('three', 0.1, -1.2345678e-30, 3);
    CREATE TABLE outside (a INT, b INT, f FLOAT, exact FLOAT(12,7), PRIMARY KEY (a, b)) ENGINE = MyISAM;
    INSERT INTO outside VALUES (1, 1, 1234567, 52.520008), (1, 2, 3.1415927, 0);
    CREATE TABLE fired (what VARCHAR(9)); CREATE TRIGGER fire AFTER UPDATE ON places FOR EACH ROW INSERT INTO fired VALUES ('fired');
    CREATE TABLE logs (id INT PRIMARY KEY, what VARCHAR(20)) ENGINE = MyISAM; INSERT INTO logs VALUES (1, 'one'), (2, 'two');
    CREATE TABLE loose (f FLOAT); INSERT INTO loose VALUES (0.5)";

const EXACT: &str = "SELECT code, lat + 0e0, lon + 0e0, n, if(n IN (2, 20), '', seen) FROM places ORDER BY code; SELECT a, b, f + 0e0, exact FROM outside ORDER BY a, b;
    SELECT count(*) FROM fired; SELECT * FROM logs ORDER BY id";

/// A table whose CHECKs refuse its rows while they have six digits.
const WITHIN: &str =
    "CREATE TABLE within (id INT PRIMARY KEY, low FLOAT, high FLOAT, CHECK (low <= high), CHECK (high > 1));
    INSERT INTO within VALUES (1, 1.0000001, 1.0000001)";

fn applied(server: &MysqlServer) -> (Migration, String) {
    let name = server.create_database();
    server.ask(&name, SOURCE);
    let spec = SPEC.replace(
        "sqlite:${CASE_SOURCE}\"",
        "${CASE_SOURCE}\"\nexclude = [\"outside\", \"fired\", \"loose\", \"within\"]",
    );
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    migration.apply().exits(0);
    (migration, name)
}

/// Rows go back into both kinds of tables, and those that stayed keep all their digits.
fn goes_back(server: &MysqlServer, migration: &Migration, source: &str) {
    let new = format!("{source}_Back");
    migration.database.ask("UPDATE app.places SET n = 20 WHERE code = 'two'; DELETE FROM app.logs WHERE id = 2; INSERT INTO app.logs VALUES (3, 'new')");
    let made = migration.run(&["back", "--to", &server.url(&new)]);
    made.exits(0);
    let expected = server.ask(source, EXACT).replace("\t2\t\n", "\t20\t\n").replace("2\ttwo", "3\tnew");
    assert_eq!(server.ask(&new, EXACT), expected);
    assert!(
        expected.contains("52.52000808715") && expected.contains("16777216") && expected.contains("1234567"),
        "{expected}"
    );
    server.ask("", &format!("DROP DATABASE {new}"));
}

/// The server keeps the names of databases in small letters, as many do: a lock by name is found all the same.
#[test]
fn all_digits_of_a_float_come_back() {
    let server = MariaDb::start(&["--lower-case-table-names=1"]);
    let (migration, source) = applied(&server);
    server.ask(&source, WITHIN);
    // Its text has the line behind which a dump has the rows of a table that comes later.
    let strange = "CREATE TRIGGER strange BEFORE INSERT ON fired FOR EACH ROW SET @x = '\n/*!40000 ALTER TABLE `within` ENABLE KEYS */;\n'";
    server.ask(&source, strange);
    let made = migration.run(&["backup", "--side", "source", "--verify", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&made["verified"][0]["equal"], &made["manifest"]["sides"][0]["remark"]),
        (&true.into(), &().into()),
        "{made:#}"
    );
    let restored = server.create_database();
    let said = migration.run(&["restore", "--to", &server.url(&restored)]).exits(0);
    assert!(said.stdout.contains("Equal:"), "{said}");
    assert_eq!(server.ask(&restored, EXACT), server.ask(&source, EXACT));
    let within = "SELECT low + 0e0, high + 0e0 FROM within; SELECT action_statement FROM information_schema.triggers \
                  WHERE trigger_schema = database() ORDER BY 1";
    assert_eq!(server.ask(&restored, within), server.ask(&source, within));
    // A dump is no file of SQLite.
    let file = migration.directory().join("old.db");
    let refused = migration.run(&["restore", "--to", file.to_str().unwrap()]).exits(2);
    assert!(refused.stderr.contains("of another kind") && !file.exists(), "{refused}");
    goes_back(&server, &migration, &source);
    // Rows that a key takes for the same while they have six digits: it is said, and `--verify` finds it.
    server.ask(&source, "CREATE TABLE apart (id INT PRIMARY KEY, f FLOAT UNIQUE); INSERT INTO apart VALUES (1, 1.0000001), (2, 1.0000002)");
    let said = migration.run(&["backup", "--side", "source"]).exits(0);
    assert!(said.stdout.contains("apart.f: `--verify`"), "{said}");
    migration.run(&["backup", "--side", "source", "--verify"]).exits(1);
    server.ask(&source, "DROP TABLE apart");
    // Nothing tells these rows apart: it is said, and what differs is no basis.
    server.ask(&source, "INSERT INTO loose VALUES (52.520008)");
    let said = migration.run(&["backup", "--side", "source"]).exits(0);
    assert!(said.stdout.contains("1 values of loose.f have lost"), "{said}");
    let refused = migration.run(&["back", "--to", &server.url("lost")]).exits(3);
    let words = refused.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(words.contains("loose has other values") && words.contains("loose.f"), "{refused}");
    assert_eq!(server.ask("", "SHOW DATABASES LIKE 'lost'"), "");
    // An expression over a column that the server computes cannot be read beside the table.
    server.ask(&source, "DELETE FROM loose WHERE f > 1; ALTER TABLE logs ADD loud VARCHAR(20) AS (upper(what)) STORED");
    migration.database.ask("DROP SCHEMA app CASCADE; DROP SCHEMA transship CASCADE");
    let spec = std::fs::read_to_string(migration.directory().join("spec.toml")).unwrap();
    migration.write_spec(&format!("{spec}[tables.logs]\ncolumns.what.source_sql = \"coalesce(loud, what)\"\n"));
    migration.apply().exits(0);
    let refused = migration.run(&["back", "--to", &server.url("computed"), "--format", "json"]).exits(3);
    assert!(
        refused.stdout.contains("\"no_way_back\"") && refused.stdout.contains("Unknown column 'loud'"),
        "{refused}"
    );
}

/// The tests' server numbers its transactions (GTIDs), in which a table without transactions is refused after one with them.
#[test]
fn tables_without_transactions_are_written_first() {
    let Some(server) = mysql() else { return };
    let (migration, source) = applied(server);
    goes_back(server, &migration, &source);
    // The server has no way around its CHECKs: it is said.
    server.ask(&source, WITHIN);
    let said = migration.run(&["backup", "--side", "source"]).output();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("by a key or a CHECK over within.low, within.high"), "{said}");
    // MariaDB's program writes values for columns that MySQL computes, and MySQL refuses them.
    server.ask(&source, "ALTER TABLE logs ADD loud VARCHAR(20) AS (upper(what)) STORED");
    let program = std::process::Command::new("mysqldump").arg("--version").output().unwrap();
    let is_mariadb = String::from_utf8_lossy(&program.stdout).contains("MariaDB");
    let made = migration.run(&["backup", "--side", "source"]).exits(if is_mariadb { 1 } else { 0 });
    assert!(!is_mariadb || made.stderr.contains("logs.loud"), "{made}");
}
