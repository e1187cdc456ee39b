//! Operators: comparison, logic, arithmetic, lists, patterns, CASE and CAST.

use super::kind::Kind;
use super::pattern;
use super::translator::{Sql, Translator, Written};
use super::{Untranslatable, strip, unknown};
use sqlparser::ast::{BinaryOperator, CaseWhen, DataType, Expr, Value};

impl Translator<'_> {
    pub(super) fn binary(
        &self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        wanted: Option<Kind>,
        expression: &Expr,
    ) -> Written {
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                Ok(Sql::new(format!("{} {operator} {}", self.truth(left)?, self.truth(right)?), Kind::Truth))
            }
            BinaryOperator::Eq => self.comparison(left, "=", right),
            BinaryOperator::NotEq => self.comparison(left, "<>", right),
            BinaryOperator::Lt => self.comparison(left, "<", right),
            BinaryOperator::LtEq => self.comparison(left, "<=", right),
            BinaryOperator::Gt => self.comparison(left, ">", right),
            BinaryOperator::GtEq => self.comparison(left, ">=", right),
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply => {
                let beside = self.kind_of(left).or(self.kind_of(right)).or(wanted);
                let (left, right) = (self.number(left, beside)?, self.number(right, beside)?);
                let kind = if left.kind.fits(right.kind) { right.kind } else { left.kind };
                Ok(Sql::new(format!("{} {operator} {}", left.text, right.text), kind))
            }
            BinaryOperator::StringConcat => {
                Ok(Sql::new(format!("{} || {}", self.text(left)?, self.text(right)?), Kind::Text))
            }
            BinaryOperator::Glob => {
                let subject = self.text(left)?;
                let pattern = string(right).and_then(|pattern| pattern::glob(&subject, pattern));
                pattern.map(|written| Sql::new(written, Kind::Truth)).ok_or_else(|| unknown(expression))
            }
            BinaryOperator::Arrow | BinaryOperator::LongArrow => self.json_part(left, right, operator, expression),
            other => Err(Untranslatable(format!("the operator {other} is not known to mean the same in PostgreSQL"))),
        }
    }

    fn comparison(&self, left: &Expr, operator: &str, right: &Expr) -> Written {
        self.compared(left)?;
        self.compared(right)?;
        let (left_kind, right_kind) = (self.kind_of(left), self.kind_of(right));
        let (mut one, mut two) = (self.write_beside(left, right_kind)?, self.write_beside(right, left_kind)?);
        // SQLite's truth values are numbers and compare with them.
        if one.kind == Kind::Truth && two.kind.is_number() {
            one = Sql::new(format!("({})::int", one.text), Kind::Integer);
        } else if two.kind == Kind::Truth && one.kind.is_number() {
            two = Sql::new(format!("({})::int", two.text), Kind::Integer);
        }
        if !one.kind.compares_with(two.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", one.kind, two.kind)));
        }
        Ok(Sql::new(format!("{} {operator} {}", one.text, two.text), Kind::Truth))
    }

    /// A literal beside a boolean may be any number: only 0 and 1 are truth values themselves.
    fn write_beside(&self, expression: &Expr, beside: Option<Kind>) -> Written {
        match self.write(expression, beside) {
            Err(_) if beside == Some(Kind::Truth) => self.write(expression, None),
            written => written,
        }
    }

    pub(super) fn in_list(&self, subject: &Expr, list: &[Expr], negated: bool) -> Written {
        if list.is_empty() {
            return Err(Untranslatable("PostgreSQL has no empty IN list".to_owned()));
        }
        self.compared(subject)?;
        let subject = self.write(subject, None)?;
        let item = |item: &Expr| {
            let written = self.write(item, Some(subject.kind))?;
            if written.kind.compares_with(subject.kind) {
                Ok(written.text)
            } else {
                Err(Untranslatable(format!("it compares {} with {}", subject.kind, written.kind)))
            }
        };
        let list = list.iter().map(item).collect::<Result<Vec<_>, _>>()?;
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{} {not}IN ({})", subject.text, list.join(", ")), Kind::Truth))
    }

    pub(super) fn between(&self, subject: &Expr, negated: bool, low: &Expr, high: &Expr) -> Written {
        self.compared(subject)?;
        let subject = self.write(subject, None)?;
        let bound = |bound: &Expr| {
            let written = self.write(bound, Some(subject.kind))?;
            if written.kind.compares_with(subject.kind) {
                Ok(written.text)
            } else {
                Err(Untranslatable(format!("it compares {} with {}", subject.kind, written.kind)))
            }
        };
        let (low, high) = (bound(low)?, bound(high)?);
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{} {not}BETWEEN {low} AND {high}", subject.text), Kind::Truth))
    }

    pub(super) fn like(&self, subject: &Expr, negated: bool, pattern: &Expr, escape: Option<&Expr>) -> Written {
        let words = |expression: &Expr| string(expression).map(str::to_owned).ok_or_else(|| unknown(expression));
        let (subject, pattern, escape) = (self.text(subject)?, words(pattern)?, escape.map(words).transpose()?);
        Ok(Sql::new(pattern::like(&subject, negated, &pattern, escape.as_deref()), Kind::Truth))
    }

    pub(super) fn case(
        &self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        wanted: Option<Kind>,
    ) -> Written {
        let results = conditions.iter().map(|when| &when.result).chain(otherwise);
        let kind = results.clone().find_map(|result| self.kind_of(result)).or(wanted);
        let result = |result: &Expr| {
            let written = self.write(result, kind)?;
            match kind {
                Some(kind) if !written.kind.fits(kind) => {
                    Err(Untranslatable(format!("its CASE gives {kind} and {}", written.kind)))
                }
                _ => Ok(written),
            }
        };
        let mut text = String::from("CASE");
        let mut found = kind.unwrap_or(Kind::Null);
        for CaseWhen { condition, result: then } in conditions {
            let condition = match operand {
                Some(operand) => self.comparison(operand, "=", condition)?.text,
                None => self.truth(condition)?,
            };
            let then = result(then)?;
            found = if kind.is_none() && found == Kind::Null { then.kind } else { found };
            text.push_str(&format!(" WHEN {condition} THEN {}", then.text));
        }
        if let Some(otherwise) = otherwise {
            text.push_str(&format!(" ELSE {}", result(otherwise)?.text));
        }
        Ok(Sql::new(text + " END", found))
    }

    /// CAST between kinds where both systems give the same; of text into numbers SQLite takes what it can, PostgreSQL all
    /// or nothing.
    pub(super) fn cast(&self, inner: &Expr, data_type: &DataType, expression: &Expr) -> Written {
        let name = data_type.to_string().to_ascii_uppercase();
        let written = self.write(inner, None)?;
        let to = |words: &str, kind| Ok(Sql::new(format!("({})::{words}", written.text), kind));
        match written.kind {
            Kind::Integer if name.contains("INT") => Ok(written),
            Kind::Truth if name.contains("INT") => to("int", Kind::Integer),
            Kind::Integer if name == "TEXT" || name.contains("CHAR") => to("text", Kind::Text),
            Kind::Integer | Kind::Decimal | Kind::Float if name == "REAL" || name.contains("DOUB") => {
                to("double precision", Kind::Float)
            }
            Kind::Text if name == "TEXT" || name.starts_with("VARCHAR") => Ok(written),
            _ => Err(unknown(expression)),
        }
    }
}

/// A literal string, in either of the quotes that SQLite accepts.
pub(super) fn string(expression: &Expr) -> Option<&str> {
    match strip(expression) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Identifier(word) if word.quote_style == Some('"') => Some(&word.value),
        _ => None,
    }
}
