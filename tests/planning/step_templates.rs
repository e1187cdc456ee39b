//! Steps whose file is a template: the plan shows the SQL of its tables, `apply` executes it.

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
        ("{% for i in range(99999) %}{% for j in range(99999) %}{{ j }}{% endfor %}{% endfor %}", "not come to an end"),
        ("SELECT 1;\nSELECT {{ tabels }};", "guard.sql.j2 fails in line 2"),
    ] {
        write(text);
        let refused = migration.run(&["plan"]).exits(2);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.split(' ').all(|word| said.contains(word)), "{words}: {refused}");
    }
}
