//! DEFAULT of a column, and the value that ON UPDATE sets.

use super::clock::{MovedNow, Now};
use super::declared::{is_padded, labels, unpadded};
use super::expression::generated;
use super::grammar::{GRAMMAR, without_backslash};
use super::untranslated;
use crate::catalog::{ColumnType, DeclaredType};
use crate::dialect::declared::ListedTexts;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::{Wanted, of_string};
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::{Translated, Untranslatable, strip};
use crate::name::quote_literal;
use crate::value::Zone;
use sqlparser::ast::{Expr, FunctionArguments, UnaryOperator, Value};

/// The DEFAULT in PostgreSQL's SQL: the value that the source would store in a column of its declared type, as a value
/// of this type.
pub(super) fn default_value(text: &str, declared_type: &str, column_type: &ColumnType, zone: &Zone) -> Translated {
    let target = DefaultColumn { declared_type, column_type, zone };
    // A text is read here: what a backslash means in it is known, other than in an expression.
    if let Some(words) = whole_text(text) {
        return target.text(&words);
    }
    without_backslash(text)?;
    let parsed = GRAMMAR.expression(text, |expression| target.expression(strip(expression), text));
    parsed
        .or_else(|reason| target.computed(text).ok_or(reason))
        .map_err(|reason| if reason.0.starts_with("it cannot be parsed") { untranslated(text) } else { reason })
}

/// Whether a DEFAULT is the present time as a number.
pub(super) fn counts_time(text: &str) -> bool {
    let counts = |expression: &Expr| Ok(Now::read(expression).is_some_and(Now::is_number));
    GRAMMAR.expression(text, counts).is_ok_and(|counts| counts)
}

/// Whether a DEFAULT writes the date and time of UTC, as a value without a zone.
pub(super) fn writes_utc(text: &str) -> bool {
    let now = |expression: &Expr| Now::read(expression).or_else(|| Some(MovedNow::read(expression)?.now));
    let writes = |expression: &Expr| Ok(now(expression).is_some_and(Now::is_date_and_time_of_utc));
    GRAMMAR.expression(text, writes).is_ok_and(|writes| writes)
}

/// Whether a DEFAULT is the present date or time moved by an interval.
pub(super) fn moves_local_time(text: &str) -> bool {
    GRAMMAR.expression(text, |expression| Ok(MovedNow::read(expression).is_some())).is_ok_and(|moves| moves)
}

/// Whether an expression is a value as it is written, with a sign or a character set before it.
fn is_literal(expression: &Expr) -> bool {
    match strip(expression) {
        Expr::Value(_) => true,
        Expr::Prefixed { value, .. } => is_literal(value),
        Expr::UnaryOp { expr, .. } => is_literal(expr),
        _ => false,
    }
}

/// The content of a text literal that is the whole expression.
fn whole_text(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let alone = inner.replace("''", "");
    (!alone.contains('\'')).then(|| inner.replace("''", "'"))
}

/// The column that a default is for.
struct DefaultColumn<'a> {
    declared_type: &'a str,
    column_type: &'a ColumnType,
    zone: &'a Zone,
}

