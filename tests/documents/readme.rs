//! The README says what is true: its specs are right, the lines of its captures come from the program, and the plan of the
//! Dryad sample is the one that it makes (`UPDATE_README=1 cargo test --test documents readme` writes that anew).

use crate::support::database::Database;
use std::path::{Path, PathBuf};
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// Around the plan of the Dryad sample.
const PLAN: [&str; 2] = ["<!-- plan:begin -->\n", "<!-- plan:end -->\n"];

/// The README in front of the plan, the plan, and what comes behind.
fn around_the_plan() -> [&'static str; 3] {
    let (before, rest) = README.split_once(PLAN[0]).unwrap();
    let (plan, after) = rest.split_once(PLAN[1]).unwrap();
    [before, plan, after]
}

/// The fenced blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut blocks = Vec::new();
    let [before, _, after] = around_the_plan();
    let mut lines = before.lines().chain(after.lines());
    while let Some(line) = lines.next() {
        if line == opening {
            blocks.push(lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect());
        }
    }
    blocks
}

/// Builds the Dryad sample.
fn dryad(directory: &Path) -> PathBuf {
    let database = directory.join("dryad.db");
    let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/dryad/dryad.sql");
    let sql = std::fs::read_to_string(sql).unwrap();
    rusqlite::Connection::open(&database).unwrap().execute_batch(&sql).unwrap();
    database
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
    let database = dryad(directory.path());
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

/// But for its digest, which every byte of what it binds changes.
#[test]
fn the_plan_is_real() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let database = dryad(directory.path());
    let planned = transship()
        .args(["plan", "specs/dryad/dryad.toml", "--format", "markdown"])
        .current_dir(repository)
        .env("DRYAD_DB", &database)
        .env("DATABASE_URL", Database::create().url)
        .output()
        .unwrap();
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    let real = String::from_utf8(planned.stdout).unwrap();
    let [before, plan, after] = around_the_plan();
    let bound =
        |text: &str| text.lines().filter(|line| !line.starts_with("| Digest |")).map(str::to_owned).collect::<Vec<_>>();
    if bound(plan) != bound(&format!("\n{real}\n")) && std::env::var_os("UPDATE_README").is_some() {
        let text = [before, PLAN[0], "\n", &real, "\n", PLAN[1], after].concat();
        return std::fs::write(repository.join("README.md"), text).unwrap();
    }
    assert_eq!(
        bound(plan),
        bound(&format!("\n{real}\n")),
        "UPDATE_README=1 cargo test --test documents readme writes it anew"
    );
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
