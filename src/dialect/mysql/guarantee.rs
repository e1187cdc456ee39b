//! Promises of MySQL's types: a column holds nothing but values of its type, whatever `sql_mode` was when they came.
//!
//! Doubt remains about dates that no calendar has, text that PostgreSQL does not hold, and the empty value of an ENUM, which
//! stands for a label that it has not. Source: MySQL manual, "Data Types" and "Server SQL Modes".

use super::declared::is_unsigned;
use super::quote;
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect::guarantee::{Guarantee, GuaranteedColumn, Length};
use crate::value::StorageClass;

/// More bytes than any number, date, time or address has when it is written.
const SHORT: Length = Length::Declared(100);

/// Characters of a text up to which its length is taken from its declaration.
const SHORT_TEXT: u64 = 500;

/// Beginnings of the names of collations whose character set gives every byte a character. A collation that compares bytes has
/// no name here, and may be of any character set.
const TOTAL: [&str; 9] = ["utf", "ucs2", "latin", "cp850", "cp852", "cp866", "koi8", "keybcs2", "mac"];

/// The promise about a column; `None` if only its values can tell.
pub(super) fn guarantee(column: GuaranteedColumn<'_>) -> Option<Guarantee> {
    let GuaranteedColumn { declared, column_type, .. } = column;
    let name = quote(column.name);
    let mut words = declared.base.split(' ');
    let word = words.next().unwrap_or_default();
    let of = |class, doubt| Some(Guarantee { class, doubt, length: SHORT });
    match (word, column_type) {
        ("TINYINT" | "BIT", ColumnType::Boolean) => of(StorageClass::Integer, Some(format!("{name} NOT IN (0, 1)"))),
        ("TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" | "YEAR" | "BIT", _) => {
            of(StorageClass::Integer, integer(&name, word, declared, column_type)?)
        }
        ("DECIMAL", ColumnType::Numeric(modifier)) => (modifier.is_none()
            || modifier.is_some_and(|modifier| holds(modifier, declared)))
        .then(|| of(StorageClass::Text, None))?,
        ("FLOAT", ColumnType::Real | ColumnType::DoublePrecision) | ("DOUBLE", ColumnType::DoublePrecision) => {
            of(StorageClass::Real, None)
        }
        ("DATE", ColumnType::Date) => of(StorageClass::Text, Some(no_day(&name))),
        ("DATETIME", ColumnType::Timestamp(digits)) | ("TIMESTAMP", ColumnType::Timestamptz(digits)) => {
            has_digits(*digits, declared).then(|| of(StorageClass::Text, Some(no_day(&name))))?
        }
        ("TIME", ColumnType::Interval) => of(StorageClass::Text, None),
        ("TIME", ColumnType::Time(digits)) => has_digits(*digits, declared)
            .then(|| of(StorageClass::Text, Some(format!("{name} NOT BETWEEN '00:00:00' AND '23:59:59.999999'"))))?,
        // The index of a value in the list; zero is the error value (MySQL manual, "The ENUM Type").
        ("ENUM", ColumnType::Text) => listed(declared, Some(format!("{name} + 0 = 0"))),
        ("SET", ColumnType::TextArray) => listed(declared, None),
        ("CHAR" | "VARCHAR", ColumnType::Varchar(limit)) => {
            let characters = argument(declared, 0)?;
            limit.is_none_or(|limit| characters <= u64::from(limit)).then(|| text(&name, column))
        }
        ("CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT", ColumnType::Text) => {
            Some(text(&name, column))
        }
        ("BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB", ColumnType::Bytea) => {
            let length = Length::Stored(format!("length({name})"), 1);
            Some(Guarantee { class: StorageClass::Blob, doubt: None, length })
        }
        _ => None,
    }
}

fn argument(declared: &DeclaredType, at: usize) -> Option<u64> {
    declared.arguments.get(at)?.parse().ok()
}

/// The doubt about an integer: none if the target's type has all that the source's has. Source: MySQL manual, "Integer Types".
fn integer(name: &str, word: &str, declared: &DeclaredType, column_type: &ColumnType) -> Option<Option<String>> {
    let is_unsigned = is_unsigned(declared);
    // Bits of the largest value, without a sign.
    let bits = match word {
        "TINYINT" => 8,
        // Of 1901 to 2155.
        "YEAR" => 12,
        "SMALLINT" => 16,
        "MEDIUMINT" => 24,
        "INT" | "INTEGER" => 32,
        "BIGINT" => 64,
        "BIT" => argument(declared, 0).unwrap_or(1),
        _ => return None,
    };
    let bits = if is_unsigned || matches!(word, "BIT" | "YEAR") { bits } else { bits - 1 };
    let holds = |target: u64| bits <= target;
    match column_type {
        ColumnType::SmallInt => holds(15).then_some(None),
        ColumnType::Integer => holds(31).then_some(None),
        ColumnType::BigInt if holds(63) => Some(None),
        ColumnType::BigInt => Some(Some(format!("{name} > {}", i64::MAX))),
        // 2^64 has 20 digits.
        ColumnType::Numeric(None) => Some(None),
        ColumnType::Numeric(Some((precision, scale))) => {
            (i32::from(*precision) - i32::from(*scale) >= 20).then_some(None)
        }
        _ => None,
    }
}

/// Whether every DECIMAL of this declaration is a numeric of this precision and scale.
fn holds((precision, scale): (u16, i16), declared: &DeclaredType) -> bool {
    let (Some(digits), fraction) = (argument(declared, 0), argument(declared, 1).unwrap_or(0)) else { return false };
    let (Ok(digits), Ok(fraction)) = (i64::try_from(digits), i64::try_from(fraction)) else { return false };
    fraction <= i64::from(scale) && digits - fraction <= i64::from(precision) - i64::from(scale)
}

