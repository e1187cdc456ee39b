//! `transship backup` and `transship restore`, judged by the plain clients.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, SPEC, build_sqlite, program, run};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::waiting::{StopOnDrop, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file in WAL mode with every kind of value, and a virtual table.
const SOURCE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB, score REAL, n TEXT GENERATED ALWAYS AS (upper(name)));
    INSERT INTO users (name, photo, score) VALUES ('Ada', x'00ff', 0.1), ('Grace', NULL, -0.0), (NULL, x'', 1e300);
    CREATE TABLE log (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5(text); INSERT INTO words VALUES ('a needle')";

fn spec(more: &str) -> String {
    format!("{SPEC}{more}").replace("[source]", "[tables.words]\nskip = true\n[source]\nexclude = ['words*']")
}

/// The directories of the backups, the oldest first.
fn backups(migration: &Migration) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(migration.directory().join(".transship/backups/case")).unwrap();
    let mut found = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect::<Vec<_>>();
    found.sort();
    found
}

#[test]
fn a_backup_under_writers_is_one_state_and_comes_back() {
    let migration = Migration::new(SOURCE, &spec(""));
    let connection = rusqlite::Connection::open(migration.source()).unwrap();
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    // Each commit writes a pair: a state with one half of it is no state.
    let stop = Arc::new(AtomicBool::new(false));
    let writer = {
        let (stop, path) = (Arc::clone(&stop), migration.source());
        std::thread::spawn(move || {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let sql = format!(
                    "BEGIN; INSERT INTO log VALUES ('x', {number}); INSERT INTO log VALUES ('y', {number}); COMMIT"
                );
                connection.execute_batch(&sql).unwrap();
            }
            number
        })
    };
    let stopping = StopOnDrop(&stop);
    let made = migration.run(&["backup", "--verify", "--format", "json", "--side", "source"]).exits(0).json();
    drop(stopping);
    assert!(writer.join().unwrap() > 0);
    assert_eq!(made["verified"][0]["equal"], true, "{made:#}");
    let restored = migration.directory().join("a new file.db");
    let text = restored.display().to_string();
    migration.run(&["restore", "--to", &text]).exits(0);
    let copy = rusqlite::Connection::open(&restored).unwrap();
    let value = |sql: &str| copy.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(value("PRAGMA integrity_check"), "ok");
    assert_eq!(value("SELECT CAST(count(*) - 2 * count(DISTINCT b) AS TEXT) FROM log"), "0");
    let users = "SELECT group_concat(coalesce(n, '-') || hex(photo) || score) FROM users";
    assert_eq!(value(users), connection.query_row(users, [], |row| row.get::<_, String>(0)).unwrap());
    assert_eq!(value("SELECT text FROM words('needle')"), "a needle");
    // Nothing that is there is written over, nor read as a part of what is new.
    migration.run(&["restore", "--to", &text]).exits(2);
    let other = migration.directory().join("other.db");
    let to_other = ["restore", "--to", other.to_str().unwrap()];
    std::fs::write(other.with_extension("db-wal"), "").unwrap();
    assert!(migration.run(&to_other).exits(2).stderr.contains("other.db-wal"));
    std::fs::remove_file(other.with_extension("db-wal")).unwrap();
    // Nobody else reads a backup, and what differs from it never has its name.
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
    };
    let backup = backups(&migration).pop().unwrap();
    let manifest = backup.join("manifest.json");
    let modes = [backup.ancestors().nth(2).unwrap(), &backup, &manifest, &backup.join("source.db")].map(mode);
    assert_eq!(modes, [0o700, 0o700, 0o600, 0o600]);
    let said = std::fs::read_to_string(&manifest).unwrap();
    // A table without rows has a digest of zeros.
    let mut digests = said.split("\"digest\": \"").skip(1).map(|rest| rest[..32].to_owned());
    let digest = digests.find(|digest| *digest != "0".repeat(32)).unwrap();
    std::fs::write(&manifest, said.replace(&digest, &"0".repeat(32))).unwrap();
    migration.run(&to_other).exits(3);
    let left = std::fs::read_dir(migration.directory()).unwrap().map(|entry| entry.unwrap().file_name());
    let left = left.filter(|name| name.to_string_lossy().contains("other.db")).collect::<Vec<_>>();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn apply_wants_a_fresh_backup_where_the_spec_says_so() {
    let migration = Migration::new(SOURCE, &spec("[backup]\nbefore_apply = true\nkeep = 2\n"));
    let refused = migration.apply().exits(3);
    assert!(refused.stderr.contains("transship backup"), "{refused}");
    assert_eq!(migration.database.schemas(), Vec::<String>::new());
    migration
        .database
        .ask("CREATE SCHEMA theirs; CREATE TABLE theirs.t (t int, \"r\" text); INSERT INTO theirs.t VALUES (1, 'é')");
    // One side is not both.
    migration.run(&["backup", "--side", "source"]).exits(0);
    migration.apply().exits(3);
    let made = migration.run(&["backup", "--verify", "--format", "json"]).exits(0).json();
    assert_eq!(made["verified"].as_array().unwrap().len(), 2);
    migration.apply().exits(0);
    migration.verify().exits(0);
    for _ in 0..2 {
        migration.run(&["backup"]).exits(0);
    }
    // The first, of one side alone, is of another kind than these.
    let kept = backups(&migration);
    assert_eq!(kept.len(), 3, "{kept:?}");
    // What the target held before comes back elsewhere, with what came since; a database in use is refused.
    let elsewhere = Database::create();
    migration.run(&["restore", "--to", &migration.database.url.clone()]).exits(2);
    let restored = migration.run(&["restore", "--to", &elsewhere.url, "--format", "json"]).exits(0).json();
    assert_eq!(restored["equal"], true, "{restored}");
    assert_eq!(elsewhere.value("SELECT r FROM theirs.t"), "é");
    let photos = "SELECT string_agg(encode(photo, 'hex'), ',' ORDER BY id) FROM app.users";
    assert_eq!(elsewhere.value(photos), migration.database.value(photos));
    // A backup that says to be of the future pushes no other out, and is not fresh; a link to one is none.
    let store = migration.directory().join(".transship/backups/case");
    let future = store.join("29991231T000000Z");
    std::fs::create_dir(&future).unwrap();
    std::os::unix::fs::symlink(kept.last().unwrap(), store.join("29991232T000000Z")).unwrap();
    let text = std::fs::read_to_string(kept.last().unwrap().join("manifest.json")).unwrap();
    let begun = text.split("\"begun\": \"").nth(1).unwrap()[..4].to_owned();
    std::fs::write(future.join("manifest.json"), text.replace(&format!("\"begun\": \"{begun}"), "\"begun\": \"2999"))
        .unwrap();
    assert!(migration.apply().exits(3).stderr.contains("dated in the future"));
    let made = migration.run(&["backup", "--format", "json"]).exits(0).json();
    assert!(std::path::Path::new(made["path"].as_str().unwrap()).join("manifest.json").is_file(), "{made:#}");
    let _removed = std::fs::remove_dir_all(&future);
    std::fs::remove_file(store.join("29991232T000000Z")).unwrap();
    let kept = backups(&migration);
    // A file that was altered is found, and is no backup any more.
    let newest = kept.last().unwrap();
    let dump = std::fs::read_dir(newest.join("target")).unwrap().map(|entry| entry.unwrap().path());
    let data =
        dump.filter(|path| path.to_string_lossy().ends_with(".gz")).max_by_key(|path| path.metadata().unwrap().len());
    let data = data.unwrap();
    let mut bytes = std::fs::read(&data).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&data, bytes).unwrap();
    let damaged = migration.run(&["restore", "--to", &Database::create().url]).exits(3);
    assert!(damaged.stderr.contains("has been altered or cut"), "{damaged}");
    std::fs::remove_file(&data).unwrap();
    migration.apply().exits(3);
}

