//! A plan without the source at hand: `inspect` writes what there is to know, `plan --source` plans from that. The live
//! plan is the oracle: with the same spec both are the same, with another spec nothing that the live plan finds is passed
//! over in silence.

use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::suggestions::lay;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

fn cases() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let only = std::env::var("CASE").unwrap_or_default();
    cases.retain(|case| case.join("source.sql").is_file() && case.to_str().unwrap().contains(&only));
    cases.sort();
    cases
}

/// A case; nothing where files beside its spec are needed.
fn migration(case: &Path) -> Option<Migration> {
    let read = |file: &str| std::fs::read_to_string(case.join(file)).unwrap();
    let migration = Migration::of_case(case);
    if case.join("target.sql").exists() {
        migration.database.ask(&read("target.sql"));
    }
    (!read("spec.toml").contains("templates =") && !read("spec.toml").contains("file =")).then_some(migration)
}

fn file(migration: &Migration) -> String {
    migration.directory().join("source.json").to_str().unwrap().to_owned()
}

fn inspect(migration: &Migration) -> String {
    migration.run(&["inspect", "--out", &file(migration)]).exits(0);
    std::fs::read_to_string(file(migration)).unwrap()
}

fn live(migration: &Migration) -> Ran {
    migration.run(&["plan", "--format", "json"])
}

fn recalled(migration: &Migration) -> Ran {
    migration.run(&["plan", "--format", "json", "--source", &file(migration)])
}

/// A plan without what says that it is from the file.
fn essential(ran: &Ran) -> Value {
    let mut plan = ran.json();
    let document = plan.as_object_mut().unwrap();
    for key in ["notes", "looked_at"] {
        document.remove(key);
        document["seals"].as_object_mut().unwrap().remove(key);
    }
    plan
}

#[track_caller]
fn assert_same(live: &Ran, recalled: &Ran, place: &str) {
    let (one, other) = (essential(live), essential(recalled));
    for (key, value) in one.as_object().unwrap() {
        assert_eq!(other[key], *value, "{place}: {key}");
    }
    assert_eq!((one, live.code), (other, recalled.code), "{place}");
}

/// Does something with every case, some at a time; gives the sum of what that gives.
fn for_each_case(check: impl Fn(&str, &Path, &Migration) -> (u32, u32) + Sync) -> (u32, u32) {
    let queue = Mutex::new(cases().into_iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut sum = (0, 0);
        while let Some(case) = next() {
            if let Some(migration) = migration(&case) {
                let (one, other) = check(case.file_name().unwrap().to_str().unwrap(), &case, &migration);
                sum = (sum.0 + one, sum.1 + other);
            }
        }
        sum
    };
    std::thread::scope(|scope| {
        let workers = (0..4).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        let sums = workers.into_iter().map(|worker| worker.join().unwrap());
        sums.fold((0, 0), |sum, (one, other)| (sum.0 + one, sum.1 + other))
    })
}

#[test]
fn the_same_spec_gives_the_same_plan() {
    let (seen, _) = for_each_case(|place, case, migration| {
        // Where PostgreSQL itself judges the source's rows or values, a plan from the file says that it was not done.
        if case.join("target.sql").exists() || place == "any_target_type" {
            return (0, 0);
        }
        let text = inspect(migration);
        let live = live(migration);
        // A file is out of the way meanwhile; a server stays.
        let source = migration.source();
        let is_away = std::fs::rename(&source, source.with_extension("away")).is_ok();
        let recalled = recalled(migration);
        if is_away {
            std::fs::rename(source.with_extension("away"), &source).unwrap();
        }
        assert_same(&live, &recalled, place);
        assert_eq!(inspect(migration), text, "{place}: the same source gives the same bytes");
        (1, 0)
    });
    assert!(seen > 40 || std::env::var("CASE").is_ok(), "{seen}");
}

/// What rests on the rows.
const OF_ROWS: [&str; 12] = [
    "check_violated",
    "duplicate_key",
    "foreign_key_orphans",
    "foreign_key_to_rejected",
    "key_too_long",
    "null_in_primary_key",
    "row_too_large",
    "rows_rejected",
    "value_does_not_fit",
    "value_too_large",
    "zero_date",
    "zones_mixed",
];

