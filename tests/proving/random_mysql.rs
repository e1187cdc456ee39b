//! Random schemas of MariaDB and MySQL with rows that hurt, migrated by the real program with the spec that `init` writes, and
//! compared by plain clients.
//!
//! Where the plan is blocked, the lines that it suggests are pasted until it is not. Then everything has to be there, a second
//! apply does nothing, and rollback leaves nothing.
//!
//! `SEEDS=FROM..TO` has these seeds tried; a failure prints its seed, and the smallest schema that shows it.
//! `RANDOM_FAILURES`, a directory, gets a file for each that fails, as it is: a survey.

mod compare;
mod dice;
mod draft;
mod family;
mod phrases;

use crate::random_schemas::oracle::Target;
use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::suggestions::{exits, lay, unblock};
use compare::Sides;
use draft::Draft;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use toml::Table;

/// Schemas in a run of the suite, on each server.
const SEEDS: u64 = 16;

/// Runs at the same time.
const WORKERS: usize = 3;

/// Attempts to make a schema that fails smaller.
const ATTEMPTS: usize = 150;

/// What came of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Everything arrived by the spec as `init` writes it.
    Arrived,
    /// Everything arrived after suggestions were pasted.
    Decided,
    /// Only a person can decide.
    LeftToPeople,
}

/// What failed, and all that was said.
struct Failure {
    what: &'static str,
    said: String,
}

/// A series of schemas from one server into one database.
struct Series<'a> {
    server: &'a MysqlServer,
    is_mariadb: bool,
    database: Database,
    target: Target,
}

impl<'a> Series<'a> {
    fn begin(server: &'a MysqlServer, is_mariadb: bool) -> Series<'a> {
        let database = Database::create();
        let target = Target::connect(&database.url);
        Series { server, is_mariadb, database, target }
    }

    /// Migrates one schema, and says what is wrong.
    fn run(&self, draft: &Draft) -> Result<Outcome, Failure> {
        let source = self.server.create_database();
        // What the server refuses is left out.
        let mut client = self.server.client(&source);
        client.arg("--force").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut client = client.spawn().unwrap();
        client.stdin.take().unwrap().write_all(draft.sql().as_bytes()).unwrap();
        client.wait().unwrap();
        let outcome = self.migrate(draft, &source);
        let schemas = self.database.schemas();
        for schema in &schemas {
            self.database.ask(&format!("DROP SCHEMA \"{schema}\" CASCADE"));
        }
        self.server.ask("", &format!("DROP DATABASE {source}"));
        match outcome {
            Ok(_) if !schemas.is_empty() => {
                Err(Failure { what: "rollback", said: format!("rollback leaves {schemas:?}") })
            }
            outcome => outcome,
        }
    }

    fn migrate(&self, draft: &Draft, source: &str) -> Result<Outcome, Failure> {
        let failed = |what| move |said| Failure { what, said };
        let mut migration = Migration::with_source(|_| {}, "", self.database.clone());
        let target = migration.database.url.clone();
        migration.set("MYSQL_PASSWORD", "secret");
        migration.set("DATABASE_URL", &target);
        let begun = migration.init(&[&self.server.url(source), "-o", "begun.toml"]);
        // What would leave rows behind is for people, and the plan suggests it.
        let code = if begun.code == Some(3) { 3 } else { 0 };
        exits(begun, code).map_err(failed("init"))?;
        let begun = std::fs::read_to_string(migration.directory().join("begun.toml")).unwrap();
        let mut spec =
            begun.parse::<Table>().map_err(|error| Failure { what: "init", said: format!("{error}: {begun}") })?;
        match draft.comparison {
            Some(comparison) => {
                lay(&mut spec, format!("[target]\ncomparison = \"{comparison}\"").parse().unwrap());
                migration.write_spec(&toml::to_string(&spec).unwrap());
            }
            None => migration.write_spec(&begun),
        }
        let unblocked = unblock(&migration, &mut spec).map_err(failed("plan"))?;
        let Some((plan, rounds)) = unblocked else { return Ok(Outcome::LeftToPeople) };
        let with_spec = |what| {
            let spec = toml::to_string(&spec).unwrap();
            move |said| Failure { what, said: format!("{said}\n# spec.toml\n{spec}") }
        };
        exits(migration.apply(), 0).map_err(with_spec("apply"))?;
        exits(migration.verify(), 0).map_err(with_spec("verify"))?;
        if !spec.to_string().contains("on_bad_value") {
            let schema = spec["target"]["schema"].as_str().unwrap();
            let sides = Sides {
                server: self.server,
                database: source,
                target: &self.target,
                schema,
                spec: &spec,
                is_mariadb: self.is_mariadb,
            };
            for table in plan["tables"].as_array().unwrap() {
                sides.compare(table, plan["omitted"].as_array().unwrap()).map_err(with_spec("comparison"))?;
            }
        }
        let again = exits(migration.apply(), 0).map_err(with_spec("the second apply"))?;
        if !again.stdout.contains("nothing to do") {
            return Err(with_spec("the second apply")(format!("it did something: {again}")));
        }
        exits(migration.run(&["rollback", "--yes"]), 0).map_err(with_spec("rollback"))?;
        Ok(if rounds == 0 { Outcome::Arrived } else { Outcome::Decided })
    }

    /// Tries a seed, and says of a failure all that it takes to do it again.
    fn try_seed(&self, seed: u64, is_survey: bool) -> Result<Outcome, String> {
        let draft = Draft::of_seed(seed, self.is_mariadb);
        let failure = match self.run(&draft) {
            Ok(outcome) => return Ok(outcome),
            Err(failure) => failure,
        };
        let (draft, failure) = if is_survey { (draft, failure) } else { self.smallest(draft, failure) };
        let server = if self.is_mariadb { "MariaDB" } else { "MySQL" };
        Err(format!(
            "SEEDS={seed}..{} of {server}: {}: {}\n-- source.sql\n{}",
            seed + 1,
            failure.what,
            failure.said,
            draft.sql()
        ))
    }

    /// The smallest draft found that fails in the same way.
    fn smallest(&self, mut draft: Draft, mut failure: Failure) -> (Draft, Failure) {
        let mut attempts = 0;
        'smaller: loop {
            for smaller in draft.smaller() {
                attempts += 1;
                if attempts > ATTEMPTS {
                    return (draft, failure);
                }
                match self.run(&smaller) {
                    Err(other) if other.what == failure.what => {
                        (draft, failure) = (smaller, other);
                        continue 'smaller;
                    }
                    _ => {}
                }
            }
            return (draft, failure);
        }
    }
}

