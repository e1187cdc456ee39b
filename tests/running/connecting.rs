//! Connections as psql has them: the environment, service files, the password file, certificates. psql is the judge: what
//! it takes and refuses, transship does.

use crate::support::certificates::Certificates;
use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, SPEC, run};
use crate::support::server::{Owner, Server, server};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const SOURCE: &str = "CREATE TABLE u (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO u VALUES (1, 'a'), (2, 'b')";

/// Variables and files of a user, and a database to which they lead.
struct User {
    migration: Migration,
    home: tempfile::TempDir,
}

impl User {
    fn new(database: Database) -> User {
        let (migration, home) = (Migration::into_database(SOURCE, SPEC, database), tempfile::tempdir().unwrap());
        User { migration, home }
    }

    fn file(&self, name: &str, content: &str, mode: u32) {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Runs a program in these surroundings, which has no variables of PostgreSQL but these.
    fn surrounded(&self, command: &mut Command, variables: &[(&str, &str)]) -> Ran {
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("HOME", self.home.path()).envs(variables.iter().copied()).env("COLUMNS", "2000");
        run(command)
    }

    /// Whether both programs get in with this URL, each to the expected database as the expected user.
    #[track_caller]
    fn both(&self, url: &str, variables: &[(&str, &str)], gets_in: bool) -> Ran {
        let asked = "SELECT current_user || ' ' || current_database()";
        let said = self.surrounded(Command::new("psql").args(["-XAtwc", asked, url]), variables);
        let expected = format!("courier {}\n", self.migration.database.name);
        assert_eq!(said.code == Some(0) && said.stdout == expected, gets_in, "psql {url} {variables:?}: {said}");
        let mut plan = self.migration.command(&["plan"]);
        let ran = self.surrounded(plan.env("CASE_TARGET", url), variables);
        assert_eq!(ran.code, Some(if gets_in { 0 } else { 2 }), "{url} {variables:?}: {ran}");
        ran
    }
}

/// A role that has to give its password, as long as it comes over the network.
fn courier(server: &Server) -> User {
    let database = Database::create_on(server);
    database.ask(
        "DO $$ BEGIN
             CREATE ROLE guarded; CREATE ROLE courier LOGIN PASSWORD 'p:w\\x' IN ROLE guarded;
         EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    );
    database.ask(&format!("GRANT CREATE ON DATABASE {} TO courier", database.name));
    User::new(database)
}

#[test]
fn what_the_url_leaves_out_stands_in_a_service_the_environment_or_the_password_file() {
    let user = courier(server());
    let (port, name) = (server().port().to_string(), user.migration.database.name.clone());
    let (port, name) = (port.as_str(), name.as_str());
    let place = [("PGHOST", "127.0.0.1"), ("PGPORT", port), ("PGUSER", "courier"), ("PGDATABASE", name)];
    let with = |more: &[(&'static str, &'static str)]| [&place[..], more].concat();
    user.both("postgres://", &with(&[("PGPASSWORD", "p:w\\x")]), true);
    user.both("postgresql://", &with(&[("PGPASSWORD", "wrong")]), false);
    user.both("postgres://", &place, false);
    // Every parameter of the URL wins over its variable.
    let url = format!("postgres://courier:p%3Aw%5Cx@127.0.0.1:{port}/{name}");
    let wrong =
        [("PGHOST", "256.0.0.1"), ("PGPORT", "1"), ("PGUSER", "nobody"), ("PGDATABASE", "none"), ("PGPASSWORD", "no")];
    user.both(&url, &wrong, true);
    user.both(
        &format!("postgres://?host=127.0.0.1&user=courier&dbname={name}"),
        &with(&[("PGPASSWORD", "p:w\\x")]),
        true,
    );
    // A variable that is set to nothing is not always one that is not set.
    let known = with(&[("PGPASSWORD", "p:w\\x")]);
    for (name, value, gets_in) in [
        ("PGSERVICE", "", false),
        ("PGSSLMODE", "", false),
        ("PGPASSFILE", "", true),
        ("PGTARGETSESSIONATTRS", "", false),
        ("PGTARGETSESSIONATTRS", "prefer-standby", true),
        ("PGTARGETSESSIONATTRS", "standby", false),
        ("PGGSSENCMODE", "require", false),
    ] {
        let ran = user.both("postgres://", &[&known[..], &[(name, value)]].concat(), gets_in);
        let reason = match value {
            "standby" => "`target_session_attrs` is `standby`: a",
            "require" => "`gssencmode` is `require`",
            _ => continue,
        };
        assert!(ran.stderr.contains(reason), "{ran}");
    }
    // A variable that is not right is named.
    let ran = user.both("postgres://", &with(&[("PGCONNECT_TIMEOUT", "soon")]), false);
    assert!(ran.stderr.contains("the variable PGCONNECT_TIMEOUT: invalid value"), "{ran}");

    // The password file: the first line that fits, with its escapes, and only where nobody else may read it.
    let lines = format!("# reminder\nother:*:*:*:no\n127.0.0.1:{port}:{name}:courier:p\\:w\\\\x\n*:*:*:*:no\n");
    user.file(".pgpass", &lines, 0o600);
    user.both("postgres://", &place, true);
    user.both("postgres://", &with(&[("PGPASSWORD", "wrong")]), false);
    user.file(".pgpass", &lines, 0o640);
    let ran = user.both("postgres://", &place, false);
    assert!(ran.stderr.contains("it is ignored"), "{ran}");
    user.file("elsewhere", "*:*:*:*:p\\:w\\\\x\n", 0o600);
    let elsewhere = user.home.path().join("elsewhere");
    let named = [("PGPASSFILE", elsewhere.to_str().unwrap())];
    user.both("postgres://", &[&place[..], &named].concat(), true);
    let url = format!("postgres://courier@127.0.0.1:{port}/{name}?passfile={}", elsewhere.display());
    user.both(&url, &[], true);

    // A service: before the environment, and behind the URL.
    let service = format!(
        "[other]\nport=1\n\n[mine]\nhost=127.0.0.1\nport={port}\ndbname={name}\nuser=courier\npassword=p:w\\x\n"
    );
    user.file(".pg_service.conf", &service, 0o644);
    user.both("postgres://?service=mine", &[], true);
    user.both("postgres://?service=mine", &wrong, true);
    user.both("postgres://", &[("PGSERVICE", "mine")], true);
    user.both("postgres://?service=mine", &[("PGSERVICE", "other")], true);
    user.both("postgres:///none?service=mine", &[], false);
    let ran = user.both("postgres://?service=absent", &[], false);
    assert!(ran.stderr.contains("no definition of the service `absent`"), "{ran}");
    user.file("services.conf", &service.replace("[mine]", "[theirs]"), 0o644);
    let file = user.home.path().join("services.conf");
    user.both("postgres://?service=theirs", &[("PGSERVICEFILE", file.to_str().unwrap())], true);
    user.file("etc/pg_service.conf", &service.replace("[mine]", "[ours]"), 0o644);
    let directory = user.home.path().join("etc");
    user.both("postgres://?service=ours", &[("PGSYSCONFDIR", directory.to_str().unwrap())], true);
    // A byte order mark belongs to the line that it begins.
    user.file("services.conf", &format!("\u{feff}{service}").replace("[other]", "[theirs]"), 0o644);
    let named = [("PGSERVICEFILE", file.to_str().unwrap())];
    user.both("postgres://?service=theirs", &named, false);
    user.both("postgres://?service=mine", &named, true);
    user.file("services.conf", "[theirs]\nhots=x\n", 0o644);
    let ran = user.both("postgres://?service=theirs", &[("PGSERVICEFILE", file.to_str().unwrap())], false);
    assert!(ran.stderr.contains("line 2 of the service file"), "{ran}");
    // What transship cannot check is not left out silently.
    let mut plan = user.migration.command(&["plan"]);
    let asks = with(&[("PGPASSWORD", "p:w\\x"), ("PGREQUIREAUTH", "scram-sha-256")]);
    let ran = user.surrounded(plan.env("CASE_TARGET", "postgres://"), &asks).exits(2);
    assert!(ran.stderr.contains("PGREQUIREAUTH"), "{ran}");
    // `transship psql` leads to the same database, whatever else the environment names.
    user.file(".pgpass", &lines, 0o600);
    let mut apply = user.migration.command(&["apply", "--yes"]);
    user.surrounded(apply.env("CASE_TARGET", "postgres://"), &place).exits(0);
    let url = format!("postgres://courier@127.0.0.1:{port}/{name}");
    let mut psql = user.migration.command(&["psql", "--", "-XAtc", "SELECT count(*) FROM u"]);
    let ran = user.surrounded(psql.env("CASE_TARGET", url), &[("PGSERVICE", "other")]).exits(0);
    assert_eq!(ran.stdout, "2\n");
}

/// A server that shows this certificate and takes clients by theirs.
fn shows(certificates: &Certificates<'_>, name: &str, clients: &str) -> Server {
    let (certificate, key) = certificates.files(name);
    let (clients, _) = certificates.files(clients);
    let rules = certificates.0.join("pg_hba.conf");
    std::fs::write(&rules, "local all all trust\nhostssl all courier all cert\nhost all all all trust\n").unwrap();
    Owner::find().own(&rules);
    let setting = |name: &str, path: &Path| format!("{name}={}", path.display());
    let settings = [
        setting("ssl_cert_file", &certificate),
        setting("ssl_key_file", &key),
        setting("ssl_ca_file", &clients),
        setting("hba_file", &rules),
    ];
    let mut all = vec!["fsync=off", "ssl=on"];
    all.extend(settings.iter().map(String::as_str));
    Server::start_with(&all)
}

#[test]
fn certificates_are_taken_and_shown_as_by_psql() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let certificates = Certificates(directory.path());
    // As PostgreSQL's documentation makes them (section 19.9.3): without alternative names, and of an authority.
    ["localhost", "elsewhere", "ours"].iter().for_each(|name| certificates.authority(name));
    certificates.plain("localhost-of-ours", "ours", "localhost");
    certificates.plain("wildcard", "ours", "*.localhost");
    certificates.plain("courier", "ours", "courier");
    certificates.server("alternative", "ours", "DNS:elsewhere.test");
    let shown = directory.path().display().to_string();
    let [key, certificate] = ["key", "pem"].map(|end| directory.path().join(format!("courier.{end}")));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let client = format!("sslcert={}&sslkey={}", certificate.display(), key.display());
    let of = |server: &Server| {
        let user = courier(server);
        let place = format!("postgres://courier@localhost:{}/{}", server.port(), user.migration.database.name);
        (user, place)
    };

