//! The process dies at every boundary of what is durable, and at any moment, and the server does; a writer appends to the
//! source meanwhile. Whatever happened, the last run ends with every row once.
//!
//! `KILLS=500 cargo test --features failpoints --test failpoints kill` kills more often; `SEED=7` repeats one course of moments.

use crate::support::application::{existing, structure};
use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::server::Server;
use crate::support::waiting::{StopOnDrop, wait_until};
use rusqlite::Connection;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use transship::run::failpoint;

/// Rows of the largest table at the beginning.
const ROWS: u32 = 4_000;

/// A table with an integer key, one with a key of two columns, one without a key, one WITHOUT ROWID.
fn source() -> String {
    format!(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id), body TEXT);
         CREATE INDEX by_author ON posts (author);
         CREATE TABLE pairs (a INTEGER, b TEXT, number REAL, PRIMARY KEY (a, b));
         CREATE TABLE keyless (a INTEGER, b TEXT);
         CREATE TABLE clustered (code TEXT, number INTEGER, PRIMARY KEY (code, number)) WITHOUT ROWID;
         WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < {ROWS})
         INSERT INTO posts SELECT n, n % 100 + 1, 'body of the row ' || n FROM counter;
         INSERT INTO users SELECT id, 'user ' || id FROM posts WHERE id <= 100;
         INSERT INTO pairs SELECT id % 10, 'b' || id, id / 7.0 FROM posts WHERE id % 4 = 0;
         INSERT INTO keyless SELECT id % 50, 'twice' FROM posts WHERE id % 4 = 1;
         INSERT INTO clustered SELECT 'code ' || id % 30, id FROM posts WHERE id % 2 = 0;"
    )
}

/// Rows of every kind of table, one transaction.
fn append(source: &Path, number: u32) {
    let connection = Connection::open(source).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    let id = ROWS + 1 + number;
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = OFF; BEGIN IMMEDIATE; INSERT INTO posts VALUES ({id}, 1, 'appended');
            INSERT INTO pairs VALUES ({id}, 'appended', 0.1); INSERT INTO keyless VALUES (1, 'twice');
            INSERT INTO clustered VALUES ('code 7', {id}); COMMIT"
        ))
        .unwrap();
}

/// A small generator of numbers (Marsaglia's xorshift), so that a failure can be repeated.
struct Moments(u64);

