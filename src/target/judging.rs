//! PostgreSQL's own verdict on values: whether a type's input function takes them, and whether it keeps all of them.
//!
//! Values come as JSON documents ([`judged`](crate::value::judged)) and are read by `json_to_record`, which calls the input
//! function with the type's modifier and checks a domain's constraints. [`each_text`](super::each_text) says what it refuses,
//! and [`kept_whole`](super::kept_whole) of what it takes whether the value is known to be the whole of the text.

use super::each_text::{Codes, TextQuery};
use super::kept_whole::Described;
use super::sqlstate::{MISSING_TYPES, NOT_OF_JUDGED_VALUES, may_be_of_a_value};
use super::{Session, TargetError};
use crate::value::json::has_duplicate_key;
use crate::value::{BadValue, InputRefusal};
use tokio_postgres::error::DbError;

/// The words for it in an error.
const DOING: &str = "asking PostgreSQL about values";

/// A question: whether these documents are values of a type.
#[derive(Debug, Clone)]
pub struct InputQuestion {
    /// The type in SQL.
    pub type_name: String,
    /// The schemas in which the type's name is found; `None` for the catalog's alone.
    pub search_path: Option<String>,
    /// Statements that make what the type needs and is not there yet; one that fails says nothing.
    pub preparation: Vec<String>,
    /// The values.
    pub documents: Vec<String>,
}

/// The answer: for each document why it does not fit, `None` if it does. Where nothing could be asked, the reason for that.
pub type InputAnswer = Result<Vec<Option<BadValue>>, String>;

impl Session {
    /// Asks whether documents are values of a type, in the transaction in progress, of which nothing stays.
    ///
    /// # Errors
    /// The connection is lost, or the server is in no state to answer.
    pub async fn judge_input(&self, question: &InputQuestion) -> Result<InputAnswer, TargetError> {
        let mut described = self.described(question).await?;
        if described.is_err() {
            for statement in &question.preparation {
                if let Err(refusal) = self.attempt(statement, DOING).await? {
                    tracing::debug!(code = refusal.code, "what a type needs could not be made");
                }
            }
            described = self.described(question).await?;
        }
        let described = match described {
            Ok(described) => described,
            Err(reason) => return Ok(Err(reason)),
        };
        let query = |documents: &str| described.query(&question.type_name, documents);
        let query = TextQuery { sql: &query, verdicts: Codes::AllBut(NOT_OF_JUDGED_VALUES), doing: DOING };
        let documents = question.documents.iter().map(String::as_str).collect::<Vec<_>>();
        let answers = match self.each_text(&query, &documents).await {
            Ok(answers) => answers,
            Err(TargetError::Statement { code: Some(code), message, .. }) if MISSING_TYPES.contains(&code.as_str()) => {
                return Ok(Err(message));
            }
            Err(error) => return Err(error),
        };
        let verdicts = answers.into_iter().map(|answer| match answer.as_ref().map(Option::as_deref) {
            Ok(Some("whole")) => None,
            Ok(_) => Some(BadValue::Altered),
            Err(code) => Some(BadValue::Input(InputRefusal::of_code(code))),
        });
        let mut verdicts = verdicts.collect::<Vec<_>>();
        if !described.made_of.is_empty() {
            for (verdict, document) in verdicts.iter_mut().zip(documents) {
                if verdict.is_none() && document.starts_with(['[', '{']) && has_duplicate_key(document.as_bytes()) {
                    // Of a key that comes twice the last value stays.
                    *verdict = Some(BadValue::Altered);
                }
            }
        }
        Ok(Ok(verdicts))
    }

    /// Facts about the type; the reason where the target does not have it.
    async fn described(&self, question: &InputQuestion) -> Result<Result<Described, String>, TargetError> {
        let path = question.search_path.as_deref();
        self.set_search_path(super::SearchPath::of(path).in_transaction()).await?;
        let described = self.savepoint(self.client().query_opt(DESCRIBE, &[&question.type_name])).await?;
        Ok(match described {
            Ok(Some(row)) => {
                Ok(Described { plain: row.get(0), name: row.get(1), element: row.get(2), made_of: row.get(3) })
            }
            Ok(None) => Err(format!("the target has no type {}", question.type_name)),
            Err(error) => Err(refusal_of(&error)?.message().to_owned()),
        })
    }
}

/// Facts about the type below a domain.
const DESCRIBE: &str = include_str!("queries/input_type.sql");

/// PostgreSQL's refusal, if it is about a value or a name.
fn refusal_of(error: &tokio_postgres::Error) -> Result<DbError, TargetError> {
    match error.as_db_error() {
        Some(refusal) if may_be_of_a_value(refusal.code().code()) => Ok(refusal.clone()),
        _ => Err(TargetError::statement(DOING, error)),
    }
}
