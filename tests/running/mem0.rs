//! The mem0 sample from end to end: a backup first, users kept apart, judged by sqlite3 and psql.

use crate::support::database::Database;
use crate::support::migration::{Migration, build_sqlite, run};
use crate::support::server::programs;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/mem0").join(path)).unwrap()
}

/// The answer of sqlite3 itself.
fn sqlite3(file: &Path, sql: &str) -> String {
    run(Command::new("sqlite3").arg(file).arg(sql)).exits(0).stdout
}

/// The answer of psql itself, for a role.
fn psql(migration: &Migration, role: &str, sql: &str) -> (Option<i32>, String) {
    let url = migration.database.url.replace("//postgres@", &format!("//{role}@"));
    let mut command = Command::new(programs().join("psql"));
    command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &url, "-c", "SET timezone = 'UTC'", "-c", sql]);
    let ran = run(&mut command);
    (ran.code, ran.output())
}

#[test]
fn the_whole_way_keeps_users_apart() {
    // An eighth of the sample: the demonstration has all of it.
    let source = |path: &Path| build_sqlite(path, &read("mem0.sql").replace("24000", "3000"));
    let mut migration = Migration::with_source(source, &read("mem0.toml"), Database::create());
    std::fs::write(migration.directory().join("row-level-security.sql.j2"), read("row-level-security.sql.j2")).unwrap();
    let (file, url) = (migration.source(), migration.database.url.clone());
    migration.set("MEM0_DB", file.to_str().unwrap());
    migration.set("DATABASE_URL", &url);
    let isolated = ["--env", "isolated"];
    let run_isolated = |words: &[&str]| migration.run(&[words, &isolated].concat());

    // Nothing blocks, and nothing is noted but what the spec decides.
    assert_eq!(run_isolated(&["plan", "--format", "json"]).exits(0).json()["findings"], serde_json::json!([]));
    let refused = run_isolated(&["apply", "--yes"]).exits(3);
    assert!(refused.stderr.contains("transship backup"), "{refused}");
    let made = run_isolated(&["backup", "--verify", "--format", "json"]).exits(0).json();
    assert!(made["verified"].as_array().unwrap().iter().all(|side| side["equal"] == true), "{made:#}");
    run_isolated(&["apply", "--yes"]).exits(0);

    // The application has written once more before it stands still.
    let user = sqlite3(&file, "SELECT id FROM users ORDER BY username LIMIT 1").trim().to_owned();
    let another = sqlite3(&file, "SELECT id FROM users ORDER BY username LIMIT 1 OFFSET 1").trim().to_owned();
    let new = "00000000-0000-4000-8000-000000000001";
    sqlite3(&file, &format!("INSERT INTO memories (id, user_id, content) VALUES ('{new}', '{user}', 'late')"));
    run_isolated(&["apply", "--yes"]).exits(3);
    run_isolated(&["apply", "--refresh", "--yes"]).exits(0);
    let verified = run_isolated(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["equal"], true, "{verified:#}");
    assert_eq!(verified["checks"].as_array().unwrap().len(), 7);

    for (in_source, in_target) in [
        (
            "SELECT count(*), sum(length(content)), sum(recall_count) FROM memories",
            "SELECT count(*), sum(length(content)), sum(recall_count) FROM mem0.memories",
        ),
        (
            "SELECT id, hex(embedding), json_extract(metadata, '$.host') FROM memories WHERE content LIKE '%umbrella%' ORDER BY id",
            "SELECT id, upper(encode(embedding, 'hex')), metadata->>'host' FROM mem0.memories WHERE content ILIKE '%umbrella%' ORDER BY id",
        ),
        (
            "SELECT id, strftime('%Y-%m-%d %H:%M:%S', executed_at / 1000, 'unixepoch'), arguments IS NULL FROM command_history WHERE id % 101 = 1",
            "SELECT id, to_char(executed_at, 'YYYY-MM-DD HH24:MI:SS'), (arguments IS NULL)::int FROM mem0.command_history WHERE id % 101 = 1 ORDER BY id",
        ),
        ("SELECT id FROM users WHERE username = 'MüLLER_2'", "SELECT id FROM mem0.users WHERE username = 'MüLLER_2'"),
    ] {
        assert_eq!((Some(0), sqlite3(&file, in_source)), psql(&migration, "postgres", in_target), "{in_source}");
    }

    // Two roles, as psql sees it: one reads what the session's user has, the other everything, and writes nothing.
    migration.database.ask("ALTER ROLE mem0_app LOGIN; ALTER ROLE mem0_audit LOGIN");
    let as_user = |user: &str, sql: &str| psql(&migration, "mem0_app", &format!("SET mem0.user_id = '{user}'; {sql}"));
    for table in ["users", "contexts", "memories", "tags", "api_keys", "command_history"] {
        let mine = if table == "users" { "id" } else { "user_id" };
        let count = sqlite3(&file, &format!("SELECT count(*) FROM {table} WHERE {mine} = '{user}'"));
        assert_eq!(as_user(&user, &format!("SELECT count(*) FROM mem0.{table}")), (Some(0), count), "{table}");
    }
    for (table, key) in [("memory_links", "from_id"), ("memory_tags", "memory_id")] {
        let count = sqlite3(
            &file,
            &format!("SELECT count(*) FROM {table} JOIN memories ON id = {key} WHERE user_id = '{user}'"),
        );
        assert_eq!(as_user(&user, &format!("SELECT count(*) FROM mem0.{table}")), (Some(0), count), "{table}");
    }
    let none = (Some(0), "0\n".to_owned());
    assert_eq!(as_user(&another, &format!("SELECT count(*) FROM mem0.memories WHERE id = '{new}'")), none);
    assert_eq!(as_user("", "SELECT count(*) FROM mem0.memories"), none);
    let theft = format!("INSERT INTO mem0.memories (id, user_id, content) VALUES (gen_random_uuid(), '{user}', 'x')");
    let (code, said) = as_user(&another, &theft);
    assert!(code != Some(0) && said.contains("row-level security"), "{said}");
    let all = sqlite3(&file, "SELECT count(*) FROM memories");
    assert_eq!(psql(&migration, "mem0_audit", "SELECT count(*) FROM mem0.memories"), (Some(0), all));
    let (code, said) = psql(&migration, "mem0_audit", "DELETE FROM mem0.memories");
    assert!(code != Some(0) && said.contains("permission denied"), "{said}");

    // A link between two users is what the checks look for.
    migration.database.ask(&format!(
        "INSERT INTO mem0.memory_links (from_id, to_id) SELECT '{new}', id FROM mem0.memories WHERE user_id = '{another}' LIMIT 1"
    ));
    let found = run_isolated(&["verify", "--format", "json"]).exits(3).json();
    let failed = found["checks"].as_array().unwrap().iter().filter(|check| check["passed"] == false);
    let names = failed.map(|check| check["name"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(names, ["each user has as much as before", "no link joins two users"], "{found:#}");
    migration.database.ask(&format!("DELETE FROM mem0.memory_links WHERE from_id = '{new}'"));
    let undone = run_isolated(&["rollback", "--yes"]).exits(0);
    assert!(undone.stdout.contains("The structure of the target equals the one before the first run."), "{undone}");
}
