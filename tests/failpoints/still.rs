//! One state: what is copied is a state that the source had, although SQLite can take no lock on it, and although somebody
//! writes to it past every lock. A run that cannot be sure of that fails and says so.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::server::programs;
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// So many rows that they are read for as long as nobody takes them.
const ROWS: u32 = 30_000;

/// Accounts whose sum stays the same, whoever gives to whom.
const SOURCE: &str = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, note TEXT);
    WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 30000)
    INSERT INTO accounts SELECT n, 100, printf('%.600c', 'x') FROM counter";

/// The rows read first lose what those read last win.
const TRANSFER: &str = "UPDATE accounts SET balance = balance + CASE WHEN id > 15000 THEN 50 ELSE -50 END";

/// A migration whose source lies in a directory that the program may read only. Where the tests run as root, to whom every
/// directory is open, the program runs as nobody.
struct ReadOnly {
    migration: Migration,
    program: Option<PathBuf>,
}

impl ReadOnly {
    fn new(spec: &str) -> ReadOnly {
        let mut migration = Migration::with_source(|_| {}, spec, Database::create());
        let home = migration.directory().to_owned();
        let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        open(&home);
        let data = home.join("data");
        std::fs::create_dir(&data).unwrap();
        let source = data.join("source.db");
        let connection = Connection::open(&source).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF").unwrap();
        connection.execute_batch(SOURCE).unwrap();
        drop(connection);
        migration.set("CASE_SOURCE", &source.display().to_string());
        // Where the program stands may be closed to nobody.
        let program = nix::unistd::geteuid().is_root().then(|| {
            let copy = home.join("transship");
            std::fs::copy(env!("CARGO_BIN_EXE_transship"), &copy).unwrap();
            open(&copy);
            copy
        });
        let this = ReadOnly { migration, program };
        this.close();
        this
    }

    fn data(&self) -> PathBuf {
        self.migration.directory().join("data")
    }

    fn close(&self) {
        std::fs::set_permissions(self.data(), std::fs::Permissions::from_mode(0o555)).unwrap();
    }

    /// What an application does in the directory, to which it is open.
    fn write(&self, sql: &str) {
        std::fs::set_permissions(self.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let connection = Connection::open(self.data().join("source.db")).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        self.close();
    }

    fn command(&self, words: &[&str]) -> Command {
        let command = self.migration.command(words);
        let Some(program) = &self.program else { return command };
        let mut other = Command::new(program);
        other.args(command.get_args()).stdin(Stdio::null()).uid(65_534).gid(65_534);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => other.env(name, value),
                None => other.env_remove(name),
            };
        }
        other
    }

    fn run(&self, words: &[&str]) -> Ran {
        run(&mut self.command(words))
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        // Otherwise only root could remove it.
        drop(std::fs::set_permissions(self.data(), std::fs::Permissions::from_mode(0o755)));
    }
}

fn existing() -> String {
    SPEC.replace("schema = \"app\"", "schema = \"app\"\ntables = \"existing\"")
}

const TABLE: &str =
    "CREATE SCHEMA app; CREATE TABLE app.accounts (id bigint PRIMARY KEY, balance bigint NOT NULL, note text)";

/// Somebody who does something in a transaction that stays open.
struct Holder<'a> {
    database: &'a Database,
    session: Child,
}

