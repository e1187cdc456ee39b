//! Random views over two tables with awkward values, answered by MariaDB and by PostgreSQL: what is translated means the
//! same on both sides, and PostgreSQL takes all of it. Both are asked by plain clients; `verify` has to agree.
//!
//! `CASES` is the number of views, `SEED` another series of them. What stays behind is counted: a translator that refused
//! everything would be right, and of no use.

mod grammar;

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use grammar::{Dice, TABLES, view};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use tokio::runtime::Runtime;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Views in a run.
const CASES: usize = 400;

/// The least part of them that is translated, in percent.
const TRANSLATED: usize = 60;

/// Wrong ones that are shown.
const SHOWN: usize = 12;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A value in one spelling, whichever side has printed it; of a double all but the last digits, which depend on the order
/// of a sum.
fn plain(value: &str, is_double: bool) -> String {
    if let Ok(number) = value.parse::<f64>() {
        if is_double {
            return format!("{:.9e}", number + 0.0);
        }
        let digits = if value.contains('.') { value.trim_end_matches('0').trim_end_matches('.') } else { value };
        return if number == 0.0 { "0".to_owned() } else { digits.to_owned() };
    }
    // An instant in UTC, with or without its offset.
    let is_moment = value.len() > 18 && value.as_bytes()[4] == b'-' && value.as_bytes()[13] == b':';
    if is_moment { value.trim_end_matches("+00").to_owned() } else { value.to_owned() }
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

/// The rows that MariaDB's own client prints; `None` if the server fails.
fn ask_mariadb(database: &str, sql: &str, doubles: &[bool]) -> Option<Vec<String>> {
    let output = mariadb().client(database).args(["-e", sql]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let double = |at: usize| doubles.get(at).copied().unwrap_or_default();
    let row = |line: &str| {
        let cells = line.split('\t').enumerate().map(|(at, cell)| plain(cell, double(at)));
        cells.collect::<Vec<_>>().join("\t")
    };
    output.status.success().then(|| sorted(text.split_terminator('\n').map(row).collect()))
}

/// The rows that PostgreSQL prints, and which of its columns are doubles.
async fn ask_postgresql(client: &tokio_postgres::Client, sql: &str) -> Result<(Vec<String>, Vec<bool>), String> {
    let words = |error: tokio_postgres::Error| {
        error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
    };
    let types = client.prepare(sql).await.map_err(words)?;
    let types = types.columns().iter().map(|column| column.type_().name().to_owned()).collect::<Vec<_>>();
    let cell = |text: Option<&str>, column_type: &str| match (text, column_type) {
        (None, _) => "NULL".to_owned(),
        (Some(truth), "bool") => if truth == "t" { "1" } else { "0" }.to_owned(),
        (Some(text), column_type) => plain(text, column_type.starts_with("float")),
    };
    let rows = client.simple_query(sql).await.map_err(words)?.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| cell(row.get(at), &types[at])).collect::<Vec<_>>().join("\t"))
        }
        _ => None,
    });
    let doubles = types.iter().map(|column_type| column_type.starts_with("float")).collect();
    Ok((sorted(rows.collect()), doubles))
}

/// What went wrong with the views of one run, and how many of them were translated.
fn wrong(comparison: &str, cases: usize, seed: u64) -> (Vec<String>, usize) {
    let mut dice = Dice(seed);
    let views = (0..cases).map(|at| (format!("v{at}"), view(&mut dice))).collect::<BTreeMap<_, _>>();
    let server = mariadb();
    let database = server.create_database();
    server.ask(&database, TABLES);
    // What MariaDB itself refuses is no view.
    let mut statements = String::new();
    for (name, sql) in &views {
        writeln!(statements, "CREATE VIEW {name} AS {sql};").unwrap();
    }
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), statements).unwrap();
    let script = std::fs::File::open(script.path()).unwrap();
    server.client(&database).arg("--force").stdin(script).output().unwrap();
    let spec = format!(
        "spec = 1\nname = \"case\"\n[source]\nurl = \"${{CASE_SOURCE}}\"\n[target]\nurl = \"${{CASE_TARGET}}\"\n\
         schema = \"app\"\ncomparison = \"{comparison}\"\n"
    );
    let mut migration = Migration::with_source(|_| {}, &spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&database));
    let plan = migration.run(&["plan", "--format", "json"]).json();
    let translated = plan["steps"].as_array().unwrap().iter().filter_map(|step| {
        let name = step["id"].as_str().unwrap().strip_prefix("view:")?;
        Some((name.to_owned(), step["sql"].as_str().unwrap().to_owned()))
    });
    let translated = translated.collect::<BTreeMap<_, _>>();
    let mut wrong = Vec::new();
    let applied = migration.apply();
    if applied.code != Some(0) {
        wrong.push(format!("apply: {applied}"));
    }
    let verified = migration.run(&["verify", "--format", "json"]).json();
    let verified = verified["views"].as_array().unwrap().iter();
    let verified = verified.map(|view| (view["view"].as_str().unwrap(), view)).collect::<BTreeMap<_, _>>();
    Runtime::new().unwrap().block_on(async {
        let (client, connection) = tokio_postgres::connect(&migration.database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("SET timezone = 'UTC'; SET extra_float_digits = 1").await.unwrap();
        for (name, translation) in &translated {
            let there = ask_postgresql(&client, &format!("SELECT * FROM app.{name}")).await;
            let doubles = there.as_ref().map(|(_, doubles)| doubles.clone()).unwrap_or_default();
            // What MariaDB does not answer has no answer to be the same as.
            let here = ask_mariadb(&database, &format!("SELECT * FROM {name}"), &doubles);
            let (Some(here), there) = (here, there.map(|(rows, _)| rows)) else { continue };
            let said = verified.get(name.as_str()).map(|view| (*view).clone()).unwrap_or_default();
            let is_open = said["reason"].as_str().is_some_and(|reason| reason.contains("not determined"));
            let is_right = there.as_ref() == Ok(&here) || is_open && there.is_ok();
            if !is_right || said["equal"] == false {
                let sql = &views[name];
                wrong.push(format!("{sql}\n{translation}\n  MariaDB    {here:?}\n  PostgreSQL {there:?}\n  {said}"));
            }
        }
    });
    (wrong, translated.len())
}

#[test]
fn what_is_translated_of_mysql_answers_the_same() {
    let cases = variable("CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap()) / 2;
    let seed = variable("SEED").unwrap_or(1);
    let (mut all, mut translated) = (Vec::new(), 0);
    for (comparison, seed) in [("keys", 2 * seed), ("columns", 2 * seed + 1)] {
        let (wrong, count) = wrong(comparison, cases, seed);
        all.extend(wrong.into_iter().map(|text| format!("comparison = \"{comparison}\": {text}")));
        translated += count;
    }
    let share = translated * 50 / cases;
    println!("{} views of MariaDB, {share} % translated, {} wrong", 2 * cases, all.len());
    all.sort_by_key(String::len);
    assert!(all.is_empty(), "{} are wrong:\n{}", all.len(), all[..all.len().min(SHOWN)].join("\n\n"));
    assert!(share >= TRANSLATED, "{share} % of the views are translated");
}
