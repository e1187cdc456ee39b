//! A single value in the target is altered, taken away, put in or exchanged, in every type that there is: `verify` finds
//! each, names table, key and column, and exits with 3.

use crate::support::database::Database;
use crate::support::migration::{Migration, SPEC};
use serde_json::Value;
use std::fmt::Write as _;
use transship::catalog::ColumnType;

/// A type, two values of it in the source, and the least alteration of the first in the target.
struct Kind {
    column_type: &'static str,
    values: [&'static str; 2],
    altered: &'static str,
}

const fn kind(column_type: &'static str, values: [&'static str; 2], altered: &'static str) -> Kind {
    Kind { column_type, values, altered }
}

const KINDS: &[Kind] = &[
    kind("boolean", ["1", "0"], "NOT v"),
    kind("smallint", ["32767", "-5"], "v - 1"),
    kind("integer", ["-2147483648", "7"], "v + 1"),
    kind("bigint", ["9223372036854775807", "0"], "v - 1"),
    // The next number that there is.
    kind("real", ["0.5", "-0.25"], "'0.50000006'"),
    kind("double precision", ["0.1", "1e300"], "'0.10000000000000002'"),
    kind("double precision", ["0.0", "1.5"], "'-0'"),
    kind("numeric", ["'12345678901234567890.123456789'", "'-0.5'"], "v + 0.000000001"),
    kind("numeric(10,2)", ["'10.25'", "3"], "v - 0.01"),
    kind("text", ["'Straße'", "''"], "'Strasse'"),
    kind("text", ["'é'", "'x'"], "U&'e\\0301'"),
    kind("varchar(20)", ["'a '", "'b'"], "'a'"),
    kind("char(5)", ["'ab'", "'abcde'"], "' ab'"),
    // One element with a comma in it, not two.
    kind("text[]", ["'{a,b}'", "'{}'"], "ARRAY['a,b']"),
    kind("citext", ["'Ada'", "'grace'"], "'ada'"),
    kind("bytea", ["x'00ff00'", "x''"], "set_bit(v, 0, 1)"),
    kind("date", ["'2024-02-29'", "'0001-01-01'"], "v + 1"),
    kind("time", ["'23:59:59.999999'", "'00:00:00'"], "v - interval '1 microsecond'"),
    kind("timestamp", ["'2024-03-31 02:30:00'", "'1999-12-31 23:59:59.5'"], "v + interval '1 microsecond'"),
    kind("timestamptz", ["'2024-03-31T02:30:00+01:00'", "'1970-01-01 00:00:00'"], "v - interval '1 hour'"),
    // Equal to PostgreSQL, which counts a month as 30 days, and another length of time in February.
    kind("interval", ["'30 days, 0:00:00'", "'-1 day 02:03:04.5'"], "interval '1 month'"),
    kind(
        "uuid",
        ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'"],
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'",
    ),
    kind("inet", ["'10.0.0.1'", "'2001:db8::1/64'"], "'10.0.0.1/24'"),
    kind("json", ["'{\"a\": [1, 2]}'", "'null'"], "'{\"a\": [2, 1]}'"),
    kind("jsonb", ["'{\"a\": {\"b\": 1.5}, \"c\": \"x\"}'", "'[]'"], "jsonb_set(v, '{a,b}', '1.51')"),
];

fn keyed(at: usize) -> String {
    format!("keyed_{at}")
}

fn keyless(at: usize) -> String {
    format!("keyless_{at}")
}

