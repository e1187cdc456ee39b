//! A spec as `transship init` writes it: what it decides is true of all values, and what it leaves open has a way on.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, Ran, program, run};
use serde_json::Value;

fn spec(migration: &Migration) -> String {
    std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap()
}

/// A database of a MariaDB server, and its URL.
fn of_mariadb(source: &str) -> (Migration, String) {
    let server = mariadb();
    let name = server.create_database();
    server.ask(&name, source);
    (Migration::with_source(|_| {}, "", Database::create()), server.url(&name))
}

/// A command with the spec that `init` has written, and these lines behind it.
fn with(migration: &Migration, lines: &str, words: &[&str]) -> Ran {
    let path = migration.directory().join("edited.toml");
    std::fs::write(&path, spec(migration) + "\n" + lines).unwrap();
    let [command, rest @ ..] = words else { panic!("no command") };
    let mut program = program();
    program.env("DATABASE_URL", &migration.database.url).env("MYSQL_PASSWORD", "secret");
    run(program.arg(command).arg(&path).args(rest))
}

/// The messages and suggestions of the findings with a code.
fn found(plan: &Value, code: &str) -> Vec<(String, String)> {
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    findings.map(|finding| (text(finding, "message"), text(finding, "suggestion"))).collect()
}

#[test]
fn a_key_that_keeps_spellings_apart_as_bytes_is_told() {
    let source =
        "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT COLLATE NOCASE UNIQUE, plain VARCHAR(9) UNIQUE);
        INSERT INTO words VALUES (1, 'a' || char(0) || 'b', 'x' || char(0)), (2, 'Ada', 'y')";
    let sqlite = Migration::new(source, "");
    sqlite.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let source = "CREATE TABLE words (id INT PRIMARY KEY, word VARCHAR(40) COLLATE utf8mb4_unicode_ci UNIQUE,
            plain VARCHAR(41) COLLATE utf8mb4_nopad_bin UNIQUE);
        INSERT INTO words VALUES (1, 'a\\0b', 'x\\0'), (2, 'Ada', 'y')";
    let (maria, url) = of_mariadb(source);
    maria.init(&[&url, "-o", "starter.toml"]).exits(0);
    for migration in [sqlite, maria] {
        let plan = with(&migration, "", &["plan", "--format", "json"]).exits(0).json();
        let told = found(&plan, "collation_omitted");
        let of_key = told.iter().filter(|(message, _)| message.contains("bytea keeps apart")).collect::<Vec<_>>();
        let [(message, lines)] = of_key.as_slice() else { panic!("{told:?}") };
        assert!(message.contains("may repeat a key") && !message.contains("plain"), "{message}");
        with(&migration, "", &["apply", "--yes"]).exits(0);
        let schema = migration.database.value("SELECT schemaname FROM pg_tables WHERE tablename = 'words'");
        migration.database.ask(&format!("INSERT INTO \"{schema}\".words (id, word) VALUES (3, 'aDA')"));

        let line = lines.lines().find(|line| line.starts_with("columns.word")).unwrap();
        let before = spec(&migration);
        let known =
            before.lines().map(|own| if own.starts_with("columns.word ") { line } else { own }).collect::<Vec<_>>();
        assert!(known.contains(&line), "{known:?}");
        std::fs::write(migration.directory().join("starter.toml"), known.join("\n")).unwrap();
        let plan = with(&migration, "", &["plan", "--format", "json"]).json();
        assert!(
            !found(&plan, "collation_omitted").iter().any(|(message, _)| message.contains("keeps apart")),
            "{plan}"
        );
    }
}

#[test]
fn a_text_that_the_applications_table_cannot_hold_makes_no_literal_of_the_others() {
    let source = "CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT NOT NULL, at BLOB);
        INSERT INTO cache VALUES ('a', 'plain', 'text'), ('b', 'x' || char(0), x'ff00'), ('c', 'it''s', x'fc')";
    let migration = Migration::new(source, "");
    migration
        .database
        .ask("CREATE SCHEMA app; CREATE TABLE app.cache (key text PRIMARY KEY, value text NOT NULL, at text)");
    migration.init(&["source.db", "-o", "starter.toml", "--target", &migration.database.url]).exits(3);
    assert!(!spec(&migration).contains("literal"), "{}", spec(&migration));
    let plan = with(&migration, "", &["plan", "--format", "json"]).exits(3).json();
    let told = found(&plan, "value_does_not_fit");
    assert!(!told.is_empty() && told.iter().all(|(_, lines)| lines.contains("source_sql")), "{told:?}");
    // SQLite's replace() takes a NUL for nothing to replace.
    let lines = "[tables.cache.columns]\nat.skip = true\nvalue.source_sql = \"CASE WHEN instr(value, char(0)) > 0 THEN \
                 substr(value, 1, instr(value, char(0)) - 1) ELSE value END\"\n";
    with(&migration, lines, &["apply", "--yes"]).exits(0);
    let values = "SELECT string_agg(value, '|' ORDER BY key) FROM app.cache";
    assert_eq!(migration.database.value(values), "plain|x|it's");
}

