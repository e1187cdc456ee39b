//! What goes wrong around a run: the network, the disk, time limits, privileges, an administrator. Each time the error says
//! where it was, what PostgreSQL said and what to do; nothing is lost, and the same command finishes afterwards.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::proxy::Proxy;
use crate::support::server::{Server, server};
use crate::support::waiting::wait_until;

/// Rows of the largest table.
const ROWS: u32 = 60_000;

/// About 8 MB with a key, and as many rows in a table without one.
fn source() -> String {
    format!(
        "CREATE TABLE large (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
         CREATE TABLE keyless (a INTEGER, b TEXT);
         WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < {ROWS})
         INSERT INTO large SELECT n, 'the body of row ' || n || hex(zeroblob(50)) FROM counter;
         INSERT INTO keyless SELECT id % 100, 'twice' FROM large;"
    )
}

/// The source in the largest chunks that a test wants.
fn migration(spec: &str, database: Database) -> Migration {
    let mut migration = Migration::into_database(&source(), spec, database);
    migration.set("TRANSSHIP_CHUNK_ROWS", "15000");
    migration
}

/// The same by way of a proxy.
fn through_proxy(spec: &str) -> (Migration, Proxy) {
    let mut migration = migration(spec, Database::create());
    let proxy = Proxy::before(server().port());
    let url = proxy.url(&migration.database.url);
    migration.set("CASE_TARGET", &url);
    (migration, proxy)
}

/// Applies with one worker: the largest table is filled first, so that it is known which step fails.
fn apply_alone(migration: &Migration) -> Ran {
    migration.run(&["apply", "--yes", "--jobs", "1"])
}

/// Fails unless the error names the step and PostgreSQL's words, and says what to do.
#[track_caller]
fn says(ran: &Ran, words: &[&str]) {
    let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
    for words in words {
        assert!(said.contains(words), "{words:?} is not in: {ran}");
    }
}

/// Every row is there once, by transship's word and by counting without it, and nothing is left to do.
#[track_caller]
fn is_complete(migration: &Migration) {
    migration.verify().exits(0);
    let rows = ROWS.to_string();
    for what in ["count(*) FROM app.large", "count(DISTINCT id) FROM app.large", "count(*) FROM app.keyless"] {
        assert_eq!(migration.database.value(&format!("SELECT {what}")), rows, "{what}");
    }
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
}

/// Waits until a query gives something other than zero.
fn wait_for(database: &Database, query: &str) {
    wait_until(query, || database.value(query) != "0");
}

#[test]
fn a_network_that_is_cut_and_comes_back_is_no_failure() {
    let (migration, proxy) = through_proxy(SPEC);
    // In the middle of the copy, and then in the middle of the copy that is tried again.
    proxy.cut_after(3_000_000, false);
    let applied = apply_alone(&migration).exits(0);
    assert_eq!(proxy.cuts(), 1);
    says(&applied, &["trying again", "copy:large"]);
    is_complete(&migration);
    assert_eq!(migration.database.value("SELECT count(*) FROM transship.run WHERE state = 'done'"), "1");
}

#[test]
fn a_network_that_stays_away_stops_the_run_and_loses_nothing() {
    let (migration, proxy) = through_proxy(SPEC);
    proxy.cut_after(6_000_000, true);
    let failed = apply_alone(&migration).exits(1);
    says(
        &failed,
        &[
            "the step copy:large failed",
            "the connection was lost while PostgreSQL took the rows",
            "Run the same command again",
        ],
    );
    proxy.mend();
    let kept = "SELECT count(*) FROM transship.chunk WHERE digest IS NOT NULL";
    assert_ne!(migration.database.value(kept), "0", "what was committed stays");
    migration.apply().exits(0);
    is_complete(&migration);
}

#[test]
fn a_disk_that_is_full_stops_the_run_until_there_is_room() {
    let mut server = Server::start_with_small_files();
    let migration = migration(SPEC, Database::create_on(&server));
    // No multiple of PostgreSQL's pages: the last one is written in part, which is what happens on a full disk.
    server.restart_with_room(Some(3 * 1024 + 4));
    let failed = apply_alone(&migration).exits(1);
    says(
        &failed,
        &["the step copy:large failed", "could not extend file", "disk, which is full", "run the same command again"],
    );
    server.restart_with_room(None);
    migration.apply().exits(0);
    is_complete(&migration);
}

