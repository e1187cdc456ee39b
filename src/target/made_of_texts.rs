//! Texts as a column of the target would have them: for the proof, which has no meaning of its own for types that PostgreSQL
//! reads itself.
//!
//! A copy reads such values by `json_to_record`. Here they are cast: to the type without its modifier, and then to the column's
//! own, which may round or cut. A value is whole only if it is known to be: by its text, by its JSON, or by a rule of its type.
//! Texts of JSON arrays and objects are read by `json_to_record`, for PostgreSQL has no other way.

use super::each_text::{Codes, TextQuery};
use super::sqlstate::OF_REFUSED_TEXTS;
use super::{Session, TargetError, TransactionScope};
use crate::name::quote_literal;
use crate::value::json::has_duplicate_key;

const DOING: &str = "asking what PostgreSQL makes of values";

/// Type of a column, as questions need it.
struct AskedType {
    own: String,
    plain: String,
    name: String,
    takes_structure: bool,
    is_array: bool,
}

impl Session {
    /// Asks what the column of a table, whose name is quoted, makes of texts: each value as PostgreSQL writes it and whether
    /// it is whole, `None` for a text that is not read as the type.
    ///
    /// # Errors
    /// The connection is lost, or there is no such column.
    pub async fn made_of_texts(
        &self,
        table: &str,
        column: &str,
        texts: &[String],
    ) -> Result<Vec<Option<(String, bool)>>, TargetError> {
        let row = self.query_one(include_str!("queries/asked_type.sql"), &[&table, &column], DOING).await?;
        let asked = AskedType {
            own: row.get(0),
            plain: row.get(1),
            name: row.get(2),
            takes_structure: row.get(3),
            is_array: row.get(4),
        };
        let mut answers = vec![None; texts.len()];
        let (structured, others) =
            (0..texts.len()).partition::<Vec<_>, _>(|at| asked.takes_structure && is_structured(&texts[*at]));
        for (places, is_structured) in [(structured, true), (others, false)] {
            let sql = |texts: &str| asked.query(texts, is_structured);
            let query = TextQuery { sql: &sql, verdicts: Codes::Of(OF_REFUSED_TEXTS), doing: DOING };
            let asked = places.iter().map(|at| texts[*at].as_str()).collect::<Vec<_>>();
            let scope = TransactionScope::discarded("ending a question");
            let made = self.transaction(scope, self.each_text(&query, &asked)).await?;
            for (at, made) in places.into_iter().zip(made) {
                let Ok(made) = made else { continue };
                let made = made.unwrap_or_default();
                let is_whole = made.starts_with(WHOLE) && !loses_by_json(&texts[at], is_structured);
                answers[at] = Some((made.strip_prefix([WHOLE, CUT]).unwrap_or_default().to_owned(), is_whole));
            }
        }
        Ok(answers)
    }
}

/// Beginning of an answer, before the value as the column shows it: whether that is all of the text.
const WHOLE: char = '=';
const CUT: char = '<';

/// Text of an interval of units without a fraction of microseconds, of a clock, or both; or as ISO 8601 has it. No number
/// begins with a zero, or is longer than eight digits.
const LENGTH: &str = "^(?!$)(([-+]?(?!0[0-9])[0-9]{1,8} ?(year|mon|month|week|day|hour|minute|min|millisecond|microsecond)s?\
    |[-+]?(?!0[0-9])[0-9]{1,8}([.][0-9]{1,6})? ?(second|sec)s?)( (?=.)|$))*\
    ([-+]?(?!0[0-9][0-9])[0-9]{1,8}:[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?)?$\
    |^P(?!.*([YMWDTH]0[0-9]|[0-9]{9}))(?!0[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?\
    (T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,6})?S)?)?$";

