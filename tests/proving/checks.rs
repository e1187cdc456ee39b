//! The spec's checks in a run and in `verify`: what a wrong answer leads to, and what is said of the rows that are wrong.
//! What each ready-made kind asks and finds stands in `tests/cases/checks`.

use crate::support::migration::{Migration, SPEC};
use crate::support::waiting::{wait_until, wait_until_busy};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn check<'a>(document: &'a Value, name: &str) -> &'a Value {
    document["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, phone TEXT);
    INSERT INTO users VALUES (1, 'ada@example.com', NULL), (2, NULL, '12345'), (3, NULL, NULL), (4, NULL, '67890')";

fn spec(severity: &str) -> String {
    format!(
        "{SPEC}[checks.addresses]
        not_null = {{ table = \"Users\", columns = [\"EMAIL\", \"phone\"] }}
        {severity}"
    )
}

#[test]
fn a_warning_is_said_and_fails_nothing() {
    let migration = Migration::new(SOURCE, &spec("severity = \"warn\""));
    let applied = migration.apply().exits(0);
    let said = "check \"addresses\": WARNING, expected no rows, got 4 rows\n  id=1\n  id=2\n  id=3\n  id=4\n";
    assert!(applied.stdout.contains(said), "{applied}");
    assert!(applied.stderr.contains("WARNING check:addresses: expected no rows, got 4 rows"), "{applied}");
    // It is done: the migration is finished, and `verify` asks again.
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    migration.run(&["plan", "--detailed-exitcode"]).exits(0);
    let verified = migration.run(&["verify", "--format", "json", "--examples", "2"]).exits(0).json();
    let expected = json!({
        "name": "addresses", "passed": false, "severity": "warn", "expected": "no rows", "actual": "4 rows", "failing": 4,
        "rows": [{ "key": "id=1", "values": null }, { "key": "id=2", "values": null }]
    });
    assert_eq!((&verified["equal"], check(&verified, "addresses")), (&true.into(), &expected));
    let text = migration.run(&["verify", "--examples", "1", "--show-values"]).exits(0).stdout;
    assert!(text.contains("  id=1: email=ada@example.com, phone=NULL\n  and 3 rows more\n"), "{text}");
    let none = migration.run(&["verify", "--examples", "0"]).exits(0).stdout;
    assert!(none.contains("got 4 rows") && !none.contains("id="), "{none}");
}

#[test]
fn severity_decides_anew_when_it_changes() {
    let migration = Migration::new(SOURCE, &spec("severity = \"warn\""));
    let mut events = migration.command(&["apply", "--yes", "--format", "json"]);
    let events = crate::support::migration::run(&mut events).exits(0).stdout;
    let done = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let done = done.filter(|event| event["event"] == "step_done").collect::<Vec<_>>();
    let warned = done.iter().filter(|event| event["warning"].is_string()).collect::<Vec<_>>();
    assert_eq!((warned.len(), &warned[0]["id"]), (1, &"check:addresses".into()), "{done:?}");
    // Without the word a wrong answer is an error, though the check was done before.
    migration.write_spec(&spec(""));
    let failed = migration.apply().exits(3);
    assert!(failed.stdout.contains("check \"addresses\": FAILED"), "{failed}");
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    assert_eq!((&verified["equal"], &check(&verified, "addresses")["severity"]), (&false.into(), &"error".into()));
    migration.database.ask("UPDATE app.users SET email = 'e', phone = 'p'");
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    assert_eq!(
        (&check(&verified, "addresses")["passed"], &check(&verified, "addresses")["failing"]),
        (&true.into(), &0.into())
    );
}

/// A question may take long; who asked it need not wait.
#[test]
fn a_check_can_be_interrupted() {
    let spec = format!("{SPEC}[checks.slow]\nsql = \"SELECT 1 FROM pg_sleep(300)\"\nexpect = 1");
    let migration = Migration::new(SOURCE, &spec);
    let mut child = migration.command(&["apply", "--yes", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("step_started") && line.contains("check:slow")));
    let is_asked =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    wait_until("the question", || migration.database.value(is_asked) != "0");
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    wait_until("the question's end", || migration.database.value(is_asked) == "0");
    migration.write_spec(SPEC);
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
}

/// A check that fails hides no other, and asks what is there now.
#[test]
fn both_sides_are_asked_every_time() {
    let source = "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL, cents INTEGER, price TEXT);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 500)
        INSERT INTO orders SELECT n,
            -- Of every size: the digits of a binary number beyond the fifteenth, ties among them.
            CASE n % 5 WHEN 0 THEN 1e15 + n + 0.5 WHEN 1 THEN n / 7.0 WHEN 2 THEN -n * 1e-20 / 3 WHEN 3 THEN n * 1e200 / 3
                ELSE 100000000000000.5 + n END,
            n * 9007199254740993, printf('%d.%03d', n % 13, n) FROM counter;";
    let spec = format!(
        "{SPEC}[tables.orders]
        columns.price = {{ type = \"numeric\" }}
        [tables.orders.columns.cents]
        type = \"numeric(30, 2)\"
        [checks.amounts]
        sum = {{ table = \"orders\", column = \"amount\" }}
        [checks.cents]
        sum = {{ table = \"orders\", column = \"cents\" }}
        [checks.prices]
        sum = {{ table = \"orders\", column = \"price\" }}
        [checks.rows]
        row_count = {{ table = \"orders\" }}
        [checks.some]
        row_count = {{ table = \"orders\", min = 500 }}"
    );
    let migration = Migration::new(source, &spec);
    migration.apply().exits(0);
    let verify = |code: i32| migration.run(&["verify", "--format", "json"]).exits(code).json();
    let passed = |verified: &Value| {
        ["amounts", "cents", "prices", "rows", "some"].map(|name| check(verified, name)["passed"].as_bool().unwrap())
    };
    assert_eq!(passed(&verify(0)), [true; 5]);
    // The order of the rows is no matter, the last digit of the least is.
    migration.database.ask(
        "CREATE TABLE turned AS TABLE app.orders; TRUNCATE app.orders;
        INSERT INTO app.orders SELECT * FROM turned ORDER BY id DESC",
    );
    assert_eq!(passed(&verify(0)), [true; 5]);
    migration.database.ask("UPDATE app.orders SET amount = amount * (1 + 1e-14::float8) WHERE id = 2");
    assert_eq!(passed(&verify(3)), [false, true, true, true, true]);
    migration.database.ask("UPDATE app.orders SET price = price + 0.001 WHERE id = 7");
    assert_eq!(passed(&verify(3)), [false, true, false, true, true]);
    migration.database.ask("DELETE FROM app.orders WHERE id = 9");
    let verified = verify(3);
    assert_eq!(passed(&verified), [false; 5]);
    let found = check(&verified, "rows");
    assert_eq!((&found["expected"], &found["actual"]), (&"500 rows".into(), &"499 rows".into()));
    assert_eq!(check(&verified, "some")["expected"], "at least 500 rows");
}

/// A database with what a check could harm, and its state as PostgreSQL itself tells it.
fn state(migration: &Migration) -> String {
    let rows = "SELECT count(*) || ' ' || coalesce(sum(length(email)), 0) FROM app.users";
    let others = "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace) || ' ' ||
        (SELECT last_value FROM app.users_id_seq) || ' ' || (SELECT count(*) FROM pg_largeobject_metadata)";
    format!("{} {}", migration.database.value(rows), migration.database.value(others))
}

/// What `check` itself sees: no query, or more than one statement. The place is named, and nothing is touched.
#[test]
fn what_is_not_one_query_is_refused_with_its_place() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let before = state(&migration);
    let of_target = [
        "SELECT 1; COMMIT; DELETE FROM app.users",
        "COMMIT; DELETE FROM app.users; SELECT 1",
        "COMMIT",
        "/* SELECT */ ROLLBACK",
        "SET TRANSACTION READ WRITE",
        "SET SESSION AUTHORIZATION DEFAULT",
        "DELETE FROM app.users RETURNING 1",
        "DO $$ BEGIN DELETE FROM app.users; END $$",
        "CALL app.f()",
        "COPY app.users TO PROGRAM 'touch /tmp/transship_was_here'",
        "EXPLAIN ANALYZE DELETE FROM app.users",
        "LOCK TABLE app.users",
        "LISTEN x",
        "PREPARE p AS SELECT 1",
        "/* SELECT; */ TRUNCATE app.users",
    ];
    let of_source = [
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT a",
        "SELECT 1; COMMIT",
        "DELETE FROM users",
        "WITH a AS (SELECT 1) DELETE FROM users",
        "ATTACH 'other.db' AS other",
        "PRAGMA query_only = 0",
        "VACUUM INTO 'copy.db'",
        "SELECT ?1",
    ];
    let refused = |check: &str, sql: &str| {
        let sql = toml::Value::String(sql.to_owned()).to_string();
        migration.write_spec(&format!("{SPEC}[checks.c]\n{}\n", check.replace("SQL", &sql)));
        let checked = migration.run(&["check"]).exits(2);
        assert!(checked.stderr.contains("transship::spec::not_one_query"), "{sql}: {checked}");
        // A key of one line stands in the check's first or second one.
        let lines = [2, 3].map(|line| format!("spec.toml:{}:", SPEC.lines().count() + line));
        assert!(lines.iter().any(|line| checked.stderr.contains(line)), "{sql}: {checked}");
        migration.run(&["apply", "--yes"]).exits(2);
        migration.run(&["verify"]).exits(2);
    };
    for sql in of_target {
        refused("sql = SQL\nexpect = 1", sql);
        refused("no_rows = SQL", sql);
        refused("target = SQL\nsource = \"SELECT 1\"", sql);
    }
    for sql in of_source {
        refused("source = SQL\ntarget = \"SELECT 1\"", sql);
    }
    assert_eq!(state(&migration), before);
}

/// What only PostgreSQL sees is that check's failure: the others are asked all the same, and nothing is changed.
#[test]
fn a_check_cannot_write() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "CREATE FUNCTION app.takes_away() RETURNS int LANGUAGE plpgsql AS
            'BEGIN DELETE FROM app.users; RETURN 1; END';
        CREATE FUNCTION app.commits() RETURNS int LANGUAGE plpgsql AS 'BEGIN COMMIT; RETURN 1; END';
        CREATE FUNCTION app.opens() RETURNS int LANGUAGE plpgsql AS
            'BEGIN SET LOCAL transaction_read_only = off; DELETE FROM app.users; RETURN 1; END';",
    );
    let before = state(&migration);
    let writing = [
        "SELECT app.takes_away()",
        "SELECT app.commits()",
        "SELECT app.opens()",
        "WITH gone AS (DELETE FROM app.users RETURNING 1) SELECT count(*) FROM gone",
        "SELECT 1 INTO app.made",
        "SELECT id FROM app.users FOR UPDATE",
        "SELECT nextval('app.users_id_seq')",
        "SELECT setval('app.users_id_seq', 1000)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT 1 WHERE $1 IS NULL",
        "SELECT lo_create(0)",
        "SELECT 1 FROM",
    ];
    let mut spec = SPEC.to_owned();
    for (at, sql) in writing.iter().enumerate() {
        let sql = toml::Value::String((*sql).to_owned()).to_string();
        spec.push_str(&format!("[checks.w{at:02}]\nsql = {sql}\nexpect = 1\n[checks.n{at:02}]\nno_rows = {sql}\n"));
    }
    spec.push_str("[checks.right]\nsql = \"SELECT count(*) FROM users; -- a comment\"\nexpect = 4\n");
    migration.write_spec(&spec);
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    for (at, sql) in writing.iter().enumerate() {
        // A large object may be made, and is gone with its transaction; its number is another answer.
        for name in [format!("w{at:02}"), format!("n{at:02}")] {
            assert_eq!(check(&verified, &name)["passed"], false, "{sql}: {verified}");
        }
    }
    assert_eq!(check(&verified, "right")["passed"], true, "{verified}");
    assert_eq!(verified["checks"].as_array().unwrap().len(), 2 * writing.len() + 1);
    migration.apply().exits(3);
    assert_eq!(state(&migration), before);
}

/// What a check leaves behind in its session meets neither the next check nor a worker.
#[test]
fn a_check_has_a_session_of_its_own() {
    let spec = format!(
        "{SPEC}[checks.a_sets]
        sql = \"SELECT set_config('transship_test.a', 'left', false) || set_config('search_path', 'nowhere', false)\"
        expect = \"leftnowhere\"
        [checks.b_locks]
        sql = \"SELECT pg_advisory_lock(4711) IS NULL\"
        expect = false
        [checks.c_finds_nothing]
        sql = \"SELECT coalesce(current_setting('transship_test.a', true), '') || count(*) FROM users\"
        expect = \"4\"
        [checks.d_holds_nothing]
        sql = \"SELECT pg_advisory_unlock(4711)\"
        expect = false"
    );
    let migration = Migration::new(SOURCE, &spec);
    let applied = migration.run(&["apply", "--yes", "--jobs", "1"]);
    assert_eq!(applied.code, Some(0), "{applied}");
    migration.verify().exits(0);
}

/// A source query that never ends is interrupted with the run.
#[test]
fn a_source_query_is_interrupted_with_the_run() {
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let spec = format!("{SPEC}[checks.endless]\nsource = \"{endless}\"\ntarget = \"SELECT 1\"");
    let migration = Migration::new(SOURCE, &spec);
    let mut child = migration.command(&["apply", "--yes", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("step_started") && line.contains("check:endless")));
    // The target is asked first; nothing but the source's question makes work.
    wait_until_busy(&child);
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// A step and its row in the ledger are one transaction, which the step's SQL may not end.
#[test]
fn a_step_does_not_end_its_transaction() {
    let migration = Migration::new(SOURCE, SPEC);
    std::fs::write(migration.directory().join("step.sql"), "BEGIN;\nCREATE TABLE app.x ();\nCOMMIT;").unwrap();
    for step in [
        "sql = \"CREATE TABLE app.x (); COMMIT; SELECT 1\"",
        "sql = \"SELECT 1\"\nundo = \"SELECT 1; ROLLBACK\"",
        "file = \"step.sql\"",
    ] {
        migration.write_spec(&format!("{SPEC}[steps.s]\n{step}\n"));
        let checked = migration.run(&["check"]).exits(2);
        assert!(checked.stderr.contains("transship::spec::transaction_in_step"), "{checked}");
        migration.apply().exits(2);
    }
    // Elsewhere in the spec's SQL the plan sees it.
    migration.write_spec(&format!("{SPEC}[tables.users]\nindexes.ix = \"(id); COMMIT\"\n"));
    migration.change_source("CREATE INDEX ix ON users (phone)");
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let codes = plan["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect::<Vec<_>>();
    assert!(codes.contains(&&"transaction_in_step".into()), "{plan}");
    // Outside of a transaction, and in the body of a function, it is the user's.
    let own = "transaction = false\nsql = \"BEGIN; CREATE TABLE app.x (); COMMIT\"";
    let body = "sql = \"DO $$ BEGIN PERFORM 1; END $$; CREATE TABLE app.y ()\"";
    migration.write_spec(&format!("{SPEC}[steps.own]\n{own}\n[steps.body]\n{body}\n"));
    migration.apply().exits(0);
}

/// Two answers are equal where each row of one is a row of the other: exactly, every one, and as often.
#[test]
fn answers_that_differ_do_not_pass() {
    let rows = |last: u64| {
        format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n")
    };
    let series = "SELECT i FROM generate_series(1, 3000) AS i ORDER BY i";
    let (all, some, downwards) = (rows(3000), rows(1700), rows(3000) + " ORDER BY i DESC");
    let cases = [
        (all.as_str(), series, true),
        (&some, series, false),
        (&downwards, series, false),
        (&downwards, "SELECT i FROM generate_series(1, 3000) AS i", true),
        ("SELECT 9007199254740993", "SELECT 9007199254740992", false),
        ("SELECT 9007199254740993", "SELECT 9007199254740993.0", true),
        ("SELECT '4929123412341234567'", "SELECT '4929123412341234568'", false),
        ("SELECT '01'", "SELECT 1", false),
        ("SELECT '1e2'", "SELECT '100'", false),
        ("SELECT 0.1", "SELECT 0.1::float8", true),
        ("SELECT 0.1", "SELECT 0.1", true),
        ("SELECT 1, 'a', NULL, x'00'", "SELECT true, 'a', NULL, '\\x00'::bytea", true),
        ("SELECT NULL", "SELECT ''", false),
        ("SELECT 1, 2", "SELECT 1", false),
        ("SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 2", "VALUES (1), (2), (2)", false),
    ];
    let mut spec = SPEC.to_owned();
    for (at, (source, target, _)) in cases.iter().enumerate() {
        let [source, target] = [source, target].map(|sql| toml::Value::String((*sql).to_owned()));
        spec.push_str(&format!("[checks.c{at:02}]\nsource = {source}\ntarget = {target}\n"));
    }
    let expecting = [
        ("SELECT '01'", "1", false),
        ("SELECT 9007199254740993", "9007199254740992", false),
        ("SELECT 1.50", "1.5", true),
        ("SELECT 1.50", "\"1.5\"", false),
        ("SELECT 1 FROM generate_series(1, 1001)", "1", false),
        ("SELECT true", "true", true),
        ("SELECT 1", "true", false),
    ];
    for (at, (sql, expected, _)) in expecting.iter().enumerate() {
        spec.push_str(&format!("[checks.e{at:02}]\nsql = \"{sql}\"\nexpect = {expected}\n"));
    }
    let migration = Migration::new(SOURCE, &spec);
    migration.apply().exits(3);
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    for (at, (source, target, is_equal)) in cases.iter().enumerate() {
        let found = check(&verified, &format!("c{at:02}"));
        assert_eq!(found["passed"], *is_equal, "{source} against {target}: {found}");
    }
    for (at, (sql, expected, is_equal)) in expecting.iter().enumerate() {
        let found = check(&verified, &format!("e{at:02}"));
        assert_eq!(found["passed"], *is_equal, "{sql} expecting {expected}: {found}");
    }
}
