//! Rows of the application's own that no row of the source may be taken for: met by a refresh, by spellings of a key, by keys that do
//! not come; and what is said and done where a question about them stays open.

use crate::support::migration::{Migration, run};

const HEAD: &str = "spec = 1\nname = \"case\"\nsource.url = \"sqlite:${CASE_SOURCE}\"\n[target]\nurl = \"${CASE_TARGET}\"\n\
                    schema = \"app\"\ntables = \"existing\"\n";

fn migration(source: &str, target: &str, tables: &str) -> Migration {
    let migration = Migration::new(source, &format!("{HEAD}{tables}"));
    migration.database.ask(&format!("CREATE SCHEMA app; {target}"));
    migration
}

fn change(migration: &Migration, sql: &str) {
    let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
    rusqlite::Connection::open(migration.source()).unwrap().execute_batch(&sql).unwrap();
}

const ORDERS: &str = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers);
    INSERT INTO customers VALUES (10, 'ours'); INSERT INTO orders VALUES (1, 10);";

const OF_ORDERS: &str = "CREATE TABLE app.customers (id bigint PRIMARY KEY, name text);
    CREATE TABLE app.orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES app.customers);
    INSERT INTO app.customers VALUES (7, 'a stranger')";

/// All tables are done then, and no row of them is counted with the structure.
#[test]
fn a_refresh_meets_the_rows_of_others_as_the_first_run_does() {
    let migration = migration(ORDERS, OF_ORDERS, "[tables.customers]\nexisting_rows = \"keep\"\n");
    migration.apply().exits(0);
    change(&migration, "INSERT INTO orders VALUES (3, 7)");
    let refresh = || migration.run(&["apply", "--yes", "--refresh"]);
    let refused = refresh().exits(3);
    assert!(refused.output().contains("foreign_key_to_other_rows"), "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.orders"), "1");
    // What it proposes can be done without a new beginning: the row was not copied, and one that was goes.
    let keep = "[tables.customers]\nexisting_rows = \"keep\"\n";
    let leaving = |rows: &str| migration.write_spec(&format!("{HEAD}{keep}[tables.orders]\nwhere = \"{rows}\"\n"));
    leaving("id NOT IN (3)");
    assert!(refresh().exits(0).stdout.contains("nothing to do"));
    migration.verify().exits(0);
    change(&migration, "INSERT INTO customers VALUES (7, 'another seven')");
    let refused = refresh().exits(3);
    assert!(
        refused.output().contains("existing_rows_collide") && refused.output().contains("transship rollback"),
        "{refused}"
    );
    assert!(!refused.output().contains("existing_rows = \"merge\""), "{refused}");
    change(
        &migration,
        "DELETE FROM orders WHERE id = 3; DELETE FROM customers WHERE id = 7; INSERT INTO customers VALUES (11, 'new'); INSERT INTO orders VALUES (4, 11)",
    );
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    assert_eq!(
        migration.database.value("SELECT string_agg(id || name, ' ' ORDER BY id) FROM app.customers"),
        "7a stranger 10ours 11new"
    );
    migration.verify().exits(0);
    leaving("(id NOT IN (3)) AND (id <> 1)");
    assert!(migration.apply().exits(3).output().contains("`where`"));
    refresh().exits(0);
    assert_eq!(migration.database.value("SELECT string_agg(id::text, ' ') FROM app.orders"), "4");
    migration.verify().exits(0);
}

#[test]
fn ids_that_are_mapped_are_not_followed_in_another_spelling() {
    let migration = migration(
        "CREATE TABLE users (code TEXT COLLATE NOCASE PRIMARY KEY, email TEXT); INSERT INTO users VALUES ('abc', 'a@x'), ('zz', 'z@x');
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_code TEXT COLLATE NOCASE REFERENCES users); INSERT INTO posts VALUES (1, 'ABC'), (2, 'zz');",
        "CREATE EXTENSION citext;
         CREATE TABLE app.users (code citext PRIMARY KEY, email text UNIQUE);
         CREATE TABLE app.posts (id bigint PRIMARY KEY, user_code citext REFERENCES app.users);
         INSERT INTO app.users VALUES ('xyz', 'a@x'), ('ABC', 'stranger@x')",
        "[tables.users]\nexisting_rows = \"merge\"\nmerge.key = [\"email\"]\n",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("merge_reference") && refused.stdout.contains("rows: id=1"), "{refused}");
    migration.apply().exits(3);
    change(&migration, "UPDATE posts SET user_code = 'abc' WHERE id = 1");
    migration.apply().exits(0);
    let of = "SELECT string_agg(p.id || u.email, ' ' ORDER BY p.id) FROM app.posts p JOIN app.users u ON u.code = p.user_code";
    assert_eq!(migration.database.value(of), "1a@x 2z@x");
    migration.verify().exits(0);
}

