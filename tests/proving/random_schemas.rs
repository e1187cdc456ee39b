//! Random schemas with random rows, migrated by the real program and compared with PostgreSQL as the judge.
//!
//! Where the plan is blocked, the lines that it suggests are pasted until it is not. Then everything has to be there:
//! every row by a comparison that shares no code with transship, every key, constraint, index and default in PostgreSQL's
//! catalog or among what the plan says stays behind.
//!
//! `RANDOM_CASES` is the number of schemas, `RANDOM_SEED` another series of them, `RANDOM_FAILURES` a directory for all that
//! fail. A failure prints the smallest schema that
//! shows it, as SQL and spec, so that it can become a directory in `tests/cases`.

mod draft;
pub(crate) mod oracle;
mod source;
mod structure;
mod value;

use crate::support::database::Database;
use crate::support::migration::Migration;
use crate::support::suggestions::{exits, unblock};
use draft::Draft;
use oracle::Target;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rusqlite::Connection;
use source::Source;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use toml::Table;

/// Schemas in a run, where `RANDOM_CASES` does not say.
const CASES: u32 = 100;

/// Runs at the same time.
const WORKERS: u32 = 4;

/// The number of the next file in `RANDOM_FAILURES`.
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// What came of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Everything arrived at once.
    Arrived,
    /// Everything arrived after suggestions were pasted.
    Decided,
    /// Only a person can decide.
    LeftToPeople,
    /// The plan does not see it coming; see [`is_known`].
    KnownToFail,
}

/// What a plan does not see yet: values that are unlike in SQLite and alike in PostgreSQL's type (`1` and `true`), sums
/// beyond bigint, comparisons with values that are text now.
fn is_known(message: &str, plan: &serde_json::Value) -> bool {
    let mut tables = plan["tables"].as_array().unwrap().iter();
    message.contains("is duplicated")
        || message.contains("out of range")
        || ["is violated by some row", "is not present in table"].iter().any(|words| message.contains(words))
            && tables.any(structure::means_something_else)
}

/// A series of schemas into one database.
struct Series {
    database: Database,
    target: Target,
}

impl Series {
    fn begin() -> Series {
        let database = Database::create();
        let target = Target::connect(&database.url);
        Series { database, target }
    }

    /// Migrates one schema, and says what is wrong, with all it takes to do it again.
    fn run(&self, draft: &Draft) -> Result<Outcome, String> {
        let empty = "DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA IF EXISTS transship CASCADE";
        self.target.ask(empty)?;
        let mut made = None;
        let spec = crate::support::migration::SPEC.to_owned() + &format!("names = \"{}\"\n", draft.names);
        let make = |path: &std::path::Path| made = Some(source::build(draft, path));
        let migration = Migration::with_source(make, &spec, self.database.clone());
        let made = made.unwrap();
        let mut spec: Table = spec.parse().unwrap();
        self.migrate(&migration, &made, &mut spec)
            .map_err(|problem| format!("{problem}\n-- source.sql\n{}\n# spec.toml\n{spec}", made.sql))
    }

    fn migrate(&self, migration: &Migration, made: &Source, spec: &mut Table) -> Result<Outcome, String> {
        let Some((plan, rounds)) = unblock(migration, spec)? else { return Ok(Outcome::LeftToPeople) };
        let applied = migration.apply();
        if applied.code == Some(1) && is_known(&applied.stderr, &plan) {
            return Ok(Outcome::KnownToFail);
        }
        exits(applied, 0)?;
        exits(migration.verify(), 0)?;
        let again = exits(migration.apply(), 0)?;
        if !again.stdout.contains("nothing to do") {
            return Err(format!("the second apply did something: {again}"));
        }
        // Rejected rows stand in the ledger; that the equation of rows closes has been verified.
        if spec.to_string().contains("on_bad_value") {
            return Ok(Outcome::Decided);
        }
        let connection = Connection::open(migration.source()).unwrap();
        for table in plan["tables"].as_array().unwrap() {
            oracle::compare_rows(&connection, &self.target, table, "app")?;
            structure::compare(&connection, &self.target, made, &plan, table)?;
        }
        Ok(if rounds == 0 { Outcome::Arrived } else { Outcome::Decided })
    }
}

fn number(variable: &str) -> Option<u32> {
    std::env::var(variable).ok().map(|number| number.parse().unwrap())
}

/// A worker's share of the cases, with a seed of its own.
fn work(worker: u32) -> BTreeMap<Outcome, u32> {
    let cases = number("RANDOM_CASES").unwrap_or(CASES).div_ceil(WORKERS);
    let config = Config { cases, max_shrink_iters: 100, failure_persistence: None, ..Config::default() };
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&worker.to_le_bytes());
    seed[4..8].copy_from_slice(&number("RANDOM_SEED").unwrap_or(0).to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let series = Series::begin();
    let outcomes = RefCell::new(BTreeMap::new());
    let result = runner.run(&draft::draft(), |draft| {
        if let Ok(directory) = std::env::var("RANDOM_FAILURES") {
            // A look at all that fails: nothing is made smaller, one file for each.
            match series.run(&draft) {
                Ok(outcome) => *outcomes.borrow_mut().entry(outcome).or_insert(0) += 1,
                Err(problem) => {
                    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                    std::fs::write(format!("{directory}/{number}.txt"), problem).unwrap();
                }
            }
            return Ok(());
        }
        let outcome = series.run(&draft).map_err(TestCaseError::fail)?;
        *outcomes.borrow_mut().entry(outcome).or_insert(0) += 1;
        Ok(())
    });
    match result {
        Ok(()) => outcomes.into_inner(),
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(TestError::Abort(reason)) => panic!("gave up: {reason}"),
    }
}

#[test]
fn random_schemas_arrive_whole() {
    let results = std::thread::scope(|scope| {
        let workers = (0..WORKERS).map(|worker| scope.spawn(move || work(worker))).collect::<Vec<_>>();
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let mut outcomes = BTreeMap::new();
    for (outcome, count) in results.into_iter().flat_map(|result| result.expect("a worker has failed; see above")) {
        *outcomes.entry(outcome).or_insert(0) += count;
    }
    eprintln!("{outcomes:?}");
    // A generator whose schemas are all refused would test nothing.
    let total = outcomes.values().sum::<u32>();
    let count = |outcome| outcomes.get(&outcome).copied().unwrap_or(0);
    assert!((count(Outcome::Arrived) + count(Outcome::Decided)) * 10 > total * 9, "{outcomes:?}");
}
