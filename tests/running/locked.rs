//! A source that another process is writing: a lock is no dead writer's journal.

use crate::support::migration::{Migration, SPEC};

#[test]
fn a_live_writers_lock_is_not_called_a_dead_writers_journal() {
    let migration =
        Migration::new("CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO t VALUES (1, 'a')", SPEC);
    let writer = rusqlite::Connection::open(migration.source()).unwrap();
    // More than fits the cache: the file and its journal are written before the end of the transaction.
    writer
        .execute_batch(
            "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; BEGIN EXCLUSIVE;
             INSERT INTO t (note) WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)
                 SELECT hex(randomblob(50)) FROM n",
        )
        .unwrap();
    let journal = migration.directory().join("source.db-journal");
    assert!(std::fs::metadata(&journal).unwrap().len() > 0);
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let ran = migration.run(command).exits(1);
        assert!(ran.stderr.contains("is locked by another process"), "{ran}");
    }
    // The same files without a process behind them.
    let left =
        ["source.db", "source.db-journal"].map(|name| (name, std::fs::read(migration.directory().join(name)).unwrap()));
    drop(writer);
    for (name, bytes) in left {
        std::fs::write(migration.directory().join(name), bytes).unwrap();
    }
    let ran = migration.run(&["plan"]);
    assert!(!ran.stderr.contains("locked by another"), "{ran}");
    assert!(ran.stderr.contains("journal"), "{ran}");
    // SQLite itself rolls it back.
    rusqlite::Connection::open(migration.source())
        .unwrap()
        .query_row("SELECT count(*) FROM t", [], |_| Ok(()))
        .unwrap();
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.t"), "1");
}