#[test]
fn a_server_is_dumped_by_its_own_program_and_proved() {
    from_server(mariadb());
    if let Some(server) = mysql() {
        from_server(server);
    }
}

fn from_server(server: &MysqlServer) {
    let source = "CREATE TABLE t (id INT PRIMARY KEY, b VARBINARY(9), d DECIMAL(20,5), j JSON, s VARCHAR(20)) CHARACTER SET utf8mb4;
        INSERT INTO t VALUES (1, x'00ff27', 1.5, '{\"a\": 1}', 'ä\\'\\\\ 😀'), (2, NULL, NULL, NULL, NULL);
        CREATE VIEW v AS SELECT id FROM t; CREATE PROCEDURE p() SELECT 1;
        CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.d = coalesce(NEW.d, 0)";
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
    let mut migration = Migration::from_mariadb(server, source, &spec);
    // The environment leads the programs to no other server than the spec's, and not from the private one to it.
    for (name, value) in
        [("MYSQL_HOST", "127.0.0.1"), ("MYSQL_TCP_PORT", &server.port().to_string()), ("MYSQL_UNIX_PORT", "/x")]
    {
        migration.set(name, value);
    }
    let made = migration.run(&["backup", "--verify", "--format", "json", "--side", "source"]).exits(0).json();
    let proof = &made["verified"][0];
    // The servers are the tests' own: beside another test that writes, what was dumped is not known by value.
    let is_still = made["manifest"]["sides"][0]["remark"].is_null();
    let how = proof["how"].as_str().unwrap();
    // No server of MySQL is installed on this machine: the tests unpack one privately.
    if how.starts_with("no server of MySQL") {
        assert!(proof["equal"].is_null() && proof["restored"] == false, "{made:#}");
    } else {
        assert!(how == "restored into a private server" && proof["restored"] == true, "{made:#}");
        assert!(!is_still || (proof["equal"] == true && proof["rows"] == 2), "{made:#}");
    }
    let place = server.create_database();
    migration.run(&["restore", "--to", &server.url(&place)]).exits(0);
    let question = "SELECT id, hex(b), d, j, hex(s) FROM t ORDER BY id; SHOW PROCEDURE STATUS WHERE db = database() AND name = 'p'";
    assert!(server.ask(&place, question).contains("00FF27\t1.50000"));
    assert_eq!(server.ask(&place, "SELECT count(*) FROM v"), "2\n");
    migration.run(&["restore", "--to", &server.url(&place)]).exits(2);
    let manifest = made["path"].as_str().unwrap();
    let files = std::fs::read_dir(manifest).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files = files.collect::<Vec<_>>();
    files.sort();
    assert_eq!(files, ["manifest.json", "source.sql"]);
}

/// The server's program, which takes its options and then has much to do.
const SLOW_PROGRAM: &str = "#!/bin/sh
case $1 in --version) echo 'mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB'; exit ;; --help) exit ;; esac
cat \"${1#--defaults-file=}\" >\"$SEEN.part\"
echo $$ >\"$SEEN.pid\"
mv \"$SEEN.part\" \"$SEEN\"
exec sleep 300
";

