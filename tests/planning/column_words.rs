//! Words of `[types]` that reach columns about which the source says less: a default where it has none, a zone, a reading that an
//! inspect file has tried.

use crate::support::migration::{Migration, SPEC};

#[test]
fn a_default_of_a_declared_type_holds_for_columns_without_one() {
    let source =
        "CREATE TABLE a (id INTEGER PRIMARY KEY, made DATETIME, changed DATETIME DEFAULT CURRENT_TIMESTAMP, note TEXT);
                  INSERT INTO a VALUES (1, NULL, NULL, NULL);";
    let migration = Migration::new(
        source,
        &format!("{SPEC}[types]\nDATETIME = {{ default = \"'epoch'\" }}\nTEXT = {{ default = false }}\n"),
    );
    migration.apply().exits(0);
    migration.database.ask("INSERT INTO app.a (id) VALUES (2)");
    let made = migration.database.value(
        "SELECT extract(epoch FROM made)::int || ' ' || extract(epoch FROM changed)::int FROM app.a WHERE id = 2",
    );
    assert_eq!(made, "0 0");
    assert_eq!(migration.database.value("SELECT made IS NULL FROM app.a WHERE id = 1"), "t", "rows keep their NULL");
}

#[test]
fn a_zone_of_a_declared_type_reads_its_columns_and_proves_them() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, here DATETIME, there TIMESTAMP, note TEXT);
                  INSERT INTO a VALUES (1, '2024-07-01 12:00:00', '2024-07-01 12:00:00', 'x');";
    let spec = SPEC.replace("[target]", "timezone = \"Europe/Berlin\"\n[target]");
    let words = "[types]\nTIMESTAMP = { type = \"timestamptz\", timezone = \"+09:00\" }\n[tables.a.columns.note]\ntimezone = \"UTC\"\n";
    let migration = Migration::new(source, &format!("{spec}{words}"));
    let planned = migration.plan().exits(0);
    assert!(planned.stdout.contains("`timezone` says nothing about text"), "{planned}");
    migration.apply().exits(0);
    let value = |column: &str| migration.database.value(&format!("SELECT {column} AT TIME ZONE 'UTC' FROM app.a"));
    assert_eq!((value("here"), value("there")), ("2024-07-01 10:00:00".to_owned(), "2024-07-01 03:00:00".to_owned()));
    migration.verify().exits(0);
    migration.database.ask("UPDATE app.a SET there = '2024-07-01 10:00:00+00'");
    migration.verify().exits(3);
    for (words, said) in [
        ("timezone = \"Mars/Olympus\"", "`Mars/Olympus` is not a time zone"),
        ("type = \"bigint\"\ntimezone = \"UTC\"", "`timezone` says nothing about bigint"),
    ] {
        migration.write_spec(&format!("{spec}[tables.a.columns.here]\n{words}\n"));
        let refused = migration.run(&["check"]).exits(2);
        assert!(refused.output().contains(said), "{refused}");
    }
}

#[test]
fn an_inspect_file_knows_every_reading() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, us INTEGER, ns INTEGER, ticks INTEGER, sheet REAL, digits INTEGER, length DATETIME);
                  INSERT INTO a VALUES (1, 1700000000123456, 1700000000123456000, 638355968001234560, 45296.25, 20240105, '1970-01-02 00:00:00');";
    let migration = Migration::new(source, SPEC);
    let file = migration.directory().join("source.json");
    let file = file.to_str().unwrap();
    migration.run(&["inspect", "--out", file]).exits(0);
    let columns = "us = { type = \"timestamptz\", from = \"unix_us\" }\nns = { type = \"timestamptz\", from = \"unix_ns\" }\n\
                   ticks = { type = \"timestamptz\", from = \"dotnet_ticks\" }\nsheet = { type = \"timestamp\", from = \"excel\" }\n\
                   digits = { type = \"date\", from = \"yyyymmdd\" }\nlength = { type = \"interval\", from = \"epoch_interval\" }\n";
    migration.write_spec(&format!("{SPEC}[tables.a.columns]\n{columns}"));
    let planned = migration.run(&["plan", "--source", file]).exits(0);
    assert!(!planned.stdout.contains("not_inspected"), "{planned}");
    migration.write_spec(&format!("{SPEC}[tables.a.columns]\n{}", columns.replace("unix_ns", "yyyymmdd")));
    let planned = migration.run(&["plan", "--source", file]).exits(3);
    assert!(planned.stdout.contains("value_does_not_fit"), "{planned}");
}
