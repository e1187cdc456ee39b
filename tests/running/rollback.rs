//! A migration rolled back: what it made is gone, and nothing else.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC};

/// Two tables that reference one another, so that no order of dropping suits both.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, best INTEGER REFERENCES posts (id));
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER NOT NULL REFERENCES users (id), body TEXT CHECK (body <> ''));
    CREATE INDEX by_author ON posts (author);
    INSERT INTO users VALUES (1, 'Ada', NULL), (2, 'Grace', 1);
    INSERT INTO posts VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 2, 'c')";

/// Everything that a spec can make in a target.
fn full(role: &str) -> String {
    format!(
        "{SPEC}extensions = [\"pg_trgm\", \"citext\"]
settings = {{ work_mem = \"32MB\", statement_timeout = \"1min\", search_path = \"app\" }}
grants = {{ {role} = \"all\", {role}_reader = [\"SELECT\", \"INSERT\"], public = \"read\" }}

[steps.view]
sql = \"CREATE VIEW public.names AS SELECT name FROM users\"
undo = \"DROP VIEW public.names\"
"
    )
}

/// What the database holds in its own words: an answer that transship has no part in.
fn dump(database: &Database) -> Vec<Vec<String>> {
    database.ask(
        "SELECT 'schema', nspname, coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname !~ '^pg_'
        UNION ALL SELECT 'relation', oid::regclass::text, coalesce(relacl::text, '') FROM pg_class WHERE oid >= 16384
        UNION ALL SELECT 'type', oid::regtype::text, '' FROM pg_type WHERE oid >= 16384
        UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE oid >= 16384
        UNION ALL SELECT 'extension', extname, extversion FROM pg_extension
        UNION ALL SELECT 'setting', s.setconfig::text, '' FROM pg_db_role_setting s
            JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
        ORDER BY 1, 2, 3",
    )
}

fn rollback(migration: &Migration) -> Ran {
    migration.run(&["rollback", "--yes"])
}

#[test]
fn everything_that_was_made_is_gone_and_nothing_else() {
    let database = Database::create();
    // Some of what the spec names stands already and belongs to others.
    database.ask(&format!(
        "CREATE SCHEMA app; CREATE TABLE app.theirs (a int); CREATE EXTENSION citext; CREATE ROLE full_role_reader;
        GRANT USAGE ON SCHEMA app TO full_role_reader; CREATE TABLE public.other (a int);
        ALTER DATABASE {0} SET work_mem = '7MB'; ALTER DATABASE {0} SET search_path = \"$user\", public",
        database.name
    ));
    let before = dump(&database);
    let migration = Migration::into_database(SOURCE, &full("full_role"), database);
    let database = &migration.database;
    migration.apply().exits(0);
    assert_eq!(database.value("SELECT count(*) FROM public.names"), "2");
    assert_ne!(dump(database), before);
    database.ask("INSERT INTO app.posts VALUES (9, 1, 'by the application'); CREATE INDEX own ON app.posts (body)");

    let rolled_back = migration.run(&["rollback", "--yes", "--discard-changes"]).exits(0);
    assert!(
        rolled_back.stderr.contains("app.posts: 4 rows; WARNING: 1 of them written or changed by others"),
        "{rolled_back}"
    );
    assert!(rolled_back.stderr.contains("index app.own on app.posts"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("2 tables with 6 rows removed"), "{rolled_back}");
    assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
    assert_eq!(dump(database), before);
    assert_eq!(
        database.value("SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolname LIKE 'full_role%'"),
        "full_role_reader"
    );

    let again = rollback(&migration).exits(0);
    assert!(again.stdout.contains("nothing to roll back"), "{again}");
    migration.apply().exits(0);
    migration.verify().exits(0);
    let document = migration.run(&["rollback", "--yes", "--format", "json"]).exits(0).json();
    assert_eq!((&document["equal"], &document["rolled_back"]), (&true.into(), &true.into()));
    assert_eq!(dump(database), before);
}

#[test]
fn what_depends_on_it_stops_it_and_nothing_is_removed() {
    let migration = Migration::new(SOURCE, SPEC);
    let database = &migration.database;
    migration.apply().exits(0);
    for (make, remove, name) in [
        ("CREATE VIEW public.people AS SELECT name FROM app.users", "DROP VIEW public.people", "people"),
        ("CREATE TABLE ref (u bigint REFERENCES app.users (id))", "DROP TABLE ref", "ref_u_fkey"),
        ("CREATE TABLE app.own (a int)", "DROP TABLE app.own", "app.own"),
        ("CREATE TABLE transship.own (a int)", "DROP TABLE transship.own", "transship.own"),
    ] {
        database.ask(make);
        let before = dump(database);
        let stopped = rollback(&migration).exits(3);
        assert!(stopped.stderr.contains(name) && !stopped.stderr.contains("CASCADE"), "{stopped}");
        let words = stopped.stderr.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("nothing was removed"), "{stopped}");
        assert_eq!(dump(database), before);
        migration.verify().exits(0);
        database.ask(remove);
    }
    rollback(&migration).exits(0);
    assert_eq!(database.schemas(), [""; 0]);
}

#[test]
fn a_step_that_does_not_say_how_is_named_with_what_is_left() {
    let step = "[steps.helper]\nsql = \"CREATE FUNCTION public.helper() RETURNS int LANGUAGE sql AS 'SELECT 1'\"\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}\n{step}"));
    migration.apply().exits(0);
    let left = rollback(&migration).exits(3);
    assert!(left.stdout.contains("new: function public.helper()"), "{left}");
    assert!(left.stdout.contains("step:helper"), "{left}");
    assert_eq!(migration.database.schemas(), [""; 0]);
    migration.database.ask("DROP FUNCTION helper()");
    // Said afterwards, it counts as well.
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}\n{step}undo = \"DROP FUNCTION public.helper()\"\n"));
    migration.database.ask("CREATE TABLE since (a int)");
    let others = rollback(&migration).exits(0);
    assert!(others.stdout.contains("new: table public.since") && !others.stdout.contains("helper"), "{others}");
}

