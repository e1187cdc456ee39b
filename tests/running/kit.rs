//! `transship kit`: the same files for the same spec, without a secret, taken by the programs that they are for.

use crate::support::migration::{Migration, Ran, program, run};
use crate::support::pooler::Pooler;
use crate::support::port::free_port;
use crate::support::server::{Owner, Server, programs};
use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A spec that needs a file of every kind, and whose names need quotes everywhere.
const WHOLE: &str = r#"spec = 1
name = "My Shop"

[source]
url = "sqlite:${CASE_SOURCE}"

[target]
url = "${CASE_TARGET}"
schema = "My Schema"
tls = "verify-full"
extensions = ["pg_trgm"]
settings = { timezone = "Europe/Berlin" }
grants = { "shop app" = "all", reader = "read" }

[kit]
postgresql = 17
namespace = "shop"
memory = "512MB"
cores = 4
trusted = ["10.0.0.0/8", "2001:db8::/32"]
pool = { size = 4, overflow = 2 }
backup = { schedule = "4:05", keep = 3 }
"#;

/// The samples: name, name of the snapshot, and arguments.
const SAMPLES: &[(&str, &str, &[&str])] = &[
    ("dryad", "dryad", &[]),
    ("taskflow", "taskflow", &["--env", "prod"]),
    ("mem0", "mem0", &["--env", "isolated"]),
    ("mindgraph", "mindgraph", &[]),
    ("mindgraph", "mindgraph_prod", &["--env", "prod"]),
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn kit(spec: &Path, out: &Path, words: &[&str]) -> Ran {
    run(program().arg("kit").arg(spec).arg("--out").arg(out).args(words))
}

/// The kit of a text.
fn kit_of(directory: &TempDir, spec: &str) -> PathBuf {
    let (file, out) = (directory.path().join("spec.toml"), directory.path().join("kit"));
    std::fs::write(&file, spec).unwrap();
    let made = kit(&file, &out, &[]).exits(0);
    assert_eq!(made.stdout, "", "{made}");
    out
}

/// Every file below a directory, by its path, with its mode.
fn files(directory: &Path) -> BTreeMap<String, (u32, String)> {
    fn walk(directory: &Path, root: &Path, found: &mut BTreeMap<String, (u32, String)>) {
        for entry in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(&entry, root, found);
            } else {
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                let path = entry.strip_prefix(root).unwrap().display().to_string();
                found.insert(path, (mode, std::fs::read_to_string(entry).unwrap()));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(directory, directory, &mut found);
    found
}

#[test]
fn the_same_spec_gives_the_same_files() {
    for (name, label, words) in SAMPLES {
        let directory = tempfile::tempdir().unwrap();
        let spec = repository(&format!("specs/{name}/{name}.toml"));
        kit(&spec, &directory.path().join("one"), words).exits(0);
        let mut elsewhere = program();
        elsewhere.current_dir(directory.path()).arg("kit").arg(&spec).args(["--out", "other"]).args(*words);
        elsewhere.envs([
            ("DRYAD_DB", "/x/secret.db"),
            ("DATABASE_URL", "postgres://me:hidden@db/x"),
            ("TASKFLOW_HOST", "h"),
            ("PROD_DATABASE_URL", "postgres://me:hidden@db/y"),
        ]);
        run(&mut elsewhere).exits(0);
        let mut one = files(&directory.path().join("one"));
        assert_eq!(one, files(&directory.path().join("other")));
        let (_, copy) = one.remove(&format!("spec/{name}.toml")).unwrap();
        assert_eq!(copy, std::fs::read_to_string(spec).unwrap());
        // The copy has all its files, with whatever overlay it is used.
        let mut check = program();
        check.arg("check").arg(directory.path().join(format!("one/spec/{name}.toml")));
        let variables = ["DATABASE_URL", "PROD_DATABASE_URL"].map(|name| (name, "embedded:"));
        run(check.envs(variables).envs([("MYSQL_PASSWORD", "x"), ("TASKFLOW_USER", "x")])).exits(0);
        one.remove(".transship-kit").unwrap();
        one.retain(|path, _| !path.starts_with("spec/"));
        let text = one.iter().map(|(path, (mode, text))| format!("=== {path} {mode:o}\n{text}"));
        insta::assert_snapshot!(*label, text.collect::<String>());
    }
}

#[test]
fn validators_take_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let mut kits = vec![kit_of(&directory, WHOLE)];
    for (name, label, words) in SAMPLES {
        let out = directory.path().join(label);
        kit(&repository(&format!("specs/{name}/{name}.toml")), &out, words).exits(0);
        kits.push(out);
    }
    // One variable for both sides, a user whom every server has, and roles of one variable.
    let alike = directory.path().join("alike");
    let text = r#"spec = 1
name = "2nd"
[source]
url = "mysql://root:${PGPASSWORD}@localhost/shop"
databases = { shop = "a", "c r m" = "b" }
[target]
url = "postgres://postgres:${PGPASSWORD}@localhost/x"
extensions = ["vector"]
grants = { "a-b" = "read", "a_b" = ["SELECT", "UPDATE"] }
[kit]
postgresql = "18-alpine"
image = "r.example/x:1"
"#;
    std::fs::write(directory.path().join("alike.toml"), text).unwrap();
    kit(&directory.path().join("alike.toml"), &alike, &[]).exits(0);
    kits.push(alike);
    let found = run(&mut Command::new(repository("scripts/require-validators"))).exits(0);
    let validators = PathBuf::from(found.stdout.trim());
    let all = |is_it: &dyn Fn(&str) -> bool| {
        let of = |kit: &PathBuf| {
            files(kit).into_keys().filter(|path| is_it(path)).map(|path| kit.join(path)).collect::<Vec<_>>()
        };
        let paths = kits.iter().flat_map(of).collect::<Vec<_>>();
        assert!(paths.len() > 2);
        paths
    };
    let composes = all(&|path| path == "docker-compose.yml");
    let schema = ["--builtin-schema", "vendor.compose-spec"];
    run(Command::new(validators.join("check-jsonschema")).args(schema).args(composes)).exits(0);
    let manifests = all(&|path| path.starts_with("kubernetes/") && !path.contains("kustomization"));
    assert_eq!(manifests.len(), 6 * 3 + 2);
    let judged = run(Command::new(validators.join("kubernetes-validate")).arg("--strict").args(manifests)).exits(0);
    assert!(judged.output().contains("StatefulSet") || judged.output().contains("statefulset"), "{judged}");
    run(Command::new("shellcheck").args(all(&|path| path.ends_with(".sh")))).exits(0);

    // A unit's file has the unit's name.
    let labels = ["my-shop", "dryad", "taskflow", "mem0", "mindgraph", "mindgraph", "m-2nd"];
    for (kit, label) in kits.iter().zip(labels).filter(|(kit, _)| kit.join("systemd").exists()) {
        let units = ["service", "timer"].map(|kind| {
            let unit = directory.path().join(format!("{label}-backup.{kind}"));
            std::fs::copy(kit.join(format!("systemd/backup.{kind}")), &unit).unwrap();
            unit
        });
        let judged = run(Command::new("systemd-analyze").arg("verify").args(units)).exits(0);
        assert_eq!(judged.output(), "", "{judged}");
    }
}

/// PostgreSQL and PgBouncer run with the files of the kit, the init script runs twice, and the migration goes the whole way.
#[test]
fn servers_run_with_the_files() {
    let migration = Migration::new(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada')",
        WHOLE,
    );
    let etc = tempfile::tempdir().unwrap();
    std::fs::set_permissions(etc.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let out = migration.directory().join("kit");
    migration.run(&["kit", "--out", out.to_str().unwrap()]).exits(0);
    run(Command::new(out.join("tls/certificates.sh")).arg("db.example")).exits(0);
    for file in ["server.crt", "server.key", "ca.crt"] {
        std::fs::copy(out.join("tls").join(file), etc.path().join(file)).unwrap();
        Owner::find().own(&etc.path().join(file));
    }
    let passwords = [("MY_SHOP_OWNER_PASSWORD", "own3r"), ("SHOP_APP_PASSWORD", "it's"), ("READER_PASSWORD", "r")];
    let read = |path: &str| {
        std::fs::read_to_string(out.join(path)).unwrap().replace("/etc/my-shop", etc.path().to_str().unwrap())
    };
    // The administrator is the user who runs the tests, under any name.
    let authentication = format!("local all postgres trust\n{}", read("server/pg_hba.conf"));
    let server = Server::start_with_files(&[], &["fsync=off"], &read("server/postgresql.conf"), &authentication);
    let psql = |connection: &str, words: &[&str]| {
        let mut command = Command::new(programs().join("psql"));
        command.env_remove("PGPASSWORD").args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", connection]).args(words);
        run(command.envs(passwords))
    };
    let administrator = server.parameters().replace("dbname=postgres", "dbname='My Shop'");
    psql(&server.parameters(), &["-c", "CREATE DATABASE \"My Shop\""]).exits(0);
    let script = out.join("init/10-database.sql");
    let script = script.to_str().unwrap();
    let mut without = Command::new(programs().join("psql"));
    let refused = run(without.args(["-Xq", "-d", &administrator, "-f", script]));
    assert_eq!(refused.code, Some(3), "{refused}");
    assert!(refused.stderr.contains("the variable MY_SHOP_OWNER_PASSWORD is not set"), "{refused}");
    psql(&administrator, &["-f", script]).exits(0);
    psql(&administrator, &["-f", script]).exits(0);

    let root = etc.path().join("ca.crt").display().to_string();
    let connection = |user: &str, password: &str, port: u16, mode: &str| {
        format!(
            "host=localhost port={port} dbname='My Shop' user='{user}' password='{password}' sslmode={mode} sslrootcert={root}"
        )
    };
    let mut migration = migration;
    let url = format!("postgres://My%20Shop_owner:own3r@localhost:{}/My%20Shop?sslrootcert={root}", server.port());
    migration.set("CASE_TARGET", &url);
    migration.apply().exits(0);
    migration.verify().exits(0);
    let asked = "SELECT count(*) || ' ' || current_setting('TimeZone') || ' ' || current_setting('statement_timeout') FROM users";
    let direct = connection("shop app", "it\\'s", server.port(), "verify-full");
    assert_eq!(psql(&direct, &["-c", asked]).exits(0).stdout, "1 Europe/Berlin 1min\n");
    let refused = psql(&connection("reader", "r", server.port(), "verify-full"), &["-c", "DELETE FROM users"]);
    assert!(refused.stderr.contains("permission denied"), "{refused}");

    let port = free_port();
    let list = etc.path().join("userlist.txt");
    let users = passwords
        .iter()
        .fold(read("server/userlist.template.txt"), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
    std::fs::write(&list, users).unwrap();
    let configuration = read("server/pgbouncer.ini")
        .replace("port=5432", &format!("port={}", server.port()))
        .replace("listen_port = 6432", &format!("listen_port = {port}"))
        .replace("listen_addr = *", "listen_addr = 127.0.0.1")
        .replace("/etc/pgbouncer/userlist.txt", list.to_str().unwrap())
        .replace("unix_socket_dir = /var/run/postgresql", "unix_socket_dir =")
        .replace("logfile = /var/log/postgresql/pgbouncer.log", "logfile = /dev/null")
        .replace("pidfile = /var/run/postgresql/pgbouncer.pid", "");
    let pooler = Pooler::of_configuration(port, &configuration);
    let pooled = connection("shop app", "it\\'s", port, "verify-full").replace("My Shop", "My-Shop");
    assert_eq!(psql(&pooled, &["-c", asked]).exits(0).stdout, "1 Europe/Berlin 1min\n");
    let open = psql(&pooled.replace("verify-full", "disable"), &["-c", asked]);
    assert!(open.stderr.contains("SSL required"), "{open}");
    drop(pooler);

    // The nightly backup, as cron begins it: with what lies in /etc, and without the source.
    let backups = migration.directory().join("backups");
    std::fs::create_dir_all(backups.join("My Shop/not-ours")).unwrap();
    std::fs::create_dir(etc.path().join("spec")).unwrap();
    std::fs::copy(out.join("spec/spec.toml"), etc.path().join("spec/spec.toml")).unwrap();
    symlink(env!("CARGO_BIN_EXE_transship"), etc.path().join("transship")).unwrap();
    let pass = etc.path().join("pgpass");
    std::fs::write(&pass, format!("localhost:{}:*:My Shop_owner:own3r\n", server.port())).unwrap();
    std::fs::set_permissions(&pass, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(etc.path().join("backup.sh"), read("backup/backup.sh")).unwrap();
    let settings = read("backup/backup.env")
        .replace("PATH=", &format!("PATH={}:{}:", etc.path().display(), programs().display()))
        .replace("localhost:5432/", &format!("localhost:{}/", server.port()))
        .replace("/var/backups/my-shop", backups.to_str().unwrap())
        .replace("BACKUP_KEEP=3", "BACKUP_KEEP=2");
    std::fs::write(etc.path().join("backup.env"), settings).unwrap();
    let line = format!("set -a; . {0}/backup.env; exec sh {0}/backup.sh", etc.path().display());
    for words in [&[][..], &["--verify"], &["--format", "json"]] {
        run(Command::new("sh").env_clear().args(["-c", &format!("{line} \"$@\""), "cron"]).args(words)).exits(0);
    }
    let kept = std::fs::read_dir(backups.join("My Shop")).unwrap();
    let is_backup = |path: &PathBuf| path.join("manifest.json").is_file();
    assert_eq!(kept.map(|entry| entry.unwrap().path()).filter(is_backup).count(), 2);
    assert!(backups.join("My Shop/not-ours").is_dir());
    psql(&server.parameters(), &["-c", "CREATE DATABASE proof OWNER \"My Shop_owner\""]).exits(0);
    let proof = url.replace("/My%20Shop?", "/proof?sslmode=verify-full&");
    let from = ["restore", "--directory", backups.to_str().unwrap(), "--to", &proof];
    migration.run(&[&from[..], &["--no-owner"]].concat()).exits(0);
    let restored = server.parameters().replace("dbname=postgres", "dbname=proof");
    assert_eq!(psql(&restored, &["-c", "SELECT name FROM \"My Schema\".users"]).exits(0).stdout, "Ada\n");

    let undone = migration.run(&["rollback", "--yes"]).exits(0);
    assert!(undone.stdout.contains("The structure of the target equals the one before the first run."), "{undone}");
}

#[test]
fn files_of_others_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let out = kit_of(&directory, WHOLE);
    let spec = directory.path().join("spec.toml");
    let before = files(&out);
    let again = kit(&spec, &out, &[]).exits(0);
    assert!(again.stderr.contains("0 files written"), "{again}");

    // The spec has changed, and one file beside it.
    std::fs::write(&spec, WHOLE.replace("512MB", "1GB")).unwrap();
    std::fs::write(out.join("RUNBOOK.md"), "my own").unwrap();
    let refused = kit(&spec, &out, &[]).exits(2);
    assert!(refused.stderr.contains("RUNBOOK.md") && !refused.stderr.contains("postgresql.conf"), "{refused}");
    assert_eq!(std::fs::read_to_string(out.join("RUNBOOK.md")).unwrap(), "my own");
    assert_eq!(files(&out)["server/postgresql.conf"], before["server/postgresql.conf"]);
    kit(&spec, &out, &["--force"]).exits(0);
    assert_ne!(files(&out)["server/postgresql.conf"], before["server/postgresql.conf"]);
    assert_eq!(files(&out)["RUNBOOK.md"], before["RUNBOOK.md"]);

    // A link leads elsewhere, whatever the list says of the file behind it; --force does not follow it.
    let file = directory.path().join("file");
    std::fs::rename(out.join("Dockerfile"), &file).unwrap();
    symlink(&file, out.join("Dockerfile")).unwrap();
    let refused = kit(&spec, &out, &["--force"]).exits(2);
    assert!(refused.stderr.contains("Dockerfile"), "{refused}");
    std::fs::remove_file(out.join("Dockerfile")).unwrap();

    std::fs::write(&spec, WHOLE.replace("cores = 4", "cores = 4\nplatforms = [\"server\"]\nimage = \"x:1\"")).unwrap();
    let fewer = kit(&spec, &out, &[]).exits(0);
    assert!(fewer.stderr.contains("kubernetes/service.yaml is no longer part of the kit"), "{fewer}");
    let small = directory.path().join("small");
    kit(&spec, &small, &[]).exits(0);
    let paths = files(&small).into_keys().filter(|path| !path.starts_with("server/")).collect::<Vec<_>>();
    let expected = [
        ".env.dev",
        ".gitignore",
        ".transship-kit",
        "RUNBOOK.md",
        "backup/backup.env",
        "backup/backup.sh",
        "init/10-database.sql",
        "spec/spec.toml",
        "systemd/backup.service",
        "systemd/backup.timer",
        "tls/certificates.sh",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn no_secret_gets_into_a_kit() {
    let directory = tempfile::tempdir().unwrap();
    let outside = directory.path().join("sql");
    std::fs::create_dir_all(directory.path().join("specs/templates/kit")).unwrap();
    std::fs::create_dir_all(directory.path().join(".git")).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("step.sql"), "SELECT 1").unwrap();
    std::fs::write(directory.path().join("specs/templates/kit/ufw.sh.j2"), "#!/bin/sh\n# {{ label }}: ours\n").unwrap();
    let spec = directory.path().join("specs/shop.toml");
    let text = r#"spec = 1
name = "shop"
templates = "templates"
# once mysql://root:hidden1@db/shop
[source]
url = "mysql://me:hidden2@127.0.0.1/shop?ssl-mode=required"
[target]
url = "postgres://app:hidden3@db.example:6543/shop?sslmode=require"
[kit]
trusted = ["10.0.0.0/8"]
[steps.one]
file = "../sql/step.sql"
[env.prod]
source.url = "mysql://me:hidden4@${HOST:-localhost}/shop"
target.url = "${PROD_URL:-postgres://app:hidden5@db/shop}"
"#;
    std::fs::write(&spec, text).unwrap();
    for words in [vec![], vec!["--env", "prod"]] {
        let out = directory.path().join(format!("kit{}", words.len()));
        kit(&spec, &out, &words).exits(0);
        let files = files(&out);
        for (path, (_, text)) in &files {
            assert!(!text.contains("hidden"), "{path}: {text}");
        }
        assert_eq!(files["server/ufw.sh"].1, "#!/bin/sh\n# shop: ours\n");
        assert!(
            files[".env.dev"]
                .1
                .contains("DATABASE_URL=\"postgresql://app:${APP_PASSWORD}@db.example:6543/shop?sslmode=require&"),
            "{}",
            files[".env.dev"].1
        );
        let copy = out.join("spec/shop.toml");
        assert!(
            files["spec/shop.toml"].1.contains(
                "\"mysql://me:${SHOP_SOURCE_PASSWORD}@${SHOP_SOURCE_HOST:-127.0.0.1}/shop?ssl-mode=required\""
            )
        );
        let mut check = program();
        check.arg("check").arg(copy).envs([
            ("SHOP_SOURCE_PASSWORD", "a"),
            ("DATABASE_URL", "embedded:"),
            ("PROD_URL", "embedded:"),
        ]);
        run(&mut check).exits(0);
    }
}

#[test]
fn what_cannot_be_rendered_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let spec = directory.path().join("spec.toml");
    let said = |text: &str, words: &[&str]| {
        std::fs::write(&spec, text).unwrap();
        let refused = kit(&spec, &directory.path().join("kit"), words).exits(2);
        assert!(!directory.path().join("kit").exists(), "{refused}");
        refused.stderr
    };
    assert!(said(&WHOLE.replace("memory", "memroy"), &[]).contains("Did you mean `memory`"));
    assert!(said(&WHOLE.replace("\"4:05\"", "\"25:00\""), &[]).contains("the time of the daily backup"));
    assert!(
        said(&WHOLE.replace("postgresql = 17", "postgresql = 12"), &[]).contains("no version of PostgreSQL from 13 on")
    );
    assert!(said(&WHOLE.replace("sqlite:${CASE_SOURCE}", "${SOURCE}"), &[]).contains("Write the scheme in the spec"));
    let evidence = directory.path().join("run.json");
    let measured = ["--measured", evidence.to_str().unwrap()];
    let run = |outcome: &str, migration: &str| {
        let text = format!(
            "{{\"command\": \"apply\", \"migration\": \"{migration}\", \"outcome\": \"{outcome}\", \"milliseconds\": 61234,
              \"tables\": [{{\"rows\": {{\"loaded\": 12000}}}}, {{\"rows\": {{\"loaded\": 500}}}}]}}"
        );
        std::fs::write(&evidence, text).unwrap();
    };
    run("failed", "My Shop");
    assert!(said(WHOLE, &measured).contains("its outcome is \"failed\""));
    run("done", "other");
    assert!(said(WHOLE, &measured).contains("another migration"));
    run("done", "My Shop");
    let out = directory.path().join("kit");
    kit(&spec, &out, &measured).exits(0);
    let runbook = std::fs::read_to_string(out.join("RUNBOOK.md")).unwrap();
    assert!(runbook.contains("about 62 s measured in the rehearsal (12,500 rows); plan for 124 s"), "{runbook}");
    // The record of `transship rehearse` has the estimate for the target.
    let record = r#"{"command": "rehearse", "migration": "My Shop", "outcome": "done", "milliseconds": 61234, "rows": 12500,
        "estimate": {"whole": {"low": 70.0, "likely": 81.5, "high": 140.2}}}"#;
    std::fs::write(&evidence, record).unwrap();
    kit(&spec, &out, &measured).exits(0);
    let runbook = std::fs::read_to_string(out.join("RUNBOOK.md")).unwrap();
    assert!(runbook.contains("about 82 s measured in the rehearsal (12,500 rows); plan for 141 s"), "{runbook}");
}