/// For each kind a table with a key (rows 1 and 2 hold its values, row 3 NULL) and one without.
fn every_type() -> Migration {
    let mut source = String::new();
    let mut spec = SPEC.to_owned() + "extensions = [\"citext\"]\n";
    for (at, kind) in KINDS.iter().enumerate() {
        let [first, second] = kind.values;
        for (name, key) in [(keyed(at), "id INTEGER PRIMARY KEY, "), (keyless(at), "")] {
            writeln!(spec, "[tables.{name}]\ncolumns.v = {{ type = \"{}\" }}", kind.column_type).unwrap();
            let row =
                |id: u32, value: &str| if key.is_empty() { format!("({value})") } else { format!("({id}, {value})") };
            let rows = [row(1, first), row(2, second), row(3, "NULL")].join(", ");
            writeln!(source, "CREATE TABLE {name} ({key}v); INSERT INTO {name} VALUES {rows};").unwrap();
        }
    }
    let migration = Migration::new(&source, &spec);
    migration.apply().exits(0);
    migration.verify().exits(0);
    migration
}

/// Runs a statement for every table, `{t}` being its name and `{altered}` the alteration, and takes it back afterwards.
fn tampered(migration: &Migration, keyed_sql: &str, keyless_sql: &str, check: impl FnOnce(&Value)) {
    let (mut all, mut back) = (String::from("BEGIN;"), String::from("BEGIN;"));
    for (at, kind) in KINDS.iter().enumerate() {
        for (name, sql) in [(keyed(at), keyed_sql), (keyless(at), keyless_sql)] {
            let cast = format!("({})::{}", kind.altered, kind.column_type);
            let sql = sql.replace("{t}", &format!("app.{name}")).replace("{altered}", &cast);
            write!(all, "CREATE TABLE saved_{name} AS TABLE app.{name}; {sql};").unwrap();
            write!(back, "TRUNCATE app.{name}; INSERT INTO app.{name} TABLE saved_{name}; DROP TABLE saved_{name};")
                .unwrap();
        }
    }
    migration.database.ask(&(all + "COMMIT"));
    let ran = migration.run(&["verify", "--format", "json"]).exits(3);
    check(&ran.json());
    migration.database.ask(&(back + "COMMIT"));
}

fn table<'a>(verified: &'a Value, name: &str) -> &'a Value {
    verified["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap()
}

/// missing, extra, different
fn counts(table: &Value) -> [u64; 3] {
    ["missing", "extra", "different"].map(|key| table[key].as_u64().unwrap())
}

/// Key, column and kind of each example.
fn examples(table: &Value) -> Vec<(String, String, String)> {
    let word = |example: &Value, key: &str| example[key].as_str().unwrap_or_default().to_owned();
    let examples = table["examples"].as_array().unwrap().iter();
    examples.map(|example| (word(example, "key"), word(example, "column"), word(example, "kind"))).collect()
}

/// Every table with a key has these differences, and every table without one these numbers of them.
fn all_have(verified: &Value, expected: [u64; 3], named: &[(&str, &str, &str)], without_key: [u64; 3]) {
    let named = named.iter().map(|(key, column, kind)| ((*key).to_owned(), (*column).to_owned(), (*kind).to_owned()));
    let named = named.collect::<Vec<_>>();
    for (at, kind) in KINDS.iter().enumerate() {
        let found = table(verified, &keyed(at));
        assert_eq!((counts(found), examples(found)), (expected, named.clone()), "{}: {found}", kind.column_type);
        let found = table(verified, &keyless(at));
        assert_eq!(counts(found), without_key, "{}: {found}", kind.column_type);
        let is_nameless = |(key, column, _): (String, String, String)| key.is_empty() && column.is_empty();
        assert!(examples(found).into_iter().all(is_nameless), "{found}");
    }
}

#[test]
fn no_type_is_forgotten() {
    for name in ColumnType::NAMES {
        let is_it = |kind: &&Kind| kind.column_type.split('(').next() == Some(name);
        assert!(KINDS.iter().any(|kind| is_it(&kind)), "{name}");
    }
}

