//! Views that join one another, which SQLite and PostgreSQL put together anew for every time that one is named: no command
//! waits for that, and whatever SQLite is busy with otherwise ends when the user wishes so.

use crate::support::migration::{Migration, Ran, SPEC, program, run};
use crate::support::waiting::{NOT_HOURS, wait_until_busy};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::Instant;

/// Forty levels: a million million rows' worth of names.
fn joined() -> String {
    let mut source = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 2), (2, 3);
        CREATE VIEW v0 AS SELECT ID, n FROM t;"
        .to_owned();
    for at in 1..40 {
        let before = at - 1;
        source.push_str(&format!(
            "CREATE VIEW v{at} AS SELECT a.id, b.N FROM v{before} a JOIN v{before} b ON a.id = b.id;\n"
        ));
    }
    source
}

#[test]
fn no_command_expands_views_that_join_one_another() {
    let migration = Migration::new(&joined(), SPEC);
    let quick = |words: &[&str]| {
        let began = Instant::now();
        let ran = migration.run(words).exits(0);
        assert!(began.elapsed() < NOT_HOURS, "{words:?} took {:?}", began.elapsed());
        ran
    };
    let began = Instant::now();
    run(program().arg("init").arg(migration.source())).exits(0);
    assert!(began.elapsed() < NOT_HOURS, "init took {:?}", began.elapsed());
    let inspected = migration.directory().join("inspected.json");
    quick(&["inspect", "--out", inspected.to_str().unwrap()]);
    let from_file = quick(&["plan", "--format", "json", "--source", inspected.to_str().unwrap()]).json();
    let plan = quick(&["plan", "--format", "json"]).json();
    assert_eq!(plan["steps"], from_file["steps"]);
    // SQLite takes 65,535 references to one table: v14 comes to 49,150 names, v15 to 98,302.
    let behind = plan["omitted"].as_array().unwrap();
    assert_eq!(behind.len(), 25, "{behind:#?}");
    let of_v15 = behind.iter().find(|omitted| omitted["name"] == "v15").unwrap();
    assert!(of_v15["reason"].as_str().unwrap().contains("comes to more than 65535 tables and views"), "{of_v15}");
    quick(&["apply", "--yes"]);
    // The columns of v12 were never asked for: they are called as in the table, whatever the views write.
    let columns =
        "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'app.v12'::regclass";
    assert_eq!(migration.database.value(columns), "id,n");
    let verified = quick(&["verify"]);
    assert!(verified.stdout.contains("view v12: it comes to more than 1000 tables and views"), "{verified}");
    assert!(verified.stdout.contains("answered the same on both sides"), "{verified}");
}

#[test]
fn a_view_that_sqlite_refuses_stays_behind_with_its_words() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE gone (id INTEGER);
        CREATE VIEW v AS SELECT id FROM t WHERE id IN (SELECT id FROM gone); DROP TABLE gone";
    let migration = Migration::new(source, SPEC);
    let plan = migration.plan().exits(0).stdout;
    assert!(plan.contains("SQLite itself does not read it: no such table: main.gone"), "{plan}");
}

#[test]
fn generated_columns_that_double_are_refused_before_sqlite_computes_them() {
    let columns = (1..19).map(|at| format!("g{at} INTEGER AS (g{0} + g{0})", at - 1)).collect::<Vec<_>>().join(", ");
    let source = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, g0 INTEGER, {columns})");
    let migration = Migration::new(&source, SPEC);
    let began = Instant::now();
    let plan = migration.plan().exits(2);
    assert!(began.elapsed() < NOT_HOURS, "{:?}", began.elapsed());
    // The message is broken into lines.
    let words = plan.stderr.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("comes to more than 65535 columns"), "{plan}");
}

/// A filter that SQLite would compute for hours.
#[test]
fn a_wish_to_stop_ends_what_sqlite_is_busy_with() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY);
        WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000) INSERT INTO t SELECT n FROM c";
    let filter = "[tables.t]\nwhere = \"(SELECT count(*) FROM t a, t b WHERE a.id + b.id = t.id) >= 0\"\n";
    let migration = Migration::new(source, &(SPEC.to_owned() + filter));
    for words in [&["plan"][..], &["inspect"], &["apply", "--yes"]] {
        let mut child = migration.spawn(words);
        wait_until_busy(&child);
        assert_eq!(child.try_wait().unwrap(), None, "{words:?} is busy for hours");
        let began = Instant::now();
        kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
        let stopped = Ran::of(child).exits(1);
        assert!(began.elapsed() < NOT_HOURS, "{words:?} ended after {:?}", began.elapsed());
        assert!(stopped.stderr.contains("interrupted"), "{stopped}");
    }
}
