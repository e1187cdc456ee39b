//! `transship back`, judged by SQLite itself.

use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::sqlite_file::lines;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A table of all storage classes and spellings, one without a key, one without a hidden key, a full-text index, a trigger
/// that would write, a counter that is ahead of the rows.
const SOURCE: &str = r#"PRAGMA user_version = 7; PRAGMA application_id = 42; PRAGMA journal_mode = WAL;
    CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email VARCHAR(100) COLLATE NOCASE UNIQUE ON CONFLICT REPLACE,
        active BOOLEAN NOT NULL DEFAULT 1, created DATETIME, seen INTEGER, score REAL, meta JSON, photo BLOB,
        secret TEXT DEFAULT 'none', price NUMERIC, token CHAR(36), deleted TEXT,
        loud TEXT GENERATED ALWAYS AS (upper(name)) STORED, CHECK (score < 100));
    INSERT INTO users (name, email, active, created, seen, score, meta, photo, secret, price, token) VALUES
        ('Ada', 'ada@x', 1, '2024-01-01 10:00:00.000000', 1704103200000, 1.5, '{"b":1,  "a":[1,2]}', x'00ff', 's1', 1.50, 'A0EEBC999C0B4EF8BB6D6BB9BD380A11'),
        ('Grace', 'g@x', 0, '2024-01-02 10:00:00.250000', 1704103200001, 2, '{"b":1}', NULL, 's2', 3, 'A0EEBC999C0B4EF8BB6D6BB9BD380A12'),
        ('Left', 'left@x', 0, NULL, NULL, NULL, NULL, NULL, 's3', NULL, NULL);
    UPDATE users SET deleted = '2024-01-01' WHERE name = 'Left';
    INSERT INTO users (id, name) VALUES (9, 'Nine'); DELETE FROM users WHERE id = 9;
    CREATE TABLE notes (user_id INTEGER REFERENCES users(id), k TEXT, v ANY, PRIMARY KEY (user_id, k)) WITHOUT ROWID;
    INSERT INTO notes VALUES (1, 'a', 'x'), (1, 'b', 'y'), (2, 'a', 'zz');
    CREATE TABLE plain (a INT, b TEXT); INSERT INTO plain VALUES (1, 'one'), (2, 'two'), (2, 'two');
    CREATE VIRTUAL TABLE words USING fts5(name, content='users', content_rowid='id');
    INSERT INTO words(words) VALUES ('rebuild');
    CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO plain VALUES (99, 'a trigger fired'); END;
    CREATE VIEW v AS SELECT name FROM users WHERE active; CREATE INDEX ix ON users (created DESC) WHERE active;
    CREATE TABLE outside (v TEXT); INSERT INTO outside VALUES ('never migrated')"#;

const TABLES: &str = r#"[tables.users]
where = "deleted IS NULL"
columns.secret = { skip = true }
columns.seen = { type = "timestamptz", from = "unix_ms" }
columns.token = { type = "uuid" }
columns.created = { type = "timestamptz" }
[tables.words]
skip = true
"#;

fn applied() -> Migration {
    let spec = SPEC.replace("[target]", "exclude = [\"outside\"]\n[target]");
    let migration = Migration::new(SOURCE, &format!("{spec}{TABLES}"));
    migration.apply().exits(0);
    migration
}

fn back(migration: &Migration, name: &str, more: &[&str]) -> (Ran, PathBuf) {
    let path = migration.directory().join(name);
    let words = [&["back", "--to", path.to_str().unwrap()], more].concat();
    (migration.run(&words), path)
}

