//! The column type that a declared type becomes if the spec is silent. Source: MySQL manual, chapter "Data Types".

use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect::declared::{Declared, ListedTexts};
use crate::dialect::expression::coercion::Coercion;

/// Reads a declared type, as `information_schema.columns.column_type` has it.
pub(super) fn declared(declared: &DeclaredType) -> Declared {
    let argument = |at: usize| declared.arguments.get(at).and_then(|argument| argument.parse::<u16>().ok());
    let is_unsigned = is_unsigned(declared);
    let digits = || argument(0).and_then(|digits| u8::try_from(digits).ok()).or(Some(0));
    let says = match declared.base.split(' ').next().unwrap_or_default() {
        // BOOLEAN is another word for it, and every number fits.
        "TINYINT" if argument(0) == Some(1) && !is_unsigned => {
            return Declared::Preferred(ColumnType::Boolean, ColumnType::SmallInt);
        }
        "BIT" if argument(0).is_none_or(|bits| bits == 1) => ColumnType::Boolean,
        "BIT" if argument(0).is_some_and(|bits| bits > 63) => ColumnType::Numeric(Some((20, 0))),
        "SMALLINT" if is_unsigned => ColumnType::Integer,
        "TINYINT" | "SMALLINT" | "YEAR" => ColumnType::SmallInt,
        "BIGINT" if is_unsigned => ColumnType::Numeric(Some((20, 0))),
        "INT" | "INTEGER" if is_unsigned => ColumnType::BigInt,
        "MEDIUMINT" | "INT" | "INTEGER" => ColumnType::Integer,
        "BIGINT" | "BIT" => ColumnType::BigInt,
        "DECIMAL" => {
            let scale = argument(1).and_then(|scale| i16::try_from(scale).ok()).unwrap_or(0);
            ColumnType::Numeric(argument(0).map(|precision| (precision, scale)))
        }
        "FLOAT" => ColumnType::Real,
        "DOUBLE" => ColumnType::DoublePrecision,
        "CHAR" | "VARCHAR" => ColumnType::Varchar(argument(0).map(u32::from).filter(|length| *length > 0)),
        "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" => ColumnType::Text,
        "SET" => ColumnType::TextArray,
        "JSON" => ColumnType::Jsonb,
        "DATE" => ColumnType::Date,
        "DATETIME" => ColumnType::Timestamp(digits()),
        "TIMESTAMP" => ColumnType::Timestamptz(digits()),
        // A length of time as well as a time of day: -838:59:59 to 838:59:59.
        "TIME" => return Declared::Preferred(ColumnType::Time(digits()), ColumnType::Interval),
        "UUID" => ColumnType::Uuid,
        "INET4" | "INET6" => ColumnType::Inet,
        "VECTOR" => ColumnType::RealArray,
        // BINARY, VARBINARY, the BLOBs, and spatial types.
        _ => ColumnType::Bytea,
    };
    Declared::Says(says)
}

/// Whether a declared type is of numbers without a sign.
pub(super) fn is_unsigned(declared: &DeclaredType) -> bool {
    declared.base.split(' ').any(|word| word == "UNSIGNED")
}

/// Whether numbers of a declared type are shown with zeros in front.
pub(super) fn is_padded(declared: &DeclaredType) -> bool {
    declared.base.split(' ').any(|word| word == "ZEROFILL")
}

/// Whether a declared type is one of the calendar or the clock; the labels of an ENUM may be any words.
pub(super) fn names_time(declared: &DeclaredType) -> bool {
    // Words may follow: `datetime /* mariadb-5.3 */`.
    let word = declared.base.split(' ').next();
    word.is_some_and(|word| ["DATE", "DATETIME", "TIME", "TIMESTAMP"].contains(&word))
}

/// The number of bits of a BIT.
pub(super) fn bits(declared: &DeclaredType) -> Option<u32> {
    let count = declared.arguments.first().map_or(Ok(1), |count| count.parse());
    count.ok().filter(|_| declared.base == "BIT")
}