impl Moments {
    fn new() -> Moments {
        Moments(number("SEED", 0x2545_f491_4f6c_dd1d) | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |number| number.parse().unwrap())
}

/// The words of an apply that goes on whatever the source does.
const APPLY: [&str; 5] = ["apply", "--yes", "--refresh", "--jobs", "2"];

fn migration(database: Database) -> Migration {
    let mut migration = Migration::into_database(&source(), SPEC, database);
    migration.set("TRANSSHIP_CHUNK_ROWS", "700");
    migration
}

/// Runs the command until it dies at the failpoint; false where it never came there.
fn dies_at(migration: &Migration, words: &[&str], failpoint: &str) -> bool {
    let ran = run(migration.command(words).env("TRANSSHIP_FAILPOINT", failpoint));
    migration.database.wait_until_alone();
    match ran.code {
        None => true,
        Some(0) => false,
        Some(_) => panic!("{failpoint}: {ran}"),
    }
}

/// Kills the command after a while; what it says where it was quicker.
fn dies_after(migration: &Migration, words: &[&str], pause: Duration) -> Option<Ran> {
    let mut child = migration.command(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(pause);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    migration.database.wait_until_alone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    output.status.code().map(|code| Ran { code: Some(code), stdout: String::new(), stderr })
}

/// Applies to the end, and proves that every row is there once: by transship, and by counting without it.
fn completes(migration: &Migration) {
    run(&mut migration.command(&APPLY)).exits(0);
    migration.verify().exits(0);
    let connection = Connection::open(migration.source()).unwrap();
    for (table, what) in [
        ("users", "count(*) || ' ' || count(DISTINCT id)"),
        ("posts", "count(*) || ' ' || count(DISTINCT id) || ' ' || sum(author)"),
        ("pairs", "count(*) || ' ' || count(DISTINCT b) || ' ' || sum(a)"),
        ("keyless", "count(*) || ' ' || sum(a)"),
        ("clustered", "count(*) || ' ' || sum(number)"),
    ] {
        let source: String =
            connection.query_row(&format!("SELECT {what} FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(migration.database.value(&format!("SELECT {what} FROM app.{table}")), source, "{table}");
    }
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    assert_eq!(migration.database.value("SELECT count(*) FROM transship.run WHERE state = 'running'"), "0");
    let unlike = "SELECT count(*) FROM transship.chunk WHERE digest IS NULL OR run IS NULL";
    assert_eq!(migration.database.value(unlike), "0");
}

/// Boundaries that a run of these tables does not have: of a rollback, and of rows that are brought together.
fn is_elsewhere(name: &str) -> bool {
    name.starts_with("rollback") || name.starts_with("merge")
}

#[test]
fn a_death_at_every_boundary_loses_and_doubles_nothing() {
    let migration = migration(Database::create());
    let (mut reached, mut number) = (Vec::new(), 0);
    for name in failpoint::ALL.into_iter().filter(|name| !is_elsewhere(name)) {
        // The first time, in the middle, late: a boundary that is crossed by every chunk or statement is met at each.
        for count in ["1", "3", "9"] {
            // What was copied changes, so that there is something to do in every run.
            append(&migration.source(), number);
            number += 1;
            if dies_at(&migration, &APPLY, &format!("{name}:{count}")) {
                reached.push(name);
            }
        }
        if name.starts_with("chunk") {
            // Also where nothing is copied again: from the beginning, in the second chunk, and in that of the next run.
            run(&mut migration.command(&["rollback", "--yes"])).exits(0);
            for count in ["2", "1"] {
                if dies_at(&migration, &APPLY, &format!("{name}:{count}")) {
                    reached.push(name);
                }
            }
        }
    }
    completes(&migration);
    for count in ["1", "2"] {
        for name in ["rollback_before_commit", "rollback_committed"] {
            migration.apply();
            if dies_at(&migration, &["rollback", "--yes"], &format!("{name}:{count}")) {
                reached.push(name);
            }
            // Either all of it is gone, or nothing.
            let done = name == "rollback_committed" || count == "2";
            assert_eq!(migration.database.schemas().is_empty(), done, "{name}:{count}");
        }
    }
    completes(&migration);
    let reaches = |name: &&str| !name.starts_with("merge") && !reached.contains(name);
    let missed = failpoint::ALL.into_iter().filter(reaches).collect::<Vec<_>>();
    assert!(missed.is_empty(), "never reached: {missed:?}");
    assert!(reached.len() >= 20, "{reached:?}");
}

/// Rows that are copied again are replaced in one transaction: whoever reads sees them as they were or as they are,
/// wherever the process dies, and while it works.
#[test]
fn a_refresh_shows_no_table_without_its_rows() {
    let migration = migration(Database::create());
    run(&mut migration.command(&APPLY)).exits(0);
    let tables = ["users", "posts", "pairs", "keyless", "clustered"];
    let count = |table: &str| migration.database.value(&format!("SELECT count(*) FROM app.{table}"));
    let before = tables.map(|table| count(table).parse::<u32>().unwrap());
    let is_whole = |place: &str| {
        for (table, rows) in tables.into_iter().zip(before) {
            let now = count(table).parse::<u32>().unwrap();
            assert!(now >= rows, "{place}: {now} of {rows} rows of {table}");
        }
    };
    let places = ["refresh_before_commit", "refresh_committed", "stale_removed", "chunk_half_sent"];
    let mut reached = 0;
    for (number, place) in
        (0..).zip(places.into_iter().chain(["chunk_before_commit", "chunk_committed", "copy_recorded"]))
    {
        append(&migration.source(), number);
        for name in [place.to_owned(), format!("{place}:3")] {
            reached += u32::from(dies_at(&migration, &APPLY, &name));
            is_whole(&name);
        }
        // What was marked is known to be replaced, and needs no leave again.
        if place == "stale_removed" {
            migration.apply().exits(0);
            migration.verify().exits(0);
        }
    }
    assert!(reached >= 10, "{reached}");
    let (stop, looks) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                is_whole("meanwhile");
                looks.fetch_add(1, Ordering::Relaxed);
            }
        });
        let _stopped = StopOnDrop(&stop);
        wait_until("the reader reads", || looks.load(Ordering::Relaxed) > 1);
        // Every row of every chunk is another one.
        let change = "UPDATE posts SET body = body || '!'; UPDATE pairs SET number = number + 1; UPDATE users SET name = name || '!'";
        Connection::open(migration.source()).unwrap().execute_batch(change).unwrap();
        run(&mut migration.command(&APPLY)).exits(0);
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    completes(&migration);
}

/// The last step is done, its run has not said so: the next has nothing to do but that, and the structure is on record.
#[test]
fn a_run_that_died_before_its_end_is_ended_by_the_next() {
    let migration = migration(Database::create());
    let words = ["apply", "--yes"];
    assert!(dies_at(&migration, &words, "before_end_of_run"));
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    let states = "SELECT string_agg(state, ',' ORDER BY id) FROM transship.run";
    assert_eq!(migration.database.value(states), "interrupted,done");
    migration.verify().exits(0);
    migration.database.ask("DROP INDEX app.by_author");
    migration.verify().exits(3);
    // A run that has nothing to do and nothing to end is none.
    migration.apply();
    assert_eq!(migration.database.value(states), "interrupted,done");
}

#[test]
fn a_death_at_any_moment_loses_and_doubles_nothing() {
    let migration = migration(Database::create());
    let mut moments = Moments::new();
    let began = Instant::now();
    run(&mut migration.command(&APPLY)).exits(0);
    let mut whole = u64::try_from(began.elapsed().as_micros()).unwrap();
    let stop = AtomicBool::new(false);
    let mut killed = 0;
    let kills = number("KILLS", 40);
    let source = migration.source();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                append(&source, number);
                number += 1;
                std::thread::sleep(Duration::from_millis(40));
            }
            number
        });
        // A test that fails in here must not leave the writer writing for ever.
        let _stopped = StopOnDrop(&stop);
        let mut runs = 0;
        while killed < kills && runs < kills * 3 {
            if runs % 8 == 0 {
                // Now and then from the beginning, or from a rollback that is killed as well.
                dies_after(&migration, &["rollback", "--yes"], Duration::from_micros(moments.below(whole / 2)));
            }
            match dies_after(&migration, &APPLY, Duration::from_micros(moments.below(whole))) {
                None => killed += 1,
                Some(ran) => {
                    assert_eq!(ran.code, Some(0), "{ran}");
                    // It was quicker than the first: the moments follow.
                    whole = (whole * 9 / 10).max(2);
                }
            }
            runs += 1;
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 20, "the writer did not come to write");
    });
    assert_eq!(killed, kills, "the runs were quicker than the signals");
    completes(&migration);
}