fn ask(path: &Path, sql: &str) -> String {
    rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Nothing but what was there is in the directory.
#[track_caller]
fn nothing_is_left(migration: &Migration) {
    let names = std::fs::read_dir(migration.directory()).unwrap().map(|entry| entry.unwrap().file_name());
    let left = names.filter(|name| name.to_string_lossy().contains("back")).collect::<Vec<_>>();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_was_written_since_goes_back_and_the_rest_is_as_it_was() {
    let migration = applied();
    let (made, untouched) = back(&migration, "untouched.db", &["--format", "json"]);
    assert_eq!(made.exits(0).json()["made"], true);
    assert_eq!(lines(&migration.source()).join("\n"), lines(&untouched).join("\n"));
    migration.database.ask(
        r#"SET search_path = app; SET timezone = 'UTC';
        UPDATE users SET name = 'Ada L.', created = '2024-06-01 12:34:56.5', meta = '{"z": [1, {"q": "a, b"}], "y": null}' WHERE id = 1;
        UPDATE users SET deleted = '2025-02-03' WHERE id = 2;
        INSERT INTO users (name, email, created, seen, score, meta, photo, price, token) VALUES ('New', 'new@x',
            '2025-01-01', '2025-01-01 00:00:00.123', 3.25, '{"k": "v w"}', '\xdead', 12.75, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a99');
        INSERT INTO users (name) VALUES ('Gone'); DELETE FROM users WHERE name = 'Gone';
        DELETE FROM notes WHERE k = 'b'; INSERT INTO notes VALUES (10, 'n', 'nv');
        UPDATE plain SET b = 'uno' WHERE a = 1; DELETE FROM plain WHERE ctid IN (SELECT ctid FROM plain WHERE a = 2 LIMIT 1)"#,
    );
    let (made, path) = back(&migration, "new.db", &["--format", "json"]);
    let made = made.exits(0);
    assert!(!made.stderr.contains("NOT EQUAL"), "{made}");
    let made = made.json();
    assert_eq!(made["verification"]["equal"], true, "{made:#}");
    for table in made["verification"]["tables"].as_array().unwrap() {
        assert_eq!(table["source_digest"], table["target_digest"], "{made:#}");
    }
    assert!(made["findings"].to_string().contains("rows_beyond_filter"), "{made:#}");
    let users = made["tables"].as_array().unwrap().iter().find(|table| table["table"] == "users").unwrap();
    let numbers =
        ["unchanged", "changed", "added", "removed", "kept", "filtered"].map(|key| users[key].as_u64().unwrap());
    assert_eq!(numbers, [0, 2, 1, 0, 1, 1], "{made:#}");
    // Of each line that is not the same on both sides, the present one.
    let before = lines(&migration.source());
    let now = lines(&path).into_iter().filter(|line| !before.contains(line) && !line.starts_with("words"));
    let expected = [
        r#"users: i1 | t"Ada L." | t"ada@x" | i1 | t"2024-06-01 12:34:56.500000" | i1704103200000 | r1.5 | t"{\"y\":null,\"z\":[1,{\"q\":\"a, b\"}]}" | b[00, ff] | t"s1" | r1.5 | t"A0EEBC999C0B4EF8BB6D6BB9BD380A11" | null | t"ADA L.""#,
        r#"users: i2 | t"Grace" | t"g@x" | i0 | t"2024-01-02 10:00:00.250000" | i1704103200001 | r2.0 | t"{\"b\":1}" | null | t"s2" | i3 | t"A0EEBC999C0B4EF8BB6D6BB9BD380A12" | t"2025-02-03" | t"GRACE""#,
        r#"users: i10 | t"New" | t"new@x" | i1 | t"2025-01-01 00:00:00.000000" | i1735689600123 | r3.25 | t"{\"k\":\"v w\"}" | b[de, ad] | t"none" | r12.75 | t"A0EEBC999C0B4EF8BB6D6BB9BD380A99" | null | t"NEW""#,
        r#"sqlite_sequence: t"users" | i11"#,
        r#"notes: i10 | t"n" | t"nv""#,
        r#"plain: i1 | t"uno""#,
    ];
    let (mut now, mut expected) = (now.collect::<Vec<_>>(), expected.map(str::to_owned).to_vec());
    now.sort();
    expected.sort();
    assert_eq!(now.join("\n"), expected.join("\n"));
    assert_eq!(ask(&path, "SELECT group_concat(a || b) FROM plain"), "2two,1uno");
    assert_eq!(ask(&path, "SELECT group_concat(rowid || name) FROM words('ada OR new')"), "1Ada L.,10New");
    assert_eq!(ask(&path, "PRAGMA integrity_check"), "ok");
    assert_eq!(ask(&path, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'").matches("fired").count(), 1);
    // The application goes on: keys go on behind those that were given, and its triggers fire again.
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("INSERT INTO users (name) VALUES ('Next')").unwrap();
    assert_eq!(ask(&path, "SELECT max(id) || (SELECT b FROM plain WHERE a = 99) FROM users"), "12a trigger fired");
    // The old source was only read, and nothing is written over.
    assert_eq!(before, lines(&migration.source()));
    let (refused, _) = back(&migration, "new.db", &[]);
    assert!(refused.exits(2).stderr.contains("is there already"));
}

#[test]
fn values_that_change_places_and_keys_that_are_used_again_go_back() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, parent INTEGER REFERENCES t(id));
        INSERT INTO t VALUES (1, 'a', 2), (2, 'b', 1), (3, 'c', 3);
        CREATE TABLE s (k TEXT PRIMARY KEY, v INT) STRICT; INSERT INTO s VALUES ('x', 1), ('y', NULL)";
    let migration = Migration::new(source, SPEC);
    migration.apply().exits(0);
    migration.database.ask(
        "UPDATE app.t SET slug = 'c' || slug WHERE id < 3; UPDATE app.t SET slug = 'a' WHERE id = 2; UPDATE app.t SET slug = 'b' WHERE id = 1;
         DELETE FROM app.t WHERE id = 3; INSERT INTO app.t VALUES (3, 'again', 1); UPDATE app.s SET v = 5 WHERE k = 'y'",
    );
    let (made, path) = back(&migration, "new.db", &[]);
    made.exits(0);
    assert_eq!(ask(&path, "SELECT group_concat(id || slug || parent) FROM t"), "1b2,2a1,3again1");
    assert_eq!(ask(&path, "SELECT group_concat(k || v || typeof(v)) FROM s"), "x1integer,y5integer");
    migration.database.ask("ALTER TABLE app.t DROP CONSTRAINT t_parent_fkey; INSERT INTO app.t VALUES (9, 'z', 77)");
    let (refused, _) = back(&migration, "back.db", &[]);
    let refused = refused.exits(3);
    assert!(refused.stdout.contains("leads to no row") && refused.stdout.contains("id=9"), "{refused}");
}

#[test]
fn what_the_source_cannot_hold_is_a_finding_and_nothing_is_written() {
    let migration = applied();
    let refused = |sql: &str, undo: &str, words: &[&str], more: &[&str]| {
        migration.database.ask(&format!("SET search_path = app; {sql}"));
        let (made, path) = back(&migration, "back.db", more);
        let made = made.exits(3);
        for word in words {
            assert!(made.stdout.contains(word), "{word}: {made}");
        }
        assert!(!path.exists(), "{made}");
        nothing_is_left(&migration);
        migration.database.ask(&format!("SET search_path = app; {undo}"));
    };
    refused(
        "UPDATE users SET seen = 'infinity' WHERE id = 1",
        "UPDATE users SET seen = NULL",
        &["users.seen", "id=1", "no spelling"],
        &[],
    );
    refused(
        "UPDATE users SET price = 123456789012345678901.5 WHERE id = 1",
        "UPDATE users SET price = NULL WHERE id = 1",
        &["users.price"],
        &[],
    );
    let check = "ALTER TABLE users DROP CONSTRAINT users_check; UPDATE users SET score = 100 WHERE id = 2";
    refused(check, "UPDATE users SET score = 1", &["CHECK constraint failed", "id=2"], &[]);
    refused("UPDATE users SET score = 'NaN' WHERE id = 1", "UPDATE users SET score = NULL", &["users.score"], &[]);
    // The row that `where` left behind has this address; in the source it would have been replaced without a word.
    refused(
        "INSERT INTO users (id, name, email) VALUES (50, 'Thief', 'LEFT@X')",
        "DELETE FROM users WHERE id = 50",
        &["UNIQUE constraint failed: users.email", "id=50"],
        &[],
    );
    let orphan = "ALTER TABLE notes DROP CONSTRAINT notes_user_id_fkey; INSERT INTO notes VALUES (77, 'a', 'b')";
    refused(orphan, "DELETE FROM notes WHERE user_id = 77", &["notes", "leads to no row"], &[]);
    refused(
        "CREATE TABLE audit (id int); INSERT INTO audit VALUES (1)",
        "ALTER TABLE plain ADD COLUMN c int DEFAULT 1",
        &["--leave-behind audit"],
        &[],
    );
    refused("SELECT 1", "SELECT 1", &["--leave-behind plain.c"], &["--leave-behind", "audit"]);
    let (made, _) = back(&migration, "new.db", &["--leave-behind", "audit", "--leave-behind", "plain.c"]);
    assert!(made.exits(0).stdout.contains("do not go back"));
}

/// Numbers stay numbers, with which SQLite compares and calculates.
#[test]
fn numbers_of_any_scale_go_back_as_numbers() {
    let source = "CREATE TABLE m (id INTEGER PRIMARY KEY, x, price NUMERIC, words TEXT);
        INSERT INTO m VALUES (1, 1, 3, '1.50'), (2, 2.5, 2.25, '2.00')";
    let typed = "[tables.m]\ncolumns.x = { type = \"numeric\" }\ncolumns.words = { type = \"numeric\" }\n";
    let migration = Migration::new(source, &format!("{SPEC}{typed}"));
    migration.apply().exits(0);
    migration.database.ask(
        "INSERT INTO app.m VALUES (3, 1.0, 1.10, 4.50), (4, 2.50, 100.00, 3); UPDATE app.m SET price = 3.00 WHERE id = 1",
    );
    let (made, path) = back(&migration, "new.db", &[]);
    made.exits(0);
    let rows = ask(
        &path,
        "SELECT group_concat(id || typeof(x) || x || typeof(price) || price || typeof(words) || words) FROM m",
    );
    let expected =
        "1integer1integer3text1.50,2real2.5real2.25text2.00,3integer1real1.1text4.50,4real2.5integer100text3";
    assert_eq!(rows, expected);
    for number in ["12345678901234567890.5", "3.14159265358979323846"] {
        migration.database.ask(&format!("UPDATE app.m SET x = {number} WHERE id = 3"));
        let (made, _) = back(&migration, "back.db", &[]);
        assert!(made.exits(3).stdout.contains("m.x"), "{number}");
    }
}

/// A moment of `now()` is finer than a Julian day; a column without seconds gets them where a value has some, in its own spelling.
#[test]
fn a_moment_that_has_no_place_is_a_finding_with_the_line_that_settles_it() {
    let source = "CREATE TABLE m (id INTEGER PRIMARY KEY, jd REAL, t TEXT, z TEXT);
        INSERT INTO m VALUES (1, 2460311.0, '2024-01-01T10:00', '2024-01-01T10:00Z');
        CREATE TABLE n (m INTEGER REFERENCES m(id), k TEXT, PRIMARY KEY (m, k)) WITHOUT ROWID; INSERT INTO n VALUES (1, 'a')";
    let typed = "[tables.m]\ncolumns.jd = { type = \"timestamptz\", from = \"julian\" }\n\
                 columns.t = { type = \"timestamp\" }\ncolumns.z = { type = \"timestamptz\" }\n";
    let migration = Migration::new(source, &format!("{SPEC}{typed}"));
    migration.apply().exits(0);
    migration.database.ask(
        "INSERT INTO app.m VALUES (2, '2024-05-01 10:00:00.123457Z', '2024-05-01 10:00:05', '2024-05-01 10:00:05.5Z')",
    );
    let line = "UPDATE app.m SET jd = date_trunc('milliseconds', jd)";
    let (made, _) = back(&migration, "back.db", &[]);
    let made = made.exits(3);
    assert!(made.stdout.contains("m.jd") && made.stdout.contains(line), "{made}");
    migration.database.ask(line);
    // Rows of a table without hidden keys are named by their own.
    migration.database.ask("ALTER TABLE app.n DROP CONSTRAINT n_m_fkey; INSERT INTO app.n VALUES (77, 'q'), (78, 'r')");
    let (made, _) = back(&migration, "back.db", &[]);
    let made = made.exits(3);
    assert!(made.stdout.contains("n (2 times)") && made.stdout.contains("m=77, k='q'; m=78, k='r'"), "{made}");
    migration.database.ask("DELETE FROM app.n WHERE m > 70");
    let page = migration.directory().join("page.html");
    let (made, path) = back(&migration, "new.db", &["--report", page.to_str().unwrap()]);
    made.exits(0);
    assert_eq!(ask(&path, "SELECT t || ' ' || z FROM m WHERE id = 2"), "2024-05-01T10:00:05 2024-05-01T10:00:05.5Z");
    assert_eq!(ask(&path, "SELECT strftime('%f', jd) FROM m WHERE id = 2"), "00.123");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Made, and equal: 3 rows") && page.contains("<td>m</td>"));
}

/// The bytes of another type are never taken for a value of the planned one.
#[test]
fn a_column_that_was_altered_since_blocks_before_anything_is_written() {
    let source = "CREATE TABLE f (id INTEGER PRIMARY KEY, i INTEGER, j INTEGER, s TEXT, d DATETIME, e TEXT);
        INSERT INTO f VALUES (1, 1, 1, 'x', '2024-01-01 10:00:00', 'e')";
    let migration = Migration::new(source, SPEC);
    migration.apply().exits(0);
    let alter = |sql: &str| migration.database.ask(&format!("ALTER TABLE app.f {sql}"));
    // What changes no value's bytes does not stop it.
    alter("ALTER s TYPE varchar(90), ALTER s SET DEFAULT 'new', ALTER j SET NOT NULL");
    let (made, path) = back(&migration, "made.db", &[]);
    made.exits(0);
    assert_eq!(ask(&path, "SELECT group_concat(i || j || s || d) FROM f"), "11x2024-01-01 10:00:00");
    for (sql, undo, words) in [
        ("ALTER i TYPE real USING 1.5", "ALTER i TYPE bigint", ["f.i", "altered to real"]),
        ("ALTER i TYPE timestamptz USING now()", "ALTER i TYPE bigint USING 1", ["f.i", "timestamp with time zone"]),
        ("ALTER i TYPE text USING 'x1'", "ALTER i TYPE bigint USING 1", ["f.i", "altered to text"]),
        ("RENAME e TO other", "RENAME other TO e", ["app.f.e is gone", "RENAME COLUMN"]),
        ("RENAME TO g", "RENAME TO f", ["app.f is gone", "another name"]),
        ("DROP e", "ADD e text", ["app.f.e is gone", "another name"]),
    ] {
        alter(sql);
        let (made, path) = back(&migration, "back.db", &[]);
        let made = made.exits(3);
        assert!(words.iter().all(|word| made.stdout.contains(word)), "{sql}: {made}");
        assert!(!path.exists());
        nothing_is_left(&migration);
        migration.database.ask(&format!("ALTER TABLE app.{} {undo}", if sql == "RENAME TO g" { "g" } else { "f" }));
    }
}

#[test]
fn a_source_that_has_changed_is_no_basis_and_its_backup_is() {
    let migration = applied();
    migration.run(&["backup", "--side", "source"]).exits(0);
    migration.change_source("INSERT INTO plain VALUES (3, 'written into the old file')");
    let (refused, path) = back(&migration, "back.db", &[]);
    let refused = refused.exits(3);
    assert!(refused.stdout.contains("plain") && refused.stdout.contains("--backup"), "{refused}");
    assert!(!path.exists());
    migration.database.ask("UPDATE app.plain SET b = 'uno' WHERE a = 1");
    // The old file may be gone.
    std::fs::remove_file(migration.source()).unwrap();
    let (made, path) = back(&migration, "new.db", &["--format", "json"]);
    assert_eq!(made.exits(0).json()["basis"]["kind"], "backup");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600, "its owner's alone");
    assert_eq!(ask(&path, "SELECT group_concat(a || b) FROM plain"), "2two,2two,1uno");
    std::fs::remove_dir_all(migration.directory().join(".transship")).unwrap();
    let (refused, _) = back(&migration, "other.db", &[]);
    assert!(refused.exits(2).stderr.contains("is gone"));
}

#[test]
fn rows_that_were_rejected_come_back_as_they_were() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 1), (2, 'two'), (3, 3)";
    let migration = Migration::new(source, &format!("{SPEC}[tables.t]\non_bad_value = \"reject\"\n"));
    migration.apply().exits(0);
    migration.database.ask("DELETE FROM app.t WHERE id = 1; INSERT INTO app.t VALUES (4, 4)");
    let (made, path) = back(&migration, "new.db", &[]);
    made.exits(0);
    assert_eq!(ask(&path, "SELECT group_concat(id || ':' || n) FROM t"), "2:two,3:3,4:4");
}