/// Whether a time of so many digits of a second has all that the source's has.
fn has_digits(target: Option<u8>, declared: &DeclaredType) -> bool {
    target.is_none_or(|target| argument(declared, 0).unwrap_or(0) <= u64::from(target))
}

/// Whether the values of a column may have more digits of a second than this type of a time.
pub(super) fn may_be_shortened(declared: &DeclaredType, column_type: &ColumnType) -> bool {
    let (ColumnType::Time(digits) | ColumnType::Timestamp(digits) | ColumnType::Timestamptz(digits)) = column_type
    else {
        return false;
    };
    // MariaDB may write words behind the type: datetime /* mariadb-5.3 */.
    match declared.base.split(' ').next().unwrap_or_default() {
        "DATE" | "YEAR" => false,
        "DATETIME" | "TIMESTAMP" | "TIME" => !has_digits(*digits, declared),
        _ => true,
    }
}

/// Holds for dates without a year, month or day, and for those that the mode ALLOW_INVALID_DATES has let in. LAST_DAY of a date
/// without a month is NULL.
fn no_day(name: &str) -> String {
    format!(
        "{name} IS NOT NULL AND ({name} >= '0001-01-01' AND dayofmonth({name}) BETWEEN 1 AND dayofmonth(last_day({name}))) IS NOT TRUE"
    )
}

fn listed(declared: &DeclaredType, doubt: Option<String>) -> Option<Guarantee> {
    let bytes = declared.arguments.iter().map(|label| label.len() as u64 + 1).sum();
    Some(Guarantee { class: StorageClass::Text, doubt, length: Length::Declared(bytes) })
}

/// Text in doubt has a character beyond ASCII, so that its bytes have to be looked at, or a NUL. The character sets of Unicode
/// in one byte and more (utf8mb3, utf8mb4) are compared as they are stored.
fn text(name: &str, column: GuaranteedColumn<'_>) -> Guarantee {
    let is_utf8 = column.collation.is_some_and(|collation| collation.starts_with("utf8"));
    let bytes = if is_utf8 { format!("length({name})") } else { format!("length(convert({name} USING utf8mb4))") };
    let mut doubt = format!("{bytes} <> char_length({name}) OR locate(x'00', {name})");
    let is_total = column.collation.is_some_and(|collation| TOTAL.iter().any(|set| collation.starts_with(set)));
    if !is_total {
        // A byte that its character set does not define becomes another, `?`, and one character as well.
        doubt += &format!(" OR cast({name} AS BINARY) <> cast(convert({name} USING utf8mb4) AS BINARY)");
    }
    let length = match argument(column.declared, 0) {
        Some(characters) if characters <= SHORT_TEXT => Length::Declared(characters * 4),
        // A character of one byte has up to three in UTF-8.
        _ => Length::Stored(format!("length({name})"), 3),
    };
    Guarantee { class: StorageClass::Text, doubt: Some(doubt), length }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(declared: &str, column_type: &str) -> Option<Option<String>> {
        let declared = DeclaredType::parse(declared);
        let column = GuaranteedColumn {
            name: "c",
            declared: &declared,
            column_type: &column_type.parse().unwrap(),
            collation: Some("utf8mb4_bin"),
        };
        guarantee(column).map(|guarantee| guarantee.doubt)
    }

    #[test]
    fn a_type_that_holds_all_leaves_no_doubt() {
        for (declared, column_type) in [
            ("tinyint(4)", "smallint"),
            ("smallint(5) unsigned", "integer"),
            ("int(10) unsigned", "bigint"),
            ("bigint(20) unsigned", "numeric(20,0)"),
            ("bit(63)", "bigint"),
            ("year(4)", "smallint"),
            ("decimal(15,2)", "numeric(15,2)"),
            ("decimal(15,2)", "numeric(17,3)"),
            ("float", "real"),
            ("time(3)", "interval"),
            ("varbinary(16)", "bytea"),
        ] {
            assert_eq!(of(declared, column_type), Some(None), "{declared} as {column_type}");
        }
    }

    #[test]
    fn a_narrower_type_has_no_promise_or_leaves_a_doubt() {
        for (declared, column_type) in [
            ("int(11)", "smallint"),
            ("int(10) unsigned", "integer"),
            ("decimal(15,2)", "numeric(15,3)"),
            ("decimal(15,2)", "numeric(15,1)"),
            ("double", "real"),
            ("datetime(6)", "timestamp(3)"),
            ("datetime", "timestamptz"),
            ("varchar(20)", "varchar(10)"),
            ("varchar(36)", "uuid"),
            ("char(3)", "char(3)"),
            ("json", "jsonb"),
        ] {
            assert_eq!(of(declared, column_type), None, "{declared} as {column_type}");
        }
        assert_eq!(of("decimal(5,2) unsigned zerofill", "numeric(5,2)"), Some(None));
        assert_eq!(of("bigint(20) unsigned", "bigint").flatten().as_deref(), Some("`c` > 9223372036854775807"));
        assert_eq!(of("tinyint(1)", "boolean").flatten().as_deref(), Some("`c` NOT IN (0, 1)"));
        for declared in ["date", "varchar(10)", "enum('a','b')"] {
            let column_type = if declared == "date" { "date" } else { "text" };
            assert!(of(declared, column_type).is_some_and(|doubt| doubt.is_some()), "{declared}");
        }
    }
}
