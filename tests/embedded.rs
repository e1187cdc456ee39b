//! `embedded:` from end to end: the private server is made, used, found again, and gone when nobody needs it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use support::database::Database;
use support::migration::{Migration, Ran, run};

/// A migration whose directory has a name with blanks and a quote, owned by root and closed to others as a home is.
fn embedded() -> (tempfile::TempDir, impl Fn(&[&str]) -> Ran) {
    let outer = tempfile::Builder::new().prefix("transship it's here ").tempdir().unwrap();
    let directory = outer.path().join("a spec");
    std::fs::create_dir(&directory).unwrap();
    let spec = "spec = 1\nname = \"my shop\"\n\n[source]\nurl = \"sqlite:source.db\"\n\n[target]\nurl = \"embedded:\"\nschema = \"app\"\n";
    std::fs::write(directory.join("spec.toml"), spec).unwrap();
    support::migration::build_sqlite(
        &directory.join("source.db"),
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')",
    );
    let ask = move |words: &[&str]| {
        let [first, rest @ ..] = words else { panic!("no command") };
        run(support::migration::program().arg(first).arg(directory.join("spec.toml")).args(rest))
    };
    (outer, ask)
}

/// The processes whose command line or working directory names the path.
fn processes_of(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        if !entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let directory = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        if line.contains(path.to_str().unwrap()) || directory.starts_with(path) {
            found.push(format!("{line} in {}", directory.display()));
        }
    }
    found
}

fn shell(command: &str) -> Ran {
    run(Command::new("sh").arg("-c").arg(command).stdin(Stdio::null()))
}

#[test]
fn from_nothing_to_a_server_that_can_be_looked_at() {
    let (directory, transship) = embedded();
    let nothing_runs = || assert_eq!(processes_of(directory.path()), [""; 0]);

    let planned = transship(&["plan"]).exits(0);
    assert!(planned.stdout.contains("The embedded server does not exist yet"), "{planned}");
    assert!(!directory.path().join("a spec/.transship").exists(), "a plan makes nothing");
    transship(&["status"]).exits(0);

    transship(&["apply", "--yes"]).exits(0);
    nothing_runs();
    let again = transship(&["apply", "--yes"]).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    transship(&["verify"]).exits(0);
    let asked = transship(&["psql", "--", "-XAtc", "SELECT name FROM app.users ORDER BY id"]).exits(0);
    assert_eq!(asked.stdout, "Ada\nGrace\n");
    nothing_runs();

    let status = transship(&["status", "--format", "json"]).exits(0).json();
    assert!(status["target"].as_str().unwrap().contains("a spec/.transship"), "{status}");
    let command = |key: &str| status[key].as_str().unwrap_or_else(|| panic!("{status}")).to_owned();
    let started = run(Command::new("sh").arg("-c").arg(command("start")).stdin(Stdio::null()).stdout(Stdio::null()));
    assert_eq!(started.code, Some(0), "{}: {started}", command("start"));
    assert_ne!(processes_of(directory.path()), [""; 0]);
    let running = transship(&["status", "--format", "json"]).exits(0).json();
    let psql = format!("{} -XAtc 'SELECT count(*) FROM app.users'", command("psql"));
    let answer = shell(&psql).exits(0);
    assert_eq!(answer.stdout, "2\n", "{psql}");
    // What the user started stays when transship is done with it.
    transship(&["verify"]).exits(0);
    assert_eq!(shell(&psql).exits(0).stdout, "2\n");
    assert!(running["target"].as_str().unwrap().contains("(running)"), "{running}");
    stop(directory.path());
    nothing_runs();
}

/// Ends the server that the printed command started, by the number in its own file.
fn stop(directory: &Path) {
    let mut pending = vec![directory.to_owned()];
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                pending.push(entry.path());
            } else if entry.file_name() == "postmaster.pid" {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                let process = nix::unistd::Pid::from_raw(text.lines().next().unwrap().parse().unwrap());
                nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
                while entry.path().exists() {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            }
        }
    }
}

/// The same data by both kinds of target: nothing of a migration depends on where the server is.
#[test]
fn plans_are_the_same_for_an_embedded_and_a_remote_target() {
    let (directory, transship) = embedded();
    let spec = std::fs::read_to_string(directory.path().join("a spec/spec.toml")).unwrap();
    let source = directory.path().join("a spec/source.db");
    let copy = |path: &Path| std::fs::copy(&source, path).map(drop).unwrap();
    let spec = spec.replace("\"embedded:\"", "\"${CASE_TARGET}\"");
    let remote = Migration::with_source(copy, &spec, Database::create());
    // Before the first run an embedded target is not there yet; the plan says that an empty one is assumed.
    let without_notes = |ran: Ran| {
        let mut plan = ran.exits(0).json();
        plan["notes"].take();
        plan["looked_at"].take();
        plan
    };
    let plan = without_notes(remote.run(&["plan", "--format", "json"]));
    assert_eq!(without_notes(transship(&["plan", "--format", "json"])), plan);
    transship(&["apply", "--yes"]).exits(0);
    remote.apply().exits(0);
    let done = remote.run(&["plan", "--format", "json"]).exits(0).stdout;
    assert_eq!(transship(&["plan", "--format", "json"]).exits(0).stdout, done);
    assert_eq!(processes_of(directory.path()), [""; 0]);
}
