//! What a server has around a database, its settings, rights and clock, neither cuts nor alters anything in silence. Judged by
//! the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::MariaDb;
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::mysql::Mysql;
use crate::support::mysql_server::MysqlServer;

/// Does the same with a server of each kind that can be had; `settings` are for both.
fn each_engine(settings: &[&str], test: impl Fn(&MysqlServer, bool)) {
    test(&MariaDb::start(settings), true);
    if let Some(mysql) = Mysql::start(settings) {
        test(&mysql, false);
    }
}

/// A user with the password `secret` and these rights, and the URL of a database for it.
fn user(server: &MysqlServer, name: &str, database: &str, rights: &[&str]) -> String {
    let grants = rights.iter().map(|right| format!("; GRANT {right} TO '{name}'@'%'")).collect::<String>();
    server.ask(database, &format!("CREATE USER '{name}'@'%' IDENTIFIED BY 'secret'{grants}"));
    format!("mysql://{name}:secret@127.0.0.1:{}/{database}", server.port())
}

/// A migration whose spec is what `init` writes, unedited.
fn unedited(url: &str) -> Migration {
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    migration.init(&[url, "-o", "starter.toml"]);
    let text = std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap();
    migration.write_spec(&text);
    let target = migration.database.url.clone();
    migration.set("DATABASE_URL", &target);
    migration.set("MYSQL_PASSWORD", "secret");
    migration
}

/// The schema that `init` chooses for the file that it writes.
const SCHEMA: &str = "starter";

/// The findings of a plan with this code: severity, table, message and suggestion.
fn findings(migration: &Migration, code: &str) -> Vec<[String; 4]> {
    let plan = migration.run(&["plan", "--format=json"]).json_by_place();
    let found = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    found.map(|finding| ["severity", "table", "message", "suggestion"].map(|key| text(&finding[key]))).collect()
}

fn went_through(migration: &Migration) -> Ran {
    migration.plan().exits(0);
    migration.apply().exits(0);
    migration.verify().exits(0)
}

#[test]
fn no_setting_of_the_server_cuts_a_reading() {
    each_engine(&[], |server, is_mariadb| {
        let name = server.create_database();
        let rows = (1..=300).map(|row| format!("({row})")).collect::<Vec<_>>().join(",");
        let tables = ["a", "b", "c", "d", "e"];
        for table in tables {
            server.ask(&name, &format!("CREATE TABLE {table} (id INT PRIMARY KEY); INSERT INTO {table} VALUES {rows}"));
        }
        server.ask(&name, &format!("CREATE TABLE keyless (id INT); INSERT INTO keyless VALUES {rows}"));
        if is_mariadb {
            server.ask(
                &name,
                "CREATE TABLE old (id INT PRIMARY KEY, a INT) WITH SYSTEM VERSIONING; INSERT INTO old VALUES (1, 5)",
            );
            server.ask("", "SET GLOBAL system_versioning_asof = '2020-01-01 00:00:00'");
        }
        let url = user(server, "reader", &name, &["SELECT ON *.*"]);
        server.ask("", "SET GLOBAL sql_select_limit = 3, GLOBAL sql_big_selects = 0, GLOBAL max_join_size = 1");
        // For users without a right on all: beside another limit, another database.
        server.ask("", "SET GLOBAL init_connect = 'SET SESSION sql_select_limit = 2; USE information_schema'");
        let migration = unedited(&url);
        if is_mariadb {
            let spec = std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap();
            migration.write_spec(&(spec + "\n[tables.old]\nhistory = \"leave_behind\"\n"));
        }
        went_through(&migration);
        for table in tables.iter().chain(&["keyless"]) {
            assert_eq!(migration.database.value(&format!("SELECT count(*) FROM {SCHEMA}.{table}")), "300");
        }
        if is_mariadb {
            assert_eq!(migration.database.value(&format!("SELECT a FROM {SCHEMA}.old")), "5");
        }
        // The program that writes a dump has a session of its own, which nobody can set.
        let refused = migration.run(&["backup", "--side", "source"]).exits(1);
        assert!(refused.stderr.contains("sql_select_limit = 2"), "{refused}");
        assert_eq!(refused.stderr.contains("system_versioning_asof = "), is_mariadb, "{refused}");
        server.ask("", "SET GLOBAL init_connect = ''; SET GLOBAL sql_select_limit = DEFAULT, GLOBAL sql_big_selects = 1, GLOBAL max_join_size = DEFAULT");
        if is_mariadb {
            server.ask("", "SET GLOBAL system_versioning_asof = DEFAULT");
        }
        server.ask("", "GRANT SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON *.* TO 'reader'@'%'");
        migration.run(&["backup", "--side", "source"]).exits(0);
    });
}

