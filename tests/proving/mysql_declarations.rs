//! Declarations of MySQL's tables that mean something else than the server's catalog shows: labels, defaults, numbers with zeros in
//! front, bits. Both sides are compared by the plain clients.

use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;
use std::fmt::Write as _;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

/// MariaDB, and MySQL where there is one, each with what it alone can be told.
fn servers() -> Vec<(&'static MysqlServer, bool)> {
    let mariadb: &MysqlServer = mariadb();
    std::iter::once((mariadb, false)).chain(mysql().map(|mysql| -> (&MysqlServer, bool) { (mysql, true) })).collect()
}

/// The lines that settle all findings with this code, of which there are so many.
fn settling(migration: &Migration, code: &str, count: usize) -> String {
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let findings = findings.collect::<Vec<&Value>>();
    assert_eq!(findings.len(), count, "{plan}");
    findings.iter().fold(String::new(), |mut lines, finding| {
        writeln!(lines, "{}", finding["suggestion"].as_str().unwrap()).unwrap();
        lines
    })
}

/// Labels of which no row has some, as bytes and as text: that is MySQL's alone.
const LABELS: &str = "
CREATE TABLE votes (
    id INT PRIMARY KEY, kind ENUM('👍', 'up', 'a\n👎') CHARACTER SET binary NOT NULL DEFAULT '👍',
    other ENUM('a', '👎', '🐛') CHARACTER SET binary NOT NULL DEFAULT '👎'
);
INSERT INTO votes VALUES (1, '👍', 'a');
CREATE TABLE `empty` (id INT PRIMARY KEY, kind ENUM('x''y', '?', '👎') CHARACTER SET binary NOT NULL DEFAULT '👎');
";
const OF_TEXT: &str = "
CREATE TABLE reactions (
    id INT PRIMARY KEY, kind ENUM('👍', '👎', 'none') NOT NULL DEFAULT 'none', one ENUM('🎉', 'none') NOT NULL DEFAULT '🎉',
    signs SET('🍎', 'x', '🍐'), many SET({members})
);
";

#[test]
fn labels_that_no_row_has_are_those_of_the_source() {
    for (server, is_mysql) in servers() {
        let members = (1..=64).map(|number| format!("'{number}🍎'")).collect::<Vec<_>>().join(", ");
        let of_text = if is_mysql { OF_TEXT.replace("{members}", &members) } else { String::new() };
        let source = format!("{LABELS}{of_text}");
        let migration = Migration::from_mariadb(server, &source, SPEC);
        let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
        assert_eq!(plan["omitted"], Value::Array(Vec::new()), "{plan}");
        migration.apply().exits(0);
        migration.verify().exits(0);
        let target = &migration.database;
        let labels = |name: &str| target.value(&format!("SELECT enum_range(NULL::app.{name})::text"));
        assert_eq!(labels("votes_kind"), "{👍,up,\"a\n👎\"}");
        assert_eq!(labels("votes_other"), "{a,👎,🐛}");
        assert_eq!(labels("empty_kind"), "{x'y,?,👎}");
        assert_eq!(target.ask("SELECT kind, other FROM app.votes"), [["👍", "a"]]);
        assert_eq!(target.ask("INSERT INTO app.votes (id) VALUES (2) RETURNING kind, other"), [["👍", "👎"]]);
        assert_eq!(target.ask("INSERT INTO app.\"empty\" (id) VALUES (2) RETURNING kind"), [["👎"]]);
        if is_mysql {
            assert_eq!(labels("reactions_kind"), "{👍,👎,none}");
            let new = "INSERT INTO app.reactions (id, signs) VALUES (1, '{🍎,🍐}') RETURNING kind, one, signs";
            assert_eq!(target.ask(new), [["none", "🎉", "{🍎,🍐}"]]);
            let many = "UPDATE app.reactions SET many = '{1🍎,63🍎,64🍎}' RETURNING cardinality(many)";
            assert_eq!(target.ask(many), [["3"]]);
        }
    }
}

#[test]
fn labels_that_are_no_text_are_bytes_by_the_line_that_is_proposed() {
    for (server, _) in servers() {
        let source = "CREATE TABLE b (id INT PRIMARY KEY, k ENUM(x'ff', 'é') CHARACTER SET binary);
            INSERT INTO b VALUES (1, 1), (2, 2);";
        let migration = Migration::from_mariadb(server, source, SPEC);
        let lines = settling(&migration, "labels_of_bytes", 1);
        migration.write_spec(&format!("{SPEC}{lines}"));
        migration.apply().exits(0);
        migration.verify().exits(0);
        let bytes = migration.database.ask("SELECT encode(k, 'hex') FROM app.b ORDER BY id");
        assert_eq!(bytes, [["ff"], ["c3a9"]]);
    }
}

/// Defaults of tables without a row, made in a session of another zone.
const DEFAULTS: &str = "SET time_zone = '+05:00';
CREATE TABLE d (
    id INT PRIMARY KEY AUTO_INCREMENT, n DOUBLE NOT NULL DEFAULT '-0', f FLOAT DEFAULT 0.1, word VARCHAR(9) NOT NULL DEFAULT 'é',
    at TIMESTAMP NOT NULL DEFAULT '2020-01-02 03:04:05' COMMENT ' DEFAULT ''1999', part TIMESTAMP(3) NULL DEFAULT '2020-01-02 03:04:05.5',
    since TIME NOT NULL DEFAULT '-10:00:00', level TINYINT(1) NOT NULL DEFAULT 2, z INT(5) ZEROFILL DEFAULT 7 {more}
);
";

#[test]
fn a_new_row_has_the_defaults_of_the_source() {
    for (server, is_mysql) in servers() {
        let more = if is_mysql {
            ", stars ENUM('2', '1', '3') NOT NULL DEFAULT (2), t TEXT DEFAULT (TRUE)"
        } else {
            ", stars INT DEFAULT 1, t INT DEFAULT 1"
        };
        let spec = format!("{SPEC}[types]\n\"FLOAT\" = \"double precision\"\n[tables.d.columns.z]\ntype = \"text\"\n");
        let database = server.create_database();
        server.ask(&database, &DEFAULTS.replace("{more}", more));
        let mut migration = Migration::with_source(|_| {}, &spec, crate::support::database::Database::create());
        migration.set("CASE_SOURCE", &server.url(&database));
        migration.apply().exits(0);
        migration.verify().exits(0);
        let words = "word, at, part, since, level, stars, t";
        let source = "SET time_zone = '+00:00'; INSERT INTO d () VALUES (); SELECT n, CAST(f AS DOUBLE), z + 0, ";
        let source = server.ask(&database, &format!("{source}{words} FROM d"));
        let target = migration.database.ask(&format!(
            "INSERT INTO app.d DEFAULT VALUES RETURNING n, f, z, {}",
            words.replace("at, part", "at AT TIME ZONE 'UTC', part AT TIME ZONE 'UTC'")
        ));
        let expected = source.trim_end().replace(".500", ".5");
        assert_eq!(target[0].join("\t"), expected);
        assert!(expected.contains("2020-01-01 22:04:05\t2020-01-01 22:04:05.5\t-10:00:00\t2\t1"), "{expected}");
    }
}
