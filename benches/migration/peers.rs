//! What people use otherwise, where it can be installed: DuckDB, pgloader, and the two command lines with a pipe.

use crate::contenders::Run;
use crate::measure::{Measured, Used, attempt, wait};
use crate::source::{Engine, Source};
use crate::target::Target;
use crate::write_file;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Copies every table with DuckDB's extensions; it creates the tables and no keys.
const DUCKDB: &str = r#"
import sys, importlib.util, pathlib, duckdb
scanner, options, source, target, tables = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
connection = duckdb.connect(config={"threads": 2})
def load(name):
    package = importlib.util.find_spec("duckdb_extension_" + name)
    files = [file for place in package.submodule_search_locations for file in pathlib.Path(place).rglob("*.duckdb_extension")]
    connection.execute(f"LOAD '{files[0]}'")
load(scanner)
load("postgres_scanner")
connection.execute(f"ATTACH '{source}' AS source ({options})")
connection.execute(f"ATTACH '{target}' AS target (TYPE postgres)")
for table in tables:
    connection.execute(f"CREATE TABLE target.public.{table} AS SELECT * FROM source.{table}")
"#;

/// A Python with DuckDB and one of its extensions in it, where one can be made.
fn python_with_duckdb(workshop: &Path, scanner: &str) -> Option<PathBuf> {
    let environment = workshop.join("python");
    let python = environment.join("bin/python");
    let module = format!("import duckdb, duckdb_extension_{scanner}");
    let has_duckdb = || Command::new(&python).args(["-c", &module]).output().is_ok_and(|said| said.status.success());
    if !has_duckdb() {
        eprintln!("installing DuckDB");
        let made = Command::new("python3").args(["-m", "venv"]).arg(&environment).output();
        made.ok().filter(|said| said.status.success())?;
        let scanner = format!("duckdb-extension-{}", scanner.replace('_', "-"));
        let packages = ["duckdb", &scanner, "duckdb-extension-postgres-scanner"];
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
        install.output().ok().filter(|said| said.status.success())?;
    }
    has_duckdb().then_some(python)
}

/// DuckDB's copy, where it can be installed.
pub(crate) fn duckdb(workshop: &Path, source: &Source) -> Option<Run> {
    let (scanner, options, address) = match &source.engine {
        Engine::Sqlite(chat) => ("sqlite_scanner", "TYPE sqlite, READ_ONLY", chat.path.display().to_string()),
        Engine::Mysql(tpch) => {
            let address = format!(
                "host=localhost socket={} user=root db={}",
                tpch.server.socket().display(),
                crate::source::TPCH
            );
            ("mysql_scanner", "TYPE mysql, READ_ONLY", address)
        }
    };
    let python = python_with_duckdb(workshop, scanner)?;
    let (script, tables) = (write_file(workshop.join("duckdb_copy.py"), DUCKDB), source.tables);
    Some(Box::new(move |target| {
        let mut run = Command::new(&python);
        run.arg(&script).args([scanner, options]).arg(&address).arg(&target.url).args(tables);
        attempt(run).inspect_err(|said| eprintln!("DuckDB: {said}")).ok().into_iter().collect()
    }))
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
pub(crate) fn run_pgloader(file: &Path, source: &str, target: &Target) -> Option<Measured> {
    let load = format!(
        "load database from {source} into {} with include drop, create tables, create indexes, reset sequences;\n",
        target.url.replace("postgres://", "postgresql://")
    );
    let mut run = Command::new("pgloader");
    run.arg(write_file(file.to_owned(), &load));
    attempt(run).inspect_err(|said| eprintln!("pgloader: {said}")).ok()
}

/// The source as pgloader writes it.
pub(crate) fn pgloader_url(source: &Source) -> String {
    match &source.engine {
        Engine::Sqlite(chat) => format!("sqlite://{}", chat.path.display()),
        // It knows no socket in a URL.
        Engine::Mysql(tpch) => tpch.server.url(crate::source::TPCH),
    }
}

/// `sqlite3 -csv | psql \copy`, a table at a time, as a script would do it.
pub(crate) fn run_sqlite_pipe(tables: &str, names: &[&str], source: &Path, target: &Target) -> Measured {
    target.execute(tables);
    let select = |table: &str| match table {
        "chunks" => "SELECT id, message_id, position, '\\x' || hex(embedding) FROM chunks".to_owned(),
        _ => format!("SELECT * FROM {table}"),
    };
    let reader = |table: &str| {
        let mut reader = Command::new("sqlite3");
        reader.args(["-readonly", "-csv"]).arg(source).arg(select(table));
        reader
    };
    run_pipe(names, reader, "csv", target)
}

/// `mariadb -B | psql \copy`, a table at a time. Right for these rows alone: a NULL and the text NULL look alike.
pub(crate) fn run_mysql_pipe(tables: &str, names: &[&str], socket: &Path, target: &Target) -> Measured {
    target.execute(tables);
    run_pipe(names, |table| client(socket, &format!("SELECT * FROM {table}")), "text", target)
}

/// The server's own reading: its plain client throws away what it reads, over as many connections as transship has.
pub(crate) fn run_server_read(socket: &Path, connections: usize) -> Measured {
    let keys = "SELECT max(l_orderkey) FROM lineitem";
    let last = client(socket, keys).output().unwrap().stdout;
    let last: usize = String::from_utf8(last).unwrap().trim().parse().unwrap();
    let began = Instant::now();
    let readers = (0..connections).map(|part| {
        let (from, to) = (last * part / connections, last * (part + 1) / connections);
        let mut sql = format!("SELECT * FROM lineitem WHERE l_orderkey > {from} AND l_orderkey <= {to};");
        sql.push_str(&format!("SELECT * FROM orders WHERE o_orderkey > {from} AND o_orderkey <= {to};"));
        if part == 0 {
            for table in ["region", "nation", "part", "supplier", "partsupp", "customer"] {
                sql.push_str(&format!("SELECT * FROM {table};"));
            }
        }
        client(socket, &sql).stdout(Stdio::null()).spawn().unwrap()
    });
    for reader in readers.collect::<Vec<_>>() {
        wait(reader).expect("mariadb succeeds");
    }
    Measured::inside(began.elapsed().as_secs_f64())
}

/// The plain client, which holds no row back.
fn client(socket: &Path, sql: &str) -> Command {
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "--quick", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]);
    command.arg(format!("--socket={}", socket.display())).args(["--user=root", crate::source::TPCH, "-e", sql]);
    command
}

/// A reader's output into psql, a table at a time.
fn run_pipe(names: &[&str], reader: impl Fn(&str) -> Command, format: &str, target: &Target) -> Measured {
    let began = Instant::now();
    let mut used = Used::default();
    for table in names {
        let mut reader = reader(table).stdout(Stdio::piped()).spawn().unwrap();
        let rows = reader.stdout.take().unwrap();
        let writer = Command::new("psql")
            .args(["-X", "-q", &target.url, "-c", &format!("\\copy bench.{table} FROM STDIN (FORMAT {format})")])
            .stdin(rows)
            .spawn()
            .unwrap();
        for one in [wait(writer).expect("psql succeeds"), wait(reader).expect("the reader succeeds")] {
            used = Used { peak: used.peak.max(one.peak), processor: used.processor + one.processor };
        }
    }
    Measured::of(began.elapsed().as_secs_f64(), used)
}
