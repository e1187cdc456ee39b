//! Kinds of values that expressions give.

use super::Untranslatable;
use crate::catalog::ColumnType;
use crate::value::Reading;
use std::fmt;

/// The types of the target, as far as operators tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueKind {
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
    /// A part of a JSON document: text here, any type in the source. It can be indexed, not compared.
    JsonPart,
    /// A date or time that the source keeps as a number: in the same order, in another form.
    Counted,
    /// A value that the source keeps in another form (`from = "base64"`), or of a type without translated operators: it
    /// can be selected, but not used in operators.
    Opaque,
}

impl ValueKind {
    pub(crate) fn of(column_type: &ColumnType) -> Self {
        match column_type {
            ColumnType::Boolean => ValueKind::Truth,
            ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => ValueKind::Integer,
            ColumnType::Real | ColumnType::DoublePrecision => ValueKind::Float,
            ColumnType::Numeric(_) => ValueKind::Decimal,
            ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext => ValueKind::Text,
            ColumnType::Bytea => ValueKind::Bytes,
            ColumnType::Date => ValueKind::Date,
            ColumnType::Time(_) => ValueKind::Time,
            ColumnType::Timestamp(_) => ValueKind::Timestamp,
            ColumnType::Timestamptz(_) => ValueKind::Timestamptz,
            ColumnType::Uuid => ValueKind::Uuid,
            ColumnType::Interval
            | ColumnType::Inet
            | ColumnType::TextArray
            | ColumnType::Judged(_)
            | ColumnType::RealArray
            | ColumnType::Vector(_)
            | ColumnType::Geometry
            | ColumnType::Geography => ValueKind::Opaque,
            ColumnType::Json => ValueKind::Json,
            ColumnType::Jsonb => ValueKind::Jsonb,
        }
    }

    /// The kind of a column with this reading of its stored values.
    pub(crate) fn read(column_type: &ColumnType, reading: Reading) -> Self {
        match reading {
            Reading::Stored | Reading::Iso | Reading::Text | Reading::Json | Reading::Uuid => Self::of(column_type),
            Reading::UnixS
            | Reading::UnixMs
            | Reading::UnixUs
            | Reading::UnixNs
            | Reading::DotnetTicks
            | Reading::Excel
            | Reading::Yyyymmdd
            | Reading::Microseconds
            | Reading::Julian => ValueKind::Counted,
            // A Guid's bytes are in another order than its digits.
            Reading::Hex
            | Reading::Base64
            | Reading::Utf8
            | Reading::Guid
            | Reading::Swapped
            | Reading::DoubleUtf8
            | Reading::MixedUtf8
            | Reading::EpochInterval
            | Reading::Literal => ValueKind::Opaque,
        }
    }

    /// Whether values equal here are equal in the source, so that GROUP BY and DISTINCT mean the same.
    pub(crate) fn is_distinguishable(self) -> bool {
        !matches!(self, ValueKind::Json | ValueKind::Jsonb | ValueKind::JsonPart)
    }

    /// Whether a value may be of any length.
    pub(crate) fn is_varying(self) -> bool {
        matches!(
            self,
            ValueKind::Text
                | ValueKind::Bytes
                | ValueKind::Json
                | ValueKind::Jsonb
                | ValueKind::JsonPart
                | ValueKind::Opaque
        )
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, ValueKind::Integer | ValueKind::Decimal | ValueKind::Float | ValueKind::Mixed)
    }

    /// Whether PostgreSQL's `=` and `<` accept these two kinds.
    pub(crate) fn compares_with(self, other: Self) -> bool {
        // A source that keeps documents as text compares them letter by letter, PostgreSQL by their content.
        let is_orderable = |kind| {
            !matches!(
                kind,
                ValueKind::Json | ValueKind::Jsonb | ValueKind::JsonPart | ValueKind::Counted | ValueKind::Opaque
            )
        };
        is_orderable(self)
            && is_orderable(other)
            && (self == other
                || self == ValueKind::Null
                || other == ValueKind::Null
                || (self.is_number() && other.is_number()))
    }

    /// Whether a value of `self` can be used as one of `wanted` unchanged.
    pub(crate) fn fits(self, wanted: Self) -> bool {
        (self == wanted && self != ValueKind::Opaque)
            || self == ValueKind::Null
            || matches!(
                (self, wanted),
                (ValueKind::Integer, ValueKind::Decimal | ValueKind::Float | ValueKind::Mixed)
                    | (ValueKind::Decimal, ValueKind::Float | ValueKind::Mixed)
                    | (ValueKind::Float, ValueKind::Mixed)
                    | (ValueKind::Mixed, ValueKind::Float)
            )
    }

    /// A type that holds all its values; `None` if several are possible.
    pub(crate) fn sql_type(self) -> Option<&'static str> {
        Some(match self {
            ValueKind::Truth => "boolean",
            ValueKind::Integer => "bigint",
            ValueKind::Decimal => "numeric",
            ValueKind::Float | ValueKind::Mixed => "double precision",
            ValueKind::Text => "text",
            ValueKind::Bytes => "bytea",
            ValueKind::Date => "date",
            ValueKind::Uuid => "uuid",
            _ => return None,
        })
    }

    /// The type to write behind a quoted literal of this kind where nothing beside it has a type: PostgreSQL would take it for text.
    pub(crate) fn type_of_quoted(self) -> Option<&'static str> {
        Some(match self {
            ValueKind::Date => "date",
            ValueKind::Time => "time",
            ValueKind::Timestamp => "timestamp",
            ValueKind::Timestamptz => "timestamptz",
            ValueKind::Uuid => "uuid",
            ValueKind::Json => "json",
            ValueKind::Jsonb => "jsonb",
            _ => return None,
        })
    }

    /// Whether the source may store it as texts, bytes or numbers and compare it as these.
    pub(crate) fn is_spelled(self) -> bool {
        matches!(
            self,
            ValueKind::Date
                | ValueKind::Time
                | ValueKind::Timestamp
                | ValueKind::Timestamptz
                | ValueKind::Uuid
                | ValueKind::Counted
        )
    }

    /// One kind for both, if PostgreSQL has one.
    pub(crate) fn common(self, other: Self) -> Result<Self, Untranslatable> {
        use ValueKind::{Decimal, Float, Integer, Mixed, Null};
        Ok(match (self, other) {
            (one, two) if one == two && one != ValueKind::Opaque => one,
            (Null, other) | (other, Null) => other,
            (Integer, Decimal) | (Decimal, Integer) => Decimal,
            (Integer | Decimal | Float | Mixed, Integer | Decimal | Float | Mixed) => Mixed,
            (one, two) => return Err(Untranslatable(format!("it mixes {one} and {two}"))),
        })
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ValueKind::Null => "NULL",
            ValueKind::Truth => "boolean",
            ValueKind::Integer => "an integer",
            ValueKind::Decimal => "numeric",
            ValueKind::Float | ValueKind::Mixed => "double precision",
            ValueKind::Text => "text",
            ValueKind::Bytes => "bytea",
            ValueKind::Date => "a date",
            ValueKind::Time => "a time",
            ValueKind::Timestamp | ValueKind::Timestamptz => "a timestamp",
            ValueKind::Uuid => "a uuid",
            ValueKind::Json | ValueKind::Jsonb => "json",
            ValueKind::JsonPart => "a part of a JSON document",
            ValueKind::Counted => "a time that is a number in the source",
            ValueKind::Opaque => "a value that the source keeps in another form",
        })
    }
}
