//! Conditions as PostgreSQL prints them in a plan: the columns that they compare, and their text without literals.

use sqlparser::ast::{BinaryOperator, Expr, Ident, Value, VisitMut, VisitorMut};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// Columns that the parts of a condition, joined by AND, compare with something that is no column of the same table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparedColumns {
    /// Columns that must equal a value, or one of some.
    pub equal: Vec<String>,
    /// Columns that must lie in a range.
    pub ranged: Vec<String>,
    /// Whether there are parts of another kind.
    pub has_others: bool,
}

/// Reads the columns of the table with this alias in a condition; `None` if the parser does not know its form.
#[must_use]
pub fn compared_columns(condition: &str, alias: &str) -> Option<ComparedColumns> {
    let mut compared = ComparedColumns::default();
    part(&parsed(condition)?, alias, &mut compared);
    Some(compared)
}

/// A condition with `…` in the place of its literals; `None` if the parser does not know its form.
#[must_use]
pub fn without_literals(condition: &str) -> Option<String> {
    let mut expression = parsed(condition)?;
    let _whole = expression.visit(&mut Masking);
    Some(expression.to_string())
}

/// The column that a sort key names, and whether its order is descending, with the rest of its words; `None` for an expression.
#[must_use]
pub fn sort_column(key: &str, alias: &str) -> Option<(String, String)> {
    let (expression, words) = match key.find([' ', '(']) {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    // Anything but words of the order makes it an expression.
    let is_order = words.split_whitespace().all(|word| ["DESC", "ASC", "NULLS", "FIRST", "LAST"].contains(&word));
    let column = column_of(&parsed(expression)?, alias)?;
    is_order.then(|| (column, words.trim().to_owned()))
}

pub(super) fn parsed(text: &str) -> Option<Expr> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(text).ok()?.parse_expr().ok()
}

fn part(expression: &Expr, alias: &str, compared: &mut ComparedColumns) {
    match expression {
        Expr::Nested(inner) => part(inner, alias, compared),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            part(left, alias, compared);
            part(right, alias, compared);
        }
        Expr::BinaryOp { left, op, right } => {
            let columns = (column_of(left, alias), column_of(right, alias));
            let ((Some(column), None) | (None, Some(column))) = columns else { return compared.has_others = true };
            let list = match op {
                BinaryOperator::Eq => &mut compared.equal,
                BinaryOperator::Lt | BinaryOperator::LtEq | BinaryOperator::Gt | BinaryOperator::GtEq => {
                    &mut compared.ranged
                }
                _ => return compared.has_others = true,
            };
            if !list.contains(&column) {
                list.push(column);
            }
        }
        Expr::AnyOp { left, compare_op: BinaryOperator::Eq, .. } => match column_of(left, alias) {
            Some(column) if !compared.equal.contains(&column) => compared.equal.push(column),
            Some(_) => {}
            None => compared.has_others = true,
        },
        _ => compared.has_others = true,
    }
}

/// The column of the table that an expression is, also behind a cast that changes no order: of one text type to another.
fn column_of(expression: &Expr, alias: &str) -> Option<String> {
    match expression {
        Expr::Nested(inner) => column_of(inner, alias),
        Expr::Cast { expr, data_type, .. } => {
            let is_text = matches!(data_type.to_string().to_ascii_lowercase().as_str(), "text" | "character varying");
            column_of(expr, alias).filter(|_| is_text)
        }
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [table, column] if named(table) == alias => Some(named(column)),
            _ => None,
        },
        Expr::Identifier(column) => Some(named(column)),
        _ => None,
    }
}

/// A name as the catalog has it: PostgreSQL quotes what is not in lower case.
fn named(name: &Ident) -> String {
    name.value.clone()
}

/// Puts `…` in the place of every literal.
struct Masking;

impl VisitorMut for Masking {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut sqlparser::ast::ValueWithSpan) -> ControlFlow<()> {
        if !matches!(value.value, Value::Null | Value::Boolean(_)) {
            value.value = Value::Placeholder("…".to_owned());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(condition: &str) -> (Vec<String>, Vec<String>, bool) {
        let compared = compared_columns(condition, "m").unwrap();
        (compared.equal, compared.ranged, compared.has_others)
    }

    #[test]
    fn columns_are_read_from_conditions_as_a_plan_has_them() {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(columns("(m.user_id = 5)"), (own(&["user_id"]), own(&[]), false));
        let condition = "((m.\"Kind\" = ANY ('{a,b}'::text[])) AND ((m.state)::text = 'x'::text) AND (m.at > '2024-01-01 00:00:00+00'::timestamp with time zone))";
        assert_eq!(columns(condition), (own(&["Kind", "state"]), own(&["at"]), false));
        assert_eq!(columns("((m.a = m.b) AND (u.id = m.user_id))"), (own(&["user_id"]), own(&[]), true));
        assert_eq!(columns("(lower(m.name) = 'x'::text)"), (own(&[]), own(&[]), true));
        assert_eq!(columns("(m.deleted_at IS NULL)"), (own(&[]), own(&[]), true));
    }

    #[test]
    fn no_literal_stays() {
        let masked = without_literals("((m.user_id = 5) AND ((m.state)::text = 'secret'::text))").unwrap();
        assert!(masked.contains("m.user_id") && !masked.contains('5') && !masked.contains("secret"), "{masked}");
        let masked = without_literals("(m.kind = ANY ('{a,secret}'::text[]))").unwrap();
        assert!(!masked.contains("secret"), "{masked}");
    }

    #[test]
    fn sort_keys_are_columns_or_expressions() {
        let own = |one: &str, two: &str| Some((one.to_owned(), two.to_owned()));
        assert_eq!(sort_column("m.created_at DESC", "m"), own("created_at", "DESC"));
        assert_eq!(sort_column("m.id", "m"), own("id", ""));
        assert_eq!(sort_column("(m.a = 5)", "m"), None);
        assert_eq!(sort_column("u.id", "m"), None);
    }
}