#[test]
fn orphans_of_the_applications_own_key_have_a_way_that_keeps_every_row() {
    for key in ["pid INTEGER REFERENCES p", "pid INTEGER"] {
        let source = format!(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, {key});
            INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1), (2, 9)"
        );
        let migration = Migration::new(&source, "");
        migration.database.ask(
            "CREATE SCHEMA app; CREATE TABLE app.p (id integer PRIMARY KEY);
            CREATE TABLE app.c (id integer PRIMARY KEY, pid integer CONSTRAINT \"To p\" REFERENCES app.p)",
        );
        migration.init(&["source.db", "-o", "starter.toml", "--target", &migration.database.url]).exits(3);
        let decided = spec(&migration);
        assert!(!decided.lines().any(|line| line.starts_with("foreign_keys.")), "{decided}");
        let plan = with(&migration, "", &["plan", "--format", "json"]).exits(3).json();
        let told = found(&plan, "foreign_key_orphans");
        let [(_, lines)] = told.as_slice() else { panic!("{told:?}") };
        assert!(!lines.contains("not_valid") && !lines.contains("comparison"), "{lines}");
        let way = lines.lines().find_map(|line| line.strip_prefix("# ALTER")).unwrap();
        migration.database.ask(&format!("ALTER{way}"));
        with(&migration, "", &["apply", "--yes"]).exits(0);
        assert_eq!(migration.database.value("SELECT string_agg(pid::text, ',' ORDER BY id) FROM app.c"), "1,9");
        let valid = "SELECT convalidated FROM pg_constraint WHERE conname = 'To p'";
        assert_eq!(migration.database.value(valid), "f");
        with(&migration, "", &["verify"]).exits(0);
    }
}

#[test]
fn two_indexes_over_words_have_one_search() {
    let sqlite = Migration::new(
        "CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT, body TEXT); INSERT INTO pages VALUES (1, 'Ada', 'Grace');
        CREATE VIRTUAL TABLE titles USING fts5(title, content = 'pages', content_rowid = 'id');
        CREATE VIRTUAL TABLE bodies USING fts5(body, content = 'pages', content_rowid = 'id')",
        "",
    );
    sqlite.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let source = "CREATE TABLE pages (id INT PRIMARY KEY, title VARCHAR(40), body TEXT, FULLTEXT titles (title), FULLTEXT bodies (body));
        INSERT INTO pages VALUES (1, 'Ada', 'Grace')";
    let (maria, url) = of_mariadb(source);
    maria.init(&[&url, "-o", "starter.toml"]).exits(0);
    for migration in [sqlite, maria] {
        let plan = |lines: &str| {
            let plan = with(&migration, lines, &["plan", "--format", "json"]).exits(0).json();
            found(&plan, "full_text_index")
        };
        let told = plan("");
        let [(message, lines)] = told.as_slice() else { panic!("{told:?}") };
        assert!(message.contains("titles") && message.contains("are full-text indexes"), "{message}");
        assert_eq!(plan(lines), []);
        // One that finds the words of one column alone leaves the other's index open.
        let told = plan("[tables.pages]\nsearch = { columns = [\"title\"], column = \"words\" }");
        let [(message, lines)] = told.as_slice() else { panic!("{told:?}") };
        assert!(message.starts_with("bodies is"), "{message}");
        assert!(lines.contains("columns = [\"title\", \"body\"]") && lines.contains("column = \"words\""), "{lines}");
    }
}

#[test]
fn a_zero_date_elsewhere_is_no_reason_for_what_stays_behind() {
    let source = "SET sql_mode = ''; CREATE TABLE dated (d DATE); INSERT INTO dated VALUES ('0000-00-00');
        CREATE TABLE kept (id INT PRIMARY KEY, w VARCHAR(20), t LONGTEXT, KEY by_w (w(3)), KEY by_t (t(20)), CHECK (char_length(w) < 15));
        INSERT INTO kept VALUES (1, 'a\\0b', CONVERT(x'C383C2BC' USING utf8mb4))";
    let (migration, url) = of_mariadb(source);
    migration.init(&[&url, "-o", "starter.toml"]).exits(0);
    assert!(spec(&migration).contains("zero_dates"), "{}", spec(&migration));
    // What is proposed for a text that was encoded twice keeps its index.
    let lines = "[tables.kept.columns.t]\nfrom = \"double_utf8\"";
    let plan = with(&migration, lines, &["plan", "--format", "json"]).exits(0).json();
    let told = [found(&plan, "check_omitted"), found(&plan, "index_omitted")].concat();
    let is_of_w = |(message, _): &(String, String)| message.contains("`w` is kept in another form");
    assert!(told.len() == 2 && told.iter().all(is_of_w), "{told:?}");
    with(&migration, lines, &["apply", "--yes"]).exits(0);
    let index = "SELECT count(*) FROM pg_indexes WHERE tablename = 'kept' AND indexdef LIKE '%\"left\"(t, 20)%'";
    assert_eq!(migration.database.value(index), "1");
    let table = migration.database.value("SELECT schemaname || '.kept' FROM pg_tables WHERE tablename = 'kept'");
    assert_eq!(migration.database.value(&format!("SELECT t FROM {table}")), "ü");
}

