//! Findings of one cause are one question: in every format, with lines that settle it, and compared place by place.

use crate::support::migration::{Migration, SPEC};
use crate::support::suggestions::lay;
use serde_json::{Value, json};
use std::fmt::Write as _;
use toml::Table;

/// Twelve tables with times of nine digits, in two columns each; in the last two tables one of the two columns fits.
fn nanoseconds() -> String {
    let mut sql = String::new();
    for table in 0..12 {
        let made = if table < 10 { "2024-01-01 10:00:00.123456789" } else { "2024-01-01 10:00:00" };
        write!(
            sql,
            "CREATE TABLE t{table} (id INTEGER PRIMARY KEY, made DATETIME, seen DATETIME NOT NULL);
             INSERT INTO t{table} VALUES (1, '{made}', '2024-01-01 10:00:00.123456789');"
        )
        .unwrap();
    }
    sql
}

fn plan(migration: &Migration, code: i32) -> Value {
    migration.run(&["plan", "--format", "json"]).exits(code).json()
}

fn blocking(plan: &Value) -> Vec<&Value> {
    plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks").collect()
}

#[test]
fn one_cause_is_one_finding_in_every_format() {
    let migration = Migration::new(&nanoseconds(), SPEC);
    let planned = plan(&migration, 3);
    let [question] = blocking(&planned)[..] else { panic!("{:#}", planned["findings"]) };
    let keys = ["code", "severity", "table", "column", "count"].map(|key| question[key].clone());
    assert_eq!(keys, [json!("value_does_not_fit"), json!("blocks"), Value::Null, Value::Null, json!(22)]);
    let message = question["message"].as_str().unwrap();
    assert!(
        message.starts_with("22 columns declared DATETIME: 22 values do not fit timestamptz: more than six"),
        "{message}"
    );
    let places = question["places"].as_array().unwrap();
    assert_eq!((places.len(), &places[0]["table"], &places[0]["column"]), (22, &json!("t0"), &json!("made")));
    assert_eq!(places[0]["examples"], json!(["id=1"]));
    for format in ["text", "markdown", "html"] {
        let shown = migration.run(&["plan", "--format", format]).exits(3).stdout;
        let plain = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(plain.matches("22 values do not fit timestamptz").count(), 1, "{format}: {shown}");
        assert!(plain.contains("22 columns in 12 tables"), "{format}: {shown}");
    }
    // The program refuses with the same question, and so does a report for a pipeline.
    let report = migration.directory().join("apply.xml");
    let refused = migration.run(&["apply", "--yes", "--report", &report.display().to_string()]).exits(3);
    assert_eq!(refused.stderr.matches("22 columns declared DATETIME").count(), 1, "{refused}");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("22 columns in 12 tables: 22 columns declared DATETIME"), "{report}");
    // The facts in a file lead to the same question.
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let recalled = migration.run(&["plan", "--format", "json", "--source", &file]).exits(3).json();
    assert_eq!(recalled["findings"], planned["findings"]);
}

#[test]
fn one_line_of_types_settles_it() {
    let migration = Migration::new(&nanoseconds(), SPEC);
    let planned = plan(&migration, 3);
    let suggestion = blocking(&planned)[0]["suggestion"].as_str().unwrap().to_owned();
    // One line for all is offered where it changes no column that fits, first or as a choice.
    let line = "\"DATETIME\" = { fraction = \"truncate\" }";
    assert!(suggestion.contains(line), "{suggestion}");
    let mut pasted: Table = SPEC.parse().unwrap();
    lay(&mut pasted, suggestion.parse().unwrap());
    migration.write_spec(&toml::to_string(&pasted).unwrap());
    migration.run(&["plan"]).exits(0);
    migration.write_spec(&format!("{SPEC}\n[types]\n{line}\n"));
    migration.apply().exits(0);
    let seen = "SELECT count(*), min(made AT TIME ZONE 'UTC') FROM app.t0 WHERE made = seen";
    assert_eq!(migration.database.ask(seen), [["1", "2024-01-01 10:00:00.123456"]]);
    migration.verify().exits(0);
}

