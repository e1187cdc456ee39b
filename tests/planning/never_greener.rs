//! A plan from the inspect file is never greener than the plan from the source: what blocks there blocks here, or warns, so
//! that `--fail-on warning` stops.

use crate::support::migration::{Migration, Ran, SPEC};
use serde_json::Value;
use std::collections::BTreeSet;

/// Columns of every kind of content, and one of each with what a conversion would forget.
const SOURCE: &str = "CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT, code TEXT NOT NULL UNIQUE, digits TEXT,
        whole INTEGER, holes INTEGER, part REAL, price NUMERIC, raw BLOB, sixteen BLOB, day TEXT, moment TEXT, nanos TEXT,
        clock TEXT, document TEXT, twice TEXT, tag TEXT, flag INTEGER, blank TEXT, mixed, seconds INTEGER,
        padded TEXT, local TEXT, address TEXT, span TEXT);
    INSERT INTO things VALUES
        (1, 'one', 'A1', '12', 70000, 1, 1.5, 2.25, x'00ff', x'00112233445566778899aabbccddeeff', '2024-01-31',
         '2024-01-31 10:11:12', '2024-01-31 10:11:12.123456789', '10:11:12', '{\"a\": 1}', '{\"a\": 1, \"a\": 2}',
         '0b7e1c7a-7a5f-4b8e-9d53-3f4b5d1c2a10', 1, NULL, 1, 1700000000, 'x  ', '2024-10-27 02:30:00', '10.0.0.1', '1 day'),
        (2, 'two two', 'A2', '007', -3, NULL, -0.25, 10, x'', x'ffeeddccbbaa99887766554433221100', '1999-12-31',
         '1999-12-31T00:00:00Z', NULL, '23:59:59.5', '[1, 2]', NULL, NULL, 0, NULL, 'text', 0, 'yy', NULL, '::1',
         '02:00:00'),
        (3, 'three', 'a1', '5', 9007199254740993, 7, 1e300, 0.1, NULL, NULL, NULL, NULL, NULL, NULL, 'null', NULL, NULL, 1,
         NULL, x'0102', 1, NULL, NULL, NULL, NULL);
    CREATE TABLE parts (thing TEXT REFERENCES things (code), number INTEGER CHECK (number > 0), PRIMARY KEY (thing, number));
    INSERT INTO parts VALUES ('A1', 1), ('A1', 2), ('a1', 1)";

const BERLIN: &str = "[source]\nurl = \"sqlite:${CASE_SOURCE}\"\ntimezone = \"Europe/Berlin\"";

/// The lines of spec that each column is given in its turn.
const LINES: [&str; 26] = [
    "type = \"smallint\"",
    "type = \"bigint\"",
    "type = \"bigint\", leading_zeros = \"drop\"",
    "type = \"numeric\"",
    "type = \"numeric(4,2)\"",
    "type = \"real\"",
    "type = \"double precision\"",
    "type = \"boolean\"",
    "type = \"text\"",
    "type = \"varchar(3)\"",
    "type = \"char(3)\"",
    "type = \"bytea\"",
    "type = \"bytea\", from = \"hex\"",
    "type = \"date\"",
    "type = \"time\"",
    "type = \"timestamp\"",
    "type = \"timestamptz\"",
    "type = \"timestamptz(0)\"",
    "type = \"timestamptz\", fraction = \"truncate\"",
    "type = \"timestamptz\", from = \"unix_s\"",
    "type = \"uuid\"",
    "type = \"uuid\", from = \"guid\"",
    "type = \"interval\"",
    "type = \"inet\"",
    "type = \"json\"",
    "type = \"jsonb\"",
];

fn columns() -> Vec<&'static str> {
    let (_, list) = SOURCE.split_once("things (").unwrap();
    let (list, _) = list.split_once(");").unwrap();
    list.split(',').map(|column| column.split_whitespace().next().unwrap()).collect()
}

fn plan(migration: &Migration, words: &[&str]) -> Ran {
    migration.run(&[&["plan", "--format", "json"], words].concat())
}

/// The places of findings of this severity: table and column, each perhaps nothing.
fn places(plan: &Value, severity: &str, is: impl Fn(&Value) -> bool) -> BTreeSet<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = plan["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| finding["severity"] == severity && is(finding));
    findings.map(|finding| (word(&finding["table"]), word(&finding["column"]))).collect()
}

/// The plan from the file beside the one from the source, both of this spec.
struct Both {
    live: Value,
    file: Value,
}

