//! Rows of the source that the application's tables hold already: found, brought together, proved and rolled back.
//!
//! What the target holds is judged by SQL alone.

use crate::support::application::{read, structure};
use crate::support::migration::{Migration, SPEC};

fn case(name: &str) -> Migration {
    let migration = Migration::new(&read(name, "source.sql"), &read(name, "spec.toml"));
    migration.database.ask(&read(name, "target.sql"));
    migration
}

/// All rows of the tables of `existing_merge_keys`, with addresses and names in the place of ids.
const MEANING: &str = "SELECT string_agg(line, ' | ' ORDER BY line) FROM (
    SELECT concat_ws(' ', 'user', u.email, m.email) FROM app.users u LEFT JOIN app.users m ON m.id = u.manager_id
    UNION ALL SELECT concat_ws(' ', 'project', p.name, u.email) FROM app.projects p JOIN app.users u ON u.id = p.owner_id
    UNION ALL SELECT concat_ws(' ', 'task', p.name, u.email, t.number, t.title, a.email) FROM app.tasks t
        JOIN app.projects p ON p.id = t.project_id JOIN app.users u ON u.id = p.owner_id LEFT JOIN app.users a ON a.id = t.assignee_id
    UNION ALL SELECT concat_ws(' ', 'note', p.name, u.email, t.number, t.title) FROM app.notes n
        JOIN app.tasks t USING (project_id, number) JOIN app.projects p ON p.id = t.project_id JOIN app.users u ON u.id = p.owner_id
    ) AS all_of (line)";

/// Every row with its ids, and where the sequences stand.
const EVERYTHING: &str = "SELECT string_agg(line, ' | ' ORDER BY line) FROM (
    SELECT u::text FROM app.users u UNION ALL SELECT p::text FROM app.projects p UNION ALL SELECT t::text FROM app.tasks t
    UNION ALL SELECT n::text FROM app.notes n) AS all_of (line)";

#[test]
fn ids_that_differ_are_carried_through_everything_that_references_them() {
    let migration = case("existing_merge_keys");
    let (before, made) = (migration.database.value(EVERYTHING), structure(&migration.database));
    migration.apply().exits(0);
    let expected = [
        "note compiler grace@example.org 1 c",
        "note engine ada@example.org 1 a",
        "note engine new@example.org 1 d",
        "project compiler grace@example.org",
        "project engine ada@example.org",
        "project engine new@example.org",
        "project kernel root@example.org",
        "task compiler grace@example.org 1 c ada@example.org",
        "task engine ada@example.org 1 a grace@example.org",
        "task engine ada@example.org 2 b",
        "task engine new@example.org 1 d other@example.org",
        "task kernel root@example.org 1 of the application",
        "user ada@example.org grace@example.org",
        "user grace@example.org",
        "user new@example.org ada@example.org",
        "user other@example.org new@example.org",
        "user root@example.org",
    ];
    assert_eq!(migration.database.value(MEANING), expected.join(" | "));
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("users: 2 rows there already"), "{verified}");
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    // The sequences are past the new ids.
    migration.database.ask(
        "INSERT INTO app.users (email) VALUES ('next@example.org'); DELETE FROM app.users WHERE email LIKE 'next%'",
    );
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value(EVERYTHING), before);
    assert_eq!(structure(&migration.database), made);
}

/// The proof rests on natural keys and values, whatever the ledger says of ids.
#[test]
fn a_wrong_id_is_a_difference() {
    let migration = case("existing_merge_keys");
    migration.apply().exits(0);
    let wrong = [
        // A reference that leads to another row, to the one that has the source's id among them.
        (
            "UPDATE app.tasks SET assignee_id = 2 WHERE title = 'a'",
            "UPDATE app.tasks SET assignee_id = 1 WHERE title = 'a'",
        ),
        (
            "UPDATE transship.merged_ids SET target_key = '{2}' WHERE table_name = 'users' AND source_key = '{1}'",
            "UPDATE transship.merged_ids SET target_key = '{3}' WHERE table_name = 'users' AND source_key = '{1}'",
        ),
        (
            "UPDATE app.users SET email = 'x' WHERE email = 'ada@example.org'",
            "UPDATE app.users SET email = 'ada@example.org' WHERE email = 'x'",
        ),
    ];
    for (change, back) in wrong {
        migration.database.ask(change);
        migration.verify().exits(3);
        migration.database.ask(back);
        migration.verify().exits(0);
    }
}

