//! The column types of the target that transship can write, and their SQL spelling.

use super::JudgedType;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A PostgreSQL column type (<https://www.postgresql.org/docs/current/datatype.html>).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `boolean`
    Boolean,
    /// `smallint`
    SmallInt,
    /// `integer`
    Integer,
    /// `bigint`
    BigInt,
    /// `real`; never chosen by transship itself, for it cannot hold an SQLite REAL.
    Real,
    /// `double precision`
    DoublePrecision,
    /// `numeric`, `numeric(p)`, `numeric(p,s)`: precision and scale.
    Numeric(Option<(u16, i16)>),
    /// `text`
    Text,
    /// `varchar`, `varchar(n)`: the greatest number of characters.
    Varchar(Option<u32>),
    /// `char(n)`: padded with spaces by PostgreSQL.
    Char(u32),
    /// `text[]`: a list of texts.
    TextArray,
    /// `real[]`: a list of single-precision numbers.
    RealArray,
    /// `vector(n)` of the extension pgvector: such a list, of `n` elements or of any number.
    Vector(Option<u16>),
    /// `geometry` of the extension PostGIS, of any shape and SRID.
    Geometry,
    /// `geography` of PostGIS.
    Geography,
    /// `citext`, of the extension of that name.
    Citext,
    /// `bytea`
    Bytea,
    /// `date`
    Date,
    /// `time(p)`: digits of the fraction of a second.
    Time(Option<u8>),
    /// `timestamp(p)`
    Timestamp(Option<u8>),
    /// `timestamptz(p)`
    Timestamptz(Option<u8>),
    /// `interval`: a length of time.
    Interval,
    /// `uuid`
    Uuid,
    /// `inet`: the address of a host, or of a host in its network.
    Inet,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// Any other type: PostgreSQL's own input function reads its values.
    Judged(JudgedType),
}

/// A type name that transship does not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a column type that transship can write")]
pub struct UnknownType(pub String);

impl ColumnType {
    /// The names that [`ColumnType::from_str`] knows, in the spelling for documents and suggestions.
    pub const NAMES: [&'static str; 22] = [
        "boolean",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double precision",
        "numeric",
        "text",
        "varchar",
        "char",
        "citext",
        "text[]",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamptz",
        "interval",
        "uuid",
        "inet",
        "json",
        "jsonb",
    ];

    /// The names of types for vectors and spatial values, which hold values of no other kind: they are no choice for a column of
    /// another declared type.
    pub const SPECIAL: [&'static str; 4] = ["real[]", "vector", "geometry", "geography"];

    /// The names of types whose values PostgreSQL's own input functions read.
    pub fn judged_names() -> impl Iterator<Item = &'static str> {
        JudgedType::names()
    }

    /// Whether the type is for values of one kind alone.
    #[must_use]
    pub fn is_special(&self) -> bool {
        matches!(self, ColumnType::RealArray | ColumnType::Vector(_) | ColumnType::Geometry | ColumnType::Geography)
    }

