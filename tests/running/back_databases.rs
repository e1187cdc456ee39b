//! `transship back` of several databases into another server, under their own names: all of them, or none.

use crate::support::mariadb::{MariaDb, mariadb};
use crate::support::migration::Migration;
use crate::support::mysql::{Mysql, mysql};
use crate::support::mysql_server::MysqlServer;
use std::sync::LazyLock;

/// References, a view and a routine that lead from one database into the other; a trigger that would write, and an event, in both;
/// tables of one name; a counter that is ahead of the rows.
const SOURCE: &str = "
CREATE DATABASE DB_crm CHARACTER SET latin1;
CREATE DATABASE DB_shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE DB_crm;
CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, role ENUM('a', 'b')) AUTO_INCREMENT = 50;
CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin);
INSERT INTO people VALUES (1, 'Ada', 'a'), (2, 'Bob', NULL);
USE DB_shop;
CREATE TABLE people (id INT PRIMARY KEY, nick VARCHAR(40));
CREATE TABLE orders (id INT PRIMARY KEY, customer INT NOT NULL, total DECIMAL(8, 2),
    CONSTRAINT customer FOREIGN KEY (customer) REFERENCES DB_crm.people (id));
INSERT INTO people VALUES (7, 'eve');
INSERT INTO orders VALUES (1, 1, 1.50), (2, 2, NULL);
CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW INSERT INTO DB_crm.log (what) VALUES ('an order');
CREATE EVENT of_shop ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM orders;
CREATE VIEW who AS SELECT orders.id, people.name FROM orders JOIN DB_crm.people ON people.id = orders.customer;
USE DB_crm;
CREATE TRIGGER people_ai AFTER INSERT ON people FOR EACH ROW INSERT INTO log (what) VALUES ('a person');
CREATE EVENT of_crm ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DO DELETE FROM log;
CREATE PROCEDURE orders() SELECT count(*) FROM DB_shop.orders;
";

const SPEC: &str = r#"spec = 1
name = "several"
[source]
url = "${CASE_SERVER}"
databases = { DB_crm = "crm", DB_shop = "shop" }
[target]
url = "${CASE_TARGET}"
"#;

/// The server to which databases go back.
static OTHER: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::start(&[]));

/// The migration, applied, with what its databases' names begin with.
fn applied(server: &MysqlServer) -> (Migration, String) {
    let name = format!("back_{}", server.create_database());
    let migration = Migration::from_mariadb(server, &SOURCE.replace("DB", &name), &SPEC.replace("DB", &name));
    migration.apply().exits(0);
    (migration, name)
}

/// The databases that a server has of these.
fn there(server: &MysqlServer, name: &str) -> String {
    server.ask("", &format!("SHOW DATABASES LIKE '{}\\_%'", name.replace('_', "\\_")))
}

#[test]
fn several_databases_go_back_together() {
    go_back_together(mariadb(), &OTHER);
    if let Some((server, other)) = mysql().zip(Mysql::start(&[])) {
        go_back_together(server, &other);
    }
}

