//! The plan as markdown, as a diagram, as a script for psql, and as a page.

use crate::support::migration::{Migration, SPEC, run};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Tables with awkward names, a finding of every severity, something left behind.
const AWKWARD: &str = "CREATE TABLE \"a|b `c` <i> @me\" (id INTEGER PRIMARY KEY, \"say \"\"hi\"\"\" TEXT DEFAULT 'it''s \\ :x');
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES \"a|b `c` <i> @me\", born DATE, other INTEGER REFERENCES missing);
    INSERT INTO child VALUES (1, 7, 'never', NULL);
    CREATE TRIGGER t AFTER INSERT ON child BEGIN SELECT 1; END;";

fn document(migration: &Migration, format: &str, code: i32) -> String {
    let ran = migration.run(&["plan", "--format", format]).exits(code);
    assert!(ran.stderr.is_empty(), "{ran}");
    ran.stdout
}

/// A source with more tables than fit into a comment.
fn large(tables: usize) -> Migration {
    let mut sql = "BEGIN; CREATE TABLE t0 (id INTEGER PRIMARY KEY);".to_owned();
    for number in 1..tables {
        write!(
            sql,
            "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, before INTEGER REFERENCES t{}, a TEXT, b TEXT);",
            number - 1
        )
        .unwrap();
    }
    Migration::new(&(sql + "COMMIT"), SPEC)
}

#[test]
fn markdown_is_for_reading() {
    let migration = Migration::new(AWKWARD, SPEC);
    let text = document(&migration, "markdown", 3);
    let is_digest = |line: &&str| line.starts_with("| Digest ");
    insta::assert_snapshot!("markdown", text.lines().filter(|line| !is_digest(line)).collect::<Vec<_>>().join("\n"));
}

/// `data = "none"` is no `where` of the spec.
#[test]
fn a_plan_without_rows_says_why() {
    let migration = Migration::small();
    migration.write_spec(&format!("{SPEC}data = \"none\"\n"));
    for (format, words) in [
        ("text", "      no rows: data = \"none\"\n"),
        ("text", "; `data = \"none\"` leaves 2 rows behind"),
        ("markdown", "no rows: `data = \"none\"`"),
        ("html", "no rows: <code>data = &quot;none&quot;</code>"),
    ] {
        let told = migration.run(&["plan", "--format", format]).exits(0).stdout;
        assert!(told.contains(words) && !told.contains("1 = 0"), "{format}: {told}");
    }
}

#[test]
fn markdown_fits_into_a_comment_and_says_what_is_cut() {
    let migration = large(400);
    migration.write_spec(&format!("{SPEC}\n[env.prod.types]\n\"TEXT\" = \"varchar\"\n"));
    let document = || migration.run(&["plan", "--env", "prod", "--format", "markdown"]).exits(0).stdout;
    let text = document();
    let length = text.chars().count();
    assert!(length <= 65_536 && length > 30_000, "{length}");
    assert!(text.contains("more: this comment is full. `transship plan spec.toml --env prod` shows all."));
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    assert_eq!(text.lines().filter(|line| line.starts_with("```")).count() % 2, 0);
    for _ in 0..2 {
        assert_eq!(document(), text);
    }
}

#[test]
fn a_diagram_draws_every_node_that_it_joins() {
    for migration in [Migration::new(AWKWARD, SPEC), large(30), large(700)] {
        let code = migration.plan().code.unwrap();
        let text = document(&migration, "mermaid", code);
        assert!(text.starts_with("flowchart LR\n") && text.len() < 50_000, "{}", text.len());
        let word = |text: &str| text.trim().split(['[', '(', '{', ' ']).next().unwrap().to_owned();
        let (edges, nodes): (Vec<_>, Vec<_>) =
            text.lines().skip(1).filter(|line| !line.trim().starts_with('c')).partition(|line| line.contains("->"));
        let nodes = nodes.into_iter().map(word).collect::<BTreeSet<_>>();
        assert!(edges.len() <= 500 && !edges.is_empty(), "{}", edges.len());
        // Of a plan that is folded the foreign keys are dotted.
        let is_folded = edges.iter().any(|edge| edge.contains("-.->"));
        assert_eq!(is_folded, nodes.len() > 10 && !text.contains("foreign_key:"), "{text}");
        for edge in edges.iter().map(|edge| edge.replace("-.->", "-->")) {
            let (from, to) = edge.split_once("-->").unwrap();
            assert!(nodes.contains(from.trim()) && nodes.contains(to.trim()), "{from} {to}");
        }
        let labels = text.lines().filter(|line| line.contains('"'));
        assert!(labels.clone().count() > 3 && labels.into_iter().all(|line| line.matches('"').count() == 2), "{text}");
    }
    assert!(document(&large(700), "mermaid", 0).contains("not drawn"));
}

