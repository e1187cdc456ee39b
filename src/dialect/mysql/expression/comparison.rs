//! Comparisons: they are the same in both systems only between values of one kind, and of texts only by bytes.

use super::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use crate::name::quote_literal;
use sqlparser::ast::{BinaryOperator, Expr};

/// PostgreSQL's operator for a comparison of MySQL's.
pub(super) fn operator(operator: &BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::Spaceship => "IS NOT DISTINCT FROM",
        _ => return None,
    })
}

impl Translator<'_> {
    pub(super) fn compared(&self, left: &Expr, operator: &str, right: &Expr) -> Translation {
        let is_order = operator.starts_with(['<', '>']) && operator != "<>";
        let (one, two) = self.pair(left, right, is_order)?;
        // A text is ordered by its bytes.
        let collate = if is_order && one.kind == ValueKind::Text { " COLLATE \"C\"" } else { "" };
        let (one, two) = (one.within(Binds::Other), two.within(Binds::Other));
        let binds = if operator.starts_with("IS") { Binds::Is } else { Binds::Comparison };
        Ok(Sql::condition(format!("{one} {operator} {two}{collate}"), binds))
    }

    pub(super) fn between(&self, subject: &Expr, negated: bool, low: &Expr, high: &Expr) -> Translation {
        let (of, low) = self.pair(subject, low, true)?;
        let (_, high) = self.pair(subject, high, true)?;
        let not = if negated { "NOT " } else { "" };
        let collate = if of.kind == ValueKind::Text { " COLLATE \"C\"" } else { "" };
        let (of, low, high) = (of.within(Binds::Other), low.within(Binds::Other), high.within(Binds::Other));
        Ok(Sql::condition(format!("{of}{collate} {not}BETWEEN {low} AND {high}"), Binds::Pattern))
    }

    pub(super) fn among(&self, subject: &Expr, negated: bool, list: &[Expr]) -> Translation {
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push(self.pair(subject, item, false)?.1.text);
        }
        let of = self.write(subject)?.within(Binds::Other);
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::condition(format!("{of} {not}IN ({})", items.join(", ")), Binds::Pattern))
    }

    /// LIKE of a text that is compared by bytes. Patterns without a backslash mean the same in both systems.
    pub(super) fn like(&self, subject: &Expr, negated: bool, pattern: &Expr) -> Translation {
        let (of, written) = self.pair(subject, pattern, false)?;
        let Some(words) = written.words.filter(|_| of.kind == ValueKind::Text) else { return Err(unknown(pattern)) };
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::condition(format!("{} {not}LIKE {}", of.within(Binds::Other), quote_literal(&words)), Binds::Pattern))
    }

    /// Two sides of a comparison, if both systems compare them alike.
    fn pair(&self, left: &Expr, right: &Expr, is_order: bool) -> Result<(Sql, Sql), Untranslatable> {
        let (one, two) = (self.write(left)?, self.write(right)?);
        let (one, two) = match (&one.words, &two.words) {
            (None, Some(_)) => (one.clone(), self.beside(right, one.kind)?),
            (Some(_), None) => (self.beside(left, two.kind)?, two),
            _ => (one, two),
        };
        if !is_order && (self.is_label(left, &two)? || self.is_label(right, &one)?) {
            return Ok((one, two));
        }
        use ValueKind::{Date, Decimal, Float, Integer, Null, Text, Time, Timestamp, Truth};
        let kinds = (one.kind, two.kind);
        let mismatch = || Untranslatable(format!("it compares {} with {}", kinds.0, kinds.1));
        match kinds {
            (Null, _)
            | (_, Null)
            | (Integer | Decimal | Float, Integer | Decimal | Float)
            | (Date, Date)
            | (Time, Time)
            | (Timestamp, Timestamp) => {}
            // A truth value is the number 0 or 1.
            (Truth, Truth) if !is_order => {}
            (Truth, Integer) if !is_order => return Ok((one, truth_of(&two).ok_or_else(mismatch)?)),
            (Integer, Truth) if !is_order => return Ok((truth_of(&one).ok_or_else(mismatch)?, two)),
            (Text, Text) => {
                for (side, written) in [(left, &one), (right, &two)] {
                    match self.column_of(side)? {
                        Some(column) => {
                            if let Some(collation) = column.equality.collation() {
                                return Err(Untranslatable(format!("it compares texts by the collation {collation}")));
                            }
                        }
                        // The collation of any other expression follows from its parts.
                        None if written.words.is_none() => return Err(unknown(side)),
                        None => {}
                    }
                }
                // A column that is no text in the source has an order of its own.
                let is_text = |side: &Sql| side.words.is_some() || side.coercion == Coercion::Text;
                if one.words.is_some() && two.words.is_some() || is_order && !(is_text(&one) && is_text(&two)) {
                    return Err(mismatch());
                }
            }
            _ => return Err(mismatch()),
        }
        Ok((one, two))
    }
}

impl Translator<'_> {
    /// Whether a side of a comparison is an enum, and the other one of its labels, of which no collation takes two for equal.
    fn is_label(&self, side: &Expr, other: &Sql) -> Result<bool, Untranslatable> {
        let Some(words) = &other.words else { return Ok(false) };
        Ok(self.column_of(side)?.is_some_and(|column| column.labels.contains(words)))
    }
}

/// The literals 0 and 1 beside a truth value.
fn truth_of(number: &Sql) -> Option<Sql> {
    match number.text.as_str() {
        "0" => Some(Sql::new("false", ValueKind::Truth)),
        "1" => Some(Sql::new("true", ValueKind::Truth)),
        _ => None,
    }
}