/// The seeds to try.
fn seeds() -> std::ops::Range<u64> {
    let Ok(given) = std::env::var("SEEDS") else { return 0..SEEDS };
    let (from, to) = given.split_once("..").expect("SEEDS is FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

fn arrive_whole(server: &MysqlServer, is_mariadb: bool) -> BTreeMap<Outcome, u64> {
    let (seeds, failures) = (seeds(), std::env::var("RANDOM_FAILURES").ok());
    let next = AtomicU64::new(seeds.start);
    // Where one locks MySQL's tables while another reads them, all wait for both.
    let workers = if is_mariadb { WORKERS } else { 1 };
    let work = || {
        let series = Series::begin(server, is_mariadb);
        let (mut outcomes, mut failed) = (BTreeMap::new(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || failures.is_none() && !failed.is_empty() {
                return (outcomes, failed);
            }
            match (series.try_seed(seed, failures.is_some()), &failures) {
                (Ok(outcome), _) => *outcomes.entry(outcome).or_insert(0_u64) += 1,
                (Err(problem), None) => failed.push(problem),
                (Err(problem), Some(directory)) => {
                    std::fs::write(format!("{directory}/{seed}-{is_mariadb}.txt"), &problem).unwrap();
                    failed.push(problem.lines().next().unwrap_or_default().to_owned());
                }
            }
        }
    };
    let results = std::thread::scope(|scope| {
        let workers = (0..workers).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        workers.into_iter().map(|worker| worker.join().expect("a worker has failed; see above")).collect::<Vec<_>>()
    });
    let (mut outcomes, mut failed) = (BTreeMap::new(), Vec::new());
    for (some, others) in results {
        some.into_iter().for_each(|(outcome, count)| *outcomes.entry(outcome).or_insert(0) += count);
        failed.extend(others);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    // A generator whose schemas are all refused would test nothing.
    let left = outcomes.get(&Outcome::LeftToPeople).copied().unwrap_or(0);
    assert!(left * 10 <= outcomes.values().sum::<u64>(), "{outcomes:?}");
    outcomes
}

#[test]
fn random_schemas_of_mariadb_arrive_whole() {
    eprintln!("{:?}", arrive_whole(mariadb(), true));
}

#[test]
fn random_schemas_of_mysql_arrive_whole() {
    if let Some(server) = mysql() {
        eprintln!("{:?}", arrive_whole(server, false));
    }
}
