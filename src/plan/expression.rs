//! SQLite's SQL expressions in PostgreSQL's words: defaults, CHECKs, conditions of partial indexes.
//!
//! The expression is parsed by sqlparser and written again node by node. What is not known to mean the same on both
//! sides is refused with the reason: it is then listed as omitted, never guessed.

use super::mapping::ColumnMapping;
use crate::catalog::ColumnType;
use crate::name::{quote_identifier, quote_literal};
use sqlparser::ast::{BinaryOperator, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

/// Why an expression is not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untranslatable(pub String);

type Translated = Result<String, Untranslatable>;

/// A column's DEFAULT.
///
/// # Errors
/// What has no equal in PostgreSQL, or none that transship knows.
pub fn default_value(text: &str, column_type: &ColumnType) -> Translated {
    let expression = parse(text)?;
    Translator::new(text, &[]).default(strip(&expression), column_type)
}

/// A condition over the columns of one table.
///
/// # Errors
/// As for [`default_value`].
pub fn condition(text: &str, columns: &[ColumnMapping]) -> Translated {
    let expression = parse(text)?;
    Translator::new(text, columns).write(&expression, None)
}

fn parse(text: &str) -> Result<Expr, Untranslatable> {
    let unreadable = |error: sqlparser::parser::ParserError| Untranslatable(format!("it cannot be parsed ({error})"));
    let mut parser = Parser::new(&SQLiteDialect {}).try_with_sql(text).map_err(unreadable)?;
    let expression = parser.parse_expr().map_err(unreadable)?;
    match &parser.peek_token().token {
        sqlparser::tokenizer::Token::EOF => Ok(expression),
        other => Err(Untranslatable(format!("it cannot be parsed beyond `{other}`"))),
    }
}

fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

struct Translator<'a> {
    columns: &'a [ColumnMapping],
    /// sqlparser reads the number `0x10` and the blob `x'10'` into the same node; the text tells which are meant.
    hexadecimal: Hexadecimal,
}

#[derive(Clone, Copy)]
enum Hexadecimal {
    Numbers,
    Blobs,
    Both,
}

impl<'a> Translator<'a> {
    fn new(text: &str, columns: &'a [ColumnMapping]) -> Self {
        let lower = text.to_ascii_lowercase();
        let hexadecimal = match (lower.contains("0x"), lower.contains("x'")) {
            (true, true) => Hexadecimal::Both,
            (true, false) => Hexadecimal::Numbers,
            (false, _) => Hexadecimal::Blobs,
        };
        Self { columns, hexadecimal }
    }

    fn literal(&self, value: &Value, beside: Option<&ColumnType>) -> Translated {
        let number;
        let value = match (value, self.hexadecimal) {
            (Value::HexStringLiteral(digits), Hexadecimal::Numbers) => {
                number = Value::Number(format!("0x{digits}"), false);
                &number
            }
            (Value::HexStringLiteral(_), Hexadecimal::Both) => {
                return Err(Untranslatable("it mixes hexadecimal numbers and blobs".to_owned()));
            }
            _ => value,
        };
        match beside {
            Some(column_type) => literal_as(value, column_type),
            None => plain_literal(value),
        }
    }

    fn default(&self, expression: &Expr, column_type: &ColumnType) -> Translated {
        // A double-quoted word in a DEFAULT is a string: there is no column it could name.
        if let Expr::Identifier(word) = expression {
            return match (word.quote_style, word.value.to_ascii_lowercase().as_str()) {
                (Some('"'), _) => literal_as(&Value::SingleQuotedString(word.value.clone()), column_type),
                (None, "true") => literal_as(&Value::Boolean(true), column_type),
                (None, "false") => literal_as(&Value::Boolean(false), column_type),
                _ => clock(&word.value, column_type),
            };
        }
        if let Expr::Function(function) = expression
            && matches!(function.args, FunctionArguments::None)
        {
            return clock(&function.name.to_string(), column_type);
        }
        match expression {
            Expr::Value(value) => self.literal(&value.value, Some(column_type)),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match strip(expr) {
                Expr::Value(value) => match &value.value {
                    Value::Number(digits, _) => literal_as(&Value::Number(format!("-{digits}"), false), column_type),
                    _ => Err(unknown(expression)),
                },
                _ => Err(unknown(expression)),
            },
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.default(strip(expr), column_type),
            _ if column_type.is_integer()
                || matches!(column_type, ColumnType::DoublePrecision | ColumnType::Numeric(_)) =>
            {
                self.write(expression, Some(column_type)).map(|written| format!("({written})"))
            }
            _ => Err(unknown(expression)),
        }
    }