/// The labels of an ENUM, the members of a SET.
pub(super) fn labels(declared: &DeclaredType) -> ListedTexts {
    let label = |argument: &String| {
        let inner = argument.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(argument);
        unescaped(&inner.replace("''", "'"))
    };
    let labels = || Some(declared.arguments.iter().map(label).collect());
    match declared.base.split(' ').next().unwrap_or_default() {
        "ENUM" => ListedTexts { one: labels(), several: None },
        "SET" => ListedTexts { one: None, several: labels() },
        _ => ListedTexts::default(),
    }
}

/// The digits of a number without the zeros in front to which ZEROFILL pads it.
pub(crate) fn unpadded(digits: &str) -> &str {
    let bare = digits.trim_start_matches('0');
    let zeros = digits.len() - bare.len();
    // One stays before the point, or alone.
    if bare.bytes().next().is_some_and(|digit| digit.is_ascii_digit()) {
        bare
    } else {
        &digits[zeros.saturating_sub(1)..]
    }
}

/// A label in the spelling of `information_schema`: the contrary of [`labels`].
pub(crate) fn declared_label(label: &str) -> String {
    let escaped = label.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0");
    super::literal(&escaped)
}

/// A label as it is, from `information_schema`, which writes some characters with a backslash in every `sql_mode`.
/// Source: `append_unescaped` in the server's `sql/unireg.cc`.
fn unescaped(label: &str) -> String {
    let (mut text, mut characters) = (String::with_capacity(label.len()), label.chars());
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('0') => '\0',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}

/// The conversion of a value that is stored in a column of this type.
///
/// Source: MySQL manual, sections "Numeric Data Type Syntax" (ZEROFILL pads the number's text to the display width),
/// "The YEAR Type" (a number of one or two digits beside it is a year of 1970 to 2069, and 0 is the text 0000) and
/// "Bit-Value Type - BIT" (a string of bytes wherever no number is asked for).
pub(super) fn coercion(declared_type: &str) -> Coercion {
    let declared = DeclaredType::parse(declared_type);
    match declared.base.split(' ').next().unwrap_or_default() {
        "YEAR" | "BIT" => Coercion::Own,
        _ if is_padded(&declared) => Coercion::Padded,
        "DECIMAL" | "FLOAT" | "DOUBLE" if is_unsigned(&declared) => Coercion::Nothing,
        _ if is_unsigned(&declared) => Coercion::Natural,
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" => Coercion::Integer,
        "DECIMAL" => Coercion::Number,
        "FLOAT" | "DOUBLE" => Coercion::Double,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" => Coercion::Text,
        _ => Coercion::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_no_type_of_time() {
        let names = |declared: &str| names_time(&DeclaredType::parse(declared));
        for time in ["date", "datetime(6)", "time", "timestamp", "datetime(6) /* mariadb-5.3 */"] {
            assert!(names(time), "{time}");
        }
        for other in ["enum('date','time')", "set('DATETIME')", "year(4)", "varchar(10)"] {
            assert!(!names(other), "{other}");
        }
    }

    #[test]
    fn some_numbers_have_a_text_of_their_own() {
        for own in ["year(4)", "bit(1)", "bit(12)"] {
            assert_eq!(coercion(own), Coercion::Own, "{own}");
        }
        for padded in ["int(6) unsigned zerofill", "decimal(5,2) unsigned zerofill"] {
            assert_eq!(coercion(padded), Coercion::Padded, "{padded}");
        }
        assert_eq!(coercion("int(10) unsigned"), Coercion::Natural);
        for (padded, bare) in [("00007", "7"), ("000", "0"), ("000.50", "0.50"), ("007.5", "7.5"), ("7", "7"), ("", "")]
        {
            assert_eq!(unpadded(padded), bare);
        }
        assert_eq!(coercion("tinyint(1)"), Coercion::Integer);
    }
}
