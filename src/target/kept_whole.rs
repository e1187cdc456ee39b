//! Values that a type keeps whole although PostgreSQL writes another text for them, as conditions of SQL.
//!
//! A value is kept whole if PostgreSQL writes the same text for it. Everything else has to be shown: for each listed
//! type, a pattern of texts of which the value forgets nothing. PostgreSQL's input functions read much more: numbers
//! with leading zeros, second 60, networks by class, addresses that are made longer, words for the present day, and in
//! some versions numbers of other bases. A text without a pattern counts as altered.

/// Facts about a type that decide how its values are known to be whole.
#[derive(Debug)]
pub(super) struct Described {
    /// The type below domains, without a modifier.
    pub(super) plain: String,
    /// Its name, and its element's, where they are PostgreSQL's own; else empty.
    pub(super) name: String,
    pub(super) element: String,
    /// The JSON that it may be made of: `array`, `object`, `vector` or none.
    pub(super) made_of: String,
}

/// Numbers: without zeros in front, for these may be part of what a text says (a postal code).
const WHOLE: &str = "([-+]?[1-9][0-9]*|[+]?0)";
const NUMBER: &str = "[-+]?((0|[1-9][0-9]*)([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]{1,3})?";
const AMOUNT: &str = "-?(0|[1-9][0-9]*)([.][0-9]{1,2})?";

/// Addresses of IPv4 with all four numbers, or with the length of the network; of IPv6, which may end with
/// all four numbers.
const ADDRESS: &str = "((0|[1-9][0-9]{0,2})([.](0|[1-9][0-9]{0,2})){3}(/(0|[1-9][0-9]{0,2}))?\
    |(0|[1-9][0-9]{0,2})([.](0|[1-9][0-9]{0,2})){0,2}/(0|[1-9][0-9]{0,2})\
    |[0-9A-Fa-f]*:[0-9A-Fa-f:]*((0|[1-9][0-9]{0,2})([.](0|[1-9][0-9]{0,2})){3})?(/(0|[1-9][0-9]{0,2}))?)";

/// Six or eight bytes with all of their digits: a `macaddr8` of six is made longer.
const SIX_BYTES: &str = "[0-9A-Fa-f]{2}([:.-]?[0-9A-Fa-f]{2}){5}";
const EIGHT_BYTES: &str = "[0-9A-Fa-f]{2}([:.-]?[0-9A-Fa-f]{2}){7}";

/// Days and times that say all, and nothing finer than a microsecond.
const DAY: &str = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME: &str = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?";

/// Lengths of time; numbers of eight digits at most, of which no sum overflows and no fraction is cut.
const TERM: &str = "[-+]?((0|[1-9][0-9]{0,7}) ?(years?|mons?|months?|weeks?|days?|hours?|minutes?|mins?|milliseconds?|microseconds?)\
    |(0|[1-9][0-9]{0,7})([.][0-9]{1,6})? ?(seconds?|secs?))";
const CLOCK: &str = "[-+]?([0-9]{1,2}|[1-9][0-9]{2,7}):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?";
const ISO: &str = "P((0|[1-9][0-9]{0,7})Y)?((0|[1-9][0-9]{0,7})M)?((0|[1-9][0-9]{0,7})W)?((0|[1-9][0-9]{0,7})D)?\
    (T((0|[1-9][0-9]{0,7})H)?((0|[1-9][0-9]{0,7})M)?((0|[1-9][0-9]{0,7})([.][0-9]{1,6})?S)?)?";

/// Texts of a type that only a modifier alters further, as the pattern for the whole of them.
fn spellings(name: &str) -> Option<String> {
    Some(match name {
        "int2" | "int4" | "int8" => format!(" *{WHOLE} *"),
        "numeric" => format!(" *{NUMBER} *"),
        "cidr" | "inet" => ADDRESS.to_owned(),
        "macaddr" => SIX_BYTES.to_owned(),
        "macaddr8" => EIGHT_BYTES.to_owned(),
        "timestamp" => format!("{DAY}[ T]{TIME}"),
        "time" => format!("{TIME}|24:00(:00([.]0{{1,6}})?)?"),
        // The words for a truth value are the value, and every spelling of a UUID has its 32 digits.
        "bool" | "uuid" => ".*".to_owned(),
        _ => return None,
    })
}

/// Texts of an array's elements of which nothing is forgotten; text has no other spelling in an array.
fn element_spellings(name: &str) -> Option<String> {
    match name {
        "text" | "varchar" => Some(".*".to_owned()),
        "timestamp" | "time" => None,
        name => spellings(name),
    }
}

/// Bounds of a range, and the type of the range itself where there are several.
fn bounds(name: &str) -> Option<(String, Option<&'static str>)> {
    let moment = || format!("{DAY}[ T]{TIME}");
    Some(match name {
        "int4range" | "int8range" => (WHOLE.to_owned(), None),
        "numrange" => (NUMBER.to_owned(), None),
        "daterange" => (DAY.to_owned(), None),
        "tsrange" => (moment(), None),
        "int4multirange" => (WHOLE.to_owned(), Some("int4range")),
        "int8multirange" => (WHOLE.to_owned(), Some("int8range")),
        "nummultirange" => (NUMBER.to_owned(), Some("numrange")),
        "datemultirange" => (DAY.to_owned(), Some("daterange")),
        "tsmultirange" => (moment(), Some("tsrange")),
        _ => return None,
    })
}

