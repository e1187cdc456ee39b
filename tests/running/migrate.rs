//! `transship migrate`: the whole way in one command, judged by PostgreSQL and by the files that it leaves.

use crate::support::migration::{Migration, Ran, program, run};

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";

/// Runs the program in the migration's directory, with nothing but its arguments.
fn here(migration: &Migration, words: &[&str]) -> Ran {
    run(program().current_dir(migration.directory()).args(words))
}

/// The target with a password, which a spec may not hold.
fn with_password(migration: &Migration) -> String {
    migration.database.url.replace("postgres@", "postgres:hunter2@")
}

#[test]
fn a_file_and_a_url_are_all_that_is_needed() {
    let migration = Migration::new(SOURCE, "");
    let target = with_password(&migration);
    let migrate = ["migrate", "file:./source.db?mode=ro", &target, "--yes"];
    let ran = here(&migration, &migrate).exits(0);
    assert!(ran.stdout.contains("Equal: every value of 2 rows was compared."), "{ran}");
    // Whoever has never seen a plan sees it before the question.
    for line in ["Plan for source (source.toml)", "source SQLite, 1 table, 2 rows", "Types\n  INTEGER"] {
        assert!(ran.stderr.contains(line), "{line} is missing: {ran}");
    }
    for line in ["evidence: source.evidence.html", "undo: transship rollback source.toml", "need DATABASE_URL"] {
        assert!(ran.stderr.contains(line), "{line} is missing: {ran}");
    }
    assert_eq!(migration.database.value("SELECT string_agg(name, ',' ORDER BY id) FROM source.users"), "Ada,Grace");
    for file in ["source.toml", "source.evidence.html"] {
        let text = std::fs::read_to_string(migration.directory().join(file)).unwrap();
        assert!(!text.is_empty() && !text.contains("hunter2"), "{file}");
    }
    // The same command goes on with the spec as it stands, and so do the other commands.
    let again = here(&migration, &migrate).exits(0);
    assert!(again.stdout.contains("nothing to do") && again.stdout.contains("Equal"), "{again}");
    let undo = ["rollback", "source.toml", "--yes"];
    run(program().current_dir(migration.directory()).args(undo).env("DATABASE_URL", &target)).exits(0);
    assert_eq!(migration.database.schemas(), [] as [&str; 0]);
}

#[test]
fn what_is_for_people_to_decide_stops_it_before_anything_is_copied() {
    let columns = (0..1500).map(|at| format!("t{at} TEXT")).collect::<Vec<_>>().join(", ");
    let values = vec!["'abcdefghijkl'"; 1500].join(", ");
    let source = format!(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, {columns}); INSERT INTO wide (id) VALUES (1);
         INSERT INTO wide VALUES (2, {values})"
    );
    let migration = Migration::new(&source, "");
    let migrate = ["migrate", "source.db", &migration.database.url, "--yes", "--output", "wide.toml"];
    let stopped = here(&migration, &migrate).exits(3);
    assert!(stopped.stderr.contains("still open: wide") && stopped.stderr.contains("wide.toml"), "{stopped}");
    assert_eq!(migration.database.schemas(), [] as [&str; 0]);
    let spec = migration.directory().join("wide.toml");
    let decided = std::fs::read_to_string(&spec).unwrap() + "\n[tables.wide]\nwhere = \"id <> 2\"\n";
    std::fs::write(&spec, decided).unwrap();
    here(&migration, &migrate).exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM wide.wide"), "1");
}

#[test]
fn it_asks_and_it_does_not_take_the_spec_of_another_migration() {
    let migration = Migration::new(SOURCE, "");
    let url = migration.database.url.as_str();
    // There is no terminal to ask at.
    here(&migration, &["migrate", "source.db", url]).exits(2);
    assert!(!migration.directory().join("source.toml").exists());
    here(&migration, &["migrate", "source.db", url, "--yes"]).exits(0);
    let refused = here(&migration, &["migrate", "source.db", "embedded:", "--yes"]).exits(2);
    assert!(refused.stderr.contains("source.toml is the spec of another migration"), "{refused}");
    assert!(!migration.directory().join(".transship").exists());
}

/// Tables that the application has made on both sides, seen to be the same version: they are filled, and not made once more.
#[test]
fn tables_that_the_application_has_made_are_filled() {
    let record = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY, run_on TIMESTAMP);";
    let migration =
        Migration::new(&format!("{SOURCE}; {record} INSERT INTO __diesel_schema_migrations VALUES ('1', NULL)"), "");
    let target = with_password(&migration);
    migration.database.ask(&format!("{record} CREATE TABLE users (id serial PRIMARY KEY, name varchar(9) NOT NULL)"));
    let migrate = ["migrate", "source.db", &target, "--yes"];
    let differs = here(&migration, &migrate).exits(3);
    assert!(differs.stderr.contains("still open: __diesel_schema_migrations"), "{differs}");
    assert_eq!(migration.database.value("SELECT count(*) FROM users"), "0");
    migration.database.ask("INSERT INTO __diesel_schema_migrations VALUES ('1', now())");
    let ran = here(&migration, &migrate).exits(0);
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
    assert_eq!(migration.database.value("SELECT string_agg(name, ',' ORDER BY id) FROM public.users"), "Ada,Grace");
    assert_eq!(migration.database.value("INSERT INTO users (name) VALUES ('Edsger') RETURNING id"), "3");
    assert_eq!(migration.database.value("SELECT count(run_on) FROM __diesel_schema_migrations"), "1");
}

/// What differs is not to be committed, and a path is one word.
#[test]
fn a_difference_has_no_next() {
    let migration = Migration::new(SOURCE, "");
    let migrate = ["migrate", "source.db", &migration.database.url, "--yes", "-o", "my shop.toml"];
    let ran = here(&migration, &migrate).exits(0);
    assert!(ran.stderr.contains("next: commit 'my shop.toml'"), "{ran}");
    migration.database.ask("UPDATE my_shop.users SET name = 'Edsger' WHERE id = 1");
    let differs = here(&migration, &migrate).exits(3);
    assert!(differs.stdout.contains("NOT EQUAL") && !differs.stderr.contains("next: "), "{differs}");
    assert!(differs.stderr.contains("undo: transship rollback 'my shop.toml'"), "{differs}");
}