/// Rows that the target had before the migration go back as well, and a note says so.
#[test]
fn rows_that_the_target_kept_go_back_and_are_noted() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'source')";
    let spec = SPEC.replace("[target]", "[target]\ntables = \"existing\"\nexisting_rows = \"keep\"");
    let migration = Migration::new(source, &spec);
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.t (id bigint PRIMARY KEY, v text); INSERT INTO app.t VALUES (8, 'before')",
    );
    migration.apply().exits(0);
    let (made, path) = back(&migration, "new.db", &[]);
    let made = made.exits(0);
    assert!(made.stdout.contains("existing_rows") && made.stdout.contains("notes: t"), "{made}");
    assert_eq!(ask(&path, "SELECT group_concat(id || v) FROM t"), "1source,8before");
}

/// A process that is killed leaves no file of that name, and the next one makes it.
#[test]
fn a_killed_way_back_leaves_no_half_of_a_file() {
    let migration = applied();
    let path = migration.directory().join("new.db");
    let mut command = migration.command(&["back", "--to", path.to_str().unwrap()]);
    let died = run(command.env("TRANSSHIP_FAILPOINT", "back_copied"));
    assert_eq!(died.code, None, "{died}");
    assert!(!path.exists());
    let mut entries = std::fs::read_dir(migration.directory()).unwrap();
    assert!(entries.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(".new.db.back-")));
    // A directory of the same name that is not ours stays.
    let other = migration.directory().join(".other.db.back-1-2-3");
    std::fs::create_dir(&other).unwrap();
    let (made, path) = back(&migration, "new.db", &[]);
    assert!(made.exits(0).stderr.contains("is removed: a `back` that was killed had left it"));
    std::fs::remove_dir(other).unwrap();
    nothing_is_left(&migration);
    assert_eq!(ask(&path, "PRAGMA integrity_check"), "ok");
}