impl AskedType {
    /// Query for an expression of type `text[]` with a row for each text, in their order: whether the value is all of it, and
    /// the value as the column shows it.
    fn query(&self, texts: &str, is_structured: bool) -> String {
        let Self { own, plain, .. } = self;
        let texts = format!("pg_catalog.unnest({texts}) WITH ORDINALITY AS t (v, n)");
        let (source, as_own, as_plain) = if is_structured {
            let record = "pg_catalog.json_to_record(pg_catalog.json_build_object('o', t.v::pg_catalog.json))";
            let source = format!("{texts} CROSS JOIN LATERAL {record} AS j (o {own})");
            (source, "j.o".to_owned(), "NULL".to_owned())
        } else {
            let plain = format!("CAST(t.v AS {plain})");
            (texts, format!("CAST({plain} AS {own})"), plain)
        };
        let text = format!("CAST({as_own} AS pg_catalog.text)");
        let by_type = if is_structured { self.by_json() } else { self.by_type(&text, &as_own, &as_plain) };
        let by_text = if ["json", "jsonb"].contains(&self.name.as_str()) && !is_structured {
            // A copy makes a JSON string of such a text.
            "false".to_owned()
        } else {
            format!("{text} = t.v")
        };
        format!(
            "SELECT CASE WHEN COALESCE({by_text}, false) OR COALESCE({by_type}, false) THEN '{WHOLE}' ELSE '{CUT}' END || {text} \
             FROM {source} ORDER BY t.n"
        )
    }

    /// Condition under which a value that is made of JSON is whole.
    fn by_json(&self) -> String {
        let source = "CAST(t.v AS pg_catalog.jsonb)";
        match self.name.as_str() {
            "vector" | "halfvec" => format!("CAST(CAST(j.o AS pg_catalog.text) AS pg_catalog.jsonb) = {source}"),
            _ if self.is_array => {
                format!("{source} IN (pg_catalog.to_jsonb(j.o), pg_catalog.to_jsonb(CAST(j.o AS pg_catalog.text[])))")
            }
            _ => format!("pg_catalog.to_jsonb(j.o) = {source}"),
        }
    }

    /// Condition under which a value that is made of another text is whole.
    fn by_type(&self, text: &str, as_own: &str, as_plain: &str) -> String {
        let is_same = format!("{as_own} = {as_plain}");
        let name = self.name.as_str();
        if let Some(subtype) = subtype(name) {
            return if name.ends_with("multirange") {
                says_all_ranges(&name.replace("multirange", "range"), subtype, as_plain)
            } else {
                says_all_of_range(subtype, "t.v", as_plain)
            };
        }
        match name.strip_prefix('_') {
            Some("text" | "varchar") => format!("pg_catalog.starts_with(t.v, '{{') AND {is_same}"),
            Some(element) if element != "timestamp" && element != "time" => match says_all(element, "e.v") {
                Some(condition) => format!(
                    "CASE WHEN pg_catalog.starts_with(t.v, '{{') THEN {is_same} AND NOT EXISTS (\
                     SELECT FROM pg_catalog.unnest(CAST(t.v AS pg_catalog.text[])) AS e (v) WHERE e.v IS NOT NULL AND ({condition}) IS NOT TRUE) END"
                ),
                None => "false".to_owned(),
            },
            Some(_) => "false".to_owned(),
            None => match name {
                "float4" | "float8" => format!(
                    "CASE WHEN {} THEN CAST({text} AS pg_catalog.numeric) = CAST(t.v AS pg_catalog.numeric) END",
                    is_plain_number("t.v")
                ),
                "money" => {
                    let digit = |character: &str| format!("pg_catalog.strpos('0123456789', {character}) > 0");
                    format!(
                        "CASE WHEN {} AND pg_catalog.translate(t.v, 'eE+ ', '') = t.v AND t.v <> '' AND {} AND {} \
                         AND pg_catalog.length(pg_catalog.split_part(t.v, '.', 2)) <= 2 \
                         THEN CAST({as_own} AS pg_catalog.numeric) = CAST(t.v AS pg_catalog.numeric) END",
                        is_plain_number("t.v"),
                        digit("pg_catalog.left(pg_catalog.ltrim(t.v, '-'), 1)"),
                        digit("pg_catalog.right(t.v, 1)")
                    )
                }
                // Fields of the column decide what `04:05` is, where the type's input function knows them: a cast does not.
                "interval" => format!(
                    "t.v ~ {} AND {text} = CAST({as_plain} AS pg_catalog.text) AND {text} = (\
                     SELECT CAST(i.v AS pg_catalog.text) FROM pg_catalog.json_to_record(pg_catalog.json_build_object('v', t.v)) AS i (v {}))",
                    quote_literal(LENGTH),
                    self.own
                ),
                _ => match says_all(name, "t.v") {
                    Some(condition) => format!("{condition} AND {is_same}"),
                    None => "false".to_owned(),
                },
            },
        }
    }
}

