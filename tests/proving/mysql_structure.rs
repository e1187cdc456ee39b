//! Structure that comes from MySQL behaves as there: the same statements on both sides, by the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

const SOURCE: &str = "
CREATE TABLE notes (
    id INT PRIMARY KEY, body VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT 'a\\\\b',
    amount INT NOT NULL DEFAULT 3, twice INT AS (amount * 2) STORED,
    label VARCHAR(40) AS (concat(body, '-', amount)) VIRTUAL, raw BINARY(4) DEFAULT 'ab', bits BIT(3) DEFAULT b'101',
    state ENUM('it''s', 'done') NOT NULL,
    changed DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, stamped TIMESTAMP(3) NULL ON UPDATE CURRENT_TIMESTAMP(3)
);
INSERT INTO notes (id, changed, stamped) VALUES
    (1, '2020-01-01', '2020-01-01'), (2, '2020-01-01', '2020-01-01'), (3, '2020-01-01', '2020-01-01'), (4, '2020-01-01', NULL);
";

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n";

/// Statements of the application; both sides know them.
const CHANGES: [&str; 6] = [
    "UPDATE notes SET body = 'x' WHERE id = 1",
    "UPDATE notes SET amount = amount WHERE id = 2",
    "UPDATE notes SET body = 'y', changed = '2021-01-01 00:00:00' WHERE id = 3",
    "UPDATE notes SET amount = 7 WHERE id = 4",
    "INSERT INTO notes (id) VALUES (5)",
    "INSERT INTO notes (id, amount, changed) VALUES (6, -1, '2022-02-02 02:02:02')",
];

#[test]
fn columns_change_by_themselves_as_in_the_source() {
    let server = mariadb();
    let database = server.create_database();
    server.ask(&database, SOURCE);
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&database));
    migration.apply().exits(0);
    migration.verify().exits(0);
    for change in CHANGES {
        server.ask(&database, change);
        migration.database.ask(&change.replace("notes", "app.notes"));
    }
    // The moments themselves differ; whether they are of today does not.
    let source = server.ask(
        &database,
        "SELECT concat_ws('|', id, body, amount, twice, label, hex(raw), bits + 0, state,
             if(changed > '2025-01-01', 'now', changed), if(stamped > '2025-01-01', 'now', date_format(stamped, '%Y')))
         FROM notes ORDER BY id",
    );
    let target = migration.database.ask(
        "SELECT concat_ws('|', id, body, amount, twice, label, upper(encode(raw, 'hex')), bits::int, state,
             CASE WHEN changed > '2025-01-01' THEN 'now' ELSE changed::text END,
             CASE WHEN stamped > '2025-01-01' THEN 'now' ELSE to_char(stamped AT TIME ZONE 'UTC', 'YYYY') END)
         FROM app.notes ORDER BY id",
    );
    let target = target.iter().map(|row| row[0].clone()).collect::<Vec<_>>();
    // The plain client writes a backslash twice.
    let source = source.trim_end().replace("\\\\", "\\");
    assert_eq!(source.lines().collect::<Vec<_>>(), target);
    assert!(target[0].contains("|now|now") && target[1].contains("2020-01-01 00:00:00|2020"), "{target:?}");
}

