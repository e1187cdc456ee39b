//! Values of MySQL that a server shows in another form than it holds them: bits, numbers with zeros in front, the text of a
//! value that an ENUM does not have. Judged by the plain clients of both sides.

use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

/// A migration from MariaDB, and one from MySQL where there is one.
fn migrations(source: &str, spec: &str) -> Vec<Migration> {
    let mariadb: &MysqlServer = mariadb();
    let servers = std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql }));
    servers.map(|server| Migration::from_mariadb(server, source, &format!("{SPEC}{spec}"))).collect()
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
