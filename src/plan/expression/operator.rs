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
                let (left, right) = self.numbers(left, right, wanted, expression)?;
                let kind = if left.kind.fits(right.kind) { right.kind } else { left.kind };
                Ok(Sql::new(format!("{} {operator} {}", left.text, right.text), kind))
            }
            BinaryOperator::Divide | BinaryOperator::Modulo => {
                let divisor = right;
                let (left, right) = self.numbers(left, right, wanted, expression)?;
                let kind = if left.kind.fits(right.kind) { right.kind } else { left.kind };
                let is_whole = kind == Kind::Integer;
                // Numeric values may be integers or not in SQLite, row by row, and divide accordingly.
                if !(is_whole || kind == Kind::Float && *operator == BinaryOperator::Divide) {
                    return Err(unknown(expression));
                }
                // SQLite divides by zero to NULL.
                let right = match strip(divisor) {
                    Expr::Value(value) if value.value.to_string().parse::<f64>().is_ok_and(|number| number != 0.0) => {
                        right.text
                    }
                    _ => format!("nullif({}, 0)", right.text),
                };
                Ok(Sql::new(format!("{} {operator} {right}", left.text), kind))
            }
            BinaryOperator::StringConcat => {
                // SQLite binds it closer than any other operator, PostgreSQL less than arithmetic.
                if [left, right].into_iter().any(is_arithmetic) {
                    return Err(unknown(expression));
                }
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

    /// Both sides of an arithmetic operator.
    fn numbers(
        &self,
        left: &Expr,
        right: &Expr,
        wanted: Option<Kind>,
        whole: &Expr,
    ) -> Result<(Sql, Sql), Untranslatable> {
        let is_chain = |side: &Expr| matches!(side, Expr::BinaryOp { op: BinaryOperator::StringConcat, .. });
        if is_chain(left) || is_chain(right) {
            return Err(unknown(whole));
        }
        let beside = self.kind_of(left).or(self.kind_of(right)).or(wanted);
        let (mut one, mut two) = (self.number(left, beside)?, self.number(right, beside)?);
        // A literal with a point is binary floating point in SQLite and exact in PostgreSQL.
        let kinds = (one.kind, two.kind);
        for (literal, number, other) in [(left, &mut one, kinds.1), (right, &mut two, kinds.0)] {
            if number.kind == Kind::Decimal && other == Kind::Integer && matches!(strip(literal), Expr::Value(_)) {
                *number = Sql::new(format!("{}::double precision", number.text), Kind::Float);
            }
        }
        if one.kind == Kind::Decimal || two.kind == Kind::Decimal {
            self.remarks.is_exact.set(true);
        }
        Ok((one, two))
    }

    fn comparison(&self, left: &Expr, operator: &str, right: &Expr) -> Written {
        // Without parentheses the two sides are not sure to nest comparisons in the same way.
        if let Some(side) = [left, right].into_iter().find(|side| is_comparison(side)) {
            return Err(Untranslatable(format!("it compares `{side}`, which compares itself")));
        }
        self.converts(left, right)?;
        self.converts(right, left)?;
        if !matches!(operator, ">=" | "<") {
            self.whole_time(left, right)?;
        }
        if !matches!(operator, "<=" | ">") {
            self.whole_time(right, left)?;
        }
        let collation = self.collation(&[left, right])?;
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
        if one.kind == Kind::Text && two.kind == Kind::Text {
            let is_order = !matches!(operator, "=" | "<>");
            one.text = if is_order { collation.order(&one.text) } else { collation.fold(&one.text) };
            two.text = collation.fold(&two.text);
        }
        Ok(Sql::new(format!("{} {operator} {}", one.text, two.text), Kind::Truth))
    }

    /// Refuses a literal of another class beside an expression: SQLite converts it only beside a column that has a type,
    /// and calls the two unequal otherwise (<https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison>).
    fn converts(&self, beside: &Expr, literal: &Expr) -> Result<(), Untranslatable> {
        let Some(kind) = self.kind_of(beside) else { return Ok(()) };
        let is_other = match strip(literal) {
            Expr::Value(value) if matches!(value.value, Value::Number(..) | Value::Boolean(_)) => kind == Kind::Text,
            Expr::UnaryOp { expr, .. } if matches!(strip(expr), Expr::Value(_)) => kind == Kind::Text,
            other => {
                string(other).is_some() && self.kind_of(other).is_none() && (kind.is_number() || kind == Kind::Truth)
            }
        };
        if is_other && !self.has_affinity(beside) {
            return Err(Untranslatable(format!(
                "SQLite never finds `{beside}` equal to `{literal}`, which is of another type"
            )));
        }
        Ok(())
    }

    /// Refuses a date beside a timestamp where midnight makes a difference: SQLite compares their texts, in which the
    /// date alone comes before every time of the day.
    fn whole_time(&self, beside: &Expr, literal: &Expr) -> Result<(), Untranslatable> {
        let is_timestamp = matches!(self.kind_of(beside), Some(Kind::Timestamp | Kind::Timestamptz));
        if is_timestamp && string(literal).is_some_and(|text| !text.contains(':')) {
            return Err(Untranslatable(format!(
                "`{literal}` comes before midnight of its day in SQLite, and is midnight in PostgreSQL"
            )));
        }
        Ok(())
    }

    /// Whether SQLite converts what this is compared with.
    pub(in crate::plan) fn has_affinity(&self, expression: &Expr) -> bool {
        match strip(expression) {
            Expr::Cast { .. } => true,
            Expr::Collate { expr, .. } => self.has_affinity(expr),
            name => matches!(self.scope.find(name), Ok(Some(found)) if found.column.has_affinity),
        }
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
        let collation = self.collation(&[subject])?;
        for item in list {
            self.converts(subject, item)?;
            self.whole_time(subject, item)?;
        }
        let subject = self.write(subject, None)?;
        let fold = |text: &str| if subject.kind == Kind::Text { collation.fold(text) } else { text.to_owned() };
        let item = |item: &Expr| {
            let written = self.write(item, Some(subject.kind))?;
            if written.kind.compares_with(subject.kind) {
                Ok(fold(&written.text))
            } else {
                Err(Untranslatable(format!("it compares {} with {}", subject.kind, written.kind)))
            }
        };
        let list = list.iter().map(item).collect::<Result<Vec<_>, _>>()?;
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::new(format!("{} {not}IN ({})", fold(&subject.text), list.join(", ")), Kind::Truth))
    }

    pub(super) fn between(&self, subject: &Expr, negated: bool, low: &Expr, high: &Expr) -> Written {
        let collation = self.collation(&[subject])?;
        self.converts(subject, low)?;
        self.converts(subject, high)?;
        self.whole_time(subject, high)?;
        let subject = self.write(subject, None)?;
        let bound = |bound: &Expr| {
            let written = self.write(bound, Some(subject.kind))?;
            if written.kind.compares_with(subject.kind) {
                Ok(if subject.kind == Kind::Text { collation.fold(&written.text) } else { written.text })
            } else {
                Err(Untranslatable(format!("it compares {} with {}", subject.kind, written.kind)))
            }
        };
        let (low, high) = (bound(low)?, bound(high)?);
        let not = if negated { "NOT " } else { "" };
        let text = if subject.kind == Kind::Text { collation.order(&subject.text) } else { subject.text };
        Ok(Sql::new(format!("{text} {not}BETWEEN {low} AND {high}"), Kind::Truth))
    }

    pub(super) fn like(&self, subject: &Expr, negated: bool, pattern: &Expr, escape: Option<&Expr>) -> Written {
        let words = |expression: &Expr| string(expression).map(str::to_owned).ok_or_else(|| unknown(expression));
        let (subject, pattern, escape) = (self.text(subject)?, words(pattern)?, escape.map(words).transpose()?);
        // The pattern is written in lower case.
        if escape.as_ref().is_some_and(|escape| escape.contains(|letter: char| letter.is_ascii_alphabetic())) {
            return Err(Untranslatable("the escape character of its LIKE is a letter".to_owned()));
        }
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
            // SQLite cuts the fraction off, a cast of PostgreSQL rounds.
            Kind::Float | Kind::Decimal if name.contains("INT") => {
                Ok(Sql::new(format!("trunc({})::bigint", written.text), Kind::Integer))
            }
            Kind::Integer if name == "TEXT" || name.contains("CHAR") => to("text", Kind::Text),
            Kind::Integer | Kind::Decimal | Kind::Float if name == "REAL" || name.contains("DOUB") => {
                to("double precision", Kind::Float)
            }
            Kind::Text if name == "TEXT" || name.starts_with("VARCHAR") => Ok(written),
            _ => Err(unknown(expression)),
        }
    }
}

/// An operator between numbers, not in parentheses.
fn is_arithmetic(expression: &Expr) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(expression, Expr::BinaryOp { op: Plus | Minus | Multiply | Divide | Modulo, .. } | Expr::UnaryOp { .. })
        && string(expression).is_none()
}

/// A comparison that is not in parentheses.
fn is_comparison(expression: &Expr) -> bool {
    use BinaryOperator::{And, Eq, Glob, Gt, GtEq, Lt, LtEq, NotEq, Or};
    match expression {
        Expr::BinaryOp { op, .. } => matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq | And | Or | Glob),
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Not, .. } => true,
        _ => false,
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
