//! `transship cutover`: nobody writes while it lasts, and whenever it does not end well the source is as it was.

use crate::support::mariadb::MariaDb;
use crate::support::migration::{Migration, Ran, SPEC, run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::Connection;
use std::process::{Child, Stdio};
use std::time::Duration;

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";

/// Starts a cut-over that freezes at a place, and waits until it is there.
fn frozen(migration: &Migration, place: &str) -> Child {
    let mut command = migration.command(&["cutover", "--yes"]);
    command.env("TRANSSHIP_FAILPOINT", place).env("TRANSSHIP_FAILPOINT_SIGNAL", "STOP");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let state = format!("/proc/{}/stat", child.id());
    let is_stopped = || {
        let text = std::fs::read_to_string(&state).unwrap();
        text.rsplit(')').next().unwrap().trim_start().starts_with('T')
    };
    for _ in 0..3000 {
        if is_stopped() {
            return child;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it never came to {place}: {}", Ran::of(child));
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
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
        assert!(done.stdout.contains("the source stood still for"), "{done}");
        assert_eq!(migration.database.value("SELECT string_agg(id::text, ',' ORDER BY id) FROM app.users"), "1,2,3,4");
        let page = std::fs::read_to_string(migration.directory().join("spec.cutover.html")).unwrap();
        assert!(page.contains("Compared in a cut-over, while nobody could write to the source"), "{page}");
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
    assert!(failed.stderr.contains("the source can be written again"), "{failed}");
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

#[test]
fn a_backup_is_made_first_where_the_spec_wants_one() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}[backup]\nbefore_apply = true\n"));
    migration.run(&["cutover", "--dry-run"]).exits(3);
    let done = migration.run(&["cutover", "--yes"]).exits(0);
    assert!(done.stderr.contains("backup: "), "{done}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
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
    // Set to only read: it stays so, until it is released.
    migration.write_spec(&spec("[cutover]\nsource = 'read_only'\n"));
    let killed = frozen(&migration, "cutover_held");
    signal(&killed, Signal::SIGKILL);
    Ran::of(killed);
    migration.database.wait_until_alone();
    assert!(!late(9), "a killed cut-over leaves the server as it says");
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
    assert!(done.stdout.contains("stood still") && done.stdout.contains("only reads"), "{done}");
    assert!(done.stdout.contains("administrators can write"), "{done}");
    assert!(!late(9));
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "5");
    migration.run(&["cutover", "--release"]).exits(0);
    assert!(late(5));
    let nothing = migration.run(&["cutover", "--release"]).exits(0);
    assert!(nothing.stdout.contains("nothing to give back"), "{nothing}");
}
