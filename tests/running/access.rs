//! Who is let in: ledgers of others, poolers that give a session to everybody, servers with a certificate of nobody.

use crate::support::certificates::Certificates;
use crate::support::database::Database;
use crate::support::migration::{Migration, SPEC, run};
use crate::support::pooler::Pooler;
use crate::support::server::Server;
use std::path::Path;

const SOURCE: &str = "CREATE TABLE u (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO u VALUES (1, 'a'), (2, 'b')";

/// Every command that looks at the target.
const COMMANDS: [&[&str]; 6] = [
    &["plan"],
    &["apply", "--yes"],
    &["apply", "--yes", "--refresh"],
    &["status"],
    &["verify"],
    &["rollback", "--yes"],
];

/// No command does anything but to name what is wrong.
#[track_caller]
fn refuses(migration: &Migration, words: &[&str]) {
    for command in COMMANDS {
        let mut command = migration.command(command);
        // Lines of an error are broken where the width is known.
        let ran = run(command.env("COLUMNS", "2000")).exits(2);
        let said = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        for word in words {
            assert!(said.contains(word), "{word} is missing: {ran}");
        }
    }
}

/// A migration of a role that is no superuser and may make schemas, with the role's name.
fn of_role(role: &str) -> Migration {
    let mut migration = Migration::new(SOURCE, SPEC);
    let database = &migration.database;
    database.ask(&format!("CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {} TO {role}", database.name));
    let url = database.url.replace("postgres@", &format!("{role}@"));
    migration.set("CASE_TARGET", &url);
    migration
}

#[test]
fn a_ledger_that_others_have_a_hand_in_is_refused_until_they_are_gone() {
    let migration = of_role("ledger_owner");
    let database = &migration.database;
    database.ask("CREATE ROLE ledger_guest");
    migration.apply().exits(0);
    // By what the guest gets in, what is said of it, and what mends it.
    let doors = [
        (
            "GRANT ALL ON SCHEMA transship TO PUBLIC",
            "PUBLIC has CREATE on schema transship",
            "REVOKE CREATE ON SCHEMA transship FROM PUBLIC",
        ),
        (
            "GRANT UPDATE, SELECT ON transship.step, transship.run TO ledger_guest",
            "ledger_guest has UPDATE on table transship.run, transship.step",
            "REVOKE UPDATE ON TABLE transship.run, transship.step FROM ledger_guest",
        ),
        (
            "GRANT UPDATE (undo) ON transship.step TO ledger_guest",
            "ledger_guest has UPDATE on table transship.step",
            "REVOKE UPDATE ON TABLE transship.step FROM ledger_guest",
        ),
        (
            "GRANT USAGE ON SEQUENCE transship.run_id_seq TO ledger_guest",
            "ledger_guest has USAGE on sequence transship.run_id_seq",
            "REVOKE USAGE ON SEQUENCE transship.run_id_seq FROM ledger_guest",
        ),
        (
            "CREATE FUNCTION public.climb() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
             ALTER FUNCTION public.climb OWNER TO ledger_guest;
             CREATE TRIGGER climb BEFORE INSERT ON transship.run FOR EACH ROW EXECUTE FUNCTION public.climb()",
            "trigger climb on transship.run calls public.climb() of the role ledger_guest",
            "DROP TRIGGER climb ON transship.run",
        ),
        (
            "CREATE RULE also AS ON INSERT TO transship.run DO ALSO SELECT 1",
            "rule also on transship.run",
            "DROP RULE also ON transship.run",
        ),
        (
            "ALTER TABLE transship.run ENABLE ROW LEVEL SECURITY",
            "policies for the rows of transship.run",
            "ALTER TABLE transship.run DISABLE ROW LEVEL SECURITY",
        ),
        (
            "CREATE TABLE public.child () INHERITS (transship.run)",
            "public.child inherits from transship.run",
            "ALTER TABLE public.child NO INHERIT transship.run",
        ),
        (
            "CREATE TABLE public.referencing (run bigint REFERENCES transship.run)",
            "foreign key referencing_run_fkey leads from public.referencing to transship.run",
            "ALTER TABLE public.referencing DROP CONSTRAINT referencing_run_fkey",
        ),
        (
            "CREATE VIEW transship.seen AS SELECT 1",
            "transship.seen is no table of a ledger",
            "DROP VIEW transship.seen",
        ),
    ];
    for (door, said, mending) in doors {
        database.ask(door);
        refuses(&migration, &[said]);
        if !mending.starts_with("DROP VIEW") {
            refuses(&migration, &[mending]);
        }
        database.ask(mending);
        migration.run(&["status"]).exits(0);
    }
    // What is owned, and what runs by itself without a trigger.
    let function = "CREATE FUNCTION public.word() RETURNS text LANGUAGE sql AS 'SELECT ''w'''";
    database.ask(function);
    let others = [
        (
            "ALTER SCHEMA transship OWNER TO ledger_guest",
            "ALTER SCHEMA transship OWNER TO ledger_owner",
            "schema transship",
        ),
        (
            "ALTER TABLE transship.step OWNER TO ledger_guest",
            "ALTER TABLE transship.step OWNER TO ledger_owner",
            "table transship.step belongs to the role ledger_guest",
        ),
        (
            "CREATE FUNCTION transship.mine() RETURNS text LANGUAGE sql AS 'SELECT ''w''';
             ALTER FUNCTION transship.mine OWNER TO ledger_guest",
            "DROP FUNCTION transship.mine()",
            "function transship.mine() belongs to the role ledger_guest",
        ),
        (
            "ALTER TABLE transship.run ALTER message SET DEFAULT public.word()",
            "ALTER TABLE transship.run ALTER message DROP DEFAULT",
            "uses function public.word()",
        ),
        (
            "ALTER TABLE transship.run ADD CONSTRAINT w CHECK (message <> public.word())",
            "ALTER TABLE transship.run DROP CONSTRAINT w",
            "constraint w on table transship.run uses function public.word()",
        ),
        (
            "ALTER TABLE transship.run ADD g text GENERATED ALWAYS AS (public.word()) STORED",
            "ALTER TABLE transship.run DROP g",
            "uses function public.word()",
        ),
    ];
    database.ask("ALTER FUNCTION public.word IMMUTABLE");
    for (door, mending, said) in others {
        database.ask(door);
        refuses(&migration, &[said, "trusted_roles"]);
        database.ask(mending);
        migration.run(&["status"]).exits(0);
    }
    assert!(migration.apply().exits(0).output().contains("nothing to do"));
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(database.schemas(), [""; 0]);
}

