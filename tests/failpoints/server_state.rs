//! One state of a server, which keeps none for a process that is gone: whatever kills a run while others write, the state that
//! the last run has read is what the target holds, and no row of another.

use crate::support::mariadb::{MariaDb, mariadb};
use crate::support::migration::{Migration, Ran, run};
use crate::support::mysql::{Mysql, mysql};
use crate::support::mysql_server::MysqlServer;
use crate::support::waiting::{StopOnDrop, frozen, wait_until};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub(super) const SPEC: &str = r#"spec = 1
name = "case"

[source]
url = "${CASE_SOURCE}"

[target]
url = "${CASE_TARGET}"
schema = "app"
"#;

/// Two tables of accounts whose sum stays the same whoever gives to whom; a journal without a key, and how many rows it has.
fn source() -> String {
    let digit = (0..10).map(|digit| format!("SELECT {digit} AS n")).collect::<Vec<_>>().join(" UNION ALL ");
    let numbers = format!(
        "(SELECT a.n + b.n * 10 + c.n * 100 + d.n * 1000 + 1 AS seq FROM ({digit}) AS a, ({digit}) AS b, ({digit}) AS c, ({digit}) AS d) AS numbers"
    );
    format!(
        "CREATE TABLE givers (id INT PRIMARY KEY, balance INT NOT NULL) ENGINE=InnoDB;
         CREATE TABLE takers (id INT PRIMARY KEY, balance INT NOT NULL, note TEXT) ENGINE=InnoDB;
         CREATE TABLE journal (giver INT, amount INT) ENGINE=InnoDB;
         CREATE TABLE counter (id INT PRIMARY KEY, entries INT NOT NULL) ENGINE=InnoDB;
         INSERT INTO givers SELECT seq, 1000 FROM {numbers} WHERE seq <= 3000;
         INSERT INTO takers SELECT seq, 1000, repeat('x', 40) FROM {numbers} WHERE seq <= 3000;
         INSERT INTO counter VALUES (1, 0);"
    )
}

/// A transfer from one table to the other, with its entry.
fn transfer(number: u32) -> String {
    let (giver, taker) = (number * 7 % 3000 + 1, number * 11 % 3000 + 1);
    format!(
        "BEGIN; UPDATE givers SET balance = balance - 1 WHERE id = {giver}; INSERT INTO journal VALUES ({giver}, 1);
         UPDATE takers SET balance = balance + 1 WHERE id = {taker}; UPDATE counter SET entries = entries + 1; COMMIT;\n"
    )
}

/// The sum of all accounts, and what the counter says beyond the journal's rows: the same in every state.
const INVARIANT: &str = "SELECT (SELECT sum(balance) FROM givers) + (SELECT sum(balance) FROM takers),
    (SELECT count(*) FROM journal) - (SELECT entries FROM counter)";

/// What makes it one state: the sum, and no difference.
pub(super) fn is_one_state(migration: &Migration, place: &str) {
    let in_target = INVARIANT.replace("FROM ", "FROM app.");
    let found = migration.database.value(&format!("SELECT concat_ws(' ', a, b) FROM ({in_target}) AS found (a, b)"));
    assert_eq!(found, "6000000 0", "{place}");
}

/// The plain client that is written to and says nothing.
pub(super) fn client(server: &MysqlServer, database: &str) -> Command {
    let mut command = server.client(database);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The servers at hand: MariaDB, and MySQL where it can be had.
pub(super) fn servers() -> Vec<&'static MysqlServer> {
    let mariadb: &MysqlServer = mariadb();
    let mysql = mysql().map(|server| -> &MysqlServer { server });
    [mariadb].into_iter().chain(mysql).collect()
}

/// A MariaDB, and a MySQL where it can be had.
type Pair = (MariaDb, Option<Mysql>);

/// Servers that one test has at a time: no statement and no lock of a test beside it is on them.
fn undisturbed() -> MutexGuard<'static, Pair> {
    static SERVERS: OnceLock<Mutex<Pair>> = OnceLock::new();
    let servers = SERVERS.get_or_init(|| Mutex::new((MariaDb::start(&[]), Mysql::start(&[]))));
    servers.lock().unwrap_or_else(PoisonError::into_inner)
}

