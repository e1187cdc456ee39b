//! What stays behind is a finding with a number and a word that settles it, and what a command works on has a name.

use crate::support::migration::{Migration, SPEC, program, run};
use crate::support::suggestions::lay;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use toml::Table;

/// Something of every kind that stays behind, and of defaults many.
fn source() -> String {
    let mut sql = "
        CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE, token TEXT DEFAULT (hex(randomblob(4))),
            short TEXT GENERATED ALWAYS AS (printf('%.3s', email)) STORED, team INTEGER REFERENCES nobody (id),
            CONSTRAINT odd CHECK (printf('%d', id) <> 'x'));
        INSERT INTO users (id, email) VALUES (1, 'Ada@example.com');
        CREATE UNIQUE INDEX users_by_name ON users (printf('%s', email));
        CREATE INDEX users_by_number ON users (printf('%05d', id));
        CREATE VIEW numbered AS SELECT printf('%05d', id) AS number FROM users;
        CREATE TRIGGER audit AFTER DELETE ON users BEGIN SELECT 1; END;
        CREATE TRIGGER watch AFTER INSERT ON users BEGIN SELECT 2; END;
        CREATE VIRTUAL TABLE found USING fts5(body);
        CREATE TABLE cache (k TEXT PRIMARY KEY ON CONFLICT REPLACE, v TEXT NOT NULL ON CONFLICT IGNORE, u TEXT UNIQUE);
        CREATE TABLE old (id INTEGER PRIMARY KEY);"
        .to_owned();
    for table in 0..103 {
        let column = |name| format!("{name} TEXT NOT NULL DEFAULT (printf('%s', 'now'))");
        let (one, other) = (column("made"), column("seen"));
        write!(sql, "CREATE TABLE t{table} (id INTEGER PRIMARY KEY, {one}, {other});").unwrap();
    }
    sql
}

fn migration() -> Migration {
    Migration::new(&source(), &SPEC.replace("[target]", "exclude = [\"old\"]\n\n[target]"))
}

fn findings(plan: &Json) -> BTreeMap<(String, u64), Json> {
    let all = plan["findings"].as_array().unwrap().iter();
    let key = |finding: &Json| (finding["code"].as_str().unwrap().to_owned(), finding["count"].as_u64().unwrap());
    all.map(|finding| (key(finding), finding.clone())).collect()
}

const WORDS: &str = "1 check, 1 collation, 2 conflict clauses, 207 defaults, 1 foreign key, 1 generated column, 1 index, 2 triggers, \
    1 unique index, 1 view and 1 virtual table stay behind";

#[test]
fn what_stays_behind_is_told_once_with_its_number() {
    let migration = migration();
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let found = findings(&plan);
    let severities =
        found.iter().map(|((code, count), finding)| (&**code, *count, finding["severity"].as_str().unwrap()));
    assert_eq!(
        severities.collect::<Vec<_>>(),
        [
            ("check_omitted", 1, "warns"),
            ("collation_omitted", 1, "warns"),
            ("conflict_clause_omitted", 2, "warns"),
            ("default_omitted", 1, "warns"),
            ("default_omitted", 206, "warns"),
            ("foreign_key_omitted", 1, "warns"),
            ("generated_omitted", 1, "warns"),
            ("index_omitted", 1, "notes"),
            ("trigger_omitted", 2, "warns"),
            ("unique_index_omitted", 1, "warns"),
            ("view_omitted", 1, "warns"),
            ("virtual_table_omitted", 1, "warns"),
        ]
    );
    let many = &found[&("default_omitted".to_owned(), 206)];
    assert!(many["message"].as_str().unwrap().contains("printf('%s', 'now')"), "{many}");
    assert_eq!((many["table"].as_str(), many["examples"].as_array().unwrap().len()), (None, 5));
    assert!(found[&("default_omitted".to_owned(), 1)]["message"].as_str().unwrap().contains("gets NULL"));
    // Every thing names its finding, but for the table that the spec leaves out and what goes with another.
    let omitted = plan["omitted"].as_array().unwrap();
    let untold = omitted.iter().filter(|one| one["finding"].is_null()).map(|one| one["kind"].as_str().unwrap());
    assert_eq!(untold.collect::<BTreeSet<_>>(), BTreeSet::from(["shadow table", "table"]));
    let codes = omitted.iter().filter_map(|one| one["finding"].as_str()).collect::<BTreeSet<_>>();
    assert_eq!(codes, found.keys().map(|(code, _)| code.as_str()).collect());

    let text = migration.plan().exits(0).stdout;
    assert!(text.trim_end().ends_with(&format!("; {WORDS}.")), "{text}");
    let told = text.split("\nTables\n").next().unwrap();
    assert!(told.lines().count() < 130 && !told.contains("t99."), "206 defaults are not 206 lines: {told}");
    for format in ["markdown", "html"] {
        let document = migration.run(&["plan", "--format", format]).exits(0).stdout;
        assert!(
            document.contains("207 defaults") && document.contains("206 defaults are not carried over"),
            "{format}"
        );
    }
    let applied = migration.apply().exits(0);
    assert!(applied.stderr.contains(WORDS) && applied.stdout.contains(WORDS), "{applied}");
    let done = migration.plan().exits(0).stdout;
    assert!(done.contains("Nothing to do") && done.trim_end().ends_with(&format!("; {WORDS}.")), "{done}");
}

