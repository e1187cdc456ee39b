//! `transship cutover`: nobody writes while it lasts, and whenever it does not end well the source is as it was.

use crate::support::mariadb::MariaDb;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::mysql::Mysql;
use crate::support::waiting::{self, signal};
use nix::sys::signal::Signal;
use rusqlite::Connection;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";

/// Starts a cut-over that freezes at a place, and waits until it is there.
#[track_caller]
fn frozen(migration: &Migration, place: &str) -> Child {
    waiting::frozen(migration.command(&["cutover", "--yes"]), place)
}

fn insert(migration: &Migration, id: u32) -> rusqlite::Result<usize> {
    let connection = Connection::open(migration.source())?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute("INSERT INTO users VALUES (?1, 'Late')", [id])
}

#[test]
fn a_file_is_held_from_the_beginning_to_the_end_in_either_journal_mode() {
    for mode in ["DELETE", "WAL"] {
        let migration = Migration::new(SOURCE, &format!("{SPEC}[cutover]\nwindow = '10m'\n"));
        let connection = Connection::open(migration.source()).unwrap();
        connection.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(())).unwrap();
        drop(connection);
        // While the application runs.
        migration.apply().exits(0);
        insert(&migration, 3).unwrap();
        let dry = migration.run(&["cutover", "--dry-run"]).exits(0);
        assert!(dry.stdout.contains("would begin"), "{dry}");
        insert(&migration, 4).unwrap();
        for place in ["cutover_held", "cutover_verified"] {
            let child = frozen(&migration, place);
            assert!(insert(&migration, 9).is_err(), "{mode}: a writer got in at {place}");
            // Killed, it leaves a file that can be written.
            signal(&child, Signal::SIGKILL);
            Ran::of(child);
            let mut free = insert(&migration, 100);
            for _ in 0..200 {
                if free.is_ok() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
                free = insert(&migration, 100);
            }
            free.unwrap();
            Connection::open(migration.source()).unwrap().execute("DELETE FROM users WHERE id = 100", []).unwrap();
            migration.database.wait_until_alone();
        }
        let child = frozen(&migration, "cutover_refreshed");
        assert!(insert(&migration, 9).is_err(), "{mode}: a writer got in after the refresh");
        signal(&child, Signal::SIGCONT);
        let done = Ran::of(child).exits(0);
        assert!(done.stdout.contains("the source was held for"), "{done}");
        assert_eq!(migration.database.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM app.users"), "1,2,3,4");
        let page = std::fs::read_to_string(migration.directory().join("spec.cutover.html")).unwrap();
        assert!(page.contains("The source was held from"), "{page}");
        // One at a time; and what is asked to stop does not go on to the end.
        let child = frozen(&migration, "cutover_refreshed");
        let second = migration.run(&["cutover", "--dry-run"]).exits(1);
        assert!(second.stderr.contains("another `transship cutover`"), "{second}");
        signal(&child, Signal::SIGINT);
        signal(&child, Signal::SIGCONT);
        let stopped = Ran::of(child).exits(1);
        assert!(stopped.stderr.contains("the source is as it was before"), "{stopped}");
        assert!(!stopped.stdout.contains("Cut-over of"), "{stopped}");
        let page = std::fs::read_to_string(migration.directory().join("spec.cutover.html")).unwrap_or_default();
        assert!(!page.contains("Equal"), "the evidence of one that was not done: {page}");
        insert(&migration, 5).unwrap();
        // Done before, and the application lives in the target: the source is not named as its database again.
        migration.database.ask("INSERT INTO app.users VALUES (50, 'Live')");
        for _ in 0..2 {
            let again = migration.run(&["cutover", "--yes"]).exits(3);
            assert!(again.stderr.contains("was done before"), "{again}");
            assert!(!again.stderr.contains("the application goes on with it"), "{again}");
        }
    }
}

