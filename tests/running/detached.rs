//! What is detached from the application's tables for a load comes back as it was, and where the role could not restore it it
//! is not detached: by PostgreSQL's catalog, not by transship's word.

use crate::support::application::{attached, kill_after, large, read, structure};
use crate::support::migration::{Migration, Ran, SPEC};
use crate::support::waiting::wait_until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Keys and triggers of every kind that PostgreSQL 15 has, some of them disabled or firing otherwise than usual.
const TARGET: &str = "
    CREATE SCHEMA app;
    CREATE FUNCTION app.loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$;
    CREATE TABLE app.parents (id integer CONSTRAINT made_first UNIQUE, code text);
    ALTER TABLE app.parents ADD PRIMARY KEY (id);
    CREATE TABLE app.pairs (a integer, b integer, PRIMARY KEY (a, b));
    CREATE TABLE app.children (
        id integer PRIMARY KEY, parent_id integer, a integer, b integer, boss_id integer, amount integer CHECK (amount < 100)
    );
    ALTER TABLE app.children
        ADD CONSTRAINT \"By primary key\" FOREIGN KEY (parent_id) REFERENCES app.parents ON DELETE CASCADE,
        ADD CONSTRAINT by_pair FOREIGN KEY (a, b) REFERENCES app.pairs MATCH FULL
            ON DELETE SET NULL (b) DEFERRABLE INITIALLY DEFERRED,
        ADD CONSTRAINT boss FOREIGN KEY (boss_id) REFERENCES app.children,
        ADD CONSTRAINT unchecked FOREIGN KEY (parent_id) REFERENCES app.parents (id) NOT VALID;
    COMMENT ON CONSTRAINT boss ON app.children IS 'who''s first, $$ and \\ included';
    ALTER TABLE app.children DISABLE TRIGGER ALL;
    DO $$ DECLARE found record; BEGIN
        FOR found IN SELECT tgrelid::regclass AS relation, tgname, tgfoid::regproc::text AS does FROM pg_trigger
            WHERE tgisinternal AND tgrelid IN ('app.parents'::regclass, 'app.pairs'::regclass)
        LOOP
            EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', found.relation,
                CASE WHEN found.does LIKE '%_del%' THEN 'ALWAYS' ELSE 'REPLICA' END, found.tgname);
        END LOOP;
    END $$;
    CREATE TRIGGER usual BEFORE INSERT ON app.children FOR EACH ROW EXECUTE FUNCTION app.loud();
    CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.children DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION app.loud();
    CREATE TRIGGER always AFTER INSERT ON app.parents FOR EACH ROW EXECUTE FUNCTION app.loud();
    ALTER TABLE app.parents ENABLE ALWAYS TRIGGER always;
    CREATE TRIGGER replica AFTER INSERT ON app.parents FOR EACH ROW EXECUTE FUNCTION app.loud();
    ALTER TABLE app.parents ENABLE REPLICA TRIGGER replica;
    CREATE TRIGGER disabled AFTER INSERT ON app.pairs FOR EACH ROW EXECUTE FUNCTION app.loud();
    ALTER TABLE app.pairs DISABLE TRIGGER disabled;
    COMMENT ON TRIGGER usual ON app.children IS 'usual';
    CREATE TABLE app.parts (id integer, parent_id integer REFERENCES app.parents) PARTITION BY RANGE (id);
    CREATE TABLE app.part PARTITION OF app.parts FOR VALUES FROM (0) TO (10);";

const SOURCE: &str = "
    CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT);
    CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b));
    CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER, a INTEGER, b INTEGER, boss_id INTEGER, amount INTEGER);
    INSERT INTO parents VALUES (1, 'x'), (2, 'y');
    INSERT INTO pairs VALUES (1, 1);
    INSERT INTO children VALUES (1, 1, 1, 1, 2, 7), (2, 2, NULL, NULL, NULL, 8);";

fn existing_spec() -> String {
    format!("{SPEC}tables = \"existing\"\n")
}

fn every_kind() -> Migration {
    let migration = Migration::new(SOURCE, &existing_spec());
    migration.database.ask(TARGET);
    migration
}

#[track_caller]
fn says(ran: &Ran, word: &str) {
    let words = ran.output().replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(word), "{word}: {ran}");
}

/// An apply that fails while it copies: without a profile no row is tried against the application's constraints beforehand.
fn untried(migration: &Migration, more: &[&str]) -> Ran {
    migration.run(&[&["apply", "--yes", "--no-profile"], more].concat())
}

