//! Several databases of one server into tables that are there, in a schema for each: judged by the plain clients.

use crate::support::application::kill_after;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;

/// A case's source, target and spec, with databases that no other test has.
struct There {
    migration: Migration,
    server: &'static MysqlServer,
    databases: String,
}

/// Rows and structure that are the application's: all but what transship keeps for itself.
const STRUCTURE: &str = "
    SELECT 'key ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated
    FROM pg_constraint WHERE connamespace::regnamespace::text IN ('shop', '\"Customers\"', 'crm')
    UNION ALL
    SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'relation ' || c.oid::regclass || ' ' || c.relkind::text FROM pg_class c
    WHERE c.relnamespace::regnamespace::text IN ('shop', '\"Customers\"', 'crm')
    ORDER BY 1";

impl There {
    fn new([source, target, spec]: [&str; 3]) -> There {
        let server = mariadb();
        let databases = format!("there_{}", server.create_database());
        let own = |text: &str| text.replace("transship_own", &databases).replace("transship_old", &databases);
        let migration = Migration::from_mariadb(server, &own(source), &own(spec));
        migration.database.ask(target);
        There { migration, server, databases }
    }

    fn existing() -> There {
        There::new([
            include_str!("../cases/mysql_databases_existing/source.sql"),
            include_str!("../cases/mysql_databases_existing/target.sql"),
            include_str!("../cases/mysql_databases_existing/spec.toml"),
        ])
    }

    /// A query of the source by the plain client; `DB` stands for what the databases' names begin with.
    fn of_source(&self, sql: &str) -> Vec<String> {
        let rows = self.server.ask("", &sql.replace("DB", &self.databases));
        rows.lines().map(str::to_owned).collect()
    }

    fn of_target(&self, sql: &str) -> Vec<String> {
        self.migration.database.ask(sql).iter().map(|row| row.join("\t")).collect()
    }

    fn structure(&self) -> Vec<String> {
        self.of_target(STRUCTURE)
    }

    /// The orders with the address of their customer, which lies in the other database, on both sides.
    fn assert_orders_agree(&self) {
        let columns = "o.id, c.email, c.name, p.nick, o.total";
        let source = self.of_source(&format!(
            "SELECT {columns} FROM DB_shop.orders o JOIN DB_crm.people c ON c.id = o.customer
             LEFT JOIN DB_shop.people p ON p.id = o.buyer ORDER BY o.id"
        ));
        let target = self.of_target(&format!(
            "SELECT {columns} FROM shop.orders o JOIN \"Customers\".people c ON c.id = o.customer
             LEFT JOIN shop.people p ON p.id = o.buyer ORDER BY o.id"
        ));
        assert!(!source.is_empty() && source == target, "{source:?} and {target:?}");
    }
}