/// The files below a directory.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The password reaches the server's program, and stays in no file, whenever the process is killed.
#[test]
fn a_backup_that_is_killed_leaves_no_password() {
    const PASSWORD: &str = "never-to-be-found";
    let server = mariadb();
    let database = server.create_database();
    for host in ["%", "localhost"] {
        let user = format!("'guarded'@'{host}'");
        server.ask("", &format!("CREATE USER {user} IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON *.* TO {user}"));
    }
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}");
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    migration.set("CASE_SOURCE", &format!("mysql://guarded:{PASSWORD}@127.0.0.1:{}/{database}", server.port()));
    let at = |name: &str| migration.directory().join(name);
    for directory in ["programs", "temporary"] {
        std::fs::create_dir(at(directory)).unwrap();
    }
    let program = at("programs/mariadb-dump");
    std::fs::write(&program, SLOW_PROGRAM).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = migration.command(&["backup", "--side", "source"]);
    let path = format!("{}:{}", at("programs").display(), std::env::var("PATH").unwrap());
    command.env("PATH", path).env("TMPDIR", at("temporary")).env("SEEN", at("seen"));
    let mut backup = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the program has its options", || at("seen").is_file());
    backup.kill().unwrap();
    backup.wait().unwrap();
    let pid = std::fs::read_to_string(at("seen.pid")).unwrap().trim().parse().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    let seen = std::fs::read_to_string(at("seen")).unwrap();
    assert!(seen.starts_with("[client]") && seen.contains(&format!("password=\"{PASSWORD}\"")), "{seen}");
    let left = [files_below(&at("temporary")), files_below(&at(".transship/backups"))].concat();
    assert!(left.iter().any(|path| path.ends_with(".lock")), "{left:?}");
    for path in left {
        assert!(path.metadata().unwrap().is_file(), "{}", path.display());
        let text = std::fs::read(&path).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(PASSWORD), "{}", path.display());
    }
}

