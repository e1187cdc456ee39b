//! Comparisons: they are the same in both systems only between values of one kind, and of texts by one collation.

use super::text_rule::joined;
use super::translator::Translator;
use crate::catalog::CollationRule;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::zone_sql;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, unknown};
use crate::dialect::mysql::expression::text_rule::collation_words;
use crate::name::quote_literal;
use crate::value::Zone;
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

/// Whether MySQL compares values of these kinds as PostgreSQL does, texts aside.
pub(in crate::dialect::mysql) fn compare_alike(one: ValueKind, two: ValueKind) -> bool {
    use ValueKind::{Date, Decimal, Float, Integer, Null, Time, Timestamp, Timestamptz, Truth, Uuid};
    matches!(
        (one, two),
        (Null, _)
            | (_, Null)
            | (Integer | Decimal | Float, Integer | Decimal | Float)
            | (Date | Timestamp, Date | Timestamp)
            | (Time, Time)
            | (Truth, Truth)
            | (Timestamptz, Timestamptz)
            | (Uuid, Uuid)
    )
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
        let (of_high, high) = self.pair(subject, high, true)?;
        if of.text != of_high.text {
            return Err(Untranslatable(format!("the ends of BETWEEN compare `{subject}` in different ways")));
        }
        let not = if negated { "NOT " } else { "" };
        let collate = if of.kind == ValueKind::Text { " COLLATE \"C\"" } else { "" };
        let (of, low, high) = (of.within(Binds::Other), low.within(Binds::Other), high.within(Binds::Other));
        Ok(Sql::condition(format!("{of}{collate} {not}BETWEEN {low} AND {high}"), Binds::Pattern))
    }

    pub(super) fn among(&self, subject: &Expr, negated: bool, list: &[Expr]) -> Translation {
        let (mut of, mut items): (Option<Sql>, _) = (None, Vec::with_capacity(list.len()));
        for item in list {
            if self.value(item)?.kind == ValueKind::Null {
                items.push("NULL".to_owned());
                continue;
            }
            let (one, two) = self.pair(subject, item, false)?;
            // MySQL may compare each item by another rule, PostgreSQL compares all of them alike.
            if of.as_ref().is_some_and(|of| of.text != one.text) {
                return Err(Untranslatable(format!("it compares `{subject}` with a list of different kinds")));
            }
            of = Some(one);
            items.push(two.text);
        }
        let of = of.ok_or_else(|| unknown(subject))?.within(Binds::Other);
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::condition(format!("{of} {not}IN ({})", items.join(", ")), Binds::Pattern))
    }

    /// LIKE of a text that is compared by bytes. Patterns without a backslash mean the same in both systems.
    pub(super) fn like(&self, subject: &Expr, negated: bool, pattern: &Expr) -> Translation {
        let (of, written) = (self.value(subject)?, self.value(pattern)?);
        let is_text = of.kind == ValueKind::Text && of.words.is_none();
        let Some(words) = written.words.filter(|_| is_text) else { return Err(unknown(pattern)) };
        // Spaces at the end count in a pattern, whatever the collation.
        if self.collation_rule(of.rule.as_ref())?.is_some_and(|rule| rule.letters.is_some()) || words.contains('\\') {
            let collation = collation_words(of.rule.as_ref());
            return Err(Untranslatable(format!("its LIKE compares by the collation {collation}")));
        }
        let not = if negated { "NOT " } else { "" };
        Ok(Sql::condition(format!("{} {not}LIKE {}", of.within(Binds::Other), quote_literal(&words)), Binds::Pattern))
    }

    /// Two sides of a comparison, if both systems compare them alike.
    pub(super) fn pair(&self, left: &Expr, right: &Expr, is_order: bool) -> Result<(Sql, Sql), Untranslatable> {
        if !is_order && let Some(pair) = self.labels(left, right)? {
            return Ok(pair);
        }
        if !is_order && let Some(pair) = self.part_beside_word(left, right)? {
            return Ok(pair);
        }
        let (one, two) = (self.value(left)?, self.value(right)?);
        let (one, two) = match (&one.words, &two.words) {
            (None, Some(_)) => (one.clone(), self.beside(right, one.kind)?),
            (Some(_), None) => (self.beside(left, two.kind)?, two),
            _ => (one, two),
        };
        self.operands(one, two, is_order)
    }

    /// Two written sides of a comparison, if both systems compare them alike.
    pub(super) fn operands(&self, one: Sql, two: Sql, is_order: bool) -> Result<(Sql, Sql), Untranslatable> {
        use ValueKind::{Integer, Text, Timestamp, Timestamptz, Truth};
        let kinds = (one.kind, two.kind);
        let mismatch = || Untranslatable(format!("it compares {} with {}", kinds.0, kinds.1));
        match kinds {
            (Timestamptz, Timestamp) => return Ok((self.local(&one)?, two)),
            (Timestamp, Timestamptz) => return Ok((one, self.local(&two)?)),
            // A truth value is the number 0 or 1.
            (Truth, Truth) if !is_order => {}
            (Truth, Integer) if !is_order && let Some(two) = truth_of(&two) => return Ok((one, two)),
            (Integer, Truth) if !is_order && let Some(one) = truth_of(&one) => return Ok((one, two)),
            (Truth, kind) | (kind, Truth) if kind.is_number() || kind == Truth => {
                return Ok((one.counted(), two.counted()));
            }
            (Text, Text) => {
                // Literals alone are compared by the collation of the session which wrote them.
                let Some(rule) = joined([&one, &two]) else { return Err(mismatch()) };
                let rule = self.collation_rule(Some(&rule))?;
                if is_order {
                    return by_bytes(one, two, rule).ok_or_else(mismatch);
                }
                return Ok((self.told_apart(&one, rule), self.told_apart(&two, rule)));
            }
            (one, two) if compare_alike(one, two) => {}
            _ => return Err(mismatch()),
        }
        Ok((one, two))
    }

    /// An ENUM beside one of its labels, or beside an ENUM of the same labels: equal labels are the same one. Any other
    /// text is compared by the column's collation, which leaves out case and accents.
    fn labels(&self, left: &Expr, right: &Expr) -> Result<Option<(Sql, Sql)>, Untranslatable> {
        let of = |expression: &Expr| -> Result<_, Untranslatable> {
            let column = self.column_of(expression)?.filter(|column| !column.labels.is_empty());
            Ok(column.filter(|column| column.kind == ValueKind::Text).map(|column| column.labels.clone()))
        };
        let (one, two) = match (of(left)?, of(right)?) {
            (None, None) => return Ok(None),
            (Some(labels), None) => (self.value(left)?, self.label(&labels, right, left)?),
            (None, Some(labels)) => (self.label(&labels, left, right)?, self.value(right)?),
            (Some(one), Some(two)) if one == two => (self.value(left)?, self.value(right)?),
            (Some(_), Some(_)) => {
                return Err(Untranslatable(format!("`{left}` and `{right}` have different labels")));
            }
        };
        // A label is compared as the column's own type has it.
        let own = |side: Sql| match side.text.strip_suffix("::text") {
            Some(own) if side.words.is_none() => {
                self.remarks.enums_as_text.update(|count| count.saturating_sub(1));
                Sql { text: own.to_owned(), ..side }
            }
            _ => side,
        };
        Ok(Some((own(one), own(two))))
    }

    fn label(&self, labels: &[String], literal: &Expr, column: &Expr) -> Translation {
        let written = self.value(literal)?;
        match &written.words {
            Some(words) if !labels.contains(words) => {
                Err(Untranslatable(format!("{} is no label of `{column}`", quote_literal(words))))
            }
            None if written.kind != ValueKind::Null => {
                Err(Untranslatable(format!("it compares the ENUM `{column}` with `{literal}`")))
            }
            _ => Ok(written),
        }
    }

    /// An instant as the date and time of the source's zone, which is also the zone of our session if it is UTC.
    pub(super) fn local(&self, written: &Sql) -> Translation {
        let zone = &self.scope.zone;
        if *zone != Zone::UTC {
            return Err(Untranslatable("the date and time of an instant depend on the session's time zone".to_owned()));
        }
        let text = format!("({} AT TIME ZONE {})", written.text, zone_sql(zone));
        Ok(Sql::new(text, ValueKind::Timestamp))
    }
}

/// Texts in the order of their bytes. A column that is no text in the source has an order of its own.
fn by_bytes(one: Sql, two: Sql, rule: Option<CollationRule>) -> Option<(Sql, Sql)> {
    let is_text = |side: &Sql| side.words.is_some() || side.coercion == Coercion::Text;
    (rule.is_none() && is_text(&one) && is_text(&two)).then_some((one, two))
}

/// The literals 0 and 1 beside a truth value.
fn truth_of(number: &Sql) -> Option<Sql> {
    match number.text.as_str() {
        "0" => Some(Sql::new("false", ValueKind::Truth)),
        "1" => Some(Sql::new("true", ValueKind::Truth)),
        _ => None,
    }
}