/// Holds that the file's plan is not greener; nothing where the spec is none.
#[track_caller]
fn not_greener(migration: &Migration, file: &str, spec: &str) -> Option<Both> {
    migration.write_spec(spec);
    let live = plan(migration, &[]);
    let (recalled, strict) =
        (plan(migration, &["--source", file]), plan(migration, &["--source", file, "--fail-on", "warning"]));
    if live.code == Some(2) {
        assert_eq!(recalled.code, Some(2), "{spec}\n{live}\n{recalled}");
        return None;
    }
    let codes = format!("{spec}\nlive {:?}, file {:?}, strict {:?}", live.code, recalled.code, strict.code);
    let (live, recalled) = (live.json_by_place(), recalled.json_by_place());
    let unknown = places(&recalled, "warns", |finding| finding["code"] == "not_inspected");
    let blocking = places(&recalled, "blocks", |_| true);
    for place in places(&live, "blocks", |_| true) {
        let (table, _) = &place;
        let told = blocking.contains(&place)
            || unknown.contains(&place)
            || unknown.iter().any(|(of, column)| of == table && column.is_empty());
        assert!(told, "silent about {place:?}: {codes}\n{:#}\n{:#}", live["findings"], recalled["findings"]);
        assert_eq!(strict.code, Some(3), "{codes}");
    }
    Some(Both { live, file: recalled })
}