    let server = shows(&certificates, "localhost", "ours");
    let (user, place) = of(&server);
    user.both(&format!("{place}?sslmode=verify-full&sslrootcert={shown}/localhost.pem&{client}"), &[], true);
    user.both(
        &format!(
            "{}?sslmode=verify-full&sslrootcert={shown}/localhost.pem&{client}",
            place.replace("localhost", "127.0.0.1")
        ),
        &[],
        false,
    );
    let ran = user.both(&format!("{place}?sslmode=verify-full&sslrootcert={shown}/ours.pem&{client}"), &[], false);
    assert!(ran.stderr.contains("sslrootcert"), "{ran}");
    // Known to libpq from version 16 on.
    let mut plan = user.migration.command(&["plan"]);
    let url = format!("{place}?sslrootcert=system&{client}");
    let ran = user.surrounded(plan.env("CASE_TARGET", url), &[]).exits(2);
    assert!(ran.stderr.contains("sslrootcert"), "{ran}");
    // Without the client's certificate, and with a key that others may read.
    user.both(&format!("{place}?sslmode=require"), &[], false);
    user.both(&format!("{place}?sslmode=require&{client}"), &[], true);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = user.both(&format!("{place}?sslmode=require&{client}"), &[], false);
    assert!(ran.stderr.contains("the private key may be read by"), "{ran}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    // By the environment, and in libpq's own place.
    let variables =
        [("PGSSLCERT", certificate.to_str().unwrap()), ("PGSSLKEY", key.to_str().unwrap()), ("PGSSLMODE", "require")];
    user.both(&place, &variables, true);
    let roots = directory.path().join("elsewhere.pem");
    user.both(&place, &[&variables[..], &[("PGSSLROOTCERT", roots.to_str().unwrap())]].concat(), false);
    for (file, from, mode) in [("postgresql.crt", &certificate, 0o644), ("postgresql.key", &key, 0o600)] {
        user.file(&format!(".postgresql/{file}"), &std::fs::read_to_string(from).unwrap(), mode);
    }
    user.both(&format!("{place}?sslmode=require"), &[], true);
    drop(server);

    for (name, with_name, without) in
        [("localhost-of-ours", true, true), ("wildcard", false, true), ("alternative", false, true)]
    {
        let server = shows(&certificates, name, "ours");
        let (user, place) = of(&server);
        user.both(&format!("{place}?sslmode=verify-full&sslrootcert={shown}/ours.pem&{client}"), &[], with_name);
        user.both(&format!("{place}?sslmode=verify-ca&sslrootcert={shown}/ours.pem&{client}"), &[], without);
        if name == "localhost-of-ours" {
            user.both(&format!("{place}?sslmode=verify-ca&sslrootcert={shown}/elsewhere.pem&{client}"), &[], false);
            user.both(&format!("{place}?sslmode=require&{client}"), &[], true);
        }
    }
}
