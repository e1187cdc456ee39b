//! PostgreSQL's own verdict on values: whether a type's input function takes them, and whether it keeps all of them.
//!
//! Values come as JSON documents ([`judged`](crate::value::judged)) and are read by `json_to_record`, which calls the input
//! function with the type's modifier and checks a domain's constraints. No input function of PostgreSQL 15 and older can be
//! asked without an error, and one bad value fails the whole statement: what fails is asked again in halves, until the bad
//! value is alone.
//!
//! A value passes only if it is known to be kept whole: PostgreSQL writes the very text for it, or JSON that equals the
//! source's, or the type is one of those listed here. All others are altered, as far as anybody knows.

use super::{Session, TargetError};
use crate::value::json::has_duplicate_key;
use crate::value::{BadValue, InputRefusal};
use tokio_postgres::error::DbError;

/// The words for it in an error.
const DOING: &str = "asking PostgreSQL about values";

/// Classes of errors that are not about the value: connection, transaction, resources, the operator, the system; and codes
/// that say that something is not there, or not allowed.
const NOT_OF_VALUES: [&str; 8] = ["08", "25", "40", "53", "55", "57", "58", "28"];
const NOT_THERE: [&str; 6] = ["42501", "42704", "42P01", "42883", "3F000", "42809"];

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

/// Facts about a type that decide how its values are known to be whole.
struct Described {
    /// The type below domains, without a modifier.
    plain: String,
    /// Its name, and its element's, where they are PostgreSQL's own; else empty.
    name: String,
    element: String,
    /// The JSON that it may be made of: `array`, `object`, `vector` or none.
    made_of: String,
}

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
        let sql = query(&question.type_name, &described);
        let documents = question.documents.iter().map(String::as_str).collect::<Vec<_>>();
        let mut verdicts = vec![None; documents.len()];
        // Ranges of documents, the first at the end.
        let mut open = vec![(0, documents.len())];
        while let Some((from, to)) = open.pop() {
            if from == to {
                continue;
            }
            let asked = self.savepoint(self.client().query(&sql, &[&&documents[from..to]])).await?;
            let refusal = match asked {
                Ok(altered) => {
                    for row in altered {
                        let at = usize::try_from(row.get::<_, i64>(0)).unwrap_or(1);
                        verdicts[from + at - 1] = Some(BadValue::Altered);
                    }
                    continue;
                }
                Err(error) => refusal_of(&error)?,
            };
            let code = refusal.code().code().to_owned();
            if NOT_THERE.contains(&code.as_str()) {
                return Ok(Err(refusal.message().to_owned()));
            } else if to - from == 1 {
                verdicts[from] = Some(BadValue::Input(InputRefusal::of_code(&code)));
            } else {
                let middle = from + (to - from) / 2;
                open.extend([(middle, to), (from, middle)]);
            }
        }
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

/// Types of which every accepted spelling is the same value, whole.
const KEPT: [&str; 10] = [
    "cidr",
    "inet",
    "macaddr",
    "macaddr8",
    "int4range",
    "int8range",
    "numrange",
    "int4multirange",
    "int8multirange",
    "nummultirange",
];

/// Types of which only a modifier or a domain's alters a value: it is whole if it equals the one without a modifier.
const EXACT: [&str; 8] = ["text", "varchar", "int2", "int4", "int8", "numeric", "bool", "uuid"];

/// Patterns of texts that say all and nothing finer than a microsecond.
const DAY: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME: &str = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?";
const AMOUNT: &str = "^-?[0-9]+([.][0-9]{1,2})?$";
const NUMBER: &str = "^ *[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})? *$";
const TERM: &str = "[-+]?([0-9]+ ?(years?|mons?|months?|weeks?|days?|hours?|minutes?|mins?|milliseconds?|microseconds?)\
    |[0-9]+([.][0-9]{1,6})? ?(seconds?|secs?))";
const CLOCK: &str = "[-+]?[0-9]+:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?";
const ISO: &str = "P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,6})?S)?)?";

