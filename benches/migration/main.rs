//! `make bench`: a whole migration against the floor (PostgreSQL alone) and against its peers, in one run.
//!
//! Every contender moves the same database into a fresh database of the same server. They take turns, so that a machine
//! that slows down slows all of them; what counts are the medians, and of these the ratios.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `SOURCE` | `sqlite`: a chat application's store; `mysql`: TPC-H in a private MariaDB | `sqlite,mysql` |
//! | `SCALE` | size of the source; 1 is about 1.3 million rows | 1 |
//! | `RUNS` | runs of each contender | 5 |
//! | `JOBS` | connections of transship and of the floor | 2 |
//! | `ONLY` | contenders whose name contains this | all |
//! | `PUBLISH` | 1 writes the results into `docs` | 0 |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a benchmark that cannot go on has failed"
)]

mod contenders;
mod floor;
mod measure;
mod peers;
mod report;
mod source;
mod support;
mod target;

use contenders::Part;
use measure::Measured;
use source::Source;
use std::path::{Path, PathBuf};
use support::server::Server;
use target::Target;

/// What the environment says.
struct Settings {
    sources: String,
    scale: f64,
    runs: usize,
    jobs: usize,
    only: String,
    publish: bool,
}

impl Settings {
    fn read() -> Settings {
        let variable = |name: &str, otherwise: &str| std::env::var(name).unwrap_or_else(|_| otherwise.to_owned());
        Settings {
            sources: variable("SOURCE", "sqlite,mysql"),
            scale: variable("SCALE", "1").parse().expect("SCALE is a number"),
            runs: variable("RUNS", "5").parse().expect("RUNS is a number"),
            jobs: variable("JOBS", "2").parse().expect("JOBS is a number"),
            only: variable("ONLY", ""),
            publish: variable("PUBLISH", "0") == "1",
        }
    }
}

/// Settings of the server beside its defaults: no checkpoint falls into a run.
const SERVER: [&str; 3] = ["fsync=on", "max_wal_size=16GB", "checkpoint_timeout=1h"];

fn main() {
    let settings = Settings::read();
    let workshop = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    std::fs::create_dir_all(&workshop).unwrap();
    for engine in settings.sources.split(',') {
        let source = Source::build(&workshop, engine, settings.scale);
        let server = Server::start_with(&SERVER);
        bench(&workshop, &source, &Target::new(&server), &settings);
    }
}

/// Lets all contenders move one source.
fn bench(workshop: &Path, source: &Source, target: &Target, settings: &Settings) {
    let contenders = contenders::all(workshop, source, target, settings);
    let mut results: Vec<(&'static str, Part, Vec<Measured>)> = Vec::new();
    for run in 1..=settings.runs {
        for contender in &contenders {
            target.fresh();
            let measured = (contender.run)(target);
            if measured.is_empty() {
                eprintln!("run {run} of {}  {:<44} failed", settings.runs, contender.lines[0].0);
            }
            for ((name, part), seen) in contender.lines.iter().zip(measured) {
                eprintln!("run {run} of {}  {name:<44} {:>7.2} s", settings.runs, seen.seconds);
                match results.iter_mut().find(|(known, _, _)| known == name) {
                    Some((_, _, measured)) => measured.push(seen),
                    None => results.push((name, *part, vec![seen])),
                }
            }
        }
    }
    report::write(workshop, source, target, settings, &results);
}

/// A file of the benchmark, with its content.
fn write_file(path: PathBuf, content: &str) -> PathBuf {
    std::fs::write(&path, content).unwrap();
    path
}
