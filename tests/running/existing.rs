//! Migrations into the application's own schema: what stood there stands there afterwards exactly as it was, whatever
//! happens during the load.

use crate::support::application::{kill_after, large, read, structure};
use crate::support::migration::{Migration, Ran};
use std::path::Path;

fn does_nothing(migration: &Migration) -> Ran {
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    again
}

fn replacing() -> Migration {
    let migration = Migration::new(&read("replace", "source.sql"), &read("replace", "spec.toml"));
    migration.database.ask(&read("replace", "target.sql"));
    migration
}

#[test]
fn the_structure_is_as_it_was_also_after_kills() {
    let migration = large();
    let before = structure(&migration.database);
    assert!(before.contains("CONSTRAINT \"Parent of a post\" FOREIGN KEY"), "{before}");
    let digest = || migration.run(&["plan", "--format", "json"]).exits(0).json()["digest"].clone();
    let planned = digest();

    kill_after(&migration, r#""event":"step_done","id":"detach:posts""#);
    assert_eq!(digest(), planned, "what was detached is remembered");
    kill_after(&migration, r#""event":"step_progress","id":"copy:posts""#);
    assert_eq!(digest(), planned);
    // In the middle, the constraints and triggers are off, and rows could come in that nobody has checked.
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'app.posts'::regclass";
    assert_eq!(migration.database.value(keys), "0");
    assert_ne!(structure(&migration.database), before);
    let status = migration.run(&["status"]).exits(0);
    assert!(
        status.stdout.contains("foreign key Parent of a post") && status.stdout.contains("trigger Always"),
        "{status}"
    );

    migration.apply().exits(0);
    assert_eq!(structure(&migration.database), before);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.posts"), "299993");
    migration.verify().exits(0);
    does_nothing(&migration);
    assert_eq!(digest(), planned);
    assert!(!migration.run(&["status"]).exits(0).stdout.contains("Detached until"));
}

#[test]
fn a_schema_that_changes_during_the_load_is_noticed() {
    let migration = large();
    kill_after(&migration, r#""event":"step_progress","id":"copy:posts""#);
    migration.database.ask("ALTER TABLE app.posts ADD CONSTRAINT author FOREIGN KEY (author_id) REFERENCES app.users ON DELETE CASCADE NOT VALID");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("changed_since_run") && refused.stderr.contains("detach:posts"), "{refused}");
    migration.database.ask("ALTER TABLE app.posts DROP CONSTRAINT author");
    migration.apply().exits(0);
    does_nothing(&migration);
    migration.database.ask("ALTER TABLE app.posts DROP COLUMN words, DROP COLUMN body");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("posts has no column body"), "{refused}");
    migration.verify().exits(3);
}

#[test]
fn rows_are_never_removed_after_the_first_is_copied() {
    let migration = Migration::new(&read("existing_keep", "source.sql"), &read("existing_keep", "spec.toml"));
    migration.database.ask(&read("existing_keep", "target.sql"));
    migration.apply().exits(0);
    migration.write_spec(&read("existing_keep", "spec.toml").replace("\"keep\"", "\"truncate\""));
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("rows of it are copied already"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.log"), "5");
}

/// What the source's rows became is looked at also where the target keeps rows of its own.
#[test]
fn a_changed_row_among_kept_ones_is_a_difference() {
    let migration = Migration::new(&read("existing_keep", "source.sql"), &read("existing_keep", "spec.toml"));
    migration.database.ask(&read("existing_keep", "target.sql"));
    migration.apply().exits(0);
    migration.verify().exits(0);
    migration.database.ask("UPDATE app.users SET name = 'Adam' WHERE id = 1");
    migration.verify().exits(3);
    migration.database.ask("UPDATE app.users SET name = 'Ada' WHERE id = 1; DELETE FROM app.log WHERE line = 'other'");
    migration.verify().exits(3);
}

#[test]
fn a_clash_of_keys_is_found_before_anything_is_written_and_can_be_resolved() {
    let migration = Migration::new(&read("existing_keep", "source.sql"), &read("existing_keep", "spec.toml"));
    migration.database.ask(&read("existing_keep", "target.sql"));
    migration.database.ask("INSERT INTO app.users VALUES (2, 'another')");
    let failed = migration.apply().exits(3);
    assert!(failed.stderr.contains("existing_rows_collide") && failed.stderr.contains("id=2"), "{failed}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.log"), "2");
    migration.database.ask("DELETE FROM app.users WHERE id = 2");
    migration.apply().exits(0);
    migration.verify().exits(0);
    does_nothing(&migration);
}

#[test]
fn the_target_must_be_there_to_be_looked_at() {
    let spec = read("existing", "spec.toml").replace("${CASE_TARGET}", "embedded:");
    let migration = Migration::new(&read("existing", "source.sql"), &spec);
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("target_not_looked_at"), "{refused}");
}