fn each_of(pair: &Pair) -> impl Iterator<Item = &MysqlServer> {
    let mariadb: &MysqlServer = &pair.0;
    [Some(mariadb), pair.1.as_deref()].into_iter().flatten()
}

pub(super) fn is_mariadb(server: &MysqlServer) -> bool {
    server.ask("", "SELECT version()").contains("MariaDB")
}

/// Writes to the server for as long as `work` runs. Each transfer is waited for, so that there are moments without a statement,
/// however long a commit takes.
fn while_others_write<T>(server: &MysqlServer, database: &str, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                // A deadlock with a lock of the run ends the client, and with it the transaction: another one goes on.
                let mut client = client(server, database);
                client.args(["--unbuffered", "--skip-reconnect"]).stdout(Stdio::piped());
                let mut client = client.spawn().unwrap();
                let mut input = client.stdin.take().unwrap();
                let mut answers = BufReader::new(client.stdout.take().unwrap()).lines();
                while !stop.load(Ordering::Relaxed) {
                    let asked = input.write_all(format!("{} SELECT 'done';\n", transfer(number).trim_end()).as_bytes());
                    if asked.is_err() || answers.next().is_none_or(|answer| answer.is_err()) {
                        break;
                    }
                    number += 1;
                    std::thread::sleep(Duration::from_millis(2));
                }
                drop(input);
                client.wait().unwrap();
            }
        });
        let _stopped = StopOnDrop(&stop);
        work()
    })
}

pub(super) fn migration(server: &MysqlServer) -> (Migration, String) {
    let database = server.create_database();
    server.ask(&database, &source());
    let mut migration = Migration::with_source(|_| {}, SPEC, crate::support::database::Database::create());
    migration.set("CASE_SOURCE", &server.url(&database));
    migration.set("TRANSSHIP_CHUNK_ROWS", "700");
    (migration, database)
}

/// The command until it dies at the failpoint; false where it never came there.
fn dies_at(migration: &Migration, words: &[&str], failpoint: &str) -> bool {
    let ran = run(migration.command(words).env("TRANSSHIP_FAILPOINT", failpoint));
    migration.database.wait_until_alone();
    assert!(matches!(ran.code, None | Some(0)), "{failpoint}: {ran}");
    ran.code.is_none()
}

pub(super) const APPLY: [&str; 4] = ["apply", "--yes", "--jobs", "2"];
pub(super) const REFRESH: [&str; 5] = ["apply", "--yes", "--refresh", "--jobs", "2"];

/// The state of the source that the latest run read, as `status` says it.
pub(super) fn snapshot(migration: &Migration) -> serde_json::Value {
    let status = migration.run(&["status", "--format", "json"]).exits(0).json();
    status["runs"][0]["source_snapshot"].clone()
}

/// The run until it is frozen at the failpoint.
pub(super) fn frozen_at(migration: &Migration, words: &[&str], failpoint: &str) -> Child {
    frozen(migration.command(words), failpoint)
}

pub(super) fn wake(child: Child) -> Ran {
    let process = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGCONT).unwrap();
    Ran::of(child)
}

#[test]
fn a_run_that_dies_while_others_write_is_continued_in_one_state() {
    for server in servers() {
        let (migration, database) = migration(server);
        let mut died = 0;
        while_others_write(server, &database, || {
            let places = [
                "run_begun",
                "chunk_claimed",
                "chunk_half_sent:2",
                "chunk_committed:1",
                "chunk_committed:2",
                "copy_recorded",
                "statement_committed",
                "before_end_of_run",
                "refresh_committed",
                "stale_removed:1",
            ];
            for (number, place) in places.into_iter().enumerate() {
                // What was finished waits for leave to be copied again; what was not does not.
                let is_finished = number > 0;
                if !dies_at(&migration, if is_finished { &REFRESH } else { &APPLY }, place) {
                    continue;
                }
                died += 1;
                // Twice in one run: a continued run may die as well.
                dies_at(&migration, &APPLY, "chunk_committed:2");
                let ran = migration.run(&APPLY);
                let ran = if ran.code == Some(3) { migration.run(&REFRESH) } else { ran };
                ran.exits(0);
                is_one_state(&migration, place);
            }
            let entries = server.ask(&database, "SELECT entries FROM counter");
            assert!(entries.trim().parse::<u32>().unwrap() > 100, "the writer did not come to write: {entries}");
        });
        assert!(died >= 7, "{died}");
        run(&mut migration.command(&REFRESH)).exits(0);
        migration.verify().exits(0);
        assert_eq!(server.ask(&database, INVARIANT).trim(), "6000000\t0");
        let last = migration.database.value("SELECT entries FROM app.counter");
        assert_eq!(server.ask(&database, "SELECT entries FROM counter").trim(), last);
        let again = migration.apply().exits(0);
        assert!(again.stdout.contains("nothing to do"), "{again}");
    }
}