#[test]
fn a_file_that_is_replaced_while_it_is_held_is_not_the_one_that_was_held() {
    let migration = Migration::new(SOURCE, SPEC);
    for place in ["cutover_held", "cutover_verified"] {
        let child = frozen(&migration, place);
        let other = migration.directory().join("other.db");
        std::fs::copy(migration.source(), &other).unwrap();
        Connection::open(&other).unwrap().execute("INSERT INTO users VALUES (NULL, 'Late')", []).unwrap();
        std::fs::rename(&other, migration.source()).unwrap();
        signal(&child, Signal::SIGCONT);
        let failed = Ran::of(child).exits(1);
        assert!(failed.stderr.contains("the file was replaced"), "{failed}");
        assert!(!failed.stdout.contains("Cut-over of"), "{failed}");
    }
    migration.run(&["cutover", "--yes"]).exits(0);
}

#[test]
fn a_cut_over_that_fails_gives_the_source_back_and_a_writer_at_work_keeps_it_from_beginning() {
    let check = "[checks.none]\nsql = 'SELECT count(*) FROM app.users'\nexpect = 0\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{check}"));
    let failed = migration.run(&["cutover", "--yes"]).exits(3);
    assert!(failed.stderr.contains("the source is as it was before"), "{failed}");
    insert(&migration, 3).unwrap();
    let writer = Connection::open(migration.source()).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO users VALUES (4, 'Open')").unwrap();
    let refused = migration.run(&["cutover", "--yes"]).exits(1);
    assert!(refused.stderr.contains("is not held"), "{refused}");
    writer.execute_batch("ROLLBACK").unwrap();
    // Nobody can be asked here, and the time is held against the rehearsal.
    migration.run(&["cutover"]).exits(2);
    migration.write_spec(&format!("{SPEC}[cutover]\nwindow = '1ms'\n"));
    migration.run(&["rehearse"]).exits(0);
    let short = migration.run(&["cutover", "--yes"]).exits(3);
    assert!(short.stderr.contains("the time is too short"), "{short}");
}

