//! Findings of `transship back` about what nobody can tell or write.

use crate::support::migration::{Migration, Ran, SPEC};
use std::path::{Path, PathBuf};

fn back(migration: &Migration, name: &str) -> (Ran, PathBuf) {
    let path = migration.directory().join(name);
    (migration.run(&["back", "--to", path.to_str().unwrap(), "--format", "json"]), path)
}

fn ask(path: &Path, sql: &str) -> String {
    rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The only finding of this code: its column, and everything it says.
#[track_caller]
fn finding(ran: &Ran, code: &str) -> (String, String) {
    let document = ran.json();
    let found = document["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let [found] = found.collect::<Vec<_>>()[..] else { panic!("{document:#}") };
    let column = found["column"].as_str().unwrap_or_default();
    (format!("{}.{column}", found["table"].as_str().unwrap_or_default()), found.to_string())
}

/// A column whose text the source computes with.
const COMPUTED: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, up TEXT AS (upper(a)) STORED);
    INSERT INTO t (a) VALUES ('x')";

#[test]
fn a_counter_whose_last_number_nobody_tells_is_said() {
    let migration = Migration::new(COMPUTED, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "CREATE FUNCTION app.next_id() RETURNS bigint LANGUAGE sql AS 'SELECT 99::bigint';
         ALTER TABLE app.t ALTER id DROP IDENTITY IF EXISTS; ALTER TABLE app.t ALTER id SET DEFAULT app.next_id()",
    );
    let (made, path) = back(&migration, "new.db");
    let (place, said) = finding(&made.exits(0), "counter_unknown");
    assert!(place == "t.id" && said.contains("\"warns\"") && said.contains("next_id()"), "{said}");
    assert_eq!(ask(&path, "SELECT group_concat(id || a) FROM t"), "1x");
}

#[test]
fn an_expression_over_what_the_source_computes_has_no_way_back() {
    let migration = Migration::new(COMPUTED, &format!("{SPEC}[tables.t]\ncolumns.a.source_sql = \"lower(up)\"\n"));
    migration.apply().exits(0);
    let (refused, path) = back(&migration, "back.db");
    let (place, said) = finding(&refused.exits(3), "no_way_back");
    assert!(place == "t.a" && said.contains("no such column: up"), "{said}");
    assert!(!path.exists());
}

/// The application's own table: another type of its column is no change of the source.
#[test]
fn what_the_source_computes_and_the_target_stores_is_named_where_it_differs() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER AS (n * 2)); INSERT INTO t (n) VALUES (1), (2)";
    let migration = Migration::new(source, &SPEC.replace("[target]", "[target]\ntables = \"existing\""));
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.t (id bigint PRIMARY KEY, n bigint, twice bigint)");
    migration.apply().exits(0);
    migration.database.ask("UPDATE app.t SET n = 5 WHERE id = 1");
    let (refused, path) = back(&migration, "back.db");
    let (place, said) = finding(&refused.exits(3), "computed_in_source");
    assert!(place == "t.twice" && said.contains("computes it as n * 2") && said.contains("id=1"), "{said}");
    assert!(!path.exists());
    migration.database.ask("UPDATE app.t SET twice = n * 2");
    let (made, path) = back(&migration, "new.db");
    made.exits(0);
    assert_eq!(ask(&path, "SELECT group_concat(n || ':' || twice) FROM t"), "5:10,2:4");
    migration.database.ask("ALTER TABLE app.t ALTER n TYPE numeric");
    let (refused, _) = back(&migration, "other.db");
    let (_, said) = finding(&refused.exits(3), "source_changed");
    assert!(said.contains("was altered since") && !said.contains("--refresh"), "{said}");
}
