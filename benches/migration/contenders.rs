//! Who takes part, and what each has to do.

use crate::floor::Floor;
use crate::measure::{Measured, command, wait};
use crate::source::{Engine, Source};
use crate::target::Target;
use crate::{Settings, peers, write_file};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What a contender does, so that like is compared with like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Reading the rows, and nothing with them.
    Read,
    /// The rows alone.
    Copy,
    /// Rows, keys, indexes, foreign keys.
    Whole,
    /// All that, and every value compared afterwards.
    Proved,
    /// Comparing every value alone.
    Verify,
}

/// One run into an empty database; a measure for each line of the contender.
pub(crate) type Run = Box<dyn Fn(&Target) -> Vec<Measured>>;

/// One contender.
pub(crate) struct Contender {
    /// What a run measures: a name and its part for each.
    pub(crate) lines: Vec<(&'static str, Part)>,
    pub(crate) run: Run,
}

/// The floor, transship, and the peers that this machine has.
pub(crate) fn all(workshop: &Path, source: &Source, target: &Target, settings: &Settings) -> Vec<Contender> {
    let jobs = settings.jobs;
    let spec = spec(workshop, source, "");
    let bare = spec_of_rows_alone(workshop, source);
    let floor = Floor::prepare(workshop, &spec, target, jobs);
    let mut contenders = Vec::new();
    let mut add = |lines: Vec<(&'static str, Part)>, run: Run| {
        let is_wanted = |(name, _): &(&str, Part)| is_floor(name) || str::contains(name, settings.only.as_str());
        if lines.iter().any(is_wanted) {
            contenders.push(Contender { lines, run });
        }
    };
    let (rows, whole) = (floor.clone(), floor);
    add(vec![("floor: COPY BINARY", Part::Copy)], Box::new(move |target| vec![rows.copy(target)]));
    add(vec![("transship: copy", Part::Copy)], Box::new(move |target| vec![copy_phase(&bare, jobs, target)]));
    let run = peers::duckdb(workshop, source);
    run.into_iter().for_each(|run| add(vec![("DuckDB: copy", Part::Copy)], run));
    match &source.engine {
        Engine::Sqlite(chat) => {
            if peers::installed("sqlite3", "sqlite3") && peers::installed("psql", "postgresql-client") {
                let (tables, path, names) = (tables_sql(&spec, target), chat.path.clone(), source.tables);
                let run = move |target: &Target| vec![peers::run_sqlite_pipe(&tables, names, &path, target)];
                add(vec![("sqlite3 -csv, psql \\copy", Part::Copy)], Box::new(run));
            }
        }
        Engine::Mysql(tpch) => {
            let (socket, names) = (tpch.server.socket(), source.tables);
            let read = socket.clone();
            let run = move |_: &Target| vec![peers::run_server_read(&read, jobs)];
            add(vec![("floor: the server's own read, mariadb --quick", Part::Read)], Box::new(run));
            // What two servers need that share the processors; the rows of one do not wait for those of the other.
            let (read, rows) = (socket.clone(), whole.clone());
            let run = move |target: &Target| vec![beside(|| peers::run_server_read(&read, jobs), || rows.copy(target))];
            add(vec![("floor: both at the same time", Part::Copy)], Box::new(run));
            let tables = tables_sql(&spec, target);
            let run = move |target: &Target| vec![peers::run_mysql_pipe(&tables, names, &socket, target)];
            add(vec![("mariadb -B, psql \\copy", Part::Copy)], Box::new(run));
        }
    }
    let alone = whole.clone();
    let lines = vec![("floor: COPY BINARY, same DDL in parallel", Part::Whole)];
    add(lines, Box::new(move |target| vec![alone.whole(target)]));
    if let Engine::Mysql(tpch) = &source.engine {
        let read = tpch.server.socket();
        let run = move |target: &Target| vec![beside(|| peers::run_server_read(&read, jobs), || whole.whole(target))];
        add(vec![("floor: both at the same time, same DDL", Part::Whole)], Box::new(run));
    }
    let unseen = spec.clone();
    let run = move |target: &Target| {
        let (one, two) = (command(apply(&spec, jobs, target)), command(verify(&spec, target)));
        vec![one, two, one.and(two)]
    };
    let lines = vec![
        ("transship: apply", Part::Whole),
        ("transship: verify", Part::Verify),
        ("transship: apply and verify", Part::Proved),
    ];
    add(lines, Box::new(run));
    let run = move |target: &Target| {
        let mut apply = apply(&unseen, jobs, target);
        apply.arg("--no-profile");
        vec![command(apply)]
    };
    add(vec![("transship: apply --no-profile", Part::Whole)], Box::new(run));
    if peers::installed("pgloader", "pgloader") {
        let (file, url) = (workshop.join(format!("{}.load", source.name)), peers::pgloader_url(source));
        let run = move |target: &Target| peers::run_pgloader(&file, &url, target).into_iter().collect();
        add(vec![("pgloader", Part::Whole)], Box::new(run));
    }
    contenders
}

/// Reads beside something else; the measure of what takes longer.
fn beside(read: impl FnOnce() -> Measured + Send, other: impl FnOnce() -> Measured) -> Measured {
    std::thread::scope(|scope| {
        let reading = scope.spawn(read);
        let other = other();
        let read = reading.join().unwrap();
        if read.seconds > other.seconds { read } else { other }
    })
}

/// Whether the others are held against it.
pub(crate) fn is_floor(name: &str) -> bool {
    name.starts_with("floor")
}

fn spec(workshop: &Path, source: &Source, more: &str) -> PathBuf {
    let text = format!(
        "spec = 1\nname = \"bench\"\n{more}\n[source]\nurl = \"{}\"\n\n[target]\nurl = \"${{BENCH_TARGET}}\"\nschema = \"bench\"\n",
        source.url()
    );
    let kind = if more.is_empty() { "" } else { "-rows" };
    write_file(workshop.join(format!("{}{kind}.toml", source.name)), &text)
}

/// The same migration without keys and indexes: templates that do nothing in their place.
fn spec_of_rows_alone(workshop: &Path, source: &Source) -> PathBuf {
    let templates = workshop.join("rows");
    std::fs::create_dir_all(&templates).unwrap();
    for kind in ["primary_key", "unique", "index", "foreign_key", "validate", "analyze"] {
        write_file(templates.join(format!("{kind}.sql.j2")), "SELECT 1;\n");
    }
    spec(workshop, source, "templates = \"rows\"")
}

fn tables_sql(spec: &Path, target: &Target) -> String {
    let plan = Command::new(env!("CARGO_BIN_EXE_transship"))
        .arg("plan")
        .arg(spec)
        .args(["--format", "json"])
        .env("BENCH_TARGET", &target.url)
        .output()
        .unwrap();
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let steps = plan["steps"].as_array().unwrap().iter();
    let tables = steps.filter(|step| step["kind"] == "schema" || step["kind"] == "table");
    tables.map(|step| step["sql"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn apply(spec: &Path, jobs: usize, target: &Target) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    command.arg("apply").arg(spec).args(["--yes", "--format", "json", "--jobs", &jobs.to_string()]);
    command.env("BENCH_TARGET", &target.url).stderr(Stdio::null());
    command
}

fn verify(spec: &Path, target: &Target) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    command.arg("verify").arg(spec).env("BENCH_TARGET", &target.url).stderr(Stdio::null());
    command
}

/// From the beginning of the run, when the source has been looked at, to the end of the last copy.
fn copy_phase(spec: &Path, jobs: usize, target: &Target) -> Measured {
    let mut child = apply(spec, jobs, target).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let events = BufReader::new(child.stdout.take().unwrap());
    let watching = std::thread::spawn(move || wait(child));
    let (mut began, mut ended) = (Instant::now(), None);
    for line in events.lines() {
        let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let is_copy = event["id"].as_str().is_some_and(|id| id.starts_with("copy:"));
        match event["event"].as_str() {
            Some("run_started") => began = Instant::now(),
            Some("step_done") if is_copy => ended = Some(Instant::now()),
            _ => {}
        }
    }
    let used = watching.join().unwrap().expect("transship apply succeeds");
    let ended = ended.expect("a copy was done");
    Measured::of(ended.duration_since(began).as_secs_f64(), used)
}