/// The document is as its schema says.
fn described(document: &Value) {
    let text = include_str!("../../specs/cutover.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
    let problems = validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(problems.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_document_says_how_long_the_source_was_held_and_what_was_expected() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}[cutover]\nwindow = '10m'\n"));
    migration.run(&["rehearse"]).exits(0);
    let json = |words: &[&str]| {
        let ran = migration.run(&[&["cutover", "--format", "json"], words].concat());
        described(&ran.json());
        ran
    };
    let dry = json(&["--dry-run"]).exits(0).json();
    assert_eq!((&dry["outcome"], &dry["hold"]["until"]), (&"would_begin".into(), &Value::Null), "{dry:#}");
    let done = json(&["--yes"]).exits(0);
    assert!(done.stderr.contains("equal"), "the comparison's text is on standard error: {done}");
    let done = done.json();
    assert_eq!((&done["outcome"], &done["hold"]["means"]), (&"done".into(), &"lock".into()), "{done:#}");
    let moves = done["moves"].as_array().unwrap().iter().map(|one| one["move"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(moves, ["hold", "refresh", "verify", "end"]);
    let time = |value: &Value| value.as_f64().unwrap();
    assert!(time(&done["estimated"]["low"]) > 0.0 && time(&done["seconds"]) > 0.0, "{done:#}");
    let moment = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let [from, until] = ["from", "until"].map(|end| moment(&done["hold"][end]));
    assert!(from <= until);
    // The evidence has the same, up to the end of the comparison.
    let page = std::fs::read_to_string(migration.directory().join("spec.cutover.html")).unwrap();
    let words = format!("The source was held from {}", done["hold"]["from"].as_str().unwrap());
    assert!(page.contains(&words) && page.contains("a lock on the file keeps writers waiting"), "{words}");
    let record = std::fs::read_to_string(migration.directory().join(".transship/cutover-case.json")).unwrap();
    let record = serde_json::from_str::<Value>(&record).unwrap();
    assert_eq!(record["held_until"], done["hold"]["until"]);
    // One that does not end well has its document too.
    migration.database.ask("UPDATE app.users SET name = 'other' WHERE id = 1");
    let failed = json(&["--yes"]).exits(3).json();
    assert_eq!((&failed["outcome"], &failed["exit_code"]), (&"given_back".into(), &3.into()), "{failed:#}");
    assert_eq!(failed["seconds"], Value::Null);
}

#[test]
fn a_backup_is_made_first_where_the_spec_wants_one() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}[backup]\nbefore_apply = true\n"));
    let dry = migration.run(&["cutover", "--dry-run"]).exits(0);
    assert!(dry.stderr.contains("would make a backup first") && dry.stdout.contains("would begin"), "{dry}");
    assert!(!migration.directory().join(".transship/backups").exists(), "{dry}");
    let done = migration.run(&["cutover", "--yes"]).exits(0);
    assert!(done.stderr.contains("backup: "), "{done}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
}

#[test]
fn mysql_refuses_its_administrators_too() {
    let Some(server) = Mysql::start(&[]) else { return };
    let source =
        "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";
    let spec = format!("{SPEC}[cutover]\nsource = 'read_only'\n").replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
    let migration = Migration::from_mariadb(&server, source, &spec);
    let names = server.ask("", "SHOW DATABASES LIKE 'source%'");
    let database = names.lines().last().unwrap().trim().to_owned();
    let ask = |sql: &str| run(server.client(&database).args(["-e", sql]));
    let late = |id: u32| ask(&format!("SET lock_wait_timeout = 1; INSERT INTO users VALUES ({id}, 'Late')"));
    let settings = || ask("SELECT @@super_read_only + @@read_only AS settings").stdout;
    let child = frozen(&migration, "cutover_verified");
    let refused = late(9);
    assert!(refused.code != Some(0) && refused.stderr.contains("super-read-only"), "{refused}");
    signal(&child, Signal::SIGCONT);
    let done = Ran::of(child).exits(0);
    assert!(done.stdout.contains("only reads") && !done.stdout.contains("administrators can write"), "{done}");
    assert!(settings().contains('2'));
    assert!(late(9).stderr.contains("super-read-only"), "nobody writes until it is released");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
    // Killed, it leaves the server so, and a release sets it as it was before the first one.
    let killed = frozen(&migration, "cutover_held");
    signal(&killed, Signal::SIGKILL);
    Ran::of(killed);
    migration.database.wait_until_alone();
    migration.run(&["cutover", "--release"]).exits(0);
    assert!(settings().contains('0'));
    late(5).exits(0);
    // A user who may not ask whether it is a replica is told so.
    server.ask(
        "",
        "CREATE USER reader IDENTIFIED BY 'x'; GRANT SELECT, RELOAD, SHOW VIEW, LOCK TABLES, PROCESS ON *.* TO reader",
    );
    migration.write_spec(&spec.replace("read_only", "lock"));
    let url = server.url(&database).replace("transship:secret@", "reader:x@");
    let dry_run = run(migration.command(&["cutover", "--dry-run"]).env("CASE_SOURCE", &url)).exits(0);
    assert!(dry_run.stderr.contains("Whether the server is a replica of another is not known"), "{dry_run}");
}

#[test]
fn a_server_is_held_by_a_lock_or_set_to_only_read() {
    // Of its own: others would wait.
    let server = MariaDb::start(&[]);
    let spec = |more: &str| format!("{SPEC}{more}").replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
    let source = "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
        CREATE USER clerk IDENTIFIED BY 'x'; GRANT ALL ON *.* TO clerk; REVOKE SUPER, READ_ONLY ADMIN ON *.* FROM clerk";
    let migration = Migration::from_mariadb(&server, source, &spec(""));
    let names = server.ask("", "SHOW DATABASES LIKE 'source%'");
    let database = names.lines().last().unwrap().trim().to_owned();
    let late = |id: u32| {
        let insert = format!("SET lock_wait_timeout = 1; INSERT INTO users VALUES ({id}, 'Late')");
        let mut client = server.client(&database);
        run(client.args(["--user=clerk", "--password=x", "-e", &insert])).code == Some(0)
    };
    assert!(late(3));
    let child = frozen(&migration, "cutover_refreshed");
    assert!(!late(9), "a writer got past the lock");
    signal(&child, Signal::SIGCONT);
    let done = Ran::of(child).exits(0);
    assert!(
        done.stderr.contains("a read lock on the server") && done.stdout.contains("can be written again"),
        "{done}"
    );
    assert!(late(4));
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "3");
    a_transaction_that_has_written_keeps_it_from_beginning(&migration, &server, &database);
    // Set to only read: it stays so, until it is released.
    migration.write_spec(&spec("[cutover]\nsource = 'read_only'\n"));
    let killed = frozen(&migration, "cutover_held");
    signal(&killed, Signal::SIGKILL);
    Ran::of(killed);
    migration.database.wait_until_alone();
    assert!(!late(9), "a killed cut-over leaves the server as it says");
    assert!(migration.run(&["status"]).exits(0).stderr.contains("an earlier cut-over was killed"));
    // Neither another migration beside it nor a lock takes away what says how the server was.
    for name in ["neighbour", "case"] {
        migration.write_spec(&spec("").replace("name = \"case\"", &format!("name = \"{name}\"")));
        migration.run(&["cutover", "--dry-run"]).exits(0);
    }
    assert!(migration.run(&["status"]).exits(0).stderr.contains("an earlier cut-over was killed"));
    // The next one that fails gives the server back as it was before the killed one.
    let check = "[checks.none]\nsql = 'SELECT count(*) FROM app.users'\nexpect = 0\n";
    migration.write_spec(&spec(&format!("[cutover]\nsource = 'read_only'\n{check}")));
    let failed = migration.run(&["cutover", "--yes"]).exits(3);
    assert!(failed.stderr.contains("an earlier cut-over was killed"), "{failed}");
    assert!(late(10));
    migration.write_spec(&spec("[cutover]\nsource = 'read_only'\n"));
    // The setting lets the spec's own user write, who is an administrator: the lock beside it does not.
    let child = frozen(&migration, "cutover_verified");
    let insert = "SET lock_wait_timeout = 1; INSERT INTO users VALUES (9, 'Late')";
    let refused = run(server.client(&database).args(["-e", insert]));
    assert!(refused.code != Some(0) && refused.stderr.contains("Lock wait"), "{refused}");
    signal(&child, Signal::SIGCONT);
    let done = Ran::of(child).exits(0);
    assert!(done.stdout.contains("was held for") && done.stdout.contains("only reads"), "{done}");
    assert!(done.stdout.contains("administrators can write"), "{done}");
    assert!(!late(9));
    // Another one of the same spec that is killed has set nothing: the next one gives nothing back, and knows of the one that was done.
    let killed = frozen(&migration, "cutover_held");
    signal(&killed, Signal::SIGKILL);
    Ran::of(killed);
    migration.database.wait_until_alone();
    let tried = migration.run(&["cutover", "--dry-run"]).exits(0);
    assert!(tried.stderr.contains("this cut-over was done before") && !late(9), "{tried}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "5");
    let undone = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(undone.stderr.contains("the source still only reads"), "{undone}");
    // Not released, and the next one fails: the application cannot go on.
    migration.write_spec(&spec(&format!("[cutover]\nsource = 'read_only'\n{check}")));
    let failed = migration.run(&["cutover", "--yes"]).exits(3);
    assert!(failed.stderr.contains("it only reads; to let the application write there: "), "{failed}");
    assert!(!failed.stderr.contains("was done") && !late(9), "{failed}");
    migration.write_spec(&spec("[cutover]\nsource = 'read_only'\n"));
    let released = migration.run(&["cutover", "--release"]).exits(0);
    assert!(released.stdout.contains("can be written again"), "{released}");
    assert!(late(5));
    // A server that only read before does afterwards, and that is said.
    server.ask("", "SET GLOBAL read_only = 1");
    migration.run(&["cutover", "--yes"]).exits(0);
    let released = migration.run(&["cutover", "--release"]).exits(0);
    assert!(released.stdout.contains("it only reads (read_only = 1)"), "{released}");
    assert!(!late(9));
    let nothing = migration.run(&["cutover", "--release"]).exits(0);
    assert!(nothing.stdout.contains("nothing to give back"), "{nothing}");
}

/// Its COMMIT would go through once the lock has ended, and the target would not have it.
fn a_transaction_that_has_written_keeps_it_from_beginning(migration: &Migration, server: &MariaDb, database: &str) {
    server
        .ask("", "CREATE USER reader IDENTIFIED BY 'x'; GRANT SELECT, RELOAD, SHOW VIEW, LOCK TABLES ON *.* TO reader");
    let begin = |place: &str| {
        let mut client = server.client(place);
        client.args(["--unbuffered", "--user=clerk", "--password=x"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = client.spawn().unwrap();
        let mut input = client.stdin.take().unwrap();
        writeln!(input, "BEGIN; UPDATE users SET name = 'In flight' WHERE id = 1; SELECT 'written';").unwrap();
        let mut said = String::new();
        BufReader::new(client.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "written\n");
        (client, input)
    };
    let own = server.url(database);
    let as_reader = own.replace("transship:secret@", "reader:x@");
    let dry_run = |url: &String| run(migration.command(&["cutover", "--dry-run"]).env("CASE_SOURCE", url));
    let (mut client, input) = begin(database);
    for url in [&own, &as_reader] {
        let refused = dry_run(url).exits(1);
        assert!(refused.stderr.contains("Let it end, or end its session"), "{refused}");
    }
    drop(input);
    client.wait().unwrap();
    // InnoDB's list of transactions stays as it was for as long as somebody reads it again and again.
    let looks = "SELECT count(*), sleep(0.03) FROM information_schema.innodb_trx;".repeat(400);
    let mut monitor = server.client("").args(["-e", &looks]).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let (mut client, input) = begin(database);
    for url in [&own, &as_reader] {
        dry_run(url).exits(1);
    }
    drop(input);
    client.wait().unwrap();
    monitor.kill().unwrap();
    monitor.wait().unwrap();
    // One that is prepared has no session any more, nor locks.
    server.ask(
        database,
        "XA START 'two'; UPDATE users SET name = 'In flight' WHERE id = 1; XA END 'two'; XA PREPARE 'two'",
    );
    for url in [&own, &as_reader] {
        let refused = dry_run(url).exits(1);
        assert!(refused.stderr.contains("XA RECOVER"), "{refused}");
    }
    server.ask(database, "XA ROLLBACK 'two'");
    // One in another database is not in the way.
    server.ask("", "CREATE DATABASE others; CREATE TABLE others.users (id INT PRIMARY KEY, name TEXT); INSERT INTO others.users VALUES (1, 'x')");
    let (mut client, input) = begin("others");
    for url in [&own, &as_reader] {
        dry_run(url).exits(0);
    }
    drop(input);
    client.wait().unwrap();
    // Who may not ask is told so.
    server.ask("", "REVOKE LOCK TABLES ON *.* FROM reader");
    let doubtful = dry_run(&as_reader).exits(0);
    assert!(doubtful.stderr.contains("Whether a transaction was open that has written is not known"), "{doubtful}");
    // The reason for which only the tables are locked is the server's.
    server.ask("", "REVOKE RELOAD ON *.* FROM reader; GRANT LOCK TABLES ON *.* TO reader");
    let of_tables = dry_run(&as_reader).exits(0);
    assert!(
        of_tables.stderr.contains("The server is not locked as a whole, but each table: Access denied"),
        "{of_tables}"
    );
    // A replica by a connection with a name is one too; who may not ask for it sees it at work.
    assert!(!of_tables.stderr.contains("replica"), "{of_tables}");
    server.ask(
        "",
        "CHANGE MASTER 'main' TO MASTER_HOST = '127.0.0.1', MASTER_USER = 'nobody'; START SLAVE 'main' SQL_THREAD",
    );
    for url in [&own, &as_reader] {
        let replica = dry_run(url).exits(0);
        assert!(replica.stderr.contains("The server is a replica of another"), "{replica}");
    }
    server.ask("", "STOP SLAVE 'main'; RESET SLAVE 'main' ALL");
}
