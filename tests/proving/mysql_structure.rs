//! Structure that comes from MySQL behaves as there: the same statements on both sides, by the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;

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