/// Texts that `information_schema` does not show as they are; `{binary}` is a collation by bytes.
const UNSHOWN: &str = "
CREATE TABLE `größen` (
    id INT PRIMARY KEY, plain VARCHAR(9) COLLATE {binary} DEFAULT '😀é?', needed VARCHAR(9) NOT NULL DEFAULT '🚀',
    raw VARBINARY(4) NOT NULL DEFAULT x'ff3f', computed VARCHAR(9) COLLATE {binary} DEFAULT (concat('é', '😀')),
    `größe` VARCHAR(9) COLLATE {binary} DEFAULT 'ä', made VARCHAR(30) COLLATE {binary} AS (concat(`größe`, '-é😀日')) STORED,
    CONSTRAINT umlaut CHECK (`größe` <> 'é'), CONSTRAINT rocket CHECK (plain <> '🚀'), CONSTRAINT smile CHECK (plain <> '😃')
);
INSERT INTO `größen` (id) VALUES (1);
CREATE TABLE `empty` (
    word VARCHAR(9) DEFAULT '😀', needed VARCHAR(9) NOT NULL DEFAULT '🚀', zeros VARBINARY(20) NOT NULL DEFAULT x'61626300640000',
    fixed BINARY(5) NOT NULL DEFAULT x'610062', bytes VARBINARY(3) NOT NULL DEFAULT x'ff00fe' INVISIBLE,
    mood ENUM('😀', 'x') NOT NULL DEFAULT '😀'
);
CREATE VIEW smiling AS SELECT id, '😀é' AS face FROM `größen`;
";

#[test]
fn texts_that_the_catalog_does_not_show_arrive() {
    texts_arrive(mariadb(), "utf8mb4_nopad_bin");
    if let Some(server) = mysql() {
        texts_arrive(server, "utf8mb4_0900_bin");
    }
}

fn texts_arrive(server: &MysqlServer, binary: &str) {
    let source = server.create_database();
    server.ask(&source, &UNSHOWN.replace("{binary}", binary));
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.set("CASE_SOURCE", &server.url(&source));
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let omitted = |kind: &str| {
        let omitted = plan["omitted"].as_array().unwrap().iter().filter(|one| one["kind"] == kind);
        omitted.map(|one| one["name"].as_str().unwrap()).collect::<Vec<_>>()
    };
    for kind in ["default", "check", "generated", "view"] {
        assert_eq!(omitted(kind), [""; 0], "{kind}");
    }
    migration.apply().exits(0);
    migration.verify().exits(0);
    let target = &migration.database;
    let row =
        "plain, needed, encode(raw, 'hex'), computed, \"größe\", made, (SELECT face FROM app.smiling WHERE id = 1)";
    let row = target.ask(&format!("INSERT INTO app.\"größen\" (id) VALUES (2) RETURNING {row}"));
    assert_eq!(row, [["😀é?", "🚀", "ff3f", "é😀", "ä", "ä-é😀日", "😀é"]]);
    let empty = "INSERT INTO app.empty DEFAULT VALUES
        RETURNING word, needed, encode(zeros, 'hex'), encode(fixed, 'hex'), encode(bytes, 'hex'), mood";
    assert_eq!(target.ask(empty), [["😀", "🚀", "61626300640000", "6100620000", "ff00fe", "😀"]]);
    // A first row takes nothing back of it. Those of this test are removed.
    server.ask(&source, "INSERT INTO `empty` () VALUES ()");
    migration.run(&["apply", "--yes", "--refresh", "--overwrite-changes"]).exits(0);
    migration.verify().exits(0);
    let refused = |column: &str, value: &str| {
        let count = format!(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%{column}%{value}%'"
        );
        target.value(&count) == "1"
    };
    assert!(refused("größe", "é") && refused("plain", "🚀") && refused("plain", "😃"));
}

/// Expressions whose texts have quotes and backslashes, which MySQL reads anew whenever a session opens the table.
const ESCAPED: &str = r"
CREATE TABLE paths (
    id INT PRIMARY KEY AUTO_INCREMENT, w VARCHAR(10) COLLATE {binary} DEFAULT 'w', path VARCHAR(30) NOT NULL DEFAULT ('C:\\data'),
    up VARCHAR(60) COLLATE {binary} AS (concat('\\\\srv\\', w)) STORED, seen VARCHAR(30) COLLATE {binary} AS (concat('C:\\', w)) VIRTUAL,
    two INT AS (length('\\\\')) VIRTUAL, said VARCHAR(30) COLLATE {binary} AS (concat('it''s ', w)) VIRTUAL, `a\b` TEXT DEFAULT ('it''s'),
    CONSTRAINT word CHECK (w <> 'it''s')
);
INSERT INTO paths (w) VALUES ('a'), ('C:\\b'), ('a_');
";