/// The rows are the documents, counted from one, that are read and are not known to be kept whole.
///
/// The value is `j.v`, the same without a modifier `j.w`, the source's text `s.s`. All is one condition that needs the value:
/// of two, the one about the text alone would leave documents out that then nobody reads.
fn query(type_name: &str, described: &Described) -> String {
    let whole = whole(described);
    let without = if whole.contains("j.w") { described.plain.as_str() } else { "pg_catalog.text" };
    format!(
        "SELECT t.n FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS t (d, n) \
         CROSS JOIN LATERAL pg_catalog.json_to_record(pg_catalog.json_build_object('v', t.d::pg_catalog.json, 'w', t.d::pg_catalog.json)) \
         AS j (v {type_name}, w {without}) \
         CROSS JOIN LATERAL (SELECT CASE pg_catalog.json_typeof(t.d::pg_catalog.json) WHEN 'string' \
         THEN t.d::pg_catalog.json #>> '{{}}' ELSE t.d END AS s) AS s \
         WHERE (j.v::pg_catalog.text = s.s COLLATE \"C\" OR ({whole})) IS NOT TRUE"
    )
}

/// Condition under which a value is whole although PostgreSQL writes another text for it.
fn whole(described: &Described) -> String {
    let Described { name, element, made_of, .. } = described;
    let json = |condition: &str| {
        format!(
            "CASE WHEN pg_catalog.json_typeof(t.d::pg_catalog.json) IN ('array', 'object') THEN {condition} ELSE false END"
        )
    };
    let range = |bound: &str| format!(r#"(empty|[[(] *("?{bound}"?)? *, *("?{bound}"?)? *[])])"#);
    let several = |range: &str| format!("[{{] *({range}( *, *{range})*)? *[}}]");
    let moment = format!("{DAY}[ T]{TIME}");
    let matches = |pattern: &str| format!("s.s ~ '^{pattern}$'");
    let same = "j.v OPERATOR(pg_catalog.=) j.w";
    let as_number = |pattern: &str, value: &str| {
        format!("CASE WHEN s.s ~ '{pattern}' THEN {value}::pg_catalog.numeric = s.s::pg_catalog.numeric ELSE false END")
    };
    match (made_of.as_str(), name.as_str()) {
        ("array", _) => {
            let in_json = json(
                "pg_catalog.to_jsonb(j.v) = t.d::pg_catalog.jsonb \
                 OR pg_catalog.to_jsonb(j.v::pg_catalog.text[]) = t.d::pg_catalog.jsonb",
            );
            let is_exact = EXACT.contains(&element.as_str()) || KEPT[..4].contains(&element.as_str());
            if is_exact {
                format!(
                    "{in_json} OR s.s LIKE '{{%' AND pg_catalog.json_typeof(t.d::pg_catalog.json) = 'string' AND {same}"
                )
            } else {
                in_json
            }
        }
        ("object", _) => json("pg_catalog.to_jsonb(j.v) = t.d::pg_catalog.jsonb"),
        ("vector", _) => json("j.v::pg_catalog.text::pg_catalog.jsonb = t.d::pg_catalog.jsonb"),
        (_, name) if KEPT.contains(&name) => "j.v IS NOT NULL".to_owned(),
        (_, name) if EXACT.contains(&name) => same.to_owned(),
        (_, "oid" | "xid" | "xid8") => matches("[0-9]+"),
        (_, "float4" | "float8") => as_number(NUMBER, "j.v::pg_catalog.text"),
        (_, "money") => as_number(AMOUNT, "j.v"),
        (_, "daterange") => matches(&range(DAY)),
        (_, "datemultirange") => matches(&several(&range(DAY))),
        (_, "tsrange") => matches(&range(&moment)),
        (_, "tsmultirange") => matches(&several(&range(&moment))),
        (_, "timestamp") => format!("{} AND {same}", matches(&moment)),
        (_, "time") => format!("{} AND {same}", matches(TIME)),
        (_, "interval") => {
            let pattern = matches(&format!("({TERM}( {TERM})*( {CLOCK})?|{CLOCK}|{ISO})"));
            format!("{pattern} AND j.v::pg_catalog.text = j.w::pg_catalog.text")
        }
        _ => "false".to_owned(),
    }
}

/// PostgreSQL's refusal, if it is about a value or a name.
fn refusal_of(error: &tokio_postgres::Error) -> Result<DbError, TargetError> {
    match error.as_db_error() {
        Some(refusal) if !NOT_OF_VALUES.iter().any(|class| refusal.code().code().starts_with(class)) => {
            Ok(refusal.clone())
        }
        _ => Err(TargetError::statement(DOING, error)),
    }
}