#[test]
fn a_tampered_value_of_any_type_is_found() {
    let migration = every_type();
    let first = "SELECT ctid FROM {t} WHERE v IS NOT NULL ORDER BY ctid LIMIT 1";
    let alter = format!("UPDATE {{t}} SET v = {{altered}} WHERE ctid = ({first})");
    tampered(&migration, "UPDATE {t} SET v = {altered} WHERE id = 1", &alter, |verified| {
        all_have(verified, [0, 0, 1], &[("id=1", "v", "different")], [1, 1, 0]);
        values_are_shown_on_demand(&migration, verified);
    });
    let delete = format!("UPDATE {{t}} SET v = NULL WHERE ctid = ({first})");
    tampered(&migration, "UPDATE {t} SET v = NULL WHERE id = 2", &delete, |verified| {
        all_have(verified, [0, 0, 1], &[("id=2", "v", "different")], [1, 1, 0]);
    });
    let insert = format!("UPDATE {{t}} SET v = (SELECT v FROM {{t}} WHERE ctid = ({first})) WHERE v IS NULL");
    tampered(&migration, "UPDATE {t} SET v = (SELECT v FROM {t} WHERE id = 1) WHERE id = 3", &insert, |verified| {
        all_have(verified, [0, 0, 1], &[("id=3", "v", "different")], [1, 1, 0]);
    });
    // Rows without a key are the same in any order.
    let swap = "UPDATE {t} one SET v = two.v FROM {t} two WHERE one.id + two.id = 3";
    let reorder = "CREATE TEMPORARY TABLE turned ON COMMIT DROP AS TABLE {t}; DELETE FROM {t};
        INSERT INTO {t} SELECT v FROM turned ORDER BY ctid DESC; DROP TABLE turned";
    tampered(&migration, swap, reorder, |verified| {
        let named = [("id=1", "v", "different"), ("id=2", "v", "different")];
        all_have(verified, [0, 0, 2], &named, [0; 3]);
    });
    let remove = format!("DELETE FROM {{t}} WHERE ctid = ({first})");
    tampered(&migration, "DELETE FROM {t} WHERE id = 2", &remove, |verified| {
        all_have(verified, [1, 0, 0], &[("id=2", "", "missing")], [1, 0, 0]);
    });
    let double = "INSERT INTO {t} TABLE {t} LIMIT 1";
    tampered(&migration, "INSERT INTO {t} SELECT 9, v FROM {t} WHERE id = 1", double, |verified| {
        all_have(verified, [0, 1, 0], &[("id=9", "", "extra")], [0, 1, 0]);
    });
    // A row that takes another's place: the number of rows is the same.
    let replace = format!("{remove}; {double}");
    tampered(&migration, "UPDATE {t} SET id = 4 WHERE id = 3", &replace, |verified| {
        all_have(verified, [1, 1, 0], &[("id=3", "", "missing"), ("id=4", "", "extra")], [1, 1, 0]);
    });
    migration.verify().exits(0);
}

/// The values of every altered row are shown where they are asked for, and not otherwise.
fn values_are_shown_on_demand(migration: &Migration, hidden: &Value) {
    let shown = migration.run(&["verify", "--format", "json", "--show-values"]).exits(3).json();
    for (at, kind) in KINDS.iter().enumerate() {
        let values = |verified: &Value| {
            let example = &table(verified, &keyed(at))["examples"][0];
            ["source", "target"].map(|side| example[side].as_str().map(str::to_owned))
        };
        assert_eq!(values(hidden), [None, None], "{}", kind.column_type);
        let [Some(source), Some(target)] = values(&shown) else { panic!("{}", kind.column_type) };
        assert!(source != target && !source.is_empty() && !target.is_empty(), "{}", kind.column_type);
    }
}

/// What PostgreSQL keeps in another form is no difference; the digits that a number is written with are its own.
#[test]
fn the_same_value_in_other_words_is_no_difference() {
    let source = "CREATE TABLE forms (id INTEGER PRIMARY KEY, n TEXT, j TEXT, c TEXT);
        INSERT INTO forms VALUES (1, '1.5', '{\"b\": 1, \"a\": [1.0, 2]}', 'ab');";
    let spec = format!(
        "{SPEC}[tables.forms]\ncolumns.n = {{ type = \"numeric\" }}\ncolumns.j = {{ type = \"jsonb\" }}\n\
         columns.c = {{ type = \"char(5)\" }}"
    );
    let migration = Migration::new(source, &spec);
    migration.apply().exits(0);
    migration.database.ask("UPDATE app.forms SET j = '{\"a\": [1.0, 2], \"b\": 1}', c = 'ab   '");
    migration.verify().exits(0);
    for scale in ["n = 1.500", "n = 1.5, j = '{\"a\": [1.00, 2], \"b\": 1}'"] {
        migration.database.ask(&format!("UPDATE app.forms SET {scale}"));
        migration.verify().exits(3);
    }
}