/// Lets an apply run until the event, and does something then.
fn at_event(migration: &Migration, event: &str, chunk_rows: &str, then: impl FnOnce(Pid)) -> Ran {
    let mut command = migration.command(&["apply", "--yes", "--format", "json", "--jobs", "2"]);
    command.env("TRANSSHIP_CHUNK_ROWS", chunk_rows).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen = lines.by_ref().map(Result::unwrap).find(|line| line.contains(event));
    assert!(seen.is_some(), "{event} never came");
    then(Pid::from_raw(i32::try_from(child.id()).unwrap()));
    let stdout = lines.map(Result::unwrap).collect::<Vec<_>>().join("\n");
    let ran = Ran::of(child);
    Ran { stdout, ..ran }
}

#[test]
fn every_kind_comes_back_after_success_and_after_a_rollback() {
    let migration = every_kind();
    let before = attached(&migration.database);
    assert!(before.contains("RI_FKey_check_ins\" | D") && before.contains("RI_FKey_cascade_del\" | A"), "{before}");
    migration.apply().exits(0);
    assert_eq!(attached(&migration.database), before);
    migration.verify().exits(0);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(attached(&migration.database), before);
    assert_eq!(migration.database.value("SELECT count(*) FROM app.children"), "0");
}

#[test]
fn every_kind_comes_back_after_a_failure_and_the_next_apply_goes_on() {
    let migration = every_kind();
    let before = attached(&migration.database);
    migration.change_source("UPDATE children SET amount = 100 WHERE id = 2");
    let failed = untried(&migration, &[]).exits(1);
    says(&failed, "children_amount_check");
    says(&failed, "restored foreign keys and triggers of children, as they were");
    assert_eq!(attached(&migration.database), before);
    assert!(!migration.run(&["status"]).exits(0).stdout.contains("Detached until"));
    migration.change_source("UPDATE children SET amount = 8 WHERE id = 2");
    migration.apply().exits(0);
    assert_eq!(attached(&migration.database), before);
    migration.verify().exits(0);
    says(&migration.apply().exits(0), "nothing to do");
}

