//! `apply --plan` runs what was reviewed or refuses; `plan --against` says what is different.

use crate::support::migration::{Migration, Ran, SPEC};

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, born DATE);
    INSERT INTO users VALUES (1, 'Ada', '1815-12-10'), (2, 'Grace', '1906-12-09');
    CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, body);
    INSERT INTO notes VALUES (1, 1, 'first'), (2, 77, 'nobody');";

/// The note of nobody is known, and stays.
const DECIDED: &str = "[tables.notes]\nforeign_keys.user_id = \"not_valid\"\n";

fn reviewed() -> Migration {
    let migration = Migration::new(SOURCE, &format!("{SPEC}{DECIDED}"));
    migration.run(&["plan", "--format", "json", "--out", &path(&migration)]).exits(0);
    migration
}

fn path(migration: &Migration) -> String {
    migration.directory().join("plan.json").to_str().unwrap().to_owned()
}

fn apply(migration: &Migration) -> Ran {
    migration.run(&["apply", "--yes", "--plan", &path(migration)])
}

#[track_caller]
fn refuses(migration: &Migration, words: &str) {
    let schemas = migration.database.schemas();
    let refused = apply(migration).exits(3);
    assert!(refused.stderr.contains(words), "{words}: {refused}");
    assert!(refused.stdout.is_empty(), "{refused}");
    assert_eq!(migration.database.schemas(), schemas, "a plan that is refused writes nothing");
}

#[test]
fn what_was_reviewed_runs() {
    let migration = reviewed();
    apply(&migration).exits(0);
    migration.verify().exits(0);
    // The same plan goes on where it was, and here that is its end.
    let again = apply(&migration).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

#[test]
fn rows_may_come_and_go() {
    let migration = reviewed();
    migration.change_source("INSERT INTO users VALUES (3, 'Mary', NULL); DELETE FROM notes WHERE id = 1");
    apply(&migration).exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "3");
}

#[test]
fn drift_is_refused_by_name() {
    let migration = reviewed();
    migration.write_spec(&format!("{SPEC}{DECIDED}where = \"id < 100\"\n"));
    refuses(&migration, "spec: it has changed");
    migration.write_spec(&format!("{SPEC}{DECIDED}").replace("\"case\"", "\"other\""));
    refuses(&migration, "spec: the plan is of the migration case, and this is other");

    std::fs::create_dir(migration.directory().join("ddl")).unwrap();
    let template = "CREATE SCHEMA {{ schema | ident }};";
    std::fs::write(migration.directory().join("ddl/schema.sql.j2"), template).unwrap();
    migration.write_spec(&format!("templates = \"ddl\"\n{SPEC}{DECIDED}"));
    refuses(&migration, "templates: they have changed");

    let migration = reviewed();
    migration.change_source("CREATE INDEX by_name ON users (name)");
    refuses(&migration, "source structure: it has changed");
}

#[test]
fn findings_that_nobody_has_seen_are_refused() {
    let migration = reviewed();
    migration.change_source("INSERT INTO notes VALUES (3, 78, 'nobody either')");
    refuses(&migration, "source data profile: notes: a finding concerns more than in the plan");
    // As many, but another row: nobody has seen that it stays alone.
    let migration = reviewed();
    migration.change_source("DELETE FROM notes WHERE id = 2; INSERT INTO notes VALUES (3, 78, 'nobody either')");
    refuses(&migration, "source data profile: notes: a finding concerns other rows than in the plan");
    let migration = reviewed();
    migration.change_source("INSERT INTO users VALUES (3, 'Mary', 'long ago')");
    refuses(&migration, "source data profile: users.born: a finding that the plan does not have");
    let migration = reviewed();
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.users (mine text)");
    refuses(&migration, "target: users: a finding that the plan does not have: the target already holds app.users");
}

#[test]
fn rows_that_lead_to_another_plan_are_refused() {
    let migration = reviewed();
    // A column without a type is what is stored in it.
    migration.change_source("DELETE FROM notes WHERE id = 2; UPDATE notes SET body = X'00'");
    refuses(&migration, "source data profile: the stored values lead to another plan (table:notes)");
}

