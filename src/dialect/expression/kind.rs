//! Kinds of values that expressions give.

use super::Untranslatable;
use crate::catalog::ColumnType;
use crate::value::Reading;
use std::fmt;

/// The types of the target, as far as operators tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// NULL, which fits everywhere.
    Null,
    Truth,
    Integer,
    /// A number that is an integer or a double in the source, row by row; numeric here.
    Decimal,
    Float,
    /// A number that is an integer or a double in the source, row by row; double precision here.
    Mixed,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Uuid,
    Json,
    Jsonb,
    /// A part of a JSON document: text here, in the source whatever stands there. It can be indexed, not compared.
    JsonPart,
    /// A date or time that the source keeps as a number: in the same order, in another form.
    Counted,
    /// A value that the source keeps in another form (`from = "base64"`), or of a type of whose operators none is translated:
    /// it can be shown, not worked with.
    Opaque,
}

impl Kind {
    pub(crate) fn of(column_type: &ColumnType) -> Self {
        match column_type {
            ColumnType::Boolean => Kind::Truth,
            ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => Kind::Integer,
            ColumnType::Real | ColumnType::DoublePrecision => Kind::Float,
            ColumnType::Numeric(_) => Kind::Decimal,
            ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext => Kind::Text,
            ColumnType::Bytea => Kind::Bytes,
            ColumnType::Date => Kind::Date,
            ColumnType::Time(_) => Kind::Time,
            ColumnType::Timestamp(_) => Kind::Timestamp,
            ColumnType::Timestamptz(_) => Kind::Timestamptz,
            ColumnType::Uuid => Kind::Uuid,
            ColumnType::Interval | ColumnType::Inet => Kind::Opaque,
            ColumnType::Json => Kind::Json,
            ColumnType::Jsonb => Kind::Jsonb,
        }
    }

    /// The kind of a column whose stored values are understood in this way.
    pub(crate) fn read(column_type: &ColumnType, reading: Reading) -> Self {
        match reading {
            Reading::Stored | Reading::Iso | Reading::Json | Reading::Uuid => Self::of(column_type),
            Reading::UnixS | Reading::UnixMs | Reading::Microseconds | Reading::Julian => Kind::Counted,
            // A Guid's bytes have another order than the digits that they stand for.
            Reading::Hex | Reading::Base64 | Reading::Utf8 | Reading::Guid | Reading::Literal => Kind::Opaque,
        }
    }

    /// Whether equal values here are equal there, so that GROUP BY and DISTINCT mean the same.
    pub(crate) fn is_distinguishable(self) -> bool {
        !matches!(self, Kind::Json | Kind::Jsonb | Kind::JsonPart)
    }

    /// Whether a value may be of any length.
    pub(crate) fn is_varying(self) -> bool {
        matches!(self, Kind::Text | Kind::Bytes | Kind::Json | Kind::Jsonb | Kind::JsonPart | Kind::Opaque)
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Kind::Integer | Kind::Decimal | Kind::Float | Kind::Mixed)
    }

    /// Whether PostgreSQL's `=` and `<` know these two together.
    pub(crate) fn compares_with(self, other: Self) -> bool {
        // A source that keeps documents as text compares them letter by letter, PostgreSQL by what they say.
        let is_orderable =
            |kind| !matches!(kind, Kind::Json | Kind::Jsonb | Kind::JsonPart | Kind::Counted | Kind::Opaque);
        is_orderable(self)
            && is_orderable(other)
            && (self == other || self == Kind::Null || other == Kind::Null || (self.is_number() && other.is_number()))
    }

    /// Whether a value of `self` can stand where `wanted` is needed, without being altered.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        (self == wanted && self != Kind::Opaque)
            || self == Kind::Null
            || matches!(
                (self, wanted),
                (Kind::Integer, Kind::Decimal | Kind::Float | Kind::Mixed)
                    | (Kind::Decimal, Kind::Float | Kind::Mixed)
                    | (Kind::Float, Kind::Mixed)
                    | (Kind::Mixed, Kind::Float)
            )
    }

    /// A type that holds all its values; `None` where several are possible.
    pub(crate) fn sql_type(self) -> Option<&'static str> {
        Some(match self {
            Kind::Truth => "boolean",
            Kind::Integer => "bigint",
            Kind::Decimal => "numeric",
            Kind::Float | Kind::Mixed => "double precision",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
            Kind::Date => "date",
            Kind::Uuid => "uuid",
            _ => return None,
        })
    }

    /// Whether the source may have texts, bytes or numbers for it that it compares as these.
    pub(crate) fn is_spelled(self) -> bool {
        matches!(self, Kind::Date | Kind::Time | Kind::Timestamp | Kind::Timestamptz | Kind::Uuid | Kind::Counted)
    }

    /// One kind for both, where PostgreSQL has one.
    pub(crate) fn common(self, other: Self) -> Result<Self, Untranslatable> {
        use Kind::{Decimal, Float, Integer, Mixed, Null};
        Ok(match (self, other) {
            (one, two) if one == two && one != Kind::Opaque => one,
            (Null, other) | (other, Null) => other,
            (Integer, Decimal) | (Decimal, Integer) => Decimal,
            (Integer | Decimal | Float | Mixed, Integer | Decimal | Float | Mixed) => Mixed,
            (one, two) => return Err(Untranslatable(format!("it mixes {one} and {two}"))),
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Null => "NULL",
            Kind::Truth => "boolean",
            Kind::Integer => "an integer",
            Kind::Decimal => "numeric",
            Kind::Float | Kind::Mixed => "double precision",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
            Kind::Date => "a date",
            Kind::Time => "a time",
            Kind::Timestamp | Kind::Timestamptz => "a timestamp",
            Kind::Uuid => "a uuid",
            Kind::Json | Kind::Jsonb => "json",
            Kind::JsonPart => "a part of a JSON document",
            Kind::Counted => "a time that is a number in the source",
            Kind::Opaque => "a value that the source keeps in another form",
        })
    }
}