/// Changes of a spec that a pull request may have, each laid over the case's own.
fn changes(plan: &Value, spec: &toml::Table) -> Vec<(String, toml::Table)> {
    let tables = plan["tables"].as_array().unwrap();
    let names = tables.iter().map(|table| table["source"].as_str().unwrap());
    let in_each = |key: &str, value: &str| {
        let mut changed = spec.clone();
        for name in names.clone() {
            let lines = toml::Table::from_iter([(key.to_owned(), value.into())]);
            let tables = toml::Table::from_iter([(name.to_owned(), lines.into())]);
            lay(&mut changed, toml::Table::from_iter([("tables".to_owned(), tables.into())]));
        }
        (format!("{key} = {value}"), changed)
    };
    let over = |title: &str, lines: &str| {
        let mut changed = spec.clone();
        lay(&mut changed, lines.parse().unwrap());
        (title.to_owned(), changed)
    };
    let mut suggested = spec.clone();
    for finding in plan["findings"].as_array().unwrap() {
        let suggestion = finding["suggestion"].as_str().unwrap_or_default();
        let Some(start) = suggestion.lines().position(|line| line.starts_with('[')) else { continue };
        if !suggestion.contains('…') && finding["severity"] == "blocks" {
            lay(&mut suggested, suggestion.lines().skip(start).collect::<Vec<_>>().join("\n").parse().unwrap());
        }
    }
    vec![
        ("suggestions".to_owned(), suggested),
        in_each("on_bad_value", "reject"),
        in_each("on_bad_value", "null"),
        in_each("where", "1 = 1"),
        in_each("where", "1 = 0"),
        over("another zone", "[source]\ntimezone = \"America/New_York\""),
        over("text", "[types]\n\"INTEGER\" = \"text\"\n\"INT\" = \"text\"\n\"DATE*\" = \"text\"\n\"TIME*\" = \"text\""),
        over("dates", "[types]\n\"TEXT\" = \"timestamptz\"\n\"\" = \"date\"\n\"VARCHAR*\" = \"varchar(2)\""),
        over("numbers", "[types]\n\"INTEGER\" = \"smallint\"\n\"TEXT\" = \"uuid\"\n\"REAL\" = \"numeric(4,2)\""),
    ]
}

/// Something of the plan that the other has not.
fn in_words(finding: &Value) -> String {
    let word = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {}.{} {} {}: {}",
        word("severity"),
        word("table"),
        word("column"),
        word("code"),
        finding["count"],
        word("message")
    )
}

/// Whether a finding of the file's plan says of one of the source's that there are at least so many.
fn is_at_least(told: &Value, seen: &Value) -> bool {
    let alike = |key: &str| told[key] == seen[key];
    // Which of the values are dates that no calendar has, the file does not say.
    let is_zero_date = seen["code"] == "zero_date" && told["code"] == "value_does_not_fit";
    (alike("code") || is_zero_date)
        && ["severity", "table", "column"].into_iter().all(alike)
        && told["message"].as_str().unwrap().starts_with("at least ")
        && told["count"].as_u64() <= seen["count"].as_u64()
}