#[test]
fn every_column_with_every_type() {
    let migration = Migration::new(SOURCE, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    for zone in ["", BERLIN] {
        let base = if zone.is_empty() { SPEC.to_owned() } else { in_berlin() };
        migration.write_spec(&base);
        migration.run(&["inspect", "--out", &file]).exits(0);
        let both = not_greener(&migration, &file, &base).unwrap();
        assert_eq!(both.live["digest"], both.file["digest"], "an unedited spec has one plan");
        assert_eq!(both.live["findings"], both.file["findings"]);
        let mut known = 0;
        for turn in 0..LINES.len() {
            let lines = columns()
                .into_iter()
                .enumerate()
                .skip(1)
                .map(|(at, column)| format!("columns.{column} = {{ {} }}\n", LINES[(at + turn) % LINES.len()]));
            let spec = format!("{base}[tables.things]\n{}", lines.collect::<String>());
            // A word that has no meaning for a type is an error of the spec for all columns at once: none is here.
            let both = not_greener(&migration, &file, &spec).unwrap();
            // Without a word or a length the file knows it as the source does.
            let sure = |finding: &Value| {
                let line = columns().iter().position(|column| finding["column"] == **column);
                let line = line.map(|at| LINES[(at + turn) % LINES.len()]);
                finding["code"] == "value_does_not_fit"
                    && line.is_some_and(|line| !["(", "fraction", "zeros"].iter().any(|word| line.contains(word)))
            };
            let blocks = |plan: &Value| places(plan, "blocks", sure);
            assert_eq!(blocks(&both.live), blocks(&both.file), "{spec}");
            known += blocks(&both.file).len();
        }
        assert!(known > 150, "{known} columns did not fit and the file said so");
    }
}

#[test]
fn what_no_word_makes_fit_blocks_in_the_file_too() {
    let migration = Migration::new(SOURCE, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    // No text is a time in another zone either, and the digits of a second wait for a word of their own.
    let lines = [
        (SPEC, "word", "type = \"timestamptz\", fraction = \"truncate\""),
        (SPEC, "word", "type = \"timestamptz\", repeated_time = \"earlier\""),
        (SPEC, "word", "type = \"bigint\", leading_zeros = \"drop\""),
        (SPEC, "mixed", "type = \"text\", storage_class = \"drop\""),
        (SPEC, "nanos", "type = \"timestamptz\", repeated_time = \"earlier\""),
        (&in_berlin(), "word", "type = \"timestamptz\""),
        (&in_berlin(), "nanos", "type = \"timestamptz\""),
    ];
    for (spec, column, line) in lines {
        let spec = format!("{spec}\n[tables.things.columns]\n{column} = {{ {line} }}\n");
        migration.write_spec(&spec);
        for source in [&[][..], &["--source", &file]] {
            let ran = plan(&migration, source);
            let place = ("things".to_owned(), column.to_owned());
            assert!(places(&ran.json(), "blocks", |_| true).contains(&place), "{source:?} {spec}\n{ran}");
        }
    }
    // What a word may make fit is not known.
    for (column, line) in [
        ("digits", "type = \"bigint\", leading_zeros = \"drop\""),
        ("nanos", "type = \"timestamptz\", fraction = \"truncate\""),
    ] {
        migration.write_spec(&format!("{SPEC}\n[tables.things.columns]\n{column} = {{ {line} }}\n"));
        let place = ("things".to_owned(), column.to_owned());
        let ran = plan(&migration, &["--source", &file]);
        assert!(!places(&ran.json(), "blocks", |_| true).contains(&place), "{line}\n{ran}");
    }
}

fn in_berlin() -> String {
    let (head, rest) = SPEC.split_once("[source]").unwrap();
    let (_, rest) = rest.split_once("[target]").unwrap();
    format!("{head}{BERLIN}\n[target]{rest}")
}

#[test]
fn other_changes_of_the_spec() {
    let fitting = "on_bad_value = \"null\"\n";
    let migration = Migration::new(SOURCE, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let (mut warned, mut blocked) = (0, 0);
    for lines in [
        "columns.holes = { not_null = true }",
        "columns.blank = { not_null = true }",
        "columns.blank = { type = \"uuid\", not_null = true }",
        "columns.word = { type = \"uuid\", not_null = true }",
        "columns.word = { type = \"uuid\", on_bad_value = \"null\" }",
        "columns.code = { type = \"uuid\", on_bad_value = \"null\" }",
        "columns.code = { type = \"uuid\", on_bad_value = \"reject\" }",
        "columns.digits = { type = \"bigint\", on_bad_value = \"reject\" }",
        "columns.code = { type = \"citext\" }",
        "columns.code = { rename = \"id\" }",
        "columns.code = { rename = \"key\", type = \"varchar(1)\" }",
        "columns.word = { source_sql = \"code\", type = \"bigint\" }",
        "columns.day = { source_sql = \"blank\", not_null = true }",
        "columns.day = { from = \"unix_s\", type = \"timestamptz\" }",
        "columns.day = { from = \"hex\", type = \"date\" }",
        "where = \"id < 3\"\ncolumns.word = { type = \"uuid\" }",
        "where = \"word = 'none'\"",
        "on_bad_value = \"reject\"\ncolumns.word = { type = \"uuid\" }\ncolumns.digits = { type = \"uuid\" }",
        "skip = true",
        "columns.nanos = { type = \"timestamptz\", fraction = \"round\" }",
        "columns.local = { type = \"timestamptz\", repeated_time = \"earlier\" }",
        "columns.padded = { type = \"char(3)\", trailing_spaces = \"drop\" }",
    ] {
        for zone in [SPEC.to_owned(), in_berlin()] {
            let spec = format!("{zone}[tables.things]\n{lines}\n");
            let Some(both) = not_greener(&migration, &file, &spec) else { continue };
            warned += places(&both.file, "warns", |finding| finding["code"] == "not_inspected").len();
            blocked += places(&both.file, "blocks", |_| true).len();
        }
    }
    for lines in [
        "[tables.parts]\ncolumns.number = { type = \"boolean\" }",
        "[tables.parts]\ncolumns.thing = { type = \"citext\" }",
        "[tables.parts]\ncolumns.thing = { type = \"uuid\" }",
        "[tables.parts]\nwhere = \"number > 1\"",
        "[tables.parts]\nforeign_keys.thing = \"not_valid\"",
        "[tables.things]\nwhere = \"id = 2\"",
    ] {
        not_greener(&migration, &file, &format!("{SPEC}{lines}\n"));
        let table = "[tables.parts]\n";
        let lines = lines.replace(table, &format!("{table}{fitting}"));
        not_greener(&migration, &file, &format!("{SPEC}{lines}\n"));
    }
    assert!(warned > 10 && blocked > 10, "{warned} warned, {blocked} blocked");
}

#[test]
fn storage_classes_and_rows_left_behind() {
    let source = "CREATE TABLE notes (id INTEGER PRIMARY KEY, any, bytes BLOB);
        INSERT INTO notes VALUES (1, 1, x'41'), (2, '1', 'A'), (3, NULL, NULL)";
    let migration = Migration::new(source, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let both = not_greener(&migration, &file, SPEC).unwrap();
    let forgotten = |plan: &Value| places(plan, "blocks", |finding| finding["code"] == "storage_class_forgotten");
    assert_eq!((&both.live["findings"], forgotten(&both.file).len()), (&both.file["findings"], 1));
    for lines in [
        "columns.any = { storage_class = \"drop\" }",
        "columns.any = { type = \"text\", from = \"literal\" }",
        "columns.any = { type = \"text\", from = \"utf8\" }",
        "columns.bytes = { type = \"bytea\", from = \"utf8\" }",
        "columns.bytes = { type = \"bytea\", from = \"utf8\", storage_class = \"drop\" }",
        "columns.bytes = { type = \"text\", from = \"utf8\" }",
        "where = \"id <> 2\"",
        "where = \"id > 3\"",
    ] {
        let spec = format!("{SPEC}[tables.notes]\n{lines}\n");
        not_greener(&migration, &file, &spec);
        // Looked at with the same lines, the source is known from the file as well.
        let again = migration.directory().join("again.json").display().to_string();
        migration.write_spec(&spec);
        migration.run(&["inspect", "--out", &again]).exits(0);
        let both = not_greener(&migration, &again, &spec).unwrap();
        assert_eq!(both.live["findings"], both.file["findings"], "{spec}");
    }
}

#[test]
fn what_the_file_does_not_say_stops_where_asked() {
    let source = "CREATE TABLE notes (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO notes VALUES (1, 'short')";
    let migration = Migration::new(source, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let with = |words: &[&str]| plan(&migration, &[&["--source", file.as_str()], words].concat());
    with(&["--fail-on", "warning"]).exits(0);
    // Whether the text ends in spaces nobody has counted.
    migration.write_spec(&format!("{SPEC}[tables.notes]\ncolumns.word = {{ type = \"char(9)\" }}\n"));
    let warned = with(&[]).exits(0).json();
    let finding = &warned["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"not_inspected".into(), &"warns".into()));
    let message = finding["message"].as_str().unwrap();
    assert_eq!(message, "the inspect file does not say whether all its values are char(9)");
    assert!(finding["suggestion"].as_str().unwrap().starts_with("plan against the source, or run"));
    with(&["--fail-on", "error"]).exits(0);
    with(&["--fail-on", "warning"]).exits(3);
    plan(&migration, &["--fail-on", "warning"]).exits(0);
}

/// Arithmetic in every kind of expression; of one row each leaves the range of its type.
const ARITHMETIC: &str = "CREATE TABLE sums (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c REAL, d INTEGER,
        squared REAL GENERATED ALWAYS AS (c * c) STORED, CONSTRAINT product CHECK (a * b < 100 OR a > 0), CONSTRAINT small CHECK (d + d < 1000));
    CREATE INDEX squares ON sums (a) WHERE c * c > 1;
    CREATE VIEW products AS SELECT a * b AS product FROM sums;
    CREATE VIEW smalls AS SELECT d * d AS square FROM sums;
    INSERT INTO sums (id, a, b, c, d) VALUES (1, 2, 3, 1.5, 7), (2, 9000000000000000000, 8000000000000000000, 1e200, 9),
        (3, NULL, NULL, NULL, NULL);
    CREATE TABLE quiet (id INTEGER PRIMARY KEY, n INTEGER, CHECK (n * n < 100)); INSERT INTO quiet VALUES (1, 2);
    CREATE TABLE empty (n INTEGER CHECK (n * n < 100))";

/// The places of expressions of which the plan says that nobody knows.
fn in_doubt(plan: &Value) -> BTreeSet<(String, String)> {
    places(plan, "warns", |finding| {
        finding["code"] == "not_inspected" && finding["message"].as_str().unwrap().contains("of its type, where")
    })
}

#[test]
fn arithmetic_that_leaves_its_range() {
    let migration = Migration::new(ARITHMETIC, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let both = not_greener(&migration, &file, SPEC).unwrap();
    assert_eq!(both.live["findings"], both.file["findings"], "an unedited spec has one plan");
    assert_eq!(both.live["digest"], both.file["digest"]);
    let blocking = both.live["findings"].as_array().unwrap().iter();
    let blocking =
        blocking.filter(|finding| finding["code"] == "arithmetic_overflow" && finding["severity"] == "blocks");
    assert_eq!(blocking.count(), 4, "{:#}", both.live["findings"]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        ["9000000000000000000", "8000000000000000000", "1e200"].iter().all(|value| !text.contains(value)),
        "{text}"
    );

    let mut doubts = 0;
    for lines in [
        "where = \"id = 1\"",
        "where = \"id = 2\"",
        "columns.a = { source_sql = \"b\" }",
        "columns.d = { source_sql = \"a\" }",
        "columns.a = { type = \"numeric\" }",
        "columns.a = { type = \"double precision\" }",
        "columns.b = { rename = \"other\" }",
        "checks = { product = false }",
        "indexes = { squares = false }",
    ] {
        let both = not_greener(&migration, &file, &format!("{SPEC}[tables.sums]\n{lines}\n")).unwrap();
        doubts += in_doubt(&both.file).len();
    }
    assert!(doubts > 1, "{doubts}");
    // What the spec kept from being asked is in doubt when it comes back, where the numbers are large enough.
    migration.write_spec(&format!(
        "{SPEC}[tables.sums.checks]\nproduct = false\nsmall = false\n[views.products]\nskip = true\n"
    ));
    migration.run(&["inspect", "--out", &file]).exits(0);
    let both = not_greener(&migration, &file, SPEC).unwrap();
    let places = ["products", "sums"].map(|table| (table.to_owned(), String::new()));
    assert_eq!(in_doubt(&both.file), places.into());
}

#[test]
fn without_a_profile_arithmetic_is_in_doubt_until_the_spec_leaves_it_behind() {
    let migration = Migration::new(ARITHMETIC, SPEC);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let words: [&[&str]; 2] = [&["--no-profile"], &["--no-profile", "--source", &file]];
    for words in words {
        migration.write_spec(SPEC);
        let digest = plan(&migration, &[]).exits(3).json()["digest"].clone();
        let planned = plan(&migration, words).exits(0).json();
        assert_eq!(planned["digest"], digest);
        plan(&migration, &[words, &["--fail-on", "warning"]].concat()).exits(3);
        let tables = ["products", "quiet", "smalls", "sums"].map(|table| (table.to_owned(), String::new()));
        assert_eq!(in_doubt(&planned), tables.into());
        let doubts =
            planned["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "not_inspected");
        let suggestions = doubts.map(|finding| finding["suggestion"].as_str().unwrap()).collect::<Vec<_>>();
        migration.write_spec(&format!("{SPEC}{}", merged(&suggestions)));
        assert_eq!(in_doubt(&plan(&migration, words).exits(0).json()), BTreeSet::new());
        migration.run(&["plan", "--fail-on", "warning"]);
    }
    // A reviewed plan knows more than a run that does not look.
    let reviewed = migration.directory().join("plan.json").display().to_string();
    let planned = plan(&migration, &["--out", &reviewed]).exits(0);
    assert!(planned.stdout.is_empty(), "{planned}");
    migration.run(&["apply", "--yes", "--no-profile", "--plan", &reviewed]).exits(0);
}

/// Suggestions in one spec, where a table is opened once.
fn merged(suggestions: &[&str]) -> String {
    let tables = suggestions.iter().map(|suggestion| suggestion.parse::<toml::Table>().unwrap());
    let mut all = toml::Table::new();
    tables.for_each(|table| merge(&mut all, table));
    toml::to_string(&all).unwrap()
}

fn merge(into: &mut toml::Table, from: toml::Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(into)), toml::Value::Table(from)) => merge(into, from),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

/// The application's own table has a key that the source does not know, and the source's rows break it.
#[test]
fn keys_of_the_application_alone() {
    let spec = format!("{SPEC}tables = \"existing\"\n");
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
        INSERT INTO users VALUES (1, 'a@b'), (2, 'a@b'), (3, 'c@d')";
    let migration = Migration::new(source, &spec);
    let keys = "CREATE SCHEMA app; CREATE TABLE app.users (id integer PRIMARY KEY, email text UNIQUE)";
    migration.database.ask(keys);
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    let both = not_greener(&migration, &file, &spec).unwrap();
    let told = |plan: &Value| places(plan, "blocks", |finding| finding["code"] == "duplicate_key");
    assert_eq!(told(&both.live), [("users".to_owned(), "email".to_owned())].into());
    assert_eq!(both.live["findings"], both.file["findings"]);
    // A file that was written before the key was made does not know of it, and says so.
    migration.database.ask("ALTER TABLE app.users DROP CONSTRAINT users_email_key");
    migration.run(&["inspect", "--out", &file]).exits(0);
    migration.database.ask("ALTER TABLE app.users ADD CONSTRAINT one_address UNIQUE (email)");
    let both = not_greener(&migration, &file, &spec).unwrap();
    assert_eq!((told(&both.live).len(), told(&both.file).len()), (1, 0));
}
