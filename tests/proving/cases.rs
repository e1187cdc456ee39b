//! Cases: a directory in `tests/cases` with `source.sql` and `spec.toml` is one migration, done by the real program.
//!
//! Beside them stand what came of it: `plan.snap`, the plan as text; `ddl.snap`, the SQL of every step in order;
//! `outcome.snap`, the target as PostgreSQL's catalog shows it, its rows, and what `verify` says. A new case is a new
//! directory; `INSTA_UPDATE=always cargo test --features failpoints --test proving cases` writes its snapshots, which are then to be read.
//! `CASE=NAME` runs only the cases whose name contains NAME. `expected.toml` names exit codes that are not 0.
//! `target.sql`, where there is one, is run in the target beforehand. Every other file is copied beside the spec.

use crate::support::database::Database;
use crate::support::migration::{Migration, run};
use crate::support::sqlite_file;
use insta::internals::SettingsBindDropGuard;
use serde_json::Value;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The exit codes that a case expects.
struct Expected(toml::Table);

impl Expected {
    fn read(case: &Path) -> Expected {
        let text = std::fs::read_to_string(case.join("expected.toml")).unwrap_or_default();
        Expected(text.parse().unwrap())
    }

    fn code(&self, command: &str) -> i32 {
        self.0.get(command).map_or(0, |code| i32::try_from(code.as_integer().unwrap()).unwrap())
    }
}

/// Snapshots of this thread go into the case's directory under their own names.
fn bind(case: &Path) -> SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind_to_scope()
}

fn copy_other_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy_other_files(&entry.path(), &target);
        } else if !target.exists() && !entry.file_name().to_string_lossy().ends_with(".snap") {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn run_case(case: &Path) {
    let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap();
    let expected = Expected::read(case);
    let migration = Migration::of_case(case);
    if case.join("target.sql").exists() {
        migration.database.ask(&read("target.sql"));
    }
    let schemas = migration.database.schemas();
    copy_other_files(case, migration.directory());
    let _settings = bind(case);
    let plan = migration.plan().exits(expected.code("plan")).stdout;
    // The digest changes with every byte of what it binds; tests/dryad.rs is about it.
    let is_digest = |line: &&str| line.starts_with("digest ");
    let plan = plan.lines().filter(|line| !is_digest(line)).collect::<Vec<_>>().join("\n");
    let ddl = statements(&migration.run(&["plan", "--format", "json"]).exits(expected.code("plan")).json());
    let applied = migration.apply().exits(expected.code("apply"));
    let outcome = if expected.code("plan") == 3 {
        assert_eq!(migration.database.schemas(), schemas, "a blocked plan writes nothing");
        format!("apply:\n{}", applied.stderr)
    } else {
        let verified = migration.verify().exits(expected.code("verify"));
        let again = migration.apply().exits(expected.code("again"));
        if expected.code("again") == 0 {
            assert!(again.stdout.contains("nothing to do"), "{again}");
        }
        // Host, port and database are others in every run.
        let is_place = |line: &&str| line.starts_with("Target: ");
        let verified = verified.stdout.lines().filter(|line| !is_place(line)).collect::<Vec<_>>().join("\n");
        go_back(case, &migration, [expected.code("back"), expected.code("back_again")]);
        let outcome = format!("{}\nverify:\n{verified}\n", shape(&migration.database));
        let rolled_back = migration.run(&["rollback", "--yes", "--format", "json"]);
        let rolled_back = rolled_back.exits(expected.code("rollback"));
        // Refused where the tables, or what stood in their place, are not the migration's to remove.
        if expected.code("rollback") != 1 {
            assert_eq!(rolled_back.json()["equal"], expected.code("rollback") == 0, "{rolled_back}");
        }
        outcome
    };
    compare([("plan", plan), ("ddl", ddl), ("outcome", outcome)]);
}

/// The way back without a change is the source again, byte for byte; and a file of which every value is written anew means the
/// same, or a finding says why not.
fn go_back(case: &Path, migration: &Migration, [code, again]: [i32; 2]) {
    if case.file_name().unwrap().to_string_lossy().starts_with("mysql_") {
        return;
    }
    let path = |name: &str| migration.directory().join(name);
    let run = |name: &str, respells: bool| {
        let mut command = migration.command(&["back", "--to", path(name).to_str().unwrap()]);
        if respells {
            command.env("TRANSSHIP_RESPELL", "1");
        }
        run(&mut command).exits(if respells { again } else { code })
    };
    run("back.db", false);
    if code != 0 {
        assert!(!path("back.db").exists());
        return;
    }
    // Rows that were in the target before are in the source then.
    if !std::fs::read_to_string(case.join("spec.toml")).unwrap().contains("existing_rows = \"keep\"") {
        let (before, after) = (sqlite_file::lines(&migration.source()), sqlite_file::lines(&path("back.db")));
        assert_eq!(before.join("\n"), after.join("\n"), "{}", case.display());
    }
    run("again.db", true);
}

/// Compares every snapshot, so that one run shows all that differ.
fn compare(snapshots: [(&str, String); 3]) {
    let failed = snapshots
        .into_iter()
        .filter(|(name, text)| catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(*name, text))).is_err())
        .map(|(name, _)| name)
        .collect::<Vec<_>>();
    assert!(failed.is_empty(), "other than the snapshot: {}", failed.join(", "));
}

