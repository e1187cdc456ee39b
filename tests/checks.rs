//! The spec's checks in a run and in `verify`: what a wrong answer leads to, and what is said of the rows that are wrong.
//! What each ready-made kind asks and finds stands in `tests/cases/checks`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;
use support::migration::{Migration, SPEC};

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
    let events = support::migration::run(&mut events).exits(0).stdout;
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
fn a_question_can_be_broken_off() {
    let spec = format!("{SPEC}[checks.slow]\nsql = \"SELECT 1 FROM pg_sleep(300)\"\nexpect = 1");
    let migration = Migration::new(SOURCE, &spec);
    let mut child = migration.command(&["apply", "--yes", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("step_started") && line.contains("check:slow")));
    let is_asked =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT 1 FROM pg_sleep%' AND state = 'active'";
    while migration.database.value(is_asked) == "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    while migration.database.value(is_asked) != "0" {
        std::thread::sleep(Duration::from_millis(20));
    }
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