/// Condition that a type, which PostgreSQL has read from a text, keeps all that the text says; `None` for a type of which only
/// its own text is known to be kept. The text is held against the one that PostgreSQL writes, with the few things that may differ.
fn says_all(name: &str, text: &str) -> Option<String> {
    let value = format!("CAST({text} AS pg_catalog.{name})");
    let written = format!("CAST({value} AS pg_catalog.text)");
    Some(match name {
        "bool" => "true".to_owned(),
        "int2" | "int4" | "int8" => format!("{written} = pg_catalog.ltrim(pg_catalog.btrim({text}), '+')"),
        "numeric" => is_plain_number(text),
        "uuid" => format!(
            "pg_catalog.replace({written}, '-', '') = pg_catalog.translate(pg_catalog.lower({text}), '{{}}-', '')"
        ),
        // A separator goes only between two digits and another.
        "macaddr" | "macaddr8" => format!(
            "pg_catalog.replace({written}, ':', '') = pg_catalog.regexp_replace(\
             pg_catalog.lower({text}), '([0-9a-f]{{2}})[:.-]?(?=[0-9a-f])', '\\1', 'g')"
        ),
        "cidr" | "inet" => {
            let address = format!("pg_catalog.split_part({text}, '/', 1)");
            let points = format!("pg_catalog.length(pg_catalog.translate({address}, '0123456789', ''))");
            format!(
                "CASE pg_catalog.family({value}) WHEN 4 THEN pg_catalog.host({value}) = {address} || pg_catalog.repeat('.0', 3 - {points}) \
                 ELSE pg_catalog.translate(pg_catalog.lower({address}), '0123456789abcdef:', '') IN ('', '...') \
                 AND pg_catalog.translate(pg_catalog.right({address}, 1), '.', '') <> '' \
                 AND pg_catalog.strpos({address}, ':.') + pg_catalog.strpos({address}, '..') = 0 END \
                 AND CAST(pg_catalog.masklen({value}) AS pg_catalog.text) = CASE WHEN pg_catalog.strpos({text}, '/') > 0 \
                 THEN pg_catalog.split_part({text}, '/', 2) WHEN pg_catalog.family({value}) = 4 THEN '32' ELSE '128' END"
            )
        }
        "date" => format!("{written} = {text} AND pg_catalog.length({text}) = 10"),
        "time" => is_moment(&written, text),
        "timestamp" => format!(
            "{} AND pg_catalog.length(pg_catalog.split_part({text}, '-', 1)) = 4",
            is_moment(&written, &format!("pg_catalog.replace({text}, 'T', ' ')"))
        ),
        _ => return None,
    })
}

/// Condition that a text which PostgreSQL has read as a number is one in decimal digits without zeros in front.
fn is_plain_number(text: &str) -> String {
    let trimmed = format!("pg_catalog.btrim({text})");
    format!(
        "pg_catalog.translate({text}, '0123456789.eE+- ', '') = '' \
         AND pg_catalog.strpos({trimmed}, ' ') = 0 AND NOT pg_catalog.left(pg_catalog.ltrim({trimmed}, '+-'), 2) COLLATE \"C\" BETWEEN '00' AND '09' \
         AND pg_catalog.length(pg_catalog.ltrim(pg_catalog.split_part(pg_catalog.lower({trimmed}), 'e', 2), '+-')) <= 3"
    )
}

