//! `transship bench`: columns that it does not compare, and indexes that it has no time to try.

use super::bench::{applied, bench, described, question};
use crate::support::migration::{Migration, SPEC};
use serde_json::json;

#[test]
fn columns_that_postgresql_alone_reads_are_not_compared() {
    let source = "CREATE TABLE hosts (id INTEGER PRIMARY KEY, net TEXT); INSERT INTO hosts VALUES (1, '10.0.0.0/8')";
    let spec = "
        [tables.hosts]
        columns.net = { type = \"cidr\" }
        [bench.both]
        source = \"SELECT id, net, net FROM hosts\"
        target = \"SELECT id, net, abbrev(net)::cidr AS short FROM hosts\"
        clients = [1]
        duration = \"20ms\"
        [bench.none]
        source = \"SELECT net FROM hosts\"
        target = \"SELECT net FROM hosts\"
        [bench.text]
        source = \"SELECT net FROM hosts WHERE net = ?\"
        target = \"SELECT net::text FROM hosts WHERE net = $1\"
        parameters = \"SELECT net FROM hosts\"
        clients = [1]
        duration = \"20ms\"";
    let migration = Migration::new(source, &format!("{SPEC}{spec}"));
    migration.apply().exits(0);
    let found = bench(&migration, &[]).exits(3).json();
    described(&found);
    let both = question(&found, "both");
    assert_eq!((&both["equal"], &both["not_compared"]), (&json!(true), &json!(["net", "short"])), "{both:#}");
    let none = question(&found, "none")["refused"].as_str().unwrap().to_owned();
    assert!(none.contains("no column of the answer can be compared (net)"), "{none}");
    assert_eq!(question(&found, "text")["equal"], true, "{found:#}");
    let text = migration.run(&["bench", "--only", "both"]).exits(0).stdout;
    assert!(text.contains("equal answers in all columns but net, short (1 row)"), "{text}");
}

#[test]
fn an_index_is_given_up_when_the_time_of_its_writers_is_over() {
    // Each answer is in time, even on a busy machine, and six of them are not.
    let migration = applied(
        "[bench.slow]
        source = \"SELECT id, '' FROM messages WHERE body = ?\"
        target = \"SELECT id, pg_sleep(0.2)::text FROM messages WHERE body = $1\"
        parameters = \"SELECT body FROM messages WHERE id = 3000\"
        clients = [1]
        duration = \"20ms\"",
    );
    let indexes = || migration.database.value("SELECT count(*)::text FROM pg_indexes WHERE schemaname = 'app'");
    let before = indexes();
    let late = bench(&migration, &["--try-indexes", "--timeout", "1100ms"]).exits(0).json();
    described(&late);
    let suggestion = &question(&late, "slow")["suggestions"][0];
    let reason = suggestion["not_tried"].as_str().unwrap_or_else(|| panic!("{late:#}"));
    assert!(reason.contains("longer than 1.1 s"), "{reason}");
    assert_eq!(indexes(), before);
}
