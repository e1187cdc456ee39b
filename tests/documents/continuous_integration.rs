//! What runs in other people's continuous integration: the shell of `action.yml`, step by step as a runner would, with a
//! `gh` that keeps comments in a directory; and the pre-commit hook.

use crate::support::migration::{Migration, Ran, SPEC, program, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A `gh api` that knows the three requests of the script. A comment is a file ID.Bot or ID.User.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
cd "$COMMENTS"
echo "$*" >>../requests
if [[ -e ../forbidden ]]; then echo 'HTTP 403: Resource not accessible by integration' >&2; exit 1; fi
[[ -n $GH_TOKEN && $1 == api ]]
body=${*: -1}
case "$*" in
    *'--paginate repos/o/r/issues/7/comments?per_page=100 --jq .[] | [.id, .user.type,'*)
        for file in [0-9]*; do
            [[ -e $file ]] || continue
            printf '%s\t%s\t%s\n' "${file%%.*}" "${file##*.}" "$(head -n 1 "$file" | tr -d '\r')"
        done ;;
    *"--method POST repos/o/r/issues/7/comments --field body=@"*)
        cp "${body#body=@}" "$(($(find . -type f | wc -l) + 1)).Bot" ;;
    *"--method PATCH repos/o/r/issues/comments/"*)
        number=$(sed -E 's|.*comments/([0-9]+) .*|\1|' <<<"$*")
        cp "${body#body=@}" "$number.Bot" ;;
    *) echo "unknown request: $*" >&2; exit 64 ;;
esac
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// A job that uses the action.
struct Job<'a> {
    migration: &'a Migration,
    inputs: BTreeMap<String, String>,
}

impl<'a> Job<'a> {
    fn new(migration: &'a Migration, inputs: &[(&str, &str)]) -> Self {
        let path = migration.directory();
        std::fs::create_dir_all(path.join("comments")).unwrap();
        let gh = path.join("gh");
        std::fs::write(&gh, GH).unwrap();
        std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
        let spec = path.join("spec.toml").display().to_string();
        let given = [("spec", spec.as_str()), ("binary", env!("CARGO_BIN_EXE_transship")), ("pull-request", "7")];
        let given = given.iter().chain(inputs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { migration, inputs: given.collect() }
    }

    /// What a runner puts in place of `${{ … }}`.
    fn expand(&self, text: &str, outputs: &BTreeMap<String, String>, action: &Value) -> String {
        let Some(expression) = text.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) else {
            assert!(!text.contains("${{"), "an expression inside of text is a way for text to become code: {text}");
            return text.to_owned();
        };
        if let Some(input) = expression.strip_prefix("inputs.") {
            let default = || action["inputs"][input]["default"].as_str().map(str::to_owned);
            return self.inputs.get(input).cloned().or_else(default).unwrap_or_else(|| panic!("no input {input}"));
        }
        match expression {
            "github.token" => "ghs_token".to_owned(),
            output => outputs.get(output).cloned().unwrap_or_else(|| panic!("nothing gives {output}")),
        }
    }

    /// Runs the steps of the action one after the other; ends with the one that fails.
    fn run(&self) -> Ran {
        let action = yaml("action.yml");
        assert_eq!(action["runs"]["using"], "composite");
        let (path, mut outputs) = (self.migration.directory(), BTreeMap::new());
        let mut last = None;
        for step in action["runs"]["steps"].as_array().unwrap() {
            assert_eq!(step["shell"], "bash");
            let script = step["run"].as_str().unwrap();
            assert!(!script.contains("${{"), "{script}");
            let (file, output) = (path.join("step.sh"), path.join("output"));
            std::fs::write(&file, script).unwrap();
            std::fs::write(&output, "").unwrap();
            let mut command = Command::new("bash");
            command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(&file);
            let mut paths = vec![path.to_owned()];
            paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
            command
                .env("PATH", std::env::join_paths(paths).unwrap())
                .env("COMMENTS", path.join("comments"))
                .env("CASE_SOURCE", self.migration.source())
                .env("CASE_TARGET", &self.migration.database.url)
                .env("GITHUB_ACTION_PATH", root())
                .env("GITHUB_REPOSITORY", "o/r")
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_STEP_SUMMARY", path.join("summary"));
            for (name, value) in step["env"].as_object().unwrap() {
                command.env(name, self.expand(value.as_str().unwrap(), &outputs, &action));
            }
            let ran = run(&mut command);
            let id = step["id"].as_str().unwrap();
            for line in std::fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                outputs.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
            let failed = ran.code != Some(0);
            last = Some(ran);
            if failed {
                break;
            }
        }
        last.unwrap()
    }