#[test]
fn a_rollback_executes_nothing_that_another_role_has_written() {
    let migration = of_role("undo_owner");
    let database = &migration.database;
    migration.apply().exits(0);
    database.ask(
        "CREATE ROLE undo_guest; GRANT USAGE ON SCHEMA transship TO undo_guest; GRANT SELECT, UPDATE ON transship.step TO undo_guest;
         SET ROLE undo_guest;
         UPDATE transship.step SET undo = ARRAY['GRANT undo_owner TO undo_guest'] || undo WHERE kind = 'table'",
    );
    refuses(&migration, &["undo_guest has UPDATE on table transship.step"]);
    assert_eq!(database.value("SELECT pg_has_role('undo_guest', 'undo_owner', 'MEMBER')"), "f");
    assert_eq!(database.value("SELECT count(*) FROM app.u"), "2");
}

#[test]
fn a_ledger_of_another_role_is_used_where_the_spec_trusts_the_role() {
    let mut migration = of_role("shared_one");
    migration.apply().exits(0);
    let database = migration.database.clone();
    database.ask(
        "CREATE ROLE shared_two LOGIN; GRANT ALL ON SCHEMA transship TO shared_two;
         GRANT ALL ON ALL TABLES IN SCHEMA transship TO shared_two; GRANT USAGE ON SCHEMA app TO shared_two;
         GRANT ALL ON app.u TO shared_two",
    );
    // Neither of the two trusts the other.
    refuses(&migration, &["shared_two has CREATE on schema transship"]);
    let url = database.url.replace("postgres@", "shared_two@");
    migration.set("CASE_TARGET", &url);
    refuses(&migration, &["belong to the role shared_one", "connect as shared_one"]);
    migration.write_spec(&format!("{SPEC}trusted_roles = [\"shared_one\"]\n"));
    migration.run(&["status"]).exits(0);
    assert!(migration.apply().exits(0).output().contains("nothing to do"));
    migration.write_spec(&format!("{SPEC}trusted_roles = [\"shared_two\"]\n"));
    migration.set("CASE_TARGET", &database.url.replace("postgres@", "shared_one@"));
    assert!(migration.apply().exits(0).output().contains("nothing to do"));
    // A role that may become the current one, as every superuser may, has nothing to gain.
    migration.write_spec(SPEC);
    refuses(&migration, &["shared_two has CREATE"]);
    database.ask("GRANT shared_one TO shared_two");
    migration.run(&["status"]).exits(0);
}

