//! The command line as a user meets it. What is the same everywhere stands as transcripts in `tests/command_line`
//! (`TRYCMD=overwrite cargo test --test documents command_line` writes them anew); what needs a server or a pipe stands here.

use crate::support::migration::{Migration, SPEC, program, run};
use crate::support::server::server;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    cases.case("tests/command_line/*.trycmd");
    // The machine's variables are not the transcripts' business; its width of a terminal neither.
    for (name, value) in [("DATABASE_URL", ""), ("COLUMNS", "100"), ("TRANSSHIP_LOG", "transship=warn")] {
        cases.env(name, value);
    }
}

#[test]
fn a_truncated_database_is_named() {
    let migration = Migration::small();
    migration.change_source("CREATE TABLE padding (a); INSERT INTO padding VALUES (zeroblob(50000))");
    let bytes = std::fs::read(migration.source()).unwrap();
    std::fs::write(migration.source(), &bytes[..bytes.len() / 2]).unwrap();
    for command in [&["plan"][..], &["apply", "--yes"], &["verify"]] {
        let refused = migration.run(command).exits(2);
        assert!(refused.stderr.contains("source.db") && refused.stderr.contains(&bytes.len().to_string()), "{refused}");
    }
    assert_eq!(migration.database.schemas(), [""; 0]);
}

