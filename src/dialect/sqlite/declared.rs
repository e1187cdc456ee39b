//! The column type that a declared type of SQLite becomes if the spec is silent.
//!
//! A declared type is a hint: a known name decides the type, any other is decided by the stored values, with SQLite's
//! affinity rules as the last resort (<https://www.sqlite.org/datatype3.html>, section 3.1).

use super::affinity::Affinity;
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect::declared::Declared;

/// Reads a declared type.
pub(super) fn declared(declared: &DeclaredType) -> Declared {
    let base = declared.base.as_str();
    let argument = |position: usize| declared.arguments.get(position).and_then(|argument| argument.parse::<i64>().ok());
    let length =
        || argument(0).and_then(|length| u32::try_from(length).ok()).filter(|length| (1..=10_485_760).contains(length));
    let says = match base {
        "BOOLEAN" | "BOOL" => ColumnType::Boolean,
        // SQLite keeps 64 bits whatever the declared width.
        "INTEGER" | "INT" | "BIGINT" | "BIG INT" | "INT2" | "INT4" | "INT8" | "SMALLINT" | "MEDIUMINT" | "TINYINT"
        | "BIGINTEGER" | "SMALLINTEGER" | "LONG" | "SERIAL" | "BIGSERIAL" => ColumnType::BigInt,
        _ if is_unsigned_integer(base) => ColumnType::BigInt,
        "REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "FLOAT4" | "FLOAT8" => ColumnType::DoublePrecision,
        "NUMERIC" | "DECIMAL" | "DEC" | "NUMBER" | "MONEY" => {
            ColumnType::Numeric(precision_and_scale(argument(0), argument(1)))
        }
        "TEXT" | "CLOB" | "STRING" | "LONGTEXT" | "MEDIUMTEXT" | "TINYTEXT" | "NTEXT" | "CITEXT" => ColumnType::Text,
        // Never char(n): PostgreSQL would pad the values.
        "VARCHAR" | "CHARACTER VARYING" | "VARYING CHARACTER" | "NVARCHAR" | "NATIVE CHARACTER" | "CHAR"
        | "CHARACTER" | "NCHAR" | "BPCHAR" | "VARCHAR2" | "NVARCHAR2" => match length() {
            Some(length) => ColumnType::Varchar(Some(length)),
            None => ColumnType::Text,
        },
        "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" | "DATETIMEOFFSET" => {
            ColumnType::Timestamptz(None)
        }
        "TIMESTAMP WITHOUT TIME ZONE" => ColumnType::Timestamp(None),
        "DATE" => ColumnType::Date,
        "TIME" | "TIME WITHOUT TIME ZONE" => ColumnType::Time(None),
        "JSON" | "JSONB" => ColumnType::Jsonb,
        "BLOB" | "BYTEA" | "BINARY" | "VARBINARY" | "LONGBLOB" | "MEDIUMBLOB" | "TINYBLOB" | "IMAGE" => {
            ColumnType::Bytea
        }
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => ColumnType::Uuid,
        _ => return Declared::Undecided(by_affinity(base)),
    };
    Declared::Says(says)
}

fn is_unsigned_integer(base: &str) -> bool {
    let words = base.split(' ').collect::<Vec<_>>();
    words.contains(&"UNSIGNED")
        && words.iter().all(|word| {
            matches!(*word, "UNSIGNED" | "BIG" | "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "MEDIUMINT")
        })
}

fn precision_and_scale(precision: Option<i64>, scale: Option<i64>) -> Option<(u16, i16)> {
    let precision = precision.filter(|precision| (1..=1000).contains(precision))?;
    Some((u16::try_from(precision).ok()?, i16::try_from(scale.unwrap_or(0)).ok()?))
}

fn by_affinity(base: &str) -> ColumnType {
    match (base, Affinity::of(base)) {
        // Without a declared type, and with one whose values are written: text, which is readable and takes what may come.
        ("" | "ANY" | "XML" | "INET" | "CIDR" | "MACADDR" | "INTERVAL" | "POINT" | "HSTORE" | "ENUM", _) => {
            ColumnType::Text
        }
        (_, Affinity::Integer) => ColumnType::BigInt,
        (_, Affinity::Text) => ColumnType::Text,
        (_, Affinity::Blob) => ColumnType::Bytea,
        (_, Affinity::Real) => ColumnType::DoublePrecision,
        (_, Affinity::Numeric) => ColumnType::Numeric(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(text: &str) -> String {
        match declared(&DeclaredType::parse(text)) {
            Declared::Says(column_type) => column_type.to_string(),
            Declared::Undecided(column_type) => format!("{column_type}?"),
            Declared::Preferred(first, otherwise) => format!("{first} or {otherwise}"),
        }
    }

    #[test]
    fn declared_types() {
        for (declared, expected) in [
            ("INTEGER", "bigint"),
            ("int(5)", "bigint"),
            ("UNSIGNED BIG INT", "bigint"),
            ("smallint unsigned", "bigint"),
            ("REAL", "double precision"),
            ("double  precision", "double precision"),
            ("DECIMAL(10, 2)", "numeric(10,2)"),
            ("NUMERIC", "numeric"),
            ("VARCHAR(50)", "varchar(50)"),
            ("CHAR(2)", "varchar(2)"),
            ("nvarchar", "text"),
            ("DATETIME", "timestamptz"),
            ("TIMESTAMP", "timestamptz"),
            ("BOOLEAN", "boolean"),
            ("JSON", "jsonb"),
            ("BLOB", "bytea"),
            ("", "text?"),
            ("text nocase", "text?"),
            ("POINT", "text?"),
            ("FLOATING POINT", "bigint?"),
            ("XYZZY", "numeric?"),
            ("ANY", "text?"),
            ("inet", "text?"),
        ] {
            assert_eq!(becomes(declared), expected, "{declared}");
        }
    }
}