#[test]
fn a_failed_run_is_rolled_back_without_its_source() {
    let failing = format!("{SPEC}\n[steps.no]\nafter = [\"copy:users\"]\nsql = \"SELECT 1 / 0\"\n");
    let migration = Migration::new(SOURCE, &failing);
    migration.apply().exits(1);
    // A table that somebody has removed is no obstacle; source and plan are not needed at all.
    migration.database.ask("DROP TABLE app.posts CASCADE");
    std::fs::remove_file(migration.source()).unwrap();
    let rolled_back = rollback(&migration).exits(0);
    assert!(rolled_back.stdout.contains("Gone already: "), "{rolled_back}");
    assert_eq!(migration.database.schemas(), [""; 0]);
}

#[test]
fn another_migration_keeps_its_ledger() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let other = SPEC.replace("name = \"case\"", "name = \"other\"").replace("\"app\"", "\"other\"");
    migration.write_spec(&other);
    migration.apply().exits(0);
    migration.write_spec(SPEC);
    rollback(&migration).exits(0);
    let database = &migration.database;
    assert_eq!(database.schemas(), ["other", "transship"]);
    assert_eq!(
        database.ask("SELECT migration, state FROM transship.run ORDER BY id"),
        [["case", "done"], ["other", "done"], ["case", "rolled_back"]]
    );
    migration.run(&["status"]).exits(0);
    migration.apply().exits(0);
    rollback(&migration).exits(0);
    migration.write_spec(&other);
    migration.verify().exits(0);
    rollback(&migration).exits(0);
    assert_eq!(database.schemas(), [""; 0]);
}

#[test]
fn a_schema_that_was_made_for_the_ledger_stays() {
    let migration = Migration::small();
    migration.database.ask("CREATE SCHEMA transship");
    migration.apply().exits(0);
    rollback(&migration).exits(0);
    assert_eq!(migration.database.schemas(), ["transship"]);
    assert_eq!(migration.database.value("SELECT obj_description('transship'::regnamespace)"), "NULL");
}

#[test]
fn leave_is_asked_for() {
    let migration = Migration::small();
    let nothing = rollback(&migration).exits(0);
    assert!(nothing.stdout.contains("nothing to roll back"), "{nothing}");
    migration.apply().exits(0);
    let refused = migration.run(&["rollback"]).exits(2);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    migration.verify().exits(0);
}

/// What transship 0.1.0 made of its ledger before it knew rollback.
const VERSION_1: &str = "DROP TABLE transship.origin; ALTER TABLE transship.step DROP undo, DROP place;
    ALTER TABLE transship.chunk ALTER key_from TYPE bigint USING NULL, ALTER key_below TYPE bigint USING NULL;
    ALTER TABLE transship.run DROP CONSTRAINT run_state_check,
        ADD CONSTRAINT run_state_check CHECK (state IN ('running', 'done', 'failed', 'interrupted'));
    COMMENT ON SCHEMA transship IS 'ledger of transship, version 1'";

