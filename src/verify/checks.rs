//! The spec's checks: a question to the target, or the same question to both sides.

use crate::execute::ExecuteError;
use crate::name::quote_identifier;
use crate::source::SourceError;
use crate::source::sqlite::Reader;
use crate::spec::Check;
use crate::target::{Session, TargetError};
use serde::Serialize;
use std::fmt;
use tokio_postgres::SimpleQueryMessage;

/// Rows of an answer that are looked at.
const LONGEST_ANSWER: usize = 1000;

/// A check's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The check's name.
    pub name: String,
    /// Whether the answer is the expected one.
    pub passed: bool,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub actual: String,
}

impl fmt::Display for CheckResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}, got {}", self.expected, self.actual)
    }
}

/// An answer: rows of values as text.
type Answer = Vec<Vec<Option<String>>>;

/// Asks one check. The reader comes back, unless its thread was lost.
pub async fn ask(
    name: &str,
    check: &Check,
    schema: &str,
    session: &Session,
    reader: Reader,
) -> (Option<Reader>, Result<CheckResult, ExecuteError>) {
    let (target_sql, source_sql) = match check {
        Check::Expect { sql, .. } => (sql, None),
        Check::Same { source, target } => (target, Some(source.clone())),
    };
    let wrong = |expected: String, message: String| {
        Ok(CheckResult { name: name.to_owned(), passed: false, expected, actual: format!("an error: {message}") })
    };
    let actual = match target_answer(name, target_sql, schema, session).await {
        Ok(answer) => answer,
        // A question that PostgreSQL refuses has no right answer; the others are asked all the same.
        Err(TargetError::Statement { message, code: Some(_), transient: false, .. }) => {
            return (Some(reader), wrong("an answer".to_owned(), message));
        }
        Err(error) => return (Some(reader), Err(error.into())),
    };
    let Some(source_sql) = source_sql else {
        let expected = match check {
            Check::Expect { expected, .. } => vec![vec![Some(expected.clone())]],
            Check::Same { .. } => Vec::new(),
        };
        return (Some(reader), Ok(compare(name, &expected, &actual)));
    };
    let asked = tokio::task::spawn_blocking(move || {
        let answer = reader.query_text(&source_sql, LONGEST_ANSWER);
        (reader, answer)
    });
    match asked.await {
        Ok((reader, Ok(expected))) => (Some(reader), Ok(compare(name, &expected, &actual))),
        Ok((reader, Err(SourceError::Query { message, .. }))) => {
            (Some(reader), wrong("an answer of the source".to_owned(), message))
        }
        Ok((reader, Err(error))) => (Some(reader), Err(error.into())),
        Err(error) => (None, Err(error.into())),
    }
}

async fn target_answer(name: &str, sql: &str, schema: &str, session: &Session) -> Result<Answer, TargetError> {
    let doing = format!("the check \"{name}\"");
    // Read-only: a check asks and changes nothing.
    let begin = format!("BEGIN READ ONLY; SET LOCAL search_path = {}, public", quote_identifier(schema));
    session.execute(&begin, &doing).await?;
    let answer = session.client().simple_query(sql).await.map_err(|error| TargetError::statement(&doing, &error));
    session.execute("ROLLBACK", &doing).await?;
    let rows = answer?.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
        _ => None,
    });
    Ok(rows.take(LONGEST_ANSWER).collect())
}

fn compare(name: &str, expected: &Answer, actual: &Answer) -> CheckResult {
    let same = expected.len() == actual.len()
        && expected
            .iter()
            .zip(actual)
            .all(|(one, two)| one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two)));
    CheckResult { name: name.to_owned(), passed: same, expected: words(expected), actual: words(actual) }
}

/// Two values as text are the same when they are the same text or the same number: `5` and `5.0`.
fn is_same(one: &Option<String>, two: &Option<String>) -> bool {
    one == two
        || matches!((one, two), (Some(one), Some(two)) if matches!((number(one), number(two)), (Some(one), Some(two)) if one == two))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

fn words(answer: &Answer) -> String {
    let row = |row: &Vec<Option<String>>| {
        row.iter().map(|value| value.as_deref().unwrap_or("NULL").to_owned()).collect::<Vec<_>>().join(", ")
    };
    match answer.as_slice() {
        [] => "no rows".to_owned(),
        [only] => row(only),
        [first, ..] => format!("{} rows, the first: {}", answer.len(), row(first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[&[&str]]) -> Answer {
        rows.iter().map(|row| row.iter().map(|value| Some((*value).to_owned())).collect()).collect()
    }

    #[test]
    fn answers_are_compared_by_meaning() {
        assert!(compare("c", &answer(&[&["5", "a"]]), &answer(&[&["5.0", "a"]])).passed);
        assert!(!compare("c", &answer(&[&["5"]]), &answer(&[&["6"]])).passed);
        assert!(!compare("c", &answer(&[&["0"]]), &answer(&[])).passed);
        let result = compare("c", &answer(&[&["0"]]), &answer(&[&["3"], &["4"]]));
        assert_eq!(result.to_string(), "expected 0, got 2 rows, the first: 3");
    }
}