/// psql runs the script of every case against an empty database, and makes the tables that apply makes.
#[test]
fn psql_runs_the_script() {
    let cases = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).unwrap();
    let mut seen = 0;
    for case in cases.map(|entry| entry.unwrap().path()) {
        let migration = Migration::of_case(&case);
        let planned = migration.run(&["plan", "--format", "sql"]);
        // A plan that is blocked need not run, and a case with other files beside its spec is not built here.
        if planned.code != Some(0) {
            continue;
        }
        let script = migration.directory().join("plan.sql");
        std::fs::write(&script, &planned.stdout).unwrap();
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file"])
            .arg(&script)
            .arg(&migration.database.url);
        let ran = run(&mut psql);
        assert_eq!(ran.code, Some(0), "{}: {ran}\n{}", case.display(), planned.stdout);
        let plan = migration.run(&["plan", "--format", "json"]).json_by_place();
        let count = |list: &str, key: &str, word: &str| {
            plan[list].as_array().unwrap().iter().filter(|item| item[key] == word).count()
        };
        let made = count("findings", "code", "target_table_exists");
        // `replace` has nothing against tables of the name.
        let spec = std::fs::read_to_string(case.join("spec.toml")).unwrap_or_default();
        let is_created = !spec.contains("tables = \"replace\"");
        assert!(!is_created || made == count("steps", "kind", "table"), "{}", case.display());
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}