#[test]
fn tables_of_each_database_are_filled_in_its_schema_and_left_as_they_were() {
    let there = There::existing();
    let (migration, database) = (&there.migration, &there.migration.database);
    let held = |there: &There| {
        ["\"Customers\".people", "\"Customers\".alembic_version", "shop.people", "shop.orders", "shop.alembic_version"]
            .map(|table| there.of_target(&format!("SELECT * FROM {table} ORDER BY 1")))
    };
    let (structure, before) = (there.structure(), held(&there));
    // A plan that was reviewed is the one that runs, and one from an inspect file has the same steps.
    let path = |name: &str| migration.directory().join(name).display().to_string();
    migration.run(&["plan", "--format", "json", "--out", &path("plan.json")]).exits(0);
    migration.run(&["inspect", "--out", &path("facts.json")]).exits(0);
    let recalled = migration.run(&["plan", "--format", "json", "--source", &path("facts.json")]).json();
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let steps =
        |plan: &Value| plan["steps"].as_array().unwrap().iter().map(|step| step["sql"].clone()).collect::<Vec<_>>();
    assert_eq!(steps(&plan), steps(&recalled));
    migration.run(&["apply", "--yes", "--plan", &path("plan.json")]).exits(0);
    migration.verify().exits(0);
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    assert_eq!(there.structure(), structure);
    there.assert_orders_agree();
    // The trigger fired for no copied row, and fires again.
    assert_eq!(there.of_target("SELECT * FROM shop.log"), [""; 0]);
    assert_eq!(there.of_target("SELECT version_num FROM \"Customers\".alembic_version"), ["c2"]);
    assert_eq!(
        there.of_target("SELECT id, email, name FROM \"Customers\".people ORDER BY email"),
        ["3\tada@example.org\tAda", "1\tbob@example.org\tBob", "2\troot@example.org\tNULL"]
    );
    assert_eq!(there.of_target("SELECT id, person FROM \"Customers\".notes ORDER BY id"), ["10\t3", "11\t1"]);
    assert_eq!(there.of_target("SELECT id, nick FROM shop.people ORDER BY id"), ["1\tada", "3\ttheirs", "7\teve"]);
    database
        .ask("BEGIN; INSERT INTO shop.people (nick) VALUES ('next'); INSERT INTO shop.orders VALUES (9, 3, 8); COMMIT");
    assert_eq!(there.of_target("SELECT * FROM shop.log"), ["shop"]);
    database.ask("DELETE FROM shop.orders WHERE id = 9; DELETE FROM shop.people WHERE id = 8; DELETE FROM shop.log");

    // Rows that reference each other across the databases change, and come together.
    let server = there.server;
    let own = |sql: &str| sql.replace("DB", &there.databases);
    server.ask("", &own("INSERT INTO DB_shop.orders VALUES (4, 2, 7, 1)"));
    server.ask(
        "",
        &own("DELETE FROM DB_shop.orders WHERE id = 2; UPDATE DB_shop.people SET nick = 'other' WHERE id = 1"),
    );
    migration.apply().exits(3);
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    there.assert_orders_agree();
    assert_eq!(there.structure(), structure);

    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!((there.structure(), held(&there)), (structure, before));
}

#[test]
fn what_one_schema_lacks_is_not_taken_from_the_other() {
    let there = There::existing();
    let database = &there.migration.database;
    // The record of the other database is at this version.
    database.ask("UPDATE shop.alembic_version SET version_num = 'c2'");
    let plan = |code| there.migration.run(&["plan", "--format", "json"]).exits(code).json_by_place();
    let of = |plan: &Value, code: &str| {
        let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
        let words = |finding: &Value| {
            format!("{}: {}", finding["table"].as_str().unwrap(), finding["message"].as_str().unwrap())
        };
        findings.map(words).collect::<Vec<_>>()
    };
    let refused = of(&plan(3), "schema_version_differs");
    let table = format!("{}_shop.alembic_version: ", there.databases);
    assert!(refused.len() == 1 && refused[0].starts_with(&table), "{refused:?}");
    assert!(refused[0].contains("the source alone has s7, the target alone c2"), "{refused:?}");
    database.ask("UPDATE shop.alembic_version SET version_num = 's7'; ALTER TABLE shop.people RENAME TO \"PEOPLE\"");
    plan(0);
    database.ask("ALTER TABLE shop.\"PEOPLE\" RENAME TO persons");
    let refused = plan(3);
    let missing = format!("{}_shop.people: the target has no table shop.people", there.databases);
    assert_eq!(of(&refused, "target_table_missing"), [missing]);
    // The key into the other schema leads to a table that is filled; the one to the table of another name does not.
    let stray = of(&refused, "foreign_key_to_other_rows");
    assert!(stray.iter().all(|message| message.contains("rows of shop.persons")), "{stray:?}");
}