#[test]
fn a_column_of_the_applications_own_becomes_nothing_else() {
    let source =
        "CREATE TABLE flags (id INT PRIMARY KEY, ok TINYINT(1), t TIME); INSERT INTO flags VALUES (1, 2, '30:00:00')";
    let (migration, url) = of_mariadb(source);
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.flags (id integer PRIMARY KEY, ok boolean, t time)");
    migration.init(&[&url, "-o", "starter.toml", "--target", &migration.database.url]).exits(3);
    let plan = with(&migration, "", &["plan", "--format", "json"]).exits(3).json();
    assert_eq!(found(&plan, "value_does_not_fit").len(), 2);
    assert_eq!(found(&plan, "type_by_values"), []);
}

#[test]
fn a_column_that_is_no_text_is_left_out_of_the_search() {
    let source = "CREATE VIRTUAL TABLE notes USING fts5(title, body);
        INSERT INTO notes VALUES ('one', 'plain'), ('two', 'a' || char(0) || 'b');
        CREATE VIRTUAL TABLE blobs USING fts5(body); INSERT INTO blobs VALUES ('a' || char(0) || 'b')";
    let migration = Migration::new(source, "");
    migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let decided = spec(&migration);
    assert!(decided.contains("search.columns = [\"title\"]"), "{decided}");
    with(&migration, "", &["apply", "--yes"]).exits(0);
    with(&migration, "", &["verify"]).exits(0);
    let schema = migration.database.value("SELECT schemaname FROM pg_tables WHERE tablename = 'notes'");
    let found = format!("SELECT count(*) FROM \"{schema}\".notes WHERE search @@ to_tsquery('simple', 'two')");
    assert_eq!(migration.database.value(&found), "1");
    let rows = format!("SELECT encode(body, 'hex') FROM \"{schema}\".blobs");
    assert_eq!(migration.database.value(&rows), "610062");
}

#[test]
fn a_default_with_a_time_of_day_makes_its_date_a_timestamp() {
    let source = "CREATE TABLE empty (id INTEGER PRIMARY KEY, created DATE DEFAULT CURRENT_TIMESTAMP, day DATE DEFAULT CURRENT_DATE);
        CREATE TABLE days (id INTEGER PRIMARY KEY, created DATE DEFAULT (datetime('now')), other DATE);
        INSERT INTO days VALUES (1, '2024-02-29', '2024-02-29');
        CREATE TABLE words (id INTEGER PRIMARY KEY, created DATE DEFAULT CURRENT_TIMESTAMP); INSERT INTO words VALUES (1, 'soon')";
    let migration = Migration::new(source, "");
    migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    let plan = with(&migration, "", &["plan", "--format", "json"]).exits(0).json();
    assert_eq!(
        (found(&plan, "default_with_time"), found(&plan, "default_omitted")),
        (Vec::new(), Vec::new()),
        "{plan:#}"
    );
    with(&migration, "", &["apply", "--yes"]).exits(0);
    with(&migration, "", &["verify"]).exits(0);
    let columns =
        "SELECT string_agg(concat_ws(' ', table_name, column_name, data_type, column_default IS NOT NULL), ', '
        ORDER BY table_name, column_name) FROM information_schema.columns WHERE table_name IN ('empty', 'days', 'words')
        AND column_name <> 'id'";
    assert_eq!(
        migration.database.value(columns),
        "days created timestamp without time zone t, days other date f, empty created timestamp without time zone t, \
         empty day date t, words created text t"
    );
}

#[test]
fn numbers_outside_of_all_tables_are_said_once() {
    let source = "PRAGMA user_version = 7; PRAGMA application_id = 42; CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id)";
    let migration = Migration::new(source, "");
    let words = "PRAGMA application_id = 42 and PRAGMA user_version = 7";
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    assert_eq!(written.stderr.matches(words).count(), 1, "{written}");
    let file = migration.directory().join("facts.json");
    let file = file.to_str().unwrap();
    with(&migration, "", &["inspect", "--out", file]).exits(0);
    for source in [&[][..], &["--source", file]] {
        let plan = with(&migration, "", &[&["plan", "--format", "json"], source].concat()).exits(0).json();
        let told = found(&plan, "application_numbers");
        assert!(matches!(told.as_slice(), [(message, _)] if message.contains(words)), "{told:?}");
    }
}

#[test]
fn a_source_without_a_table_is_said_by_every_command() {
    let migration = Migration::new("PRAGMA user_version = 3", "");
    let words = "the source has no table";
    let written = migration.init(&["source.db", "-o", "starter.toml"]).exits(0);
    assert!(written.stderr.contains(words), "{written}");
    let planned = with(&migration, "", &["plan"]).exits(0);
    assert!(planned.stdout.contains(words), "{planned}");
    let applied = with(&migration, "", &["apply", "--yes"]).exits(0);
    assert!(applied.output().contains(words), "{applied}");
}