#[test]
fn values_that_were_overwritten_come_back() {
    let migration = case("existing_merge");
    let rows = "SELECT string_agg(line, ' | ' ORDER BY line) FROM (SELECT s::text FROM app.settings s UNION ALL
        SELECT u::text FROM app.users u UNION ALL SELECT m::text FROM app.memberships m) AS all_of (line)";
    let before = migration.database.value(rows);
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT value FROM app.settings WHERE name = 'theme'"), "dark");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "4");
    migration.verify().exits(0);
    let back = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(back.output().contains("given their own values back"), "{back}");
    assert_eq!(migration.database.value(rows), before);
}

#[test]
fn a_value_that_others_have_changed_since_stops_the_rollback() {
    let migration = case("existing_merge");
    migration.apply().exits(0);
    migration.database.ask("UPDATE app.settings SET value = 'blue' WHERE name = 'theme'");
    migration.verify().exits(3);
    let refused = migration.run(&["rollback", "--yes"]).exits(3);
    assert!(refused.stderr.contains("settings"), "{refused}");
    assert_eq!(migration.database.value("SELECT value FROM app.settings WHERE name = 'theme'"), "blue");
}

#[test]
fn the_side_that_is_preferred_is_a_decision() {
    let migration = case("existing_merge");
    let spec = read("existing_merge", "spec.toml");
    migration.write_spec(spec.split("[tables").next().unwrap());
    let blocked = migration.apply().exits(3);
    assert!(blocked.output().contains("other values in app.settings (value)"), "{blocked}");
    assert_eq!(migration.database.value("SELECT to_regnamespace('transship') IS NULL"), "t");
    migration.write_spec(&spec.replace("prefer = \"source\"", "prefer = \"target\""));
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT value FROM app.settings WHERE name = 'theme'"), "light");
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("1 row with the target's own values"), "{verified}");
    // Only the rows that differed then may differ.
    migration.database.ask("UPDATE app.settings SET value = 'fr' WHERE name = 'language'");
    migration.verify().exits(3);
}

#[test]
fn keys_that_name_no_row_or_several_block() {
    let migration = case("existing_merge_keys");
    migration.database.ask(
        "ALTER TABLE app.users DROP CONSTRAINT users_email_key; INSERT INTO app.users (email) VALUES ('ada@example.org')",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("merge_key_not_unique"), "{refused}");
    migration.database.ask("DELETE FROM app.users WHERE id = 4; ALTER TABLE app.users ALTER id DROP IDENTITY");
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("merge_id_taken"), "{refused}");
    let spec = read("existing_merge_keys", "spec.toml");
    migration.write_spec(&spec.replace("[\"email\"]", "[\"manager_id\", \"email\"]"));
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("merge_key_cycle"), "{refused}");
    migration.write_spec(&spec.replace("[\"email\"]", "[\"mail\"]"));
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("`merge.key` names the column mail"), "{refused}");
}

#[test]
fn changed_rows_are_copied_again_unless_ids_depend_on_them() {
    let migration = case("existing_merge");
    let change = |sql: &str| rusqlite::Connection::open(migration.source()).unwrap().execute_batch(sql).unwrap();
    migration.apply().exits(0);
    change("UPDATE users SET name = 'Alan Turing' WHERE id = 3; INSERT INTO memberships VALUES (2, 'new')");
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    assert_eq!(migration.database.value("SELECT name FROM app.users WHERE id = 3"), "Alan Turing");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.memberships"), "5");
    migration.verify().exits(0);
    change("UPDATE settings SET value = 'blue' WHERE name = 'theme'");
    let refused = migration.run(&["apply", "--yes", "--refresh"]).exits(3);
    assert!(refused.output().contains("merged_not_refreshed"), "{refused}");
    assert!(!refused.output().contains("target_rows_changed"), "{refused}");
    assert!(migration.plan().exits(3).stdout.contains("merged_not_refreshed"));
}

/// Users of both sides with the same numbers, which are different people; what references users that do not come.
const STRANGERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, del INTEGER NOT NULL);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, uid INTEGER REFERENCES users, words TEXT);
    INSERT INTO users VALUES (1, 'alice', 1), (3, 'bob', 0);
    INSERT INTO notes VALUES (1, 1, 'of alice, who does not come'), (2, 2, 'an orphan'), (3, 3, 'of bob'), (4, NULL, 'of nobody');";