#[test]
fn every_kind_comes_back_after_kills() {
    for event in [r#""event":"step_done","id":"detach:children""#, r#""event":"step_done","id":"copy:children""#] {
        let migration = every_kind();
        let before = attached(&migration.database);
        kill_after(&migration, event);
        migration.apply().exits(0);
        assert_eq!(attached(&migration.database), before);
        migration.verify().exits(0);
    }
    let migration = every_kind();
    let before = attached(&migration.database);
    kill_after(&migration, r#""event":"step_done","id":"detach:children""#);
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(attached(&migration.database), before);
}

/// Rows that a key does not take yet: it holds for new ones, which is said, and all of it comes back in the end.
#[test]
fn after_a_failure_keys_hold_at_least_for_new_rows() {
    for roll_back in [false, true] {
        let migration = Migration::new(&read("existing", "source.sql"), &read("existing", "spec.toml"));
        migration.database.ask(&read("existing", "target.sql"));
        let before = (structure(&migration.database), attached(&migration.database));
        migration.change_source("UPDATE users SET balance = -1 WHERE id = 1");
        // One worker, so that `teams` is copied before `users` fails.
        let failed = untried(&migration, &["--jobs", "1"]).exits(1);
        says(&failed, "amount_check");
        let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'app'::regnamespace";
        assert_eq!(migration.database.value(keys), "6");
        let off = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'";
        assert_eq!(migration.database.value(off), "1", "the one that the application has disabled");
        if migration.database.value("SELECT count(*) FROM app.teams") == "1" {
            says(&failed, "the foreign key lead holds for new rows");
            says(&migration.run(&["status"]).exits(0), "foreign key lead (on for new rows only)");
        }
        if roll_back {
            migration.run(&["rollback", "--yes"]).exits(0);
        } else {
            migration.change_source("UPDATE users SET balance = 1 WHERE id = 1");
            migration.apply().exits(0);
            migration.verify().exits(0);
        }
        assert_eq!((structure(&migration.database), attached(&migration.database)), before);
    }
}

/// What a failed run has restored is the application's: to drop, to disable, to make otherwise.
#[test]
fn after_a_failure_the_application_may_change_what_is_back() {
    let migration = Migration::new(&read("existing", "source.sql"), &read("existing", "spec.toml"));
    migration.database.ask(&read("existing", "target.sql"));
    migration.change_source("UPDATE users SET balance = -1 WHERE id = 1");
    untried(&migration, &[]).exits(1);
    migration.database.ask(
        "ALTER TABLE app.teams DROP CONSTRAINT lead; ALTER TABLE app.users DISABLE TRIGGER loud;
         DROP TRIGGER louder ON app.tags; ALTER TABLE app.posts DROP CONSTRAINT author;
         ALTER TABLE app.posts ADD CONSTRAINT author FOREIGN KEY (author_id) REFERENCES app.users ON DELETE CASCADE NOT VALID",
    );
    let expected = attached(&migration.database);
    migration.change_source("UPDATE users SET balance = 1 WHERE id = 1");
    migration.apply().exits(0);
    migration.verify().exits(0);
    // The keys that held for new rows only are checked now.
    let validated = |attached: &str| attached.replace(" NOT VALID | f |", " | t |");
    let found = attached(&migration.database);
    assert_eq!(validated(&found), validated(&expected));
    assert!(found.contains("ON DELETE CASCADE NOT VALID"), "{found}");
    assert_eq!(found.matches("NOT VALID").count(), 1, "{found}");
    says(&migration.apply().exits(0), "nothing to do");
}

#[test]
fn an_interruption_puts_back_too() {
    let migration = large();
    let before = attached(&migration.database);
    let stopped = at_event(&migration, r#""event":"step_progress","id":"copy:posts""#, "20000", |pid| {
        kill(pid, Signal::SIGINT).unwrap();
    });
    let stopped = stopped.exits(1);
    assert!(stopped.stdout.contains(r#""event":"put_back","table":"posts""#), "{stopped}");
    let off = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'";
    assert_eq!(migration.database.value(off), "1");
    let keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'app'::regnamespace";
    assert_eq!(migration.database.value(keys), "6");
    migration.apply().exits(0);
    assert_eq!(attached(&migration.database), before);
    migration.verify().exits(0);
}

#[test]
fn what_the_application_has_dropped_meanwhile_is_not_missed() {
    let migration = large();
    let before = attached(&migration.database);
    kill_after(&migration, r#""event":"step_progress","id":"copy:posts""#);
    migration.database.ask("DROP TRIGGER \"Always\" ON app.posts");
    says(&migration.plan().exits(0), "target_detached_gone");
    let applied = migration.apply().exits(0);
    says(&applied, "the trigger Always was dropped since, and is not restored");
    let expected = before.lines().filter(|line| !line.contains("\"Always\"")).collect::<Vec<_>>();
    assert_eq!(attached(&migration.database).lines().collect::<Vec<_>>(), expected);
    says(&migration.apply().exits(0), "nothing to do");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(attached(&migration.database).lines().collect::<Vec<_>>(), expected);
}

/// Made between two runs, or while one is at work: it fires for no row, and is there afterwards.
#[test]
fn what_the_application_has_made_meanwhile_does_not_fire() {
    let trigger = "CREATE TRIGGER since BEFORE INSERT ON app.posts FOR EACH ROW EXECUTE FUNCTION app.loud()";
    let key = "ALTER TABLE app.posts ADD CONSTRAINT since FOREIGN KEY (author_id) REFERENCES app.users NOT VALID";
    let migration = large();
    migration.database.ask("CREATE TABLE app.posts_before AS SELECT 1");
    kill_after(&migration, r#""event":"step_progress","id":"copy:posts""#);
    migration.database.ask(trigger);
    migration.database.ask(key);
    says(&migration.plan().exits(0), "+ detach:posts");
    migration.apply().exits(0);
    let there = attached(&migration.database);
    assert!(there.contains("CREATE TRIGGER since") && there.contains("app.posts | since |"), "{there}");
    assert!(there.lines().any(|line| line.contains("CREATE TRIGGER since") && line.contains("| O |")), "{there}");
    migration.verify().exits(0);
    says(&migration.apply().exits(0), "nothing to do");

    let migration = large();
    let database = migration.database.clone();
    let progress = r#""event":"step_progress","id":"copy:posts""#;
    let stopped = at_event(&migration, progress, "20000", |_| drop(database.ask(trigger))).exits(1);
    says(&stopped, "made on app.posts since the run began: the trigger since");
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert!(attached(&migration.database).contains("CREATE TRIGGER since"));
}

/// Between the plan and the step that detaches: it is detached too, and said.
#[test]
fn what_the_application_makes_after_the_plan_is_taken_off_too() {
    let migration = Migration::new(&read("existing", "source.sql"), &read("existing", "spec.toml"));
    let database = migration.database.clone();
    database.ask(&read("existing", "target.sql"));
    // The first table is locked until the run waits for it; by then the plan is made.
    let locking = "BEGIN; LOCK TABLE app.post_tags IN ACCESS SHARE MODE;
        DO $$ BEGIN
            WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'app.post_tags'::regclass) LOOP
                PERFORM pg_sleep(0.01);
            END LOOP;
        END $$;
        CREATE TRIGGER since BEFORE INSERT ON app.posts FOR EACH ROW EXECUTE FUNCTION app.loud(); COMMIT";
    let applied = std::thread::scope(|scope| {
        scope.spawn(|| database.ask(locking));
        let held = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessShareLock'
            AND relation = 'app.post_tags'::regclass";
        wait_until("the lock", || migration.database.value(held) != "0");
        migration.apply()
    });
    says(&applied.exits(0), "made since the plan, and detached too: the trigger since");
    let there = attached(&migration.database);
    assert!(there.lines().any(|line| line.contains("CREATE TRIGGER since") && line.contains("| O |")), "{there}");
    migration.verify().exits(0);
}

/// Duplicates of a key that only the target has are found before anything is detached.
#[test]
fn unique_keys_of_the_target_are_asked_of_the_source() {
    let migration = Migration::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, code TEXT);
         INSERT INTO users VALUES (1, 'a', NULL), (2, 'b', NULL), (3, 'a', 'x'), (4, NULL, 'y'), (5, NULL, 'z')",
        &existing_spec(),
    );
    migration.database.ask(
        "CREATE SCHEMA app;
         CREATE TABLE app.users (id integer PRIMARY KEY, email text UNIQUE, code text UNIQUE NULLS NOT DISTINCT)",
    );
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let found = findings.map(|finding| format!("{} {} {}", finding["code"], finding["column"], finding["examples"]));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [r#""duplicate_key" "code" ["id=1 and id=2"]"#, r#""duplicate_key" "email" ["id=1 and id=3"]"#]
    );
    migration.change_source("UPDATE users SET email = 'c', code = 'c' WHERE id = 1");
    migration.apply().exits(0);
    migration.verify().exits(0);
}

/// What the role may not do is a finding, with the statement that lets it; nothing is detached before.
#[test]
fn rights_are_looked_at_before_anything_is_taken_off() {
    let mut migration = Migration::new(&read("existing", "source.sql"), &read("existing", "spec.toml"));
    let database = migration.database.clone();
    database.ask(&read("existing", "target.sql"));
    database.ask(&format!(
        "CREATE ROLE detached_application; CREATE ROLE detached_loader LOGIN;
         GRANT CREATE ON DATABASE {} TO detached_loader;
         GRANT SELECT ON ALL TABLES IN SCHEMA app TO detached_loader;
         ALTER TABLE app.tags OWNER TO detached_application; ALTER TABLE app.teams OWNER TO detached_application;
         ALTER TABLE app.users OWNER TO detached_loader; ALTER TABLE app.posts OWNER TO detached_loader;
         ALTER TABLE app.post_tags OWNER TO detached_loader; ALTER TABLE app.posts DISABLE TRIGGER ALL",
        database.name
    ));
    let before = attached(&database);
    let url = database.url.replace("postgres@", "detached_loader@");
    migration.set("CASE_TARGET", &url);
    let plan = || {
        let planned = migration.run(&["plan", "--format", "json"]);
        let findings = planned.json_by_place()["findings"].as_array().unwrap().clone();
        findings.into_iter().filter(|finding| finding["severity"] == "blocks").collect::<Vec<_>>()
    };
    let (mut granted, mut given) = (Vec::new(), true);
    while given {
        given = false;
        for finding in plan() {
            let suggestion = finding["suggestion"].as_str().unwrap();
            let Some((_, grants)) = suggestion.split_once("let an administrator run `") else { continue };
            let grants = grants.trim_end_matches('`');
            given = true;
            granted.extend(grants.trim_end_matches(';').split("; ").map(|grant| format!("{grant};")));
            database.ask(grants);
        }
    }
    for needed in [
        "GRANT REFERENCES (id) ON TABLE app.teams TO detached_loader;",
        "GRANT REFERENCES (slug) ON TABLE app.tags TO detached_loader;",
        "GRANT INSERT ON TABLE app.teams TO detached_loader;",
        "GRANT TRUNCATE ON TABLE app.tags TO detached_loader;",
        "GRANT USAGE ON SCHEMA app TO detached_loader;",
        "GRANT detached_application TO detached_loader;",
    ] {
        assert!(granted.iter().any(|grant| grant == needed), "{needed}: {granted:?}");
    }
    // What is left takes more than a GRANT.
    let blocking = plan();
    assert_eq!(blocking.len(), 2, "{blocking:?}");
    for finding in &blocking {
        let message = finding["message"].as_str().unwrap();
        assert!(finding["code"] == "target_not_restorable" && message.contains("only a superuser"), "{finding}");
    }
    migration.apply().exits(3);
    assert_eq!(attached(&database), before);
    database.ask("ALTER TABLE app.posts ENABLE TRIGGER ALL; ALTER TABLE app.posts ENABLE ALWAYS TRIGGER \"Always\"");
    let before = attached(&database);
    migration.apply().exits(0);
    assert_eq!(attached(&database), before);
    migration.verify().exits(0);
}
