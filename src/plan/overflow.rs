//! Arithmetic of integers that PostgreSQL refuses to finish: SQLite goes on in floating point where a result leaves 64 bits,
//! PostgreSQL raises an error where it leaves the type of the operands (documentation, sections 8.1.1 and 9.3).

use super::expression::parse;
use super::mapping::ColumnMapping;
use crate::catalog::ColumnType;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

/// SQLite's condition for rows on which some part of an expression over these columns leaves the type in which PostgreSQL
/// computes it; nothing where no row could.
#[must_use]
pub fn leaves_integers(text: &str, columns: &[ColumnMapping]) -> Option<String> {
    let expression = parse(text).ok()?;
    let mut conditions = Vec::new();
    walk(&expression, columns, &mut conditions);
    (!conditions.is_empty()).then(|| conditions.join(" OR "))
}

/// Looks at an expression and all that it is made of.
fn walk(expression: &Expr, columns: &[ColumnMapping], conditions: &mut Vec<String>) {
    if let Expr::BinaryOp { op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply, .. } =
        expression
        && let Some(width) = width(expression, columns)
    {
        // Any value beyond 64 bits is a floating point number, and no integer of SQLite's.
        conditions.push(match width {
            ColumnType::SmallInt => format!("({expression}) NOT BETWEEN -32768 AND 32767"),
            ColumnType::Integer => format!("({expression}) NOT BETWEEN -2147483648 AND 2147483647"),
            _ => format!("typeof({expression}) = 'real'"),
        });
    }
    let mut parts = Vec::new();
    match expression {
        Expr::BinaryOp { left, right, .. } => parts.extend([left, right]),
        Expr::UnaryOp { expr, .. } | Expr::Nested(expr) | Expr::IsNull(expr) | Expr::IsNotNull(expr) => {
            parts.push(expr);
        }
        Expr::Between { expr, low, high, .. } => parts.extend([expr, low, high]),
        Expr::InList { expr, list, .. } => {
            walk(expr, columns, conditions);
            list.iter().for_each(|item| walk(item, columns, conditions));
        }
        // A CASE and a function evaluate their parts for some rows only, or under other rules: nothing is said of them.
        _ => {}
    }
    parts.into_iter().for_each(|part| walk(part, columns, conditions));
}

/// The integer type in which PostgreSQL computes an expression; `None` where it is no integer, or not known.
fn width(expression: &Expr, columns: &[ColumnMapping]) -> Option<ColumnType> {
    match expression {
        Expr::Nested(inner) => width(inner, columns),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => width(expr, columns),
        Expr::BinaryOp {
            left,
            op:
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo,
            right,
        } => Some(wider(width(left, columns)?, width(right, columns)?)),
        Expr::Identifier(name) => {
            let column = columns.iter().find(|column| column.source.eq_ignore_ascii_case(&name.value))?;
            column.column_type.is_integer().then(|| column.column_type.clone())
        }
        // The smallest type that holds a constant, and never smallint (documentation, section 4.1.2.6).
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => match digits.to_string().parse::<i64>().ok()? {
                small if i32::try_from(small).is_ok() => Some(ColumnType::Integer),
                _ => Some(ColumnType::BigInt),
            },
            _ => None,
        },
        _ => None,
    }
}

fn wider(one: ColumnType, other: ColumnType) -> ColumnType {
    let rank = |column_type: &ColumnType| match column_type {
        ColumnType::SmallInt => 0,
        ColumnType::Integer => 1,
        _ => 2,
    };
    if rank(&one) >= rank(&other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_asked_in_the_type_of_its_operands() {
        let column = |name: &str, column_type| ColumnMapping {
            source: name.to_owned(),
            column_type,
            ..ColumnMapping::default()
        };
        let columns = vec![
            column("a", ColumnType::BigInt),
            column("i", ColumnType::Integer),
            column("s", ColumnType::SmallInt),
            column("d", ColumnType::DoublePrecision),
        ];
        for (text, expected) in [
            ("a > 0", None),
            ("a * d > 0", None),
            ("a * i > 0", Some("typeof(a * i) = 'real'")),
            ("NOT (i + 1 > s)", Some("(i + 1) NOT BETWEEN -2147483648 AND 2147483647")),
            ("s * s IS NOT NULL", Some("(s * s) NOT BETWEEN -32768 AND 32767")),
            ("(a - 1) * a > 0", Some("typeof((a - 1) * a) = 'real' OR typeof(a - 1) = 'real'")),
        ] {
            assert_eq!(leaves_integers(text, &columns).as_deref(), expected, "{text}");
        }
    }
}