#[test]
fn the_proposed_lines_settle_what_stays_behind() {
    let migration = migration();
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let mut spec: Table = SPEC.replace("[target]", "exclude = [\"old\"]\n\n[target]").parse().unwrap();
    for finding in plan["findings"].as_array().unwrap() {
        let suggestion = finding["suggestion"].as_str().unwrap_or_else(|| panic!("{finding}"));
        lay(&mut spec, suggestion.parse().unwrap_or_else(|error| panic!("{error}: {suggestion}")));
    }
    migration.write_spec(&toml::to_string(&spec).unwrap());
    let settled = migration.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(settled["findings"], Json::Array(Vec::new()));
    // What was decided is still listed, with its reason.
    let names = |plan: &Json| {
        let omitted = plan["omitted"].as_array().unwrap().iter();
        omitted.map(|one| (one["kind"].to_string(), one["name"].to_string())).collect::<BTreeSet<_>>()
    };
    let shadows = |(kind, _): &(String, String)| kind != "\"shadow table\"";
    let kept = |plan: &Json| names(plan).into_iter().filter(shadows).collect::<BTreeSet<_>>();
    assert_eq!(kept(&settled), kept(&plan));
    let applied = migration.apply().exits(0);
    assert!(!applied.output().contains("behind"), "{applied}");
    migration.verify().exits(0);
}

#[test]
fn a_trigger_that_is_not_there_cannot_be_skipped() {
    let migration = migration();
    migration.write_spec(&format!("{SPEC}\n[triggers.audti]\nskip = true\n"));
    let refused = migration.plan().exits(3);
    assert!(
        refused.stdout.contains("unknown_trigger") && refused.stdout.contains("did you mean `audit`?"),
        "{refused}"
    );
}

#[test]
fn the_last_lines_name_server_database_and_schema() {
    let migration = Migration::small();
    let url = &migration.database.url;
    let place = url.rsplit_once('@').map_or(url.as_str(), |(_, place)| place);
    let line = format!("Target: {place}, schema app");
    let ends = |words: &[&str], code: i32| {
        let ran = migration.run(words).exits(code);
        let said = if words.contains(&"json") { &ran.stderr } else { &ran.stdout };
        let last = said.trim_end().lines().rev().take(3).collect::<Vec<_>>();
        assert!(last.contains(&line.as_str()), "{words:?}: {ran}");
        ran
    };
    let applied = ends(&["apply", "--yes"], 0);
    assert!(applied.stderr.contains(&format!("Applying to {place}, schema app")), "{applied}");
    ends(&["apply", "--yes"], 0);
    ends(&["apply", "--yes", "--format", "json"], 0);
    ends(&["verify"], 0);
    ends(&["verify", "--format", "json"], 0).json();
    assert!(migration.run(&["status"]).exits(0).stdout.contains(&format!("{place}, schema app")));
    ends(&["discard", "--yes"], 0);
    ends(&["rollback", "--yes"], 0);
    ends(&["rollback", "--yes"], 0);
    let event = migration.run(&["apply", "--yes", "--format", "json"]).exits(0).stdout;
    let started: Json = serde_json::from_str(event.lines().next().unwrap()).unwrap();
    assert_eq!((started["target"].as_str().unwrap(), &started["left_behind"]), (&line["Target: ".len()..], &0.into()));
    // No plan says it: it is the same on every machine.
    assert!(!migration.plan().exits(0).stdout.contains(place));
}