/// What an unfinished run has copied is brought to the state of today; what a finished one has is not touched without leave.
#[test]
fn only_an_unfinished_run_is_brought_to_another_state_by_itself() {
    let server = mariadb();
    let (migration, database) = migration(server);
    assert!(dies_at(&migration, &APPLY, "copy_recorded:4"));
    server.ask(
        &database,
        "UPDATE givers SET balance = balance - 5 WHERE id = 1; UPDATE takers SET balance = balance + 5 WHERE id = 9",
    );
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let findings = plan["findings"].as_array().unwrap();
    let changed = findings.iter().filter(|finding| finding["code"] == "source_changed").collect::<Vec<_>>();
    assert!(!changed.is_empty() && changed.iter().all(|finding| finding["severity"] == "warns"), "{findings:?}");
    migration.run(&APPLY).exits(0);
    is_one_state(&migration, "continued");
    migration.verify().exits(0);
    server.ask(
        &database,
        "UPDATE givers SET balance = balance - 5 WHERE id = 1; UPDATE takers SET balance = balance + 5 WHERE id = 9",
    );
    let refused = migration.run(&APPLY).exits(3);
    assert!(refused.output().contains("source_changed"), "{refused}");
    migration.run(&REFRESH).exits(0);
    migration.verify().exits(0);
}

#[test]
fn two_processes_at_once_leave_one_state() {
    for server in servers() {
        let (migration, database) = migration(server);
        while_others_write(server, &database, || {
            let frozen = frozen_at(&migration, &APPLY, "chunk_committed:2");
            // The lock of the migration is held by the frozen one: its session is ended, and another run does everything.
            let locked = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
            migration.database.value(locked);
            migration.run(&APPLY).exits(0);
            is_one_state(&migration, "the second");
            let overtaken = wake(frozen);
            assert_eq!(overtaken.code, Some(1), "{overtaken}");
            is_one_state(&migration, "after the first was woken");
        });
    }
}

#[test]
fn each_method_takes_one_state_and_is_recorded() {
    // The lock of the whole server is taken in a moment in which nobody's statement runs.
    for server in each_of(&undisturbed()) {
        for method in ["global_lock", "backup_stage", "table_locks", "one_connection"] {
            if method == "backup_stage" && !is_mariadb(server) {
                // MySQL knows no such stage.
                continue;
            }
            let (migration, database) = migration(server);
            migration.write_spec(&SPEC.replace("[target]", &format!("snapshot = \"{method}\"\n\n[target]")));
            let report = migration.directory().join("evidence.json");
            let words = [&APPLY[..], &["--report", report.to_str().unwrap()]].concat();
            while_others_write(server, &database, || migration.run(&words).exits(0));
            is_one_state(&migration, method);
            let snapshot = snapshot(&migration);
            assert_eq!((&snapshot["method"], &snapshot["is_proven"]), (&method.into(), &true.into()), "{snapshot}");
            if method != "one_connection" {
                assert!(snapshot["log_file"].as_str().unwrap().starts_with("binlog."), "{snapshot}");
            }
            let evidence = std::fs::read_to_string(&report).unwrap();
            let evidence: serde_json::Value = serde_json::from_str(&evidence).unwrap();
            assert_eq!(evidence["source_snapshot"], snapshot);
            let text = migration.run(&["status"]).exits(0);
            assert!(text.stdout.contains(&format!("source  {method}")), "{text}");
        }
    }
}

