//! `transship rehearse`: the whole way on a server that is gone afterwards, with the target's own tables, and a record that the
//! real run is held against.

use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::waiting::{frozen, signal};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
    CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), total REAL);
    INSERT INTO orders VALUES (1, 1, 0.5), (2, 2, 7.25);
    CREATE INDEX by_user ON orders (user_id)";

/// The directory for the temporary files of one test's commands, and what is left in it.
struct Temporary(tempfile::TempDir);

impl Temporary {
    fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("transship-test-").tempdir().unwrap();
        // The server's user has to pass through.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(directory.path(), mode).unwrap();
        Self(directory)
    }

    fn left(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Clusters that lie elsewhere, since the server's user could not get here; those of others on this machine come and go.
    fn shelters(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir("/var/lib/transship").into_iter().flatten().filter_map(Result::ok);
        let place = self.0.path().canonicalize().unwrap();
        let is_from_here = |home: &PathBuf| {
            std::fs::read(home.join("origin"))
                .is_ok_and(|origin| Path::new(OsStr::from_bytes(&origin)).starts_with(&place))
        };
        all.map(|entry| entry.path()).filter(is_from_here).collect()
    }

    fn rehearse(&self, migration: &Migration, words: &[&str]) -> Ran {
        let words = [&["rehearse"], words].concat();
        run(migration.command(&words).env("TMPDIR", self.0.path()))
    }

    /// Whether any process has one of the directories in its command line.
    fn is_in_use(&self) -> bool {
        let place = self.0.path().to_string_lossy().into_owned();
        let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path().join("cmdline"));
        let lines = processes.filter_map(|file| std::fs::read(file).ok());
        lines.filter(|line| String::from_utf8_lossy(line).contains(&place)).count() > 0
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_rehearsal_goes_the_whole_way_and_leaves_nothing_but_its_record() {
    let check = "[checks.'all there']\nsql = 'SELECT count(*) FROM app.orders'\nexpect = 2\n";
    let migration = Migration::new(SOURCE, &format!("{SPEC}{check}"));
    let temporary = Temporary::new();
    let page = migration.directory().join("rehearsal.html");
    let junit = migration.directory().join("rehearsal.xml");
    let words = ["--format", "json", "--report", page.to_str().unwrap(), "--report", junit.to_str().unwrap()];
    let said = temporary.rehearse(&migration, &words).exits(0);
    let rehearsed = said.json();
    assert_eq!((&rehearsed["outcome"], &rehearsed["rows"]), (&"done".into(), &4.into()), "{rehearsed:#}");
    assert_eq!(rehearsed["verification"]["equal"], true);
    let phases = rehearsed["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 7);
    for phase in phases {
        let time = |key: &str| phase["estimate"][key].as_f64().unwrap();
        assert!(time("low") <= time("likely") && time("likely") <= time("high"), "{phase:#}");
    }
    // The target was measured, and nothing of that or of the rehearsal is in it.
    assert_eq!(rehearsed["target"]["probe"]["bytes_per_second"].as_array().unwrap().len(), 3);
    assert_eq!(migration.database.schemas(), Vec::<String>::new());
    assert_eq!(migration.database.value("SELECT count(*) FROM pg_class WHERE relname LIKE '%probe%'"), "0");
    assert_eq!(temporary.left(), Vec::<PathBuf>::new());
    assert!(!temporary.is_in_use());
    assert_eq!(temporary.shelters(), Vec::<PathBuf>::new());
    assert!(std::fs::read_to_string(page).unwrap().contains("keys and indexes"));
    assert!(std::fs::read_to_string(junit).unwrap().contains("failures=\"0\""));
    let record = migration.directory().join(".transship/rehearsal-case.json");
    assert_eq!(json(&record)["digest"], rehearsed["digest"]);
    // The real run has the same plan, and is held against the estimate.
    let applied = migration.apply().exits(0);
    assert!(applied.stdout.contains("The rehearsal estimated ") && applied.stdout.contains("; measured "), "{applied}");
    migration.run(&["rollback", "--yes"]).exits(0);
    let events = migration.run(&["apply", "--yes", "--format", "json"]).exits(0);
    let last = serde_json::from_str::<Value>(events.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "estimate", "{events}");
    assert!(last["estimated"]["likely"].is_f64() && last["measured"].is_f64(), "{last}");
    assert_eq!(json(&record)["measured"]["rows"], 4);
    let status = migration.run(&["status", "--format", "json"]).exits(0).json();
    assert!(status["rehearsal"]["estimated"]["likely"].is_f64() && status["rehearsal"]["measured"].is_f64());
}

#[test]
fn the_applications_tables_are_rehearsed_with_what_is_in_them() {
    let spec = format!("{SPEC}tables = \"existing\"\n");
    let migration = Migration::new(SOURCE, &spec);
    let tables = "CREATE ROLE rehearsal_reader; CREATE TYPE public.mood AS ENUM ('fine'); CREATE EXTENSION pg_trgm;
        CREATE SCHEMA app;
        CREATE TABLE app.users (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text NOT NULL CHECK (name <> 'Grace'),
            feels public.mood NOT NULL DEFAULT 'fine');
        CREATE TABLE app.orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES app.users, total double precision);
        CREATE INDEX ON app.users USING gin (name gin_trgm_ops);
        GRANT SELECT ON app.users TO rehearsal_reader;
        CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.watch();
        COMMENT ON EVENT TRIGGER watch IS 'watches'";
    migration.database.ask(tables);
    let temporary = Temporary::new();
    // A condition of the target's own refuses a row: the exit code is that of apply.
    let refused = temporary.rehearse(&migration, &[]);
    assert!(matches!(refused.code, Some(1 | 3)) && !refused.output().contains("both sides are equal"), "{refused}");
    assert_eq!(temporary.left(), Vec::<PathBuf>::new());
    assert!(!migration.directory().join(".transship/rehearsal-case.json").exists());
    migration.database.ask("ALTER TABLE app.users DROP CONSTRAINT users_name_check");
    let rehearsed = temporary.rehearse(&migration, &["--format", "json"]).exits(0).json();
    assert_eq!((&rehearsed["outcome"], &rehearsed["outline"]["tables"]), (&"done".into(), &2.into()), "{rehearsed:#}");
    assert!(
        rehearsed["notes"].to_string().contains("were left out, and what they do was not rehearsed: watch"),
        "{rehearsed:#}"
    );
    // Rows that are in the way there are in the way in the rehearsal as well.
    migration.database.ask("INSERT INTO app.users (id, name) VALUES (1, 'Somebody else')");
    let refused = temporary.rehearse(&migration, &["--format", "json"]).exits(3);
    assert_eq!(refused.json()["outcome"], "refused", "{refused}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.users"), "1");
    migration.database.ask("DROP OWNED BY rehearsal_reader; DROP ROLE rehearsal_reader");
}

