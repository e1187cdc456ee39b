//! What the role of the target sees, and what others have done to the structure: a right that is missing is no difference,
//! and rows that a policy hides are not equal.

use crate::support::migration::{Migration, SPEC, run};

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT);
    INSERT INTO users VALUES (1, 'Ada', 'a'), (2, 'Grace', 'b');
    CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id));
    CREATE INDEX posts_by_user ON posts (user_id);
    INSERT INTO posts VALUES (1, 2);
    CREATE VIEW names AS SELECT id, name FROM users;";

/// What is said when verifying fails, in one line: lines are broken where the width is known.
fn refused(migration: &Migration) -> String {
    let ran = run(migration.command(&["verify"]).env("COLUMNS", "2000")).exits(1);
    assert!(!ran.output().contains("NOT EQUAL"), "{ran}");
    ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn rights_that_are_missing_are_named_and_are_enough_once_given() {
    let mut migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let database = migration.database.clone();
    database.ask("CREATE ROLE only_reads LOGIN");
    migration.set("CASE_TARGET", &database.url.replace("postgres@", "only_reads@"));
    let mut given = Vec::new();
    // The ledger first; what is compared is known once it is read.
    for _ in 0..2 {
        let said = refused(&migration);
        let (_, grants) = said.split_once("run `").unwrap_or_else(|| panic!("no statement in {said}"));
        let (grants, _) = grants.split_once('`').unwrap();
        database.ask(grants);
        given.push(grants.to_owned());
    }
    migration.verify().exits(0);
    assert!(given[0].contains("GRANT USAGE ON SCHEMA transship TO only_reads"), "{given:?}");
    assert!(given.iter().all(|grants| !grants.contains("INSERT") && !grants.contains("CREATE")), "{given:?}");
    for relation in ["users", "posts", "names"] {
        assert!(given[1].contains(&format!("GRANT SELECT ON TABLE app.{relation} TO only_reads")), "{given:?}");
    }

    // Columns are enough, and one of them is not to be missing.
    database.ask("REVOKE SELECT ON app.users FROM only_reads; GRANT SELECT (id, name) ON app.users TO only_reads");
    assert!(refused(&migration).contains("GRANT SELECT ON TABLE app.users TO only_reads"));
    database.ask("GRANT SELECT (secret) ON app.users TO only_reads");
    migration.verify().exits(0);
}

#[test]
fn rows_that_a_policy_hides_are_not_called_equal() {
    let mut migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let database = migration.database.clone();
    database.ask(
        "CREATE ROLE sees_some LOGIN;
        GRANT USAGE ON SCHEMA app, transship TO sees_some;
        GRANT SELECT ON ALL TABLES IN SCHEMA app, transship TO sees_some;
        ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY first_ones ON app.users FOR SELECT USING (id < 900);
        INSERT INTO app.users VALUES (999, 'Eve', NULL)",
    );
    migration.set("CASE_TARGET", &database.url.replace("postgres@", "sees_some@"));
    let said = refused(&migration);
    assert!(said.contains("row security of users applies to the role") && said.contains("BYPASSRLS"), "{said}");
    database.ask("ALTER ROLE sees_some BYPASSRLS");
    let ran = migration.verify().exits(3);
    assert!(ran.stdout.contains("id=999: extra"), "{ran}");
}

#[test]
fn what_others_do_to_the_structure_is_told_as_what_it_is() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let database = &migration.database;
    // By what is done: the exit code, what is said, and what takes it back.
    let done = [
        (format!("ALTER DATABASE {} SET quote_all_identifiers = on", database.name), 0, "", String::new()),
        (
            "ALTER INDEX app.posts_by_user SET (fillfactor = 70); ALTER TABLE app.posts ALTER user_id SET STATISTICS 500"
                .to_owned(),
            0,
            "",
            String::new(),
        ),
        ("ALTER SEQUENCE app.users_id_seq CACHE 20".to_owned(), 0, "", String::new()),
        (
            "ALTER INDEX app.posts_by_user RENAME TO \"by User\"".to_owned(),
            0,
            "index app.posts_by_user was renamed: it is now index app.\"by User\"",
            "ALTER INDEX app.\"by User\" RENAME TO posts_by_user".to_owned(),
        ),
        (
            "ALTER TABLE app.users RENAME CONSTRAINT users_pkey TO pk".to_owned(),
            0,
            "constraint users_pkey on app.users was renamed: it is now constraint pk on app.users",
            "ALTER TABLE app.users RENAME CONSTRAINT pk TO users_pkey".to_owned(),
        ),
        (
            "DROP INDEX app.posts_by_user; CREATE INDEX other ON app.posts (user_id DESC)".to_owned(),
            3,
            "index app.posts_by_user is gone",
            "DROP INDEX app.other; CREATE INDEX posts_by_user ON app.posts (user_id)".to_owned(),
        ),
        (
            "ALTER TABLE app.posts DISABLE TRIGGER ALL".to_owned(),
            3,
            "on app.posts was altered",
            "ALTER TABLE app.posts ENABLE TRIGGER ALL".to_owned(),
        ),
        (
            "CREATE RULE nothing AS ON INSERT TO app.users DO INSTEAD NOTHING".to_owned(),
            0,
            "rule nothing on app.users was added",
            "DROP RULE nothing ON app.users".to_owned(),
        ),
        (
            "ALTER TABLE app.users ENABLE ROW LEVEL SECURITY".to_owned(),
            0,
            "row security on app.users was added",
            "ALTER TABLE app.users DISABLE ROW LEVEL SECURITY".to_owned(),
        ),
        (
            "CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER stop BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION public.stop()"
                .to_owned(),
            0,
            "trigger stop on app.users was added",
            "DROP TRIGGER stop ON app.users".to_owned(),
        ),
    ];
    for (sql, code, said, back) in done {
        database.ask(&sql);
        let ran = migration.verify().exits(code);
        assert!(ran.stdout.contains(said), "{sql}: {said}\n{ran}");
        assert_eq!(ran.stdout.contains("changed since apply"), !said.is_empty(), "{sql}\n{ran}");
        database.ask(&back);
    }
    migration.verify().exits(0);
}