/// Structure that a server does not show to everybody.
const STRUCTURE: &str = "CREATE TABLE a (id INT PRIMARY KEY, c INT CHECK (c > 0), s VARCHAR(9));
    CREATE TABLE b (id INT PRIMARY KEY, a_id INT, FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE SET NULL ON UPDATE CASCADE);
    CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET new.s = 'y'; CREATE PROCEDURE p() SELECT 1;
    CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1; INSERT INTO a VALUES (1, 1, 's'); INSERT INTO b VALUES (1, 1)";

#[test]
fn structure_that_the_user_may_not_see_is_read_elsewhere_or_said() {
    each_engine(&[], |server, is_mariadb| {
        let name = server.create_database();
        server.ask(&name, STRUCTURE);
        let constraints = |migration: &Migration| {
            let rows = migration.database.ask(&format!(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = '{SCHEMA}'::regnamespace AND contype IN ('c', 'f')
                 ORDER BY contype"
            ));
            let rows = rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>();
            assert_eq!(rows.len(), 2, "{rows:?}");
            assert!(rows[0].contains("c > 0") && rows[1].contains("ON UPDATE CASCADE ON DELETE SET NULL"), "{rows:?}");
        };
        // The whole database, its tables one by one, by a role, or everything there is to see.
        let routines = if is_mariadb { "SELECT ON mysql.proc" } else { "SHOW_ROUTINE ON *.*" };
        let database = format!("SELECT, TRIGGER, EVENT, SHOW VIEW ON {name}.*");
        for (user_name, rights, unseen) in [
            ("whole", vec!["SELECT ON *"], "triggers, procedures and functions and events"),
            (
                "tables",
                vec!["SELECT ON a", "SELECT ON b"],
                "tables and views, triggers, procedures and functions and events",
            ),
            ("all", vec![database.as_str(), routines], ""),
        ] {
            let url = user(server, user_name, &name, &rights);
            let migration = unedited(&url);
            let found = findings(&migration, "rights_missing");
            let said =
                found.iter().map(|[severity, _, message, _]| format!("{severity}: {message}")).collect::<String>();
            match unseen {
                "" => assert_eq!(found, Vec::<[String; 4]>::new()),
                unseen => assert!(
                    said.starts_with(&format!("warns: the source's user has no right to see all {unseen} of")),
                    "{said}"
                ),
            }
            went_through(&migration);
            constraints(&migration);
            let plan = migration.run(&["plan", "--format=json"]).json();
            let omitted = plan["omitted"].as_array().unwrap().iter().filter_map(|omitted| omitted["name"].as_str());
            let omitted = omitted.filter(|name| ["t", "p", "e"].contains(name)).count();
            assert_eq!(omitted, if unseen.is_empty() { 3 } else { 0 }, "{plan:#}");
        }
        // Rights on single columns: what else the table has would be lost.
        let url = user(server, "columns", &name, &["SELECT (id, c) ON a", "SELECT ON b"]);
        let migration = unedited(&url);
        let found = findings(&migration, "rights_missing");
        let [severity, table, _, suggestion] = &found[0];
        assert_eq!([severity, table], ["blocks", "a"]);
        assert!(suggestion.contains("GRANT SELECT ON `a` TO …;"), "{suggestion}");
        migration.plan().exits(3);
        migration.apply().exits(3);
        // A column that the user sees and may not read is one of these.
        let url = user(server, "writer", &name, &["SELECT (id, c), UPDATE (s) ON a", "SELECT ON b"]);
        let found = findings(&unedited(&url), "rights_missing");
        assert_eq!(found[0][..2], ["blocks".to_owned(), "a".to_owned()]);
        // The definition may be hidden as well, where it is asked for periods.
        server.ask(
            &name,
            "CREATE TABLE odd (id INT, mood ENUM('why?', 'b'), von DATE NOT NULL, bis DATE NOT NULL, UNIQUE spans (id, von, bis))",
        );
        let url = user(server, "odd", &name, &["SELECT (id, von, bis) ON odd"]);
        let found = findings(&unedited(&url), "rights_missing");
        assert_eq!(found[0][..2], ["blocks".to_owned(), "odd".to_owned()]);
    });
}

