//! Types of PostgreSQL for which transship has no encoder: PostgreSQL's own input functions read their values.

use std::fmt;
use std::ops::RangeInclusive;

/// A type whose values PostgreSQL reads from text. Whether a value fits is asked of the target, before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JudgedType {
    /// The type in SQL, as the spec or the target's catalog spells it.
    spelling: Box<str>,
}

/// Types that come with every server (PostgreSQL documentation, chapter 8), a line each, as they are written without a modifier.
const BUILT_IN: &str = include_str!("types_of_postgresql.txt");

/// Types of extensions, with the extension that each comes with.
const OF_EXTENSIONS: [(&str, &str); 17] = [
    ("cube", "cube"),
    ("ean13", "isn"),
    ("halfvec", "vector"),
    ("hstore", "hstore"),
    ("isbn", "isn"),
    ("isbn13", "isn"),
    ("ismn", "isn"),
    ("issn", "isn"),
    ("issn13", "isn"),
    ("lquery", "ltree"),
    ("ltree", "ltree"),
    ("ltxtquery", "ltree"),
    ("raster", "postgis_raster"),
    ("seg", "seg"),
    ("semver", "semver"),
    ("sparsevec", "vector"),
    ("upc", "isn"),
];

impl JudgedType {
    /// The names that [`JudgedType::parse`] knows, for suggestions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.lines().chain(OF_EXTENSIONS.into_iter().map(|(name, _)| name))
    }

    /// A type as PostgreSQL itself spells it.
    #[must_use]
    pub fn of_catalog(spelling: &str) -> Self {
        Self { spelling: spelling.into() }
    }

    /// Reads a type as a user writes it: one of PostgreSQL's or of a known extension, an array of one, or any type with its
    /// schema. `is_known` says which other names may stand in front of `[]`.
    #[must_use]
    pub fn parse(written: &str, is_known: impl Fn(&str) -> bool) -> Option<Self> {
        let spelling = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut element = spelling.as_str();
        while let Some(inner) = without_bounds(element) {
            element = inner.trim_end();
        }
        let is_array = element.len() < spelling.len();
        let (name, modifier) = split_modifier(element)?;
        let name = name.to_ascii_lowercase();
        let is_own = has_schema(element) && is_one_name(element);
        let is_one = is_own
            || BUILT_IN.lines().any(|known| known == name) && (modifier.is_empty() || takes_modifier(&name))
            || OF_EXTENSIONS.iter().any(|(known, _)| *known == name)
            || is_array && is_known(element);
        is_one.then(|| Self { spelling: spelling.into() })
    }

    /// The extension that the type comes with, as far as it is known by name.
    #[must_use]
    pub fn extension(&self) -> Option<&'static str> {
        let element = self.spelling.split(['[', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
        // An encoder writes it too, from bytes.
        let vector = [("vector", "vector"), ("citext", "citext"), ("geometry", "postgis"), ("geography", "postgis")];
        OF_EXTENSIONS.iter().chain(&vector).find(|(name, _)| *name == element).map(|(_, extension)| *extension)
    }

    /// How many bits its values have, if it is a type of bits: `bit(8)`, `varbit`.
    #[must_use]
    pub fn bits(&self) -> Option<RangeInclusive<u32>> {
        let own = self.spelling.strip_prefix("pg_catalog.").unwrap_or(&self.spelling);
        let name = bare(own);
        let (name, count) = match name.split_once('(') {
            Some((name, count)) => (name, Some(count.strip_suffix(')')?.parse().ok()?)),
            None => (&*name, None),
        };
        match name {
            _ if has_schema(own) => None,
            "bit" => count.or(Some(1)).map(|count| count..=count),
            "varbit" => Some(0..=count.unwrap_or(u32::MAX)),
            _ => None,
        }
    }

    /// Whether both are names of one type, of which one may be written with its schema and in another spelling.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        bare(&self.spelling) == bare(&other.spelling)
    }
}

impl fmt::Display for JudgedType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.spelling)
    }
}

/// The type in front of `[]` or `[3]`; `None` if none stands at the end.
fn without_bounds(spelling: &str) -> Option<&str> {
    let (element, bounds) = spelling.strip_suffix(']')?.rsplit_once('[')?;
    bounds.bytes().all(|byte| byte.is_ascii_digit()).then_some(element)
}

