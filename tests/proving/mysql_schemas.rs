//! `init` unedited goes through on schemas as applications have them, with nothing lost: the sources of all MySQL cases, and
//! two large schemas that are written here.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use std::fmt::Write as _;
use std::path::Path;

/// Begins a spec for the source, and carries it out as it is.
fn goes_through(name: &str, source: &str) -> Result<(), String> {
    let server = mariadb();
    let database = server.create_database();
    server.ask(&database, source);
    let mut migration = Migration::with_source(|_| {}, "", Database::create());
    let target = migration.database.url.clone();
    migration.set("MYSQL_PASSWORD", "secret");
    migration.set("DATABASE_URL", &target);
    let begun = migration.init(&[&server.url(&database), "-o", "begun.toml"]);
    if begun.code != Some(0) {
        return Err(format!("{name}: init: {begun}"));
    }
    migration.write_spec(&std::fs::read_to_string(migration.directory().join("begun.toml")).unwrap());
    let applied = migration.apply();
    let verified = migration.run(&["verify", "--format", "json"]);
    if (applied.code, verified.code) != (Some(0), Some(0)) {
        return Err(format!("{name}: {applied}\n{verified}"));
    }
    // Judged by the plain client: no table has fewer rows.
    let verified = verified.json();
    for table in verified["tables"].as_array().unwrap() {
        let (table, rows) = (table["table"].as_str().unwrap(), table["target_rows"].to_string());
        let there = server.ask(&database, &format!("SELECT count(*) FROM `{}`", table.replace('`', "``")));
        if rows != there.trim() {
            return Err(format!("{name}: {table} has {rows} of {} rows", there.trim()));
        }
    }
    let tables = "SELECT count(*) FROM information_schema.tables
        WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')";
    let tables = server.ask(&database, tables);
    if tables.trim() != verified["tables"].as_array().unwrap().len().to_string() {
        return Err(format!("{name}: {} tables in the source: {verified}", tables.trim()));
    }
    Ok(())
}

#[test]
fn every_case_begins_with_a_spec_that_goes_through() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failed = Vec::new();
    let mut names = cases.read_dir().unwrap().map(|case| case.unwrap().path()).collect::<Vec<_>>();
    names.sort();
    for case in names.iter().filter(|case| case.file_name().unwrap().to_string_lossy().starts_with("mysql_")) {
        let source = std::fs::read_to_string(case.join("source.sql")).unwrap();
        failed.extend(goes_through(&case.file_name().unwrap().to_string_lossy(), &source).err());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// 170 tables whose keys are unsigned, with texts compared by bytes, each referring to the one before.
#[test]
fn many_tables_with_unsigned_keys() {
    let mut source = String::from("SET NAMES utf8mb4;\n");
    for number in 0..170_u32 {
        let parent = number.checked_sub(1).map(|parent| {
            format!(
                ", parent_id BIGINT UNSIGNED, KEY ix_parent (parent_id),
                 CONSTRAINT fk_{number} FOREIGN KEY (parent_id) REFERENCES object_{parent} (id) ON DELETE CASCADE"
            )
        });
        writeln!(
            source,
            "CREATE TABLE object_{number} (
                id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                uuid CHAR(36) NOT NULL, name VARCHAR(191) NOT NULL, payload LONGTEXT, weight DOUBLE,
                created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
                UNIQUE KEY uq_uuid (uuid), KEY ix_name (name){}
             ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
             INSERT INTO object_{number} (id, uuid, name, payload, weight) VALUES
                (1, 'a{number}', 'Name {number}', '😀', 0.1), (4294967296, 'A{number}', 'name {number}', NULL, NULL);",
            parent.unwrap_or_default()
        )
        .unwrap();
    }
    goes_through("many tables", &source).unwrap();
}

/// A table of 250 columns in capitals and latin1, as old programs have them.
#[test]
fn many_columns_in_latin1() {
    let types = ["VARCHAR(20)", "INT(11)", "DECIMAL(10,2)", "DATE", "CHAR(3)", "TINYINT(1)"];
    let values = ["'Größe €'", "-5", "1234.50", "'2001-02-03'", "'É '", "1"];
    let (mut columns, mut row) = (String::new(), String::new());
    for number in 0..249 {
        write!(columns, ", FIELD_{number} {}", types[number % types.len()]).unwrap();
        write!(row, ", {}", values[number % values.len()]).unwrap();
    }
    let nulls = ", NULL".repeat(249);
    let source = format!(
        "SET NAMES utf8mb4; CREATE TABLE ARTIKEL (NUMMER INT NOT NULL{columns}, PRIMARY KEY (NUMMER))
             ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_german1_ci;
         INSERT INTO ARTIKEL VALUES (1{row}), (2{nulls});"
    );
    goes_through("many columns", &source).unwrap();
}
