//! Texts as a column of the target would have them: for the proof, which has no meaning of its own for types that PostgreSQL
//! reads itself.
//!
//! A copy reads such values by `json_to_record`. Here they are cast: to the type without its modifier, and then to the column's
//! own, which may round or cut. A value is whole only if it is known to be: by its text, by its JSON, or by a rule of its type.
//! Texts of JSON arrays and objects are read by `json_to_record`, for PostgreSQL has no other way.

use super::{Session, TargetError};
use crate::name::quote_literal;
use crate::value::json::has_duplicate_key;

const DOING: &str = "asking what PostgreSQL makes of values";

/// Type of a column as the target has it, the same without a modifier and below its domain, its name where it is
/// PostgreSQL's own, whether JSON becomes its elements or members, and whether it is an array.
const TYPE_OF: &str = "
WITH RECURSIVE below (type, base) AS (
    SELECT t.oid, t.typbasetype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2
    UNION ALL
    SELECT t.oid, t.typbasetype FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.base
)
SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(t.oid, -1),
    CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace OR t.typname IN ('vector', 'halfvec')
        THEN t.typname ELSE '' END::text,
    t.typtype = 'c' OR t.typname IN ('json', 'jsonb', 'vector', 'halfvec')
        OR EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid),
    EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
FROM pg_catalog.pg_attribute a CROSS JOIN below b JOIN pg_catalog.pg_type t ON t.oid = b.type
WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND b.base = 0";

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
        let row = self.query_one(TYPE_OF, &[&table, &column], DOING).await?;
        let asked = AskedType {
            own: row.get(0),
            plain: row.get(1),
            name: row.get(2),
            takes_structure: row.get(3),
            is_array: row.get(4),
        };
        let mut answers = vec![None; texts.len()];
        let structured = |at: &usize| asked.takes_structure && is_structured(&texts[*at]);
        let (structured, others) = (0..texts.len()).partition::<Vec<_>, _>(structured);
        for (places, is_structured) in [(structured, true), (others, false)] {
            let sql = asked.query(is_structured);
            let mut open = vec![places];
            while let Some(places) = open.pop().filter(|places| !places.is_empty()) {
                let asked = places.iter().map(|at| texts[*at].as_str()).collect::<Vec<_>>();
                match self.query(&sql, &[&asked], DOING).await {
                    Ok(rows) => {
                        for (at, row) in places.iter().zip(rows) {
                            let (made, is_whole) = (row.get::<_, Option<String>>(0), row.get::<_, bool>(1));
                            let is_whole = is_whole && !(is_structured && has_duplicate_key(texts[*at].as_bytes()));
                            answers[*at] = Some(made.map_or_else(Default::default, |made| (made, is_whole)));
                        }
                    }
                    Err(TargetError::Statement { code: Some(code), transient: false, .. })
                        if is_about_a_value(&code) =>
                    {
                        match places.as_slice() {
                            [one] => answers[*one] = None,
                            several => {
                                let (first, second) = several.split_at(several.len() / 2);
                                open.extend([second.to_vec(), first.to_vec()]);
                            }
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(answers)
    }
}

/// Text of an interval of units without a fraction of microseconds, of a clock, or both; or as ISO 8601 has it.
const LENGTH: &str = "^(?!$)(([-+]?[0-9]+ ?(year|mon|month|week|day|hour|minute|min|millisecond|microsecond)s?\
    |[-+]?[0-9]+([.][0-9]{1,6})? ?(second|sec)s?)( (?=.)|$))*([-+]?[0-9]+:[0-9][0-9](:[0-9][0-9]([.][0-9]{1,6})?)?)?$\
    |^P([0-9]+[YMWD])*(T([0-9]+[HM])*([0-9]+([.][0-9]{1,6})?S)?)?$";

/// Dates, and dates with a time of day, as they stand in a range.
const DATES: &str = r#""?[0-9]{4}(-[0-9]{2}){2}"?"#;
const MOMENTS: &str = r#""?[0-9]{4}(-[0-9]{2}){2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"?"#;

impl AskedType {
    /// Query with a row for each text, in their order: the value as the column shows it, and whether it is all of it.
    fn query(&self, is_structured: bool) -> String {
        let Self { own, plain, .. } = self;
        let texts = "pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS t (v, n)";
        let (source, as_own, as_plain) = if is_structured {
            let record = "pg_catalog.json_to_record(pg_catalog.json_build_object('o', t.v::pg_catalog.json))";
            let source = format!("{texts} CROSS JOIN LATERAL {record} AS j (o {own})");
            (source, "j.o".to_owned(), "NULL".to_owned())
        } else {
            let plain = format!("CAST(t.v AS {plain})");
            (texts.to_owned(), format!("CAST({plain} AS {own})"), plain)
        };
        let text = format!("CAST({as_own} AS pg_catalog.text)");
        let by_type = if is_structured { self.by_json() } else { self.by_type(&text, &as_own, &as_plain) };
        let by_text = if ["json", "jsonb"].contains(&self.name.as_str()) && !is_structured {
            // A copy makes a JSON string of such a text.
            "false".to_owned()
        } else {
            format!("{text} = t.v")
        };
        format!("SELECT {text}, COALESCE({by_text}, false) OR COALESCE({by_type}, false) FROM {source} ORDER BY t.n")
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
        let matches = |pattern: &str| format!("t.v ~ {}", quote_literal(pattern));
        // A range without its bounds is punctuation.
        let range_of = |bound: &str, left: &str| {
            let left = quote_literal(left);
            format!("pg_catalog.regexp_replace(t.v, {}, '', 'g') ~ {left}", quote_literal(bound))
        };
        let (one, many) =
            ("^([[(] *, *[])]|empty)$", "^[{] *(([[(] *, *[])]|empty)( *, *([[(] *, *[])]|empty))*)? *[}]$");
        let number = |value: &str, pattern: &str| {
            let both = format!("CAST({value} AS pg_catalog.numeric) = CAST(t.v AS pg_catalog.numeric)");
            format!("CASE WHEN {} THEN {both} END", matches(pattern))
        };
        let is_same = format!("{as_own} = {as_plain}");
        match self.name.as_str() {
            "cidr" | "inet" | "macaddr" | "macaddr8" | "int4range" | "int8range" | "numrange" | "int4multirange"
            | "int8multirange" | "nummultirange" => "true".to_owned(),
            "text" | "varchar" | "int2" | "int4" | "int8" | "numeric" | "bool" | "uuid" => is_same,
            "_text" | "_varchar" | "_int2" | "_int4" | "_int8" | "_numeric" | "_bool" | "_uuid" | "_cidr" | "_inet"
            | "_macaddr" | "_macaddr8" => format!("pg_catalog.starts_with(t.v, '{{') AND {is_same}"),
            "oid" | "xid" | "xid8" => matches("^[0-9]+$"),
            "float4" | "float8" => {
                number(text, "^ *[-+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9][0-9]?[0-9]?)? *$")
            }
            "money" => number(as_own, "^-?[0-9]+([.][0-9][0-9]?)?$"),
            "daterange" => range_of(DATES, one),
            "datemultirange" => range_of(DATES, many),
            "tsrange" => range_of(MOMENTS, one),
            "tsmultirange" => range_of(MOMENTS, many),
            "timestamp" => format!("{} AND {is_same}", matches(&format!("^{}$", MOMENTS.replace("\"?", "")))),
            "time" => format!("{} AND {is_same}", matches("^[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?$")),
            "interval" => {
                format!("{} AND {text} = CAST({as_plain} AS pg_catalog.text)", matches(LENGTH))
            }
            _ => "false".to_owned(),
        }
    }
}

/// Whether a text is a JSON array, or a JSON object with a name in it.
fn is_structured(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Array(_)) => true,
        Ok(serde_json::Value::Object(names)) => !names.is_empty(),
        _ => false,
    }
}

/// Whether an error of PostgreSQL is about a value, by its code.
fn is_about_a_value(code: &str) -> bool {
    code == "42601" || ["22", "23", "54", "P0", "XX", "0A"].iter().any(|class| code.starts_with(class))
}