impl Described {
    /// Query for an expression of type `text[]`: for each document, in their order, `whole` or `altered`.
    ///
    /// The value is `j.v`, the same without a modifier `j.w`, the source's text `s.s`.
    pub(super) fn query(&self, type_name: &str, documents: &str) -> String {
        let whole = self.whole();
        let without = if whole.contains("j.w") { self.plain.as_str() } else { "pg_catalog.text" };
        format!(
            "SELECT CASE WHEN j.v::pg_catalog.text = s.s COLLATE \"C\" OR ({whole}) THEN 'whole' ELSE 'altered' END \
             FROM pg_catalog.unnest({documents}) WITH ORDINALITY AS t (d, n) \
             CROSS JOIN LATERAL pg_catalog.json_to_record(pg_catalog.json_build_object('v', t.d::pg_catalog.json, 'w', t.d::pg_catalog.json)) \
             AS j (v {type_name}, w {without}) \
             CROSS JOIN LATERAL (SELECT CASE pg_catalog.json_typeof(t.d::pg_catalog.json) WHEN 'string' \
             THEN t.d::pg_catalog.json #>> '{{}}' ELSE t.d END AS s) AS s ORDER BY t.n"
        )
    }

    /// Condition under which a value is whole although PostgreSQL writes another text for it.
    fn whole(&self) -> String {
        let Self { name, element, made_of, .. } = self;
        let json = |condition: &str| {
            format!(
                "CASE WHEN pg_catalog.json_typeof(t.d::pg_catalog.json) IN ('array', 'object') THEN {condition} ELSE false END"
            )
        };
        let matches = |pattern: &str| format!("s.s ~ '^({pattern})$'");
        let same = "j.v OPERATOR(pg_catalog.=) j.w";
        let as_number = |pattern: &str, value: &str| {
            let both = format!("{value}::pg_catalog.numeric = s.s::pg_catalog.numeric");
            format!("CASE WHEN {} THEN {both} ELSE false END", matches(pattern))
        };
        if let Some((bound, several_of)) = bounds(name) {
            let bound = format!(r#"[ "]*({bound})?[ "]*"#);
            let range = format!("[[(]{bound},{bound}[])]");
            return match several_of {
                // A range that holds nothing forgets its bounds.
                None => format!("{} AND NOT pg_catalog.isempty(j.w)", matches(&range)),
                Some(one) => in_order(&matches(&format!("[{{] *({range}( *, *{range})*)? *[}}]")), one),
            };
        }
        match (made_of.as_str(), name.as_str()) {
            ("array", _) => {
                let in_json = json(
                    "pg_catalog.to_jsonb(j.v) = t.d::pg_catalog.jsonb \
                     OR pg_catalog.to_jsonb(j.v::pg_catalog.text[]) = t.d::pg_catalog.jsonb",
                );
                match element_spellings(element) {
                    Some(pattern) => format!("{in_json} OR {} AND {same}", elements_match(&pattern)),
                    None => in_json,
                }
            }
            ("object", _) => json("pg_catalog.to_jsonb(j.v) = t.d::pg_catalog.jsonb"),
            ("vector", _) => json("j.v::pg_catalog.text::pg_catalog.jsonb = t.d::pg_catalog.jsonb"),
            (_, "float4" | "float8") => as_number(&format!(" *{NUMBER} *"), "j.v::pg_catalog.text"),
            (_, "money") => as_number(AMOUNT, "j.v"),
            (_, "interval") => {
                let pattern = matches(&format!("{TERM}( {TERM})*( {CLOCK})?|{CLOCK}|{ISO}"));
                format!("{pattern} AND j.v::pg_catalog.text = j.w::pg_catalog.text")
            }
            (_, name) => match spellings(name) {
                Some(pattern) => format!("{} AND {same}", matches(&pattern)),
                None => "false".to_owned(),
            },
        }
    }
}

/// Condition that an array in PostgreSQL's own spelling has only elements of a pattern. Its elements as texts are what
/// PostgreSQL reads of the same spelling: the characters around them are no part of any.
fn elements_match(pattern: &str) -> String {
    let is_spelled = "s.s LIKE '{%' AND pg_catalog.json_typeof(t.d::pg_catalog.json) = 'string'";
    format!(
        "{is_spelled} AND NOT EXISTS (SELECT FROM pg_catalog.unnest(CASE WHEN {is_spelled} THEN s.s::pg_catalog.text[] END) AS e (e) \
         WHERE e.e !~ '^({pattern})$')"
    )
}

/// Condition that several ranges are those of the text in the same order: none is empty, or made one with another.
fn in_order(matches: &str, range: &str) -> String {
    format!(
        "CASE WHEN {matches} THEN ARRAY(SELECT r.r FROM pg_catalog.unnest(j.w) WITH ORDINALITY AS r (r, n) ORDER BY r.n) \
         OPERATOR(pg_catalog.=) ARRAY(SELECT (m.m)[1]::pg_catalog.{range} \
         FROM pg_catalog.regexp_matches(s.s, '[[(][^])]*[])]', 'g') WITH ORDINALITY AS m (m, n) ORDER BY m.n) ELSE false END"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_type_is_whole_for_its_name_alone() {
        let whole = |name: &str| {
            let described = Described {
                plain: name.to_owned(),
                name: name.to_owned(),
                element: String::new(),
                made_of: String::new(),
            };
            described.whole()
        };
        for name in
            ["xid", "xid8", "oid", "text", "varchar", "xml", "tsvector", "bit", "name", "timetz", "tstzrange", ""]
        {
            assert_eq!(whole(name), "false", "{name}");
        }
        for name in ["int4", "numeric", "cidr", "macaddr8", "time", "interval", "money", "int4range", "datemultirange"]
        {
            assert!(whole(name).contains("s.s ~ '^("), "{name}");
        }
    }
}
