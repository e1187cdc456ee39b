//! Defaults that read the clock: what PostgreSQL's default gives at a moment is what SQLite's gives at the same moment.
//!
//! The defaults are read back from PostgreSQL's catalog, and both sides are asked with the moment in the place of the
//! clock.

use crate::support::migration::{Migration, SPEC};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::fmt::Write;
use std::process::Command;

/// Ends and beginnings of months, years and weeks, a leap day, and digits after the second.
const MOMENTS: [&str; 8] = [
    "2024-01-31 23:59:59.999",
    "2024-02-29 00:00:00.000",
    "2023-12-31 12:34:56.789",
    "2021-01-03 05:06:07.008",
    "2020-12-28 10:00:00.500",
    "2025-06-15 21:59:30.250",
    "2024-03-31 00:30:00.001",
    "2024-10-27 09:00:00.000",
];

/// Types, and how PostgreSQL's value of each is brought to SQLite's text.
const TYPES: [(&str, &str); 6] = [
    ("TEXT", "{}"),
    ("INTEGER", "({})::text"),
    ("REAL", "({})::text"),
    ("DATE", "({})::text"),
    ("TIME", "to_char({}, 'HH24:MI:SS')"),
    ("TIMESTAMP WITHOUT TIME ZONE", "to_char({}, 'YYYY-MM-DD HH24:MI:SS')"),
];