/// The transactions of a run hold the structure of the tables from the time of planning on, also of those that are still to be
/// read: who alters one waits.
#[test]
fn alterations_wait_until_a_run_is_over() {
    for server in servers() {
        let (migration, database) = migration(server);
        server.ask(&database, "INSERT INTO journal VALUES (1, 0); UPDATE counter SET entries = 1");
        let apply = ["apply", "--yes", "--jobs", "2", "--no-profile"];
        let child = frozen_at(&migration, &apply, "chunk_committed:1");
        for change in
            ["ALTER TABLE journal FORCE", "ALTER TABLE journal DROP COLUMN amount", "RENAME TABLE journal TO other"]
        {
            let sql = format!("SET SESSION lock_wait_timeout = 1; {change}");
            let refused = server.client(&database).args(["-e", &sql]).output().unwrap();
            let said = String::from_utf8_lossy(&refused.stderr);
            assert!(said.contains("ERROR 1205"), "{change}: {said}");
        }
        wake(child).exits(0);
        is_one_state(&migration, "altered");
        migration.verify().exits(0);
        server.ask(&database, "SET SESSION lock_wait_timeout = 60; ALTER TABLE journal FORCE");
        migration.verify().exits(0);
    }
}

#[test]
fn the_users_rights_decide_the_method() {
    for server in servers() {
        let (mut migration, database) = migration(server);
        for (user, right) in [("reader", "SELECT"), ("locker", "SELECT, LOCK TABLES")] {
            server.ask(
                "",
                &format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'x'; GRANT {right} ON {database}.* TO '{user}'@'%'"),
            );
        }
        let mut method = |user: &str| {
            migration.set("CASE_SOURCE", &format!("mysql://{user}:x@127.0.0.1:{}/{database}", server.port()));
            migration.run(&["rollback", "--yes"]).exits(0);
            migration.run(&APPLY).exits(0);
            is_one_state(&migration, user);
            snapshot(&migration)["method"].as_str().unwrap().to_owned()
        };
        assert_eq!(method("locker"), "table_locks");
        let method = while_others_write(server, &database, || method("reader"));
        assert!(["positions", "one_connection"].contains(&method.as_str()), "{method}");
        // What was asked for and is not to be had is an error, and no other method.
        migration.write_spec(&SPEC.replace("[target]", "snapshot = \"global_lock\"\n\n[target]"));
        let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(1);
        assert!(refused.output().contains("global_lock: Access"), "{refused}");
    }
}

/// Behind a lock that waits for a long statement the whole application would wait.
#[test]
fn a_long_statement_keeps_the_server_from_being_locked() {
    let server = MariaDb::start(&[]);
    let (migration, database) = migration(&server);
    let mut long = client(&server, &database).spawn().unwrap();
    long.stdin.take().unwrap().write_all(b"SELECT sleep(600), id FROM givers LIMIT 1;").unwrap();
    let running = "SELECT count(*) FROM information_schema.processlist WHERE time >= 3 AND info LIKE 'SELECT sleep%'";
    wait_until("the long statement runs", || server.ask("", running).trim() == "1");
    migration.run(&APPLY).exits(0);
    assert_eq!(snapshot(&migration)["method"], "backup_stage");
    assert_eq!(server.ask("", running).trim(), "1", "the long statement was ended");
    long.kill().unwrap();
    long.wait().unwrap();
}

/// MySQL closes all tables for its lock, and whoever opens one then waits for the statements that were running.
#[test]
fn a_statement_of_mysql_that_runs_keeps_nobody_else_waiting() {
    let Some(server) = Mysql::start(&[]) else { return };
    let (migration, database) = migration(&server);
    let mut long = client(&server, &database).spawn().unwrap();
    long.stdin.take().unwrap().write_all(b"SELECT sleep(600), id FROM givers LIMIT 1;").unwrap();
    let running = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT sleep%'";
    wait_until("the long statement runs", || server.ask("", running).trim() == "1");
    migration.run(&APPLY).exits(0);
    assert_eq!(snapshot(&migration)["method"], "table_locks");
    let asked = client(&server, &database)
        .args(["-e", "SET max_execution_time = 10000; SELECT id FROM givers LIMIT 1"])
        .output();
    let asked = asked.unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    assert_eq!(server.ask("", running).trim(), "1", "the long statement was ended");
    long.kill().unwrap();
    long.wait().unwrap();
}