#[test]
fn before_any_apply_there_is_nothing_to_verify() {
    let migration = Migration::small();
    for words in [&["verify"][..], &["verify", "--format", "json"], &["verify", "--sample", "1%"]] {
        let refused = migration.run(words).exits(3);
        assert!(refused.stdout.is_empty() && refused.stderr.contains("nothing has been applied yet"), "{refused}");
        assert!(refused.stderr.contains("transship apply"), "{refused}");
    }
    assert_eq!(migration.database.schemas(), [""; 0]);
    // Rolled back is not applied either.
    migration.apply().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert!(migration.verify().exits(3).stderr.contains("nothing has been applied yet"));
    // Tables that another program has filled can be compared.
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.users (id bigint PRIMARY KEY, name text NOT NULL);
         INSERT INTO app.users VALUES (1, 'Ada'), (2, 'Grace')",
    );
    let compared = migration.verify().exits(0);
    assert!(compared.stderr.contains("nothing has been applied yet by transship"), "{compared}");
}

#[test]
fn a_forgotten_variable_is_an_error_that_names_both_ways() {
    let migration = Migration::small();
    let directory = migration.directory();
    let ask = |words: &[&str]| run(program().current_dir(directory).args(words));
    let written = ask(&["init", "source.db", "-o", "s.toml"]).exits(0);
    assert!(written.stderr.contains("set DATABASE_URL=postgres://"), "{written}");
    ask(&["check", "s.toml"]).exits(0);
    ask(&["plan", "s.toml"]).exits(0);
    for words in [&["apply", "--yes", "s.toml"][..], &["verify", "s.toml"], &["status", "s.toml"], &["psql", "s.toml"]]
    {
        let refused = ask(words).exits(2);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("DATABASE_URL=postgres://") && said.contains("DATABASE_URL=embedded:"), "{refused}");
    }
    assert!(!directory.join(".transship").exists());
    // Asked for, it stands there.
    ask(&["init", "source.db", "-o", "trial.toml", "--target", "embedded:"]).exits(0);
    assert!(std::fs::read_to_string(directory.join("trial.toml")).unwrap().contains("url = \"embedded:\""));
    let refused = ask(&["init", "source.db", "--target", "mysql://me:hush@h/db"]).exits(2);
    assert!(refused.stderr.contains("the target `mysql://") && !refused.stderr.contains("hush"), "{refused}");
}

/// A view is left behind only where it computes what overflows.
#[test]
fn a_view_that_overflows_on_the_rows_there_are_is_left_behind() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER);
        INSERT INTO t VALUES (1, 9000000000, 9000000000), (2, 2, 3);
        CREATE VIEW areas AS SELECT id, a * b AS area FROM t;
        CREATE VIEW total AS SELECT sum(b * a) AS area FROM t GROUP BY id;
        CREATE VIEW small AS SELECT id, a * b AS area FROM t WHERE a < 100";
    let migration = Migration::new(source, SPEC);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let text = |finding: &Json, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings =
        plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "arithmetic_overflow");
    let findings = findings.collect::<Vec<_>>();
    let places = findings.iter().map(|finding| (text(finding, "table"), text(finding, "severity"))).collect::<Vec<_>>();
    let blocks = |table: &str| (table.to_owned(), "blocks".to_owned());
    assert_eq!(places, [blocks("areas"), blocks("total")], "{plan:#}");
    let settled = findings.iter().map(|finding| text(finding, "suggestion")).collect::<Vec<_>>().join("\n");
    migration.write_spec(&format!("{SPEC}{settled}\n"));
    migration.plan().exits(0);
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value("SELECT sum(area) FROM app.small"), "6");
    // A drafted spec has the lines already.
    let drafted = migration.directory().join("drafted.toml");
    run(program().arg("init").arg(migration.source()).arg("-o").arg(&drafted)).exits(0);
    let drafted = std::fs::read_to_string(drafted).unwrap();
    assert!(drafted.contains("[views.areas]\nskip = true") && !drafted.contains("views.small"), "{drafted}");
}

#[test]
fn patterns_that_match_nothing_are_said() {
    let spec = SPEC.replace("[target]", "include = [\"user\", \"*s\"]\nexclude = [\"log\", \"b?s\"]\n\n[target]");
    let types = "[types]\n\"DATETIM\" = \"timestamptz\"\n\"INTEGER\" = \"bigint\"\n";
    let source =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, born DATETIME); CREATE TABLE logs (id INTEGER PRIMARY KEY);
        CREATE VIEW bus AS SELECT 1";
    let migration = Migration::new(source, &(spec + types));
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let said =
        plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "pattern_matches_nothing");
    let said = said.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        [text("severity"), text("message"), text("suggestion")].join(" | ")
    });
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            "warns | `user` of `include` matches nothing in the source | did you mean `users`?",
            "notes | `log` of `exclude` matches nothing in the source | did you mean `logs`?",
            "notes | the line `DATETIM` of [types] matches no column of the source | did you mean `DATETIME`?",
        ]
    );
}
