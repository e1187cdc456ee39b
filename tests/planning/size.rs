//! Structures at PostgreSQL's limits and beyond.

use crate::support::migration::{Migration, SPEC};
use serde_json::json;

/// A table with so many columns, the first of which holds its own name in one row.
fn wide(columns: usize) -> String {
    let names = (0..columns).map(|column| format!("c{column} TEXT")).collect::<Vec<_>>().join(", ");
    format!("CREATE TABLE wide ({names}); INSERT INTO wide (c0) VALUES ('c0')")
}

#[test]
fn as_many_columns_as_postgresql_has_arrive_and_one_more_is_a_finding() {
    let widest = Migration::new(&wide(1600), SPEC);
    widest.apply().exits(0);
    widest.verify().exits(0);
    let wider = Migration::new(&wide(1601), SPEC);
    let plan = wider.run(&["plan", "--format", "json"]).exits(3).json();
    let finding = &plan["findings"][0];
    assert_eq!([&finding["code"], &finding["severity"], &finding["table"]], ["too_many_columns", "blocks", "wide"]);
    assert_eq!(finding["message"], json!("1601 columns; PostgreSQL's limit is 1600"));
    wider.apply().exits(3);
}

#[test]
fn many_tables_are_planned_each_with_its_keys() {
    let table = |number: usize| {
        let parent = number.saturating_sub(1);
        format!(
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t{parent} (id), name TEXT UNIQUE);
             INSERT INTO t{number} VALUES (1, 1, 'one');"
        )
    };
    let migration = Migration::new(&(0..1500).map(table).collect::<String>(), SPEC);
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let steps = plan["steps"].as_array().unwrap();
    let number = |kind: &str| steps.iter().filter(|step| step["kind"] == kind).count();
    for kind in ["table", "copy", "primary_key", "unique", "foreign_key", "validate", "sequence", "analyze"] {
        assert_eq!(number(kind), 1500, "{kind}");
    }
}

/// The proof holds a value of the source and its row of the target, each once, and copies neither.
#[test]
fn a_large_row_is_proved_in_three_times_its_size() {
    const BYTES: u64 = 64 << 20;
    let base =
        peak(&Migration::new("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB); INSERT INTO t VALUES (1, x'00')", SPEC));
    for (column_type, value) in
        [("BLOB", format!("zeroblob({BYTES})")), ("TEXT", format!("replace(hex(zeroblob({})), '0', 'a')", BYTES / 2))]
    {
        let source =
            format!("CREATE TABLE t (id INTEGER PRIMARY KEY, v {column_type}); INSERT INTO t VALUES (1, {value})");
        let peak = peak(&Migration::new(&source, SPEC)) - base;
        assert!(peak < 3 * BYTES, "{column_type}: {} MB for {} MB", peak >> 20, BYTES >> 20);
    }
}

/// Bytes that `verify` has in memory at most, by the kernel's own record (proc(5), VmHWM).
fn peak(migration: &Migration) -> u64 {
    migration.apply().exits(0);
    let nowhere = std::process::Stdio::null;
    let mut verify = migration.command(&["verify"]).stdout(nowhere()).stderr(nowhere()).spawn().unwrap();
    let mut peak = 0;
    while verify.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", verify.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes =
            line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|number| number.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) * 1024);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(verify.wait().unwrap().code(), Some(0));
    peak
}