/// Defaults as applications write them.
const USUAL: &[(&str, &str)] = &[
    ("TEXT", "STRFTIME('%Y-%m-%d %H:%M:%f', 'now')"),
    ("TEXT", "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
    ("TEXT", "strftime('%s', 'now')"),
    ("TEXT", "unixepoch('now')"),
    ("TEXT", "datetime('now', 'subsec')"),
    ("TEXT", "date('now') || 'T' || time('now') || 'Z'"),
    ("TEXT", "strftime('%s', 'now') || substr(strftime('%f', 'now'), 4)"),
    ("INTEGER", "strftime('%s', 'now')"),
    ("INTEGER", "strftime('%Y', 'now')"),
    ("INTEGER", "strftime('%Y%m%d', 'now', '-1 day')"),
    ("INTEGER", "CAST(strftime('%s', 'now') AS INTEGER) * 1000"),
    ("INTEGER", "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)"),
    ("INTEGER", "unixepoch('now', 'subsecond') * 1000"),
    ("INTEGER", "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
    ("INTEGER", "CAST((julianday('now') - 2440587.5) * 86400.0 AS INTEGER)"),
    ("INTEGER", "unixepoch('now') + 3600"),
    ("INTEGER", "unixepoch('now', '+7 days')"),
    ("INTEGER", "unixepoch('now', 'start of month', '+1 month', '-1 second')"),
    ("REAL", "unixepoch('now', 'subsec')"),
    ("REAL", "julianday('now')"),
    ("REAL", "julianday('now', '+1.5 hours')"),
    ("DATE", "date('now', 'start of month', '+1 month', '-1 day')"),
    ("DATE", "datetime('now', '+6 hours')"),
    ("DATE", "strftime('%Y-%m-01', 'now')"),
    ("TIME", "time('now', '+01:30')"),
    ("TIME", "strftime('%H:%M', 'now')"),
    ("TIMESTAMP WITHOUT TIME ZONE", "datetime('now', '+1 month')"),
    ("TIMESTAMP WITHOUT TIME ZONE", "datetime('now', 'weekday 1')"),
    ("TIMESTAMP WITHOUT TIME ZONE", "strftime('%Y-%m-%d %H:00:00', 'now')"),
];

/// Defaults that read the machine's clock.
const LOCAL: &[(&str, &str)] = &[
    ("TEXT", "datetime('now', 'localtime', '+1 day')"),
    ("TEXT", "datetime('now', '-2 hours', 'localtime')"),
    ("TEXT", "datetime('now', 'localtime', 'start of day', 'utc')"),
    ("TEXT", "strftime('%Y-%m-%d', 'now', 'localtime', 'start of month', '+1 month')"),
    ("INTEGER", "strftime('%s', 'now', 'localtime', 'start of day', 'utc')"),
    ("DATE", "date('now', 'localtime', 'weekday 0')"),
    ("TIME", "time('now', 'localtime', '+90 minutes')"),
    ("TIMESTAMP WITHOUT TIME ZONE", "datetime('now', 'localtime', '+1 year')"),
];

fn modifier() -> impl Strategy<Value = String> {
    let unit = select(vec!["second", "minutes", "hour", "days", "DAY", "month", "months", "year", "years"]);
    let shift = (-40..40_i32, unit).prop_map(|(count, unit)| format!("{count:+} {unit}"));
    let fraction = (-9_000..9_000_i32, select(vec!["seconds", "minute", "hours", "days"]))
        .prop_map(|(count, unit)| format!("{:.3} {unit}", f64::from(count) / 1000.0));
    let fixed = select(vec![
        "start of day",
        "start of month",
        "Start Of Year",
        "+05:30",
        "-00:45:10",
        "-01:00:00.250",
        "ceiling",
    ]);
    let months = (1..30_i32).prop_map(|count| format!("+{count} months', 'floor"));
    prop_oneof![
        4 => shift,
        1 => fraction,
        2 => fixed.prop_map(str::to_owned),
        1 => (0..=6_u8).prop_map(|day| format!("weekday {day}")),
        1 => months,
    ]
}

fn default() -> impl Strategy<Value = (&'static str, String)> {
    let field = prop_oneof![
        select(vec!["Y", "m", "d", "e", "H", "I", "k", "l", "M", "S", "f", "j", "u", "w", "U", "V", "W", "G", "g"]),
        select(vec!["p", "P", "F", "T", "R", "s", "%"]),
    ];
    let between = select(vec!["", "-", " ", "T", " at ", ":", "Q", "year ", "FM"]);
    let format = prop::collection::vec((field, between), 1..6).prop_map(|parts| {
        let parts = parts.iter().map(|(field, between)| format!("%{field}{between}")).collect::<String>();
        format!("strftime('{parts}', 'now'MODIFIERS)")
    });
    let call = prop_oneof![
        6 => format.prop_map(|call| ("TEXT", call)),
        1 => select(vec![
            ("TEXT", "datetime('now'MODIFIERS)"),
            ("TEXT", "time('now'MODIFIERS)"),
            ("INTEGER", "unixepoch('now'MODIFIERS)"),
            ("REAL", "julianday('now'MODIFIERS)"),
            ("DATE", "date('now'MODIFIERS)"),
            ("TIMESTAMP WITHOUT TIME ZONE", "datetime('now'MODIFIERS)"),
        ]).prop_map(|(declared, call)| (declared, call.to_owned())),
    ];
    (call, prop::collection::vec(modifier(), 0..4)).prop_map(|((declared, call), modifiers)| {
        let modifiers = modifiers.iter().map(|modifier| format!(", '{modifier}'")).collect::<String>();
        (declared, call.replace("MODIFIERS", &modifiers))
    })
}

/// SQLite's values of expressions at a moment, one a line, where the machine's clock is that of Berlin.
fn ask_in_berlin(expressions: &[&str], moment: &str) -> Vec<String> {
    let sql = expressions.iter().fold(String::new(), |mut sql, expression| {
        writeln!(sql, "SELECT {};", expression.replace("'now'", &format!("'{moment}'"))).unwrap();
        sql
    });
    let ran = Command::new("sqlite3").args([":memory:", &sql]).env("TZ", "Europe/Berlin").output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn defaults_that_read_the_clock_give_the_same_at_the_same_moment() {
    let mut runner = TestRunner::deterministic();
    let random = (0..150).map(|_| default().new_tree(&mut runner).unwrap().current());
    let usual = USUAL.iter().map(|(declared, sql)| (*declared, (*sql).to_owned()));
    let mut columns = usual.chain(random).collect::<Vec<_>>();
    let local_from = columns.len();
    columns.extend(LOCAL.iter().map(|(declared, sql)| (*declared, (*sql).to_owned())));
    let list = columns.iter().enumerate().map(|(at, (declared, sql))| format!("c{at} {declared} DEFAULT ({sql})"));
    let source = format!("CREATE TABLE clocks (id INTEGER PRIMARY KEY, {});", list.collect::<Vec<_>>().join(",\n"));
    let spec = SPEC.replace("[target]", "timezone = \"Europe/Berlin\"\n[target]");
    let migration = Migration::new(&source, &spec);
    migration.apply().exits(0);
    let defaults = migration.database.ask(
        "SELECT coalesce((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum), '')
         FROM pg_attribute WHERE attrelid = 'app.clocks'::regclass AND attname ~ '^c[0-9]+$' ORDER BY attnum",
    );
    assert_eq!(defaults.len(), columns.len());
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    let mut wrong = Vec::new();
    for moment in MOMENTS {
        let theirs = |at: usize| {
            let shown = TYPES.iter().find(|(declared, _)| *declared == columns[at].0).unwrap().1;
            let fixed = format!("'{moment}+00'::timestamptz");
            let default = defaults[at][0].replace("now()", &fixed).replace("CURRENT_TIMESTAMP", &fixed);
            if default.is_empty() { "'not translated'".to_owned() } else { shown.replace("{}", &default) }
        };
        let answer = (0..columns.len()).map(theirs).collect::<Vec<_>>().join(",\n");
        let answer = migration.database.ask(&format!("SELECT {answer}")).remove(0);
        let local = columns[local_from..].iter().map(|(_, sql)| sql.as_str()).collect::<Vec<_>>();
        let local = ask_in_berlin(&local, moment);
        for (at, (declared, sql)) in columns.iter().enumerate() {
            let expected = if at >= local_from {
                local[at - local_from].clone()
            } else {
                let sql = sql.replace("'now'", &format!("'{moment}'"));
                let cast = if *declared == "REAL" { sql } else { format!("CAST({sql} AS TEXT)") };
                let value =
                    sqlite.query_row(&format!("SELECT {cast}"), [], |row| row.get::<_, rusqlite::types::Value>(0));
                match value.unwrap() {
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Real(real) => real.to_string(),
                    other => panic!("{sql}: {other:?}", sql = columns[at].1),
                }
            };
            let is_same = match *declared {
                "REAL" => {
                    answer[at].parse::<f64>().ok().map(f64::to_bits) == expected.parse::<f64>().ok().map(f64::to_bits)
                }
                // The affinity of the column makes a whole number an integer.
                "INTEGER" => answer[at] == expected.trim_end_matches(".0"),
                // SQLite's text of a date may have a time, which a date of PostgreSQL has not, and its text of a time no seconds.
                "DATE" if answer[at] == "not translated" => expected.len() > "2000-01-01".len(),
                "DATE" => {
                    let time = expected.strip_prefix(&answer[at]).map(|time| time.trim_end_matches([':', '0', '.']));
                    matches!(time, Some("" | " " | "T"))
                }
                "TIME" => answer[at].starts_with(&expected),
                _ => answer[at] == expected,
            };
            if !is_same {
                wrong.push(format!("{moment} {declared} {sql}: {expected}, and {} by {}", answer[at], defaults[at][0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), columns.len() * MOMENTS.len(), wrong.join("\n"));
}
