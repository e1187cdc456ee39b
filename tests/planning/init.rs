//! `transship init`: the spec that it writes for a live source works as it is, and loses nothing.

use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, Ran, program, run};
use std::path::{Path, PathBuf};

/// Runs a command on the spec that init wrote.
fn with_spec(migration: &Migration, words: &[&str]) -> Ran {
    let [command, rest @ ..] = words else { panic!("no command") };
    run(program().env("DATABASE_URL", &migration.database.url).arg(command).arg(starter(migration)).args(rest))
}

fn starter(migration: &Migration) -> PathBuf {
    migration.directory().join("starter.toml")
}

/// The sources of SQLite; `tests/proving/mysql_schemas.rs` has the others.
fn sources() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let name = |case: &Path| case.file_name().unwrap().to_string_lossy().into_owned();
    let mut sources: Vec<_> = entries
        .filter_map(|case| Some((name(&case), std::fs::read_to_string(case.join("source.sql")).ok()?)))
        .collect();
    sources.retain(|(name, _)| !name.starts_with("mysql_"));
    sources.sort();
    sources
}

fn goes_through_unedited(source: &str) {
    let migration = Migration::new(source, "");
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    assert!(written.stdout.is_empty(), "{written}");
    with_spec(&migration, &["check"]).exits(0);
    with_spec(&migration, &["plan"]).exits(0);
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    let verified = with_spec(&migration, &["verify", "--format", "json"]).exits(0).json();
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    let promises = ["loses no value and alters none.", "leaves no row behind; "];
    let promises = promises.map(|promise| format!("It is complete as it is, and what it decides {promise}"));
    assert!(promises.iter().any(|promise| text.replace("\n# ", " ").contains(promise)), "{text}");
    for table in verified["tables"].as_array().unwrap() {
        assert_eq!((&table["filtered_rows"], &table["rejected_rows"]), (&0.into(), &0.into()), "{table}");
        assert_eq!(table["source_rows"], table["target_rows"], "{table}");
    }
    let again = with_spec(&migration, &["apply", "--yes"]).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

#[test]
fn every_case_goes_through_unedited() {
    let sources = sources();
    assert!(sources.len() > 20);
    let queue = std::sync::Mutex::new(sources.into_iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut failed = Vec::new();
        while let Some((name, source)) = next() {
            if std::panic::catch_unwind(|| goes_through_unedited(&source)).is_err() {
                failed.push(name);
            }
        }
        failed
    };
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers = (0..4).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

/// Columns, rows and names that need a decision of every kind that init makes.
const NEEDY: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, born DATE, anything, big VARCHAR(3));
    INSERT INTO users VALUES (1, 'yesterday', 1, 'long text'), (2, '2024-01-01', X'00ff', 'a'), (3, NULL, 'x', NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, CTID TEXT, ctid_ TEXT);
    INSERT INTO orders VALUES (1, 1, 'a', 'b'), (2, 99, 'c', 'd');
    CREATE TABLE \"say \"\"${HOME}\"\"\" (\"ctid\" TEXT, a TEXT);
    CREATE TABLE alembic_version (version_num VARCHAR(32));
    CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END;";

#[test]
fn the_spec_says_what_was_decided_and_why() {
    let migration = Migration::new(NEEDY, "");
    let printed = migration.init(&["sqlite:source.db"]).exits(0);
    assert!(
        printed.stderr.contains("\n1 trigger stays behind: `transship plan SPEC` says what and why\n"),
        "the number of what stays behind is in the last lines: {printed}"
    );
    // An SQL literal is not the text.
    let altered = printed.stderr.lines().last().unwrap();
    assert!(altered.starts_with("values are altered, as decided: users.anything: 1 value"), "{printed}");
    assert!(printed.stderr.starts_with("alembic_version: Alembic records its migrations in it"), "{printed}");
    insta::assert_snapshot!("needy", printed.stdout);
    goes_through_unedited(NEEDY);
}

/// Values that differ in their storage class alone, in keys and elsewhere, and keys that only an index has.
const ALIKE: &str = "
    CREATE TABLE a (id INTEGER PRIMARY KEY, b BLOB UNIQUE); INSERT INTO a VALUES (1, 'A'), (2, x'41');
    CREATE TABLE b (x UNIQUE); INSERT INTO b VALUES (1), ('1'), (1.5), ('1.5'), (x'31');
    CREATE TABLE c (x PRIMARY KEY) WITHOUT ROWID; INSERT INTO c VALUES (1), ('1');
    CREATE TABLE d (x, y BLOB); INSERT INTO d VALUES (1, x'41'), ('1', 'A'), (2, 'B'), (x'31', NULL);
    CREATE TABLE kv (k TEXT PRIMARY KEY, v ANY) STRICT; INSERT INTO kv VALUES ('a', 1), ('b', '1'), ('c', x'31');";

#[test]
fn values_that_differ_stay_different() {
    goes_through_unedited(ALIKE);
    let migration = Migration::new(ALIKE, "");
    let printed = migration.init(&["source.db"]).exits(0).stdout;
    assert!(!printed.lines().any(|line| line.starts_with("where") || line.starts_with("indexes")), "{printed}");
    migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    for (column, number) in [("a.b", 2), ("b.x", 5), ("c.x", 2), ("d.x", 4), ("d.y", 3), ("kv.v", 3)] {
        let (table, name) = column.split_once('.').unwrap();
        let different = migration.database.value(&format!("SELECT count(DISTINCT {name}) FROM starter.{table}"));
        assert_eq!(different, number.to_string(), "{column}");
    }
}

/// A row that no shape of its table keeps, for it is wider than a page; and the decision of people about it.
#[test]
fn a_row_that_nothing_keeps_is_left_to_people() {
    let columns = (0..1500).map(|at| format!("t{at} TEXT")).collect::<Vec<_>>().join(", ");
    let values = vec!["'abcdefghijkl'"; 1500].join(", ");
    let source = format!(
        "CREATE TABLE wide (id INTEGER PRIMARY KEY, {columns}); INSERT INTO wide (id) VALUES (1);
         INSERT INTO wide VALUES (2, {values})"
    );
    let migration = Migration::new(&source, "");
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(3);
    assert!(written.stderr.contains("still open: wide: 1 row is wider than a page"), "{written}");
    assert!(written.stderr.contains("id=2") && written.stderr.contains("where = "), "{written}");
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    assert!(!text.replace("\n# ", " ").contains("complete as it is") && !text.contains("\nwhere"), "{text}");
    with_spec(&migration, &["plan"]).exits(3);
    // Its comment has the line that leaves the row behind.
    let line = text.lines().find_map(|line| line.strip_prefix("#     where = ")).unwrap();
    std::fs::write(starter(&migration), format!("{text}\n[tables.wide]\nwhere = {line}\n")).unwrap();
    let plan = with_spec(&migration, &["plan", "--format", "json"]).exits(0).json();
    let finding = plan["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "rows_left_behind");
    let finding = finding.expect("what stays behind is a finding");
    assert_eq!((&finding["count"], &finding["examples"]), (&1.into(), &serde_json::json!(["id=2"])));
    let text = with_spec(&migration, &["plan"]).exits(0);
    assert!(
        text.stdout.contains("; 1 row in 1 table") && text.stdout.contains("`where` leaves 1 row behind"),
        "{text}"
    );
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    let verified = with_spec(&migration, &["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["tables"][0]["filtered_rows"], 1);
}

/// Keys whose values are longer than a page takes stay behind, and no row does; what a hidden column of a virtual table
/// holds is carried too.
#[test]
fn rows_are_kept_and_keys_stay_behind() {
    let long = "hex(randomblob(6000))";
    let source = format!(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, UNIQUE (body)); INSERT INTO notes VALUES (1, {long}), (2, 'x');
         CREATE TABLE pages (body TEXT PRIMARY KEY); INSERT INTO pages VALUES ({long});
         CREATE VIRTUAL TABLE talks USING fts4(said, languageid=\"language\");
         INSERT INTO talks (said, language) VALUES ('ahoi', 7);
         CREATE VIRTUAL TABLE words USING fts4aux(talks);"
    );
    goes_through_unedited(&source);
    let migration = Migration::new(&source, "");
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let told = "left behind for the rows that they refuse: primary key pages, unique notes (body)";
    assert!(written.stderr.contains(told), "{written}");
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    let value = |sql: &str| migration.database.value(sql);
    assert_eq!(value("SELECT count(*) || ' ' || max(length(body)) FROM starter.notes"), "2 12000");
    assert_eq!(value("SELECT count(*) || ' ' || max(length(body)) FROM starter.pages"), "1 12000");
    assert_eq!(value("SELECT said || language FROM starter.talks"), "ahoi7");
    let keys = "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE contype IN ('p', 'u')
                AND connamespace = 'starter'::regnamespace";
    assert_eq!(value(keys), "notes_pkey talks_pkey");
}

/// Nanoseconds stay times: the digits that PostgreSQL does not keep go by a decision, which is counted and said at the end.
#[test]
fn nanoseconds_stay_times_and_are_counted() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, at DATETIME);
                  INSERT INTO a VALUES (1, '2024-01-05 10:11:12.123456789'), (2, '2024-01-05 10:11:12.5'), (3, NULL);";
    goes_through_unedited(source);
    let migration = Migration::new(source, "");
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    assert!(written.stderr.contains("values are altered, as decided: a.at: 1 value does not fit"), "{written}");
    assert!(!written.stderr.contains("nothing is lost"), "{written}");
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    assert!(text.contains("columns.at = { type = \"timestamptz\", fraction = \"truncate\" }"), "{text}");
    assert!(text.contains("# or: type = \"text\"; "), "{text}");
    let plan = with_spec(&migration, &["plan", "--format", "json"]).exits(0).json();
    let finding = plan["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "values_shortened");
    let finding = finding.expect("what is shortened is a finding");
    assert_eq!((&finding["count"], &finding["severity"]), (&1.into(), &"notes".into()));
    let events = with_spec(&migration, &["apply", "--yes", "--format", "json"]).exits(0).stdout;
    let last = events.lines().last().unwrap().parse::<serde_json::Value>().unwrap();
    assert_eq!((&last["event"], &last["shortened"]), (&"run_done".into(), &1.into()));
    let value = |sql: &str| migration.database.value(sql);
    assert_eq!(value("SELECT shortened FROM transship.chunk"), r#"{"at":1}"#);
    assert_eq!(value("SELECT at AT TIME ZONE 'UTC' FROM starter.a WHERE id = 1"), "2024-01-05 10:11:12.123456");
    let verified = with_spec(&migration, &["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["tables"][0]["shortened_values"], 1);
    // The count is in the ledger of the version before as well, once it is brought up to date.
    migration.database.ask(
        "ALTER TABLE transship.chunk DROP shortened; COMMENT ON SCHEMA transship IS 'ledger of transship, version 5'",
    );
    with_spec(&migration, &["status"]).exits(0);
    with_spec(&migration, &["verify"]).exits(0);
}

/// A table whose rows nobody can read here may hold them alone: that blocks, and init leaves it to people.
#[test]
fn integers_that_look_like_times_are_offered_and_stay_numbers() {
    let source = "CREATE TABLE events (id INTEGER PRIMARY KEY, created_at INTEGER, nanos_ts INTEGER, day_date INTEGER, \
                      deleted_at INTEGER, number INTEGER, made INTEGER DEFAULT (strftime('%s','now')), noDate INTEGER);
                  INSERT INTO events VALUES (1, 1700000000, 1700000000123456789, 20240105, 0, 1700000000, 1700000000, 5);
                  INSERT INTO events VALUES (2, 1700000100, NULL, 20241231, 1700000000, 1700000000, NULL, 1700000000);
                  CREATE TABLE people (id INTEGER PRIMARY KEY, born INTEGER, joined DATETIME);
                  INSERT INTO people VALUES (1, 3542400000, 3542400000), (2, 946684800000, 946684800000),
                      (3, -259200000, -259200000), (4, 631152000000, 1700000000123);
                  CREATE TABLE days (id INTEGER PRIMARY KEY, stamp DATETIME, rough DATETIME);
                  INSERT INTO days VALUES (1, julianday('2024-02-29 12:34:56.789'), 2460370.1234567);";
    let migration = Migration::new(source, "");
    migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    for line in [
        "# [tables.events]",
        "# columns.created_at = { type = \"timestamptz\", from = \"unix_s\" }",
        "# columns.nanos_ts = { type = \"timestamptz\", from = \"unix_ns\", fraction = \"truncate\" }",
        "# columns.day_date = { type = \"date\", from = \"yyyymmdd\" }",
        "# columns.deleted_at = { type = \"timestamptz\", from = \"unix_s\" }",
        "# columns.made = { type = \"timestamptz\", from = \"unix_s\" }",
        // Two of these days are in 1970 and 1969.
        "# columns.born = { type = \"timestamptz\", from = \"unix_ms\" }",
        "columns.joined = { type = \"timestamptz\", from = \"unix_ms\" }",
        "columns.stamp = { type = \"timestamptz\", from = \"julian\" }",
        "columns.rough = { type = \"timestamptz\", fraction = \"round\", from = \"julian\" }",
    ] {
        assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
    }
    assert!(!text.contains("columns.number") && !text.contains("columns.noDate"), "{text}");
    assert_eq!(text.matches("# or: type = \"double precision\"").count(), 2, "{text}");
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    assert_eq!(migration.database.value("SELECT pg_typeof(created_at)::text FROM starter.events LIMIT 1"), "bigint");
    let offers = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(offer) if offer.starts_with("columns.") || ["[tables.events]", "[tables.people]"].contains(&offer) => {
            offer
        }
        _ => line,
    });
    let taken = offers.collect::<Vec<_>>().join("\n");
    with_spec(&migration, &["rollback", "--yes"]).exits(0);
    std::fs::write(starter(&migration), taken).unwrap();
    with_spec(&migration, &["plan"]).exits(0);
    with_spec(&migration, &["apply", "--yes"]).exits(0);
    let born = "SELECT string_agg((born AT TIME ZONE 'UTC')::date::text, ' ' ORDER BY id) FROM starter.people";
    assert_eq!(migration.database.value(born), "1970-02-11 2000-01-01 1969-12-29 1990-01-01");
}

#[test]
fn rows_that_cannot_be_read_block() {
    let source = "PRAGMA writable_schema = 1; INSERT INTO sqlite_schema VALUES ('table', 'vectors', 'vectors', 0,
                  'CREATE VIRTUAL TABLE vectors USING vec0(embedding float[3])');";
    let migration = Migration::new(source, "");
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(3);
    assert!(written.stderr.contains("still open: vectors: the virtual table vectors"), "{written}");
    with_spec(&migration, &["plan"]).exits(3);
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    std::fs::write(starter(&migration), format!("{text}\n[tables.vectors]\nskip = true\n")).unwrap();
    with_spec(&migration, &["plan"]).exits(0);
}

/// Text that arrives as it is unless people say otherwise stands in the file with the lines that say so.
#[test]
fn text_that_looks_encoded_twice_is_worth_a_look() {
    let server = mariadb();
    let source = server.create_database();
    server.ask(
        &source,
        "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET utf8mb4);
         INSERT INTO people VALUES (1, 'MÃ¼ller'), (2, 'Müller'), (3, 'Ada')",
    );
    let migration = Migration::new("", "");
    migration.init(&[&server.url(&source), "-o", "starter.toml"]).exits(0);
    let text = std::fs::read_to_string(starter(&migration)).unwrap();
    assert!(text.contains("# Worth a look") && !text.contains("Ã"), "{text}");
    let advice = text.lines().filter_map(|line| line.strip_prefix("#     "));
    let lines = advice.filter(|line| line.starts_with(['[', 'f'])).collect::<Vec<_>>().join("\n");
    std::fs::write(starter(&migration), format!("{text}\n{lines}\n")).unwrap();
    for (command, words) in [("apply", &["--yes"][..]), ("verify", &[])] {
        let mut program = program();
        program.env("DATABASE_URL", &migration.database.url).env("MYSQL_PASSWORD", "secret");
        run(program.arg(command).arg(starter(&migration)).args(words)).exits(0);
    }
    let names = "SELECT string_agg(name, ',' ORDER BY id) FROM starter.people";
    assert_eq!(migration.database.value(names), "Müller,Müller,Ada");
}

#[test]
fn no_file_is_written_over() {
    let migration = Migration::new(NEEDY, "");
    std::fs::write(starter(&migration), "mine").unwrap();
    let refused = migration.init(&["source.db", "-o", "starter.toml"]).exits(2);
    assert!(refused.stderr.contains("starter.toml is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(starter(&migration)).unwrap(), "mine");
}

#[test]
fn relative_paths_start_at_the_spec() {
    let migration = Migration::new("CREATE TABLE \"a\" (b TEXT)", "");
    let directory = migration.directory().join("deep/specs");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::copy(migration.source(), migration.directory().join("a ${b}.db")).unwrap();
    migration.init(&["a ${b}.db", "-o", "deep/specs/a.toml"]).exits(0);
    let text = std::fs::read_to_string(directory.join("a.toml")).unwrap();
    assert!(text.contains("url = \"sqlite:../../a $${b}.db\""), "{text}");
    run(program().env("DATABASE_URL", &migration.database.url).arg("plan").arg(directory.join("a.toml"))).exits(0);
    let absolute = format!("sqlite://{}", migration.source().display());
    let printed = migration.init(&[&absolute]).exits(0);
    assert!(printed.stdout.contains(&format!("url = \"sqlite:{}\"", migration.source().display())), "{printed}");
}

#[test]
fn what_is_no_source_is_named() {
    let migration = Migration::small();
    for (source, words) in [
        ("missing.db", "there is no file missing.db"),
        ("sqlite:missing.db", "missing.db"),
        ("postgres://user:secret@host/db", "not from"),
        ("spec.toml", "spec.toml"),
    ] {
        let refused = migration.init(&[source]).exits(2);
        assert!(refused.stderr.contains(words) && !refused.stderr.contains("secret"), "{source}: {refused}");
        assert!(refused.stdout.is_empty(), "{refused}");
    }
}
