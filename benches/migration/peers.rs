//! What people use otherwise, where it can be installed: DuckDB, pgloader, and the two command lines with a pipe.

use crate::measure::{Measured, attempt, command, wait};
use crate::source::TABLES;
use crate::target::Target;
use crate::write_file;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Copies every table with DuckDB's extensions for SQLite and PostgreSQL; it creates the tables and no keys.
const DUCKDB: &str = r#"
import sys, importlib.util, pathlib, duckdb
source, target, tables = sys.argv[1], sys.argv[2], sys.argv[3:]
connection = duckdb.connect(config={"threads": 2})
def load(name):
    package = importlib.util.find_spec("duckdb_extension_" + name)
    files = [file for place in package.submodule_search_locations for file in pathlib.Path(place).rglob("*.duckdb_extension")]
    connection.execute(f"LOAD '{files[0]}'")
load("sqlite_scanner")
load("postgres_scanner")
connection.execute(f"ATTACH '{source}' AS source (TYPE sqlite, READ_ONLY)")
connection.execute(f"ATTACH '{target}' AS target (TYPE postgres)")
for table in tables:
    connection.execute(f"CREATE TABLE target.public.{table} AS SELECT * FROM source.{table}")
"#;

/// A Python with DuckDB in it, where one can be made.
pub(crate) fn duckdb(workshop: &Path) -> Option<PathBuf> {
    let environment = workshop.join("python");
    let python = environment.join("bin/python");
    let has_duckdb =
        || Command::new(&python).args(["-c", "import duckdb"]).output().is_ok_and(|said| said.status.success());
    if !has_duckdb() {
        eprintln!("installing DuckDB");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&environment).output();
        made.ok().filter(|said| said.status.success())?;
        let packages = ["duckdb", "duckdb-extension-sqlite-scanner", "duckdb-extension-postgres-scanner"];
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
        install.output().ok().filter(|said| said.status.success())?;
    }
    has_duckdb().then_some(python)
}

/// DuckDB's copy.
pub(crate) fn run_duckdb(python: &Path, workshop: &Path, source: &Path, target: &Target) -> Measured {
    let script = write_file(workshop.join("duckdb_copy.py"), DUCKDB);
    let mut run = Command::new(python);
    run.arg(script).arg(source).arg(&target.url).args(TABLES);
    command(run)
}

/// Whether a program is there, or can be installed as root from Debian's packages.
pub(crate) fn installed(program: &str, package: &str) -> bool {
    let is_there = || Command::new(program).arg("--version").output().is_ok();
    if !is_there() && nix::unistd::geteuid().is_root() {
        eprintln!("installing {package}");
        let install = Command::new("apt-get").args(["install", "-y", "--no-install-recommends", package]).output();
        if install.is_ok_and(|said| !said.status.success()) {
            eprintln!("{package} cannot be installed; left out");
        }
    }
    is_there()
}

/// pgloader with its defaults: tables, rows, indexes, keys, sequences. Nothing where it runs out of its own heap, which it
/// does now and then.
pub(crate) fn run_pgloader(workshop: &Path, source: &Path, target: &Target) -> Option<Measured> {
    let load = format!(
        "load database from sqlite://{} into {} with include drop, create tables, create indexes, reset sequences;\n",
        source.display(),
        target.url.replace("postgres://", "postgresql://")
    );
    let mut run = Command::new("pgloader");
    run.arg(write_file(workshop.join("chat.load"), &load));
    attempt(run).inspect_err(|said| eprintln!("pgloader: {said}")).ok()
}

/// `sqlite3 -csv | psql \copy`, a table at a time, as a script would do it.
pub(crate) fn run_pipe(tables: &str, source: &Path, target: &Target) -> Measured {
    target.execute(tables);
    let began = Instant::now();
    let mut peak = 0;
    for table in TABLES {
        let select = match table {
            "chunks" => "SELECT id, message_id, position, '\\x' || hex(embedding) FROM chunks".to_owned(),
            _ => format!("SELECT * FROM {table}"),
        };
        let mut reader = Command::new("sqlite3")
            .args(["-readonly", "-csv"])
            .arg(source)
            .arg(select)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let rows = reader.stdout.take().unwrap();
        let writer = Command::new("psql")
            .args(["-X", "-q", &target.url, "-c", &format!("\\copy bench.{table} FROM STDIN (FORMAT csv)")])
            .stdin(rows)
            .spawn()
            .unwrap();
        peak = peak.max(wait(writer).expect("psql succeeds")).max(wait(reader).expect("sqlite3 succeeds"));
    }
    Measured { seconds: began.elapsed().as_secs_f64(), peak: Some(peak) }
}
