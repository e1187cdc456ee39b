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
