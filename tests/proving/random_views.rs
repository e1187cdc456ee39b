//! Random expressions, CHECKs, conditions of partial indexes and views, answered by SQLite and by PostgreSQL: what is translated means the same on both sides.
//!
//! `CASES` is the number of views, `SEED` another series of them. What stays behind is counted: a translator that refused
//! everything would be right, and of no use. Where PostgreSQL fails and SQLite goes on, the plan has to have said so: a sum
//! that leaves 64 bits on the data there are. Of sums of doubles the last digits are not compared, for the order of the rows
//! decides about them in either system.

mod grammar;
mod named;
use crate::support::migration::{Migration, SPEC};
pub(crate) use grammar::Dice;
use grammar::{TABLES, condition, view};
use rusqlite::types::Value;
use std::collections::BTreeSet;
use tokio::runtime::Runtime;
use tokio_postgres::{NoTls, SimpleQueryMessage};
use transship::value::forgetting::Fraction;
use transship::value::identifier::uuid_from_text;
use transship::value::{DateShape, Zone, temporal};

/// Views in a run.
const CASES: usize = 5_000;

/// The least part of them that is translated, in percent: the rest compares what PostgreSQL does not, or what has several
/// spellings, of which the tables have more than their share.
const TRANSLATED: usize = 50;

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
        Value::Text(text) => Cell::Text(plain(&text)),
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
        _ => Cell::Text(plain(text)),
    }
}