#[test]
fn a_password_is_printed_nowhere() {
    const PASSWORD: &str = "Tr4nsship-s3cret";
    let mut migration = Migration::small();
    let database = migration.database.clone();
    database.ask(&format!(
        "CREATE ROLE guarded; CREATE ROLE courier LOGIN PASSWORD '{PASSWORD}' IN ROLE guarded;
        GRANT CREATE ON DATABASE {} TO courier",
        database.name
    ));
    let wrong = PASSWORD.replace("s3cret", "wr0ng");
    let commands =
        [&["plan"][..], &["apply", "--yes"], &["apply", "--yes", "--format", "json"], &["verify"], &["status"]];
    for (password, code) in [(wrong.as_str(), 2), (PASSWORD, 0)] {
        migration.set("CASE_TARGET", &server().url_with_password("courier", password, &database.name));
        migration.set("TRANSSHIP_LOG", "trace");
        for command in commands {
            // Nothing is applied yet when `plan` is asked, and that is no error.
            let ran = migration.run(command).exits(code);
            assert!(!ran.output().contains(password), "{ran}");
            if code == 2 {
                assert!(ran.stderr.contains("password authentication"), "{ran}");
                assert!(ran.stderr.contains("Check user and password"), "{ran}");
            }
        }
        let plan = migration.directory().join("plan.json");
        migration.run(&["plan", "--format", "json", "--out", plan.to_str().unwrap()]).exits(code);
        assert!(!std::fs::read_to_string(&plan).unwrap_or_default().contains(password));
    }
    for table in ["run", "step", "chunk"] {
        let ledger = database.ask(&format!("SELECT t::text FROM transship.{table} t"));
        assert!(!ledger.is_empty(), "{table}");
        assert!(!format!("{ledger:?}").contains(PASSWORD), "{table}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let migration = Migration::small();
    for table in 0..400 {
        migration.change_source(&format!("CREATE TABLE table_{table} (a INTEGER PRIMARY KEY, b TEXT, c TEXT, d TEXT)"));
    }
    for format in ["text", "json"] {
        let mut command = migration.command(&["plan", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        // A pipe holds 64 KiB, and this plan is longer.
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        let is_alone = said.lines().all(|line| line.starts_with("next: "));
        assert!(code == Some(0) && is_alone, "{format}: {code:?} {said}");
    }
    assert!(migration.plan().exits(0).stdout.len() > 65_536);
}

#[test]
fn apply_asks_before_it_writes() {
    let migration = Migration::small();
    let refused = migration.run(&["apply"]).exits(2);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    assert_eq!(migration.database.schemas(), [""; 0]);
}

#[test]
fn documents_go_to_standard_output_and_all_else_to_standard_error() {
    let migration = Migration::small();
    let planned = migration.plan().exits(0);
    assert!(planned.stdout.starts_with("Plan for case"), "{planned}");
    let spec = migration.directory().join("spec.toml");
    assert_eq!(planned.stderr, format!("next: transship apply {}\n", spec.display()));
    let out = migration.directory().join("plan.txt");
    let written = migration.run(&["plan", "--out", out.to_str().unwrap()]).exits(0);
    assert_eq!(std::fs::read_to_string(out).unwrap(), planned.stdout);
    assert!(written.stdout.is_empty(), "{written}");
    let applied = migration.apply().exits(0);
    assert!(applied.stdout.contains("\ncase: ") && applied.stdout.lines().count() == 2, "{applied}");
    assert!(applied.stderr.contains("done    copy:users  2 rows"), "{applied}");
    let refused = migration.run(&["plan", "--out", "/no/such/directory/plan.txt"]).exits(2);
    assert!(refused.stderr.contains("/no/such/directory/plan.txt"), "{refused}");
}

#[test]
fn no_command_colours_what_goes_into_a_pipe() {
    let mut migration = Migration::small();
    for command in [&["plan"][..], &["apply", "--yes"], &["verify"], &["status"]] {
        assert!(!migration.run(command).exits(0).output().contains('\u{1b}'));
    }
    migration.write_spec(&format!("{SPEC}\nsurprise = 1\n"));
    assert!(!migration.plan().exits(2).output().contains('\u{1b}'));
    // Colour can be asked for; NO_COLOR has the last word.
    migration.set("CLICOLOR_FORCE", "1");
    migration.set("NO_COLOR", "1");
    assert!(!migration.plan().exits(2).output().contains('\u{1b}'));
    assert!(!run(migration.command(&["plan"]).arg("--help")).output().contains('\u{1b}'));
}

#[test]
fn events_are_lines_of_json() {
    let migration = Migration::small();
    let events = |words: &[&str], code: i32| {
        let ran = migration.run(words).exits(code);
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let apply = ["apply", "--yes", "--format", "json"];
    let first = events(&apply, 0);
    let names = first.iter().map(|event| event["event"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!((names[0], names[names.len() - 1]), ("run_started", "run_done"), "{names:?}");
    let known = ["run_started", "step_started", "step_progress", "step_done", "step_failed", "run_done"];
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
    let count = |wanted: &str| names.iter().filter(|name| **name == wanted).count();
    assert_eq!(first[0]["steps"], count("step_done"));
    assert_eq!(count("step_started"), count("step_done"));
    let copied = first.iter().find(|event| event["event"] == "step_done" && event["id"] == "copy:users").unwrap();
    assert_eq!(copied["rows"], 2);
    assert_eq!(first[first.len() - 1]["state"], "done");
    events(&apply, 0);
    migration.change_source("UPDATE users SET name = 'Other' WHERE id = 1");
    let changed = events(&apply, 3);
    assert!(changed.iter().all(|event| event["event"].is_string()), "{changed:?}");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let print = |words: &[&str]| run(program().args(words)).exits(0).stdout;
    for document in [print(&["completions", "bash"]), print(&["completions", "zsh"]), print(&["man"])] {
        for command in ["migrate", "init", "check", "plan", "apply", "verify", "status", "psql", "schema"] {
            assert!(document.contains(command), "{command}: {document}");
        }
    }
    assert!(print(&["man", "plan"]).contains("detailed\\-exitcode"));
    assert!(
        run(program().args(["man", "nothing"]))
            .exits(2)
            .stderr
            .contains("Name one of the commands: migrate, init, check")
    );
}

#[test]
fn status_tells_what_was_done() {
    let migration = Migration::small();
    let before = migration.run(&["status"]).exits(0);
    assert!(before.stdout.contains("nothing has been applied yet"), "{before}");
    assert_eq!(migration.database.schemas(), [""; 0]);
    migration.apply().exits(0);
    let after = migration.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!((&after["runs"][0]["state"], &after["tables"][0]["rows"]), (&"done".into(), &2.into()), "{after}");
    assert!(after["steps"].as_array().unwrap().iter().all(|step| step["state"] == "done"), "{after}");
    let asked =
        run(migration.command(&["psql"]).args(["--", "-XAtc", "SELECT name FROM app.users ORDER BY id"])).exits(0);
    assert_eq!(asked.stdout, "Ada\nGrace\n");
}
