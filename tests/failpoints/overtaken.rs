//! Two processes on one migration: the first is frozen at a failpoint, the session that holds its lock or all of its sessions
//! are ended, the second does everything, and the first one is woken. Whatever it was about to do, each row is there once.
//!
//! Each failpoint is tried in three of the six ways, its neighbour in the other three. `ROUNDS=1000 cargo test --features
//! failpoints --test failpoints overtaken` runs all of them and more at random; `SEED=7` repeats their course.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use rusqlite::Connection;
use std::process::Child;
use std::time::{Duration, Instant};
use transship::run::failpoint;

/// A table with an integer key, one with a key of two columns, one without a key, one WITHOUT ROWID.
const SOURCE: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id), body TEXT);
    CREATE INDEX by_author ON posts (author);
    CREATE TABLE pairs (a INTEGER, b TEXT, PRIMARY KEY (a, b));
    CREATE TABLE keyless (a INTEGER, b TEXT);
    CREATE TABLE clustered (code TEXT, number INTEGER, PRIMARY KEY (code, number)) WITHOUT ROWID;
    WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 600)
    INSERT INTO posts SELECT n, n % 100 + 1, 'body of the row ' || n FROM counter;
    INSERT INTO users SELECT id, 'user ' || id FROM posts WHERE id <= 100;
    INSERT INTO pairs SELECT id % 10, 'b' || id FROM posts WHERE id % 2 = 0;
    INSERT INTO keyless SELECT id % 50, 'twice' FROM posts;
    INSERT INTO clustered SELECT 'code ' || id % 30, id FROM posts WHERE id % 3 = 0;";

/// The same tables as an application makes them in the target.
const APPLICATION: &str = "
    CREATE SCHEMA app;
    CREATE TABLE app.users (id bigint PRIMARY KEY, name text NOT NULL);
    CREATE TABLE app.posts (id bigint PRIMARY KEY, author bigint NOT NULL REFERENCES app.users (id), body text);
    CREATE INDEX by_author ON app.posts (author);
    CREATE TABLE app.pairs (a bigint, b text, PRIMARY KEY (a, b));
    CREATE TABLE app.keyless (a bigint, b text);
    CREATE TABLE app.clustered (code text, number bigint, PRIMARY KEY (code, number));";

/// Changes rows of every table, in their first chunk and their last.
const CHANGE: &str = "
    UPDATE users SET name = name || '!' WHERE id IN (1, 100); UPDATE posts SET body = body || '!' WHERE id IN (1, 600);
    UPDATE pairs SET b = b || '!' WHERE a = 2; INSERT INTO keyless VALUES (1, 'twice'), (2, 'new');
    UPDATE clustered SET number = number + 1000 WHERE code = 'code 6';";

/// What both runs do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Create,
    Existing,
    Replace,
    Refresh,
}

/// The sessions of the first run that are ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The one that holds the lock.
    Control,
    All,
}

/// The ways of a round that all failpoints are tried with.
const WAYS: [(Mode, Ended); 6] = [
    (Mode::Create, Ended::Control),
    (Mode::Create, Ended::All),
    (Mode::Replace, Ended::All),
    (Mode::Existing, Ended::Control),
    (Mode::Refresh, Ended::All),
    (Mode::Refresh, Ended::Control),
];

impl Mode {
    fn migration(self) -> Migration {
        let spec = match self {
            Mode::Existing => format!("{SPEC}tables = \"existing\"\n"),
            Mode::Replace => format!("{SPEC}tables = \"replace\"\n"),
            Mode::Create | Mode::Refresh => SPEC.to_owned(),
        };
        let mut migration = Migration::into_database(SOURCE, &spec, Database::create());
        migration.set("TRANSSHIP_CHUNK_ROWS", "150");
        match self {
            Mode::Existing | Mode::Replace => {
                migration.database.ask(APPLICATION);
            }
            Mode::Create => {}
            Mode::Refresh => {
                migration.apply().exits(0);
                migration.change_source(CHANGE);
            }
        }
        migration
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Mode::Refresh => &["apply", "--yes", "--refresh", "--jobs", "2"],
            _ => &["apply", "--yes", "--jobs", "2"],
        }
    }
}

impl Ended {
    fn sql(self) -> &'static str {
        match self {
            Ended::Control => {
                "SELECT count(pg_terminate_backend(pid)) FROM pg_locks
                 WHERE locktype = 'advisory' AND mode = 'ExclusiveLock'
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            }
            Ended::All => {
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            }
        }
    }
}

/// The state of a process (`proc(5)`, /proc/PID/stat): `T` where it is stopped by a signal.
fn is_frozen(child: &Child) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
}

