//! CASE, iif(), coalesce() and nullif(): values of which one is taken.

use super::Untranslatable;
use super::arithmetic::{LONGEST_REPEATED, common};
use super::extent::Extent;
use super::kind::Kind;
use super::literal::Wanted;
use super::sql::{Sql, Written};
use super::translator::Translator;
use sqlparser::ast::{CaseWhen, Expr};

impl Translator<'_> {
    pub(super) fn case(
        &self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        wanted: Wanted,
    ) -> Written {
        let operand = operand.map(|operand| Ok((operand, self.write(operand, Wanted::Natural)?))).transpose()?;
        if let Some((operand, written)) = operand.as_ref().filter(|(_, written)| written.text.len() > LONGEST_REPEATED)
        {
            let length = written.text.len();
            return Err(Untranslatable(format!("`{operand}` would be repeated, and has {length} bytes")));
        }
        let mut tests = Vec::with_capacity(conditions.len());
        for CaseWhen { condition, .. } in conditions {
            tests.push(match &operand {
                Some((operand, one)) => {
                    let literal = self.is_literal(condition) && !self.is_literal(operand);
                    let two = match literal {
                        true => self.beside(condition, one, operand)?,
                        false => self.write(condition, Wanted::Natural)?,
                    };
                    self.compared((*operand, one.clone()), "=", (condition, two), condition)?.text
                }
                None => self.truth(condition)?.text,
            });
        }
        let results = conditions.iter().map(|when| &when.result).chain(otherwise).collect::<Vec<_>>();
        let (results, value) = self.alternatives(&results, wanted)?;
        let mut text = String::from("CASE");
        for (test, result) in tests.iter().zip(&results) {
            text.push_str(&format!(" WHEN {test} THEN {result}"));
        }
        if let Some(otherwise) = results.get(tests.len()) {
            text.push_str(&format!(" ELSE {otherwise}"));
        }
        Ok(Sql { text: text + " END", ..value })
    }

    /// iif(condition, then, otherwise).
    pub(super) fn choice(&self, condition: &Expr, then: &Expr, otherwise: &Expr, wanted: Wanted) -> Written {
        let condition = self.truth(condition)?.text;
        let (results, value) = self.alternatives(&[then, otherwise], wanted)?;
        Ok(Sql { text: format!("CASE WHEN {condition} THEN {} ELSE {} END", results[0], results[1]), ..value })
    }

    pub(super) fn coalesce(&self, arguments: &[&Expr], wanted: Wanted) -> Written {
        let (arguments, value) = self.alternatives(arguments, wanted)?;
        Ok(Sql { text: format!("coalesce({})", arguments.join(", ")), ..value })
    }

    /// nullif(): compares without converting anything.
    pub(super) fn nullif(&self, one: &Expr, two: &Expr) -> Written {
        self.distinguished(one)?;
        self.distinguished(two)?;
        let (texts, value) = self.alternatives(&[one, two], Wanted::Natural)?;
        if !value.kind.compares_with(value.kind) {
            return Err(Untranslatable(format!("it compares {} with {}", value.kind, value.kind)));
        }
        let value = value.exactly("nullif()")?;
        Ok(Sql { text: format!("nullif({}, {})", texts[0], texts[1]), ..value })
    }

    /// Values of which one is taken, as texts of one kind, and what is known of the one that is taken.
    fn alternatives(&self, expressions: &[&Expr], wanted: Wanted) -> Result<(Vec<String>, Sql), Untranslatable> {
        let mut written = vec![None; expressions.len()];
        let is_literal = |at: usize| self.is_literal(expressions[at]);
        let mut kind = Kind::Null;
        // What is no literal says what a literal beside it is.
        for (at, expression) in expressions.iter().enumerate().filter(|(at, _)| !is_literal(*at)) {
            let given = match wanted {
                Wanted::Stored(_) => wanted,
                _ => Wanted::Natural,
            };
            let value = self.write(expression, given)?;
            kind = if kind == Kind::Null { value.kind } else { kind };
            written[at] = Some(value);
        }
        let given = match (wanted, kind) {
            (Wanted::Stored(_), _) => wanted,
            (_, Kind::Null) => Wanted::Natural,
            _ => Wanted::Alike(kind),
        };
        for (at, expression) in expressions.iter().enumerate().filter(|(at, _)| is_literal(*at)) {
            written[at] = Some(self.write(expression, given)?);
        }
        let mut written = written.into_iter().flatten().collect::<Vec<_>>();
        // A truth value beside a number is the number that it is in SQLite.
        if written.iter().any(|value| value.kind.is_number()) {
            written = written.into_iter().map(Sql::counted).collect();
        }
        let kind = written.iter().try_fold(Kind::Null, |kind, value| common(kind, value.kind))?;
        let extents = written.iter().map(|value| value.extent);
        let extent = extents.reduce(|one, two| Extent::both(one, two).map(|(one, two)| one.joined(two))).flatten();
        let value = Sql {
            is_inexact: written.iter().any(|value| value.is_inexact),
            is_narrow: kind == Kind::Integer && written.iter().all(|value| value.is_narrow || value.kind == Kind::Null),
            extent,
            ..Sql::new("", kind)
        };
        Ok((written.into_iter().map(|value| value.text).collect(), value))
    }
}