#[test]
fn a_ledger_of_the_first_version_goes_on_and_cannot_go_back() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    migration.database.ask(VERSION_1);
    for _ in 0..2 {
        let refused = rollback(&migration).exits(1);
        assert!(refused.stderr.contains("the state before the first run is not known"), "{refused}");
        migration.run(&["status"]).exits(0);
        migration.write_spec(&format!("{SPEC}\n[steps.more]\nsql = \"CREATE INDEX more ON users (name)\"\n"));
        migration.apply().exits(0);
        migration.verify().exits(0);
    }
    let words = "SELECT obj_description('transship'::regnamespace)";
    assert_eq!(migration.database.value(words), "ledger of transship, version 8");
    // Another migration in the same ledger can.
    migration.write_spec(&SPEC.replace("name = \"case\"", "name = \"other\"").replace("\"app\"", "\"other\""));
    migration.apply().exits(0);
    rollback(&migration).exits(0);
    assert_eq!(migration.database.schemas(), ["app", "transship"]);
}

/// What PostgreSQL names itself, beside what the source names: each is made, is done, and goes.
#[test]
fn names_that_postgresql_makes_itself_meet_no_other() {
    let table = |name: &str| {
        format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO {name} VALUES (7, 'a');")
    };
    let tables = |names: &[&str]| names.iter().map(|name| table(name)).collect::<String>();
    let long = "t".repeat(63);
    let cases = [
        (tables(&["t", "t_id_seq"]), "t_id_seq1"),
        (tables(&["t_id_seq", "t"]), "t_id_seq1"),
        (tables(&["t_id_seq1", "t", "t_id_seq"]), "t_id_seq2"),
        // Names that somebody has given come before those that nobody sees.
        (tables(&["t", "w"]) + "CREATE INDEX t_id_seq ON w (n)", "t_id_seq1"),
        (tables(&["t", "w"]) + "CREATE VIEW t_id_seq AS SELECT n FROM w", "t_id_seq1"),
        (tables(&[&long, &format!("{}_id_seq", "t".repeat(56))]), ""),
        // Types of arrays, which stand where others want to: made at once, one of the two would fail.
        (tables(&["t", "_t", "__t"]), ""),
        // Two of which PostgreSQL makes one name.
        (tables(&[&format!("{}a", &long[1..]), &format!("{}b", &long[1..])]), ""),
    ];
    for (source, sequence) in cases {
        let migration = Migration::new(&source, SPEC);
        let database = &migration.database;
        let before = dump(database);
        migration.apply().exits(0);
        assert!(migration.apply().exits(0).output().contains("nothing to do"), "{source}");
        migration.verify().exits(0);
        if !sequence.is_empty() {
            let found = database.value("SELECT pg_get_serial_sequence('app.t', 'id')");
            assert_eq!(found, format!("app.{sequence}"), "{source}");
        }
        // Every identity goes on behind the last key.
        let without = "SELECT count(*) FROM pg_attribute WHERE attidentity <> '' AND attnum > 0
            AND pg_sequence_last_value(pg_get_serial_sequence(attrelid::regclass::text, attname)::regclass) IS DISTINCT FROM 7
            AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'app'::regnamespace)";
        assert_eq!(database.value(without), "0", "{source}");
        rollback(&migration).exits(0);
        assert_eq!(dump(database), before, "{source}");
    }
}

#[test]
fn a_sequence_of_our_own_is_not_called_a_strangers() {
    let table = "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)";
    let migration = Migration::new(table, SPEC);
    migration.apply().exits(0);
    migration.change_source("CREATE TABLE t_id_seq (id INTEGER PRIMARY KEY); INSERT INTO t_id_seq VALUES (2)");
    let plan = migration.plan().exits(3);
    assert!(plan.output().contains("app.t_id_seq is the sequence of app.t, which an earlier run has made"), "{plan}");
    migration.write_spec(&format!("{SPEC}[tables.t_id_seq]\nrename = \"numbers\"\n"));
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT id FROM app.numbers"), "2");
    rollback(&migration).exits(0);
}