#[test]
fn with_another_spec_nothing_is_passed_over_in_silence() {
    let (exact, unknown) = for_each_case(|place, case, migration| {
        let (mut exact, mut unknown) = (0, 0);
        inspect(migration);
        let plan = live(migration).json();
        let spec = std::fs::read_to_string(case.join("spec.toml")).unwrap().parse::<toml::Table>().unwrap();
        // A third of the changes for each case, so that each is tried with many.
        let all = std::env::var("CASE").is_ok();
        let chosen = |at: usize| all || (at + place.len()).is_multiple_of(3);
        let changes = changes(&plan, &spec).into_iter().enumerate().filter(|(at, _)| chosen(*at));
        for (title, changed) in changes.map(|(_, change)| change) {
            migration.write_spec(&toml::to_string(&changed).unwrap());
            let (live, recalled) = (live(migration), recalled(migration));
            // The case's spec may say already what the change says otherwise.
            if live.code == Some(2) {
                continue;
            }
            let (live, recalled) = (live.json_by_place(), recalled.json_by_place());
            let findings = |plan: &Value| plan["findings"].as_array().unwrap().clone();
            let is_about_rows = |finding: &&Value| OF_ROWS.contains(&finding["code"].as_str().unwrap());
            let (seen, told) = (findings(&live), findings(&recalled));
            let is_unknown = |about: &Value| {
                told.iter().any(|finding| {
                    finding["code"] == "not_inspected"
                        && finding["table"] == about["table"]
                        && (finding["column"].is_null()
                            || finding["column"] == about["column"]
                            || about["code"] == "null_in_primary_key")
                })
            };
            for finding in seen.iter().filter(is_about_rows) {
                let words = in_words(finding);
                let is_told = told.iter().any(|told| in_words(told) == words || is_at_least(told, finding));
                // A row is rejected for a value, and which do not fit is not known.
                let column_is_unknown = finding["code"] == "rows_rejected"
                    && told.iter().any(|told| told["code"] == "not_inspected" && told["table"] == finding["table"]);
                let bounds = finding["code"] == "rows_rejected"
                    && told.iter().any(|told| {
                        told["code"] == "rows_rejected" && told["message"].as_str().unwrap().starts_with("at least")
                    });
                assert!(
                    is_told || is_unknown(finding) || column_is_unknown || bounds,
                    "{place}, {title}: silent about {words}\n{told:#?}"
                );
            }
            for finding in told.iter().filter(is_about_rows) {
                let words = in_words(finding);
                let is_seen = seen.iter().any(|seen| in_words(seen) == words || is_at_least(finding, seen));
                let bounds = finding["code"] == "rows_rejected" && words.contains("at least");
                assert!(is_seen || bounds || is_unknown(finding), "{place}, {title}: invents {words}\n{seen:#?}");
            }
            let undecided =
                told.iter().any(|finding| finding["message"].as_str().unwrap().contains("which decides the plan"));
            let whole = told.iter().any(|finding| finding["code"] == "not_inspected" && finding["column"].is_null());
            assert!(undecided || whole || live["digest"] == recalled["digest"], "{place}, {title}: another plan");
            if told.iter().any(|finding| finding["code"] == "not_inspected") {
                unknown += 1;
            } else {
                exact += 1;
            }
        }
        (exact, unknown)
    });
    // It is worth asking the file: most of it is known.
    assert!(exact > unknown || std::env::var("CASE").is_ok(), "{exact} plans are exact, {unknown} not");
}

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born DATE);
    INSERT INTO users VALUES (1, 'Ada Lovelace-7301', '1815-12-10'), (7, 'Grace Hopper-7302', 'long ago-7303');
    CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, amount REAL CHECK (amount > 0));
    INSERT INTO notes VALUES (1, 1, 730417.25), (2, 77, 730418.5);
    CREATE TABLE mails (address TEXT PRIMARY KEY, sent DATE) WITHOUT ROWID;
    INSERT INTO mails VALUES ('ada@example.org', 'soon')";