    /// The extension that the type comes with.
    #[must_use]
    pub fn extension(&self) -> Option<&'static str> {
        match self {
            ColumnType::Citext => Some("citext"),
            ColumnType::Vector(_) => Some("vector"),
            ColumnType::Geometry | ColumnType::Geography => Some("postgis"),
            ColumnType::Judged(judged) => judged.extension(),
            _ => None,
        }
    }

    /// The same type with its values read by PostgreSQL's own input function, and not by an encoder.
    #[must_use]
    pub fn judged(&self) -> Self {
        match self {
            ColumnType::Judged(_) => self.clone(),
            encoded => ColumnType::Judged(JudgedType::of_catalog(&encoded.to_string())),
        }
    }

    /// Whether `from = "text"` has PostgreSQL read the values itself: it knows more spellings than the encoder does.
    #[must_use]
    pub fn is_read_from_text(&self) -> bool {
        self.is_special()
            || matches!(self, ColumnType::Judged(_) | ColumnType::Interval | ColumnType::Inet | ColumnType::TextArray)
    }

    /// Whether the spec's name of a type means this one.
    #[must_use]
    pub fn is_meant_by(&self, written: &Self) -> bool {
        match (self, written) {
            (ColumnType::Judged(own), ColumnType::Judged(written)) => own.is_like(written),
            _ => self == written,
        }
    }

    /// Whether an identity column can have this type.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        matches!(self, ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt)
    }

    /// Whether the type holds texts.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext)
    }

    /// Whether the type holds numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.is_integer() || matches!(self, ColumnType::Numeric(_) | ColumnType::Real | ColumnType::DoublePrecision)
    }

    /// Whether the type's own equality means the same value: two that it takes for equal are written alike. `1.0` and `1.00`, and
    /// texts that differ in case alone, are equal to PostgreSQL and are not the same to whoever reads them.
    #[must_use]
    pub fn is_equal_only_to_itself(&self) -> bool {
        self.is_integer()
            || self.is_dated()
            || matches!(self, ColumnType::Boolean | ColumnType::Uuid | ColumnType::Bytea)
    }

    /// Whether its values name a day, so that a time zone has a say in them.
    #[must_use]
    pub fn is_dated(&self) -> bool {
        matches!(self, ColumnType::Date | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_))
    }

    /// The keys of a spec that allow a conversion into this type to forget parts of a value; the rules are in
    /// [`forgetting`](crate::value::forgetting).
    #[must_use]
    pub fn forgetting_keys(&self) -> &'static [&'static str] {
        match self {
            ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Citext | ColumnType::Bytea => &["storage_class"],
            ColumnType::Char(_) => &["trailing_spaces", "storage_class"],
            ColumnType::Date => &["repeated_time", "zero_dates"],
            ColumnType::Time(_) => &["fraction"],
            ColumnType::Timestamp(_) | ColumnType::Timestamptz(_) => &["fraction", "repeated_time", "zero_dates"],
            ColumnType::Numeric(Some(_)) | ColumnType::Real => &["leading_zeros", "fraction"],
            column_type if column_type.is_number() => &["leading_zeros"],
            _ => &[],
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            ColumnType::Boolean => "boolean",
            ColumnType::SmallInt => "smallint",
            ColumnType::Integer => "integer",
            ColumnType::BigInt => "bigint",
            ColumnType::Real => "real",
            ColumnType::DoublePrecision => "double precision",
            ColumnType::Numeric(Some((precision, 0))) => return write!(formatter, "numeric({precision})"),
            ColumnType::Numeric(Some((precision, scale))) => return write!(formatter, "numeric({precision},{scale})"),
            ColumnType::Numeric(None) => "numeric",
            ColumnType::Text => "text",
            ColumnType::Varchar(Some(length)) => return write!(formatter, "varchar({length})"),
            ColumnType::Varchar(None) => "varchar",
            ColumnType::Char(length) => return write!(formatter, "char({length})"),
            ColumnType::Citext => "citext",
            ColumnType::TextArray => "text[]",
            ColumnType::RealArray => "real[]",
            ColumnType::Vector(Some(elements)) => return write!(formatter, "vector({elements})"),
            ColumnType::Vector(None) => "vector",
            ColumnType::Geometry => "geometry",
            ColumnType::Geography => "geography",
            ColumnType::Bytea => "bytea",
            ColumnType::Date => "date",
            ColumnType::Time(Some(digits)) => return write!(formatter, "time({digits})"),
            ColumnType::Time(None) => "time",
            ColumnType::Timestamp(Some(digits)) => return write!(formatter, "timestamp({digits})"),
            ColumnType::Timestamp(None) => "timestamp",
            ColumnType::Timestamptz(Some(digits)) => return write!(formatter, "timestamptz({digits})"),
            ColumnType::Timestamptz(None) => "timestamptz",
            ColumnType::Interval => "interval",
            ColumnType::Uuid => "uuid",
            ColumnType::Inet => "inet",
            ColumnType::Json => "json",
            ColumnType::Jsonb => "jsonb",
            ColumnType::Judged(judged) => return judged.fmt(formatter),
        };
        formatter.write_str(name)
    }
}

impl FromStr for ColumnType {
    type Err = UnknownType;

    /// Reads a type as a user writes it in a spec, or as `format_type()` prints it: any case, PostgreSQL's aliases
    /// (`int8`, `decimal`, `character varying`, `timestamp with time zone`, …), an optional modifier in parentheses. Types
    /// without an encoder are those that [`JudgedType::parse`] knows.
    fn from_str(written: &str) -> Result<Self, UnknownType> {
        encoded(written).or_else(|unknown| {
            let is_element = |element: &str| encoded(element).is_ok();
            JudgedType::parse(written, is_element).map(ColumnType::Judged).ok_or(unknown)
        })
    }
}

