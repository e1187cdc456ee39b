//! What `apply` would meet is found by `plan`: PostgreSQL tries the plan's statements, the role's rights are named, and nothing
//! of the trial stays.

use crate::support::database::{Database, Rows};
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::server::Server;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Everything that a trial could leave behind: schemas, roles, settings, extensions, relations, types, functions.
fn traces(database: &Database) -> Rows {
    database.ask(
        "SELECT 'schema', nspname::text, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
         UNION ALL SELECT 'role', rolname::text, '' FROM pg_roles WHERE rolname = 'judgement_reader'
         UNION ALL SELECT 'setting', '', setconfig::text FROM pg_db_role_setting
             WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
         UNION ALL SELECT 'extension', extname::text, '' FROM pg_extension
         UNION ALL SELECT 'relation', oid::text, oid::regclass::text FROM pg_class
         UNION ALL SELECT 'type', oid::text, '' FROM pg_type UNION ALL SELECT 'function', oid::text, '' FROM pg_proc
         ORDER BY 1, 2, 3",
    )
}

fn planned(migration: &Migration, code: i32) -> Value {
    migration.run(&["plan", "--format", "json"]).exits(code).json()
}

/// The only finding that blocks.
fn blocking(plan: &Value) -> &Value {
    let blocking = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let [finding] = blocking.collect::<Vec<_>>()[..] else { panic!("{plan:#}") };
    finding
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding[key].as_str().unwrap_or_default()
}

#[test]
fn a_default_that_its_type_cannot_hold_is_found_with_the_column_and_its_literal() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'x', at CARD DEFAULT '08:00:2b:01:02:0g');
        CREATE TABLE child (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id));
        CREATE VIEW v AS SELECT name FROM t";
    let spec = format!(
        "{SPEC}settings = {{ timezone = \"UTC\" }}\nextensions = [\"pg_trgm\"]\ngrants = {{ judgement_reader = \"read\" }}\n[types]\n\"CARD\" = \"macaddr\"\n"
    );
    let migration = Migration::new(source, &spec);
    let before = traces(&migration.database);
    let plan = planned(&migration, 3);
    let finding = blocking(&plan);
    assert_eq!((text(finding, "code"), text(finding, "table"), text(finding, "column")), ("target_refuses", "t", "at"));
    assert!(text(finding, "message").contains("08:00:2b:01:02:0g"), "{finding}");
    assert_eq!(
        (&plan["judged"]["done"], &plan["judged"]["refused"]),
        (&Value::Bool(true), &Value::from(1)),
        "{plan:#}"
    );
    assert_eq!(traces(&migration.database), before);
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("08:00:2b:01:02:0g"), "{refused}");
    assert_eq!(traces(&migration.database), before);

    migration.write_spec(&format!("{spec}{}", text(finding, "suggestion")));
    let plan = planned(&migration, 0);
    // Schema, role, extension, setting, two tables and their keys, a foreign key and its check, a view, a grant.
    assert_eq!((&plan["judged"]["taken"], &plan["judged"]["refused"]), (&Value::from(12), &Value::from(0)), "{plan:#}");
    assert_eq!(traces(&migration.database), before);
    assert!(
        migration
            .plan()
            .exits(0)
            .stdout
            .contains("PostgreSQL has tried the SQL of 12 steps without rows and taken all of it")
    );
    migration.apply().exits(0);
    assert_eq!(planned(&migration, 0)["judged"]["done"], Value::Bool(false));
}