#[test]
fn init_finds_the_schema_of_each_database() {
    let there = There::existing();
    let Migration { database, .. } = &there.migration;
    // Another one with tables of the same names, of which fewer columns are there.
    database.ask(
        "CREATE SCHEMA copy; CREATE TABLE copy.people (id integer, email text); CREATE TABLE copy.notes (id integer)",
    );
    let databases = format!("{0}_shop,{0}_crm", there.databases);
    let said = there.migration.init(&[
        &there.server.url(""),
        "--database",
        &databases,
        "--target",
        &database.url,
        "-o",
        "both.toml",
    ]);
    assert!(
        said.stderr.contains("the schemas shop, Customers of the target have 4 of the source's 4 tables"),
        "{said}"
    );
    let spec = std::fs::read_to_string(there.migration.directory().join("both.toml")).unwrap();
    let pairs = format!("databases = {{ {0}_shop = \"shop\", {0}_crm = \"Customers\" }}", there.databases);
    assert!(spec.contains(&pairs) && spec.contains("tables = \"existing\""), "{spec}");
    assert!(!spec.contains("schema = "), "{spec}");
}

#[test]
fn tables_of_each_schema_are_replaced_and_brought_back() {
    let there = There::new([
        include_str!("../cases/mysql_databases_replace/source.sql"),
        include_str!("../cases/mysql_databases_replace/target.sql"),
        include_str!("../cases/mysql_databases_replace/spec.toml"),
    ]);
    let migration = &there.migration;
    let held = |there: &There| {
        ["crm.people", "crm.orders", "shop.people", "shop.orders", "shop.bystander"]
            .map(|table| there.of_target(&format!("SELECT * FROM {table} ORDER BY 1")))
    };
    let (structure, before) = (there.structure(), held(&there));
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert_eq!(
        there.of_target("SELECT id, name FROM crm.people ORDER BY id"),
        there.of_source("SELECT * FROM DB_crm.people ORDER BY id")
    );
    assert_eq!(there.of_target("SELECT id, nick FROM shop.people"), there.of_source("SELECT * FROM DB_shop.people"));
    // Each schema has a place of its own for what is set aside, and what is of nobody's business stays.
    let aside = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r'
        AND c.relnamespace::regnamespace::text LIKE 'transship\\_replaced%' ORDER BY 1";
    let set_aside = [
        "transship_replaced_case_crm.people",
        "transship_replaced_case_shop.orders",
        "transship_replaced_case_shop.people",
    ];
    assert_eq!(there.of_target(aside), set_aside);
    assert_eq!(there.of_target("SELECT * FROM crm.orders"), ["4"]);
    let status = migration.run(&["status"]).exits(0).stdout;
    assert!(set_aside.iter().all(|table| status.contains(table)), "{status}");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!((there.structure(), held(&there)), (structure, before));

    migration.apply().exits(0);
    migration.run(&["discard", "--yes"]).exits(0);
    assert_eq!(there.of_target(aside), [""; 0]);
    assert_eq!(migration.database.schemas(), ["crm", "shop", "transship"]);
    migration.verify().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(
        there.of_target(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname IN ('crm', 'shop') ORDER BY 1"
        ),
        ["crm.orders", "shop.bystander"]
    );
}

#[test]
fn what_a_killed_run_has_taken_off_is_put_back_in_each_schema() {
    let there = There::existing();
    let migration = &there.migration;
    let structure = there.structure();
    let killed =
        || kill_after(migration, &format!(r#""event":"step_done","id":"detach:{}_shop.orders""#, there.databases));
    killed();
    assert_ne!(there.structure(), structure);
    let status = migration.run(&["status", "--format", "json"]).exits(0).stdout;
    assert!(
        ["orders_customer", "orders_buyer", "notes_person", "note"].iter().all(|name| status.contains(name)),
        "{status}"
    );
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(there.structure(), structure);
    killed();
    migration.apply().exits(0);
    assert_eq!(there.structure(), structure);
    migration.verify().exits(0);
    there.assert_orders_agree();
}
