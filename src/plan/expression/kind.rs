//! What sort of value an expression gives.

use crate::catalog::ColumnType;
use std::fmt;

/// The types of the target, as far as operators tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// NULL, which fits everywhere.
    Null,
    Truth,
    Integer,
    Decimal,
    Float,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Uuid,
    Json,
    Jsonb,
    /// A part of a JSON document: text here, in SQLite whatever stands there. It can be indexed, not compared.
    JsonPart,
    /// A type of whose operators and literals none is translated.
    Opaque,
}

impl Kind {
    pub(super) fn of(column_type: &ColumnType) -> Self {
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

    pub(super) fn is_number(self) -> bool {
        matches!(self, Kind::Integer | Kind::Decimal | Kind::Float)
    }

    /// Whether PostgreSQL's `=` and `<` know these two together.
    pub(super) fn compares_with(self, other: Self) -> bool {
        let is_orderable = |kind| !matches!(kind, Kind::Json | Kind::JsonPart | Kind::Opaque);
        is_orderable(self)
            && is_orderable(other)
            && (self == other || self == Kind::Null || other == Kind::Null || (self.is_number() && other.is_number()))
    }

    /// Whether a value of `self` can stand where `wanted` is needed, without being altered.
    pub(super) fn fits(self, wanted: Self) -> bool {
        (self == wanted && self != Kind::Opaque)
            || self == Kind::Null
            || matches!((self, wanted), (Kind::Integer, Kind::Decimal | Kind::Float) | (Kind::Decimal, Kind::Float))
    }

    /// SQLite's word for it (`typeof()`); `None` where several are possible.
    pub(super) fn storage_class(self) -> Option<&'static str> {
        match self {
            Kind::Truth | Kind::Integer => Some("integer"),
            Kind::Float => Some("real"),
            Kind::Text => Some("text"),
            Kind::Bytes => Some("blob"),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Null => "NULL",
            Kind::Truth => "boolean",
            Kind::Integer => "an integer",
            Kind::Decimal => "numeric",
            Kind::Float => "double precision",
            Kind::Text => "text",
            Kind::Bytes => "bytea",
            Kind::Date => "a date",
            Kind::Time => "a time",
            Kind::Timestamp | Kind::Timestamptz => "a timestamp",
            Kind::Uuid => "a uuid",
            Kind::Json | Kind::Jsonb => "json",
            Kind::Opaque => "a type of another sort",
            Kind::JsonPart => "a part of a JSON document",
        })
    }
}
