//! One migration in a directory of its own, done by the real program.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::mysql_server::MysqlServer;
use std::ffi::OsStr;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// A source, a spec and a target. `${CASE_SOURCE}` and `${CASE_TARGET}` in the spec are their places.
pub(crate) struct Migration {
    directory: TempDir,
    pub(crate) database: Database,
    variables: Vec<(String, String)>,
    spec: PathBuf,
    /// Holds the databases and roles of fixed names, which are one test's at a time.
    _alone: Vec<MutexGuard<'static, ()>>,
}

/// The databases that a case names itself, on the server of the process.
static NAMED_DATABASES: Mutex<()> = Mutex::new(());

/// The roles that a case names, which belong to the whole server. A plan makes them in a transaction that is rolled back, and
/// waits where another has just made one of the name.
static NAMED_ROLES: Mutex<()> = Mutex::new(());

fn alone(with: &'static Mutex<()>) -> MutexGuard<'static, ()> {
    with.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the program did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl fmt::Display for Ran {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exit {:?}\n-- stdout\n{}\n-- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

impl Ran {
    /// What a child that was started says until it ends.
    pub(crate) fn of(mut child: Child) -> Ran {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        child.stdout.take().map(|mut stream| stream.read_to_string(&mut stdout).unwrap());
        child.stderr.take().map(|mut stream| stream.read_to_string(&mut stderr).unwrap());
        Ran { code: child.wait().unwrap().code(), stdout, stderr }
    }

    /// Fails with everything that was printed where the exit code is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Everything printed.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as the JSON of a plan or of evidence, with a finding for each place of those about several.
    #[track_caller]
    pub(crate) fn json_by_place(&self) -> serde_json::Value {
        let mut plan = self.json();
        let apart = |finding: &serde_json::Value| match finding["places"].as_array() {
            None => vec![finding.clone()],
            Some(places) => {
                let of = |place: &serde_json::Value| {
                    let mut one = finding.clone();
                    one.as_object_mut().unwrap().remove("places");
                    one.as_object_mut().unwrap().extend(place.as_object().unwrap().clone());
                    one
                };
                places.iter().map(of).collect()
            }
        };
        plan["findings"] = plan["findings"].as_array().unwrap().iter().flat_map(apart).collect::<Vec<_>>().into();
        plan
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

/// The program without a variable of the machine's environment that it listens to.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    for name in ["DATABASE_URL", "DRYAD_DB", "NO_COLOR", "TRANSSHIP_LOG", "PGPASSWORD"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Makes a SQLite file from SQL.
pub(crate) fn build_sqlite(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = OFF")
        .unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

impl Migration {
    /// A new directory with `source.db` and `spec.toml`, and a new database.
    pub(crate) fn new(source: &str, spec: &str) -> Migration {
        Migration::into_database(source, spec, Database::create())
    }

    /// The same for a database that is there.
    pub(crate) fn into_database(source: &str, spec: &str, database: Database) -> Migration {
        Migration::with_source(|path| build_sqlite(path, source), spec, database)
    }

    /// The same with a source that `make` puts at the path that it is given.
    pub(crate) fn with_source(make: impl FnOnce(&Path), spec: &str, database: Database) -> Migration {
        let directory = tempfile::Builder::new().prefix("transship-case-").tempdir().unwrap();
        let path = directory.path().join("source.db");
        make(&path);
        let spec_file = directory.path().join("spec.toml");
        std::fs::write(&spec_file, spec).unwrap();
        let variables = vec![
            ("CASE_SOURCE".to_owned(), path.display().to_string()),
            ("CASE_TARGET".to_owned(), database.url.clone()),
        ];
        Migration { directory, database, variables, spec: spec_file, _alone: Vec::new() }
    }

    /// The same from a database of a MariaDB or MySQL server. `${CASE_SOURCE}` in the spec is its URL, `${CASE_SERVER}` that of
    /// the server without a database.
    pub(crate) fn from_mariadb(server: &MysqlServer, source: &str, spec: &str) -> Migration {
        let names_databases = source.contains("CREATE DATABASE");
        let alone = names_databases.then(|| alone(&NAMED_DATABASES));
        let name = server.create_database();
        server.ask(&name, source);
        let mut migration = Migration::with_source(|_| {}, spec, Database::create());
        migration.set("CASE_SOURCE", &server.url(&name));
        migration.set("CASE_SERVER", &server.url(""));
        migration._alone.extend(alone);
        migration
    }

    /// The migration of a case in `tests/cases`; the name of one from MySQL begins so.
    pub(crate) fn of_case(case: &Path) -> Migration {
        let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap_or_default();
        let (source, spec) = (read("source.sql"), read("spec.toml"));
        let alone = spec.contains("\ngrants = ").then(|| alone(&NAMED_ROLES));
        let is_of_server = case.file_name().is_some_and(|name| name.to_string_lossy().starts_with("mysql_"));
        let mut migration = if is_of_server {
            Migration::from_mariadb(mariadb(), &source, &spec)
        } else {
            Migration::new(&source, &spec)
        };
        migration._alone.extend(alone);
        migration
    }

    /// A small migration of one table for tests that are about something else.
    pub(crate) fn small() -> Migration {
        let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
            INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";
        Migration::new(source, SPEC)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.directory().join("source.db")
    }

    /// Changes the source.
    pub(crate) fn change_source(&self, sql: &str) {
        build_sqlite(&self.source(), sql);
    }

    /// Replaces the spec.
    pub(crate) fn write_spec(&self, spec: &str) {
        std::fs::write(&self.spec, spec).unwrap();
    }

    /// Sets a variable for the program.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// The command with the spec behind its first word.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let [first, rest @ ..] = words else { panic!("no command") };
        command.arg(first).arg(&self.spec).args(rest.iter().map(OsStr::new));
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        let ran = run(&mut self.command(words));
        // A test beside this one has flushed the tables of the server that they share: the message says to run it again.
        if ran.code == Some(1) && ran.stderr.contains("a lock kept the source") {
            return run(&mut self.command(words));
        }
        ran
    }

    /// Starts it and lets it run.
    pub(crate) fn spawn(&self, words: &[&str]) -> Child {
        self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs `init` in the migration's directory, which has no spec to be given.
    pub(crate) fn init(&self, words: &[&str]) -> Ran {
        run(program().current_dir(self.directory()).arg("init").args(words))
    }

    pub(crate) fn plan(&self) -> Ran {
        self.run(&["plan"])
    }

    pub(crate) fn apply(&self) -> Ran {
        self.run(&["apply", "--yes"])
    }

    pub(crate) fn verify(&self) -> Ran {
        self.run(&["verify"])
    }
}

/// The smallest spec.
pub(crate) const SPEC: &str = r#"spec = 1
name = "case"

[source]
url = "sqlite:${CASE_SOURCE}"

[target]
url = "${CASE_TARGET}"
schema = "app"
"#;
