//! The MindGraph sample from end to end: tables that SQLAlchemy makes, a server over TLS that the kit sets up, with rows and anew;
//! judged by the application itself.

use crate::support::database::Database;
use crate::support::migration::{Migration, run};
use crate::support::server::{Owner, Server, programs};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The application on one database: the last of its lines.
fn application(words: &[&str]) -> String {
    let found = run(&mut Command::new(repository("scripts/require-sqlalchemy"))).exits(0);
    let python = PathBuf::from(found.stdout.trim()).join("python");
    run(Command::new(python).arg(repository("specs/mindgraph/application.py")).args(words)).exits(0).stdout
}

/// The migration into a new database of a server, set up by the kit of an environment, and the URL of its owner.
fn migration(server: &Server, kit: &Path, root: &str) -> (Migration, String) {
    let database = Database::create_on(server);
    let administrator = server.parameters().replace("dbname=postgres", &format!("dbname={}", database.name));
    let mut init = Command::new(programs().join("psql"));
    init.args(["-Xq", "-d", &administrator, "-f"]).arg(kit.join("init/10-database.sql"));
    run(init.envs([("MINDGRAPH_OWNER_PASSWORD", "own3r"), ("MINDGRAPH_USER_PASSWORD", "us3r")])).exits(0);
    let url = format!(
        "postgres://mindgraph_owner:own3r@localhost:{}/{}?sslmode=verify-full&sslrootcert={root}",
        server.port(),
        database.name
    );
    let spec = std::fs::read_to_string(repository("specs/mindgraph/mindgraph.toml")).unwrap();
    let source = |path: &Path| {
        let url = format!("sqlite:///{}", path.display());
        application(&["create", &url]);
        application(&["seed", &url, "1000"]);
    };
    let mut migration = Migration::with_source(source, &spec, database);
    let steps = std::fs::read_to_string(repository("specs/mindgraph/organizations.sql")).unwrap();
    std::fs::write(migration.directory().join("organizations.sql"), steps).unwrap();
    migration.set("MINDGRAPH_DB", migration.source().to_str().unwrap());
    migration.set("DATABASE_URL", "embedded:");
    migration.set("PROD_DATABASE_URL", &url);
    (migration, url)
}

#[test]
fn the_whole_way_over_tls_with_rows_and_anew() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let kit = directory.path().join("kit");
    let mut render = crate::support::migration::program();
    render.arg("kit").arg(repository("specs/mindgraph/mindgraph.toml")).args(["--env", "prod", "--out"]).arg(&kit);
    run(&mut render).exits(0);
    run(Command::new(kit.join("tls/certificates.sh")).arg("localhost")).exits(0);
    for file in ["server.crt", "server.key", "ca.crt"] {
        std::fs::copy(kit.join("tls").join(file), directory.path().join(file)).unwrap();
        Owner::find().own(&directory.path().join(file));
    }
    let read = |path: &str| {
        std::fs::read_to_string(kit.join(path)).unwrap().replace("/etc/mindgraph", directory.path().to_str().unwrap())
    };
    // The tests' own administrator needs no password on this machine; everybody else is under the kit's rules.
    let authentication =
        format!("local all postgres trust\nhost all postgres 127.0.0.1/32 trust\n{}", read("server/pg_hba.conf"));
    let server = Server::start_with_files(&[], &["fsync=off"], &read("server/postgresql.conf"), &authentication);
    let root = directory.path().join("ca.crt").display().to_string();

    let (mut moved, url) = migration(&server, &kit, &root);
    let file = format!("sqlite:///{}", moved.source().display());
    let prod = ["--env", "prod"];
    // Without the authority, and without the application's tables, nothing begins.
    moved.set("PROD_DATABASE_URL", url.split("&sslrootcert").next().unwrap());
    let stranger = moved.run(&["plan", "--env", "prod"]).exits(2);
    assert!(stranger.stderr.contains("sslrootcert"), "{stranger}");
    moved.set("PROD_DATABASE_URL", &url);
    moved.run(&["plan", "--env", "prod"]).exits(3);
    application(&["create", &url]);
    moved.run(&["backup", "--verify", "--env", "prod"]).exits(0);
    moved.run(&[&["apply", "--yes"], &prod[..]].concat()).exits(0);
    application(&["write", &file, "late"]);
    moved.run(&[&["apply", "--refresh", "--yes"], &prod[..]].concat()).exits(0);
    let verified = moved.run(&[&["verify", "--format", "json"], &prod[..]].concat()).exits(0).json();
    assert_eq!((&verified["equal"], verified["checks"].as_array().unwrap().len()), (&true.into(), 3), "{verified:#}");
    assert_eq!(application(&["report", &file]), application(&["report", &url]));
    // A user signs up, and the application's own role may do it.
    let user = url.replace("mindgraph_owner:own3r", "mindgraph_user:us3r");
    assert_eq!(application(&["write", &user, "new"]), "42 new-new SCHOOL-1 [('new 🧠', {'topic': 'new'}, 'zh')]\n");
    assert!(application(&["load", &user, "0.2"]).contains(" 0 clients failed"));

    // Production anew: no rows but the first organizations, which are nobody else's business.
    let (anew, url) = migration(&server, &kit, &root);
    application(&["create", &url]);
    let fresh = ["--env", "fresh"];
    let run_fresh = |words: &[&str]| anew.run(&[words, &fresh].concat());
    run_fresh(&["apply", "--yes"]).exits(0);
    let rows =
        "SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users), (SELECT count(*) FROM token_usage)";
    assert_eq!(anew.database.ask(rows), [["2", "0", "0"]]);
    assert_eq!(
        application(&["write", &url, "first"]),
        "1 new-first DEMO-001 [('first 🧠', {'topic': 'first'}, 'zh')]\n"
    );
    assert!(run_fresh(&["apply", "--yes"]).exits(0).stdout.contains("nothing to do"));
    let verified = run_fresh(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["equal"], true, "{verified:#}");
    assert_eq!(verified["checks"].as_array().unwrap().len(), 2, "{verified:#}");
    let left = verified["not_compared"].as_array().unwrap();
    let named = left.iter().filter(|part| part["reason"].as_str().unwrap().contains("data = \"none\""));
    let kinds = named.map(|part| part["kind"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(kinds, ["check", "check", "table", "table", "table", "table", "table", "table"], "{verified:#}");
    // What the application has written stays.
    run_fresh(&["rollback", "--yes"]).exits(0);
    assert_eq!(anew.database.ask(rows), [["1", "1", "0"]]);
}
