//! Operators: comparison, logic, lists and patterns.

use super::collation::{fold, order};
use super::pattern;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

impl Translator<'_> {
    pub(super) fn binary(
        &self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        expression: &Expr,
    ) -> Translation {
        match operator {
            BinaryOperator::And | BinaryOperator::Or => {
                let binds = if *operator == BinaryOperator::And { Binds::And } else { Binds::Or };
                let (left, right) = (self.truth(left)?.within(binds), self.truth(right)?.within(binds));
                Ok(Sql::condition(format!("{left} {operator} {right}"), binds))
            }
            BinaryOperator::Eq => self.comparison(left, "=", right, expression),
            BinaryOperator::NotEq => self.comparison(left, "<>", right, expression),
            BinaryOperator::Lt => self.comparison(left, "<", right, expression),
            BinaryOperator::LtEq => self.comparison(left, "<=", right, expression),
            BinaryOperator::Gt => self.comparison(left, ">", right, expression),
            BinaryOperator::GtEq => self.comparison(left, ">=", right, expression),
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => self.arithmetic(left, operator, right, expression),
            BinaryOperator::StringConcat => {
                // In SQLite its precedence is above all other operators, in PostgreSQL below arithmetic.
                if [left, right].into_iter().any(is_arithmetic) {
                    return Err(unknown(expression));
                }
                let (left, right) = (self.text(left)?, self.text(right)?);
                let text = format!("{} || {}", left.within(Binds::Other), right.within(Binds::Sum));
                Ok(Sql { binds: Binds::Other, ..Sql::new(text, ValueKind::Text) })
            }
            BinaryOperator::Glob => {
                let subject = self.text(left)?.within(Binds::Sum);
                let pattern = self.string(right).and_then(|pattern| pattern::glob(&subject, pattern));
                pattern.map(|written| Sql::condition(written, Binds::Other)).ok_or_else(|| unknown(expression))
            }
            BinaryOperator::Arrow | BinaryOperator::LongArrow => self.json_part(left, right, operator, expression),
            other => Err(Untranslatable(format!("the operator {other} is not known to mean the same in PostgreSQL"))),
        }
    }

    pub(super) fn comparison(&self, left: &Expr, operator: &str, right: &Expr, expression: &Expr) -> Translation {
        // Without parentheses the two systems may nest comparisons differently.
        if let Some(side) = [left, right].into_iter().find(|side| is_comparison(side)) {
            return Err(Untranslatable(format!("it compares `{side}`, which is itself a comparison")));
        }
        let (one, two) = self.sides(left, right)?;
        self.compared((left, one), operator, (right, two), expression)
    }

    /// A comparison of two translated sides.
    pub(super) fn compared(
        &self,
        (left, one): (&Expr, Sql),
        operator: &str,
        (right, two): (&Expr, Sql),
        expression: &Expr,
    ) -> Translation {
        let folding = self.folding(&[left, right])?;
        let (one, two) = self.comparable(one, two, expression)?;
        if !matches!(operator, ">=" | "<") {
            two.whole(right)?;
        }
        if !matches!(operator, "<=" | ">") {
            one.whole(left)?;
        }
        let (mut left, mut right) = (one.within(Binds::Pattern), two.within(Binds::Pattern));
        if one.kind == ValueKind::Text || two.kind == ValueKind::Text {
            let is_order = !matches!(operator, "=" | "<>");
            left = if is_order { order(folding, &one) } else { fold(folding, &one) };
            right = fold(folding, &two);
        }
        Ok(Sql::condition(format!("{left} {operator} {right}"), Binds::Comparison))
    }

    /// Both sides of a comparison; a literal takes the form that fits the other side.
    fn sides(&self, left: &Expr, right: &Expr) -> Result<(Sql, Sql), Untranslatable> {
        Ok(match (self.is_literal(left), self.is_literal(right)) {
            (true, false) => {
                let two = self.write(right, Wanted::Natural)?;
                (self.beside(left, &two, right)?, two)
            }
            (false, true) => {
                let one = self.write(left, Wanted::Natural)?;
                let two = self.beside(right, &one, left)?;
                (one, two)
            }
            _ => (self.write(left, Wanted::Natural)?, self.write(right, Wanted::Natural)?),
        })
    }

    /// A literal beside an expression: SQLite converts it only beside a value with affinity, and takes the two for
    /// unequal otherwise (<https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison>).
    pub(super) fn beside(&self, literal: &Expr, beside: &Sql, expression: &Expr) -> Translation {
        let natural = self.write(literal, Wanted::Natural)?;
        let is_other = match (natural.kind, beside.kind) {
            (number, ValueKind::Text) if number.is_number() => beside.coercion != Coercion::Text,
            (ValueKind::Text, kind) if kind.is_number() || kind == ValueKind::Truth => !beside.coercion.makes_numbers(),
            (ValueKind::Text, ValueKind::Text) => self.is_number_in_text(literal, beside),
            _ => false,
        };
        if is_other {
            return Err(Untranslatable(format!(
                "SQLite never finds `{expression}` equal to `{literal}`, which is of another type"
            )));
        }
        match (beside.kind, natural.kind) {
            // Beside a boolean it may be any number; only 0 and 1 are truth values.
            (ValueKind::Truth, kind) if kind.is_number() => {
                self.write(literal, Wanted::Compared(ValueKind::Truth)).map(|written| match written.kind {
                    ValueKind::Truth => written,
                    _ => natural,
                })
            }
            (kind, _) if kind.is_spelled() => self.spelled_beside(literal, beside),
            (kind, _) => self.write(literal, Wanted::Compared(kind)),
        }
    }

    /// Whether a string is a number in text beside a column of numeric affinity.
    fn is_number_in_text(&self, literal: &Expr, beside: &Sql) -> bool {
        let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
        beside.coercion.makes_numbers() && self.string(literal).is_some_and(is_number)
    }

    /// Both values in forms that PostgreSQL compares.
    fn comparable(&self, one: Sql, two: Sql, expression: &Expr) -> Result<(Sql, Sql), Untranslatable> {
        let what = format!("`{expression}`");
        let (mut one, mut two) = (one.exactly(&what)?, two.exactly(&what)?);
        // SQLite's truth values are numbers and compare with them.
        if one.kind == ValueKind::Truth && two.kind.is_number() {
            one = one.counted();
        } else if two.kind == ValueKind::Truth && one.kind.is_number() {
            two = two.counted();
        }
        if !one.kind.compares_with(two.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", one.kind, two.kind)));
        }
        if one.kind == ValueKind::Text
            && two.kind == ValueKind::Text
            && one.coercion.makes_numbers() != two.coercion.makes_numbers()
        {
            // Text literals are checked where they are translated.
            let is_column = |side: &Sql| side.coercion == Coercion::Text;
            if is_column(&one) || is_column(&two) {
                return Err(Untranslatable(format!("SQLite makes numbers of texts in {what}")));
            }
        }
        // PostgreSQL has no operator for two NULLs without a type.
        if one.kind == ValueKind::Null && two.kind == ValueKind::Null {
            one = one.typed(ValueKind::Text);
        }
        one.compares_alike_with(&two, &expression.to_string())?;
        self.side_by_side(&one, &two, expression);
        Ok((one, two))
    }

    pub(super) fn in_list(&self, subject: &Expr, list: &[Expr], negated: bool) -> Translation {
        if list.is_empty() {
            return Err(Untranslatable("PostgreSQL has no empty IN list".to_owned()));
        }
        if is_comparison(subject) {
            return Err(Untranslatable(format!("it compares `{subject}`, which is itself a comparison")));
        }
        let folding = self.folding(&[subject])?;
        let of = self.write(subject, Wanted::Natural)?.typed(ValueKind::Text);
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            let written = if self.is_literal(item) {
                self.beside(item, &of, subject)?
            } else {
                // The types of the list's values convert nothing.
                Sql { coercion: Coercion::Nothing, ..self.write(item, Wanted::Natural)? }
            };
            let written = written.exactly(&format!("`{item}` in a list"))?;
            written.whole(item)?;
            if !written.kind.compares_with(of.kind) {
                return Err(Untranslatable(format!("it compares {} with {}", of.kind, written.kind)));
            }
            of.compares_alike_with(&written, &subject.to_string())?;
            self.side_by_side(&of, &written, item);
            items.push(if of.kind == ValueKind::Text { fold(folding, &written) } else { written.text });
        }
        let of = of.exactly(&format!("`{subject}` in a list"))?;
        let subject = if of.kind == ValueKind::Text { fold(folding, &of) } else { of.within(Binds::Other) };
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::condition(format!("{subject} {not}IN ({})", items.join(", ")), Binds::Pattern))
    }

    pub(super) fn between(&self, subject: &Expr, negated: bool, low: &Expr, high: &Expr) -> Translation {
        if let Some(side) = [subject, low, high].into_iter().find(|side| is_comparison(side)) {
            return Err(Untranslatable(format!("it compares `{side}`, which is itself a comparison")));
        }
        // Each end is compared separately: a column of either side decides the collation.
        let folding = self.folding(&[subject, low])?;
        if self.folding(&[subject, high])? != folding {
            return Err(Untranslatable(format!("the ends of BETWEEN compare `{subject}` by different collations")));
        }
        let of = self.write(subject, Wanted::Natural)?.typed(ValueKind::Text);
        let mut ends = Vec::with_capacity(2);
        for end in [low, high] {
            let written = match (self.is_literal(end), self.is_literal(subject)) {
                (true, false) => self.beside(end, &of, subject)?,
                _ => self.write(end, Wanted::Natural)?,
            };
            let (_, written) = self.comparable(of.clone(), written, end)?;
            if of.kind == ValueKind::Truth && written.kind != ValueKind::Truth {
                return Err(Untranslatable(format!("it compares {} with {}", of.kind, written.kind)));
            }
            ends.push(written);
        }
        ends[1].whole(high)?;
        let end = |end: &Sql| if of.kind == ValueKind::Text { fold(folding, end) } else { end.within(Binds::Other) };
        let (low, high) = (end(&ends[0]), end(&ends[1]));
        let not = if negated { "NOT " } else { "" };
        let text = if of.kind == ValueKind::Text { order(folding, &of) } else { of.within(Binds::Other) };
        Ok(Sql::condition(format!("{text} {not}BETWEEN {low} AND {high}"), Binds::Pattern))
    }

    pub(super) fn like(&self, subject: &Expr, negated: bool, pattern: &Expr, escape: Option<&Expr>) -> Translation {
        if is_comparison(subject) {
            return Err(Untranslatable(format!("it compares `{subject}`, which is itself a comparison")));
        }
        let words = |expression: &Expr| self.string(expression).map(str::to_owned).ok_or_else(|| unknown(expression));
        let (subject, pattern, escape) = (self.text(subject)?, words(pattern)?, escape.map(words).transpose()?);
        // The pattern is written in lower case.
        if escape.as_ref().is_some_and(|escape| escape.contains(|letter: char| letter.is_ascii_alphabetic())) {
            return Err(Untranslatable("the escape character of its LIKE is a letter".to_owned()));
        }
        if escape.as_ref().is_some_and(|escape| escape.chars().count() != 1 || pattern.ends_with(escape.as_str())) {
            return Err(Untranslatable(
                "its LIKE pattern ends with the escape character, or ESCAPE is not one character".to_owned(),
            ));
        }
        let written = pattern::like(&subject.lowered(), negated, &pattern, escape.as_deref());
        Ok(Sql::condition(written, Binds::Pattern))
    }
}

/// An operator between numbers, not in parentheses.
fn is_arithmetic(expression: &Expr) -> bool {
    use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
    matches!(expression, Expr::BinaryOp { op: Plus | Minus | Multiply | Divide | Modulo, .. } | Expr::UnaryOp { .. })
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
        | Expr::UnaryOp { op: UnaryOperator::Not, .. } => true,
        _ => false,
    }
}
