//! Functions with the same value in both systems (MySQL manual, chapter "Functions and Operators").

use super::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

impl Translator<'_> {
    pub(super) fn function(&self, function: &Function, expression: &Expr) -> Translation {
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let argument = |argument: &'_ FunctionArg| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument.clone()),
            _ => None,
        };
        let arguments =
            list.args.iter().map(argument).collect::<Option<Vec<_>>>().ok_or_else(|| unknown(expression))?;
        let is_plain = function.over.is_none() && function.filter.is_none() && list.clauses.is_empty();
        let name = function.name.to_string().to_ascii_lowercase();
        match (name.trim_matches('`'), arguments.as_slice()) {
            _ if !is_plain => Err(unknown(expression)),
            ("if", [test, then, otherwise]) => self.choice(&[self.truth(test)?], &[then, otherwise]),
            ("ifnull" | "coalesce", [_, ..]) => {
                let (texts, value) = self.alternatives(&arguments.iter().collect::<Vec<_>>())?;
                Ok(Sql { text: format!("coalesce({})", texts.join(", ")), ..value })
            }
            ("concat", [_, ..]) => self.concat(&arguments),
            ("left", [value, length]) => {
                let length = natural(length).ok_or_else(|| unknown(expression))?;
                let written = self.write(value)?;
                match written.kind {
                    ValueKind::Text => Ok(Sql::new(format!("left({}, {length})", written.text), ValueKind::Text)),
                    ValueKind::Bytes => {
                        Ok(Sql::new(format!("substring({}, 1, {length})", written.text), ValueKind::Bytes))
                    }
                    kind => Err(Untranslatable(format!("`{expression}` cuts {kind}"))),
                }
            }
            ("char_length" | "character_length", [value]) => {
                let written = self.text(value)?;
                Ok(Sql { is_narrow: true, ..Sql::new(format!("char_length({})", written.text), ValueKind::Integer) })
            }
            ("length" | "octet_length", [value]) => {
                let written = self.write(value)?;
                if written.kind != ValueKind::Bytes {
                    let reason = "it counts bytes of a text, which depend on the character set";
                    return Err(Untranslatable(reason.to_owned()));
                }
                Ok(Sql { is_narrow: true, ..Sql::new(format!("octet_length({})", written.text), ValueKind::Integer) })
            }
            ("abs", [value]) => {
                let written = self.number(value)?;
                Ok(Sql::new(format!("abs({})", written.text), written.kind))
            }
            ("mod", [left, right]) => self.arithmetic(left, &sqlparser::ast::BinaryOperator::Modulo, right, expression),
            ("year" | "month" | "dayofmonth" | "day" | "hour" | "minute" | "second" | "quarter", [value]) => {
                let written = self.write(value)?;
                let is_of_day = matches!(name.as_str(), "hour" | "minute" | "second");
                let part = if name == "dayofmonth" { "day" } else { name.as_str() };
                match written.kind {
                    ValueKind::Timestamp => {}
                    ValueKind::Date if !is_of_day => {}
                    kind => return Err(Untranslatable(format!("`{expression}` is about {kind}"))),
                }
                // The seconds have a fraction in PostgreSQL.
                let text = format!("trunc(extract({part} FROM {}))::integer", written.text);
                Ok(Sql { is_narrow: true, coercion: Coercion::Integer, ..Sql::new(text, ValueKind::Integer) })
            }
            ("json_valid", [value]) => {
                let written = self.write(value)?;
                if !matches!(written.kind, ValueKind::Json | ValueKind::Jsonb) {
                    return Err(unknown(expression));
                }
                // The type holds nothing else; NULL stays NULL.
                let text = format!("{} IS NOT NULL OR NULL", written.within(Binds::Other));
                Ok(Sql::condition(text, Binds::Or))
            }
            _ => Err(unknown(expression)),
        }
    }

    fn text(&self, expression: &Expr) -> Translation {
        let written = self.write(expression)?;
        match written.kind {
            ValueKind::Text => Ok(written),
            kind => Err(Untranslatable(format!("`{expression}` is {kind} in the place of a text"))),
        }
    }

    /// Texts and integers one after another; NULL if one of them is.
    fn concat(&self, arguments: &[Expr]) -> Translation {
        let mut parts = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let written = self.write(argument)?;
            parts.push(match written.kind {
                ValueKind::Text => written.within(Binds::Sum),
                ValueKind::Integer => format!("({})::text", written.text),
                kind => return Err(Untranslatable(format!("it joins {kind} with texts"))),
            });
        }
        // One text alone, so that PostgreSQL resolves the operator for two literals too.
        let text = parts.join(" || ");
        Ok(Sql { binds: Binds::Other, coercion: Coercion::Text, ..Sql::new(text, ValueKind::Text) })
    }

    /// A choice among values of one kind.
    pub(super) fn choice(&self, tests: &[Sql], results: &[&Expr]) -> Translation {
        let (results, value) = self.alternatives(results)?;
        let mut text = String::from("CASE");
        for (test, result) in tests.iter().zip(&results) {
            text.push_str(&format!(" WHEN {} THEN {result}", test.text));
        }
        if let Some(otherwise) = results.get(tests.len()) {
            text.push_str(&format!(" ELSE {otherwise}"));
        }
        text.push_str(" END");
        Ok(Sql { text, ..value })
    }

    /// Values of one kind, as texts, and the facts about the chosen one. MySQL converts other kinds by rules of its own.
    fn alternatives(&self, expressions: &[&Expr]) -> Result<(Vec<String>, Sql), Untranslatable> {
        let written = expressions.iter().map(|expression| self.write(expression)).collect::<Result<Vec<_>, _>>()?;
        let mut kind = ValueKind::Null;
        for value in &written {
            match (kind, value.kind) {
                (ValueKind::Null, other) => kind = other,
                (one, two) if one == two || two == ValueKind::Null => {}
                (ValueKind::Integer, ValueKind::Decimal) | (ValueKind::Decimal, ValueKind::Integer) => {
                    kind = ValueKind::Decimal;
                }
                (one, two) => return Err(Untranslatable(format!("it mixes {one} and {two}"))),
            }
        }
        let is_natural = written.iter().any(|value| value.coercion == Coercion::Natural);
        let value = Sql {
            is_narrow: written.iter().any(|value| value.is_narrow),
            coercion: if is_natural { Coercion::Natural } else { Coercion::Nothing },
            ..Sql::new("", kind)
        };
        Ok((written.into_iter().map(|value| value.text).collect(), value))
    }
}

/// A number without sign or fraction.
fn natural(expression: &Expr) -> Option<u32> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