#[test]
fn replaced_tables_are_set_aside_once() {
    let migration = replacing();
    migration.database.ask("CREATE VIEW app.names AS SELECT old FROM app.users; CREATE TABLE app.child (user_id integer REFERENCES app.users)");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("replaced_table_needed"), "{refused}");
    let words = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("view app.names") && words.contains("app.child"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
    migration.database.ask("DROP VIEW app.names; DROP TABLE app.child");

    kill_after(&migration, r#""event":"step_done","id":"set_aside:users""#);
    migration.apply().exits(0);
    migration.verify().exits(0);
    does_nothing(&migration);
    migration.database.ask("INSERT INTO app.users VALUES (3, 'of the application')");
    does_nothing(&migration);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "3");
    assert_eq!(migration.database.value("SELECT count(*) FROM transship_replaced_case.users"), "2");
    let status = migration.run(&["status"]).exits(0);
    assert!(status.stdout.contains("app.users as transship_replaced_case.users (2 rows)"), "{status}");
}

#[test]
fn what_another_mode_has_made_is_not_replaced() {
    let spec = read("replace", "spec.toml");
    let migration = Migration::new(&read("replace", "source.sql"), &spec.replace("\"replace\"", "\"create\""));
    migration.apply().exits(0);
    migration.write_spec(&spec);
    does_nothing(&migration);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "2");
}

/// The sample spec for Django, with the lines that its plan suggests for the only field that needs them.
#[test]
fn the_sample_spec_moves_a_django_project() {
    let sample =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/django/django.toml")).unwrap();
    let mut migration = Migration::new(&read("django", "source.sql"), &sample);
    migration.database.ask(&read("django", "target.sql"));
    migration.set("DJANGO_DB", &migration.source().display().to_string());
    migration.set("DATABASE_URL", &migration.database.url.clone());
    let before = structure(&migration.database);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let blocking = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let suggestions: Vec<_> = blocking.map(|finding| finding["suggestion"].as_str().unwrap()).collect();
    let lines = "[tables.shop_thing.columns.took]\ntype = \"interval\"\nfrom = \"microseconds\"\n";
    assert_eq!(suggestions.len(), 1);
    assert!(suggestions[0].starts_with(lines), "{suggestions:?}");
    migration.write_spec(&format!("{sample}\n{}\n", suggestions[0]));
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(structure(&migration.database), before);
    does_nothing(&migration);
    // What the README advises: the line has done its work.
    migration.write_spec(&format!("{sample}\n{}\n", suggestions[0]).replace("existing_rows = \"truncate\"", ""));
    does_nothing(&migration);
}

/// Findings that no line of spec resolves: they are for the target's owner.
#[test]
fn what_only_the_target_can_resolve_is_said_before_anything_is_written() {
    let mut migration = Migration::new(&read("existing_keep", "source.sql"), &read("existing_keep", "spec.toml"));
    migration.database.ask(&read("existing_keep", "target.sql"));
    migration.database.ask(
        "ALTER TABLE app.users ALTER COLUMN name SET NOT NULL, ADD COLUMN code text; UPDATE app.users SET code = 'x';
         ALTER TABLE app.users ALTER COLUMN code SET NOT NULL; ALTER TABLE app.log ENABLE ROW LEVEL SECURITY;
         CREATE ROLE existing_loader LOGIN; GRANT ALL ON SCHEMA app TO existing_loader;
         GRANT ALL ON app.log TO existing_loader; GRANT INSERT ON app.users TO existing_loader",
    );
    let url = migration.database.url.replace("postgres@", "existing_loader@");
    assert_ne!(url, migration.database.url);
    migration.set("CASE_TARGET", &url);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let found: Vec<_> = findings.map(|finding| format!("{} {}", finding["table"], finding["code"])).collect();
    assert_eq!(
        found,
        [
            // The ledger's schema takes CREATE on the database.
            r#"null "target_not_permitted""#,
            r#""log" "row_security""#,
            r#""users" "target_not_permitted""#,
            r#""users" "target_unreadable""#,
            r#""users" "target_column_required""#
        ]
    );
    migration.apply().exits(3);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.log"), "2");
}