    fn comments(&self) -> Vec<(String, String)> {
        let entries = std::fs::read_dir(self.migration.directory().join("comments")).unwrap();
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        };
        let mut comments = entries.map(|entry| read(entry.unwrap().path())).collect::<Vec<_>>();
        comments.sort();
        comments
    }
}

const MARKER: &str = "<!-- transship plan case -->";

#[test]
fn the_first_run_makes_a_comment_and_the_next_replaces_it() {
    let migration = Migration::small();
    let job = Job::new(&migration, &[]);
    let comments = migration.directory().join("comments");
    // A person's comment that looks like ours, another plan's, and some talk.
    std::fs::write(comments.join("1.User"), format!("{MARKER}\nnothing to see here")).unwrap();
    std::fs::write(comments.join("2.Bot"), "<!-- transship plan case prod -->\nof another environment").unwrap();
    std::fs::write(comments.join("3.Bot"), format!("a quote:\n{MARKER}")).unwrap();
    let before = job.comments();
    job.run().exits(0);
    let first = job.comments();
    assert_eq!(first[..3], before);
    let [.., (name, body)] = first.as_slice() else { panic!("no comment") };
    assert_eq!(name, "4.Bot");
    assert!(body.starts_with(&format!("{MARKER}\n## Plan for case\n")) && body.contains("app.users"), "{body}");
    migration.write_spec(&SPEC.replace("schema = \"app\"", "schema = \"shop\""));
    job.run().exits(0);
    let second = job.comments();
    assert_eq!((second.len(), &second[..3]), (4, &before[..]));
    assert!(second[3].1.contains("shop.users") && !second[3].1.contains("app.users"), "{}", second[3].1);
    let summary = std::fs::read_to_string(migration.directory().join("summary")).unwrap();
    assert!(summary.contains("app.users") && summary.contains("shop.users"), "{summary}");
}

#[test]
fn the_exit_code_is_the_plans() {
    let migration = Migration::small();
    migration.change_source("CREATE TABLE bad (id INTEGER PRIMARY KEY, born DATE); INSERT INTO bad VALUES (1, 'soon')");
    // Posted first, failed then: the comment is what says why.
    let job = Job::new(&migration, &[]);
    job.run().exits(3);
    assert!(
        job.comments()[0].1.contains("value\\_does\\_not\\_fit") || job.comments()[0].1.contains("value_does_not_fit")
    );
    Job::new(&migration, &[("fail-on", "never")]).run().exits(0);
    migration.change_source("DROP TABLE bad");
    Job::new(&migration, &[("fail-on", "findings")]).run().exits(0);
    Job::new(&migration, &[("fail-on", "changes")]).run().exits(4);
    Job::new(&migration, &[("fail-on", "sometimes")]).run().exits(2);
    migration.write_spec("spec = 1");
    let posted = job.comments();
    Job::new(&migration, &[("fail-on", "never")]).run().exits(2);
    assert_eq!(job.comments(), posted, "a spec that is wrong has no plan");
}