#[test]
fn a_sample_takes_a_part_of_the_rows_and_no_dangling_key_is_a_finding() {
    let source = "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) INSERT INTO parents SELECT i, 'p' || i FROM n;
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents (id));
        INSERT INTO children SELECT id, id FROM parents;
        CREATE TABLE few (id INTEGER PRIMARY KEY); INSERT INTO few VALUES (1), (2)";
    let check = "[checks.all]\nsql = 'SELECT count(*) FROM app.parents'\nexpect = 12000\n";
    let migration = Migration::new(source, &format!("{SPEC}{check}"));
    let temporary = Temporary::new();
    let rehearsed = temporary.rehearse(&migration, &["--sample", "5%", "--format", "json"]).exits(0).json();
    let rows = |table: &str| {
        let tables = rehearsed["tables"].as_array().unwrap();
        tables.iter().find(|line| line["table"] == table).unwrap()["rows"].as_u64().unwrap()
    };
    assert!((500..700).contains(&rows("parents")) && (500..700).contains(&rows("children")), "{rehearsed:#}");
    assert_eq!(rows("few"), 2);
    // The whole run's plan is the one that the record is about.
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    assert_eq!(json(&migration.directory().join(".transship/rehearsal-case.json"))["digest"], plan["digest"]);
}

#[test]
fn what_a_killed_rehearsal_has_left_goes_with_the_next_one() {
    let migration = Migration::new(SOURCE, SPEC);
    let temporary = Temporary::new();
    let mut killed = migration.command(&["rehearse"]);
    killed.env("TMPDIR", temporary.0.path()).env("TRANSSHIP_FAILPOINT", "rehearsal_applied");
    run(&mut killed);
    assert_eq!(temporary.left().len(), 1);
    // Interrupted, it removes its own as well.
    let mut stopped = migration.command(&["rehearse"]);
    stopped.env("TMPDIR", temporary.0.path());
    let child = frozen(stopped, "rehearsal_applied");
    signal(&child, Signal::SIGINT);
    signal(&child, Signal::SIGCONT);
    let stopped = Ran::of(child).exits(1);
    assert!(stopped.stderr.contains("interrupted before the end"), "{stopped}");
    assert_eq!(temporary.left(), Vec::<PathBuf>::new());
    assert!(!temporary.is_in_use());
    assert_eq!(temporary.shelters(), Vec::<PathBuf>::new());
}

#[test]
fn a_kept_server_can_be_looked_at_and_a_missing_extension_has_a_package() {
    let migration = Migration::new(SOURCE, SPEC);
    let temporary = Temporary::new();
    let kept = temporary.rehearse(&migration, &["--keep", "--format", "json"]).exits(0).json();
    let spec = kept["kept"]["spec"].as_str().unwrap();
    let mut psql = crate::support::migration::program();
    let seen = run(psql.args(["psql", spec, "--", "-Atc", "SELECT string_agg(name, ',' ORDER BY id) FROM app.users"]));
    assert_eq!(seen.exits(0).stdout, "Ada,Grace\n");
    // The next one leaves it alone.
    temporary.rehearse(&migration, &[]).exits(0);
    assert!(Path::new(spec).exists());
    if let Some(elsewhere) = kept["kept"]["elsewhere"].as_str() {
        std::fs::remove_dir_all(elsewhere).unwrap();
    }
    migration.write_spec(&SPEC.replace("schema = \"app\"", "schema = \"app\"\nextensions = [\"vector\", \"no_such\"]"));
    let refused = temporary.rehearse(&migration, &[]).exits(1);
    assert!(refused.stderr.contains("\"no_such\""), "{refused}");
}