/// The name with what may stand behind the modifier, and the modifier with its parentheses.
fn split_modifier(element: &str) -> Option<(String, &str)> {
    let Some(open) = element.find('(') else { return Some((element.to_owned(), "")) };
    let close = element.rfind(')').filter(|close| *close > open)?;
    let inner = element.get(open + 1..close)?;
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, ',' | ' ' | '-');
    let rest = element.get(close + 1..)?.trim();
    let name =
        if rest.is_empty() { element[..open].trim().to_owned() } else { format!("{} {rest}", element[..open].trim()) };
    (!inner.is_empty() && inner.chars().all(is_plain)).then_some((name, &element[open..=close]))
}

fn takes_modifier(name: &str) -> bool {
    matches!(name, "bit" | "bit varying" | "varbit" | "timetz" | "time with time zone")
}

/// Whether a point stands outside of quotes: the name has a schema.
fn has_schema(element: &str) -> bool {
    let mut is_quoted = false;
    element.chars().any(|character| {
        is_quoted ^= character == '"';
        character == '.' && !is_quoted
    })
}

/// Whether it is a name, quoted or not, with its schema and perhaps a modifier, and no other SQL.
fn is_one_name(element: &str) -> bool {
    let mut is_quoted = false;
    let mut is_plain = true;
    for character in element.chars() {
        is_quoted ^= character == '"';
        let is_of_name = character.is_alphanumeric() || matches!(character, '_' | '$' | '.' | '"' | '(' | ')' | ',');
        is_plain &= is_quoted || is_of_name;
    }
    is_plain && !is_quoted
}

/// The spelling without schemas, spaces and differences of case, and with one name for what has two.
fn bare(spelling: &str) -> String {
    let folded = spelling.to_ascii_lowercase().replace(' ', "");
    let name = folded.rsplit_once('.').map_or(folded.as_str(), |(_, name)| name);
    let name =
        name.trim_matches('"').replace("bitvarying", "varbit").replace("integer", "int4").replace("bigint", "int8");
    match name.strip_prefix("time").filter(|rest| rest.ends_with("withtimezone")) {
        Some(rest) if !rest.starts_with("stamp") => format!("timetz{}", rest.trim_end_matches("withtimezone")),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(written: &str) -> Option<String> {
        JudgedType::parse(written, |name| ["integer", "numeric(5,2)"].contains(&name)).map(|found| found.to_string())
    }

    #[test]
    fn types_that_postgresql_reads_itself() {
        for name in JudgedType::names() {
            assert_eq!(parsed(name).as_deref(), Some(name));
        }
        for name in [
            "bit(3)",
            "time(3) with time zone",
            "integer[]",
            "numeric(5,2)[]",
            "cidr[3][]",
            "app.mood",
            "\"My\".\"t y\"",
        ] {
            assert_eq!(parsed(name).as_deref(), Some(name), "{name}");
        }
        for name in ["txet", "integer", "txet[]", "cidr(3)", "app.mood; DROP TABLE t", "[]", "app.\"x", "bit()"] {
            assert_eq!(parsed(name), None, "{name}");
        }
    }

    #[test]
    fn types_of_bits_say_how_many() {
        for (spelling, bits) in [
            ("bit", Some(1..=1)),
            ("BIT(8)", Some(8..=8)),
            ("pg_catalog.bit(8)", Some(8..=8)),
            ("bit varying(5)", Some(0..=5)),
            ("varbit", Some(0..=u32::MAX)),
            ("bit(3)[]", None),
            ("app.bit", None),
            ("cidr", None),
        ] {
            assert_eq!(JudgedType::of_catalog(spelling).bits(), bits, "{spelling}");
        }
    }

    #[test]
    fn one_type_in_two_spellings() {
        let like = |one, other| JudgedType::of_catalog(one).is_like(&JudgedType::of_catalog(other));
        assert!(like("hstore", "public.hstore"));
        assert!(like("varbit(5)", "bit varying(5)"));
        assert!(like("timetz(3)", "time(3) with time zone"));
        assert!(like("int4[]", "integer[]"));
        assert!(!like("bit(3)", "bit(4)"));
    }
}
