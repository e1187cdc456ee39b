//! Conditions of a server that a plan has to know: one that only reads, and one without room.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::server::{Owner, Server};
use crate::support::waiting::wait_until;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// What a command says where nothing can be written; it has changed nothing.
#[track_caller]
fn refuses(migration: &Migration, words: &[&str], why: &str) {
    let refused = migration.run(words).exits(3);
    // Lines are broken.
    let said = refused.output().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(why), "{words:?}: {refused}");
}

/// The codes of the findings with their severities.
fn findings(planned: &Ran) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = planned.json()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| (word(&finding["severity"]), word(&finding["code"]))).collect()
}

#[test]
fn a_standby_is_read_and_nothing_of_it_is_written() {
    let primary = Server::start();
    let standby = primary.start_standby();
    let mut migration = Migration::small();
    let before = Database::create_on(&primary);
    let copy = Database { name: before.name.clone(), url: standby.url(&before.name) };
    let everywhere = Database { name: "postgres".to_owned(), url: standby.url("postgres") };
    let has_database = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", before.name);
    wait_until("the standby has the database", || everywhere.value(&has_database) == "1");
    migration.set("CASE_TARGET", &standby.url(&before.name));
    let planned = migration.run(&["plan", "--format", "json"]).exits(3);
    assert_eq!(findings(&planned), [("blocks".to_owned(), "target_only_reads".to_owned())]);
    assert_eq!(planned.json()["judged"]["done"], false);
    let why = "the server is a standby";
    refuses(&migration, &["apply", "--yes"], why);
    refuses(&migration, &["apply", "--yes", "--no-profile"], why);

    migration.set("CASE_TARGET", &before.url);
    migration.apply().exits(0);
    let position = before.value("SELECT pg_current_wal_insert_lsn()");
    let has_replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{position}'");
    wait_until("the standby has followed", || copy.value(&has_replayed) == "t");
    migration.set("CASE_TARGET", &standby.url(&before.name));
    // What only reads goes on.
    migration.verify().exits(0);
    migration.run(&["status"]).exits(0);
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    refuses(&migration, &["rollback", "--yes"], why);
    migration.change_source("INSERT INTO users VALUES (3, 'Barbara')");
    refuses(&migration, &["apply", "--yes", "--refresh"], why);
    migration.verify().exits(3);
}

/// For one role, for one database, for one role in one database, and for all of the server.
#[test]
fn a_role_whose_transactions_only_read_is_told_the_statement_that_lets_it_write() {
    let server = Server::start();
    for (number, how) in
        ["ROLE {role}", "DATABASE {database}", "ROLE {role} IN DATABASE {database}", "SYSTEM"].iter().enumerate()
    {
        let database = Database::create_on(&server);
        let role = format!("reads_{number}");
        let alter = how.replace("{role}", &role).replace("{database}", &database.name);
        database.ask(&format!("CREATE ROLE {role} LOGIN"));
        database.ask(&format!("GRANT CREATE ON DATABASE {} TO {role}", database.name));
        database.ask(&format!("ALTER {alter} SET default_transaction_read_only = on"));
        database.ask("SELECT pg_reload_conf()");
        let mut migration = Migration::small();
        let reading = Database { url: database.url.replace("postgres@", &format!("{role}@")), ..database.clone() };
        // A new session has it once the server has read its file.
        wait_until("only reading", || reading.value("SHOW default_transaction_read_only") == "on");
        migration.set("CASE_TARGET", &reading.url);
        let planned = migration.run(&["plan", "--format", "json"]).exits(3);
        assert_eq!(findings(&planned), [("blocks".to_owned(), "target_only_reads".to_owned())], "{how}");
        let why = "transactions of this role only read here";
        refuses(&migration, &["apply", "--yes"], why);
        let suggestion = planned.json()["findings"][0]["suggestion"].as_str().unwrap().to_owned();
        let statement = suggestion.split('`').nth(1).unwrap();
        database.ask(&format!("BEGIN READ WRITE; {statement} COMMIT"));
        migration.apply().exits(0);
        let forbidden = statement.replace("= off", "= on");
        database.ask(&format!("BEGIN READ WRITE; {forbidden} COMMIT"));
        migration.verify().exits(0);
        refuses(&migration, &["rollback", "--yes"], why);
        database.ask(&format!("BEGIN READ WRITE; {statement} COMMIT"));
        migration.run(&["rollback", "--yes"]).exits(0);
    }
}

/// A file system in memory, which goes with this value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Nothing where this process may not mount.
    fn mount(megabytes: u32) -> Option<SmallDisk> {
        let disk = SmallDisk(tempfile::Builder::new().prefix("transship-disk-").tempdir().unwrap());
        disk.run(&format!("mount -t tmpfs -o size={megabytes}m tmpfs")).then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn grow(&self, megabytes: u32) {
        assert!(self.run(&format!("mount -o remount,size={megabytes}m")));
    }

    /// Runs a command on the directory; whether it succeeded.
    fn run(&self, command: &str) -> bool {
        let mut words = command.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command.args(words).arg(self.path()).output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The server may still have files open there.
        self.run("umount --lazy");
    }
}

/// Mounting takes root, as which the tests run in CI's containers; elsewhere this says that it has not run.
#[test]
fn too_little_room_warns_and_a_full_disk_is_gone_on_from() {
    let Some(disk) = SmallDisk::mount(24) else {
        eprintln!("not run: this process may not mount a file system");
        return;
    };
    Owner::find().own(disk.path());
    let server = Server::start();
    let administrator = Database { name: "postgres".to_owned(), url: server.url("postgres") };
    administrator.ask(&format!("CREATE TABLESPACE small LOCATION '{}'", disk.path().display()));
    administrator.ask("CREATE DATABASE small TEMPLATE template0 TABLESPACE small");
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB);
        INSERT INTO t WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
        SELECT n, randomblob(1500) FROM n";
    let mut migration = Migration::new(source, SPEC);
    // Over the network nobody knows on which machine the files are.
    migration.set("CASE_TARGET", &server.url("small"));
    assert_eq!(findings(&migration.run(&["plan", "--format", "json"]).exits(0)), []);
    migration.set("CASE_TARGET", &server.socket_url("small"));
    let planned = migration.run(&["plan", "--format", "json"]).exits(0);
    assert_eq!(findings(&planned), [("warns".to_owned(), "target_disk".to_owned())]);
    migration.run(&["plan", "--fail-on", "warning"]).exits(3);
    let failed = migration.apply().exits(1);
    assert!(failed.stderr.contains("disk, which is full"), "{failed}");
    disk.grow(200);
    assert_eq!(findings(&migration.run(&["plan", "--format", "json"]).exits(0)), []);
    migration.apply().exits(0);
    migration.verify().exits(0);
}