#[test]
fn bytes_that_are_no_characters_are_found_and_kept_as_they_are() {
    each_engine(&[], |server, is_mariadb| {
        let name = server.create_database();
        let ascii = if is_mariadb { "ascii" } else { "swe7" };
        server.ask(
            &name,
            &format!(
                "SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET {ascii} COLLATE {ascii}_bin,
                 h TEXT CHARACTER SET hebrew, s VARCHAR(9) CHARACTER SET tis620, k VARCHAR(9) CHARACTER SET cp932);
                 INSERT INTO t VALUES (1, 'what?', 'what?', 'what?', x'ED40'), (2, x'41FF80', x'41A1', x'FF', 'k'), (3, NULL, NULL, NULL, NULL)"
            ),
        );
        let spec = SPEC.replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
        let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
        migration.set("CASE_SOURCE", &server.url(&name));
        let plan = migration.run(&["plan", "--format=json"]).exits(3).json_by_place();
        let found =
            plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "value_does_not_fit");
        let found = found.map(|finding| (finding["column"].as_str().unwrap(), finding["count"].as_u64().unwrap()));
        assert_eq!(found.collect::<Vec<_>>(), [("a", 1), ("h", 1), ("s", 1)]);
        migration.apply().exits(3);
        migration.write_spec(&format!(
            "{spec}[tables.t.columns]\na = {{ type = \"bytea\", from = \"utf8\" }}\nh = {{ on_bad_value = \"null\" }}\n\
             s = {{ on_bad_value = \"null\" }}\n"
        ));
        migration.apply().exits(0);
        migration.verify().exits(0);
        let rows =
            migration.database.ask("SELECT concat_ws('|', id, encode(a, 'hex'), h, s, k) FROM app.t ORDER BY id");
        let rows = rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>();
        assert_eq!(rows, ["1|776861743f|what?|what?|纊", "2|41ff80|k", "3"]);
    });
}

#[test]
fn the_present_is_that_of_the_clock_of_the_server() {
    each_engine(&["--default-time-zone=+05:30"], |server, _| {
        let name = server.create_database();
        server.ask(
            &name,
            "CREATE TABLE t (id INT PRIMARY KEY, d DATETIME DEFAULT CURRENT_TIMESTAMP, u DATETIME ON UPDATE CURRENT_TIMESTAMP);
             CREATE TABLE instants (id INT PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP); INSERT INTO t (id) VALUES (1)",
        );
        let url = server.url(&name);
        let migration = unedited(&url);
        let text = std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap();
        assert!(text.contains("\ntimezone = \"+05:30\""), "{text}");
        went_through(&migration);
        let there = |id: u32| {
            server
                .ask(&name, &format!("INSERT INTO t (id) VALUES ({id}); SELECT d FROM t WHERE id = {id}"))
                .trim()
                .to_owned()
        };
        let before = there(2);
        migration.database.ask(&format!("INSERT INTO {SCHEMA}.t (id) VALUES (2)"));
        let after = there(3);
        // One side may round a second up that the other cuts.
        let between = format!("timestamp '{before}' AND timestamp '{after}' + interval '1 second'");
        let asked = format!("SELECT d::text, d BETWEEN {between} FROM {SCHEMA}.t WHERE id = 2");
        let here = migration.database.ask(&asked);
        assert_eq!(here[0][1], "t", "{here:?} is not between {before} and {after}");
        // A spec that is silent is asked, one that says UTC is not.
        migration.write_spec(&text.replace("\ntimezone = \"+05:30\"", "\n"));
        let found = findings(&migration, "timezone_of_server");
        assert_eq!(found.iter().map(|[severity, ..]| severity).collect::<Vec<_>>(), ["blocks"]);
        migration.write_spec(&text.replace("\"+05:30\"", "\"UTC\""));
        assert_eq!(findings(&migration, "timezone_of_server"), Vec::<[String; 4]>::new());
        // Instants alone are the same in each zone.
        server.ask(&name, "DROP TABLE t");
        assert_eq!(findings(&unedited(&url), "timezone_of_server"), Vec::<[String; 4]>::new());
    });
}

