//! Sessions that write past the server's log, and alterations that wait, while several connections read one state.

use super::server_state::{APPLY, REFRESH, SPEC, client, frozen_at, is_one_state, migration, servers, snapshot, wake};
use crate::support::mariadb::MariaDb;
use crate::support::mysql::Mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::waiting::wait_until;

/// A server of its own, for on one of all tests somebody writes.
#[test]
fn positions_of_a_server_at_rest_prove_one_state() {
    let (mariadb, mysql) = (MariaDb::start(&[]), Mysql::start(&[]));
    let mysql = mysql.as_ref().map(|server| -> &MysqlServer { server });
    for server in [&*mariadb].into_iter().chain(mysql) {
        let (mut migration, database) = migration(server);
        let sql = format!("CREATE USER 'reader'@'%' IDENTIFIED BY 'x'; GRANT SELECT ON {database}.* TO 'reader'@'%'");
        server.ask("", &sql);
        for (is_asked_for, url) in
            [(true, server.url(&database)), (false, format!("mysql://reader:x@127.0.0.1:{}/{database}", server.port()))]
        {
            migration.set("CASE_SOURCE", &url);
            let asked_for = SPEC.replace("[target]", "snapshot = \"positions\"\n\n[target]");
            migration.write_spec(if is_asked_for { &asked_for } else { SPEC });
            migration.run(&["rollback", "--yes"]).exits(0);
            migration.run(&APPLY).exits(0);
            is_one_state(&migration, "at rest");
            let snapshot = snapshot(&migration);
            assert_eq!(
                (&snapshot["method"], &snapshot["is_proven"]),
                (&"positions".into(), &true.into()),
                "{snapshot}"
            );
            if is_asked_for {
                assert!(snapshot["log_file"].as_str().unwrap().starts_with("binlog."), "{snapshot}");
            }
        }
    }
}

/// An alteration that waits for one connection of ours keeps the others waiting, unless they have opened the table before it came.
#[test]
fn a_waiting_alteration_does_not_hold_up_the_run() {
    for server in servers() {
        let (migration, database) = migration(server);
        server.ask(&database, "INSERT INTO journal VALUES (1, 0); UPDATE counter SET entries = 1");
        let child = frozen_at(&migration, &["apply", "--yes", "--jobs", "4", "--no-profile"], "chunk_committed:1");
        let alterations = ["givers", "takers", "journal", "counter"].map(|table| {
            let mut alteration = client(server, &database);
            // Longer than our readers wait.
            alteration.args(["-e", &format!("SET SESSION lock_wait_timeout = 300; ALTER TABLE {table} FORCE")]);
            alteration.spawn().unwrap()
        });
        let waiting =
            "SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata%'";
        let all_wait = || server.ask("", waiting).trim() == "4";
        wait_until("all alterations wait", all_wait);
        wake(child).exits(0);
        is_one_state(&migration, "altered");
        for mut alteration in alterations {
            assert!(alteration.wait().unwrap().success());
        }
    }
}

/// Sessions that write past the binary log (`sql_log_bin = 0`), as others do to filtered databases, leave its position as it is.
#[test]
fn the_binary_log_alone_proves_no_state() {
    for server in servers() {
        let (migration, database) = migration(server);
        migration.write_spec(&SPEC.replace("[target]", "snapshot = \"positions\"\n\n[target]"));
        let procedure = "CREATE PROCEDURE transfers() BEGIN DECLARE number INT DEFAULT 0; WHILE number < 100000000 DO
             START TRANSACTION; UPDATE givers SET balance = balance - 1 WHERE id = 1; UPDATE takers SET balance = balance + 1 WHERE id = 3000;
             COMMIT; SET number = number + 1; END WHILE; END";
        server.ask(&database, &format!("SET sql_log_bin = 0;\nDELIMITER //\n{procedure} //\n"));
        let mut writer = client(server, &database);
        let mut writer = writer.args(["-e", "SET sql_log_bin = 0; CALL transfers()"]).spawn().unwrap();
        let at_work = "SELECT count(*) FROM takers WHERE id = 3000 AND balance > 1000";
        wait_until("transfers are made", || server.ask(&database, at_work).trim() == "1");
        for words in [&APPLY[..], &REFRESH, &REFRESH] {
            migration.run(words).exits(0);
            let snapshot = snapshot(&migration);
            // They write in each of the attempts, unless they get no processor for as long.
            if snapshot["is_proven"] == true {
                is_one_state(&migration, "proved");
            }
        }
        let id = format!("SELECT id FROM information_schema.processlist WHERE db = '{database}'");
        wait_until("the writer is ended", || {
            let ids = server.ask("", &id);
            ids.lines().for_each(|id| drop(server.client("").args(["-e", &format!("KILL {id}")]).output().unwrap()));
            writer.try_wait().unwrap().is_some()
        });
    }
}
