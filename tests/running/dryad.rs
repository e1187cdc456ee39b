//! The Dryad sample from end to end: what the README shows, and what happens when either side or the spec changes.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, build_sqlite};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

const TABLES: usize = 10;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap()
}

/// The sample's database, built once.
static SAMPLE: LazyLock<tempfile::TempPath> = LazyLock::new(|| {
    let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    build_sqlite(&file, &read("specs/dryad/dryad.sql"));
    file
});

/// The sample with a source of its own and an empty database.
fn dryad() -> Migration {
    let copy = |path: &Path| {
        std::fs::copy(&*SAMPLE, path).unwrap();
    };
    let mut migration = Migration::with_source(copy, &read("specs/dryad/dryad.toml"), Database::create());
    migration.set("DRYAD_DB", migration.source().to_str().unwrap());
    let url = migration.database.url.clone();
    migration.set("DATABASE_URL", &url);
    migration
}

/// Applies for the first time. Roles belong to the whole server, so no two at a time.
fn apply_first(migration: &Migration) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    migration.apply().exits(0);
}

/// The sample, applied.
fn applied() -> Migration {
    let migration = dryad();
    apply_first(&migration);
    migration
}

/// A table of `verify --format json`.
fn table<'a>(verified: &'a Value, name: &str) -> &'a Value {
    verified["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap()
}

/// missing, extra, different
fn counts(table: &Value) -> [u64; 3] {
    ["missing", "extra", "different"].map(|key| table[key].as_u64().unwrap())
}

#[test]
fn every_value_arrives_and_a_second_apply_does_nothing() {
    let migration = dryad();
    migration.run(&["plan", "--detailed-exitcode"]).exits(4);
    drop(migration);
    let migration = applied();
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["equal"], true);
    let tables = verified["tables"].as_array().unwrap();
    assert_eq!(tables.len(), TABLES);
    let source = rusqlite::Connection::open(migration.source()).unwrap();
    for table in tables {
        let name = table["table"].as_str().unwrap();
        let count = |sql: &str| source.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
        let in_source = count(&format!("SELECT count(*) FROM \"{name}\""));
        let in_target = migration.database.value(&format!("SELECT count(*) FROM dryad.\"{name}\""));
        assert_eq!(
            (table["source_rows"].as_u64(), in_target),
            (Some(u64::from(in_source)), in_source.to_string()),
            "{name}"
        );
        assert_eq!(counts(table), [0; 3], "{name}");
    }
    assert_eq!(verified["checks"].as_array().unwrap().len(), 2);
    assert!(verified["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));

    let dump = || {
        migration.database.ask("SELECT relname, relfilenode, reltuples FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'dryad'::regnamespace ORDER BY 1")
    };
    let before = dump();
    let again = migration.apply().exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    assert_eq!(dump(), before);
    assert_eq!(migration.database.value("SELECT count(*) FROM transship.run"), "1");
    migration.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (one, two) = (dryad(), dryad());
    for format in ["json", "text"] {
        let plan = one.run(&["plan", "--format", format]).exits(0);
        for other in [&one, &two] {
            let again = other.run(&["plan", "--format", format, "--jobs", "1"]).exits(0);
            assert_eq!(again.stdout, plan.stdout);
        }
    }
    let digest = |migration: &Migration| migration.run(&["plan", "--format", "json"]).exits(0).json()["digest"].clone();
    let before = digest(&one);
    assert_eq!(before.as_str().unwrap().len(), 64);
    // Rows may come and go; the structure may not.
    two.change_source("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)");
    assert_eq!(digest(&two), before);
    two.change_source("ALTER TABLE users ADD COLUMN nickname TEXT");
    assert_ne!(digest(&two), before);
}

#[test]
fn verify_names_what_differs() {
    let migration = applied();
    let ask = |sql: &str| migration.database.ask(sql);
    let [changed, deleted] = [0, 1].map(|at| {
        let sql = format!("SELECT id FROM dryad.messages WHERE length(content) > 20 ORDER BY id OFFSET {at} LIMIT 1");
        migration.database.value(&sql)
    });
    let content = format!("SELECT content FROM dryad.messages WHERE id = '{changed}'");
    let before = migration.database.value(&content);
    ask(&format!(
        "UPDATE dryad.messages SET content = overlay(content PLACING '§' FROM 7 FOR 1) WHERE id = '{changed}'"
    ));
    let after = migration.database.value(&content);
    assert_ne!(before, after);

    let shows_nothing = |ran: &Ran| {
        for value in [before.trim(), after.trim(), "§"] {
            assert!(!ran.output().contains(value), "{ran}");
        }
    };
    let text = migration.verify().exits(3);
    for word in ["messages", &changed, "content", "NOT EQUAL"] {
        assert!(text.stdout.contains(word), "{word}: {text}");
    }
    shows_nothing(&text);
    let ran = migration.run(&["verify", "--format", "json"]).exits(3);
    shows_nothing(&ran);
    let verified = ran.json();
    assert_eq!(verified["equal"], false);
    assert_eq!(counts(table(&verified, "messages")), [0, 0, 1]);
    let example = &table(&verified, "messages")["examples"][0];
    assert_eq!((&example["key"], &example["column"]), (&format!("id={changed}").into(), &"content".into()));
    assert_eq!((&example["source"], &example["target"]), (&Value::Null, &Value::Null));
    let shown = migration.run(&["verify", "--format", "json", "--show-values"]).exits(3).json();
    let example = &table(&shown, "messages")["examples"][0];
    assert_eq!((example["source"].as_str(), example["target"].as_str()), (Some(before.as_str()), Some(after.as_str())));
    let others = verified["tables"].as_array().unwrap().iter().filter(|table| table["table"] != "messages");
    assert!(others.map(counts).all(|counts| counts == [0; 3]), "{verified}");

    ask(&format!("DELETE FROM dryad.messages WHERE id = '{deleted}'"));
    ask("INSERT INTO dryad.users (id, email, status, created_at)
        VALUES ('00000000-0000-4000-8000-000000000000', 'nobody@example.org', 'active', now())");
    let ran = migration.run(&["verify", "--format", "json"]).exits(3);
    let verified = ran.json();
    assert_eq!(counts(table(&verified, "messages")), [1, 0, 1], "{ran}");
    assert_eq!(counts(table(&verified, "users")), [0, 1, 0], "{ran}");
    for key in [&format!("id={deleted}"), "id=00000000-0000-4000-8000-000000000000"] {
        assert!(ran.stdout.contains(key), "{key}: {ran}");
    }
    assert!(!ran.output().contains("nobody@example.org"), "{ran}");
}

#[test]
fn a_table_that_is_there_is_never_touched() {
    let migration = dryad();
    migration
        .database
        .ask("CREATE SCHEMA dryad; CREATE TABLE dryad.users (mine text); INSERT INTO dryad.users VALUES ('mine')");
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("dryad.users"), "{refused}");
    assert_eq!(migration.database.schemas(), ["dryad"]);
    assert_eq!(
        migration
            .database
            .value("SELECT count(*) FROM pg_class WHERE relnamespace = 'dryad'::regnamespace AND relkind = 'r'"),
        "1"
    );
    assert_eq!(migration.database.value("SELECT mine FROM dryad.users"), "mine");
    assert_eq!(
        migration.database.ask("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"),
        Vec::<Vec<String>>::new()
    );
}

#[test]
fn a_source_that_changed_is_noticed() {
    let migration = applied();
    let content = "SELECT md5(string_agg(m::text, '' ORDER BY id)) FROM dryad.messages m";
    let before = migration.database.value(content);
    let columns = "SELECT group_concat(name) FROM pragma_table_info('messages') WHERE name <> 'id'";
    let source = rusqlite::Connection::open(migration.source()).unwrap();
    let columns: String = source.query_row(columns, [], |row| row.get(0)).unwrap();
    source
        .execute_batch(&format!(
            "INSERT INTO messages (id, {columns}) SELECT '00000000-0000-4000-8000-000000000001', {columns} FROM messages LIMIT 1"
        ))
        .unwrap();
    drop(source);
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("messages  [source_changed]"), "{refused}");
    assert!(migration.plan().exits(3).stdout.contains("messages  [source_changed]"));
    assert_eq!(migration.database.value(content), before);
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    assert_eq!(counts(table(&verified, "messages")), [1, 0, 0]);
}