/// What the spec lets go of the source, in tables of the application: labels that the enum lacks, NULL where it takes none,
/// and the rows that reference a rejected one.
#[test]
fn bad_values_are_treated_as_the_spec_says() {
    let columns = "columns.mood = { on_bad_value = \"null\" }\non_bad_value = \"reject\"\ncolumns.legacy";
    let spec = read("existing", "spec.toml").replace("columns.legacy", columns);
    let migration = Migration::new(&read("existing", "source.sql"), &spec);
    migration.database.ask(&read("existing", "target.sql"));
    let before = structure(&migration.database);
    migration.change_source("UPDATE users SET mood = 'Happy' WHERE id = 7; UPDATE users SET name = NULL WHERE id = 2");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("foreign_key_to_rejected"), "{refused}");
    migration.change_source("UPDATE users SET name = 'Grace' WHERE id = 2; UPDATE users SET name = NULL WHERE id = 7");
    migration.apply().exits(0);
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("1 row"), "{verified}");
    assert_eq!(migration.database.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM app.users"), "1 2");
    assert_eq!(structure(&migration.database), before);
    does_nothing(&migration);
}

/// What PostgreSQL alone can judge is asked of it with the rows, and named where nobody looks at them.
#[test]
fn what_the_applications_tables_demand_of_rows_is_named() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT, state TEXT, shop INTEGER, next INTEGER REFERENCES users (id));
        CREATE TABLE plain (id INTEGER PRIMARY KEY, n INTEGER NOT NULL UNIQUE);
        INSERT INTO users VALUES (1, 'a@b', 'new', NULL, 1), (2, 'A@b', 'old', NULL, NULL); INSERT INTO plain VALUES (1, 1)";
    let migration = Migration::new(source, read("existing", "spec.toml").split("[tables").next().unwrap());
    migration.database.ask(
        "CREATE SCHEMA app; CREATE DOMAIN app.mail AS text CHECK (VALUE LIKE '%@%'); CREATE DOMAIN app.word AS text;
        CREATE TABLE app.shops (id bigint PRIMARY KEY);
        CREATE TABLE app.users (id bigint PRIMARY KEY, mail app.mail, state app.word, shop bigint CONSTRAINT in_shop REFERENCES app.shops,
            next bigint REFERENCES app.users, half double precision GENERATED ALWAYS AS (1.0 / id) STORED,
            CONSTRAINT is_state CHECK (state IN ('new', 'old')), CONSTRAINT one_state EXCLUDE USING btree (state WITH =));
        CREATE UNIQUE INDEX by_mail ON app.users (lower(mail)); CREATE INDEX of_new ON app.users (id) WHERE state = 'new';
        CREATE TABLE app.plain (id bigint PRIMARY KEY, n bigint NOT NULL UNIQUE)",
    );
    let plan = migration.run(&["plan", "--no-profile", "--format", "json"]).exits(0).json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let named = findings.filter(|finding| finding["code"] == "target_constraints_not_checked").collect::<Vec<_>>();
    let [finding] = named[..] else { panic!("{plan:#}") };
    assert_eq!(
        (&finding["table"], &finding["severity"], &finding["count"]),
        (&"users".into(), &"warns".into(), &7.into())
    );
    let message = finding["message"].as_str().unwrap();
    for name in [
        "CHECK is_state",
        "computed column half",
        "domain app.mail of mail",
        "exclusion constraint one_state",
        "unique index by_mail",
        "index of_new",
        "foreign key in_shop to app.shops",
    ] {
        assert!(message.contains(name), "{name}: {message}");
    }
    // Two rows meet in lower(mail); everything else they do as they should.
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let target = findings.filter(|finding| finding["code"].as_str().unwrap().starts_with("target_constraint"));
    let target = target.collect::<Vec<_>>();
    let [finding] = target[..] else { panic!("{plan:#}") };
    assert_eq!(finding["message"], "1 row breaks the target's unique index by_mail on users");
    assert_eq!(finding["examples"][0], "id=1 and id=2");
    migration.apply().exits(3);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "0");
    migration.database.ask("DROP INDEX app.by_mail");
    migration.apply().exits(0);
    let after = migration.run(&["plan", "--format", "json"]).exits(0).json();
    assert!(!after.to_string().contains("target_constraints_not_checked"), "{after:#}");
}

/// Many values are asked about in one statement, few in halves: each gets the same verdict.
#[test]
fn values_that_are_refused_in_numbers_have_a_verdict_each() {
    let migration = Migration::new(
        "CREATE TABLE n (id INTEGER PRIMARY KEY, net TEXT);
         WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 60)
         INSERT INTO n SELECT i, CASE i % 3 WHEN 0 THEN '10.0.' || i || '.0/24' WHEN 1 THEN 'net ' || i ELSE '10.1.1.1/8' END FROM c",
        "spec = 1\nname = \"case\"\nsource.url = \"sqlite:${CASE_SOURCE}\"\n[target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\n\
         tables = \"existing\"\n[tables.n]\ncolumns.net.on_bad_value = \"reject\"\n",
    );
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.n (id bigint PRIMARY KEY, net cidr)");
    let planned = migration.plan().exits(0);
    assert!(planned.stdout.contains("40 values do not fit cidr"), "{planned}");
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.n"), "20");
    migration.verify().exits(0);
}