/// What the spec says in PostgreSQL's SQL, of each kind, is tried; each finding's own lines settle it.
#[test]
fn the_users_own_sql_is_tried_and_the_lines_that_are_proposed_settle_it() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, j JSON DEFAULT '{}', g TEXT AS (a || 'x'),
            CONSTRAINT positive CHECK (b > 0));
        CREATE INDEX by_a ON t (a); CREATE VIEW v AS SELECT a FROM t";
    for (wrong, message) in [
        ("[tables.t.columns.j]\ndefault = \"coalesce(NULL, '4')\"\n", "default expression is of type text"),
        ("[tables.t.columns.g]\ngenerated = \"now()::text\"\n", "not immutable"),
        ("[tables.t.checks]\npositive = \"b > nobody\"\n", "column \"nobody\" does not exist"),
        ("[tables.t.indexes]\nby_a = \"USING gin (a)\"\n", "has no default operator class"),
        (
            "[views.v]\nsql = \"SELECT a COLLATE \\\"C\\\" || b COLLATE \\\"C\\\" FROM app.t\"\n",
            "collations are not supported",
        ),
        ("[views.v]\nsql = \"SELECT nobody FROM app.t\"\n", "column \"nobody\" does not exist"),
    ] {
        let migration = Migration::new(source, &format!("{SPEC}{wrong}"));
        let plan = planned(&migration, 3);
        let finding = blocking(&plan);
        assert_eq!(text(finding, "code"), "target_refuses", "{finding}");
        assert!(text(finding, "message").contains(message), "{finding}");
        // A key is written once: the proposed line takes the place of the wrong one.
        migration.write_spec(&format!("{SPEC}{}", text(finding, "suggestion")));
        migration.plan().exits(0);
        migration.apply().exits(0);
    }
}

/// A type without an order, under another rule for names: the lines are about the source's names.
#[test]
fn the_proposed_lines_name_an_object_as_the_source_does() {
    let long = "AnIndexWhoseNameHasMoreThanTheSixtyThreeBytesThatPostgreSQLKeepsOfIt";
    let source = format!(
        "CREATE TABLE T (id INTEGER PRIMARY KEY, aPlace PLACE UNIQUE, b PLACE, CONSTRAINT SmallId CHECK (id < 9));
        CREATE INDEX {long} ON T (b); CREATE VIEW SmallIds AS SELECT id FROM T"
    );
    let spec = format!("{SPEC}names = \"snake_case\"\n[types]\n\"PLACE\" = \"point\"\n");
    let wrong = "[tables.T.checks]\nSmallId = \"nobody\"\n[views.SmallIds]\nsql = \"SELECT nobody\"\n";
    let migration = Migration::new(&source, &format!("{spec}{wrong}"));
    let plan = planned(&migration, 3);
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let lines = findings.map(|finding| text(finding, "suggestion")).collect::<Vec<_>>().join("\n");
    for line in ["keys.aPlace = false", &format!("{long} = false"), "SmallId = false", "[views.SmallIds]\nskip = true"]
    {
        assert!(lines.contains(line), "{line}\n{lines}");
    }
    let all = "[tables.T]\nkeys.aPlace = false\n[tables.T.checks]\nSmallId = false\n[views.SmallIds]\nskip = true\n";
    migration.write_spec(&format!("{spec}{all}[tables.T.indexes]\n{long} = false\n"));
    migration.apply().exits(0);
}

#[test]
fn a_users_step_is_not_run_and_what_needs_it_is_not_called_wrong() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE VIEW v AS SELECT a FROM t";
    let spec = format!(
        "{SPEC}[views.v]\nsql = \"SELECT app.twice(a) FROM app.t\"\n[steps.functions]\nafter = [\"schema:app\"]\nbefore = [\"view:v\"]\n\
         sql = \"CREATE FUNCTION app.twice(text) RETURNS text LANGUAGE sql AS 'SELECT $1 || $1'\"\n"
    );
    let migration = Migration::new(source, &spec);
    let plan = planned(&migration, 0);
    assert_eq!(plan["judged"]["refused"], 0, "{plan:#}");
    migration.apply().exits(0);
}