/// A type for which there is an encoder.
fn encoded(written: &str) -> Result<ColumnType, UnknownType> {
    let unknown = || UnknownType(written.trim().to_owned());
    let folded = written.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let (name, arguments) = split_modifier(&folded).ok_or_else(unknown)?;
    let bounded = |index: usize, low: i64, high: i64| -> Result<Option<i64>, UnknownType> {
        match arguments.get(index) {
            None => Ok(None),
            Some(value) if (low..=high).contains(value) => Ok(Some(*value)),
            Some(_) => Err(unknown()),
        }
    };
    let greatest_arguments = match name.as_str() {
        "numeric" | "decimal" | "dec" => 2,
        "varchar"
        | "character varying"
        | "char"
        | "character"
        | "bpchar"
        | "time"
        | "timestamp"
        | "timestamptz"
        | "vector"
        | "time without time zone"
        | "timestamp without time zone"
        | "timestamp with time zone" => 1,
        _ => 0,
    };
    if arguments.len() > greatest_arguments {
        return Err(unknown());
    }
    let digits = || Ok(bounded(0, 0, 6)?.and_then(|digits| u8::try_from(digits).ok()));
    // The limit of varchar(n) is 10485760: PostgreSQL documentation, section 8.3.
    let length = || Ok(bounded(0, 1, 10_485_760)?.and_then(|length| u32::try_from(length).ok()));
    Ok(match name.as_str() {
        "boolean" | "bool" => ColumnType::Boolean,
        "smallint" | "int2" => ColumnType::SmallInt,
        "integer" | "int" | "int4" => ColumnType::Integer,
        "bigint" | "int8" => ColumnType::BigInt,
        "real" | "float4" => ColumnType::Real,
        "double precision" | "float8" | "double" | "float" => ColumnType::DoublePrecision,
        "numeric" | "decimal" | "dec" => {
            // Precision to 1000, scale from -1000 to 1000: PostgreSQL documentation, section 8.1.2.
            let precision = bounded(0, 1, 1000)?.and_then(|precision| u16::try_from(precision).ok());
            let scale = bounded(1, -1000, 1000)?.and_then(|scale| i16::try_from(scale).ok());
            ColumnType::Numeric(precision.map(|precision| (precision, scale.unwrap_or(0))))
        }
        "text" => ColumnType::Text,
        "varchar" | "character varying" => ColumnType::Varchar(length()?),
        // Without a length `bpchar` has no limit; `char` has one of 1.
        "bpchar" if arguments.is_empty() => ColumnType::Text,
        "char" | "character" | "bpchar" => ColumnType::Char(length()?.unwrap_or(1)),
        "citext" => ColumnType::Citext,
        "text[]" => ColumnType::TextArray,
        "real[]" | "float4[]" => ColumnType::RealArray,
        // pgvector's limit of stored vectors, `VECTOR_MAX_DIM`.
        "vector" => ColumnType::Vector(bounded(0, 1, 16_000)?.and_then(|elements| u16::try_from(elements).ok())),
        "geometry" => ColumnType::Geometry,
        "geography" => ColumnType::Geography,
        "bytea" => ColumnType::Bytea,
        "date" => ColumnType::Date,
        "time" | "time without time zone" => ColumnType::Time(digits()?),
        "timestamp" | "timestamp without time zone" => ColumnType::Timestamp(digits()?),
        "timestamptz" | "timestamp with time zone" => ColumnType::Timestamptz(digits()?),
        "interval" => ColumnType::Interval,
        "uuid" => ColumnType::Uuid,
        "inet" => ColumnType::Inet,
        "json" => ColumnType::Json,
        "jsonb" => ColumnType::Jsonb,
        _ => return Err(unknown()),
    })
}

/// Splits `timestamp(3) with time zone` into `timestamp with time zone` and `[3]`.
fn split_modifier(folded: &str) -> Option<(String, Vec<i64>)> {
    let Some(open) = folded.find('(') else {
        return Some((folded.to_owned(), Vec::new()));
    };
    let close = folded.rfind(')')?;
    let arguments = folded.get(open + 1..close)?;
    let arguments = arguments.split(',').map(|number| number.trim().parse().ok()).collect::<Option<Vec<i64>>>()?;
    let name = format!("{} {}", folded[..open].trim(), folded[close + 1..].trim());
    Some((name.trim().to_owned(), arguments))
}

impl Serialize for ColumnType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_and_the_aliases() {
        for name in
            ["boolean", "numeric(12,2)", "numeric(5)", "varchar(36)", "timestamptz(3)", "time", "char(2)", "vector(3)"]
        {
            assert_eq!(name.parse::<ColumnType>().unwrap().to_string(), name);
        }
        for name in ColumnType::NAMES.into_iter().chain(ColumnType::SPECIAL) {
            name.parse::<ColumnType>().unwrap();
        }
        assert_eq!("Timestamp(3)  WITH time zone".parse(), Ok(ColumnType::Timestamptz(Some(3))));
        assert_eq!(("bpchar".parse(), "bpchar(3)".parse()), (Ok(ColumnType::Text), Ok(ColumnType::Char(3))));
        assert_eq!("character varying(9)".parse(), Ok(ColumnType::Varchar(Some(9))));
        assert_eq!("NUMERIC(4,-2)".parse(), Ok(ColumnType::Numeric(Some((4, -2)))));
    }

    #[test]
    fn refuses_what_postgresql_would_refuse() {
        for name in [
            "",
            "texxt",
            "varchar(0)",
            "numeric(1001)",
            "timestamptz(7)",
            "text(3)",
            "numeric(1,2,3)",
            "int(",
            "vector(0)",
        ] {
            assert!(name.parse::<ColumnType>().is_err(), "{name}");
        }
    }
}
