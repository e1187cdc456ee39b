//! Several databases of one server into several schemas, judged by the plain clients: every value, every reference, a change,
//! and that a rollback leaves nothing of it and everything else.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use serde_json::Value;

/// The case's source and spec, with databases that no other test has.
fn migration(server: &MysqlServer, with: &str) -> (Migration, impl Fn(&str) -> String) {
    let databases = format!("dbs_{}", server.create_database());
    // The role is one of the whole server.
    let own = move |text: &str| {
        text.replace("transship_dbs", &databases).replace("databases_reader", &format!("reader_of_{databases}"))
    };
    let source = own(include_str!("../cases/mysql_databases/source.sql"));
    let spec =
        own(include_str!("../cases/mysql_databases/spec.toml")).replace("[source]", &format!("[source]\n{with}"));
    (Migration::from_mariadb(server, &source, &spec), own)
}

/// Both sides by the plain clients, as lines of text in one order.
fn assert_same(server: &MysqlServer, database: &Database, own: &impl Fn(&str) -> String) {
    for (of_source, of_target) in [
        ("transship_dbs_crm.people", "customers.people"),
        ("transship_dbs_crm.notes", "customers.notes"),
        ("transship_dbs_shop.people", "shop.people"),
        ("transship_dbs_shop.orders", "shop.orders"),
        ("transship_dbs_shop.who", "shop.who"),
        ("transship_dbs_crm.pairs", "customers.pairs"),
        ("transship_dbs_crm.order_ids", "customers.order_ids"),
        ("`transship_dbs.odd`.`a.b`", "\"Odd one\".\"a.b\""),
        ("`transship_dbs.odd`.`transship_dbs_crm.people`", "\"Odd one\".\"transship_dbs_crm.people\""),
        ("`transship_dbs.odd`.memory_only", "\"Odd one\".memory_only"),
    ] {
        let source = server.ask("", &own(&format!("SELECT * FROM {of_source}")));
        let mut source = source.lines().map(str::to_owned).collect::<Vec<_>>();
        let target = database.ask(&own(&format!("SELECT * FROM {of_target}")));
        let mut target = target.iter().map(|row| row.join("\t")).collect::<Vec<_>>();
        source.sort();
        target.sort();
        assert!(!source.is_empty() && source == target, "{of_source}: {source:?} and {target:?}");
    }
}

fn moves_and_takes_back(server: &MysqlServer, with: &str) {
    let (migration, own) = migration(server, with);
    // Somebody else's, which a rollback leaves.
    let database = &migration.database;
    database.ask("CREATE SCHEMA shop; CREATE TABLE shop.theirs AS SELECT 1 AS a");
    migration.apply().exits(0);
    assert_same(server, database, &own);
    migration.verify().exits(0);
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    let keys = "SELECT conrelid::regclass || ' to ' || confrelid::regclass FROM pg_constraint
        WHERE contype = 'f' AND convalidated AND connamespace::regnamespace::text <> 'transship' ORDER BY 1";
    let expected = [
        "\"Odd one\".\"transship_dbs_crm.people\" to \"Odd one\".\"a.b\"",
        "customers.notes to customers.people",
        "shop.orders to customers.people",
        "shop.orders to shop.people",
    ];
    assert_eq!(database.ask(keys).concat(), expected.map(&own));
    let types =
        "SELECT t.typnamespace::regnamespace || '.' || t.typname FROM pg_type t WHERE t.typtype = 'e' ORDER BY 1";
    assert_eq!(database.ask(types).concat(), ["customers.people_state", "shop.people_state"]);
    // A value that differs is found in the table of its own database alone.
    database.ask("UPDATE shop.people SET nick = 'x' WHERE id = 7");
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    let unequal = verified["tables"].as_array().unwrap().iter().filter(|table| table["different"] != 0);
    assert_eq!(unequal.map(|table| table["table"].clone()).collect::<Vec<_>>(), [own("transship_dbs_shop.people")]);
    database.ask("UPDATE shop.people SET nick = 'eve' WHERE id = 7");
    // Rows that reference each other across the databases change, and come together.
    server.ask(
        "",
        &own("INSERT INTO transship_dbs_crm.people VALUES (9, 'new@example.com', 'closed', '2020-01-09 00:00:00');
             INSERT INTO transship_dbs_shop.orders VALUES (4, 9, 7, 1.00);
             DELETE FROM transship_dbs_shop.orders WHERE id = 1; DELETE FROM transship_dbs_crm.notes"),
    );
    server.ask("", &own("INSERT INTO transship_dbs_crm.notes VALUES (12, 9, 'third')"));
    migration.apply().exits(3);
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    assert_same(server, database, &own);
    migration.verify().exits(0);
    // The inspect file plans the same statements.
    let live = migration.run(&["plan", "--format", "json", "--assume-empty-target"]).exits(0).json();
    let facts = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &facts]).exits(0);
    let recalled = ["plan", "--format", "json", "--assume-empty-target", "--source", &facts];
    let recalled = migration.run(&recalled).exits(0).json();
    let statements = |plan: &Value| {
        let steps = plan["steps"].as_array().unwrap().iter();
        steps.map(|step| (step["id"].clone(), step["sql"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(statements(&live), statements(&recalled));
    // The row that was changed above is one of others.
    migration.run(&["rollback", "--yes"]).exits(3);
    migration.run(&["rollback", "--yes", "--discard-changes"]).exits(0);
    let left = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1";
    assert_eq!(database.ask(left).concat(), ["shop.theirs"]);
    assert_eq!(database.schemas(), ["shop"]);
    assert!(database.ask(&own("SELECT FROM pg_roles WHERE rolname = 'databases_reader'")).is_empty());
}

#[test]
fn databases_become_schemas() {
    moves_and_takes_back(mariadb(), "");
    moves_and_takes_back(mariadb(), "snapshot = \"table_locks\"");
    if let Some(server) = mysql() {
        moves_and_takes_back(server, "");
    }
}

#[test]
fn init_names_the_databases_of_a_server_and_takes_several() {
    let server = mariadb();
    let (migration, own) = migration(server, "");
    let none = migration.init(&[&server.url("")]).exits(2);
    assert!(none.stderr.contains(&own("transship_dbs_crm")) && none.stderr.contains("--database"), "{none}");
    let missing = migration.init(&[&server.url(""), "--database", "no_such_database"]).exits(2);
    assert!(missing.stderr.contains("no_such_database"), "{missing}");
    // A space between the names, or a name twice, is no other database.
    let both = own("transship_dbs_shop, transship_dbs_crm,transship_dbs_shop");
    migration
        .init(&[&server.url(""), "--database", &both, "--target", &migration.database.url, "-o", "both.toml"])
        .exits(0);
    let spec = std::fs::read_to_string(migration.directory().join("both.toml")).unwrap();
    migration.write_spec(&spec);
    let mut migration = migration;
    migration.set("MYSQL_PASSWORD", "secret");
    migration.apply().exits(0);
    migration.verify().exits(0);
    let orders = own("SELECT count(*) FROM transship_dbs_shop.orders");
    assert_eq!(migration.database.value(&orders), server.ask("", &orders).trim());
    // Tables that a migration has made are not taken for the application's.
    let again = ["--database", &both, "--target", &migration.database.url, "-o", "again.toml"];
    let said = migration.init(&[&[server.url("").as_str()][..], &again[..]].concat()).exits(0);
    let spec = std::fs::read_to_string(migration.directory().join("again.toml")).unwrap();
    assert!(!spec.contains("existing") && !said.stderr.contains("existing_rows"), "{said}: {spec}");
}
