//! What code of the application says is data: it is in no output, no report and not in the ledger.

use crate::support::migration::{Migration, SPEC};

/// Stands in a row, and nowhere else.
const SECRET: &str = "hunter2";

/// Ways in which user code or the server itself repeats a value.
const WAYS: [&str; 11] = [
    "RAISE EXCEPTION 'no % here', value",
    "RAISE EXCEPTION 'no' USING DETAIL = value, HINT = value",
    "RAISE EXCEPTION '%', value USING ERRCODE = '42501'",
    "RAISE EXCEPTION '%', value USING ERRCODE = 'U0001'",
    "RAISE EXCEPTION 'no' USING TABLE = value, COLUMN = value, CONSTRAINT = value, DATATYPE = value, SCHEMA = value",
    "RAISE check_violation USING MESSAGE = value, CONSTRAINT = value, TABLE = value, SCHEMA = value",
    "PERFORM value::integer",
    "PERFORM value::regclass",
    "PERFORM ('{\"a\": ' || value)::json",
    "EXECUTE 'SELECT ' || value",
    "RAISE NOTICE '%', value; RAISE WARNING '%', value; RAISE EXCEPTION USING MESSAGE = value",
];

#[test]
fn what_user_code_says_is_shown_to_nobody_who_has_not_asked() {
    let source =
        format!("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, '{SECRET}')");
    for way in WAYS {
        let function = format!(
            "CREATE FUNCTION says(value text) RETURNS boolean LANGUAGE plpgsql AS \
             $body$ BEGIN {way}; RETURN true; END $body$"
        );
        let make = toml::Value::String(function.replace("FUNCTION says", "FUNCTION app.says"));
        let spec = format!(
            "{SPEC}[steps.make]\nafter = [\"table:users\"]\nsql = {make}\n\
             [steps.says]\nafter = [\"copy:users\", \"step:make\"]\nsql = \"SELECT app.says(name) FROM app.users\"\n\
             [checks.says]\nsql = \"SELECT app.says(name) FROM app.users\"\nexpect = true\n"
        );
        let migration = Migration::new(&source, &spec);
        let reports = ["json", "html", "xml"].map(|kind| migration.directory().join(format!("report.{kind}")));
        let mut arguments = vec!["apply", "--yes"];
        for report in &reports {
            arguments.extend(["--report", report.to_str().unwrap()]);
        }
        let mut said = vec![migration.run(&arguments).exits(1).output()];
        said.push(migration.run(&["apply", "--yes", "--format", "json"]).exits(1).output());
        said.push(migration.run(&["verify", "--format", "json"]).exits(3).output());
        said.push(migration.run(&["status"]).exits(0).output());
        said.extend(reports.iter().map(|report| std::fs::read_to_string(report).unwrap()));
        said.push(migration.database.value("SELECT string_agg(s::text, ' ') FROM transship.step AS s"));
        for text in &said {
            assert!(!text.contains(SECRET), "{way}: {text}");
        }
        // Whoever asks is told.
        let asked = migration.run(&["apply", "--yes", "--show-values"]).exits(1);
        assert!(asked.output().contains(SECRET), "{way}: {asked}");
    }
}

/// Everything that a failing command says and writes, none of which may have the secret.
fn everything_said(migration: &Migration, command: &[&str], code: i32) -> Vec<String> {
    let reports = ["json", "html", "xml"].map(|kind| migration.directory().join(format!("report.{kind}")));
    let mut with_reports = command.to_vec();
    for report in &reports {
        with_reports.extend(["--report", report.to_str().unwrap()]);
    }
    let first = migration.run(&with_reports).exits(code);
    // What has failed while rows were copied is found before they are copied again.
    let again = migration.run(&[command, &["--format", "json"]].concat());
    assert!([Some(1), Some(3)].contains(&again.code), "{again}");
    let mut said = vec![first.output(), again.output()];
    said.push(migration.run(&["status"]).exits(0).output());
    said.extend(reports.iter().map(|report| std::fs::read_to_string(report).unwrap()));
    for table in ["step", "run", "chunk"] {
        said.push(migration.database.value(&format!("SELECT string_agg(t::text, ' ') FROM transship.{table} AS t")));
    }
    said
}

/// The application's CHECKs fail where rows are tried against them, before they are copied and copied again, and so does the way back of a step.
#[test]
fn what_the_applications_tables_say_of_rows_is_shown_to_nobody() {
    let source =
        format!("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, '{SECRET}')");
    let spec = format!(
        "{SPEC}tables = \"existing\"\n[steps.last]\nsql = \"SELECT 1\"\nundo = \"SELECT app.says(name) FROM app.users\"\n"
    );
    for way in WAYS {
        let migration = Migration::new(&source, &spec);
        migration.database.ask(&format!(
            "CREATE SCHEMA app; CREATE TABLE app.armed AS SELECT true AS is_armed;
             CREATE FUNCTION app.says(value text) RETURNS boolean LANGUAGE plpgsql AS
             $body$ BEGIN IF (SELECT is_armed FROM app.armed) THEN {way}; END IF; RETURN true; END $body$;
             CREATE TABLE app.users (id bigint PRIMARY KEY, name text CHECK (app.says(name)))"
        ));
        let arm = |is_armed: bool| migration.database.ask(&format!("UPDATE app.armed SET is_armed = {is_armed}"));
        // The rows are tried against the CHECK before anything is written; an error that is not about a value decides nothing.
        let is_about_a_value = !["42501", "U0001", "regclass", "EXECUTE"].iter().any(|other| way.contains(other));
        let (planned, applied) = if is_about_a_value { (3, 3) } else { (0, 1) };
        let mut said = [
            (&["plan"][..], planned),
            (&["plan", "--format", "json"], planned),
            (&["apply", "--yes"], applied),
            (&["apply", "--yes", "--format", "json"], applied),
        ]
        .map(|(command, code)| migration.run(command).exits(code).output())
        .to_vec();
        arm(false);
        migration.apply().exits(0);
        arm(true);
        migration.change_source(&format!("UPDATE users SET name = '{SECRET}, again'"));
        said.extend(everything_said(&migration, &["apply", "--yes", "--refresh"], 1));
        // A name that is not there is taken for what the step had made, and the rollback goes on.
        let code = if way.contains("regclass") || way.contains("EXECUTE") { 0 } else { 1 };
        said.push(migration.run(&["rollback", "--yes"]).exits(code).output());
        said.push(migration.run(&["rollback", "--yes", "--format", "json"]).exits(code).output());
        for text in &said {
            assert!(!text.contains(SECRET), "{way}: {text}");
        }
    }
}