/// A column that references a key takes the key's type, also against a line of `[types]`, which would settle nothing.
#[test]
fn no_line_of_types_is_offered_where_the_type_of_a_key_goes_before_it() {
    let settled = |source: &str| {
        let migration = Migration::new(source, SPEC);
        let planned = plan(&migration, 3);
        let [finding] = blocking(&planned)[..] else { panic!("{planned:#}") };
        let (suggestion, mut pasted) =
            (finding["suggestion"].as_str().unwrap().to_owned(), SPEC.parse::<Table>().unwrap());
        lay(&mut pasted, suggestion.parse().unwrap());
        migration.write_spec(&toml::to_string(&pasted).unwrap());
        plan(&migration, 0);
        suggestion
    };
    let references = "CREATE TABLE users (id UUID PRIMARY KEY);
        INSERT INTO users VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8');
        CREATE TABLE posts (id INTEGER PRIMARY KEY, author TEXT REFERENCES users, editor VARCHAR(40) REFERENCES users);
        INSERT INTO posts VALUES (1, 'system', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'), (2, NULL, 'deleted')";
    let lines = settled(references);
    assert!(lines.contains("[tables.posts.columns.author]\ntype = \"text\"") && !lines.contains("[types]"), "{lines}");
    // One line gives key and reference another type.
    let of_itself = "CREATE TABLE nodes (id GUID PRIMARY KEY, parent GUID REFERENCES nodes);
        INSERT INTO nodes VALUES ('root', NULL), ('leaf', 'root')";
    let lines = settled(of_itself);
    assert!(lines.contains("[types]\n\"GUID\" = \"text\""), "{lines}");
}

#[test]
fn a_line_of_types_says_what_a_column_says() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, at EPOCH NOT NULL, n SHORT DEFAULT 7, x SHORT);
        CREATE TABLE b (id INTEGER PRIMARY KEY, at EPOCH NOT NULL, n SHORT);
        INSERT INTO a VALUES (1, 1700000000, 1, 2), (2, 1700000001, 70000, 3);
        INSERT INTO b VALUES (1, 0, 'many')";
    let types = "[types]\n\"EPOCH\" = { type = \"timestamptz\", from = \"unix_s\", not_null = false, index = \"brin\" }\n\
        \"SHORT\" = { type = \"smallint\", on_bad_value = \"null\", default = false }\nNOWHERE = { on_bad_value = \"reject\" }\n";
    let own = "[tables.b]\non_bad_value = \"reject\"\n[tables.a.columns.x]\ntype = \"integer\"\n";
    let migration = Migration::new(source, &format!("{SPEC}\n{types}{own}"));
    let planned = plan(&migration, 0);
    let notes = planned["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "notes");
    let notes = notes.map(|finding| finding["message"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(notes, ["the line `NOWHERE` of [types] matches no column of the source"]);
    migration.apply().exits(0);
    migration.verify().exits(0);
    let columns = "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '-')
        FROM information_schema.columns WHERE table_schema = 'app' AND column_name <> 'id' ORDER BY 1, 2";
    assert_eq!(
        migration.database.ask(columns),
        [
            ["a", "at", "timestamp with time zone", "YES", "-"],
            ["a", "n", "smallint", "YES", "-"],
            ["a", "x", "integer", "YES", "-"],
            ["b", "at", "timestamp with time zone", "YES", "-"],
            ["b", "n", "smallint", "YES", "-"],
        ]
    );
    let indexes = "SELECT tablename, substring(indexdef from 'USING .*') FROM pg_indexes
        WHERE schemaname = 'app' AND indexdef !~ 'UNIQUE' ORDER BY 1, 2";
    assert_eq!(migration.database.ask(indexes), [["a", "USING brin (at)"], ["b", "USING brin (at)"]]);
    let rows = "SELECT id, extract(epoch FROM at)::bigint, coalesce(n::text, 'null') FROM app.a ORDER BY id";
    assert_eq!(migration.database.ask(rows), [["1", "1700000000", "1"], ["2", "1700000001", "null"]]);
    // What a table says goes before what a type says.
    assert_eq!(migration.database.value("SELECT count(*) FROM app.b"), "0");
    // Every key has a meaning, and a line without any has none.
    migration.write_spec(&format!("{SPEC}\n[types]\nSHORT = {{ rename = \"x\" }}\nEPOCH = {{}}\n"));
    let refused = migration.run(&["check"]).exits(2).output();
    assert!(refused.contains("rename") && refused.contains("type, from, fraction"), "{refused}");
}

#[test]
fn a_place_more_or_a_larger_count_is_worse() {
    let rejecting = format!("{SPEC}\n[types]\nINTEGER = {{ on_bad_value = \"reject\" }}\n");
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO a VALUES (1, 'one'), (2, 2);
        CREATE TABLE b (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO b VALUES (1, 'one'), (2, 2);
        CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO c VALUES (1, 1);";
    for (change, place) in [
        ("INSERT INTO c VALUES (2, 'two')", "c.n: a finding that the plan does not have"),
        ("INSERT INTO b VALUES (3, 'three')", "b.n: a finding concerns more than in the plan"),
        ("CREATE TRIGGER extra AFTER INSERT ON a BEGIN SELECT 1; END", "source structure"),
        ("UPDATE b SET n = 3 WHERE id = 1", ""),
    ] {
        let migration = Migration::new(source, &rejecting);
        let file = migration.directory().join("plan.json").display().to_string();
        migration.run(&["plan", "--format", "json", "--out", &file]).exits(0);
        migration.change_source(change);
        let applied = migration.run(&["apply", "--yes", "--plan", &file]);
        if place.is_empty() {
            applied.exits(0);
            continue;
        }
        let refused = applied.exits(3).stderr;
        assert!(refused.split_whitespace().collect::<Vec<_>>().join(" ").contains(place), "{change}: {refused}");
        let against = migration.run(&["plan", "--against", &file]).stdout;
        if change.starts_with("INSERT INTO c") {
            let new = against.lines().filter(|line| line.starts_with("  + ")).collect::<Vec<_>>();
            assert!(
                new.iter().any(|line| line.contains("c.n")) && new.iter().all(|line| !line.contains("a.n")),
                "{against}"
            );
        }
    }
}

#[test]
fn a_summary_is_short_however_many_tables_there_are() {
    let mut sql = nanoseconds();
    for table in 0..126 {
        let default = format!("printf('%d', {table})");
        write!(sql, "CREATE TABLE u{table} (id INTEGER PRIMARY KEY, at TEXT DEFAULT ({default}));").unwrap();
    }
    let spec = format!(
        "{SPEC}\n[types]\n# Written by Go, which counts nanoseconds.\nDATETIME = {{ fraction = \"truncate\" }}\n"
    );
    let migration = Migration::new(&sql, &spec);
    let text = migration.run(&["plan", "--summary"]).exits(0).stdout;
    assert!(text.lines().count() < 60, "{text}");
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "types.DATETIME = { fraction = \"truncate\" } Written by Go, which counts nanoseconds.",
        "DATETIME -> timestamptz 24 columns",
        "default (126): u0.at (printf('%d', 0))",
        "copy 138",
        "schema app, tables = \"create\"",
    ] {
        assert!(plain.contains(words), "{words}: {text}");
    }
    let markdown = migration.run(&["plan", "--summary", "--format", "markdown"]).exits(0).stdout;
    assert!(markdown.contains("| DATETIME | timestamptz | 24 |") && !markdown.contains("mermaid"), "{markdown}");
    let whole = migration.run(&["plan", "--format", "markdown"]).exits(0).stdout;
    assert_eq!(whole.matches("| default |").count(), 1, "one reason, one line");
    assert!(whole.chars().count() <= 65_000, "{}", whole.len());
    for format in ["json", "html", "sql"] {
        migration.run(&["plan", "--summary", "--format", format]).exits(2);
    }
}
