//! Expressions with their translations, and expressions that must be refused.

use super::*;
use crate::dialect::expression::scope::{Carrier, MappedColumn, Visible};
use crate::dialect::sqlite::affinity::Affinity;
use crate::value::{Cell, Forgetting, Reading, Spelling};
use std::collections::BTreeSet;

/// A column without a table.
fn column(name: &str, column_type: &str) -> Visible {
    spelled(name, column_type, (column_type == "boolean").then(|| [Spelling::Number].into()).as_ref())
}

/// A column with values of these spellings.
fn spelled(name: &str, column_type: &str, spellings: Option<&BTreeSet<Spelling>>) -> Visible {
    Visible::of(MappedColumn {
        source: name,
        target: name,
        coercion: Affinity::of(&column_type.to_ascii_uppercase()).into(),
        column_type: &column_type.parse().unwrap(),
        reading: Reading::Stored,
        forgetting: Forgetting::default(),
        equality: &crate::catalog::Equality::Bytes,
        extent: None,
        spellings,
        is_computed: false,
        changes_dates: false,
        has_own_zone: false,
        may_become_null: false,
        is_shortened: false,
        carrier: Carrier::Nothing,
        labels: &[],
    })
}

fn columns() -> Vec<Visible> {
    let days = ["2024-02-29"].iter().filter_map(|text| Spelling::of(Cell::Text(text.as_bytes()))).collect();
    [("is_active", "boolean"), ("role", "text"), ("n", "bigint"), ("price", "numeric"), ("Order", "jsonb")]
        .map(|(name, column_type)| column(name, column_type))
        .into_iter()
        .chain([spelled("day", "date", Some(&days))])
        .collect()
}

/// The default of a column without affinity.
fn plain_default(text: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
    default_value(text, Affinity::Blob, column_type, zone)
}

fn scope() -> Scope<'static> {
    Scope::of_table(columns().into_iter(), ["is_active", "skipped"].into_iter())
}