    /// Writes an expression; literals take the form that fits `beside`, the type of what they stand beside.
    fn write(&self, expression: &Expr, beside: Option<&ColumnType>) -> Translated {
        match expression {
            Expr::Nested(inner) => Ok(format!("({})", self.write(inner, beside)?)),
            Expr::Identifier(word) => match self.column(&word.value) {
                Some(column) => Ok(quote_identifier(&column.target).into_owned()),
                None if word.quote_style == Some('"') => match beside {
                    Some(column_type) => literal_as(&Value::SingleQuotedString(word.value.clone()), column_type),
                    None => Ok(quote_literal(&word.value)),
                },
                None => Err(Untranslatable(format!("it names `{}`, which is no column that is copied", word.value))),
            },
            Expr::Value(value) => self.literal(&value.value, beside),
            Expr::IsNull(inner) => Ok(format!("{} IS NULL", self.write(inner, None)?)),
            Expr::IsNotNull(inner) => Ok(format!("{} IS NOT NULL", self.write(inner, None)?)),
            Expr::InList { expr, list, negated } => {
                let column_type = self.type_of(expr);
                let list = list.iter().map(|item| self.write(item, column_type)).collect::<Result<Vec<_>, _>>()?;
                if list.is_empty() {
                    return Err(Untranslatable("PostgreSQL has no empty IN list".to_owned()));
                }
                let not = if *negated { "NOT " } else { "" };
                Ok(format!("{} {not}IN ({})", self.write(expr, None)?, list.join(", ")))
            }
            Expr::Between { expr, negated, low, high } => {
                let column_type = self.type_of(expr);
                let not = if *negated { "NOT " } else { "" };
                let (low, high) = (self.write(low, column_type)?, self.write(high, column_type)?);
                Ok(format!("{} {not}BETWEEN {low} AND {high}", self.write(expr, None)?))
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(format!("NOT {}", self.truth(expr)?)),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Ok(format!("-{}", self.write(expr, beside)?)),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, beside),
            Expr::Function(function) => self.function(function, expression),
            _ => Err(unknown(expression)),
        }
    }

    fn binary(&self, left: &Expr, operator: &BinaryOperator, right: &Expr, beside: Option<&ColumnType>) -> Translated {
        let word = match operator {
            BinaryOperator::And => return Ok(format!("{} AND {}", self.truth(left)?, self.truth(right)?)),
            BinaryOperator::Or => return Ok(format!("{} OR {}", self.truth(left)?, self.truth(right)?)),
            BinaryOperator::Eq => "=",
            BinaryOperator::NotEq => "<>",
            BinaryOperator::Lt => "<",
            BinaryOperator::LtEq => "<=",
            BinaryOperator::Gt => ">",
            BinaryOperator::GtEq => ">=",
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply => {
                let arithmetic = self.type_of(left).or(self.type_of(right)).or(beside);
                let (left, right) = (self.write(left, arithmetic)?, self.write(right, arithmetic)?);
                return Ok(format!("{left} {operator} {right}"));
            }
            other => {
                return Err(Untranslatable(format!(
                    "the operator {other} is not known to mean the same in PostgreSQL"
                )));
            }
        };
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        Ok(format!("{} {word} {}", self.write(left, right_type)?, self.write(right, left_type)?))
    }

    /// An expression where SQLite takes any number for a truth value and PostgreSQL only a boolean.
    fn truth(&self, expression: &Expr) -> Translated {
        match strip(expression) {
            Expr::Identifier(word) => match self.column(&word.value) {
                Some(column) if column.column_type == ColumnType::Boolean => self.write(expression, None),
                Some(column) if column.column_type.is_integer() => {
                    Ok(format!("{} <> 0", self.write(expression, None)?))
                }
                _ => Err(unknown(expression)),
            },
            Expr::Value(value) => literal_as(&value.value, &ColumnType::Boolean),
            _ => self.write(expression, None),
        }
    }

    fn function(&self, function: &sqlparser::ast::Function, expression: &Expr) -> Translated {
        let name = function.name.to_string().to_ascii_lowercase();
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let arguments = list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Ok(argument),
                _ => Err(unknown(expression)),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let is_text = |argument: &&Expr| self.type_of(argument).is_some_and(is_text);
        match (name.as_str(), arguments.as_slice()) {
            // What is in a json column has been accepted as JSON by PostgreSQL.
            ("json_valid", [argument])
                if matches!(self.type_of(argument), Some(ColumnType::Json | ColumnType::Jsonb)) =>
            {
                Ok("true".to_owned())
            }
            ("length", [argument]) if is_text(argument) => Ok(format!("char_length({})", self.write(argument, None)?)),
            ("lower" | "upper", [argument]) if is_text(argument) => {
                Ok(format!("{name}({})", self.write(argument, None)?))
            }
            ("abs", [argument]) => Ok(format!("abs({})", self.write(argument, None)?)),
            ("ifnull" | "coalesce", [_, _, ..]) => {
                let column_type = arguments.iter().find_map(|argument| self.type_of(argument));
                let arguments = arguments
                    .iter()
                    .map(|argument| self.write(argument, column_type))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(format!("coalesce({})", arguments.join(", ")))
            }
            _ => Err(Untranslatable(format!("the function {name}() is not known to mean the same in PostgreSQL"))),
        }
    }