/// An administrator has made the schema for the ledger, and the role may make nothing in the database itself.
#[test]
fn a_schema_that_an_administrator_has_made_is_used_and_one_for_everybody_is_not() {
    let mut migration = Migration::new(SOURCE, &format!("{SPEC}tables = \"existing\"\n"));
    let database = migration.database.clone();
    database.ask(
        "CREATE ROLE guided LOGIN; CREATE SCHEMA transship; COMMENT ON SCHEMA transship IS 'for the move'; CREATE SCHEMA app;
         CREATE TABLE app.u (id bigint PRIMARY KEY, t text); GRANT USAGE ON SCHEMA app TO guided; GRANT ALL ON app.u TO guided;
         GRANT USAGE, CREATE ON SCHEMA transship TO guided, PUBLIC",
    );
    let url = database.url.replace("postgres@", "guided@");
    migration.set("CASE_TARGET", &url);
    refuses(&migration, &["PUBLIC has CREATE on schema transship", "REVOKE CREATE ON SCHEMA transship FROM PUBLIC"]);
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'transship'::regnamespace";
    assert_eq!(database.value(tables), "0");
    database.ask("REVOKE CREATE ON SCHEMA transship FROM PUBLIC");
    migration.apply().exits(0);
    migration.verify().exits(0);
    assert!(migration.apply().exits(0).output().contains("nothing to do"));
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(database.value(tables), "0");
    assert_eq!(database.value("SELECT obj_description('transship'::regnamespace)"), "for the move");
    // And once more.
    migration.apply().exits(0);
}

#[test]
fn default_privileges_let_nobody_into_a_new_ledger() {
    let migration = of_role("generous");
    let database = &migration.database;
    database.ask(
        "CREATE ROLE everywhere; ALTER DEFAULT PRIVILEGES FOR ROLE generous GRANT ALL ON TABLES TO everywhere;
         ALTER DEFAULT PRIVILEGES FOR ROLE generous GRANT ALL ON SCHEMAS TO everywhere;
         ALTER DEFAULT PRIVILEGES FOR ROLE generous GRANT ALL ON SEQUENCES TO everywhere",
    );
    migration.apply().exits(0);
    migration.run(&["status"]).exits(0);
    let rights = "SELECT string_agg(p, ',' ORDER BY p) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
        WHERE has_table_privilege('everywhere', 'transship.step', p)";
    assert_eq!(database.value(rights), "SELECT");
    assert_eq!(database.value("SELECT has_schema_privilege('everywhere', 'transship', 'CREATE')"), "f");
    // What is not the ledger's is as the user wants it.
    assert_eq!(database.value("SELECT has_table_privilege('everywhere', 'app.u', 'INSERT')"), "t");
}

/// Another role gets in between the look and the making: here something that PostgreSQL itself runs in that moment.
#[test]
fn a_ledger_is_looked_at_again_when_it_is_made() {
    let migration = of_role("hasty");
    let database = &migration.database;
    database.ask(
        "CREATE ROLE quick;
         CREATE FUNCTION public.climb() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
         ALTER FUNCTION public.climb OWNER TO quick;
         CREATE FUNCTION public.plant() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'transship.run') THEN
                 CREATE TRIGGER climb BEFORE INSERT ON transship.run FOR EACH ROW EXECUTE FUNCTION public.climb();
             END IF;
         END $$;
         CREATE EVENT TRIGGER plant ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.plant()",
    );
    let ran = migration.apply().exits(2);
    assert!(ran.stderr.contains("trigger climb on transship.run"), "{ran}");
    assert_eq!(database.schemas(), [""; 0]);
}

/// On a server of its own: the role may write the tables of every database.
#[test]
fn a_role_that_may_write_every_table_may_write_the_ledger() {
    let server = Server::start();
    let migration = Migration::into_database(SOURCE, SPEC, Database::create_on(&server));
    migration.database.ask("CREATE ROLE loader; GRANT pg_write_all_data TO loader");
    refuses(&migration, &["loader may write every table", "REVOKE pg_write_all_data FROM loader"]);
    assert_eq!(migration.database.schemas(), [""; 0]);
    migration.write_spec(&format!("{SPEC}trusted_roles = [\"loader\"]\n"));
    migration.apply().exits(0);
}

/// What a session of the pool has, for whoever is given it.
const HAS: &str = "SELECT concat_ws('|', current_setting('search_path'), current_setting('synchronous_commit'), current_setting('TimeZone'))";

#[test]
fn a_pooler_that_changes_sessions_is_refused_before_anything_is_set() {
    for (mode, lines) in [
        ("transaction", ""),
        ("transaction", "server_round_robin = 1"),
        ("transaction", "default_pool_size = 1"),
        ("statement", ""),
    ] {
        let mut migration = Migration::new(SOURCE, SPEC);
        let pooler = Pooler::start(&migration.database, mode, lines);
        let through = pooler.through(&migration.database);
        let before = through.value(HAS);
        migration.set("CASE_TARGET", &through.url);
        refuses(
            &migration,
            &["is a pooler that gives each transaction another session", "Name the server's own address"],
        );
        assert_eq!(migration.database.schemas(), [""; 0], "{mode}");
        // Of every session of the pool, whichever is given.
        for _ in 0..8 {
            assert_eq!(through.value(HAS), before, "{mode}");
        }
    }
}

