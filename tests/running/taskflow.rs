//! The TaskFlow sample from end to end, from MariaDB and from MySQL: what its migration plan asks for, judged by the plain
//! clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The sample with a database of its own on each side, and the name of the source's.
fn taskflow(server: &MysqlServer) -> (Migration, String) {
    let source = server.create_database();
    server.ask(&source, &read("specs/taskflow/taskflow.sql"));
    // The spec names the database as the application does.
    let spec = read("specs/taskflow/taskflow.toml").replace("/taskflow\"", &format!("/{source}\""));
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    let (port, url) = (server.port().to_string(), migration.database.url.clone());
    for (name, value) in
        [("TASKFLOW_USER", "transship"), ("MYSQL_PASSWORD", "secret"), ("TASKFLOW_PORT", &port), ("DATABASE_URL", &url)]
    {
        migration.set(name, value);
    }
    (migration, source)
}

/// The same question to both sides, each in its own words: the answers are the lines of both plain clients.
#[track_caller]
fn agree(server: &MysqlServer, migration: &Migration, source: &str, in_source: &str, in_target: &str) {
    let theirs = server.ask(source, in_source);
    let ours = migration.database.ask(&format!("SET search_path = taskflow; SET timezone = 'UTC'; {in_target}"));
    let ours = ours.iter().map(|row| row.join("\t") + "\n").collect::<String>();
    assert!(!theirs.is_empty());
    assert_eq!(ours, theirs, "{in_source}");
}

#[test]
fn every_value_arrives_from_mariadb() {
    arrives(mariadb());
}

#[test]
fn every_value_arrives_from_mysql() {
    if let Some(server) = mysql() {
        arrives(server);
    }
}

/// Every value arrives, in the form that the application wants.
fn arrives(server: &MysqlServer) {
    let (migration, source) = taskflow(server);
    migration.plan().exits(0);
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["equal"], true, "{verified}");
    assert_eq!(verified["tables"].as_array().unwrap().len(), 10);
    let warnings = migration.run(&["plan", "--format", "json"]).exits(0).json()["findings"].clone();
    let codes = warnings.as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
    assert_eq!(codes.collect::<Vec<_>>(), ["state_not_kept"], "{warnings}");
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));

    for table in
        ["users", "teams", "team_members", "projects", "tasks", "comments", "attachments", "labels", "activity_log"]
    {
        let count = format!("SELECT count(*) FROM {table}");
        agree(server, &migration, &source, &count, &count);
    }
    agree(
        server,
        &migration,
        &source,
        "SELECT id, title, status, actual_hours, due_at, completed_at FROM tasks WHERE id % 97 = 1 ORDER BY id",
        "SELECT id, title, status, actual_hours, due_at::timestamp, to_char(completed_at, 'YYYY-MM-DD HH24:MI:SS.US')
         FROM tasks WHERE id % 97 = 1 ORDER BY id",
    );
    agree(
        server,
        &migration,
        &source,
        "SELECT id, sha2(content, 256), length(content) FROM attachments ORDER BY id",
        "SELECT id, encode(sha256(content), 'hex'), length(content) FROM attachments ORDER BY id",
    );
    agree(
        server,
        &migration,
        &source,
        "SELECT id, json_value(settings, '$.budget_code'), json_value(settings, '$.limit') FROM projects ORDER BY id",
        "SELECT id, settings->>'budget_code', settings->>'limit' FROM projects ORDER BY id",
    );
    agree(
        server,
        &migration,
        &source,
        "SELECT id, lower(hex(ip_address)), created_at FROM activity_log WHERE id % 113 = 1 ORDER BY id",
        "SELECT id, encode(ip_address, 'hex'), to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US')
         FROM activity_log WHERE id % 113 = 1 ORDER BY id",
    );

    // AUTO_INCREMENT goes on where MySQL would, also where the log was cut.
    let next = "INSERT INTO taskflow.activity_log (action) VALUES ('sign_in') RETURNING id";
    assert_eq!(migration.database.value(next), "1000001");
    // ENUM is a native type, in the order of its labels.
    let labels = "SELECT array_to_string(enum_range(NULL::taskflow.tasks_priority), ',')";
    assert_eq!(migration.database.value(labels), "low,medium,high,urgent");
    // A name that differs in case or accents alone is taken.
    let taken = "DO $$ BEGIN
            INSERT INTO taskflow.labels (name) SELECT upper(name) FROM taskflow.labels WHERE name LIKE 'größer%' LIMIT 1;
            RAISE EXCEPTION 'it was taken in';
        EXCEPTION WHEN unique_violation THEN NULL; END $$";
    migration.database.ask(taken);
    // ON UPDATE CURRENT_TIMESTAMP goes on.
    let touched =
        "UPDATE taskflow.tasks SET title = title || '!' WHERE id = 1 RETURNING updated_at > now() - interval '1 day'";
    assert_eq!(migration.database.value(touched), "t");
    // JSON is searched by its index.
    let plan =
        "SET enable_seqscan = off; EXPLAIN SELECT 1 FROM taskflow.tasks WHERE metadata @> '{\"source\": \"api\"}'";
    let plan = migration.database.ask(plan).concat().concat();
    assert!(plan.contains("tasks_metadata_idx"), "{plan}");
}

/// The maintenance window: what was written after the first copy comes too, and everything can be rolled back.
#[test]
fn the_window_from_backup_to_rollback() {
    let server = mariadb();
    let (migration, source) = taskflow(server);
    let made = migration.run(&["backup", "--format", "json"]).exits(0).json();
    assert_eq!(made["manifest"]["sides"].as_array().unwrap().len(), 2, "{made:#}");
    migration.apply().exits(0);
    server.ask(
        &source,
        "INSERT INTO labels (name) VALUES ('late'); UPDATE tasks SET actual_hours = actual_hours + 1 WHERE id = 1",
    );
    migration.apply().exits(3);
    migration.run(&["apply", "--refresh", "--yes"]).exits(0);
    migration.verify().exits(0);
    agree(
        server,
        &migration,
        &source,
        "SELECT count(*), max(name = 'late'), (SELECT sum(actual_hours) FROM tasks) FROM labels",
        "SELECT count(*), max((name = 'late')::int), (SELECT sum(actual_hours) FROM tasks) FROM labels",
    );
    let undone = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(undone.stdout.contains("The structure of the target equals the one before the first run."), "{undone}");
}
