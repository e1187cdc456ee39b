//! `transship bench`: equal answers, times, budgets, missing indexes; and what it says where it cannot ask.

use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::server::programs;
use crate::support::waiting::wait_until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// Values that both sides keep in forms of their own, and messages enough to look for.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, born DATETIME, uid BLOB, active BOOLEAN);
    INSERT INTO users WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 40)
        SELECT v, 'user ' || v, datetime(1700000000 + v, 'unixepoch'), randomblob(16), v % 2 FROM n;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, score REAL, ms INTEGER, meta JSON);
    INSERT INTO messages WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 6000)
        SELECT v, v % 40 + 1, 'body ' || v, v / 7.0, 1700000000000 + v, '{\"b\": 1, \"a\": ' || v || '}' FROM n;
    CREATE INDEX by_user ON messages (user_id)";

/// How they come over; the index stays behind.
const TYPES: &str = "
[types]
\"DATETIME\" = \"timestamptz\"
\"JSON\" = \"jsonb\"
[tables.users]
columns.uid = { type = \"uuid\", from = \"uuid\" }
[tables.messages]
columns.ms = { type = \"timestamptz\", from = \"unix_ms\" }
indexes.by_user = false
";

/// A question whose columns are of every kind, in order.
const MESSAGES: &str = "
[bench.messages]
source = \"SELECT m.id, m.body, m.score, m.ms, m.meta, u.born, u.active FROM messages m JOIN users u ON u.id = m.user_id WHERE m.user_id = ?1 ORDER BY m.id\"
target = \"SELECT m.id, m.body, m.score, m.ms, m.meta, u.born, u.active FROM messages m JOIN users u ON u.id = m.user_id WHERE m.user_id = $1 ORDER BY m.id\"
parameters = \"SELECT id FROM users\"
clients = [1, 3]
duration = \"60ms\"
";

pub(crate) fn applied(benches: &str) -> Migration {
    let migration = Migration::new(SOURCE, &format!("{SPEC}{TYPES}{benches}"));
    migration.apply().exits(0);
    migration
}

pub(crate) fn bench(migration: &Migration, words: &[&str]) -> Ran {
    migration.run(&[&["bench", "--format", "json"], words].concat())
}

pub(crate) fn question<'a>(bench: &'a Value, name: &str) -> &'a Value {
    bench["questions"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

/// The document is as its schema says.
pub(crate) fn described(document: &Value) {
    let text = include_str!("../../specs/bench.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
    let problems = validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(problems.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn equal_answers_are_measured_on_both_sides() {
    let by_uid = "
        [bench.\"by uid\"]
        source = \"SELECT name, born FROM users WHERE uid = :uid\"
        target = \"SELECT name, born FROM users WHERE uid = $1\"
        parameters = \"SELECT uid FROM users WHERE id > 35\"
        [bench.totals]
        source = \"SELECT count(*), sum(score), avg(score), max(ms) FROM messages\"
        target = \"SELECT count(*), sum(score), avg(score), extract(epoch FROM max(ms)) * 1000 FROM messages\"
        clients = [2]";
    let migration = applied(&format!("{MESSAGES}p95_ms = 600000\n{by_uid}"));
    let bytes = std::fs::read(migration.source()).unwrap();
    let (page, file) = (migration.directory().join("b.html"), migration.directory().join("b.json"));
    let reports = ["--report", page.to_str().unwrap(), "--report", file.to_str().unwrap()];
    let found = bench(&migration, &[&["--duration", "60ms"], &reports[..]].concat()).exits(0).json();
    described(&found);
    assert_eq!(found, serde_json::from_str::<Value>(&std::fs::read_to_string(file).unwrap()).unwrap());
    let messages = question(&found, "messages");
    assert_eq!((&messages["equal"], &messages["in_order"]), (&json!(true), &json!(true)));
    let numbers =
        [&messages["parameter_rows"], &messages["compared"], &messages["rows"]].map(|one| one.as_u64().unwrap());
    assert_eq!(numbers, [40, 40, 6000]);
    let measured = messages["measurements"].as_array().unwrap();
    assert_eq!(measured.iter().map(|one| one["clients"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 3]);
    for side in measured.iter().flat_map(|one| [&one["source"], &one["target"]]) {
        assert!(side["queries"].as_u64().unwrap() > 0 && side["errors"] == 0, "{side:#}");
        let [p50, p95, p99, max] =
            ["p50_ms", "p95_ms", "p99_ms", "max_ms"].map(|figure| side[figure].as_f64().unwrap());
        assert!(0.0 < p50 && p50 <= p95 && p95 <= p99 && p99 <= max, "{side:#}");
    }
    assert_eq!(messages["budgets"][0]["passed"], true);
    let plan = messages["slowest"]["source_plan"].to_string();
    assert!(plan.contains("by_user"), "{plan}");
    // A UUID of sixteen bytes finds its row there; the last digits of a sum are each side's own.
    assert_eq!((&question(&found, "by uid")["equal"], &question(&found, "by uid")["rows"]), (&json!(true), &json!(5)));
    assert_eq!(question(&found, "totals")["measurements"].as_array().unwrap().len(), 1);
    // Nothing was written, and no value of a row is told.
    assert_eq!(std::fs::read(migration.source()).unwrap(), bytes);
    assert_eq!(
        migration.database.value("SELECT sum(n_tup_ins)::text FROM pg_stat_user_tables WHERE schemaname = 'app'"),
        "6040"
    );
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<polyline") && !page.contains("body 1"), "{page}");
    // However short the time, each client has an answer.
    let found = bench(&migration, &["--duration", "1ns"]).exits(0).json();
    for measured in question(&found, "messages")["measurements"].as_array().unwrap() {
        for side in ["source", "target"].map(|side| &measured[side]) {
            assert!(side["queries"].as_u64() >= side["clients"].as_u64() && side["errors"] == 0, "{measured:#}");
        }
    }
}

#[test]
fn a_missing_index_is_suggested_with_lines_that_make_it() {
    let benches = "
        [bench.newest]
        source = \"SELECT id, body FROM messages WHERE user_id = ? ORDER BY ms DESC, id LIMIT 5\"
        target = \"SELECT id, body FROM messages WHERE user_id = $1 ORDER BY ms DESC, id LIMIT 5\"
        parameters = \"SELECT id FROM users\"
        [bench.one]
        source = \"SELECT id FROM messages WHERE body = ?\"
        target = \"SELECT id FROM messages WHERE body = $1\"
        parameters = \"SELECT body FROM messages WHERE id IN (1, 3000)\"
        [bench.other]
        source = \"SELECT count(*) FROM messages WHERE score = ?\"
        target = \"SELECT count(*) FROM messages WHERE score = $1\"
        parameters = \"SELECT score FROM messages WHERE id IN (1, 3000)\"
        [bench.same]
        source = \"SELECT user_id FROM messages WHERE body = ?\"
        target = \"SELECT user_id FROM messages WHERE body = $1\"
        parameters = \"SELECT body FROM messages WHERE id IN (1, 3000)\"";
    // One of the columns is written inline: a table of its own cannot be pasted behind it.
    let types = format!("{TYPES}columns.score = {{ type = \"double precision\" }}\n");
    let migration = Migration::new(SOURCE, &format!("{SPEC}{types}{benches}"));
    migration.apply().exits(0);
    let run = |words: &[&str]| {
        let found = bench(&migration, &[&["--duration", "20ms", "--clients", "1"], words].concat()).exits(0).json();
        described(&found);
        found
    };
    let found = run(&[]);
    let suggested = |name: &str| question(&found, name)["suggestions"].as_array().unwrap().clone();
    let lines = ["newest", "one", "other"].map(|name| {
        let [one] = suggested(name).try_into().unwrap_or_else(|other| panic!("{name}: {other:?}"));
        assert!(one["reason"].as_str().unwrap().contains("messages"), "{one}");
        one["spec"].as_str().unwrap().to_owned()
    });
    assert!(lines[1].contains("[tables.messages.columns.body]"), "{lines:?}");
    assert!(lines[2].starts_with("[steps.\"index of messages (score)\"]"), "{lines:?}");
    let same = &suggested("same")[0];
    assert_eq!((&same["same_as"], same["spec"].as_str()), (&json!("one"), Some(lines[1].as_str())), "{same}");
    // Tried, and gone again.
    let indexes = || migration.database.value("SELECT count(*)::text FROM pg_indexes WHERE schemaname = 'app'");
    let before = indexes();
    let tried = run(&["--try-indexes"]);
    for name in ["newest", "one", "other"] {
        let one = &question(&tried, name)["suggestions"][0];
        assert_eq!((&one["tried"]["is_used"], &one["not_tried"]), (&json!(true), &Value::Null), "{one}");
        assert!(one["tried"]["bytes"].as_u64() > Some(0), "{one}");
    }
    assert_eq!(indexes(), before);
    // Behind a writer that holds the table it is not waited for long.
    let database = &migration.database;
    let writing = "BEGIN; UPDATE app.messages SET body = body WHERE id = 1; SELECT pg_sleep(600)";
    let mut writer = Command::new(programs().join("psql"))
        .args(["-qX", "-c", writing, &database.url])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let locks = "SELECT count(*) FROM pg_locks WHERE mode = 'RowExclusiveLock' AND relation = 'app.messages'::regclass";
    wait_until("the writer's lock", || database.value(locks) != "0");
    let held = run(&["--try-indexes", "--only", "one"]);
    let reason = question(&held, "one")["suggestions"][0]["not_tried"].as_str().unwrap().to_owned();
    assert!(reason.contains("lock timeout"), "{reason}");
    writer.kill().unwrap();
    writer.wait().unwrap();
    database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)' AND pid <> pg_backend_pid()");
    database.wait_until_alone();
    migration.write_spec(&format!("{SPEC}{types}{benches}\n{}\n", lines.join("\n")));
    migration.apply().exits(0);
    let found = run(&[]);
    for name in ["newest", "one", "other", "same"] {
        assert_eq!(question(&found, name)["suggestions"], json!([]), "{name}");
        let plan = question(&found, name)["slowest"]["target_plan"].to_string();
        assert!(plan.contains("Index"), "{plan}");
    }
    // A literal of a condition is a value of a row.
    assert!(!found.to_string().contains("body 3000"));
}

#[test]
fn different_answers_are_not_measured() {
    let migration = applied(MESSAGES);
    let differs = |change: &str| {
        migration.database.ask(change);
        let found = bench(&migration, &[]).exits(3).json();
        described(&found);
        let messages = question(&found, "messages").clone();
        assert_eq!((&messages["equal"], &messages["measurements"]), (&json!(false), &json!([])));
        assert!(!found.to_string().contains("another"), "{found}");
        messages
    };
    let found = differs("UPDATE app.messages SET body = 'another' WHERE id = 43");
    assert_eq!(found["different"], 1);
    let example = &found["examples"][0];
    assert_eq!((&example["parameter"], &example["row"]), (&json!(4), &json!(2)), "{example}");
    assert_eq!((&example["kind"], &example["column"]), (&json!("different"), &json!("body")));
    let text = migration.run(&["bench", "--show-values"]).exits(3).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("(4): row 2, column body: body 43 in the source, another in the target"), "{text}");
    let found =
        differs("UPDATE app.messages SET body = 'body 43' WHERE id = 43; DELETE FROM app.messages WHERE id = 40");
    assert_eq!(found["examples"][0]["kind"], "rows");
    // The same rows in another order, where both sides order.
    let spec = std::fs::read_to_string(migration.directory().join("spec.toml")).unwrap();
    let spec =
        spec.replace("WHERE m.user_id = $1 ORDER BY m.id", "WHERE m.user_id = $1 AND m.id > 80 ORDER BY m.id DESC");
    let spec = spec.replace("WHERE m.user_id = ?1 ORDER", "WHERE m.user_id = ?1 AND m.id > 80 ORDER");
    migration.write_spec(&spec);
    assert_eq!(differs("SELECT 1")["examples"][0]["kind"], "order");
    // Without an order there, the rows are the same.
    migration.write_spec(&spec.replace("ORDER BY m.id DESC", ""));
    let found = bench(&migration, &["--answers-only"]).exits(0).json();
    described(&found);
    assert_eq!(question(&found, "messages")["equal"], true);
    let said = question(&found, "messages")["order_not_compared"].as_str().unwrap().to_owned();
    assert_eq!(said, "order not compared: only the source's query orders its rows");
}

/// Answers that differ a little, or only in what they are, differ; and nothing that a question does stays in the target.
#[test]
fn answers_are_held_to_what_is_printed_and_leave_nothing() {
    let questions = [
        ("SELECT 3", "SELECT 3.0000000001::float8", false),
        ("SELECT 0.1 + 0.2", "SELECT 0.1::float8 + 0.2::float8", true),
        ("SELECT 1.0 / 3", "SELECT 1.0 / 3", true),
        ("SELECT max(score) FROM messages", "SELECT max(score) * (1 + 1e-13::float8) FROM app.messages", false),
        ("SELECT sum(score) FROM messages", "SELECT sum(score) FROM app.messages", true),
        ("SELECT avg(id) FROM messages", "SELECT avg(id) + 1e-7 FROM app.messages", false),
        ("SELECT 'true'", "SELECT true", false),
        ("SELECT 1", "SELECT true", true),
        ("SELECT '7'", "SELECT 7", true),
        ("SELECT '07'", "SELECT 7", false),
        ("SELECT 'a'", "SELECT 'a'::char(5)", false),
        ("SELECT 'a    '", "SELECT 'a'::char(5)", true),
        ("SELECT 0", "SELECT lo_create(0)::int * 0", true),
    ];
    let spec = questions.iter().enumerate().map(|(at, (source, target, _))| {
        format!("[bench.q{at}]\nsource = \"{source}\"\ntarget = \"{target}\"\nclients = [2]\nduration = '40ms'\n")
    });
    let migration = applied(&spec.collect::<String>());
    let found = bench(&migration, &[]).exits(3).json();
    for (at, (source, target, equal)) in questions.iter().enumerate() {
        assert_eq!(question(&found, &format!("q{at}"))["equal"], *equal, "{source} / {target}");
    }
    assert_eq!(migration.database.value("SELECT count(*) FROM pg_largeobject_metadata"), "0");
}

#[test]
fn a_budget_that_is_not_met_fails_with_a_sentence() {
    let migration = applied(&format!("{MESSAGES}p95_ms = 0.0001\n"));
    let ran = migration.run(&["bench", "--clients", "2"]).exits(3);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("FAILED: p95_ms = 0.0001 is not met: with 2 clients the target's 95th percentile is"),
        "{ran}"
    );
}

#[test]
fn what_cannot_be_asked_is_said() {
    let benches = "
        [bench.a]
        source = \"SELECT id FROM users WHERE id = ?1\"
        target = \"SELECT id FROM users WHERE nonsense = $1\"
        parameters = \"SELECT id FROM users\"
        [bench.b]
        source = \"SELECT id FROM users WHERE id = ?1\"
        target = \"SELECT id FROM users WHERE id = $1\"
        parameters = \"SELECT id FROM users WHERE id < 0\"
        [bench.c]
        source = \"SELECT id FROM users WHERE id = ?2\"
        target = \"SELECT id FROM users WHERE id = $1\"
        parameters = \"SELECT id FROM users\"
        [bench.d]
        source = \"SELECT count(*) FROM users\"
        target = \"SELECT writes()\"
        [bench.e]
        source = \"SELECT id, name FROM users WHERE id = ?1\"
        target = \"SELECT id FROM users WHERE id = $1\"
        parameters = \"SELECT id FROM users\"
        [bench.f]
        source = \"WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n) SELECT max(v) FROM n\"
        target = \"SELECT 1\"
        [bench.g]
        source = \"SELECT 1\"
        target = \"SELECT 1 FROM pg_sleep(600)\"";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{TYPES}{benches}"));
    let told = migration.run(&["bench"]).exits(3);
    assert!(told.stderr.contains("transship apply"), "{told}");
    migration.apply().exits(0);
    migration.database.ask(
        "CREATE TABLE app.written (a int); CREATE FUNCTION app.writes() RETURNS bigint LANGUAGE sql AS
         'INSERT INTO app.written VALUES (1); SELECT 40::bigint'",
    );
    let refused = [
        ("a", "column \"nonsense\" does not exist"),
        ("b", "`parameters` returns no rows"),
        ("c", "the source's query has 2 parameters, and `parameters` gives 1 column"),
        ("d", "error 25006 (read_only_sql_transaction)"),
        ("e", "it answers with 2 columns, and the target with 1"),
        ("f", "longer than 0.7 s"),
        ("g", "statement timeout"),
    ];
    // The limit is for those alone that never answer: on a busy machine the others may take as long.
    let [quick, slow] = [(&refused[..5], "30s"), (&refused[5..], "700ms")].map(|(these, timeout)| {
        let only = these.iter().flat_map(|(name, _)| ["--only", name]).collect::<Vec<_>>();
        let found = bench(&migration, &[&only[..], &["--timeout", timeout]].concat()).exits(3).json();
        described(&found);
        found
    });
    for (name, words) in refused {
        let found = if ["f", "g"].contains(&name) { &slow } else { &quick };
        let refused = question(found, name)["refused"].as_str().unwrap();
        assert!(refused.contains(words), "{name}: {refused}");
    }
    assert_eq!(migration.database.value("SELECT count(*)::text FROM app.written"), "0");
    let unknown = migration.run(&["bench", "--only", "aa"]).exits(2);
    assert!(unknown.stderr.contains("Did you mean `a`"), "{unknown}");
    migration.write_spec(&format!("{SPEC}{TYPES}[bench.x]\nsource = \"DELETE FROM users\"\ntarget = \"SELECT 1\"\n"));
    assert!(migration.run(&["bench"]).exits(2).stderr.contains("is no query but DELETE"));
    migration.write_spec(&format!("{SPEC}{TYPES}"));
    assert!(migration.run(&["bench"]).exits(2).stderr.contains("no [bench]"));
}

#[test]
fn clients_beyond_the_servers_limit_are_counted() {
    let mut migration = applied(MESSAGES);
    migration.database.ask(
        "CREATE ROLE bench_few LOGIN CONNECTION LIMIT 5; GRANT USAGE ON SCHEMA app, transship TO bench_few;
         GRANT SELECT ON ALL TABLES IN SCHEMA app, transship TO bench_few; ALTER ROLE bench_few BYPASSRLS",
    );
    let url = migration.database.url.replace("postgres@", "bench_few@");
    migration.set("CASE_TARGET", &url);
    let found = bench(&migration, &["--clients", "8"]).exits(0).json();
    let target = &question(&found, "messages")["measurements"][0]["target"];
    assert!((1..8).contains(&target["clients"].as_u64().unwrap()), "{target}");
    assert!(target["refused"].as_str().unwrap().contains("too many connections"), "{target}");
    assert_eq!(question(&found, "messages")["measurements"][0]["source"]["clients"], 8);
}

#[test]
fn what_was_measured_before_an_interruption_is_printed() {
    let other = MESSAGES.replace("[bench.messages]", "[bench.second]").replace("60ms", "600s");
    let migration = applied(&format!("{MESSAGES}{other}"));
    let mut command = migration.command(&["bench", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("second: 1 client")));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let found = serde_json::from_str::<Value>(&text).unwrap();
    described(&found);
    assert_eq!((&found["interrupted"], &found["passed"]), (&json!(true), &json!(false)));
    assert_eq!(question(&found, "messages")["measurements"].as_array().unwrap().len(), 2);
    assert_eq!(question(&found, "second")["equal"], true);
    migration.database.wait_until_alone();
}

#[test]
fn a_server_is_asked_by_its_own_prepared_statements() {
    of_server(mariadb());
    if let Some(server) = mysql() {
        of_server(server);
    }
}

fn of_server(server: &MysqlServer) {
    let source = "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(30), born DATETIME(3), active TINYINT(1), balance DECIMAL(12,2), uid BINARY(16));
        CREATE TABLE posts (id INT PRIMARY KEY AUTO_INCREMENT, user_id INT, title VARCHAR(60), at TIMESTAMP, KEY (user_id));
        INSERT INTO users SELECT a.n * 10 + b.n, concat('user ', a.n * 10 + b.n), '2024-02-29 12:00:00.125', b.n % 2, a.n + b.n / 4, random_bytes(16)
            FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2) a, (SELECT 1 n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) b;
        INSERT INTO posts (user_id, title, at) SELECT u.id, concat('post of ', u.name), '2024-07-01 10:00:00' FROM users u, users v";
    let benches = "
[types]
\"BINARY(16)\" = { type = \"uuid\", from = \"uuid\" }
[bench.posts]
source = \"SELECT p.id, p.title, p.at, u.born, u.active, u.balance FROM posts p JOIN users u ON u.id = p.user_id WHERE u.id = ? AND u.balance = ? ORDER BY p.id DESC LIMIT 7\"
target = \"SELECT p.id, p.title, p.at, u.born, u.active, u.balance FROM posts p JOIN users u ON u.id = p.user_id WHERE u.id = $1 AND u.balance = $2 ORDER BY p.id DESC LIMIT 7\"
parameters = \"SELECT id, balance FROM users\"
clients = [1, 4]
duration = \"60ms\"
[bench.named]
source = \"SELECT name, concat(:id, ':id') FROM users WHERE balance = :balance AND id = :id AND :id > 0\"
target = \"SELECT name, id || ':id' FROM users WHERE id = $1 AND balance = $2\"
parameters = \"SELECT id, balance FROM users\"
clients = [1]
duration = \"20ms\"
[bench.sum]
source = \"SELECT sum(balance), count(*) FROM users WHERE uid <> ?\"
target = \"SELECT sum(balance), count(*) FROM users WHERE uid <> $1\"
parameters = \"SELECT uid FROM users\"
clients = [1]
duration = \"20ms\"
";
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
    let migration = Migration::from_mariadb(server, source, &format!("{spec}{benches}"));
    migration.apply().exits(0);
    let found = bench(&migration, &[]).exits(0).json();
    described(&found);
    let posts = question(&found, "posts");
    assert_eq!((&posts["equal"], &posts["compared"], &posts["rows"]), (&json!(true), &json!(12), &json!(84)));
    assert!(posts["measurements"].as_array().unwrap().iter().all(|one| one["source"]["queries"].as_u64() > Some(0)));
    let plan = posts["slowest"]["source_plan"].to_string();
    assert!(plan.contains("access "), "{plan}");
    assert_eq!(question(&found, "sum")["equal"], true);
    // Names are numbered as they come, and one that comes again has the same value.
    let named = question(&found, "named");
    assert_eq!((&named["equal"], &named["rows"]), (&json!(true), &json!(12)), "{named:#}");
    assert!(named["slowest"]["source_plan"].to_string().contains("access "), "{named:#}");
    migration.database.ask("UPDATE app.users SET balance = balance + 0.01 WHERE id = 1");
    let found = bench(&migration, &["--only", "sum"]).exits(3).json();
    // All but the answer that leaves this row out.
    assert_eq!(question(&found, "sum")["different"], 11);
    // A value that the server quotes is not told.
    let beyond =
        "[bench.beyond]\nsource = \"SELECT exp(?)\"\ntarget = \"SELECT $1::float8\"\nparameters = \"SELECT 4711\"\n";
    migration.write_spec(&format!("{spec}{benches}{beyond}"));
    let refused = migration.run(&["bench", "--only", "beyond"]).exits(3);
    assert!(refused.stdout.contains("(error 1690)") && !refused.output().contains("4711"), "{refused}");
}
