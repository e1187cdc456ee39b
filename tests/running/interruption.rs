//! Runs that are interrupted: by the user, by a crash of the program, by a crash of the server. Applied again, each ends
//! with every row once.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::proxy::Proxy;
use crate::support::server::{Server, programs, server};
use crate::support::waiting::wait_until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Rows of the large table: three chunks.
const ROWS: u32 = 520_000;

/// A large table with a key, one without, one WITHOUT ROWID, and some work after the copies.
fn source() -> String {
    format!(
        "CREATE TABLE large (id INTEGER PRIMARY KEY, body TEXT NOT NULL, number REAL);
         CREATE INDEX by_body ON large (body);
         CREATE TABLE keyless (a INTEGER, b TEXT);
         CREATE TABLE clustered (code TEXT, number INTEGER, PRIMARY KEY (code, number)) WITHOUT ROWID;
         WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < {ROWS})
         INSERT INTO large SELECT n, 'body of the row ' || n, n / 7.0 FROM counter;
         INSERT INTO keyless SELECT id % 1000, body FROM large WHERE id % 5 = 0;
         INSERT INTO clustered SELECT 'code ' || id % 100, id FROM large WHERE id % 5 = 1;"
    )
}

fn migration(database: Database) -> Migration {
    Migration::into_database(&source(), SPEC, database)
}

/// Starts an apply and waits for its `count`-th event of this kind; nothing where the run has ended before.
fn start_until(migration: &Migration, event: &str, count: usize) -> Option<Child> {
    let mut command = migration.command(&["apply", "--yes", "--format", "json", "--jobs", "2"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let wanted = format!("\"event\":\"{event}\"");
    let seen = lines.by_ref().map(Result::unwrap).filter(|line| line.contains(&wanted)).take(count).count();
    if seen < count {
        Ran::of(child).exits(0);
        return None;
    }
    // The rest is read, or the program would wait for its reader.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Some(child)
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// Applies to the end, and proves that every row is there once.
fn completes(migration: &Migration) {
    migration.apply().exits(0);
    migration.verify().exits(0);
    let count = |table: &str| migration.database.value(&format!("SELECT count(*) FROM app.{table}"));
    assert_eq!(["large", "keyless", "clustered"].map(count), [ROWS, ROWS / 5, ROWS / 5].map(|rows| rows.to_string()));
    assert_eq!(migration.database.value("SELECT count(DISTINCT b) FROM app.keyless"), (ROWS / 5).to_string());
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

#[test]
fn an_interrupt_stops_cleanly_and_apply_goes_on() {
    let migration = migration(Database::create());
    let child = start_until(&migration, "step_progress", 3).unwrap();
    signal(&child, Signal::SIGINT);
    let stopped = Ran::of(child).exits(1);
    assert!(stopped.stderr.contains("interrupted before the end"), "{stopped}");
    assert!(stopped.stderr.contains("Run the same command again"), "{stopped}");
    assert_eq!(migration.database.value("SELECT state FROM transship.run"), "interrupted");
    completes(&migration);
}

/// A run that cannot come to its end, since nothing passes the network any more: the second interrupt ends it at once.
#[test]
fn a_second_interrupt_stops_at_once() {
    let mut migration = migration(Database::create());
    let proxy = Proxy::before(server().port());
    migration.set("CASE_TARGET", &proxy.url(&migration.database.url));
    let mut child = start_until(&migration, "step_progress", 3).unwrap();
    proxy.stall();
    signal(&child, Signal::SIGINT);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(child.try_wait().unwrap(), None, "the run cannot know that the server is out of reach");
    signal(&child, Signal::SIGINT);
    let began = Instant::now();
    let stopped = Ran::of(child).exits(1);
    // Nothing passes for a minute.
    assert!(began.elapsed() < Duration::from_secs(30), "{stopped}");
    assert!(stopped.stderr.contains("again to stop at once"), "{stopped}");
    proxy.mend();
    migration.database.wait_until_alone();
    completes(&migration);
}

/// A copy that waits for somebody's lock comes to no place where it could stop by itself.
#[test]
fn an_interrupt_ends_the_waiting_for_a_lock() {
    let spec = SPEC.replace("schema = \"app\"", "schema = \"app\"\ntables = \"existing\"");
    let migration = Migration::new("CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1), (2)", &spec);
    let database = &migration.database;
    database.ask("CREATE SCHEMA app; CREATE TABLE app.a (id bigint PRIMARY KEY)");
    let mut holder = Command::new(programs().join("psql"));
    let hold = "BEGIN; LOCK TABLE app.a IN SHARE MODE; SELECT pg_sleep(600)";
    let mut holder = holder.args(["-qX", "-c", hold, &database.url]).stdout(Stdio::null()).spawn().unwrap();
    let waiting = |what: &str| {
        let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {what}");
        wait_until(what, || database.value(&sql) != "0");
    };
    waiting("wait_event = 'PgSleep'");
    let child = migration.spawn(&["apply", "--yes"]);
    waiting("wait_event_type = 'Lock'");
    signal(&child, Signal::SIGINT);
    let stopped = Ran::of(child).exits(1);
    assert!(stopped.stderr.contains("interrupted before the end"), "{stopped}");
    assert_eq!(database.value("SELECT state FROM transship.run"), "interrupted");
    holder.kill().unwrap();
    holder.wait().unwrap();
    database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'");
    migration.apply().exits(0);
    migration.verify().exits(0);
}

#[test]
fn kills_at_any_moment_lose_and_double_nothing() {
    let migration = migration(Database::create());
    let moments =
        [("run_started", 1), ("step_progress", 1), ("step_progress", 6), ("step_progress", 3), ("step_done", 4)];
    let mut killed = 0;
    for (at, (event, count)) in moments.into_iter().enumerate() {
        let Some(mut child) = start_until(&migration, event, count) else { break };
        // Between two events as well.
        std::thread::sleep(Duration::from_millis(at as u64 * 7 % 23));
        signal(&child, Signal::SIGKILL);
        if child.wait().unwrap().code().is_none() {
            killed += 1;
        }
        migration.database.wait_until_alone();
    }
    assert!(killed >= 2, "the runs were quicker than the signals");
    completes(&migration);
    assert_eq!(migration.database.value("SELECT count(*) FROM transship.run WHERE state = 'running'"), "0");
}

#[test]
fn two_applies_at_once_are_refused() {
    let migration = migration(Database::create());
    let child = start_until(&migration, "step_progress", 1).unwrap();
    // Stopped, it holds its lock for as long as the second takes.
    signal(&child, Signal::SIGSTOP);
    let second = migration.apply();
    signal(&child, Signal::SIGCONT);
    let second = second.exits(1);
    assert!(second.stderr.contains("another transship is working on the migration \"case\""), "{second}");
    Ran::of(child).exits(0);
    migration.verify().exits(0);
}

#[test]
fn a_server_that_crashes_loses_and_doubles_nothing() {
    let mut server = Server::start();
    let migration = migration(Database::create_on(&server));
    let mut child = start_until(&migration, "step_progress", 4).unwrap();
    server.crash_and_restart();
    // It may have waited for the server and gone on, or have given up: both are right.
    let code = child.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    if code == Some(0) {
        migration.verify().exits(0);
    }
    completes(&migration);
}
