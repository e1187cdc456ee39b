//! Migrations into tables that an application has made.

use crate::support::database::Database;
use crate::support::migration::{Migration, run};
use crate::support::server::programs;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// A file of a case.
pub(crate) fn read(case: &str, file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(case).join(file)).unwrap()
}

/// The case `existing`.
pub(crate) fn existing() -> Migration {
    of_case("existing", &read("existing", "source.sql"))
}

/// The case `existing_keep`, whose tables hold rows of the application's own.
pub(crate) fn kept() -> Migration {
    of_case("existing_keep", &read("existing_keep", "source.sql"))
}

/// The case `existing`, with a large table, so that there is time to break it off.
pub(crate) fn large() -> Migration {
    let rows = "WITH RECURSIVE counter (n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM counter WHERE n < 300000)
        INSERT INTO posts SELECT n, n - 1, 1 + n % 2, 'body of ' || n, length('body of ' || n) FROM counter;";
    of_case("existing", &format!("{}\nPRAGMA synchronous = OFF; {rows}", read("existing", "source.sql")))
}

fn of_case(case: &str, source: &str) -> Migration {
    let migration = Migration::new(source, &read(case, "spec.toml"));
    migration.database.ask(&read(case, "target.sql"));
    migration
}

/// The structure of the target as pg_dump writes it, without the ledger.
pub(crate) fn structure(database: &Database) -> String {
    let mut command = Command::new(programs().join("pg_dump"));
    command.args(["--schema-only", "--exclude-schema=transship", "--dbname", &database.url]);
    let dumped = run(&mut command).exits(0).stdout;
    // Newer releases of pg_dump guard their output by a key that is another every time.
    dumped.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n")
}

/// The foreign keys and triggers of the schema `app` as PostgreSQL's catalog has them, those that a key is made of
/// included: by the function that they call, for their names are new each time.
pub(crate) fn attached(database: &Database) -> String {
    let keys =
        "SELECT 'key', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated, k.condeferrable,
            k.condeferred, k.confmatchtype, k.conislocal, k.coninhcount, k.connoinherit, k.conindid::regclass,
            (SELECT conname FROM pg_constraint p WHERE p.oid = k.conparentid), obj_description(k.oid, 'pg_constraint')
        FROM pg_constraint k WHERE k.connamespace = 'app'::regnamespace ORDER BY k.conrelid::regclass::text, k.conname";
    let triggers = "SELECT 'trigger', t.tgrelid::regclass, k.conname,
            CASE WHEN t.tgisinternal THEN t.tgfoid::regproc::text ELSE pg_get_triggerdef(t.oid) END, t.tgenabled,
            t.tgdeferrable, t.tginitdeferred, t.tgtype, t.tgconstrrelid::regclass, t.tgconstrindid::regclass,
            obj_description(t.oid, 'pg_trigger')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
        WHERE c.relnamespace = 'app'::regnamespace ORDER BY 2, 3, 4";
    let rows = database.ask(&format!("{keys}; {triggers}"));
    let mut lines = rows.into_iter().map(|row| row.join(" | ")).collect::<Vec<_>>();
    lines.sort();
    lines.join("\n")
}

/// Kills an apply right after the given event.
pub(crate) fn kill_after(migration: &Migration, event: &str) {
    let mut command = migration.command(&["apply", "--yes", "--format", "json", "--jobs", "2"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen = lines.by_ref().map(Result::unwrap).find(|line| line.contains(event));
    assert!(seen.is_some(), "{event} never came");
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    migration.database.wait_until_alone();
}