/// Neither a full disk nor a limit on the size of files leaves anything behind.
#[test]
fn a_disk_that_is_full_is_an_error_and_nothing_stays() {
    let migration = applied();
    let path = migration.directory().join("back.db");
    let command = migration.command(&["back", "--to", path.to_str().unwrap()]);
    let mut limited = std::process::Command::new("sh");
    limited
        .arg("-c")
        .arg("ulimit -f 20; trap '' XFSZ; exec \"$0\" \"$@\"")
        .arg(command.get_program())
        .args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    let failed = run(&mut limited).exits(1);
    let words = failed.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(words.contains("cannot be written"), "{failed}");
    assert!(!path.exists());
    nothing_is_left(&migration);
}

/// The filter is the one of the table, whose columns compare in their own way.
#[test]
fn rows_beyond_a_filter_that_ignores_case_go_back() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT COLLATE NOCASE, n INTEGER);
        INSERT INTO t VALUES (1, 'a', 1), (2, 'X', 2), (3, 'b', 3);
        CREATE VIRTUAL TABLE found USING fts5(kind); INSERT INTO found (rowid, kind) SELECT id, kind FROM t";
    let with = |filter: &str| format!("{SPEC}[tables.t]\nwhere = \"{filter}\"\n[tables.found]\nskip = true\n");
    // The last one is about all rows: it passes another one afterwards.
    for (filter, beyond) in [("kind <> 'X'", Some(1)), ("kind = 'X'", Some(1)), ("n < (SELECT max(n) FROM t)", None)] {
        let migration = Migration::new(source, &with(filter));
        migration.apply().exits(0);
        migration
            .database
            .ask("INSERT INTO app.t VALUES (4, 'x', 4), (5, 'c', 5); UPDATE app.t SET n = 10 WHERE id = 1");
        let (made, path) = back(&migration, "new.db", &["--format", "json"]);
        let made = made.exits(0).json();
        let findings = made["findings"].as_array().unwrap();
        let found = |code: &str| findings.iter().find(|finding| finding["code"] == code);
        let count = found("rows_beyond_filter").map(|finding| finding["count"].as_u64().unwrap());
        assert_eq!(count, beyond, "{filter}: {made:#}");
        assert!(found("index_over_words").is_some_and(|found| found["table"] == "found"), "{made:#}");
        assert_eq!(made["verification"]["tables"][0]["extra_allowed"], false, "{made:#}");
        let rows = "SELECT group_concat(id, ',') FROM (SELECT id FROM t ORDER BY id)";
        assert_eq!(ask(&path, rows), "1,2,3,4,5", "{filter}: {made:#}");
        assert_eq!(std::fs::metadata(&path).unwrap().mode(), std::fs::metadata(migration.source()).unwrap().mode());
    }
}