#[test]
fn no_value_is_in_the_file() {
    let migration = Migration::new(SOURCE, SPEC);
    let text = inspect(&migration);
    for value in ["7301", "7302", "7303", "7304", "1815", "Ada", "long ago", "soon"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    assert!(text.contains("ada@example.org") && text.contains("id=7"), "keys are in it: {text}");
    migration.run(&["inspect", "--no-keys", "--out", &file(&migration)]).exits(0);
    let bare = std::fs::read_to_string(file(&migration)).unwrap();
    assert!(!bare.contains("ada@example.org") && !bare.contains("id=7") && !bare.contains(" IN ("), "{bare}");
    let (live, recalled) = (live(&migration).json(), recalled(&migration).exits(3).json());
    let counts = |plan: &Value| {
        let findings = plan["findings"].as_array().unwrap();
        findings.iter().map(in_words).collect::<Vec<_>>()
    };
    assert_eq!(counts(&live), counts(&recalled));
    assert_eq!(live["digest"], recalled["digest"]);
}

/// A suggestion says itself whether it names rows: a CHECK may hold a list of its own.
#[test]
fn without_keys_only_suggestions_are_left_out_that_name_rows() {
    let source = "PRAGMA ignore_check_constraints = ON;
        CREATE TABLE orders (id INTEGER PRIMARY KEY, word TEXT, status TEXT CONSTRAINT known CHECK (status IN ('a', 'b')));
        CREATE INDEX by_word ON orders (word);
        INSERT INTO orders VALUES (471147, hex(randomblob(6000)), 'c')";
    let migration = Migration::new(source, SPEC);
    let text = inspect(&migration);
    assert!(text.contains("NOT IN (471147)") && text.contains("checks.known = false"), "{text}");
    migration.run(&["inspect", "--no-keys", "--out", &file(&migration)]).exits(0);
    let bare = std::fs::read_to_string(file(&migration)).unwrap();
    assert!(!bare.contains("471147") && bare.contains("checks.known = false"), "{bare}");
}

#[test]
fn neither_database_need_be_named() {
    let migration = Migration::new(SOURCE, SPEC);
    inspect(&migration);
    let away = |words: &[&str]| {
        let mut command = migration.command(words);
        run(command.env_remove("CASE_SOURCE").env_remove("CASE_TARGET"))
    };
    let planned = away(&["plan", "--source", &file(&migration)]).exits(3);
    assert!(planned.stderr.contains("`CASE_TARGET` of `target.url` is not set"), "{planned}");
    assert!(
        planned.stdout.contains("for an empty target") || planned.stdout.contains("for an\n  empty target"),
        "{planned}"
    );
    assert!(away(&["plan"]).exits(2).stderr.contains("`CASE_SOURCE` is not set"));
    assert!(away(&["inspect"]).exits(2).stderr.contains("`CASE_SOURCE` is not set"));
    for command in [&["apply", "--yes"][..], &["verify"], &["status"], &["rollback", "--yes"]] {
        assert!(away(command).exits(2).stderr.contains("`CASE_TARGET` is not set"), "{command:?}");
    }
}

#[test]
fn another_file_is_refused() {
    let migration = Migration::new(SOURCE, SPEC);
    let text = inspect(&migration);
    let refuses = |text: &str, words: &str| {
        std::fs::write(file(&migration), text).unwrap();
        let refused = recalled(&migration).exits(2);
        // A long message is broken into lines.
        let said = refused.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(said.contains(words) && refused.stdout.is_empty(), "{refused}");
    };
    refuses("CREATE TABLE a", "this is no file that `transship inspect` wrote");
    refuses(&live(&migration).stdout, "is a plan, and not what `transship inspect` wrote");
    refuses(&text.replace("\"inspect\": 9", "\"inspect\": 1"), "of version 1");
    refuses(&text[..text.len() / 2], "this is no file that `transship inspect` wrote");
    refuses(&text.replace("\"sizes\"", "\"size\""), "this file is damaged: unknown field `size`");
    refuses(&text.replace("\"name\": \"case\"", "\"name\": \"other\""), "of the migration other");
    std::fs::remove_file(file(&migration)).unwrap();
    recalled(&migration).exits(2);
}

/// What is planned from the file runs as it is, and a source that has changed meanwhile is refused.
#[test]
fn a_plan_from_the_file_binds() {
    let spec = format!(
        "{SPEC}[tables.users]\non_bad_value = \"null\"\n[tables.notes]\nforeign_keys.user_id = \"skip\"\n[tables.mails]\nskip = true\n"
    );
    let migration = Migration::new(SOURCE, &spec);
    inspect(&migration);
    let plan = migration.directory().join("plan.json").display().to_string();
    let make = || migration.run(&["plan", "--source", &file(&migration), "--format", "json", "--out", &plan]).exits(0);
    make();
    migration.change_source("ALTER TABLE users ADD COLUMN email TEXT");
    let refused = migration.run(&["apply", "--yes", "--plan", &plan]).exits(3);
    assert!(refused.stderr.contains("source structure: it has changed"), "{refused}");
    inspect(&migration);
    make();
    migration.run(&["apply", "--yes", "--plan", &plan]).exits(0);
    migration.verify().exits(0);
}
