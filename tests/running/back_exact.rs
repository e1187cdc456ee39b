//! What a server's dump does not say as it is, and tables that no transaction holds: `backup`, `restore` and `back`.

use crate::support::database::Database;
use crate::support::mariadb::MariaDb;
use crate::support::migration::{Migration, SPEC};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::waiting::{StopOnDrop, wait_until};
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// FLOATs of more than six digits with keys of numbers, text and two columns; columns and triggers that an UPDATE would set off.
const SOURCE: &str = "CREATE TABLE places (code VARCHAR(20) PRIMARY KEY, lat FLOAT NOT NULL, lon FLOAT, n INT,
        seen TIMESTAMP NOT NULL DEFAULT '2024-01-01 00:00:00' ON UPDATE CURRENT_TIMESTAMP) CHARACTER SET utf8mb4;
    INSERT INTO places (code, lat, lon, n) VALUES ('back\\\\slash''s', 52.520008, 13.404954, 1), ('two', 16777217, NULL, 2), ('three', 0.1, -1.2345678e-30, 3);
    CREATE TABLE outside (a INT, b INT, f FLOAT, exact FLOAT(12,7), PRIMARY KEY (a, b)) ENGINE = MyISAM;
    INSERT INTO outside VALUES (1, 1, 1234567, 52.520008), (1, 2, 3.1415927, 0);
    CREATE TABLE fired (what VARCHAR(9)); CREATE TRIGGER fire AFTER UPDATE ON places FOR EACH ROW INSERT INTO fired VALUES ('fired');
    CREATE TABLE logs (id INT PRIMARY KEY, what VARCHAR(20)) ENGINE = MyISAM; INSERT INTO logs VALUES (1, 'one'), (2, 'two')";

const EXACT: &str = "SELECT code, lat + 0e0, lon + 0e0, n, if(n IN (2, 20), '', seen) FROM places ORDER BY code; SELECT a, b, f + 0e0, exact FROM outside ORDER BY a, b;
    SELECT count(*) FROM fired; SELECT * FROM logs ORDER BY id";

/// A table whose CHECKs refuse its rows while they have six digits.
const WITHIN: &str =
    "CREATE TABLE within (id INT PRIMARY KEY, low FLOAT, high FLOAT, CHECK (low <= high), CHECK (high > 1));
    INSERT INTO within VALUES (1, 1.0000001, 1.0000001)";

/// Rows that nothing tells apart but their FLOATs, or that meet in a key while these have six digits, with values of every kind.
const UNKEYED: &str = "CREATE TABLE unkeyed (f FLOAT, t TEXT, b VARBINARY(9), bits BIT(5), many BIT(64), j JSON, e ENUM('a', '1'), s SET('x', 'y'),
        y YEAR, d DECIMAL(30, 8), big BIGINT UNSIGNED, at TIMESTAMP(3) NULL, day DATE, lasts TIME(6), g GEOMETRY, u UUID, ip INET6,
        l VARCHAR(9) CHARACTER SET latin1, r DOUBLE, up VARCHAR(9) AS (upper(e)) STORED) CHARACTER SET utf8mb4;
    INSERT INTO unkeyed (f, t, b, bits, many, j, e, s, y, d, big, at, day, lasts, g, u, ip, l, r) VALUES
        (52.520008, 'it''s \\\\ \\n\\r\\t\\0\\Z \\\"😀', x'00ff27', b'10101', ~0, '{\"a\": [1, \"x\\\\ny\"]}', '1', 'x,y', 2024, 12345678901234567890.12345678,
         18446744073709551615, '2024-02-29 12:00:00.123', '1000-01-01', '-100:00:00.000001', ST_GeomFromText('POINT(1 2)', 4326),
         '123e4567-e89b-12d3-a456-426614174000', '2001:db8::1', 'é', 0.1), (NULL, '', '', 0, 0, NULL, NULL, '', 0, -1, 0, NULL, NULL, 0, NULL, NULL, NULL, '', -1e300);
    SET SESSION sql_mode = ''; INSERT INTO unkeyed (f, day, e) VALUES (1.0000001, '0000-00-00', 'none'), (1.0000002, '2024-00-00', 'a');
    CREATE TABLE apart (id INT PRIMARY KEY, f FLOAT UNIQUE, CHECK (f > 1)); INSERT INTO apart VALUES (1, 1.0000001), (2, 1.0000002);
    CREATE TABLE pinned (f FLOAT, code VARCHAR(9), PRIMARY KEY (f, code)); INSERT INTO pinned VALUES (1.0000001, 'x'), (1.0000002, 'x'), (0.5, 'y')";

const OF_UNKEYED: &str = "SELECT f + 0e0, hex(t), hex(b), bits + 0, many + 0, j, e, e + 0, s, y, d, big, at, day, lasts, hex(g), u, ip, hex(l), r, up
    FROM unkeyed ORDER BY f; SELECT id, f + 0e0 FROM apart ORDER BY id; SELECT f + 0e0, code FROM pinned ORDER BY f";