#[test]
fn ids_without_room_block_and_hide_no_other_finding() {
    let migration = migration(
        &format!("{ORDERS} CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL); INSERT INTO users VALUES (1, 'a@x'), (2, 'b@x');
                  INSERT INTO orders VALUES (2, 7);"),
        &format!("{OF_ORDERS}; CREATE TABLE app.users (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE);
                  INSERT INTO app.users VALUES (1, 'z@x'), (2147483647, 'y@x')"),
        "[tables.customers]\nexisting_rows = \"keep\"\n[tables.users]\nexisting_rows = \"merge\"\nmerge.key = [\"email\"]\n",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("would not fit the column's type"), "{refused}");
    assert!(refused.stdout.contains("foreign_key_to_other_rows"), "{refused}");
    // A question that PostgreSQL refuses leaves the others' answers as they are, and blocks.
    migration
        .database
        .ask("DELETE FROM app.users WHERE id > 1; CREATE UNIQUE INDEX odd ON app.users ((1 / (id - 2)));");
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("[not_inspected]") && refused.stdout.contains("22012"), "{refused}");
    assert!(refused.stdout.contains("foreign_key_to_other_rows"), "{refused}");
    // The application's own error is about a row as well: its function runs for the copy too.
    migration.database.ask(
        "DROP INDEX app.odd; CREATE FUNCTION app.odd(id integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
             $$ BEGIN IF id = 2 THEN RAISE 'not this one'; END IF; RETURN id; END $$;
         CREATE UNIQUE INDEX odd ON app.users (app.odd(id));",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("[not_inspected]") && refused.stdout.contains("P0001"), "{refused}");
}

#[test]
fn a_key_that_does_not_come_is_no_key_to_reference_by() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users VALUES (2, 'a@x'), (3, 'b@x');
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users); INSERT INTO posts VALUES (1, 2);";
    let target = "CREATE TABLE app.users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text UNIQUE);
        CREATE TABLE app.posts (id bigint PRIMARY KEY, user_id bigint REFERENCES app.users)";
    for choice in ["", "existing_rows = \"keep\"\n", "existing_rows = \"merge\"\nmerge.key = [\"email\"]\n"] {
        let migration = migration(source, target, &format!("[tables.users]\n{choice}columns.id.skip = true\n"));
        let refused = migration.plan().exits(3);
        assert!(refused.stdout.contains("users.id is not copied"), "{refused}");
    }
    // A table that stays out is a warning: it may hold the same rows.
    let migration = migration(ORDERS, OF_ORDERS, "[tables.customers]\nskip = true\n");
    change(&migration, "INSERT INTO orders VALUES (2, 7), (3, NULL)");
    migration.database.ask("INSERT INTO app.customers VALUES (10, 'seeded')");
    let planned = migration.plan().exits(0);
    assert!(planned.stdout.contains("2 rows reference by (customer_id) rows of app.customers"), "{planned}");
}

#[test]
fn a_run_goes_on_among_its_own_rows_where_a_constraint_excludes_others() {
    let migration = migration(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code INTEGER, n INTEGER); INSERT INTO t VALUES (1, 1, 1), (2, 2, 1);",
        "CREATE SEQUENCE app.codes; CREATE FUNCTION app.code() RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''app.codes'')';
         CREATE TABLE app.t (id bigint PRIMARY KEY, code bigint, n bigint CHECK (n > 0), own bigint DEFAULT app.code(), EXCLUDE USING btree (code WITH =));
         INSERT INTO app.t VALUES (9, 9, 1, 0)",
        "[tables.t]\nexisting_rows = \"keep\"\n",
    );
    migration.plan().exits(0);
    // A plan calls no function of the application.
    assert_eq!(migration.database.value("SELECT is_called FROM app.codes"), "f");
    let died = run(migration.command(&["apply", "--yes"]).env("TRANSSHIP_FAILPOINT", "chunk_committed"));
    assert_eq!(died.code, None, "{died}");
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.t"), "3");
    migration.verify().exits(0);
}

#[test]
fn keys_of_a_merge_are_looked_at_where_the_target_is_empty() {
    let migration = migration(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users VALUES (1, 'a@x'), (2, NULL);
         CREATE TABLE tags (name TEXT, words TEXT); INSERT INTO tags VALUES ('a', '1'), ('a', '1');",
        "CREATE TABLE app.users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text UNIQUE);
         CREATE TABLE app.tags (name text, words text)",
        "[tables.users]\nexisting_rows = \"merge\"\nmerge.key = [\"email\"]\n[tables.tags]\nexisting_rows = \"merge\"\nmerge.key = [\"name\"]\n",
    );
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("merge_key_null") && refused.stdout.contains("merge_key_not_unique"), "{refused}");
}

