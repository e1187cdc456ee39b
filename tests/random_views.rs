//! Random expressions and views, answered by SQLite and by PostgreSQL: what is translated means the same on both sides.
//!
//! `CASES` is the number of views, `SEED` another series of them. What stays behind is counted: a translator that refused
//! everything would be right, and of no use. Where PostgreSQL fails and SQLite goes on, the plan has to have said so: a sum
//! that leaves 64 bits on the data there are. Of sums of doubles the last digits are not compared, for the order of the rows
//! decides about them in either system.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy allows this in test functions only"
)]

#[path = "random_views/grammar.rs"]
mod grammar;
mod support;

use grammar::{Dice, TABLES, view};
use rusqlite::types::Value;
use std::collections::BTreeMap;
use support::migration::{Migration, SPEC};
use tokio::runtime::Runtime;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Views in a run.
const CASES: usize = 5_000;

/// The least part of them that is translated, in percent: the rest compares what PostgreSQL does not.
const TRANSLATED: usize = 60;

/// Wrong ones that are shown.
const SHOWN: usize = 12;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One value of either side, in one spelling.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Cell {
    Null,
    Integer(i64),
    Number(f64),
    Text(String),
}

fn of_sqlite(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Integer(integer) => Cell::Integer(integer),
        Value::Real(real) => Cell::Number(real),
        Value::Text(text) => Cell::Text(text),
        Value::Blob(bytes) => Cell::Text(format!("\\x{}", hex::encode(bytes))),
    }
}

fn of_postgresql(text: Option<&str>, column_type: &str) -> Cell {
    let Some(text) = text else { return Cell::Null };
    match column_type {
        "bool" => Cell::Integer(i64::from(text == "t")),
        "int2" | "int4" | "int8" => Cell::Integer(text.parse().unwrap()),
        "float8" => Cell::Number(text.parse().unwrap()),
        "numeric" => text.parse().map_or_else(|_| Cell::Number(text.parse().unwrap()), Cell::Integer),
        "timestamptz" => Cell::Text(text.trim_end_matches("+00").to_owned()),
        _ => Cell::Text(text.to_owned()),
    }
}

/// Whether two cells are the same; of a sum of doubles all but the last digits.
fn are_alike(one: &Cell, two: &Cell, is_sum: bool) -> bool {
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "the very double is meant")]
    match (one, two) {
        (Cell::Integer(one), Cell::Number(two)) | (Cell::Number(two), Cell::Integer(one)) => *one as f64 == *two,
        (Cell::Number(one), Cell::Number(two)) if is_sum => (one - two).abs() <= one.abs() * 1e-9 + 1e-5 || one == two,
        (one, two) => one == two,
    }
}

type Rows = Vec<Vec<Cell>>;

fn sorted(mut rows: Rows) -> Rows {
    #[expect(clippy::cast_precision_loss, reason = "only to bring equal rows side by side")]
    let key = |cell: &Cell| match cell {
        Cell::Integer(integer) => Cell::Number(*integer as f64),
        Cell::Number(number) => Cell::Number(number + 0.0),
        other => other.clone(),
    };
    let keys = |row: &Vec<Cell>| (row.iter().map(key).collect::<Vec<_>>(), row.clone());
    rows.sort_by(|one, two| keys(one).partial_cmp(&keys(two)).unwrap_or(std::cmp::Ordering::Equal));
    rows
}

fn ask_sqlite(connection: &rusqlite::Connection, sql: &str) -> Result<Rows, String> {
    let mut statement = connection.prepare(sql).map_err(|error| error.to_string())?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| error.to_string())? {
        found.push((0..columns).map(|at| of_sqlite(row.get(at).unwrap())).collect());
    }
    Ok(found)
}