fn go_back_together(server: &MysqlServer, other: &MysqlServer) {
    let (migration, name) = applied(server);
    let ask = |server: &MysqlServer, sql: &str| server.ask("", &sql.replace("DB", &name));
    migration.database.ask(
        "INSERT INTO crm.people (id, name, role) VALUES (60, 'Cleo', 'b'); UPDATE crm.people SET name = 'Ada L.' WHERE id = 1;
         INSERT INTO shop.orders VALUES (3, 60, 9); DELETE FROM shop.orders WHERE id = 2; UPDATE shop.people SET nick = 'Eve'",
    );
    let made = migration.run(&["back", "--to", &other.url(""), "--format", "json"]).exits(0).json();
    assert_eq!((&made["made"], &made["verification"]["equal"]), (&true.into(), &true.into()), "{made:#}");
    assert_eq!(ask(other, "SELECT * FROM DB_crm.people ORDER BY id"), "1\tAda L.\ta\n2\tBob\tNULL\n60\tCleo\tb\n");
    assert_eq!(ask(other, "SELECT * FROM DB_shop.orders ORDER BY id"), "1\t1\t1.50\n3\t60\t9.00\n");
    assert_eq!(ask(other, "SELECT * FROM DB_shop.people"), "7\tEve\n");
    // No trigger has fired; triggers, events, counters, views and routines are those of the source.
    assert_eq!(ask(other, "SELECT count(*) FROM DB_crm.log"), "0\n");
    let went_on = "USE DB_crm; INSERT INTO people (name) VALUES ('Next'); SELECT max(id) FROM people;
        INSERT INTO DB_shop.orders VALUES (4, 61, NULL); SELECT what FROM log ORDER BY id; CALL orders(); SELECT * FROM DB_shop.who WHERE id > 1";
    assert_eq!(ask(other, went_on), "61\na person\nan order\n3\n3\tCleo\n4\tNext\n");
    for (sql, rows) in [
        (
            "SELECT event_schema, event_name FROM information_schema.events WHERE event_schema LIKE 'DB%' ORDER BY 2",
            "DB_crm\tof_crm\nDB_shop\tof_shop\n",
        ),
        (
            "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name LIKE 'DB%' ORDER BY 1",
            "latin1\nutf8mb4\n",
        ),
        ("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'transship%'", ""),
    ] {
        assert_eq!(ask(other, sql), rows.replace("DB", &name), "{sql}");
    }
    // The key from one database into the other holds.
    let refused =
        other.client("").args(["-e", &format!("INSERT INTO {name}_shop.orders VALUES (9, 99, 1)")]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("foreign key constraint fails"), "{refused:?}");
    // The old source was only read.
    assert_eq!(ask(server, "SELECT count(*), max(id) FROM DB_crm.people"), "2\t2\n");
}

#[test]
fn several_databases_go_back_all_or_none() {
    let (migration, name) = applied(mariadb());
    let other = &*OTHER;
    let back = |url: &str, more: &[&str]| migration.run(&[&["back", "--format", "json", "--to", url], more].concat());
    let named = back(&other.url("new"), &[]).exits(2);
    assert!(named.stderr.contains("the source is several databases"), "{named}");
    // One that is there keeps all of them from being made.
    let own = back(&mariadb().url(""), &[]).exits(2);
    let words = own.stderr.replace("\n  │ ", " ");
    assert!(words.contains(&format!("{name}_crm is there already")), "{own}");
    other.ask("", &format!("CREATE DATABASE {name}_shop"));
    back(&other.url(""), &[]).exits(2);
    assert_eq!(there(other, &name), format!("{name}_shop\n"));
    other.ask("", &format!("DROP DATABASE {name}_shop"));
    // So does a row of the second one that the server does not take.
    migration
        .database
        .ask("ALTER TABLE shop.people ALTER COLUMN nick TYPE text; UPDATE shop.people SET nick = repeat('x', 99)");
    back(&other.url(""), &[]).exits(3);
    assert_eq!(there(other, &name), "");
    // And one that references nothing, in the other database.
    migration.database.ask(
        "UPDATE shop.people SET nick = 'x'; ALTER TABLE shop.people ALTER COLUMN nick TYPE varchar(40);
         ALTER TABLE shop.orders DROP CONSTRAINT customer; INSERT INTO shop.orders VALUES (5, 77, 1)",
    );
    let refused = back(&other.url(""), &[]).exits(3);
    assert!(
        refused.stdout.contains("row_refused") && refused.stdout.contains("(foreign key customer) leads to no row"),
        "{refused}"
    );
    assert_eq!(there(other, &name), "");
    // Rows of a table that only the target has are named with their database.
    migration.database.ask("DELETE FROM shop.orders WHERE id = 5; CREATE TABLE crm.orders AS SELECT 1 AS a");
    let refused = back(&other.url(""), &[]).exits(3);
    let option = format!("{name}_crm.orders");
    assert!(refused.stdout.contains(&format!("--leave-behind {option}")), "{refused}");
    // What a killed process has left goes, in whatever order keys lead from one database to another.
    let left = "CREATE DATABASE DB_crm; CREATE TABLE DB_crm.p (id INT PRIMARY KEY);
        CREATE DATABASE DB_shop; CREATE TABLE DB_shop.o (p INT, FOREIGN KEY (p) REFERENCES DB_crm.p (id));
        CREATE TABLE DB_crm.transship_back_unfinished (events LONGTEXT); CREATE TABLE DB_shop.transship_back_unfinished (events LONGTEXT)";
    other.ask("", &left.replace("DB", &name));
    back(&other.url(""), &["--leave-behind", &option]).exits(0);
    assert_eq!(there(other, &name), format!("{name}_crm\n{name}_shop\n"));
}
