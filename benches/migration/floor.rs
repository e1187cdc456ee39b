//! The floor: PostgreSQL alone. The rows lie ready in COPY's binary format and are sent over as many connections as
//! transship has; then the same DDL runs over them, as much of it at a time as the server's order allows.

use crate::measure::Measured;
use crate::target::{Target, connect};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Rows in one file, as in one chunk of transship.
const ROWS: f64 = 250_000.0;

/// Bytes handed to the connection at a time.
const BLOCK: usize = 256 * 1024;

/// What is to be done, in its order.
#[derive(Clone)]
pub(crate) struct Floor {
    structure: Vec<Task>,
    copies: Vec<Task>,
    keys: Vec<Task>,
    foreign_keys: Vec<Task>,
    validations: Vec<Task>,
    last: Vec<Task>,
    jobs: usize,
}

/// One thing that a connection does.
#[derive(Clone)]
enum Task {
    Statement(String),
    Copy(String, PathBuf),
}

impl Floor {
    /// Migrates once, and takes the rows in their binary form and the statements from it.
    pub(crate) fn prepare(workshop: &Path, spec: &Path, target: &Target, jobs: usize) -> Floor {
        target.fresh();
        let plan = Command::new(env!("CARGO_BIN_EXE_transship"))
            .arg("plan")
            .arg(spec)
            .args(["--format", "json"])
            .env("BENCH_TARGET", &target.url)
            .output()
            .unwrap();
        let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
        let applied = Command::new(env!("CARGO_BIN_EXE_transship"))
            .arg("apply")
            .arg(spec)
            .arg("--yes")
            .env("BENCH_TARGET", &target.url)
            .output()
            .unwrap();
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        let of = |kinds: &[&str]| {
            let steps = plan["steps"].as_array().unwrap().iter();
            let wanted = steps.filter(|step| kinds.contains(&step["kind"].as_str().unwrap()));
            wanted.map(|step| (step["id"].as_str().unwrap(), step["sql"].as_str().unwrap())).collect::<Vec<_>>()
        };
        let statements =
            |kinds: &[&str]| of(kinds).into_iter().map(|(_, sql)| Task::Statement(sql.to_owned())).collect();
        let mut copies = Vec::new();
        for (id, sql) in of(&["copy"]) {
            let table = id.strip_prefix("copy:").unwrap();
            let files = target.runtime.block_on(export(workshop, &target.url, table));
            copies.extend(files.into_iter().map(|file| Task::Copy(sql.to_owned(), file)));
        }
        Floor {
            structure: statements(&["schema", "table"]),
            copies,
            keys: statements(&["primary_key", "unique", "index", "constraint"]),
            foreign_keys: statements(&["foreign_key"]),
            validations: statements(&["validate"]),
            last: statements(&["sequence", "analyze"]),
            jobs,
        }
    }

    /// The rows alone.
    pub(crate) fn copy(&self, target: &Target) -> Measured {
        target.runtime.block_on(async {
            parallel(&self.structure, &target.url, 1).await;
            let began = Instant::now();
            parallel(&self.copies, &target.url, self.jobs).await;
            Measured::inside(began.elapsed().as_secs_f64())
        })
    }

    /// Rows, keys, indexes, foreign keys, statistics.
    pub(crate) fn whole(&self, target: &Target) -> Measured {
        let began = Instant::now();
        target.runtime.block_on(async {
            parallel(&self.structure, &target.url, 1).await;
            for tasks in [&self.copies, &self.keys, &self.foreign_keys, &self.validations, &self.last] {
                parallel(tasks, &target.url, self.jobs).await;
            }
        });
        Measured::inside(began.elapsed().as_secs_f64())
    }
}

/// The rows of a table in files of COPY's binary format, cut at pages of about [`ROWS`] rows.
async fn export(workshop: &Path, url: &str, table: &str) -> Vec<PathBuf> {
    let client = connect(url).await;
    let size = "SELECT greatest(reltuples, 0)::float8, relpages::float8 FROM pg_class WHERE oid = $1::text::regclass";
    client.batch_execute(&format!("VACUUM ANALYZE bench.{table}")).await.unwrap();
    let size = client.query_one(size, &[&format!("bench.{table}")]).await.unwrap();
    let (rows, pages): (f64, f64) = (size.get(0), size.get(1));
    let parts = (rows / ROWS).ceil().max(1.0);
    let mut files = Vec::new();
    let mut part = 0.0;
    while part < parts {
        let page = |part: f64| (pages * part / parts).floor();
        let path = workshop.join(format!("{table}-{part}.copy"));
        let below = if part + 1.0 < parts { format!(" AND ctid < '({},0)'", page(part + 1.0)) } else { String::new() };
        let select = format!("SELECT * FROM bench.{table} WHERE ctid >= '({},0)'{below}", page(part));
        let stream = client.copy_out(&format!("COPY ({select}) TO STDOUT (FORMAT binary)")).await.unwrap();
        let mut stream = std::pin::pin!(stream);
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        while let Some(block) = stream.next().await {
            file.write_all(&block.unwrap()).unwrap();
        }
        file.flush().unwrap();
        files.push(path);
        part += 1.0;
    }
    files
}

/// Does the tasks over so many connections.
async fn parallel(tasks: &[Task], url: &str, connections: usize) {
    let queue = Arc::new(Mutex::new(tasks.iter().cloned().collect::<VecDeque<_>>()));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (queue, url) = (Arc::clone(&queue), url.to_owned());
        running.spawn(async move {
            let client = connect(&url).await;
            client.batch_execute("SET synchronous_commit = off").await.unwrap();
            let next = || queue.lock().unwrap().pop_front();
            while let Some(task) = next() {
                match task {
                    Task::Statement(sql) => client.batch_execute(&sql).await.unwrap(),
                    Task::Copy(sql, file) => {
                        let rows =
                            Bytes::from(tokio::task::spawn_blocking(|| std::fs::read(file)).await.unwrap().unwrap());
                        let mut sink = std::pin::pin!(client.copy_in::<_, Bytes>(sql.as_str()).await.unwrap());
                        for start in (0..rows.len()).step_by(BLOCK) {
                            sink.send(rows.slice(start..rows.len().min(start + BLOCK))).await.unwrap();
                        }
                        sink.finish().await.unwrap();
                    }
                }
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}
