//! The README says what is true: its specs are right, and the lines of its captures come from the program.

mod support;

use std::path::Path;
use std::process::Command;
use support::database::Database;

const README: &str = include_str!("../README.md");

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if line == opening {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect());
        }
    }
    blocks
}

fn transship() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    command.env_remove("DATABASE_URL").env_remove("DRYAD_DB").env_remove("SHOP_DB");
    command
}

#[test]
fn the_specs_are_right() {
    let specs = blocks("toml");
    assert!(specs.len() >= 2, "the README shows specs");
    let directory = tempfile::tempdir().unwrap();
    for (number, spec) in specs.iter().enumerate() {
        let path = directory.path().join(format!("{number}.toml"));
        std::fs::write(&path, spec).unwrap();
        let checked = transship().arg("check").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{spec}\n{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn the_captures_are_real() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("dryad.db");
    let sql = std::fs::read_to_string(repository.join("specs/dryad/dryad.sql")).unwrap();
    rusqlite::Connection::open(&database).unwrap().execute_batch(&sql).unwrap();
    let target = Database::create().url;
    let run = |arguments: &[&str]| {
        let mut command = transship();
        command.args(arguments).current_dir(repository).env("DRYAD_DB", &database).env("DATABASE_URL", &target);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let spec = "specs/dryad/dryad.toml";
    let mut real = run(&["plan", spec]);
    run(&["apply", spec, "--yes"]);
    real += &run(&["verify", spec]);
    real += &run(&["apply", spec, "--yes"]);
    let capture = &blocks("console")[0];
    for line in capture.lines().filter(|line| !line.is_empty() && !line.starts_with("$ ")) {
        assert!(real.lines().any(|real| real == line), "no run prints this line of the README: {line}");
    }
    assert!(real.contains("dryad: nothing to do; the source is unchanged (31,720 rows read again)."));
}

#[test]
fn every_command_is_in_the_help() {
    let help = transship().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let named = README.split("transship ").skip(1).filter_map(|rest| rest.split_whitespace().next());
    let commands = ["check", "plan", "apply", "verify", "status", "psql"];
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in the help");
        assert!(named.clone().any(|name| name == command) || command == "status", "{command} is not in the README");
    }
}