/// The SQL of every step, in order.
fn statements(plan: &Value) -> String {
    let mut text = String::new();
    for step in plan["steps"].as_array().unwrap() {
        writeln!(text, "-- {}\n{}\n", step["id"].as_str().unwrap(), step["sql"].as_str().unwrap()).unwrap();
    }
    text
}

const RELATIONS: &str = r"
SELECT c.oid, c.oid::regclass, c.relkind
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'transship') AND n.nspname NOT LIKE 'pg\_%'
  AND c.relkind NOT IN ('i', 'I', 'S', 'c')
ORDER BY n.nspname, c.relname";

const DETAILS: &str = r"
(SELECT format('  %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE WHEN a.attidentity <> '' THEN ' IDENTITY ' || a.attidentity::text ELSE '' END
    || coalesce(CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' ELSE ' GENERATED AS ' END || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = {oid} AND a.attnum > 0 ORDER BY a.attnum)
UNION ALL
(SELECT format('  constraint %I %s', conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = {oid} AND contype <> 'n' ORDER BY contype, conname)
UNION ALL
(SELECT '  ' || pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
FROM pg_index WHERE indrelid = {oid} AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = {oid})
ORDER BY indexrelid::regclass::text)
UNION ALL
(SELECT format('  sequence of %I: next %s', a.attname,
    coalesce(pg_sequence_last_value(pg_get_serial_sequence('{name}', a.attname)::regclass)::numeric + 1, 1))
FROM pg_attribute a WHERE a.attrelid = {oid} AND a.attidentity <> '' AND NOT a.attisdropped)";

/// The target as its catalog shows it, with the rows of its tables.
fn shape(database: &Database) -> String {
    let mut text = String::new();
    for relation in database.ask(RELATIONS) {
        let [oid, name, kind] = relation.as_slice() else { panic!("three columns") };
        writeln!(text, "{} {name}", if kind == "r" { "table" } else { "relation" }).unwrap();
        let details = DETAILS.replace("{oid}", oid).replace("{name}", &name.replace('\'', "''"));
        let rows = format!(
            "SET timezone = 'UTC'; SELECT row_to_text::text COLLATE \"C\" FROM {name} AS row_to_text ORDER BY 1 LIMIT 50"
        );
        for line in database.ask(&details).into_iter().flatten() {
            writeln!(text, "{line}").unwrap();
        }
        for row in database.ask(&rows).into_iter().flatten() {
            writeln!(text, "    {row}").unwrap();
        }
    }
    text
}

#[test]
fn cases() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let only = std::env::var("CASE").unwrap_or_default();
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let name = |case: &Path| case.file_name().unwrap().to_string_lossy().into_owned();
    let mut cases = entries.filter(|path| path.is_dir() && name(path).contains(&only)).collect::<Vec<_>>();
    cases.sort();
    assert!(!cases.is_empty(), "no case is called {only}");
    let queue = Mutex::new(cases.into_iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut failed = Vec::new();
        while let Some(case) = next() {
            if catch_unwind(|| run_case(&case)).is_err() {
                failed.push(name(&case));
            }
        }
        failed
    };
    let failed = std::thread::scope(|scope| {
        let workers = (0..4).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<String>>()
    });
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}
