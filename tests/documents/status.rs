//! `status`: how far a migration is and how fast it goes, in text, in JSON and while it runs.

use crate::support::migration::{Migration, SPEC};
use crate::support::waiting::wait_until;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn migration(spec: &str) -> Migration {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, born DATE);
        WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 5000)
        INSERT INTO a SELECT id, iif(id = 7, 'never', '1999-12-31') FROM n;
        CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (1)";
    let rejecting = "[tables.a]\ncolumns.born = { type = \"date\", on_bad_value = \"reject\" }";
    Migration::new(source, &format!("{SPEC}\n{rejecting}\n{spec}"))
}

#[test]
fn a_finished_migration() {
    let migration = migration("");
    let none = migration.run(&["status", "--watch"]).exits(0);
    assert_eq!(none.stdout, "case: nothing has been applied yet\n");
    migration.apply().exits(0);
    let status = migration.run(&["status", "--format", "json"]).exits(0).json();
    let progress = &status["progress"];
    let steps = status["steps"].as_array().unwrap();
    assert_eq!(progress["steps_done"], progress["steps_planned"]);
    assert_eq!(progress["steps_done"], steps.len());
    let fields = ["active", "chunks_done", "chunks_left", "rows", "rows_left", "copy_seconds_left"]
        .map(|key| progress[key].clone());
    assert_eq!(Value::from_iter(fields), serde_json::json!([false, 2, 0, 5000, 0, null]));
    assert!(progress["rows_per_second"].as_u64().unwrap() > 0 && progress["bytes_per_second"].as_u64().unwrap() > 0);
    let table = &status["tables"][0];
    assert_eq!(
        (&table["rows"], &table["rejected_rows"], &table["estimated_rows"]),
        (&4999.into(), &1.into(), &5000.into())
    );
    // A copy began with its first chunk, not with its last words.
    let copy = steps.iter().find(|step| step["id"] == "copy:a").unwrap();
    let chunk = migration.database.ask(
        "SELECT (s.started_at = c.started_at)::text FROM transship.step s, transship.chunk c
        WHERE s.id = 'copy:a' AND c.table_name = 'a'",
    );
    assert_eq!((chunk, &copy["rows"]), (vec![vec!["true".to_owned()]], &4999.into()));
    assert!(copy["started_at"].as_str() <= copy["finished_at"].as_str());
    let text = migration.run(&["status"]).exits(0).stdout;
    let line = text.lines().find(|line| line.contains("  a ")).unwrap().split_whitespace().take(6).collect::<Vec<_>>();
    assert_eq!(line[..6], ["a", "4,999", "1", "of", "1", "1"], "{text}");
}

/// Someone watches while it runs: lines where the output is no terminal, and an end when the run ends.
#[test]
fn watching_a_run() {
    // The run goes on until a table is there.
    let slow = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$";
    let migration = migration(&format!("[steps.slow]\nsql = \"{slow}\""));
    let mut apply = migration.spawn(&["apply", "--yes"]);
    let status = || migration.run(&["status", "--format", "json"]).exits(0).json();
    wait_until("the run begins", || status()["progress"]["active"] == true);
    let watch = |format: &str| {
        let mut command = migration.command(&["status", "--watch", "--format", format]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let [mut watching, json] = ["text", "json"].map(watch);
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.next();
    migration.database.ask("CREATE TABLE public.go_on ()");
    let text = first.into_iter().chain(lines.by_ref()).map(|line| line + "\n").collect::<String>();
    assert!(watching.wait().unwrap().success());
    let json = json.wait_with_output().unwrap();
    assert!(apply.wait().unwrap().success());
    assert!(text.starts_with("run 1 running: "), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("run 1 done: ") && last.contains("1 row rejected"), "{text}");
    let last = String::from_utf8(json.stdout).unwrap();
    let last = serde_json::from_str::<Value>(last.lines().last().unwrap()).unwrap();
    assert_eq!((&last["progress"]["active"], &last["runs"][0]["state"]), (&false.into(), &"done".into()));
}

/// The lock says whether a run that is not ended is still at work.
#[test]
fn a_process_that_is_gone() {
    let migration = migration("");
    migration.apply().exits(0);
    migration.database.ask("UPDATE transship.run SET state = 'running', finished_at = NULL");
    let text = migration.run(&["status"]).exits(0).stdout;
    assert!(text.contains("interrupted, no session is left; `transship apply` continues it"), "{text}");
    let watched = migration.run(&["status", "--watch", "--format", "json"]).exits(0);
    assert_eq!((watched.stdout.lines().count(), &watched.json()["progress"]["active"]), (1, &false.into()));
}

/// A ledger that an earlier version has made knows neither estimates nor when chunks began; the next run teaches it.
#[test]
fn an_earlier_ledger() {
    let migration = migration("");
    migration.apply().exits(0);
    migration.database.ask(
        "ALTER TABLE transship.chunk DROP started_at, DROP estimated_rows, DROP estimated_bytes;
        ALTER TABLE transship.run DROP planned_steps, DROP fence;
        COMMENT ON SCHEMA transship IS 'ledger of transship, version 2'",
    );
    let progress = migration.run(&["status", "--format", "json"]).exits(0).json()["progress"].clone();
    assert_eq!((&progress["steps_planned"], &progress["rows_per_second"]), (&Value::Null, &Value::Null));
    assert_eq!(progress["rows"], 5000);
    migration.change_source("INSERT INTO b VALUES (2)");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    let status = migration.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!((&status["progress"]["run"], &status["progress"]["rows"]), (&2.into(), &2.into()));
    // So few rows may be less than one in a second.
    assert!(status["progress"]["rows_per_second"].is_u64(), "{status}");
}