/// A text with one spelling for each moment and each UUID: both sides show the same ones, and how is not the question.
fn plain(text: &str) -> String {
    match DateShape::of(transship::value::Cell::Text(text.as_bytes())).map(|seen| seen.shape) {
        Some(DateShape::Date | DateShape::DateTime { .. }) => {
            let moment = temporal::timestamptz(text.as_bytes(), &Zone::UTC, Fraction::exactly(6));
            moment.map_or_else(|_| text.to_owned(), |moment| format!("moment {moment}"))
        }
        Some(DateShape::Time { .. }) => {
            let time = temporal::time(text.as_bytes(), Fraction::exactly(6));
            time.map_or_else(|_| text.to_owned(), |time| format!("time {time}"))
        }
        _ if text.len() >= 36 && uuid_from_text(text.as_bytes()).is_ok() => {
            text.to_ascii_lowercase().replace(['{', '}'], "")
        }
        _ => text.to_owned(),
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

/// What SQLite takes of the texts that `make` gives, tried by `statement`.
fn taken(
    cases: usize,
    sqlite: &rusqlite::Connection,
    mut make: impl FnMut() -> String,
    statement: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut taken = Vec::new();
    while taken.len() < cases {
        let sql = make();
        let tried = sqlite.execute_batch(&format!("SAVEPOINT trial; {};", statement(&sql)));
        sqlite.execute_batch("ROLLBACK TO trial; RELEASE trial").unwrap();
        if tried.is_ok() {
            taken.push(sql);
        }
    }
    taken
}

/// The columns of a table of [`TABLES`].
fn columns_of(table: &str) -> &'static str {
    let (_, rest) = TABLES.split_once(&format!("CREATE TABLE {table} (")).unwrap();
    rest.split_once("\n);").unwrap().0
}

/// The same question to both sides.
struct Question {
    /// The view, CHECK or index.
    name: String,
    source: String,
    target: String,
}

/// A condition as a question: whether it holds, for each row.
fn asked(name: &str, condition: &str, translated: &str) -> Question {
    Question {
        name: name.to_owned(),
        source: format!("SELECT id, CASE WHEN ({condition}) THEN 1 WHEN NOT ({condition}) THEN 0 END FROM t"),
        target: format!("SELECT id, ({translated}) FROM app.t"),
    }
}

#[test]
fn what_is_translated_answers_the_same() {
    let cases = variable("CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap());
    let mut dice = Dice(variable("SEED").unwrap_or(1));
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    sqlite.execute_batch(TABLES).unwrap();
    let columns = columns_of("t");
    let views = taken(
        cases,
        &sqlite,
        || view(&mut dice),
        |sql| format!("CREATE VIEW trial AS {sql}; SELECT * FROM trial LIMIT 0"),
    );
    let few = cases / 10;
    let checks =
        taken(few, &sqlite, || condition(&mut dice), |sql| format!("CREATE TABLE trial ({columns}, CHECK ({sql}))"));
    let indexes =
        taken(few, &sqlite, || condition(&mut dice), |sql| format!("CREATE INDEX trial ON t (id) WHERE {sql}"));
    let of_views = views.iter().enumerate().map(|(at, sql)| format!("CREATE VIEW v{at} AS {sql};\n"));
    let of_checks = checks.iter().enumerate().map(|(at, sql)| format!(", CONSTRAINT c{at} CHECK ({sql})"));
    let of_indexes = indexes.iter().enumerate().map(|(at, sql)| format!("CREATE INDEX i{at} ON t (id) WHERE {sql};\n"));
    let made = format!(
        "{TABLES}{}CREATE TABLE k ({columns}{});\nPRAGMA ignore_check_constraints = ON;\nINSERT INTO k SELECT * FROM t;\n{}",
        of_indexes.collect::<String>(),
        of_checks.collect::<String>(),
        of_views.collect::<String>()
    );
    let migration = Migration::new(TABLES, SPEC);
    migration.apply().exits(0);
    // What is not copied yet is looked at; the rows break most of the CHECKs.
    let planned = Migration::new(&made, SPEC);
    let plan = planned.run(&["plan", "--format", "json"]).json_by_place();
    let findings = plan["findings"].as_array().unwrap();
    let known = |code: &str| {
        let findings = findings.iter().filter(move |finding| finding["code"] == *code);
        let names = |finding: &serde_json::Value| {
            let message = finding["message"].as_str().unwrap();
            let words = message.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned);
            words.chain([finding["table"].as_str().unwrap().to_owned()]).collect::<Vec<_>>()
        };
        findings.flat_map(names).collect::<BTreeSet<_>>()
    };
    let (overflowing, rounded) = (known("arithmetic_overflow"), known("integers_rounded"));
    let mut questions = Vec::new();
    for step in plan["steps"].as_array().unwrap() {
        let (id, sql) = (step["id"].as_str().unwrap(), step["sql"].as_str().unwrap_or_default());
        let sql = sql.trim_end().trim_end_matches(';');
        let number = |name: &str| name[1..].parse::<usize>().unwrap();
        let question = if let Some(name) = id.strip_prefix("view:") {
            let target = sql.split_once(" AS\n").unwrap().1.to_owned();
            Question { name: name.to_owned(), source: views[number(name)].clone(), target }
        } else if let (Some(name), Some((_, index))) = (id.strip_prefix("index:t."), sql.split_once("WHERE ")) {
            asked(name, &indexes[number(name)], index)
        } else if let (Some((_, name)), Some((_, check))) = (id.split_once(":k."), sql.split_once(" CHECK (")) {
            asked(name, &checks[number(name)], check.strip_suffix(')').unwrap())
        } else {
            continue;
        };
        questions.push(question);
    }
    let (mut wrong, mut told) = (Vec::new(), 0);
    Runtime::new().unwrap().block_on(async {
        let (client, connection) = tokio_postgres::connect(&migration.database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("SET timezone = 'UTC'").await.unwrap();
        for Question { name, source: sql, target: translation } in &questions {
            let (here, there) = (ask_sqlite(&sqlite, sql), ask_postgresql(&client, translation).await);
            if rounded.contains(name) {
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
                (Ok(_), Err(message)) if message.contains("out of range") && overflowing.contains(name) => {
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
    let of = |kind: char| questions.iter().filter(|question| question.name.starts_with(kind)).count() * 100;
    let share = of('v') / cases;
    println!(
        "{cases} views, {share} % translated; {few} CHECKs, {} %; {few} indexes, {} %",
        of('c') / few,
        of('i') / few
    );
    println!("{told} known to overflow, {} wrong", wrong.len());
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "{} of {cases} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(SHOWN)].join("\n\n")
    );
    assert!(share >= TRANSLATED, "{share} % of the views are translated");
    for kind in ['c', 'i'] {
        // They are few, and vary more.
        let share = of(kind) / few;
        assert!(share >= TRANSLATED - 10, "{share} % of the conditions called {kind} are translated");
    }
}