#[test]
fn a_key_of_a_template_in_lower_case_is_waited_for() {
    let source =
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT); CREATE UNIQUE INDEX by_code ON parent (code);
        CREATE TABLE child (id INTEGER PRIMARY KEY, code TEXT REFERENCES parent (code));
        INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (1, 'a')";
    let migration =
        Migration::new(source, &SPEC.replace("name = \"case\"", "name = \"case\"\ntemplates = \"templates\""));
    let templates = migration.directory().join("templates");
    std::fs::create_dir(&templates).unwrap();
    let index = "create {% if unique %}unique {% endif %}index {{ name | ident }} on {{ table | qualified }} ({{ keys | join(\", \") }});\n";
    std::fs::write(templates.join("index.sql.j2"), index).unwrap();
    let plan = planned(&migration, 0);
    let steps = plan["steps"].as_array().unwrap();
    let key = steps.iter().find(|step| step["kind"] == "foreign_key").unwrap();
    assert!(key["after"].as_array().unwrap().contains(&Value::from("index:parent.by_code")), "{key:#}");
    migration.apply().exits(0);
}

#[test]
fn a_check_that_overflows_on_the_rows_there_are_is_found() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, CHECK (a * b < 100 OR a > 0));
        INSERT INTO t VALUES (1, 2, 3), (2, 9000000000000000000, 9)";
    let migration = Migration::new(source, SPEC);
    let plan = planned(&migration, 3);
    let finding = blocking(&plan);
    assert_eq!((text(finding, "code"), &finding["count"]), ("arithmetic_overflow", &Value::from(1)), "{finding}");
    assert_eq!(finding["examples"][0], "id=2", "{finding}");
    migration.write_spec(&format!("{SPEC}{}", text(finding, "suggestion")));
    migration.plan().exits(0);
    migration.apply().exits(0);
}

/// The statements of a plan's findings that an administrator is asked to run.
fn asked_of_an_administrator(plan: &Value) -> Vec<String> {
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "blocks");
    let statements = findings.map(|finding| {
        let code = text(finding, "code");
        assert!(code.starts_with("target_not_") || code == "target_unreadable", "{finding:#}");
        text(finding, "suggestion").split('`').nth(1).unwrap_or_else(|| panic!("{finding:#}")).to_owned()
    });
    statements.collect()
}

/// Plans as a role that may nothing, gives it what the plans ask for and nothing else, and applies.
fn with_what_the_plan_names(mut migration: Migration, role: &str, code: i32) -> Ran {
    let database = migration.database.clone();
    database.ask(&format!("CREATE ROLE {role} LOGIN"));
    migration.set("CASE_TARGET", &database.url.replace("postgres@", &format!("{role}@")));
    for _ in 0..4 {
        let planned = migration.run(&["plan", "--format", "json"]);
        if planned.code == Some(0) {
            return migration.apply().exits(code);
        }
        asked_of_an_administrator(&planned.exits(3).json()).iter().for_each(|statement| {
            database.ask(statement);
        });
    }
    panic!("no plan of {role} is without a finding");
}

/// A plan of every case that exits 0 is one that `apply` carries out, for a role without any right that no plan has named.
#[test]
fn a_plan_that_exits_0_is_not_refused_to_a_role_without_other_rights() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut directories = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    directories.sort();
    let mut applied = 0;
    for case in directories.iter().filter(|path| path.join("source.sql").exists()) {
        let expected = std::fs::read_to_string(case.join("expected.toml")).unwrap_or_default();
        let expected = expected.parse::<toml::Table>().unwrap();
        let code = |command: &str| expected.get(command).map_or(0, |code| code.as_integer().unwrap());
        if code("plan") == 0 {
            let role = format!("plain_{applied}");
            with_what_the_plan_names(of_case(case), &role, i32::try_from(code("apply")).unwrap());
            applied += 1;
        }
    }
    assert!(applied > 30, "{applied} cases");
}

