//! One column: its type, default and generation.

use super::expression::{plain, unescaped_literal};
use super::{Texts, said, word};
use crate::catalog::{CheckConstraint, Column, DeclaredType, Generated, KeyGeneration};
use crate::dialect::Dialect as _;
use crate::dialect::mysql::{Mysql, equality, literal, quote};

/// The last word of `extra` about a column that only SQL which names it sees.
const INVISIBLE: &str = "invisible";

/// A column of `queries/columns.sql`.
pub(super) fn column(row: &Texts, is_mariadb: bool) -> Column {
    let extra = word(row, 5).to_ascii_lowercase();
    let generated = said(row, 6).map(|expression| Generated {
        expression: Some(plain(&expression, is_mariadb)),
        stored: extra.contains("stored") || extra.contains("persistent"),
    });
    let (declared_type, default) = (word(row, 2), row[4].clone().filter(|_| generated.is_none()));
    let (not_null, is_stored) = (word(row, 3) == "NO", generated.is_none());
    let default =
        default.and_then(|text| default_expression(text, is_mariadb, &extra, &declared_type, row[9].as_deref()));
    Column {
        name: word(row, 1),
        not_null,
        default: default.or_else(|| implicit_default(&declared_type).filter(|_| not_null && is_stored)),
        declared_type,
        generated,
        equality: row[7].as_deref().map(|collation| equality(&word(row, 2), collation)).unwrap_or_default(),
        generates_keys: extra.contains("auto_increment").then_some(KeyGeneration::NeverTwice),
        on_update: extra.split_once("on update ").map(|(_, expression)| without_visibility(expression).to_owned()),
        comment: said(row, 8),
        is_invisible: extra.ends_with(INVISIBLE),
        keeps_values: false,
    }
}

/// The DEFAULT as an expression: MariaDB gives it so, with escapes in texts; MySQL gives the bare value, and marks
/// expressions in `extra`.
fn default_expression(
    text: String,
    is_mariadb: bool,
    extra: &str,
    declared_type: &str,
    character_set: Option<&str>,
) -> Option<String> {
    if is_mariadb {
        return (text != "NULL").then(|| unescaped_literal(&text).unwrap_or_else(|| plain(&text, is_mariadb)));
    }
    let is_binary = declared_type.starts_with("binary") || declared_type.starts_with("varbinary");
    let is_moment = ["timestamp", "datetime"].iter().any(|word| declared_type.starts_with(word));
    let is_bare_expression = (is_moment && text.to_ascii_uppercase().starts_with("CURRENT_TIMESTAMP"))
        || (declared_type.starts_with("bit") && text.starts_with("b'"))
        || (is_binary && text.starts_with("0x"));
    Some(match extra.contains("default_generated") {
        true => match text.strip_prefix("0x").filter(|_| is_binary || declared_type.ends_with("blob")) {
            // Bytes in an expression are shown whole, and DEFAULT() does not give them.
            Some(digits) => format!("x'{digits}'"),
            None => plain(&text, is_mariadb),
        },
        false if is_bare_expression => text,
        false => match (labels_of_digits(&text, declared_type, character_set), text.strip_prefix("0x")) {
            (Some(labels), _) => literal(&labels),
            // A label of bytes that are no text.
            (None, Some(digits)) if is_of_no_text(digits, declared_type) && character_set.is_none() => {
                format!("x'{digits}'")
            }
            (None, _) => literal(&text),
        },
    })
}

/// Whether the default of an ENUM or SET is bytes that are no text.
fn is_of_no_text(digits: &str, declared_type: &str) -> bool {
    let is_list = ["enum(", "set("].iter().any(|list| declared_type.starts_with(list));
    is_list && hex::decode(digits).is_ok_and(|bytes| String::from_utf8(bytes).is_err())
}

/// The labels of an ENUM or SET whose characters are bytes: MySQL gives its default in hexadecimal digits, `0x61` for `a`.
/// `None` if the text is the default itself.
fn labels_of_digits(text: &str, declared_type: &str, character_set: Option<&str>) -> Option<String> {
    let listed = Mysql.labels(&DeclaredType::parse(declared_type));
    let is_listed = |words: &str| match (&listed.one, &listed.several) {
        (Some(labels), _) => labels.iter().any(|label| label == words),
        (None, Some(members)) => {
            words.is_empty() || words.split(',').all(|word| members.iter().any(|member| member == word))
        }
        (None, None) => false,
    };
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() % 2 == 0 && digits.is_ascii())?;
    let bytes = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok());
    let words = String::from_utf8(bytes.collect::<Option<Vec<_>>>()?).ok()?;
    let is_of_bytes = character_set.is_none_or(|set| set == "binary");
    (is_listed(&words) && (is_of_bytes || !is_listed(text))).then_some(words)
}

