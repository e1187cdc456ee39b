//! CASE, iif(), coalesce() and nullif(): a choice among values.

use super::arithmetic::LONGEST_REPEATED;
use super::translator::Translator;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::number_range::NumberRange;
use crate::dialect::expression::sql::{Sql, Translation};
use sqlparser::ast::{CaseWhen, Expr};

impl Translator<'_> {
    pub(super) fn case(
        &self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        wanted: Wanted,
    ) -> Translation {
        let (shared, tests) = match operand {
            Some(operand) => self.cases_of(operand, conditions)?,
            None => {
                let tests = conditions.iter().map(|when| Ok(self.truth(&when.condition)?.text));
                (None, tests.collect::<Result<Vec<_>, _>>()?)
            }
        };
        let results = conditions.iter().map(|when| &when.result).chain(otherwise).collect::<Vec<_>>();
        let (results, value) = self.alternatives(&results, wanted)?;
        let mut text = String::from("CASE");
        if let Some(operand) = shared {
            text.push_str(&format!(" {operand}"));
        }
        for (test, result) in tests.iter().zip(&results) {
            text.push_str(&format!(" WHEN {test} THEN {result}"));
        }
        if let Some(otherwise) = results.get(tests.len()) {
            text.push_str(&format!(" ELSE {otherwise}"));
        }
        Ok(taken(text + " END", value))
    }

    /// The operand of a CASE, and the values of WHEN to compare it with; no operand if each WHEN is a condition.
    fn cases_of(
        &self,
        operand: &Expr,
        conditions: &[CaseWhen],
    ) -> Result<(Option<String>, Vec<String>), Untranslatable> {
        let one = self.write(operand, Wanted::Natural)?;
        let mut values = Vec::with_capacity(conditions.len());
        for CaseWhen { condition, .. } in conditions {
            let is_literal = self.is_literal(condition) && !self.is_literal(operand);
            values.push(match is_literal {
                true => self.beside(condition, &one, operand)?,
                false => self.write(condition, Wanted::Natural)?,
            });
        }
        let mut tests = Vec::with_capacity(conditions.len());
        let mut is_shared = one.kind != ValueKind::Null;
        for (CaseWhen { condition, .. }, two) in conditions.iter().zip(&values) {
            is_shared = is_shared && two.kind == one.kind && self.folding(&[operand, condition])?.is_none();
            // The length matters only for an operand that is written more than once.
            if !is_shared && one.text.len() > LONGEST_REPEATED {
                let length = one.text.len();
                return Err(Untranslatable(format!(
                    "the operand of its CASE would be repeated, and has {length} bytes"
                )));
            }
            tests.push(self.compared((operand, one.clone()), "=", (condition, two.clone()), condition)?.text);
        }
        if is_shared {
            return Ok((Some(one.text), values.into_iter().map(|value| value.text).collect()));
        }
        Ok((None, tests))
    }

    /// iif(condition, then, otherwise).
    pub(super) fn choice(&self, condition: &Expr, then: &Expr, otherwise: &Expr, wanted: Wanted) -> Translation {
        let condition = self.truth(condition)?.text;
        let (results, value) = self.alternatives(&[then, otherwise], wanted)?;
        Ok(taken(format!("CASE WHEN {condition} THEN {} ELSE {} END", results[0], results[1]), value))
    }

    pub(super) fn coalesce(&self, arguments: &[&Expr], wanted: Wanted) -> Translation {
        let (arguments, value) = self.alternatives(arguments, wanted)?;
        Ok(taken(format!("coalesce({})", arguments.join(", ")), value))
    }

    /// nullif(): compares without conversion.
    pub(super) fn nullif(&self, one: &Expr, two: &Expr) -> Translation {
        self.distinguished(one)?;
        self.distinguished(two)?;
        let (texts, value) = self.alternatives(&[one, two], Wanted::Natural)?;
        if !value.kind.compares_with(value.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", value.kind, value.kind)));
        }
        value.compares_alike(&one.to_string())?;
        let value = value.exactly("nullif()")?;
        Ok(taken(format!("nullif({}, {})", texts[0], texts[1]), value))
    }

    /// Alternative values, as texts of one kind, and the facts about the chosen one.
    fn alternatives(&self, expressions: &[&Expr], wanted: Wanted) -> Result<(Vec<String>, Sql), Untranslatable> {
        let mut written = vec![None; expressions.len()];
        let is_literal = |at: usize| self.is_literal(expressions[at]);
        let mut kind = ValueKind::Null;
        // An expression that is no literal decides the kind of the literals beside it.
        for (at, expression) in expressions.iter().enumerate().filter(|(at, _)| !is_literal(*at)) {
            let given = match wanted {
                Wanted::Stored(_) => wanted,
                _ => Wanted::Natural,
            };
            let value = self.write(expression, given)?;
            kind = if kind == ValueKind::Null { value.kind } else { kind };
            written[at] = Some(value);
        }
        let given = match (wanted, kind) {
            (Wanted::Stored(_), _) => wanted,
            (_, ValueKind::Null) => Wanted::Natural,
            _ => Wanted::Alike(kind),
        };
        let are_untyped = kind == ValueKind::Null;
        for (at, expression) in expressions.iter().enumerate().filter(|(at, _)| is_literal(*at)) {
            let literal = self.write(expression, given)?;
            let typed = literal.kind.type_of_quoted().filter(|_| are_untyped && literal.text.starts_with('\''));
            written[at] = Some(match typed {
                Some(sql_type) => Sql { text: format!("{}::{sql_type}", literal.text), ..literal },
                None => literal,
            });
        }
        let mut written = written.into_iter().flatten().collect::<Vec<_>>();
        // A truth value beside a number is the number that it is in SQLite.
        if written.iter().any(|value| value.kind.is_number()) {
            written = written.into_iter().map(Sql::counted).collect();
        }
        let kind = written.iter().try_fold(ValueKind::Null, |kind, value| kind.common(value.kind))?;
        let extents = written.iter().map(|value| value.extent);
        let extent = extents.reduce(|one, two| NumberRange::both(one, two).map(|(one, two)| one.joined(two))).flatten();
        let spelled = written.iter().filter(|value| value.kind != ValueKind::Null).map(|value| value.spelled.clone());
        let spelled = spelled.reduce(|one, two| one.joined(&two)).unwrap_or_default();
        let scales = written.iter().map(|value| if value.kind == ValueKind::Null { Some(0) } else { value.decimals() });
        let scale = scales.reduce(|one, two| one.zip(two).map(|(one, two)| one.max(two))).flatten();
        let value = Sql {
            scale,
            spelled,
            is_inexact: written.iter().any(|value| value.is_inexact),
            is_narrow: kind == ValueKind::Integer
                && written.iter().all(|value| value.is_narrow || value.kind == ValueKind::Null),
            extent,
            ..Sql::new("", kind)
        };
        Ok((written.into_iter().map(|value| value.text).collect(), value))
    }
}

/// An expression that chooses one of several values. A choice of only NULLs would be text in PostgreSQL, and is written
/// as NULL.
fn taken(text: String, value: Sql) -> Sql {
    let text = if value.kind == ValueKind::Null { "NULL".to_owned() } else { text };
    Sql { text, ..value }
}
