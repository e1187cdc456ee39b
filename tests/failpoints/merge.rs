//! Runs that bring rows together and die, or find other rows than their plan.

use crate::support::application::read;
use crate::support::migration::{Migration, Ran, run};
use crate::support::waiting::{frozen, signal};
use nix::sys::signal::Signal;

/// Many rows, so that there are several chunks; of the users every tenth is there already under another id.
fn migration() -> Migration {
    let many = "WITH RECURSIVE counter (n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM counter WHERE n < 1500)
        INSERT INTO users SELECT n, 'user ' || n, n - 1 FROM counter WHERE n > 10;
        INSERT INTO projects SELECT n, n, 'of ' || n FROM (SELECT id AS n FROM users WHERE id > 10);
        INSERT INTO tasks SELECT n, 1, n - 1, 'task of ' || n FROM (SELECT id AS n FROM users WHERE id > 11);";
    let source = read("existing_merge_keys", "source.sql")
        .replace("(4, 'other@example.org', 3)", "(4, 'other@example.org', 3), (10, 'ten', NULL)");
    let mut migration = Migration::new(&format!("{source}\n{many}"), &read("existing_merge_keys", "spec.toml"));
    migration.database.ask(&read("existing_merge_keys", "target.sql"));
    migration.database.ask(
        "INSERT INTO app.users (email, manager_id) SELECT 'user ' || n, NULL FROM generate_series(20, 1500, 10) AS n;
         UPDATE app.users u SET manager_id = NULL WHERE u.email LIKE 'user %'",
    );
    migration.set("TRANSSHIP_CHUNK_ROWS", "400");
    migration.write_spec(
        &read("existing_merge_keys", "spec.toml").replace("[\"email\"]", "[\"email\"]\nmerge.prefer = \"source\""),
    );
    migration
}

/// What belongs to whom, by names alone.
const MEANING: &str = "SELECT md5(string_agg(line, ' | ' ORDER BY line)) FROM (
    SELECT concat_ws(' ', u.email, m.email) FROM app.users u LEFT JOIN app.users m ON m.id = u.manager_id
    UNION ALL SELECT concat_ws(' ', p.name, u.email) FROM app.projects p JOIN app.users u ON u.id = p.owner_id
    UNION ALL SELECT concat_ws(' ', p.name, t.number, t.title, a.email) FROM app.tasks t
        JOIN app.projects p ON p.id = t.project_id LEFT JOIN app.users a ON a.id = t.assignee_id) AS all_of (line)";

#[test]
fn a_run_that_dies_goes_on_with_the_same_ids() {
    let whole = migration();
    whole.apply().exits(0);
    whole.verify().exits(0);
    let (expected, users) = (whole.database.value(MEANING), whole.database.value("SELECT count(*) FROM app.users"));
    for places in [["merge_settled:1", "merge_added:2"], ["merge_added:6", "chunk_before_commit:2"]] {
        let migration = migration();
        let before = migration.database.value(MEANING);
        for place in places {
            let ran = run(migration.command(&["apply", "--yes"]).env("TRANSSHIP_FAILPOINT", place));
            assert_eq!(ran.code, None, "{place}: {ran}");
            migration.database.wait_until_alone();
        }
        migration.apply().exits(0);
        assert_eq!(migration.database.value(MEANING), expected, "{places:?}");
        assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), users);
        migration.verify().exits(0);
        migration.run(&["rollback", "--yes"]).exits(0);
        assert_eq!(migration.database.value(MEANING), before, "{places:?}");
    }
}

/// Has something happen between the plan of a run and its work.
fn meanwhile(migration: &Migration, sql: &str) -> Ran {
    let child = frozen(migration.command(&["apply", "--yes"]), "chunks_fixed");
    migration.database.ask(sql);
    signal(&child, Signal::SIGCONT);
    Ran::of(child)
}

#[test]
fn rows_that_come_after_the_plan_are_named() {
    let of_case = |name: &str| {
        let migration = Migration::new(&read(name, "source.sql"), &read(name, "spec.toml"));
        migration.database.ask(&read(name, "target.sql"));
        migration
    };
    let migration = of_case("existing_merge");
    let failed = meanwhile(&migration, "INSERT INTO app.users OVERRIDING SYSTEM VALUE VALUES (2, 'another')");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(failed.stderr.contains("other values than the source's (id=2)"), "{failed}");
    migration.database.ask("DELETE FROM app.users WHERE id = 2");
    migration.apply().exits(0);
    migration.verify().exits(0);
    let migration = of_case("existing_keep");
    let failed = meanwhile(&migration, "INSERT INTO app.users VALUES (2, 'another')");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(failed.stderr.contains("id=2") && failed.stderr.contains("has the key"), "{failed}");
}