#[test]
fn a_runner_that_reaches_no_database_plans_from_the_file() {
    let migration = Migration::small();
    let file = migration.directory().join("source.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    std::fs::remove_file(migration.source()).unwrap();
    let job = Job::new(&migration, &[("source-file", &file)]);
    job.run().exits(0);
    assert!(job.comments()[0].1.contains("The source was not opened"), "{:?}", job.comments());
}

#[test]
fn where_nothing_may_be_posted_the_summary_has_the_plan() {
    let migration = Migration::small();
    let job = Job::new(&migration, &[]);
    std::fs::write(migration.directory().join("forbidden"), "").unwrap();
    let ran = job.run().exits(0);
    assert!(ran.stderr.contains("::warning::the plan could not be posted"), "{ran}");
    std::fs::remove_file(migration.directory().join("forbidden")).unwrap();
    std::fs::remove_file(migration.directory().join("requests")).unwrap();
    Job::new(&migration, &[("pull-request", "")]).run().exits(0);
    assert!(!migration.directory().join("requests").exists(), "no pull request, no request");
    assert!(job.comments().is_empty());
    assert!(std::fs::read_to_string(migration.directory().join("summary")).unwrap().contains(MARKER));
}

#[test]
fn the_hook_checks_every_spec_and_no_other_file() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let entry = hooks[0]["entry"].as_str().unwrap();
    let migration = Migration::small();
    let path = |name: &str| migration.directory().join(name);
    std::fs::write(path("broken.toml"), "spec = 1\n").unwrap();
    std::fs::write(path("other.toml"), "[package]\nname = \"spec\"\n").unwrap();
    let check = |files: &[&str]| {
        let mut command = Command::new(root().join(entry));
        command.args(files.iter().map(|file| path(file))).env("TRANSSHIP", env!("CARGO_BIN_EXE_transship"));
        run(command.env("CASE_SOURCE", "a.db").env("CASE_TARGET", "embedded:"))
    };
    check(&["spec.toml", "other.toml"]).exits(0);
    let refused = check(&["broken.toml", "spec.toml"]).exits(2);
    assert!(refused.stderr.contains("broken.toml") && !refused.stderr.contains("other.toml"), "{refused}");
    assert_eq!(hooks[0]["types"], serde_json::json!(["toml"]));
}

/// The expression that lists comments is the one thing that the `gh` of this test does not do itself.
#[test]
fn the_listing_is_what_jq_makes_of_githubs_answer() {
    let script = std::fs::read_to_string(root().join("scripts/pull-request-plan")).unwrap();
    let (_, rest) = script.split_once("--jq '").unwrap();
    let (expression, _) = rest.split_once('\'').unwrap();
    let answer = r#"[{"id": 5, "user": {"type": "Bot"}, "body": "<!-- a -->\r\ntwo\tlines"}]"#;
    let Ok(jq) = Command::new("jq").args(["-r", "-n", &format!("{answer} | {expression}")]).output() else {
        assert!(expression.ends_with("| @tsv"));
        return;
    };
    assert_eq!(String::from_utf8(jq.stdout).unwrap(), "5\tBot\t<!-- a -->\n");
}

#[test]
fn the_documentation_names_what_there_is() {
    let text = std::fs::read_to_string(root().join("docs/continuous-integration.md")).unwrap();
    let action = yaml("action.yml");
    for input in action["inputs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("`{input}`")), "{input}");
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    assert!(text.contains(hooks[0]["id"].as_str().unwrap()));
    let blocks = text.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    for block in blocks {
        serde_saphyr::from_str::<Value>(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
    // Every command of the page is one that the program knows.
    for line in text.lines().filter(|line| line.trim_start_matches("- ").trim_start().starts_with("transship ")) {
        let words = line.trim_start_matches([' ', '-']).split_whitespace().skip(1);
        let help = run(program().arg(words.clone().next().unwrap()).arg("--help")).exits(0).stdout;
        let flags = words.filter(|word| word.starts_with("--"));
        flags.for_each(|flag| assert!(help.contains(flag), "{line}: {flag}"));
    }
}