#[test]
fn a_key_in_another_spelling_gets_the_sources_and_comes_back() {
    let spec = "[tables.tags]\nexisting_rows = \"merge\"\nmerge.prefer = \"source\"\n";
    let migration = migration(
        "CREATE TABLE tags (name TEXT PRIMARY KEY, n INTEGER); INSERT INTO tags VALUES ('Bob', 1), ('new', 2);",
        "CREATE EXTENSION citext; CREATE TABLE app.tags (name citext PRIMARY KEY, n bigint); INSERT INTO app.tags VALUES ('bob', 1), ('own', 5)",
        &spec.replace("\"source\"", "\"target\""),
    );
    let tags = "SELECT string_agg(name::text || n, ' ' ORDER BY n, name) FROM app.tags";
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("spelled in another way"), "{refused}");
    migration.write_spec(&format!("{HEAD}{spec}"));
    migration.apply().exits(0);
    assert_eq!(migration.database.value(tags), "Bob1 new2 own5");
    migration.verify().exits(0);
    // The rows that were overwritten are the load's own, and no change of others.
    let again = migration.run(&["apply", "--yes", "--refresh", "--overwrite-changes"]).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value(tags), "bob1 own5");
}

/// No row of the first run needed the word.
#[test]
fn a_word_about_rows_that_differ_may_come_with_a_refresh() {
    let tables = "[tables.tags]\nexisting_rows = \"merge\"\n";
    let migration = migration(
        "CREATE TABLE tags (name TEXT PRIMARY KEY, n INTEGER); INSERT INTO tags VALUES ('new', 2), ('same', 3);",
        "CREATE TABLE app.tags (name text PRIMARY KEY, n bigint); INSERT INTO app.tags VALUES ('same', 3), ('own', 5)",
        tables,
    );
    migration.apply().exits(0);
    change(&migration, "INSERT INTO tags VALUES ('own', 6)");
    let refresh = || migration.run(&["apply", "--yes", "--refresh"]);
    let refused = refresh().exits(3);
    let word = "merge.prefer = \"source\"\n";
    assert!(refused.output().contains("merged_rows_differ") && refused.output().contains(word.trim()), "{refused}");
    migration.write_spec(&format!("{HEAD}{tables}{word}"));
    refresh().exits(0);
    let tags = "SELECT string_agg(name || n, ' ' ORDER BY name) FROM app.tags";
    assert_eq!(migration.database.value(tags), "new2 own6 same3");
    migration.verify().exits(0);
    // Another word would have left its value.
    migration.write_spec(&format!("{HEAD}{tables}{}", word.replace("source", "target")));
    assert!(refresh().exits(3).output().contains("changed_since_run"));
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value(tags), "own5 same3");
}

#[test]
fn rows_that_are_rejected_collide_with_none_and_no_value_names_a_row() {
    let migration = migration(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, net TEXT); INSERT INTO customers VALUES (7, 'no net'), (8, '10.0.0.0/8');
         CREATE TABLE users (email TEXT, name TEXT); INSERT INTO users VALUES ('secret@x', 'Ada');",
        "CREATE TABLE app.customers (id bigint PRIMARY KEY, net cidr); INSERT INTO app.customers VALUES (7, '192.168.0.0/16');
         CREATE TABLE app.users (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text UNIQUE, name text);
         INSERT INTO app.users (email, name) VALUES ('secret@x', 'Eve')",
        "[tables.customers]\nexisting_rows = \"keep\"\ncolumns.net.on_bad_value = \"reject\"\n[tables.users]\nexisting_rows = \"merge\"\nmerge.key = [\"email\"]\n",
    );
    let refused = migration.plan().exits(3);
    assert!(!refused.stdout.contains("existing_rows_collide"), "{refused}");
    assert!(refused.stdout.contains("merged_rows_differ") && !refused.stdout.contains("secret@x"), "{refused}");
    let shown = migration.run(&["plan", "--show-values"]).exits(3);
    assert!(shown.stdout.contains("email=secret@x"), "{shown}");
}

/// A foreign key that only the application's table has is asked about rejected rows, too.
#[test]
fn rows_that_reference_rejected_ones_are_found_by_the_applications_own_key() {
    let source =
        "CREATE TABLE u (id INTEGER PRIMARY KEY, at TEXT); INSERT INTO u VALUES (1, '2024-01-01'), (3, 'garbage');
        CREATE TABLE w (id INTEGER PRIMARY KEY, uid INTEGER, v TEXT); INSERT INTO w VALUES (1, 1, 'one'), (2, 3, 'x')";
    let spec = format!("{HEAD}[tables.u.columns.at]\non_bad_value = \"reject\"\n");
    let migration = Migration::new(source, &spec);
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.u (id int PRIMARY KEY, at timestamptz);
         CREATE TABLE app.w (id int PRIMARY KEY, uid int REFERENCES app.u (id), v text)",
    );
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let findings = plan["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == "foreign_key_to_rejected").unwrap();
    assert_eq!(
        (&found["table"], &found["count"], &found["severity"]),
        (&"w".into(), &1.into(), &"blocks".into()),
        "{found:#}"
    );
    migration.write_spec(&format!("{spec}\n{}", found["suggestion"].as_str().unwrap()));
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value("SELECT string_agg(id::text, ',') FROM app.w"), "1");
}