#[test]
fn defaults_that_are_listed_as_something_else_arrive() {
    each_engine(&[], |server, _| {
        let name = server.create_database();
        let source = "CREATE TABLE t (id INT PRIMARY KEY, p VARBINARY(10) DEFAULT x'00ff', q BINARY(3) DEFAULT 'a',
            r VARBINARY(5) NOT NULL DEFAULT '', h VARCHAR(50) DEFAULT 'current_timestamp()', e ENUM('it''s', 'b') NOT NULL)";
        server.ask(&name, source);
        let url = server.url(&name);
        let migration = unedited(&url);
        went_through(&migration);
        migration.database.ask(&format!("INSERT INTO {SCHEMA}.t (id) VALUES (1)"));
        server.ask(&name, "INSERT INTO t (id) VALUES (1)");
        let target = migration.database.value(&format!(
            "SELECT upper(concat_ws('|', encode(p, 'hex'), encode(q, 'hex'), encode(r, 'hex'), h, e)) FROM {SCHEMA}.t"
        ));
        assert_eq!(
            target,
            server.ask(&name, "SELECT upper(concat_ws('|', hex(p), hex(q), hex(r), h, e)) FROM t").trim()
        );
    });
}

#[test]
fn a_table_over_others_keeps_no_lock_from_them() {
    each_engine(&[], |server, _| {
        let name = server.create_database();
        server.ask(
            &name,
            "CREATE TABLE below (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO below VALUES (1);
             CREATE TABLE above (id INT PRIMARY KEY) ENGINE = MERGE UNION = (below)",
        );
        let migration = unedited(&server.url(&name));
        let tables = |code| findings(&migration, code).into_iter().map(|[_, table, ..]| table).collect::<Vec<_>>();
        assert_eq!(
            (tables("source_not_transactional"), tables("snapshot_not_proved")),
            (vec!["below".to_owned()], vec!["above".to_owned()])
        );
        // Another structure than that of the table below it, which the server says when the table is opened.
        server.ask(&name, "DROP TABLE above; CREATE TABLE above (id INT, KEY (id)) ENGINE = MERGE UNION = (below)");
        let refused = migration.run(&["plan"]).exits(2);
        let said = refused.output();
        assert!(said.contains("cannot open one of its own tables") && said.contains("`exclude`"), "{refused}");
        let spec = std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap();
        migration.write_spec(&spec.replace("[source]", "[source]\nexclude = [\"above\"]"));
        migration.run(&["plan"]).exits(0);
    });
}

#[test]
fn a_writer_that_waits_for_the_lock_keeps_no_reader_waiting() {
    each_engine(&[], |server, _| {
        let name = server.create_database();
        server.ask(
            &name,
            "CREATE TABLE m (id INT PRIMARY KEY, v INT) ENGINE = MyISAM; INSERT INTO m VALUES (1, 1), (2, 2);
            CREATE TABLE i (id INT PRIMARY KEY); INSERT INTO i VALUES (1);\nDELIMITER //\nCREATE PROCEDURE writes() BEGIN
            SET @end = sysdate() + INTERVAL 30 SECOND; WHILE sysdate() < @end DO UPDATE m SET v = v + 1 WHERE id = 1; END WHILE; END//",
        );
        let mut writer = server.client(&name).args(["-e", "CALL writes()"]).spawn().unwrap();
        let migration = unedited(&server.url(&name));
        migration.apply().exits(0);
        writer.kill().unwrap();
        writer.wait().unwrap();
    });
}
