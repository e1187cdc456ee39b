//! A run that has failed after all rows were copied.

use crate::support::migration::{Migration, SPEC};

#[test]
fn verify_names_a_run_that_has_left_a_key_undone() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL); INSERT INTO t VALUES (1, 1), (2, 2);
        CREATE UNIQUE INDEX by_n ON t (n)";
    let spec = |index: &str| format!("{SPEC}[tables.t.indexes]\nby_n = \"{index}\"\n");
    // PostgreSQL takes the definition, and fails on the first row.
    let migration = Migration::new(source, &spec("((10 / (n - 1)))"));
    migration.apply().exits(1);
    let verified = migration.verify().exits(3);
    assert!(verified.stdout.contains("is unfinished") && verified.stdout.contains("index:"), "{verified}");
    let change = &migration.run(&["verify", "--format", "json"]).exits(3).json()["structure"][0];
    assert_eq!(change["kind"], "unfinished", "{change}");
    migration.write_spec(&spec("(n)"));
    migration.apply().exits(0);
    migration.verify().exits(0);
}