/// Waits until the process is frozen; false where it has ended instead.
fn freezes(child: &mut Child) -> bool {
    let patience = Instant::now() + Duration::from_secs(120);
    loop {
        if is_frozen(child) {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < patience, "neither frozen nor ended");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn wake(child: Child) -> Ran {
    let process = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGCONT).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Each row is there once: counted on both sides, by SQL alone.
fn holds_each_row_once(migration: &Migration, round: &str) {
    let connection = Connection::open(migration.source()).unwrap();
    for (table, what) in [
        ("users", "count(*) || ' ' || count(DISTINCT id) || ' ' || sum(length(name))"),
        ("posts", "count(*) || ' ' || count(DISTINCT id) || ' ' || sum(author) || ' ' || sum(length(body))"),
        ("pairs", "count(*) || ' ' || sum(a) || ' ' || sum(length(b))"),
        ("keyless", "count(*) || ' ' || sum(a) || ' ' || sum(length(b))"),
        ("clustered", "count(*) || ' ' || sum(number)"),
    ] {
        let source: String =
            connection.query_row(&format!("SELECT {what} FROM {table}"), [], |row| row.get(0)).unwrap();
        let target = migration.database.value(&format!("SELECT {what} FROM app.{table}"));
        assert_eq!(target, source, "{round}: {table}");
    }
}

/// One round; false where the first run never came to the failpoint.
fn round(name: &str, count: u64, mode: Mode, ended: Ended) -> bool {
    let told = format!("{name}:{count} {mode:?} {ended:?}");
    let migration = mode.migration();
    let mut first = migration.command(mode.words());
    first.env("TRANSSHIP_FAILPOINT", format!("{name}:{count}")).env("TRANSSHIP_FAILPOINT_SIGNAL", "STOP");
    first.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut first = first.spawn().unwrap();
    if !freezes(&mut first) {
        let output = first.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}: {}", String::from_utf8_lossy(&output.stderr));
        return false;
    }
    migration.database.value(ended.sql());
    let second = run(&mut migration.command(mode.words()));
    assert_eq!(second.code, Some(0), "{told}: the second run: {second}");
    holds_each_row_once(&migration, &format!("{told}: before the first run is woken"));
    let before = migration.database.value(CONTENT);
    let first = wake(first);
    // The last step was committed, so the second run had nothing to do and took nothing over: the first may still end its run.
    let ends_itself = second.stdout.contains("nothing to do") && first.code == Some(0);
    let is_over = name == "run_ended" || ends_itself;
    assert_eq!(first.code, Some(i32::from(!is_over)), "{told}: the first run: {first}");
    // Before its run began it has only lost its connection, and at its end there is nothing left to be done by others.
    let is_overtaken = first.stderr.contains("was overtaken by run");
    let is_before = ["prepared", "took_over", "ledger_created"].contains(&name);
    let is_at_the_end = second.stdout.contains("nothing to do");
    assert!(is_overtaken || is_over || is_before || is_at_the_end, "{told}: the first run: {first}");
    let after = migration.database.value(CONTENT);
    assert!(after == before || ends_itself, "{told}: the first run has changed the ledger");
    holds_each_row_once(&migration, &told);
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{told}: {again}");
    true
}

/// What the ledger holds.
const CONTENT: &str = "SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
    SELECT chunk::text FROM transship.chunk UNION ALL SELECT step::text FROM transship.step
    UNION ALL SELECT run::text FROM transship.run WHERE state <> 'running') AS ledger (line)";

#[test]
fn a_run_that_was_overtaken_changes_nothing() {
    let is_elsewhere = |name: &str| name.starts_with("rollback") || name.starts_with("merge");
    let names = failpoint::ALL.into_iter().filter(|name| !is_elsewhere(name)).collect::<Vec<_>>();
    let rounds = std::env::var("ROUNDS").ok().map(|rounds| rounds.parse::<usize>().unwrap());
    let in_ways = |(at, name): (usize, &&'static str)| {
        let (name, is_tried) = (*name, move |way: &usize| rounds.is_some() || way % 2 == at % 2);
        (0..WAYS.len()).filter(is_tried).map(move |way| (name, 1, WAYS[way].0, WAYS[way].1)).collect::<Vec<_>>()
    };
    let every = names.iter().enumerate().flat_map(in_ways).collect::<Vec<_>>();
    let rounds = rounds.unwrap_or(every.len());
    let mut number = std::env::var("SEED").map_or(0x2545_f491_4f6c_dd1d_u64, |seed| seed.parse().unwrap()) | 1;
    let mut below = |end: usize| {
        // Marsaglia's xorshift.
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        usize::try_from(number % u64::try_from(end).unwrap()).unwrap()
    };
    // After every failpoint in every way: at random, and not only when it is reached for the first time.
    let more = (every.len()..rounds).map(|_| {
        let (mode, ended) = WAYS[below(WAYS.len())];
        (names[below(names.len())], 1 + below(12) as u64, mode, ended)
    });
    let every_count = every.len();
    let plan = every.into_iter().chain(more.collect::<Vec<_>>()).take(rounds).collect::<Vec<_>>();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let reached = std::sync::Mutex::new(std::collections::BTreeMap::<&str, usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, count, mode, ended)) =
                    plan.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    if round(name, *count, *mode, *ended) {
                        *reached.lock().unwrap().entry(name).or_default() += 1;
                    }
                }
            });
        }
    });
    let reached = reached.into_inner().unwrap();
    let missed = names.iter().filter(|name| !reached.contains_key(*name)).collect::<Vec<_>>();
    assert!(missed.is_empty() || rounds < every_count, "never reached: {missed:?}");
    assert!(reached.values().sum::<usize>() * 10 >= plan.len() * 5, "too few rounds froze: {reached:?}");
}