/// A plan for a target that nobody could reach is one for an empty target, and only there does it run.
#[test]
fn a_plan_without_its_target_runs_in_an_empty_one_alone() {
    let mut migration = Migration::new(SOURCE, &format!("{SPEC}{DECIDED}"));
    let target = migration.database.url.clone();
    migration.set("CASE_TARGET", "postgres://nobody@127.0.0.1:1/nowhere");
    migration.run(&["plan", "--assume-empty-target", "--format", "json", "--out", &path(&migration)]).exits(0);
    let plan = std::fs::read_to_string(path(&migration)).unwrap();
    assert!(plan.contains(r#""target": "not_reached""#) && !plan.contains("127.0.0.1"), "{plan}");
    assert!(migration.run(&["plan", "--assume-empty-target"]).exits(0).stdout.contains("The target was not read"));
    let refused = apply(&migration).exits(1);
    assert!(refused.stderr.contains("cannot connect to"), "{refused}");
    migration.set("CASE_TARGET", &target);
    migration.database.ask("CREATE SCHEMA app; CREATE TABLE app.users (mine text)");
    refuses(&migration, "target: users: the plan was made without looking at it: the target already holds app.users");
    migration.database.ask("DROP SCHEMA app CASCADE");
    apply(&migration).exits(0);
}

#[test]
fn what_is_undone_in_the_target_is_refused() {
    let migration = reviewed();
    apply(&migration).exits(0);
    migration.run(&["plan", "--format", "json", "--out", &path(&migration)]).exits(0);
    migration.database.ask("DELETE FROM transship.step WHERE id LIKE 'index:%' OR id LIKE 'analyze:users'");
    refuses(&migration, "target: steps that were done are pending again (analyze:users)");
}

#[test]
fn an_edited_plan_is_refused() {
    let migration = reviewed();
    let text = std::fs::read_to_string(path(&migration)).unwrap();
    std::fs::write(path(&migration), text.replace("born date", "born timestamp")).unwrap();
    refuses(&migration, "the plan's file: its steps are not those of its digest (table:users)");
    std::fs::write(path(&migration), "{}").unwrap();
    assert!(apply(&migration).exits(2).stderr.contains("this is no plan"));
}

/// Every leaf of the document is under a seal, whatever it says.
#[test]
fn no_leaf_of_a_plan_can_be_edited_unnoticed() {
    let migration = reviewed();
    let text = std::fs::read_to_string(path(&migration)).unwrap();
    let document = serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let mut leaves = Vec::new();
    pointers(&document, String::new(), &mut leaves);
    assert!(leaves.len() > 100, "{leaves:?}");
    for leaf in leaves {
        let mut edited = document.clone();
        let value = edited.pointer_mut(&leaf).unwrap();
        *value = match value {
            serde_json::Value::String(text) => format!("{text}x").into(),
            serde_json::Value::Number(number) => (number.as_u64().unwrap_or(0) + 1).into(),
            serde_json::Value::Bool(truth) => (!*truth).into(),
            _ => "x".into(),
        };
        let part = leaf.split('/').nth(1).unwrap();
        let Ok(saved) = transship::plan::SavedPlan::parse(&edited.to_string()) else { continue };
        let part = if part == "seals" { leaf.split('/').nth(2).unwrap() } else { part };
        assert_eq!(saved.edited, [part], "{leaf}");
    }
    // And what is edited is refused, by the part's name.
    std::fs::write(path(&migration), text.replace("\"declared_type\": \"DATE\"", "\"declared_type\": \"TEXT\""))
        .unwrap();
    refuses(&migration, "the plan's file: its `tables` was edited");
    // Nor where the seals are made anew.
    for (leaf, part) in [("/tables/0/columns/0/declared_type", "tables"), ("/omitted", "omitted")] {
        let mut edited = document.clone();
        let value = edited.pointer_mut(leaf).unwrap();
        *value = if part == "tables" { "TEXT of another's".into() } else { serde_json::json!([{ "kind": "view" }]) };
        edited["seals"] = serde_json::to_value(transship::plan::seal::seals(&edited)).unwrap();
        std::fs::write(path(&migration), edited.to_string()).unwrap();
        refuses(&migration, &format!("the plan's file: its `{part}` are not those of its digest"));
    }
}

fn pointers(value: &serde_json::Value, at: String, leaves: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                pointers(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), leaves);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                pointers(value, format!("{at}/{index}"), leaves);
            }
        }
        _ => leaves.push(at),
    }
}