#[test]
fn a_server_that_dies_loses_and_doubles_nothing() {
    let mut server = Server::start();
    let migration = migration(Database::create_on(&server));
    let mut moments = Moments::new();
    for number in 0..number("CRASHES", 4) {
        append(&migration.source(), u32::try_from(number).unwrap());
        let child = migration.command(&APPLY).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(40 + moments.below(250)));
        server.crash_and_restart();
        // It may have waited for the server and gone on, or have given up: both are right.
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0..=2)), "{:?}: {said}", output.status);
        migration.database.wait_until_alone();
    }
    completes(&migration);
}

/// Rows, constraints and sequences of the application's tables: all of it goes back, or nothing.
#[test]
fn a_rollback_of_the_applications_tables_is_whole() {
    let migration = existing();
    let database = &migration.database;
    let before = structure(database);
    let state = || {
        let sequences = "SELECT string_agg(sequencename || ' ' || coalesce(last_value, 0), ',' ORDER BY sequencename)
            FROM pg_sequences WHERE schemaname = 'app'";
        (structure(database), database.value("SELECT count(*) FROM app.users"), database.value(sequences))
    };
    migration.apply().exits(0);
    let loaded = state();
    assert!(dies_at(&migration, &["rollback", "--yes"], "rollback_before_commit"));
    assert_eq!(state(), loaded);
    migration.verify().exits(0);
    assert!(dies_at(&migration, &["rollback", "--yes"], "rollback_committed"));
    let (shape, rows, sequences) = state();
    assert_eq!((shape, rows.as_str()), (before, "0"));
    assert!(sequences.contains("users_id_seq 0"), "{sequences}");
    let again = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(again.stdout.contains("nothing to roll back"), "{again}");
}