    fn column(&self, name: &str) -> Option<&ColumnMapping> {
        self.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name))
    }

    fn type_of(&self, expression: &Expr) -> Option<&ColumnType> {
        match strip(expression) {
            Expr::Identifier(word) => self.column(&word.value).map(|column| &column.column_type),
            _ => None,
        }
    }
}

fn unknown(expression: &Expr) -> Untranslatable {
    Untranslatable(format!("`{expression}` is not known to mean the same in PostgreSQL"))
}

fn is_text(column_type: &ColumnType) -> bool {
    matches!(column_type, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext)
}

/// CURRENT_TIMESTAMP and its like. In a text column SQLite stores `YYYY-MM-DD HH:MM:SS` in UTC
/// (<https://www.sqlite.org/lang_createtable.html#the_default_clause>).
fn clock(word: &str, column_type: &ColumnType) -> Translated {
    let utc = "(now() AT TIME ZONE 'UTC')";
    let word = word.to_ascii_uppercase();
    let (bare, format) = match word.as_str() {
        "CURRENT_TIMESTAMP" => ("CURRENT_TIMESTAMP", "YYYY-MM-DD HH24:MI:SS"),
        "CURRENT_DATE" => ("::date", "YYYY-MM-DD"),
        "CURRENT_TIME" => ("::time", "HH24:MI:SS"),
        _ => return Err(Untranslatable(format!("`{word}` is not known to mean the same in PostgreSQL"))),
    };
    match column_type {
        ColumnType::Timestamptz(_) if word == "CURRENT_TIMESTAMP" => Ok(bare.to_owned()),
        ColumnType::Timestamp(_) if word == "CURRENT_TIMESTAMP" => Ok(utc.to_owned()),
        ColumnType::Date if word == "CURRENT_DATE" => Ok(format!("{utc}{bare}")),
        ColumnType::Time(_) if word == "CURRENT_TIME" => Ok(format!("{utc}{bare}")),
        text if is_text(text) => Ok(format!("to_char(now() AT TIME ZONE 'UTC', '{format}')")),
        other => Err(Untranslatable(format!("{word} does not give a value of type {other}"))),
    }
}

fn plain_literal(value: &Value) -> Translated {
    match value {
        Value::Number(digits, _) => number(digits),
        Value::SingleQuotedString(text) => Ok(quote_literal(text)),
        Value::Null => Ok("NULL".to_owned()),
        Value::Boolean(truth) => Ok(truth.to_string()),
        other => Err(Untranslatable(format!("the literal {other} is not known in PostgreSQL"))),
    }
}

/// A literal as a value of `column_type`.
fn literal_as(value: &Value, column_type: &ColumnType) -> Translated {
    let mismatch = || Untranslatable(format!("the literal {value} is no value of type {column_type}"));
    match (value, column_type) {
        (Value::Null, _) => Ok("NULL".to_owned()),
        (Value::Number(digits, _), ColumnType::Boolean) => match digits.as_str() {
            "0" => Ok("false".to_owned()),
            "1" => Ok("true".to_owned()),
            _ => Err(mismatch()),
        },
        (Value::SingleQuotedString(text), ColumnType::Boolean) => match text.to_ascii_lowercase().as_str() {
            "0" | "f" | "false" | "no" | "off" => Ok("false".to_owned()),
            "1" | "t" | "true" | "yes" | "on" => Ok("true".to_owned()),
            _ => Err(mismatch()),
        },
        (Value::Boolean(truth), ColumnType::Boolean) => Ok(truth.to_string()),
        (Value::Boolean(truth), _) => literal_as(&Value::Number(u8::from(*truth).to_string(), false), column_type),
        (Value::Number(digits, _), text) if is_text(text) => Ok(quote_literal(digits)),
        (Value::Number(digits, _), ColumnType::Json | ColumnType::Jsonb) => Ok(quote_literal(digits)),
        (Value::Number(digits, _), integer) if integer.is_integer() => match integer_digits(digits) {
            Some(integer) => Ok(integer),
            None => Err(mismatch()),
        },
        (Value::Number(digits, _), ColumnType::Real | ColumnType::DoublePrecision | ColumnType::Numeric(_)) => {
            number(digits)
        }
        (Value::SingleQuotedString(text), numeric)
            if numeric.is_integer()
                || matches!(numeric, ColumnType::Real | ColumnType::DoublePrecision | ColumnType::Numeric(_)) =>
        {
            let trimmed = text.trim();
            if trimmed.parse::<f64>().is_ok_and(f64::is_finite) {
                literal_as(&Value::Number(trimmed.to_owned(), false), numeric)
            } else {
                Err(mismatch())
            }
        }
        (Value::HexStringLiteral(digits), ColumnType::Bytea) => Ok(format!("'\\x{}'", digits.to_ascii_lowercase())),
        (Value::SingleQuotedString(text), ColumnType::Bytea) => Ok(format!("'\\x{}'", hex::encode(text))),
        (Value::SingleQuotedString(text), other) => {
            match (serde_json::from_str::<serde::de::IgnoredAny>(text), other) {
                (Err(_), ColumnType::Json | ColumnType::Jsonb) => Err(mismatch()),
                _ => Ok(quote_literal(text)),
            }
        }
        _ => Err(mismatch()),
    }
}

