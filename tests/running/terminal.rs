//! The screen of a real terminal, after commands that draw bars on it.

use crate::support::migration::{Migration, SPEC};
use crate::support::terminal::{Screen, on_terminal};

/// Two tables that take a moment to read.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
        INSERT INTO users SELECT i, 'Ada ' || i || ' é' FROM n;
    CREATE TABLE messages (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), body TEXT);
    INSERT INTO messages SELECT id, id, name || ' says é' FROM users;
    CREATE INDEX messages_user ON messages (user_id)";

/// The line with its figures of time taken out.
fn timeless(line: &str) -> String {
    let words = line.split(' ').map(|word| match word.parse::<f64>() {
        Ok(_) if word.contains('.') => "T",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The lines without their times, those of steps in the order of their names: which one ends first is by chance.
fn sorted(screen: &Screen) -> Vec<String> {
    let mut lines = screen.lines.iter().map(|line| timeless(line)).collect::<Vec<_>>();
    lines.sort_by_key(|line| if line.starts_with("done") { line.clone() } else { String::new() });
    lines
}

#[test]
fn nothing_of_the_bars_stays_on_the_screen() {
    let migration = Migration::new(SOURCE, SPEC);
    let question = ("Only `yes` is taken", "yes");
    let applied = on_terminal(&mut migration.command(&["apply", "--jobs", "2"]), &[question]);
    assert_eq!(applied.code, Some(0), "{}", applied.written);
    // The bars were there.
    for bar in ["all tables", "copy:messages  ", "now: "] {
        assert!(applied.written.contains(bar), "{bar}: {}", applied.written);
    }
    let spec = migration.directory().join("spec.toml").display().to_string();
    let place = applied.lines.iter().find_map(|line| line.strip_prefix("Target: ")).unwrap_or_default().to_owned();
    let shown = sorted(&applied).join("\n").replace(&place, "PLACE").replace(&spec, "SPEC");
    insta::assert_snapshot!(shown);
}

#[test]
fn what_ends_well_says_what_comes_next() {
    let migration = Migration::small();
    let spec = migration.directory().join("spec.toml").display().to_string();
    let plan = migration.directory().join("the plan.json").display().to_string();
    let next = |words: &[&str]| {
        let ran = migration.run(words).exits(0);
        let lines = ran.stderr.lines().filter(|line| line.starts_with("next: ") || line.starts_with("undo: "));
        lines.map(|line| line.replace(&spec, "SPEC").replace(&plan, "the plan.json")).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(next(&["check"]), "next: transship plan SPEC");
    assert_eq!(next(&["plan"]), "next: transship apply SPEC");
    let written = ["plan", "--format", "json", "--out", &plan];
    assert_eq!(next(&written), "next: transship apply SPEC --plan 'the plan.json'");
    // A document for a program stands alone.
    assert_eq!(next(&["plan", "--format", "json"]), "");
    assert_eq!(next(&["apply", "--yes", "--plan", &plan]), "next: transship verify SPEC");
    assert_eq!(next(&["plan"]), "next: transship verify SPEC");
    assert_eq!(next(&["verify", "--sample", "1%"]), "next: transship verify SPEC");
    assert_eq!(next(&["verify"]), "next: start the application on the target\nundo: transship rollback SPEC");
    assert_eq!(next(&["rollback", "--yes"]), "next: transship apply SPEC");
}
