//! The user's own steps: PostgreSQL reads them for a plan; where a file is a template the plan shows the SQL of its tables, and `apply`
//! executes it.

use crate::support::migration::{Migration, SPEC};

const SOURCE: &str = "CREATE TABLE Users (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE \"Order\" (id INTEGER PRIMARY KEY, user_id INTEGER, total INTEGER);
    INSERT INTO Users VALUES (1, 'Ada'); INSERT INTO \"Order\" VALUES (1, 1, 5);";

const DECIDED: &str = "grants = { \"re ader\" = \"read\" }\n[steps.guard]\nfile = \"guard.sql.j2\"\n";

const TEMPLATE: &str = "{% for table in tables if \"user_id\" in table.columns %}
ALTER TABLE {{ table.name | qualified }} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON {{ table.name | qualified }} TO {{ roles | first | ident }} USING (user_id = 1);
COMMENT ON TABLE {{ table.name | qualified }} IS {{ table.source | literal }};
{% endfor %}";

#[test]
fn a_template_is_rendered_with_the_tables_of_the_plan() {
    let migration = Migration::new(SOURCE, &format!("{SPEC}{DECIDED}"));
    let write = |text: &str| std::fs::write(migration.directory().join("guard.sql.j2"), text).unwrap();
    write(TEMPLATE);
    let plan = migration.run(&["plan", "--format", "sql"]).exits(0);
    let policy = "CREATE POLICY own ON app.\"Order\" TO \"re ader\" USING (user_id = 1);";
    assert!(plan.stdout.contains(policy), "{plan}");
    assert!(!plan.stdout.contains("POLICY own ON app.\"Users\""), "{plan}");
    migration.apply().exits(0);
    migration.verify().exits(0);
    let policies = "SELECT tablename || ' ' || (SELECT obj_description('app.\"Order\"'::regclass)) FROM pg_policies";
    assert_eq!(migration.database.value(policies), "Order Order");

    for (text, words) in [
        ("{% for table in tables if table.name == \"gone\" %}SELECT 1;{% endfor %}-- none", "renders no SQL"),
        ("{{ \"COMMIT\" }};", "renders COMMIT"),
        (
            "{% for i in range(99999) %}{% for j in range(99999) %}{{ j }}{% endfor %}{% endfor %}",
            "did not finish within",
        ),
        ("SELECT 1;\nSELECT {{ tabels }};", "guard.sql.j2 fails in line 2"),
    ] {
        write(text);
        let refused = migration.run(&["plan"]).exits(2);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.split(' ').all(|word| said.contains(word)), "{words}: {refused}");
    }
}

/// A step is rolled back by its `undo` as it was when the step ran.
#[test]
fn the_undo_of_a_template_is_rendered_too() {
    let undo = "{% for table in tables if \"user_id\" in table.columns %}DROP POLICY own ON {{ table.name | qualified }};{% endfor %}";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{DECIDED}undo = '''{undo}'''\n"));
    std::fs::write(migration.directory().join("guard.sql.j2"), TEMPLATE).unwrap();
    let plan = migration.run(&["plan", "--format", "sql"]).exits(0);
    assert!(plan.stdout.contains("-- undo: DROP POLICY own ON app.\"Order\";"), "{plan}");
    migration.apply().exits(0);
    let policies = "SELECT count(*) FROM pg_policies";
    assert_eq!(migration.database.value(policies), "1");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.value(policies), "0");
    migration.write_spec(&format!("{SPEC}{DECIDED}undo = \"{{{{ tabels }}}}\"\n"));
    let refused = migration.run(&["plan"]).exits(2);
    let said = refused.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    assert!(said.contains("`undo` of the step \"guard\" fails in line 1"), "{refused}");
}

/// Nothing of them is executed: a plan would otherwise do what they do.
#[test]
fn the_users_own_steps_are_read_and_not_executed() {
    let step = |sql: &str, undo: &str| format!("{SPEC}[steps.own]\nsql = \"\"\"{sql}\"\"\"\nundo = \"{undo}\"\n");
    let migration = Migration::new("CREATE TABLE t (a TEXT)", &step("", ""));
    migration.database.ask("CREATE SEQUENCE public.tries");
    let does = "SELECT nextval('public.tries');\nCREATE TABLE public.made (a int)";
    let refused = |sql: &str, undo: &str, words: &str| {
        migration.write_spec(&step(sql, undo));
        let plan = migration.plan().exits(3);
        assert!(plan.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{plan}");
        migration.apply().exits(3);
    };
    refused(
        &format!("{does};\nCREATE TABEL x ()"),
        "SELECT 1",
        "refuses the step step:own: syntax error at or near \"TABEL\"",
    );
    let undo = "DROP TABLE public.made; DORP TABLE x";
    refused(does, undo, "refuses `undo` of the step step:own: syntax error at or near \"DORP\"");
    assert_eq!(migration.database.value("SELECT is_called FROM public.tries"), "f");
    migration.write_spec(&step(does, "DROP TABLE public.made"));
    migration.plan().exits(0);
    assert_eq!(
        migration.database.value("SELECT is_called || ' ' || (to_regclass('public.made') IS NULL) FROM public.tries"),
        "false true"
    );
    migration.apply().exits(0);
    assert_eq!(migration.database.value("SELECT last_value FROM public.tries"), "1");
}