impl DefaultColumn<'_> {
    fn expression(&self, expression: &Expr, text: &str) -> Translated {
        if let Some(now) = Now::read(expression) {
            return now.write(self.column_type, self.zone).ok_or_else(|| self.mismatch(text));
        }
        if let Some(moved) = MovedNow::read(expression) {
            let digits =
                DeclaredType::parse(self.declared_type).arguments.first().and_then(|digits| digits.parse().ok());
            let written = moved.write(self.column_type, digits.unwrap_or(0), self.zone);
            return written.ok_or_else(|| self.mismatch(text));
        }
        match expression {
            Expr::Value(value) => match &value.value {
                Value::Null => Ok("NULL".to_owned()),
                Value::Number(digits, _) if self.lists() => self.listed(digits),
                Value::Number(digits, _) => self.number(digits),
                Value::Boolean(truth) if self.lists() => self.listed(if *truth { "1" } else { "0" }),
                Value::Boolean(truth) => self.number(if *truth { "1" } else { "0" }),
                Value::SingleQuotedString(words) | Value::DoubleQuotedString(words) => self.text(words),
                Value::HexStringLiteral(digits) => self.bytes(digits),
                Value::SingleQuotedByteStringLiteral(bits) => self.bits(bits),
                _ => Err(untranslated(text)),
            },
            Expr::Prefixed { value, .. } if matches!(strip(value), Expr::Value(_)) => {
                self.expression(strip(value), text)
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match strip(expr) {
                Expr::Value(value) => match &value.value {
                    Value::Number(digits, _) => self.number(&format!("-{digits}")),
                    _ => Err(untranslated(text)),
                },
                _ => Err(untranslated(text)),
            },
            Expr::Function(function) => {
                let is_empty = match &function.args {
                    FunctionArguments::None => true,
                    FunctionArguments::List(list) => list.args.is_empty(),
                    FunctionArguments::Subquery(_) => false,
                };
                match (function.name.to_string().to_ascii_lowercase().as_str(), self.column_type) {
                    // Another version of the same standard: unique as well.
                    ("uuid", ColumnType::Uuid) if is_empty => Ok("gen_random_uuid()".to_owned()),
                    ("uuid", ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_)) if is_empty => {
                        Ok("gen_random_uuid()::text".to_owned())
                    }
                    ("json_object", column_type) if is_empty && self.holds_documents(column_type) => {
                        Ok("'{}'".to_owned())
                    }
                    ("json_array", column_type) if is_empty && self.holds_documents(column_type) => {
                        Ok("'[]'".to_owned())
                    }
                    _ => Err(untranslated(text)),
                }
            }
            _ => Err(untranslated(text)),
        }
    }

    /// An expression over constants, as a generated column would have it; `None` for any other, and for types that make another
    /// value of what is given to them: the label of an ENUM, the century of a YEAR, the spaces of a CHAR.
    fn computed(&self, text: &str) -> Option<String> {
        let declared = DeclaredType::parse(self.declared_type);
        let base = declared.base.strip_suffix(" UNSIGNED").unwrap_or(&declared.base);
        let is_plain =
            base.ends_with("TEXT") || base.ends_with("INT") || ["VARCHAR", "DECIMAL", "INTEGER"].contains(&base);
        // A value that the type does not hold is no expression.
        let is_value = GRAMMAR.expression(text, |expression| Ok(is_literal(expression))).unwrap_or(true);
        let scope = Scope { zone: self.zone.clone(), ..Scope::default() };
        let written = generated(text, &scope, self.column_type).ok().filter(|_| is_plain && !is_value)?;
        Some(format!("({})", written.sql))
    }

    /// Whether a document's text is a value of the column.
    fn holds_documents(&self, column_type: &ColumnType) -> bool {
        matches!(column_type, ColumnType::Json | ColumnType::Jsonb) || column_type.is_text() && !self.lists()
    }

    fn mismatch(&self, text: &str) -> Untranslatable {
        Untranslatable(format!("`{text}` is no value of the type {}", self.column_type))
    }

    fn number(&self, digits: &str) -> Translated {
        let is_number = digits.parse::<f64>().is_ok_and(f64::is_finite)
            && digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        match self.column_type {
            _ if !is_number => Err(self.mismatch(digits)),
            _ if self.may_be_cut(digits) => Err(Untranslatable(
                "the server shows six digits of a FLOAT's default, and this one may have more".to_owned(),
            )),
            ColumnType::Boolean => match digits {
                "0" => Ok("false".to_owned()),
                "1" => Ok("true".to_owned()),
                _ => Err(self.mismatch(digits)),
            },
            // Two digits stand for a year of this century or the last one.
            _ if self.declared_type.to_ascii_lowercase().starts_with("year")
                && digits.len() <= 2
                && digits.parse::<u8>().is_ok_and(|year| year > 0) =>
            {
                Err(self.mismatch(digits))
            }
            // PostgreSQL would round.
            column_type if column_type.is_integer() && digits.parse::<i64>().is_err() => Err(self.mismatch(digits)),
            ColumnType::Real | ColumnType::DoublePrecision if digits.parse() == Ok(0.0) && digits.starts_with('-') => {
                // Without quotes it is the number 0.
                Ok(format!("'-0'::{}", self.column_type))
            }
            // A row gets the nearest number of 32 bits, with all its digits.
            ColumnType::DoublePrecision if self.is_float() => match digits.parse::<f32>() {
                Ok(number) => Ok(f64::from(number).to_string()),
                Err(_) => Err(self.mismatch(digits)),
            },
            column_type if self.is_float() && *column_type != ColumnType::Real && !self.is_exact(digits) => {
                Err(Untranslatable(format!("a FLOAT is not exactly {digits}, and as {column_type} it has more digits")))
            }
            column_type if column_type.is_number() => Ok(digits.to_owned()),
            column_type if column_type.is_text() => Ok(quote_literal(self.without_zeros(digits))),
            _ => Err(self.mismatch(digits)),
        }
    }

    /// Whether the source's column holds numbers, and shows them as their digits.
    fn is_number(&self) -> bool {
        let declared = DeclaredType::parse(self.declared_type);
        let word = declared.base.split(' ').next().unwrap_or_default();
        word.ends_with("INT") || ["DECIMAL", "FLOAT", "DOUBLE"].contains(&word)
    }

    fn is_float(&self) -> bool {
        self.declared_type.to_ascii_lowercase().split([' ', '(']).next() == Some("float")
    }

    /// Whether 32 bits hold the number as it is written.
    fn is_exact(&self, digits: &str) -> bool {
        digits.parse::<f32>().map(f64::from) == digits.parse::<f64>()
    }

    /// The digits without the zeros to which the server pads a number where it is shown; rows are read without.
    fn without_zeros<'d>(&self, digits: &'d str) -> &'d str {
        match is_padded(&DeclaredType::parse(self.declared_type)) {
            true => unpadded(digits),
            false => digits,
        }
    }

    fn lists(&self) -> bool {
        labels(&DeclaredType::parse(self.declared_type)) != ListedTexts::default()
    }

    /// The label that has a number, or the members of a set whose bits are in it: MySQL takes a number in an expression for that,
    /// and never for the label's text.
    fn listed(&self, digits: &str) -> Translated {
        let ListedTexts { one, several } = labels(&DeclaredType::parse(self.declared_type));
        let number = digits.parse::<u64>().ok();
        let label = || one.as_ref()?.get(usize::try_from(number?.checked_sub(1)?).ok()?).cloned();
        let members = || {
            let (members, number) = (several.as_ref()?, number?);
            let is_in = |at: &usize| number.checked_shr(u32::try_from(*at).ok()?).map(|bits| bits & 1 == 1);
            let has =
                members.iter().enumerate().filter(|(at, _)| is_in(at) == Some(true)).map(|(_, member)| member.as_str());
            let is_whole = number.checked_shr(u32::try_from(members.len()).ok()?).unwrap_or(0) == 0;
            is_whole.then(|| has.collect::<Vec<_>>().join(","))
        };
        match label().or_else(members) {
            Some(words) => self.text(&words),
            None => Err(self.mismatch(digits)),
        }
    }

    /// Whether the server may have more digits of a number than it shows: of a FLOAT that says no decimals it shows six ("Problems with
    /// Floating-Point Values" in MySQL's manual).
    fn may_be_cut(&self, digits: &str) -> bool {
        let is_float = self.is_float() && !self.declared_type.contains('(');
        let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits);
        let mantissa = mantissa.chars().filter(char::is_ascii_digit).collect::<String>();
        is_float && mantissa.trim_matches('0').len() >= 6
    }

    fn text(&self, words: &str) -> Translated {
        // A byte that is no character has been lost on the way here.
        if words.contains(['\u{fffd}', '\0']) && *self.column_type != ColumnType::Bytea || words.contains('\u{fffd}') {
            return Err(Untranslatable("its text has bytes that are no characters".to_owned()));
        }
        let kind = ValueKind::of(self.column_type);
        match self.column_type {
            ColumnType::Boolean => self.number(words),
            column_type if column_type.is_number() || self.is_number() => self.number(words),
            column_type if column_type.is_text() => Ok(quote_literal(words)),
            ColumnType::Bytea => Ok(self.padded(&hex::encode(words))),
            ColumnType::Inet if words.parse::<std::net::IpAddr>().is_ok() => Ok(quote_literal(words)),
            ColumnType::Interval
                if !words.is_empty() && words.bytes().all(|byte| byte.is_ascii_digit() || b"-:.".contains(&byte)) =>
            {
                Ok(format!("{}::interval", quote_literal(words)))
            }
            _ => {
                // The default of a TIMESTAMP is an instant, and shown in the session's time zone, which is UTC.
                let is_instant = self.declared_type.to_ascii_lowercase().starts_with("timestamp");
                let zone = if is_instant { &Zone::UTC } else { self.zone };
                let written = of_string(words, kind, zone, Wanted::Stored(kind)).map(|sql| sql.text);
                written.ok_or_else(|| self.mismatch(&format!("'{words}'")))
            }
        }
    }

    /// A hexadecimal literal: the bytes of a binary string, or a number.
    fn bytes(&self, digits: &str) -> Translated {
        let number = || u64::from_str_radix(digits, 16).ok().map(|number| number.to_string());
        match self.column_type {
            ColumnType::Bytea => Ok(self.padded(&digits.to_ascii_lowercase())),
            ColumnType::Boolean => self.number(&number().unwrap_or_default()),
            column_type if column_type.is_number() => self.number(&number().unwrap_or_default()),
            _ => Err(self.mismatch(&format!("x'{digits}'"))),
        }
    }

    /// Bytes in hexadecimal digits; BINARY(n) fills them up with zeros.
    fn padded(&self, digits: &str) -> String {
        let declared = DeclaredType::parse(self.declared_type);
        let length = declared.arguments.first().filter(|_| declared.base == "BINARY");
        let length = length.and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
        format!("'\\x{digits:0<width$}'::bytea", width = 2 * length)
    }

    /// A bit literal, as the number that it is, or as all bits of the column.
    fn bits(&self, bits: &str) -> Translated {
        let number = u64::from_str_radix(bits, 2).ok().map(|number| number.to_string()).unwrap_or_default();
        match self.column_type {
            ColumnType::Bytea => Err(self.mismatch(&format!("b'{bits}'"))),
            ColumnType::Judged(judged) if judged.bits().is_some() => {
                let count = super::declared::bits(&DeclaredType::parse(self.declared_type));
                let count = count.filter(|count| judged.bits().is_some_and(|holds| holds.contains(count)));
                let width = count.and_then(|count| usize::try_from(count).ok());
                let width = width.ok_or_else(|| self.mismatch(&format!("b'{bits}'")))?;
                Ok(format!("B'{:0>width$}'", bits.trim_start_matches('0')))
            }
            _ => self.number(&number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_what_the_source_would_store() {
        for (text, declared, becomes, expected) in [
            ("'abc'", "varchar(9)", "varchar(9)", Some("'abc'")),
            ("'it''s'", "text", "text", Some("'it''s'")),
            ("'a\\b'", "text", "text", Some("E'a\\\\b'")),
            ("'1.50'", "decimal(5,2)", "numeric(5,2)", Some("1.50")),
            ("-1", "int(11)", "integer", Some("-1")),
            ("1.5", "int(11)", "integer", None),
            ("1500", "double", "double precision", Some("1500")),
            ("1500", "float", "real", Some("1500")),
            ("0.00012345", "float", "real", Some("0.00012345")),
            ("16777200", "float", "real", None),
            ("'0.123457'", "float unsigned", "real", None),
            ("0.1234567", "float(9,7)", "real", Some("0.1234567")),
            ("b'101'", "bit(3)", "bigint", Some("5")),
            ("b'1'", "bit(1)", "boolean", Some("true")),
            ("b'101'", "bit(8)", "bit(8)", Some("B'00000101'")),
            ("b'101'", "bit(8)", "varbit", Some("B'00000101'")),
            ("b'101'", "bit(8)", "bit(3)", None),
            ("1", "tinyint(1)", "boolean", Some("true")),
            ("'0'", "tinyint(1)", "boolean", Some("false")),
            ("2", "tinyint(1)", "boolean", None),
            ("0x6162", "binary(3)", "bytea", Some("'\\x616200'::bytea")),
            ("0x6162", "varbinary(3)", "bytea", Some("'\\x6162'::bytea")),
            ("0x616200", "binary(3)", "bytea", Some("'\\x616200'::bytea")),
            ("'ab\0'", "binary(3)", "bytea", Some("'\\x616200'::bytea")),
            ("'2020-02-30'", "date", "date", None),
            ("'0000-00-00 00:00:00'", "datetime", "timestamp", None),
            ("'2020-02-29 10:00:00'", "datetime", "timestamp", Some("'2020-02-29 10:00:00'")),
            ("'10:00:00'", "time", "time", Some("'10:00:00'")),
            ("current_timestamp()", "timestamp", "timestamptz", Some("date_trunc('second', statement_timestamp())")),
            (
                "CURRENT_TIMESTAMP(3)",
                "datetime(3)",
                "timestamp(3)",
                Some("(date_trunc('milliseconds', statement_timestamp()) AT TIME ZONE 'UTC')"),
            ),
            (
                "now(2)",
                "timestamp(2)",
                "timestamptz(2)",
                Some(
                    "(statement_timestamp() - extract(microseconds FROM statement_timestamp())::integer % 10000 * interval '1 microsecond')",
                ),
            ),
            (
                "curdate()",
                "date",
                "date",
                Some("(date_trunc('second', statement_timestamp()) AT TIME ZONE 'UTC')::date"),
            ),
            (
                "unix_timestamp()",
                "int(11)",
                "bigint",
                Some("extract(epoch FROM date_trunc('second', statement_timestamp()))::bigint"),
            ),
            ("uuid()", "varchar(36)", "varchar(36)", Some("gen_random_uuid()::text")),
            ("(uuid())", "uuid", "uuid", Some("gen_random_uuid()")),
            ("'{}'", "json", "jsonb", Some("'{}'")),
            ("json_array()", "json", "jsonb", Some("'[]'")),
            ("(json_object())", "longtext", "text", Some("'{}'")),
            ("json_array()", "varchar(9)", "varchar(9)", Some("'[]'")),
            ("json_array()", "enum('[]')", "text", None),
            (
                "(now() + interval 30 day)",
                "datetime",
                "timestamp(0)",
                Some("((date_trunc('second', statement_timestamp()) AT TIME ZONE 'UTC') + interval '30 day')"),
            ),
            (
                "(current_timestamp(6) - interval 2 quarter)",
                "timestamp(6)",
                "timestamptz(6)",
                Some("(((statement_timestamp() AT TIME ZONE 'UTC') - interval '6 month') AT TIME ZONE 'UTC')"),
            ),
            (
                "(curdate() + interval 1 month)",
                "date",
                "date",
                Some(
                    "((date_trunc('second', statement_timestamp()) AT TIME ZONE 'UTC')::date + interval '1 month')::date",
                ),
            ),
            ("(now(6) + interval 1 day)", "datetime(3)", "timestamp(3)", None),
            ("(now() + interval 9000 year)", "datetime", "timestamp", None),
            ("(now() + interval 1.5 second)", "datetime(6)", "timestamp(6)", None),
            ("(now() + interval '1:1' minute_second)", "datetime", "timestamp", None),
            ("(curtime() + interval 1 hour)", "time", "time", None),
            ("(now() + interval 1 day)", "varchar(30)", "text", None),
            ("_utf8mb4'x'", "text", "text", Some("'x'")),
            ("rand()", "double", "double precision", None),
            ("'-0'", "double", "double precision", Some("'-0'::double precision")),
            ("'-0'", "float", "real", Some("'-0'::real")),
            ("'-0'", "decimal(5,1)", "numeric(5,1)", Some("-0")),
            ("'0.1'", "float", "double precision", Some("0.10000000149011612")),
            ("'0.1'", "float", "numeric", None),
            ("'0.5'", "float", "text", Some("'0.5'")),
            ("'00007'", "int(5) unsigned zerofill", "text", Some("'7'")),
            ("'00000.50'", "decimal(7,2) unsigned zerofill", "text", Some("'0.50'")),
            ("2", "enum('2','1')", "text", Some("'1'")),
            ("2.0", "enum('2','1')", "text", None),
            ("true", "enum('2','1')", "text", Some("'2'")),
            ("_utf8mb4'2'", "enum('2','1')", "text", Some("'2'")),
            ("'2'", "enum('2','1')", "text", Some("'2'")),
            ("0", "enum('2','1')", "text", None),
            ("3", "enum('2','1')", "text", None),
            ("3", "set('a','b')", "text", Some("'a,b'")),
            ("4", "set('a','b')", "text", None),
            ("b'101'", "bit(8)", "varbit", Some("B'00000101'")),
            ("b'101'", "bit(8)", "bit(8)", Some("B'00000101'")),
            ("b'1'", "bit(1)", "bit(1)", Some("B'1'")),
            ("concat('a','b')", "text", "text", Some("('a' || 'b')")),
            ("(1 + 2)", "int(10) unsigned", "bigint", Some("((1)::bigint + 2)")),
            ("concat('a','b')", "enum('ab')", "text", None),
            ("(20 + 4)", "year(4)", "smallint", None),
            ("(24)", "year(4)", "smallint", None),
            ("2024", "year(4)", "smallint", Some("2024")),
            ("concat('a',now())", "text", "text", None),
            ("(1 + 2)", "tinyint(1)", "boolean", None),
            ("'0000-02-29'", "date", "date", Some("'0001-02-29 BC'")),
            ("'0000-02-29 10:00:00'", "datetime", "timestamp", Some("'0001-02-29 10:00:00 BC'")),
            ("NULL", "text", "text", Some("NULL")),
        ] {
            let made = default_value(text, declared, &becomes.parse().unwrap(), &Zone::UTC);
            assert_eq!(made.ok().as_deref(), expected, "{text} {declared} {becomes}");
        }
    }
}