#[test]
fn what_references_no_row_of_the_source_never_reaches_a_row_of_the_target() {
    let spec = read("existing_merge_keys", "spec.toml");
    let head = spec.split("[tables").next().unwrap();
    let users = |lines: &str| format!("{head}[tables.users]\nwhere = \"del = 0\"\n{lines}\n");
    let by_name = users("existing_rows = \"merge\"\nmerge.key = [\"email\"]");
    for (lines, key, found) in [
        (by_name.clone(), "REFERENCES app.users", "2 rows reference by (uid)"),
        // Without a foreign key in the target the source's counts, and a new id may be the orphan's.
        (by_name, "", "2 rows reference by (uid)"),
        (users("existing_rows = \"merge\""), "REFERENCES app.users", "2 rows reference by (uid)"),
        (users("existing_rows = \"keep\""), "", "2 rows reference by (uid)"),
    ] {
        let migration = Migration::new(STRANGERS, &lines);
        migration.database.ask(&format!(
            "CREATE SCHEMA app;
             CREATE TABLE app.users (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, del bigint NOT NULL);
             CREATE TABLE app.notes (id bigint PRIMARY KEY, uid integer {key}, words text);
             INSERT INTO app.users (email, del) VALUES ('mallory', 0), ('eve', 0)"
        ));
        let refused = migration.plan().exits(3);
        assert!(refused.stdout.contains("foreign_key_to_other_rows") && refused.stdout.contains(found), "{refused}");
        assert!(refused.stdout.contains("rows: id=1; id=2"), "{refused}");
        migration.apply().exits(3);
        // As the finding proposes.
        migration.write_spec(&format!(
            "{lines}[tables.notes]\nwhere = \"uid IS NULL OR uid IN (SELECT id FROM users WHERE del = 0)\"\n"
        ));
        migration.apply().exits(0);
        let notes = "SELECT string_agg(n.id || coalesce(u.email, ''), ' ' ORDER BY n.id) FROM app.notes n LEFT JOIN app.users u ON u.id = n.uid";
        assert_eq!(migration.database.value(notes), "3bob 4");
        migration.verify().exits(0);
    }
}

#[test]
fn rows_that_are_there_break_no_index_of_themselves_and_differ_by_their_digits() {
    let spec = read("existing_merge_keys", "spec.toml");
    let head = spec.split("[tables").next().unwrap();
    let lines = format!("{head}[tables.u]\nexisting_rows = \"merge\"\ncolumns.n = {{ type = \"numeric\" }}\n");
    let migration = Migration::new(
        "CREATE TABLE u (id INTEGER PRIMARY KEY, email TEXT, n TEXT); INSERT INTO u VALUES (1, 'a', '1.00'), (2, 'B', '2');",
        &lines,
    );
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.u (id bigint PRIMARY KEY, email text, n numeric, EXCLUDE USING btree (email WITH =));
         CREATE UNIQUE INDEX ON app.u (lower(email)); INSERT INTO app.u VALUES (1, 'a', 1.0)",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("other values in app.u (n)"), "{refused}");
    assert!(!refused.stdout.contains("target_constraint_broken"), "{refused}");
    migration.write_spec(&format!("{lines}merge.prefer = \"source\"\n"));
    migration.database.ask("CREATE TABLE app.log (id bigint); CREATE RULE noted AS ON UPDATE TO app.u DO ALSO INSERT INTO app.log VALUES (1)");
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("target_rules") && refused.stdout.contains("noted (ON"), "{refused}");
    migration.database.ask("ALTER TABLE app.u DISABLE RULE noted");
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value("SELECT string_agg(n::text, ' ' ORDER BY id) FROM app.u"), "1.00 2");
}

/// An exclusion constraint is tried beside mapped ids, unless it rests on them.
#[test]
fn exclusion_constraints_are_tried_beside_mapped_ids() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
        CREATE TABLE bookings (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, room INTEGER, first INTEGER, last INTEGER);
        INSERT INTO users VALUES (1, 'ada@x'), (2, 'new@x');
        INSERT INTO bookings VALUES (1, 1, 1, 1, 5), (2, 2, 1, 4, 6)";
    let spec =
        format!("{SPEC}tables = \"existing\"\n[tables.users]\nexisting_rows = \"merge\"\nmerge.key = [\"email\"]\n");
    let migration = Migration::new(source, &spec);
    migration.database.ask(
        "CREATE EXTENSION btree_gist; CREATE SCHEMA app;
         CREATE TABLE app.users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);
         CREATE TABLE app.bookings (id bigint PRIMARY KEY, user_id bigint REFERENCES app.users, room bigint, first bigint, last bigint,
             CONSTRAINT once EXCLUDE USING gist (room WITH =, int8range(first, last) WITH &&),
             CONSTRAINT own EXCLUDE USING gist (user_id WITH =, int8range(first, last) WITH &&));
         INSERT INTO app.users (email) VALUES ('other@x'), ('ada@x')",
    );
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let constraints = findings.filter(|finding| finding["code"].as_str().unwrap().starts_with("target_constraint"));
    let messages = constraints.map(|finding| finding["message"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(
        messages,
        [
            "2 rows break the target's exclusion constraint once on bookings",
            "bookings may refuse rows, and they could not be tried against exclusion constraint own: it rests on ids that are mapped",
        ]
    );
}