/// The newest backup is that of the database that the spec names now, and has the side that is asked for.
#[test]
fn a_restore_takes_the_backup_of_its_own_database() {
    let spec = format!("{SPEC}[env.staging.source]\nurl = \"sqlite:staging.db\"\n");
    let migration = Migration::new("CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('prod')", &spec);
    let staging = migration.directory().join("staging.db");
    build_sqlite(&staging, "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('staging')");
    let mine = migration.directory().join("mine");
    std::fs::create_dir(&mine).unwrap();
    let mine = mine.to_str().unwrap();
    migration.run(&["backup", "--side", "source", "--directory", mine]).exits(0);
    migration.run(&["backup", "--side", "source", "--directory", mine, "--env", "staging"]).exits(0);
    migration.run(&["backup", "--side", "target", "--directory", mine]).exits(0);
    let restored = |name: &str, more: &[&str]| {
        let path = migration.directory().join(name);
        let words = [&["restore", "--directory", mine, "--to", path.to_str().unwrap()], more].concat();
        let said = migration.run(&words).exits(0);
        let value = rusqlite::Connection::open(&path).unwrap().query_row("SELECT v FROM t", [], |row| row.get(0));
        (value.unwrap(), said.stdout)
    };
    let (value, said): (String, String) = restored("one.db", &[]);
    assert!(value == "prod" && said.contains("source.db,"), "{value}: {said}");
    assert_eq!(restored("two.db", &["--env", "staging"]).0, "staging");
    // A relative path is the same database wherever the command is started.
    let mut here = program();
    here.current_dir(migration.directory()).env("CASE_SOURCE", migration.source());
    here.env("CASE_TARGET", &migration.database.url);
    run(here.args(["restore", "spec.toml", "--env", "staging", "--directory", mine, "--to", "here.db"])).exits(0);
    // A copy of a file fills no server, which is not asked.
    let server = ["restore", "--directory", mine, "--to", "mysql://me@127.0.0.1:1/old"];
    assert!(migration.run(&server).exits(2).stderr.contains("of another kind"));
    // Without an address nothing tells which of them is meant; a name does.
    let missing = || {
        let mut command = migration.command(&["restore", "--directory", mine, "--to", "three.db"]);
        command.env_remove("CASE_SOURCE");
        command
    };
    let refused = run(&mut missing()).exits(2);
    assert!(refused.stderr.contains("several"), "{refused}");
    // The user's own directory stays as it is; ours is not for version control.
    let mut names = std::fs::read_dir(mine).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names.pop().unwrap(), "case");
    assert!(names.is_empty(), "{names:?}");
    assert!(std::path::Path::new(mine).join("case/.gitignore").is_file());
}
