//! Rights that the role of `target.url` lacks: every command names the statements that settle it, and what these give is enough.

use crate::support::migration::{Migration, Ran, SPEC, run};
use serde_json::Value;
use std::collections::BTreeSet;

const SOURCE: &str = "CREATE TABLE u (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO u VALUES (1, 'a'), (2, 'b');
    CREATE TABLE v (id INTEGER PRIMARY KEY, u_id INTEGER REFERENCES u); INSERT INTO v VALUES (1, 1), (2, 2)";

/// The tables of the application.
const TABLES: &str =
    "CREATE TABLE app.u (id bigint PRIMARY KEY, t text); CREATE TABLE app.v (id bigint PRIMARY KEY, u_id bigint)";

/// A migration of a role that may only log in, into what an administrator has made.
fn of_role(role: &str, attributes: &str, spec: &str, target: &str) -> Migration {
    let mut migration = Migration::new(SOURCE, &format!("{SPEC}{spec}"));
    migration.database.ask(&format!("CREATE ROLE {role} LOGIN {attributes}; CREATE SCHEMA app; {target}"));
    let url = migration.database.url.replace("postgres@", &format!("{role}@"));
    migration.set("CASE_TARGET", &url);
    migration
}

/// What a command says, in one line.
fn said(migration: &Migration, command: &[&str], code: i32) -> String {
    let mut command = migration.command(command);
    let ran = run(command.env("COLUMNS", "2000")).exits(code);
    ran.output().split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

fn findings(migration: &Migration, code: i32) -> Vec<Value> {
    let plan = migration.run(&["plan", "--format", "json"]).exits(code).json();
    plan["findings"].as_array().unwrap().clone()
}

/// The statements of findings of this severity that an administrator is asked to run.
fn asked(findings: &[Value], severity: &str) -> Vec<String> {
    let of = findings.iter().filter(|finding| finding["severity"] == severity);
    let suggestions = of.filter_map(|finding| finding["suggestion"].as_str().filter(|text| text.contains("GRANT ")));
    let statements = suggestions.flat_map(|text| {
        let run = text.split("run `").nth(1).and_then(|rest| rest.split('`').next());
        let run = run.unwrap_or_else(|| panic!("{text}")).trim_end_matches(';');
        run.split("; ").map(|statement| format!("{statement};")).collect::<Vec<_>>()
    });
    statements.collect()
}

/// Runs what the plans ask for until nothing blocks; no statement is asked for twice.
fn settle(migration: &Migration) {
    let mut settled = BTreeSet::new();
    loop {
        let planned = migration.run(&["plan", "--format", "json"]);
        if planned.code == Some(0) {
            return;
        }
        let findings = planned.exits(3).json()["findings"].as_array().unwrap().clone();
        let statements = asked(&findings, "blocks").into_iter().collect::<BTreeSet<_>>();
        assert!(!statements.is_empty(), "{findings:#?}");
        for statement in statements {
            migration.database.ask(&statement);
            assert!(settled.insert(statement.clone()), "{statement} did not settle it");
        }
    }
}

fn refresh(migration: &Migration, code: i32) -> Ran {
    migration.run(&["apply", "--yes", "--refresh"]).exits(code)
}

/// What the load takes is less than what takes it back: the plan notes it, and the commands that need it name it.
#[test]
fn what_takes_a_load_back_is_named_before_it_is_missed() {
    let migration = of_role("rights_loader", "", "tables = \"existing\"\n", TABLES);
    settle(&migration);
    let planned = findings(&migration, 0);
    let noted = asked(&planned, "notes");
    assert_eq!(noted.len(), 2, "{planned:#?}");
    // Its tables are a superuser's, whom nobody is to become for the sake of statistics.
    assert!(planned.iter().any(|finding| finding["code"] == "target_not_analyzed"), "{planned:#?}");
    assert!(noted.iter().all(|statement| statement.starts_with("GRANT DELETE ON TABLE app.")), "{noted:?}");
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(asked(&findings(&migration, 0), "notes"), noted);
    // Without what the note asks for PostgreSQL only warns, and has no statistics.
    let statistics = "SELECT count(*) FROM pg_stats WHERE schemaname = 'app'";
    assert_eq!(migration.database.value(statistics), "0");

    let rollback = said(&migration, &["rollback", "--yes"], 1);
    for statement in &noted {
        assert!(rollback.contains(statement.as_str()), "{statement}: {rollback}");
    }
    migration.change_source("UPDATE u SET t = 'c' WHERE id = 1");
    let refreshed = said(&migration, &["apply", "--yes", "--refresh"], 3);
    assert!(refreshed.contains("may not replace rows of app.u"), "{refreshed}");
    assert!(refreshed.contains("`GRANT DELETE ON TABLE app.u TO rights_loader;`"), "{refreshed}");
    assert_eq!(migration.database.value("SELECT t FROM app.u WHERE id = 1"), "a");

    // A table of the application's own that references one of ours is read before anything goes.
    migration.database.ask("CREATE TABLE app.of_others (u_id bigint REFERENCES app.u)");
    for statement in &noted {
        migration.database.ask(statement);
    }
    let rollback = said(&migration, &["rollback", "--yes"], 1);
    assert!(rollback.contains("`GRANT SELECT ON TABLE app.of_others TO rights_loader;`"), "{rollback}");
    migration.database.ask("DROP TABLE app.of_others");
    refresh(&migration, 0);
    assert_eq!(migration.database.value("SELECT t FROM app.u WHERE id = 1"), "c");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.u"), "0");
}

/// A role that does not inherit gains nothing by the membership alone.
#[test]
fn the_owners_rights_are_had_by_a_role_that_does_not_inherit() {
    let target = format!(
        "CREATE ROLE rights_owner; ALTER SCHEMA app OWNER TO rights_owner; SET ROLE rights_owner; {TABLES};
         ALTER TABLE app.v ADD FOREIGN KEY (u_id) REFERENCES app.u; RESET ROLE"
    );
    let migration = of_role("rights_heir", "NOINHERIT", "tables = \"existing\"\n", &target);
    settle(&migration);
    migration.apply().exits(0);
    // A member already, which does not inherit any more.
    migration.database.ask("GRANT rights_owner TO rights_heir; ALTER ROLE rights_heir NOINHERIT");
    let rollback = said(&migration, &["rollback", "--yes"], 1);
    let settles = "ALTER ROLE rights_heir INHERIT";
    assert!(rollback.contains(settles) && !rollback.contains("GRANT rights_owner"), "{rollback}");
    migration.database.ask(settles);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(
        migration
            .database
            .value("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'app.v'::regclass"),
        "1"
    );
}

/// Who gets what the plan notes collects statistics, and past policies with what it asks for.
#[test]
fn policies_and_statistics_are_said_with_what_gets_past_them() {
    let target = format!(
        "CREATE ROLE rights_maker; ALTER SCHEMA app OWNER TO rights_maker; SET ROLE rights_maker; {TABLES};
         ALTER TABLE app.u ENABLE ROW LEVEL SECURITY; RESET ROLE"
    );
    let migration = of_role("rights_seeing", "", "tables = \"existing\"\n", &target);
    let blocking = findings(&migration, 3);
    let policy = blocking.iter().find(|finding| finding["code"] == "row_security").expect("a finding");
    let advice = policy["suggestion"].as_str().unwrap();
    assert!(advice.contains("`ALTER ROLE rights_seeing BYPASSRLS;`"), "{advice}");
    migration.database.ask("ALTER ROLE rights_seeing BYPASSRLS");
    settle(&migration);
    for statement in asked(&findings(&migration, 0), "notes") {
        migration.database.ask(&statement);
    }
    assert!(!findings(&migration, 0).iter().any(|finding| finding["code"] == "target_not_analyzed"));
    migration.apply().exits(0);
    assert_ne!(migration.database.value("SELECT count(*) FROM pg_stats WHERE schemaname = 'app'"), "0");
}

/// An administrator has made the ledger's schema and given no right on it yet.
#[test]
fn a_ledger_that_may_not_be_read_is_said_alike_by_every_command() {
    let target = "CREATE SCHEMA transship; ALTER SCHEMA app OWNER TO rights_guest";
    let migration = of_role("rights_guest", "", "", target);
    let words = "the role of `target.url` may not use the ledger, the schema transship";
    let (reads, writes) = ("GRANT USAGE ON SCHEMA transship", "GRANT USAGE, CREATE ON SCHEMA transship");
    for is_applied in [false, true] {
        for (command, code, grant) in [
            (&["plan"][..], 3, writes),
            (&["apply", "--yes"], 3, writes),
            (&["apply", "--yes", "--refresh"], 3, writes),
            (&["verify"], 1, reads),
            (&["status"], 1, reads),
            (&["rollback", "--yes"], 1, writes),
        ] {
            let said = said(&migration, command, code);
            let grant = format!("an administrator run `{grant} TO rights_guest;`");
            assert!(said.contains(words) && said.contains(&grant), "{is_applied}, {command:?}: {said}");
        }
        // What stands there may be of an earlier run: nothing is said of it.
        assert_eq!(asked(&findings(&migration, 3), "blocks").len(), 1);
        assert_eq!(findings(&migration, 3).iter().filter(|finding| finding["severity"] == "blocks").count(), 1);
        migration.database.ask(&format!("{writes} TO rights_guest"));
        migration.apply().exits(0);
        if !is_applied {
            migration.database.ask("REVOKE ALL ON SCHEMA transship FROM rights_guest");
        }
    }
    // The right to a single table of it.
    migration.database.ask("REVOKE SELECT ON transship.chunk FROM rights_guest");
    for command in ["verify", "status"] {
        let said = said(&migration, &[command], 1);
        assert!(said.contains("`GRANT SELECT ON TABLE transship.chunk TO rights_guest;`"), "{said}");
    }
    migration.database.ask("GRANT SELECT ON transship.chunk TO rights_guest");
    migration.run(&["rollback", "--yes"]).exits(0);
}

/// A right that is missing is no difference, and rows that a policy hides are not equal.
#[test]
fn what_a_verification_may_not_read_is_named_and_not_compared() {
    let mut migration = Migration::new(SOURCE, SPEC);
    migration.apply().exits(0);
    let database = migration.database.clone();
    database.ask("CREATE ROLE rights_reader LOGIN");
    let owner = database.url.clone();
    migration.set("CASE_TARGET", &owner.replace("postgres@", "rights_reader@"));
    let settle = |expected: &[&str]| {
        let mut settled = BTreeSet::new();
        for statement in expected {
            let said = said(&migration, &["verify"], 1);
            let remedy = said.split("Let an administrator run `").nth(1).and_then(|rest| rest.split('`').next());
            let remedy = remedy.unwrap_or_else(|| panic!("{said}"));
            assert!(said.contains("the role of `target.url` may not ") && remedy.contains(statement), "{said}");
            database.ask(remedy);
            assert!(settled.insert(remedy.to_owned()), "{remedy} did not settle it");
        }
        migration.verify().exits(0);
    };
    settle(&["GRANT SELECT ON TABLE transship.chunk", "GRANT SELECT ON TABLE app.u TO rights_reader"]);
    database.ask("REVOKE SELECT ON app.u FROM rights_reader; GRANT SELECT (id) ON app.u TO rights_reader");
    settle(&["GRANT SELECT ON TABLE app.u TO rights_reader"]);
    database.ask(
        "ALTER TABLE app.u ENABLE ROW LEVEL SECURITY; CREATE POLICY shown ON app.u FOR SELECT USING (id < 90);
         INSERT INTO app.u VALUES (99, 'of others')",
    );
    // The row that the policy hides is extra: it may not go unseen.
    let said = said(&migration, &["verify"], 1);
    assert!(said.contains("a role with BYPASSRLS") && !said.contains("Equal"), "{said}");
    database.ask("ALTER ROLE rights_reader BYPASSRLS");
    migration.verify().exits(3);
    database.ask("DELETE FROM app.u WHERE id = 99");
    migration.verify().exits(0);
    // A setting of the database that spells identifiers otherwise is no change of a structure.
    database.ask(&format!("ALTER DATABASE {} SET quote_all_identifiers = on", database.name));
    migration.verify().exits(0);
}