#[test]
fn a_spec_that_changed_is_blocked() {
    let migration = applied();
    let shape = "SELECT attrelid::regclass, attname, atttypid::regtype FROM pg_attribute
        WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'dryad'::regnamespace) ORDER BY 1, 2";
    let before = migration.database.ask(shape);
    migration.write_spec(&format!(
        "{}\n[tables.groves]\ncolumns.slug = {{ type = \"text\" }}\n",
        read("specs/dryad/dryad.toml")
    ));
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("groves"), "{refused}");
    assert_eq!(migration.database.ask(shape), before);
    migration.run(&["plan"]).exits(3);
}

/// What the plan of the team asks for around the rows: a backup that comes back, the vacuum of production, and a way to undo it all.
#[test]
fn the_whole_way_from_backup_to_rollback() {
    let mut migration = dryad();
    // Production's own steps, without its certificate.
    let spec = read("specs/dryad/dryad.toml");
    let (usual, prod) = spec.split_once("# transship … --env prod").unwrap();
    let steps = &prod[prod.find("[env.prod.steps").unwrap()..];
    migration.write_spec(&format!("{usual}{}", steps.replace("env.prod.", "")));
    let before = migration.database.ask("SELECT nspname FROM pg_namespace ORDER BY 1");
    migration.run(&["backup", "--verify"]).exits(0);
    apply_first(&migration);
    // The statistics arrive when their writer has come to it.
    let vacuumed = "SELECT count(*) FROM pg_class c WHERE relnamespace = 'dryad'::regnamespace AND relkind = 'r' AND relallvisible > 0";
    assert_eq!(migration.database.value(vacuumed), TABLES.to_string());
    migration.change_source("INSERT INTO groves (name, slug, is_sacred) VALUES ('late', 'late', 0)");
    migration.run(&["apply", "--refresh", "--yes"]).exits(0);
    migration.verify().exits(0);
    assert_eq!(migration.database.value("SELECT count(*) FROM dryad.groves WHERE slug = 'late'"), "1");
    migration.run(&["rollback", "--yes"]).exits(0);
    assert_eq!(migration.database.ask("SELECT nspname FROM pg_namespace ORDER BY 1"), before);
    // The file that comes back has what the application had before its last row.
    let restored = migration.directory().join("restored.db");
    migration.run(&["restore", "--to", restored.to_str().unwrap()]).exits(0);
    migration.set("DRYAD_DB", restored.to_str().unwrap());
    let groves = |path: &Path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.query_row("SELECT count(*) FROM groves", [], |row| row.get::<_, u32>(0)).unwrap()
    };
    assert_eq!(groves(&restored) + 1, groves(&migration.source()));
    migration.apply().exits(0);
    migration.verify().exits(0);
}