/// What others have altered in the application's tables since is drift of the target, and of nothing else.
#[test]
fn what_others_alter_in_the_target_is_told_as_that() {
    let spec = format!("{SPEC}{DECIDED}").replace("[target]", "[target]\ntables = \"existing\"");
    let migration = Migration::new(SOURCE, &spec);
    migration.database.ask(
        "CREATE SCHEMA app; CREATE TABLE app.users (id bigint PRIMARY KEY, name text, born date);
        CREATE TABLE app.notes (id bigint PRIMARY KEY, user_id bigint, body text)",
    );
    migration.run(&["plan", "--format", "json", "--out", &path(&migration)]).exits(0);
    for (alter, undo, words) in [
        (
            "ADD CONSTRAINT named CHECK (name <> '')",
            "DROP CONSTRAINT named",
            "target: constraint named on app.users was added",
        ),
        ("ALTER name SET DEFAULT 'x'", "ALTER name DROP DEFAULT", "target: column app.users.name was altered"),
        ("ALTER name SET NOT NULL", "ALTER name DROP NOT NULL", "target: column app.users.name was altered"),
        ("ALTER name TYPE varchar(90)", "ALTER name TYPE text", "target: column app.users.name was altered"),
        ("ADD more text", "DROP more", "target: column app.users.more was added"),
        ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY", "target: table app.users was altered"),
    ] {
        migration.database.ask(&format!("ALTER TABLE app.users {alter}"));
        let refused = apply(&migration).exits(3);
        assert!(refused.stderr.contains(words), "{alter}: {refused}");
        assert!(!refused.stderr.contains("source data"), "{alter}: {refused}");
        migration.database.ask(&format!("ALTER TABLE app.users {undo}"));
    }
    apply(&migration).exits(0);
    apply(&migration).exits(0);
}

#[test]
fn a_difference_of_plans_says_what_a_change_changes() {
    let migration = reviewed();
    let against = |format: &str| migration.run(&["plan", "--against", &path(&migration), "--format", format]);
    let same = against("json").exits(0).json();
    assert_eq!((&same["same"], &same["diff"]), (&true.into(), &"".into()));
    migration.write_spec(&format!(
        "{SPEC}{DECIDED}columns.body = {{ type = \"bytea\", from = \"utf8\" }}\n[tables.users]\nwhere = \"id > 0\"\n[steps.more]\nsql = \"SELECT 1\"\n"
    ));
    migration.change_source("ALTER TABLE users ADD COLUMN email TEXT; INSERT INTO users (id, born) VALUES (9, 'soon')");
    let json = against("json").exits(3).json();
    assert_eq!(json["inputs"], serde_json::json!(["spec", "source"]));
    assert_eq!((&json["added"], &json["removed"]), (&serde_json::json!(["step:more"]), &serde_json::json!([])));
    let changed = json["changed"].as_array().unwrap();
    let ids = changed.iter().map(|change| change["id"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(ids, ["table:notes", "copy:notes", "table:users", "copy:users"]);
    assert!(json["new_findings"][0].as_str().unwrap().starts_with("blocks users.born: 1 value"), "{json}");
    insta::assert_snapshot!(
        "difference",
        against("text")
            .exits(3)
            .stdout
            .lines()
            .filter(|line| !line.starts_with("before ") && !line.starts_with("after "))
            .collect::<Vec<_>>()
            .join("\n")
    );
    assert!(against("markdown").exits(3).stdout.contains("```diff\n"));
    let page = against("html").exits(3).stdout;
    for words in [
        "<p>blocks users.born: 1 value",
        "<tr><td>columns.body.column_type</td><td>text</td><td>bytea</td></tr>",
        "<span class=\"badge\">new</span> step:more",
        "body text",
        "body bytea",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(against("mermaid").exits(2).stderr.contains("--against"));
}

#[test]
fn a_difference_of_plans_says_how_a_step_is_taken_back() {
    let step = |undo: &str, rest: &str| {
        format!("{SPEC}{DECIDED}[steps.search]\nsql = \"CREATE INDEX x ON app.users (id)\"\nundo = \"{undo}\"\n{rest}")
    };
    let migration = reviewed();
    migration.write_spec(&step("DROP INDEX app.x", ""));
    let file = migration.directory().join("with_undo.json");
    let file = file.to_str().unwrap();
    migration.run(&["plan", "--format", "json", "--out", file]).exits(0);
    migration.write_spec(&step("DROP TABLE app.users", "transaction = false\n"));
    let against = |format: &str| migration.run(&["plan", "--against", file, "--format", format]).exits(0);
    let json = against("json").json();
    assert_eq!(json["changed"], serde_json::json!([{ "id": "step:search", "what": ["undo", "transaction"] }]));
    for (format, words) in [
        ("text", "--- undo: DROP INDEX app.x"),
        ("markdown", "+-- undo: DROP TABLE app.users"),
        ("html", "<td>undo</td><td>DROP INDEX app.x</td><td>DROP TABLE app.users</td>"),
    ] {
        let told = against(format).stdout;
        assert!(told.contains(words), "{format}: {told}");
    }
    // So does the plan itself.
    for format in ["markdown", "html", "sql"] {
        let told = migration.run(&["plan", "--format", format]).exits(0).stdout;
        assert!(told.contains("-- undo: DROP TABLE app.users"), "{format}: {told}");
    }
}