/// Limits of the role, the database or the server are meant for the application's statements, not for a migration's.
#[test]
fn time_limits_do_not_end_a_migration() {
    let role = "hasty";
    // What the sessions of the migration have; and a statement that takes longer than any of the limits. These leave a busy
    // machine the time to open a session, whose first messages are still under them.
    let step = "\n[steps.slow]\nafter = [\"copy:large\"]\nsql = '''SELECT pg_sleep(0.4);
        DO $$ BEGIN
            IF current_setting('lock_timeout') <> '0' OR current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'the settings of the role are those of the session';
            END IF;
        END $$'''\n";
    let mut migration = migration(&format!("{SPEC}{step}"), Database::create());
    migration.database.ask(&format!(
        "CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {0} TO {role}; ALTER ROLE {role} SET statement_timeout = '350ms';
        ALTER ROLE {role} SET lock_timeout = '1ms'; ALTER ROLE {role} SET idle_in_transaction_session_timeout = '1ms';
        ALTER ROLE {role} SET default_transaction_isolation = 'serializable'",
        migration.database.name
    ));
    // Release 14 brought one more.
    if migration.database.value("SELECT current_setting('server_version_num')::int >= 140000") == "t" {
        migration.database.ask(&format!("ALTER ROLE {role} SET idle_session_timeout = '350ms'"));
    }
    let url = migration.database.url.replace("postgres@", &format!("{role}@"));
    migration.set("CASE_TARGET", &url);
    migration.apply().exits(0);
    is_complete(&migration);
    migration.run(&["rollback", "--yes"]).exits(0);
}

/// A step that waits the first time that it is tried, and not again.
const WAITS_ONCE: &str = "
[steps.wait]
after = [\"copy:large\", \"copy:keyless\"]
sql = \"SELECT pg_sleep(CASE WHEN nextval('public.tries') = 1 THEN 600 ELSE 0 END)\"
";

/// The step is in the server.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep' AND state = 'active'";

#[test]
fn a_statement_that_an_administrator_cancels_stops_the_run() {
    let migration = migration(&format!("{SPEC}{WAITS_ONCE}"), Database::create());
    migration.database.ask("CREATE SEQUENCE public.tries");
    let child = migration.spawn(&["apply", "--yes"]);
    wait_for(&migration.database, WAITING);
    migration.database.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'");
    let failed = Ran::of(child).exits(1);
    says(
        &failed,
        &["the step step:wait failed", "canceling statement due to user request", "Run the same command again"],
    );
    migration.apply().exits(0);
    is_complete(&migration);
}

#[test]
fn sessions_that_an_administrator_ends_are_opened_again() {
    let migration = migration(&format!("{SPEC}{WAITS_ONCE}"), Database::create());
    migration.database.ask("CREATE SEQUENCE public.tries");
    let child = migration.spawn(&["apply", "--yes"]);
    wait_for(&migration.database, WAITING);
    // All of them: also the one that holds the lock.
    migration.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    let applied = Ran::of(child).exits(0);
    says(&applied, &["trying again", "terminating connection due to administrator command"]);
    is_complete(&migration);
}

/// A role that is given what it lacks, one statement of the error after the other.
#[test]
fn a_missing_privilege_is_named_with_the_statement_that_gives_it() {
    let mut migration = migration(SPEC, Database::create());
    let database = migration.database.clone();
    database.ask("CREATE ROLE poor LOGIN");
    let url = database.url.replace("postgres@", "poor@");
    migration.set("CASE_TARGET", &url);

    let failed = migration.apply().exits(3);
    let grant = format!("GRANT CREATE ON DATABASE {} TO poor;", database.name);
    says(&failed, &["use the ledger", "permission denied for database", &grant]);
    assert_eq!(database.schemas(), [""; 0]);

    // The schema is there, and somebody else's; the ledger may be made.
    database.ask(&grant);
    database.ask("CREATE SCHEMA app");
    let failed = migration.apply().exits(3);
    let grant = "GRANT USAGE, CREATE ON SCHEMA app TO poor;";
    says(&failed, &["permission denied for schema app", grant]);
    database.ask(grant);
    migration.apply().exits(0);
    is_complete(&migration);
}

/// Between two runs, the privilege to write into the application's table is taken away.
#[test]
fn a_revoked_privilege_stops_the_run_until_it_is_given_back() {
    let spec = SPEC.replace("schema = \"app\"", "schema = \"app\"\ntables = \"existing\"");
    let mut migration = migration(&spec, Database::create());
    let database = migration.database.clone();
    database.ask(&format!(
        "CREATE SCHEMA app; CREATE TABLE app.large (id bigint PRIMARY KEY, body text NOT NULL);
        CREATE TABLE app.keyless (a bigint, b text); CREATE ROLE writer LOGIN;
        GRANT CREATE ON DATABASE {} TO writer; GRANT USAGE ON SCHEMA app TO writer;
        GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA app TO writer",
        database.name
    ));
    let url = database.url.replace("postgres@", "writer@");
    migration.set("CASE_TARGET", &url);
    let mut first = migration.command(&["apply", "--yes", "--jobs", "1"]);
    let killed = crate::support::migration::run(first.env("TRANSSHIP_FAILPOINT", "chunk_committed:2"));
    assert_eq!(killed.code, None, "{killed}");
    database.ask("REVOKE INSERT ON ALL TABLES IN SCHEMA app FROM writer");
    wait_for(&database, "SELECT (count(*) = 0)::int FROM pg_stat_activity WHERE usename = 'writer'");

    let failed = apply_alone(&migration).exits(3);
    let grants = ["GRANT INSERT ON TABLE app.keyless TO writer;", "GRANT INSERT ON TABLE app.large TO writer;"];
    says(&failed, &["may not write", "- large: 1", grants[0], grants[1]]);
    grants.iter().for_each(|grant| drop(database.ask(grant)));
    migration.apply().exits(0);
    is_complete(&migration);
}

/// The session that holds the lock is ended, the others are not: no step begins until the lock is held again.
#[test]
fn a_lock_that_is_lost_is_taken_again() {
    let held = "FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let after = format!("\n[steps.after]\nafter = [\"step:wait\"]\nsql = '''SELECT 1 / (SELECT count(*) {held})'''\n");
    // The step before goes on until a table is there.
    let waits = "
[steps.wait]
after = [\"copy:large\", \"copy:keyless\"]
sql = \"DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$\"
";
    let migration = migration(&format!("{SPEC}{waits}{after}"), Database::create());
    let child = migration.spawn(&["apply", "--yes"]);
    wait_for(&migration.database, WAITING);
    assert_eq!(migration.database.ask(&format!("SELECT pg_terminate_backend(pid) {held}")), [["t"]]);
    migration.database.ask("CREATE TABLE public.go_on ()");
    Ran::of(child).exits(0);
    is_complete(&migration);
}

/// A plan is shown in code review: it must not hold what its spec's author could not have read.
#[test]
fn a_step_reads_files_of_its_project_alone() {
    let migration = Migration::small();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("secret"), "SELECT 'secret of a file'").unwrap();
    let directory = migration.directory();
    std::os::unix::fs::symlink(elsewhere.path().join("secret"), directory.join("linked.sql")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), directory.join("templates")).unwrap();
    nix::unistd::mkfifo(&directory.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::fs::write(directory.join("step.sql"), "SELECT 'mine'").unwrap();
    let secret = elsewhere.path().join("secret").display().to_string();
    for file in ["/proc/self/environ", "../../../../../proc/self/environ", secret.as_str(), "linked.sql", "pipe", "."] {
        migration.write_spec(&format!("{SPEC}\n[steps.leak]\nfile = \"{file}\"\n"));
        for words in [["check"].as_slice(), &["plan", "--format", "markdown"]] {
            let ran = run(migration.command(words).env("SECRET_TOKEN", "secret of the environment")).exits(2);
            assert!(ran.stderr.contains("transship::spec::file_not_allowed"), "{file}: {ran}");
            assert!(!ran.output().contains("secret of"), "{file}: {ran}");
        }
    }
    migration.write_spec(&format!("templates = \"templates\"\n{SPEC}"));
    let ran = migration.run(&["check"]).exits(2);
    assert!(ran.stderr.contains("`templates` is outside of the spec's directory"), "{ran}");
    migration.write_spec(&format!("{SPEC}\n[steps.own]\nfile = \"step.sql\"\n"));
    assert!(migration.run(&["plan", "--format", "markdown"]).exits(0).stdout.contains("SELECT 'mine'"));
}
