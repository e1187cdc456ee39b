//! The tools that own an application's schema: recognised in the source, compared with the target, and never copied into the
//! application's own tables.

use crate::support::migration::{Migration, SPEC};
use serde_json::Value;

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada');
    CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('1111aaaa');
    CREATE TABLE knex_migrations (id INTEGER PRIMARY KEY, name TEXT, batch INTEGER, migration_time DATETIME);
    CREATE TABLE knex_migrations_lock (\"index\" INTEGER PRIMARY KEY, is_locked INTEGER);
    INSERT INTO knex_migrations VALUES (1, 'one.js', 1, NULL), (2, 'two.js', 1, NULL);
    INSERT INTO knex_migrations_lock VALUES (1, 0)";

const TARGET: &str = "CREATE SCHEMA app; SET search_path = app;
    CREATE TABLE users (id bigserial PRIMARY KEY, name text);
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('1111aaaa');
    CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar, batch int, migration_time timestamptz);
    CREATE TABLE knex_migrations_lock (index serial PRIMARY KEY, is_locked int);
    INSERT INTO knex_migrations (name, batch) VALUES ('one.js', 1), ('two.js', 2)";

fn existing() -> Migration {
    let migration = Migration::new(SOURCE, &format!("{SPEC}tables = \"existing\"\n"));
    migration.database.ask(TARGET);
    migration
}

/// Severity and code of the findings about tools, with their tables.
fn about_tools(migration: &Migration, words: &[&str], code: i32) -> Vec<(String, String, String)> {
    let words = ["plan", "--format", "json"].into_iter().chain(words.iter().copied()).collect::<Vec<_>>();
    let plan = migration.run(&words).exits(code).json();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = plan["findings"].as_array().unwrap().iter();
    let told = findings.map(|finding| (text(finding, "severity"), text(finding, "code"), text(finding, "table")));
    told.filter(|(_, code, _)| code.starts_with("schema_version") || code == "migration_tool").collect()
}

/// Text in one line: lines are broken where the width is known.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn told(severity: &str, code: &str, table: &str) -> (String, String, String) {
    (severity.to_owned(), code.to_owned(), table.to_owned())
}

#[test]
fn versions_are_compared_and_a_difference_is_refused_until_the_rows_are_loaded() {
    let migration = existing();
    let same = [told("notes", "migration_tool", "alembic_version"), told("notes", "migration_tool", "knex_migrations")];
    assert_eq!(about_tools(&migration, &[], 0), same);

    migration.database.ask("DELETE FROM app.knex_migrations WHERE name = 'two.js'");
    let differs = told("blocks", "schema_version_differs", "knex_migrations");
    assert_eq!(about_tools(&migration, &[], 3), [differs.clone(), same[0].clone()]);
    let refused = migration.apply().exits(3);
    assert!(words(&refused.stderr).contains("the source alone has two.js"), "{refused}");
    // The file says what was applied as well.
    let file = migration.directory().join("source.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    assert_eq!(about_tools(&migration, &["--source", &file], 3), [differs, same[0].clone()]);

    let spec = format!("{SPEC}tables = \"existing\"\nschema_version = \"any\"\n");
    migration.write_spec(&spec);
    assert_eq!(about_tools(&migration, &[], 0), same);
    migration.apply().exits(0);
    migration.verify().exits(0);
    // The records are the target's own.
    let names = "SELECT string_agg(name, ',') FROM app.knex_migrations";
    assert_eq!(migration.database.value(names), "one.js");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.knex_migrations_lock"), "0");
    assert_eq!(migration.database.value("SELECT name FROM app.users"), "Ada");

    // The application goes on from here.
    migration.write_spec(&spec.replace("schema_version = \"any\"\n", ""));
    migration.database.ask("UPDATE app.alembic_version SET version_num = '2222bbbb'");
    assert_eq!(about_tools(&migration, &[], 0), []);
}

/// Ids of no order that share nothing: the structure says whether they can be of one version.
#[test]
fn ids_that_share_nothing_are_refused_where_the_tables_differ_too() {
    let migration = existing();
    migration.database.ask("UPDATE app.alembic_version SET version_num = '2222bbbb'");
    let knex = told("notes", "migration_tool", "knex_migrations");
    let unknown = told("warns", "schema_version_unknown", "alembic_version");
    assert_eq!(about_tools(&migration, &[], 0), [unknown, knex.clone()]);
    migration.database.ask("ALTER TABLE app.users ADD phone text");
    let differs = told("blocks", "schema_version_differs", "alembic_version");
    assert_eq!(about_tools(&migration, &[], 3), [differs, knex.clone()]);
    let plan = migration.plan().exits(3);
    assert!(words(&plan.stdout).contains("the source has no column users.phone"), "{plan}");

    migration.database.ask("ALTER TABLE app.users DROP phone; DROP TABLE app.alembic_version");
    let unknown = told("warns", "schema_version_unknown", "alembic_version");
    assert_eq!(about_tools(&migration, &[], 0), [unknown, knex]);
}

/// A record that the role may not read is no reason to guess.
#[test]
fn a_record_that_may_not_be_read_is_said_with_the_grant() {
    let mut migration = existing();
    migration.database.ask(
        "CREATE ROLE tools_reader LOGIN; GRANT ALL ON SCHEMA app TO tools_reader;
         GRANT ALL ON app.users, app.users_id_seq, app.knex_migrations TO tools_reader",
    );
    let owner = "DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO tools_reader'; END $$";
    migration.database.ask(owner);
    migration.set("CASE_TARGET", &migration.database.url.replace("postgres@", "tools_reader@"));
    let plan = migration.plan().exits(0);
    assert!(words(&plan.stdout).contains("GRANT SELECT ON TABLE app.alembic_version TO tools_reader"), "{plan}");
}

/// Where transship makes the tables, the record is one of them, and the plan says whose the schema is.
#[test]
fn a_tool_that_owns_the_schema_is_named() {
    let migration = Migration::new(SOURCE, SPEC);
    let named =
        [told("notes", "migration_tool", "alembic_version"), told("notes", "migration_tool", "knex_migrations")];
    assert_eq!(about_tools(&migration, &[], 0), named);
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.knex_migrations"), "2");
    migration.write_spec(&SPEC.replace("[target]", "exclude = [\"alembic_version\", \"knex_*\"]\n[target]"));
    assert_eq!(about_tools(&migration, &[], 3), [], "who leaves it out knows of it");
}