/// The value that ON UPDATE sets, without the word on visibility behind it, before which MariaDB writes a comma.
fn without_visibility(expression: &str) -> &str {
    expression.trim_end_matches(INVISIBLE).trim_end_matches([',', ' '])
}

/// The DEFAULT of a column that takes no NULL and declares none: the first label of an ENUM, in strict mode too.
/// Source: MySQL manual, section "The ENUM Type"; any other type has an implicit default without strict mode alone.
fn implicit_default(declared_type: &str) -> Option<String> {
    let labels = Mysql.labels(&DeclaredType::parse(declared_type)).one?;
    labels.first().map(|label| literal(label))
}

/// MariaDB's JSON is a LONGTEXT that a CHECK of its own validates: the type holds what the CHECK asks.
/// Source: MariaDB documentation, "JSON Data Type".
pub(super) fn recognize_json(column: &mut Column, checks: &mut Vec<CheckConstraint>) {
    let validates = format!("json_valid({})", quote(&column.name));
    if column.declared_type.eq_ignore_ascii_case("longtext")
        && let Some(at) = checks.iter().position(|check| check.expression == validates && !check.is_idle)
    {
        checks.remove(at);
        column.declared_type = "json".to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_spell_one_default() {
        let default = |text: &str, is_mariadb, extra: &str, declared: &str| {
            default_expression(text.to_owned(), is_mariadb, extra, declared, None)
        };
        for (mariadb, mysql, declared, expected) in [
            ("'a''b'", "a'b", "varchar(9)", "'a''b'"),
            ("b'101'", "b'101'", "bit(3)", "b'101'"),
            ("'1.50'", "1.50", "decimal(5,2)", "'1.50'"),
        ] {
            for (text, is_mariadb) in [(mariadb, true), (mysql, false)] {
                assert_eq!(default(text, is_mariadb, "", declared).as_deref(), Some(expected), "{text}");
            }
        }
        for extra in ["current_timestamp(3)", "current_timestamp(3), invisible", "current_timestamp(3) invisible"] {
            assert_eq!(without_visibility(extra), "current_timestamp(3)");
        }
        assert_eq!(default("NULL", true, "", "int(11)"), None);
        assert_eq!(default("0x616200", false, "", "binary(3)").as_deref(), Some("0x616200"));
        assert_eq!(default("0x61", false, "", "varchar(9)").as_deref(), Some("'0x61'"));
        for (shown, declared, expected) in [
            ("0x61", "enum('a','b')", "'a'"),
            ("0xC3BC", "enum('a','ü')", "'ü'"),
            ("0x782C79", "set('x','y')", "'x,y'"),
            ("0x", "set('x','y')", "''"),
            ("0x63", "enum('a','b','0x63')", "'0x63'"),
        ] {
            assert_eq!(default(shown, false, "", declared).as_deref(), Some(expected), "{declared}");
        }
        assert_eq!(default("0xFF", false, "", "enum('\u{fffd}','b')").as_deref(), Some("x'FF'"));
        let of_text = default_expression("0x61".to_owned(), false, "", "enum('a','0x61')", Some("utf8mb4"));
        assert_eq!(of_text.as_deref(), Some("'0x61'"));
        assert_eq!(default("0x00ff", false, "default_generated", "blob").as_deref(), Some("x'00ff'"));
        assert_eq!(default("0x00ff", false, "default_generated", "varbinary(9)").as_deref(), Some("x'00ff'"));
        let now = "current_timestamp()";
        assert_eq!(default(now, false, "", "varchar(50)").as_deref(), Some("'current_timestamp()'"));
        assert_eq!(default("CURRENT_TIMESTAMP", false, "", "datetime").as_deref(), Some("CURRENT_TIMESTAMP"));
        assert_eq!(default("curdate()", false, "default_generated", "date").as_deref(), Some("curdate()"));
    }
}