fn of_case(case: &Path) -> Migration {
    let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap();
    let migration = Migration::of_case(case);
    if case.join("target.sql").exists() {
        migration.database.ask(&read("target.sql"));
    }
    copy(case, migration.directory());
    migration
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else if !target.exists() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Schemas that an administrator has made take no right on the database, neither for the tables nor for the ledger; nor does a
/// setting that is set, a role that is there, an extension that is installed.
#[test]
fn what_an_administrator_has_made_takes_no_right_on_the_database() {
    let spec = format!(
        "{SPEC}settings = {{ TimeZone = \"UTC\" }}\nextensions = [\"pg_trgm\"]\ngrants = {{ judgement_granted = \"read\" }}\n"
    );
    let mut migration = Migration::new("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", &spec);
    let database = migration.database.clone();
    database.ask(&format!(
        "CREATE ROLE judgement_guest LOGIN; CREATE ROLE judgement_granted; CREATE EXTENSION pg_trgm;
         ALTER DATABASE {} SET timezone = 'UTC';
         CREATE SCHEMA app AUTHORIZATION judgement_guest; CREATE SCHEMA transship AUTHORIZATION judgement_guest",
        database.name
    ));
    migration.set("CASE_TARGET", &database.url.replace("postgres@", "judgement_guest@"));
    let before = traces(&database);
    planned(&migration, 0);
    assert_eq!(traces(&database), before);
    migration.apply().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert!(database.value("SELECT has_database_privilege('judgement_guest', current_database(), 'CREATE')") == "f");
}

/// One finding says what a role lacks, and with what statement it has it.
#[test]
fn a_missing_right_is_one_finding_however_many_steps_need_it() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY)";
    let mut migration = Migration::new(source, SPEC);
    let database = migration.database.clone();
    database.ask(&format!(
        "CREATE ROLE judgement_poor LOGIN; GRANT CREATE ON DATABASE {} TO judgement_poor; CREATE SCHEMA app",
        database.name
    ));
    migration.set("CASE_TARGET", &database.url.replace("postgres@", "judgement_poor@"));
    let plan = planned(&migration, 3);
    assert_eq!(asked_of_an_administrator(&plan), ["GRANT USAGE, CREATE ON SCHEMA app TO judgement_poor;"]);
    // To make anything, and the two tables that were tried.
    assert_eq!(blocking(&plan)["count"], 3);
}

#[test]
fn a_database_that_only_reads_is_a_finding() {
    let migration = Migration::small();
    let database = &migration.database;
    database.ask(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name));
    let plan = planned(&migration, 3);
    assert_eq!(text(blocking(&plan), "code"), "target_only_reads");
    assert_eq!(plan["judged"]["done"], Value::Bool(false));
    migration.apply().exits(3);
    let statement = text(blocking(&plan), "suggestion").split('`').nth(1).unwrap().to_owned();
    database.ask(&format!("BEGIN READ WRITE; {statement} COMMIT"));
    migration.apply().exits(0);
}

/// Latin-1 holds the first 256 characters of Unicode, and neither the euro sign nor Greek.
#[test]
fn text_that_the_database_cannot_hold_is_found_before_it_is_copied() {
    let server = Server::start();
    let source =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'Zoë'), (2, '5 €'), (3, 'plain')";
    for (encoding, rows) in [("LATIN1", 1), ("SQL_ASCII", 2)] {
        let mut migration = Migration::new(source, SPEC);
        let name = format!("of_{}", encoding.to_lowercase());
        let administrator = Database { name: "postgres".to_owned(), url: server.url("postgres") };
        administrator.ask(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"));
        migration.set("CASE_TARGET", &server.url(&name));
        let plan = planned(&migration, 3);
        let finding = blocking(&plan);
        assert_eq!((text(finding, "code"), &finding["count"]), ("target_encoding", &Value::from(rows)), "{finding}");
        migration.write_spec(&format!("{SPEC}{}", text(finding, "suggestion")));
        migration.plan().exits(0);
        migration.apply().exits(0);
        migration.verify().exits(0);
    }
}

