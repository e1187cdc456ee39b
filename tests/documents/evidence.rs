//! `--report`: what stands in the evidence of runs that end well, badly, or not at all.

use crate::support::migration::{Migration, SPEC};
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A table of each fate: filtered, rejected, nulled, plain. Names with what XML and HTML have no place for.
const SOURCE: &str = "CREATE TABLE kept (id INTEGER PRIMARY KEY, born DATE, gone INTEGER);
    CREATE TABLE \"odd \" (id INTEGER PRIMARY KEY, \"<b>&\" TEXT);
    INSERT INTO kept VALUES (1, '1999-12-31', NULL), (2, 'never', NULL), (3, NULL, 1), (4, 'no', NULL), (5, NULL, 1);
    INSERT INTO \"odd \" VALUES (1, 'Tr4nsship-value'), (2, 'b')";

const DECIDED: &str = "
[tables.kept]
where = \"gone IS NULL\"
columns.born = { type = \"date\", on_bad_value = \"reject\" }
[checks.\"one & only\"]
sql = \"SELECT count(*) FROM app.kept\"
expect = 1
";

fn source() -> String {
    // No source file of Rust holds the character itself.
    SOURCE.replace("odd ", "odd \u{1}")
}

/// The digests of tables in a document, each once.
fn digests_of(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(members) => {
            let inner = members.iter().flat_map(|(key, value)| match value.as_str() {
                // That of a plan is of another kind, and longer.
                Some(digest) if key.contains("digest") && digest.len() == 32 => BTreeSet::from([digest.to_owned()]),
                _ => digests_of(value),
            });
            inner.collect()
        }
        Value::Array(elements) => elements.iter().flat_map(digests_of).collect(),
        _ => BTreeSet::new(),
    }
}

struct Reported {
    migration: Migration,
}

impl Reported {
    fn new(spec: &str) -> Self {
        Self { migration: Migration::new(&source(), &format!("{SPEC}{spec}")) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.migration.directory().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    /// Runs the command and gives its evidence as JSON and as JUnit XML.
    #[track_caller]
    fn run(&self, words: &[&str], code: i32) -> (Value, String) {
        let (one, two, three) = (self.file("e.json"), self.file("e.xml"), self.file("e.html"));
        let files = [&one, &two, &three].map(|file| ["--report", file.to_str().unwrap()]).concat();
        self.migration.run(&[words, &files].concat()).exits(code);
        let page = self.read("e.html");
        assert!(page.ends_with("</html>") && !page.contains("<b>"), "{page}");
        (serde_json::from_str(&self.read("e.json")).unwrap(), self.read("e.xml"))
    }
}

/// The cases of a suite: name, and the tag and message of what is not right.
fn cases(xml: &str, suite: &str) -> Vec<(String, Option<(String, String)>)> {
    let document = Document::parse(xml).unwrap();
    let attribute = |node: Node<'_, '_>, name: &str| node.attribute(name).unwrap_or_default().to_owned();
    let suites = document.root_element().children().filter(Node::is_element).collect::<Vec<_>>();
    for one in std::iter::once(document.root_element()).chain(suites.iter().copied()) {
        let all = one.descendants().filter(|node| node.has_tag_name("testcase")).count();
        assert_eq!(attribute(one, "tests"), all.to_string());
        for (count, tag) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            let found = one.descendants().filter(|node| node.has_tag_name(tag)).count();
            assert_eq!(attribute(one, count), found.to_string(), "{count}");
        }
    }
    let suite = suites.into_iter().find(|one| attribute(*one, "name") == suite).unwrap();
    let cases = suite.children().filter(|node| node.has_tag_name("testcase"));
    let case = |case: Node<'_, '_>| {
        let wrong = case.children().find(Node::is_element);
        let wrong = wrong.map(|wrong| (wrong.tag_name().name().to_owned(), attribute(wrong, "message")));
        (attribute(case, "name"), wrong)
    };
    cases.map(case).collect()
}

fn wrong(xml: &str, suite: &str) -> Vec<(String, String, String)> {
    cases(xml, suite).into_iter().filter_map(|(name, wrong)| wrong.map(|(tag, message)| (name, tag, message))).collect()
}

#[test]
fn a_run_and_its_proof() {
    let reported = Reported::new(DECIDED);
    let (applied, junit) = reported.run(&["apply", "--yes"], 0);
    let equation = json!({ "source": 5, "loaded": 1, "rejected": 2, "filtered": 2, "kept": 0, "adds_up": true });
    assert_eq!((&applied["tables"][0]["rows"], &applied["outcome"]), (&equation, &"done".into()));
    assert_eq!(applied["rows"]["source"], 7);
    assert!(applied["versions"]["sqlite"].is_string() && junit.contains("\"sqlite\""), "{junit}");
    let decided = applied["findings"].as_array().unwrap().iter();
    let decided = decided.map(|one| (one["code"].as_str().unwrap(), one["decision"].as_str().unwrap()));
    let reject = "on_bad_value = \"reject\"";
    let expected = [("rows_rejected", reject), ("value_does_not_fit", reject), ("rows_left_behind", "where")];
    assert_eq!(decided.collect::<Vec<_>>(), expected);
    assert_eq!(applied["checks"][0]["passed"], true);
    assert_eq!([wrong(&junit, "tables"), wrong(&junit, "checks"), wrong(&junit, "steps")], [const { Vec::new() }; 3]);
    // Each step was done after those that it waited for, and inside the run.
    let steps = applied["steps"].as_array().unwrap();
    let time = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
    for step in steps {
        assert!(time(&applied, "started_at") <= time(step, "started_at"), "{step}");
        assert!(time(step, "finished_at") <= time(&applied, "finished_at"), "{step}");
        for before in step["after"].as_array().unwrap() {
            let before = steps.iter().find(|one| one["id"] == *before).unwrap();
            assert!(time(before, "finished_at") <= time(step, "started_at"), "{before} {step}");
        }
    }
    assert_eq!(steps.len(), cases(&junit, "steps").len() - 1);

    // A second run does nothing; its evidence says what stands there, with the same digests.
    let (again, _) = reported.run(&["apply", "--yes"], 0);
    assert_eq!((&again["outcome"], &again["tables"]), (&"nothing_to_do".into(), &applied["tables"]));
    assert!(again["steps"].as_array().unwrap().iter().all(|step| step["state"] == "done_before"));

    // Its times are those of the first run, from the ledger.
    let of_run = |step: &Value| (step["run"].clone(), step["finished_at"].is_string());
    assert!(again["steps"].as_array().unwrap().iter().all(|step| of_run(step) == (1.into(), true)), "{again}");
    let runs = again["runs"].as_array().unwrap().iter().map(|run| (&run["run"], &run["state"])).collect::<Vec<_>>();
    assert_eq!(runs, [(&1.into(), &"done".into())]);

    // A table has one digest, that of the proof: in no document stands another.
    assert!(applied["tables"].as_array().unwrap().iter().all(|table| digests_of(table).is_empty()), "{applied}");
    let status = reported.migration.run(&["status", "--format", "json"]).exits(0).json();
    assert_eq!(digests_of(&status), BTreeSet::new());
    let (verified, junit) = reported.run(&["verify"], 0);
    let printed = reported.migration.run(&["verify", "--format", "json"]).exits(0).json();
    for (table, printed) in verified["tables"].as_array().unwrap().iter().zip(printed["tables"].as_array().unwrap()) {
        assert_eq!(digests_of(table).len(), 1, "{table}");
        assert_eq!(digests_of(table), digests_of(printed));
    }
    let digests = |table: &Value| (table["source_digest"].clone(), table["target_digest"].clone());
    for table in verified["tables"].as_array().unwrap() {
        let (source, target) = digests(table);
        assert!(source == target && source.as_str().unwrap().len() == 32, "{table}");
    }
    assert_eq!(verified["tables"][0]["rows"], equation);
    assert_eq!(verified["digests"], applied["digests"]);
    assert_eq!(cases(&junit, "tables"), [("kept".to_owned(), None), ("odd ␁".to_owned(), None)]);

    reported.migration.database.ask("UPDATE app.\"odd \u{1}\" SET \"<b>&\" = 'x' WHERE id = 1; DELETE FROM app.kept");
    let (verified, junit) = reported.run(&["verify"], 3);
    let (source, target) = digests(&verified["tables"][1]);
    assert_ne!(source, target);
    assert_eq!(verified["tables"][0]["rows"]["adds_up"], false);
    let missing = "1 row missing, 5 rows of the source are not 0 loaded + 2 rejected + 2 filtered";
    let expected = [("kept", missing), ("odd ␁", "1 row different")];
    let expected = expected.map(|(table, words)| (table.to_owned(), "failure".to_owned(), words.to_owned()));
    assert_eq!(wrong(&junit, "tables"), expected);
    assert!(junit.contains("id=1: column &lt;b&gt;&amp; differs"), "{junit}");
    assert_eq!(wrong(&junit, "checks").len(), 1);
    for text in [verified.to_string(), junit, reported.read("e.html")] {
        assert!(!text.contains("Tr4nsship-value") && !text.contains("127.0.0.1"), "{text}");
    }
}

#[test]
fn a_refusal_is_evidence() {
    let reported = Reported::new("[tables.kept]\ncolumns.born = { type = \"date\" }");
    let (evidence, junit) = reported.run(&["apply", "--yes"], 3);
    assert_eq!((&evidence["outcome"], &evidence["passed"]), (&"refused".into(), &false.into()));
    assert_eq!(evidence["findings"][0]["decided_by"], "nobody");
    assert!(evidence["tables"].as_array().unwrap().iter().all(|table| table["state"] == "not_loaded"));
    let (name, tag, message) = &wrong(&junit, "steps")[0];
    assert_eq!((name.as_str(), tag.as_str()), ("apply case", "error"));
    assert!(message.contains("kept.born: 2 values do not fit date"), "{message}");
    assert_eq!(reported.migration.database.schemas(), [""; 0]);
}

/// A step that fails half way: what was done, what failed and why, what was not begun.
#[test]
fn a_failure_is_evidence() {
    let spec = format!(
        "{DECIDED}[steps.broken]\nsql = \"SELECT 1/0\"\n[steps.later]\nafter = [\"step:broken\"]\nsql = \"SELECT 1\""
    );
    let reported = Reported::new(&spec);
    let (evidence, junit) = reported.run(&["apply", "--yes"], 1);
    assert_eq!(evidence["outcome"], "failed");
    assert!(evidence["message"].as_str().unwrap().contains("division by zero"), "{evidence}");
    let state = |id: &str| {
        let steps = evidence["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(["copy:kept", "step:broken", "step:later"].map(state), ["done", "failed", "not_done"]);
    assert_eq!(evidence["tables"][0]["state"], "loaded");
    let wrong = wrong(&junit, "steps");
    let tag = |name: &str| wrong.iter().find(|(step, ..)| step == name).unwrap().1.clone();
    assert_eq!(["apply case", "step:broken", "step:later"].map(tag), ["error", "failure", "skipped"]);
}

#[test]
fn a_check_that_fails_is_evidence() {
    let reported = Reported::new(&DECIDED.replace("expect = 1", "expect = 9"));
    let (evidence, junit) = reported.run(&["apply", "--yes"], 3);
    assert_eq!((&evidence["outcome"], &evidence["checks"][0]["actual"]), (&"checks_failed".into(), &"1".into()));
    let expected = ("one & only".to_owned(), "failure".to_owned(), "expected 9, got 1".to_owned());
    assert_eq!(wrong(&junit, "checks"), [expected]);
}

/// A check that only warns fails nothing and is said; tables that were not asked for are skipped; a sample says so.
#[test]
fn what_was_looked_at_in_part_says_so() {
    let warn = DECIDED.replace("expect = 1", "expect = 9\nseverity = \"warn\"");
    let reported = Reported::new(&warn);
    reported.migration.apply().exits(0);
    let (evidence, junit) = reported.run(&["verify", "--sample", "1%"], 0);
    assert_eq!((&evidence["sample"], &evidence["checks"][0]["severity"]), (&"1%".into(), &"warn".into()));
    assert_eq!(wrong(&junit, "checks"), [("one & only".to_owned(), "system-out".to_owned(), String::new())]);
    assert!(junit.contains("<system-out>warning: expected 9, got 1</system-out>"), "{junit}");
    assert!(reported.read("e.html").contains("Only a sample of 1% of the rows was compared"));
    let (evidence, junit) = reported.run(&["verify", "--table", "kept"], 0);
    assert_eq!(evidence["tables"][1]["state"], "not_compared");
    let skipped = ("odd ␁".to_owned(), "skipped".to_owned(), "not compared".to_owned());
    assert_eq!((wrong(&junit, "tables"), cases(&junit, "checks").len()), (vec![skipped], 0));
}

/// Neither the name nor the address of a server, and no password, when it is not there.
#[test]
fn a_server_that_is_away_has_no_name() {
    let mut reported = Reported::new(DECIDED);
    reported.migration.set("CASE_TARGET", "postgres://someone:s3cret@localhost:1/nowhere");
    let (evidence, junit) = reported.run(&["apply", "--yes"], 1);
    assert!(evidence["message"].as_str().unwrap().contains("cannot connect to the target"), "{evidence}");
    assert_eq!((&evidence["outcome"], &evidence["digests"]), (&"failed".into(), &Value::Null));
    for text in [evidence.to_string(), junit, reported.read("e.html")] {
        assert!(!text.contains("localhost") && !text.contains("someone") && !text.contains("s3cret"), "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_known_before_anything_begins() {
    let reported = Reported::new(DECIDED);
    for (file, words) in [("evidence.pdf", "the ending decides"), ("/no/such/directory/evidence.json", "cannot write")]
    {
        let refused = reported.migration.run(&["apply", "--yes", "--report", file]).exits(2);
        assert!(refused.stderr.contains(words) && refused.stderr.contains(file), "{refused}");
    }
    let directory = reported.file("directory.html");
    std::fs::create_dir(&directory).unwrap();
    reported.migration.run(&["verify", "--report", directory.to_str().unwrap()]).exits(2);
    assert_eq!(reported.migration.database.schemas(), [""; 0]);
    // What stood there stays until there is something new, and nothing of it stays then.
    let file = reported.file("e.json");
    std::fs::write(&file, "x".repeat(1_000_000)).unwrap();
    let (evidence, _) = reported.run(&["apply", "--yes"], 0);
    assert_eq!(evidence["outcome"], "done");
}