/// A number as PostgreSQL writes it; SQLite also has hexadecimal ones.
fn number(digits: &str) -> Translated {
    match integer_digits(digits) {
        Some(integer) => Ok(integer),
        None if digits.parse::<f64>().is_ok_and(f64::is_finite) => Ok(digits.to_owned()),
        None => Err(Untranslatable(format!("the number {digits} is not known in PostgreSQL"))),
    }
}

fn integer_digits(digits: &str) -> Option<String> {
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // Sixteen digits are the bits of a signed integer (https://www.sqlite.org/lang_expr.html#hexint).
        return u64::from_str_radix(hexadecimal, 16).ok().map(|bits| bits.cast_signed().to_string());
    }
    digits.parse::<i64>().ok().map(|integer| integer.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, column_type: &str) -> ColumnMapping {
        ColumnMapping {
            source: name.to_owned(),
            target: name.to_owned(),
            column_type: column_type.parse().unwrap(),
            ..ColumnMapping::default()
        }
    }

    #[test]
    fn defaults_by_type() {
        for (text, column_type, expected) in [
            ("0", "boolean", "false"),
            ("'true'", "boolean", "true"),
            ("TRUE", "bigint", "1"),
            ("(-5)", "bigint", "-5"),
            ("0x10", "bigint", "16"),
            ("'7'", "bigint", "7"),
            ("1e3", "double precision", "1e3"),
            ("'it''s'", "text", "'it''s'"),
            ("\"active\"", "varchar(9)", "'active'"),
            ("0", "text", "'0'"),
            ("NULL", "text", "NULL"),
            ("'null'", "text", "'null'"),
            ("'{}'", "jsonb", "'{}'"),
            ("x'00FF'", "bytea", "'\\x00ff'"),
            ("CURRENT_TIMESTAMP", "timestamptz", "CURRENT_TIMESTAMP"),
            ("(CURRENT_TIMESTAMP)", "text", "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"),
            ("(1+2)", "bigint", "(1 + 2)"),
        ] {
            assert_eq!(default_value(text, &column_type.parse().unwrap()).as_deref(), Ok(expected), "{text}");
        }
        for (text, column_type) in
            [("2", "boolean"), ("'a'", "bigint"), ("'{'", "jsonb"), ("random()", "text"), ("1.5", "bigint")]
        {
            assert!(default_value(text, &column_type.parse().unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn conditions_know_the_columns_types() {
        let columns =
            [column("is_active", "boolean"), column("role", "text"), column("n", "bigint"), column("Order", "jsonb")];
        for (text, expected) in [
            ("is_active IN (0, 1)", "is_active IN (false, true)"),
            ("role IN ('user', \"admin\", 3)", "role IN ('user', 'admin', '3')"),
            ("n >= 0 AND (n < 10 OR is_active)", "n >= 0 AND (n < 10 OR is_active)"),
            ("0 < n", "0 < n"),
            ("is_active = 1", "is_active = true"),
            ("role IS NOT NULL", "role IS NOT NULL"),
            ("n BETWEEN 1 AND 5", "n BETWEEN 1 AND 5"),
            ("length(role) <= 9", "char_length(role) <= 9"),
            ("json_valid(\"Order\") OR \"Order\" IS NULL", "true OR \"Order\" IS NULL"),
        ] {
            assert_eq!(condition(text, &columns).as_deref(), Ok(expected), "{text}");
        }
        for text in ["role GLOB 'a*'", "missing = 1", "n / 2 = 1", "typeof(n) = 'integer'"] {
            assert!(condition(text, &columns).is_err(), "{text}");
        }
    }
}