#[test]
fn texts_of_stored_expressions_keep_their_meaning_for_us_and_for_the_application() {
    texts_keep_their_meaning(mariadb(), "utf8mb4_nopad_bin", "");
    if let Some(server) = mysql() {
        texts_keep_their_meaning(server, "utf8mb4_0900_bin", "CREATE INDEX fx ON paths ((concat('it''s ', w)));");
    }
}

fn texts_keep_their_meaning(server: &MysqlServer, binary: &str, index: &str) {
    // A backslash of a condition is a character like any other, but in the pattern of a LIKE.
    let spec = SPEC.to_owned()
        + r#"[tables.paths]
where = """w IN ('a', 'C:\\b', 'w', 'a_') AND w NOT LIKE '%\\_'"""
"#;
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    let database = server.create_database();
    server.ask(&database, &(ESCAPED.replace("{binary}", binary) + index));
    migration.set("CASE_SOURCE", &server.url(&database));
    // The session that opens the table first reads the expressions for all.
    server.ask(&database, "FLUSH TABLES paths");
    migration.plan().exits(0);
    for _ in 0..20 {
        server.ask(&database, "INSERT INTO paths () VALUES ()");
    }
    let wrong = r"SELECT count(*) FROM paths WHERE id > 3 AND (path <> 'C:\\data' OR up <> '\\\\srv\\w')";
    assert_eq!(server.ask(&database, wrong).trim(), "0");
    migration.apply().exits(0);
    migration.verify().exits(0);
    let target = &migration.database;
    let rows = r#"SELECT concat_ws('|', path, up, seen, two, said, "a\b") FROM app.paths WHERE id < 5 ORDER BY id"#;
    let expected = [
        [r"C:\data|\\srv\a|C:\a|2|it's a|it's"],
        [r"C:\data|\\srv\C:\b|C:\C:\b|2|it's C:\b|it's"],
        [r"C:\data|\\srv\w|C:\w|2|it's w|it's"],
    ];
    assert_eq!(target.ask(rows), expected);
    assert_eq!(target.value("SELECT count(*) FROM app.paths"), "22");
    let check = "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%it''''s%'";
    assert_eq!(target.value(check), "1");
}

#[test]
fn defaults_of_bytes_arrive_whatever_has_them() {
    let source = "
        CREATE TABLE kinds (
            id INT PRIMARY KEY, kind ENUM('a', 'b') NOT NULL DEFAULT 'b', marks SET('x', 'y') NOT NULL DEFAULT 'x,y',
            icon BLOB DEFAULT (x'00ff'), raw VARBINARY(4) DEFAULT (x'00ff'), fixed BINARY(2) DEFAULT 'ab'
        ) DEFAULT CHARSET = binary;
        INSERT INTO kinds (id) VALUES (1);";
    let row =
        "SELECT concat_ws('|', kind, marks, encode(icon, 'hex'), encode(raw, 'hex'), fixed) FROM app.kinds ORDER BY id";
    let mariadb: &MysqlServer = mariadb();
    for server in std::iter::once(mariadb).chain(mysql().map(|mysql| -> &MysqlServer { mysql })) {
        for types in ["", "[types]\n\"ENUM\" = \"text\"\n"] {
            let migration = Migration::from_mariadb(server, source, &format!("{SPEC}{types}"));
            migration.apply().exits(0);
            migration.verify().exits(0);
            migration.database.ask("INSERT INTO app.kinds (id) VALUES (2)");
            assert_eq!(migration.database.ask(row), [[r"b|{x,y}|00ff|00ff|\x6162"], [r"b|{x,y}|00ff|00ff|\x6162"]]);
        }
    }
}