/// A page that a browser could not take apart otherwise: every element is closed, nothing is fetched, and no name of the
/// source is anything but text.
#[test]
fn the_page_is_whole_and_needs_nothing_else() {
    let hostile = "CREATE TABLE \"</script><img src=x onerror=alert(1)>\" (id INTEGER PRIMARY KEY, \"<b>&\" TEXT);
        CREATE TABLE plain (id INTEGER PRIMARY KEY, born DATE); INSERT INTO plain VALUES (1, 'never')";
    let migration = Migration::new(hostile, SPEC);
    let page = document(&migration, "html", 3);
    assert!(page.starts_with("<!doctype html>\n"));
    assert!(page.contains("default-src 'none'"), "the browser itself is told to fetch nothing");
    for word in ["http://", "https://", "//cdn", "url(", "@import", " src=", "<link", "fetch(", "<img"] {
        let found = page.match_indices(word).map(|(at, _)| &page[at..page.len().min(at + 40)]);
        let foreign =
            found.filter(|text| !text.starts_with("http://www.w3.org/2000/svg") && !text.starts_with("url(#"));
        // The name itself stands in the page as text, with its brackets escaped.
        let foreign = foreign.filter(|text| !text.starts_with(" src=x onerror=alert(1)")).collect::<Vec<_>>();
        assert!(foreign.is_empty(), "{word}: {foreign:?}");
    }
    assert_eq!(page.matches("</script>").count(), 2);
    closed(&page);
    let data = page.split("id=\"graph-data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let graph: serde_json::Value = serde_json::from_str(data).unwrap();
    let titles = graph["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap());
    let steps = migration.run(&["plan", "--format", "json"]).json()["steps"].clone();
    assert!(titles.eq(steps.as_array().unwrap().iter().map(|step| step["id"].as_str().unwrap())));
    assert_eq!(document(&migration, "html", 3), page);
}

/// Elements that have no end tag.
const VOID: [&str; 4] = ["meta", "input", "br", "!doctype"];

/// Fails where an element is not closed, or another one is.
fn closed(page: &str) {
    let (mut open, mut rest) = (Vec::new(), page);
    while let Some(start) = rest.find('<') {
        let inner = &rest[start + 1..];
        let end = inner.find('>').unwrap();
        let tag = &inner[..end];
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap().to_owned();
        rest = &inner[end + 1..];
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if ["script", "style"].contains(&name.as_str()) {
            // What stands inside is no markup.
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        } else if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert_eq!(open, [""; 0]);
}

/// Names that hide: a terminal's control sequences in three kinds, a line end, a turned direction, no width; C1 and DEL.
const HIDING: &str = "CREATE TABLE \"\u{1b}[41mbad\" (id INTEGER PRIMARY KEY, \"\u{1b}]0;TITLE\u{7}red\" INTEGER,
    \"over\rwritten\" TEXT DEFAULT '\u{9b}2J', \"two\nlines\" TEXT CHECK (\"two\nlines\" <> '\u{7f}'),
    \"\u{202e}txet\" TEXT, \"no\u{200b}width\" DATE);
    INSERT INTO \"\u{1b}[41mbad\" (id, \"no\u{200b}width\") VALUES (1, 'never');
    CREATE INDEX \"ix\u{1b}c\" ON \"\u{1b}[41mbad\" (\"over\rwritten\");
    CREATE TRIGGER \"t\u{1b}c\" AFTER INSERT ON \"\u{1b}[41mbad\" BEGIN SELECT 1; END;";

#[track_caller]
fn hides_nothing(text: &str) {
    let hidden = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let line = text.lines().find(|line| line.contains(hidden));
    assert_eq!(line, None);
}

#[test]
fn names_that_hide_are_shown_in_every_document() {
    let migration = Migration::new(HIDING, SPEC);
    for format in ["text", "markdown", "mermaid", "html", "sql", "json"] {
        let text = document(&migration, format, 3);
        hides_nothing(&text);
        let file = migration.directory().join("document");
        migration.run(&["plan", "--format", format, "--out", file.to_str().unwrap()]).exits(3);
        assert_eq!(std::fs::read_to_string(file).unwrap(), text, "{format}");
    }
    let text = document(&migration, "text", 3);
    for name in ["\\u{1b}[41mbad", "\\u{1b}]0;TITLE\\u{7}red", "over\\u{d}written", "two\\u{a}lines", "\\u{202e}txet"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    // What another program reads is the name itself.
    let json: serde_json::Value = serde_json::from_str(&document(&migration, "json", 3)).unwrap();
    assert_eq!(json["tables"][0]["columns"][1]["source"], "\u{1b}]0;TITLE\u{7}red");

    // psql makes the table as apply does.
    let columns = "SELECT string_agg(attname, '|' ORDER BY attnum) || '|' || relname FROM pg_attribute
        JOIN pg_class c ON c.oid = attrelid WHERE relkind = 'r' AND relnamespace = to_regnamespace('app') AND attnum > 0
        GROUP BY relname";
    let names = "id|\u{1b}]0;TITLE\u{7}red|over\rwritten|two\nlines|\u{202e}txet|no\u{200b}width|\u{1b}[41mbad";
    let script = migration.directory().join("script.sql");
    std::fs::write(&script, document(&migration, "sql", 3)).unwrap();
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--quiet", "--file"]).arg(&script).arg(&migration.database.url);
    run(&mut psql).exits(0);
    assert_eq!(migration.database.value(columns), names);
    let default = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM pg_class
        WHERE relnamespace = to_regnamespace('app'))";
    assert_eq!(migration.database.value(default), "'\u{9b}2J'::text");
    migration.database.ask("DROP SCHEMA app CASCADE");

    let decided = "\n[tables.\"\\u001b[41mbad\"]\ncolumns.\"no\\u200bwidth\" = { type = \"text\" }\n";
    migration.write_spec(&format!("{SPEC}{decided}"));
    for words in [["apply", "--yes"].as_slice(), &["verify"], &["status"], &["rollback", "--yes"]] {
        let ran = migration.run(words).exits(0);
        hides_nothing(&ran.output());
        if words[0] == "apply" {
            assert_eq!(migration.database.value(columns), names);
        }
    }
}

/// The same on a terminal as in a pipe, errors included.
#[test]
fn a_terminal_shows_what_a_pipe_does() {
    let migration = Migration::new(HIDING, SPEC);
    let on_a_terminal = |words: &[&str]| {
        let command = migration.command(words);
        let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
        let line = std::iter::once(command.get_program()).chain(command.get_args()).map(quoted).collect::<Vec<_>>();
        let mut script = Command::new("script");
        script.args(["-qec", &line.join(" "), "/dev/null"]).env("TERM", "xterm").env("NO_COLOR", "1");
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        run(script.stdin(std::process::Stdio::null())).stdout.replace("\r\n", "\n")
    };
    let shown = on_a_terminal(&["plan"]);
    let text = document(&migration, "text", 3);
    // The progress bar, on standard error, stands before it.
    assert!(shown.ends_with(&text), "{shown:?}\n{text:?}");

    let step =
        "[steps.\"a step\"]\nsql = \"\\u001b[41m\"\nfile = \"\\u202ex\"\n[steps.other]\nfile = \"\u{202e}\u{9b}x\"\n";
    migration.write_spec(&format!("{SPEC}\n# \u{202e}\u{feff}\n{step}"));
    let piped = migration.run(&["check"]).exits(2).stderr;
    assert!(piped.contains("\\u{202e}"), "{piped}");
    hides_nothing(&piped);
    assert_eq!(on_a_terminal(&["check"]), piped);
}