/// Keys of several columns and of text, names that change, values that are converted, rows that are filtered or rejected.
const CHANGED: &str = "
    CREATE TABLE \"Order Items\" (\"Order\" INTEGER, \"Article No\" TEXT, made INTEGER, amount TEXT, state TEXT, note TEXT,
        PRIMARY KEY (\"Order\", \"Article No\")) WITHOUT ROWID;
    INSERT INTO \"Order Items\" VALUES
        (1, 'a''b', 1700000000123, ' 12.50 ', 'OPEN', 'x'),
        (1, 'c', 1700000000124, '7', 'done', NULL),
        (2, 'a', 0, 'seven', 'done', 'y'),
        (2, 'b', 1, '1', 'gone', 'z'),
        (3, 'a', 5, '2', 'open', 'not a date');";

fn changed() -> Migration {
    let spec = format!(
        "{SPEC}names = \"snake_case\"
        [tables.\"Order Items\"]
        rename = \"items\"
        where = \"state <> 'gone'\"
        columns.made = {{ type = \"timestamptz\", from = \"unix_ms\", rename = \"made_at\" }}
        columns.amount = {{ type = \"numeric\", on_bad_value = \"reject\" }}
        columns.state = {{ source_sql = \"lower(state)\" }}
        columns.note = {{ type = \"date\", on_bad_value = \"null\" }}"
    );
    let migration = Migration::new(CHANGED, &spec);
    migration.apply().exits(0);
    migration
}

#[test]
fn what_was_changed_on_the_way_is_compared_as_it_arrives() {
    let migration = changed();
    let verify = |code: i32| migration.run(&["verify", "--format", "json"]).exits(code).json();
    let verified = verify(0);
    let items = table(&verified, "Order Items");
    let numbers = ["source_rows", "target_rows", "filtered_rows", "rejected_rows", "nulled_values"];
    assert_eq!(numbers.map(|key| items[key].as_u64().unwrap()), [5, 3, 1, 1, 2], "{items}");

    let tamper = |sql: &str, back: &str, expected: [u64; 3], named: &[(&str, &str)]| {
        migration.database.ask(sql);
        let verified = verify(3);
        let items = table(&verified, "Order Items");
        let found = examples(items).into_iter().map(|(key, column, _)| (key, column)).collect::<Vec<_>>();
        let named = named.iter().map(|(key, column)| ((*key).to_owned(), (*column).to_owned())).collect::<Vec<_>>();
        assert_eq!((counts(items), found), (expected, named), "{sql}: {items}");
        migration.database.ask(back);
        verify(0);
    };
    let first = "\"order\" = 1 AND article_no = 'a''b'";
    let key = "order=1, article_no=a'b";
    for (column, altered) in [
        ("made_at", "made_at + interval '1 millisecond'"),
        ("amount", "amount + 0.001"),
        ("state", "upper(state)"),
        ("note", "DATE '2024-01-01'"),
    ] {
        let back = format!(
            "UPDATE app.items SET {column} = {} WHERE {first}",
            match column {
                "made_at" => "made_at - interval '1 millisecond'",
                "amount" => "12.50",
                "state" => "lower(state)",
                _ => "NULL",
            }
        );
        let sql = format!("UPDATE app.items SET {column} = {altered} WHERE {first}");
        tamper(&sql, &back, [0, 0, 1], &[(key, column)]);
    }
    // Rows that were to stay behind: the filtered one, and the rejected one.
    for (row, key) in [
        ("(2, 'b', 'epoch'::timestamptz + interval '1 millisecond', 1, 'gone', NULL)", "order=2, article_no=b"),
        ("(2, 'a', 'epoch', 7, 'done', NULL)", "order=2, article_no=a"),
    ] {
        let back = "DELETE FROM app.items WHERE \"order\" = 2";
        tamper(&format!("INSERT INTO app.items VALUES {row}"), back, [0, 1, 0], &[(key, "")]);
    }
    let swap = "UPDATE app.items one SET made_at = two.made_at FROM app.items two
        WHERE one.\"order\" = 1 AND two.\"order\" = 1 AND one.article_no <> two.article_no";
    tamper(swap, swap, [0, 0, 2], &[(key, "made_at"), ("order=1, article_no=c", "made_at")]);
    // A rejected row that is lost from the ledger, though nothing of it is in the table.
    migration.database.ask("DELETE FROM transship.rejected_rows");
    let lost = verify(3);
    let problem = table(&lost, "Order Items")["problem"].as_str().unwrap().to_owned();
    assert!(problem.contains("the ledger holds no rejected rows"), "{problem}");
}

/// Several readers share a table whose rows are in many parts.
#[test]
fn tampered_rows_of_every_part_are_found() {
    let source = "CREATE TABLE small (id INTEGER PRIMARY KEY); INSERT INTO small VALUES (1);
        CREATE TABLE large (id INTEGER PRIMARY KEY, v TEXT);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 3000)
        INSERT INTO large SELECT n, 'value ' || n FROM counter";
    let mut migration = Migration::new(source, SPEC);
    // Heeded where the program has its failpoints.
    migration.set("TRANSSHIP_CHUNK_ROWS", "100");
    migration.apply().exits(0);
    for jobs in ["1", "2", "4"] {
        let verified = migration.run(&["verify", "--jobs", jobs, "--format", "json"]).exits(0).json();
        assert_eq!(table(&verified, "large")["source_rows"], 3000, "{verified}");
    }
    migration.database.ask(
        "UPDATE app.large SET v = 'other' WHERE id IN (1, 1500, 3000);
        DELETE FROM app.large WHERE id = 777; INSERT INTO app.large VALUES (3001, 'new')",
    );
    for jobs in ["1", "2", "4"] {
        let verified = migration.run(&["verify", "--jobs", jobs, "--format", "json"]).exits(3).json();
        let found = examples(table(&verified, "large")).into_iter().map(|(key, _, kind)| (key, kind));
        let named = ["1 different", "1500 different", "3000 different", "3001 extra", "777 missing"];
        let mut found = found.map(|(key, kind)| format!("{} {kind}", &key["id=".len()..])).collect::<Vec<_>>();
        found.sort();
        assert_eq!((counts(table(&verified, "large")), found), ([1, 1, 3], named.map(str::to_owned).to_vec()));
    }
}

/// Of the types that only the application's own tables have.
#[test]
fn a_tampered_label_is_found() {
    let database = Database::create();
    database.ask(
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'happy');
        CREATE DOMAIN app.small AS integer CHECK (VALUE < 100);
        CREATE TABLE app.people (id bigint PRIMARY KEY, mood app.mood, age app.small)",
    );
    let source = "CREATE TABLE people (id INTEGER PRIMARY KEY, mood TEXT, age INTEGER);
        INSERT INTO people VALUES (1, 'happy', 7), (2, 'sad', 8)";
    let migration = Migration::into_database(source, &format!("{SPEC}tables = \"existing\"\n"), database);
    migration.apply().exits(0);
    migration.verify().exits(0);
    for (sql, column) in [("mood = 'sad'", "mood"), ("mood = 'happy', age = age + 1", "age")] {
        migration.database.ask(&format!("UPDATE app.people SET {sql} WHERE id = 1"));
        let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
        let named = [("id=1".to_owned(), column.to_owned(), "different".to_owned())];
        assert_eq!(examples(table(&verified, "people")), named, "{verified}");
    }
}
