//! A query about many texts, of which PostgreSQL refuses some: one answer for each, or the code of its error.
//!
//! No input function of PostgreSQL 15 and older can be asked without an error, and an error ends the whole statement. Where
//! the texts are not all taken together, the server asks about one after the other in a block of PL/pgSQL, which catches the
//! error of each: a text that is refused costs what one that is taken costs. To halve what fails until the text is alone
//! would be some ten statements for each.

use super::sqlstate::CodeLists;
use super::{Session, TargetError};
use crate::name::quote_literal;

/// Codes of errors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Codes {
    /// Codes that begin with one of the lists.
    Of(CodeLists),
    /// All codes but those.
    AllBut(CodeLists),
}

impl Codes {
    fn hold(self, code: &str) -> bool {
        let (Self::Of(lists) | Self::AllBut(lists)) = self;
        let is_listed = lists.concat().iter().any(|beginning| code.starts_with(beginning));
        is_listed == matches!(self, Self::Of(_))
    }

    /// Condition of SQL under which an error that was caught is not one of these.
    fn lack_the_caught(self) -> String {
        let (not, lists) = match self {
            Self::Of(lists) => ("!~", lists),
            Self::AllBut(lists) => ("~", lists),
        };
        format!("SQLSTATE OPERATOR(pg_catalog.{not}) {}", quote_literal(&format!("^({})", lists.concat().join("|"))))
    }
}

/// A query about texts.
pub(super) struct TextQuery<'a> {
    /// The query for an SQL expression of type `text[]`: one row for each text, in their order, with an answer as text.
    pub(super) sql: &'a (dyn Fn(&str) -> String + Sync),
    /// Codes of the errors that say something about a text. Any other is an error of the question.
    pub(super) verdicts: Codes,
    /// The action, for an error's message.
    pub(super) doing: &'static str,
}

/// The answer about a text, or the code of PostgreSQL's error.
pub(super) type TextAnswer = Result<Option<String>, String>;

/// Settings that carry the texts into the block and the answers out of it, until the transaction ends.
const ASKED: &str = "transship.asked";
const ANSWERED: &str = "transship.answered";

impl Session {
    /// Asks about each of these texts, in the transaction in progress.
    ///
    /// # Errors
    /// The connection is lost, or PostgreSQL refuses the question for a reason that is in none of the texts.
    pub(super) async fn each_text(
        &self,
        query: &TextQuery<'_>,
        texts: &[&str],
    ) -> Result<Vec<TextAnswer>, TargetError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        match self.all_texts(query, texts).await? {
            Ok(answers) => Ok(answers.into_iter().map(Ok).collect()),
            Err(code) if texts.len() == 1 => Ok(vec![Err(code)]),
            Err(_) => self.one_after_the_other(query, texts).await,
        }
    }

    /// Asks about all at once; the inner error is the code of a refusal that is about one of them.
    async fn all_texts(
        &self,
        query: &TextQuery<'_>,
        texts: &[&str],
    ) -> Result<Result<Vec<Option<String>>, String>, TargetError> {
        let sql = (query.sql)("$1::pg_catalog.text[]");
        match self.savepoint(self.query(&sql, &[&texts], query.doing)).await? {
            Ok(rows) => Ok(Ok(rows.iter().map(|row| row.get(0)).collect())),
            Err(TargetError::Statement { code: Some(code), .. }) if query.verdicts.hold(&code) => Ok(Err(code)),
            Err(error) => Err(error),
        }
    }

    /// Has the server ask about each.
    async fn one_after_the_other(&self, query: &TextQuery<'_>, texts: &[&str]) -> Result<Vec<TextAnswer>, TargetError> {
        let block = format!(
            "DECLARE\n\
             asked pg_catalog.text;\n\
             answer pg_catalog.text;\n\
             answered pg_catalog.text[] := '{{}}';\n\
             BEGIN\n\
             FOR asked IN SELECT pg_catalog.json_array_elements_text(pg_catalog.current_setting({asked})::pg_catalog.json) LOOP\n\
             BEGIN\n\
             answer := '+' || ({sql});\n\
             EXCEPTION WHEN OTHERS THEN\n\
             IF {not_a_verdict} THEN RAISE; END IF;\n\
             answer := '-' || SQLSTATE;\n\
             END;\n\
             answered := pg_catalog.array_append(answered, answer);\n\
             END LOOP;\n\
             PERFORM pg_catalog.set_config({answers}, pg_catalog.array_to_json(answered)::pg_catalog.text, true);\n\
             END",
            asked = quote_literal(ASKED),
            answers = quote_literal(ANSWERED),
            sql = (query.sql)("ARRAY[asked]"),
            not_a_verdict = query.verdicts.lack_the_caught(),
        );
        let texts = serde_json::Value::from(texts).to_string();
        let set = "SELECT pg_catalog.set_config($1, $2, true)";
        let get = "SELECT a.answer FROM pg_catalog.json_array_elements_text(pg_catalog.current_setting($1)::pg_catalog.json) \
                   WITH ORDINALITY AS a (answer, n) ORDER BY a.n";
        self.query_one(set, &[&ASKED, &texts], query.doing).await?;
        let sql = format!("DO LANGUAGE plpgsql {}", quote_literal(&block));
        self.savepoint(self.execute(&sql, query.doing)).await??;
        let answered = self.query(get, &[&ANSWERED], query.doing).await?;
        Ok(answered.iter().map(|row| answer_of(row.get(0))).collect())
    }
}

/// The answer as the block gives it: NULL, `+` and the answer, or `-` and a code.
fn answer_of(written: Option<&str>) -> TextAnswer {
    match written.map(|written| written.split_at(1)) {
        None => Ok(None),
        Some(("-", code)) => Err(code.to_owned()),
        Some((_, answer)) => Ok(Some(answer.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_by_their_beginning() {
        let some = Codes::Of(&[&["22"], &["42601"]]);
        assert!(some.hold("22P02") && some.hold("42601") && !some.hold("42704"));
        assert_eq!(some.lack_the_caught(), "SQLSTATE OPERATOR(pg_catalog.!~) '^(22|42601)'");
        let others = Codes::AllBut(&[&["08"]]);
        assert!(others.hold("22P02") && !others.hold("08006"));
        assert_eq!(others.lack_the_caught(), "SQLSTATE OPERATOR(pg_catalog.~) '^(08)'");
    }

    #[test]
    fn answers_of_a_block() {
        assert_eq!(answer_of(None), Ok(None));
        assert_eq!(answer_of(Some("+")), Ok(Some(String::new())));
        assert_eq!(answer_of(Some("+-5")), Ok(Some("-5".to_owned())));
        assert_eq!(answer_of(Some("-22P02")), Err("22P02".to_owned()));
    }
}