impl<'a> Holder<'a> {
    fn of(database: &'a Database, sql: &str) -> Holder<'a> {
        let hold = format!("BEGIN; {sql}; SELECT pg_sleep(600)");
        let mut psql = Command::new(programs().join("psql"));
        let session = psql.args(["-qX", "-c", &hold, &database.url]).stdout(Stdio::null()).stderr(Stdio::null());
        let session = session.spawn().unwrap();
        let holder = Holder { database, session };
        holder.wait_for("wait_event = 'PgSleep'");
        holder
    }

    fn wait_for(&self, what: &str) {
        let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {what}");
        let patience = Instant::now() + Duration::from_secs(60);
        while self.database.value(&sql) == "0" {
            assert!(Instant::now() < patience, "nothing waits: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn let_go(mut self) {
        self.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'");
        self.session.wait().unwrap();
    }
}

/// Applies, and does something as soon as the run waits for the holder.
fn apply_and_meanwhile(command: &mut Command, holder: Holder<'_>, meanwhile: impl FnOnce()) -> Ran {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    holder.wait_for("wait_event_type = 'Lock'");
    meanwhile();
    holder.let_go();
    Ran::of(child)
}

#[track_caller]
fn says(ran: &Ran, words: &str) {
    let said = ran.output().split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
    assert!(said.contains(words), "{words:?} is not in: {ran}");
}

#[test]
fn a_source_without_a_lock_is_read_as_long_as_it_is_still() {
    let source = ReadOnly::new(SPEC);
    source.run(&["plan"]).exits(0);
    source.run(&["apply", "--yes"]).exits(0);
    source.run(&["verify"]).exits(0);
    assert_eq!(source.migration.database.value("SELECT sum(balance) FROM app.accounts"), (ROWS * 100).to_string());
    assert!(!source.data().join("source.db-wal").exists(), "it had no lock to take");
}

/// What `docker run -v data:/data:ro` does, while the application writes.
#[test]
fn a_write_in_the_middle_of_a_chunk_fails_the_run() {
    let source = ReadOnly::new(&existing());
    let database = &source.migration.database;
    database.ask(TABLE);
    let holder = Holder::of(database, "LOCK TABLE app.accounts IN SHARE MODE");
    let transfer = || source.write(&format!("{TRANSFER}; PRAGMA wal_checkpoint(TRUNCATE)"));
    let mut apply = source.command(&["apply", "--yes", "--jobs", "1"]);
    let failed = apply_and_meanwhile(&mut apply, holder, transfer).exits(1);
    says(&failed, "was written to while it was read");
    says(&failed, "mount it read-write");
    assert_eq!(database.value("SELECT count(*) FROM app.accounts"), "0", "{failed}");
    assert_eq!(database.value("SELECT DISTINCT state FROM transship.run"), "failed");
    // It is still now, and goes on from there.
    source.run(&["apply", "--yes"]).exits(0);
    source.run(&["verify"]).exits(0);
    assert_eq!(database.value("SELECT count(*) FROM app.accounts WHERE balance = 150"), "15000");
}

/// Chunks that were committed before stay, and are of the state before; the next run does not mix the two.
#[test]
fn a_write_between_two_chunks_fails_the_run_and_is_not_mixed_with_what_is_there() {
    let mut source = ReadOnly::new(&existing());
    source.migration.set("TRANSSHIP_CHUNK_ROWS", "5000");
    let database = &source.migration.database;
    database.ask(TABLE);
    // The second chunk waits to see whether this key will be there.
    let holder = Holder::of(database, "INSERT INTO app.accounts VALUES (7000, 0, 'mine')");
    let mut apply = source.command(&["apply", "--yes", "--jobs", "1"]);
    // Into the log alone: the file is not touched yet.
    let open = || {
        std::fs::set_permissions(source.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let connection = Connection::open(source.data().join("source.db")).unwrap();
        connection.execute_batch(&format!("PRAGMA wal_autocheckpoint = 0; {TRANSFER}")).unwrap();
        connection
    };
    let mut application = None;
    let failed = apply_and_meanwhile(&mut apply, holder, || application = Some(open())).exits(1);
    says(&failed, "was written to while it was read: its write-ahead log has grown");
    let there = database.value("SELECT count(*) FROM app.accounts WHERE balance = 100");
    assert!(["5000", "10000"].contains(&there.as_str()), "{there}: {failed}");
    assert_eq!(database.value("SELECT count(*) FROM app.accounts WHERE balance <> 100"), "0");
    drop(application);
    source.close();
    let refused = source.run(&["apply", "--yes"]).exits(3);
    says(&refused, "source_changed");
}

#[test]
fn transactions_in_a_log_that_cannot_be_read_are_not_left_out_in_silence() {
    let source = ReadOnly::new(SPEC);
    source.write("SELECT 1");
    // A copy as it is made while the application runs: the file and its log, without the shared memory.
    let home = source.data();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o755)).unwrap();
    let application = Connection::open(home.join("source.db")).unwrap();
    application.execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE accounts SET balance = 0 WHERE id = 1").unwrap();
    for suffix in ["", "-wal"] {
        std::fs::copy(home.join(format!("source.db{suffix}")), home.join(format!("copy.db{suffix}"))).unwrap();
    }
    drop(application);
    std::fs::rename(home.join("copy.db"), home.join("source.db")).unwrap();
    std::fs::rename(home.join("copy.db-wal"), home.join("source.db-wal")).unwrap();
    source.close();
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let refused = source.run(command).exits(2);
        says(&refused, "cannot be locked");
        says(&refused, "together with its -wal file");
    }
    assert_eq!(source.migration.database.schemas(), [""; 0]);
}

/// Whoever moves a new file over the old one asks no lock.
#[test]
fn a_file_that_takes_the_place_of_the_source_fails_the_run() {
    let migration = Migration::new(SOURCE, &existing());
    let database = &migration.database;
    database.ask(TABLE);
    let other = migration.directory().join("other.db");
    std::fs::copy(migration.source(), &other).unwrap();
    let holder = Holder::of(database, "LOCK TABLE app.accounts IN SHARE MODE");
    let mut apply = migration.command(&["apply", "--yes", "--jobs", "1"]);
    let failed = apply_and_meanwhile(&mut apply, holder, || std::fs::rename(&other, migration.source()).unwrap());
    says(&failed.exits(1), "another file has taken its place");
    assert_eq!(database.value("SELECT count(*) FROM app.accounts"), "0");
    migration.apply().exits(0);
    migration.verify().exits(0);
}