/// In a jsonb PostgreSQL keeps the character that an escape stands for.
#[test]
fn escapes_of_json_that_the_database_cannot_hold_are_found() {
    let server = Server::start();
    let source = r#"CREATE TABLE t (id INTEGER PRIMARY KEY, a JSON, b TEXT, c BLOB);
        INSERT INTO t VALUES (1, '{"a":"\u20ac"}', '\u20ac', '€'), (2, '{"a":"\\u20ac"}', NULL, NULL), (3, '{"a":"\u00E9"}', NULL, NULL),
            (4, '{"a":"\\\u0394"}', NULL, NULL), (5, '{"a":"\u0041\n"}', NULL, NULL), (6, '{"a":"é"}', NULL, NULL)"#;
    let spec = format!("{SPEC}[tables.t]\ncolumns.c = {{ type = \"bytea\", from = \"utf8\" }}\n");
    for (encoding, rows) in [("LATIN1", 2), ("SQL_ASCII", 4)] {
        let mut migration = Migration::new(source, &spec);
        let name = format!("json_{}", encoding.to_lowercase());
        let administrator = Database { name: "postgres".to_owned(), url: server.url("postgres") };
        administrator.ask(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"));
        migration.set("CASE_TARGET", &server.url(&name));
        let plan = planned(&migration, 3);
        let finding = blocking(&plan);
        assert_eq!((text(finding, "code"), text(finding, "column")), ("target_encoding", "a"), "{finding}");
        assert_eq!(finding["count"], rows, "{finding}");
        let blind = migration.run(&["plan", "--format", "json", "--no-profile"]).exits(0).json();
        assert_eq!(blind["findings"][0]["code"], "target_encoding", "{blind:#}");
        migration.write_spec(&format!("{spec}{}", text(finding, "suggestion").replace("[tables.t]\n", "")));
        migration.plan().exits(0);
        migration.apply().exits(0);
        migration.verify().exits(0);
    }
}

#[test]
fn a_target_that_is_not_reached_is_an_error_unless_the_user_says_that_it_is_empty() {
    let mut migration = Migration::small();
    let nowhere = migration.database.url.replace(&migration.database.name, "nowhere");
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    for (url, code) in [("postgres://nobody@127.0.0.1:1/nowhere", 1), (nowhere.as_str(), 2)] {
        migration.set("CASE_TARGET", url);
        for source in [&["plan"][..], &["plan", "--source", &file]] {
            let failed = migration.run(source).exits(code);
            // Lines are broken, at a hyphen too.
            let said = failed.stderr.split_whitespace().collect::<String>();
            assert!(said.contains("--assume-empty-target") && failed.stdout.is_empty(), "{failed}");
            let assumed = [source, &["--assume-empty-target", "--format", "json"]].concat();
            let plan = migration.run(&assumed).exits(0).json();
            assert_eq!(
                (&plan["looked_at"]["target"], &plan["judged"]["done"]),
                (&Value::from("not_reached"), &Value::Bool(false))
            );
        }
    }
}

/// More tables than the server has locks for are tried in several transactions, and all of them.
#[test]
fn a_schema_with_more_tables_than_locks_is_tried_in_parts() {
    let server = Server::start_with(&["fsync=off", "max_connections=10", "max_locks_per_transaction=10"]);
    let tables = (0..100).map(|n| {
        format!(
            "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES t{} (id), a TEXT);",
            (n + 1) % 100
        )
    });
    let mut migration = Migration::new(&tables.collect::<String>(), SPEC);
    migration.set("CASE_TARGET", &server.url("postgres"));
    let plan = planned(&migration, 0);
    assert_eq!(
        (&plan["judged"]["taken"], &plan["judged"]["reason"]),
        (&Value::from(401), &Value::Null),
        "{:#}",
        plan["judged"]
    );
    let wrong = "[tables.t99.columns.a]\ndefault = \"nobody\"\n";
    migration.write_spec(&format!("{SPEC}{wrong}"));
    assert_eq!(blocking(&planned(&migration, 3))["table"], "t99");
}

/// A trial waits for nobody for long, and says so.
#[test]
fn a_trial_that_would_wait_for_others_is_given_up_and_says_so() {
    let migration = Migration::small();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (client, connection) =
        runtime.block_on(tokio_postgres::connect(&migration.database.url, tokio_postgres::NoTls)).unwrap();
    runtime.spawn(connection);
    runtime.block_on(client.batch_execute("BEGIN; CREATE SCHEMA app")).unwrap();
    let plan = planned(&migration, 0);
    assert!(plan["judged"]["reason"].as_str().unwrap().contains("55P03"), "{:#}", plan["judged"]);
    runtime.block_on(client.batch_execute("ROLLBACK")).unwrap();
    assert_eq!(planned(&migration, 0)["judged"]["reason"], Value::Null);
}

/// Two columns of different collations compare at the first row alone, and fail there.
#[test]
fn a_comparison_without_a_collation_is_found_without_rows() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, CONSTRAINT below CHECK (a < b), CONSTRAINT short CHECK (length(a) < 9));
        CREATE VIEW v AS SELECT a, b FROM t; CREATE VIEW w AS SELECT id FROM t; CREATE INDEX i ON t (id) WHERE a > 'a'";
    let apart = "[views.v]\nsql = 'SELECT a COLLATE \"C\" AS a, b COLLATE \"POSIX\" AS b FROM app.t'\n";
    for (wrong, place) in [
        ("[views.w]\nsql = 'SELECT a = b AS is_same FROM app.v'\n", "view:w"),
        ("[views.w]\nsql = \"SELECT 1 AS one FROM app.v WHERE a LIKE b OR a IN (b, 'x')\"\n", "view:w"),
    ] {
        let migration = Migration::new(source, &format!("{SPEC}{apart}{wrong}"));
        let plan = planned(&migration, 3);
        let finding = blocking(&plan);
        assert_eq!(text(finding, "code"), "target_refuses", "{finding}");
        assert!(text(finding, "message").contains(place) && text(finding, "message").contains("42P22"), "{finding}");
        assert_eq!(plan["judged"]["refused"], 1, "{plan:#}");
        migration.write_spec(&format!("{SPEC}{apart}{}", text(finding, "suggestion")));
        planned(&migration, 0);
        migration.apply().exits(0);
    }
    // The same in a table of which a template says the collations: in a CHECK and in the condition of an index.
    let with = |checks: &str| SPEC.replace("name = \"case\"", "name = \"case\"\ntemplates = \"templates\"") + checks;
    let migration = Migration::new(
        source,
        &with("[tables.t.checks]\nbelow = \"a < b\"\n[tables.t.indexes]\ni = \"(id) WHERE a > b\"\n"),
    );
    let template =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/table.sql.j2")).unwrap();
    let collated = "{{ column.column_type }}{% if column.target == \"a\" %} COLLATE \"C\"{% elif column.target == \"b\" %} COLLATE \"POSIX\"{% endif %}";
    assert!(template.contains("{{ column.column_type }}"), "{template}");
    std::fs::create_dir(migration.directory().join("templates")).unwrap();
    std::fs::write(
        migration.directory().join("templates/table.sql.j2"),
        template.replace("{{ column.column_type }}", collated),
    )
    .unwrap();
    let plan = planned(&migration, 3);
    let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "target_refuses");
    let messages = findings.map(|finding| text(finding, "message")).collect::<Vec<_>>();
    assert!(messages.len() == 2 && messages.iter().all(|message| message.contains("42P22")), "{messages:?}");
    migration.write_spec(&with("[tables.t.checks]\nbelow = \"a < b COLLATE \\\"C\\\"\"\n"));
    planned(&migration, 0);
    migration.apply().exits(0);
}

/// `CREATE EXTENSION` takes the first schema of the search path: never PostgreSQL's own.
#[test]
fn extensions_stand_in_public_and_one_may_need_another() {
    let wanted = ["cube", "earthdistance", "pgcrypto", "citext", "pg_stat_statements"];
    let spec = format!("{SPEC}extensions = {wanted:?}\n[tables.t]\ncolumns.a = {{ type = \"citext\" }}\n");
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE); INSERT INTO t VALUES (1, 'a');
        CREATE VIEW v AS SELECT id FROM t WHERE a = 'a'";
    let migration = Migration::new(source, &spec);
    planned(&migration, 0);
    migration.apply().exits(0);
    let made = "SELECT count(*) FROM pg_extension WHERE extnamespace = 'public'::regnamespace";
    assert_eq!(migration.database.value(made), wanted.len().to_string());
    migration.verify().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value(made), "0");
}