/// Condition that a text with a time of day is the one that PostgreSQL writes, but for seconds and digits that are zero.
fn is_moment(written: &str, text: &str) -> String {
    format!(
        "CASE WHEN pg_catalog.strpos({text}, '.') > 0 \
         THEN pg_catalog.length(pg_catalog.split_part({text}, '.', 2)) BETWEEN 1 AND 6 \
         AND pg_catalog.rtrim(pg_catalog.rtrim({text}, '0'), '.') = {written} \
         ELSE {written} IN ({text}, {text} || ':00') END"
    )
}

/// Type of the bounds of a range, or of several.
fn subtype(name: &str) -> Option<&'static str> {
    Some(match name {
        "int4range" | "int4multirange" => "int4",
        "int8range" | "int8multirange" => "int8",
        "numrange" | "nummultirange" => "numeric",
        "daterange" | "datemultirange" => "date",
        "tsrange" | "tsmultirange" => "timestamp",
        _ => return None,
    })
}

/// Condition that a range keeps the bounds that its text has: it is not empty, and each bound says all.
fn says_all_of_range(subtype: &str, text: &str, range: &str) -> String {
    let inner = format!("pg_catalog.substr({text}, 2, pg_catalog.length({text}) - 2)");
    let bound = |at: u8| {
        let bound = format!("pg_catalog.btrim(pg_catalog.split_part({inner}, ',', {at}), ' \"')");
        let condition = says_all(subtype, &bound).unwrap_or_else(|| "false".to_owned());
        format!("CASE {bound} WHEN '' THEN true ELSE {condition} END")
    };
    format!(
        "CASE WHEN pg_catalog.left({text}, 1) IN ('[', '(') AND pg_catalog.right({text}, 1) IN (']', ')') \
         AND pg_catalog.split_part({inner}, ',', 3) = '' AND NOT pg_catalog.isempty({range}) THEN {} AND {} END",
        bound(1),
        bound(2)
    )
}

/// Condition that several ranges are those of the text, one after the other.
fn says_all_ranges(range: &str, subtype: &str, ranges: &str) -> String {
    let one = format!("CAST(pg_catalog.btrim(p.v) AS pg_catalog.{range})");
    let says_all = says_all_of_range(subtype, "pg_catalog.btrim(p.v)", &one);
    format!(
        "(SELECT COALESCE(pg_catalog.bool_and(COALESCE({says_all}, false)), true) AND CAST({ranges} AS pg_catalog.text) = \
         '{{' || COALESCE(pg_catalog.string_agg(CAST({one} AS pg_catalog.text), ',' ORDER BY p.n), '') || '}}' \
         FROM pg_catalog.regexp_split_to_table(pg_catalog.substr(t.v, 2, pg_catalog.length(t.v) - 2), '(?<=[])]) *,') \
         WITH ORDINALITY AS p (v, n) WHERE pg_catalog.btrim(p.v) <> '')"
    )
}

/// Whether a text is a JSON array, or a JSON object with a name in it.
fn is_structured(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Array(_)) => true,
        Ok(serde_json::Value::Object(names)) => !names.is_empty(),
        _ => false,
    }
}

/// Whether a text loses something because it is JSON: a name that comes twice; and, where the type is not made of JSON, the
/// white space around it, for a copy reads JSON without.
fn loses_by_json(text: &str, is_made_of_it: bool) -> bool {
    if is_made_of_it {
        return has_duplicate_key(text.as_bytes());
    }
    text.trim_matches([' ', '\t', '\n', '\r']) != text && is_structured(text)
}