async fn ask_postgresql(client: &tokio_postgres::Client, sql: &str) -> Result<Rows, String> {
    let words = |error: tokio_postgres::Error| {
        error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
    };
    let types = client.prepare(sql).await.map_err(words)?;
    let types = types.columns().iter().map(|column| column.type_().name().to_owned()).collect::<Vec<_>>();
    let messages = client.simple_query(sql).await.map_err(words)?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| of_postgresql(row.get(at), &types[at])).collect()),
        _ => None,
    });
    Ok(rows.collect())
}

#[test]
fn what_is_translated_answers_the_same() {
    let cases = variable("CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap());
    let mut dice = Dice(variable("SEED").unwrap_or(1));
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    sqlite.execute_batch(TABLES).unwrap();
    // What SQLite does not take is no view.
    let mut views = Vec::new();
    while views.len() < cases {
        let sql = view(&mut dice);
        if sqlite.prepare(&sql).is_ok() {
            views.push(sql);
        }
    }
    let made = views.iter().enumerate().map(|(at, sql)| format!("CREATE VIEW v{at} AS {sql};\n"));
    let migration = Migration::new(TABLES, SPEC);
    migration.apply().exits(0);
    // What is not copied yet is looked at.
    let planned = Migration::new(&(TABLES.to_owned() + &made.collect::<String>()), SPEC);
    let plan = planned.run(&["plan", "--format", "json"]).exits(0).json();
    let known = |code: &str| {
        let findings = plan["findings"].as_array().unwrap().iter().filter(move |finding| finding["code"] == *code);
        findings.map(|finding| finding["table"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (overflowing, rounded) = (known("arithmetic_overflow"), known("integers_rounded"));
    let steps = plan["steps"].as_array().unwrap().iter().filter_map(|step| {
        let name = step["id"].as_str()?.strip_prefix("view:")?;
        let sql = step["sql"].as_str()?.split_once(" AS\n")?.1.trim_end().trim_end_matches(';');
        Some((name.to_owned(), sql.to_owned()))
    });
    let translated = steps.collect::<BTreeMap<_, _>>();
    let (mut wrong, mut told) = (Vec::new(), 0);
    Runtime::new().unwrap().block_on(async {
        let (client, connection) = tokio_postgres::connect(&migration.database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("SET timezone = 'UTC'").await.unwrap();
        for (at, sql) in views.iter().enumerate() {
            let name = format!("v{at}");
            let Some(translation) = translated.get(&name) else { continue };
            let (here, there) = (ask_sqlite(&sqlite, sql), ask_postgresql(&client, translation).await);
            if rounded.contains(&name) {
                told += 1;
                continue;
            }
            let is_sum = ["sum(", "avg(", "total("].iter().any(|word| sql.contains(word));
            let is_right = match (&here, &there) {
                (Ok(here), Ok(there)) => {
                    let (here, there) = (sorted(here.clone()), sorted(there.clone()));
                    let rows = here.iter().zip(&there);
                    here.len() == there.len()
                        && rows
                            .clone()
                            .all(|(one, two)| one.iter().zip(two).all(|(one, two)| are_alike(one, two, is_sum)))
                }
                // What SQLite does not answer has no answer to be the same as.
                (Err(_), _) => true,
                (Ok(_), Err(message)) if message.contains("out of range") && overflowing.contains(&name) => {
                    told += 1;
                    true
                }
                _ => false,
            };
            if !is_right {
                let show = |rows: &Result<Rows, String>| match rows {
                    Ok(rows) => format!("{:?}", sorted(rows.clone())),
                    Err(message) => format!("fails: {message}"),
                };
                wrong.push(format!(
                    "{sql}\n  {translation}\n  SQLite     {}\n  PostgreSQL {}",
                    show(&here),
                    show(&there)
                ));
            }
        }
    });
    let share = translated.len() * 100 / cases;
    println!("{cases} views, {share} % translated, {told} known to overflow, {} wrong", wrong.len());
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} of {cases} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(SHOWN)].join("\n\n")
    );
    assert!(share >= TRANSLATED, "{share} % are translated");
}
