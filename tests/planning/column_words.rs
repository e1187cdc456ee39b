//! Words of `[types]` and of columns that reach what says less, or lies beside: a default where the source has none, a zone, a reading
//! that an inspect file has tried, the application's own column, both ends of a foreign key.

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

#[test]
fn a_default_is_read_as_the_values_of_its_column_or_stays_behind() {
    let source = "CREATE TABLE b (id INTEGER PRIMARY KEY, x DEFAULT 'new', y TEXT DEFAULT 'cafÃ©');
                  INSERT INTO b VALUES (1, 'new', 'cafÃ©'), (2, 1, 'x'), (3, '1', 'y')";
    let columns = "x = { type = \"text\", from = \"literal\" }\ny = { from = \"mixed_utf8\" }\n";
    let migration = Migration::new(source, &format!("{SPEC}[tables.b.columns]\n{columns}"));
    let planned = migration.plan().exits(0);
    assert!(planned.stdout.contains("from = \"literal\""), "the default that stays behind has its reason: {planned}");
    migration.apply().exits(0);
    migration.database.ask("INSERT INTO app.b (id) VALUES (4)");
    let rows = "SELECT string_agg(concat_ws('|', id, x, y), ' ' ORDER BY id) FROM app.b";
    assert_eq!(migration.database.value(rows), "1|'new'|café 2|1|x 3|'1'|y 4|café");
}

#[test]
fn a_reading_of_a_declared_type_is_heard_for_a_column_of_the_application() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, d DURATION); INSERT INTO a VALUES (1, '1 year 2 mons')";
    let spec = SPEC.replace("[target]", "[target]\ntables = \"existing\"");
    let rule = "[types]\n\"DURATION\" = { type = \"interval\", from = \"text\" }\n";
    let migration = Migration::new(source, &format!("{spec}{rule}"));
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.a (id bigint PRIMARY KEY, d interval)");
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT d FROM app.a"), "1 year 2 mons");
    migration.verify().exits(0);
}

/// The same text in two zones is two instants.
#[test]
fn a_foreign_key_between_two_zones_is_followed_as_converted() {
    let source = "CREATE TABLE p (at DATETIME PRIMARY KEY); INSERT INTO p VALUES ('2024-07-01 12:00:00');
                  CREATE TABLE c (id INTEGER PRIMARY KEY, at TIMESTAMP REFERENCES p (at)); INSERT INTO c VALUES (1, '2024-07-01 12:00:00')";
    let spec = SPEC.replace("[target]", "timezone = \"Europe/Berlin\"\n[target]");
    let rule = "[types]\nTIMESTAMP = { type = \"timestamptz\", timezone = \"UTC\" }\nDATETIME = \"timestamptz\"\n";
    let migration = Migration::new(source, &format!("{spec}{rule}"));
    let file = migration.directory().join("source.json");
    migration.run(&["inspect", "--out", file.to_str().unwrap()]).exits(0);
    let live = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let recalled =
        migration.run(&["plan", "--format", "json", "--source", file.to_str().unwrap()]).exits(3).json_by_place();
    for plan in [live, recalled] {
        let findings = plan["findings"].as_array().unwrap();
        let is_orphan =
            |finding: &&serde_json::Value| finding["code"] == "foreign_key_orphans" && finding["count"] == 1;
        assert!(findings.iter().any(|finding| is_orphan(&finding)), "{findings:#?}");
    }
}

#[test]
fn an_omitted_key_refuses_no_null() {
    let source = "CREATE TABLE t (code TEXT PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (NULL, 1), ('a', 2)";
    let spec = format!("{SPEC}[tables.t]\nkeys.code = false\non_bad_value = \"reject\"\n");
    let migration = Migration::new(source, &spec);
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.t WHERE code IS NULL"), "1");
    migration.verify().exits(0);
}