fn applied(server: &MysqlServer) -> (Migration, String) {
    let name = server.create_database();
    server.ask(&name, SOURCE);
    let spec = SPEC.replace(
        "sqlite:${CASE_SOURCE}\"",
        "${CASE_SOURCE}\"\nexclude = [\"outside\", \"fired\", \"kept\", \"within\", \"unkeyed\", \"apart\", \"pinned\"]",
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

/// Runs something while another session writes without a pause: it is given more than it has done, and does not wait for that.
fn writes_meanwhile(server: &MysqlServer, database: &str, run: impl FnOnce()) {
    server.ask(database, "CREATE TABLE busy (n INT) ENGINE = InnoDB");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let stopping = StopOnDrop(&stop);
        let writer = scope.spawn(|| {
            let mut client = server.client(database).stdin(Stdio::piped()).spawn().unwrap();
            let mut input = client.stdin.take().unwrap();
            while !stop.load(Ordering::Relaxed) {
                input.write_all(b"INSERT INTO busy VALUES (1);\n").unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(input);
            assert!(client.wait().unwrap().success());
        });
        wait_until("another writes", || server.ask(database, "SELECT count(*) FROM busy").trim() != "0");
        run();
        drop(stopping);
        writer.join().unwrap();
    });
    server.ask(database, "DROP TABLE busy");
}

/// The backups that are not whole.
fn partial(migration: &Migration) -> Vec<String> {
    let entries = std::fs::read_dir(migration.directory().join(".transship/backups/case")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("partial-")).collect()
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
    // Rows that a key takes for the same while they have six digits, or that nothing tells apart, are written by themselves.
    server.ask(&source, UNKEYED);
    let made = migration.run(&["backup", "--side", "source", "--verify", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&made["verified"][0]["equal"], &made["manifest"]["sides"][0]["remark"]),
        (&true.into(), &().into()),
        "{made:#}"
    );
    let unkeyed = server.create_database();
    migration.run(&["restore", "--to", &server.url(&unkeyed)]).exits(0);
    let expected = server.ask(&source, OF_UNKEYED);
    assert_eq!(server.ask(&unkeyed, OF_UNKEYED), expected);
    assert!(expected.contains("1.00000011920") && expected.contains("1.00000023841"), "{expected}");
    // While others write nobody can, and a dump that no server would take back is none.
    writes_meanwhile(&server, &source, || {
        let refused = migration.run(&["backup", "--side", "source"]).exits(1);
        let words = refused.output().split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("several rows of apart the same key (`f`)") && words.contains("Stop the writers"),
            "{refused}"
        );
    });
    assert!(partial(&migration).is_empty());
    server.ask(&source, "DROP TABLE unkeyed, apart, pinned");
    // Nor can the rows of a table with a history be written: it is said, and what differs is no basis.
    server.ask(&source, "CREATE TABLE kept (id INT PRIMARY KEY, f FLOAT) WITH SYSTEM VERSIONING; INSERT INTO kept VALUES (1, 52.520008)");
    let said = migration.run(&["backup", "--side", "source"]).exits(0);
    assert!(said.stdout.contains("1 values of kept.f have lost"), "{said}");
    let refused = migration.run(&["back", "--to", &server.url("lost")]).exits(3);
    let words = refused.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(words.contains("kept has other values") && words.contains("kept.f"), "{refused}");
    assert_eq!(server.ask("", "SHOW DATABASES LIKE 'lost'"), "");
    server.ask(&source, "DROP TABLE kept");
    // An expression over a column that the server computes cannot be read beside the table.
    server.ask(&source, "ALTER TABLE logs ADD loud VARCHAR(20) AS (upper(what)) STORED");
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
    // CHECKs hold again once the rows have their digits.
    server.ask(&source, WITHIN);
    migration.run(&["backup", "--side", "source"]).exits(0);
    let restored = server.create_database();
    migration.run(&["restore", "--to", &server.url(&restored)]).exits(0);
    let within = "SELECT low + 0e0, high + 0e0 FROM within; SELECT enforced FROM information_schema.table_constraints \
                  WHERE constraint_schema = database() AND constraint_type = 'CHECK'";
    assert_eq!(server.ask(&restored, within), server.ask(&source, within));
    // MariaDB's program writes values for columns that MySQL computes, and MySQL refuses them.
    server.ask(&source, "ALTER TABLE logs ADD loud VARCHAR(20) AS (upper(what)) STORED");
    let program = std::process::Command::new("mysqldump").arg("--version").output().unwrap();
    let is_mariadb = String::from_utf8_lossy(&program.stdout).contains("MariaDB");
    let made = migration.run(&["backup", "--side", "source"]).exits(if is_mariadb { 1 } else { 0 });
    assert!(!is_mariadb || made.stderr.contains("logs.loud"), "{made}");
}
