//! The proof finds whatever the encoder does wrong: the encoder is spoiled in every way that has a name, a small database goes
//! over, and `verify` has to exit 3 and name table, row and column. Last line: "N of N found" (`make mutations`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; this one has a printed result"
)]

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use support::database::Database;
use support::migration::Migration;
use transship::target::copy::mutation::MUTATIONS;

const SPEC: &str = r#"spec = 1
name = "case"

[source]
url = "sqlite:${CASE_SOURCE}"
timezone = "Europe/Berlin"

[target]
url = "${CASE_TARGET}"
schema = "app"
tables = "existing"

[tables.things]
columns.instant = { repeated_time = "later" }
columns.counted = { from = "unix_ms" }
columns.julian = { from = "julian" }
columns.price = { fraction = "truncate" }
columns.nanos = { from = "unix_ns" }
columns.ticks = { from = "dotnet_ticks" }
columns.sheet = { from = "excel" }
columns.digits = { from = "yyyymmdd" }
columns.hexed = { from = "hex" }
columns.encoded = { from = "base64" }
columns.literal = { from = "literal" }
"#;

/// A column, its type in the target, and its values in two rows as SQLite's literals.
const COLUMNS: [(&str, &str, &str, &str); 34] = [
    ("flag", "boolean", "1", "NULL"),
    ("small", "smallint", "-7", "NULL"),
    ("whole", "integer", "-70000", "NULL"),
    ("large", "bigint", "9007199254740993", "NULL"),
    ("amount", "numeric(12,2)", "'-1234.56'", "NULL"),
    ("exact", "numeric", "'1.50'", "NULL"),
    ("price", "numeric(6,2)", "'1.259'", "NULL"),
    ("single", "real", "0.1", "NULL"),
    ("double", "double precision", "0.1", "9e999"),
    ("zero", "double precision", "-0.0", "NULL"),
    ("note", "text", "'Größe A '", "NULL"),
    ("other", "text", "''", "'x'"),
    ("code", "varchar(20)", "'größer'", "NULL"),
    ("fixed", "char(5)", "'ab'", "NULL"),
    ("mood", "app.mood", "'sad'", "NULL"),
    ("born", "date", "'2024-02-29'", "'0000-03-01'"),
    ("clock", "time", "'24:00'", "NULL"),
    ("local", "timestamp", "'2024-05-01 12:00:00.123456'", "NULL"),
    ("instant", "timestamptz", "'2024-10-27 02:30:00.123456'", "NULL"),
    ("abroad", "timestamptz", "'2024-05-01T12:00:00+05:00'", "NULL"),
    ("counted", "timestamptz", "1700000000123", "NULL"),
    ("julian", "timestamptz", "2460000.5", "NULL"),
    ("nanos", "timestamptz", "1700000000123456000", "NULL"),
    ("ticks", "timestamptz", "638000000000000010", "NULL"),
    ("sheet", "timestamptz", "45296.25", "NULL"),
    ("digits", "date", "20240105", "NULL"),
    ("span", "interval", "'1 day, -02:03:04.5'", "NULL"),
    ("token", "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "NULL"),
    ("host", "inet", "'10.1.2.0/24'", "NULL"),
    ("hexed", "bytea", "'00ff10'", "NULL"),
    ("encoded", "bytea", "'AP8Q'", "NULL"),
    ("document", "jsonb", r#"'{"a": 9007199254740993, "b": [1, 2], "c": null}'"#, "NULL"),
    ("written", "json", r#"'{"b": 1,  "a": 2}'"#, "NULL"),
    ("literal", "text", "'it''s'", "NULL"),
];

/// In which column a mutation has to be seen.
fn place(mutation: &str) -> &'static str {
    match mutation {
        "address_without_network" => "host",
        "array_turned_round"
        | "array_without_last"
        | "json_key_lost"
        | "json_key_renamed"
        | "json_null_lost"
        | "json_number_rounded"
        | "json_number_as_text" => "document",
        "base64_undecoded" => "encoded",
        "boolean_turned" => "flag",
        "bytes_cut" | "bytes_turned_round" | "hex_undecoded" => "hexed",
        "case_changed" | "text_cut" | "text_normalized" | "text_padded" | "text_trimmed" | "null_as_empty_text" => {
            "note"
        }
        "century_lost" | "date_day_off" | "leap_day_lost" | "year_before_first_shifted" => "born",
        "char_cut" => "fixed",
        "day_as_24_hours" | "interval_sign_lost" => "span",
        "decimal_comma_moved" | "scale_dropped" => "exact",
        "number_rounded_up" => "price",
        "double_last_bit" | "double_through_single" | "infinity_as_nan" => "double",
        "empty_text_as_null" => "other",
        "fold_taken_otherwise" | "microsecond_lost" | "zone_ignored" => "instant",
        "fraction_cut" | "fraction_rounded" => "amount",
        "fraction_of_second_cut" | "local_day_off" => "local",
        "integer_in_32_bits" => "large",
        "integer_off_by_one" => "small",
        "json_rewritten" => "written",
        "julian_half_day_off" => "julian",
        "day_and_month_swapped" => "digits",
        "excel_without_its_leap_day" => "sheet",
        "nanoseconds_as_microseconds" => "nanos",
        "ticks_since_1970" => "ticks",
        "label_shifted" => "mood",
        "literal_quote_lost" => "literal",
        "midnight_wrapped" => "clock",
        "milliseconds_as_seconds" => "counted",
        "negative_zero_lost" => "zero",
        "null_as_zero" | "null_for_value" | "sign_lost" => "whole",
        "offset_dropped" | "offset_turned" => "abroad",
        "real_last_bit" => "single",
        "uuid_bytes_swapped" => "token",
        _ => panic!("{mutation} has no place"),
    }
}

fn migration() -> Migration {
    let list =
        |column: fn(&(&str, &str, &str, &str)) -> String| COLUMNS.iter().map(column).collect::<Vec<_>>().join(", ");
    let source = format!(
        "CREATE TABLE things (id INTEGER PRIMARY KEY, {}); INSERT INTO things VALUES (1, {}), (2, {})",
        list(|column| column.0.to_owned()),
        list(|column| column.2.to_owned()),
        list(|column| column.3.to_owned()),
    );
    let database = Database::create();
    database.ask(&format!(
        "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('sad', 'happy'); CREATE TABLE app.things (id bigint PRIMARY KEY, {})",
        list(|(name, column_type, ..)| format!("{name} {column_type}")),
    ));
    Migration::into_database(&source, SPEC, database)
}

/// What `verify` does not see of a mutation; nothing where it finds it.
fn missed(mutation: &str) -> Option<String> {
    let mut migration = migration();
    // Both are spoiled: a proof that asked the encoder would be wrong with it.
    migration.set("TRANSSHIP_MUTATION", mutation);
    let applied = migration.apply();
    if applied.code != Some(0) {
        return Some(format!("apply fails: {applied}"));
    }
    let verified = migration.run(&["verify", "--format", "json"]);
    let (code, document) = (verified.code, verified.json());
    let table = &document["tables"][0];
    let seen = table["examples"].as_array().unwrap().iter();
    let seen =
        seen.map(|one| (one["column"].as_str().unwrap_or("").to_owned(), one["key"].as_str().unwrap().to_owned()));
    let seen = seen.collect::<BTreeMap<_, _>>();
    let is_found = code == Some(3)
        && table["table"] == "things"
        && document["equal"] == false
        && seen.get(place(mutation)).is_some_and(|key| ["id=1", "id=2"].contains(&key.as_str()));
    (!is_found).then(|| format!("exit {code:?}, seen {seen:?}"))
}

fn main() {
    let sound = migration();
    sound.apply().exits(0);
    sound.verify().exits(0);
    let mut found = 0;
    for mutation in MUTATIONS {
        match missed(mutation) {
            None => found += 1,
            Some(words) => println!("NOT FOUND  {mutation}: {words}"),
        }
    }
    println!("{found} of {} found", MUTATIONS.len());
    assert_eq!(found, MUTATIONS.len(), "not every mutation was found");
}