#[test]
fn defaults_take_the_columns_type() {
    let utc = "(now() AT TIME ZONE 'UTC')";
    let utc_time = "(now() AT TIME ZONE 'UTC')::time";
    let subsecond = "extract(epoch FROM date_trunc('milliseconds', now()))::double precision";
    let cut = "floor(extract(epoch FROM date_trunc('second', now() AT TIME ZONE 'UTC')))::bigint";
    for (text, column_type, expected) in [
        ("0", "boolean", "false"),
        ("'true'", "boolean", "true"),
        ("TRUE", "bigint", "1"),
        ("(-5)", "bigint", "-5"),
        ("-9223372036854775808", "bigint", "-9223372036854775808"),
        ("0x10", "bigint", "16"),
        ("'7'", "bigint", "7"),
        ("1e3", "double precision", "1e3"),
        ("'it''s'", "text", "'it''s'"),
        ("\"active\"", "varchar(9)", "'active'"),
        ("\"\"", "text", "''"),
        ("bare", "text", "'bare'"),
        ("`back`", "text", "'back'"),
        ("[brackets]", "text", "'brackets'"),
        ("0", "text", "'0'"),
        ("NULL", "text", "NULL"),
        ("'null'", "text", "'null'"),
        ("'\"0\"'", "text", "'\"0\"'"),
        ("'{}'", "jsonb", "'{}'"),
        ("x'00FF'", "bytea", "'\\x00ff'::bytea"),
        ("'2024-02-29'", "date", "'2024-02-29'"),
        ("CURRENT_TIMESTAMP", "timestamptz", "CURRENT_TIMESTAMP"),
        ("(CURRENT_TIMESTAMP)", "text", "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"),
        ("datetime('now')", "timestamptz", "CURRENT_TIMESTAMP"),
        ("datetime(\"now\")", "timestamp", utc),
        ("CURRENT_DATE", "date", "(now() AT TIME ZONE 'UTC')::date"),
        ("strftime('%s','now')", "bigint", "floor(extract(epoch FROM now()))::bigint"),
        ("(CAST(strftime('%s','now') AS INTEGER) * 1000)", "timestamptz", "CURRENT_TIMESTAMP"),
        (
            "(CAST(strftime('%s','now') AS INTEGER) * 1000)",
            "bigint",
            "(floor(extract(epoch FROM now()))::bigint * 1000)",
        ),
        ("unixepoch()", "bigint", "floor(extract(epoch FROM now()))::bigint"),
        (
            "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
            "text",
            "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
        ),
        ("STRFTIME('%Y-%m-%d %H:%M:%f','NOW')", "timestamptz", "CURRENT_TIMESTAMP"),
        (
            "strftime('%Y-%m-%d %H:%M:%fZ')",
            "text",
            "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS\"Z\"')",
        ),
        (
            "datetime('now', '+1 day')",
            "timestamptz",
            "(((now() AT TIME ZONE 'UTC') + INTERVAL '1 day') AT TIME ZONE 'UTC')",
        ),
        ("datetime('now','+1 Days')", "timestamp", "((now() AT TIME ZONE 'UTC') + INTERVAL '1 day')"),
        ("date('now', '-7 days')", "date", "((now() AT TIME ZONE 'UTC') + INTERVAL '-7 days')::date"),
        ("date()", "text", "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')"),
        ("time()", "time", utc_time),
        ("unixepoch('subsec')", "double precision", subsecond),
        ("unixepoch('subsec')", "timestamptz", "CURRENT_TIMESTAMP"),
        ("CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)", "timestamptz", "CURRENT_TIMESTAMP"),
        (
            "unixepoch('now', '+1 hour')",
            "timestamptz",
            "(((now() AT TIME ZONE 'UTC') + INTERVAL '1 hour') AT TIME ZONE 'UTC')",
        ),
        ("strftime('%s', CURRENT_TIMESTAMP)", "bigint", cut),
        ("(1+2)", "bigint", "(1 + 2)"),
        ("(1 = 1)", "bigint", "((1 = 1)::int)"),
        ("('a' || 'b')", "text", "('a' || 'b')"),
    ] {
        assert_eq!(plain_default(text, &column_type.parse().unwrap(), &Zone::UTC).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_timestamp_without_zone_is_meant_in_the_sources() {
    let berlin = Zone::from_name("Europe/Berlin").unwrap();
    let default = |text: &str| plain_default(text, &"timestamptz".parse().unwrap(), &berlin).unwrap();
    assert_eq!(default("'2024-07-15 12:00:00'"), "'2024-07-15 12:00:00 Europe/Berlin'");
    assert_eq!(default("'2024-07-15 12:00:00Z'"), "'2024-07-15 12:00:00Z'");
}

#[test]
fn the_machines_local_time_needs_a_zone_by_name() {
    let default = |text: &str, column_type: &str, zone: &str| {
        plain_default(text, &column_type.parse().unwrap(), &Zone::from_name(zone).unwrap()).ok()
    };
    let there = "now() AT TIME ZONE 'Europe/Berlin'";
    for (text, column_type, expected) in [
        ("datetime('now', 'localtime')", "timestamptz", "CURRENT_TIMESTAMP"),
        ("datetime('now', 'localtime')", "timestamp", &*format!("({there})")),
        ("datetime('now', 'localtime')", "text", &*format!("to_char({there}, 'YYYY-MM-DD HH24:MI:SS')")),
        ("date('now', 'localtime')", "date", &*format!("({there})::date")),
        ("date('now', 'localtime')", "text", &*format!("to_char({there}, 'YYYY-MM-DD')")),
        ("time('now', 'localtime')", "time", &*format!("({there})::time")),
        ("unixepoch('now', 'localtime')", "bigint", &*format!("floor(extract(epoch FROM {there}))::bigint")),
    ] {
        assert_eq!(default(text, column_type, "Europe/Berlin").as_deref(), Some(expected), "{text} as {column_type}");
        assert_eq!(default(text, column_type, "UTC"), None, "{text} as {column_type}: nobody knows which zone");
    }
    // POSIX offsets have the opposite sign.
    let offset = default("datetime('now', 'localtime')", "timestamp", "+02:00");
    assert_eq!(offset.as_deref(), Some("(now() AT TIME ZONE INTERVAL '+02:00')"));
    for (text, column_type) in [
        ("unixepoch('now', 'localtime')", "timestamptz"),
        ("strftime('%Y-%m-%dT%H:%M:%SZ', 'now', 'localtime')", "timestamptz"),
        ("date('now', 'localtime')", "time"),
    ] {
        assert_eq!(default(text, column_type, "Europe/Berlin"), None, "{text} as {column_type} is another instant");
    }
    // An instant is read in the source's zone, like the stored ones; text without an offset is taken as written.
    for (text, zone) in [
        ("unixepoch()", "Europe/Berlin"),
        ("strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", "Europe/Berlin"),
        ("CURRENT_TIMESTAMP", "UTC"),
    ] {
        let expected = format!("(now() AT TIME ZONE '{zone}')");
        assert_eq!(default(text, "timestamp", "Europe/Berlin"), Some(expected), "{text}");
    }
}

#[test]
fn defaults_that_are_no_value_of_the_type_are_refused() {
    for (text, column_type) in [
        ("2", "boolean"),
        ("'a'", "bigint"),
        ("'{'", "jsonb"),
        ("9e999", "jsonb"),
        ("''", "date"),
        ("'CURRENT_TIMESTAMP'", "timestamptz"),
        ("'0000-00-00 00:00:00'", "timestamptz"),
        ("random()", "text"),
        ("1.5", "bigint"),
        ("date('now', '1day')", "date"),
        ("date('now', '+1 week')", "date"),
        ("date('now', '+1.5 months')", "date"),
        ("date('now', 'floor')", "date"),
        ("date('now', '+99999999 years')", "date"),
        ("datetime(CURRENT_TIMESTAMP, 'utc')", "text"),
        ("strftime('%J', 'now')", "text"),
        ("julianday('now')", "text"),
        ("strftime('%H:%M', 'now')", "date"),
        ("CURRENT_TIMESTAMP", "bigint"),
        ("x'10' + 0x10", "bigint"),
    ] {
        assert!(plain_default(text, &column_type.parse().unwrap(), &Zone::UTC).is_err(), "{text}");
    }
}

#[test]
fn conditions_know_the_columns_types() {
    for (text, expected) in [
        ("is_active IN (0, 1)", "is_active IN (false, true)"),
        ("role IN ('user', \"admin\", 3)", "role IN ('user', 'admin', '3')"),
        ("n >= 0 AND (n < 10 OR is_active)", "n >= 0 AND (n < 10 OR is_active)"),
        ("0 < n", "0 < n"),
        ("n", "n <> 0"),
        ("1", "true"),
        ("NOT n", "NOT (n <> 0)"),
        ("is_active = 1", "is_active = true"),
        ("is_active > n", "(is_active)::int > n"),
        ("is_active + is_active < 2", "(is_active)::int + (is_active)::int < 2"),
        ("role IS NOT NULL", "role IS NOT NULL"),
        ("n BETWEEN 1 AND 5", "n BETWEEN 1 AND 5"),
        ("length(role) <= 9", "char_length(role) <= 9"),
        ("length(n) >= 1", "char_length((n)::text) >= 1"),
        ("ifnull(role, CAST(NULL AS TEXT)) IS NULL", "coalesce(role, (NULL)::text) IS NULL"),
        ("json_valid(\"Order\") OR \"Order\" IS NULL", "(\"Order\" IS NOT NULL OR NULL) OR \"Order\" IS NULL"),
        ("role LIKE 'A\\_%'", "lower(role COLLATE \"C\") LIKE E'a\\\\_%' ESCAPE ''"),
        ("role GLOB '[a-z]*'", "role ~ '^[a-z].*$'"),
        ("day >= '2000-01-01'", "day >= '2000-01-01'"),
        ("price * 2 > 1.5", "(price)::double precision * 2 > 1.5"),
        ("typeof(n) = 'integer'", "CASE WHEN n IS NULL THEN 'null' ELSE 'integer' END = 'integer'"),
        ("ifnull(n, 0) > 0", "coalesce(n, 0) > 0"),
        ("CASE WHEN n > 0 THEN role = 'a' ELSE 1 END", "CASE WHEN n > 0 THEN role = 'a' ELSE true END"),
        ("substr(role, 1, 2) = 'ab'", "substr(role, 1, 2) = 'ab'"),
        ("trim(role) <> ''", "btrim(role) <> ''"),
        ("n / 2 = 1", "n / 2 = 1"),
        ("5 % n = 1", "5 % nullif(n, 0) = 1"),
        ("role > 'b'", "role COLLATE \"C\" > 'b'"),
        ("role = 'B' COLLATE NOCASE", "lower(role COLLATE \"C\") = 'b'"),
        ("role || n = 'a1'", "role || (n)::text = 'a1'"),
    ] {
        assert_eq!(condition(text, &scope()).map(|written| written.sql).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn what_means_something_else_is_refused() {
    for text in [
        "missing = 1",
        "price / 2 = 1",
        "\"skipped\" = 'a'",
        "n = n = 1",
        "role || n + 1 = 'a'",
        "count(n) > 1",
        "role = n",
        "role > 5 AND day = ''",
        "substr(role, -2) = 'ab'",
        "CAST(role AS INTEGER) > 0",
        "role IN ()",
        "\"Order\" ->> 'a' = 'b'",
        "role",
        "n IN (SELECT 1)",
    ] {
        assert!(condition(text, &scope()).is_err(), "{text}: {:?}", condition(text, &scope()));
    }
}

#[test]
fn index_keys_may_be_parts_of_documents() {
    assert_eq!(index_key("json_extract(\"Order\", '$.a.b[0]')", &scope()).unwrap().0.sql, "\"Order\" #>> '{a,b,0}'");
    let (key, kind) = index_key("lower(role)", &scope()).unwrap();
    assert_eq!((key.sql.as_str(), kind), ("lower(role COLLATE \"C\")", ValueKind::Text));
}

#[test]
fn generated_columns_are_immutable_and_build_on_stored_ones() {
    let give = |text: &str, column_type: &str| {
        generated(text, &scope(), &column_type.parse().unwrap()).map(|written| written.sql)
    };
    assert_eq!(give("n * 2", "bigint").unwrap(), "n * 2");
    assert_eq!(give("upper(role)", "text").unwrap(), "upper(role COLLATE \"C\")");
    assert_eq!(give("n > 1", "bigint").unwrap(), "(n > 1)::int");
    // A scale shows zeros that SQLite does not, and fewer digits would be rounded, which SQLite never does.
    let cents = |column_type: &str| {
        let scope = Scope::of_table([column("cents", "numeric(10,2)")].into_iter(), std::iter::empty());
        generated("cents", &scope, &column_type.parse().unwrap()).map(|written| written.sql)
    };
    assert_eq!(cents("numeric").unwrap(), "trim_scale(cents)");
    assert_eq!(cents("numeric(12,3)").unwrap(), "cents");
    assert!(cents("numeric(12,1)").unwrap_err().0.contains("would round"));
    assert_eq!(give("price", "numeric").unwrap(), "price");
    assert_eq!(give("coalesce(price, 0)", "numeric").unwrap(), "trim_scale(coalesce(price, 0))");
    for (text, column_type) in [("date(day)", "text"), ("price * 2", "numeric"), ("role", "bigint")] {
        assert!(give(text, column_type).is_err(), "{text}");
    }
}

/// Expressions that SQLite's usual build does not take, and another may.
#[test]
fn what_is_too_deep_is_refused_in_words_and_on_a_small_stack() {
    let on_a_small_stack = |text: String| {
        let thread = std::thread::Builder::new().stack_size(256 << 10);
        let translated = thread.spawn(move || condition(&text, &scope()).map(|written| written.sql.len()));
        translated.unwrap().join().unwrap()
    };
    let nested =
        |open: &str, levels: usize, close: &str| format!("{}n > 1{}", open.repeat(levels), close.repeat(levels));
    let sum = |terms: usize| format!("{} > 1", vec!["n"; terms].join(" + "));
    assert_eq!(on_a_small_stack(sum(5_000)), Ok(sum(5_000).len()));
    assert!(on_a_small_stack(nested("(", 300, ")")).is_ok());
    assert!(on_a_small_stack(nested("CASE WHEN n > 1 THEN ", 300, " END")).is_ok());
    for text in [
        nested("(", 10_000, ")"),
        nested("NOT ", 10_000, ""),
        nested("abs(", 10_000, ")"),
        nested("CASE WHEN ", 10_000, " THEN 1 END"),
        sum(20_000),
        sum(200_000),
    ] {
        let reason = on_a_small_stack(text).unwrap_err().0;
        assert!(
            ["levels deep", "inside another", "longer than"].iter().any(|words| reason.contains(words)),
            "{reason}"
        );
    }
}