#[test]
fn a_type_of_a_tables_name_is_found_before_the_table_is_made() {
    let database = Database::create();
    database.ask("CREATE SCHEMA app; CREATE DOMAIN app.users AS text; CREATE TYPE app.posts AS ENUM ('a'); CREATE TABLE app.x (a int)");
    // The type of an array gives way by itself.
    let source = format!("{SOURCE}; CREATE TABLE _x (id INTEGER PRIMARY KEY); CREATE TABLE \"_users\" (a TEXT)");
    let migration = Migration::into_database(&source, SPEC, database);
    let plan = migration.plan().exits(3);
    for table in ["users", "posts"] {
        assert!(plan.output().contains(&format!("the target holds a type app.{table}")), "{plan}");
    }
    assert!(!plan.output().contains("type app._"), "{plan}");
    migration.apply().exits(3);
    migration.write_spec(&format!("{SPEC}[tables.users]\nrename = \"people\"\n[tables.posts]\nrename = \"letters\"\n"));
    migration.apply().exits(0);
    rollback(&migration).exits(0);
}

/// Bodies between dollars are closed by no name and no value.
#[test]
fn names_and_values_with_dollars() {
    let source =
        "CREATE TABLE \"a$$b\" (id INTEGER PRIMARY KEY, \"u$$d\" TEXT); INSERT INTO \"a$$b\" VALUES (1, 'new')";
    let spec = SPEC.replace("schema = \"app\"", "schema = \"a$$pp\"");
    let rows = "SELECT string_agg(id || \"u$$d\", ',') FROM \"a$$pp\".\"a$$b\"";
    let made = format!(
        "{spec}settings = {{ \"app.a$$b\" = \"it$$s $body_1$\" }}\ngrants = {{ \"dollar$$role\" = \"read\" }}\n"
    );
    let migration = Migration::new(source, &made);
    let database = &migration.database;
    let before = dump(database);
    migration.apply().exits(0);
    assert_eq!(database.value(rows), "1new");
    assert_eq!(database.value("SELECT current_setting('app.a$$b')"), "it$$s $body_1$");
    rollback(&migration).exits(0);
    assert_eq!(dump(database), before);
    assert_eq!(database.value("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'dollar$%'"), "0");

    database.ask("CREATE SCHEMA \"a$$pp\"; CREATE TABLE \"a$$pp\".\"a$$b\" (x int)");
    migration.write_spec(&format!("{spec}tables = \"replace\"\n"));
    migration.apply().exits(0);
    assert_eq!(database.value(rows), "1new");

    let database = Database::create();
    database.ask(
        "CREATE SCHEMA \"a$$pp\"; CREATE TABLE \"a$$pp\".\"a$$b\" (id bigint PRIMARY KEY, \"u$$d\" text);
         INSERT INTO \"a$$pp\".\"a$$b\" VALUES (7, 'old')",
    );
    let spec = format!("{spec}tables = \"existing\"\nexisting_rows = \"truncate\"\n");
    let migration = Migration::into_database(source, &spec, database);
    migration.apply().exits(0);
    assert_eq!(migration.database.value(rows), "1new");
}

/// A role goes after the tables, whichever was made first: policies of theirs may be for it.
#[test]
fn a_role_goes_after_the_tables_whose_policies_are_for_it() {
    let spec = format!(
        "{SPEC}grants = {{ rollback_policy = \"read\" }}\n[steps.policy]\nundo = \"SELECT 1\"\n\
         sql = \"CREATE POLICY all_rows ON app.users FOR SELECT TO rollback_policy USING (true)\"\n"
    );
    let migration = Migration::new("CREATE TABLE users (id INTEGER PRIMARY KEY)", &spec);
    let database = &migration.database;
    for place in ["-1000", "+ 1000"] {
        migration.apply().exits(0);
        database.ask("ALTER TABLE transship.step ALTER place SET GENERATED BY DEFAULT");
        let moved = format!("UPDATE transship.step SET place = place {place} WHERE id LIKE 'role:%' RETURNING id");
        assert_eq!(database.value(&moved), "role:rollback_policy");
        database.ask("ALTER TABLE transship.step ALTER place SET GENERATED ALWAYS");
        let rolled_back = rollback(&migration).exits(0);
        assert!(rolled_back.stdout.contains("equals the one before the first run"), "{rolled_back}");
        assert_eq!(database.value("SELECT count(*) FROM pg_roles WHERE rolname = 'rollback_policy'"), "0");
    }
}