/// Where the server has too few locks for one transaction, a rollback that dies between two goes on, and so does an apply.
#[test]
fn a_rollback_in_several_transactions_goes_on_where_it_died() {
    let server = Server::start_with(&["fsync=off", "max_locks_per_transaction=10", "max_connections=20"]);
    let table = |number: u32| {
        format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, other INTEGER REFERENCES t0 (id));
            INSERT INTO t{number} VALUES (1, 1), (2, NULL);"
        )
    };
    let migration =
        Migration::into_database(&(0..30).map(table).collect::<String>(), SPEC, Database::create_on(&server));
    let steps = || migration.database.value("SELECT count(*) FROM transship.step").parse::<u32>().unwrap();
    migration.apply().exits(0);
    let all = steps();
    let words = ["rollback", "--yes"];
    for (place, count) in [("rollback_before_commit", 2), ("rollback_committed", 1), ("rollback_committed", 2)] {
        let before = steps();
        assert!(dies_at(&migration, &words, &format!("{place}:{count}")), "{place}:{count}");
        assert!((1..before).contains(&steps()), "{place}:{count}");
    }
    // Whoever has thought better of it applies again: what was rolled back is done again, and nothing else.
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(steps(), all);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.t29"), "2");
    // Among the last are the tables themselves.
    let mut deaths = 0;
    while dies_at(&migration, &words, "rollback_committed") {
        deaths += 1;
    }
    assert!(deaths > 3, "{deaths}");
    assert_eq!(migration.database.schemas(), [""; 0]);
}

/// A rollback that waits for the application's lock, is killed there and begun once more: the dead one is in nobody's way.
#[test]
fn a_rollback_that_was_killed_in_a_statement_is_begun_once_more() {
    let migration = Migration::new(&source(), SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    let of_others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let reading = database.clone();
    let reader = std::thread::spawn(move || {
        reading.ask("BEGIN; LOCK TABLE app.users IN ACCESS SHARE MODE; SELECT pg_sleep(600)")
    });
    let await_one = |sql: &str| {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            match database.ask(sql).as_slice() {
                [row] => break row[0].clone(),
                rows => assert!(rows.is_empty() && Instant::now() < patience, "{sql}: {rows:?}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    await_one(&format!("SELECT pid {of_others} AND wait_event = 'PgSleep'"));
    let begin = || {
        let mut command = migration.command(&["rollback", "--yes"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut first = begin();
    let waiting = format!("SELECT pid {of_others} AND wait_event_type = 'Lock'");
    let dead = await_one(&waiting);
    first.kill().unwrap();
    first.wait().unwrap();
    let second = begin();
    await_one(&format!("{waiting} AND pid <> {dead}"));
    database.ask(&format!("SELECT pg_terminate_backend(pid) {of_others} AND wait_event = 'PgSleep'"));
    assert!(reader.join().is_err());
    let done = Ran::of(second).exits(0);
    assert!(done.stdout.contains("rolled back"), "{done}");
    assert_eq!(database.schemas(), [""; 0]);
}