#[test]
fn tables_without_transactions_are_locked_while_they_are_read_or_named() {
    // Others' FLUSH TABLES would wait for the lock that is held, and what is opened afterwards for them.
    for server in each_of(&undisturbed()) {
        let (mut migration, database) = migration(server);
        server.ask(
        &database,
        "CREATE TABLE old (id INT PRIMARY KEY) ENGINE=MyISAM; INSERT INTO old SELECT id FROM givers WHERE id <= 100;
         CREATE TABLE fleeting (id INT PRIMARY KEY) ENGINE=MEMORY; INSERT INTO fleeting VALUES (1)",
    );
        let findings = |migration: &Migration| {
            let plan = migration.run(&["plan", "--format", "json"]).exits(0).json_by_place();
            let findings = plan["findings"].as_array().unwrap().iter();
            let of_state = findings.filter(|finding| {
                ["source_not_transactional", "snapshot_not_proved"].contains(&finding["code"].as_str().unwrap())
            });
            of_state
                .map(|finding| {
                    format!("{} {}", finding["code"].as_str().unwrap(), finding["table"].as_str().unwrap_or("-"))
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(findings(&migration), ["source_not_transactional fleeting", "source_not_transactional old"]);
        let frozen = frozen_at(&migration, &APPLY, "prepared");
        let write = |table: &str| {
            let mut client = client(server, &database);
            client
                .args(["-e", &format!("SET lock_wait_timeout = 1; INSERT INTO {table} VALUES (9999)")])
                .status()
                .unwrap()
                .success()
        };
        assert!(!write("old") && !write("fleeting"), "the lock is not held");
        wake(frozen).exits(0);
        migration.verify().exits(0);
        assert!(write("old") && write("fleeting"), "the lock is still held");
        server.ask("", &format!("DROP USER IF EXISTS 'poor'@'%'; CREATE USER 'poor'@'%' IDENTIFIED BY 'x'; GRANT SELECT ON {database}.* TO 'poor'@'%'"));
        migration.set("CASE_SOURCE", &format!("mysql://poor:x@127.0.0.1:{}/{database}", server.port()));
        migration.run(&["rollback", "--yes"]).exits(0);
        assert_eq!(findings(&migration), ["snapshot_not_proved fleeting", "snapshot_not_proved old"]);
    }
}

/// A reader whose connection is gone has lost its state: the run ends, and never goes on in another transaction.
#[test]
fn a_lost_connection_ends_the_run() {
    for server in servers() {
        let (migration, database) = migration(server);
        while_others_write(server, &database, || {
            let frozen = frozen_at(&migration, &APPLY, "chunk_committed:2");
            // Nobody alters what is being read.
            let mut altering = client(server, &database);
            altering.args(["-e", "SET lock_wait_timeout = 1; ALTER TABLE givers ADD COLUMN more INT"]);
            assert!(!altering.status().unwrap().success(), "a table was altered while it was read");
            let of_run = format!(
            "SELECT id FROM information_schema.processlist WHERE db = '{database}' AND command = 'Sleep' AND time >= 0
             AND id NOT IN (SELECT id FROM information_schema.processlist WHERE info LIKE '%givers%')"
        );
            let sessions = server.ask("", &of_run);
            // Of the sessions of the run, for the writer's is among them for a moment only.
            let kills = sessions.lines().map(|id| format!("KILL {id};")).collect::<String>();
            let mut killer = client(server, "");
            killer.args(["--force", "-e", &kills]).status().unwrap();
            let ran = wake(frozen).exits(1);
            assert!(
                ran.output().contains("the connection to the source")
                    && ran.output().contains("Run the same command again"),
                "{ran}"
            );
        });
        while_others_write(server, &database, || {
            migration.run(&APPLY).exits(0);
            is_one_state(&migration, "continued");
        });
    }
}

/// A query that takes long is ended at the server, and not only no longer waited for.
#[test]
fn an_interrupt_ends_the_query_at_the_server() {
    for server in servers() {
        let (migration, database) = migration(server);
        // Nothing that waits may stand in a spec; so much to compute takes as long.
        let slow = "length(sha2(repeat(note, 50000), 512)) > 0";
        migration.write_spec(&format!("{SPEC}\n[tables.takers]\nwhere = \"{slow}\"\n"));
        let running = format!(
            "SELECT count(*) FROM information_schema.processlist WHERE db = '{database}' AND info LIKE '%sha2(repeat%'
        AND id <> connection_id()"
        );
        let child = migration.spawn(&APPLY);
        wait_until("the query runs", || server.ask("", &running).trim() != "0");
        let process = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
        nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
        let ran = Ran::of(child).exits(1);
        assert!(ran.stderr.contains("interrupted"), "{ran}");
        // Uninterrupted it would run for five minutes.
        wait_until("the query ends", || server.ask("", &running).trim() == "0");
    }
}

/// The rest of an answer that nobody reads on is not sent: a value that does not fit ends the copy, and the query with it.
#[test]
fn the_rest_of_an_answer_is_not_waited_for() {
    let server = MariaDb::start(&[]);
    let (migration, _) = migration(&server);
    migration.write_spec(&format!("{SPEC}\n[tables.takers]\ncolumns.note = {{ type = \"bigint\" }}\n"));
    let kills = || server.ask("", "SHOW GLOBAL STATUS LIKE 'Com_kill'").trim().to_owned();
    let before = kills();
    let ran = migration.run(&["apply", "--yes", "--no-profile", "--jobs", "1"]);
    assert!(ran.code != Some(0) && ran.output().contains("takers"), "{ran}");
    assert_ne!(kills(), before, "{ran}");
}

/// The server dies half way, and another one stands in its place.
#[test]
fn a_server_that_dies_is_read_again_from_the_beginning() {
    // What was committed is there after a crash, which the tests' servers do not wait for otherwise.
    let server = MariaDb::start(&["--innodb-flush-log-at-trx-commit=1"]);
    let (migration, database) = migration(&server);
    let frozen = frozen_at(&migration, &APPLY, "chunk_committed:3");
    let restarted = Restarted::of(&server);
    server.ask(&database, &(0..50).map(transfer).collect::<String>());
    let ran = wake(frozen).exits(1);
    assert!(ran.output().contains("the connection to the source"), "{ran}");
    migration.run(&APPLY).exits(0);
    is_one_state(&migration, "after the crash");
    migration.verify().exits(0);
    drop(restarted);
}

/// The server after a crash, ended with the test.
struct Restarted(Child);

impl Restarted {
    fn of(server: &MysqlServer) -> Restarted {
        let directory = server.socket().parent().unwrap().to_owned();
        let pid = std::fs::read_to_string(directory.join("pid")).unwrap().trim().parse().unwrap();
        let process = nix::unistd::Pid::from_raw(pid);
        nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGKILL).unwrap();
        let owner = crate::support::server::Owner::find();
        let path = |name: &str| directory.join(name).display().to_string();
        let program = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"]
            .into_iter()
            .find(|path| std::path::Path::new(path).exists());
        let child = owner
            .command(std::path::Path::new(program.unwrap_or("mariadbd")))
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--server-id=1", "--skip-name-resolve"])
            .args([format!("--datadir={}", path("data")), format!("--socket={}", path("socket"))])
            .args([format!("--port={}", server.port()), format!("--log-bin={}", path("data/binlog"))])
            .args([format!("--log-error={}", path("log")), format!("--tmpdir={}", directory.display())])
            .current_dir("/")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let restarted = Restarted(child);
        let patience = Instant::now() + Duration::from_secs(60);
        let answers = || {
            let mut client = client(server, "");
            client.args(["-e", "SELECT 1"]).status().unwrap().success()
        };
        while !answers() {
            assert!(Instant::now() < patience, "the server did not come back");
            std::thread::sleep(Duration::from_millis(100));
        }
        restarted
    }
}

impl Drop for Restarted {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _waited = self.0.wait();
    }
}