#[test]
fn a_pooler_that_keeps_sessions_is_used_and_they_are_left_as_they_were() {
    // The smaller pool has no session left for a second look.
    for lines in ["default_pool_size = 20", "default_pool_size = 4"] {
        let mut migration = Migration::new(SOURCE, SPEC);
        let pooler = Pooler::start(&migration.database, "session", lines);
        let through = pooler.through(&migration.database);
        let before = through.value(HAS);
        migration.set("CASE_TARGET", &through.url);
        migration.run(&["apply", "--yes", "--jobs", "2"]).exits(0);
        migration.run(&["verify", "--jobs", "2"]).exits(0);
        assert_eq!(through.value(HAS), before);
        assert_eq!(migration.database.value("SELECT count(*) FROM app.u"), "2");
    }
}

/// A server that shows this certificate.
fn show(certificates: &Certificates<'_>, name: &str) -> Server {
    let (certificate, key) = certificates.files(name);
    let setting = |name: &str, path: &Path| format!("{name}={}", path.display());
    let (certificate, key) = (setting("ssl_cert_file", &certificate), setting("ssl_key_file", &key));
    Server::start_with(&["fsync=off", "ssl=on", &certificate, &key])
}

#[test]
fn a_file_of_authorities_makes_require_check_the_certificate() {
    let directory = tempfile::tempdir().unwrap();
    // The server's user reads its certificate there.
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let certificates = Certificates(directory.path());
    ["ours", "theirs"].iter().for_each(|name| certificates.authority(name));
    certificates.server("elsewhere", "theirs", "DNS:elsewhere.test");
    certificates.server("here", "theirs", "IP:127.0.0.1");
    let home = tempfile::tempdir().unwrap();
    let check = |server: &Server, parameters: &str, tls: &str, connects: bool| {
        let mut migration = Migration::into_database(SOURCE, SPEC, Database::create_on(server));
        let parameters = parameters.replace("DIR", &directory.path().display().to_string());
        let url = format!("{}?{parameters}", migration.database.url);
        migration.set("CASE_TARGET", &url);
        migration.set("HOME", &home.path().display().to_string());
        migration.write_spec(&format!("{SPEC}{tls}\n"));
        let ran = migration.apply();
        assert_eq!(ran.code, Some(if connects { 0 } else { 2 }), "{parameters} {tls}: {ran}");
        assert_eq!(connects, !migration.database.schemas().is_empty(), "{parameters} {tls}");
        assert!(connects || ran.stderr.contains("certificate"), "{ran}");
    };
    let server = show(&certificates, "elsewhere");
    check(&server, "sslmode=require", "", true);
    check(&server, "sslmode=require&sslrootcert=DIR/ours.pem", "", false);
    check(&server, "sslrootcert=DIR/ours.pem", "tls = \"require\"", false);
    // The authority is right, the host's name is not looked at.
    check(&server, "sslmode=require&sslrootcert=DIR/theirs.pem", "", true);
    check(&server, "sslmode=verify-full&sslrootcert=DIR/theirs.pem", "", false);
    // A file that is not there, or holds none, is no reason to check nothing.
    check(&server, "sslmode=require&sslrootcert=DIR/none.pem", "", false);
    check(&server, "sslmode=require&sslrootcert=DIR/extensions", "", false);
    check(&server, "sslmode=require&sslrootcert=system", "", false);
    check(&server, "sslrootcert=system", "tls = \"require\"", false);
    // libpq's own place.
    std::fs::create_dir(home.path().join(".postgresql")).unwrap();
    let usual = home.path().join(".postgresql/root.crt");
    std::fs::copy(directory.path().join("ours.pem"), &usual).unwrap();
    check(&server, "sslmode=require", "", false);
    check(&server, "sslmode=prefer", "", true);
    std::fs::copy(directory.path().join("theirs.pem"), &usual).unwrap();
    check(&server, "sslmode=require", "", true);
    check(&server, "sslmode=verify-full", "", false);
    drop(server);
    let server = show(&certificates, "here");
    check(&server, "sslmode=verify-full", "", true);
    drop(server);
    // A server's own certificate as the only authority, as OpenSSL takes it.
    let server = show(&certificates, "theirs");
    check(&server, "sslmode=require&sslrootcert=DIR/theirs.pem", "", true);
    check(&server, "sslmode=verify-full&sslrootcert=DIR/theirs.pem", "", false);
    check(&server, "sslmode=require&sslrootcert=DIR/ours.pem", "", false);
}
